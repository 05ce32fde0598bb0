"""A thin line that moves with every frame while the network trains: the window is alive."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme

_HEIGHT = 2
_ROUND_MS = 2400
_SHARE = 0.18


class ActivityLine(QWidget):
    """Repaints itself and nothing else; ``painted`` follows each frame that reached the screen.

    With reduced motion the line stands still and is whole while the network trains.
    """

    painted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.active = False
        self._clock = QElapsedTimer()
        self._clock.start()
        self._moves = theme.animation_ms() > 0
        self.setObjectName("progress.activity")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT)

    def set_active(self, active: bool) -> None:
        """Starts or ends the movement."""
        if active != self.active:
            self.active = active
            self.update()

    def tick(self) -> None:
        """Moves on by a frame."""
        if self.active and self.isVisible():
            self.update()

    def sizeHint(self) -> QSize:
        """As thin as a line can be and still be seen."""
        return QSize(theme.space(10), _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A short bright piece on a faint line."""
        painter = QPainter(self)
        tokens = theme.current()
        painter.fillRect(self.rect(), QColor(tokens.line))
        if self.active:
            painter.fillRect(self._piece(), QColor(tokens.accent))
        painter.end()
        self.painted.emit()

    def _piece(self) -> QRectF:
        if not self._moves:
            return QRectF(self.rect())
        width = self.width() * _SHARE
        phase = self._clock.elapsed() % _ROUND_MS / _ROUND_MS
        return QRectF(phase * (self.width() + width) - width, 0, width, self.height())
