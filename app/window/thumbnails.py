"""The gallery's pictures: what each preset is about, painted in the theme's colours."""

from __future__ import annotations

import gzip
import math
from collections.abc import Callable
from functools import cache, partial
from itertools import chain, pairwise, product, starmap
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from app.kit.theme import Theme

IMAGES = Path(__file__).parents[2] / "resources" / "mnist" / "t10k-images-idx3-ubyte.gz"
SIDE = 28


def thumbnail(picture: str, theme: Theme, width: int, height: int, scale: float) -> QPixmap:
    """The picture of that key, ``width`` by ``height`` logical pixels; else a network."""
    result = QPixmap(round(width * scale), round(height * scale))
    result.setDevicePixelRatio(scale)
    result.fill(QColor(theme.sunken))
    painter = QPainter(result)
    painter.setRenderHints(
        QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
    )
    PICTURES.get(picture, _network)(painter, QRectF(0, 0, width, height), theme)
    painter.end()
    return result


@cache
def _digits() -> list[bytes]:
    """The first test images of MNIST; none where the file is missing."""
    try:
        with gzip.open(IMAGES) as file:
            file.seek(16)
            return [file.read(SIDE * SIDE) for _ in range(24)]
    except OSError:
        return []


def _digits_picture(painter: QPainter, area: QRectF, theme: Theme) -> None:
    columns, rows = 6, 3
    side = min(area.width() / columns, area.height() / rows)
    corner = area.center() - QPointF(columns, rows) * side / 2
    for index, pixels in enumerate(_digits()[: columns * rows]):
        row, column = divmod(index, columns)
        place = corner + QPointF(column, row) * side
        painter.drawImage(QRectF(place, QSizeF(side, side)), _digit(pixels, theme.text))


def _conv_picture(painter: QPainter, area: QRectF, theme: Theme) -> None:
    x = area.width() * 0.07
    for side, sheets in ((50.0, 1), (36.0, 3), (24.0, 4), (14.0, 5)):
        depth = (sheets - 1) * 4.0
        top = area.center().y() - (side + depth / 2) / 2 + depth / 2
        for sheet in reversed(range(sheets)):
            box = QRectF(x + sheet * 4, top - sheet * 2, side, side)
            painter.setPen(QPen(QColor(theme.text_dim), 1))
            painter.setBrush(QColor(theme.surface))
            painter.drawRect(box)
        if sheets == 1 and _digits():
            painter.drawImage(box, _digit(_digits()[0], theme.text))
        painter.setBrush(_soft(theme.accent, 70))
        painter.setPen(QPen(QColor(theme.accent), 1))
        painter.drawRect(QRectF(x + side * 0.5, top + side * 0.2, side / 4, side / 4))
        x += side + depth + area.width() * 0.045


def _residual(painter: QPainter, area: QRectF, theme: Theme) -> None:
    middle, step = area.center().y() + 12, area.width() / 6
    painter.setPen(QPen(QColor(theme.text_dim), 1.5))
    painter.drawLine(QPointF(step * 0.6, middle), QPointF(step * 5.4, middle))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.accent), 2))
    skip = QPainterPath(QPointF(step * 1.2, middle))
    skip.cubicTo(step * 1.4, middle - 72, step * 4.3, middle - 72, step * 4.5, middle - 9)
    painter.drawPath(skip)
    painter.setPen(QPen(QColor(theme.text), 1.5))
    painter.setBrush(QColor(theme.surface))
    for place in (2.2, 3.3):
        painter.drawRoundedRect(QRectF(step * place - 15, middle - 18, 30, 36), 3, 3)
    sum_at = QPointF(step * 4.5, middle)
    painter.drawEllipse(sum_at, 9, 9)
    painter.drawLine(sum_at - QPointF(4.5, 0), sum_at + QPointF(4.5, 0))
    painter.drawLine(sum_at - QPointF(0, 4.5), sum_at + QPointF(0, 4.5))


