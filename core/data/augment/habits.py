"""How people write: bars through sevens, slashes through zeros, ones with a flag and a foot.

MNIST was written in the United States, where few do. So the strokes are drawn into its own
digits, where their ink says that the stem, the ring or the ends are; the label stays.
"""

from __future__ import annotations

import torch
from torch import Tensor

CHANCES = 12
"""Numbers of chance that a sample takes: which strokes it gets, then how each lies."""

_INK = 0.25
"""From here on a pixel counts as ink."""

_FLAGGED, _FOOTED = 0.75, 0.25
"""Of the ones that are changed: from below the first on they have a flag, from the second a foot;
in between both."""


def with_habits(
    pictures: Tensor, labels: Tensor, share: float, chance: Tensor
) -> tuple[Tensor, Tensor]:
    """Digits with strokes drawn into some of the noughts, ones and sevens.

    Args:
        pictures: ``(b, 1, height, width)`` float32, 0 for paper to 1 for ink.
        labels: ``(b,)`` int64.
        share: Of those three digits, from 0 to 1.
        chance: ``(b, CHANCES)``, from 0 to 1.

    Returns:
        The pictures, and ``(b, 2)`` pixels across and down by which a digit's centre of mass has
        moved, since MNIST's lie with it in the middle.
    """
    drift = torch.zeros(len(pictures), 2, device=pictures.device)
    written = (labels == 0) | (labels == 1) | (labels == 7)
    rows = torch.nonzero(written & (chance[:, 0] < share))[:, 0]
    if not len(rows):
        return pictures, drift
    before = pictures[rows, 0]
    strokes = _strokes(before, labels[rows], chance[rows, 1:])
    after = torch.maximum(before, _drawn(strokes, before, chance[rows, -1]))
    changed = pictures.clone()
    changed[rows, 0] = after
    drift[rows] = _centre(before) - _centre(after)
    return changed, drift


def _strokes(digits: Tensor, labels: Tensor, chance: Tensor) -> Tensor:
    """``(b, 2, 4)``: two strokes a digit, from x, y to x, y; the second may be the first again."""
    seven, ring = _bar(digits, chance), _slash(digits, chance)
    flag, foot = _flag(digits, chance), _foot(digits, chance)
    flagged, footed = chance[:, :1] < _FLAGGED, chance[:, :1] > _FOOTED
    first = torch.where(flagged, flag, foot)
    second = torch.where(footed, foot, first)
    is_seven, is_ring = (labels == 7)[:, None], (labels == 0)[:, None]
    first = torch.where(is_seven, seven, torch.where(is_ring, ring, first))
    second = torch.where(is_seven | is_ring, first, second)
    return torch.stack([first, second], 1)


def _bar(digits: Tensor, chance: Tensor) -> Tensor:
    """Across a seven's stem, a little below half of its height."""
    top, bottom, _, _ = _box(digits)
    y = top + (bottom - top) * (0.45 + 0.2 * chance[:, 1])
    x = _middle_at(digits, y)
    half, tilt = 2.5 + 3 * chance[:, 2], 3 * chance[:, 3] - 1.5
    x = x + 2 * chance[:, 4] - 1
    return torch.stack([x - half, y + tilt, x + half, y - tilt], 1)


def _slash(digits: Tensor, chance: Tensor) -> Tensor:
    """Through a nought, from below left to above right; one in five the other way."""
    top, bottom, left, right = _box(digits)
    width, height = right - left, bottom - top
    reach = 0.3 * chance[:, 1] - 0.15  # in or out of its ring
    over, steep = reach * width, (0.25 - 0.4 * chance[:, 2]) * height
    x0, x1 = left - over, right + over
    y0, y1 = bottom - steep.clamp(min=-2), top + steep.clamp(min=-2)
    other = chance[:, 3] < 0.2
    return torch.stack([x0, torch.where(other, y1, y0), x1, torch.where(other, y0, y1)], 1)


def _flag(digits: Tensor, chance: Tensor) -> Tensor:
    """From a one's top down to the left."""
    top, bottom, _, _ = _box(digits)
    height = bottom - top
    x = _middle_at(digits, top + 1)
    along, down = 0.15 + 0.3 * chance[:, 4], 0.1 + 0.3 * chance[:, 5]
    return torch.stack([x, top + 0.5, x - along * height, top + 0.5 + down * height], 1)


def _foot(digits: Tensor, chance: Tensor) -> Tensor:
    """A line beneath a one."""
    top, bottom, _, _ = _box(digits)
    height = bottom - top
    x = _middle_at(digits, bottom - 1) + 2 * chance[:, 6] - 1
    half, tilt = height * (0.12 + 0.2 * chance[:, 7]), 2 * chance[:, 8] - 1
    return torch.stack([x - half, bottom - 0.5 + tilt, x + half, bottom - 0.5 - tilt], 1)


def _box(digits: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """The first and last row and column with ink, each ``(b,)``; the middle where there is none."""
    inked = digits > _INK
    return (*_ends(inked.any(2)), *_ends(inked.any(1)))


def _ends(inked: Tensor) -> tuple[Tensor, Tensor]:
    length = inked.shape[1]
    index = torch.arange(length, device=inked.device)
    middle = torch.full_like(index[:1], length // 2)
    some = inked.any(1)
    first = torch.where(inked, index, length).amin(1)
    last = torch.where(inked, index, -1).amax(1)
    return torch.where(some, first, middle).float(), torch.where(some, last, middle).float()


def _middle_at(digits: Tensor, y: Tensor) -> Tensor:
    """``(b,)``: the middle of the ink about a row; of the picture where there is none."""
    rows = torch.arange(digits.shape[1], device=digits.device)
    near = (rows - y[:, None]).abs() <= 1.5
    profile = (digits * near[:, :, None]).sum(1)
    return _mean_place(profile)


def _mean_place(profile: Tensor) -> Tensor:
    """Where the middle of a row of ink is, in pixels; its own middle where there is no ink."""
    index = torch.arange(profile.shape[1], device=profile.device, dtype=torch.float32)
    total = profile.sum(1)
    middle = (profile * index).sum(1) / total.clamp(min=1e-6)
    return torch.where(total > 0, middle, (profile.shape[1] - 1) / 2)


def _centre(digits: Tensor) -> Tensor:
    """``(b, 2)``: the centre of mass, across and down."""
    return torch.stack([_mean_place(digits.sum(1)), _mean_place(digits.sum(2))], 1)


def _drawn(strokes: Tensor, like: Tensor, chance: Tensor) -> Tensor:
    """``(b, height, width)``: strokes of 1.8 to 2.8 pixels with soft edges."""
    height, width = like.shape[1:]
    x = torch.arange(width, device=like.device, dtype=torch.float32)
    y = torch.arange(height, device=like.device, dtype=torch.float32)[:, None]
    x0, y0, x1, y1 = (part[:, :, None, None] for part in strokes.unbind(2))
    across, down = x1 - x0, y1 - y0
    length = (across.square() + down.square()).clamp(min=1e-6)
    along = (((x - x0) * across + (y - y0) * down) / length).clamp(0, 1)
    away = ((x - x0 - along * across).square() + (y - y0 - along * down).square()).sqrt()
    reach = (0.9 + 0.5 * chance)[:, None, None, None] + 0.5
    return (reach - away).clamp(0, 1).amax(1)
