"""One who takes part in a race: a walker with a name, its history and its trail."""

from __future__ import annotations

import numpy as np

from core.catalog.optimizers import Optimizer
from core.landscape.losses.arena import Interruption, Route
from core.landscape.race.trail import MOST_LOSSES, MOST_STATES, LossHistory, Trail
from core.landscape.race.walkers import Walker
from core.messages.race import Runner, RunnerView
from core.messages.surface_views import read_only


def name_of(optimizer: Optimizer, *, on_network: bool) -> str:
    """What to call a runner: ``Adam, η = 0.01``, and what of its fields is not as usual.

    On a network there are batches, so that taking all samples is worth a word.
    """
    parts = [optimizer.label, f"η = {optimizer.learning_rate:.4g}"]
    for name, field in type(optimizer).model_fields.items():
        value = getattr(optimizer, name)
        if name in ("kind", "learning_rate") or value == field.default:
            continue
        title = field.title or name
        parts.append(title if value is True else f"{title.split()[-1]} = {value:.4g}")
    if on_network and optimizer.full_batch:
        parts.append("all samples")
    return ", ".join(parts)


class Entrant:
    """A runner of a race and all that is known of its way.

    Args:
        runner: Its id and optimizer.
        name: As the table shows it.
        walker: At the start.
        budget: Bytes that its states may take.
        most: Losses to keep.
        most_states: States to keep at the most, however small.
    """

    def __init__(  # noqa: PLR0917  what a race knows of it
        self,
        runner: Runner,
        name: str,
        walker: Walker,
        budget: int,
        most: int = MOST_LOSSES,
        most_states: int = MOST_STATES,
    ) -> None:
        self.runner = runner
        self.name = name
        self.walker = walker
        self.history = LossHistory(most, walker.window)
        self.trail = Trail(budget, most_states)
        self.trail.add(0, walker.place())
        self._view: RunnerView | None = None
        self._is_over = False
        self.settle()

    @property
    def is_on(self) -> bool:
        """Whether it has not diverged."""
        return self.walker.diverged is None

    def take(self, interrupted: Interruption) -> bool:
        """Takes a step; see :meth:`core.landscape.race.walkers.FunctionWalker.take`."""
        walker = self.walker
        if not walker.take(interrupted):
            return False
        if self.trail.wants(walker.step) and self.is_on:
            self.trail.add(walker.step, walker.place())
        return True

    def settle(self) -> None:
        """Takes in what the walker has noted."""
        for measurement in self.walker.settle():
            self.history.add(measurement)
            self._view = None
        if not self.is_on and not self._is_over:
            self._is_over = True
            self.trail.cut(self.walker.step)
            self._view = None

    def seek(self, target: float | None) -> None:
        """Says which loss counts as reached."""
        before = self.history.reached
        self.history.seek(target)
        if self.history.reached != before:
            self._view = None

    def view(self) -> RunnerView:
        """How it stands; the very same object while nothing has changed."""
        if self._view is None:
            self._view = self._seen()
        return self._view

    def _seen(self) -> RunnerView:
        history, reached = self.history, self.history.reached
        losses = means = history.losses().astype(np.float32)
        if history.window > 1:
            means = history.means().astype(np.float32)
        return RunnerView(
            self.runner.id,
            self.runner.optimizer,
            self.name,
            read_only(history.steps()),
            read_only(losses),
            read_only(means),
            read_only(history.points()),
            history.mean,
            history.best,
            reached.step if reached is not None else None,
            reached.seconds if reached is not None else None,
            self.walker.seconds,
            self.walker.diverged,
            history.window,
        )

    def route(self) -> Route:
        """Where it went, up to where it stands."""
        steps, states = self.trail.up_to(self.walker.step, self.walker.place())
        return Route(self.runner.id, self.name, steps, states, is_early=True)
