"""What must wait until the mouse is let go: Qt ends the process if docks vanish amid their drag."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

LOOK_EVERY_MS = 20


class LettingGo(QObject):
    """Does what it is given at once, or, while a dock is dragged, as soon as it is let go.

    Of several things that were asked for meanwhile the last one counts: a person who presses
    Ctrl+1 and then Ctrl+3 wants to be where Ctrl+3 leads.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._waiting: Callable[[], object] | None = None
        self._look = QTimer(self)
        self._look.setInterval(LOOK_EVERY_MS)
        self._look.timeout.connect(self._go_on)

    @property
    def is_held(self) -> bool:
        """Whether something is dragged just now."""
        return _is_held()

    def then(self, work: Callable[[], object]) -> None:
        """Does it now, or then."""
        if _is_held():
            self._waiting = work
            self._look.start()
        else:
            work()

    def _go_on(self) -> None:
        if _is_held():
            return
        self._look.stop()
        work, self._waiting = self._waiting, None
        # One turn later: Qt lets a dock down in its new place with the very same release.
        if work is not None:
            QTimer.singleShot(0, self, work)


def _is_held() -> bool:
    """Whether something is dragged: a button is down, and a widget has the mouse to itself."""
    held = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
    return held and QWidget.mouseGrabber() is not None
