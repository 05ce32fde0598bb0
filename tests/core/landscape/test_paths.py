"""Paths seen on a plane: where they lie, and whether the plane tells the truth about them."""

import gc
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.landscape.losses.arena import Route
from core.landscape.plane.kinds import lay
from core.landscape.surface.paths import KnownLosses, PathProjection
from core.landscape.thinning import evenly, thinned
from core.messages.surface_commands import Now, Number, RandomPlane, StatesPlane, WeightsPlane
from core.training.step import Interrupted
from tests.core.small_arenas import Perceptron, Quadratic, descent, material_of, never, weights

KEY = 7


class Scene:
    """A run of gradient descent on a plane."""

    def __init__(self, plane=None, steps=12, arena=None, **fields):
        self.arena = arena or Perceptron()
        self.states = descent(self.arena, weights(self.arena.size), steps=steps)
        self.material = material_of(self.arena, self.states, **fields)
        self.laid = lay(plane or StatesPlane(), Now(), self.material, None)
        self.on_plane = self.arena.on_plane(self.laid.flat)
        self.memory = KnownLosses()

    def look(self, routes=None, interrupted=never, key=KEY, **options):
        routes = self.material.routes if routes is None else routes
        place = (self.laid, key, self.arena, self.on_plane, self.memory, interrupted)
        return PathProjection(*place).paths(routes, **options)


# Thinning


@given(st.integers(1, 5000), st.integers(4, 300), st.data())
def test_thinned_routes_keep_their_ends_and_where_they_stand(count, most, data):
    at = data.draw(st.integers(-count, count - 1))
    kept = evenly(count, most, at)
    assert kept == sorted(set(kept))
    assert {0, count - 1, at % count} <= set(kept)
    assert len(kept) <= most
    if count <= most:
        assert kept == list(range(count))
    else:
        assert len(kept) >= most / 2 - 2
        gaps = np.diff([index for index in kept if index not in (count - 1, at % count)])
        assert not len(gaps) or gaps.max() <= 2 * gaps.min()


@given(st.integers(4, 100), st.integers(1, 2000))
def test_a_route_that_grows_keeps_some_of_the_states_it_was_thinned_to(most, count):
    now, later = (set(evenly(n, most)) for n in (count, count + 1))
    assert later - now <= {count}
    if len(later) > len(now):
        assert now <= later


@given(st.integers(1, 3000), st.integers(4, 300), st.data())
def test_of_a_race_the_first_steps_are_the_last_to_be_left_out(count, most, data):
    at = data.draw(st.integers(-count, count - 1))
    steps = list(range(count))
    kept = thinned(steps, most, at, is_early=True)
    assert kept == sorted(set(kept))
    assert {0, count - 1, at % count} <= set(kept)
    assert len(kept) <= most
    gaps = np.diff([index for index in kept if index not in (count - 1, at % count)])
    assert (np.diff(gaps) >= 0).all() or at % count not in (count - 1, 0)
    if count <= most:
        assert kept == steps
    elif most >= 40:
        assert kept[:3] == [0, 1, 2]


def test_of_nothing_nothing_is_chosen():
    assert evenly(0, 10) == []


# Paths


def test_a_path_has_its_own_losses_and_those_of_its_feet():
    scene = Scene(RandomPlane())
    (path,) = scene.look()
    points, distance = scene.laid.project(scene.states)
    np.testing.assert_array_equal(path.points, points)
    np.testing.assert_array_equal(path.distance, distance)
    assert path.steps.tolist() == list(range(13))
    assert (path.id, path.name, path.plane) == (-1, "This run", KEY)
    own = [float(scene.arena.objective(state)) for state in scene.states]
    assert path.loss == pytest.approx(own, rel=1e-6)
    flat = scene.laid.flat
    feet = [float(scene.arena.objective(flat.base + x * flat.d1 + y * flat.d2)) for x, y in points]
    assert path.foot == pytest.approx(feet, rel=1e-5)


def test_on_a_plane_that_holds_the_states_own_and_foot_losses_agree():
    """Gradient descent of a bowl of two numbers stays in every plane of both."""
    arena = Quadratic([[2.0, 0.5], [0.5, 1.0]], [1.0, -1.0])
    plane = WeightsPlane(Number("0.weight", (0, 0)), Number("0.weight", (0, 1)))
    (path,) = Scene(plane, arena=arena).look()
    assert path.foot == pytest.approx(path.loss, rel=1e-6, abs=1e-6)
    assert path.distance == pytest.approx(np.zeros(13), abs=1e-7)


def test_what_views_see_cannot_be_written():
    (path,) = Scene().look()
    for array in (path.steps, path.points, path.loss, path.foot, path.distance):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize("most", [4, 9, 200])
def test_a_long_path_is_thinned(most):
    scene = Scene(steps=300)
    (path,) = scene.look(most=most)
    assert len(path.steps) <= most
    assert (path.steps[0], path.steps[-1]) == (0, 300)
    own = [float(scene.arena.objective(scene.states[step])) for step in path.steps]
    assert path.loss == pytest.approx(own, rel=1e-6)


def test_a_path_tells_where_a_run_stands_that_is_seen_in_its_past():
    scene = Scene(RandomPlane(), steps=300, at=77)
    (path,) = scene.look(most=20)
    assert path.steps[path.at] == 77
    assert path.points[path.at] == pytest.approx([0, 0], abs=1e-6)
    assert path.steps[-1] == 300


