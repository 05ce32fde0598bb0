"""A recorded step against the same step taken plainly, and against torch written by hand."""

import numpy as np
import pytest
import torch

from core.catalog.activations import ELU, Activation, Identity, ReLU, Sigmoid, Softmax, Tanh
from core.catalog.base import entries_of
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy, HalfMSE
from core.catalog.optimizers import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
)
from core.catalog.schedules import Schedule
from core.debugger import tape
from core.debugger.tape import record_step
from core.errors import UserError
from core.experiment.layers import (
    ActivationLayer,
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2d,
    Residual,
    walk,
)
from core.experiment.spec import Training
from core.messages.breakpoints import Interventions
from core.messages.record import Phase
from core.training import recording
from tests.core.experiments import (
    digits,
    regression,
    same,
    small_digits,
    take,
    tensors_of,
    tiny,
    trainer_of,
    with_batch_norm,
    with_dropout,
)
from tests.core.plain import penalty, plain

CLASSES = Dense(units=3, activation=Softmax())
DIGITS = Dense(units=10, activation=Softmax())
PENALISED = Training(batch_size=8, l1=0.01, l2=0.1)

LAYERS = {
    "dense": tiny(),
    "without-bias": tiny(layers=(Dense(units=4, bias=False), Dense(units=1, activation=Sigmoid()))),
    "one-layer": tiny(layers=(Dense(units=1, activation=Sigmoid()),)),
    "dropout": with_dropout(),
    "batch-norm": with_batch_norm(),
    "activation-first": with_dropout(layers=(ActivationLayer(activation=ReLU()), CLASSES)),
    "activation-last": tiny(layers=(Dense(units=1), ActivationLayer(activation=Sigmoid()))),
    "identity-between": with_dropout(
        layers=(Dense(units=4, activation=Tanh()), ActivationLayer(), CLASSES)
    ),
    "skip": with_dropout(
        layers=(
            Dense(units=4, activation=Tanh()),
            Residual(layers=(Dense(units=4, activation=ReLU()), BatchNorm()), activation=ReLU()),
            CLASSES,
        )
    ),
    "skip-in-skip": with_dropout(
        layers=(
            Dense(units=4),
            Residual(
                layers=(
                    Residual(layers=(ActivationLayer(activation=Tanh()), Dense(units=4))),
                    Dropout(rate=0.3),
                )
            ),
            CLASSES,
        )
    ),
    "skips-behind-an-identity": with_dropout(
        layers=(
            Dense(units=4, activation=Tanh()),
            Residual(
                layers=(
                    ActivationLayer(),
                    Flatten(),
                    Residual(layers=(Residual(), Dense(units=4, activation=Tanh()))),
                )
            ),
            CLASSES,
        )
    ),
    "skip-first": with_dropout(layers=(Residual(layers=(Dense(units=2),)), CLASSES)),
    "empty-skip": with_dropout(layers=(Dense(units=4), Residual(), CLASSES)),
    "all-of-images": digits(),
    "pools": digits(
        layers=(
            Conv2d(channels=3, kernel=3, stride=2, padding=1, activation=ReLU()),
            BatchNorm(activation=ELU()),
            MaxPool2d(size=3, stride=1),
            AvgPool2d(size=2, stride=1),
            Flatten(),
            DIGITS,
        )
    ),
    "image-flattened-first": small_digits(),
}
LOSSES = {
    "mse": regression(),
    "half-mse": regression(loss=HalfMSE()),
    "binary": tiny(),
    "cross-entropy": with_dropout(),
    "mse-of-softmax": with_dropout(loss=MSE()),
    "half-mse-of-sigmoid": tiny(loss=HalfMSE()),
}
SUMMED = {
    "mse-summed": regression(loss=MSE(over_batch="sum")),
    "half-mse-summed": tiny(loss=HalfMSE(over_batch="sum")),
    "binary-summed": tiny(loss=BinaryCrossEntropy(over_batch="sum"), training=PENALISED),
    "cross-entropy-summed": with_dropout(loss=CrossEntropy(over_batch="sum")),
}
ACTIVATIONS = {
    kind: tiny(layers=(Dense(units=4, activation=entry()), Dense(units=1, activation=Sigmoid())))
    for kind, entry in entries_of(Activation).items()
    if not entry.output_only
}
CHOICES = [entry() for entry in entries_of(Optimizer).values()]
CHOICES += [
    Momentum(dampening=0.3),
    Adagrad(lr_decay=0.2, initial_accumulator_value=0.1),
    RMSprop(momentum=0.5),
    RMSprop(centered=True),
    Adam(amsgrad=True),
    AdamW(amsgrad=True, weight_decay=0.3),
]
OPTIMIZERS = {f"{choice.kind}-{i}": tiny(optimizer=choice) for i, choice in enumerate(CHOICES)}
SCHEDULES = {
    kind: tiny(schedule=entry(), optimizer=SGD(learning_rate=0.3))
    for kind, entry in entries_of(Schedule).items()
}
TRAININGS = {
    "l1": tiny(training=Training(batch_size=8, l1=0.01)),
    "l2": tiny(training=Training(batch_size=8, l2=0.1)),
    "penalties": tiny(training=PENALISED),
    "clip-norm": tiny(training=Training(batch_size=8, clip_norm=0.05)),
    "clip-value": tiny(training=Training(batch_size=8, clip_value=0.01)),
    "clip-both": digits(training=Training(batch_size=50, clip_norm=0.1, clip_value=0.01, l2=0.1)),
}
CASES = LAYERS | LOSSES | SUMMED | ACTIVATIONS | OPTIMIZERS | SCHEDULES | TRAININGS


