"""Docks are dragged, floated, hidden and brought back at random, amid switches: none is lost.

CHAINRULE_DOCKS_SECONDS makes it longer, CHAINRULE_DOCKS_SEED takes another way.
"""

from __future__ import annotations

import os
import random
import time
from itertools import combinations
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QTabBar, QWidget

from app.window.perspectives import PERSPECTIVES
from core.messages.snapshot import RunState
from tests.stories.conftest import needs_display

pytestmark = [pytest.mark.window, pytest.mark.timeout(0), needs_display]

SECONDS = float(os.environ.get("CHAINRULE_DOCKS_SECONDS", "40"))
SEED = int(os.environ.get("CHAINRULE_DOCKS_SEED", "11"))
LEFT, CTRL = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier
PRESETS = ("xor-2-2-1", "spiral-2-16-16-1", "dense-784-64-10")
MOST_TABS = 3
SIZES = ((1280, 720), (1440, 868), (1024, 640), (1360, 800))
SHARED = 4
"""Pixels that two docks may share: the border between them."""
PATIENCE_MS = 3_000


class Hand:
    """Does one deed after the other, and writes each down before it is done."""

    def __init__(self, window, qtbot, seed: int, book: Path) -> None:
        self.window, self.qtbot = window, qtbot
        self.chance = random.Random(seed)
        self.book = book
        self.deeds: list[str] = []
        self.moved = self.held = 0
        self._ways = (
            (self.drag, 10),
            (self.drag_amid_a_switch, 5),
            (self.switch, 5),
            (self.more, 2),
            (self.toggle, 4),
            (self.raise_tab, 3),
            (self.float_or_dock, 3),
            (self.resize, 2),
            (self.reset, 1),
            (self.open, 1),
            (self.close, 1),
        )

    @property
    def area(self):
        return self.window.page.area

    def act(self) -> None:
        """Any one deed."""
        ways, weights = zip(*self._ways, strict=True)
        self.chance.choices(ways, weights)[0]()

    def say(self, deed: str) -> None:
        self.deeds.append(deed)
        with self.book.open("a", encoding="utf-8") as file:
            file.write(deed + "\n")

    def shown(self):
        return [
            dock
            for dock in self.area.docks.values()
            if not dock.isHidden() and not dock.visibleRegion().isEmpty()
        ]

    def drag(self) -> None:
        self._drag(amid=None)

    def drag_amid_a_switch(self) -> None:
        keys = [*(Qt.Key(Qt.Key.Key_1 + n) for n in range(len(PERSPECTIVES))), Qt.Key.Key_W]
        self._drag(amid=self.chance.choice(keys))

    def _drag(self, amid) -> None:
        held = self._grip()
        if held is None:
            return
        widget, start = held
        root = widget.window()
        handle = root.windowHandle()
        here = widget.mapTo(root, start)
        target = QPoint(self.chance.randrange(root.width()), self.chance.randrange(root.height()))
        what = widget.objectName() or type(widget).__name__
        self.say(f"drag {what} from {here.toTuple()} to {target.toTuple()}, amid it {amid}")
        before = self._places()
        QTest.mousePress(handle, LEFT, Qt.KeyboardModifier.NoModifier, here)
        steps = 6
        for step in range(1, steps + 1):
            QTest.mouseMove(handle, here + (target - here) * step / steps)
            self.qtbot.wait(5)
            if step == steps // 2 and amid is not None:
                QTest.keyClick(self.window, amid, CTRL)
                self.qtbot.wait(5)
        self.held += self.window.experiments.letting_go.is_held
        QTest.mouseRelease(handle, LEFT, Qt.KeyboardModifier.NoModifier, target)
        self.qtbot.wait(5)
        self.moved += self._places() != before

    def _places(self):
        docks = self.area.docks.values() if self.window.page is not None else ()
        return [
            (dock.isFloating(), self.area.tabifiedDockWidgets(dock), dock.x()) for dock in docks
        ]

    def _grip(self):
        """A title or a tab, and where to take hold of it."""
        titles = [
            title
            for dock in self.shown()
            if (title := dock.titleBarWidget()).objectName() == "dock-title" and title.isVisible()
        ]
        direct = Qt.FindChildOption.FindDirectChildrenOnly
        bars = [
            bar
            for bar in self.area.findChildren(QTabBar, options=direct)
            if bar.isVisible() and bar.count() and not bar.visibleRegion().isEmpty()
        ]
        grips = [*titles, *bars]
        if not grips:
            return None
        grip = self.chance.choice(grips)
        if isinstance(grip, QTabBar):
            return grip, grip.tabRect(self.chance.randrange(grip.count())).center()
        return grip, QPoint(grip.width() // 3, grip.height() // 2)

    def switch(self) -> None:
        number = self.chance.randrange(len(PERSPECTIVES))
        self.say(f"perspective {number + 1}")
        QTest.keyClick(self.window, Qt.Key(Qt.Key.Key_1 + number), CTRL)

    def more(self) -> None:
        self.say("more or less")
        self.window.actions_["view.more"].trigger()

    def toggle(self) -> None:
        dock = self.chance.choice(list(self.area.docks.values()))
        self.say(f"show or hide {dock.objectName()}")
        dock.toggleViewAction().trigger()

    def raise_tab(self) -> None:
        behind = [dock for dock in self.area.docks.values() if self.area.tabifiedDockWidgets(dock)]
        if behind:
            dock = self.chance.choice(behind)
            self.say(f"raise {dock.objectName()}")
            dock.raise_()

    def float_or_dock(self) -> None:
        shown = self.shown()
        if shown:
            dock = self.chance.choice(shown)
            self.say(f"float or dock {dock.objectName()}")
            dock.setFloating(not dock.isFloating())

    def resize(self) -> None:
        size = self.chance.choice(SIZES)
        self.say(f"resize {size}")
        self.window.resize(*size)

    def reset(self) -> None:
        self.say("reset the layout")
        self.area.reset_layout()

    def open(self) -> None:
        if self.window.tabs.count() < MOST_TABS:
            name = self.chance.choice(PRESETS)
            self.say(f"open {name}")
            self.window.experiments.open_preset(name)

    def close(self) -> None:
        self.say("close")
        self.window.experiments.close_front()


def settled(window, qtbot) -> None:
    """Until an experiment is in front, laid out, and what waited for the end of a drag is done."""
    qtbot.wait(60)
    if window.page is None:
        window.experiments.open_preset(PRESETS[0])
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state is not RunState.LOADING, timeout=30_000)
    qtbot.wait(40)


