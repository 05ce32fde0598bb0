"""The loss along a line, its slope and its curvature."""

import numpy as np
import pytest
import torch

from core.landscape.plane.kinds import lay
from core.landscape.surface.sharpness import along
from core.messages.surface_commands import DescentPlane, Now, Number, RandomPlane, WeightsPlane
from core.training.step import Interrupted
from tests.core.small_arenas import Perceptron, Quadratic, descent, material_of, never, weights

KEY = 7


class Scene:
    """A run of gradient descent on a plane."""

    def __init__(self, plane, arena=None, **fields):
        self.arena = arena or Perceptron()
        self.states = descent(self.arena, weights(self.arena.size))
        self.laid = lay(plane, Now(), material_of(self.arena, self.states, **fields), None)


@pytest.mark.parametrize("activation", [torch.tanh, torch.sigmoid])
def test_slope_and_curvature_along_the_line_are_those_of_finite_differences(activation):
    scene = Scene(RandomPlane(), arena=Perceptron(activation=activation))
    line = along(scene.laid, scene.arena, -1.2, 0.8, 9, KEY, never)
    flat = scene.laid.flat

    def loss(t):
        return float(scene.arena.objective(flat.base.double() + t * flat.d1.double()))

    h = 1e-4
    for index, t in enumerate(np.linspace(-1.2, 0.8, 9)):
        assert line.t[index] == t
        assert line.loss[index] == pytest.approx(loss(t), rel=1e-5)
        slope = (loss(t + h) - loss(t - h)) / 2 / h
        assert line.slope[index] == pytest.approx(slope, rel=1e-4, abs=1e-5)
        curvature = (loss(t + h) - 2 * loss(t) + loss(t - h)) / h**2
        assert line.curvature[index] == pytest.approx(curvature, rel=1e-4, abs=1e-4)
    assert (line.plane, line.here) == (KEY, 0)


def test_the_line_goes_through_the_centre_of_a_plane_of_two_weights():
    arena = Quadratic([[3.0, 1.0], [1.0, 2.0]], [0.5, -0.5])
    plane = WeightsPlane(Number("0.weight", (0, 1)), Number("0.weight", (0, 0)))
    scene = Scene(plane, arena=arena)
    v, u = scene.laid.centre
    line = along(scene.laid, arena, -2, 2, 5, KEY, never)
    # ½(3u² + 2uv + 2v²) + ½u - ½v along v, the second number.
    t = np.linspace(-2, 2, 5)
    expected = 1.5 * u * u + u * t + t * t + u / 2 - t / 2
    np.testing.assert_allclose(line.loss, expected, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(line.slope, u + 2 * t - 0.5, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(line.curvature, 2, rtol=1e-6)
    assert line.here == v


def test_a_loss_of_straight_pieces_has_no_curvature():
    arena = Perceptron(activation=torch.relu)
    scene = Scene(RandomPlane(), arena=arena)
    arena.objective = lambda theta: theta.double().abs().sum()
    line = along(scene.laid, arena, -1, 1, 7, KEY, never)
    assert line.curvature.tolist() == [0] * 7
    arena.objective = lambda theta: theta.double().sum()
    line = along(scene.laid, arena, -1, 1, 7, KEY, never)
    slope = float(scene.laid.flat.d1.double().sum())
    assert line.slope == pytest.approx([slope] * 7)
    assert line.curvature.tolist() == [0] * 7


def test_a_line_can_be_interrupted_and_is_read_only():
    scene = Scene(DescentPlane(), gradient=weights(13, 1), update=weights(13, 2))
    answers = iter([False, False, True])
    with pytest.raises(Interrupted):
        along(scene.laid, scene.arena, -1, 1, 5, KEY, lambda: next(answers))
    line = along(scene.laid, scene.arena, -1, 1, 5, KEY, never)
    for array in (line.t, line.loss, line.slope, line.curvature):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_weights_born_in_inference_mode_will_do():
    arena = Perceptron()
    with torch.inference_mode():
        here = weights(arena.size)
    laid = lay(RandomPlane(), Now(), material_of(arena, [here]), None)
    line = along(laid, arena, -1, 1, 3, KEY, never)
    assert np.isfinite(line.curvature).all()
