"""The loss, sample by sample and whole, and where its gradient begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.debugger.rules.activations import drawn_powers, powers_of
from core.debugger.rules.code import name_of
from core.debugger.rules.formula import Factor, Formula, Term
from core.debugger.rules.functions import softplus
from core.debugger.rules.latex import number, operand
from core.debugger.rules.spot import Spot
from core.debugger.rules.sums import (
    Outer,
    Piece,
    Products,
    plain_formula,
    share,
    sum_formula,
    summed,
)

Scale = Callable[[int, int], Outer]
"""Of the numbers of samples and outputs: what stands before a sum over the outputs."""


@dataclass(frozen=True)
class _Rule:
    """A loss as formulas; the code has ``{a}`` and ``{z}``."""

    terms: Callable[[Spot], Formula]
    rule: str
    scale: Scale
    code: str
    gradient_rule: str
    gradient_scale: Scale
    gradient_code: str


def loss_terms(spot: Spot) -> Formula:
    """One sample's share of the loss."""
    return _rule(spot).terms(spot)


def _rule(spot: Spot) -> _Rule:
    return _RULES[spot.record.spec.loss.kind]


def _seen(spot: Spot, kind: str) -> str:
    return spot.record.canonical(f"{kind}:{spot.output}")


def _written(spot: Spot, template: str) -> str:
    names = {kind: name_of(spot.record, _seen(spot, kind)) for kind in ("z", "a")}
    return f"{name_of(spot.record, spot.entry.writes)} = {template.format(**names)}"


def _outputs(spot: Spot, products: Products) -> Formula:
    """A sum over the outputs."""
    rule = _rule(spot)
    outer = rule.scale(spot.samples, products.values.size)
    return sum_formula(
        spot,
        summed(products, outer=outer),
        rule=rule.rule,
        code=_written(spot, rule.code),
    )


def _squares(spot: Spot) -> Formula:
    key, sample = _seen(spot, "a"), spot.one
    errors = spot.array(key)[sample].astype(np.float64) - spot.array("y")[sample]

    def piece(j: int) -> Piece:
        a, y = spot.of(key, j), spot.of("y", j)
        symbols = rf"\left({a.symbol} - {y.symbol}\right)^2"
        numbers = rf"\left({number(a.value)} - {operand(y.value)}\right)^2"
        return Piece(Term((Factor(symbols, float(errors[j]) ** 2),)), symbols, numbers, (a, y))

    return _outputs(spot, Products(errors**2, piece))


def _binary(spot: Spot) -> Formula:
    """From the logits, as torch computes it: exact where the sigmoid has saturated."""
    key, sample = _seen(spot, "z"), spot.one
    logits = spot.array(key)[sample].astype(np.float64)
    targets = spot.array("y")[sample].astype(np.float64)
    values = targets * np.logaddexp(0, -logits) + (1 - targets) * np.logaddexp(0, logits)

    def piece(j: int) -> Piece:
        z, y = spot.of(key, j), spot.of("y", j)
        surprise = y.value * softplus(-z.value) + (1 - y.value) * softplus(z.value)
        symbols = rf"{y.symbol} \ln\left(1 + e^{{-{z.symbol}}}\right)"
        symbols += rf" + \left(1 - {y.symbol}\right) \ln\left(1 + e^{{{z.symbol}}}\right)"
        numbers = rf"{number(y.value)}\cdot\ln\left(1 + e^{{-{operand(z.value)}}}\right)"
        numbers += rf" + {number(1 - y.value)}\cdot\ln\left(1 + e^{{{number(z.value)}}}\right)"
        return Piece(Term((Factor(symbols, surprise),)), symbols, numbers, (z, y))

    return _outputs(spot, Products(values, piece))


def _surprise(spot: Spot) -> Formula:
    """The right class's, from the logits too."""
    key, rule = _seen(spot, "z"), _rule(spot)
    row = spot.array(key)[spot.one].astype(np.float64)
    label = spot.of("y")
    right, seen = spot.of(key, int(label.value)), powers_of(spot, key)
    outer = rule.scale(spot.samples, row.size)
    largest = float(row.max())
    value = largest + float(np.log(np.exp(row - largest).sum())) - right.value
    powers = (drawn_powers(seen, row.size), drawn_powers(seen, row.size, numbers=True))
    return plain_formula(
        spot,
        rule=rule.rule,
        symbols=rf"{outer.factor.symbol}\left(\ln\left({powers[0]}\right) - {right.symbol}\right)",
        numbers=rf"{outer.numbers}\left(\ln\left({powers[1]}\right)"
        rf" - {operand(right.value)}\right)",
        value=value * outer.factor.value,
        factors=[right, *seen, label],
        code=_written(spot, rule.code),
    )


