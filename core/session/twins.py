"""What if? A second run beside the first, with one thing changed at the step where one stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from pydantic import ValidationError

from core.debugger.differing import FirstDifference, first_difference
from core.debugger.tape import record_step
from core.errors import UserError
from core.experiment.fit import check, check_batches, fitted
from core.experiment.spec import ExperimentSpec, explain
from core.messages.commands import Edit
from core.messages.record import Record
from core.messages.surface_views import Floats
from core.session.building import same_weights
from core.session.deeds import Change, deed_of
from core.training.past import coming_back
from core.training.state import TrainingState, live_tensors
from core.training.trainer import Trainer

SLICE = 32
"""Steps that one of the two takes before the other takes as many."""

WhatIf = Edit | Change
"""The one thing: a change of the description that keeps the weights, or of a number by hand."""


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
        self._losses: list[Floats] = []

    @property
    def step(self) -> int:
        """Where both stand."""
        return self.this.step

    @property
    def losses(self) -> tuple[Floats, Floats]:
        """(k,) each, the loss of each step's batch since they parted: of this, of the twin."""
        if not self._losses:
            nothing = np.zeros(0, np.float32)
            return nothing, nothing
        found = np.concatenate(self._losses, axis=1)
        return found[0], found[1]

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
            self._take_in()
            if self.step == before or interrupted():
                return

    def records(self) -> tuple[Record, Record]:
        """The step that comes next, recorded in both; they still stand before it.

        Raises:
            UserError: It is too large to be recorded.
        """
        return _next_of(self.this), _next_of(self.twin)

    def first_difference(self) -> FirstDifference | None:
        """The first operation of the step that comes next whose numbers differ; None for none."""
        return first_difference(*self.records())

    def _take_in(self) -> None:
        parts = self.this.flush(), self.twin.flush()
        if parts[0] is not None and parts[1] is not None:
            self._losses.append(np.stack([part.losses for part in parts if part is not None]))


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