def everything(trainer):
    """All that a run goes on from: tensors, the optimizer's state, the generator, the place."""
    state = trainer.state()
    kept = [tensor for tensors in state.optimizer.values() for tensor in tensors.values()]
    place = (state.step, state.epoch, state.epoch_step)
    return [*state.tensors, *kept, state.generator], place


def assert_same_run(spec, steps, intervene=None):
    plain_run, taped = trainer_of(spec), trainer_of(spec)
    for trainer in (plain_run, taped):
        if intervene is not None:
            trainer.intervene(intervene)
    for _ in range(steps):
        plain_run.run(1, 0.0, lambda: False)
        record_step(taped)
        (ours, here), (theirs, there) = everything(taped), everything(plain_run)
        assert here == there
        assert same(ours, theirs)
    assert taped.flush().losses.tolist() == plain_run.flush().losses.tolist()


@pytest.mark.parametrize("spec", CASES.values(), ids=CASES)
def test_a_taped_step_is_the_plain_step_bit_for_bit(spec):
    assert_same_run(spec, 6)


def test_every_layer_of_the_catalog_is_among_those_compared():
    seen = {layer.kind for spec in LAYERS.values() for _, layer in walk(spec.layers)}
    assert seen == set(entries_of(Layer))


@pytest.mark.parametrize("name", ["dropout", "all-of-images", "penalties", "adam-6", "batch-norm"])
def test_taped_steps_are_those_of_a_replay_too(name):
    assert_same_run(CASES[name], recording.CAPTURE_AFTER + 6)


def test_a_taped_step_amid_plain_ones_leaves_no_trace():
    spec = with_dropout(optimizer=Adam(learning_rate=0.01))
    plain_run, mixed = trainer_of(spec), trainer_of(spec)
    take(plain_run, 40)
    for _ in range(4):
        take(mixed, 9)
        record_step(mixed)
    assert same(tensors_of(mixed), tensors_of(plain_run))


