"""How planes lie in the space of all parameters, and what lies where on them."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.errors import UserError
from core.landscape.losses.arena import RACE_ON, Flat, Material, Route
from core.landscape.plane.kinds import lay
from core.landscape.plane.spans import filter_normalised, gaussian
from core.messages.surface_commands import (
    AtStep,
    BranchEnd,
    DescentPlane,
    Now,
    Number,
    PrincipalPlane,
    RandomPlane,
    RunnerEnd,
    StatesPlane,
    WeightsPlane,
    Window,
)
from tests.core.small_arenas import Perceptron, Quadratic, SmallArena, descent, material_of, weights

NOW = Now()
seeds = st.integers(0, 2**32 - 1)
coordinates = st.floats(-3, 3, width=32)


def run_of(arena, steps=12, **fields):
    return material_of(arena, descent(arena, weights(arena.size), steps=steps), **fields)


def refused(plane, material, centre=NOW):
    with pytest.raises(UserError) as caught:
        lay(plane, centre, material, None)
    error = caught.value
    assert "{" not in str(error), "a template is not filled in"
    assert error.sentence.hint
    return str(error)


# Two weights


@given(st.integers(0, 5), st.integers(0, 2), coordinates, coordinates)
def test_the_plane_through_two_weights_equals_editing_them_by_hand(weight, bias, x, y):
    arena = Perceptron()
    here = weights(arena.size)
    index = divmod(weight, 2)
    plane = WeightsPlane(Number("0.weight", index), Number("0.bias", (bias,)))
    laid = lay(plane, Now(), material_of(arena, [here]), None)

    w1, b1, w2, b2 = (part.clone() for part in arena.split(here))
    w1[index], b1[bias] = x, y
    by_hand = torch.cat([part.reshape(-1) for part in (w1, b1, w2, b2)])
    assert torch.equal(laid.flat.at(x, y), by_hand)


def test_axes_through_two_weights_show_their_own_values():
    arena = Perceptron()
    here = weights(arena.size)
    w1, _, w2, _ = arena.split(here)
    plane = WeightsPlane(Number("0.weight", (2, 1)), Number("1.weight", (0, 2)))
    laid = lay(plane, Now(), material_of(arena, [here]), None)
    assert laid.centre == (float(w1[2, 1]), float(w2[0, 2]))
    assert laid.titles == ("0.weight[2, 1]", "1.weight[0, 2]")
    assert laid.norms == pytest.approx((1, 1))
    assert laid.cosine == 0
    assert torch.equal(laid.flat.at(*laid.centre), here)
    assert str(arena.size) in str(laid.note)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (Number("0.bias", (1,)), Number("0.bias", (1,)), "same number"),
        (Number("2.weight", (0, 0)), Number("0.bias", (1,)), "0.weight, 0.bias"),
        (Number("0.bias", (0,)), Number("0.weight", (3, 0)), "3×2"),
        (Number("0.bias", (0,)), Number("0.weight", (0, -1)), "3×2"),
        (Number("0.bias", (0,)), Number("0.weight", (1,)), "3×2"),
        (Number("0.bias", (0, 0)), Number("0.weight", (1, 1)), "shape 3"),
    ],
)
def test_numbers_that_are_not_there_are_refused_with_a_way_out(first, second, said):
    assert said in refused(WeightsPlane(first, second), run_of(Perceptron()))


def test_in_the_window_a_number_is_called_as_in_the_table_of_parameters():
    arena = Perceptron()
    layers = {name: f"{int(name[0]) + 1} Dense" for name in arena.names}
    material = material_of(arena, [weights(arena.size)], layers=layers)
    plane = WeightsPlane(Number("0.weight", (2, 1)), Number("1.bias", (0,)))
    assert lay(plane, Now(), material, None).titles == ("1 Dense w₃,₂", "2 Dense b₁")
    same = Number("0.bias", (2,))
    assert "number, 1 Dense b₃." in refused(WeightsPlane(same, same), material)


def test_long_runs_are_told_with_a_comma_in_their_steps():
    arena = Perceptron()
    here = weights(arena.size)
    run = Route(-1, "This run", [0, 1357], [here, here + 1])
    chosen = {AtStep(1200): here - 1}
    material = Material(arena, here + 1, 1357, (run,), chosen)
    laid = lay(PLANES[0], Now(), material, None)
    assert "values of step 1,357." in str(laid.note)
    assert "Step 1,200" in [name for name, _, _ in laid.marks]


def race_of(arena, steps=12):
    states = descent(arena, weights(arena.size), steps=steps)
    route = Route(4, "Adam, 0.01", list(range(len(states))), states)
    chosen = {AtStep(0): states[0], Now(): states[0], RunnerEnd(4): states[-1]}
    return Material(arena, states[0], 0, (route,), chosen, longer=RACE_ON)


def test_in_a_race_other_numbers_keep_the_values_of_its_start():
    note = str(lay(PLANES[0], Now(), race_of(Perceptron()), None).note)
    assert "values of “Start”" in note
    assert "step" not in note


@pytest.mark.parametrize(
    ("plane", "helps"),
    [
        (StatesPlane(AtStep(0)), "where runners stand"),
        (StatesPlane(AtStep(40)), "where runners stand"),
        (StatesPlane(BranchEnd(1)), "where runners stand"),
        (DescentPlane(), "two random directions"),
        (PrincipalPlane(), "race go on"),
    ],
)
def test_what_cannot_be_laid_in_a_race_says_what_can(plane, helps):
    said = refused(plane, race_of(Perceptron(), steps=1))
    assert helps in said
    assert "Train" not in said


# Random directions


def test_each_filter_of_a_random_direction_is_as_long_as_the_networks_own():
    """d / ‖d‖ · ‖θ‖ filter by filter, with numpy; biases and batch norm's parameters at 0."""
    shapes = [(4, 3), (4,), (5, 2, 3, 3), (5,), (5,)]
    arena = SmallArena([str(i) for i in range(5)], shapes)
    here = weights(arena.size, seed=5)
    laid = lay(RandomPlane(seed=11), Now(), material_of(arena, [here]), None)
    drawn = gaussian(11, 2, arena.size).numpy().astype(np.float64)
    for ours, d in zip((laid.flat.d1, laid.flat.d2), drawn, strict=True):
        expected, offset = [], 0
        for shape in shapes:
            size = math.prod(shape)
            part, theta = d[offset : offset + size], here.numpy()[offset : offset + size]
            offset += size
            if len(shape) == 1:
                expected.append(np.zeros(size))
                continue
            for row, filter in zip(
                np.split(part, shape[0]), np.split(theta, shape[0]), strict=True
            ):
                expected.append(row / np.linalg.norm(row) * np.linalg.norm(filter))
        np.testing.assert_allclose(ours.numpy(), np.concatenate(expected), rtol=1e-5, atol=1e-7)


