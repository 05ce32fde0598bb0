"""The rules by which gradients move parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.catalog.base import union_of
from core.catalog.optimizers.base import Optimizer
from core.catalog.optimizers.descent import SGD, GradientDescent, Momentum, Nesterov
from core.catalog.optimizers.per_parameter import Adagrad, Adam, AdamW, RMSprop

__all__ = [
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "GradientDescent",
    "Momentum",
    "Nesterov",
    "Optimizer",
    "OptimizerChoice",
    "RMSprop",
]

if TYPE_CHECKING:
    OptimizerChoice = Optimizer
else:
    OptimizerChoice = union_of(Optimizer)
