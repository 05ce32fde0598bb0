"""What the layers make of their input."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.debugger.rules.code import name_of
from core.debugger.rules.formula import Factor, Formula
from core.debugger.rules.latex import number, operand
from core.debugger.rules.spot import Spot
from core.debugger.rules.sums import (
    DRAWN,
    Piece,
    Products,
    plain_formula,
    product,
    share,
    single,
    sum_formula,
    summed,
)
from core.debugger.rules.windows import window_of
from core.experiment.layers import BatchNorm, Residual
from core.messages.record import key_of


def linear(spot: Spot) -> Formula:
    """A unit's weighted sum of all inputs, and its bias."""
    weight, source, unit = f"p:{spot.where}.weight", spot.source, spot.index[0]
    row = spot.array(weight)[unit]
    values = row.astype(np.float64) * spot.array(source)[spot.one]

    def piece(i: int) -> Piece:
        return product(spot.at(weight, (unit, i)), spot.of(source, i))

    return sum_formula(
        spot,
        summed(Products(values, piece), *_bias(spot)),
        rule=r"z_{j} = \sum_{k} w_{j,k}\, x_{k}" + (" + b_{j}" if _bias(spot) else ""),
        code=f"{_made(spot)} = F.linear({_arguments(spot)})",
    )


def convolution(spot: Spot) -> Formula:
    """A patch of the image times the kernel, and the channel's bias."""
    weight, source = f"p:{spot.where}.weight", spot.source
    image, window = spot.array(source)[spot.one], window_of(spot.layer.layer)
    channel, out_row, out_column = spot.index
    row, u0, u1 = window.inside(out_row, image.shape[1])
    column, v0, v1 = window.inside(out_column, image.shape[2])
    patch = image[:, row + u0 : row + u1, column + v0 : column + v1]
    values = spot.array(weight)[channel, :, u0:u1, v0:v1].astype(np.float64) * patch

    def piece(i: int) -> Piece:
        d, u, v = (int(k) for k in np.unravel_index(i, values.shape))
        kernel = spot.at(weight, (channel, d, u + u0, v + v0))
        return product(kernel, spot.of(source, d, row + u0 + u, column + v0 + v))

    bias = " + b_{c}" if _bias(spot) else ""
    slid = f"stride={window.stride}, padding={window.padding}"
    return sum_formula(
        spot,
        summed(Products(values, piece), *_bias(spot)),
        rule=r"z_{c,r,q} = \sum_{d,u,v} w_{c,d,u,v}\, x_{d,\,sr+u-p,\,sq+v-p}" + bias,
        code=f"{_made(spot)} = F.conv2d({_arguments(spot)}, {slid})",
    )


def _bias(spot: Spot) -> tuple[Products, ...]:
    key = f"p:{spot.where}.bias"
    return (single(product(spot.at(key, spot.index[:1]))),) if spot.has(key) else ()


def _made(spot: Spot) -> str:
    return name_of(spot.record, spot.entry.writes)


def _arguments(spot: Spot) -> str:
    keys = [spot.source, f"p:{spot.where}.weight", f"p:{spot.where}.bias"]
    return ", ".join(name_of(spot.record, key) for key in keys if spot.has(key))


def max_pool(spot: Spot) -> Formula:
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
        rule=r"z_{c,r,q} = \max_{u,v}\, x_{c,\,sr+u,\,sq+v}",
        symbols=_largest([factor.symbol for factor in seen], patch.size),
        numbers=_largest([number(factor.value) for factor in seen], patch.size),
        value=float(patch.max()),
        factors=seen,
        code=f"{_made(spot)} = F.max_pool2d({_source(spot)}, {size}, stride={window.stride})",
    )


def _largest(drawn: list[str], count: int) -> str:
    shown = r",\, ".join([*drawn, *([r"\cdots"] if count > len(drawn) else [])])
    return rf"\max\left({shown}\right)"


def _source(spot: Spot) -> str:
    return name_of(spot.record, spot.source)


