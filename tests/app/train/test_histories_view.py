from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest

from app.kit import theme
from app.train.histories.heat_strip import HeatStrip, spread, value_range
from app.train.histories.layer_plot import positions
from app.train.histories.view import HistoriesView
from core.messages.commands import Watch
from core.messages.snapshot import LayerHistory
from core.presets import PRESETS
from tests.app.fakes import FakeBridge, snapshot_of

SPEC = PRESETS["three-2-8-3"].spec
NAMES = ("0.weight", "0.bias", "1.weight", "1.bias")


def history(name, norms=(0.5, 0.05, 0.005), ratio=1e-3, bins=4):
    count = len(norms)
    edges = np.tile(np.float32([-1, 1]), (count, 1))
    return LayerHistory(
        name,
        np.arange(1, count + 1) * 10,
        np.float32(norms),
        np.full(count, ratio, np.float32),
        edges,
        np.tile(np.float32([1, 2, 3, 4]), (count, 1)),
        edges / 100,
        np.tile(np.float32([0, 8, 0, 0]), (count, 1)),
    )


HISTORIES = tuple(
    history(name, norms=np.array([0.5, 0.05, 0.005]) * 10.0**-index)
    for index, name in enumerate(NAMES)
)


@pytest.fixture
def bridge(qapp):
    return FakeBridge(snapshot_of(SPEC))


@pytest.fixture
def empty(qtbot, bridge):
    widget = HistoriesView(bridge)
    qtbot.addWidget(widget)
    widget.resize(640, 620)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def present(bridge, histories=HISTORIES):
    bridge.present(replace(bridge.snapshot, history=histories))


@pytest.fixture
def view(qtbot, empty, bridge):
    present(bridge)
    qtbot.waitUntil(empty.norm.isVisible)
    return empty


def test_before_anything_is_measured_it_says_what_to_do(empty):
    assert empty.empty.isVisible()
    assert "Press Train" in empty.empty.text()


def test_while_it_is_shown_the_history_is_watched(empty, bridge):
    assert bridge.sent == [Watch(frozenset({"history"}))]
    empty.hide()
    assert bridge.sent[-1] == Watch(frozenset())


def test_there_is_a_line_a_layer_with_its_name_in_the_legend(view):
    for plot in (view.norm, view.ratio):
        assert [line.name for line in plot.lines] == ["1 Dense weights", "2 Dense weights"]
    for name in ("1&nbsp;Dense&nbsp;weights", "2&nbsp;Dense&nbsp;weights"):
        assert name in view.legend.text()
    colours = [line.colour for line in view.norm.lines]
    assert len({colour.name() for colour in colours}) == 2
    tokens = theme.current()
    signs = {QColor(tokens.positive).name(), QColor(tokens.negative).name()}
    assert not signs & {colour.name() for colour in colours}


def test_lines_stand_at_powers_of_ten(view):
    line = view.norm.lines[0]
    np.testing.assert_allclose(positions(line.y), np.log10([0.5, 0.05, 0.005]), rtol=1e-6)
    (x, y) = view.norm._curves[0].getData()
    assert x.tolist() == [10, 20, 30]
    np.testing.assert_allclose(y, np.log10([0.5, 0.05, 0.005]), rtol=1e-6)


def test_biases_come_as_dashed_lines(qtbot, view):
    qtbot.mouseClick(view.biases, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))
    assert [(line.name, line.dashed) for line in view.norm.lines] == [
        ("1 Dense weights", False),
        ("1 Dense biases", True),
        ("2 Dense weights", False),
        ("2 Dense biases", True),
    ]
    assert view.norm.lines[0].colour == view.norm.lines[1].colour


def test_the_zones_are_those_of_the_rules_of_thumb(view):
    norm = [(zone.low, zone.high) for zone in view.norm.zones]
    ratio = [(zone.low, zone.high) for zone in view.ratio.zones]
    assert norm == [(None, -6), (2, None)]
    assert ratio[0] == (None, -5)
    assert ratio[2] == (-1, None)
    assert ratio[1][0] < np.log10(1e-3) < ratio[1][1]


def test_every_zone_is_in_view_and_its_label_inside_the_plot(view):
    for plot in (view.norm, view.ratio):
        low, high = plot.getViewBox().viewRange()[1]
        room = plot.getViewBox().sceneBoundingRect().adjusted(-1, -1, 1, 1)
        for zone, label in zip(plot.zones, plot._labels, strict=True):
            assert (zone.low or low) < high
            assert (zone.high or high) > low
            assert room.contains(label.mapRectToScene(label.boundingRect())), zone.text


def test_values_far_outside_of_the_zones_stay_in_view(qtbot, view, bridge):
    present(bridge, (history("0.weight", norms=(1e-9, 0.0, 1e7)),))
    qtbot.waitUntil(lambda: len(view.norm.lines) == 1)
    low, high = view.norm.getViewBox().viewRange()[1]
    y = view.norm._curves[0].getData()[1]
    assert low <= y.min()
    assert y.max() <= high
    assert np.isfinite(y).all()


def test_a_ratio_that_is_no_number_leaves_a_gap(qtbot, view, bridge):
    present(bridge, (history("0.weight", ratio=np.nan),))
    qtbot.waitUntil(lambda: len(view.ratio.lines) == 1)
    assert np.isnan(view.ratio._curves[0].getData()[1]).all()