@given(seeds, seeds)
def test_a_seed_draws_the_same_numbers_whatever_the_weights_are(seed, other):
    assume(seed != other)
    assert torch.equal(gaussian(seed, 2, 40), gaussian(seed, 2, 40))
    assert not torch.equal(gaussian(seed, 2, 40), gaussian(other, 2, 40))
    arena = Perceptron()
    laid = [
        lay(RandomPlane(seed), Now(), material_of(arena, [weights(arena.size, scale=scale)]), None)
        for scale in (1, 8)
    ]
    assert torch.equal(laid[1].flat.d1, 8 * laid[0].flat.d1)


@pytest.mark.parametrize("seed", [-1, 2**70])
def test_any_seed_that_can_be_typed_draws(seed):
    assert gaussian(seed, 1, 3).isfinite().all()


def test_random_numbers_are_standard_normal():
    drawn = gaussian(0, 2, 20_000)
    assert drawn.mean(1).abs().max() < 0.03
    assert drawn.std(1).tolist() == pytest.approx([1, 1], abs=0.03)
    assert abs(float(torch.corrcoef(drawn)[0, 1])) < 0.03


def test_a_filter_of_zeros_does_not_move():
    shapes = [torch.Size((2, 3))]
    theta = torch.tensor([0.0, 0, 0, 3, 4, 0])
    d = filter_normalised(torch.ones(6), theta, shapes)
    assert d.tolist() == pytest.approx([0, 0, 0, *[5 / math.sqrt(3)] * 3])


