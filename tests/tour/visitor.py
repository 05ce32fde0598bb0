"""Somebody at the real window, with a mouse, keys and eyes."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QListWidget,
    QWidget,
)

from app.window.main_window import MainWindow

LEFT = Qt.MouseButton.LeftButton
CONTROL = Qt.KeyboardModifier.ControlModifier
PERSPECTIVES = ("build", "train", "step", "surface")
PATIENCE = 60


class MissingError(LookupError):
    """What a stop looked for was not there, or did not happen."""


class Visitor:
    """Somebody at the window, who has hands and eyes.

    Attributes:
        window: The real one.
        take: Saves a picture under a suffix.
    """

    def __init__(self, window: MainWindow, path: Path) -> None:
        self.window, self.path = window, path

    def until(self, done, what: str = "", seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                raise MissingError(f"waited in vain: {what}")
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 30)

    def rest(self, seconds: float = 1.5) -> None:
        """Looks on for a while."""
        end = time.monotonic() + seconds
        self.until(lambda: time.monotonic() > end)

    def look(self, suffix: str = "") -> None:
        """Takes a picture of the screen where the window is, with what lies over it."""
        self.rest(0.7)
        frame = self.window.frameGeometry()
        picture = self.window.screen().grabWindow(0, frame.x(), frame.y(), *frame.size().toTuple())
        path = self.path.with_name(self.path.name.replace("@", suffix))
        picture.save(str(path))
        print(path, flush=True)

    def find(self, name: str, kind: type[QWidget] = QWidget, seconds: float = 5) -> QWidget:
        """What is seen by that name."""

        def seen() -> list[QWidget]:
            found = [
                one
                for top in QApplication.topLevelWidgets()
                for one in (top, *top.findChildren(kind, name))
                if one.objectName() == name and isinstance(one, kind)
            ]
            return [one for one in found if one.isVisible()]

        self.until(seen, name, seconds)
        return seen()[-1]

    def click(self, name: str, at: QPoint | None = None, seconds: float = 5) -> None:
        button = self.find(name, QWidget, seconds)
        if isinstance(button, QAbstractButton):
            self.until(button.isEnabled, f"{name} can be pressed", seconds)
        QTest.mouseClick(button, LEFT, Qt.KeyboardModifier.NoModifier, at or button.rect().center())

    def key(self, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier, at=None) -> None:
        QTest.keyClick(at or QApplication.focusWidget() or self.window, key, modifier)
        self.rest(0.1)

    def perspective(self, name: str, *, more: bool = True) -> None:
        """Goes there, and brings out all that it has."""
        self.click(f"perspective-{name}")
        self.rest(0.4)
        action = self.window.findChild(QAction, "action.view.more")
        if more and action is not None and action.isEnabled() and not action.isChecked():
            action.trigger()
        self.rest(0.4)

    def open(self, preset: str) -> None:
        """Ctrl+N, and that card."""
        self.window.actions_["file.new"].trigger()
        cards = self.find("gallery-list", QListWidget)
        names = [cards.item(i).data(Qt.ItemDataRole.UserRole) for i in range(cards.count())]
        if preset not in names:
            self.find("gallery", QDialog).reject()
            raise MissingError(f"no card {preset}")
        before = self.window.page
        item = cards.item(names.index(preset))
        cards.scrollToItem(item)
        place = cards.visualItemRect(item).center()
        QTest.mouseClick(cards.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
        self.click("gallery-open")
        self.until(lambda: self.window.page is not before, preset)
        self.until(lambda: self.state == "READY", preset)
        self.rest(0.5)

    @property
    def state(self) -> str:
        return self.window.snapshot.state.name if self.window.snapshot else ""

    @property
    def step(self) -> int:
        return self.window.snapshot.progress.step

    def type(self, name: str, text: str, seconds: float = 5) -> None:
        """Over what stands in a field, and Enter."""
        field = self.find(name, QWidget, seconds)
        if not hasattr(field, "selectAll"):
            field = next(one for one in field.findChildren(QWidget) if hasattr(one, "selectAll"))
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        self.rest(0.4)

    def choose(self, name: str, data: str) -> None:
        """An entry of a combo box, from its list."""
        combo = self.find(name, QComboBox)
        row = combo.findData(data)
        row = combo.findText(data) if row < 0 else row
        if row < 0:
            raise MissingError(f"no {data} in {name}")
        combo.setFocus()
        combo.showPopup()
        self.rest(0.2)
        combo.view().setCurrentIndex(combo.model().index(row, 0))
        QTest.keyClick(combo.view(), Qt.Key.Key_Return)
        self.rest(0.6)

    def train(self, steps: int) -> None:
        """For so many steps, then a pause."""
        goal = self.step + steps
        self.click("button-train")
        self.until(lambda: self.step >= goal or self.state in ("FINISHED", "DIVERGED"), "training")
        if self.state == "RUNNING":
            self.click("button-train")
        self.until(lambda: self.state != "RUNNING", "a pause")
        self.rest(0.5)

    def next_to(self, kind: str, path: tuple[int, ...] | None = None, most: int = 60) -> None:
        """F8 until that operation is computed."""
        for _ in range(most):
            version = self.window.snapshot.version
            self.window.actions_["step.over"].trigger()
            self.until(lambda v=version: self.window.snapshot.version > v, "a step")
            entry = self.window.snapshot.stepping and self.window.snapshot.stepping.entry
            if entry and entry.kind == kind and path in (None, entry.path):
                self.rest(1.2)
                return
        raise MissingError(f"no {kind} {path}")

    def front(self, dock: str) -> None:
        """Brings a panel forward, by its tab."""
        docks = getattr(self.window.page, "docks", None) or self.window.page.area.docks
        if docks[dock].isHidden():
            docks[dock].toggleViewAction().trigger()
        docks[dock].raise_()
        self.rest(0.4)

    def size(self, width: int, height: int) -> None:
        self.window.resize(width, height)
        self.rest(0.6)
