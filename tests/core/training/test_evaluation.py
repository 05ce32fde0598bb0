"""The measured loss and accuracy against one plain pass over the whole set."""

import math

import pytest
import torch

from core.training import evaluation as module
from core.training.evaluation import chunk_size
from tests.core.experiments import (
    digits,
    regression,
    take,
    tiny,
    trainer_of,
    with_batch_norm,
    with_dropout,
)

LOSSES = {
    "binary_cross_entropy": lambda z, a, y: torch.nn.functional.binary_cross_entropy_with_logits(
        z, y.float()[:, None]
    ),
    "cross_entropy": lambda z, a, y: torch.nn.functional.cross_entropy(z, y),
    "mse": lambda z, a, y: torch.nn.functional.mse_loss(a, y),
}


def in_one_pass(trainer):
    data = trainer.data
    network = trainer.network.eval()
    with torch.no_grad():
        z = network(data.test_inputs)
        a = network.activate(z)
        loss = LOSSES[trainer.spec.loss.kind](z, a, data.test_labels).item()
    network.train()
    if data.shape.task == "regression":
        return loss, None
    predicted = (a[:, 0] > 0.5).long() if a.shape[1] == 1 else a.argmax(1)
    return loss, (predicted == data.test_labels).double().mean().item()


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of 16, so that the test sets need several."""
    monkeypatch.setattr(module, "ELEMENTS", 16)


@pytest.mark.parametrize("make", [tiny, regression, with_dropout, with_batch_norm, digits])
@pytest.mark.usefixtures("small_chunks")
def test_a_score_in_chunks_is_that_of_one_pass(make):
    data = make().data.model_copy(
        update={"test_fraction": 0.9, "samples": 400} if make is not digits else {}
    )
    trainer = trainer_of(make(data=data))
    take(trainer, 5)
    evaluation = trainer.evaluation()
    score = evaluation.run(math.inf)
    loss, accuracy = in_one_pass(trainer)
    assert score.loss == pytest.approx(loss, rel=1e-5)
    assert score.accuracy == pytest.approx(accuracy)
    assert score.samples == len(trainer.data.test_inputs)


@pytest.mark.usefixtures("small_chunks")
def test_without_time_one_chunk_is_measured_at_a_call():
    trainer = trainer_of(digits())  # 50 test images: chunks of 16, 16, 16 and 2
    evaluation = trainer.evaluation()
    found = [evaluation.run(0.0) for _ in range(4)]
    assert found[:3] == [None] * 3
    assert found[3] == trainer.evaluation().run(math.inf)


@pytest.mark.parametrize("make", [with_dropout, with_batch_norm])
def test_measuring_changes_nothing_and_leaves_the_network_in_training(make):
    trainer, undisturbed = trainer_of(make()), trainer_of(make())
    take(trainer, 3)
    take(undisturbed, 3)
    trainer.evaluation().run(math.inf)
    assert trainer.network.training
    assert all(child.training for child in trainer.network.modules())
    assert take(trainer, 20) == take(undisturbed, 20)


def test_a_chunk_keeps_the_widest_layer_within_the_budget_and_above_16_samples():
    cpu = torch.device("cpu")
    narrow = trainer_of(tiny()).network
    assert chunk_size(narrow, cpu) == 512
    images = trainer_of(digits()).network
    widest = 3 * 8 * 8
    assert chunk_size(images, cpu) == min(512, module.ELEMENTS // widest)
    assert chunk_size(images, torch.device("cuda")) > chunk_size(images, cpu)