def test_no_loss_is_computed_twice():
    scene = Scene()
    scene.look()
    assert (scene.arena.states, scene.arena.feet) == (13, 13)
    scene.look()
    assert (scene.arena.states, scene.arena.feet) == (13, 13)
    scene.look(key=KEY + 1)
    assert (scene.arena.states, scene.arena.feet) == (13, 26)


def test_a_longer_path_asks_for_its_new_states_only():
    scene = Scene()
    (before,) = scene.look()
    states = [*scene.states, *descent(scene.arena, scene.states[-1], steps=2)[1:]]
    (after,) = scene.look(material_of(scene.arena, states).routes)
    assert scene.arena.states == 15
    assert after.loss[:13].tolist() == before.loss.tolist()


def test_another_arena_has_other_losses():
    scene = Scene()
    (before,) = scene.look()
    scene.arena = Perceptron(activation=torch.sigmoid)
    scene.on_plane = scene.arena.on_plane(scene.laid.flat)
    (after,) = scene.look()
    assert scene.arena.states == 13
    assert not np.isclose(before.loss, after.loss).any()


def test_losses_of_what_is_gone_are_forgotten():
    arena = Quadratic(torch.eye(3))
    memory = KnownLosses(most=5)
    for k in range(40):
        states = [torch.full((3,), float(k))]
        losses = memory.of(states, arena, 0, lambda _, states=states: arena.scored(states).loss)
        assert losses.tolist() == [1.5 * k * k]
        del states
        gc.collect(0)
    assert len(memory._known) <= 5


def test_more_states_than_are_remembered_still_have_their_losses():
    arena = Quadratic(torch.eye(3))
    states = [torch.full((3,), float(k)) for k in range(30)]
    memory = KnownLosses(most=5)
    for _ in range(2):
        losses = memory.of(
            states, arena, 0, lambda some: arena.scored([states[i] for i in some]).loss
        )
        assert losses.tolist() == [1.5 * k * k for k in range(30)]


def test_a_path_that_left_the_numbers_is_shown_as_far_as_it_can_be():
    scene = Scene(RandomPlane())
    lost = torch.full_like(scene.states[0], math.inf)
    states = [*scene.states[:3], lost]
    route = Route(2, "SGD, 99", [0, 1, 2, 3], states, lost)
    (path,) = scene.look([route], descent=True)
    assert np.isfinite(path.points[:3]).all()
    assert np.isfinite(path.foot[:3]).all()
    assert np.isnan([*path.points[3], path.distance[3], path.foot[3]]).all()
    assert not np.isfinite(path.loss[3])
    assert path.next is None
    assert path.next_loss is None
    assert path.descent is None


def test_routes_without_states_are_left_out():
    assert Scene().look([Route(0, "Adam, 0.01", [], [])]) == ()


def test_each_runner_has_a_path_of_its_own():
    scene = Scene(RandomPlane())
    other = descent(scene.arena, scene.states[0], rate=0.02, steps=5)
    routes = [
        Route(0, "SGD, 0.1", list(range(13)), scene.states),
        Route(1, "SGD, 0.02", list(range(6)), other),
    ]
    first, second = scene.look(routes)
    assert (first.id, second.id) == (0, 1)
    assert (len(first.steps), len(second.steps)) == (13, 6)
    assert first.points[0].tolist() == second.points[0].tolist()


def test_the_next_update_is_shown_by_its_foot_and_its_loss():
    scene = Scene(RandomPlane())
    ahead = descent(scene.arena, scene.states[-1], steps=1)[1]
    route = Route(-1, "This run", list(range(13)), scene.states, ahead)
    (path,) = scene.look([route])
    points, _ = scene.laid.project([ahead])
    assert path.next == pytest.approx(tuple(points[0]))
    assert path.next_loss == pytest.approx(float(scene.arena.objective(ahead)), rel=1e-6)
    assert path.descent is None


def test_descent_is_minus_the_exact_slope_along_both_axes():
    """Against central differences in float64 of a network written out in numpy."""
    scene = Scene(RandomPlane(), at=4)
    (path,) = scene.look(descent=True)
    state = scene.states[4].numpy().astype(np.float64)
    for slope, d in zip(path.descent, (scene.laid.flat.d1, scene.laid.flat.d2), strict=True):
        h = 1e-5
        ahead, back = (by_hand(scene.arena, state + s * h * d.numpy()) for s in (1, -1))
        assert slope == pytest.approx(-(ahead - back) / 2 / h, rel=1e-5, abs=1e-7)


def by_hand(arena, theta):
    """The perceptron's mean squared error in numpy, float64."""
    w1, b1, w2, b2 = theta[:6].reshape(3, 2), theta[6:9], theta[9:12], theta[12]
    a = np.tanh(arena.x.numpy() @ w1.T + b1)
    return float(np.mean((a @ w2 + b2 - arena.y.numpy()[:, 0]) ** 2))


def test_an_interrupted_look_keeps_what_it_has():
    scene = Scene()
    scored = scene.arena.scores

    def scores(states, interrupted):
        if interrupted():
            raise Interrupted
        return scored(states, interrupted)

    scene.arena.scores = scores
    with pytest.raises(Interrupted):
        scene.look(interrupted=lambda: True)
    scene.look()
    assert scene.arena.states == 13


def test_states_of_a_training_in_inference_mode_will_do():
    scene = Scene(RandomPlane())
    with torch.inference_mode():
        states = [state.clone() for state in scene.states]
    scene.material = material_of(scene.arena, states)
    scene.laid = lay(RandomPlane(), Now(), scene.material, None)
    scene.on_plane = scene.arena.on_plane(scene.laid.flat)
    (path,) = scene.look(descent=True)
    assert path.descent is not None
