"""The gradient that a layer passes on to what it took in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.debugger.formulas.formula import Factor, Formula
from core.debugger.formulas.forward import AREA, EPSILON, VEC, taken
from core.debugger.formulas.names import derivative, letter_at, name_of
from core.debugger.formulas.spot import OneNumber
from core.debugger.formulas.sums import (
    Products,
    Summand,
    plain_formula,
    product,
    read,
    share,
    single,
    sum_formula,
    summed,
)
from core.debugger.formulas.windows import SlidingWindow, window_of
from core.experiment.layers import BatchNorm
from core.expression.calculus import worth
from core.expression.functions import sqrt, where
from core.expression.tree import HAT, ONE, ZERO, Big, Expr, Function, Overlined, Quantity, Symbol
from core.messages.record import input_of

WHOLE, _NOTHING = Factor(ONE, 1.0), Factor(ZERO, 0.0)
"""What is passed on as it is, and what is not."""
_DELTA, _DELTA_RQ = Symbol("δ"), Symbol("δ", "r,q")
_HAT, _SPREAD = Symbol("x", mark=HAT), sqrt(Symbol("σ") ** 2 + EPSILON)
_MEAN, _MOVED = Overlined(parts=(_DELTA,)), Overlined(parts=(_DELTA * _HAT,))


def _by(spot: OneNumber, index: str, *made: Expr) -> Expr:
    """The gradient by what comes in; is what is given, if anything is."""
    came = letter_at(spot.record, spot.entry.writes.removeprefix("d:"), index)
    left = derivative("L", came)
    return left.is_(*made) if made else left


def input_gradient(spot: OneNumber) -> Formula:
    """How the loss changes with one number that the layer took in."""
    return _INPUTS[spot.layer.layer.kind](spot)


def _written(spot: OneNumber, code: str) -> str:
    return f"{name_of(spot.record, spot.entry.writes)} = {code}"


def _delta(spot: OneNumber) -> str:
    return name_of(spot.record, spot.delta)


def _source(spot: OneNumber) -> str:
    return name_of(spot.record, spot.source)


def _dense(spot: OneNumber) -> Formula:
    weight, k, delta = f"p:{spot.where}.weight", spot.index[0], spot.delta
    values = spot.array(weight)[:, k].astype(np.float64) * spot.array(delta)[spot.one]

    def piece(j: int) -> Summand:
        return product(spot.of(delta, j), spot.at(weight, (j, k)))

    return sum_formula(
        spot,
        summed(Products(values, piece)),
        rule=_by(spot, "k", Big("j", parts=(Symbol("δ", "j") * Symbol("w", "j,k"),))),
        code=_written(spot, f"{_delta(spot)} @ {name_of(spot.record, weight)}"),
    )


def _convolution(spot: OneNumber) -> Formula:
    """The kernel over what comes back: each output that saw the pixel sends its share."""
    weight, delta = f"p:{spot.where}.weight", spot.delta
    (d, row, column), deltas = spot.index, spot.array(spot.delta)[spot.one]
    window = window_of(spot.layer.layer)
    rows, columns = window.seen_by(row, deltas.shape[1]), window.seen_by(column, deltas.shape[2])
    us, rs = _columns(rows)
    vs, qs = _columns(columns)
    kernel = spot.array(weight)[:, d][:, us[:, None], vs].astype(np.float64)
    values = kernel * deltas[:, rs[:, None], qs]

    def piece(flat: int) -> Summand:
        c, i, j = (int(place) for place in np.unravel_index(flat, values.shape))
        (u, r), (v, q) = rows[i], columns[j]
        return product(spot.of(delta, c, r, q), spot.at(weight, (c, d, u, v)))

    summed_over: Expr = Symbol("δ", "c,r,q") * Symbol("w", "c,d,u,v")
    for index in ("q,v: sq+v-p=g", "r,u: sr+u-p=h", "c"):
        summed_over = Big(index, parts=(summed_over,))
    slid = f"stride={window.stride}, padding={window.padding}"
    arguments = f"{_source(spot)}.shape, {name_of(spot.record, weight)}, {_delta(spot)}, {slid}"
    return sum_formula(
        spot,
        summed(Products(values, piece)),
        rule=_by(spot, "d,h,g", summed_over),
        code=_written(spot, f"torch.nn.grad.conv2d_input({arguments})"),
    )


def _columns(
    pairs: list[tuple[int, int]],
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    first = np.array([pair[0] for pair in pairs], dtype=np.int64)
    return first, np.array([pair[1] for pair in pairs], dtype=np.int64)


def _seeing(spot: OneNumber, window: SlidingWindow) -> list[tuple[int, int]]:
    """The outputs of a pooling that see this input."""
    _, row, column = spot.index
    rows, columns = spot.array(spot.delta).shape[2:]
    return [
        (r, q) for _, r in window.seen_by(row, rows) for _, q in window.seen_by(column, columns)
    ]


def _max_pool(spot: OneNumber) -> Formula:
    """Only the largest of a window, the first of equals, has its gradient."""
    window, (channel, row, column) = window_of(spot.layer.layer), spot.index
    image = spot.array(spot.source)[spot.one, channel]
    size, stride = window.size, window.stride

    def won(r: int, q: int) -> bool:
        patch = image[r * stride : r * stride + size, q * stride : q * stride + size]
        place = (row - r * stride) * size + column - q * stride
        return int(np.argmax(patch)) == place

    places = _seeing(spot, window)
    deltas = [spot.of(spot.delta, channel, *place) for place in places]
    chosen = [WHOLE if won(*place) else _NOTHING for place in places]
    pieces = [product(d, one) for d, one in zip(deltas, chosen, strict=True)]
    call = f"lambda x: F.max_pool2d(x, {size}, stride={stride})"
    largest = taken(spot).is_(taken(spot, "max"))
    return sum_formula(
        spot,
        summed(*(single(piece) for piece in pieces)),
        rule=_by(spot, "", Big("r,q", parts=(_DELTA_RQ * where(largest, 1, 0),))),
        code=_written(spot, f"torch.func.vjp({call}, {_source(spot)})[1]({_delta(spot)})[0]"),
        extra=(spot.of(spot.source, *spot.index),),
        chain=(deltas[0], chosen[0]) if len(pieces) == 1 else None,
    )


def _avg_pool(spot: OneNumber) -> Formula:
    window = window_of(spot.layer.layer)
    size, places = window.size, _seeing(spot, window)
    deltas = [spot.of(spot.delta, spot.index[0], *place) for place in places]
    outer = share(size * size, AREA)
    call = f"lambda x: F.avg_pool2d(x, {size}, stride={window.stride})"
    return sum_formula(
        spot,
        summed(*(single(product(delta)) for delta in deltas), outer=outer),
        rule=_by(spot, "", 1 / AREA * Big("r,q", parts=(_DELTA_RQ,))),
        code=_written(spot, f"torch.func.vjp({call}, {_source(spot)})[1]({_delta(spot)})[0]"),
        chain=(deltas[0], Factor(outer, worth(outer))) if len(deltas) == 1 else None,
    )


def _flatten(spot: OneNumber) -> Formula:
    place = int(np.ravel_multi_index(spot.index, spot.layer.input_shape))
    delta = spot.of(spot.delta, place)
    return plain_formula(
        spot,
        delta,
        rule=VEC(_by(spot, "")).is_(_DELTA),
        code=_written(spot, f"{_delta(spot)}.reshape({_source(spot)}.shape)"),
        upstream=delta,
        local=WHOLE,
    )


def _dropout(spot: OneNumber) -> Formula:
    key = f"mask:{spot.where}"
    delta, mask = spot.of(spot.delta, *spot.index), spot.of(key, *spot.index)
    return plain_formula(
        spot,
        delta * mask,
        rule=_by(spot, "", _DELTA * Symbol("m")),
        code=_written(spot, f"{_delta(spot)} * {name_of(spot.record, key)}"),
        upstream=delta,
        local=mask,
    )


def _batch_norm(spot: OneNumber) -> Formula:
    """A sample moves the batch's mean and spread too, and by them every other sample."""
    where, feature = spot.where, spot.index[0]
    layer = spot.layer.layer
    assert isinstance(layer, BatchNorm)
    deltas = spot.array(spot.delta)[:, feature].astype(np.float64)
    normed = spot.array(f"norm:{where}")[:, feature]
    delta, hat = spot.of(spot.delta, *spot.index), spot.of(f"norm:{where}", *spot.index)
    mean = Factor(-_MEAN, -float(deltas.mean()))
    moved = Factor(-_MOVED, -float((deltas * normed).mean()))
    call = f"lambda x: F.batch_norm(x, None, None, {_gamma(spot)}, None, True, 0.1, {layer.eps})"
    outer = _scale(spot, layer.eps)
    return sum_formula(
        spot,
        summed(
            *(single(piece) for piece in (product(delta), product(mean), product(moved, hat))),
            outer=outer,
        ),
        rule=_by(spot, "", Symbol("γ") / _SPREAD * (_DELTA - _MEAN - _HAT * _MOVED)),
        code=_written(spot, f"torch.func.vjp({call}, {_source(spot)})[1]({_delta(spot)})[0]"),
        extra=tuple(read(outer)),
    )


