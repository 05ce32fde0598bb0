"""A frame around a picture is no paper and no ink."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.drawing import ink_of_picture, mnist_input
from core.data.mnist import Mnist
from core.data.picture.frames import inside_frame

ROOM = 4


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    return Mnist().load(0).test_inputs[:200, 0].numpy()


def picture(digit: np.ndarray, scale: int) -> np.ndarray:
    return 255 - np.kron(np.pad(digit, ROOM), np.ones((scale, scale), np.uint8))


@pytest.fixture(scope="module")
def unframed(digits: np.ndarray) -> dict[int, list[tuple[np.ndarray, np.ndarray]]]:
    """The pictures at each scale, each with what is read off it."""
    pictures = {scale: [picture(digit, scale) for digit in digits] for scale in (1, 4)}
    return {
        scale: [(plain, mnist_input(ink_of_picture(plain))) for plain in row]
        for scale, row in pictures.items()
    }


@pytest.mark.parametrize("level", [0, 90, 150])
@pytest.mark.parametrize(("width", "outside"), [(1, 0), (2, 0), (5, 0), (1, 6), (3, 6)])
@pytest.mark.parametrize("scale", [1, 4])
def test_a_framed_digit_reads_as_the_same_digit_without(
    unframed: dict[int, list], level: int, width: int, outside: int, scale: int
) -> None:
    outside = min(outside, 2) if scale == 1 else outside
    same = 0
    for plain, expected in unframed[scale]:
        framed = np.pad(plain, width, constant_values=level)
        framed = np.pad(framed, outside, constant_values=255)
        found = mnist_input(ink_of_picture(framed))
        same += found is not None and np.abs(found - expected).mean() < 0.01
    # Around one fat digit a frame of 5 pixels in 28 leaves less paper than ink and frame take.
    assert same >= len(unframed[scale]) - (scale == 1 and width == 5)


def test_no_digit_is_taken_for_a_frame(digits: np.ndarray) -> None:
    for digit in digits:
        rows, columns = np.nonzero(digit)
        tight = digit[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        grey = 1 - tight.astype(np.float32) / 255
        within = inside_frame(grey)
        assert grey[within].shape == grey.shape


def test_lines_on_two_sides_are_no_frame() -> None:
    grey = np.ones((40, 40), np.float32)
    grey[[0, -1]] = 0
    assert grey[inside_frame(grey)].shape == grey.shape
