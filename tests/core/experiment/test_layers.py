"""Inferred shapes against those that torch's own modules give."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from core.errors import UserError
from core.experiment.layers import (
    ActivationLayer,
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    Residual,
    infer_shapes,
    layer_name,
    walk,
)

sides = st.integers(1, 12)
images = st.tuples(st.integers(1, 3), sides, sides)


def output_of(module, shape):
    """One sample's shape as torch makes it; None where torch refuses it."""
    try:
        with torch.no_grad():
            output = tuple(module(torch.zeros(2, *shape)).shape[1:])
    except RuntimeError:
        return None
    return output if 0 not in output else None


def inferred(layer, shape):
    try:
        return layer.output_shape(shape)
    except UserError:
        return None


@settings(max_examples=80, deadline=None)
@given(images, st.integers(1, 4), st.integers(1, 11), st.integers(1, 8), st.integers(0, 5))
def test_a_convolution_has_torchs_shape_or_is_refused_as_by_torch(
    shape, channels, kernel, stride, padding
):
    layer = Conv2d(channels=channels, kernel=kernel, stride=stride, padding=padding)
    module = nn.Conv2d(shape[0], channels, kernel, stride=stride, padding=padding)
    assert inferred(layer, shape) == output_of(module, shape)


@settings(max_examples=80, deadline=None)
@given(
    images,
    st.integers(1, 16),
    st.none() | st.integers(1, 16),
    st.sampled_from([(MaxPool2d, nn.MaxPool2d), (AvgPool2d, nn.AvgPool2d)]),
)
def test_a_pooling_has_torchs_shape_or_is_refused_as_by_torch(shape, size, stride, kinds):
    ours, theirs = kinds
    layer = ours(size=size, stride=stride)
    assert inferred(layer, shape) == output_of(theirs(size, stride), shape)


@given(images | st.tuples(sides))
@settings(deadline=None)
def test_flattening_has_torchs_shape(shape):
    assert Flatten().output_shape(shape) == output_of(nn.Flatten(), shape)


@given(sides, sides)
@settings(deadline=None)
def test_a_dense_layer_has_torchs_shape(inputs, units):
    assert Dense(units=units).output_shape((inputs,)) == output_of(
        nn.Linear(inputs, units), (inputs,)
    )


@pytest.mark.parametrize("shape", [(5,), (3, 4, 6)])
@pytest.mark.parametrize("layer", [BatchNorm(), Dropout(), ActivationLayer(), Residual()])
def test_other_layers_keep_the_shape(layer, shape):
    assert layer.output_shape(shape) == shape


def refusal(layers, shape):
    with pytest.raises(UserError) as refused:
        infer_shapes(tuple(layers), shape)
    return str(refused.value)


def test_a_dense_layer_after_an_image_is_named_with_the_image():
    message = refusal([Conv2d(channels=4, kernel=3), Dense()], (1, 8, 8))
    assert "2 Dense" in message
    assert "4×6×6" in message
    assert "flat" in message
    assert "Flatten" in message


@pytest.mark.parametrize("layer", [Conv2d(), MaxPool2d(), AvgPool2d()])
def test_a_window_over_a_row_of_numbers_is_named_with_what_it_gets(layer):
    message = refusal([Dense(units=7), layer], (2,))
    assert f"2 {layer.label}" in message
    assert "gets 7" in message
    assert "channels×height×width" in message


@pytest.mark.parametrize("layer", [Conv2d(kernel=5), MaxPool2d(size=5), AvgPool2d(size=5)])
def test_a_window_larger_than_its_image_is_named_with_both_sizes(layer):
    message = refusal([layer], (2, 9, 4))
    assert f"1 {layer.label}" in message
    assert "5×5" in message
    assert "2×9×4" in message


def test_a_group_that_changes_the_shape_is_named_with_both_shapes():
    message = refusal([Dense(units=3), Residual(layers=(Dense(units=4),))], (2,))
    assert "2 Residual" in message
    assert "input 3 " in message
    assert "output 4," in message


def test_a_layer_inside_groups_is_named_by_its_whole_path():
    group = Residual(layers=(Dropout(), Residual(layers=(Dense(units=4), MaxPool2d()))))
    message = refusal([Dense(units=4), group], (2,))
    assert message.startswith("2.2.2 MaxPool2d ")


def test_a_group_inside_a_group_is_named_by_its_whole_path():
    group = Residual(layers=(Residual(layers=(Dense(units=5),)),))
    assert refusal([group], (4,)).startswith("1.1 Residual ")


def test_shapes_follow_one_another():
    shapes = infer_shapes((Conv2d(channels=2), MaxPool2d(), Flatten(), Dense(units=3)), (1, 8, 8))
    assert [shape.output_shape for shape in shapes] == [(2, 6, 6), (2, 3, 3), (18,), (3,)]
    assert [shape.input_shape for shape in shapes[1:]] == [s.output_shape for s in shapes[:-1]]
    assert [shape.path for shape in shapes] == [(0,), (1,), (2,), (3,)]


def test_walking_visits_inner_layers_after_their_group():
    inner, deeper = Dropout(rate=0.1), Dropout(rate=0.2)
    group = Residual(layers=(inner, Residual(layers=(deeper,))))
    found = list(walk((Flatten(), group)))
    assert [path for path, _ in found] == [(0,), (1,), (1, 0), (1, 1), (1, 1, 0)]
    assert found[2][1] is inner
    assert found[4][1] is deeper
    assert layer_name(deeper, (1, 1, 0)) == "2.2.1 Dropout"
