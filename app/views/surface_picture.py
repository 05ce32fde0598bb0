"""A view's picture for elsewhere: on the clipboard, or as a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtGui import QGuiApplication, QPixmap
from PySide6.QtWidgets import QFileDialog, QWidget

from core.errors import UserError

SCALE = 2
"""Pixels of the picture for each on the screen: a slide is larger than a dock."""


def picture_of(widget: QWidget) -> QPixmap:
    """What a widget shows, drawn anew at twice the size."""
    picture = QPixmap(widget.size() * SCALE)
    picture.setDevicePixelRatio(SCALE)
    picture.fill(widget.palette().color(widget.backgroundRole()))
    widget.render(picture, QPoint())
    return picture


def copy_picture(widget: QWidget) -> None:
    """Puts a widget's picture on the clipboard."""
    QGuiApplication.clipboard().setPixmap(picture_of(widget))


def save_picture(widget: QWidget) -> None:
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
    if not picture_of(widget).save(str(path)):
        raise UserError(
            "The picture could not be written to {path}.", "Choose another place.", path=path
        )
