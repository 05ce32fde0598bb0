"""A number with a power of ten of its own is raised in brackets: two exponents cannot stand."""

import pytest
from latex2mathml.converter import convert

from core.expression.latex import latex
from core.expression.plain import plain
from core.expression.tree import Numeral


@pytest.mark.parametrize(
    ("value", "tex", "letters"),
    [
        (2.5e-7, r"(2.5\times10^{-7})^{2}", "(2.5 × 10⁻⁷)²"),
        (-2.5e-7, r"({-2.5\times10^{-7}})^{2}", "(−2.5 × 10⁻⁷)²"),
        (3.0, "3^{2}", "3²"),
    ],
)
def test_a_number_with_a_power_of_ten_is_squared_in_brackets(value, tex, letters):
    squared = Numeral(value) ** 2
    assert latex(squared) == tex
    assert plain(squared) == letters
    convert(tex)
