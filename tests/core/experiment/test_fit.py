"""Networks and data put together: what fits, what is made to fit, and what is said otherwise."""

import pytest
import torch

from core.catalog.activations import Identity, ReLU, Sigmoid, Softmax
from core.catalog.base import entries_of
from core.catalog.losses import MSE, CrossEntropy, HalfMSE, Loss
from core.catalog.optimizers import SGD, GradientDescent
from core.data import DataShape, DataSource
from core.data.logic import Gate, XorGate
from core.data.mnist import Mnist
from core.data.toy import ThreeClasses, ToySource
from core.data.worked import WorkedExample
from core.errors import UserError
from core.experiment.fit import check, check_batches, fitted
from core.experiment.layers import BatchNorm, Dense, Dropout, Flatten, Residual, walk
from core.experiment.network import Network
from core.experiment.spec import Training
from core.presets import PRESETS
from core.training.step import EagerStep, penalty_of
from tests.core.experiments import tiny

SOURCES: list[DataSource] = [
    *(entry() for entry in entries_of(ToySource).values()),
    *(entry() for entry in entries_of(Gate).values()),
    WorkedExample(inputs=((1.0, 2.0, 3.0), (0.0, 1.0, 0.0)), targets=((1.0, 0.0), (0.0, 1.0))),
    Mnist(),
    Mnist(size=10),
]

CLASSES = DataShape((2,), "classification", 3)
PAIR = DataShape((2,), "classification", 2)
VALUES = DataShape((2,), "regression", 2)
IMAGES = DataShape((1, 8, 8), "classification", 10)


def source_name(source):
    return source.kind + (str(source.size) if isinstance(source, Mnist) else "")


def takes_images(spec):
    return any(layer.kind in ("conv2d", "max_pool2d") for _, layer in walk(spec.layers))


def loss_of_a_batch(spec, shapes, data):
    """One training step's loss on random samples of the data's shape."""
    source = torch.Generator().manual_seed(0)
    inputs = torch.rand(4, *data.input_shape, generator=source)
    if data.task == "classification":
        labels = torch.arange(4) % data.outputs
    else:
        labels = torch.rand(4, data.outputs, generator=source)
    targets = spec.loss.encode(labels, data.outputs, shapes[-1].output_shape[0])
    network = Network(shapes, 0).train()
    network.draw_masks(4, source)
    loss, _, gradients = EagerStep(network, spec.loss, penalty_of(spec.training))(inputs, targets)
    assert all(bool(gradient.isfinite().all()) for gradient in gradients)
    return float(loss)


@pytest.mark.parametrize("source", SOURCES, ids=source_name)
@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_any_data_on_any_preset_either_train_or_are_refused_in_clear_words(preset, source):
    shape = source.shape()
    spec = fitted(preset.spec.model_copy(update={"data": source}), shape)
    image = len(shape.input_shape) == 3
    if takes_images(spec) and not image:
        with pytest.raises(UserError, match=r"^1 Conv2d needs an image .* gets [123]\."):
            check(spec, shape)
    elif preset.name == "cnn-mnist" and shape.input_shape[1] == 10:
        with pytest.raises(UserError, match=r"^5 Conv2d has a window of 3×3, .* 64×1×1\."):
            check(spec, shape)
    elif preset.name == "worked-2-3-2" and image:
        with pytest.raises(UserError, match=r"^2 Dense needs a flat input, .* Flatten"):
            check(spec, shape)
    else:
        loss = loss_of_a_batch(spec, check(spec, shape), shape)
        assert torch.isfinite(torch.tensor(loss))


@pytest.mark.parametrize("source", SOURCES, ids=source_name)
@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_fitting_twice_changes_no_more_than_fitting_once(preset, source):
    once = fitted(preset.spec.model_copy(update={"data": source}), source.shape())
    assert fitted(once, source.shape()) == once


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_a_preset_that_fits_its_own_data_stays_as_it_is(preset):
    assert fitted(preset.spec, preset.spec.data.shape()) == preset.spec


@pytest.mark.parametrize("data", [CLASSES, PAIR], ids=["three", "two"])
@pytest.mark.parametrize("loss", entries_of(Loss).values(), ids=lambda entry: entry.__name__)
def test_changing_the_loss_gives_an_output_that_suits_it(loss, data):
    spec = fitted(tiny(loss=loss()), data)
    assert type(spec.loss) is loss
    check(spec, data)


def head_of(spec, data):
    return fitted(spec, data).layers[-1]


def test_two_classes_keep_either_one_or_two_outputs():
    for units in (1, 2):
        spec = tiny(layers=(Dense(units=units, activation=Sigmoid()),))
        assert head_of(spec, PAIR).units == units


