"""Answers as people type them are read; all else is refused in a sentence."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.questions.typed import DEEPEST, LONGEST, figures_typed, read_typed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.25", 0.25),
        ("0,25", 0.25),
        (".5", 0.5),
        ("-3", -3),
        ("−0,5", -0.5),
        ("= 2", 2),
        ("3/4", 0.75),
        ("3 ÷ 4", 0.75),
        ("-0.54*0.03", -0.0162),
        ("−0.54 · 0.03", -0.0162),
        ("0.54×-0.03", -0.0162),
        ("0.2*0.1 + 0.3*0.4", 0.14),
        ("1 - 2 - 3", -4),
        ("8/4/2", 1),
        ("2*(3+4)", 14),
        ("-(1-2)", 1),
        ("1e-3", 0.001),
        ("1,5E2", 150),
        ("1.2·10⁻³", 0.0012),
        ("2^-3", 0.125),
        ("2**3", 8),
        ("-2^2", -4),
        ("(-2)²", 4),
        ("--1", 1),
    ],
)
def test_what_people_type_is_read(text, value):
    assert read_typed(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no answer yet"),
        ("   ", "no answer yet"),
        ("abc", "“a” is not understood"),
        ("nan", "“n” is not understood"),
        ("inf", "“i” is not understood"),
        ("__import__('os')", "“_” is not understood"),
        ("1 2", "“2” is not understood"),
        ("1.2.3", "not understood"),
        ("1,000.5", "not understood"),
        ("3/", "missing at the end"),
        ("*3", "“*” is not understood"),
        ("(1+2", "bracket is open"),
        ("1+2)", "“)” is not understood"),
        ("1/0", "divides by 0"),
        ("1/(2-2)", "divides by 0"),
        ("9e999", "more than a number"),
        ("10^400", "more than a number"),
        ("0^-1", "no result"),
        ("(-2)^0.5", "no result"),
        ("9^9^9", "more than a number"),
        ("1^" * (DEEPEST + 1) + "1", "within one another"),
        ("1" * (LONGEST + 1), "longer than"),
        ("(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1), "within one another"),
        ("-" * (DEEPEST + 1) + "1", "within one another"),
    ],
)
def test_what_is_no_number_is_refused_in_a_sentence(text, said):
    with pytest.raises(UserError, match=said.replace("*", r"\*").replace(")", r"\)")):
        read_typed(text)


def test_digits_are_counted_as_they_were_typed():
    assert figures_typed("0.350") == figures_typed("−0,350") == figures_typed("3.50e-1") == 3
    assert figures_typed("0") == 1
    assert figures_typed("3/4") == figures_typed("0.2·0.1") == 0


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    try:
        value = read_typed(text)
    except UserError as error:
        said = str(error)
    else:
        assert math.isfinite(value)
        return
    assert said


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_as_it_is_written(value):
    assert read_typed(repr(value)) == value
