"""How training pictures are changed, and twenty of them as the present epoch shows them."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit import theme
from app.kit.controls import dim_label, put_line
from app.kit.forms.make import PLAIN
from app.kit.forms.model_form import ModelForm
from app.kit.layouts import in_column, named
from core.data.augment.settings import Augmentation
from core.messages.snapshot import Snapshot

COLUMNS = 10
_SMALLEST = 20
"""Pixels of a picture's side below which nothing can be seen."""


class AugmentationForm(ModelForm):
    """The settings; what does not suit the data cannot be set, and says why.

    Attributes:
        examples: Stands beneath them.
    """

    def __init__(self) -> None:
        super().__init__(Augmentation, "training.augmentation", PLAIN)
        self.examples = ExamplePictures()
        self._follows: tuple[object, ...] = ()

    def follow(self, snapshot: Snapshot) -> None:
        """Follows data and pictures."""
        spec, data = snapshot.spec, snapshot.data
        self.examples.show_pictures(snapshot.examples, changed=spec.augmentation.on)
        follows = (data, spec.data)
        if follows == self._follows:
            return
        self._follows = follows
        pictures = _are_pictures(snapshot)
        self.enable("on", "" if pictures else self.tr("These data are no pictures."))
        digits = spec.data.holds_digits
        self.enable("habits", "" if digits else self.tr("These data are no digits."))

    @staticmethod
    def is_of_use(snapshot: Snapshot) -> bool:
        """Whether there is anything to set: pictures, or a switch that was left on."""
        return _are_pictures(snapshot) or snapshot.spec.augmentation.on


def _are_pictures(snapshot: Snapshot) -> bool:
    return snapshot.data is None or snapshot.data.shape.reads_images


class ExamplePictures(QWidget):
    """The pictures, and what they are; hidden where the data are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = PictureSheet(self)
        self.caption = dim_label("", parent=self)
        self.caption.setWordWrap(True)
        in_column(self.pictures, self.caption, into=self, around=(0, 1, 0, 0), apart=0.5)
        self.hide()

    def show_pictures(self, pictures: NDArray[Any] | None, *, changed: bool) -> None:
        """Shows ``(n, height, width)`` pixels, of bytes or from 0 to 1.

        Args:
            pictures: None hides all.
            changed: Whether they are shown changed.
        """
        self.setVisible(pictures is not None)
        if pictures is not None:
            self.pictures.show_pictures(pictures)
        text = self.tr(
            "Training pictures as this epoch shows them. The training curves are of these, the "
            "test curves of pictures as they are: so tests may go better."
        )
        put_line(self.caption, text if changed else self.tr("Training pictures as they are."))


class PictureSheet(QWidget):
    """Paints pictures in rows of ten, light on dark, as the network is given them."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: NDArray[Any] | None = None
        self._sheet = QImage()
        named(self, "training.examples", self.tr("Training pictures"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_pictures(self, pictures: NDArray[Any]) -> None:
        """Shows ``(n, height, width)`` pixels, of bytes or from 0 to 1."""
        if pictures is not self._pictures:
            self._pictures = pictures
            self._sheet = _sheet(pictures)
            self.updateGeometry()
            self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        rows = ceil(len(self._pictures) / COLUMNS) if self._pictures is not None else 0
        return rows * max(_SMALLEST, width // COLUMNS)

    def sizeHint(self) -> QSize:
        width = COLUMNS * theme.space(3.5)
        return QSize(width, self.heightForWidth(width))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self._sheet.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawImage(QRect(0, 0, size.width(), size.height()), self._sheet)


def _sheet(pictures: NDArray[Any]) -> QImage:
    """All pictures side by side in one, on the colour of the pad's paper."""
    count, height, width = pictures.shape
    rows = ceil(count / COLUMNS)
    filled = np.zeros((rows * COLUMNS, height, width), np.float32)
    scale = 1 if np.issubdtype(pictures.dtype, np.floating) else 255
    filled[:count] = pictures / np.float32(scale)
    grid = filled.reshape(rows, COLUMNS, height, width).transpose(0, 2, 1, 3)
    ink = grid.reshape(rows * height, COLUMNS * width, 1)
    tint = QColor(theme.DARK.sunken)
    paper = np.array([tint.red(), tint.green(), tint.blue()], np.float32)
    pixels = np.rint(paper + ink * (255 - paper)).astype(np.uint8)
    side = QSize(COLUMNS * width, rows * height)
    return QImage(
        pixels.tobytes(), side.width(), side.height(), 3 * side.width(), QImage.Format.Format_RGB888
    ).copy()
