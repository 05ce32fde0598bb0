"""Which steps of a run would come out again as they did, were they taken anew."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from core.catalog.schedules import ConstantRate
from core.experiment.by_hand import ByHand
from core.experiment.spec import ExperimentSpec, Stop
from core.messages.breakpoints import Interventions
from core.training.trainer import Trainer


@dataclass(frozen=True)
class Rules:
    """Everything but the state that decides what a step does.

    Attributes:
        spec: The experiment without its name, its end, and what is set by hand.
        planned: How many steps the schedule of the learning rate counts with; None where the
            rate is constant, or the run has no end.
        interventions: What a person has laid hands on.
    """

    spec: ExperimentSpec
    planned: int | None
    interventions: Interventions


def _rules_of(trainer: Trainer) -> Rules:
    """By which a trainer takes its next step."""
    same = {"name": "", "stop": Stop(), "by_hand": ByHand()}
    spec = trainer.spec.model_copy(update=same)
    constant = isinstance(spec.schedule, ConstantRate)
    return Rules(spec, None if constant else trainer.total_steps, trainer.interventions)


@dataclass(frozen=True, eq=False)
class Stretch:
    """Steps taken in a row by the same rules, from behind the step ``start``."""

    start: int
    rules: Rules


class Stretches:
    """A trainer's steps in stretches, each by one set of rules and without a change amid it.

    A stretch begins where rules or numbers were changed by hand, or where the run went on from
    its past. Two lines of history have those stretches in common that are the very same objects.

    Attributes:
        all: From the earliest on.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self.all: tuple[Stretch, ...] = (Stretch(-1, _rules_of(trainer)),)

    def begin(self) -> None:
        """Says that the steps to come are taken by other rules, or from a changed state."""
        step = self._trainer.step
        before = tuple(stretch for stretch in self.all if stretch.start < step)
        self.all = (*before, Stretch(step, _rules_of(self._trainer)))

    def take_up(self, others: tuple[Stretch, ...]) -> int | None:
        """Goes over to another line of history, at the present step.

        Returns:
            The first step whose state is not the same in both; None where all are.
        """
        shared = sum(ours is theirs for ours, theirs in zip(self.all, others, strict=False))
        parted = [*self.all[shared : shared + 1], *others[shared : shared + 1]]
        step, rules = self._trainer.step, _rules_of(self._trainer)
        if not shared:  # of a network built since: nothing is known of how it came here
            self.all = (Stretch(step, rules),)
            return None
        self.all = tuple(stretch for stretch in others if stretch.start <= step)
        if self.all[-1].rules != rules:
            self.begin()
        return min((stretch.start for stretch in parted), default=None)

    def adopt(self, others: tuple[Stretch, ...]) -> None:
        """Takes over a line of history that was kept, at its newest step."""
        rules = _rules_of(self._trainer)
        if not others or [one.start for one in others] != sorted({one.start for one in others}):
            self.all = (Stretch(self._trainer.step, rules),)
        else:
            self.all = others
            if self.all[-1].rules != rules:
                self.begin()

    def are_alike(self, first: int, last: int) -> bool:
        """Whether the steps from one to another were taken in a row, and by the present rules."""
        stretch = self._of(first)
        together = stretch >= 0 and stretch == self._of(last)
        return together and self.all[stretch].rules == _rules_of(self._trainer)

    def _of(self, step: int) -> int:
        """Which stretch a step belongs to; -1 for one before all that is known."""
        return bisect_left(self.all, step, key=lambda stretch: stretch.start) - 1