def test_a_batch_taken_in_pieces_is_taped_as_a_whole(monkeypatch):
    monkeypatch.setattr(recording, "PIECE", 7)
    spec = with_dropout(training=Training(batch_size=16, l2=0.1, clip_norm=0.1))
    assert_same_run(spec, 3)
    record = record_step(trainer_of(spec)).record
    arrays = record.arrays
    assert len(arrays["x"]) == len(arrays["a:2"]) == len(arrays["mask:1"]) == 16
    assert arrays["terms"].mean() == pytest.approx(float(arrays["loss"]), rel=1e-5)
    delta, a = arrays["d:z:2"].astype(float), arrays["a:1"] if "a:1" in arrays else arrays["z:1"]
    expected = delta.T @ a + arrays["penalty:2.weight"]
    np.testing.assert_allclose(arrays["d:p:2.weight"], expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("over_batch", ["mean", "sum"])
def test_pieces_add_up_to_the_same_gradients_and_losses(monkeypatch, over_batch):
    training = Training(batch_size=16, l2=0.1)
    spec = tiny(training=training, loss=BinaryCrossEntropy(over_batch=over_batch))
    whole = record_step(trainer_of(spec)).record.arrays
    monkeypatch.setattr(recording, "PIECE", 7)
    assert_same_run(spec, 3)
    pieces = record_step(trainer_of(spec)).record.arrays
    for key in whole:
        np.testing.assert_allclose(pieces[key], whole[key], rtol=1e-4, atol=1e-6, err_msg=key)


def test_a_sum_over_the_batch_is_learned_as_its_mean_is_at_a_rate_as_much_larger():
    all_samples = Training(batch_size=10_000)
    count = len(trainer_of(tiny()).data.train_inputs)
    runs = {}
    for over_batch, rate in {"mean": 0.4, "sum": 0.4 / count}.items():
        loss = BinaryCrossEntropy(over_batch=over_batch)
        spec = tiny(loss=loss, training=all_samples, optimizer=SGD(learning_rate=rate))
        runs[over_batch] = trainer_of(spec)
        take(runs[over_batch], 20)
    for one, other in zip(*(tensors_of(run) for run in runs.values()), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)
    # What is shown of training is the mean of a sample in both, so that runs can be compared.
    for run in runs.values():
        run.run(1, float("inf"), lambda: False)
    losses = [run.flush().losses for run in runs.values()]
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-4)


def test_interventions_act_on_a_taped_step_as_on_a_plain_one():
    wanted = Interventions().with_knocked((0,), 1, on=True).with_frozen("0.weight", (0, 1), on=True)
    wanted = wanted.with_input(3, (0,), 5.0)
    assert_same_run(tiny(optimizer=Adam()), 6, wanted)
    trainer = trainer_of(tiny(optimizer=Adam()))
    trainer.intervene(wanted)
    record = record_step(trainer).record
    assert record.arrays["keep:0"].tolist() == [1, 0, 1, 1]
    assert not record.arrays["a:0"][:, 1].any()
    frozen = record.arrays["frozen:0.weight"]
    assert np.argwhere(frozen).tolist() == [[0, 1]]
    assert record.arrays["step:0.weight"][0, 1] == 0


def test_of_an_image_whole_channels_are_kept_or_not():
    trainer = trainer_of(digits())
    trainer.intervene(Interventions().with_knocked((0,), 2, on=True))
    arrays = record_step(trainer).record.arrays
    assert arrays["keep:0"].shape == arrays["a:0"].shape[1:]
    assert arrays["keep:0"].reshape(3, -1).mean(1).tolist() == [1, 1, 0]


