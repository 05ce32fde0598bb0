"""What every optimizer is: rows that turn a gradient into a step.

The symbols: θ a parameter, g its gradient, η the learning rate, t the step, counted from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from core.catalog.base import Choice
from core.expression.code import compiled, name_in_code
from core.expression.tree import Call, Expr, Relation, Rows, Symbol, contains

if TYPE_CHECKING:
    import torch
    from torch import Tensor
    from torch.nn import Parameter

THETA, G, RATE, T = Symbol("θ"), Symbol("g"), Symbol("η"), Symbol("t")

LearningRate = Annotated[
    float,
    Field(
        gt=0,
        le=100,
        json_schema_extra={"log": True},
        title="Learning rate η",
        description="How far a step goes: too small and nothing happens, too large and it leaps.",
    ),
]
ShareKept = Annotated[float, Field(ge=0, lt=1)]
Velocity = Annotated[
    float,
    Field(
        gt=0,
        lt=1,
        title="Momentum μ",
        description="The share of the velocity that is kept from step to step.",
    ),
]
# The lower bound is far above what float32 would round to zero.
Epsilon = Annotated[
    float,
    Field(
        ge=1e-16,
        le=1,
        json_schema_extra={"log": True},
        title="ε",
        description="Keeps the division safe where gradients are near zero.",
    ),
]


class Optimizer(Choice):
    """A rule that turns gradients into steps.

    Its rows are all that an entry needs: formula, numbers, PyTorch line and the torch optimizer
    that keeps its state follow from them.

    Attributes:
        full_batch: Its gradient is that of all samples, whatever the batch size says.
    """

    full_batch: ClassVar[bool] = False

    learning_rate: LearningRate = 0.1

    def rows(self, *, first: bool = False) -> tuple[Relation, ...]:
        """What a step does to one number, in order: ``<-`` for what is kept, ``=`` for a name.

        The last row is the parameter's. A state that a row reads before it is set was kept from
        the step before.

        Args:
            first: The very first step of a run.
        """
        raise NotImplementedError

    @property
    def formula(self) -> Expr:
        """The rule with the options that are chosen."""
        rows = self.rows()
        return Rows(parts=rows) if len(rows) > 1 else rows[0]

    @property
    def state_names(self) -> dict[str, Symbol]:
        """The symbols of what is kept in the shape of each parameter, by torch's names.

        The step count, which torch keeps too, has no such shape and is not among them.
        """
        return {name_in_code(state): state for state in self._kept()}

    @property
    def keeps_state(self) -> bool:
        """Whether a step depends on earlier ones; without, ``advance`` takes no torch optimizer."""
        return bool(self._kept()) or any(contains(row, T) for row in self.rows())

    def _kept(self) -> list[Symbol]:
        kept: dict[Expr, None] = {}
        later = [row.parts[0] for row in self.rows()[:-1] if row.signs[0] == "←"]
        for row in self.rows():
            kept |= {state: None for state in later if contains(row.parts[1], state)}
            later = [state for state in later if state != row.parts[0]]
        return [state for state in kept if isinstance(state, Symbol)]

    @property
    def used(self) -> tuple[str, ...]:
        """Those of them that the options ask for, by torch's names."""
        kept = self._kept()
        return tuple(name for name, state in self.state_names.items() if state in kept)

    def build(self, parameters: Iterable[Parameter]) -> torch.optim.Optimizer:
        """A torch optimizer with empty state."""
        from core.catalog.as_written import Stepped

        return Stepped(parameters, self.hyperparameters())

    def hyperparameters(self) -> dict[str, Any]:
        """The entries of torch's parameter groups that the fields stand for."""
        return {"lr": self.learning_rate, "entry": self}

    def initial_state(self, name: str, like: Tensor) -> Tensor | None:
        """What a state is before the first step; None where the first step does without it."""
        import torch

        return torch.zeros_like(like)

    def hats(self) -> dict[str, Relation]:
        """The rows that free a state of its bias towards zero, by torch's names."""
        found = {}
        for row in self.rows():
            for name, state in self.state_names.items():
                if row.signs[0] == "=" and contains(row.parts[1], state):
                    found[name] = row
        return found

    def corrected(self, state: dict[str, Tensor]) -> dict[str, Tensor]:
        """States freed of their bias, by torch's names; of one parameter.

        Args:
            state: torch's, after a step.
        """
        import torch

        t = state.get("step", torch.zeros(())).double()
        count = t.item()
        return {
            name: correct(state[name], t if calls else count)
            for name, correct, calls in _corrections(self)
        }

    def retune(self, optimizer: torch.optim.Optimizer) -> None:
        """Let changed fields act from the next step on, keeping what was gathered so far.

        Args:
            optimizer: Built by an entry of this kind. An option switched on in mid-run finds its
                state missing there and would fail; it starts from zeros, as it does in a new run.
        """
        import torch

        for group in optimizer.param_groups:
            group.update(self.hyperparameters())
        used = self.used
        for parameter, state in optimizer.state.items():
            if not state:  # looked at, not yet stepped: torch fills it only if it stays empty
                continue
            for name in used:
                if name not in state:
                    state[name] = torch.zeros_like(parameter)

    def advance(
        self,
        optimizer: torch.optim.Optimizer | None,
        parameters: list[Tensor],
        gradients: list[Tensor],
        rate: float,
    ) -> None:
        """One update in place.

        Args:
            optimizer: From :meth:`build`; None where no state is kept.
            parameters: All that it was built from, in any order.
            gradients: One a parameter, of the same shape; left unchanged.
            rate: The learning rate of this step.
        """
        if optimizer is None:
            for parameter, gradient in zip(parameters, gradients, strict=True):
                self.move(parameter, gradient, {}, rate)
            return
        for group in optimizer.param_groups:
            group["lr"] = rate
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        optimizer.step()

    def move(self, parameter: Tensor, gradient: Tensor, state: dict[str, Any], rate: float) -> None:
        """Runs the rows for one parameter, in place.

        Args:
            parameter: Its tensor.
            gradient: Its gradient, of the same shape.
            state: What was kept of it; empty before the first step.
            rate: The learning rate of this step.
        """
        import torch

        first, names = not state, self.state_names
        state["step"] = state.get("step", 0.0) + torch.ones(())
        # Tensors all: some of torch's functions take no plain number.
        rate_of_step, t = torch.tensor(rate, dtype=torch.float64), state["step"].double()
        values: dict[Expr, Any] = {THETA: parameter, G: gradient, RATE: rate_of_step, T: t}
        for name, symbol in names.items():
            values[symbol] = state[name] if name in state else self.initial_state(name, parameter)
        with torch.no_grad():
            for target, function, reads in _steps(self, first):
                values[target] = function(*(values[one] for one in reads))
            parameter.copy_(values[THETA])
        state |= {name: values[symbol] for name, symbol in names.items()}


