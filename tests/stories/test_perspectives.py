"""A learner goes to and fro between the perspectives while the network is stepped and trained."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow, QTabBar

from app.window.perspectives import PERSPECTIVES
from core.messages.snapshot import RunState
from tests.stories.driving import train

pytestmark = pytest.mark.window

LEFT = Qt.MouseButton.LeftButton


def area_of(window) -> QMainWindow:
    return window.page.findChild(QMainWindow, "document-docks")


def tabs(window) -> list[tuple[str, ...]]:
    """The titles in each bar of tabs that stands over the docks, in order."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    bars = [
        bar
        for bar in area_of(window).findChildren(QTabBar, options=direct)
        # Qt parks the bar of a single dock outside, above and to the left.
        if bar.isVisible() and bar.geometry().intersects(area_of(window).rect())
    ]
    return sorted(
        tuple(sorted(bar.tabText(index).replace("&", "") for index in range(bar.count())))
        for bar in bars
    )


def groups(window) -> list[tuple[str, ...]]:
    """The titles of the docks that share a place, as Qt says it itself."""
    found = set()
    for dock in window.page.area.docks.values():
        behind = area_of(window).tabifiedDockWidgets(dock)
        shown = [one for one in (dock, *behind) if not one.isHidden()]
        if not dock.isHidden() and len(shown) > 1:
            found.add(tuple(sorted(one.windowTitle() for one in shown)))
    return sorted(found)


def press(window, qtbot, name):
    qtbot.mouseClick(window.findChild(object, name), LEFT)


def settle(window, qtbot):
    """Until all that follows a change of perspective at once has been painted."""
    for _ in range(3):
        with qtbot.waitSignal(window.page.bridge.ticked, timeout=5_000):
            pass


def step(window, qtbot, times):
    for _ in range(times):
        before = window.snapshot.version
        window.actions_["step.over"].trigger()
        qtbot.waitUntil(lambda before=before: window.snapshot.version > before, timeout=5_000)


def show(window, qtbot, perspective, front=None):
    """Chooses a perspective, and at once brings a dock of it to the front."""
    press(window, qtbot, f"perspective-{perspective}")
    if front is not None:
        window.page.area.docks[front].raise_()
    settle(window, qtbot)
    assert tabs(window) == groups(window)


@pytest.fixture
def spiral(window, qtbot):
    window.experiments.open_preset("spiral-2-16-16-1")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=30_000)
    return window


def test_no_tabs_of_another_perspective_stand_over_the_docks_while_one_steps_and_trains(
    spiral, qtbot
):
    window = spiral
    show(window, qtbot, "step", "breakpoints")
    step(window, qtbot, 3)
    train(window, qtbot, 100)
    show(window, qtbot, "train", "histories")
    assert ("Curves", "Histories") in tabs(window)
    train(window, qtbot, 300)
    show(window, qtbot, "step")
    assert ("Breakpoints", "Operations", "What if?") in tabs(window)


def test_every_perspective_has_its_own_tabs_alone_however_quickly_one_goes_through_them(
    spiral, qtbot
):
    window = spiral
    names = [perspective.id for perspective in PERSPECTIVES]
    window.actions_["run.train"].trigger()
    for front in ("breakpoints", "histories", "update"):
        for name in names:
            show(window, qtbot, name)
        for name in (*names, *names[::-1]):
            press(window, qtbot, f"perspective-{name}")
        show(window, qtbot, "step", front)
    window.page.area.docks["histories"].close()
    for name in (*names, *names[::-1]):
        show(window, qtbot, name)


def test_a_bar_of_tabs_that_qt_leaves_standing_goes_with_the_next_change(spiral, qtbot):
    """As Qt was seen to leave one, now and then; here it is put there by hand."""
    window = spiral
    show(window, qtbot, "train")
    stale = QTabBar(area_of(window))
    for title in ("Curves", "Histories"):
        stale.addTab(title)
    stale.setGeometry(0, 0, 280, 30)
    stale.show()
    show(window, qtbot, "step")
    assert not stale.isVisible()
