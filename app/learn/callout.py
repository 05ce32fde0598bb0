"""A frame around the control that a page points at; it follows the control wherever that goes."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.pointing import PointingOverlay

LOOK_MS = 120
"""From one look at where the control is to the next."""


class Callout(PointingOverlay):
    """Lies over the window and lets the mouse through.

    Attributes:
        target: The objectName of what it frames; empty for nothing.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__("learn.callout", window, LOOK_MS)
        self.target = ""

    def point_at(self, target: str) -> None:
        """Frames the control of that name, as long as it can be seen."""
        self.target = target
        self.set_on(on=bool(target))

    def look(self) -> None:
        """Goes to where the control is."""
        found = self._found()
        if found is None:
            self.hide()
        else:
            self.move_over(self.around(found))
            self.raise_()  # panels that a page brings come later, and above it

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.current().accent), theme.space(0.25)))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5), 6, 6)
        painter.end()

    def _found(self) -> QWidget | None:
        shown = self.window().findChildren(QWidget, self.target)
        return next((one for one in shown if one.isVisible() and _is_seen(one)), None)


def _is_seen(widget: QWidget) -> bool:
    return not widget.visibleRegion().isEmpty()
