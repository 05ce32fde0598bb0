"""Values and derivatives of rules against torch's, at kinks too."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.expression.calculus import derivative, worth
from core.expression.code import compiled
from core.expression.functions import (
    absolute,
    arctan,
    cos,
    erf,
    exp,
    ln,
    maximum,
    minimum,
    normal,
    sigmoid,
    sign,
    sin,
    softplus,
    sqrt,
    tanh,
    where,
)
from core.expression.tree import Numeral, Quantity, Symbol, replaced

X = Symbol("x")
C = Quantity(Symbol("c"), 0.75)
RULES = [
    *(f(X) for f in (absolute, arctan, cos, erf, exp, normal, sigmoid, sign, sin, softplus, tanh)),
    sqrt(1 + X**2),
    ln(1 + X**2) / (2 + X),
    maximum(0, X) - minimum(X, C) * X,
    where(X > C, X * exp(-X), C / (1 + X**4)),
    (X - 1) ** 3 * C - -X,
    2**X,
]


@pytest.mark.parametrize("rule", RULES, ids=repr)
@settings(deadline=None, max_examples=25)
@given(x=st.one_of(st.sampled_from([0.0, 0.75]), st.floats(-1.5, 3)))
def test_value_and_derivative_are_those_of_the_line_of_pytorch(rule, x):
    at = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    made = compiled(rule, X)(at)
    (slope,) = torch.autograd.grad(made, at)
    here = {X: Numeral(x)}
    assert worth(replaced(rule, here)) == pytest.approx(made.item(), rel=1e-9, abs=1e-12)
    found = worth(replaced(derivative(rule, X), here))
    assert found == pytest.approx(slope.item(), rel=1e-9, abs=1e-12)


def test_what_has_no_value_is_as_ieee_754_has_it():
    assert worth(exp(Numeral(1000))) == math.inf
    assert worth(ln(Numeral(0))) == -math.inf
    assert math.isnan(worth(sqrt(Numeral(-1))))
    assert worth(Numeral(-1) / Numeral(0)) == -math.inf
    assert math.isnan(worth(maximum(Numeral(math.nan), 0)))
    with pytest.raises(TypeError, match="x"):
        worth(X)