def by_hand(spec, trainer, record):
    """Loss and gradients of the recorded batch, with torch as its users write it."""
    network = plain(spec.layers, trainer.network.shapes[0].input_shape, trainer.network)
    names = [key[2:] for key in record.arrays if key.startswith("p:")]
    assert len(names) == len(list(network.parameters()))
    for parameter, name in zip(network.parameters(), names, strict=True):
        parameter.data = torch.from_numpy(record.arrays[f"p:{name}"].copy())
    inputs = torch.from_numpy(record.arrays["x"].copy())
    targets = torch.from_numpy(record.arrays["y"].copy())
    output = list(network)[:-1] if spec.loss.fuses else list(network)
    z = torch.nn.Sequential(*output)(inputs)
    losses = {
        MSE: lambda: torch.nn.functional.mse_loss(z, targets),
        HalfMSE: lambda: ((z - targets) ** 2).sum() / (2 * len(z)),
        BinaryCrossEntropy: lambda: torch.nn.functional.binary_cross_entropy_with_logits(
            z, targets
        ),
        CrossEntropy: lambda: torch.nn.functional.cross_entropy(z, targets),
    }
    loss = losses[type(spec.loss)]() * (len(z) if spec.loss.over_batch == "sum" else 1)
    chosen = spec.training
    extra = penalty(network, chosen.l1, chosen.l2) if chosen.l1 or chosen.l2 else None
    (loss if extra is None else loss + extra).backward()
    return names, network, loss, extra


@pytest.mark.parametrize("spec", (CASES).values(), ids=CASES)
def test_the_recorded_gradients_are_those_of_torch_written_by_hand(spec):
    trainer = trainer_of(spec)
    take(trainer, 2)
    before = tensors_of(trainer)
    record = record_step(trainer).record
    reference = trainer_of(spec)
    for live, kept in zip(reference.network.state_dict().values(), before, strict=True):
        live.copy_(kept)
    copy_masks(trainer, reference)
    names, network, loss, extra = by_hand(spec, reference, record)
    assert float(record.arrays["loss"]) == pytest.approx(loss.item(), rel=1e-5)
    for name, parameter in zip(names, network.parameters(), strict=True):
        expected = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        found = torch.from_numpy(record.arrays[f"d:p:{name}"].copy())
        scale = float(expected.abs().max()) + 1e-6
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5 * scale)
    if extra is not None:
        assert float(record.arrays["penalty"]) == pytest.approx(extra.item(), rel=1e-6)
        total = float(record.arrays["total"])
        assert total == pytest.approx(loss.item() + extra.item(), rel=1e-5)


def copy_masks(source, target):
    theirs = (m for m in source.network.modules() if hasattr(m, "mask"))
    for ours in (m for m in target.network.modules() if hasattr(m, "mask")):
        ours.mask = next(theirs).mask.clone()


def test_a_small_penalty_beside_a_large_loss_is_kept_to_all_its_digits():
    spec = tiny(training=Training(batch_size=8, l2=1e-7))
    arrays = record_step(trainer_of(spec)).record.arrays
    weights = [arrays["p:0.weight"], arrays["p:1.weight"]]
    expected = 0.5e-7 * sum((weight.astype(float) ** 2).sum() for weight in weights)
    assert float(arrays["penalty"]) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("spec", CASES.values(), ids=CASES)
def test_the_books_of_a_record_balance(spec):
    trainer = trainer_of(spec)
    record_step(trainer)
    rate = trainer.rate
    made = record_step(trainer)
    record, arrays = made.record, made.record.arrays
    assert record.step == made.after.step == made.before.step + 1 == 2
    assert record.rate == rate
    assert record.spec is spec
    assert len(arrays["x"]) == record.samples == len(arrays["terms"])
    assert same(tensors_of(trainer), list(made.after.tensors))
    for key, array in arrays.items():
        assert not array.flags.writeable, key
        assert np.isfinite(array).all(), key
    for name in [key[2:] for key in arrays if key.startswith("p:")]:
        np.testing.assert_array_equal(
            arrays[f"after:{name}"] - arrays[f"p:{name}"], arrays[f"step:{name}"]
        )
    raw = trainer.data.train_inputs[torch.from_numpy(record.rows)].float()
    if not spec.layers[0].kind.startswith(("conv", "flatten")):
        np.testing.assert_array_equal(arrays["x"], raw.numpy())


