"""How large text is, and all that is measured by it; and the window as a room reads it."""

from __future__ import annotations

from typing import Protocol, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from app.kit import theme

SIZES = (80, 90, 100, 110, 125, 150, 175, 200)
"""Per cent of the text's own size."""
PRESENTER_SIZES = (125, 150, 175, 200, 250)
PRESENTER_SIZE = 150


class Remembered(Protocol):
    """Where the sizes are kept from one start to the next, in per cent."""

    text_size: int
    presenter_size: int


class TextSize(QObject):
    """The size in use: the person's own, or the presenter's.

    Attributes:
        is_presenting: Whether the window is shown to a room.
        shows_keys: Whether the keys that are pressed are shown to it, too.
    """

    presenting = Signal(bool)
    keys_shown = Signal(bool)

    def __init__(self, settings: Remembered, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self.is_presenting = False
        self.shows_keys = False

    @property
    def percent(self) -> int:
        """The size in use."""
        chosen = self._settings
        return chosen.presenter_size if self.is_presenting else chosen.text_size

    def apply(self) -> None:
        """Has the window's text be of that size."""
        theme.set_scale(cast(QApplication, QApplication.instance()), self.percent / 100)

    def larger(self) -> None:
        """The next size up, if there is one."""
        self._choose(next((size for size in self._sizes if size > self.percent), self.percent))

    def smaller(self) -> None:
        """The next size down, if there is one."""
        down = reversed(self._sizes)
        self._choose(next((size for size in down if size < self.percent), self.percent))

    def reset(self) -> None:
        """The text's own size, or the presenter's."""
        self._choose(PRESENTER_SIZE if self.is_presenting else 100)

    def toggle_presenting(self) -> None:
        """Begins to show the window to a room, or ends it."""
        self.is_presenting = not self.is_presenting
        self.apply()
        self.presenting.emit(self.is_presenting)
        self.keys_shown.emit(self.is_presenting and self.shows_keys)

    def toggle_keys(self) -> None:
        """Shows the room each key that is pressed, or no more."""
        self.shows_keys = not self.shows_keys
        self.keys_shown.emit(self.is_presenting and self.shows_keys)

    @property
    def _sizes(self) -> tuple[int, ...]:
        return PRESENTER_SIZES if self.is_presenting else SIZES

    def _choose(self, percent: int) -> None:
        if self.is_presenting:
            self._settings.presenter_size = percent
        else:
            self._settings.text_size = percent
        self.apply()
