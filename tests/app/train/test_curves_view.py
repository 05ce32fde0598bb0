from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFontMetrics

from app.kit import theme
from app.kit.numbers import duration, four_digits, percent, short_number
from app.kit.plots.axes import EpochAxis, StepAxis, ValueAxis
from app.kit.plots.style import smoothed
from app.kit.plots.ticks import nice_limit, nice_range
from app.train.curves.marks import difference_text
from app.train.curves.view import CurvesView
from core.messages.changes import Difference, RunChange
from core.messages.curves import Curve, Curves
from tests.app.measured import at, curve, falling, shown


@pytest.fixture
def view(qtbot, fake_bridge):
    widget = CurvesView(fake_bridge)
    qtbot.addWidget(widget)
    widget.resize(820, 640)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def show(qtbot, view, snapshot):
    """Presents it and waits until the view has drawn just this."""
    view.show_snapshot(snapshot)
    qtbot.waitUntil(lambda: view._drawn is snapshot)


def test_before_training_the_view_says_what_to_press(view):
    assert view.empty.isVisible()
    assert "Train (Space)" in view.empty.text()


def test_all_four_curves_show_as_they_were_measured(qtbot, view, fake_bridge):
    curves = falling(100)
    view.tools.smoothing.setValue(0)
    fake_bridge.present(at(fake_bridge, curves))
    assert not view.empty.isVisible()
    for plot, name, expected in (
        (view.loss, "train", curves.train_loss),
        (view.loss, "test", curves.test_loss),
        (view.accuracy, "train", curves.train_accuracy),
        (view.accuracy, "test", curves.test_accuracy),
    ):
        steps, values = shown(plot, name)
        np.testing.assert_array_equal(steps, expected.steps)
        np.testing.assert_allclose(values, expected.values)


def test_the_training_curve_is_smoothed_with_the_raw_one_behind(qtbot, view, fake_bridge):
    curves = falling(100)
    fake_bridge.present(at(fake_bridge, curves))
    view.tools.smoothing.setValue(90)
    np.testing.assert_allclose(
        shown(view.loss, "train")[1], smoothed(curves.train_loss.values, 0.9)
    )
    np.testing.assert_allclose(shown(view.loss, "train", "raw")[1], curves.train_loss.values)
    np.testing.assert_allclose(shown(view.loss, "test")[1], curves.test_loss.values)


def test_a_long_smooth_curve_is_thinned_but_keeps_both_ends_on_the_curve(qtbot, view, fake_bridge):
    noise = np.random.default_rng(0).normal(1, 0.1, 2000)
    curves = Curves(curve(noise))
    fake_bridge.present(at(fake_bridge, curves, 20000, 20000))
    steps, values = shown(view.loss, "train")
    whole = smoothed(curves.train_loss.values, 0.6)
    assert len(steps) < 500
    assert (steps[0], steps[-1]) == (10, 20000)
    np.testing.assert_allclose(values, whole[np.searchsorted(curves.train_loss.steps, steps)])
    assert len(shown(view.loss, "train", "raw")[0]) == 2000


def test_the_legend_shows_the_newest_values(qtbot, view, fake_bridge):
    view.tools.smoothing.setValue(0)
    fake_bridge.present(at(fake_bridge, falling(100)))
    assert view.loss_legend.text() == "Loss: training 0.5000, test 0.7500"
    assert view.accuracy_legend.text() == "Accuracy: training 87.50%, test 93.21%"


def test_what_is_smoothed_is_named_so_and_read_off_the_line_that_is_drawn(view, fake_bridge):
    curves = falling(100)
    fake_bridge.present(at(fake_bridge, curves))
    view.tools.smoothing.setValue(90)
    drawn = four_digits(float(smoothed(curves.train_loss.values, 0.9)[-1]))
    assert view.loss_legend.text() == f"Loss: training, smoothed {drawn}, test 0.7500"
    view.tools.smoothing.setValue(0)
    assert view.loss_legend.text() == "Loss: training 0.5000, test 0.7500"


def test_regression_shows_no_accuracy(qtbot, view, fake_bridge):
    fake_bridge.present(at(fake_bridge, falling(100, classes=False)))
    assert not view.accuracy.isVisible()
    assert view.loss.steps.style["showValues"]
    show(qtbot, view, at(fake_bridge, falling(100)))
    assert view.accuracy.isVisible()
    assert not view.loss.steps.style["showValues"]


