"""A reading that is unsure says so; one that is sure says nothing."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.base import as_float
from core.data.mnist import Mnist
from core.session.doubts import doubts_of

NAMES = tuple("0123456789")
SURELY = np.eye(10, dtype=np.float32)[3]
DIGITS = as_float(Mnist(samples=1000, test_samples=1).load(0).train_inputs)[:, 0].numpy()


def said(seen, probabilities=SURELY, names=NAMES):
    return [str(doubt) for doubt in doubts_of(seen, probabilities, names)]


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
