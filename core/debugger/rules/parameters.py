"""The gradients of weights and biases: sums over all samples.

What comes in is multiplied by what comes back. With one sample chosen its share of the
sum is explained. The 1/n of the loss is in every delta.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.debugger.rules.code import name_of
from core.debugger.rules.formula import Factor, Formula
from core.debugger.rules.latex import derivative, letter_of, parameter_symbol
from core.debugger.rules.spot import Spot
from core.debugger.rules.sums import Piece, Products, product, single, sum_formula, summed
from core.debugger.rules.windows import window_of

INSIDE = (
    r",\quad \delta^{[i]} = \frac{\partial L}{\partial z^{[i]}},"
    r"\quad L = \frac{1}{n} \sum_{i=1}^{n} \ell^{[i]}"
)
"""Says where the 1/n has gone."""


@dataclass(frozen=True)
class _Share:
    """The data's part of a gradient: the summands, the rule's two sides, and its code."""

    products: Products
    parameter: str
    rule: str
    code: str


def weight_gradient(spot: Spot) -> Formula:
    """How the objective changes with one weight."""
    return _gradient(spot, _WEIGHTS[spot.layer.layer.kind](spot))


def bias_gradient(spot: Spot) -> Formula:
    """How the objective changes with one bias."""
    return _gradient(spot, _bias(spot))


def _gradient(spot: Spot, data: _Share) -> Formula:
    code = f"{name_of(spot.record, spot.entry.writes)} = {data.code}"
    if spot.sample is not None:
        total = summed(data.products)
        return sum_formula(
            spot,
            total,
            rule=f"{derivative('L', data.parameter)} = {data.rule}{INSIDE}",
            code=code + _penalty_code(spot),
            result=_share_of(spot, total.value),
            chain=_chain(total.pieces),
        )
    penalty, words = _penalty(spot)
    objective = "J" if penalty else "L"
    return sum_formula(
        spot,
        summed(data.products, *penalty),
        rule=f"{derivative(objective, data.parameter)} = {data.rule}{words}{INSIDE}",
        code=code + _penalty_code(spot),
    )


def _share_of(spot: Spot, value: float) -> Factor:
    """One sample's part stands in no array: its place is that of the whole."""
    symbol = parameter_symbol(spot.record, spot.entry.parameter, spot.index)
    whole = derivative("L", symbol)
    return Factor(
        rf"\left({whole}\right)^{{[{spot.one + 1}]}}", value, spot.entry.writes, spot.index
    )


def _chain(pieces: tuple[Piece, ...]) -> tuple[Factor, Factor] | None:
    """What comes back and what it is multiplied by, where one product is all."""
    if len(pieces) != 1:
        return None
    upstream, *local = pieces[0].term.factors
    return upstream, local[0] if local else Factor("1", 1.0)


def _samples(spot: Spot) -> tuple[slice, int]:
    """The samples summed over, and the first of them."""
    if spot.sample is None:
        return slice(None), 0
    return slice(spot.sample, spot.sample + 1), spot.sample


def _dense(spot: Spot) -> _Share:
    samples, first = _samples(spot)
    (unit, k), delta, source = spot.index, spot.delta, spot.source
    values = spot.array(delta)[samples, unit].astype(np.float64) * spot.array(source)[samples, k]

    def piece(i: int) -> Piece:
        above = spot.at(delta, (first + i, unit), marked=True)
        return product(above, spot.at(source, (first + i, k), marked=True))

    names = (name_of(spot.record, delta), name_of(spot.record, source))
    return _Share(
        Products(values, piece),
        "w_{j,k}",
        r"\sum_{i=1}^{n} \delta_{j}^{[i]}\, x_{k}^{[i]}",
        f"{names[0]}.T @ {names[1]}",
    )


def _convolution(spot: Spot) -> _Share:
    samples, first = _samples(spot)
    (channel, d, u, v), delta, source = spot.index, spot.delta, spot.source
    deltas, image, window = spot.array(delta), spot.array(source), window_of(spot.layer.layer)
    rows, from_rows = window.outputs_of(u, image.shape[2], deltas.shape[2])
    columns, from_columns = window.outputs_of(v, image.shape[3], deltas.shape[3])
    patch = image[samples, d, from_rows, from_columns]
    values = deltas[samples, channel, rows, columns].astype(np.float64) * patch

    def piece(flat: int) -> Piece:
        i, r, q = (int(place) for place in np.unravel_index(flat, values.shape))
        above = (first + i, channel, rows.start + r, columns.start + q)
        row = from_rows.start + r * window.stride
        below = (first + i, d, row, from_columns.start + q * window.stride)
        return product(spot.at(delta, above, marked=True), spot.at(source, below, marked=True))

    slid = f"stride={window.stride}, padding={window.padding}"
    names = [name_of(spot.record, key) for key in (source, f"p:{spot.entry.parameter}", delta)]
    return _Share(
        Products(values, piece),
        "w_{c,d,u,v}",
        r"\sum_{i=1}^{n} \sum_{r,q} \delta_{c,r,q}^{[i]}\, x_{d,\,sr+u-p,\,sq+v-p}^{[i]}",
        f"torch.nn.grad.conv2d_weight({names[0]}, {names[1]}.shape, {names[2]}, {slid})",
    )


