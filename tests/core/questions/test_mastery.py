"""What was worked out so far, and what comes next."""

import pytest

from core.errors import UserError
from core.questions.levels import AskLevel
from core.questions.mastery import Answered, levels_in_turn, most_due, tallies

WHEN = "2026-01-02T03:04:05+00:00"


def one(kind="linear", level=AskLevel.NUMBER, *, right=True, tries=1, hints=0, slips=()):
    return Answered(WHEN, kind, level, right, tries, hints, slips)


def level_for(tally, ways):
    return next(level for level in levels_in_turn(tally) if level in ways)


def test_a_line_holds_all_of_an_answer():
    answered = one(right=False, tries=3, hints=2, slips=("sign_flipped",))
    assert Answered.of_line(answered.line()) == answered
    assert "\n" not in answered.line()


@pytest.mark.parametrize("line", ["", "{}", "[1]", "null", '{"when": 1}', "half a li"])
def test_a_line_that_holds_none_is_refused(line):
    with pytest.raises(UserError):
        Answered.of_line(line)


def test_answers_are_counted_by_kind():
    found = tallies(
        [
            one(),
            one(hints=1),
            one(right=False, tries=2, slips=("sign_flipped",)),
            one(tries=2, slips=("sign_flipped",)),
            one("loss"),
        ]
    )
    assert list(found) == ["linear", "loss"]
    tally = found["linear"]
    assert (tally.asked, tally.right, tally.found, tally.hinted) == (4, 1, 3, 1)
    assert tally.slips == {"sign_flipped": 2}


def test_what_is_right_is_asked_for_in_a_harder_way_and_what_is_missed_in_an_easier():
    ways = tuple(AskLevel)
    assert level_for(None, ways) is AskLevel.SIGN
    answers = []
    for wanted in AskLevel:
        assert level_for(tallies(answers).get("linear"), ways) is wanted
        answers.append(one(level=wanted))
    assert level_for(tallies(answers)["linear"], ways) is AskLevel.CHAIN
    answers.append(one(level=AskLevel.CHAIN, right=False))
    assert level_for(tallies(answers)["linear"], ways) is AskLevel.NUMBER


def test_a_way_that_a_number_has_not_is_passed_over():
    assert level_for(None, (AskLevel.SIZE, AskLevel.NUMBER)) is AskLevel.SIZE
    tally = tallies([one(level=AskLevel.COMPARE)])["linear"]
    assert level_for(tally, (AskLevel.SIGN, AskLevel.NUMBER)) is AskLevel.SIGN


def test_what_was_missed_comes_before_what_is_new_and_the_earliest_first():
    known = tallies([one("loss"), one("linear", right=False)])
    assert most_due(["activation", "linear"], known) == "linear"
    assert most_due(["activation", "norm"], known) == "activation"
    assert most_due([], known) is None


def test_what_is_right_comes_back_later_each_time():
    answers, gaps, waited = [one()], [], 0
    while len(gaps) < 4:
        known = tallies(answers)
        if most_due(["linear"], known) == "linear":
            answers.append(one())
            gaps.append(waited)
            waited = 0
        else:
            answers.append(one("other"))
            waited += 1
    assert gaps == sorted(gaps)
    assert gaps[-1] >= 4 * max(gaps[0], 1)


def test_a_share_of_mastery_rises_to_one():
    answers = [one(level=level) for level in AskLevel]
    shares = [tallies(answers[:count])["linear"].share for count in range(1, 6)]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
