"""What numbers of a network are called."""

import pytest

from core.experiment.symbols import letter, symbol

SHAPES = {"0.weight": (12, 1, 3, 3), "0.bias": (12,), "1.weight": (12,), "1.bias": (12,)}


@pytest.mark.parametrize(
    ("parameter", "index", "name"),
    [
        ("0.weight", (1, 0, 2, 2), "w₂,₁,₃,₃"),
        ("0.bias", (9,), "b₁₀"),
        ("1.weight", (0,), "γ₁"),
        ("1.bias", (11,), "β₁₂"),
    ],
)
def test_numbers_have_the_textbooks_names_counted_from_one(parameter, index, name):
    assert symbol(parameter, index, SHAPES) == name
    assert letter(parameter, SHAPES) == name[0]