@pytest.mark.parametrize("spec", CASES.values(), ids=CASES)
def test_entries_come_in_the_order_in_which_their_numbers_can_be_computed(spec):
    record = record_step(trainer_of(spec)).record
    phases = [entry.phase for entry in record.entries]
    assert phases == sorted(phases, key=list(Phase).index)
    writers = [entry.writes for entry in record.entries]
    assert len(writers) == len(set(writers)), "a number is computed once"
    done = set()
    for entry in record.entries:
        for key in (entry.writes, *entry.reads):
            assert key in record.arrays
            assert key == record.canonical(key)
        shape = record.arrays[entry.writes].shape
        assert entry.shape == (shape[1:] if entry.per_sample else shape)
        needed = {key for key in entry.reads if key in writers} - {entry.writes}
        assert needed <= done, (entry.writes, needed - done)
        done.add(entry.writes)


@pytest.mark.parametrize("spec", CASES.values(), ids=CASES)
def test_nothing_between_layers_is_read_before_an_entry_has_written_it(spec):
    record = record_step(trainer_of(spec)).record
    written = {entry.writes for entry in record.entries}
    between = ("z:", "a:", "d:", "clipped:")
    for entry in record.entries:
        for key in entry.reads:
            assert key in written or not key.startswith(between), (entry.writes, key)
    for entry in record.entries:
        read = {key.split(":")[0] for key in entry.reads}
        assert "in" not in read, "a group's input is what stands before the group"


def test_every_parameter_has_its_gradient_its_clipping_and_its_update():
    record = record_step(trainer_of(TRAININGS["clip-both"])).record
    names = {key[2:] for key in record.arrays if key.startswith("p:")}
    for prefix in ("d:p:", "clipped:", "after:"):
        assert {entry.writes for entry in record.entries if entry.writes.startswith(prefix)} == {
            prefix + name for name in names
        }


def test_clipping_is_that_of_torch():
    arrays = record_step(trainer_of(TRAININGS["clip-both"])).record.arrays
    names = [key[2:] for key in arrays if key.startswith("p:")]
    cut = [np.clip(arrays[f"d:p:{name}"].astype(float), -0.01, 0.01) for name in names]
    norm = np.sqrt(sum((gradient**2).sum() for gradient in cut))
    assert float(arrays["norm"]) == pytest.approx(norm, rel=1e-5)
    factor = min(1.0, 0.1 / (norm + 1e-6))
    for name, gradient in zip(names, cut, strict=True):
        np.testing.assert_allclose(
            arrays[f"clipped:{name}"], gradient * factor, rtol=1e-4, atol=1e-9
        )


def test_the_weight_is_read_for_its_own_gradient_only_where_it_is_penalised():
    plain_step = record_step(trainer_of(tiny())).record
    penalised = record_step(trainer_of(TRAININGS["l2"])).record
    for record, expected in ((plain_step, False), (penalised, True)):
        entry = next(e for e in record.entries if e.writes == "d:p:0.weight")
        assert ("p:0.weight" in entry.reads) is expected


def test_the_first_step_of_momentum_has_no_velocity_before_it_and_that_of_adam_zeros():
    momentum = record_step(trainer_of(tiny(optimizer=Momentum()))).record.arrays
    assert "s:0.weight:momentum_buffer" not in momentum
    np.testing.assert_array_equal(momentum["s':0.weight:momentum_buffer"], momentum["d:p:0.weight"])
    adam = record_step(trainer_of(tiny(optimizer=Adam()))).record.arrays
    assert not adam["s:0.weight:exp_avg"].any()
    assert float(adam["t:0.weight"]) == 1
    np.testing.assert_allclose(
        adam["hat:0.weight:exp_avg"], adam["d:p:0.weight"], rtol=1e-5, atol=1e-9
    )