def test_without_accuracy_the_steps_end_where_the_run_does(qtbot, view, fake_bridge):
    """The hidden plot, never laid out, led the other one to 37 times as many."""
    for points in (20, 100, 110):
        show(qtbot, view, at(fake_bridge, falling(points, classes=False), points * 10, 3000))
    assert view.loss.getViewBox().viewRange()[0] == pytest.approx([0, 1250])


def test_log_scale_places_values_by_their_logarithm(qtbot, view, fake_bridge):
    view.tools.smoothing.setValue(0)
    fake_bridge.present(at(fake_bridge, Curves(curve([100.0, 1.0, 0.01]))))
    qtbot.mouseClick(view.tools.log, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    np.testing.assert_allclose(shown(view.loss, "train")[1], [2, 0, -2], atol=1e-6)
    low, high = view.loss.getViewBox().viewRange()[1]
    assert low <= -2 < 2 <= high
    assert view.loss.values.tickStrings([-2.0, 0.0, 2.0], 1, 1) == ["0.01", "1", "100"]


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_leave_a_gap(qtbot, view, fake_bridge, bad, log):
    view.tools.log.setChecked(log)
    fake_bridge.present(at(fake_bridge, Curves(curve([1.0, bad, 0.0, 0.5]))))
    view.grab()
    assert np.isnan(shown(view.loss, "train")[1][1])
    assert np.isfinite(view.loss.getViewBox().viewRange()).all()


def test_the_pointer_reads_step_and_all_values_without_moving_the_layout(qtbot, view, fake_bridge):
    fake_bridge.present(at(fake_bridge, falling(100)))
    before = view.loss.geometry()
    columns = iter(range(200, 600))

    def pointer_is_read():  # another move each time: the display may lose the first one
        qtbot.mouseMove(view.loss.viewport(), QPoint(next(columns), 90))
        return view.readout.text().startswith("Step ")

    qtbot.waitUntil(pointer_is_read)
    for word in ("loss: training", "accuracy: training", "test 93.21%"):
        assert word in view.readout.text()
    assert view.loss.geometry() == before
    assert view.loss._pointer.isVisible()
    assert view.accuracy._pointer.isVisible()


def test_leaving_the_plot_takes_the_crosshair_away(qtbot, view, fake_bridge):
    fake_bridge.present(at(fake_bridge, falling(100)))
    view.loss.pointed.emit(500.0)
    assert view.readout.text().startswith("Step 500 ")
    view.loss.pointed.emit(None)
    assert not view.loss._pointer.isVisible()
    assert not view.readout.text().startswith("Step")


def test_the_range_follows_until_zoomed_and_again_after_fit(qtbot, view, fake_bridge):
    fake_bridge.present(at(fake_bridge, falling(100)))
    box = view.loss.getViewBox()
    assert box.viewRange()[0] == [0, 1000]
    box.setXRange(200, 300, padding=0)
    box.sigRangeChangedManually.emit([True, True])
    assert view.tools.fit.isVisible()
    show(qtbot, view, at(fake_bridge, falling(150)))
    assert box.viewRange()[0] == [200, 300]
    qtbot.mouseClick(view.tools.fit, Qt.MouseButton.LeftButton)
    assert box.viewRange()[0] == [0, 1600]
    assert not view.tools.fit.isVisible()


def test_a_double_click_fits(qtbot, view, fake_bridge):
    fake_bridge.present(at(fake_bridge, falling(100)))
    box = view.loss.getViewBox()
    box.setXRange(200, 300, padding=0)
    box.sigRangeChangedManually.emit([True, True])
    qtbot.mouseDClick(view.loss.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 100))
    assert box.viewRange()[0] == [0, 1000]


def test_both_plots_show_the_same_steps(view, fake_bridge):
    fake_bridge.present(at(fake_bridge, falling(100)))
    view.loss.getViewBox().setXRange(100, 400, padding=0)
    assert view.accuracy.getViewBox().viewRange()[0] == pytest.approx([100, 400], abs=2)


def test_unchanged_curves_are_not_drawn_again(qtbot, view, fake_bridge, monkeypatch):
    curves = falling(100)
    fake_bridge.present(at(fake_bridge, curves))
    drawn = []
    monkeypatch.setattr(view.loss, "_draw", drawn.append)
    same = Curves(*(Curve(c.steps.copy(), c.values.copy()) for c in curves.all))
    show(qtbot, view, at(fake_bridge, same))
    assert drawn == []


