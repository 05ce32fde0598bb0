"""The activations as formulas: each function beside its slope, its drawing and its code.

Each takes z, and c where it has a constant (alpha of ELU, beta of softplus).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from core.debugger.rules.latex import bare, squared

ZERO = "0"


@dataclass(frozen=True)
class Function:
    """An activation of one number.

    Attributes:
        value: a, of z and c.
        slope: da/dz as PyTorch takes it, of z, a and c.
        drawn: LaTeX of the value, of LaTeX for z and c, and of z, which decides on the branch.
        slope_drawn: LaTeX of the slope, of LaTeX for z, a and c, and of z.
        code: PyTorch for the value, with ``{z}`` and ``{c}``.
        slope_code: PyTorch for the slope, with ``{z}``, ``{a}`` and ``{c}``.
        reads_a: Whether the slope is drawn in a rather than z.
        constant: The field of the catalog's entry that c is.
        letter: What formulas call it.
    """

    value: Callable[[float, float], float]
    slope: Callable[[float, float, float], float]
    drawn: Callable[[str, str, float], str]
    slope_drawn: Callable[[str, str, str, float], str]
    code: str
    slope_code: str
    reads_a: bool = False
    constant: str = ""
    letter: str = ""


def sigmoid(z: float) -> float:
    """The logistic function, without overflow."""
    small = math.exp(-abs(z))
    return 1 / (1 + small) if z >= 0 else small / (1 + small)


def softplus(z: float) -> float:
    """ln(1 + e^z), without overflow."""
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def _normal(z: float) -> float:
    """The share of a normal distribution below z."""
    return 0.5 * math.erfc(-z / math.sqrt(2))


def _bell(z: float) -> float:
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def _logistic(z: str) -> str:
    return rf"\frac{{1}}{{1 + e^{{-{z}}}}}"


def _identity() -> Function:
    return Function(
        value=lambda z, c: z,
        slope=lambda z, a, c: 1.0,
        drawn=lambda z, c, at: z,
        slope_drawn=lambda z, a, c, at: "1",
        code="{z}",
        slope_code="1",
    )


def _sigmoid() -> Function:
    return Function(
        value=lambda z, c: sigmoid(z),
        slope=lambda z, a, c: a * (1 - a),
        drawn=lambda z, c, at: _logistic(z),
        slope_drawn=lambda z, a, c, at: rf"{a}\left(1 - {a}\right)",
        code="torch.sigmoid({z})",
        slope_code="{a} * (1 - {a})",
        reads_a=True,
    )


def _tanh() -> Function:
    return Function(
        value=lambda z, c: math.tanh(z),
        slope=lambda z, a, c: 1 - a * a,
        drawn=lambda z, c, at: rf"\tanh\left({bare(z)}\right)",
        slope_drawn=lambda z, a, c, at: rf"\left(1 - {squared(a)}\right)",
        code="torch.tanh({z})",
        slope_code="(1 - {a}**2)",
        reads_a=True,
    )


def _relu() -> Function:
    return Function(
        value=lambda z, c: 0.0 if z <= 0 else z,
        slope=lambda z, a, c: 1.0 if z > 0 else 0.0,
        drawn=lambda z, c, at: rf"\max\left(0,\, {bare(z)}\right)",
        slope_drawn=lambda z, a, c, at: "1" if at > 0 else ZERO,
        code="torch.relu({z})",
        slope_code="({z} > 0)",
    )


def _leaky_relu() -> Function:
    return Function(
        value=lambda z, c: z if z > 0 else c * z,
        slope=lambda z, a, c: 1.0 if z > 0 else c,
        drawn=lambda z, c, at: z if at > 0 else rf"{c}\cdot {z}",
        slope_drawn=lambda z, a, c, at: "1" if at > 0 else c,
        code="F.leaky_relu({z}, {c})",
        slope_code="torch.where({z} > 0, 1.0, {c})",
        constant="negative_slope",
        letter=r"\alpha",
    )


def _elu() -> Function:
    return Function(
        value=lambda z, c: z if z > 0 else c * math.expm1(z),
        slope=lambda z, a, c: 1.0 if z > 0 else c * math.exp(z),
        drawn=lambda z, c, at: z if at > 0 else rf"{c}\left(e^{{{bare(z)}}} - 1\right)",
        slope_drawn=lambda z, a, c, at: "1" if at > 0 else rf"{c}\cdot e^{{{bare(z)}}}",
        code="F.elu({z}, {c})",
        slope_code="torch.where({z} > 0, 1.0, {c} * {z}.exp())",
        constant="alpha",
        letter=r"\alpha",
    )


def _gelu() -> Function:
    return Function(
        value=lambda z, c: z * _normal(z),
        slope=lambda z, a, c: _normal(z) + z * _bell(z),
        drawn=lambda z, c, at: rf"{z}\cdot\Phi\left({bare(z)}\right)",
        slope_drawn=lambda z, a, c, at: (
            rf"\left(\Phi\left({bare(z)}\right) + "
            rf"\frac{{{bare(z)}}}{{\sqrt{{2\pi}}}}\, e^{{-{squared(z)} / 2}}\right)"
        ),
        code="F.gelu({z})",
        slope_code="(torch.special.ndtr({z}) "
        "+ {z} * torch.exp(-({z}**2) / 2) / (2 * torch.pi) ** 0.5)",
    )


def _silu() -> Function:
    return Function(
        value=lambda z, c: z * sigmoid(z),
        slope=lambda z, a, c: sigmoid(z) * (1 + z * (1 - sigmoid(z))),
        drawn=lambda z, c, at: rf"\frac{{{bare(z)}}}{{1 + e^{{-{z}}}}}",
        slope_drawn=lambda z, a, c, at: (
            rf"\sigma\left({bare(z)}\right)"
            rf"\left(1 + {z}\left(1 - \sigma\left({bare(z)}\right)\right)\right)"
        ),
        code="F.silu({z})",
        slope_code="torch.sigmoid({z}) * (1 + {z} * (1 - torch.sigmoid({z})))",
    )


def _softplus() -> Function:
    return Function(
        value=lambda z, c: softplus(c * z) / c,
        slope=lambda z, a, c: sigmoid(c * z),
        drawn=lambda z, c, at: rf"\frac{{1}}{{{c}}}\ln\left(1 + e^{{{c}\cdot {z}}}\right)",
        slope_drawn=lambda z, a, c, at: _logistic(rf"{c}\cdot {z}"),
        code="F.softplus({z}, {c})",
        slope_code="torch.sigmoid({c} * {z})",
        constant="beta",
        letter=r"\beta",
    )


FUNCTIONS: dict[str, Function] = {
    "identity": _identity(),
    "sigmoid": _sigmoid(),
    "tanh": _tanh(),
    "relu": _relu(),
    "leaky_relu": _leaky_relu(),
    "elu": _elu(),
    "gelu": _gelu(),
    "silu": _silu(),
    "softplus": _softplus(),
}
"""By the kind of the catalog's entry; softmax looks at more than one number."""
