"""Numbers in a lesson's text are written as the text around them is."""

from __future__ import annotations

import pytest

from app.learn import filled as module


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "?"),
        (-4.0, "−4"),
        (50_890.0, "50,890"),
        (0.00043857, "0.0004386"),
        (-0.5022191, "−0.5022"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_a_number_is_written_in_few_digits_with_a_true_minus(monkeypatch, value, written):
    monkeypatch.setattr(module, "read", lambda _name, _snapshot: value)
    assert module.filled("It is **{step}**.", None) == f"It is **{written}**."
