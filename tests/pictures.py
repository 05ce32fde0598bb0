"""Pictures of digits as people paste them: framed, in a shadow, on lined paper, photographed."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.float64]
Rng = np.random.Generator

HEIGHT, WIDTH = 300, 280


def pen(digit: NDArray[np.uint8], rng: Rng, height: int = HEIGHT, width: int = WIDTH) -> Grey:
    """How much ink lies at each pixel, 0 to 1: the digit at some size and place."""
    side = int(rng.uniform(0.55, 0.95) * min(height, width))
    large = Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)
    ink = np.zeros((height, width))
    top, left = (int(rng.integers(0, most - side + 1)) for most in (height, width))
    ink[top : top + side, left : left + side] = np.asarray(large) / 255
    return np.clip(1.6 * ink - 0.3, 0, 1)


def clean(digit: NDArray[np.uint8], rng: Rng) -> Grey:
    """Dark on white, or white on dark."""
    ink = pen(digit, rng)
    return ink if rng.random() < 0.3 else 1 - ink


def framed(digit: NDArray[np.uint8], rng: Rng) -> Grey:
    """With a line of some width and darkness around it."""
    picture = clean(digit, rng)
    paper = picture[0, 0]
    for pixel in range(int(rng.integers(1, 4))):
        rows, columns = slice(pixel, HEIGHT - pixel), slice(pixel, WIDTH - pixel)
        line = abs(paper - rng.uniform(0.5, 1))
        picture[rows, [pixel, -1 - pixel]] = picture[[pixel, -1 - pixel], columns] = line
    return picture


def light(rng: Rng, *, hard: bool) -> Grey:
    """How bright the paper is lit at each pixel: darker to one side; perhaps a shadow's edge."""
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    angle = rng.uniform(0, 2 * np.pi)
    across = x * np.cos(angle) + y * np.sin(angle)
    lit = 1 - rng.uniform(0.1, 0.25) * (across + 1)
    lit -= rng.uniform(0, 0.1) * (x**2 + y**2)
    if hard:
        angle = rng.uniform(0, 2 * np.pi)
        edge = x * np.cos(angle) + y * np.sin(angle) + rng.uniform(-0.6, 0.6)
        lit *= 1 - rng.uniform(0.2, 0.5) / (1 + np.exp(-edge / rng.uniform(0.02, 0.15)))
    return np.clip(lit, 0.1, 1)


def written(ink: Grey, rng: Rng, paper: Grey | float = 0.95) -> Grey:
    """Ink of some darkness on a paper."""
    return paper * (1 - rng.uniform(0.6, 0.9) * ink)


def gradient(digit: NDArray[np.uint8], rng: Rng) -> Grey:
    """Lit from one side."""
    return written(pen(digit, rng), rng) * light(rng, hard=False)


def shadow(digit: NDArray[np.uint8], rng: Rng) -> Grey:
    """With the shadow of a hand or a phone across it."""
    return written(pen(digit, rng), rng) * light(rng, hard=True)


def lines(rng: Rng, *, squared: bool) -> Grey:
    """How much of the printed lines' colour lies at each pixel, 0 to 1."""
    found = np.zeros((HEIGHT, WIDTH))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    tilt, apart = rng.uniform(-0.05, 0.05), rng.uniform(16, 30) if squared else rng.uniform(40, 90)
    half, start = rng.uniform(0.4, 1.2), rng.uniform(0, apart)
    places = [y + tilt * x, x - tilt * y] if squared else [y + tilt * x]
    for place in places:
        away = np.abs((place - start + apart / 2) % apart - apart / 2)
        found = np.maximum(found, np.clip(half + 0.5 - away, 0, 1))
    return found * rng.uniform(0.15, 0.45)


def ruled(digit: NDArray[np.uint8], rng: Rng) -> Grey:
    """On ruled paper."""
    return written(pen(digit, rng), rng, 0.95 * (1 - lines(rng, squared=False)))


