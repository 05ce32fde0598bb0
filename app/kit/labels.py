"""A line of text that is shortened where there is no room for it, and whole on hover."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.kit import theme


def put_live(label: QLabel, text: str) -> None:
    """Shows a text in a label of fixed size, which grows when it must and never shrinks.

    A label that may change its size asks for a new layout with each new text, and the layout
    repaints the whole window; Qt leaves that out for a label whose size is fixed. Its neighbours
    so stand still, too.
    """
    if label.text() == text:
        return
    label.ensurePolished()
    margins = label.contentsMargins()
    room = margins.left() + margins.right() + 2 * label.margin()
    needed = label.fontMetrics().horizontalAdvance(text) + room + 1
    if needed > label.maximumWidth() or label.minimumWidth() != label.maximumWidth():
        label.setFixedWidth(max(needed, label.minimumWidth()))
    if label.minimumHeight() != label.maximumHeight():
        label.setFixedHeight(label.fontMetrics().height() + 2 * label.margin())
    label.setText(text)


class ElidedLabel(QLabel):
    """Takes the room it gets, and asks for little."""

    def __init__(self, identity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def say(self, text: str, tip: str = "") -> None:
        """Shows a text; ``tip`` or the whole text on hover."""
        if text != self.text():
            self.setText(text)
        self.setToolTip(tip or text)

    def minimumSizeHint(self) -> QSize:
        """A few letters."""
        return QSize(theme.space(4), super().sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The text with an ellipsis at its end where it is cut."""
        painter = QPainter(self)
        text = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width()
        )
        self.style().drawItemText(
            painter,
            self.contentsRect(),
            int(self.alignment()),
            self.palette(),
            self.isEnabled(),
            text,
            self.foregroundRole(),
        )
        painter.end()
