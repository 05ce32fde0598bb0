"""What if? A second run beside the first, with one thing changed at the step where one stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from pydantic import ValidationError

from core.debugger.differing import first_difference
from core.debugger.tape import record_step
from core.errors import UserError
from core.experiment.fit import check, check_batches, fitted
from core.experiment.spec import ExperimentSpec, explain
from core.messages.commands import Edit, WhatIf
from core.messages.record import Record
from core.messages.surface_views import Floats
from core.messages.twin import FirstDifference
from core.session.building import same_weights
from core.session.deeds import deed_of
from core.training.past import coming_back
from core.training.state import TrainingState, live_tensors
from core.training.trainer import Trainer

SLICE = 32
"""Steps that one of the two takes before the other takes as many."""

MOST_KEPT = 16
"""States of each that are kept, to go back to."""


class Twins:
    """Two runs from one state, on the same samples, of which the second has something changed.

    Neither is the run that they come from, which is left as it is. What is changed acts from the
    next step on. Another seed draws other orders of the samples and other masks, at the very
    start other weights too; the data stay the same.

    Args:
        trainer: Stands where the two part.
        change: What is another in the second; None for nothing.

    Attributes:
        origin: The step after which they part.
        this, twin: The trainers, at the same step at all times.

    Raises:
        UserError: The change does not fit, or with it the weights would be others altogether.
    """

    def __init__(self, trainer: Trainer, change: WhatIf | None) -> None:
        state = trainer.state()
        self.origin = state.step
        self.this = _set_out(trainer, trainer.spec, state)
        spec = _changed(trainer, change) if isinstance(change, Edit) else trainer.spec
        self.twin = _set_out(trainer, spec, state)
        if change is not None and not isinstance(change, Edit):
            _, do = deed_of(self.twin, change)
            do()
        nothing = np.zeros(0, np.float32)
        self._losses: tuple[Floats, Floats] = (nothing, nothing)
        self._kept = {self.origin: (state, self.twin.state())}
        self._apart = SLICE

    @property
    def step(self) -> int:
        """Where both stand."""
        return self.this.step

    @property
    def losses(self) -> tuple[Floats, Floats]:
        """(k,) each, the loss of each step's batch since they parted: of this, of the twin."""
        return self._losses

    @property
    def are_same(self) -> bool:
        """Whether not one bit of their weights and moments differs."""
        pairs = zip(live_tensors(self.this.network), live_tensors(self.twin.network), strict=True)
        return all(_same_bits(one.detach(), other.detach()) for one, other in pairs)

    def advance(self, steps: int, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Takes so many steps in both; fewer, though as many in both, where interrupted."""
        goal = self.step + steps
        while self.step < goal:
            before = self.step
            self.this.run_on(min(SLICE, goal - before), interrupted=interrupted)
            # Interrupted amid a large step, one takes none: neither may the other then.
            self.twin.run_on(self.this.step - before)
            self._take_in(before)
            if self.step - max(self._kept) >= self._apart:
                self._keep()
            if self.step == before or interrupted():
                return

    def go_to(self, step: int, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Takes both to a step from the origin on, forwards or back, unless interrupted.

        Back they go to a state that was kept, and from there on again, to the same bits.
        """
        if step < self.step:
            nearest = max(kept for kept in self._kept if kept <= step)
            this, twin = self._kept[nearest]
            self.this.restore(this)
            self.twin.restore(twin)
        self.advance(step - self.step, interrupted)

    def records(self) -> tuple[Record, Record]:
        """The step that comes next, recorded in both; they still stand before it.

        Raises:
            UserError: It is too large to be recorded.
        """
        return _next_of(self.this), _next_of(self.twin)

    def first_difference(self) -> FirstDifference | None:
        """The first operation of the step that comes next whose numbers differ; None for none."""
        return first_difference(*self.records())

    def _take_in(self, before: int) -> None:
        """Takes the losses of the steps since ``before``, if they were not taken already."""
        parts = self.this.flush(), self.twin.flush()
        if parts[0] is None or parts[1] is None:
            return
        known = max(0, len(self._losses[0]) - (before - self.origin))
        if known < len(parts[0].losses):
            newer = parts[0].losses[known:], parts[1].losses[known:]
            one, other = map(np.concatenate, zip(self._losses, newer, strict=True))
            self._losses = one, other

    def _keep(self) -> None:
        """Keeps both states; half of those kept are given up where they are too many."""
        self._kept[self.step] = (self.this.state(), self.twin.state())
        if len(self._kept) > MOST_KEPT:
            self._apart *= 2
            steps = sorted(self._kept)
            self._kept = {step: self._kept[step] for step in steps[::2]}


def _set_out(trainer: Trainer, spec: ExperimentSpec, state: TrainingState) -> Trainer:
    """A trainer of its own, in the state of another, that goes on by a description."""
    before, data = trainer.spec, trainer.data
    # The state is of the optimizer of before; another one is taken up from there.
    kept = {"optimizer": before.optimizer, "training": before.training}
    built = spec.model_copy(update=kept)
    made = Trainer(built, check(spec, data.shape), data, trainer.device, accuracy=False)
    made.intervene(trainer.interventions)
    if spec.seed == before.seed:
        made.restore(state)
    elif state.step:
        drawn = torch.Generator(trainer.device).manual_seed(spec.seed).get_state()
        made.restore(replace(state, generator=drawn))
    made.retune(spec)
    return made


def _changed(trainer: Trainer, edit: Edit) -> ExperimentSpec:
    """The description with an edit in it.

    Raises:
        UserError: It cannot be made, or it takes other weights or other data.
    """
    before = trainer.spec
    try:
        spec = edit.apply(before)
    except ValidationError as error:
        raise explain(error, edit.label) from None
    if spec.loss != before.loss:
        spec = fitted(spec, trainer.data.shape)
    alike = spec.model_copy(update={"seed": before.seed, "optimizer": before.optimizer})
    if not same_weights(before, alike) or spec.device != before.device:
        raise UserError(
            "With this change the network would have other weights.",
            "Change a number, the rate, the optimizer, the loss, an activation or the seed.",
        )
    check(spec, trainer.data.shape)
    check_batches(spec, len(trainer.data.train_inputs))
    return spec


def _next_of(trainer: Trainer) -> Record:
    with coming_back(trainer):
        return record_step(trainer).record


def _same_bits(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Two that are no number are the same."""
    if one.is_floating_point():
        return torch.equal(one.nan_to_num(1e30), other.nan_to_num(1e30))
    return torch.equal(one, other)
