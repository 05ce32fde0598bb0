"""Painting a picture in pieces, each in the slack of a frame."""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.slack import Slack

Pieces = Generator[None, None, QImage]
"""Yields between two pieces; returns the picture."""


def at_once(pieces: Pieces) -> QImage:
    """The whole picture, without a pause."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            picture: QImage = end.value
            return picture


class Piecemeal(QObject):
    """Paints one picture after another, a piece in each frame's slack.

    A picture that is under way is finished, else none ever were where new ones come fast; of
    those asked for meanwhile only the newest follows. ``painted`` carries how it looks, and the
    picture.
    """

    painted = Signal(object, QImage)

    def __init__(self, slack: Slack, parent: QObject) -> None:
        super().__init__(parent)
        self._slack = slack
        self._now: tuple[object, Pieces] | None = None
        self._next: tuple[object, Pieces] | None = None

    def ask(self, looks: object, pieces: Pieces) -> None:
        """Paints a picture as soon as can be."""
        if self._now is None:
            self._now = looks, pieces
        else:
            self._drop(self._next)
            self._next = looks, pieces
        self._slack.ask(self._go_on)

    def stop(self) -> None:
        """Forgets all that is under way."""
        self._slack.forget(self._go_on)
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
            self._slack.ask(self._go_on)

    def _drop(self, job: tuple[object, Pieces] | None) -> None:
        if job is not None:
            job[1].close()
