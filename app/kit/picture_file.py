"""A view's picture for elsewhere: on the clipboard, or as a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPixmap
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from app.kit import icons
from app.kit.layouts import named
from core.errors import UserError

_EDGE = 8

SCALE = 2
"""Pixels of the picture for each on the screen: a slide is larger than a dock."""


def picture_of(widget: QWidget, words: str = "") -> QPixmap:
    """What a widget shows, drawn anew at twice the size, with words beneath."""
    flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft)
    size, room = widget.size(), QRect(_EDGE, 0, widget.width() - 2 * _EDGE, 9999)
    below = widget.fontMetrics().boundingRect(room, flags, words).height() + _EDGE if words else 0
    picture = QPixmap(QSize(size.width(), size.height() + below) * SCALE)
    picture.setDevicePixelRatio(SCALE)
    picture.fill(widget.palette().color(widget.backgroundRole()))
    widget.render(picture, QPoint())
    if words:
        painter = QPainter(picture)
        painter.setFont(widget.font())
        painter.setPen(widget.palette().color(widget.foregroundRole()))
        painter.drawText(room.translated(0, size.height()), flags, words)
        painter.end()
    return picture


def copy_picture(widget: QWidget, words: str = "") -> None:
    """Puts a widget's picture on the clipboard, with words beneath."""
    QGuiApplication.clipboard().setPixmap(picture_of(widget, words))


def save_picture(widget: QWidget, words: str = "") -> None:
    """Asks for a file and writes a widget's picture into it; does nothing when nobody answers.

    Raises:
        UserError: The file could not be written.
    """
    translate = QCoreApplication.translate
    title, kinds = translate("surface", "Save picture"), translate("surface", "Pictures (*.png)")
    name, _ = QFileDialog.getSaveFileName(widget, title, "surface.png", kinds)
    if not name:
        return
    path = Path(name) if Path(name).suffix else Path(name).with_suffix(".png")
    if not picture_of(widget, words).save(str(path)):
        raise UserError(
            "The picture could not be written to {path}.", "Choose another place.", path=path
        )


class PictureButton(QToolButton):
    """Offers to copy a picture, or to save it.

    Args:
        view: The name of the view whose picture it is, with which its own name begins.
        parent: As usual.
    """

    def __init__(self, view: str, parent: QWidget) -> None:
        super().__init__(parent)
        tip = self.tr("Copy the picture to the clipboard, or save it")
        named(self, f"{view}.copy", self.tr("Copy the picture"), tip)
        icons.put(self, "image")
        menu = named(QMenu(self), f"{view}.copy-menu")
        self.copy_action = menu.addAction(self.tr("Copy picture"))
        self.save_action = menu.addAction(self.tr("Save picture…"))
        self.setMenu(menu)
        # A second, narrow button for the menu would only be a box at the edge.
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