def test_without_weights_to_scale_by_there_are_no_random_directions():
    arena = Perceptron()
    assert "zero" in refused(RandomPlane(), material_of(arena, [torch.zeros(arena.size)]))
    biases = SmallArena(["0.bias", "1.bias"], [(3,), (2,)])
    assert "biases" in refused(RandomPlane(), material_of(biases, [weights(5)]))
    single = SmallArena(["0.weight", "0.bias"], [(1, 1), (1,)])
    assert "parallel" in refused(RandomPlane(), material_of(single, [weights(2)]))


# Principal directions


def pca(states):
    """By numpy's singular values, of the whole matrix at once."""
    matrix = np.stack([state.numpy() for state in states]).astype(np.float64)
    _, singular, rows = np.linalg.svd(matrix - matrix.mean(0), full_matrices=False)
    return rows[:2], (singular**2 / (singular**2).sum())[:2]


@settings(deadline=None, max_examples=40)
@given(seeds, st.integers(3, 30), st.integers(2, 40))
def test_principal_directions_are_those_of_the_singular_values(seed, count, size):
    """A random walk with well-separated variances along random directions."""
    generator = torch.Generator().manual_seed(seed)
    turn = torch.linalg.qr(torch.randn(size, size, generator=generator))[0]
    scales = 3.0 ** -torch.arange(size)
    states = list((torch.randn(count, size, generator=generator) * scales @ turn.T).unbind())
    expected, shares = pca(states)
    assume(shares[1] > 1e-3 and shares[0] - shares[1] > 0.05)
    arena = Quadratic(torch.eye(size))
    laid = lay(PrincipalPlane(), Now(), material_of(arena, states), None)

    assert laid.explained == pytest.approx(tuple(shares), rel=1e-4)
    for ours, theirs in zip((laid.flat.d1, laid.flat.d2), expected, strict=True):
        assert abs(float(ours.double().numpy() @ theirs)) == pytest.approx(1, abs=1e-4)
    assert laid.norms == pytest.approx((1, 1), rel=1e-5)
    assert laid.cosine == pytest.approx(0, abs=1e-5)


def test_principal_axes_lead_right_and_up_to_the_end_of_the_path():
    arena = Perceptron()
    material = run_of(arena, steps=40)
    laid = lay(PrincipalPlane(), Now(), material, None)
    points, _ = laid.project(material.routes[0].states)
    assert (points[-1] >= points[0]).all()
    assert laid.centre == (0, 0)
    assert points[-1] == pytest.approx([0, 0], abs=1e-6)
    assert f"{laid.explained[0]:.0%}" in laid.titles[0]


def test_principal_axes_stay_as_they_are_on_the_screen():
    arena = Perceptron()
    material = run_of(arena, steps=40)
    first = lay(PrincipalPlane(), Now(), material, None)
    flipped = replace(first, flat=Flat(first.flat.base, -first.flat.d1, first.flat.d2))
    longer = material_of(arena, descent(arena, weights(arena.size), steps=43))
    again = lay(PrincipalPlane(), Now(), longer, flipped)
    assert float(again.flat.d1 @ flipped.flat.d1) > 0.9
    assert float(again.flat.d2 @ flipped.flat.d2) > 0.9


