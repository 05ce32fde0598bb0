"""What has been put on the pad, and what can be taken back: a model without any widget."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 280
"""The pad's paper has this many pixels a side: ten for each of MNIST's 28."""

Point = tuple[float, float]


@dataclass
class Stroke:
    """One pull of the pen or the eraser, in pixels of the paper."""

    width: float
    erases: bool = False
    points: list[Point] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class PastedPicture:
    """A pasted or dropped picture: ``ink`` (height, width) uint8, 0 for paper to 255."""

    ink: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class SampleDigit:
    """A sample of the test data: ``pixels`` (height, width), just as the network takes it."""

    pixels: NDArray[Any]
    index: int
    label: int


@dataclass(frozen=True)
class Cleared:
    """An emptied pad; a mark of its own, so that clearing can be undone too."""


Mark = Stroke | PastedPicture | SampleDigit | Cleared


class DrawnMarks:
    """The marks made on the pad in their order, with undo and redo.

    A picture, a test digit or a clearing hides whatever was made before it.
    """

    def __init__(self) -> None:
        self._marks: list[Mark] = []
        self._undone: list[Mark] = []

    @property
    def visible(self) -> tuple[Mark, ...]:
        """The marks that still show, oldest first."""
        shown: list[Mark] = []
        for mark in self._marks:
            if not isinstance(mark, Stroke):
                shown.clear()
            if not isinstance(mark, Cleared):
                shown.append(mark)
        return tuple(shown)

    @property
    def untouched_digit(self) -> SampleDigit | None:
        """The test digit on the pad, as long as nothing was drawn over it."""
        return self._last if isinstance(self._last, SampleDigit) else None

    @property
    def is_untouched_picture(self) -> bool:
        """Whether a pasted picture is on the pad, and nothing was drawn over it."""
        return isinstance(self._last, PastedPicture)

    @property
    def present_stroke(self) -> Stroke | None:
        """The stroke that is being drawn, or was drawn last."""
        return self._last if isinstance(self._last, Stroke) else None

    @property
    def _last(self) -> Mark | None:
        return self._marks[-1] if self._marks else None

    @property
    def can_undo(self) -> bool:
        """Whether there is a mark to take back."""
        return bool(self._marks)

    @property
    def can_redo(self) -> bool:
        """Whether there is a mark to bring back."""
        return bool(self._undone)

    def begin(self, point: Point, width: float, *, erases: bool = False) -> Stroke:
        """Starts a stroke."""
        stroke = Stroke(width, erases, [point])
        self._add(stroke)
        return stroke

    def extend(self, point: Point) -> None:
        """Draws the present stroke on to a point; a point twice in a row counts once."""
        stroke = self.present_stroke
        if stroke is not None and stroke.points[-1] != point:
            stroke.points.append(point)

    def place(self, mark: PastedPicture | SampleDigit) -> None:
        """Puts a picture or a test digit in the place of everything.

        Leafing from one test digit to the next counts as one mark, so that one undo brings the
        person's own drawing back.
        """
        if isinstance(mark, SampleDigit) and self.untouched_digit is not None:
            self._marks.pop()
        self._add(mark)

    def clear(self) -> None:
        """Empties the pad; nothing to do on an empty one."""
        if self.visible:
            self._add(Cleared())

    def undo(self) -> bool:
        """Takes the newest mark back, and says whether there was one."""
        if not self._marks:
            return False
        self._undone.append(self._marks.pop())
        return True

    def redo(self) -> bool:
        """Brings back the mark that was taken back last, and says whether there was one."""
        if not self._undone:
            return False
        self._marks.append(self._undone.pop())
        return True

    def _add(self, mark: Mark) -> None:
        self._marks.append(mark)
        self._undone.clear()
