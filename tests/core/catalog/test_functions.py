"""Test functions: the literature's formulas, their minima, their gradients, their landscape."""

import math

import numpy as np
import pytest
import torch
import ziamath
from hypothesis import given
from hypothesis import strategies as st
from latex2mathml.converter import convert

from core.catalog.base import entries_of
from core.catalog.functions import FUNCTIONS, LossFunction
from core.expression.latex import latex
from core.landscape.losses.arena import Flat
from core.landscape.race.problems import FunctionArena

ALL = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)


def rastrigin(x, y):
    return 10 * 2 + sum(t * t - 10 * np.cos(2 * np.pi * t) for t in (x, y))


def beale(x, y):
    return sum((c - x * (1 - y**i)) ** 2 for i, c in ((1, 1.5), (2, 2.25), (3, 2.625)))


# As the literature has them, in numpy.
FORMULAS = {
    "bowl": lambda x, y: x * x + y * y,
    "ravine": lambda x, y: 0.5 * (x * x + 40 * y * y),
    "rosenbrock": lambda x, y: 100 * np.square(y - x * x) + np.square(1 - x),
    "beale": beale,
    "himmelblau": lambda x, y: np.square(x * x + y - 11) + np.square(x + y * y - 7),
    "saddle": lambda x, y: 0.5 * x * x + 0.25 * y * y * y * y - 0.5 * y * y,
    "plateau": lambda x, y: 1 - np.exp(-0.5 * np.hypot(x, y) ** 2),
    "rastrigin": rastrigin,
    "styblinski_tang": lambda x, y: 0.5 * sum(t**4 - 16 * t * t + 5 * t for t in (x, y)),
    "noisy_bowl": lambda x, y: 0.5 * (x * x + 4 * y * y),
}

# Values that the literature names.
LEAST = {"saddle": -0.25, "styblinski_tang": 2 * -39.16616570377142}


def grid(function, points=41):
    left, right, bottom, top = function.domain
    return np.meshgrid(np.linspace(left, right, points), np.linspace(bottom, top, points))


def test_the_catalog_holds_every_function_that_is_checked_here():
    assert list(FUNCTIONS) == list(entries_of(LossFunction)) == list(FORMULAS)


@ALL
def test_values_are_those_of_the_literatures_formula(function):
    x, y = grid(function)
    ours = function.value(torch.from_numpy(x), torch.from_numpy(y))
    assert ours.shape == x.shape
    np.testing.assert_allclose(ours.numpy(), FORMULAS[function.kind](x, y), rtol=1e-12, atol=1e-12)


@ALL
def test_gradients_and_curvatures_are_those_of_finite_differences(function):
    left, right, bottom, top = function.domain
    generator = torch.Generator().manual_seed(1)
    places = torch.rand(2, 7, generator=generator, dtype=torch.float64)
    x = (left + (right - left) * places[0]).requires_grad_()
    y = (bottom + (top - bottom) * places[1]).requires_grad_()
    assert torch.autograd.gradcheck(function.value, (x, y))
    assert torch.autograd.gradgradcheck(function.value, (x, y))


@ALL
def test_minima_are_level_and_no_place_in_the_picture_is_lower(function):
    x, y = grid(function, 301)
    lowest = FORMULAS[function.kind](x, y).min()
    assert function.minima
    assert function.least == pytest.approx(LEAST.get(function.kind, 0.0), abs=1e-9)
    for minimum in function.minima:
        place = torch.tensor(minimum, dtype=torch.float64, requires_grad=True)
        value = function.value(place[0], place[1])
        (slope,) = torch.autograd.grad(value, place)
        assert value.item() == pytest.approx(function.least, abs=1e-9)
        assert value.item() <= lowest + 1e-12
        assert slope.norm().item() < 1e-9


@ALL
def test_start_and_minima_lie_in_the_picture_and_the_start_is_not_yet_the_end(function):
    left, right, bottom, top = function.domain
    for x, y in (function.start, *function.minima):
        assert left < x < right
        assert bottom < y < top
    start = torch.tensor(function.start, dtype=torch.float64, requires_grad=True)
    value = function.value(start[0], start[1])
    (slope,) = torch.autograd.grad(value, start)
    assert value.item() > function.least + 0.1
    assert slope.norm().item() > 0.01


@ALL
def test_every_function_can_be_shown(function, monkeypatch):
    monkeypatch.setattr(ziamath.config, "svg2", False)
    assert "\\" not in convert(latex(function.formula))
    assert "<svg" in ziamath.Latex(latex(function.formula)).svg()
    assert function.label
    assert function.description.endswith(".")
    assert function.noise >= 0


def test_one_function_is_noisy():
    assert [kind for kind, function in FUNCTIONS.items() if function.noise] == ["noisy_bowl"]


@ALL
def test_its_landscape_has_its_values_at_any_places(function):
    arena = FunctionArena(function)
    x, y = grid(function, 9)
    states = torch.from_numpy(np.stack([x.ravel(), y.ravel()], 1)).float()
    scores = arena.scores(states, lambda: False)
    expected = FORMULAS[function.kind](*states.double().numpy().T)
    np.testing.assert_allclose(scores.loss.numpy(), expected, rtol=1e-6, atol=1e-6)
    assert scores.penalty.abs().max() == 0
    assert scores.accuracy is None
    assert (arena.names, arena.samples, arena.of) == (["x", "y"], 1, 1)
    assert [shape.numel() for shape in arena.shapes] == [1, 1]
    window = arena.window
    assert (window.left, window.right, window.bottom, window.top) == function.domain


numbers = st.floats(-2, 2, allow_nan=False, width=32)


@given(st.lists(numbers, min_size=8, max_size=8))
def test_a_turned_plane_has_the_values_of_the_places_it_goes_through(drawn):
    a, b, c, d, e, f, x, y = drawn
    function = FUNCTIONS["himmelblau"]
    flat = Flat(torch.tensor([a, b]), torch.tensor([c, d]), torch.tensor([e, f]))
    scores = (
        FunctionArena(function)
        .on_plane(flat)
        .scores(torch.tensor([[x, y]], dtype=torch.float64), lambda: False)
    )
    expected = FORMULAS["himmelblau"](a + x * c + y * e, b + x * d + y * f)
    assert scores.loss.item() == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_its_objective_bends_as_the_formula_does():
    ravine = FunctionArena(FUNCTIONS["ravine"])
    hessian = torch.autograd.functional.hessian(ravine.objective, torch.tensor([0.3, -2.0]))
    assert torch.equal(hessian, torch.tensor([[1.0, 0.0], [0.0, 40.0]]))


def test_a_place_where_the_numbers_end_is_not_finite_in_the_picture():
    far = torch.tensor([[1e30, 1e30]])
    loss = FunctionArena(FUNCTIONS["bowl"]).scores(far, lambda: False).loss
    assert math.isinf(loss.item())
