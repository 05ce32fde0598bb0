"""A packed state is the state: a run goes on from it to the same bits, whatever its optimizer."""

import pytest
import torch

from core.catalog.base import entries_of
from core.catalog.optimizers import Optimizer
from core.experiment.spec import Stop
from core.messages import commands, edits
from core.training.state import pack
from tests.core.experiments import digits, do, session_of, take, tensors_of, tiny, trainer_of

LONG = Stop(epochs=None, steps=1000)


@pytest.mark.parametrize("kind", entries_of(Optimizer))
@pytest.mark.parametrize("make", [tiny, digits], ids=["dense", "convolutions"])
def test_a_run_goes_on_from_a_packed_state_as_it_would_have(kind, make):
    optimizer = entries_of(Optimizer)[kind]()
    trainer = trainer_of(make(optimizer=optimizer, stop=LONG))
    take(trainer, 5)
    kept = pack(trainer.state(), None).unpacked()
    take(trainer, 3)
    there = [tensor.clone() for tensor in tensors_of(trainer)]
    trainer.restore(kept)
    take(trainer, 3)
    assert all(map(torch.equal, there, tensors_of(trainer)))


KINDS = [kind for kind, entry in entries_of(Optimizer).items() if not entry().full_batch]


@pytest.mark.parametrize("before", KINDS)
@pytest.mark.parametrize("after", KINDS)
def test_a_run_goes_on_from_before_another_optimizer(before, after):
    """The past is of one optimizer, what goes on from there of another: without its memory."""
    session, _ = session_of(tiny(optimizer=entries_of(Optimizer)[before](), stop=LONG), live=True)
    other = entries_of(Optimizer)[after]()
    do(session, commands.TrainUntil(40), edits.set_optimizer(other), commands.TrainUntil(80))
    do(session, commands.Visit(33), commands.StepOnce())
    trainer = session.run.trainer
    assert trainer.step in (33, 34)  # where the rules have changed, from 32: the newest kept
    kept = trainer.state().optimizer
    assert all(set(other.used) <= set(names) for names in kept.values())
