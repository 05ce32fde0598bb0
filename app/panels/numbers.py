"""Numbers as the window writes them, reads them and counts gestures."""

from __future__ import annotations

import re
import time

from PySide6.QtCore import QElapsedTimer

STEPS_TOGETHER_MS = 800
"""Key presses and wheel clicks that follow one another faster than this undo as one."""


def short_number(value: float) -> str:
    """Four significant digits: ``0.1235``, ``1e-5``."""
    return _tidy(f"{value:.4g}")


def full_number(value: float) -> str:
    """All digits, so that reading it back gives the very same number."""
    return _tidy(repr(int(value)) if _is_short_whole(value) else repr(float(value)))


def count_text(count: int) -> str:
    """A count in groups of three digits: ``50,240``."""
    return f"{count:,}"


def fresh_gesture() -> int:
    """A number that no other gesture has, whoever made it."""
    return time.monotonic_ns()


class StepGesture:
    """One number for a run of arrow keys or wheel clicks, so that Undo takes the run back."""

    def __init__(self) -> None:
        self._since = QElapsedTimer()
        self._number = 0

    def number(self) -> int:
        """The run's number; a new one after a rest."""
        if not self._since.isValid() or self._since.elapsed() > STEPS_TOGETHER_MS:
            self._number = fresh_gesture()
        self._since.start()
        return self._number


def _is_short_whole(value: float) -> bool:
    return float(value).is_integer() and abs(value) < 1e7


def _tidy(text: str) -> str:
    return re.sub(r"e([-+])0*(\d)", lambda m: "e" + m[1].replace("+", "") + m[2], text)