def _scale(spot: Spot) -> _Share:
    """Batch norm's gamma: the batch of centred values times what comes back."""
    samples, first = _samples(spot)
    feature, delta, normed = spot.index[0], spot.delta, f"norm:{spot.where}"
    deltas = spot.array(delta)[samples, feature].astype(np.float64)
    values = deltas * spot.array(normed)[samples, feature]

    def piece(flat: int) -> Piece:
        place = _place(flat, values.shape, first, feature)
        above = spot.at(delta, place, marked=True)
        return product(above, spot.at(normed, place, marked=True))

    names = (name_of(spot.record, delta), name_of(spot.record, normed))
    place, sums, below = _indices(spot)
    return _Share(
        Products(values, piece),
        rf"\gamma_{{{place}}}",
        rf"\sum_{{i=1}}^{{n}} {sums}\delta_{{{below}}}^{{[i]}}\, \hat{{x}}_{{{below}}}^{{[i]}}",
        f"({names[0]} * {names[1]}).sum({_axes(spot)})",
    )


def _bias(spot: Spot) -> _Share:
    samples, first = _samples(spot)
    feature, delta = spot.index[0], spot.delta
    values = spot.array(delta)[samples, feature].astype(np.float64)

    def piece(flat: int) -> Piece:
        return product(spot.at(delta, _place(flat, values.shape, first, feature), marked=True))

    place, sums, below = _indices(spot)
    letter = letter_of(spot.record, spot.entry.parameter)
    return _Share(
        Products(values, piece),
        f"{letter}_{{{place}}}",
        rf"\sum_{{i=1}}^{{n}} {sums}\delta_{{{below}}}^{{[i]}}",
        f"{name_of(spot.record, delta)}.sum({_axes(spot)})",
    )


def _indices(spot: Spot) -> tuple[str, str, str]:
    """A feature's index, the sum over its pixels, and the index of one of them."""
    image = spot.array(spot.delta).ndim == 4
    return ("c", r"\sum_{r,q} ", "c,r,q") if image else ("j", "", "j")


def _place(flat: int, shape: tuple[int, ...], first: int, feature: int) -> tuple[int, ...]:
    i, *pixel = (int(place) for place in np.unravel_index(flat, shape))
    return (first + i, feature, *pixel)


def _axes(spot: Spot) -> str:
    return "(0, 2, 3)" if spot.array(spot.delta).ndim == 4 else "0"


def _penalty(spot: Spot) -> tuple[list[Products], str]:
    """What the penalties add to a weight's gradient: no sample has a share in it."""
    training, name = spot.record.spec.training, spot.entry.parameter
    if f"penalty:{name}" not in spot.record.arrays:
        return [], ""
    weight = spot.at(f"p:{name}", spot.index)
    found, words = [], ""
    if training.l1:
        # A sign is no number of the record, yet it is read from the weight.
        sign = Factor(rf"\mathrm{{sign}}\left({weight.symbol}\right)", float(np.sign(weight.value)))
        piece = product(Factor(r"\lambda_1", training.l1), sign)
        found.append(single(Piece(piece.term, piece.symbols, piece.numbers, (weight,))))
        words += r" + \lambda_1\, \mathrm{sign}(w)"
    if training.l2:
        found.append(single(product(Factor(r"\lambda_2", training.l2), weight)))
        words += r" + \lambda_2\, w"
    return found, words


def _penalty_code(spot: Spot) -> str:
    training, name = spot.record.spec.training, spot.entry.parameter
    if f"penalty:{name}" not in spot.record.arrays:
        return ""
    weight = name_of(spot.record, f"p:{name}")
    first = f" + {training.l1} * {weight}.sign()" if training.l1 else ""
    return first + (f" + {training.l2} * {weight}" if training.l2 else "")


_WEIGHTS: dict[str, Callable[[Spot], _Share]] = {
    "dense": _dense,
    "conv2d": _convolution,
    "batch_norm": _scale,
}
"""By the kind of a layer."""
