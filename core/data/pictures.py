"""Pictures as people have them, in files or copied, as ink; what shows none is refused."""

from __future__ import annotations

import struct
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.data.drawing import grey_of, ink_of_picture
from core.data.picture.strokes import lacks_strokes
from core.errors import UserError
from core.sentence import Sentence

if TYPE_CHECKING:
    from PIL.Image import Image

Ink = NDArray[np.float32]

_MOST_PIXELS = 60_000_000
_LONGEST_SIDE = 1024

_HINT = "Choose a picture of one dark digit on light paper, or the other way round."


def drawn_ink(pixels: NDArray[Any], name: str | Sentence) -> Ink:
    """The ink in a picture, as :func:`core.data.drawing.ink_of_picture` finds it.

    Args:
        pixels: As there.
        name: What a refusal calls the picture.

    Raises:
        UserError: Nothing stands out from its paper, or what does are no strokes of a pen.
    """
    ink = ink_of_picture(pixels)
    if lacks_strokes(grey_of(pixels), ink):
        raise UserError(
            "{picture} shows dots all over, and no stroke of a pen.", _HINT, picture=name
        )
    if not ink.any():
        raise UserError(
            "{picture} shows nothing that stands out from its paper.", _HINT, picture=name
        )
    return ink


def read_picture(path: Path) -> Ink:
    """The ink in a picture file, reduced where it has more than 1024 pixels a side.

    Returns:
        ``(height, width)``, 0 for paper, 1 for full ink.

    Raises:
        UserError: The file is missing, no picture, damaged or huge; or as :func:`drawn_ink`.
    """
    from PIL.Image import DecompressionBombError

    try:
        pixels = _decoded(path)
    except DecompressionBombError as error:
        raise UserError(
            "{file} has too many pixels.",
            "Pictures of up to {most} million pixels can be read.",
            file=path.name,
            most=_MOST_PIXELS // 1_000_000,
        ) from error
    except (OSError, ValueError, SyntaxError, EOFError, struct.error) as error:
        raise UserError(
            "{file} cannot be read as a picture.",
            "Choose a PNG or JPEG file.",
            file=path.name,
        ) from error
    return drawn_ink(pixels, path.name)


def _decoded(path: Path) -> NDArray[Any]:
    """The pixels of a picture file, whose size is looked at before anything is unpacked."""
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        picture = Image.open(path)
    with picture:
        if picture.width * picture.height > _MOST_PIXELS:
            raise Image.DecompressionBombError
        return _reduced(picture)


def _reduced(picture: Image) -> NDArray[Any]:
    """A picture the right way up, as grey, RGB or RGBA pixels, not larger than need be."""
    from PIL import Image, ImageOps

    if picture.mode == "F" or picture.mode.startswith("I"):
        wide = np.asarray(picture, dtype=np.float32)
        scaled: Ink = wide / max(float(wide.max()), 1.0)
        return scaled
    picture.draft("RGB", (_LONGEST_SIDE, _LONGEST_SIDE))
    upright = ImageOps.exif_transpose(picture)
    upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE), Image.Resampling.BOX)
    return np.asarray(upright)
