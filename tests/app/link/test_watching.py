import pytest
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from app.link.watching import Watching, watch
from core.messages.commands import Watch
from core.presets import FIRST, PRESETS
from tests.app.fakes import FakeBridge, snapshot_of


@pytest.fixture
def page(qtbot, fake_bridge):
    """Three widgets in a window that is not shown yet: two want values, one the map."""
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    window.parts = [QWidget() for _ in range(3)]
    for widget, part in zip(window.parts, ("values", "values", "map"), strict=True):
        column.addWidget(widget)
        watch(fake_bridge, widget, part)
    return window


def told(bridge):
    """What the engine was last told, and how often it was told anything."""
    assert all(isinstance(command, Watch) for command in bridge.sent)
    return (set(bridge.sent[-1].parts) if bridge.sent else None), len(bridge.sent)


def test_nothing_is_measured_for_widgets_that_nobody_sees(page, fake_bridge):
    assert told(fake_bridge) == (None, 0)


def test_showing_and_hiding_tells_the_engine_once_a_change(qtbot, page, fake_bridge):
    page.show()
    qtbot.waitExposed(page)
    assert told(fake_bridge) == ({"values", "map"}, 2)
    page.parts[2].hide()
    assert told(fake_bridge) == ({"values"}, 3)
    page.parts[2].show()
    assert told(fake_bridge) == ({"values", "map"}, 4)


def test_a_part_is_measured_until_the_last_who_wants_it_is_gone(qtbot, page, fake_bridge):
    page.show()
    qtbot.waitExposed(page)
    page.parts[0].hide()
    assert told(fake_bridge) == ({"values", "map"}, 2)
    page.parts[1].hide()
    assert told(fake_bridge) == ({"map"}, 3)


def test_a_hidden_window_stops_all(qtbot, page, fake_bridge):
    page.show()
    qtbot.waitExposed(page)
    page.hide()
    assert told(fake_bridge)[0] == set()


def test_a_widget_behind_another_tab_is_not_looked_at(qtbot, fake_bridge):
    tabs = QTabWidget()
    qtbot.addWidget(tabs)
    front, behind = QWidget(), QWidget()
    tabs.addTab(front, "front")
    tabs.addTab(behind, "behind")
    watch(fake_bridge, front, "map")
    watch(fake_bridge, behind, "history")
    tabs.show()
    qtbot.waitExposed(tabs)
    assert told(fake_bridge)[0] == {"map"}
    tabs.setCurrentIndex(1)
    assert told(fake_bridge)[0] == {"history"}


def test_a_widget_that_is_visible_already_counts_at_once(qtbot, fake_bridge):
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitExposed(widget)
    watch(fake_bridge, widget, "history")
    assert told(fake_bridge) == ({"history"}, 1)


def test_a_widget_that_is_gone_wants_nothing(qtbot, page, fake_bridge):
    page.show()
    qtbot.waitExposed(page)
    page.parts[2].deleteLater()
    qtbot.waitUntil(lambda: told(fake_bridge)[0] == {"values"})


def test_each_experiment_is_told_of_its_own_widgets(qtbot, page, fake_bridge):
    other = FakeBridge(snapshot_of(PRESETS[FIRST].spec))
    widget = QWidget()
    qtbot.addWidget(widget)
    watch(other, widget, "map")
    widget.show()
    qtbot.waitExposed(widget)
    assert told(other) == ({"map"}, 1)
    assert told(fake_bridge) == (None, 0)


def test_a_bridge_has_one_watching_however_many_widgets(page, fake_bridge):
    assert len(fake_bridge.findChildren(Watching)) == 1
