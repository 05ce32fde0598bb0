"""The named experiments: each builds and trains, and shows what it is there to show."""

import math

import numpy as np
import pytest

from core.catalog.initializers import GlorotUniform, Zeros
from core.catalog.optimizers import SGD, Adam, GradientDescent
from core.data.mnist import Mnist
from core.experiment.layers import BatchNorm, Conv2d, Dense, Residual, walk
from core.experiment.spec import Stop
from core.messages.commands import Train
from core.presets import FIRST, PRESETS
from tests.core.experiments import do, same, session_of, take, tensors_of, trainer_of

ASKED_FOR = [
    "worked-2-3-2",
    "logistic-2-1",
    "xor-2-2-1",
    "xor-no-hidden",
    "dense-100-64-10",
    "dense-784-64-10",
    "cnn-mnist",
    "cnn-mnist-residual",
]


def small(preset):
    """The preset on a few images, where it reads images."""
    spec = preset.spec
    if not isinstance(spec.data, Mnist):
        return spec
    data = spec.data.model_copy(update={"samples": 200, "test_samples": 50})
    return spec.model_copy(update={"data": data, "device": "cpu"})


def spec_of(name):
    return PRESETS[name].spec


def finished(spec):
    session, _ = session_of(spec, live=True)  # which does not measure after each short epoch
    do(session, Train())
    return session.snapshot()


def solid_accuracy(snapshot):
    """The accuracy over the last half of the run, at its lowest."""
    curve = snapshot.curves.test_accuracy
    return float(curve.values[curve.steps > snapshot.progress.step // 2].min())


@pytest.mark.parametrize("name", ASKED_FOR)
def test_the_experiments_asked_for_are_there(name):
    assert PRESETS[name].name == name


def test_the_first_start_opens_the_dense_digits():
    assert FIRST == "dense-784-128-10"
    assert FIRST in PRESETS


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_every_preset_builds_and_trains_a_few_steps(preset):
    trainer = trainer_of(small(preset))
    before = tensors_of(trainer)
    losses = take(trainer, 3)
    assert all(math.isfinite(loss) for loss in losses)
    assert not same(tensors_of(trainer), before)
    assert preset.title
    assert preset.sentence.endswith(".")


@pytest.mark.parametrize("name", [n for n in PRESETS if n.startswith(("dense", "cnn"))])
def test_digit_presets_begin_with_glorots_weights_and_zero_biases(name):
    for _, layer in walk(spec_of(name).layers):
        if isinstance(layer, Dense | Conv2d):
            assert layer.weight_init == GlorotUniform()
            assert layer.bias_init == Zeros()


@pytest.mark.parametrize(
    ("name", "size", "epochs"), [("dense-784-64-10", 28, 10), ("dense-100-64-10", 10, 5)]
)
def test_the_dense_digits_are_as_the_textbooks_have_them(name, size, epochs):
    spec = spec_of(name)
    assert spec.data.size == size
    assert spec.optimizer == SGD(learning_rate=0.01)
    assert (spec.training.batch_size, spec.stop) == (32, Stop(epochs=epochs))
    units = [layer.units for layer in spec.layers if isinstance(layer, Dense)]
    assert units == [64, 10]


def test_the_convolutional_digits_are_as_asked_for():
    spec = spec_of("cnn-mnist")
    kinds = " ".join(layer.kind for layer in spec.layers)
    assert kinds == "conv2d max_pool2d conv2d max_pool2d conv2d flatten dense dense"
    channels = [layer.channels for layer in spec.layers if isinstance(layer, Conv2d)]
    assert channels == [32, 64, 64]
    assert spec.optimizer == Adam(learning_rate=1e-3)
    assert (spec.training.batch_size, spec.stop.epochs) == (64, 5)


def test_the_residual_digits_have_a_skip_batch_norm_and_the_same_size():
    layers = [layer for _, layer in walk(spec_of("cnn-mnist-residual").layers)]
    assert any(isinstance(layer, Residual) for layer in layers)
    assert any(isinstance(layer, BatchNorm) for layer in layers)
    channels = [layer.channels for layer in layers if isinstance(layer, Conv2d)]
    assert channels == [32, 64, 64]


def test_xor_with_two_hidden_units_is_learned_and_stays_learned():
    snapshot = finished(spec_of("xor-2-2-1"))
    assert isinstance(snapshot.spec.optimizer, GradientDescent)
    assert solid_accuracy(snapshot) == 1.0
    assert snapshot.curves.test_loss.last < 0.01


def test_xor_is_learned_from_most_seeds_so_that_a_reset_rarely_disappoints():
    seeds = [spec_of("xor-2-2-1").model_copy(update={"seed": seed}) for seed in range(5)]
    learned = [finished(spec).curves.test_accuracy.last == 1.0 for spec in seeds]
    assert np.mean(learned) > 0.5


def test_xor_without_a_hidden_layer_never_gets_more_than_three_of_four_right():
    curves = finished(spec_of("xor-no-hidden")).curves
    for curve in (curves.train_accuracy, curves.test_accuracy):
        assert len(curve) > 1
        assert float(curve.values.max()) <= 0.75


def test_logistic_regression_parts_the_two_clouds():
    snapshot = finished(spec_of("logistic-2-1"))
    assert snapshot.progress.step == 2000
    assert solid_accuracy(snapshot) >= 0.95
    curve = snapshot.curves.train_loss
    assert curve.last < math.log(2)  # what a coin costs, and where zero weights begin
    assert bool((np.diff(curve.values) < 0).all())


def test_the_worked_example_comes_ever_nearer_to_its_targets():
    curve = finished(spec_of("worked-2-3-2")).curves.train_loss
    assert bool((np.diff(curve.values[:20]) < 0).all())
    assert curve.last < 1e-6


@pytest.mark.parametrize(("name", "accuracy"), [("spiral-2-16-16-1", 0.95), ("three-2-8-3", 0.95)])
def test_the_other_toy_sets_are_learned(name, accuracy):
    assert solid_accuracy(finished(spec_of(name))) >= accuracy


def test_the_sine_is_fitted_down_to_its_noise():
    spec = spec_of("sine-1-16-16-1")
    assert finished(spec).curves.test_loss.last < 2 * spec.data.noise**2
