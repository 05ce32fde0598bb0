"""The gradients of weights and biases: sums over all samples.

What comes in is multiplied by what comes back. With one sample chosen its share of the
sum is explained. The 1/n of the batch's loss is in every delta, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.debugger.formulas.formula import Factor, Formula
from core.debugger.formulas.forward import PATCH, taken
from core.debugger.formulas.inputs import WHOLE
from core.debugger.formulas.names import derivative, letter_of, name_of, parameter_symbol
from core.debugger.formulas.spot import OneNumber
from core.debugger.formulas.sums import Products, Summand, product, single, sum_formula, summed
from core.debugger.formulas.windows import window_of
from core.expression.functions import sign
from core.expression.tree import HAT, Aside, Big, Expr, Function, Symbol, total

INSIDE = Symbol("δ", above="[i]").is_(derivative("L", Symbol("z", above="[i]")))
"""What every share of a gradient begins with, the 1/n of the batch's loss inside."""


LAMBDA_1, LAMBDA_2 = Symbol("λ", "1"), Symbol("λ", "2")


@dataclass(frozen=True)
class _Share:
    """The data's part of a gradient: the summands, the rule's two sides, and its code."""

    products: Products
    parameter: Symbol
    rule: Expr
    code: str


def weight_gradient(spot: OneNumber) -> Formula:
    """How the objective changes with one weight."""
    return _gradient(spot, _WEIGHTS[spot.layer.layer.kind](spot))


def bias_gradient(spot: OneNumber) -> Formula:
    """How the objective changes with one bias."""
    return _gradient(spot, _bias(spot))


def shares(spot: OneNumber) -> NDArray[np.float64]:
    """What each sample adds to a gradient of the whole batch, (n,)."""
    weighs = spot.entry.kind == "weight_gradient"
    data = _WEIGHTS[spot.layer.layer.kind](spot) if weighs else _bias(spot)
    return np.asarray(data.products.values.reshape(spot.samples, -1).sum(axis=1))


def _gradient(spot: OneNumber, data: _Share) -> Formula:
    code = f"{name_of(spot.record, spot.entry.writes)} = {data.code}"
    if spot.sample is not None:
        share = summed(data.products)
        return sum_formula(
            spot,
            share,
            rule=_told(spot, "L", data, data.rule),
            code=code,
            result=_share_of(spot, share.value),
            chain=_chain(share.pieces),
        )
    penalty, words = _penalty(spot)
    objective = "J" if penalty else "L"
    return sum_formula(
        spot,
        summed(data.products, *penalty),
        rule=_told(spot, objective, data, total([data.rule, *words])),
        code=code + _penalty_code(spot),
    )


def _told(spot: OneNumber, objective: str, data: _Share, made: Expr) -> Expr:
    made_of = derivative(objective, data.parameter).is_(made)
    return Aside(parts=(made_of, INSIDE, spot.record.spec.loss.together))


def _share_of(spot: OneNumber, value: float) -> Factor:
    """One sample's part stands in no array: its place is that of the whole."""
    symbol = parameter_symbol(spot.record, spot.entry.parameter, spot.index)
    whole = derivative("L", symbol)
    share = Function("")(whole) ** Symbol(f"[{spot.one + 1}]")
    return Factor(share, value, spot.entry.writes, spot.index)


def _chain(pieces: tuple[Summand, ...]) -> tuple[Factor, Factor] | None:
    """What comes back and what it is multiplied by, where one product is all."""
    if len(pieces) != 1:
        return None
    upstream, *local = pieces[0].term.factors
    return upstream, local[0] if local else WHOLE


def _name(spot: OneNumber, key: str) -> str:
    """What code calls an array of the samples that are summed over."""
    one = "" if spot.sample is None else f"[{spot.sample}:{spot.sample + 1}]"
    return name_of(spot.record, key) + one


def _samples(spot: OneNumber) -> tuple[slice, int]:
    """The samples summed over, and the first of them."""
    if spot.sample is None:
        return slice(None), 0
    return slice(spot.sample, spot.sample + 1), spot.sample


def _dense(spot: OneNumber) -> _Share:
    samples, first = _samples(spot)
    (unit, k), delta, source = spot.index, spot.delta, spot.source
    values = spot.array(delta)[samples, unit].astype(np.float64) * spot.array(source)[samples, k]

    def piece(i: int) -> Summand:
        above = spot.at(delta, (first + i, unit), marked=True)
        return product(above, spot.at(source, (first + i, k), marked=True))

    names = (_name(spot, delta), _name(spot, source))
    return _Share(
        Products(values, piece),
        Symbol("w", "j,k"),
        _over_samples(_delta("j") * taken(spot, "k", "[i]")),
        f"{names[0]}.T @ {names[1]}",
    )


