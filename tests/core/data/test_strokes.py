"""A picture of nothing but dots is told from one with strokes, however it was taken."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from core.data.drawing import grey_of, ink_of_picture
from core.data.mnist import Mnist
from core.data.picture.strokes import lacks_strokes
from core.data.pictures import drawn_ink
from core.errors import UserError
from tests.pictures import KINDS, picture_of

DIGITS = Mnist(samples=1, test_samples=1000).load(3).test_inputs[:, 0].numpy()
SHAPE = (300, 280)


def as_bytes(grey):
    return (255 * np.clip(grey, 0, 1)).astype(np.uint8)


NOISE = {
    "even": lambda rng: as_bytes(rng.random(SHAPE)),
    "coloured": lambda rng: as_bytes(rng.random((*SHAPE, 3))),
    "bell": lambda rng: as_bytes(0.5 + 0.15 * rng.normal(size=SHAPE)),
    "black and white": lambda rng: as_bytes(rng.random(SHAPE) < 0.5),
    "specks on paper": lambda rng: as_bytes(rng.random(SHAPE) > 0.01),
    "enlarged": lambda rng: as_bytes(np.kron(rng.random((100, 93)), np.ones((3, 3)))),
    "as small as a digit": lambda rng: as_bytes(rng.random((28, 28))),
    "small, black and white": lambda rng: as_bytes(rng.random((28, 28)) < 0.5),
    "large": lambda rng: as_bytes(rng.random((900, 1000))),
}


@pytest.mark.parametrize("kind", NOISE)
def test_noise_is_refused_as_dots(kind):
    rng = np.random.default_rng(2)
    for _ in range(5):
        with pytest.raises(UserError, match=r"noise\.png shows dots all over, and no stroke"):
            drawn_ink(NOISE[kind](rng), "noise.png")


@pytest.mark.parametrize("kind", KINDS)
def test_a_digit_on_any_paper_is_not(kind):
    rng = np.random.default_rng(6)
    for digit in DIGITS[:20]:
        assert drawn_ink(picture_of(kind, digit, rng), "digit.png").any()


def test_a_digit_cut_out_is_not():
    for digit in DIGITS:
        assert drawn_ink(digit, "digit.png").any()


@pytest.mark.parametrize("side", [8, 10, 16])
def test_a_line_one_pixel_wide_is_a_stroke_in_any_direction(side):
    upright = np.zeros((side, side), np.uint8)
    upright[1:-1, side // 2] = 255
    for line in (upright, upright.T, 255 * np.eye(side, dtype=np.uint8)):
        assert drawn_ink(line, "line.png").any()


@pytest.mark.parametrize("kind", ["gradient", "shadow", "photo"])
def test_paper_printed_in_dots_is_no_noise(kind):
    rng = np.random.default_rng(0)
    for digit in DIGITS[:8]:
        picture = picture_of(kind, digit, rng)
        printed = np.asarray(Image.fromarray(picture).convert("1"))  # Floyd and Steinberg's dots
        assert not lacks_strokes(grey_of(printed), ink_of_picture(picture))


def test_digits_in_a_row_are_no_dots():
    row = 255 - np.concatenate(list(DIGITS[:8]), axis=1)
    assert drawn_ink(np.kron(row, np.ones((4, 4), np.uint8)), "row.png").any()


@pytest.mark.parametrize("grain", [0.0, 0.01])
def test_empty_paper_shows_nothing_whether_it_is_grainy_or_not(grain):
    paper = as_bytes(0.9 + grain * np.random.default_rng(0).normal(size=SHAPE))
    with pytest.raises(UserError, match="nothing that stands out"):
        drawn_ink(paper, "paper.png")
