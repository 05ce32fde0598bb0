"""A frame around the control that a page points at; it follows the control wherever that goes."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.kit import theme

LOOK_MS = 120
"""From one look at where the control is to the next."""


class Callout(QWidget):
    """Lies over the window and lets the mouse through.

    Attributes:
        target: The objectName of what it frames; empty for nothing.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("learn.callout")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.target = ""
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)
        self.hide()

    def point_at(self, target: str) -> None:
        """Frames the control of that name, as long as it can be seen."""
        self.target = target
        if target:
            self._timer.start()
            self.look()
        else:
            self._timer.stop()
            self.hide()

    def look(self) -> None:
        """Goes to where the control is."""
        found = self._found()
        if found is None:
            self.hide()
            return
        away = theme.space(0.5)
        corner = found.mapTo(self.window(), QPoint())
        area = QRect(corner, found.size()).adjusted(-away, -away, away, away)
        if area != self.geometry():
            self.setGeometry(area)
        if self.isHidden():
            self.show()
        self.raise_()

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
