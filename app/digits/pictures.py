"""Pictures from the clipboard, from a drop or from a file, as ink."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QMimeData, QSize, Qt
from PySide6.QtGui import QImage

from app.digits.raster import as_bytes
from core.errors import UserError
from core.sentence import Sentence

Ink = NDArray[np.uint8]

_LONGEST_SIDE = 1024


def holds_picture(data: QMimeData) -> bool:
    """Whether there may be a picture in what is dragged or was copied."""
    return data.hasImage() or _file_in(data) is not None


def ink_in(data: QMimeData) -> Ink:
    """The ink of a dropped or pasted picture, (height, width).

    Raises:
        UserError: There is no picture, it cannot be read, or it shows nothing.
    """
    path = _file_in(data)
    if path is not None:
        return _ink_of_file(path)
    image = QImage(data.imageData()) if data.hasImage() else QImage()
    if image.isNull():
        raise UserError("There is no picture to paste.", "Copy a picture of a digit first.")
    return _ink_of_pixels(pixels_of(image))


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """A picture as (height, width, 4) RGBA bytes, reduced where it is very large."""
    if max(image.width(), image.height()) > _LONGEST_SIDE:
        image = image.scaled(
            QSize(_LONGEST_SIDE, _LONGEST_SIDE),
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    flat = np.frombuffer(image.constBits(), np.uint8)
    rows = flat.reshape(image.height(), image.bytesPerLine())
    return rows[:, : 4 * image.width()].reshape(image.height(), image.width(), 4).copy()


def _file_in(data: QMimeData) -> Path | None:
    local = [url.toLocalFile() for url in data.urls() if url.isLocalFile()]
    return Path(local[0]) if local else None


def _ink_of_file(path: Path) -> Ink:
    from core.data.pictures import read_picture

    return as_bytes(read_picture(path))


def _ink_of_pixels(pixels: NDArray[Any]) -> Ink:
    from core.data.pictures import drawn_ink

    return as_bytes(drawn_ink(pixels, Sentence("The picture")))
