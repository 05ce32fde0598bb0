"""Training on changed pictures: the same bits wherever one enters, in any order and any thread."""

from __future__ import annotations

import json
import threading

import numpy as np
import pytest
import torch

from core.data.augment.settings import Augmentation
from core.data.base import as_float
from core.data.mnist import Mnist
from core.debugger.tape import record_step
from core.experiment.changes import change_of
from core.experiment.fit import check
from core.experiment.spec import ExperimentSpec, Training, spec_from_json
from core.messages.breakpoints import Interventions
from core.messages.changes import Difference
from core.messages.edits import set_augmentation
from core.presets import FIRST, PRESETS
from core.session.differences import differences
from core.training import batches as batching
from core.training.augmented import made_ahead
from core.training.trainer import Trainer

ON = Augmentation(on=True)


def trainer_of(augmentation=ON, *, batch=32, samples=900, **fields) -> Trainer:
    base = PRESETS["dense-784-64-10"].spec
    data = Mnist(samples=samples, test_samples=100)
    made = {"data": data, "augmentation": augmentation, "training": Training(batch_size=batch)}
    spec = ExperimentSpec.model_validate(dict(base) | made | fields)
    loaded = spec.data.load(spec.seed)
    return Trainer(spec, check(spec, loaded.shape), loaded, torch.device("cpu"))


def weights(trainer):
    return [parameter.detach().clone() for parameter in trainer.network.parameters()]


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_equal_runs_have_equal_bits_and_others_than_without():
    one, other, plain = trainer_of(), trainer_of(), trainer_of(Augmentation())
    for trainer in (one, other, plain):
        trainer.run_on(40)
    assert same(weights(one), weights(other))
    assert not same(weights(one), weights(plain))


def left_running(seconds=5.0):
    """The threads that make pictures and do not end in so long."""
    found = [t for t in threading.enumerate() if t.name.startswith("chainrule-augmenter")]
    for thread in found:
        thread.join(seconds)
    return [thread for thread in found if thread.is_alive()]


def test_the_machines_speed_decides_nothing(monkeypatch):
    usual = trainer_of()
    usual.run_on(60)
    slow = trainer_of()
    while slow.step < 60:
        slow.run(1)
        if slow.step % 3 == 0:  # all that is made ahead is there before it is wanted
            assert not left_running()
    assert same(weights(usual), weights(slow))


@pytest.mark.parametrize("at", [1, 15, 17, 28, 29, 40])
def test_a_run_goes_on_from_any_step_bit_for_bit(at):
    whole = trainer_of()
    whole.run_on(50)
    first = trainer_of()
    first.run_on(at)
    state = first.state()
    first.run_on(50 - at)
    assert same(weights(first), weights(whole))
    heir = trainer_of()
    heir.restore(state)
    heir.run_on(50 - at)
    assert same(weights(heir), weights(whole))


def test_a_batch_of_all_samples_is_changed_each_epoch_anew():
    trainer = trainer_of(batch=900)
    (first, targets), (again, _), (later, _) = (
        next(trainer.batches.epoch(epoch)) for epoch in (0, 0, 1)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, later)
    assert torch.equal(targets, trainer.data.train_labels)


def test_a_recorded_step_shows_the_pictures_that_it_trains_on():
    trainer, plain = trainer_of(), trainer_of()
    trainer.run_on(3)
    plain.run_on(3)
    record = record_step(trainer).record
    plain.run_on(1)
    assert same(weights(trainer), weights(plain))
    shown = torch.from_numpy(np.array(record.arrays["x"]))
    rows = torch.from_numpy(np.array(record.rows))
    wanted = trainer.batches._augmented.inputs(0, rows)
    assert torch.equal(shown, wanted)
    assert not torch.equal(shown, as_float(trainer.data.train_inputs[rows]))


def test_a_sample_whose_input_a_person_changed_is_shown_as_it_is():
    trainer = trainer_of()
    trainer.intervene(Interventions(inputs={(5, (0, 3, 4)): 1.0}))
    augmented = trainer.batches._augmented
    shown = augmented.inputs(0, torch.tensor([4, 5, 6]))
    as_they_are = as_float(trainer.data.train_inputs[4:7])
    assert torch.equal(shown[1], as_they_are[1])
    assert shown[1, 0, 3, 4] == 1
    assert not torch.equal(shown[0], as_they_are[0])


def test_switched_on_amid_a_run_it_acts_from_the_next_step_on():
    trainer = trainer_of(Augmentation())
    trainer.run_on(10)
    before = trainer.state()
    trainer.retune(trainer.spec.model_copy(update={"augmentation": ON}))
    assert (trainer.step, trainer.epoch_step) == (10, 10)
    trainer.run_on(5)
    changed = weights(trainer)
    trainer.restore(before)
    trainer.retune(trainer.spec.model_copy(update={"augmentation": Augmentation()}))
    trainer.run_on(5)
    plain = trainer_of(Augmentation())
    plain.run_on(15)
    assert same(weights(trainer), weights(plain))
    assert not same(changed, weights(plain))


def test_test_pictures_stay_as_they_are():
    trainer, plain = trainer_of(), trainer_of(Augmentation())
    assert torch.equal(trainer.data.test_inputs, plain.data.test_inputs)
    assert torch.equal(trainer.data.train_inputs, plain.data.train_inputs)


def test_blocks_come_in_order_and_no_more_than_one_is_made_ahead():
    begun = []

    def make(block):
        begun.append(int(block[0]))
        return block * 2

    made = made_ahead(make, tuple(torch.tensor([k]) for k in range(6)))
    assert int(next(made)) == 0
    for thread in threading.enumerate():
        if thread.name.startswith("chainrule-augmenter"):
            thread.join()
    assert begun == [0, 1]
    assert [int(found) for found in made] == [2, 4, 6, 8, 10]


def test_what_fails_while_a_block_is_made_is_raised_where_it_is_taken():
    def make(block):
        raise RuntimeError("no picture")

    with pytest.raises(RuntimeError, match="no picture"):
        list(made_ahead(make, (torch.zeros(1),)))


def test_nothing_is_left_running_where_an_epoch_is_left():
    trainer = trainer_of(samples=5000)
    trainer.run(1)
    trainer.restore(trainer.state())
    assert not left_running()


def test_undo_and_the_curves_name_what_was_changed():
    spec = PRESETS["dense-784-64-10"].spec
    on = set_augmentation(ON).apply(spec)
    assert str(change_of(spec, on)) == "Augmentation off to on"
    turned = set_augmentation(Augmentation(on=True, turn=20)).apply(spec)
    assert str(change_of(on, turned)) == "Turn, degrees 12 to 20"
    assert differences(on, turned) == (Difference("Turn, degrees", 12, 20),)
    assert spec_from_json(turned.to_json()) == turned


def test_an_experiment_saved_before_there_was_augmentation_has_none():
    spec = PRESETS["dense-784-64-10"].spec
    older = json.loads(spec.to_json())
    del older["augmentation"]
    assert spec_from_json(json.dumps(older)) == spec


def test_plain_pictures_are_cut_as_before():
    trainer = trainer_of(Augmentation())
    assert trainer.batches._augmented is None
    assert batching.GATHERED == 2048


def test_the_first_start_changes_its_pictures_and_the_others_do_not():
    on = [name for name, preset in PRESETS.items() if preset.spec.augmentation.on]
    assert on == [FIRST]
