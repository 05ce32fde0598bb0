"""What a form reads from a model's own fields."""

from typing import ClassVar, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from app.kit.forms.fields import FieldKind, bounds_text, fields_of
from app.kit.numbers import full_number, read_number, short_number
from core.catalog.base import Choice
from core.catalog.optimizers import Adam
from core.data.mnist import Mnist
from core.data.worked import WorkedExample
from core.errors import UserError
from core.experiment.layers import Dense, Dropout, MaxPool2d, Residual
from core.experiment.spec import Training


def field(model, name):
    return next(found for found in fields_of(model) if found.name == name)


def test_title_description_and_bounds_come_from_the_field():
    rate = field(Adam, "learning_rate")
    assert rate.title == "Learning rate η"
    assert rate.description.startswith("How far a step goes")
    assert (rate.low, rate.low_open, rate.high, rate.log) == (0, True, 100, True)


def test_kind_is_never_a_field_of_a_form():
    assert "kind" not in [found.name for found in fields_of(Adam)]


def test_bounds_are_told_in_words():
    assert bounds_text(field(Dropout, "rate")) == "Allowed: 0 or more, less than 1."
    assert bounds_text(field(Training, "clip_norm")) == "Allowed: more than 0, at most 1e6."


def test_a_choice_lists_the_entries_of_its_family():
    activation = field(Dense, "activation")
    assert activation.kind is FieldKind.CHOICE
    assert "relu" in [entry.model_fields["kind"].default for entry in activation.entries]


def test_none_makes_a_field_optional_and_keeps_its_bounds():
    stride = field(MaxPool2d, "stride")
    assert (stride.kind, stride.optional, stride.low, stride.high) == (
        FieldKind.INTEGER,
        True,
        1,
        16,
    )


def test_rows_of_numbers_are_a_table():
    assert [found.kind for found in fields_of(WorkedExample)] == [FieldKind.TABLE] * 2


def test_a_path_says_whether_it_is_a_folder():
    assert field(Mnist, "folder").path == "folder"
    assert field(Mnist, "size").options == (28, 10)


def test_the_layers_of_a_group_are_no_field_of_its_form():
    assert [found.name for found in fields_of(Residual)] == ["activation"]


def test_an_open_bound_of_whole_numbers_is_the_next_number():
    class Counted(Choice):
        kind: Literal["counted"] = "counted"
        label: ClassVar[str] = "Counted"
        count: int = Field(5, gt=3, lt=9)

    assert (field(Counted, "count").low, field(Counted, "count").high) == (4, 8)
    assert field(Counted, "count").title == "Count"


def test_a_slider_without_lower_bound_spans_eight_decades():
    assert field(Training, "l2").span == (1e-7, 10)


@pytest.mark.parametrize(
    ("value", "text"), [(0.1, "0.1"), (1e-5, "1e-5"), (0.123456, "0.1235"), (30.0, "30")]
)
def test_numbers_are_shown_to_four_digits(value, text):
    assert short_number(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_all_digits_read_back_to_the_same_number(value):
    assert read_number(full_number(value)) == value


@pytest.mark.parametrize("text", ["", "abc", "nan", "inf", "1_0", "1,5", "0x10"])
def test_text_that_is_no_number_is_refused(text):
    with pytest.raises(UserError):
        read_number(text)


def test_the_minus_sign_of_typography_is_understood():
    assert read_number(" −1e-3 ") == -1e-3