def test_long_paths_and_many_parameters_are_seen_by_some_of_their_states():
    size, count = 3000, 450
    generator = torch.Generator().manual_seed(0)
    along = torch.linalg.qr(torch.randn(size, 2, generator=generator))[0].T
    t = torch.linspace(0, 6, count)
    states = list((torch.stack((3 * t, torch.sin(t)), 1) @ along).unbind())
    laid = lay(PrincipalPlane(), Now(), material_of(Quadratic(torch.eye(size)), states), None)
    assert sum(laid.explained) == pytest.approx(1, abs=1e-6)
    assert laid.note.values["states"] <= 200
    _, distance = laid.project(states)
    assert distance.max() < 1e-4


def test_a_path_too_short_or_straight_has_no_principal_directions():
    arena = Perceptron()
    here = weights(arena.size)
    few = refused(PrincipalPlane(), material_of(arena, [here, here + 1]))
    assert "need 3 kept states of the path; so far there are 2" in few
    assert "every 0.2 s" in few
    assert "same weights" in refused(PrincipalPlane(), material_of(arena, [here] * 5))
    states = [here + k * weights(arena.size, seed=1) for k in range(6)]
    assert "straight" in refused(PrincipalPlane(), material_of(arena, states))


def test_a_runner_who_diverged_does_not_hide_the_others():
    arena = Perceptron()
    good = descent(arena, weights(arena.size), steps=20)
    lost = [good[0], torch.full_like(good[0], math.nan)]
    routes = (
        Route(0, "SGD, 0.1", list(range(21)), good),
        Route(1, "SGD, 99", [0, 1], lost),
    )
    material = Material(arena, good[0], 0, routes, {})
    alone = Material(arena, good[0], 0, routes[:1], {})
    both, one = (lay(PrincipalPlane(), Now(), m, None) for m in (material, alone))
    assert abs(float(both.flat.d1 @ one.flat.d1)) > 0.9
    points, distance = both.project(lost)
    assert np.isfinite(points[0]).all()
    assert np.isnan([*points[1], distance[1]]).all()


# Chosen states


@settings(deadline=None)
@given(seeds, st.booleans())
def test_chosen_states_lie_at_the_ends_of_the_axes(seed, with_third):
    arena = Perceptron()
    first, second, third = (weights(arena.size, seed=seed + k) for k in range(3))
    chosen = {AtStep(3): second, BranchEnd(2): third}
    plane = StatesPlane(AtStep(3), BranchEnd(2) if with_third else None)
    laid = lay(plane, Now(), material_of(arena, [first], chosen), None)
    points, distance = laid.project([first, second, third])
    assert points[:2] == pytest.approx(np.array([[0, 0], [1, 0]]), abs=1e-6)
    assert distance[:2] == pytest.approx([0, 0], abs=1e-5)
    torch.testing.assert_close(laid.flat.at(1, 0), second, rtol=0, atol=1e-6)
    if with_third:
        torch.testing.assert_close(laid.flat.at(0, 1), third, rtol=0, atol=1e-6)
        assert points[2] == pytest.approx([0, 1], abs=1e-6)
        assert laid.titles == ("Step 3", "End of run 2")
    else:
        assert laid.cosine == pytest.approx(0, abs=1e-6)
        assert laid.norms[1] == pytest.approx(laid.norms[0])


def test_states_that_span_no_plane_are_refused_by_name():
    arena = Perceptron()
    here, away = weights(arena.size), weights(arena.size, seed=1)
    line = {AtStep(5): here + away, AtStep(9): here - 2.5 * away}
    material = material_of(arena, [here], {AtStep(2): here.clone(), **line})
    assert "same weights" in refused(StatesPlane(AtStep(2)), material)
    assert "Step 9" in refused(StatesPlane(AtStep(5), AtStep(9)), material)
    assert "same weights" in refused(StatesPlane(AtStep(5), AtStep(2)), material)
    assert "not kept" in refused(StatesPlane(AtStep(7)), material)
    assert "not kept" in refused(StatesPlane(RunnerEnd(3)), material)


