"""What the colours and signs of the trials mean."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import theme
from app.views.verdict_colours import paint_cell, paint_sign
from core.scenery import Verdict

_CELL = 18.0
_SHARES = {Verdict.LEARNS: (0.1, 0.55, 1.0)}
"""Who learns has more than one colour."""


class VerdictLegend(QWidget):
    """A patch and a word for each verdict."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rates.legend")
        self.setFixedHeight(theme.space(2.5))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            self.tr(
                "Crawls: the loss changed by less than a twentieth. Learns: it fell further; the "
                "stronger the colour, the further. Explodes: it rose by more than a twentieth, or "
                "ceased to be a number. A frame marks the least loss, a frame in the accent colour "
                "the rate in use."
            )
        )
        self.setAccessibleName(self.toolTip())

    def sizeHint(self) -> QSize:
        """All patches and words."""
        metrics = QFontMetrics(self.font())
        width = sum(
            self._patches(verdict) * _CELL + metrics.horizontalAdvance(word) + theme.space(2.5)
            for verdict, word in self._words().items()
        )
        return QSize(round(width), theme.space(2.5))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """From left to right."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, top, high = 0.0, 3.0, self.height() - 6.0
        for verdict, word in self._words().items():
            for share in _SHARES.get(verdict, (0.5,)):
                paint_cell(painter, QRectF(left, top, _CELL, high), verdict, share)
                left += _CELL
            middle = left - self._patches(verdict) * _CELL / 2
            paint_sign(painter, QPointF(middle, self.height() / 2), verdict)
            painter.setPen(QColor(theme.current().text_dim))
            width = painter.fontMetrics().horizontalAdvance(word)
            area = QRectF(left + theme.space(0.75), 0, width + 2, self.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, word)
            left = area.right() + theme.space(1.5)
        painter.end()

    def _patches(self, verdict: Verdict) -> int:
        return len(_SHARES.get(verdict, (0.5,)))

    def _words(self) -> dict[Verdict, str]:
        return {
            Verdict.CRAWLS: self.tr("crawls"),
            Verdict.LEARNS: self.tr("learns"),
            Verdict.EXPLODES: self.tr("explodes"),
        }