def avg_pool(spot: Spot) -> Formula:
    """The mean of a window."""
    window, source = window_of(spot.layer.layer), spot.source
    channel, row, column = (spot.index[0], *(i * window.stride for i in spot.index[1:]))
    size = window.size
    patch = spot.array(source)[spot.one, channel, row : row + size, column : column + size]

    def piece(i: int) -> Piece:
        return product(spot.of(source, channel, row + i // size, column + i % size))

    return sum_formula(
        spot,
        summed(Products(patch.astype(np.float64), piece), outer=share(size * size, "k^2")),
        rule=r"z_{c,r,q} = \frac{1}{k^2} \sum_{u,v} x_{c,\,sr+u,\,sq+v}",
        code=f"{_made(spot)} = F.avg_pool2d({_source(spot)}, {size}, stride={window.stride})",
    )


def flatten(spot: Spot) -> Formula:
    """One number of the image, at its place in the row."""
    place = np.unravel_index(spot.index[0], spot.layer.input_shape)
    taken = spot.of(spot.source, *(int(i) for i in place))
    return plain_formula(
        spot,
        rule=r"z = \mathrm{vec}(x)",
        symbols=taken.symbol,
        numbers=number(taken.value),
        value=taken.value,
        factors=[taken],
        code=f"{_made(spot)} = torch.flatten({_source(spot)}, 1)",
    )


def batch_norm(spot: Spot) -> Formula:
    """A feature centred and scaled by the batch's moments, then by what is learnt."""
    layer, where = spot.layer.layer, spot.where
    assert isinstance(layer, BatchNorm)
    feature = spot.index[:1]
    x = spot.of(spot.source, *spot.index)
    mean, variance = spot.at(f"mean:{where}", feature), spot.at(f"var:{where}", feature)
    gamma, beta = spot.at(f"p:{where}.weight", feature), spot.at(f"p:{where}.bias", feature)
    spread = (variance.value + layer.eps) ** 0.5
    root = rf"\sqrt{{{number(variance.value)} + {number(layer.eps)}}}"
    centred = f"{number(x.value)} - {operand(mean.value)}"
    return plain_formula(
        spot,
        rule=r"z = \gamma\,\frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta,\quad "
        r"\mu = \overline{x},\quad \sigma^2 = \overline{\left(x - \mu\right)^2}",
        symbols=rf"{gamma.symbol}\,\frac{{{x.symbol} - {mean.symbol}}}"
        rf"{{\sqrt{{{variance.symbol} + \varepsilon}}}} + {beta.symbol}",
        numbers=rf"{operand(gamma.value)}\cdot\frac{{{centred}}}{{{root}}} + {operand(beta.value)}",
        value=gamma.value * (x.value - mean.value) / spread + beta.value,
        factors=[x, mean, variance, gamma, beta],
        code=f"{_made(spot)} = F.batch_norm({_source(spot)}, None, None, "
        f"{name_of(spot.record, gamma.key)}, {name_of(spot.record, beta.key)}, "
        f"training=True, eps={layer.eps})",
    )


def dropout(spot: Spot) -> Formula:
    """An input times its mask: nothing, or a little more."""
    mask = spot.of(f"mask:{spot.where}", *spot.index)
    x = spot.of(spot.source, *spot.index)
    return plain_formula(
        spot,
        rule=r"z = m\, x,\quad m \in \left\{0,\ \frac{1}{1 - p}\right\}",
        symbols=rf"{mask.symbol}\,{x.symbol}",
        numbers=rf"{operand(mask.value)}\cdot{operand(x.value)}",
        value=mask.value * x.value,
        factors=[mask, x],
        code=f"{_made(spot)} = {_source(spot)} * {name_of(spot.record, mask.key)}",
    )


def skip(spot: Spot) -> Formula:
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
        rule=r"z = x + F(x)",
        code=f"{_made(spot)} = " + " + ".join(name_of(spot.record, key) for key in keys),
    )


TRANSFORMS: dict[str, Callable[[Spot], Formula]] = {
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
