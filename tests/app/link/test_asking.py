"""The open question: what views see meanwhile, how it ends, and what it counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import UserError
from core.expression.hidden import is_hidden
from core.messages.curves import Curve, Curves
from core.messages.record import Place
from core.questions.judge import Outcome
from core.questions.levels import AskLevel
from core.questions.question import ask
from tests.app.fakes import FakeBridge
from tests.app.stepped import entry_writing, record_of, standing, whole_place
from tests.core.experiments import tiny


@pytest.fixture(scope="module")
def record():
    return record_of()


@pytest.fixture
def bridge(qapp, record):
    last = len(record.entries) - 1
    return FakeBridge(standing(record, whole_place(record, last)))


@pytest.fixture
def asking(bridge):
    assert bridge.snapshot.stepping is not None
    return bridge.asking


def entry_of(record, key):
    return record.entries[entry_writing(record, key)]


def test_views_get_the_very_snapshot_while_nothing_is_asked(bridge, record) -> None:
    shown = standing(record, Place(0, 1))
    bridge.present(shown)
    assert bridge.snapshot is shown


def test_the_number_is_gone_from_what_views_get_and_comes_back(bridge, asking, record) -> None:
    true, seen = bridge.snapshot, []
    bridge.snapshot_changed.connect(seen.append)
    question = asking.ask_for(entry_of(record, "z:0"), (1,), 2)
    veiled = bridge.snapshot
    assert seen == [veiled]
    assert veiled is not true
    assert bridge.snapshot is veiled  # and no other one each time
    assert is_hidden(float(veiled.stepping.record.arrays["z:0"][2, 1]))
    assert veiled.stepping.entry is question.entry
    assert asking.answer(f"{question.value:.5g}").outcome is Outcome.RIGHT
    told = bridge.snapshot
    assert seen == [veiled, told]
    assert told.stepping.record is record
    assert told.stepping.entry is question.entry  # beside the answer, until it is put away
    assert asking.question is question
    assert not asking.is_open
    asking.close()
    assert bridge.snapshot is true


def test_a_loss_that_a_lesson_will_ask_for_is_on_no_curve_until_then(
    bridge, asking, record, qtbot
) -> None:
    curve = Curve(np.array([0], np.int64), np.array([1.5], np.float32))
    shown = standing(record, Place(0, 1), curves=Curves(train_loss=curve, test_loss=curve))
    bridge.present(shown)
    asking.keep_loss(back=True)
    hidden = bridge.snapshot
    assert bridge.snapshot is hidden  # and no other one each time
    assert hidden.stepping is shown.stepping
    for one in (hidden.curves.train_loss, hidden.curves.test_loss):
        assert is_hidden(float(one.values[0]))
    with qtbot.waitSignal(asking.veil_changed):
        asking.keep_loss(back=False)
    assert bridge.snapshot is shown


def test_a_wrong_answer_keeps_it_hidden_and_is_counted(bridge, asking, record, qtbot) -> None:
    question = asking.ask_for(entry_of(record, "d:z:0"), (0,), 1)
    with qtbot.waitSignal(asking.answered) as told:
        asking.answer(f"{-question.value:.5g}")
    assert told.args[0] is asking.judgement
    assert asking.judgement.outcome in (Outcome.SLIP, Outcome.SEVERAL)
    assert asking.is_open
    assert bridge.snapshot.stepping.record.hidden is not None
    with pytest.raises(UserError):
        asking.answer("about a half")
    assert asking.tries == 1


def test_hints_are_counted_and_run_out(asking, record) -> None:
    assert asking.take_hint() is None
    asking.ask_for(entry_of(record, "z:0"), (0,), 0)
    told = [asking.take_hint() for _ in range(asking.more_hints)]
    assert len(told) >= 2
    assert asking.hints == tuple(told)
    assert asking.more_hints == 0
    assert asking.take_hint() is None


def test_giving_up_shows_the_number_and_says_so(bridge, asking, record) -> None:
    asking.ask_for(entry_of(record, "z:0"), (0,), 0)
    asking.give_up()
    assert asking.is_given_up
    assert bridge.snapshot.stepping.record is record
    with pytest.raises(UserError):
        asking.answer("1")


def test_it_ends_where_the_step_moves_on(bridge, asking, record, qtbot) -> None:
    place = whole_place(record, 0)
    bridge.present(standing(record, place))
    asking.ask_for(record.entries[0], (0,), 0)
    bridge.present(standing(record, place))
    assert asking.is_open  # another snapshot of the same place
    moved = standing(record, whole_place(record, 1))
    with qtbot.waitSignal(asking.changed):
        bridge.present(moved)
    assert asking.question is None
    assert bridge.snapshot is moved


def test_it_ends_where_the_record_goes(bridge, asking, record) -> None:
    asking.ask_for(record.entries[0], (0,), 0)
    bridge.present(replace(bridge.snapshot, stepping=None))
    assert asking.question is None


def test_a_number_that_is_not_computed_yet_is_not_asked_for(bridge, asking, record) -> None:
    bridge.present(standing(record, Place(0, 1)))
    asking.ask_for(record.entries[0], (0,), 0)
    with pytest.raises(UserError):
        asking.ask_for(record.entries[0], (1,), 0)
    with pytest.raises(UserError):
        asking.ask_for(record.entries[1], (0,), 0)
    assert asking.question.index == (0,)


def test_a_question_about_another_step_is_refused(asking) -> None:
    other = record_of(tiny(seed=5))
    with pytest.raises(ValueError, match="1"):
        asking.pose(ask(other, other.entries[0], (0,), 0))


def test_it_is_asked_of_the_true_record_while_another_number_is_hidden(asking, record) -> None:
    asking.ask_for(record.entries[0], (0,), 0)
    second = asking.ask_for(entry_of(record, "d:z:0"), (0,), 0, level=AskLevel.NUMBER)
    assert second.record is record
    assert asking.tries == 0


def test_while_the_loss_is_asked_for_no_curve_shows_it(bridge, asking, record) -> None:
    steps, values = np.array([1], np.int64), np.array([0.25], np.float32)
    curve = Curve(steps, values)
    curves = Curves(train_loss=curve, test_loss=curve, whole_loss=curve, train_accuracy=curve)
    last = len(record.entries) - 1
    bridge.present(standing(record, whole_place(record, last), curves=curves))
    asking.ask_for(entry_of(record, "z:0"), (0,), 0)
    assert bridge.snapshot.curves is curves
    asking.ask_for(entry_of(record, "loss"), (), None)
    seen = bridge.snapshot.curves
    assert is_hidden(seen.train_loss_at(1).value)
    assert is_hidden(seen.test_loss_at(1).value)
    assert seen.train_accuracy is curve
    asking.close()
    assert bridge.snapshot.curves is curves
