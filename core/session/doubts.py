"""What speaks against an answer about a drawing: a reading that is unsure says so."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.data.picture.shapes import shapes_of
from core.messages.surface_views import Floats
from core.sentence import Sentence

SURE = 0.8
"""Answers with less are doubted. Measured on MNIST's test digits and on strokes: below it lie two
to three in four of a network's mistakes, and 1 to 4 of 100 that it reads rightly."""

LEAST_INK, MOST_INK = 0.034, 0.305
"""Parts of the input's area that ink takes: 1 of 2,000 of MNIST's digits has less, 1 has more."""

SECOND_SHAPE = 0.35
"""The second largest shape over the largest: 1 of 300 of MNIST's digits has more, being broken."""

_MARKED = 0.3
_DIGITS = tuple("0123456789")


def doubts_of(seen: Floats, probabilities: Floats, names: tuple[str, ...]) -> tuple[Sentence, ...]:
    """Why an answer may be wrong, what weighs most first; empty where nothing speaks against it.

    Args:
        seen: ``(height, width)`` from 0 to 1, what the network was given.
        probabilities: ``(classes,)``.
        names: One a class. What is known of digits is only said of digits.
    """
    looks = _looks(seen) if names == _DIGITS else ()
    return (*looks, *_close(probabilities, names))


def _looks(seen: Floats) -> Iterator[Sentence]:
    _, sizes = shapes_of(seen > _MARKED)
    sizes = np.sort(sizes[1:])[::-1]
    if len(sizes) > 1 and sizes[1] > SECOND_SHAPE * sizes[0]:
        yield Sentence("There is more than one shape: the network reads one digit at a time.")
    ink = float(seen.mean())
    if ink < LEAST_INK:
        yield Sentence("There is less ink than in any digit that the network learned from.")
    elif ink > MOST_INK:
        yield Sentence("There is more ink than in any digit that the network learned from.")


def _close(probabilities: Floats, names: tuple[str, ...]) -> Iterator[Sentence]:
    second, first = (int(index) for index in np.argsort(probabilities, kind="stable")[-2:])
    if np.isfinite(probabilities).all() and probabilities[first] < SURE:
        yield Sentence(
            "It may be {first} ({share:.0%}) or {second} ({other:.0%}).",
            first=names[first] if first < len(names) else str(first),
            share=float(probabilities[first]),
            second=names[second] if second < len(names) else str(second),
            other=float(probabilities[second]),
        )