def squared(digit: NDArray[np.uint8], rng: Rng) -> Grey:
    """On squared paper."""
    return written(pen(digit, rng), rng, 0.95 * (1 - lines(rng, squared=True)))


def board(digit: NDArray[np.uint8], rng: Rng) -> Grey:
    """Chalk on a board that is lit from one side and was wiped."""
    smear = _smooth(rng.normal(0, 1, (HEIGHT, WIDTH)), 12)
    dark = 0.25 * light(rng, hard=False) + 0.02 * smear / smear.std()
    chalk = pen(digit, rng) * rng.uniform(0.5, 0.75)
    grainy = chalk * np.clip(rng.normal(0.9, 0.12, chalk.shape), 0, 1.2)
    return np.clip(dark + grainy, 0, 1)


def photo(digit: NDArray[np.uint8], rng: Rng, paper: Grey | float = 0.95) -> Grey:
    """Photographed: coloured paper, uneven light, out of focus, grain and JPEG."""
    tone = 0.95 * np.array([1, rng.uniform(0.85, 1), rng.uniform(0.6, 1)])
    blue = np.array([rng.uniform(0.05, 0.3), rng.uniform(0.05, 0.3), rng.uniform(0.1, 0.55)])
    ink = pen(digit, rng)[..., None] * rng.uniform(0.8, 1)
    picture = np.multiply(paper, 1 / 0.95)[..., None] * tone * (1 - ink) + blue * ink
    picture *= light(rng, hard=bool(rng.random() < 0.5))[..., None]
    for channel in range(3):
        picture[..., channel] = _smooth(picture[..., channel], int(rng.integers(0, 3)))
    picture += rng.normal(0, rng.uniform(0.01, 0.04), picture.shape)
    return _jpeg(picture, int(rng.integers(25, 70)))


def ruled_photo(digit: NDArray[np.uint8], rng: Rng) -> Grey:
    """A photograph of ruled paper."""
    return photo(digit, rng, 0.95 * (1 - lines(rng, squared=False)))


def squared_photo(digit: NDArray[np.uint8], rng: Rng) -> Grey:
    """A photograph of squared paper."""
    return photo(digit, rng, 0.95 * (1 - lines(rng, squared=True)))


def _smooth(grey: Grey, radius: int) -> Grey:
    """The mean over a square, twice."""
    for _ in range(2 if radius else 0):
        wide = np.pad(grey, radius, mode="edge")
        span = 2 * radius + 1
        sums = np.cumsum(np.pad(wide, ((1, 0), (0, 0))), 0)
        wide = (sums[span:] - sums[:-span]) / span
        sums = np.cumsum(np.pad(wide, ((0, 0), (1, 0))), 1)
        grey = (sums[:, span:] - sums[:, :-span]) / span
    return grey


def _jpeg(picture: Grey, quality: int) -> Grey:
    """As a JPEG file gives it back."""
    file = BytesIO()
    pixels = (255 * np.clip(picture, 0, 1)).astype(np.uint8)
    Image.fromarray(pixels).save(file, "JPEG", quality=quality)
    return np.asarray(Image.open(file)) / 255


KINDS: dict[str, Callable[[NDArray[np.uint8], Rng], Grey]] = {
    "clean": clean,
    "framed": framed,
    "gradient": gradient,
    "shadow": shadow,
    "ruled": ruled,
    "squared": squared,
    "board": board,
    "photo": photo,
    "ruled photo": ruled_photo,
    "squared photo": squared_photo,
}
"""By name: one way to make a picture of a digit; ``(height, width)`` grey or with three colours."""


def picture_of(kind: str, digit: NDArray[np.uint8], rng: Rng) -> NDArray[np.uint8]:
    """A picture as bytes."""
    return (255 * np.clip(KINDS[kind](digit, rng), 0, 1)).astype(np.uint8)
