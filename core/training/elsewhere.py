"""Looks at a run's weights at another step, and leaves it as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from core.training.state import TrainingState
from core.training.trainer import Trainer


def parameter_vector(trainer: Trainer) -> Tensor:
    """(p,) float32, a copy of all parameters in the order of ``network.parameters()``."""
    with torch.no_grad():
        return torch.cat([p.detach().reshape(-1) for p in trainer.network.parameters()])


def after_next_step(trainer: Trainer) -> Tensor:
    """(p,) the parameters that the next step leads to."""
    with _coming_back(trainer):
        trainer.run(1, 0.0, lambda: False)
        return parameter_vector(trainer)


def at_step(trainer: Trainer, kept: TrainingState, step: int) -> Tensor:
    """(p,) the parameters at a step, computed anew from a state at or before it."""
    with _coming_back(trainer):
        trainer.restore(kept)
        while trainer.step < step:
            trainer.run(step - trainer.step, float("inf"), lambda: False)
        return parameter_vector(trainer)


@contextmanager
def _coming_back(trainer: Trainer) -> Iterator[None]:
    """Between two slices, so that no losses wait to be brought over."""
    state, gradients = trainer.state(), trainer.gradients
    try:
        yield
    finally:
        trainer.restore(state)
        trainer.gradients = gradients