def _convolution(spot: OneNumber) -> _Share:
    samples, first = _samples(spot)
    (channel, d, u, v), delta, source = spot.index, spot.delta, spot.source
    deltas, image, window = spot.array(delta), spot.array(source), window_of(spot.layer.layer)
    rows, from_rows = window.outputs_of(u, image.shape[2], deltas.shape[2])
    columns, from_columns = window.outputs_of(v, image.shape[3], deltas.shape[3])
    patch = image[samples, d, from_rows, from_columns]
    values = deltas[samples, channel, rows, columns].astype(np.float64) * patch

    def piece(flat: int) -> Summand:
        i, r, q = (int(place) for place in np.unravel_index(flat, values.shape))
        above = (first + i, channel, rows.start + r, columns.start + q)
        row = from_rows.start + r * window.stride
        below = (first + i, d, row, from_columns.start + q * window.stride)
        return product(spot.at(delta, above, marked=True), spot.at(source, below, marked=True))

    slid = f"stride={window.stride}, padding={window.padding}"
    kernel = name_of(spot.record, f"p:{spot.entry.parameter}")
    names = [_name(spot, source), kernel, _name(spot, delta)]
    return _Share(
        Products(values, piece),
        Symbol("w", "c,d,u,v"),
        _over_samples(Big("r,q", parts=(_delta("c,r,q") * taken(spot, PATCH, "[i]"),))),
        f"torch.nn.grad.conv2d_weight({names[0]}, {names[1]}.shape, {names[2]}, {slid})",
    )


def _scale(spot: OneNumber) -> _Share:
    """Batch norm's gamma: the batch of centred values times what comes back."""
    samples, first = _samples(spot)
    feature, delta, normed = spot.index[0], spot.delta, f"norm:{spot.where}"
    deltas = spot.array(delta)[samples, feature].astype(np.float64)
    values = deltas * spot.array(normed)[samples, feature]

    def piece(flat: int) -> Summand:
        place = _place(flat, values.shape, first, feature)
        above = spot.at(delta, place, marked=True)
        return product(above, spot.at(normed, place, marked=True))

    names = (_name(spot, delta), _name(spot, normed))
    place, below = _indices(spot)
    return _Share(
        Products(values, piece),
        Symbol("γ", place),
        _over_pixels(spot, _delta(below) * Symbol("x", below, "[i]", HAT)),
        f"({names[0]} * {names[1]}).sum({_axes(spot)})",
    )


def _bias(spot: OneNumber) -> _Share:
    samples, first = _samples(spot)
    feature, delta = spot.index[0], spot.delta
    values = spot.array(delta)[samples, feature].astype(np.float64)

    def piece(flat: int) -> Summand:
        return product(spot.at(delta, _place(flat, values.shape, first, feature), marked=True))

    place, below = _indices(spot)
    letter = letter_of(spot.record, spot.entry.parameter)
    return _Share(
        Products(values, piece),
        replace(letter, below=place),
        _over_pixels(spot, _delta(below)),
        f"{_name(spot, delta)}.sum({_axes(spot)})",
    )


def _delta(index: str) -> Expr:
    return Symbol("δ", index, "[i]")


def _over_samples(made: Expr) -> Expr:
    return Big("i=1", "n", parts=(made,))


def _over_pixels(spot: OneNumber, made: Expr) -> Expr:
    """Over all samples, and of an image over all of its pixels."""
    return _over_samples(Big("r,q", parts=(made,)) if _is_image(spot) else made)


def _is_image(spot: OneNumber) -> bool:
    return spot.array(spot.delta).ndim == 4


def _indices(spot: OneNumber) -> tuple[str, str]:
    """A feature's index, and that of a place in it."""
    return ("c", "c,r,q") if _is_image(spot) else ("j", "j")


def _place(flat: int, shape: tuple[int, ...], first: int, feature: int) -> tuple[int, ...]:
    i, *pixel = (int(place) for place in np.unravel_index(flat, shape))
    return (first + i, feature, *pixel)


def _axes(spot: OneNumber) -> str:
    return "(0, 2, 3)" if _is_image(spot) else "0"


def _penalty(spot: OneNumber) -> tuple[list[Products], list[Expr]]:
    """What the penalties add to a weight's gradient: no sample has a share in it."""
    training, name = spot.record.spec.training, spot.entry.parameter
    if f"penalty:{name}" not in spot.record.arrays:
        return [], []
    weight = spot.at(f"p:{name}", spot.index)
    w, found, words = Symbol("w"), [], []
    if training.l1:
        # A sign is no number of the record, yet it is read from the weight.
        direction = Factor(sign(weight.symbol), float(np.sign(weight.value)))
        piece = product(Factor(LAMBDA_1, training.l1), direction)
        found.append(single(replace(piece, reads=(weight,))))
        words.append(LAMBDA_1 * sign(w))
    if training.l2:
        found.append(single(product(Factor(LAMBDA_2, training.l2), weight)))
        words.append(LAMBDA_2 * w)
    return found, words


def _penalty_code(spot: OneNumber) -> str:
    training, name = spot.record.spec.training, spot.entry.parameter
    if f"penalty:{name}" not in spot.record.arrays:
        return ""
    weight = name_of(spot.record, f"p:{name}")
    first = f" + {training.l1} * {weight}.sign()" if training.l1 else ""
    return first + (f" + {training.l2} * {weight}" if training.l2 else "")


_WEIGHTS: dict[str, Callable[[OneNumber], _Share]] = {
    "dense": _dense,
    "conv2d": _convolution,
    "batch_norm": _scale,
}
"""By the kind of a layer."""
