"""The loss, sample by sample and whole, and where its gradient begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from core.catalog.losses import CrossEntropy
from core.debugger.formula import Factor, Formula, Term
from core.debugger.rules.activations import drawn_powers, powers_of
from core.debugger.rules.code import name_of
from core.debugger.rules.functions import softplus
from core.debugger.rules.latex import number, operand
from core.debugger.rules.spot import Spot
from core.debugger.rules.sums import (
    Outer,
    Piece,
    Products,
    plain_formula,
    product,
    share,
    single,
    sum_formula,
    summed,
)


@dataclass(frozen=True)
class _Rule:
    """A loss as formulas.

    Attributes:
        terms: Explains one sample's share.
        rule: LaTeX of a share.
        gradient_rule: LaTeX of its derivative.
        scale: What the derivative is divided by, and multiplied: of samples and outputs.
        code: PyTorch for all shares.
        gradient_code: PyTorch for the derivative.
    """

    terms: Callable[[Spot], Formula]
    rule: str
    gradient_rule: str
    scale: Callable[[int, int], Outer]
    code: str
    gradient_code: str


def loss_terms(spot: Spot) -> Formula:
    """One sample's share of the loss."""
    return _RULES[spot.record.spec.loss.kind].terms(spot)


def _seen(spot: Spot, kind: str) -> str:
    return spot.record.canonical(f"{kind}:{spot.output}")


def _written(spot: Spot, template: str) -> str:
    names = {kind: name_of(spot.record, _seen(spot, kind)) for kind in ("z", "a")}
    return f"{name_of(spot.record, spot.entry.writes)} = {template.format(**names)}"


def _squares(spot: Spot) -> Formula:
    key, sample = _seen(spot, "a"), spot.one
    errors = spot.array(key)[sample].astype(np.float64) - spot.array("y")[sample]

    def piece(j: int) -> Piece:
        a, y = spot.of(key, j), spot.of("y", j)
        symbols = rf"\left({a.symbol} - {y.symbol}\right)^2"
        numbers = rf"\left({number(a.value)} - {operand(y.value)}\right)^2"
        return Piece(Term((Factor(symbols, float(errors[j]) ** 2),)), symbols, numbers, (a, y))

    return _shares(spot, Products(errors**2, piece), errors.size)


def _shares(spot: Spot, products: Products, outputs: int) -> Formula:
    rule = _RULES[spot.record.spec.loss.kind]
    outer = rule.scale(spot.samples, outputs)
    # The derivative of a square brings the 2 that a loss's own scale does not have.
    halves = {"mse": 1, "half_mse": 1}
    if spot.record.spec.loss.kind in halves:
        outer = _SQUARE_SCALES[spot.record.spec.loss.kind](spot.samples, outputs)
    return sum_formula(
        spot,
        summed(products, outer=outer),
        rule=rule.rule,
        code=_written(spot, rule.code),
    )
