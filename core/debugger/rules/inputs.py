"""The gradient that a layer passes on to what it took in."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.debugger.rules.code import name_of
from core.debugger.rules.formula import Factor, Formula
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
from core.debugger.rules.windows import Window, window_of
from core.experiment.layers import BatchNorm
from core.messages.record import input_of


def input_gradient(spot: Spot) -> Formula:
    """How the loss changes with one number that the layer took in."""
    return _INPUTS[spot.layer.layer.kind](spot)


def _written(spot: Spot, code: str) -> str:
    return f"{name_of(spot.record, spot.entry.writes)} = {code}"


def _delta(spot: Spot) -> str:
    return name_of(spot.record, spot.delta)


def _source(spot: Spot) -> str:
    return name_of(spot.record, spot.source)


def _dense(spot: Spot) -> Formula:
    weight, k, delta = f"p:{spot.where}.weight", spot.index[0], spot.delta
    values = spot.array(weight)[:, k].astype(np.float64) * spot.array(delta)[spot.one]

    def piece(j: int) -> Piece:
        return product(spot.of(delta, j), spot.at(weight, (j, k)))

    return sum_formula(
        spot,
        summed(Products(values, piece)),
        rule=r"\frac{\partial L}{\partial x_{k}} = \sum_{j} \delta_{j}\, w_{j,k}",
        code=_written(spot, f"{_delta(spot)} @ {name_of(spot.record, weight)}"),
    )


def _convolution(spot: Spot) -> Formula:
    """The kernel over what comes back: each output that saw the pixel sends its share."""
    weight, delta = f"p:{spot.where}.weight", spot.delta
    (d, row, column), deltas = spot.index, spot.array(spot.delta)[spot.one]
    window = window_of(spot.layer.layer)
    rows, columns = window.seen_by(row, deltas.shape[1]), window.seen_by(column, deltas.shape[2])
    us, rs = _columns(rows)
    vs, qs = _columns(columns)
    kernel = spot.array(weight)[:, d][:, us[:, None], vs].astype(np.float64)
    values = kernel * deltas[:, rs[:, None], qs]

    def piece(flat: int) -> Piece:
        c, i, j = (int(place) for place in np.unravel_index(flat, values.shape))
        (u, r), (v, q) = rows[i], columns[j]
        return product(spot.of(delta, c, r, q), spot.at(weight, (c, d, u, v)))

    slid = f"stride={window.stride}, padding={window.padding}"
    arguments = f"{_source(spot)}.shape, {name_of(spot.record, weight)}, {_delta(spot)}, {slid}"
    return sum_formula(
        spot,
        summed(Products(values, piece)),
        rule=r"\frac{\partial L}{\partial x_{d,h,g}} = "
        r"\sum_{c} \sum_{r,u:\,sr+u-p=h}\ \sum_{q,v:\,sq+v-p=g} \delta_{c,r,q}\, w_{c,d,u,v}",
        code=_written(spot, f"torch.nn.grad.conv2d_input({arguments})"),
    )


def _columns(
    pairs: list[tuple[int, int]],
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], np.ndarray[tuple[int], np.dtype[np.int64]]]:
    first = np.array([pair[0] for pair in pairs], dtype=np.int64)
    return first, np.array([pair[1] for pair in pairs], dtype=np.int64)


def _seeing(spot: Spot, window: Window) -> list[tuple[int, int]]:
    """The outputs of a pooling that see this input."""
    _, row, column = spot.index
    rows, columns = spot.array(spot.delta).shape[2:]
    return [
        (r, q) for _, r in window.seen_by(row, rows) for _, q in window.seen_by(column, columns)
    ]


def _max_pool(spot: Spot) -> Formula:
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
    chosen = [Factor("1", 1.0) if won(*place) else Factor("0", 0.0) for place in places]
    pieces = [product(d, one) for d, one in zip(deltas, chosen, strict=True)]
    call = f"lambda x: F.max_pool2d(x, {size}, stride={stride})"
    return sum_formula(
        spot,
        summed(*(single(piece) for piece in pieces)),
        rule=r"\frac{\partial L}{\partial x} = \sum_{r,q} \delta_{r,q} \cdot "
        r"\begin{cases} 1 & \text{if } x = \max_{r,q} \\ 0 & \text{if } x < \max_{r,q} \end{cases}",
        code=_written(spot, f"torch.func.vjp({call}, {_source(spot)})[1]({_delta(spot)})[0]"),
        extra=(spot.of(spot.source, *spot.index),),
        chain=(deltas[0], chosen[0]) if len(pieces) == 1 else None,
    )


def _avg_pool(spot: Spot) -> Formula:
    window = window_of(spot.layer.layer)
    size, places = window.size, _seeing(spot, window)
    deltas = [spot.of(spot.delta, spot.index[0], *place) for place in places]
    outer = share(size * size, "k^2")
    call = f"lambda x: F.avg_pool2d(x, {size}, stride={window.stride})"
    return sum_formula(
        spot,
        summed(*(single(product(delta)) for delta in deltas), outer=outer),
        rule=r"\frac{\partial L}{\partial x} = \frac{1}{k^2} \sum_{r,q} \delta_{r,q}",
        code=_written(spot, f"torch.func.vjp({call}, {_source(spot)})[1]({_delta(spot)})[0]"),
        chain=(deltas[0], outer.factor) if len(deltas) == 1 else None,
    )


def _flatten(spot: Spot) -> Formula:
    place = int(np.ravel_multi_index(spot.index, spot.layer.input_shape))
    delta = spot.of(spot.delta, place)
    return plain_formula(
        spot,
        rule=r"\frac{\partial L}{\partial x} = \mathrm{vec}^{-1}(\delta)",
        symbols=delta.symbol,
        numbers=number(delta.value),
        value=delta.value,
        factors=[delta],
        code=_written(spot, f"{_delta(spot)}.reshape({_source(spot)}.shape)"),
        upstream=delta,
        local=Factor("1", 1.0),
    )


def _dropout(spot: Spot) -> Formula:
    key = f"mask:{spot.where}"
    delta, mask = spot.of(spot.delta, *spot.index), spot.of(key, *spot.index)
    return plain_formula(
        spot,
        rule=r"\frac{\partial L}{\partial x} = \delta\, m",
        symbols=rf"{delta.symbol}\, {mask.symbol}",
        numbers=rf"{operand(delta.value)}\cdot{operand(mask.value)}",
        value=delta.value * mask.value,
        factors=[delta, mask],
        code=_written(spot, f"{_delta(spot)} * {name_of(spot.record, key)}"),
        upstream=delta,
        local=mask,
    )


def _batch_norm(spot: Spot) -> Formula:
    """A sample moves the batch's mean and spread too, and by them every other sample."""
    where, feature = spot.where, spot.index[0]
    layer = spot.layer.layer
    assert isinstance(layer, BatchNorm)
    deltas = spot.array(spot.delta)[:, feature].astype(np.float64)
    normed = spot.array(f"norm:{where}")[:, feature]
    delta, hat = spot.of(spot.delta, *spot.index), spot.of(f"norm:{where}", *spot.index)
    mean = Factor(r"-\overline{\delta}", -float(deltas.mean()))
    moved = Factor(r"-\overline{\delta\hat{x}}", -float((deltas * normed).mean()))
    call = f"lambda x: F.batch_norm(x, None, None, {_gamma(spot)}, None, True, 0.1, {layer.eps})"
    outer, reads = _scale(spot, layer.eps)
    return sum_formula(
        spot,
        summed(
            *(single(piece) for piece in (product(delta), product(mean), product(moved, hat))),
            outer=outer,
        ),
        rule=r"\frac{\partial L}{\partial x} = \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}}"
        r"\left(\delta - \overline{\delta} - \hat{x}\,\overline{\delta\hat{x}}\right)",
        code=_written(spot, f"torch.func.vjp({call}, {_source(spot)})[1]({_delta(spot)})[0]"),
        extra=reads,
    )


