"""The learning-rate range test: running it, reading it, taking its rate over."""

import math
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QSpinBox

from app.kit import theme
from app.kit.plots.axes import RateAxis
from app.rates.finder_view import RangeTestView
from core.catalog.optimizers import Momentum
from core.messages.race import Contest, FindRate, StopTrials
from core.sentence import Sentence
from tests.app.contests import range_of
from tests.app.trials import assert_side_by_side, bottom_row, type_into

ENDED = range_of(31, suggested=(0.001, 0.05), best=0.012345, done=True)
UNDER_WAY = range_of(12)


@pytest.fixture
def view(qtbot, fake_bridge):
    return bottom_row(qtbot, RangeTestView(fake_bridge))


@pytest.fixture
def ended(qtbot, view, fake_bridge):
    present(qtbot, view, fake_bridge, ENDED)
    return view


def present(qtbot, view, fake_bridge, test, **fields):
    fake_bridge.present_contest(Contest(range_test=test, **fields))
    qtbot.waitUntil(lambda: view._shown is test)


def test_before_a_test_the_view_says_what_it_does(view):
    assert view.findChild(QLabel, "range.empty").isVisible()
    assert not view.findChild(QPushButton, "range.use").isVisible()


def test_the_usual_test_starts_with_one_click(view, fake_bridge):
    view.run.click()
    assert fake_bridge.sent == [FindRate(1e-6, 10.0, 200)]


def test_its_range_and_its_steps_are_typed(qtbot, view, fake_bridge):
    type_into(qtbot, view, "range.low", "1e-3")
    type_into(qtbot, view, "range.high", "0.5")
    view.findChild(QSpinBox, "range.steps").setValue(80)
    view.run.click()
    assert fake_bridge.sent == [FindRate(0.001, 0.5, 80)]
    low, high = view.plot.getViewBox().viewRange()[0]
    assert (low, high) == pytest.approx((-3, math.log10(0.5)))


def test_ends_in_the_wrong_order_are_turned_round(qtbot, view, fake_bridge):
    type_into(qtbot, view, "range.low", "1")
    type_into(qtbot, view, "range.high", "0.01")
    view.run.click()
    assert fake_bridge.sent == [FindRate(0.01, 1.0, 200)]


def test_no_test_begins_with_a_text_that_is_no_rate(qtbot, view, fake_bridge):
    line = type_into(qtbot, view, "range.low", "-1")
    view.run.click()
    assert fake_bridge.sent == []
    assert view.status.trouble.text() == line.accessibleDescription() != ""


def test_a_test_under_way_can_be_stopped_and_its_plan_stands_still(qtbot, view, fake_bridge):
    present(qtbot, view, fake_bridge, UNDER_WAY)
    assert view.run.text() == "Stop"
    assert not view.low.isEnabled()
    bar = view.findChild(QProgressBar, "range.progress")
    assert bar.isVisible()
    assert (bar.value(), bar.maximum()) == (12, 200)
    assert not view.use.isVisible()
    view.run.click()
    assert fake_bridge.sent == [StopTrials()]


def test_the_curves_stand_over_powers_of_ten(ended):
    plot = ended.plot
    assert plot._curves[0].xData == pytest.approx(-4 + 0.1 * np.arange(31))
    assert plot._curves[1].yData == pytest.approx(np.linspace(1.0, 0.5, 31), rel=1e-6)
    assert plot._curves[1].opts["pen"].widthF() > plot._curves[0].opts["pen"].widthF()
    assert plot._curves[0].opts["pen"].color().alpha() < 255


def test_the_suggested_rates_are_shaded_and_the_best_is_marked(ended):
    plot = ended.plot
    assert plot._band.isVisible()
    assert plot._band.getRegion() == pytest.approx((-3, math.log10(0.05)))
    assert plot._best.value() == pytest.approx(math.log10(0.012345))
    assert ended.readout.text() == "Good rates lie between 0.001 and 0.05."


def test_one_click_takes_the_best_rate_over_and_nothing_else(qtbot, ended, fake_bridge):
    own = Momentum(learning_rate=0.5, momentum=0.7)
    spec = fake_bridge.spec.model_copy(update={"optimizer": own})
    fake_bridge.present(replace(fake_bridge.snapshot, spec=spec, version=2))
    fake_bridge.obedient = True
    assert ended.use.text() == "Use 0.012"
    qtbot.mouseClick(ended.use, Qt.MouseButton.LeftButton)
    assert fake_bridge.spec.optimizer == Momentum(learning_rate=0.012, momentum=0.7)
    assert ended.use.text() == "0.012 in use"
    assert not ended.use.isEnabled()
    assert ended.plot._in_use.value() == pytest.approx(math.log10(0.012))