def loss_gradient(spot: Spot) -> Formula:
    """How the loss changes with one output, or with its logit."""
    rule, unit = _rule(spot), spot.index[0]
    a = spot.of(_seen(spot, "a"), unit)
    target, read = _target(spot, unit)
    outer = rule.gradient_scale(spot.samples, spot.entry.shape[0])
    return plain_formula(
        spot,
        rule=rule.gradient_rule,
        symbols=rf"{outer.factor.symbol}\left({a.symbol} - {target.symbol}\right)",
        numbers=rf"{outer.numbers}\left({number(a.value)} - {operand(target.value)}\right)",
        value=outer.factor.value * (a.value - target.value),
        factors=[a, read],
        code=_written(spot, rule.gradient_code),
    )


def _target(spot: Spot, unit: int) -> tuple[Factor, Factor]:
    """What an output should be, and the number of the record that says so."""
    if spot.array("y").ndim > 1:
        target = spot.of("y", unit)
        return target, target
    label = spot.of("y")
    return Factor(f"y_{{{unit + 1}}}", float(int(label.value) == unit)), label


def loss(spot: Spot) -> Formula:
    """The samples' shares together."""
    values = spot.array("terms").astype(np.float64)

    def piece(i: int) -> Piece:
        term = spot.at("terms", (i,))
        return Piece(Term((term,)), term.symbol, operand(term.value), (term,))

    return sum_formula(
        spot,
        summed(Products(values, piece)),
        rule=r"L = \sum_{i=1}^{n} L^{[i]}",
        code="loss = terms.sum()",
    )


def objective(spot: Spot) -> Formula:
    """What is differentiated: the loss and the penalty."""
    parts = [spot.at("loss", ()), spot.at("penalty", ())]
    return plain_formula(
        spot,
        rule=r"J = L + \Omega",
        symbols=" + ".join(part.symbol for part in parts),
        numbers=" + ".join(operand(part.value) for part in parts),
        value=sum(part.value for part in parts),
        factors=parts,
        code="total = loss + penalty",
    )


def _all(above: int = 1) -> Scale:
    """One part of all outputs of all samples."""

    def scale(samples: int, outputs: int) -> Outer:
        return share(samples * outputs, "n" if outputs == 1 else rf"n \cdot {outputs}", above)

    return scale


def _each(below: int = 1) -> Scale:
    """One part of all samples, or half of it."""
    name = "n" if below == 1 else f"{below}n"
    return lambda samples, outputs: share(below * samples, name)


_RULES: dict[str, _Rule] = {
    "mse": _Rule(
        terms=_squares,
        rule=r"L^{[i]} = \frac{1}{n K} \sum_{j=1}^{K} \left(a_{j} - y_{j}\right)^2",
        scale=_all(),
        code='F.mse_loss({a}, y, reduction="none").sum(1) / {a}.numel()',
        gradient_rule=r"\frac{\partial L}{\partial a_{j}} = \frac{2}{n K}"
        r"\left(a_{j} - y_{j}\right)",
        gradient_scale=_all(above=2),
        gradient_code="2 * ({a} - y) / {a}.numel()",
    ),
    "half_mse": _Rule(
        terms=_squares,
        rule=r"L^{[i]} = \frac{1}{2n} \sum_{j} \left(a_{j} - y_{j}\right)^2",
        scale=_each(below=2),
        code='F.mse_loss({a}, y, reduction="none").sum(1) / (2 * len({a}))',
        gradient_rule=r"\frac{\partial L}{\partial a_{j}} = \frac{1}{n}\left(a_{j} - y_{j}\right)",
        gradient_scale=_each(),
        gradient_code="({a} - y) / len({a})",
    ),
    "binary_cross_entropy": _Rule(
        terms=_binary,
        rule=r"L^{[i]} = -\frac{1}{n K} \sum_{j=1}^{K} "
        r"\left[y_{j} \ln a_{j} + (1 - y_{j}) \ln(1 - a_{j})\right],\quad "
        r"a_{j} = \frac{1}{1 + e^{-z_{j}}}",
        scale=_all(),
        code='F.binary_cross_entropy_with_logits({z}, y, reduction="none").sum(1) / {z}.numel()',
        gradient_rule=r"\delta_{j} = \frac{\partial L}{\partial z_{j}} = \frac{1}{n K}"
        r"\left(a_{j} - y_{j}\right),\quad a_{j} = \sigma(z_{j})",
        gradient_scale=_all(),
        gradient_code="(torch.sigmoid({z}) - y) / {z}.numel()",
    ),
    "cross_entropy": _Rule(
        terms=_surprise,
        rule=r"L^{[i]} = -\frac{1}{n} \ln a_{y} = \frac{1}{n}"
        r"\,(\ln \sum_{j} e^{z_{j}} - z_{y})",
        scale=_each(),
        code='F.cross_entropy({z}, y, reduction="none") / len({z})',
        gradient_rule=r"\delta_{j} = \frac{\partial L}{\partial z_{j}} = \frac{1}{n}"
        r"\left(a_{j} - y_{j}\right),\quad a = \mathrm{softmax}(z)",
        gradient_scale=_each(),
        gradient_code="(torch.softmax({z}, 1) - F.one_hot(y, {z}.shape[1])) / len({z})",
    ),
}
"""By the kind of the catalog's entry."""
