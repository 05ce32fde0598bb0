"""What is left of a frame when it has been painted, given to one piece of work at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer

if TYPE_CHECKING:
    from app.bridge import Bridge

AFTER_MS = 2
"""From the beginning of a frame to the work in its slack: until then it has been painted."""

Work = Callable[[], None]


class Slack(QObject):
    """Does work of some milliseconds where it delays no frame: one piece a frame, after it.

    Made by :func:`slack_of`, one a bridge, which ticks with every frame.
    """

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self._waiting: list[Work] = []
        self._after = QTimer(self)
        self._after.setSingleShot(True)
        self._after.setTimerType(Qt.TimerType.PreciseTimer)
        self._after.setInterval(AFTER_MS)
        self._after.timeout.connect(self._work)
        bridge.ticked.connect(self._begin)

    def ask(self, work: Work) -> None:
        """Does this in the slack of one of the next frames, unless it is waiting already."""
        if work not in self._waiting:
            self._waiting.append(work)

    def forget(self, work: Work) -> None:
        """Does it no more."""
        if work in self._waiting:
            self._waiting.remove(work)

    def _begin(self) -> None:
        if self._waiting:
            self._after.start()

    def _work(self) -> None:
        if self._waiting:
            self._bridge.go_first()
            self._waiting.pop(0)()


def slack_of(bridge: Bridge) -> Slack:
    """The slack of a bridge's frames."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    return bridge.findChild(Slack, options=direct) or Slack(bridge)
