"""What the losses over a rising learning rate tell: where they fall, and where they turn."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.messages.surface_views import Doubles
from core.sentence import Sentence

LEAST_FALL = 0.01
"""Of the first loss: less is no fall. Sigmoids on XOR fall by so little before they rise; what is
suggested is tried out, so a small fall promises nothing."""

DEVIATIONS = 6.0
"""How far a fall must stand out from the noise of the mean losses: the least of 200 of these lies
some two deviations low by chance alone."""

BEGUN = 0.1
"""The share of the whole fall that shows that it has begun."""

RISEN = 0.1
"""The share of the fall so far that is lost again where the loss has turned."""

MARGIN = 10.0
"""By how much what is suggested lies below the rate at which the loss turns: a mean runs behind,
and a rate that one step survives is one that two hundred need not."""

DIGITS = 2
"""Say all that a sweep knows of a rate."""


@dataclass(frozen=True)
class Suggestion:
    """Rates to train with.

    Attributes:
        low: Where the loss begins to fall, but at most a decade below ``best``.
        best: The one to take, a decade below the turn: of two digits, as it is shown and used.
        turn: Where the loss is least, before it first rises.
        is_risen: Whether it does rise; else the fall goes on to the sweep's end.
    """

    low: float
    best: float
    turn: float
    is_risen: bool


class Means:
    """Exponential means, over about ``span`` values each, freed of their bias towards zero."""

    def __init__(self, span: int) -> None:
        self.values: list[float] = []
        self.least = math.inf
        self._kept = 1 - 1 / span
        self._mean = 0.0

    def add(self, value: float) -> None:
        """Takes the next one in."""
        kept = self._kept
        self._mean = kept * self._mean + (1 - kept) * value
        self.values.append(self._mean / (1 - kept ** (len(self.values) + 1)))
        self.least = min(self.least, self.values[-1])


def suggest(rates: Doubles, losses: Doubles, smoothed: Doubles, span: int) -> Suggestion | None:
    """What a range test tells; None where the loss did not fall.

    Args:
        rates: (k,) rising.
        losses: (k,) of one batch each.
        smoothed: (k,) their exponential means.
        span: Losses that count in a mean.
    """
    if len(rates) <= 2 * span:
        return None
    lowest = span + int(np.argmin(smoothed[span:]))
    level, fall = _fall(losses, smoothed, span)
    least = _least_fall(losses[: lowest + 1], level, span)
    if fall < least:
        return None
    turn, is_risen = _turn(smoothed, level, least, span)
    above = np.flatnonzero(smoothed[:turn] >= level - BEGUN * (level - smoothed[turn]))
    begun = float(rates[above[-1]] if len(above) else rates[0])
    best = in_short(float(rates[turn]) / MARGIN)
    low = begun if best / 10 < begun < best else best / 10
    return Suggestion(low, best, float(rates[turn]), is_risen)


def in_short(rate: float) -> float:
    """A rate as a person would write it, never above what it was."""
    power = math.floor(math.log10(rate)) - (DIGITS - 1)
    digits = math.floor(rate / 10.0**power * (1 + 1e-9))
    return float(f"{digits}e{power}")


def is_level(losses: Doubles, smoothed: Doubles, span: int) -> bool:
    """Whether the loss has neither fallen nor risen by more than chance, up to the end."""
    if len(losses) <= 2 * span:
        return False
    level, fall = _fall(losses, smoothed, span)
    return max(fall, float(smoothed[-1]) - level) < _least_fall(losses, level, span)


def refusal(losses: Doubles, smoothed: Doubles, span: int) -> Sentence:
    """Why :func:`suggest` has nothing: no fall, or none that noise could not have made."""
    level, fall = _fall(losses, smoothed, span) if len(losses) else (0.0, 0.0)
    if fall > LEAST_FALL * abs(level):
        return Sentence(
            "The loss fell no further than batches differ from one another.",
            "Try more steps, a wider range or larger batches.",
        )
    if len(losses) > 2 * span and smoothed[-1] > level + LEAST_FALL * abs(level):
        return Sentence(
            "The loss hardly fell before it rose.",
            "Try more steps, or begin at a lower rate; weights that are trained already have "
            "little left to fall.",
        )
    return Sentence(
        "The loss hardly fell at any of these learning rates.",
        "Try a wider range or more steps; weights that are trained already have little left "
        "to fall.",
    )


def _fall(losses: Doubles, smoothed: Doubles, span: int) -> tuple[float, float]:
    """The mean loss before the fall, and how far it fell."""
    level = float(losses[: 2 * span].mean())
    return level, level - float(np.min(smoothed[span:], initial=level))


def _least_fall(losses: Doubles, level: float, span: int) -> float:
    """How far the loss must fall, or rise again, for it to be no chance."""
    return max(LEAST_FALL * level, DEVIATIONS * _noise(losses, span))


def _turn(smoothed: Doubles, level: float, least: float, span: int) -> tuple[int, bool]:
    """Where the loss is least before its first rise after a fall, and whether it does rise."""
    means = np.array(smoothed)
    means[:span] = level  # the first means are of too few losses to be called low
    lows = np.minimum.accumulate(means)
    fall = level - lows
    lost = np.maximum(RISEN * fall, least)
    risen = np.flatnonzero((fall >= least) & (means - lows > lost))
    before = means[: risen[0]] if len(risen) else means
    return int(np.argmin(before)), bool(len(risen))


def _noise(losses: Doubles, span: int) -> float:
    """The standard deviation of a mean loss, if the losses changed by chance alone."""
    of_one = float(np.std(np.diff(losses))) / math.sqrt(2)
    return of_one / math.sqrt(2 * span - 1)
