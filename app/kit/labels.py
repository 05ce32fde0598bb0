"""Lines of text as views have them: live ones, readings, titles, and what an empty view says."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QWidget

from app.kit import theme
from app.kit.layouts import named

L = TypeVar("L", bound=QLabel)


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


def renew_room(label: QLabel) -> None:
    """Measures such a label anew, in type of another size or face."""
    text = label.text()
    label.clear()
    put_live(label, text)


class ElidedLabel(QLabel):
    """Takes the room it gets, and asks for little."""

    def __init__(self, identity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str, tip: str = "") -> None:
        """Shows a text; ``tip`` or the whole text on hover."""
        self.setText(text)
        self.setToolTip(tip or text)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.space(4), super().sizeHint().height())

    def sizeHint(self) -> QSize:
        """All of the text."""
        needed = self.fontMetrics().horizontalAdvance(self.text()) + 2
        return super().sizeHint().expandedTo(QSize(needed, 0))

    def paintEvent(self, _event: QPaintEvent) -> None:
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


class SteadyLabel(ElidedLabel):
    """A line whose room never follows its words: a new text asks for no new layout.

    A text that changes with every picture would otherwise have the whole window laid out, and
    painted twice, each time.
    """

    def __init__(self, identity: str, parent: QWidget | None = None) -> None:
        super().__init__(identity, parent)
        self._shown = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._restyle()

    def changeEvent(self, event: QEvent) -> None:
        """Is as high as its type, of whatever size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()

    def _restyle(self) -> None:
        self.setFixedHeight(self.fontMetrics().height())

    def text(self) -> str:
        """What it shows; Qt's own text stays empty."""
        return self._shown

    def setText(self, text: str) -> None:
        if text != self._shown:
            self._shown = text
            self.setAccessibleName(text)
            self.update()


MOST_LINES = 4
"""So many hold the longest note in a dock of 400 pixels; in a narrower one it is cut."""


class WrappedLine(QLabel):
    """A line beneath a picture, which takes as many lines as its text needs.

    While the text is of one kind it never takes fewer than it has taken: a number in it that
    grows and shrinks must not make the picture above jump. A text that needs no other line asks
    for no new layout.
    """

    def __init__(self, identity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self.setProperty("role", "caption")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._shown = self._kind = ""
        self._lines = 1

    def text(self) -> str:
        """What it shows; Qt's own text stays empty."""
        return self._shown

    def show_text(self, text: str, tip: str = "", kind: str = "") -> None:
        """Shows a text; ``kind`` is the same as long as only numbers in it change.

        ``tip``, or the whole text, is shown on hover.
        """
        if kind != self._kind:
            self._kind, self._lines = kind, 1
        self.setToolTip(tip or text)
        if text != self._shown:
            self._shown = text
            self.setAccessibleName(text)
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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copies what it says, as any other line of text lets one do."""
        menu = named(QMenu(self), f"{self.objectName()}.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction(QCoreApplication.translate("readings", "Copy"))
        copy.setEnabled(bool(self.text()))
        copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(self.text()))
        menu.popup(event.globalPos())

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


class WrittenLegend(QLabel):
    """What the colours of a picture stand for, in a line that wraps."""

    def __init__(self, identity: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setWordWrap(True)

    def show_entries(self, entries: Iterable[tuple[QColor, str, str]]) -> None:
        """Shows a sign in a colour before each name."""
        entry = "<span style='color:{}'>{}</span>&nbsp;{}"
        # A name may come from a file.
        parts = ((colour.name(), sign, escape(name, quote=False)) for colour, sign, name in entries)
        text = "&nbsp; ".join(entry.format(c, s, n.replace(" ", "&nbsp;")) for c, s, n in parts)
        self.setText(text)


def bold(label: L) -> L:
    """A title."""
    font = label.font()
    font.setBold(True)
    label.setFont(font)
    return label


def large(label: L) -> L:
    """What is read first."""
    font = label.font()
    font.setPointSizeF(theme.points(theme.LARGE_POINTS))
    label.setFont(font)
    return label


def caption(text: str, parent: QWidget | None = None) -> QLabel:
    """Small words beside or beneath something."""
    label = QLabel(text, parent)
    label.setProperty("role", "caption")
    return label


def caption_of(field: QWidget, text: str) -> QLabel:
    """What a field is called, beside it."""
    label = caption(text, field.parentWidget())
    label.setBuddy(field)
    return label


def reading(identity: str, parent: QWidget) -> WrappedLine:
    """The line beneath a picture that says what is pointed at."""
    return WrappedLine(identity, parent)


def title_line(identity: str, parent: QWidget) -> ElidedLabel:
    """A quiet line beside other things, cut where even a line of its own is too short for it."""
    label = ElidedLabel(identity, parent)
    label.setProperty("role", "caption")
    return label


def empty_page(identity: str, text: str, parent: QWidget) -> QLabel:
    """What stands in the place of a picture while there is none."""
    label = named(caption(text, parent), identity)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label


def keep_room(widget: QWidget) -> None:
    """Nothing else moves when a widget comes and goes; at first it is away."""
    policy = widget.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    widget.setSizePolicy(policy)
    widget.hide()