def test_a_flood_of_snapshots_ends_with_the_newest_on_screen(qtbot, view, fake_bridge):
    for points in range(10, 200, 10):
        fake_bridge.present(at(fake_bridge, falling(points)))
    qtbot.waitUntil(lambda: len(shown(view.loss, "train")[0]) == 190)


def test_new_weights_bring_the_empty_view_back(qtbot, view, fake_bridge):
    fake_bridge.present(at(fake_bridge, falling(100)))
    show(qtbot, view, at(fake_bridge, Curves(), 0))
    assert view.empty.isVisible()


def test_a_hidden_view_catches_up_when_shown(qtbot, view, fake_bridge):
    view.hide()
    fake_bridge.present(at(fake_bridge, falling(100)))
    assert shown(view.loss, "train")[0] is None or len(shown(view.loss, "train")[0]) == 0
    view.show()
    qtbot.waitUntil(lambda: len(shown(view.loss, "train")[0]) == 100)


def test_another_theme_recolours_the_curves(qtbot, view, qapp):
    before = qapp.property("chainruleTheme")
    try:
        qapp.setProperty("chainruleTheme", "dark")
        for plot in (view.loss, view.accuracy):
            plot.restyle()
        pen = view.loss._curves[len(view.loss.lines) - 1].opts["pen"]
        assert pen.color().name() == theme.DARK.test
        assert view.loss.backgroundBrush().color().name() == theme.DARK.surface
    finally:
        qapp.setProperty("chainruleTheme", before)


def test_epochs_are_marked_where_there_are_several(qapp):
    axis = EpochAxis(named=True)
    assert axis.tickValues(0, 1000, 500) == []
    axis.steps_per_epoch = 250
    [(spacing, ticks)] = axis.tickValues(0, 1000, 500)
    assert ticks == [250, 500, 750, 1000]
    assert axis.tickStrings(ticks, 1, spacing) == ["epoch 1", "2", "3", "4"]


def test_no_epochs_are_marked_where_they_were_of_several_lengths(qtbot, view, fake_bridge):
    """Another batch size amid a run: 40 epochs of one step, then some of ten."""
    snapshot = at(fake_bridge, falling(100))
    for epoch, marked in ((10, 10), (46, 0)):
        progress = replace(
            snapshot.progress, step=100, epoch=epoch, epoch_step=0, steps_per_epoch=10
        )
        fake_bridge.present(replace(snapshot, progress=progress, curves=falling(100 + epoch)))
        qtbot.waitUntil(lambda: not view.empty.isVisible())
        qtbot.waitUntil(lambda marked=marked: view.loss.epochs.steps_per_epoch == marked)


def test_crowded_epochs_are_thinned(qapp):
    axis = EpochAxis(named=True)
    axis.steps_per_epoch = 10
    [(_, ticks)] = axis.tickValues(0, 10_000, 500)
    assert len(ticks) <= 20


def test_steps_are_whole_and_grouped(qapp):
    axis = StepAxis()
    [(spacing, ticks)] = axis.tickValues(0, 3, 800)
    assert ticks == [0, 1, 2, 3]
    assert axis.tickStrings([12_500.0], 1, spacing) == ["12,500"]


def test_log_ticks_have_room_over_any_span(qapp):
    axis = ValueAxis()
    axis.logarithmic = True
    for low, high in ((-0.1, 0.1), (-3, 1), (-40, 8)):
        [(_, ticks)] = axis.tickValues(low, high, 200)
        assert len(ticks) <= 12


@pytest.mark.parametrize(
    ("last", "total", "limit"),
    [(0, None, 10), (3, 5, 5), (11, None, 12.5), (1000, 5000, 1000), (4900, 5000, 5000)],
)
def test_the_step_axis_ends_at_a_round_number_or_the_runs_end(last, total, limit):
    assert nice_limit(last, total) == limit


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0.24, 3.3), (5, 5), (0, 0), (-1e-9, 1e-9)])
def test_a_range_holds_its_values_with_little_room_to_spare(low, high):
    bottom, top = nice_range(low, high)
    assert bottom <= low <= high <= top
    assert bottom < top
    if high > low:
        assert top - bottom <= 2 * (high - low)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.123456, "0.1235"),
        (12.3, "12.30"),
        (9.99996, "10.00"),
        (1234.5, "1,234"),
        (0.0, "0.000"),
        (1.2345e-5, "1.234e-5"),
        (float("nan"), "NaN"),
        (float("inf"), "∞"),
        (None, "–"),
    ],
)
def test_values_are_read_to_four_significant_digits(value, text):
    assert four_digits(value) == text


