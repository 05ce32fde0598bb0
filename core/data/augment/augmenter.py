"""Changes training pictures: any sample of any epoch, alone or among others, to the same pixels."""

from __future__ import annotations

import torch
from torch import Tensor

from core.data.augment.chance import chances
from core.data.augment.habits import CHANCES, with_habits
from core.data.augment.settings import DRAWN_ON, Augmentation
from core.data.augment.warp import AFFINE, ELASTIC, warped
from core.data.base import DataShape, DataSource, as_float

_WARP = AFFINE + ELASTIC
_STEEPER = 1.4


class Augmenter:
    """Changes an experiment's training pictures.

    Args:
        settings: How far.
        seed: With epoch and sample it decides what becomes of a picture, and nothing else does.
    """

    def __init__(self, settings: Augmentation, seed: int) -> None:
        self._settings = settings
        self._seed = seed

    @classmethod
    def of(
        cls, settings: Augmentation, source: DataSource, shape: DataShape, seed: int
    ) -> Augmenter | None:
        """What changes the pictures of a source; None where that is off, or it has none."""
        if not settings.on or not shape.reads_images:
            return None
        if not source.holds_digits:
            settings = settings.model_copy(update={"habits": 0.0})
        return cls(settings, seed)

    def changed(self, pictures: Tensor, labels: Tensor, epoch: int, rows: Tensor) -> Tensor:
        """Pictures as an epoch shows them.

        Args:
            pictures: ``(b, 1, height, width)``, uint8 or float32 from 0 to 1, 0 being paper.
            labels: ``(b,)`` int64; only strokes that suit a digit are drawn into it.
            epoch: Counted from 0.
            rows: ``(b,)`` int64, which samples of the data they are.

        Returns:
            The same shape and dtype: pixels of bytes are bytes again, as MNIST's own are.
        """
        settings = self._settings
        chance = chances(self._seed, epoch, rows, _WARP + CHANCES + 1)
        found = as_float(pictures)
        found, drift = with_habits(found, labels, settings.habits, chance[:, _WARP:-1])
        if settings.thickness:
            found = _thickened(found, settings.thickness, chance[:, -1])
        found = _sharp(warped(found, settings, chance[:, :_WARP], drift))
        if pictures.is_floating_point():
            return found
        return (found * 255).round_().to(torch.uint8)


def _sharp(pictures: Tensor) -> Tensor:
    """Edges as steep as they were: what is read between pixels comes out soft."""
    return pictures.mul_(_STEEPER).sub_((_STEEPER - 1) / 2).clamp_(0, 1)


def _thickened(pictures: Tensor, most: float, chance: Tensor) -> Tensor:
    """Strokes thicker, or thinner by half as much, on each side: thin ones would break."""
    amount = (chance * 1.5 - 0.5)[:, None, None, None] * (most * pictures.shape[-1] / DRAWN_ON)
    # The least of a neighbourhood is the most of the negative: one pass for both.
    sign = torch.where(amount < 0, -1.0, 1.0)
    toward = sign * _most_around(sign * pictures)
    return torch.lerp(pictures, toward, amount.abs())


def _most_around(pictures: Tensor) -> Tensor:
    """The largest of each pixel and its eight neighbours; torch's max pooling takes ten times
    as long, since it also keeps where."""
    for axis in (2, 3):
        first, last = pictures.narrow(axis, 0, 1), pictures.narrow(axis, -1, 1)
        padded = torch.cat([first, pictures, last], axis)
        length = pictures.shape[axis]
        sides = padded.narrow(axis, 0, length).maximum(padded.narrow(axis, 2, length))
        pictures = pictures.maximum(sides)
    return pictures
