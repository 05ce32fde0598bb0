"""Line icons from resources/icons, in the colours of the theme in use."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton

from app.kit import theme

FOLDER = Path(__file__).parents[2] / "resources" / "icons"
SIZE = 20
SMALL = 16
"""Pixels of a button's icon, as the style has it, in text of its own size."""
_NAME = "chainruleIcon"
_COLOUR = "chainruleIconColour"


def icon(name: str, colour: str = "text") -> QIcon:
    """The icon of that name.

    Args:
        name: A file of resources/icons, without ``.svg``.
        colour: The theme token it is drawn in; disabled it is always dim.
    """
    tokens = theme.current()
    result = QIcon()
    # Qt makes a picture smaller, never larger.
    for size in sorted({SIZE, round(SIZE * theme.scale())}):
        for scale in (1, 2):
            drawn = pixmap(name, getattr(tokens, colour), size, scale)
            result.addPixmap(drawn, QIcon.Mode.Normal)
            result.addPixmap(drawn, QIcon.Mode.Active)
            result.addPixmap(pixmap(name, tokens.disabled, size, scale), QIcon.Mode.Disabled)
    return result


def put(target: QAction | QAbstractButton, name: str, colour: str = "text") -> None:
    """Gives an action or a button an icon that ``redress`` draws anew when theme or size change."""
    target.setProperty(_NAME, name)
    target.setProperty(_COLOUR, colour)
    target.setIcon(icon(name, colour))
    if isinstance(target, QAbstractButton) and target.iconSize().width() == SMALL:
        target.setIconSize(QSize(SMALL, SMALL) * theme.scale())


def redress(root: QObject) -> None:
    """Draws every icon below the root anew, in the colours and the size now in use."""
    targets: list[QAction | QAbstractButton] = [*root.findChildren(QAction)]
    for target in [*targets, *root.findChildren(QAbstractButton)]:
        name = target.property(_NAME)
        if name:
            target.setIcon(icon(name, target.property(_COLOUR)))


@cache
def pixmap(name: str, colour: str, size: int, scale: float = 1) -> QPixmap:
    """The icon in one colour, ``size`` logical pixels wide."""
    content = (FOLDER / f"{name}.svg").read_text("utf-8").replace("currentColor", colour)
    result = QPixmap(round(size * scale), round(size * scale))
    result.fill(Qt.GlobalColor.transparent)
    painter = QPainter(result)
    renderer = QSvgRenderer(QByteArray(content.encode()))
    renderer.render(painter, QRectF(result.rect()))
    painter.end()
    result.setDevicePixelRatio(scale)
    return result
