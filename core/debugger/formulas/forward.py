"""What the layers make of their input."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.debugger.formulas.formula import Factor, Formula
from core.debugger.formulas.names import letter_at, name_of
from core.debugger.formulas.spot import OneNumber
from core.debugger.formulas.sums import (
    DRAWN,
    Products,
    Summand,
    plain_formula,
    product,
    share,
    single,
    sum_formula,
    summed,
)
from core.debugger.formulas.windows import window_of
from core.experiment.layers import BatchNorm, Residual
from core.expression.functions import sqrt
from core.expression.tree import DOTS, Aside, Big, Expr, Function, Overlined, Quantity, Symbol
from core.messages.record import key_of

VEC, EPSILON, AREA = Function("vec"), Symbol("ε"), Symbol("k") ** 2
PATCH, WINDOW = "d, sr+u-p, sq+v-p", "c, sr+u, sq+v"
"""The index of what a convolution and a pooling see of their input."""
_M, _MU, _SQUARE = Symbol("m"), Symbol("μ"), Symbol("σ") ** 2
_EITHER, _LARGEST = Function("{"), Function("max")


def taken(spot: OneNumber, below: str = "", above: str = "") -> Symbol:
    """What the layer takes in, in a general rule: by the letter that it has where it is made."""
    return letter_at(spot.record, spot.source, below, above)


def _given(spot: OneNumber, below: str = "") -> Symbol:
    """What the layer makes of it."""
    return letter_at(spot.record, spot.entry.writes, below)


def linear(spot: OneNumber) -> Formula:
    """A unit's weighted sum of all inputs, and its bias."""
    weight, source, unit = f"p:{spot.where}.weight", spot.source, spot.index[0]
    row = spot.array(weight)[unit]
    values = row.astype(np.float64) * spot.array(source)[spot.one]

    def piece(i: int) -> Summand:
        return product(spot.at(weight, (unit, i)), spot.of(source, i))

    return sum_formula(
        spot,
        summed(Products(values, piece), *_bias(spot)),
        rule=_with_bias(spot, "j", Big("k", parts=(Symbol("w", "j,k") * taken(spot, "k"),))),
        code=f"{_made(spot)} = F.linear({_arguments(spot)})",
    )


def convolution(spot: OneNumber) -> Formula:
    """A patch of the image times the kernel, and the channel's bias."""
    weight, source = f"p:{spot.where}.weight", spot.source
    image, window = spot.array(source)[spot.one], window_of(spot.layer.layer)
    channel, out_row, out_column = spot.index
    row, u0, u1 = window.inside(out_row, image.shape[1])
    column, v0, v1 = window.inside(out_column, image.shape[2])
    patch = image[:, row + u0 : row + u1, column + v0 : column + v1]
    values = spot.array(weight)[channel, :, u0:u1, v0:v1].astype(np.float64) * patch

    def piece(i: int) -> Summand:
        d, u, v = (int(k) for k in np.unravel_index(i, values.shape))
        kernel = spot.at(weight, (channel, d, u + u0, v + v0))
        return product(kernel, spot.of(source, d, row + u0 + u, column + v0 + v))

    slid = f"stride={window.stride}, padding={window.padding}"
    kernel_at = Symbol("w", "c,d,u,v")
    return sum_formula(
        spot,
        summed(Products(values, piece), *_bias(spot)),
        rule=_with_bias(spot, "c,r,q", Big("d,u,v", parts=(kernel_at * taken(spot, PATCH),))),
        code=f"{_made(spot)} = F.conv2d({_arguments(spot)}, {slid})",
    )


def _with_bias(spot: OneNumber, index: str, made: Expr) -> Expr:
    bias = Symbol("b", index.partition(",")[0])
    return _given(spot, index).is_(made + bias if _bias(spot) else made)


def _bias(spot: OneNumber) -> tuple[Products, ...]:
    key = f"p:{spot.where}.bias"
    return (single(product(spot.at(key, spot.index[:1]))),) if spot.has(key) else ()


def _made(spot: OneNumber) -> str:
    return name_of(spot.record, spot.entry.writes)


def _arguments(spot: OneNumber) -> str:
    keys = [spot.source, f"p:{spot.where}.weight", f"p:{spot.where}.bias"]
    return ", ".join(name_of(spot.record, key) for key in keys if spot.has(key))


