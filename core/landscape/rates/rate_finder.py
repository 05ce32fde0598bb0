"""The learning-rate range test (Smith 2017, arXiv:1506.01186): the rate rises at each step."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from core.catalog.schedules import ConstantRate
from core.landscape.losses.arena import Interruption
from core.landscape.race.problems import TrainingSetup
from core.landscape.rates.trials import check_rates, with_rate
from core.messages.race import Contest, FindRate, RangeTest
from core.messages.surface_views import Doubles, read_only
from core.sentence import Sentence

SPANS = 20
"""A mean loss looks back over one part in so many of all steps: more steps, smoother means."""

TOO_HIGH = 4.0
"""Times the least mean loss: the test is over there."""

FEWEST = 40
"""Steps: with fewer, a mean would be of one loss."""

LEAST_FALL = 0.05
"""Of the first loss: less is no fall."""

DEVIATIONS = 6.0
"""How far a fall must stand out from the noise of the mean losses: the least of 200 of these lies
some two deviations low by chance alone."""

BEGUN = 0.1
"""The share of the whole fall that shows that it has begun."""

MARGIN = 3.0
"""By how much the largest rate suggested lies below the one with the least loss, which is at the
brink already, since the mean runs behind."""


@dataclass(frozen=True)
class Suggestion:
    """Rates to train with.

    Attributes:
        low: Where the loss begins to fall.
        high: Safely before it rises again.
        best: Where it falls fastest per decade.
    """

    low: float
    high: float
    best: float


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
        rates: (k,) rising by an equal factor.
        losses: (k,) of one batch each.
        smoothed: (k,) their exponential means.
        span: Losses that count in a mean.
    """
    if len(rates) <= 2 * span:
        return None
    lowest = int(np.argmin(smoothed))
    if lowest < span:
        return None
    level, fall = _fall(losses, smoothed, span)
    noise = _noise(losses[: lowest + 1], span)
    if fall < max(LEAST_FALL * level, DEVIATIONS * noise):
        return None
    above = np.flatnonzero(smoothed[:lowest] >= level - BEGUN * fall)
    begun = int(above[-1]) if len(above) else 0
    slopes = _slopes(np.log10(rates), smoothed, span)
    best = begun + int(np.argmin(slopes[begun : lowest + 1]))
    high = max(float(rates[lowest]) / MARGIN, float(rates[best]))
    return Suggestion(float(rates[begun]), high, float(rates[best]))


def refusal(losses: Doubles, smoothed: Doubles, span: int) -> Sentence:
    """Why :func:`suggest` has nothing: no fall, or none that noise could not have made."""
    level, fall = _fall(losses, smoothed, span) if len(losses) else (0.0, 0.0)
    if fall <= LEAST_FALL * level:
        return Sentence(
            "The loss hardly fell at any of these learning rates.",
            "Try a wider range or more steps; weights that are trained already have little left "
            "to fall.",
        )
    return Sentence(
        "The loss fell no further than batches differ from one another.",
        "Try more steps, a wider range or larger batches.",
    )


def _fall(losses: Doubles, smoothed: Doubles, span: int) -> tuple[float, float]:
    """The mean loss before the fall, and how far it fell."""
    level = float(losses[: 2 * span].mean())
    return level, level - float(smoothed.min())


def _slopes(x: Doubles, y: Doubles, span: int) -> Doubles:
    """(k,) by the straight line between two points some steps before and behind each."""
    at = np.arange(len(x))
    before, behind = np.maximum(at - span, 0), np.minimum(at + span, len(x) - 1)
    slopes: Doubles = (y[behind] - y[before]) / (x[behind] - x[before])
    return slopes


def _noise(losses: Doubles, span: int) -> float:
    """The standard deviation of a mean loss, if the losses changed by chance alone."""
    of_one = float(np.std(np.diff(losses))) / math.sqrt(2)
    return of_one / math.sqrt(2 * span - 1)


class RangeFinder:
    """Trains at ever higher rates, by the experiment's own optimizer; see :class:`RateTrials`.

    Raises:
        UserError: No rates lie between, or the steps are too few.
    """

    def __init__(self, setup: TrainingSetup, command: FindRate) -> None:
        check_rates((command.low, command.high), command.steps, FEWEST)
        self._rates: Doubles = np.geomspace(command.low, command.high, command.steps)
        self._losses: list[float] = []
        self._span = command.steps // SPANS
        self._means = Means(self._span)
        self._trainer = setup.trainer()
        self._spec = setup.spec.model_copy(update={"schedule": ConstantRate()})
        self._suggestion: Suggestion | None = None
        self._trouble: Sentence | None = None
        self.done = False

    def advance(self, until: float, interrupted: Interruption) -> None:
        """As :meth:`RateTrials.advance`."""
        while not self.done:
            taken = self._take(interrupted)
            if not taken or perf_counter() >= until or interrupted():
                return

    def stop(self) -> None:
        """As :meth:`RateTrials.stop`."""
        if not self.done:
            self.done = True
            self._trouble = Sentence("The range test was stopped before its end.")

    def shown_in(self, contest: Contest) -> Contest:
        """As :meth:`RateTrials.shown_in`."""
        return replace(contest, range_test=self.view())

    def view(self) -> RangeTest:
        """What has been found so far."""
        found = self._suggestion
        return RangeTest(
            read_only(self._rates[: len(self._losses)]),
            read_only(np.array(self._losses, np.float32)),
            read_only(np.array(self._means.values, np.float32)),
            (found.low, found.high) if found is not None else None,
            found.best if found is not None else None,
            self.done,
            self._trouble,
        )

    def _take(self, interrupted: Interruption) -> bool:
        """One step at the next rate; says whether it was taken, and not given up amid it."""
        trainer, taken = self._trainer, len(self._losses)
        optimizer = with_rate(self._spec.optimizer, float(self._rates[taken]))
        trainer.retune(self._spec.model_copy(update={"optimizer": optimizer}))
        trainer.run(1, math.inf, interrupted)
        part = trainer.flush()
        if part is None:
            return False
        loss = float(part.losses[0])
        if math.isfinite(loss):
            self._losses.append(loss)
            self._means.add(loss)
        if not part.finite or len(self._losses) == len(self._rates) or self._is_too_high():
            self._conclude()
        return True

    def _is_too_high(self) -> bool:
        if len(self._losses) <= 2 * self._span:
            return False
        return self._means.values[-1] > TOO_HIGH * self._means.least

    def _conclude(self) -> None:
        self.done = True
        losses, means = np.array(self._losses), np.array(self._means.values)
        self._suggestion = suggest(self._rates[: len(losses)], losses, means, self._span)
        if self._suggestion is None:
            self._trouble = refusal(losses, means, self._span)
