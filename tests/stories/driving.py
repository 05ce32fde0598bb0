"""What several stories do with the window by mouse and by its orders."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core.messages.snapshot import RunState

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 30_000
"""Milliseconds."""


def find(window, name, kind=QWidget):
    """A control of the experiment in front by its object name."""
    found = window.page.findChild(kind, name)
    assert found is not None, name
    return found


def press(window, qtbot, name):
    """Clicks a button once it can be pressed."""
    button = find(window, name)
    qtbot.waitUntil(lambda: button.isVisible() and button.isEnabled(), timeout=PATIENCE)
    qtbot.mouseClick(button, LEFT)


def train(window, qtbot, steps):
    """Trains for so many steps more at the least, and pauses."""
    goal = window.snapshot.progress.step + steps
    window.actions_["run.train"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.progress.step > goal, timeout=PATIENCE)
    window.actions_["run.train"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.PAUSED, timeout=PATIENCE)
