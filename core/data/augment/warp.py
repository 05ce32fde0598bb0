"""Pictures shifted, turned, scaled, slanted and pulled about: one bilinear reading of each."""

from __future__ import annotations

from functools import lru_cache
from math import radians

import torch
from torch import Tensor
from torch.nn import functional

from core.data.augment.settings import DRAWN_ON, Augmentation

KNOTS = 6
"""Knots a side of the net that pulls a picture about: about one every five of 28 pixels."""

AFFINE = 6
"""Numbers of chance that a sample's affine map takes: turn, slant, two scales, two shifts."""

ELASTIC = 2 * KNOTS * KNOTS


def warped(pictures: Tensor, settings: Augmentation, chance: Tensor, drift: Tensor) -> Tensor:
    """Pictures as read at places that were moved, with paper beyond their border.

    Turn, slant, scale and shift are told as torchvision's ``RandomAffine`` has them, only that
    width and height are scaled apart; the pull is that of Simard, Steinkraus and Platt (2003),
    from a net of knots in the place of a blurred noise.

    Args:
        pictures: ``(b, channels, height, width)`` float32.
        settings: The most of each.
        chance: ``(b, AFFINE + ELASTIC)``, from 0 to 1.
        drift: ``(b, 2)`` pixels across and down to move each picture by beside that.
    """
    height, width = pictures.shape[2:]
    either_way = 2 * chance - 1
    places = _affine(pictures, settings, either_way[:, :AFFINE], drift)
    if settings.elastic:
        pull = either_way[:, AFFINE:].reshape(-1, KNOTS, 2, KNOTS)
        most = 2 * settings.elastic / DRAWN_ON
        net = torch.einsum("bkcl,wl->bwck", pull, most * _net(width, pictures.device))
        places += torch.einsum("bwck,hk->bhwc", net, _net(height, pictures.device))
    return functional.grid_sample(pictures, places, align_corners=False)


def _affine(pictures: Tensor, settings: Augmentation, drawn: Tensor, drift: Tensor) -> Tensor:
    """``(b, height, width, 2)``: where each pixel is read, −1 to 1 from border to border."""
    height, width = pictures.shape[2:]
    turn, slant = drawn[:, 0] * radians(settings.turn), drawn[:, 1] * radians(settings.shear)
    size = 1 + drawn[:, 2:4] * settings.scale
    sides = torch.tensor([width, height], device=pictures.device)
    shift = drawn[:, 4:6] * (2 * settings.shift / DRAWN_ON) + 2 * drift / sides
    cos, sin, lean = turn.cos(), turn.sin(), slant.tan()
    # Where a pixel comes from: the inverse of scale, then slant, then turn.
    across = torch.stack([cos - lean * sin, sin + lean * cos], 1) / size[:, :1]
    down = torch.stack([-sin, cos], 1) / size[:, 1:]
    inverse = torch.stack([across, down], 1)
    moved = -(inverse * shift[:, None]).sum(2)
    along = _centres(width, pictures.device)[:, None] * inverse[:, None, :, 0]
    below = _centres(height, pictures.device)[:, None] * inverse[:, None, :, 1]
    # torch's affine_grid multiplies matrices for this, and takes six times as long.
    return (along + moved[:, None])[:, None] + below[:, :, None]


def _centres(side: int, device: torch.device) -> Tensor:
    """``(side,)``: where the middle of each pixel lies, the borders being −1 and 1."""
    return (2 * torch.arange(side, device=device) + 1) / side - 1


@lru_cache(maxsize=16)
def _net(side: int, device: torch.device) -> Tensor:
    """``(side, KNOTS)``: how much each knot pulls at each pixel; a bell about the knot.

    The squares of a row's shares add up to 1, so that a pixel is pulled as far as a knot is.
    """
    apart = side / (KNOTS - 1)
    pixels = torch.arange(side, device=device) + 0.5
    knots = torch.arange(KNOTS, device=device) * apart
    bell = torch.exp(-(((pixels[:, None] - knots) / apart) ** 2))
    return bell / bell.square().sum(1, keepdim=True).sqrt()