def test_cross_entropy_of_two_classes_gets_two_outputs():
    assert head_of(tiny(loss=CrossEntropy()), PAIR) == Dense(units=2, activation=Softmax())


def test_softmax_is_never_left_with_a_single_output():
    spec = tiny(layers=(Dense(units=3, activation=Softmax()),), loss=MSE())
    assert head_of(spec, PAIR).units == 2


def test_regression_loses_an_activation_that_bounds_its_output():
    for activation in (Sigmoid(), Softmax()):
        spec = tiny(layers=(Dense(units=3, activation=activation),), loss=HalfMSE())
        assert head_of(spec, VALUES) == Dense(units=2, activation=Identity())


def test_the_head_keeps_what_has_nothing_to_do_with_the_data():
    head = Dense(units=1, activation=Sigmoid(), bias=False)
    assert not head_of(tiny(layers=(head,)), CLASSES).bias


def test_images_are_flattened_and_rows_are_not():
    dense = tiny(layers=(Dense(units=4), Dense(units=10)))
    image = fitted(dense, IMAGES)
    assert isinstance(image.layers[0], Flatten)
    assert not isinstance(fitted(image, CLASSES).layers[0], Flatten)


def refusal(spec, data):
    with pytest.raises(UserError) as refused:
        check(spec, data)
    return str(refused.value)


def test_too_many_outputs_are_named_with_both_numbers():
    spec = tiny(layers=(Dense(), Dense(units=5, activation=Softmax())), loss=CrossEntropy())
    message = refusal(spec, CLASSES)
    assert "2 Dense gives 5" in message
    assert "3 classes" in message


def test_wrong_target_columns_are_named_with_both_numbers():
    message = refusal(tiny(layers=(Dense(units=1),), loss=MSE()), VALUES)
    assert "1 Dense gives 1" in message
    assert "2 target columns" in message


def test_an_image_at_the_output_is_named_with_its_shape():
    spec = tiny(layers=(Dropout(),), loss=MSE())
    assert "1 Dropout gives 1×8×8" in refusal(spec, IMAGES)


def test_a_loss_that_cannot_judge_numbers_is_named():
    message = refusal(tiny(), VALUES)
    assert "Binary cross-entropy" in message
    assert "regression" in message


def test_a_loss_names_the_activation_it_needs_and_the_one_it_finds():
    spec = tiny(layers=(Dense(units=3, activation=ReLU()),), loss=CrossEntropy())
    message = refusal(spec, CLASSES)
    for word in ("Cross-entropy", "softmax", "1 Dense", "ReLU"):
        assert word in message


@pytest.mark.parametrize("inside", [False, True])
def test_softmax_before_the_output_is_refused_with_its_place(inside):
    hidden = Dense(units=2, activation=Softmax())
    first = Residual(layers=(hidden,)) if inside else hidden
    spec = tiny(layers=(first, Dense(units=1, activation=Sigmoid())))
    assert f"layer {'1.1' if inside else '1'} " in refusal(spec, PAIR)


def normed(**fields):
    layers = (Residual(layers=(BatchNorm(),)), Dense(units=1, activation=Sigmoid()))
    return tiny(layers=layers, **fields)


def test_batch_norm_refuses_batches_of_a_single_sample():
    with pytest.raises(UserError, match=r"^1\.1 BatchNorm needs at least 2 .* gets 1\."):
        check_batches(normed(training=Training(batch_size=1)), 30)
    with pytest.raises(UserError, match="BatchNorm"):
        check_batches(normed(training=Training(batch_size=8)), 1)
    with pytest.raises(UserError, match="BatchNorm"):
        check_batches(normed(optimizer=GradientDescent()), 1)


def test_batch_norm_takes_two_samples():
    check_batches(normed(training=Training(batch_size=2)), 30)
    check_batches(normed(training=Training(batch_size=8)), 2)
    # Gradient descent takes all samples, whatever the batch size says.
    check_batches(normed(training=Training(batch_size=1), optimizer=GradientDescent()), 4)


def test_single_samples_are_enough_without_batch_norm():
    check_batches(tiny(training=Training(batch_size=1), optimizer=SGD()), 1)


def test_changing_xor_to_three_classes_and_back_ends_where_it_could_begin():
    xor = PRESETS["xor-2-2-1"].spec
    three = ThreeClasses()
    there = fitted(xor.model_copy(update={"data": three}), three.shape())
    back = fitted(there.model_copy(update={"data": XorGate()}), XorGate().shape())
    assert there.layers[-1].units == 3
    check(back, XorGate().shape())
