"""The Hessian's largest eigenvalues, against the whole Hessian."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.landscape.surface import sharpness as module
from core.landscape.surface.sharpness import sharpness
from core.training.step import Interrupted
from tests.core.small_arenas import Perceptron, Quadratic, descent, never, weights


def two_largest(hessian):
    """By torch from the whole matrix: the two of largest magnitude, falling."""
    values = torch.linalg.eigvalsh(hessian)
    chosen = values[values.abs().argsort(descending=True)[:2]]
    return sorted(chosen.tolist(), reverse=True)


def whole_hessian(arena, theta):
    return torch.autograd.functional.hessian(arena.objective, theta.double())


def with_eigenvalues(values, seed=0):
    """A symmetric matrix with these eigenvalues, turned at random."""
    values = torch.as_tensor(values, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(len(values), len(values), generator=generator, dtype=torch.float64)
    turn = torch.linalg.qr(drawn)[0]
    return turn * values @ turn.T


def at_origin(hessian, **options):
    arena = Quadratic(hessian)
    return sharpness(arena, torch.zeros(arena.size), 0, never, **options)


@pytest.mark.parametrize("activation", [torch.tanh, torch.sigmoid])
@pytest.mark.parametrize("hidden", [1, 3, 8, 60])
@pytest.mark.parametrize("steps", [0, 30])
def test_eigenvalues_are_those_of_the_whole_hessian(activation, hidden, steps):
    arena = Perceptron(hidden=hidden, activation=activation)
    theta = descent(arena, weights(arena.size), rate=0.02, steps=steps)[-1]
    found = sharpness(arena, theta, steps, never)
    assert found.eigenvalues == pytest.approx(two_largest(whole_hessian(arena, theta)), rel=1e-4)
    assert (found.step, found.samples) == (steps, 7)
    assert 0 <= found.residual <= 1e-4


def test_networks_on_either_side_of_the_exact_size_are_tested():
    sizes = [Perceptron(hidden=hidden).size for hidden in (1, 3, 8, 60)]
    assert min(sizes) <= module.EXACT < max(sizes)


@settings(deadline=None, max_examples=30)
@given(
    st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=300),
    st.integers(0, 2**31),
)
def test_a_quadratics_eigenvalues_are_found(values, seed):
    """Uniform spectra without gaps, the hardest, to which the residual is a bound."""
    found = at_origin(with_eigenvalues(values, seed))
    largest = max(map(abs, values))
    near = max(found.residual, 1e-5) * largest + 1e-12
    for value in found.eigenvalues:
        assert min(abs(value - true) for true in values) <= near
    assert max(map(abs, found.eigenvalues)) >= 0.99 * largest
    assert len(found.eigenvalues) == min(2, len(values))
    assert list(found.eigenvalues) == sorted(found.eigenvalues, reverse=True)


@pytest.mark.parametrize("size", [200, 1000])
@pytest.mark.parametrize("ends", [(10.0, 6.0), (10.0, -9.0), (-10.0, -7.0), (10.0, 9.9)])
def test_outliers_of_a_wide_spectrum_are_found(size, ends):
    """A bulk about zero and a few outliers, as Hessians of trained networks have."""
    bulk = torch.linspace(-1, 1, size - 2).tolist()
    found = at_origin(with_eigenvalues([*ends, *bulk]))
    assert found.eigenvalues == pytest.approx(sorted(ends, reverse=True), rel=1e-5)
    assert found.residual <= 1e-4


def test_a_full_basis_is_cut_down_and_goes_on(monkeypatch):
    """Room for 12 vectors only, and a spectrum that asks for more."""
    monkeypatch.setattr(module, "MOST_NUMBERS", 1)
    values = [1.05, 1.0, *torch.linspace(-0.9, 0.9, 398).tolist()]
    found = at_origin(with_eigenvalues(values), most_products=400)
    assert found.eigenvalues == pytest.approx([1.05, 1.0], rel=1e-4)
    assert found.residual <= 1e-4


def test_a_bound_on_products_is_kept_and_the_residual_tells_of_it():
    asked = []
    arena = Quadratic(with_eigenvalues(torch.linspace(-1, 1, 500)))
    found = sharpness(arena, torch.zeros(500), 0, lambda: bool(asked.append(1)), most_products=6)
    assert len(asked) == 6
    assert found.residual > 1e-3
    assert all(abs(value) <= 1.0001 for value in found.eigenvalues)


@pytest.mark.parametrize("size", [1, 2, 5, 128, 129, 400])
def test_a_loss_without_curvature_has_none(size):
    found = at_origin(torch.zeros(size, size))
    assert found.eigenvalues == (0.0,) * min(2, size)
    assert found.residual == 0
    assert found.stable_rate is None


def test_a_loss_whose_gradient_has_no_graph_has_no_curvature():
    arena = Quadratic(torch.eye(4))
    arena.objective = lambda theta: theta.sum()
    assert sharpness(arena, torch.zeros(4), 0, never).eigenvalues == (0.0, 0.0)


@pytest.mark.parametrize("size", [3, 128, 129, 300])
def test_a_round_bowl_bends_alike_in_all_directions(size):
    found = at_origin(3 * torch.eye(size))
    assert found.eigenvalues == pytest.approx((3, 3), rel=1e-6)
    assert found.stable_rate == pytest.approx(2 / 3, rel=1e-6)


@pytest.mark.parametrize("size", [2, 100, 300])
def test_a_ravine_of_one_steep_direction_has_a_second_eigenvalue_of_zero(size):
    direction = torch.randn(size, generator=torch.Generator().manual_seed(1))
    hessian = torch.outer(direction, direction).double()
    found = at_origin(hessian)
    assert found.eigenvalues == pytest.approx((float(direction @ direction), 0), rel=1e-5)
    assert found.residual <= 1e-4


def test_one_parameter_has_one_eigenvalue():
    found = at_origin([[-4.0]])
    assert found.eigenvalues == (-4.0,)
    assert found.stable_rate is None


def test_a_saddle_has_the_downward_eigenvalue_last():
    found = at_origin([[1.0, 0.0], [0.0, -5.0]])
    assert found.eigenvalues == pytest.approx((1, -5))


def test_beyond_the_stable_rate_gradient_descent_leaves_the_bowl():
    arena = Quadratic(with_eigenvalues([4.0, 1.0, 0.5]))
    start = weights(3)
    rate = sharpness(arena, start, 0, never).stable_rate
    assert descent(arena, start, rate * 0.95, 200)[-1].norm() < 1e-2 * start.norm()
    assert descent(arena, start, rate * 1.05, 200)[-1].norm() > 1e2 * start.norm()


def test_relus_bend_where_the_loss_does():
    arena = Perceptron(hidden=6, activation=torch.relu)
    theta = weights(arena.size, seed=4)
    found = sharpness(arena, theta, 0, never)
    assert found.eigenvalues == pytest.approx(two_largest(whole_hessian(arena, theta)), rel=1e-4)


def test_it_is_the_same_each_time():
    arena = Perceptron(hidden=60)
    theta = weights(arena.size)
    first, second = (sharpness(arena, theta, 0, never) for _ in range(2))
    assert first == second
    assert torch.equal(theta, weights(arena.size))
    assert not theta.requires_grad


@pytest.mark.parametrize("hidden", [3, 60])
def test_it_stops_between_two_products_when_something_else_comes_first(hidden):
    arena = Perceptron(hidden=hidden)
    answers = iter([False, False, True])
    with pytest.raises(Interrupted):
        sharpness(arena, weights(arena.size), 0, lambda: next(answers))
    assert next(answers, None) is None


@pytest.mark.parametrize("hidden", [3, 60])
@pytest.mark.parametrize("bad", [math.nan, math.inf, 1e30])
def test_weights_without_a_finite_loss_are_refused(hidden, bad):
    arena = Perceptron(hidden=hidden, activation=torch.nn.functional.softplus)
    theta = weights(arena.size)
    theta[0] = bad
    if math.isfinite(bad):
        arena.objective = lambda parameters: parameters.pow(5).sum()
    with pytest.raises(UserError, match="not finite"):
        sharpness(arena, theta, 0, never)


def test_weights_born_in_inference_mode_will_do():
    arena = Perceptron()
    with torch.inference_mode():
        theta = weights(arena.size)
    found = sharpness(arena, theta, 0, never)
    assert found.eigenvalues == sharpness(arena, weights(arena.size), 0, never).eigenvalues
