"""Drawing that nobody waits for: when there is something new, seldom, and only if it is seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer

from app.slack import slack_of
from core.snapshot import RunState

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.bridge import Bridge


class Unhurried(QObject):
    """Draws a view at once after a rest, and otherwise when the rest is over.

    While training goes on, which moves something in every frame, it is drawn in a frame's slack.

    Args:
        bridge: Training makes way while the view draws.
        view: Drawn only while visible, and when it becomes so.
        draw: Draws what is new; called seldom, so it may take milliseconds.
        rest_ms: The least time from one drawing to the next.
    """

    def __init__(
        self, bridge: Bridge, view: QWidget, draw: Callable[[], None], rest_ms: int
    ) -> None:
        super().__init__(view)
        self._bridge = bridge
        self._view = view
        self._draw = draw
        self._due = False
        self._slack = slack_of(bridge)
        view.destroyed.connect(partial(self._slack.forget, self._draw_if_seen))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(rest_ms)
        self._timer.timeout.connect(self._rested)
        view.installEventFilter(self)

    def ask(self) -> None:
        """There is something new to draw."""
        self._due = True
        if self._view.isVisible() and not self._timer.isActive():
            self._draw_soon()

    def go_on(self) -> None:
        """The drawing is half done: the rest of it comes in the next frame's slack."""
        self._due = True
        self._slack.ask(self._draw_if_seen)

    def at_once(self) -> None:
        """A person waits for the drawing: it does not wait for the rest's end."""
        self._due = True
        if self._view.isVisible():
            self._draw_and_rest()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Catches up when the view is shown; lets every event pass."""
        if event.type() == QEvent.Type.Show and watched is self._view and self._due:
            self._draw_and_rest()
        return False

    def _rested(self) -> None:
        if self._due and self._view.isVisible():
            self._draw_soon()

    def _draw_soon(self) -> None:
        if self._bridge.snapshot.state is RunState.RUNNING:
            self._slack.ask(self._draw_if_seen)
        else:
            self._draw_and_rest()

    def _draw_if_seen(self) -> None:
        if self._due and self._view.isVisible():
            self._draw_and_rest()

    def _draw_and_rest(self) -> None:
        self._due = False
        self._bridge.go_first()
        self._draw()
        self._timer.start()
