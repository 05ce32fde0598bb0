"""Toy sets: what each is about must be true of its points, for any settings and any seed."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from core.catalog.base import entries_of
from core.data import DataChoice, Dataset, DataSource, as_float
from core.data.split import split
from core.data.toy import (
    Bumps,
    Checkerboard,
    Circles,
    Gaussians,
    Moons,
    Sine,
    Spiral,
    ThreeClasses,
    TiltedPlane,
    ToyClasses,
    ToyFunction,
    ToySource,
    XorCloud,
)
from core.data.worked import WorkedExample

TOYS = list(entries_of(ToySource).values())
CLASSIFICATION = list(entries_of(ToyClasses).values())
REGRESSION = list(entries_of(ToyFunction).values())
SMALL = settings(max_examples=25, deadline=None)


def everything(data: Dataset) -> tuple[torch.Tensor, torch.Tensor]:
    return (
        torch.cat([data.train_inputs, data.test_inputs]),
        torch.cat([data.train_labels, data.test_labels]),
    )


def test_all_sources_are_told_apart_by_kind_in_json() -> None:
    kinds = set(entries_of(DataSource))
    assert kinds == {
        *("and_gate", "or_gate", "xor_gate", "worked_example", "mnist", "idx_folder", "csv_table"),
        *("xor_cloud", "circles", "moons", "gaussians", "spiral", "checkerboard"),
        *("three_classes", "sine", "plane", "bumps"),
    }
    adapter = TypeAdapter(DataChoice)
    for kind, entry in entries_of(DataSource).items():
        chosen = adapter.validate_json(json.dumps({"kind": kind}))
        assert type(chosen) is entry
        assert adapter.validate_json(chosen.model_dump_json()) == chosen


def test_every_source_and_field_says_what_it_is() -> None:
    for entry in entries_of(DataSource).values():
        assert entry.label
        assert entry.description.endswith(".")
        for name, field in entry.model_fields.items():
            if name != "kind":
                assert field.title, name
                assert field.description, name


@pytest.mark.parametrize("toy", TOYS)
def test_tensors_fit_the_shape_told_before_loading(toy: type[ToySource]) -> None:
    source = toy(samples=40, test_fraction=0.25)
    shape, data = source.shape(), source.load(1)
    assert data.shape == shape
    assert data.train_inputs.shape == (30, *shape.input_shape)
    assert data.test_inputs.shape == (10, *shape.input_shape)
    assert data.train_inputs.dtype == torch.float32
    assert len(data.feature_names) == shape.input_shape[0]
    if shape.task == "classification":
        assert data.train_labels.dtype == torch.int64
        assert data.train_labels.shape == (30,)
        assert len(data.class_names) == shape.outputs
        assert data.target_names == ()
    else:
        assert data.train_labels.dtype == torch.float32
        assert data.train_labels.shape == (30, shape.outputs)
        assert len(data.target_names) == shape.outputs
        assert data.class_names == ()


@pytest.mark.parametrize("toy", TOYS)
def test_same_seed_same_points_and_another_seed_other_points(toy: type[ToySource]) -> None:
    source = toy(samples=50)
    torch.manual_seed(0)
    first = source.load(7)
    torch.manual_seed(1)  # the global generators must not matter
    np.random.seed(1)
    again, other = source.load(7), source.load(8)
    for name in ("train_inputs", "train_labels", "test_inputs", "test_labels"):
        assert torch.equal(getattr(first, name), getattr(again, name))
    assert not torch.equal(first.train_inputs, other.train_inputs)


@pytest.mark.parametrize("toy", TOYS)
def test_loading_leaves_the_global_generator_alone(toy: type[ToySource]) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    toy().load(0)
    assert torch.equal(torch.rand(1), expected)


@SMALL
@given(
    toy=st.sampled_from(CLASSIFICATION),
    samples=st.integers(4, 60),
    fraction=st.floats(0, 0.9),
    seed=st.integers(0, 2**31),
)
def test_every_class_is_in_training_whatever_the_split(
    toy: type[ToyClasses], samples: int, fraction: float, seed: int
) -> None:
    data = toy(samples=samples, test_fraction=fraction).load(seed)
    assert set(data.train_labels.tolist()) == set(range(data.shape.outputs))
    assert len(data.train_labels) + len(data.test_labels) == samples
    assert torch.isfinite(data.train_inputs).all()
    counts = torch.bincount(everything(data)[1])
    assert counts.max() - counts.min() <= 1


def test_test_fraction_of_zero_gives_an_empty_test_part_of_the_right_shape() -> None:
    data = Moons(test_fraction=0, samples=20).load(0)
    assert data.test_inputs.shape == (0, 2)
    assert data.test_labels.shape == (0,)


def test_batches_in_order_mix_the_classes() -> None:
    labels = Moons(samples=400).load(0).train_labels
    changes = (labels[1:] != labels[:-1]).float().mean()
    assert 0.35 < changes < 0.65


def test_no_point_is_both_in_training_and_in_test() -> None:
    data = Moons(samples=400).load(0)
    both = torch.cat([data.train_inputs, data.test_inputs])
    assert len(torch.unique(both, dim=0)) == 400


def test_xor_cloud_puts_equal_signs_into_class_0() -> None:
    inputs, labels = everything(XorCloud(noise=0).load(0))
    assert torch.equal(labels, (inputs[:, 0] * inputs[:, 1] < 0).long())
    assert {tuple(sign) for sign in inputs.sign().int().tolist()} == {
        (1, 1),
        (1, -1),
        (-1, 1),
        (-1, -1),
    }


def test_circles_lie_at_their_radii() -> None:
    inputs, labels = everything(Circles(noise=0, inner_radius=0.3).load(0))
    expected = torch.where(labels == 0, 1.0, 0.3)
    torch.testing.assert_close(inputs.norm(dim=1), expected)


def test_moons_lie_on_two_half_circles_facing_each_other() -> None:
    inputs, labels = everything(Moons(noise=0).load(0))
    upper, lower = inputs[labels == 0], inputs[labels == 1]
    radius = torch.tensor(2 / 3)
    centre_upper, centre_lower = torch.tensor([-1 / 3, -1 / 6]), torch.tensor([1 / 3, 1 / 6])
    torch.testing.assert_close((upper - centre_upper).norm(dim=1), radius.expand(len(upper)))
    torch.testing.assert_close((lower - centre_lower).norm(dim=1), radius.expand(len(lower)))
    assert (upper[:, 1] >= centre_upper[1] - 1e-6).all()
    assert (lower[:, 1] <= centre_lower[1] + 1e-6).all()


def test_clouds_have_the_separation_and_spread_asked_for() -> None:
    inputs, labels = everything(Gaussians(samples=20_000, noise=0.3, separation=2).load(0))
    first, second = inputs[labels == 0], inputs[labels == 1]
    assert (first.mean(0) - second.mean(0)).norm() == pytest.approx(2, abs=0.03)
    assert first.std(0).tolist() == pytest.approx([0.3, 0.3], abs=0.01)


def test_spiral_arms_are_half_a_circle_apart_and_wind_as_often_as_asked() -> None:
    inputs, labels = everything(Spiral(noise=0, turns=2).load(0))
    radius = inputs.norm(dim=1)
    angle = torch.atan2(inputs[:, 1], inputs[:, 0])
    expected = 2 * torch.pi * 2 * radius + torch.pi * labels
    torch.testing.assert_close(torch.cos(angle - expected), torch.ones(400))


@pytest.mark.parametrize("cells", [2, 3, 4, 7])
def test_checkerboard_colours_its_squares_in_turn(cells: int) -> None:
    inputs, labels = everything(Checkerboard(noise=0, cells=cells, samples=2000).load(0))
    square = ((inputs.double() + 1) / 2 * cells).floor().long().clamp(0, cells - 1)
    assert torch.equal(labels, square.sum(dim=1) % 2)
    assert len(torch.unique(square, dim=0)) == cells**2
    assert inputs.abs().max() <= 1


def test_three_clouds_are_equally_far_apart() -> None:
    inputs, labels = everything(ThreeClasses(noise=0, samples=30).load(0))
    centres = torch.stack([inputs[labels == label].mean(0) for label in range(3)])
    distances = torch.pdist(centres)
    torch.testing.assert_close(distances, distances[:1].expand(3))


def test_sine_has_the_waves_asked_for() -> None:
    x, y = everything(Sine(noise=0, frequency=3).load(0))
    torch.testing.assert_close(y, torch.sin(3 * torch.pi * x), atol=1e-5, rtol=0)


def test_plane_is_found_again_by_least_squares() -> None:
    x, y = everything(TiltedPlane(noise=0, slope_1=2, slope_2=-3, offset=0.5).load(0))
    columns = torch.cat([x, torch.ones(len(x), 1)], dim=1)
    found = torch.linalg.lstsq(columns, y).solution.flatten()
    torch.testing.assert_close(found, torch.tensor([2.0, -3.0, 0.5]), atol=1e-5, rtol=0)


def test_bumps_have_their_heights_at_their_centres_where_they_do_not_overlap() -> None:
    bumps = Bumps(width=0.1)
    np.testing.assert_allclose(bumps.value(np.array(Bumps.centres)), Bumps.heights, atol=1e-9)
    assert bumps.value(np.zeros((1, 2))) == pytest.approx(0)


@pytest.mark.parametrize("toy", REGRESSION)
def test_regression_noise_has_the_deviation_asked_for(toy: type[ToyFunction]) -> None:
    source = toy(samples=20_000, noise=0.2)
    x, y = everything(source.load(0))
    residual = y[:, 0].numpy() - source.value(x.numpy().astype(np.float64))
    assert residual.std() == pytest.approx(0.2, abs=0.005)
    assert abs(residual.mean()) < 0.01


@pytest.mark.parametrize(
    "wrong", [{"samples": 3}, {"noise": -0.1}, {"noise": float("nan")}, {"test_fraction": 1.0}]
)
def test_settings_out_of_bounds_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Moons(**wrong)  # type: ignore[arg-type]


@SMALL
@given(count=st.integers(1, 50), fraction=st.floats(0, 1), seed=st.integers(0, 1000))
def test_split_uses_each_sample_once_and_never_empties_training(
    count: int, fraction: float, seed: int
) -> None:
    train, test = split(count, fraction, np.random.default_rng(seed))
    assert sorted([*train, *test]) == list(range(count))
    assert len(train) == max(1, count - round(count * fraction))


def test_a_worked_example_gives_exactly_the_numbers_typed() -> None:
    source = WorkedExample(inputs=((1, 2, 3), (4, 5, 6)), targets=((7,), (8,)))
    data = source.load(0)
    assert data.shape == source.shape()
    assert data.shape.input_shape == (3,)
    assert data.shape.outputs == 1
    assert data.train_inputs.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert data.train_labels.tolist() == [[7], [8]]
    assert torch.equal(data.test_inputs, data.train_inputs)
    assert data.feature_names == ("x₁", "x₂", "x₃")
    assert data.target_names == ("y",)


def test_the_worked_example_starts_with_one_sample_of_two_inputs_and_two_targets() -> None:
    data = WorkedExample().load(0)
    assert data.train_inputs.shape == (1, 2)
    assert data.train_labels.shape == (1, 2)


@pytest.mark.parametrize(
    ("inputs", "targets"),
    [
        ((), ()),
        (((1, 2),), ()),
        (((1, 2),), ((1,), (2,))),
        (((1, 2), (3,)), ((1,), (2,))),
        (((),), ((1,),)),
        (((float("nan"),),), ((1,),)),
        (((float("inf"),),), ((1,),)),
        (((1e300,),), ((1,),)),
    ],
)
def test_a_worked_example_that_is_no_table_of_numbers_is_refused(
    inputs: tuple[tuple[float, ...], ...], targets: tuple[tuple[float, ...], ...]
) -> None:
    with pytest.raises(ValidationError):
        WorkedExample(inputs=inputs, targets=targets)


def test_as_float_leaves_toy_inputs_as_they_are() -> None:
    inputs = Moons().load(0).train_inputs
    assert as_float(inputs) is inputs
