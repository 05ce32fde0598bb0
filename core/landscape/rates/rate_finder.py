"""The learning-rate range test (Smith 2017, arXiv:1506.01186): the rate rises at each step.

What it suggests is tried out before it is said: a step at a rate says little of two hundred.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from core.catalog.schedules import ConstantRate
from core.landscape.losses.arena import Interruption
from core.landscape.race.problems import TrainingSetup
from core.landscape.rates.proof import Proof
from core.landscape.rates.sweep import Means, Suggestion, in_short, is_level, refusal, suggest
from core.landscape.rates.trial_run import OVER, Work, WorkTime
from core.landscape.rates.trials import LARGEST_RATE, check_rates, with_rate
from core.messages.race import Contest, FindRate, RangeTest
from core.messages.surface_views import Doubles, read_only
from core.sentence import Sentence

SPANS = 20
"""A mean loss looks back over one part in so many of all steps: more steps, smoother means."""

TOO_HIGH = 4.0
"""Times the least mean loss: the test is over there."""

FEWEST = 40
"""Steps: with fewer, a mean would be of one loss."""

A_DECADE = 30
"""Steps at the most for each decade by which a sweep is widened; a usual one has as many."""


class RangeFinder:
    """Trains at ever higher rates, by the experiment's own optimizer; see :class:`RateTrials`.

    Where the loss still falls at the last rate, the sweep goes on up to the largest there is.

    Raises:
        UserError: No rates lie between, or the steps are too few.
    """

    def __init__(self, setup: TrainingSetup, command: FindRate) -> None:
        check_rates((command.low, command.high), command.steps, FEWEST)
        self._high = command.high
        self._rates: Doubles = np.geomspace(command.low, command.high, command.steps)
        self._losses: list[float] = []
        self._span = command.steps // SPANS
        self._means = Means(self._span)
        self._trainer = setup.trainer()
        self._spec = setup.spec.model_copy(update={"schedule": ConstantRate()})
        self._suggestion: Suggestion | None = None
        self._proof = Proof(setup)
        self._is_over = False
        self._trouble: Sentence | None = None
        self._time = WorkTime()
        self._work = self._sweep_and_prove()
        self.done = False

    def advance(self, until: float, interrupted: Interruption) -> None:
        """As :meth:`RateTrials.advance`."""
        self._time.begin(until, interrupted)
        while not self.done:
            self.done = next(self._work, OVER) is OVER
            if self._time.is_over():
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
        best = self._proof.held
        return RangeTest(
            read_only(self._rates[: len(self._losses)]),
            read_only(np.array(self._losses, np.float32)),
            read_only(np.array(self._means.values, np.float32)),
            None if best is None else (self._low(best), best),
            best,
            self.done,
            self._trouble,
            self._notes() if self.done else (),
            self._progress(),
        )

    def _low(self, best: float) -> float:
        """Where the band of good rates begins."""
        found = self._suggestion
        return best / 10 if found is None or found.low >= best else found.low

    def _progress(self) -> tuple[int, int]:
        taken, of = self._proof.progress()
        return len(self._losses) + taken, len(self._rates) + of

    def _notes(self) -> tuple[Sentence, ...]:
        """How the suggestion came about."""
        found = self._suggestion
        if found is None:
            return ()
        tried = self._proof.notes() if self._trouble is None else ()  # the trouble tells of them
        return (*self._of_sweep(found), *tried)

    def _of_sweep(self, found: Suggestion) -> Iterator[Sentence]:
        last = float(self._rates[len(self._losses) - 1])
        if last > self._high:
            yield Sentence(
                "The loss had not risen yet at {high}, where the test was to end, so it went on "
                "to {last}.",
                high=f"{self._high:g}",
                last=_short(last),
            )
        turn, best = f"{in_short(found.turn):g}", f"{found.best:g}"
        if found.is_risen:
            yield Sentence(
                "The loss turns at {turn}; a tenth of that is {best}.", turn=turn, best=best
            )
        else:
            yield Sentence(
                "The loss falls to the test’s end: it is least at {turn}; a tenth of that is "
                "{best}.",
                turn=turn,
                best=best,
            )

    def _sweep_and_prove(self) -> Work:
        """All the work, holding whenever time may be up."""
        yield from self._sweep()
        if self._high < LARGEST_RATE and not self._has_ended():
            self._widen()
            yield from self._sweep()
        found = self._suggestion = self._read()
        if found is None:
            self._trouble = refusal(*self._curves())
        else:
            yield from self._proof.of(found.best, self._time)
            self._trouble = self._proof.refusal()

    def _has_ended(self) -> bool:
        """Whether the loss has risen or got lost: a larger rate has nothing to tell."""
        found = self._read()
        if found is not None:
            return found.is_risen
        return self._is_over or not is_level(*self._curves())

    def _sweep(self) -> Work:
        """Takes the steps that are left, up to the one that is too high."""
        while not self._is_over and len(self._losses) < len(self._rates):
            self._take()
            yield

    def _take(self) -> None:
        """One step at the next rate, unless it is given up amid it."""
        trainer, taken = self._trainer, len(self._losses)
        optimizer = with_rate(self._spec.optimizer, float(self._rates[taken]))
        trainer.retune(self._spec.model_copy(update={"optimizer": optimizer}))
        trainer.run(1, math.inf, self._time.interrupted)
        part = trainer.flush()
        if part is None:
            return
        loss = float(part.losses[0])
        if math.isfinite(loss):
            self._losses.append(loss)
            self._means.add(loss)
        self._is_over = not part.finite or self._is_too_high()

    def _is_too_high(self) -> bool:
        if len(self._losses) <= 2 * self._span:
            return False
        return self._means.values[-1] > TOO_HIGH * self._means.least

    def _read(self) -> Suggestion | None:
        """What the sweep tells; one that got lost has risen."""
        found = suggest(self._rates[: len(self._losses)], *self._curves())
        return replace(found, is_risen=found.is_risen or self._is_over) if found else None

    def _curves(self) -> tuple[Doubles, Doubles, int]:
        return np.array(self._losses), np.array(self._means.values), self._span

    def _widen(self) -> None:
        """Goes on to the largest rate, a decade in no more steps than is usual."""
        own = math.log10(self._rates[-1] / self._rates[-2])
        decades = math.log10(LARGEST_RATE / self._high)
        steps = math.ceil(decades / max(own, 1 / A_DECADE) - 1e-9)
        further = np.geomspace(self._high, LARGEST_RATE, steps + 1)[1:]
        self._rates = np.concatenate([self._rates, further])


def _short(rate: float) -> str:
    return f"{float(f'{rate:.2g}'):g}"