def faults(window) -> list[str]:
    """What is not as it should be with the docks in front."""
    found = []
    area: QMainWindow = window.page.area
    shown = [dock for dock in area.docks.values() if not dock.isHidden()]
    for dock in shown:
        panel: QWidget = dock.widget()
        own = dock.fill()
        if panel is not own and (panel is None or not panel.isAncestorOf(own)):
            found.append(f"{dock.objectName()} has not its own panel")
        elif not dock.visibleRegion().isEmpty() and (panel.isHidden() or panel.height() < 2):
            found.append(f"{dock.objectName()} is empty")
    seen = [d for d in shown if not d.isFloating() and not d.visibleRegion().isEmpty()]
    for one, other in combinations(seen, 2):
        if other in area.tabifiedDockWidgets(one):
            continue
        shared = one.geometry() & other.geometry()
        if shared.width() > SHARED and shared.height() > SHARED:
            names = f"{one.objectName()} and {other.objectName()}"
            found.append(f"{names} share {shared.width()}x{shared.height()} pixels")
    # Without a display the screen is smaller than the window that stories begin with.
    room = window.screen().size().expandedTo(QSize(1440, 900))
    if window.width() > room.width() or window.height() > room.height():
        found.append(f"the window is {window.width()}x{window.height()}")
    return found


def test_docks_dragged_and_switched_at_random_keep_their_panels_and_their_places(
    window, qtbot, qtlog, tmp_path
):
    book = tmp_path / "deeds.txt"
    print(f"seed {SEED}; every deed is written to {book} before it is done", flush=True)
    hand = Hand(window, qtbot, SEED, book)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        hand.act()
        settled(window, qtbot)
        found = faults(window)
        if found:  # a layout may take some turns
            qtbot.wait(400)
            found = faults(window)
        found += [str(record.message) for record in qtlog.records if not record.ignored]
        story = "\n".join((f"seed {SEED}", *hand.deeds[-25:]))
        assert not found, "\n".join((*found, story))
    print(f"{len(hand.deeds)} deeds, {hand.held} drags, {hand.moved} moved a dock", flush=True)
    assert hand.moved, "no drag was one"
