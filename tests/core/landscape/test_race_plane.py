"""A race is seen on the plane through its runners: there a loss that falls is seen to fall."""

import numpy as np
import pytest
import torch

from core.catalog.optimizers import Adam, GradientDescent, Momentum
from core.landscape.losses.arena import Material, Route
from core.landscape.plane.kinds import lay
from core.landscape.plane.unasked import lay_unasked
from core.landscape.race.problems import NetworkProblem
from core.landscape.surface.decisions import laid_for
from core.landscape.surface.paths import KnownLosses, PathProjection
from core.messages.surface_commands import (
    Now,
    Number,
    PrincipalPlane,
    RandomPlane,
    StatesPlane,
    SurveyRequest,
    WeightsPlane,
)
from core.presets import PRESETS
from tests.core.racing import go, race_on, setup_of
from tests.core.small_arenas import Perceptron, descent, never, weights

RUNNERS = (GradientDescent(learning_rate=0.1), Momentum(learning_rate=0.05), Adam())


def race_of(arena, *ways, **fields):
    routes = tuple(
        Route(id, f"Runner {id}", list(range(len(way))), way) for id, way in enumerate(ways)
    )
    return Material(arena, ways[0][0], 0, routes, {}, **fields)


def three_ways(arena, steps=12, start=None):
    start = weights(arena.size) if start is None else start
    return [descent(arena, start, rate, steps) for rate in (0.02, 0.1, 0.3)]


def test_it_is_the_nearest_plane_through_the_start_where_the_newest_count_as_all_the_way():
    """By numpy's singular values of the ways from the start, each runner's last one repeated."""
    arena = Perceptron()
    ways = three_ways(arena)
    laid = lay(PrincipalPlane(), Now(), race_of(arena, *ways), None)
    rows = [state.numpy() - ways[0][0].numpy() for way in ways for state in way]
    rows += [way[-1].numpy() - ways[0][0].numpy() for way in ways for _ in range(len(way) - 1)]
    _, singular, right = np.linalg.svd(np.array(rows, np.float64), full_matrices=False)
    for ours, theirs in zip((laid.flat.d1, laid.flat.d2), right[:2], strict=True):
        assert abs(float(ours.double().numpy() @ theirs)) == pytest.approx(1, abs=1e-4)
    assert laid.explained == pytest.approx(tuple((singular**2 / (singular**2).sum())[:2]), rel=1e-4)
    torch.testing.assert_close(laid.flat.base, ways[0][0])


def test_two_runners_and_their_start_lie_on_it_all_but_exactly():
    arena = Perceptron()
    slow, fast = (
        descent(arena, weights(arena.size), 0.02, 30),
        descent(arena, weights(arena.size), 0.3, 30),
    )
    ends = race_of(arena, [slow[0], slow[-1]], [fast[0], fast[-1]])
    laid = lay(PrincipalPlane(), Now(), ends, None)
    _, distances = laid.project([slow[0], slow[-1], fast[-1]])
    assert distances.max() < 1e-5 * float(fast[-1].norm())


def test_where_nobody_has_chosen_a_race_is_seen_on_the_plane_through_its_runners():
    arena = Perceptron()
    material = race_of(arena, *three_ways(arena))
    assert isinstance(lay_unasked(Now(), material, None).plane, PrincipalPlane)
    request = SurveyRequest(plane=None, subject="race")
    assert isinstance(laid_for(request, material, None).plane, PrincipalPlane)
    chosen = WeightsPlane(Number("0.weight", (0, 0)), Number("0.weight", (0, 1)))
    wanted = SurveyRequest(plane=chosen, subject="race")
    assert laid_for(wanted, material, None).plane == chosen


def test_before_anybody_has_moved_it_is_seen_along_random_directions():
    arena = Perceptron()
    start = weights(arena.size)
    laid = lay_unasked(Now(), race_of(arena, [start], [start], [start]), None)
    assert laid.plane == RandomPlane()


def test_one_runner_who_has_gone_straight_on_is_seen_along_that_way():
    arena = Perceptron()
    start, way = weights(arena.size), weights(arena.size, seed=1)
    states = [start + step * way for step in range(5)]
    for route in (states[:2], states):
        laid = lay_unasked(Now(), race_of(arena, route), None)
        assert isinstance(laid.plane, StatesPlane)
        points, distances = laid.project([route[-1]])
        assert points[0] == pytest.approx([1, 0], abs=1e-5)
        assert distances[0] < 1e-4


def test_a_race_that_starts_anew_from_a_place_of_its_plane_stays_on_it():
    arena = Perceptron()
    laid = lay_unasked(Now(), race_of(arena, *three_ways(arena)), None)
    place = laid.flat.at(0.3, -0.2)
    again = lay_unasked(Now(), race_of(arena, [place], [place]), laid)
    assert again.flat is laid.flat
    assert again.centre == pytest.approx((0.3, -0.2), abs=1e-4)
    assert again.marks[0][1:] == pytest.approx((0.3, -0.2), abs=1e-4)
    elsewhere = weights(arena.size, seed=5)
    assert lay_unasked(Now(), race_of(arena, [elsewhere]), laid).plane == RandomPlane()
    moved = lay_unasked(Now(), race_of(arena, *three_ways(arena, start=place)), again)
    assert moved.flat is not laid.flat
    assert isinstance(moved.plane, PrincipalPlane)


def test_axes_are_not_turned_round_while_the_runners_move():
    arena = Perceptron()
    before = lay_unasked(Now(), race_of(arena, *three_ways(arena, 20)), None)
    after = lay_unasked(Now(), race_of(arena, *three_ways(arena, 22)), before)
    assert float(before.flat.d1 @ after.flat.d1) > 0.9
    assert float(before.flat.d2 @ after.flat.d2) > 0.9


def test_a_plane_of_another_kind_does_not_say_how_the_axes_turn():
    arena = Perceptron()
    material = race_of(arena, *three_ways(arena))
    random = lay(RandomPlane(), Now(), material, None)
    first, second = (lay_unasked(Now(), material, before) for before in (None, random))
    torch.testing.assert_close(first.flat.d1, second.flat.d1)
    torch.testing.assert_close(first.flat.d2, second.flat.d2)


@pytest.mark.parametrize(
    "name", ["xor-2-2-1", "spiral-2-16-16-1", "three-2-8-3", "dense-100-64-10"]
)
@pytest.mark.parametrize("steps", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_whose_loss_falls_is_seen_to_fall(name, steps):
    """On random directions Adam climbed from 0.8 to 0.9 while its loss fell."""
    spec = PRESETS[name].spec
    problem = NetworkProblem(setup_of(spec, seed=spec.seed))
    race = go(race_on(problem, *RUNNERS), steps)
    material = race.material(problem.arena)
    laid = lay_unasked(Now(), material, None)
    on_plane = material.arena.on_plane(laid.flat)
    seen = PathProjection(laid, 1, material.arena, on_plane, KnownLosses(), never)
    for path in seen.paths(material.routes):
        fell = float(path.loss[0] - path.loss[path.at])
        shown = float(path.foot[0] - path.foot[path.at])
        assert fell > 0
        assert shown > 0.4 * fell