def test_states_before_a_step_are_those_after_the_last_one():
    for optimizer in (Nesterov(), RMSprop(momentum=0.5, centered=True), AdamW(amsgrad=True)):
        trainer = trainer_of(tiny(optimizer=optimizer))
        first, second = record_step(trainer).record.arrays, record_step(trainer).record.arrays
        for key in second:
            if key.startswith("s:"):
                np.testing.assert_array_equal(second[key], first["s'" + key[1:]])
            if key.startswith("p:"):
                np.testing.assert_array_equal(second[key], first["after" + key[1:]])


def test_a_record_stays_as_it_is_while_the_run_goes_on():
    trainer = trainer_of(with_dropout(optimizer=Adam(), training=PENALISED))
    arrays = record_step(trainer).record.arrays
    kept = {key: array.copy() for key, array in arrays.items()}
    take(trainer, 30)
    for key, array in arrays.items():
        np.testing.assert_array_equal(array, kept[key], err_msg=key)


def test_stepping_back_and_recording_again_gives_the_same_record():
    trainer = trainer_of(with_dropout(optimizer=Adam()))
    take(trainer, 3)
    first = record_step(trainer)
    trainer.restore(first.before)
    second = record_step(trainer)
    assert first.record.arrays.keys() == second.record.arrays.keys()
    for key, array in first.record.arrays.items():
        np.testing.assert_array_equal(array, second.record.arrays[key], err_msg=key)


def test_a_step_too_large_to_be_kept_is_refused_and_nothing_has_moved(monkeypatch):
    trainer = trainer_of(tiny(optimizer=GradientDescent()))
    before = tensors_of(trainer)
    monkeypatch.setattr(tape, "LIMIT", 1000)
    with pytest.raises(UserError, match="memory"):
        record_step(trainer)
    assert trainer.step == 0
    assert same(tensors_of(trainer), before)


def test_one_key_names_what_two_layers_share():
    record = record_step(trainer_of(LAYERS["skip-in-skip"])).record
    assert record.canonical("a:0") == "z:0", "no activation"
    assert record.canonical("in:1") == "z:0", "a group's input"
    assert record.canonical("in:1.0") == "z:0", "and that of a group at its beginning"
    assert record.canonical("z:1.0.0") == "z:0", "the z of an activation alone"
    assert record.canonical("d:in:1") == "d:in:1", "what comes back through the group alone"
    assert record.canonical("d:a:0") == "d:z:0"


def test_an_identity_alone_passes_its_gradient_on_as_an_operation_of_its_own():
    record = record_step(trainer_of(LAYERS["identity-between"])).record
    entry = next(e for e in record.entries if e.writes == "d:a:0")
    assert (entry.kind, entry.path) == ("activation_gradient", (1,))
    assert isinstance(record.layer((1,)).layer.activation_of(), Identity)
    np.testing.assert_array_equal(record.arrays["d:a:0"], record.arrays["d:a:1"])


@pytest.mark.parametrize("name", ["batch-norm", "all-of-images"])
def test_batch_norms_moments_are_those_of_its_input(name):
    record = record_step(trainer_of(LAYERS[name])).record
    entry = next(e for e in record.entries if e.kind == "batch_norm")
    x = record.arrays[entry.reads[0]].astype(float)
    axes = (0, 2, 3) if x.ndim == 4 else (0,)
    where = entry.writes[2:]
    np.testing.assert_allclose(record.arrays[f"mean:{where}"], x.mean(axes), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(record.arrays[f"var:{where}"], x.var(axes), rtol=1e-4, atol=1e-8)
    normed = record.arrays[f"norm:{where}"].astype(float)
    np.testing.assert_allclose(normed.mean(axes), 0, atol=1e-5)
    np.testing.assert_allclose(normed.var(axes), x.var(axes) / (x.var(axes) + 1e-5), rtol=1e-4)