def max_pool(spot: OneNumber) -> Formula:
    """The largest value of a window."""
    window, source = window_of(spot.layer.layer), spot.source
    channel, row, column = (spot.index[0], *(i * window.stride for i in spot.index[1:]))
    size = window.size
    patch = spot.array(source)[spot.one, channel, row : row + size, column : column + size]
    ranks = np.argsort(-patch, axis=None, kind="stable")
    drawn = ranks[:DRAWN] if patch.size > DRAWN else np.arange(patch.size)
    places = [(row + int(i) // size, column + int(i) % size) for i in drawn]
    seen = [spot.of(source, channel, *place) for place in places]
    return plain_formula(
        spot,
        _LARGEST(*seen, *([DOTS] if patch.size > len(seen) else [])),
        rule=_given(spot, "c,r,q").is_(Big("u,v", sign="max", parts=(taken(spot, WINDOW),))),
        value=float(patch.max()),
        code=f"{_made(spot)} = F.max_pool2d({_source(spot)}, {size}, stride={window.stride})",
    )


def _source(spot: OneNumber) -> str:
    return name_of(spot.record, spot.source)


def avg_pool(spot: OneNumber) -> Formula:
    """The mean of a window."""
    window, source = window_of(spot.layer.layer), spot.source
    channel, row, column = (spot.index[0], *(i * window.stride for i in spot.index[1:]))
    size = window.size
    patch = spot.array(source)[spot.one, channel, row : row + size, column : column + size]

    def piece(i: int) -> Summand:
        return product(spot.of(source, channel, row + i // size, column + i % size))

    return sum_formula(
        spot,
        summed(Products(patch.astype(np.float64), piece), outer=share(size * size, AREA)),
        rule=_given(spot, "c,r,q").is_(1 / AREA * Big("u,v", parts=(taken(spot, WINDOW),))),
        code=f"{_made(spot)} = F.avg_pool2d({_source(spot)}, {size}, stride={window.stride})",
    )


def flatten(spot: OneNumber) -> Formula:
    """One number of the image, at its place in the row."""
    place = np.unravel_index(spot.index[0], spot.layer.input_shape)
    number = spot.of(spot.source, *(int(i) for i in place))
    return plain_formula(
        spot,
        number,
        rule=_given(spot).is_(VEC(taken(spot))),
        code=f"{_made(spot)} = torch.flatten({_source(spot)}, 1)",
    )


def batch_norm(spot: OneNumber) -> Formula:
    """A feature centred and scaled by the batch's moments, then by what is learnt."""
    layer, where = spot.layer.layer, spot.where
    assert isinstance(layer, BatchNorm)
    feature = spot.index[:1]
    x = spot.of(spot.source, *spot.index)
    mean, variance = spot.at(f"mean:{where}", feature), spot.at(f"var:{where}", feature)
    gamma, beta = spot.at(f"p:{where}.weight", feature), spot.at(f"p:{where}.bias", feature)
    eps = Quantity(EPSILON, layer.eps)
    return plain_formula(
        spot,
        gamma * ((x - mean) / sqrt(variance + eps)) + beta,
        rule=_normed(_given(spot), taken(spot)),
        code=f"{_made(spot)} = F.batch_norm({_source(spot)}, None, None, "
        f"{name_of(spot.record, gamma.key)}, {name_of(spot.record, beta.key)}, "
        f"training=True, eps={layer.eps})",
    )


def _normed(z: Symbol, x: Symbol) -> Expr:
    return Aside(
        parts=(
            z.is_(Symbol("γ") * ((x - _MU) / sqrt(_SQUARE + EPSILON)) + Symbol("β")),
            _MU.is_(Overlined(parts=(x,))),
            _SQUARE.is_(Overlined(parts=((x - _MU) ** 2,))),
        )
    )


def dropout(spot: OneNumber) -> Formula:
    """An input times its mask: nothing, or a little more."""
    mask = spot.of(f"mask:{spot.where}", *spot.index)
    x = spot.of(spot.source, *spot.index)
    either = _M.is_(_EITHER(0, 1 / (1 - Symbol("p"))), sign="∈")
    return plain_formula(
        spot,
        mask * x,
        rule=Aside(parts=(_given(spot).is_(_M * taken(spot)), either)),
        code=f"{_made(spot)} = {_source(spot)} * {name_of(spot.record, mask.key)}",
    )


def skip(spot: OneNumber) -> Formula:
    """A group's input and what the group made of it."""
    layer = spot.layer.layer
    assert isinstance(layer, Residual)
    inner = key_of((*spot.entry.path, len(layer.layers) - 1))
    made = spot.record.canonical(f"a:{inner}") if layer.layers else spot.source
    keys = (spot.source, made)
    summands: list[Factor] = [spot.of(key, *spot.index) for key in keys]
    return sum_formula(
        spot,
        summed(*(single(product(summand)) for summand in summands)),
        rule=_given(spot).is_(taken(spot) + Function("F")(taken(spot))),
        code=f"{_made(spot)} = " + " + ".join(name_of(spot.record, key) for key in keys),
    )


TRANSFORMS: dict[str, Callable[[OneNumber], Formula]] = {
    "linear": linear,
    "convolution": convolution,
    "max_pool": max_pool,
    "avg_pool": avg_pool,
    "flatten": flatten,
    "batch_norm": batch_norm,
    "dropout": dropout,
    "skip": skip,
}
"""By the kind of an entry."""
