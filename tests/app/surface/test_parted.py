"""Balls whose own loss is not the plane's: at their own height, with a foot and a sentence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage, QPainter

from app.link.surface_choice import SurfaceChoice
from app.surface.relief.camera import TALL, Camera, Projection
from app.surface.relief.paths import ReliefPaths
from app.surface.relief.scene import scene_of, stage_of
from app.surface.relief.view import Surface3D
from app.surface.shared.parted import PARTED, gap, parted, parted_words
from core.presets import FIRST, PRESETS
from tests.app.fakes import FakeBridge, snapshot_of
from tests.app.landscapes import bowl, bowl_slope, path_of, surface_of, survey_of, walk


def descent(off=0.0, **changed):
    return path_of(walk(bowl_slope, (-1.6, 2.4), 0.05, 10), bowl, bowl_slope, off=off, **changed)


@given(st.floats(-0.9, 0.9))
def test_a_path_is_parted_where_losses_differ_by_more_than_a_tenth_of_the_larger(off):
    path = descent(off)
    own, foot = float(path.loss[-1]), float(path.foot[-1])
    assert gap(path) == pytest.approx(abs(own - foot) / max(own, foot), abs=1e-6)
    found = parted(surface_of(bowl), [path], "loss")
    assert bool(found) == (gap(path) > PARTED)


def test_the_worst_comes_first_and_only_losses_are_compared():
    paths = [descent(0.3, id=0), descent(0.05, id=1), descent(0.6, id=2)]
    assert [path.id for path in parted(surface_of(bowl), paths, "loss")] == [2, 0]
    assert parted(surface_of(bowl), paths, "accuracy") == []
    assert [path.id for path in parted(surface_of(bowl), paths, "objective")] == [2, 0]
    assert parted(surface_of(bowl, penalty=0.1), paths, "objective") == []
    assert parted(surface_of(bowl), [descent(0.6, plane=7)], "loss") == []


def test_the_sentence_says_who_by_how_much_and_why(qapp):
    path = descent(0.5, id=2, name="Adam, η = 0.01")
    words = parted_words([path])
    assert "“Adam, η = 0.01” has a loss of" in words
    assert "directions that the picture leaves out" in words
    assert parted_words([path, descent(0.3)]).startswith("2 have another loss")
    assert parted_words([]) == ""


def painted(survey, *, is_log):
    """Where the relief puts the first path's ball, and its foot on the surface."""
    choice = SurfaceChoice()
    choice.show_quantity("loss", is_log=is_log)
    scene = scene_of(survey, stage_of(survey.surface, choice))
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    projection = Projection(Camera(0.7, 0.4), 640, 480)
    paths = ReliefPaths(painter, scene, projection)
    path = scene.paths[0]
    below = paths.spot(path.points[-1])
    spot = paths._at_own_height(path, below)
    painter.end()
    return scene, projection, path, below, spot


@pytest.mark.parametrize("is_log", [False, True])
@pytest.mark.parametrize("off", [0.5, -0.5])
def test_a_ball_stands_at_the_height_of_its_own_loss_over_its_foot(qapp, off, is_log):
    scene, projection, path, below, spot = painted(
        survey_of(bowl, paths=(descent(off),)), is_log=is_log
    )
    low, high = scene.stage.relief.limits
    own = float(path.loss[-1])
    height = (np.log10(own) if is_log else own) - low
    u, v, _ = scene.stage.relief.standing(path.points[-1:])[0]
    x, y, _ = projection.to_screen(np.array([[u, v, height / (high - low) * TALL]]))[0]
    assert (spot.middle.x(), spot.middle.y()) == pytest.approx((x, y), abs=0.5)
    assert spot.foot == below.foot
    assert (spot.middle.y() > below.at.y()) == (off > 0)  # less loss is further down


def test_a_ball_whose_loss_is_the_surfaces_lies_on_it(qapp):
    *_, below, spot = painted(survey_of(bowl, paths=(descent(0.05),)), is_log=False)
    assert spot == below


def test_the_relief_says_why_a_ball_is_off_the_surface(qtbot):
    bridge = FakeBridge(snapshot_of(PRESETS[FIRST].spec))
    bridge.survey = survey_of(bowl, paths=(descent(0.5, id=1, name="SGD, 0.1"),))
    view = Surface3D(bridge)
    qtbot.addWidget(view)
    view.resize(640, 520)
    view.show()
    qtbot.waitExposed(view)
    qtbot.waitUntil(lambda: "beside the plane" in view.reading.text())
    assert "“SGD, 0.1”" in view.reading.toolTip()
