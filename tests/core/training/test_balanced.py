"""Balanced classes: what is drawn, and that all that follows from it is of what is drawn."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.catalog.activations import Softmax, Tanh
from core.catalog.losses import BinaryCrossEntropy, CrossEntropy
from core.catalog.optimizers import SGD, GradientDescent
from core.data.augment.settings import Augmentation
from core.data.mnist import Mnist
from core.data.table import CsvTable
from core.debugger.tape import record_step
from core.diagnosis.examiner import Examiner
from core.experiment.layers import Dense, Flatten
from core.experiment.spec import Stop, Training
from core.landscape.losses.network import NetworkArena
from core.landscape.losses.replica import rows_drawn
from core.messages.commands import Train, Undo
from core.messages.edits import set_training
from tests.core.arenas import never, vector_of
from tests.core.experiments import (
    do,
    regression,
    same,
    session_of,
    take,
    tensors_of,
    tiny,
    trainer_of,
)

BALANCED = Training(batch_size=8, balanced=True)
OUTPUTS = {
    2: {"loss": BinaryCrossEntropy()},
    3: {
        "loss": CrossEntropy(),
        "layers": (Dense(units=4, activation=Tanh()), Dense(units=3, activation=Softmax())),
    },
}


@pytest.fixture
def table(tmp_path):
    """Makes a table without a test part, with so many samples of each class."""

    def make(*counts):
        rng = np.random.default_rng(1)
        lines = ["x1,x2,kind"]
        for label, count in enumerate(counts):
            points = rng.normal(label, 1.0, (count, 2))
            lines += [f"{x:.4f},{y:.4f},{'abc'[label]}" for x, y in points]
        path = tmp_path / "uneven.csv"
        path.write_text("\n".join(lines))
        return CsvTable(path=str(path), target="kind", test_fraction=0.0)

    return make


def uneven(table, *counts, **fields):
    usual = {"data": table(*counts), "training": BALANCED} | OUTPUTS[len(counts)]
    return tiny(**usual | fields)


def weighted(trainer):
    """The loss of the data as they are with torch's class weights, n/(K·n_c), at the network."""
    network, data = trainer.network, trainer.data
    counts = data.train_labels.bincount()
    weights = len(data.train_labels) / (len(counts) * counts)
    z = network(data.train_inputs)
    if len(counts) > 2:
        return functional.cross_entropy(z, data.train_labels, weights)
    targets = data.train_labels.float()[:, None]
    each = functional.binary_cross_entropy_with_logits(z, targets, reduction="none")[:, 0]
    of_each = weights[data.train_labels]
    return (of_each * each).sum() / of_each.sum()


@pytest.mark.parametrize("counts", [(24, 4), (4, 24), (18, 6, 3)])
def test_a_step_on_all_is_the_step_of_torchs_class_weights(table, counts):
    trainer = trainer_of(uneven(table, *counts, optimizer=GradientDescent(learning_rate=0.1)))
    loss = weighted(trainer)
    gradients = torch.autograd.grad(loss, list(trainer.network.parameters()))
    record = record_step(trainer).record
    assert len(record.rows) == len(counts) * max(counts)
    assert float(record.arrays["loss"]) == pytest.approx(loss.item(), rel=1e-5)
    for name, gradient in zip(trainer.names, gradients, strict=True):
        found = torch.from_numpy(np.array(record.arrays[f"d:p:{name}"]))
        torch.testing.assert_close(found, gradient, rtol=1e-4, atol=1e-6)


def test_an_epoch_has_as_many_of_each_class_as_of_the_largest(table):
    trainer = trainer_of(uneven(table, 30, 7))
    assert (trainer.batches.samples, trainer.batches.steps_per_epoch) == (60, 8)
    for epoch in range(3):
        targets = torch.cat([targets for _, targets in trainer.batches.epoch(epoch)])
        assert targets.sum() == 30
    orders = [trainer.batches.rows(epoch, 0).tolist() for epoch in (0, 1)]
    assert orders[0] != orders[1]


