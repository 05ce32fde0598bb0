"""Gradient, momentum and step of two weights as arrows in their plane, tip to tail."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit import theme
from app.kit.numbers import four_digits, in_full, round_number
from core.expression.plain import plain
from core.expression.tree import Expr
from core.messages.record import Record

Vector = tuple[float, float]
_HEAD = 8.0
_LEGEND = 20


@dataclass(frozen=True)
class Arrow:
    """One arrow of the picture.

    Attributes:
        text: What the legend calls it.
        token: The theme's colour.
        start: In the units of the gradient.
        end: In the same.
        tip: All digits, for the hover.
        dashed: For a sum that the others make up.
    """

    text: str
    token: str
    start: Vector
    end: Vector
    tip: str = ""
    dashed: bool = False


class VectorPicture(QWidget):
    """Two axes, one a weight, with equal units; the arrows fill the room there is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("update.vectors")
        self.setAccessibleName(self.tr("Gradient, momentum and step of two weights"))
        self.arrows: tuple[Arrow, ...] = ()
        self.names: tuple[str, str] = ("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_arrows(self, arrows: tuple[Arrow, ...], names: tuple[Expr, Expr]) -> None:
        """Shows arrows in the plane of two weights, by their names."""
        self.arrows, self.names = arrows, (plain(names[0]), plain(names[1]))
        told = [f"{one.text}: {one.tip}" for one in arrows]
        self.setToolTip("\n".join(told))
        self.setAccessibleDescription("; ".join(told))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A picture with a line of legend for each arrow."""
        return QSize(theme.space(34), theme.space(24) + _LEGEND * len(self.arrows))

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Axes, arrows and legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot = QRectF(self.rect()).adjusted(8, 8, -8, -8 - _LEGEND * len(self.arrows))
        place = _Plane(plot, self.arrows)
        self._draw_axes(painter, plot, place)
        for arrow in self.arrows:
            _draw_arrow(painter, place.at(arrow.start), place.at(arrow.end), arrow)
        for row, arrow in enumerate(self.arrows):
            _draw_entry(painter, plot.bottom() + 8 + _LEGEND * (row + 0.5), arrow)
        painter.end()

    def _draw_axes(self, painter: QPainter, plot: QRectF, place: _Plane) -> None:
        tokens, zero = theme.current(), place.at((0.0, 0.0))
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.drawLine(QPointF(plot.left(), zero.y()), QPointF(plot.right(), zero.y()))
        painter.drawLine(QPointF(zero.x(), plot.top()), QPointF(zero.x(), plot.bottom()))
        painter.setPen(QColor(tokens.text_dim))
        flags = Qt.AlignmentFlag
        beside = QRectF(plot.right() - 90, zero.y() + 2, 90, 18)
        painter.drawText(beside, flags.AlignRight | flags.AlignTop, self.names[0])
        above = QRectF(zero.x() + 5, plot.top() - 2, 90, 18)
        painter.drawText(above, flags.AlignLeft | flags.AlignTop, self.names[1])


class _Plane:
    """Where the arrows' units lie in a rectangle: both axes alike, zero always in it."""

    def __init__(self, area: QRectF, arrows: tuple[Arrow, ...]) -> None:
        ends = [(0.0, 0.0), *(end for one in arrows for end in (one.start, one.end))]
        ends = [end for end in ends if all(map(math.isfinite, end))]
        xs, ys = [end[0] for end in ends], [end[1] for end in ends]
        self._middle = ((min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2)
        room = area.adjusted(28, 22, -28, -22)
        wide, high = max(xs) - min(xs), max(ys) - min(ys)
        scales = [room.width() / wide] if wide else []
        scales += [room.height() / high] if high else []
        self._scale = min(scales, default=1.0)
        self._centre = room.center()

    def at(self, end: Vector) -> QPointF:
        """A point of the plane in pixels."""
        if not all(map(math.isfinite, end)):
            end = (0.0, 0.0)
        x, y = (end[0] - self._middle[0]) * self._scale, (end[1] - self._middle[1]) * self._scale
        return QPointF(self._centre.x() + x, self._centre.y() - y)


def _draw_arrow(painter: QPainter, start: QPointF, end: QPointF, arrow: Arrow) -> None:
    colour = QColor(getattr(theme.current(), arrow.token))
    along = end - start
    length = math.hypot(along.x(), along.y())
    if length < 1:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(end, 3, 3)
        return
    unit = along / length
    head = min(_HEAD, length / 2)
    neck = end - unit * head
    side = QPointF(-unit.y(), unit.x()) * head * 0.45
    painter.setPen(_pen(colour, arrow))
    painter.drawLine(start, neck)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([end, neck + side, neck - side]))


def _draw_entry(painter: QPainter, middle: float, arrow: Arrow) -> None:
    """One line of the legend."""
    tokens = theme.current()
    colour = QColor(getattr(tokens, arrow.token))
    painter.setPen(_pen(colour, arrow))
    painter.drawLine(QPointF(10, middle), QPointF(34, middle))
    painter.setPen(QColor(tokens.text))
    text = QRectF(42, middle - _LEGEND / 2, painter.viewport().width(), _LEGEND)
    painter.drawText(text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, arrow.text)


def _pen(colour: QColor, arrow: Arrow) -> QPen:
    style = Qt.PenStyle.DashLine if arrow.dashed else Qt.PenStyle.SolidLine
    return QPen(colour, 2, style, Qt.PenCapStyle.FlatCap)


Weight = tuple[str, tuple[int, ...]]
"""A parameter's name, and an index into it."""

_SAME = 1e-5
"""Two vectors that differ by less are one: float32 has no more digits."""

MOMENTA = ("momentum_buffer", "exp_avg")
"""torch's names of what carries past gradients along."""


def _translate(text: str) -> str:
    return QCoreApplication.translate("vectors", text)


def momentum_of(record: Record, name: str) -> str | None:
    """The name of the momentum that a parameter's optimizer keeps; None if it keeps none."""
    return next((one for one in MOMENTA if f"s':{name}:{one}" in record.arrays), None)


def arrows_of(record: Record, one: Weight, other: Weight) -> tuple[Arrow, ...]:
    """Gradient, momentum and step of two weights.

    What momentum carries over and what the gradient adds to it lie tip to tail and make up the new
    momentum. The step goes the other way from where both begin, enlarged to be seen.
    """
    gradient = _pair(record, ("clipped:{name}", "d:p:{name}"), one, other)
    momentum = momentum_of(record, one[0])
    step = _pair(record, ("step:{name}",), one, other)
    if momentum is None or momentum_of(record, other[0]) != momentum:
        first = _arrow(_translate("Gradient"), "text", (0.0, 0.0), gradient)
        return first, _step(step, gradient)
    before = _pair(record, (f"s:{{name}}:{momentum}",), one, other)
    after = _pair(record, (f"s':{{name}}:{momentum}",), one, other)
    kept = _times(before, _share_kept(record))
    added = _minus(after, kept)
    differs = _length(_minus(added, gradient)) > _SAME * _length(gradient)
    return (
        *([_arrow(_translate("Gradient"), "text_dim", (0.0, 0.0), gradient)] if differs else []),
        _arrow(_translate("Momentum carried over"), "train", (0.0, 0.0), kept),
        _arrow(_translate("Added by the gradient"), "text", kept, added),
        _arrow(_translate("New momentum"), "train", (0.0, 0.0), after, dashed=True),
        _step(step, max((after, gradient), key=_length)),
    )


def _share_kept(record: Record) -> float:
    """How much of the momentum before is in the new one: the optimizer's own mu or beta."""
    optimizer = record.spec.optimizer
    return float(getattr(optimizer, "beta1", getattr(optimizer, "momentum", 0.0)))


def _pair(record: Record, keys: tuple[str, ...], one: Weight, other: Weight) -> Vector:
    """Two numbers of arrays of the record; 0 where the optimizer has nothing yet."""
    x, y = (_number(record, keys, weight) for weight in (one, other))
    return x, y


def _number(record: Record, keys: tuple[str, ...], weight: Weight) -> float:
    name, index = weight
    named = (key.format(name=name) for key in keys)
    found = next((key for key in named if key in record.arrays), None)
    return float(record.arrays[found][index]) if found is not None else 0.0


def _arrow(text: str, token: str, start: Vector, along: Vector, *, dashed: bool = False) -> Arrow:
    end = (start[0] + along[0], start[1] + along[1])
    return Arrow(text, token, start, end, _told(along), dashed)


def _step(step: Vector, beside: Vector) -> Arrow:
    """The step, three quarters as long as what it stands beside, with the scale in its name."""
    length, wanted = _length(step), 0.75 * _length(beside)
    scale = wanted / length if length and wanted and math.isfinite(wanted / length) else 1.0
    rounded = float(f"{scale:.1g}")
    text = _translate("Step, drawn {scale} times as long").format(scale=round_number(rounded, 6))
    return Arrow(text, "good", (0.0, 0.0), _times(step, rounded), _told(step))


def _told(vector: Vector) -> str:
    return f"({in_full(vector[0])}, {in_full(vector[1])}), {four_digits(_length(vector))}"


def _length(vector: Vector) -> float:
    return math.hypot(*vector)


def _times(vector: Vector, factor: float) -> Vector:
    return vector[0] * factor, vector[1] * factor


def _minus(one: Vector, other: Vector) -> Vector:
    return one[0] - other[0], one[1] - other[1]