def _gamma(spot: Spot) -> str:
    return name_of(spot.record, f"p:{spot.where}.weight")


def _scale(spot: Spot, eps: float) -> tuple[Outer, tuple[Factor, ...]]:
    gamma = spot.at(f"p:{spot.where}.weight", spot.index[:1])
    variance = spot.at(f"var:{spot.where}", spot.index[:1])
    symbol = rf"\frac{{{gamma.symbol}}}{{\sqrt{{{variance.symbol} + \varepsilon}}}}"
    numbers = (
        rf"\frac{{{number(gamma.value)}}}{{\sqrt{{{number(variance.value)} + {number(eps)}}}}}"
    )
    factor = Factor(symbol, gamma.value / (variance.value + eps) ** 0.5)
    return Outer(factor, numbers), (gamma, variance)


def skip_gradient(spot: Spot) -> Formula:
    """At a skip's end both ways get the same gradient; at its beginning theirs are added."""
    group = f"d:in:{spot.where}"
    delta = spot.of(spot.delta, *spot.index)
    if spot.entry.writes != spot.record.canonical(f"d:{input_of(spot.entry.path)}"):
        return plain_formula(
            spot,
            rule=r"\frac{\partial L}{\partial F(x)} = \delta",
            symbols=delta.symbol,
            numbers=number(delta.value),
            value=delta.value,
            factors=[delta],
            code=_written(spot, _delta(spot)),
            upstream=delta,
            local=Factor("1", 1.0),
        )
    inner = spot.of(group, *spot.index) if group in spot.entry.reads else delta
    return sum_formula(
        spot,
        summed(single(product(delta)), single(product(inner))),
        rule=r"\frac{\partial L}{\partial x} = \delta + "
        r"\left(\frac{\partial F}{\partial x}\right)^{T} \delta",
        code=_written(spot, f"{_delta(spot)} + {name_of(spot.record, inner.key)}"),
    )


_INPUTS: dict[str, Callable[[Spot], Formula]] = {
    "dense": _dense,
    "conv2d": _convolution,
    "max_pool2d": _max_pool,
    "avg_pool2d": _avg_pool,
    "flatten": _flatten,
    "dropout": _dropout,
    "batch_norm": _batch_norm,
}
"""By the kind of a layer."""