@lru_cache(256)
def _corrections(entry: Optimizer) -> list[tuple[str, Callable[..., Tensor], bool]]:
    """What frees a state of its bias, of the state and t; and whether t has to be a tensor for it.

    torch's functions take no plain number, with which plain arithmetic is several times as fast.
    """
    names = entry.state_names
    return [
        (name, compiled(row.parts[1], names[name], T), _calls(row.parts[1]))
        for name, row in entry.hats().items()
    ]


def _calls(rule: Expr) -> bool:
    return isinstance(rule, Call) or any(map(_calls, rule.parts))


@lru_cache(256)
def _steps(
    entry: Optimizer, first: bool
) -> list[tuple[Expr, Callable[..., Any], tuple[Symbol, ...]]]:
    """Each row as a function of the symbols that it reads."""
    rows = entry.rows(first=first)
    symbols = {THETA, G, RATE, T, *(row.parts[0] for row in rows), *entry.state_names.values()}
    found = []
    for target, made in (row.parts for row in rows):
        reads = tuple(s for s in symbols if isinstance(s, Symbol) and contains(made, s))
        found.append((target, compiled(made, *reads), reads))
    return found


class OfTorch(Optimizer):
    """An entry that torch has an implementation of, which is faster than its rows.

    Attributes:
        states: The symbols of all that it may keep, by torch's names.
        implementation: Which of its implementations. Fused ones are up to three times as fast
            on small networks, and leave the gradients as they are, whereas the foreach form of
            Nesterov's writes into them.
    """

    states: ClassVar[dict[str, Symbol]] = {}
    implementation: ClassVar[dict[str, bool]] = {"fused": True}

    def factory(self) -> Callable[..., torch.optim.Optimizer]:
        """The torch class."""
        raise NotImplementedError

    @property
    def state_names(self) -> dict[str, Symbol]:
        return self.states

    @property
    def keeps_state(self) -> bool:
        return bool(self.states)

    def build(self, parameters: Iterable[Parameter]) -> torch.optim.Optimizer:
        return self.factory()(parameters, **self.hyperparameters(), **self.implementation)

    def hyperparameters(self) -> dict[str, Any]:
        return {"lr": self.learning_rate}
