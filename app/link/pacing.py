"""What is left of a frame when it has been painted, given to one piece of work at a time."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from app.link.bridge import Bridge
from core.messages.snapshot import RunState, Snapshot


def is_out_of_sight(view: QWidget) -> bool:
    """Whether nobody can see a view though its window is there; it catches up when it is shown."""
    return view.window().isVisible() and not view.isVisible()


def single_shot(parent: QObject, interval_ms: int, act: Callable[[], None]) -> QTimer:
    """A timer that acts once, so long after it was last started."""
    timer = QTimer(parent, singleShot=True, interval=interval_ms)
    timer.timeout.connect(act)
    return timer


AFTER_MS = 2
"""From the beginning of a frame to the work in its slack: until then it has been painted."""

Work = Callable[[], None]


class FrameSlack(QObject):
    """Does work of some milliseconds where it delays no frame: one piece a frame, after it.

    Made by :func:`frame_slack`, one a bridge, which ticks with every frame.
    """

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self._waiting: list[Work] = []
        self._after = single_shot(self, AFTER_MS, self._work)
        self._after.setTimerType(Qt.TimerType.PreciseTimer)
        bridge.ticked.connect(self._begin)

    def schedule(self, work: Work) -> None:
        """Does this in the slack of one of the next frames, unless it is waiting already."""
        if work not in self._waiting:
            self._waiting.append(work)

    def cancel(self, work: Work) -> None:
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


def frame_slack(bridge: Bridge) -> FrameSlack:
    """The slack of a bridge's frames."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    return bridge.findChild(FrameSlack, options=direct) or FrameSlack(bridge)


Pieces = Generator[None, None, QImage]
"""Yields between two pieces; returns the picture."""


def painted_at_once(pieces: Pieces) -> QImage:
    """The whole picture, without a pause."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            picture: QImage = end.value
            return picture


class PiecewisePainter(QObject):
    """Paints one picture after another, a piece in each frame's slack.

    A picture that is under way is finished, else none ever were where new ones come fast; of
    those asked for meanwhile only the newest follows. ``painted`` carries how it looks, and the
    picture.
    """

    painted = Signal(object, QImage)

    def __init__(self, slack: FrameSlack, parent: QObject) -> None:
        super().__init__(parent)
        self._slack = slack
        self._now: tuple[object, Pieces] | None = None
        self._next: tuple[object, Pieces] | None = None

    def paint(self, looks: object, pieces: Pieces) -> None:
        """Paints a picture as soon as can be."""
        if self._now is None:
            self._now = looks, pieces
        else:
            self._drop(self._next)
            self._next = looks, pieces
        self._slack.schedule(self._go_on)

    def stop(self) -> None:
        """Forgets all that is under way."""
        self._slack.cancel(self._go_on)
        self._drop(self._now)
        self._drop(self._next)
        self._now = self._next = None

    def _go_on(self) -> None:
        if self._now is None:
            return
        looks, pieces = self._now
        try:
            next(pieces)
        except StopIteration as end:
            self._now, self._next = self._next, None
            self.painted.emit(looks, end.value)
        if self._now is not None:
            self._slack.schedule(self._go_on)

    def _drop(self, job: tuple[object, Pieces] | None) -> None:
        if job is not None:
            job[1].close()


class ThrottledDrawing(QObject):
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
        self._bridge, self._view, self._draw = bridge, view, draw
        self._due = False
        self._slack = frame_slack(bridge)
        view.destroyed.connect(partial(self._slack.cancel, self._draw_if_seen))
        self._timer = single_shot(self, rest_ms, self._rested)
        view.installEventFilter(self)

    def request(self) -> None:
        """There is something new to draw."""
        self._due = True
        if self._view.isVisible() and not self._timer.isActive():
            self._draw_soon()

    def follow(self, snapshot: Snapshot) -> None:
        """Draws what one has done at once; what training does, at its pace."""
        if snapshot.state.is_running:
            self.request()
        else:
            self.draw_now()

    def continue_later(self) -> None:
        """The drawing is half done: the rest of it comes in the next frame's slack."""
        self._due = True
        self._slack.schedule(self._draw_if_seen)

    def draw_now(self) -> None:
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
            self._slack.schedule(self._draw_if_seen)
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