def test_a_test_that_suggests_nothing_says_why_and_keeps_its_curve(qtbot, view, fake_bridge):
    trouble = Sentence("The loss hardly fell at any of these rates.", "Try a wider range.")
    present(qtbot, view, fake_bridge, range_of(31, done=True, trouble=trouble))
    label = view.findChild(QLabel, "range.trouble")
    assert label.text() == "The loss hardly fell at any of these rates. Try a wider range."
    assert label.isVisible()
    assert not view.use.isVisible()
    assert not view.plot._band.isVisible()
    assert len(view.plot._curves[1].xData) == 31
    view.run.click()
    assert not label.isVisible()


def test_a_refused_test_keeps_the_last_one(qtbot, ended, fake_bridge):
    trouble = Sentence("{steps} steps are too few to tell.", steps=3)
    fake_bridge.present_contest(Contest(range_test=ENDED, trouble=trouble))
    qtbot.waitUntil(ended.status.trouble.isVisible)
    assert ended.status.trouble.text() == "3 steps are too few to tell."
    assert ended.use.isVisible()


def test_pointing_at_the_curve_reads_a_step(ended):
    box = ended.plot.getViewBox()
    _, (low, high) = box.viewRange()
    ended.plot._mouse_moved(box.mapViewToScene(QPointF(-3.0, (low + high) / 2)))
    # The eleventh step: a third of the way from 1 to 0.5, and 0.01 above it.
    assert ended.readout.text() == "Step 11, rate 0.001: loss 0.8433, smoothed 0.8333"
    assert repr(float(ENDED.losses[10])) in ended.readout.toolTip()
    ended.plot.pointed.emit(None)
    assert ended.readout.text().startswith("Good rates")


def test_an_explosion_at_the_end_does_not_press_the_fall_flat(qtbot, view, fake_bridge):
    rising = 10.0 ** np.arange(3)
    wild = replace(
        ENDED,
        rates=np.append(ENDED.rates, [0.2, 0.3, 0.4]),
        losses=np.append(ENDED.losses, rising).astype(np.float32),
        smoothed=np.append(ENDED.smoothed, rising).astype(np.float32),
    )
    present(qtbot, view, fake_bridge, wild)
    low, high = view.plot.getViewBox().viewRange()[1]
    assert low <= 0.5
    assert 1.0 < high < 100


@pytest.mark.parametrize(
    ("in_use", "sides"),
    [(0.01, (1, 0)), (0.015, (0, 1)), (0.5, (0, 0)), (0.0001, (0, 0))],
)
def test_the_names_of_lines_side_by_side_do_not_overlap(ended, in_use, sides):
    ended.plot.show_span(1e-6, 10.0)
    ended.plot.show_in_use(in_use)
    in_use_name, best_name, _ = ended.plot._names
    assert (in_use_name.anchor.x(), best_name.anchor.x()) == sides


def test_a_rate_in_use_that_is_the_best_is_named_once(ended):
    ended.plot.show_in_use(0.0123)
    in_use_name, best_name, _ = ended.plot._names
    assert not in_use_name.isVisible()
    assert best_name.isVisible()


def test_what_is_suggested_is_named_within_the_picture(qtbot, view, fake_bridge):
    view.plot.show_span(1e-4, 10.0)
    for suggested, side in (((9.0, 10.0), 1), ((1e-3, 10.0), 0)):
        test = range_of(51, suggested=suggested, best=10.0, done=True)
        present(qtbot, view, fake_bridge, test)
        assert view.plot._names[2].anchor.x() == side


def test_no_tool_lies_over_another_in_a_narrow_column(qapp, ended):
    ended.resize(480, 300)
    qapp.processEvents()
    parts = (ended.run, ended.use, ended.low, ended.high, ended.steps, ended.readout)
    assert_side_by_side(ended, parts)


def test_a_test_of_no_steps_yet_draws_nothing(qtbot, view, fake_bridge):
    present(qtbot, view, fake_bridge, range_of(0))
    assert view.run.text() == "Stop"
    view.grab()
    view._point(None)


