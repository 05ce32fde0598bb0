"""Questions in each of the ways: what is offered, and what is read of what a person did."""

import numpy as np
import pytest

from core.errors import UserError
from core.presets import PRESETS
from core.questions.judge import Outcome
from core.questions.levels import AskLevel
from core.questions.posing import NEAR, Posed, ways_of
from core.questions.question import ask
from tests.core.debugger.test_formulas import record_of
from tests.core.experiments import tiny
from tests.core.questions.networks import random_spec
from tests.core.questions.test_judge import places_of


@pytest.fixture(scope="module")
def record():
    return record_of(tiny(), 2)


def entry_of(record, kind):
    return next(one for one in record.entries if one.kind == kind)


def posed_at(record, kind, level, sample=0, index=None):
    entry = entry_of(record, kind)
    return Posed(ask(record, entry, index or entry.index_of(0), sample), level)


@pytest.mark.parametrize("seed", range(6))
def test_every_number_can_be_asked_for_in_two_ways_or_more(seed):
    rng = np.random.default_rng(seed)
    for question in places_of(record_of(random_spec(rng), 2), rng):
        ways = ways_of(question)
        assert {AskLevel.SIZE, AskLevel.NUMBER} <= set(ways)
        assert list(ways) == [level for level in AskLevel if level in ways]


@pytest.mark.parametrize("seed", range(6))
def test_right_answers_are_right_in_every_way(seed):
    rng = np.random.default_rng(seed)
    for question in places_of(record_of(random_spec(rng), 2), rng):
        for level in ways_of(question):
            posed = Posed(question, level)
            assert posed.read(right_answer(posed)).outcome is Outcome.RIGHT, (level, question.entry)


def right_answer(posed):
    value = posed.question.value
    if posed.level is AskLevel.SIGN:
        return "0" if value == 0 else "+" if value > 0 else "-"
    if posed.level is AskLevel.COMPARE:
        return "larger" if value > posed.other.value else "smaller"
    if posed.level is AskLevel.CHAIN:
        return ",".join(str(i) for i, part in enumerate(posed.parts) if part.belongs)
    return repr(value)


def test_a_wrong_sign_is_answered_with_the_signs_of_the_factors(record):
    posed = posed_at(record, "activation_gradient", AskLevel.SIGN)
    wrong = "-" if posed.question.value > 0 else "+"
    judgement = posed.read(wrong)
    assert judgement.outcome is Outcome.UNKNOWN
    assert "which sign has their product" in str(judgement)


def test_the_other_number_is_another_of_the_operation_that_is_computed(record):
    entry = entry_of(record, "linear")
    question = ask(record, entry, (1,), 0)
    posed = Posed(question, AskLevel.COMPARE, reached=2)
    assert posed.other.index == (0, 0)
    assert posed.other.value == record.arrays[entry.writes][0, 0]
    assert "larger or smaller" in str(posed.instruction)
    wrong = "smaller" if question.value > posed.other.value else "larger"
    assert posed.read(wrong).outcome is Outcome.UNKNOWN


def test_a_new_weight_is_compared_with_the_old(record):
    posed = posed_at(record, "update", AskLevel.COMPARE, None, (0, 1))
    entry = entry_of(record, "update")
    if posed.other is not None:
        assert posed.other.key == f"p:{entry.parameter}"
        assert "before the step" in str(posed.instruction)


def test_a_scale_is_round_and_has_room_for_the_number(record):
    for question in places_of(record, np.random.default_rng(0)):
        reach = Posed(question, AskLevel.SIZE).reach
        assert abs(question.value) < reach
        mantissa = float(f"{reach:e}".partition("e")[0])
        assert mantissa in (1.0, 2.0, 5.0)


def test_a_size_within_a_tenth_of_the_scale_is_right_and_the_gap_is_told(record):
    posed = posed_at(record, "linear", AskLevel.SIZE)
    true, room = posed.question.value, NEAR * posed.reach
    assert posed.read(repr(true + 0.9 * room)).outcome is Outcome.RIGHT
    far = posed.read(repr(true + 1.5 * room))
    assert far.outcome is Outcome.UNKNOWN
    assert "You drew" in str(far)


def test_parts_are_offered_with_as_many_wrong_ones():
    record = record_of(PRESETS["worked-2-3-2-relu"].spec, 1)
    posed = posed_at(record, "input_gradient", AskLevel.CHAIN)
    right = [part for part in posed.parts if part.belongs]
    assert len(right) == len(posed.question.formula.terms)
    assert 1 <= len(posed.parts) - len(right) <= max(2, len(right))
    assert len({part.text for part in posed.parts}) == len(posed.parts)


def test_a_part_missing_and_a_strange_one_are_counted_and_not_named(record):
    posed = posed_at(record, "activation_gradient", AskLevel.CHAIN)
    strange = next(i for i, part in enumerate(posed.parts) if not part.belongs)
    judgement = posed.read(str(strange))
    assert str(judgement) == "One of those chosen is no part of it. 2 parts are missing."
    assert not any(part.text in str(judgement) for part in posed.parts)


def test_the_order_of_the_parts_says_nothing():
    rng = np.random.default_rng(4)
    firsts = set()
    for seed in range(8):
        for question in places_of(record_of(random_spec(np.random.default_rng(seed)), 1), rng):
            parts = Posed(question, AskLevel.CHAIN).parts
            firsts |= {parts[0].belongs} if parts else set()
    assert firsts == {True, False}


@pytest.mark.parametrize(
    ("level", "text"),
    [
        (AskLevel.SIGN, "plus"),
        (AskLevel.COMPARE, "the same"),
        (AskLevel.SIZE, "much"),
        (AskLevel.NUMBER, ""),
        (AskLevel.CHAIN, ""),
        (AskLevel.CHAIN, "99"),
    ],
)
def test_what_is_no_answer_is_refused(record, level, text):
    with pytest.raises(UserError):
        posed_at(record, "activation_gradient", level).read(text)
