"""What torch runs of an entry that it has no implementation of: its rule, as it is written."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from core.expression.code import compiled
from core.expression.tree import Expr, Symbol


class Activated(nn.Module):
    """A rule of one number."""

    def __init__(self, rule: Expr, z: Symbol) -> None:
        super().__init__()
        self._function = compiled(rule, z)

    def forward(self, z: Tensor) -> Tensor:
        """Of any shape."""
        a: Tensor = self._function(z)
        return a


class Stepped(torch.optim.Optimizer):
    """The rows of an optimizer, and the state that they keep."""

    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """One update of all parameters that have a gradient."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    state, rate = self.state[parameter], group["lr"]
                    group["entry"].move(parameter, parameter.grad, state, rate)
