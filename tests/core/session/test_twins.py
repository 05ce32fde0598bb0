"""What if? Two runs from one state: alike to the last bit where nothing is changed."""

import numpy as np
import pytest

from core.catalog.activations import Identity, ReLU, Softmax, Tanh
from core.catalog.losses import MSE, BinaryCrossEntropy
from core.catalog.optimizers import SGD, Adam, GradientDescent
from core.debugger.tape import record_step
from core.errors import UserError
from core.experiment.layers import Dense
from core.experiment.spec import Training
from core.messages import commands, edits
from core.session.twins import Twins
from core.training.intervening import write_number
from tests.core.experiments import (
    LONG,
    VARIED,
    do,
    same,
    session_of,
    settle,
    small_digits,
    tensors_of,
    tiny,
    trainer_of,
    with_dropout,
)


def after(spec, steps):
    trainer = trainer_of(spec)
    trainer.run_on(steps)
    trainer.flush()
    return trainer


def parted(twins):
    """The first difference and the operation, by torch's names."""
    found = twins.first_difference()
    record = twins.records()[found.in_twin]
    return found, record.entries[found.entry].writes


@pytest.mark.parametrize("spec", VARIED.values(), ids=VARIED)
def test_nothing_changed_not_one_bit_differs(spec):
    twins = Twins(after(spec, 7), None)
    steps = 10_000 if spec is VARIED["sgd"] else 2_000
    for _ in range(4):
        twins.advance(steps // 4)
        assert twins.are_same
        assert twins.first_difference() is None
    assert twins.step == twins.twin.step == 7 + steps
    this, twin = twins.losses
    assert len(this) == steps
    assert np.array_equal(this, twin)


def test_the_first_goes_on_just_as_the_run_would_and_the_run_is_left_alone():
    spec = with_dropout(optimizer=Adam(), stop=LONG)
    trainer, before = after(spec, 9), tensors_of(after(spec, 9))
    twins = Twins(trainer, edits.set_optimizer(Adam(learning_rate=0.5)))
    twins.advance(25)
    twins.records()
    assert same(before, tensors_of(trainer))
    assert trainer.step == 9
    trainer.run_on(25)
    assert same(tensors_of(trainer), tensors_of(twins.this))
    assert not twins.are_same


def test_another_rate_acts_as_if_it_were_changed_in_the_run():
    spec = tiny(optimizer=Adam(), stop=LONG)
    twins = Twins(after(spec, 9), edits.set_optimizer(Adam(learning_rate=0.03)))
    own = after(spec, 9)
    own.retune(spec.model_copy(update={"optimizer": Adam(learning_rate=0.03)}))
    twins.advance(30)
    own.run_on(30)
    assert same(tensors_of(own), tensors_of(twins.twin))


def test_another_rate_first_differs_in_the_update():
    twins = Twins(after(tiny(stop=LONG), 5), edits.set_optimizer(SGD(learning_rate=0.3)))
    found, writes = parted(twins)
    assert writes == "after:0.weight"
    record = record_step(after(tiny(stop=LONG), 5)).record
    gradient = record.arrays["d:p:0.weight"][found.index]
    assert found.twin - found.this == pytest.approx(-0.2 * gradient, rel=1e-4)


def test_a_number_first_differs_where_it_is_read():
    twins = Twins(after(tiny(stop=LONG), 5), commands.SetNumber("1.weight", (0, 2), 0.75))
    found, writes = parted(twins)
    assert writes == "z:1"
    this, twin = twins.records()
    moved = 0.75 - this.arrays["p:1.weight"][0, 2]
    z = this.arrays["a:0"][found.sample, 2] * moved
    assert found.twin - found.this == pytest.approx(float(z), rel=1e-4, abs=1e-6)
    assert twin.arrays["p:1.weight"][0, 2] == np.float32(0.75)
    own = after(tiny(stop=LONG), 5)
    write_number(own.network, "1.weight", (0, 2), 0.75)
    own.run_on(20)
    twins.advance(20)
    assert same(tensors_of(own), tensors_of(twins.twin))


def test_another_activation_first_differs_in_that_activation():
    def layers(activation):
        return (Dense(units=4, activation=activation), tiny().layers[1])

    for one, other, in_twin in ((Tanh(), ReLU(), False), (Identity(), ReLU(), True)):
        spec = tiny(layers=layers(one), stop=LONG)
        twins = Twins(after(spec, 3), edits.set_layers(layers(other)))
        found, writes = parted(twins)
        assert (writes, found.in_twin) == ("a:0", in_twin)
        assert found.twin == max(
            0.0, float(twins.records()[0].arrays["z:0"][found.sample][found.index])
        )


def test_another_loss_first_differs_in_the_samples_losses():
    twins = Twins(after(tiny(stop=LONG), 3), edits.set_loss(MSE()))
    assert isinstance(twins.this.spec.loss, BinaryCrossEntropy)
    assert parted(twins)[1] == "terms"


def test_a_penalty_is_an_operation_that_the_first_has_not():
    training = Training(batch_size=8, l2=0.1)
    twins = Twins(after(tiny(stop=LONG), 3), edits.set_training(training))
    found, writes = parted(twins)
    assert (writes, found.in_twin) == ("penalty", True)
    assert np.isnan(found.this)


def test_another_optimizer_begins_without_the_firsts_memory():
    spec = tiny(optimizer=Adam(), stop=LONG)
    twins = Twins(after(spec, 5), edits.set_optimizer(SGD(learning_rate=0.1)))
    assert parted(twins)[1] == "after:0.weight"
    own = after(spec, 5)
    own.retune(spec.model_copy(update={"optimizer": twins.twin.spec.optimizer}))
    own.run_on(20)
    twins.advance(20)
    assert same(tensors_of(own), tensors_of(twins.twin))


def test_another_seed_takes_other_samples_and_keeps_the_weights():
    trainer = after(tiny(stop=LONG), 3)
    twins = Twins(trainer, edits.set_seed(99))
    assert twins.are_same
    assert twins.first_difference().entry is None
    this, twin = twins.records()
    assert sorted(this.rows) != sorted(twin.rows)
    spec = with_dropout(optimizer=GradientDescent(), stop=LONG)
    found, writes = parted(Twins(after(spec, 3), edits.set_seed(99)))
    assert writes == "z:1"  # what dropout makes, by other masks
    assert found.sample is not None


def test_at_the_very_start_another_seed_draws_other_weights():
    spec = tiny(optimizer=GradientDescent(), stop=LONG)
    twins = Twins(trainer_of(spec), edits.set_seed(99))
    assert not twins.are_same
    assert parted(twins)[1] == "z:0"


def test_a_neuron_and_an_input_can_be_others():
    assert parted(Twins(after(tiny(), 2), commands.KnockOut((0,), 1, True)))[1] == "a:0"
    trainer = after(tiny(), 2)
    row = int(trainer.batches.rows(trainer.epoch, trainer.epoch_step)[0])
    before = trainer.data.train_inputs.clone()
    twins = Twins(trainer, commands.SetInput(row, (0,), 9.0))
    found, writes = parted(twins)
    assert (writes, found.sample) == ("z:0", 0)
    assert before.equal(trainer.data.train_inputs)
    assert before.equal(twins.this.data.train_inputs)


def test_what_a_hand_has_laid_on_the_run_is_in_both():
    session, _ = session_of(tiny(), live=True)
    settle(session)
    do(session, commands.KnockOut((0,), 1, True), commands.SetNumber("0.weight", (0, 0), 2.5))
    do(session, commands.Freeze("0.weight", (0, 0), True), commands.SetInput(0, (1,), 3.0))
    twins = Twins(session.running().trainer, None)
    twins.advance(11)
    assert twins.are_same
    assert float(twins.twin.network.named()["0.weight"].detach()[0, 0]) == 2.5
    trainer = session.running().trainer
    trainer.run_on(11)
    assert same(tensors_of(trainer), tensors_of(twins.this))


@pytest.mark.parametrize(
    "edit",
    [
        edits.set_layers((Dense(units=5, activation=Tanh()), tiny().layers[1])),
        edits.set_data(small_digits().data),
    ],
)
def test_what_takes_other_weights_is_refused(edit):
    with pytest.raises(UserError, match="weights"):
        Twins(after(tiny(), 2), edit)


def test_an_activation_that_does_not_fit_is_refused_as_everywhere():
    layers = (Dense(units=4, activation=Softmax()), tiny().layers[1])
    with pytest.raises(UserError):
        Twins(after(tiny(), 2), edits.set_layers(layers))


def test_a_number_that_is_not_there_is_refused():
    with pytest.raises(UserError):
        Twins(after(tiny(), 2), commands.SetNumber("7.weight", (0, 0), 1.0))


def test_interrupted_both_have_taken_as_many():
    looks = iter([False] * 5 + [True] * 1000)
    twins = Twins(after(tiny(stop=LONG), 2), None)
    twins.advance(500, interrupted=lambda: next(looks))
    assert twins.this.step == twins.twin.step < 502
    assert twins.are_same
    assert len(twins.losses[0]) == twins.step - 2