def test_a_network_with_one_parameter_has_no_plane():
    arena = SmallArena(["0.weight"], [(1, 1)])
    material = material_of(arena, [torch.zeros(1), torch.ones(1)])
    assert "no plane" in refused(StatesPlane(AtStep(0)), material)


# Gradient and update


def moved(gradient, update, here=None):
    size = len(gradient)
    here = weights(size) if here is None else here
    arena = Quadratic(torch.eye(size))
    tensors = {"gradient": torch.tensor(gradient), "update": torch.tensor(update)}
    return material_of(arena, [here], **tensors)


@given(seeds)
def test_descent_leads_downhill_to_the_right_and_the_update_lies_one_unit_away(seed):
    generator = torch.Generator().manual_seed(seed)
    gradient, update = torch.randn(2, 9, generator=generator)
    here = torch.randn(9, generator=generator)
    material = moved(gradient.tolist(), update.tolist(), here)
    laid = lay(DescentPlane(), Now(), material, None)
    length = float(update.norm())
    assert laid.norms == pytest.approx((length, length), rel=1e-5)
    assert laid.cosine == pytest.approx(0, abs=1e-5)
    cosine = float(laid.flat.d1 @ -gradient) / length / float(gradient.norm())
    assert cosine == pytest.approx(1, abs=1e-5)
    points, distance = laid.project([here + update])
    assert np.hypot(*points[0]) == pytest.approx(1, rel=1e-4)
    assert points[0, 1] > 0
    assert distance[0] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize(
    ("gradient", "update", "said"),
    [
        ([3.0, 4.0, 0.0], [-0.3, -0.4, 0.0], "straight down"),
        ([3.0, 4.0, 0.0], [-0.3, -0.4, 1e-5], "straight down"),
        ([0.0, 0.0, 0.0], [1.0, 0.0, 0.0], "zero"),
        ([1.0, 0.0, 0.0], [0.0, 0.0, 0.0], "zero"),
        ([1.0, math.nan, 0.0], [1.0, 1.0, 0.0], "not finite"),
        ([1.0, 2.0, 0.0], [1.0, math.inf, 0.0], "not finite"),
    ],
)
def test_gradient_and_update_that_span_no_plane_are_refused(gradient, update, said):
    assert said in refused(DescentPlane(), moved(gradient, update))


def test_an_update_that_differs_by_rounding_alone_is_parallel():
    """θ + (-η g) - θ in float32 is not quite -η g."""
    here = 100 * weights(50)
    gradient = weights(50, seed=1)
    update = (here - 1e-4 * gradient) - here
    material = moved(gradient.tolist(), update.tolist(), here)
    assert "straight down" in refused(DescentPlane(), material)


def test_before_the_first_update_and_away_from_the_present_there_is_no_descent():
    arena = Perceptron()
    material = run_of(arena)
    assert "There is no update" in refused(DescentPlane(), material)
    both = {"gradient": weights(arena.size), "update": weights(arena.size, seed=1)}
    assert "present" in refused(DescentPlane(), run_of(arena, **both), AtStep(0))


# A landscape that is its own plane


def test_a_function_of_two_numbers_is_its_own_plane():
    arena = SmallArena(["x", "y"], [(), ()])
    material = material_of(arena, [torch.tensor([1.5, -2.0])])
    laid = lay(None, Now(), material, None)
    assert laid.flat.at(0.25, -3.0).tolist() == [0.25, -3.0]
    assert laid.centre == (1.5, -2.0)
    assert laid.titles == ("x", "y")
    assert "two dimensions" in refused(None, run_of(Perceptron()))


# What all planes share

PLANES = [
    WeightsPlane(Number("0.weight", (0, 0)), Number("1.bias", (0,))),
    RandomPlane(),
    PrincipalPlane(),
    StatesPlane(),
    DescentPlane(),
]