def _coarse_digit(painter: QPainter, area: QRectF, theme: Theme) -> None:
    """A digit averaged to 10 by 10, as the network sees it."""
    if not _digits():
        return
    smooth = Qt.TransformationMode.SmoothTransformation
    ink = _digit(_digits()[0], theme.text)
    coarse = ink.scaled(10, 10, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
    side = area.height() * 0.86 / 10
    corner = area.center() - QPointF(5 * side, 5 * side)
    for row, column in product(range(10), repeat=2):
        place = corner + QPointF(column * side, row * side)
        for colour in (QColor(theme.surface), coarse.pixelColor(column, row)):
            painter.fillRect(QRectF(place.x(), place.y(), side - 1, side - 1), colour)


def _digit(pixels: bytes, colour: str) -> QImage:
    ink = QImage(pixels, SIDE, SIDE, SIDE, QImage.Format.Format_Alpha8)
    result = QImage(ink.size(), QImage.Format.Format_ARGB32_Premultiplied)
    result.fill(QColor(colour))
    painter = QPainter(result)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
    painter.drawImage(0, 0, ink)
    painter.end()
    return result


def _xor(painter: QPainter, area: QRectF, theme: Theme) -> None:
    box = _square(area)
    half = box.width() / 2
    for row, column in product(range(2), repeat=2):
        cell = QRectF(box.left() + column * half, box.top() + row * half, half, half)
        colour = theme.positive if row == column else theme.negative
        painter.fillRect(cell, _soft(colour, 46))
        _dot(painter, cell.center(), colour, theme, 6)


def _circles(painter: QPainter, area: QRectF, theme: Theme) -> None:
    centre, unit = area.center(), area.height() * 0.38
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_soft(theme.positive, 40))
    painter.drawEllipse(centre, unit * 0.68, unit * 0.68)
    for index in range(44):
        inner = index % 2 == 0
        radius = unit * ((0.34 if inner else 1.0) + 0.13 * _noise(index))
        angle = index * 2.399
        point = centre + QPointF(radius * math.cos(angle), radius * math.sin(angle))
        _dot(painter, point, theme.positive if inner else theme.negative, theme, 3)


def _spiral(painter: QPainter, area: QRectF, theme: Theme) -> None:
    for index in range(60):
        arm, t = index % 2, (index // 2 + 1) / 30
        angle = 3.4 * math.pi * t * 0.55 + arm * math.pi + 0.08 * _noise(index)
        radius = area.height() * 0.43 * t
        point = area.center() + QPointF(radius * math.cos(angle), radius * math.sin(angle))
        _dot(painter, point, theme.positive if arm else theme.negative, theme, 3)


def _blobs(painter: QPainter, area: QRectF, theme: Theme) -> None:
    box = _square(area)
    painter.setPen(QPen(QColor(theme.text_dim), 1.5))
    painter.drawLine(box.bottomLeft() + QPointF(8, -4), box.topRight() + QPointF(-8, 4))
    for index in range(36):
        upper = index % 2 == 0
        place = QPointF(0.3, 0.3) if upper else QPointF(0.7, 0.7)
        spread = QPointF(0.17 * _noise(index), 0.17 * _noise(index + 50))
        point = box.topLeft() + (place + spread) * box.width()
        _dot(painter, point, theme.positive if upper else theme.negative, theme, 3)


def _regression(painter: QPainter, area: QRectF, theme: Theme) -> None:
    def at(x: float, noise: float = 0) -> QPointF:
        y = math.sin(x * 2 * math.pi * 1.2) * 0.6 + noise
        return QPointF(area.width() * (0.08 + 0.84 * x), area.center().y() - y * area.height() / 2)

    for index in range(34):
        _dot(painter, at(index / 33, 0.16 * _noise(index)), theme.text_dim, theme, 2.5)
    path = QPainterPath(at(0))
    for index in range(1, 81):
        path.lineTo(at(index / 80))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(theme.train), 2.5))
    painter.drawPath(path)


