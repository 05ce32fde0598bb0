"""A picture of the past is dimmed, and a hairline says how far the next one is."""

from __future__ import annotations

from PySide6.QtCore import QObject, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.layouts import named
from app.link.pacing import single_shot
from app.surface.shared.overlay import Overlay, ToPixels

PATIENCE_MS = 250
"""A picture that is replaced within this time is not dimmed: it would only flicker."""

DIMMED = 0.62
"""How much is left of a picture of the past."""


class Veil(Overlay):
    """A breath of the background over colours, contours and arrows together.

    Fading each of them would let one shine through the other.
    """

    def __init__(self) -> None:
        super().__init__()
        self.hide()

    def draw(self, painter: QPainter, _place: ToPixels) -> None:
        """As strong as the item is opaque."""
        painter.fillRect(painter.viewport(), QColor(theme.current().surface))


class Dimmer(QObject):
    """Draws a veil over a surface while it is of the past."""

    def __init__(self, veil: Veil, parent: QObject) -> None:
        super().__init__(parent)
        self._veil = veil
        self._stale = False
        self.strength = 0.0
        self._patience = single_shot(self, PATIENCE_MS, lambda: self._fade(1 - DIMMED))
        self._fading = QVariantAnimation(self)
        self._fading.valueChanged.connect(self._show)

    def set_stale(self, stale: bool) -> None:
        """Dims after a while; undims at once."""
        if stale == self._stale:
            return
        self._stale = stale
        if stale:
            self._patience.start()
        else:
            self._patience.stop()
            self._fade(0.0)

    def _fade(self, strength: float) -> None:
        self._fading.stop()
        if strength == self.strength:
            return
        self._fading.setStartValue(self.strength)
        self._fading.setEndValue(strength)
        self._fading.setDuration(theme.animation_ms())
        self._fading.start()
        if not theme.animation_ms():
            self._show(strength)

    def _show(self, strength: float) -> None:
        self.strength = float(strength)
        self._veil.setOpacity(self.strength)
        self._veil.setVisible(self.strength > 0)


class ProgressLine(QWidget):
    """A hairline that grows; takes its two pixels always, so that nothing moves for it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "surface.progress", self.tr("Progress of the surface"))
        self.setFixedHeight(2)
        self.share: float | None = None

    def show_share(self, share: float | None) -> None:
        """0..1; None while nothing is computed."""
        if share != self.share:
            self.share = share
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.share is None:
            return
        painter = QPainter(self)
        part = round(self.width() * min(max(self.share, 0.0), 1.0))
        painter.fillRect(0, 0, part, self.height(), QColor(theme.current().accent))
        painter.end()
