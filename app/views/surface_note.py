"""What a plane is and leaves out, in some lines under the picture that do not move it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextLayout, QTextOption
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app import theme

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

    def say(self, text: str, tip: str, kind: str) -> None:
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
        """A few letters."""
        return QSize(theme.space(4), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width, other lines."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lines = 1
            self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The lines from the top on, in the style's colour."""
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
