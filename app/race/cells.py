"""What the rows of the table of runners are made of, painted so that nothing jumps as it runs."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from app.kit import icons, theme
from app.kit.plots.style import colour_of

ROW = 4.75
"""In units of the grid: two lines and some air."""

SWATCH = 2.5
"""What the colour at the left takes, in the same units."""

_GAP = 0.5
"""Between a name and the number behind it, in the same units."""

_SMALL = 0.9
"""The second line's letters, in those of the first."""


def smaller(font: QFont) -> QFont:
    """The font of a second line."""
    result = QFont(font)
    result.setPointSizeF(font.pointSizeF() * _SMALL)
    return result


class Reading(QWidget):
    """A number, and something about it beneath; right-aligned in a column of fixed width."""

    def __init__(self, identity: str, name: str, width: float, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self._name = name
        self.number = ""
        self.beneath = ""
        self._token = "text_dim"
        self._bold = False
        self.setFixedSize(theme.space(width), theme.space(ROW))
        self.setAccessibleName(name)

    def room_for(self, upper: str, lower: str) -> tuple[int, int]:
        """How many pixels such lines take; two texts as long as any keep neighbours still."""
        above = QFontMetrics(theme.number_font()).horizontalAdvance(upper)
        return above, QFontMetrics(smaller(self.font())).horizontalAdvance(lower)

    def show_lines(
        self,
        upper: str,
        lower: str = "",
        tip: str = "",
        token: str = "text_dim",
        *,
        bold: bool = False,
    ) -> None:
        """Shows both lines, at no cost where nothing changed.

        Args:
            upper: The number.
            lower: What is said about it.
            tip: All digits.
            token: The lower line's colour, by its name in the theme.
            bold: Whether the number stands out.
        """
        if (upper, lower, token, bold) != (self.number, self.beneath, self._token, self._bold):
            self.number, self.beneath, self._token, self._bold = upper, lower, token, bold
            self.setAccessibleDescription(f"{upper} {lower}".strip())
            self.update()
        if tip != self.toolTip():
            self.setToolTip(tip)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        font = theme.number_font()
        font.setBold(self._bold)
        flag = Qt.AlignmentFlag
        right, upper = flag.AlignRight, flag.AlignBottom if self.beneath else flag.AlignVCenter
        above, below = halves(self.rect(), bool(self.beneath))
        painter.setFont(font)
        painter.setPen(QColor(tokens.text))
        painter.drawText(above, int(right | upper), self.number)
        painter.setFont(smaller(self.font()))
        painter.setPen(QColor(getattr(tokens, self._token)))
        painter.drawText(below, int(right | Qt.AlignmentFlag.AlignTop), self.beneath)
        painter.end()


class RunnerButton(QAbstractButton):
    """Who runs: a swatch of the colour, the name, and the settings beneath; pressed to edit."""

    def __init__(self, identity: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self.id = 0
        self.settings = ""
        self._is_out = False
        self._kept = (0, 0)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.space(ROW))

    def keep(self, above: int, below: int) -> None:
        """Keeps so many pixels at the right of each line free for a number that lies there."""
        if self._kept != (above, below):
            self._kept = (above, below)
            self.update()

    def room_beside_name(self) -> int:
        """How many pixels of the upper line a whole name leaves."""
        name = QFontMetrics(self.font()).horizontalAdvance(self.text())
        return self.width() - theme.space(SWATCH) - theme.space(_GAP) - name

    def shown_lines(self) -> tuple[str, str]:
        """Both lines as they fit."""
        above, below = self._areas()
        small = smaller(self.font())
        return _elided(self.text(), self.font(), above), _elided(self.settings, small, below)

    def show_runner(self, id: int, name: str, settings: str, *, is_out: bool) -> None:
        """Shows who it is, and by a cross instead of a disc that they are out of the race."""
        shown = (self.id, self.text(), self.settings, self._is_out)
        if shown != (id, name, settings, is_out):
            self.id, self.settings, self._is_out = id, settings, is_out
            self.setText(name)
            self.setAccessibleName(f"{name}, {settings}")
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme.space(16), theme.space(ROW))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.space(9), theme.space(ROW))

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        under = self.underMouse() and self.isEnabled()
        if under or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(tokens.hover))
            painter.drawRoundedRect(self.rect().adjusted(0, 2, 0, -2), 4, 4)
        middle = QPointF(theme.space(SWATCH / 2), self.height() / 2)
        paint_swatch(painter, middle, self.id, self._is_out)
        written = self._write(painter)
        if under or self.hasFocus():
            self._sign(painter, written)
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 2.5, -0.5, -2.5), 4, 4)
        painter.end()

    def _write(self, painter: QPainter) -> int:
        """Writes both lines; returns where the upper one ends."""
        tokens = theme.current()
        left, top = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignTop
        above, below = self._areas()
        name, settings = self.shown_lines()
        painter.setPen(QColor(tokens.text))
        painter.setFont(self.font())
        end = above.left() + painter.fontMetrics().horizontalAdvance(name)
        painter.drawText(above, (left | Qt.AlignmentFlag.AlignBottom).value, name)
        painter.setPen(QColor(tokens.text_dim))
        painter.setFont(smaller(self.font()))
        painter.drawText(below, (left | top).value, settings)
        return end

    def _sign(self, painter: QPainter, end: int) -> None:
        """That it can be edited: behind the name, and never over the number."""
        above, _ = self._areas()
        x = min(end + theme.space(0.75), above.right() + theme.space(0.5) - _SIGN)
        if x >= end:
            dim = theme.current().text_dim
            sign = icons.pixmap("sliders", dim, _SIGN, self.devicePixelRatioF())
            painter.drawPixmap(x, above.bottom() - _SIGN, sign)

    def _areas(self) -> tuple[QRect, QRect]:
        room = self.rect().adjusted(theme.space(SWATCH), 0, 0, 0)
        gap = theme.space(_GAP)
        above, below = halves(room, True)
        above.setWidth(max(0, room.width() - self._kept[0] - gap))
        below.setWidth(max(0, room.width() - self._kept[1] - gap))
        return above, below


_SIGN = 14
"""Pixels of the sign that a row can be edited."""


def _elided(text: str, font: QFont, area: QRect) -> str:
    return QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, area.width())


def paint_swatch(painter: QPainter, middle: QPointF, id: int, is_out: bool) -> None:
    """A disc in a runner's colour; a cross for one who diverged, as at the end of their curve."""
    colour, reach = colour_of(id), theme.space(0.625)
    if not is_out:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(middle, reach, reach)
        return
    painter.setPen(QPen(colour, 2.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for slope in (1, -1):
        end = QPointF(reach * 0.8, slope * reach * 0.8)
        painter.drawLine(middle - end, middle + end)


def halves(room: QRect, is_split: bool) -> tuple[QRect, QRect]:
    """The places of the upper and the lower line."""
    if not is_split:
        return room, QRect()
    middle = room.center().y()
    above = QRect(room.left(), room.top(), room.width(), middle - room.top() + 1)
    below = QRect(room.left(), middle + 2, room.width(), room.bottom() - middle - 1)
    return above, below
