"""Why a number is what it is, asked of a session: the newest question is answered."""

from math import fsum

import pytest
import torch

from core.debugger.doubled import double, network_in_double
from core.debugger.why.weight_history import Updates
from core.messages import commands
from core.messages.record import Grain, Phase
from core.messages.snapshot import RunState
from core.messages.why import AboutNumber, AboutWeight
from core.session import answering
from core.training.step import objective
from tests.core.experiments import do, same, session_of, settle, tensors_of, tiny

NEXT = commands.Next(Grain.OPERATION)


@pytest.fixture
def session():
    session, _ = session_of(tiny(), live=True)
    settle(session)
    return session


def stepped(session):
    do(session, NEXT)
    return session.snapshot().stepping.record


def answered(session, about, request=1, interrupted=lambda: False):
    session.apply(commands.AskWhy(request, about))
    assert session.busy
    session.advance(1.0, interrupted)
    return session.snapshot().why


def gradient(record, key, index, sample=None):
    entry = next(one for one in record.entries if one.writes == key)
    return AboutNumber(record, entry, index, sample)


def by_autograd(record, parameter):
    """The gradient in float64, by torch alone."""
    shapes = tuple(layer for layer in record.layers if len(layer.path) == 1)
    network = network_in_double(shapes, record)
    x, y = double(record.arrays["x"]), double(record.arrays["y"])
    _, total = objective(network, record.spec.loss, None, network(x), y)
    (found,) = torch.autograd.grad(total, [network.named()[parameter]])
    return found


def test_a_gradients_paths_come_with_the_next_snapshot_and_add_up(session):
    record = stepped(session)
    answer = answered(session, gradient(record, "d:p:0.weight", (1, 0)), 7)
    exact = float(by_autograd(record, "0.weight")[1, 0])
    assert answer.request == 7
    assert answer.refused is None
    products = [path.product for path in answer.found.paths]
    assert fsum([*products, answer.found.rest]) == pytest.approx(exact, rel=1e-12)
    assert answer.found.left == 0
    assert not session.busy


def test_asking_changes_nothing_in_the_run(session):
    record = stepped(session)
    trainer = session.running().trainer
    before, place = tensors_of(trainer), session.snapshot().stepping.place
    answered(session, gradient(record, "d:z:0", (2,), 3))
    answered(session, AboutWeight("0.weight", (0, 1)))
    assert same(before, tensors_of(trainer))
    assert session.snapshot().stepping.place == place
    assert session.snapshot().undo is None


def test_the_step_in_float64_is_worked_out_once_for_a_sample(session, monkeypatch):
    made = []

    class Counted(answering.Exact):
        def __init__(self, *wanted):
            made.append(wanted)
            super().__init__(*wanted)

    monkeypatch.setattr(answering, "Exact", Counted)
    record = stepped(session)
    for sample in (0, 0, 1, 1):
        answered(session, gradient(record, "d:z:0", (2,), sample))
    assert [sample for _, sample in made] == [0, 1]


def test_a_weights_history_ends_in_what_it_is_now(session):
    run = session.running()
    while run.trainer.step < 6:
        run.trainer.run_on(1)
        run.trainer.flush()
        run.past.remember()
    found = answered(session, AboutWeight("1.bias", (0,))).found
    assert fsum([found.start, *(piece.added for piece in found.pieces)]) == found.value
    assert found.value == float(run.trainer.network.named()["1.bias"].detach()[0])
    assert found.step == run.trainer.step == 6


def test_of_two_questions_the_newest_is_answered(session):
    record = stepped(session)
    session.apply(commands.AskWhy(1, gradient(record, "d:z:0", (0,), 0)))
    session.apply(commands.AskWhy(2, AboutWeight("0.bias", (1,))))
    session.advance(1.0)
    assert session.snapshot().why.request == 2
    assert not session.busy


def test_a_question_that_is_interrupted_is_asked_still(session):
    record = stepped(session)
    about = gradient(record, "d:p:0.weight", (1, 0))
    assert answered(session, about, 1, interrupted=lambda: True) is None
    assert session.busy
    session.advance(1.0)
    assert session.snapshot().why.request == 1
    assert not session.busy


def test_a_history_that_is_interrupted_tells_the_rest_together(session):
    run = session.running()
    run.trainer.run_on(20)
    run.trainer.flush()
    run.past.remember()
    answer = answered(session, AboutWeight("0.weight", (0, 0)), interrupted=lambda: True)
    (piece,) = answer.found.pieces
    assert isinstance(piece, Updates)
    assert (piece.first, piece.last, piece.apart) == (1, 20, False)


def test_a_weight_that_is_not_there_is_refused_in_the_answer(session):
    answer = answered(session, AboutWeight("7.weight", (0, 0)), 3)
    assert answer.request == 3
    assert answer.found is None
    assert str(answer.refused)


def test_of_a_run_that_trains_nothing_is_answered(session):
    session.apply(commands.Train())
    assert session.snapshot().state is RunState.RUNNING
    assert answered(session, AboutWeight("0.weight", (0, 0))) is None


def test_another_run_has_been_asked_nothing(session):
    record = stepped(session)
    assert answered(session, gradient(record, "d:z:0", (0,), 0)) is not None
    do(session, commands.ResetWeights(5))
    assert session.snapshot().why is None


def test_every_gradient_of_a_step_can_be_asked_about(session):
    record = stepped(session)
    for number, entry in enumerate(record.entries):
        if entry.phase is Phase.BACKWARD:
            index = entry.index_of(entry.count - 1)
            answer = answered(session, AboutNumber(record, entry, index, 1), number)
            assert answer.request == number
            assert answer.refused is None
