"""What speaks against an answer about a drawing: a reading that is unsure says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from core.data.augment.augmenter import Augmenter
from core.data.augment.settings import Augmentation
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

VARIED = Augmentation(
    on=True, shift=1.1, turn=9, scale=0.09, shear=11, thickness=0.45, elastic=0.9, habits=0
)
"""How far a picture is changed to see whether the answer holds: three quarters of what augmented
training does."""

VARIANTS = 32
SURE_VARIED = 0.7
"""Answers with less in the mean of a picture's variants are doubted."""

_MARKED = 0.3
_DIGITS = tuple("0123456789")

Read = Callable[[Floats], Floats]
"""``(n, height, width)`` inputs to ``(n, classes)`` probabilities."""


def doubts_of(
    seen: Floats, probabilities: Floats, names: tuple[str, ...], read: Read | None = None
) -> tuple[Sentence, ...]:
    """Why an answer may be wrong, what weighs most first; empty where nothing speaks against it.

    Args:
        seen: ``(height, width)`` from 0 to 1, what the network was given.
        probabilities: ``(classes,)``.
        names: One a class. What is known of digits is only said of digits.
        read: Reads variants too, where what was seen is a picture from elsewhere: they cost more
            than a pen can wait for. A network is often sure of one picture and not of the next,
            which hardly differs from it.
    """
    looks = tuple(_looks(seen)) if names == _DIGITS else ()
    close = tuple(_close(probabilities, names))
    if read is None or close:
        return (*looks, *close)
    return (*looks, *_wavering(read(variants_of(seen)).mean(0), int(probabilities.argmax()), names))


def variants_of(seen: Floats) -> Floats:
    """``(VARIANTS, height, width)``: a picture a little moved, turned and bent, always alike."""
    pictures = torch.from_numpy(seen)[None, None].repeat(VARIANTS, 1, 1, 1)
    labels = torch.zeros(VARIANTS, dtype=torch.int64)  # only a digit's own habits ask for them
    changed = Augmenter(VARIED, seed=0).changed(pictures, labels, 0, torch.arange(VARIANTS))
    return changed[:, 0].numpy()


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
    if np.isfinite(probabilities).all() and probabilities.max() < SURE:
        yield Sentence(
            "It may be {first} ({share:.0%}) or {second} ({other:.0%}).",
            **_two_likeliest(probabilities, names),
        )


def _wavering(mean: Floats, answer: int, names: tuple[str, ...]) -> Iterator[Sentence]:
    if np.isfinite(mean).all() and mean[answer] < SURE_VARIED:
        yield Sentence(
            "Moved, turned and bent a little, it may be {first} ({share:.0%}) or {second} "
            "({other:.0%}).",
            **_two_likeliest(mean, names),
        )


def _two_likeliest(probabilities: Floats, names: tuple[str, ...]) -> dict[str, Any]:
    second, first = (int(index) for index in np.argsort(probabilities, kind="stable")[-2:])
    return {
        "first": names[first] if first < len(names) else str(first),
        "share": float(probabilities[first]),
        "second": names[second] if second < len(names) else str(second),
        "other": float(probabilities[second]),
    }
