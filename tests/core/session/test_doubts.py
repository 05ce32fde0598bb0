"""A reading that is unsure says so; one that is sure says nothing."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.base import as_float
from core.data.mnist import Mnist
from core.session.doubts import VARIANTS, doubts_of, variants_of

NAMES = tuple("0123456789")
SURELY = np.eye(10, dtype=np.float32)[3]
DIGITS = as_float(Mnist(samples=1000, test_samples=1).load(0).train_inputs)[:, 0].numpy()


def said(seen, probabilities=SURELY, names=NAMES, read=None):
    return [str(doubt) for doubt in doubts_of(seen, probabilities, names, read)]


def reading(**shares):
    """A reader to whom so many of a picture's variants are surely this or that digit."""
    digits = [int(name[1:]) for name, times in shares.items() for _ in range(times)]
    rows = [np.eye(10, dtype=np.float32)[digit] for digit in digits]
    assert len(rows) == VARIANTS
    return lambda variants: np.stack(rows)


def test_of_a_digit_that_is_read_surely_nothing_is_said():
    doubted = [bool(said(digit)) for digit in DIGITS]
    assert np.mean(doubted) < 0.01


def test_a_close_second_is_told_with_both_shares():
    close = np.full(10, 0.0, np.float32)
    close[[4, 9]] = 0.55, 0.45
    assert said(DIGITS[0], close) == ["It may be 4 (55%) or 9 (45%)."]
    two = np.array([0.4, 0.6], np.float32)
    assert said(DIGITS[0], two, ("cat", "dog")) == ["It may be dog (60%) or cat (40%)."]


def test_two_digits_side_by_side_are_more_than_one_shape():
    pair = np.zeros((28, 28), np.float32)
    pair[8:20, 4:6] = pair[8:20, 16:18] = 1
    assert "more than one shape" in said(pair)[0]


@pytest.mark.parametrize(
    ("rows", "word"), [(slice(13, 15), "less ink"), (slice(4, 24), "more ink")]
)
def test_a_trace_and_a_blob_are_no_digits(rows, word):
    seen = np.zeros((28, 28), np.float32)
    seen[rows, 4 : 24 if word == "more ink" else 12] = 1
    assert word in said(seen)[0]


def test_of_other_classes_than_digits_only_closeness_is_told():
    blob = np.ones((28, 28), np.float32)
    assert said(blob, SURELY, tuple("abcdefghij")) == []


def test_what_is_sure_of_one_picture_and_not_of_those_like_it_is_doubted():
    assert said(DIGITS[0], read=reading(d3=16, d5=12, d8=4)) == [
        "Moved, turned and bent a little, it may be 3 (50%) or 5 (38%)."
    ]
    assert said(DIGITS[0], read=reading(d9=24, d3=8)) == [
        "Moved, turned and bent a little, it may be 9 (75%) or 3 (25%)."
    ]
    assert said(DIGITS[0], read=reading(d3=24, d5=8)) == []


def test_what_is_close_at_once_is_not_looked_at_again():
    close = np.full(10, 0.05, np.float32)
    close[4] = 0.55

    def never(variants):
        raise AssertionError(variants)

    assert len(said(DIGITS[0], close, read=never)) == 1


@pytest.mark.parametrize("shape", [(28, 28), (10, 10), (14, 7)])
def test_variants_are_the_same_each_time_differ_and_stay_like_the_picture(shape):
    seen = np.zeros(shape, np.float32)
    seen[2:-2, shape[1] // 2 - 1 : shape[1] // 2 + 1] = 1
    variants = variants_of(seen)
    assert variants.shape == (VARIANTS, *shape)
    assert np.array_equal(variants, variants_of(seen))
    assert len({variant.tobytes() for variant in variants}) == VARIANTS
    assert variants.min() >= 0
    assert variants.max() <= 1
    like = [float((variant * seen).sum() / (seen**2).sum()) for variant in variants]
    assert np.mean(like) > 0.5
