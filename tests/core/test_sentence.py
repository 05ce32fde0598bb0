"""Tests for what the core says: filled in, with its plural forms, and carried by an error."""

import pickle

import pytest

from core.errors import UserError
from core.sentence import Sentence


def test_template_and_hint_are_filled_with_the_same_values():
    said = Sentence("{layer} is wrong.", "Mend {layer} at {place}.", layer="2 Dense", place=1.5)
    assert str(said) == "2 Dense is wrong. Mend 2 Dense at 1.5."
    assert str(Sentence("By the way.")) == "By the way."


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0 samples"), (1, "1 sample"), (2, "2 samples"), (1234, "1,234 samples")]
)
def test_one_thing_is_told_of_in_the_singular(n, text):
    assert str(Sentence("{n:,} samples", one="{n} sample", n=n)) == text


def test_sentences_that_say_the_same_are_equal_and_can_be_told_apart():
    first, same = (Sentence("Step {step}.", step=1) for _ in range(2))
    assert first == same
    assert hash(first) == hash(same)
    assert first != Sentence("Step {step}.", step=2)
    assert first != Sentence("Step {step}.", "Go on.", step=1)


def test_an_error_carries_a_sentence_made_or_given():
    made = UserError("{n} files.", "Choose some.", one="{n} file.", n=1)
    assert made.sentence == Sentence("{n} files.", "Choose some.", one="{n} file.", n=1)
    assert str(UserError(made.sentence)) == str(made) == "1 file. Choose some."
    assert str(pickle.loads(pickle.dumps(made))) == str(made)
