"""Ink is found on framed, shaded, lined and photographed paper as it is on clean paper."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.drawing import ink_of_picture, mnist_input
from core.data.mnist import Mnist
from core.data.picture.paper import darkening, mean_around
from core.data.picture.ruling import without_ruling
from core.data.picture.shapes import shapes_of
from core.data.picture.uneven import is_light_on_dark
from tests.pictures import KINDS, lines, picture_of

DIGITS = Mnist(samples=1, test_samples=24).load(3).test_inputs[:, 0].numpy()


def likeness(found, digit) -> float:
    """How alike two pictures are, from 0 to 1: the cosine between them."""
    if found is None:
        return 0.0
    one, other = found.ravel(), digit.ravel() / 255
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.mark.parametrize("kind", KINDS)
def test_a_digit_on_any_paper_is_found_as_it_was_written(kind):
    rng = np.random.default_rng(5)
    found = [
        likeness(mnist_input(ink_of_picture(picture_of(kind, digit, rng))), digit)
        for digit in DIGITS
    ]
    assert np.median(found) > 0.9
    assert np.mean(np.array(found) > 0.75) >= 0.95


def test_paper_is_followed_over_slopes_and_edges_and_strokes_are_not():
    light = np.linspace(0.9, 0.5, 120, dtype=np.float32)[None].repeat(120, 0)
    light[:, 70:] *= 0.6
    ink = np.ones_like(light)
    ink[30:90, 20:26] = ink[30:90, 95:101] = 0.4
    dark = darkening(light * ink)
    assert dark[60, [22, 97]] == pytest.approx(0.6, abs=0.05)
    away = np.ones_like(light, bool)
    away[28:92, 18:28] = away[28:92, 93:103] = away[:, 66:74] = False
    assert np.abs(dark[away]).max() < 0.06


def test_a_mean_is_that_of_the_square_about_a_pixel():
    grey = np.random.default_rng(0).random((9, 7)).astype(np.float32)
    wide = np.pad(grey, 2, mode="edge")
    assert mean_around(grey, 2)[4, 3] == pytest.approx(wide[4:9, 3:8].mean(), abs=1e-6)
    assert mean_around(grey, 2)[0, 6] == pytest.approx(wide[0:5, 6:11].mean(), abs=1e-6)


@pytest.mark.parametrize("squared", [False, True])
def test_lines_are_taken_out_and_a_stroke_across_them_stays(squared):
    for seed in range(8):
        printed = lines(np.random.default_rng(seed), squared=squared).astype(np.float32)
        ink = np.zeros_like(printed)
        ink[60:240, 130:150] = 0.8
        dark = 1 - (1 - printed) * (1 - ink)
        left = without_ruling(dark, 0.0)
        assert left[65:235, 132:148].min() > 0.5
        assert (left[ink == 0] > 0.16).mean() < 0.005


def test_a_digits_own_long_stroke_is_no_line():
    dark = np.zeros((300, 280), np.float32)
    dark[60:72, 50:240] = 0.8  # as wide as a seven's top may be
    assert np.array_equal(without_ruling(dark, 0.0), dark)


def test_shapes_touch_at_corners_and_are_counted():
    marked = np.zeros((8, 9), bool)
    marked[1, 1:4] = marked[2, 4] = marked[3, 1:4] = marked[4, 0] = True  # one, around a gap
    marked[6:8, 6:8] = True
    labels, sizes = shapes_of(marked)
    assert sorted(sizes[1:].tolist()) == [4, 8]
    assert sizes[0] == 72 - 12
    assert labels[1, 1] == labels[4, 0] != labels[7, 7]
    empty, none = shapes_of(np.zeros((3, 4), bool))
    assert not empty.any()
    assert none.tolist() == [12]


def test_light_ink_is_told_from_dark():
    for digit in DIGITS:
        large = np.kron(digit, np.ones((8, 8))).astype(np.float32) / 255
        assert is_light_on_dark(large)
        assert not is_light_on_dark(1 - large)
