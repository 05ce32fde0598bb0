"""The landscape of the loss: its geometry, and the view that shows it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from app.kit import theme
from app.link.surface_choice import SurfaceChoice
from app.surface.relief import canvas as relief_canvas
from app.surface.relief import gl as relief_gl
from app.surface.relief.axes import log_ticks, ticks
from app.surface.relief.camera import FLOOR, TALL, Camera, Projection
from app.surface.relief.canvas import PAINTED
from app.surface.relief.gl import fill_with_opengl, opengl
from app.surface.relief.scene import stage_of
from app.surface.relief.shape import Relief, drape
from app.surface.relief.sheet import (
    back_to_front,
    clearest,
    fill_with_quads,
    hidden,
    lit,
    pointed,
    sheet_of,
    struck,
)
from app.surface.relief.view import OPENGL, Surface3D
from core.messages.commands import Visit
from core.messages.surface_commands import RandomPlane, ShowSurface, SurveyRequest, Window
from core.messages.surface_views import Survey
from core.presets import FIRST, PRESETS
from core.sentence import Sentence
from tests.app.fakes import FakeBridge, snapshot_of
from tests.app.landscapes import (
    bowl,
    bowl_slope,
    path_of,
    plane_of,
    race_survey,
    rosenbrock,
    rosenbrock_slope,
    survey_of,
    walk,
)

SQUARE = Window(-2.0, 2.0, -2.0, 2.0)
angles = st.floats(-math.pi, math.pi)
heights = st.floats(math.radians(5), math.radians(88))
inside = st.floats(-1, 1)


def relief_over(function, points=17, window=SQUARE, limits=None):
    x = np.linspace(window.left, window.right, points)
    y = np.linspace(window.bottom, window.top, points)
    drawn = np.asarray(function(*np.meshgrid(x, y)), np.float64)
    return Relief(x, y, drawn, limits or (float(np.nanmin(drawn)), float(np.nanmax(drawn))))


def wall(x, y):
    """A ridge along y at x = 0, as high as the box."""
    return np.where(np.abs(x) < 0.3, 1.0, 0.0) + 0 * y


def from_side(x, y, elevation=20.0):
    """A camera on the side of the box where x and y point."""
    return Projection(Camera(math.atan2(y, x), math.radians(elevation)), 640, 480)


@given(angles, heights, st.floats(0.5, 5), st.tuples(inside, inside, st.floats(FLOOR, TALL)))
def test_the_line_of_sight_through_a_places_pixel_passes_the_place(around, up, zoom, uvz):
    projection = Projection(Camera(around, up, zoom), 640, 480)
    place = np.array(uvz)
    x, y, far = projection.to_screen(place)
    offset, ray = place - projection.camera.eye, projection.ray(x, y)
    assert np.linalg.norm(np.cross(offset, ray)) < 1e-9 * np.linalg.norm(ray)
    assert offset @ ray > 0
    assert far == pytest.approx(-offset @ projection.camera.outward)


@given(angles, heights, st.sampled_from([(900, 700), (600, 500), (360, 640), (700, 300)]))
def test_the_whole_box_is_in_the_picture_from_every_side(around, up, size):
    corners = [(u, v, z) for u in (-1, 1) for v in (-1, 1) for z in (FLOOR, TALL)]
    drawn = Projection(Camera(around, up), *size).to_screen(np.array(corners, float))
    assert (drawn[:, :2] >= 0).all()
    assert (drawn[:, :2] <= size).all()


@given(
    angles, st.floats(math.radians(60), math.radians(88)), st.integers(0, 16), st.integers(0, 16)
)
def test_the_point_of_the_grid_that_is_pointed_at_is_found(around, up, column, row):
    relief = relief_over(lambda x, y: (x**2 + y**2) / 8)
    relief = replace(relief, limits=(0.0, 4.0))  # so flat that none of it hides any other
    projection = Projection(Camera(around, up), 640, 480)
    x, y, _ = projection.to_screen(relief.places[row, column])
    # A hair towards the middle: the very corner may lie a rounding error outside.
    middle = projection.to_screen(relief.places[8, 8])
    found = pointed(relief, projection, x + (middle[0] - x) * 0.02, y + (middle[1] - y) * 0.02)
    assert found == (column, row)


def test_beside_the_surface_and_through_its_holes_nothing_is_pointed_at():
    projection = from_side(1, -1, 40)
    assert pointed(relief_over(bowl), projection, 2, 2) is None
    relief = relief_over(lambda x, y: np.where(np.hypot(x, y) < 1, np.nan, 0 * x + 1.0), 33)
    flat = replace(relief, limits=(0.0, 2.0))
    x, y, _ = projection.to_screen(np.array([0.0, 0.0, TALL / 2]))
    assert pointed(flat, projection, x, y) is None


def test_behind_a_ridge_the_ridge_is_pointed_at():
    relief, projection = relief_over(wall, 33), from_side(1, 0.2)
    behind = relief.places[16, 8]  # x = -1
    x, y, far = projection.to_screen(behind)
    place = struck(relief, projection, x, y)
    assert place[0] > -0.2
    assert projection.to_screen(place)[2] < far


def test_what_stands_behind_a_ridge_is_hidden_and_seen_from_the_other_side():
    relief = relief_over(wall, 33)
    behind, before = relief.places[16, 8], relief.places[16, 24]
    places = np.stack([behind, before])
    assert hidden(relief, places, from_side(1, 0.2), 60).tolist() == [True, False]
    assert hidden(relief, places, from_side(-1, 0.2), 60).tolist() == [False, True]


def test_a_new_surface_turns_the_side_to_the_person_from_which_its_path_is_seen():
    relief = relief_over(wall, 33)
    for x in (-1.2, 1.2):
        path = np.column_stack([np.full(20, x), np.linspace(-1, 1, 20)])
        assert clearest(relief, path, Camera()).outward[0] * x > 0


@settings(max_examples=60)
@given(angles, heights, st.floats(60, 580), st.floats(60, 420))
def test_along_every_line_of_sight_the_quads_behind_are_drawn_first(around, up, x, y):
    relief = relief_over(bowl, 12)
    projection = Projection(Camera(around, up), 640, 480)
    eye, ray = projection.camera.eye, projection.ray(x, y)
    way = eye + ray / np.linalg.norm(ray) * np.linspace(2, 9, 4000)[:, None]
    cells = np.floor((way[:, :2] + 1) / 2 * 11).astype(int)
    over = ((cells >= 0) & (cells < 11)).all(1)
    assume(over.any())
    order = back_to_front(relief, eye)
    drawn = np.full((11, 11), -1)
    drawn[order[:, 0], order[:, 1]] = np.arange(len(order))
    assert sorted(drawn.ravel()) == list(range(121))
    moments = drawn[cells[over, 1], cells[over, 0]]
    assert (np.diff(moments) <= 0).all()


def test_quads_at_a_hole_are_left_out():
    relief = relief_over(lambda x, y: np.where((x == 0) & (y == 0), np.nan, x), 5)
    order = back_to_front(relief, Camera().eye)
    missing = {(1, 1), (1, 2), (2, 1), (2, 2)}
    cells = {(row, column) for row in range(4) for column in range(4)}
    assert {tuple(cell) for cell in order.tolist()} == cells - missing


points = st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=2, max_size=12)


@given(points)
def test_a_draped_path_lies_on_the_surface_and_bends_at_every_line_of_the_grid(given):
    relief, path = relief_over(bowl, 9), np.array(given)
    draped = drape(relief, path)
    places = relief.standing(draped)
    for (x, y), height in zip(draped, places[:, 2], strict=True):
        column, row = min(int((x + 2) * 2), 7), min(int((y + 2) * 2), 7)
        right, up = (x + 2) * 2 - column, (y + 2) * 2 - row
        below = (1 - right) * bowl(column / 2 - 2, row / 2 - 2)
        below += right * bowl(column / 2 - 1.5, row / 2 - 2)
        above = (1 - right) * bowl(column / 2 - 2, row / 2 - 1.5)
        above += right * bowl(column / 2 - 1.5, row / 2 - 1.5)
        expected = (1 - up) * below + up * above
        assert height == pytest.approx(expected / 10 * TALL, abs=1e-9)
    for axis in (0, 1):
        low = np.minimum(draped[:-1, axis], draped[1:, axis]) * 2
        high = np.maximum(draped[:-1, axis], draped[1:, axis]) * 2
        assert (np.ceil(high - 1e-6) - np.floor(low + 1e-6) <= 1).all()
    for point in path:
        assert np.isclose(draped, point).all(1).any()


def test_a_path_is_cut_where_it_leaves_the_surface_or_is_nowhere():
    relief = relief_over(bowl, 9)
    draped = drape(relief, np.array([(0.0, 0.1), (1e9, 0.1), (np.nan, np.nan), (0.5, 0.1)]))
    places = relief.standing(draped)
    seen = np.isfinite(places).all(1)
    assert draped[seen][:, 0].max() == pytest.approx(2.0)
    assert seen[0]
    assert seen[-1]
    assert (~seen).sum() == 2


def test_contours_stand_at_the_heights_of_the_levels_over_their_lines_on_the_floor():
    choice = SurfaceChoice()
    choice.show_quantity("loss", is_log=False)
    stage = stage_of(survey_of(bowl, SQUARE, paths=()).surface, choice)
    upper, lower = stage.level_lines, stage.floor_lines
    seen = np.isfinite(upper).all(1)
    np.testing.assert_array_equal(upper[seen][:, :2], lower[seen][:, :2])
    assert set(lower[seen][:, 2]) == {FLOOR}
    x, y = 2 * upper[seen][:, 0], 2 * upper[seen][:, 1]
    low, high = stage.relief.limits
    expected = (bowl(x, y) - low) / (high - low) * TALL
    np.testing.assert_allclose(upper[seen][:, 2], expected, atol=0.012)
    assert len(set(upper[seen][:, 2].round(9))) > 4


def test_what_explodes_is_cut_off_flat_and_what_is_not_finite_is_a_hole():
    surface = survey_of(bowl, SQUARE, 33, paths=()).surface
    loss = surface.loss.copy()
    loss[-1, -1], loss[3, 4] = 1e30, np.nan
    choice = SurfaceChoice()
    choice.show_quantity("loss", is_log=False)
    relief = stage_of(replace(surface, loss=loss), choice).relief
    assert relief.share[-1, -1] == 1
    assert relief.limits[1] <= 10
    assert np.isnan(relief.share[3, 4])
    assert np.isfinite(relief.share).sum() == 33 * 33 - 1


@pytest.mark.parametrize("quads", [16, 40, 64, 96])
def test_a_coarser_or_finer_mesh_is_the_same_shape(quads):
    relief = relief_over(lambda x, y: np.sin(x) * np.cos(y), 33)
    mesh = relief.remeshed(quads)
    assert mesh.drawn.shape == (quads + 1, quads + 1)
    assert (mesh.x[0], mesh.x[-1], mesh.y[0], mesh.y[-1]) == (-2, 2, -2, 2)
    x, y = np.meshgrid(mesh.x, mesh.y)
    np.testing.assert_allclose(mesh.drawn, np.sin(x) * np.cos(y), atol=0.004)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_an_axis_has_few_round_values(low, span):
    found = ticks(low, low + span)
    assert 1 <= len(found) <= 6
    assert all(-1e-6 <= tick.share <= 1 + 1e-6 for tick in found)
    apart = np.diff([tick.share for tick in found]) * span
    if len(apart):
        assert np.ptp(apart) <= 1e-6 * max(abs(low), span)
        part = apart[0] / 10 ** math.floor(math.log10(apart[0]) + 1e-6)
        assert min(abs(part - nice) for nice in (1, 2, 5)) < 1e-3
    assert len({tick.text for tick in found}) == len(found)


@given(st.floats(-8, 6), st.floats(0.01, 12))
def test_a_logarithmic_axis_has_few_round_values_too(low, span):
    found = log_ticks(low, low + span)
    assert 1 <= len(found) <= 6
    for tick in found:
        written = float(tick.text.replace(",", ""))
        assert math.log10(written) == pytest.approx(low + span * tick.share, abs=0.01 * span + 1e-6)


@pytest.fixture
def show(qtbot):
    """The view of a survey; linear, so that heights are the losses."""

    def made(survey, size=(640, 520), *, painted=True):
        bridge = FakeBridge(snapshot_of(PRESETS[FIRST].spec))
        bridge.surface_choice.show_quantity("loss", is_log=False)
        bridge.survey = survey
        view = Surface3D(bridge)
        qtbot.addWidget(view)
        view.resize(*size)
        view.show()
        qtbot.waitExposed(view)
        if painted:
            view.canvas.set_mode(PAINTED)
        return view, bridge

    return made


def pixel_of(view, point):
    """Where a point of the plane is drawn, on the surface."""
    stage = view.canvas.scene.stage
    x, y, _ = view.canvas.projection.to_screen(stage.relief.standing(np.array([point]))[0])
    return QPoint(round(x), round(y))


def hover(view, position):
    QTest.mouseMove(view.canvas, position + QPoint(40, 40))
    QTest.mouseMove(view.canvas, position)


def drag(view, start, end):
    QTest.mousePress(view.canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(view.canvas, (start + end) / 2)
    QTest.mouseMove(view.canvas, end)
    QTest.mouseRelease(view.canvas, Qt.MouseButton.LeftButton, pos=end)


def image_of(view):
    return view.canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def array_of(image):
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def test_without_a_surface_it_says_what_to_do_or_what_is_amiss(show, qtbot):
    view, bridge = show(Survey())
    assert view.empty.isVisible()
    assert "Choose a plane" in view.empty.text()
    bridge.present_survey(Survey(1, SurveyRequest()))
    qtbot.waitUntil(lambda: "being computed" in view.empty.text())
    trouble = Sentence("There is no room for {points} points.", "Choose fewer.", points=9)
    bridge.present_survey(Survey(2, SurveyRequest(), trouble=trouble))
    qtbot.waitUntil(lambda: view.empty.text() == "There is no room for 9 points. Choose fewer.")
    assert not view.tools.copy.isEnabled()


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_the_surface_is_painted_in_its_colours_with_light_on_them(show, qapp, qtbot, choice):
    before = qapp.property("chainruleTheme")
    theme.apply(qapp, choice)
    try:
        view, _ = show(survey_of(bowl, SQUARE, 33, paths=(), plane=plane_of(marks=())))
        canvas, stage = view.canvas, view.canvas.scene.stage
        qtbot.waitUntil(lambda: not canvas._rest.isActive())
        shown, projection = array_of(image_of(view)), canvas.projection
        expected = lit(stage.relief, canvas.camera) * 255
        errors = []
        for row, column in ((16, 16), (14, 18), (18, 14), (20, 20), (12, 12), (17, 21), (9, 16)):
            place = stage.relief.places[row, column]
            assert not hidden(stage.relief, place[None], projection, 40)[0]
            x, y, _ = projection.to_screen(place).round().astype(int)
            errors.append(np.abs(shown[y, x] - expected[row, column]).max())
        assert np.median(errors) < 12
    finally:
        theme.apply(qapp, before or "system")


def test_dragging_turns_and_a_click_does_not(show):
    view, bridge = show(survey_of(bowl, SQUARE, 17))
    before = view.canvas.camera
    drag(view, QPoint(300, 200), QPoint(302, 200))
    assert view.canvas.camera == before
    drag(view, QPoint(300, 200), QPoint(400, 160))
    after = view.canvas.camera
    assert after.azimuth < before.azimuth
    assert after.elevation < before.elevation
    assert [sent for sent in bridge.sent if not isinstance(sent, ShowSurface)] == []


def test_the_eye_stays_above_the_floor_and_goes_around_as_often_as_one_likes():
    camera = Camera()
    for _ in range(100):
        camera = camera.turned(0.5, -0.3)
    assert 0 < camera.elevation < math.radians(10)
    assert abs(camera.azimuth) <= math.pi
    assert camera.turned(0, 9).elevation < math.pi / 2


def test_the_wheel_zooms_and_a_double_click_shows_everything_again(show):
    view, _ = show(survey_of(bowl, SQUARE, 17))
    first = view.canvas.camera
    position = QPointF(300, 200)
    for _ in range(3):
        wheel = QWheelEvent(
            position,
            view.canvas.mapToGlobal(position),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QGuiApplication.sendEvent(view.canvas, wheel)
    assert view.canvas.camera.zoom == pytest.approx(first.zoom * 1.15**3)
    drag(view, QPoint(300, 200), QPoint(400, 160))
    QTest.mouseDClick(view.canvas, Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert view.canvas.camera == first


def test_arrow_keys_turn_plus_and_minus_zoom_and_home_resets(show, qtbot):
    view, _ = show(survey_of(bowl, SQUARE, 17))
    first = view.canvas.camera
    qtbot.keyClick(view.canvas, Qt.Key.Key_Left)
    assert view.canvas.camera.azimuth < first.azimuth
    qtbot.keyClick(view.canvas, Qt.Key.Key_Right)
    assert view.canvas.camera.azimuth == pytest.approx(first.azimuth)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Up)
    assert view.canvas.camera.elevation > first.elevation
    qtbot.keyClick(view.canvas, Qt.Key.Key_Plus)
    assert view.canvas.camera.zoom > first.zoom
    qtbot.keyClick(view.canvas, Qt.Key.Key_Minus)
    assert view.canvas.camera.zoom == pytest.approx(first.zoom)
    qtbot.keyClick(view.canvas, Qt.Key.Key_Home)
    assert view.canvas.camera == first


def test_the_place_under_the_pointer_is_shared_with_the_other_picture(show):
    view, bridge = show(survey_of(bowl, SQUARE, 33, paths=()))
    hover(view, pixel_of(view, (0.5, -0.25)))
    assert bridge.surface_choice.point == (0.5, -0.25)
    assert bridge.surface_choice.moment is None
    assert view.reading.text() == "x 0.5000, y −0.2500 · Loss 0.2500"
    QGuiApplication.sendEvent(view.canvas, QEvent(QEvent.Type.Leave))
    assert bridge.surface_choice.point is None
    assert view.reading.text() == ""


def test_a_place_pointed_at_in_the_other_picture_is_marked_here(show):
    view, bridge = show(survey_of(bowl, SQUARE, 33, paths=(), plane=plane_of(marks=())))
    before = array_of(image_of(view))
    bridge.surface_choice.point_at((0.5, 0.5))
    after, at = array_of(image_of(view)), pixel_of(view, (0.5, 0.5))
    changed = np.argwhere((before != after).any(-1))
    assert len(changed)
    # From the ring above the place down to the floor below it, and nothing beside.
    assert np.abs(changed[:, 1] - at.x()).max() < 30
    assert changed[:, 0].min() == pytest.approx(at.y(), abs=9)
    bridge.surface_choice.point_at((77.0, 0.5))
    np.testing.assert_array_equal(array_of(image_of(view)), before)


def test_a_click_on_a_point_of_the_runs_path_goes_to_its_step(show):
    view, bridge = show(survey_of(points=33))
    point = tuple(bridge.survey.paths[0].points[0])
    at = pixel_of(view, point)
    hover(view, at)
    assert bridge.surface_choice.moment == (-1, 0)
    assert bridge.surface_choice.point == point
    assert view.reading.text().startswith("This run, step 0")
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=at)
    assert [sent for sent in bridge.sent if not isinstance(sent, ShowSurface)] == [Visit(0)]


def test_a_runners_step_is_named_but_not_visited(show):
    view, bridge = show(race_survey())
    path = bridge.survey.paths[2]
    at = pixel_of(view, path.points[-1])
    hover(view, at)
    assert bridge.surface_choice.moment is not None
    assert bridge.surface_choice.moment[0] >= 0
    QTest.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=at)
    assert [sent for sent in bridge.sent if not isinstance(sent, ShowSurface)] == []


def test_another_quantity_or_scale_is_another_height(show):
    view, bridge = show(survey_of(bowl, SQUARE, 33, paths=()))
    assert view.canvas.scene.stage.titles[2] == "Loss"
    bridge.surface_choice.show_quantity("loss", is_log=True)
    stage = view.canvas.scene.stage
    assert stage.titles[2] == "Loss, log scale"
    assert stage.relief.drawn[0, 0] == pytest.approx(1.0)  # log10 of bowl(-2, -2)
    bridge.surface_choice.show_quantity("accuracy", is_log=True)
    assert view.canvas.scene.stage.titles[2] == "Accuracy"


@pytest.fixture
def painted(monkeypatch):
    """How many quads a side each painting of the surface had."""
    calls, paint = [], relief_canvas.paint_surface

    def counted(*arguments, **named):
        calls.append(named["quads"])
        yield from paint(*arguments, **named)

    monkeypatch.setattr(relief_canvas, "paint_surface", counted)
    return calls


def test_pointer_and_growing_paths_leave_the_surface_as_it_was_painted(show, qtbot, painted):
    survey = survey_of(points=33)
    view, bridge = show(survey)
    qtbot.waitUntil(lambda: not view.canvas._rest.isActive())
    view.canvas.grab()
    bridge.surface_choice.point_at((0.5, 0.5))
    view.canvas.grab()
    painted.clear()
    before, scene = array_of(image_of(view)), view.canvas.scene
    bridge.present_survey(replace(survey, version=2))
    qtbot.wait(120)
    assert view.canvas.scene is scene
    longer = path_of(walk(rosenbrock_slope, steps=400))
    bridge.present_survey(replace(survey, version=3, paths=(longer,)))
    qtbot.waitUntil(lambda: view.canvas.scene is not scene)
    qtbot.waitUntil(lambda: not view.canvas._rest.isActive())
    assert (array_of(image_of(view)) != before).any()
    assert painted == []


def test_while_it_turns_it_is_coarser(show, qtbot, painted):
    view, _ = show(survey_of(bowl, SQUARE, 65))
    view.canvas.turn(0.2, 0.0)
    view.canvas.grab()
    assert painted[-1] == PAINTED.moving <= 49
    qtbot.waitUntil(lambda: painted[-1] == PAINTED.resting)
    assert PAINTED.moving < PAINTED.resting <= 97


def test_a_surface_of_the_past_is_dimmed_after_a_while_and_a_new_one_is_not(show, qtbot):
    survey = survey_of(bowl, SQUARE, 33, paths=())
    view, bridge = show(survey)
    at = pixel_of(view, (0.5, 0.0))
    qtbot.waitUntil(lambda: not view.canvas._rest.isActive())
    bright = QColor(image_of(view).pixel(at))
    bridge.present_survey(replace(survey, version=2, is_stale=True))
    surface = QColor(theme.current().surface)

    def distance(colour):
        parts = zip(colour.getRgb()[:3], surface.getRgb()[:3], strict=True)
        return sum(abs(a - b) for a, b in parts)

    def share():
        return distance(QColor(image_of(view).pixel(at))) / distance(bright)

    qtbot.waitUntil(lambda: share() < 0.75)
    assert share() > 0.3
    bridge.present_survey(replace(survey, version=3))
    qtbot.waitUntil(lambda: share() > 0.95)


def test_trouble_is_said_quietly_below_the_last_good_picture(show, qtbot):
    survey = survey_of(bowl, SQUARE, 17, paths=())
    view, bridge = show(survey)
    trouble = Sentence("The two directions are parallel.", "Choose another plane.")
    bridge.present_survey(replace(survey, version=2, trouble=trouble))
    qtbot.waitUntil(lambda: view.reading.text() == "The two directions are parallel.")
    assert "Choose another plane." in view.reading.toolTip()
    assert view.canvas.isVisible()


def test_holes_infinite_paths_and_flat_ground_are_drawn(show, qtbot):
    steps = walk(rosenbrock_slope)
    steps[-3:] = np.nan
    lost = path_of(steps)

    def holey(x, y):
        return np.where(x > 1, np.nan, rosenbrock(x, y))

    view, bridge = show(survey_of(holey, paths=(lost,)))
    for survey in (
        survey_of(lambda x, y: 0 * x, paths=()),
        survey_of(lambda x, y: np.full_like(x, np.nan), paths=()),
        survey_of(lambda x, y: np.where(x > 0, 3e38, 1e-30), paths=()),
    ):
        view.canvas.grab()
        bridge.present_survey(survey)
        qtbot.waitUntil(lambda: view.canvas.scene.stage.surface is bridge.survey.surface)
        view.canvas.grab()


def test_who_has_turned_the_surface_keeps_the_side_that_they_chose(show, qtbot):
    survey = survey_of(points=17)
    view, bridge = show(survey)
    view.canvas.turn(0.4, 0.1)
    chosen = view.canvas.camera
    for version, seed in ((2, 0), (3, 1)):
        plane = replace(survey.surface.plane, plane=RandomPlane(seed))
        newer = replace(survey.surface, plane=plane)
        bridge.present_survey(replace(survey, version=version, surface=newer))
        qtbot.waitUntil(lambda: view.canvas.scene.stage.surface is bridge.survey.surface)
        assert view.canvas.camera == chosen


def test_the_copy_button_opens_its_menu_and_has_no_second_part(show):
    view, _ = show(Survey(), painted=False)
    assert view.tools.copy.popupMode() is QToolButton.ToolButtonPopupMode.InstantPopup
    texts = [action.text() for action in view.tools.copy.menu().actions()]
    assert texts == ["Copy picture", "Save picture…"]


def test_the_picture_is_copied_at_twice_the_size_with_words_beneath(show):
    view, _ = show(survey_of(bowl, SQUARE, 17))
    view.tools.copy.copy_action.trigger()
    image = QGuiApplication.clipboard().image()
    size = view.canvas.size() * 2
    assert image.width() == size.width()
    assert image.height() > size.height()
    small = array_of(image_of(view)).reshape(-1, 3).mean(0)
    large = array_of(image.copy(0, 0, size.width(), size.height())).reshape(-1, 3).mean(0)
    np.testing.assert_allclose(small, large, atol=3)
    # What the picture is of stands below it, in ink.
    below = array_of(image.copy(0, size.height(), size.width(), image.height()))
    assert below.std() > 5


def test_an_arrow_leads_out_of_the_ball_down_the_surface(show):
    path = path_of(walk(bowl_slope, (-1.6, 1.2), 0.01, 2), bowl, bowl_slope)
    with_arrow, _ = show(survey_of(bowl, SQUARE, 17, paths=(path,)))
    drawn = array_of(image_of(with_arrow))
    without, _ = show(survey_of(bowl, SQUARE, 17, paths=(replace(path, descent=None),), version=2))
    changed = np.argwhere(np.abs(drawn - array_of(image_of(without))).max(2) > 40)
    assert len(changed)
    # Towards the bowl's bottom at (0, 0), which lies from the ball where its pixel says.
    here, bottom = pixel_of(without, (-1.6, 1.2)), pixel_of(without, (0.0, 0.0))
    way = np.array([bottom.x() - here.x(), bottom.y() - here.y()], float)
    led = changed.mean(0)[::-1] - (here.x(), here.y())
    assert led @ way / np.linalg.norm(led) / np.linalg.norm(way) > 0.8


def test_without_a_display_opengl_is_not_offered(show):
    if QGuiApplication.platformName() != "offscreen":
        pytest.skip("there is a display")
    view, _ = show(survey_of(bowl, SQUARE, 17), painted=False)
    assert opengl() is None
    assert not view.tools.opengl.isVisible()
    assert view.canvas.mode is PAINTED


@pytest.fixture
def display(qapp):
    """OpenGL, which CI has under Xvfb."""
    if QGuiApplication.platformName() == "offscreen":
        pytest.skip("OpenGL needs a display")
    found = opengl()
    assert found is not None
    return found


def filled(fill, relief, projection):
    picture = QImage(480, 400, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    painter = QPainter(picture)
    for _ in fill(painter, sheet_of(relief, projection)):
        pass
    painter.end()
    return array_of(picture)


@pytest.mark.window
@pytest.mark.parametrize(
    "camera", [Camera(), Camera(2.1, 0.3), Camera(-1, 1.2), Camera(0.5, 0.6, 2)]
)
def test_opengl_and_the_painter_draw_the_same(display, camera):
    relief = relief_over(lambda x, y: np.sin(2 * x) * np.cos(y) + x / 2, 33).remeshed(96)
    projection = Projection(camera, 480, 400)
    ours = filled(fill_with_quads, relief, projection)
    theirs = filled(fill_with_opengl, relief, projection)
    apart = np.abs(ours - theirs).max(-1)
    drawn = (ours != 255).any(-1)
    assert drawn.mean() > 0.1
    assert apart[drawn].mean() < 6
    assert (apart > 60).mean() < 0.01


@pytest.mark.window
def test_opengl_draws_what_is_nearer_and_leaves_the_rest_empty(display):
    near = [(-1, -1, 0, 1, 0, 0), (1, -1, 0, 1, 0, 0), (-1, 1, 0, 1, 0, 0)]
    far = [(x, y, 0.5, 0, 0, 1) for x, y, *_ in near]
    picture = display.picture(np.array(near + far, np.float32), relief_gl.QSize(20, 10))
    assert (picture.width(), picture.height()) == (20, 10)
    assert picture.pixelColor(3, 7) == QColor(255, 0, 0)
    assert picture.pixelColor(17, 1).alpha() == 0


@pytest.mark.window
def test_opengl_draws_where_there_is_one_until_the_person_has_it_painted(show, display):
    view, _ = show(survey_of(bowl, SQUARE, 33, paths=()), painted=False)
    assert view.tools.opengl.isVisible()
    assert view.canvas.mode is OPENGL
    theirs = array_of(image_of(view))
    view.tools.opengl.setChecked(False)
    assert view.canvas.mode is PAINTED
    assert np.abs(array_of(image_of(view)) - theirs).mean() < 4


@pytest.mark.window
def test_a_surface_is_painted_when_opengl_goes_away(display, monkeypatch):
    def fail(*_):
        raise RuntimeError

    relief, projection = relief_over(bowl, 17), Projection(Camera(), 480, 400)
    monkeypatch.setattr(relief_gl.OpenGL, "picture", fail)
    theirs = filled(fill_with_opengl, relief, projection)
    np.testing.assert_array_equal(theirs, filled(fill_with_quads, relief, projection))


def test_a_path_of_two_points_is_drawn_from_every_side(show):
    longer = survey_of(points=33)
    steep = longer.paths[0]
    for start in (0, len(steep.steps) // 2):
        part = slice(start, start + 2)
        short = replace(
            steep,
            at=-1,
            steps=steep.steps[part],
            points=steep.points[part] + [[0.0, 0.0], [0.4, 0.3]],
            loss=steep.loss[part],
            foot=steep.foot[part],
            distance=steep.distance[part],
        )
        view, _ = show(replace(longer, paths=(short,)))
        for _ in range(12):
            view.canvas.turn(0.55, 0.05)
            assert not view.canvas.grab().isNull()


def test_the_relief_names_its_plane_and_leaves_the_whole_note_to_the_map(show):
    view, _ = show(survey_of(bowl, SQUARE, 17, paths=()))
    assert view.tools.title.text() == "Two random directions"
    assert "41 %" in view.tools.title.toolTip()
