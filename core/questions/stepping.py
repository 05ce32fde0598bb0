"""An optimizer's step of one number, taken again with other numbers in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.catalog.optimizers.base import T
from core.debugger.formulas.spot import OneNumber
from core.debugger.formulas.updates import Step, moved, step_of
from core.expression.calculus import worth
from core.expression.tree import ONE, Expr, Quantity, replaced


def is_held(spot: OneNumber) -> bool:
    """Whether the number is held fast, so that no step is taken."""
    frozen = f"frozen:{spot.entry.parameter}"
    return frozen in spot.record.arrays and bool(spot.array(frozen)[spot.index])


def rounded(spot: OneNumber, cut: Callable[[float], float]) -> Step:
    """The step with its numbers as they are shown."""
    step = step_of(spot)
    theta = Quantity(step.theta.symbol, cut(float(step.theta.value)))
    before = {state: cut(value) for state, value in step.before.items()}
    return replace(step, theta=theta, g=cut(step.g), before=before)


def given_by(spot: OneNumber, key: str, step: Step, whole: tuple[Expr, ...] = ()) -> float:
    """What a step makes of the number asked for.

    Args:
        spot: The number.
        key: Of the parameter after the step (``after:N``), of a state (``s':N:S``), or of one
            freed of its bias (``hat:N:S``).
        step: What the update is made of.
        whole: Factors of its rows in whose place a 1 stands.
    """
    made = moved(step, dict.fromkeys(whole, ONE))
    if key == spot.entry.writes:
        return float(made.value)
    kind, _, rest = key.partition(":")
    state = rest.rpartition(":")[2]
    if kind == "s'":
        return float(made.states[state])
    return _corrected(step, state, made.states[state])


def symbol_of_state(spot: OneNumber, key: str) -> Expr:
    """The textbook's letter of a state, or of a state freed of its bias."""
    optimizer, (kind, _, rest) = spot.record.spec.optimizer, key.partition(":")
    state = rest.rpartition(":")[2]
    if kind == "hat":
        return optimizer.hats()[state].parts[0]
    return optimizer.state_names[state]


def _corrected(step: Step, state: str, value: float) -> float:
    symbol = step.optimizer.state_names[state]
    row = step.optimizer.hats()[state]
    known: dict[Expr, Expr] = {symbol: Quantity(symbol, value), T: Quantity(T, step.t)}
    return float(worth(replaced(row.parts[1], known)))