def _network(
    painter: QPainter, area: QRectF, theme: Theme, sizes: tuple[int, ...] = (2, 3, 2)
) -> None:
    def at(layer: int, unit: int) -> QPointF:
        x = area.width() * (0.2 + 0.6 * layer / (len(sizes) - 1))
        away = (unit - (sizes[layer] - 1) / 2) * area.height() * 0.27
        return QPointF(x, area.center().y() + away)

    nodes = [[at(layer, unit) for unit in range(size)] for layer, size in enumerate(sizes)]
    edges = chain.from_iterable(starmap(product, pairwise(nodes)))
    for number, ends in enumerate(edges):
        weight = _noise(number * 3 + 1)
        colour = QColor(theme.positive if weight > 0 else theme.negative)
        painter.setPen(QPen(colour, 0.8 + 2.4 * abs(weight)))
        painter.drawLine(*ends)
    painter.setPen(QPen(QColor(theme.text), 1.5))
    painter.setBrush(QColor(theme.surface))
    for node in chain.from_iterable(nodes):
        painter.drawEllipse(node, 8, 8)


def _blank(painter: QPainter, area: QRectF, theme: Theme) -> None:
    """Two inputs, two outputs, and room between them."""
    _network(painter, area, theme, (2, 2))
    box = QRectF(0, 0, 40, 64)
    box.moveCenter(area.center())
    painter.setPen(QPen(QColor(theme.accent), 1.5, Qt.PenStyle.DashLine))
    painter.setBrush(QColor(theme.sunken))
    painter.drawRoundedRect(box, 6, 6)
    painter.setPen(QPen(QColor(theme.accent), 2))
    for reach in (QPointF(8, 0), QPointF(0, 8)):
        painter.drawLine(box.center() - reach, box.center() + reach)


def _table(painter: QPainter, area: QRectF, theme: Theme) -> None:
    """A few lines of a table; its last column is what is predicted."""
    rows, columns = 5, 4
    cell = QSizeF(area.width() * 0.16, area.height() * 0.13)
    corner = area.center() - QPointF(columns * cell.width(), rows * cell.height()) / 2
    for row, column in product(range(rows), range(columns)):
        place = corner + QPointF(column * cell.width(), row * cell.height())
        box = QRectF(place, cell).adjusted(2, 2, -2, -2)
        colour = theme.accent if column == columns - 1 else theme.text_dim
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_soft(colour, 200 if row == 0 else 70))
        painter.drawRoundedRect(box, 2, 2)


def _line(painter: QPainter, area: QRectF, theme: Theme) -> None:
    """The four points of XOR with one straight line, which cannot part them."""
    _xor(painter, area, theme)
    box = _square(area)
    painter.setPen(QPen(QColor(theme.text), 2, Qt.PenStyle.DashLine))
    painter.drawLine(box.topLeft() + QPointF(-16, 30), box.bottomRight() + QPointF(16, -30))


def _three(painter: QPainter, area: QRectF, theme: Theme) -> None:
    colours = (theme.train, theme.test, theme.warning)
    for index in range(48):
        group = index % 3
        angle = -math.pi / 2 + group * 2 * math.pi / 3
        centre = area.center() + QPointF(math.cos(angle), math.sin(angle)) * area.height() * 0.25
        spread = QPointF(_noise(index), _noise(index + 50)) * area.height() * 0.16
        _dot(painter, centre + spread, colours[group], theme, 3)


def _dot(painter: QPainter, at: QPointF, colour: str, theme: Theme, radius: float) -> None:
    painter.setPen(QPen(QColor(theme.sunken), 1))
    painter.setBrush(QColor(colour))
    painter.drawEllipse(at, radius, radius)


def _soft(colour: str, alpha: int) -> QColor:
    result = QColor(colour)
    result.setAlpha(alpha)
    return result


def _square(area: QRectF) -> QRectF:
    side = area.height() * 0.8
    return QRectF(area.center().x() - side / 2, area.center().y() - side / 2, side, side)


def _noise(index: int) -> float:
    """Scattered over -1..1, the same each time."""
    return 2 * ((math.sin(index * 12.9898 + 4.1) * 43758.5453) % 1) - 1


PICTURES: dict[str, Callable[[QPainter, QRectF, Theme], None]] = {
    "digits": _digits_picture,
    "small_digits": _coarse_digit,
    "cnn": _conv_picture,
    "residual": _residual,
    "worked": _network,
    "mazur": partial(_network, sizes=(2, 2, 2)),
    "blank": _blank,
    "table": _table,
    "line": _blobs,
    "xor": _xor,
    "xor_line": _line,
    "circles": _circles,
    "spiral": _spiral,
    "three": _three,
    "sine": _regression,
}
