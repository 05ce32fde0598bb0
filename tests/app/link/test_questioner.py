"""What is asked for as one steps: how often, which number, in which way, and what is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.kit import user_data
from app.link.answers import answer_book
from app.link.focus import Spot
from app.link.questioner import NOW_AND_THEN, AskMode
from app.link.spots import NumberPlace, number_of
from core.messages.commands import Back, Next, RunToPlace, Watch
from core.messages.events import Refused
from core.messages.record import Grain, Phase, Place
from core.questions.levels import AskLevel
from core.questions.mastery import Answered
from tests.app.fakes import FakeBridge
from tests.app.stepped import entry_writing, record_of, standing, whole_place
from tests.core.experiments import tiny


@pytest.fixture(scope="module")
def record():
    return record_of()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(user_data.VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def bridge(qapp, record):
    return FakeBridge(standing(record))


def press(bridge, record, entry, command=None) -> None:
    """A press of Next, and what the engine shows for it."""
    bridge.dispatch(command or Next(Grain.OPERATION))
    bridge.dispatch(Watch(frozenset()))  # as views do by themselves
    bridge.present(standing(record, whole_place(record, entry)))


def test_nothing_is_asked_where_nobody_wants_it(bridge, record, folder) -> None:
    for entry in range(len(record.entries)):
        press(bridge, record, entry)
        assert bridge.asking.question is None
    assert list(folder.iterdir()) == []


def test_each_operation_asks_before_it_is_shown(bridge, record) -> None:
    bridge.questioner.set_mode(AskMode.ALWAYS)
    seen = []
    bridge.snapshot_changed.connect(lambda shown: seen.append(shown.stepping.record.hidden))
    for entry in range(len(record.entries)):
        press(bridge, record, entry)
        assert bridge.asking.question.entry is record.entries[entry]
        assert seen[-1] is not None
        assert seen[-1].key == record.entries[entry].writes
    assert None not in seen


def test_only_next_asks(bridge, record) -> None:
    bridge.questioner.set_mode(AskMode.ALWAYS)
    press(bridge, record, 3, RunToPlace(3))
    assert bridge.asking.question is None
    press(bridge, record, 2, Back(Grain.OPERATION))
    assert bridge.asking.question is None
    press(bridge, record, 3)
    assert bridge.asking.question is not None


def test_number_by_number_it_asks_once_an_operation(bridge, record) -> None:
    bridge.questioner.set_mode(AskMode.ALWAYS)
    asked = []
    for number in range(1, record.entries[0].count + 1):
        bridge.dispatch(Next(Grain.NUMBER))
        bridge.present(standing(record, Place(0, number)))
        asked.append(bridge.asking.question is not None)
    assert asked == [True, *[False] * (record.entries[0].count - 1)]


def test_now_and_then_lets_some_presses_pass(bridge, record) -> None:
    bridge.questioner.set_mode(AskMode.SOMETIMES)
    asked = []
    for entry in range(2 * NOW_AND_THEN):
        press(bridge, record, entry)
        asked.append(bridge.asking.question is not None)
    assert asked.count(True) == 2
    assert asked[NOW_AND_THEN - 1]


def test_a_whole_phase_asks_about_what_was_missed(bridge, record) -> None:
    answer_book().add(Answered("2026", "activation", AskLevel.SIGN, False, 1, 0))
    bridge.questioner.set_mode(AskMode.ALWAYS)
    last = max(i for i, one in enumerate(record.entries) if one.phase is Phase.FORWARD)
    press(bridge, record, last, Next(Grain.PHASE))
    assert bridge.asking.question.entry.kind == "activation"


def test_the_way_gets_harder_with_right_answers(bridge, record) -> None:
    bridge.questioner.set_mode(AskMode.ALWAYS)
    press(bridge, record, 0)
    posed = bridge.asking.posed
    assert posed.level is AskLevel.SIGN
    bridge.asking.answer("+" if posed.question.value > 0 else "-")
    kept = answer_book().answers
    assert len(kept) == 1
    assert kept[0].is_known
    bridge.present(standing(record))
    press(bridge, replace_record(record), 0)
    assert bridge.asking.posed.level is AskLevel.COMPARE


def replace_record(record):
    """The same step, recorded anew."""
    return replace(record)


def test_a_wrong_answer_left_alone_is_kept_as_missed(bridge, record) -> None:
    bridge.present(standing(record, whole_place(record, 0)))
    bridge.questioner.work_out(NumberPlace("z:0", (0,), 0))
    bridge.asking.take_hint()
    bridge.asking.answer("12345")
    bridge.present(standing(record, whole_place(record, 1)))
    (kept,) = answer_book().answers
    assert (kept.right, kept.tries, kept.hints, kept.kind) == (False, 1, 1, "linear")
    bridge.questioner.work_out(NumberPlace("z:0", (0,), 0))
    bridge.asking.close()
    assert len(answer_book().answers) == 1  # nothing was answered


def test_a_slip_that_was_named_is_kept(bridge, record) -> None:
    bridge.present(standing(record, whole_place(record, len(record.entries) - 1)))
    place = entry_writing(record, "d:z:0")
    index = record.entries[place].index_of(0)
    bridge.questioner.work_out(NumberPlace("d:z:0", index, 0))
    above = float(record.arrays["d:a:0"][0][index])
    judgement = bridge.asking.answer(repr(above))
    bridge.asking.give_up()
    (kept,) = answer_book().answers
    assert kept.slips == tuple(one.rule.kind for one in judgement.suspects)
    assert not kept.right


def test_the_number_of_a_place_is_the_one_computed_last(bridge, record) -> None:
    bridge.present(standing(record, whole_place(record, 0)))
    shown = bridge.questioner.shown_at
    assert shown(Spot((0,), 1)) == NumberPlace("z:0", (1,), 0)
    assert shown(Spot((1,), 0)) is None
    last = len(record.entries) - 1
    bridge.present(standing(record, whole_place(record, last)))
    assert shown(Spot((0,), 1, source=0)).key == "after:0.weight"


def test_what_is_given_or_not_there_says_why(bridge, record) -> None:
    bridge.present(standing(record, whole_place(record, 0)))
    why = bridge.questioner.why_not
    assert why(NumberPlace("z:0", (0,), 0)) is None
    for number in (None, NumberPlace("x", (0,), 0), NumberPlace("d:z:0", (0,), 0)):
        assert why(number) is not None
    heard = []
    bridge.event_received.connect(heard.append)
    bridge.questioner.work_out(NumberPlace("x", (0,), 0))
    assert isinstance(heard[0], Refused)
    assert bridge.asking.question is None


def test_another_question_is_about_another_operation(bridge, record) -> None:
    bridge.present(standing(record, whole_place(record, 4)))
    bridge.questioner.work_out(NumberPlace("z:0", (0,), 0))
    first = bridge.asking.question
    bridge.asking.give_up()
    bridge.questioner.ask_next()
    assert bridge.asking.question.entry is not first.entry
    assert bridge.asking.is_open


def test_what_is_asked_for_is_picked_in_every_view(bridge, record) -> None:
    bridge.present(standing(record, whole_place(record, 0)))
    bridge.questioner.work_out(NumberPlace("z:0", (1,), 0))
    assert bridge.focus.selected == (Spot((0,), 1),)


def test_numbers_of_formulas_have_their_sample_first() -> None:
    assert number_of("z:0", (3, 1)) == NumberPlace("z:0", (1,), 3)
    assert number_of("z:0", (-1, 1)) == NumberPlace("z:0", (1,), None)
    assert number_of("p:0.weight", (1, 0)) == NumberPlace("p:0.weight", (1, 0))
    assert number_of("", ()) is None


def test_a_run_gone_astray_is_not_asked_about(qapp) -> None:
    record = record_of(tiny())
    arrays = {key: array * float("nan") for key, array in record.arrays.items() if key != "y"}
    broken = replace(record, arrays={**record.arrays, **arrays})
    bridge = FakeBridge(standing(broken))
    bridge.questioner.set_mode(AskMode.ALWAYS)
    press(bridge, broken, 0)
    assert bridge.asking.question is None