@pytest.mark.parametrize("size", [8, 60])
def test_the_rows_that_are_told_are_those_that_come(table, size):
    trainer = trainer_of(uneven(table, 30, 7, training=Training(batch_size=size, balanced=True)))
    batches, data = trainer.batches, trainer.data
    for epoch in (0, 5):
        for step, (inputs, targets) in enumerate(batches.epoch(epoch)):
            rows = batches.rows(epoch, step)
            assert torch.equal(inputs, data.train_inputs[rows])
            assert torch.equal(targets[:, 0], data.train_labels[rows].float())


@pytest.mark.parametrize("at", [3, 8, 11])
def test_a_balanced_run_goes_on_from_any_step_bit_for_bit(table, at):
    spec = uneven(table, 30, 7)
    whole, heir = trainer_of(spec), trainer_of(spec)
    take(whole, at)
    state = whole.state()
    take(whole, 20 - at)
    heir.restore(state)
    take(heir, 20 - at)
    assert same(tensors_of(whole), tensors_of(heir))


def test_where_classes_are_equally_frequent_or_there_are_none_it_changes_no_bit(table):
    plain = Training(batch_size=8)
    for spec in (uneven(table, 20, 20), regression(training=BALANCED)):
        ours, theirs = trainer_of(spec), trainer_of(spec.model_copy(update={"training": plain}))
        assert take(ours, 9) == take(theirs, 9)
        assert same(tensors_of(ours), tensors_of(theirs))


def test_it_can_be_switched_amid_an_epoch_is_marked_on_the_curves_and_undone(table):
    spec = uneven(table, 30, 7, training=Training(batch_size=8), stop=Stop(epochs=None, steps=18))
    session, _ = session_of(spec)
    trainer = session.run.trainer
    take(trainer, 2)
    do(session, set_training(BALANCED))
    assert trainer.batches.samples == 60
    assert (trainer.epoch, trainer.epoch_step) == (0, 2)
    (change,) = session.snapshot().curves.changes
    assert [one.what for one in change.differences] == ["Balanced classes"]
    do(session, Undo())
    assert trainer.batches.samples == 37
    do(session, set_training(BALANCED), Train())
    assert trainer.step == 18


def test_pictures_that_are_changed_come_balanced_too():
    spec = tiny(
        data=Mnist(samples=150, test_samples=10),
        augmentation=Augmentation(on=True),
        layers=(Flatten(), Dense(units=10, activation=Softmax())),
        loss=CrossEntropy(),
        training=Training(batch_size=32, balanced=True),
    )
    for optimizer in (SGD(), GradientDescent()):
        trainer = trainer_of(spec.model_copy(update={"optimizer": optimizer}))
        for epoch in (0, 1):
            targets = torch.cat([targets for _, targets in trainer.batches.epoch(epoch)])
            assert len(set(targets.bincount().tolist())) == 1


def test_the_landscape_is_that_of_what_is_drawn(table):
    trainer = trainer_of(uneven(table, 24, 4))
    arena = NetworkArena.of_trainer(trainer, None)
    found = arena.scores(vector_of(trainer.network)[None], never)
    assert float(found.loss) == pytest.approx(weighted(trainer).item(), rel=1e-5)
    assert (arena.samples, arena.of) == (48, 48)
    counts = trainer.data.train_labels[rows_drawn(trainer, None)].bincount()
    assert counts.tolist() == [24, 24]


def test_evidence_of_a_run_is_of_what_is_drawn_and_follows_the_switch(table):
    session, _ = session_of(uneven(table, 40, 8, training=Training(batch_size=8)))
    examiner = Examiner(session.run)
    plain = examiner.evidence()
    session.apply(set_training(BALANCED))
    examiner.renew()
    found = examiner.evidence()
    assert plain.data.counts == found.data.counts == (40, 8)
    assert (plain.data.samples, found.data.samples) == (48, 80)
    assert found.data.guess == pytest.approx(np.log(2), rel=1e-5) != plain.data.guess
    assert found.loss == pytest.approx(weighted(session.run.trainer).item(), rel=1e-5)