def _gamma(spot: OneNumber) -> str:
    return name_of(spot.record, f"p:{spot.where}.weight")


def _scale(spot: OneNumber, eps: float) -> Expr:
    gamma = spot.at(f"p:{spot.where}.weight", spot.index[:1])
    variance = spot.at(f"var:{spot.where}", spot.index[:1])
    return gamma / sqrt(variance + Quantity(EPSILON, eps))


def skip_gradient(spot: OneNumber) -> Formula:
    """At a skip's end both ways get the same gradient; at its beginning theirs are added."""
    group = f"d:in:{spot.where}"
    delta = spot.of(spot.delta, *spot.index)
    if spot.entry.writes != spot.record.canonical(f"d:{input_of(spot.entry.path)}"):
        return plain_formula(
            spot,
            delta,
            rule=derivative("L", Function("F")(taken(spot))).is_(_DELTA),
            code=_written(spot, _delta(spot)),
            upstream=delta,
            local=WHOLE,
        )
    inner = spot.of(group, *spot.index) if group in spot.entry.reads else delta
    return sum_formula(
        spot,
        summed(single(product(delta)), single(product(inner))),
        rule=_by(spot, "", _DELTA + derivative("F", taken(spot)) ** Symbol("T") * _DELTA),
        code=_written(spot, f"{_delta(spot)} + {name_of(spot.record, inner.key)}"),
    )


_INPUTS: dict[str, Callable[[OneNumber], Formula]] = {
    "dense": _dense,
    "conv2d": _convolution,
    "max_pool2d": _max_pool,
    "avg_pool2d": _avg_pool,
    "flatten": _flatten,
    "dropout": _dropout,
    "batch_norm": _batch_norm,
}
"""By the kind of a layer."""
