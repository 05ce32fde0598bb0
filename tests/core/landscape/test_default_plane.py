"""The plane of whoever has chosen none."""

import pytest
import torch

from core.landscape.losses.arena import Material, Route
from core.landscape.plane.kinds import lay
from core.landscape.plane.unasked import default_plane
from core.messages.surface_commands import Now, Number, RandomPlane, WeightsPlane
from tests.core.small_arenas import Perceptron, SmallArena, material_of, weights

FIRST_TWO = WeightsPlane(Number("0.weight", (0, 0)), Number("0.weight", (0, 1)))


class Bowl(SmallArena):
    def objective(self, parameters):
        return parameters.square().sum()


def test_a_network_of_many_weights_is_seen_along_random_directions():
    arena = Perceptron()
    material = material_of(arena, [weights(arena.size)])
    assert default_plane(material) == RandomPlane(0)
    assert default_plane(material, 7) == RandomPlane(7)


@pytest.mark.parametrize(
    ("shapes", "plane"),
    [
        ({"0.weight": (1, 2), "0.bias": (1,)}, FIRST_TWO),
        (
            {"0.weight": (1, 1), "0.bias": (1,)},
            WeightsPlane(Number("0.weight", (0, 0)), Number("0.bias", (0,))),
        ),
        ({"0.weight": (1, 3), "0.bias": (1,)}, FIRST_TWO),
    ],
)
def test_a_network_of_a_few_numbers_is_seen_along_its_first_two(shapes, plane):
    arena = Bowl(list(shapes), list(shapes.values()))
    for start in (weights(arena.size), torch.zeros(arena.size)):
        assert default_plane(material_of(arena, [start])) == plane


def test_weights_of_zero_are_seen_along_the_first_two_and_stay_so_while_they_grow():
    arena = Perceptron(hidden=8)
    start = torch.zeros(arena.size)
    start[16:24] = 1.0  # biases are no filters to scale by
    for states in ([start], [start, start + 1]):
        material = material_of(arena, states)
        assert default_plane(material) == FIRST_TWO
        lay(default_plane(material), Now(), material, None)


def test_of_a_race_the_start_decides():
    arena = Perceptron(hidden=8)
    zero = torch.zeros(arena.size)
    route = Route(0, "SGD, 0.1", [0, 1], [zero, zero + 1])
    assert default_plane(Material(arena, zero, 0, (route,), {})) == FIRST_TWO
    start = weights(arena.size)
    assert default_plane(Material(arena, start, 0, (route,), {})) == RandomPlane()


def test_one_number_alone_has_no_two():
    arena = Bowl(["0.weight"], [(1, 1)])
    assert default_plane(material_of(arena, [weights(1)])) == RandomPlane()
