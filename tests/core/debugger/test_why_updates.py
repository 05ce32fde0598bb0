"""A weight's history: start and updates make the weight, for every optimizer."""

from math import fsum

import pytest

from core.debugger.tape import record_step
from core.debugger.why.updates import history_of
from core.debugger.why.weight_history import SetByHand, Updates, WeightUpdate
from core.experiment.spec import Training
from core.messages import commands
from core.messages.scope import share_of
from core.training.past import Past
from tests.core.debugger.test_formulas import OPTIMIZERS
from tests.core.experiments import (
    do,
    same,
    session_of,
    small_digits,
    tensors_of,
    tiny,
    trainer_of,
    with_batch_norm,
    with_dropout,
)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    """A busy machine tells no less."""
    monkeypatch.setattr("core.debugger.why.updates.SECONDS", 60.0)


def run(spec, steps, every=1):
    """A trainer after so many steps, with a state kept now and then."""
    trainer = trainer_of(spec)
    past = Past(trainer, live=True)
    for step in range(1, steps + 1):
        trainer.run_on(1)
        trainer.flush()
        if step % every == 0:
            past.remember()
    return trainer, past


def assert_adds_up(found):
    whole = fsum([found.start, *(piece.added for piece in found.pieces)])
    assert whole == found.value
    covered = []
    for piece in reversed(found.pieces):
        if isinstance(piece, Updates):
            covered += range(piece.first, piece.last + 1)
        elif isinstance(piece, WeightUpdate):
            covered.append(piece.step)
    assert covered == list(range(found.first_step + 1, found.step + 1))


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda one: f"{one.kind}-{hash(one) % 99}")
@pytest.mark.parametrize("every", [1, 7])
def test_start_and_updates_make_the_weight(optimizer, every):
    training = Training(batch_size=8, l2=0.1, clip_norm=0.3)
    trainer, past = run(tiny(optimizer=optimizer, training=training), 21, every)
    before = tensors_of(trainer)
    found = history_of(trainer, past, "0.weight", (1, 0))
    assert same(before, tensors_of(trainer))
    assert trainer.step == 21
    assert found.value == float(trainer.network.named()["0.weight"].detach()[1, 0])
    assert_adds_up(found)
    told = [piece for piece in found.pieces if isinstance(piece, WeightUpdate)]
    assert len(told) == 12
    assert all(piece.gradient is not None for piece in told)
    assert all(piece.apart for piece in found.pieces if isinstance(piece, Updates))
    assert all(str(said) for said in found.sentences)


@pytest.mark.parametrize("spec", [tiny(), with_dropout(), with_batch_norm(), small_digits()])
def test_each_update_is_the_one_that_was_taken_and_names_who_pulled(spec):
    trainer, past = run(spec, 9, every=4)
    parameter = trainer.names[0]
    index = (1, 0) if spec.data.kind != "mnist" else (1, 44)
    found = history_of(trainer, past, parameter, index)
    assert_adds_up(found)
    again = trainer_of(spec)
    records = {step: record_step(again).record for step in range(1, 10)}
    for piece in found.pieces:
        record = records[piece.step]
        arrays = record.arrays
        after, before = (float(arrays[f"{k}:{parameter}"][index]) for k in ("after", "p"))
        assert piece.added == after - before
        assert piece.gradient == float(arrays[f"d:p:{parameter}"][index])
        assert abs(piece.rounded) <= 1e-6 * max(1.0, abs(after))
        assert record.entries[piece.at.entry].writes == f"after:{parameter}"
        each = [share_of(record, parameter, i)[index] for i in range(record.samples)]
        assert abs(piece.pulls[0].share) == pytest.approx(max(map(abs, each)), rel=1e-6)
        for pull in piece.pulls:
            assert pull.share == pytest.approx(each[pull.sample], rel=1e-6, abs=1e-12)
            assert pull.row == record.rows[pull.sample]
            assert record.entries[pull.at.entry].writes == f"d:p:{parameter}"


def test_what_is_not_kept_is_told_together(monkeypatch):
    monkeypatch.setattr("core.debugger.why.updates.REPLAYED", 10)
    trainer, past = run(tiny(), 40, every=20)
    found = history_of(trainer, past, "0.weight", (0, 0))
    assert_adds_up(found)
    assert [(piece.first, piece.last, piece.apart) for piece in found.pieces] == [(1, 40, False)]
    assert "together" in str(found.sentences[-1])


def test_an_interruption_leaves_the_rest_together():
    trainer, past = run(tiny(), 40, every=20)
    found = history_of(trainer, past, "0.weight", (0, 0), interrupted=lambda: True)
    assert_adds_up(found)
    assert len(found.pieces) == 1


def test_before_the_first_step_there_is_only_the_start():
    trainer, past = run(tiny(), 0)
    found = history_of(trainer, past, "1.bias", (0,))
    assert (found.pieces, found.start, found.step) == ((), found.value, 0)


def test_a_weight_set_by_hand_and_other_rules_are_told_as_such():
    session, _ = session_of(tiny(), live=True)
    trainer, past = session.running().trainer, session.running().past
    while trainer.step < 3:
        trainer.run_on(1)
        trainer.flush()
        past.remember()
    do(session, commands.SetNumber("0.weight", (0, 0), 5.0))
    for _ in range(3):
        trainer.run_on(1)
        trainer.flush()
        past.remember()
    found = history_of(trainer, past, "0.weight", (0, 0))
    assert_adds_up(found)
    (hand,) = [piece for piece in found.pieces if isinstance(piece, SetByHand)]
    assert hand.step == 3
    assert hand.added > 1
    spec = trainer.spec
    optimizer = spec.optimizer.model_copy(update={"learning_rate": 0.5})
    session.running().retune(spec.model_copy(update={"optimizer": optimizer}))
    trainer.run_on(1)
    trainer.flush()
    past.remember()
    found = history_of(trainer, past, "0.weight", (0, 0))
    assert_adds_up(found)
    newest, *older = [piece for piece in found.pieces if isinstance(piece, WeightUpdate)]
    assert newest.gradient is not None
    assert all(piece.gradient is None for piece in older)
    assert [piece.step for piece in older if piece.unsure] == [6, 3]
    assert any("by hand" in str(said) for said in found.sentences)
