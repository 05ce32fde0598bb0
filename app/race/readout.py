"""All losses at one step, in a box over the curves."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.numbers import four_digits, whole
from app.kit.plots.style import colour_of, faint

_LINE = 2.0
_SWATCH = 1.75
_MOST = 22.0
"""Letters of a name, in units of the grid: longer ones are cut."""


@dataclass(frozen=True)
class LossAt:
    """A runner's loss at a step."""

    id: int
    name: str
    step: int
    loss: float


class RaceReadout(QWidget):
    """Painted over the plot, and transparent to the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("race.readout")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.step = 0
        self.entries: tuple[LossAt, ...] = ()
        self.hide()

    def text(self) -> str:
        """The same in words."""
        line = self.tr("{name}: {loss}")
        losses = [line.format(name=one.name, loss=four_digits(one.loss)) for one in self.entries]
        return "\n".join([self._title(), *losses])

    def show_entries(self, step: int, entries: tuple[LossAt, ...]) -> None:
        """Shows the losses at a step, in the order given."""
        if (step, entries) != (self.step, self.entries):
            self.step, self.entries = step, entries
            self.setAccessibleName(self.text())
            self._fit()
            self.update()

    def place(self, x: float, area: QRect) -> None:
        """Stands beside an upright line at ``x``, inside of an area of the parent."""
        gap = theme.space(1)
        right = round(x) + gap
        fits = right + self.width() <= area.right()
        left = right if fits else round(x) - gap - self.width()
        self.move(max(area.left(), left), area.top() + 2)
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.setBrush(faint(tokens.surface, 235))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)
        line, margin = theme.space(_LINE), theme.space(1)
        room = QRect(margin, margin // 2, self.width() - 2 * margin, line)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QColor(tokens.text_dim))
        painter.drawText(room, middle, self._title())
        for entry in self.entries:
            room.translate(0, line)
            self._paint_entry(painter, room, entry)
        painter.end()

    def _paint_entry(self, painter: QPainter, room: QRect, entry: LossAt) -> None:
        tokens, middle = theme.current(), Qt.AlignmentFlag.AlignVCenter
        painter.setPen(QPen(colour_of(entry.id), 3))
        y = room.center().y() + 0.5
        painter.drawLine(QPointF(room.left(), y), QPointF(room.left() + theme.space(1.25), y))
        number = four_digits(entry.loss)
        painter.setFont(theme.number_font())
        painter.setPen(QColor(tokens.text))
        painter.drawText(room, int(middle | Qt.AlignmentFlag.AlignRight), number)
        taken = painter.fontMetrics().horizontalAdvance(number) + theme.space(1)
        painter.setFont(self.font())
        painter.setPen(QColor(tokens.text_dim))
        names = room.adjusted(theme.space(_SWATCH), 0, -taken, 0)
        elided = painter.fontMetrics().elidedText(
            entry.name, Qt.TextElideMode.ElideRight, names.width()
        )
        painter.drawText(names, int(middle), elided)

    def _title(self) -> str:
        return self.tr("Step {step}").format(step=whole(self.step))

    def _fit(self) -> None:
        names, numbers = QFontMetrics(self.font()), QFontMetrics(theme.number_font())
        widest = max((names.horizontalAdvance(one.name) for one in self.entries), default=0)
        losses = (four_digits(one.loss) for one in self.entries)
        loss = max(map(numbers.horizontalAdvance, losses), default=0)
        width = min(widest + 2, theme.space(_MOST)) + loss + theme.space(_SWATCH + 1 + 2)
        self.resize(width, theme.space(_LINE) * (len(self.entries) + 1) + theme.space(1))