@pytest.mark.parametrize("plane", PLANES, ids=lambda plane: type(plane).__name__)
def test_weights_that_are_not_finite_are_no_centre(plane):
    arena = Perceptron()
    broken = weights(arena.size)
    broken[4] = math.nan
    assert "finite" in refused(plane, material_of(arena, [weights(arena.size), broken]))


@pytest.mark.parametrize("plane", PLANES, ids=lambda plane: type(plane).__name__)
def test_a_plane_goes_through_its_centre(plane):
    arena = Perceptron()
    material = run_of(
        arena, at=8, gradient=weights(arena.size, 1), update=weights(arena.size, seed=2)
    )
    centre = Now() if isinstance(plane, DescentPlane) else AtStep(5)
    laid = lay(plane, centre, material, None)
    state = material.here if centre == Now() else material.routes[0].states[5]
    torch.testing.assert_close(laid.flat.at(*laid.centre), state)
    assert laid.step == (8 if centre == Now() else 5)
    assert "{" not in str(laid.note)
    points, distance = laid.project([state])
    assert points[0] == pytest.approx(laid.centre, abs=1e-5)
    assert distance[0] == pytest.approx(0, abs=1e-5)
    names = [name for name, _, _ in laid.marks]
    assert names == ["Start", "Now"]
    feet = np.array([[x, y] for _, x, y in laid.marks])
    expected, _ = laid.project([material.routes[0].states[0], material.here])
    assert feet == pytest.approx(expected)


def test_chosen_states_are_named_once_and_in_order():
    arena = Perceptron()
    chosen = {AtStep(40): weights(arena.size, 1), BranchEnd(1): weights(arena.size, 2)}
    material = run_of(arena, chosen=chosen | {AtStep(0): weights(arena.size)})
    laid = lay(RandomPlane(), Now(), material, None)
    assert [name for name, _, _ in laid.marks] == ["Start", "Step 40", "End of run 1", "Now"]


def test_where_now_is_the_start_it_is_called_now():
    arena = Perceptron()
    laid = lay(RandomPlane(), Now(), material_of(arena, [weights(arena.size)]), None)
    assert laid.marks == (("Now", 0.0, 0.0),)


def test_where_a_race_began_is_called_its_start():
    arena = Perceptron()
    states = descent(arena, weights(arena.size))
    route = Route(4, "Adam, 0.01", list(range(len(states))), states)
    end = RunnerEnd(4)
    material = Material(arena, states[0], 0, (route,), {end: states[-1]})
    laid = lay(StatesPlane(end), Now(), material, None)
    assert [name for name, _, _ in laid.marks] == ["Start"]  # the runner has its colour
    assert lay(RandomPlane(), end, material, None).step == len(states) - 1


def test_windows_suit_the_kind_of_plane():
    arena = Perceptron()
    fields = {"gradient": weights(arena.size, 1), "update": weights(arena.size, seed=2)}
    material = run_of(arena, **fields)
    random = lay(RandomPlane(), Now(), material, None)
    assert random.window() == Window(-1, 1, -1, 1)
    states = lay(StatesPlane(), Now(), material, None).window()
    assert (states.left, states.right) == (-0.5, 1.5)
    numbers = lay(PLANES[0], Now(), material, None)
    window = numbers.window()
    x, y = numbers.centre
    assert window.right - x == pytest.approx(max(2, 1.5 * abs(x)))
    assert y - window.bottom == pytest.approx(max(2, 1.5 * abs(y)))
    ahead = lay(DescentPlane(), Now(), material, None)
    assert ahead.window(np.array([[500.0, 500.0]])) == ahead.window()
    principal = lay(PrincipalPlane(), Now(), material, None)
    points, _ = principal.project(material.routes[0].states)
    seen = principal.window(points)
    assert seen.width < 10 * np.ptp(points[:, 0])