def test_pointing_at_a_line_reads_it(qtbot, view):
    plot, box = view.norm, view.norm.getViewBox()
    QGuiApplication.processEvents()
    point = plot.mapFromScene(box.mapViewToScene(QPointF(20.0, float(np.log10(0.05 / 100)))))
    QTest.mouseMove(plot.viewport(), point)
    qtbot.waitUntil(lambda: view.readout.text() != "")
    text = view.readout.text()
    assert text.startswith("Step 20, 2 Dense weights: ")
    assert "gradient norm 0.0005000" in text
    assert "ratio 0.001000" in text
    assert repr(float(np.float32(0.0005))) in view.readout.toolTip()


def test_the_strip_shows_what_is_picked(view, monkeypatch):
    shown = []
    monkeypatch.setattr(
        HeatStrip, "show_histograms", lambda _, steps, edges, counts: shown.append((edges, counts))
    )
    view.parameter.setCurrentIndex(2)
    assert shown[-1] == (HISTORIES[2].weight_edges, HISTORIES[2].weights)
    view.kind.setCurrentIndex(1)
    assert shown[-1] == (HISTORIES[2].gradient_edges, HISTORIES[2].gradients)
    names = [view.parameter.itemText(i) for i in range(view.parameter.count())]
    assert names == ["1 Dense weights", "1 Dense biases", "2 Dense weights", "2 Dense biases"]


def test_a_pick_outlasts_new_measurements(qtbot, view, bridge):
    view.parameter.setCurrentIndex(3)
    present(bridge, tuple(history(name, norms=(1.0, 1.0)) for name in NAMES))
    qtbot.waitUntil(lambda: len(view.norm.lines[0].x) == 2)
    assert view.parameter.currentText() == "2 Dense biases"


def test_the_strip_covers_the_steps_measured_and_the_values(view):
    rectangle = view.strip.image.boundingRect()
    mapped = view.strip.image.mapRectToView(rectangle)
    assert (mapped.left(), mapped.right()) == (10, 30)
    assert mapped.top() < -1 < 1 < mapped.bottom()
    image = view.strip.image.image
    assert np.allclose((image**2).sum(1), 1)


def test_reading_the_strip_tells_the_share_of_a_bin(view):
    view._point_at_strip((20.0, 0.2))
    assert view.readout.text() == "Step 20: 30.00% of 1 Dense weights between 0.000 and 0.5000"
    view._point_at_strip((20.0, 1.04))
    assert "0.00%" in view.readout.text()


def test_it_draws_at_most_five_times_a_second(qtbot, view, bridge, monkeypatch):
    drawn = []
    draw_lines = view._draw_lines
    monkeypatch.setattr(view, "_draw_lines", lambda: (drawn.append(1), draw_lines()))
    for _ in range(5):
        present(bridge, tuple(history(name) for name in NAMES))
    assert len(drawn) <= 1
    qtbot.waitUntil(lambda: len(drawn) >= 1, timeout=2000)
    assert len(drawn) <= 2


def test_an_unchanged_history_is_not_drawn_again(view, bridge, monkeypatch):
    monkeypatch.setattr(view._pace, "request", lambda: pytest.fail("drawn"))
    bridge.present(replace(bridge.snapshot, version=50))


def test_a_run_begun_anew_empties_the_view(qtbot, view, bridge):
    present(bridge, ())
    qtbot.waitUntil(view.empty.isVisible)


def test_the_theme_changes_the_colours_of_the_lines(qtbot, view, qapp):
    before = view.norm.lines[0].colour.name()
    chosen = qapp.property("chainruleTheme")
    qapp.setProperty("chainruleTheme", "light" if theme.current().dark else "dark")
    try:
        palette = theme.palette(theme.current())
        view.setPalette(palette)
        assert view.norm.lines[0].colour.name() != before
    finally:
        qapp.setProperty("chainruleTheme", chosen)


edges = st.tuples(st.floats(-5, 5, width=32), st.floats(0, 5, width=32))


@settings(deadline=None)
@given(
    st.lists(edges, min_size=1, max_size=5),
    st.lists(st.integers(0, 50), min_size=3, max_size=3).filter(any),
    st.integers(1, 40),
)
def test_spreading_histograms_loses_nothing(ends, counts, rows):
    edges = np.float32([(low, np.float32(low) + np.float32(more)) for low, more in ends])
    counts = np.tile(np.float32(counts), (len(edges), 1))
    shares = spread(edges, counts, np.linspace(-6, 11, rows + 1))
    np.testing.assert_allclose(shares.sum(1), 1, atol=1e-9)
    assert (shares >= -1e-12).all()


def test_values_are_spread_evenly_over_their_bin():
    shares = spread(np.float32([[0, 4]]), np.float32([[4, 12]]), np.linspace(-1, 5, 7))
    np.testing.assert_allclose(shares, [[0, 1 / 8, 1 / 8, 3 / 8, 3 / 8, 0]])


def test_equal_values_stand_in_their_row():
    shares = spread(np.float32([[2.5, 2.5]]), np.float32([[0, 7, 0]]), np.linspace(0, 5, 6))
    assert shares.tolist() == [[0, 0, 1, 0, 0]]


@given(st.floats(-10, 10, width=32))
def test_there_is_always_a_range_to_show(value):
    low, high = value_range(np.float32([[value, value]]))
    assert low < value < high
