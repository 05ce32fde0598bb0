"""What a plane is and leaves out, in some lines under the picture that do not move it."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

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


MOST_LINES = 4
"""So many hold the longest note in a dock of 400 pixels; in a narrower one it is cut."""


class SurfaceNote(QLabel):
    """Takes as many lines as its text needs.

    While the text is of one kind it never takes fewer than it has taken: a number in it that
    grows and shrinks with the training must not make the picture above jump.
    """

    def __init__(self, identity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._kind = ""
        self._lines = 1

    def show_text(self, text: str, tip: str, kind: str) -> None:
        """Shows a text; ``kind`` is the same as long as only numbers in it change."""
        if kind != self._kind:
            self._kind, self._lines = kind, 1
        self.setToolTip(tip)
        if text != self.text():
            self.setText(text)
            self._fit()

    @property
    def lines(self) -> list[str]:
        """As they are drawn."""
        width = max(1, self.contentsRect().width())
        layout = QTextLayout(self.text(), self.font())
        layout.setTextOption(QTextOption(Qt.AlignmentFlag.AlignLeft))
        layout.beginLayout()
        starts = []
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            starts.append(line.textStart())
        layout.endLayout()
        ends = [*starts[1:], len(self.text())]
        found = [self.text()[a:b].strip() for a, b in zip(starts, ends, strict=True)]
        if len(found) > MOST_LINES:
            rest = self.text()[starts[MOST_LINES - 1] :]
            cut = self.fontMetrics().elidedText(rest, Qt.TextElideMode.ElideRight, width)
            found = [*found[: MOST_LINES - 1], cut]
        return found

    def sizeHint(self) -> QSize:
        """The lines it keeps, and as much width as it is given."""
        return QSize(theme.space(40), self._lines * self.fontMetrics().lineSpacing())

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.space(4), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lines = 1
            self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        metrics, area = self.fontMetrics(), self.contentsRect()
        for index, line in enumerate(self.lines):
            base = area.top() + metrics.ascent() + index * metrics.lineSpacing()
            painter.drawText(QPointF(area.left(), base), line)
        painter.end()

    def _fit(self) -> None:
        needed = max(self._lines, len(self.lines))
        if needed != self._lines or self.height() != self.sizeHint().height():
            self._lines = needed
            self.updateGeometry()
        self.update()
