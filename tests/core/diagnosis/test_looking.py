"""How a run is looked at: measured right, left untouched, said calmly."""

import math

import pytest
import torch

from core.catalog.optimizers import SGD
from core.diagnosis import diagnosis as module
from core.diagnosis.diagnosis import Diagnosis
from core.diagnosis.examiner import Examiner
from core.messages import commands
from core.messages.edits import set_optimizer
from core.messages.findings import Finding
from core.messages.snapshot import RunState
from core.sentence import Sentence
from core.session.session import Session
from tests.core.diagnosis.illnesses import MADE, Made
from tests.core.diagnosis.looking import looks
from tests.core.experiments import (
    FOREVER,
    digits,
    same,
    session_of,
    tensors_of,
    tiny,
    trainer_of,
    with_batch_norm,
    with_dropout,
)


def evidence_of(session):
    return Examiner(session.run).evidence()


@pytest.mark.parametrize("make", [tiny, with_batch_norm, with_dropout, digits])
def test_looking_leaves_the_run_as_it_is_bit_for_bit(make):
    spec = make(device="cpu")
    plain = trainer_of(spec)
    plain.run(3)
    *_, (session, _) = looks(spec, (0, 1, 2, 3))
    assert session.run.trainer.step == 3
    assert same(tensors_of(session.run.trainer), tensors_of(plain))


def test_the_gradient_by_z_is_autograds():
    session, _ = session_of(tiny())
    network, data = session.run.trainer.network, session.run.trainer.data
    x = data.train_inputs
    zs = []
    hooks = [block.transform.register_forward_hook(lambda *a: zs.append(a[2]) or None)
             for block in network.layers]  # fmt: skip
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        network(x), data.train_labels[:, None].float()
    )
    gradients = torch.autograd.grad(loss, zs)
    for hook in hooks:
        hook.remove()
    found = evidence_of(session)
    assert found.loss == pytest.approx(loss.item(), rel=1e-6)
    for layer, gradient in zip(found.layers, gradients, strict=True):
        assert layer.gradient == pytest.approx(
            len(x) * gradient.norm(dim=1).mean().item(), rel=1e-5
        )


def test_guessing_costs_the_entropy_of_the_classes():
    data = evidence_of(session_of(digits())[0]).data
    shares = [count / data.samples for count in data.counts]
    assert sum(data.counts) == data.samples == 200
    assert data.guess == pytest.approx(-sum(p * math.log(p) for p in shares if p), rel=1e-4)


def finding(kind):
    return Finding(kind, "warning", Sentence("{n}", n=1), Sentence("why"))


def told(monkeypatch, run, seen):
    """What is said after each of these looks."""
    diagnosis = Diagnosis()
    said = []
    for kinds in seen:
        monkeypatch.setattr(module, "examined", lambda _, kinds=kinds: tuple(map(finding, kinds)))
        diagnosis.look(run)
        said.append([one.kind for one in diagnosis.findings])
    return said


def test_while_it_trains_what_is_seen_once_is_not_said_and_what_is_missed_once_stays(monkeypatch):
    run = session_of(tiny())[0].run
    run.state = RunState.RUNNING
    seen = [["vanishing"], [], ["vanishing"], ["vanishing"], [], ["vanishing"], [], []]
    said = told(monkeypatch, run, seen)
    assert said == [[], [], [], ["vanishing"], ["vanishing"], ["vanishing"], ["vanishing"], []]


def test_at_rest_a_single_look_decides(monkeypatch):
    run = session_of(tiny())[0].run
    assert told(monkeypatch, run, [["vanishing"], []]) == [["vanishing"], []]


def test_what_explains_most_stands_first(monkeypatch):
    run = session_of(tiny())[0].run
    (said,) = told(monkeypatch, run, [["overfitting", "dead_units", "alike_units"]])
    assert said == ["alike_units", "dead_units", "overfitting"]


def test_a_finding_leaves_with_what_it_speaks_of():
    made = next(made for made in MADE if made.name == "rate too low")
    *_, (session, findings) = looks(made.spec(0), (0, 500))
    assert [one.kind for one in findings] == ["rate_too_low"]
    session.apply(set_optimizer(SGD(learning_rate=0.5)))
    while session.busy:
        session.advance(FOREVER)
    assert session.snapshot().findings == ()
    session.apply(commands.Undo())
    while session.busy:
        session.advance(FOREVER)
    assert session.snapshot().findings == ()  # it is not known any more how far these rules led


def test_an_unsuited_loss_is_told_before_the_first_step():
    made = next(made for made in MADE if made.kind == "unsuited_loss")
    ((session, (found,)),) = looks(made.spec(0), (0,))
    assert found.severity == "info"
    (edit,) = found.offer.edits
    session.apply(edit)
    while session.busy:
        session.advance(FOREVER)
    assert session.spec.layers[-1].activation.kind == "softmax"
    assert session.snapshot().findings == ()


def test_a_defect_in_looking_comes_up_once(monkeypatch):
    def broken(_):
        raise ZeroDivisionError

    session = Session(Made("tiny", "", {}).spec(0), lambda event: None)
    session.load()
    monkeypatch.setattr(module, "examined", broken)
    with pytest.raises(ZeroDivisionError):
        session.advance(FOREVER)
    while session.busy:
        session.advance(FOREVER)
    assert session.snapshot().findings == ()
