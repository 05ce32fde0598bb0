"""Looks at a run's weights at another step, and leaves it as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from core.training.state import TrainingState
from core.training.trainer import Trainer

ROUNDING = 1e-3
"""Of an update: so much may a step that is taken anew differ from the one that was taken."""


def parameter_vector(trainer: Trainer) -> Tensor:
    """(p,) float32, a copy of all parameters in the order of ``network.parameters()``."""
    with torch.no_grad():
        return torch.cat([p.detach().reshape(-1) for p in trainer.network.parameters()])


def after_next_step(trainer: Trainer) -> Tensor:
    """(p,) the parameters that the next step leads to."""
    with _coming_back(trainer):
        trainer.run(1, 0.0, lambda: False)
        return parameter_vector(trainer)


def last_update(trainer: Trainer, kept: TrainingState) -> Tensor | None:
    """(p,) what the last step added to the parameters, taken anew from a state before it.

    None where that does not lead to where they stand: somebody has changed them by hand since.
    """
    step, here = trainer.step, parameter_vector(trainer)
    with _coming_back(trainer):
        trainer.restore(kept)
        while trainer.step < step - 1:
            trainer.run(step - 1 - trainer.step, float("inf"), lambda: False)
        update = here - parameter_vector(trainer)
        trainer.run(1, float("inf"), lambda: False)
        off = parameter_vector(trainer) - here
    # On a GPU the same step may round otherwise.
    return update if bool(off.norm() <= ROUNDING * update.norm()) else None


@contextmanager
def _coming_back(trainer: Trainer) -> Iterator[None]:
    """Between two slices, so that no losses wait to be brought over."""
    state, gradients = trainer.state(), trainer.gradients
    try:
        yield
    finally:
        trainer.restore(state)
        trainer.gradients = gradients