@pytest.mark.parametrize(
    ("low", "high", "size", "some"),
    [
        (-6.0, 1.0, 640.0, ["1e-6", "1e-5", "0.01", "1", "10"]),
        (-2.0, -1.0, 640.0, ["0.01", "0.02", "0.05", "0.1"]),
        (-6.0, 1.0, 120.0, ["1e-6", "0.001", "1"]),
    ],
)
def test_the_axis_names_round_rates_as_far_as_there_is_room(qapp, low, high, size, some):
    axis = RateAxis()
    ((_, ticks),) = axis.tickValues(low, high, size)
    assert len(ticks) <= size / 40 + 1
    assert set(some) <= set(axis.tickStrings(ticks, 1.0, 1.0))


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_nothing_is_cut_off_in_a_bottom_row(qtbot, qapp, fake_bridge, choice):
    theme.apply(qapp, choice)
    view = RangeTestView(fake_bridge)
    qtbot.addWidget(view)
    view.resize(700, 300)
    view.show()
    trouble = Sentence("The range test was stopped before its end.")
    present(qtbot, view, fake_bridge, replace(ENDED, trouble=trouble))
    qapp.processEvents()
    assert (view.width(), view.height()) == (700, 300)
    for widget in (view.run, view.use, view.low, view.high, view.steps):
        assert view.rect().contains(widget.geometry())
        assert widget.width() >= widget.minimumSizeHint().width()
    assert view.plot.height() > 140
    theme.apply(qapp, "system")


def test_how_a_suggestion_came_about_is_read_beneath_the_curve(qtbot, view, fake_bridge):
    present(qtbot, view, fake_bridge, UNDER_WAY)
    label = view.findChild(QLabel, "range.notes")
    assert not label.isVisible()
    notes = (
        Sentence("The loss turns at {turn}; a tenth of that is {best}.", turn="0.12", best="0.012"),
        Sentence("Trained for {steps} steps, the loss fell.", steps=200),
    )
    present(qtbot, view, fake_bridge, replace(ENDED, notes=notes))
    assert label.isVisible()
    assert label.text() == (
        "The loss turns at 0.12; a tenth of that is 0.012. Trained for 200 steps, the loss fell."
    )
    present(qtbot, view, fake_bridge, UNDER_WAY)
    assert not label.isVisible()


def test_a_test_that_went_on_is_shown_to_its_end(qtbot, view, fake_bridge):
    present(qtbot, view, fake_bridge, UNDER_WAY)
    further = replace(ENDED, rates=ENDED.rates * 500)
    present(qtbot, view, fake_bridge, further)
    right = view.plot.getViewBox().viewRange()[0][1]
    assert right == pytest.approx(math.log10(further.rates[-1]))


def test_while_a_rate_is_tried_out_the_view_says_so(qtbot, view, fake_bridge):
    present(qtbot, view, fake_bridge, replace(UNDER_WAY, progress=(62, 212)))
    assert view.readout.text() == "Trying the rate out: 62 of 212 steps"
    bar = view.findChild(QProgressBar, "range.progress")
    assert (bar.value(), bar.maximum()) == (62, 212)


@pytest.mark.parametrize("in_use", [1e-6, 1e-3, 0.01, 0.3, 0.8, 2.0, 9.0])
@pytest.mark.parametrize("best", [1e-4, 0.9, 1.0, 5.0])
def test_names_stand_apart_and_within_the_picture_wherever_their_lines_are(
    qtbot, view, fake_bridge, in_use, best
):
    view.plot.show_span(1e-6, 12.0)
    view.plot.show_in_use(in_use)
    present(qtbot, view, fake_bridge, range_of(51, suggested=(best / 10, best), best=best))
    plot = view.plot
    pixel = plot.getViewBox().viewPixelSize()[0]
    spans = []
    for name in plot._names[:2]:
        if name.isVisible():
            width = name.boundingRect().width() * pixel
            start = name.pos().x() - width * name.anchor.x()
            spans.append((start, start + width))
    assert all(stop <= math.log10(12.0) + 0.01 for _, stop in spans)
    is_lower = plot._names[1].pos().y() < plot._names[0].pos().y()
    if len(spans) == 2 and not is_lower:
        (first, second) = sorted(spans)
        assert first[1] <= second[0] + 0.01