def test_shares_rates_and_times_read_as_people_write_them():
    assert percent(0.93214) == "93.21%"
    assert short_number(0.01) == "0.01"
    assert short_number(0.000123456) == "0.0001235"
    assert [duration(s) for s in (4.6, 125, 4320)] == ["5 s", "2 min 5 s", "1 h 12 min"]


def test_a_narrow_view_keeps_its_legend_whole(qtbot, view, fake_bridge):
    fake_bridge.present(at(fake_bridge, falling(100)))
    view.resize(540, 500)
    qtbot.waitUntil(lambda: view.loss_legend.width() >= 300)
    assert not view.tools.weight.isVisible()
    view.resize(820, 500)
    qtbot.waitUntil(view.tools.weight.isVisible)


@pytest.mark.parametrize("width", [480, 540, 719])
def test_a_long_number_neither_runs_into_the_next_curves_nor_is_cut(
    qtbot, view, fake_bridge, width
):
    fake_bridge.present(at(fake_bridge, falling(100)))
    view.resize(width, 500)
    legend = view.loss_legend
    qtbot.wait(100)  # until it has its width
    needed = legend._whole_width() if legend._lines == 1 else legend._least_width()
    assert legend.width() >= needed
    legend.show_values(1.078e-5, 1.078e-5)
    image = legend.grab().toImage()
    paper = image.pixel(image.width() - 1, 0)
    inked = [
        any(image.pixel(x, y) != paper for y in range(image.height())) for x in range(image.width())
    ]
    assert not any(inked[-4:])
    stroke = QColor(theme.current().test).rgb()
    row = next(y for y in range(image.height()) if _has(image, y, stroke))
    first = next(x for x in range(image.width()) if image.pixel(x, row) == stroke)
    before = [image.pixel(x, row) == paper for x in range(first - 8, first - 1)]
    assert all(before)
    numbers = QFontMetrics(theme.number_font())
    assert legend._number() >= numbers.horizontalAdvance("-1.078e-05")


def _has(image, y, colour):
    return any(image.pixel(x, y) == colour for x in range(image.width()))


RATE = RunChange(300, (Difference("Learning rate η", 0.01, 0.5), Difference("Batch size", 32, 8)))
DEED = RunChange(700, (Difference("A neuron was knocked out", is_deed=True),))


def test_what_was_changed_during_the_run_is_marked_with_its_words(qtbot, view, fake_bridge):
    curves = replace(falling(100), changes=(RATE, DEED))
    show(qtbot, view, at(fake_bridge, curves))
    said = "Changed after step 300: Learning rate η: 0.01 → 0.5; Batch size: 32 → 8"
    for plot, marks in zip(view._plots, view._marks, strict=True):
        assert [spot.pos().x() for spot in marks._arrows.points()] == [300, 700]
        assert marks._arrows.opts["tip"](300, 0, marks._arrows.points()[0].data()) == said
        top = plot.getViewBox().viewRange()[1][1]
        assert all(0 <= top - spot.pos().y() < 0.2 * top for spot in marks._arrows.points())
        assert plot.accessibleDescription().splitlines() == [
            said,
            "Changed after step 700: A neuron was knocked out",
        ]
    show(qtbot, view, at(fake_bridge, falling(100)))
    assert not view._marks[0]._arrows.points().size


def test_pointing_at_a_mark_reads_it(qtbot, view, fake_bridge):
    show(qtbot, view, at(fake_bridge, replace(falling(100), changes=(RATE,))))
    view._point(301.0)
    assert view.readout.text().startswith("Changed after step 300")
    view._point(600.0)
    assert view.readout.text().startswith("Step 600")


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (Difference("Clip norm", None, 1.0), "Clip norm: none → 1"),
        (Difference("AMSGrad", False, True), "AMSGrad: off → on"),
        (Difference("Optimizer", "SGD", "Adam"), "Optimizer: SGD → Adam"),
    ],
)
def test_a_change_says_what_became_what(qapp, difference, said):
    assert difference_text(difference) == said
