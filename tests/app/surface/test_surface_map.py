from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from app.kit import theme
from app.surface.map import view as surface_map
from app.surface.map.plot import SurfacePlot
from app.surface.map.view import SurfaceMap
from app.surface.shared.paths import apart_from, nearest
from core.messages.commands import Visit
from core.messages.race import Contest, RestartRace
from core.messages.snapshot import RunState
from core.messages.surface_commands import ShowSurface, SurveyRequest, Window
from core.sentence import Sentence
from tests.app.landscapes import (
    WINDOW,
    bowl,
    bowl_slope,
    path_of,
    plane_of,
    race_survey,
    rosenbrock,
    survey_of,
    walk,
)

NOTE = (
    "Two dimensions of {count} are seen, drawn at random, each filter scaled to the length of "
    "the network's own; biases and batch norm stay. Valleys in other directions are not seen."
)


@pytest.fixture
def view(qtbot, fake_bridge):
    widget = SurfaceMap(fake_bridge)
    qtbot.addWidget(widget)
    widget.resize(700, 600)
    widget.show()
    qtbot.waitExposed(widget)
    fake_bridge.sent.clear()
    return widget


def show(qtbot, view, survey):
    """Presents it and waits until the view has drawn just this."""
    view._bridge.present_survey(survey)
    qtbot.waitUntil(lambda: view._survey is survey)
    return survey


def descent(**changed):
    """A path of eleven states down a bowl, far enough apart to be told apart on the screen."""
    return path_of(walk(bowl_slope, (-1.6, 2.4), 0.3, 10), bowl, bowl_slope, **changed)


def on_screen(view, point):
    return view.plot.pixel_of(point)


def click(qtbot, view, point, button=Qt.MouseButton.LeftButton):
    view.plot.scene()._lastHoverEvent = None
    qtbot.mouseMove(view.plot.viewport(), on_screen(view, point))
    qtbot.mouseClick(view.plot.viewport(), button, pos=on_screen(view, point))


def asked(bridge):
    return [command.request for command in bridge.sent if isinstance(command, ShowSurface)]


def seen(view):
    (left, right), (bottom, top) = view.plot.getViewBox().viewRange()
    return Window(left, right, bottom, top)


def test_before_there_is_a_surface_the_view_says_what_to_do(view):
    assert view.empty.isVisible()
    assert "Choose a plane" in view.empty.text()
    assert not view.tools.fit.isEnabled()


def test_while_the_first_surface_is_computed_the_view_says_so(qtbot, view):
    show(qtbot, view, replace(survey_of(), surface=None, paths=(), progress=0.25))
    assert "being computed" in view.empty.text()
    assert view.progress.share == 0.25


def test_where_no_surface_can_be_had_the_view_says_why(qtbot, view):
    trouble = Sentence("There are only {count} states.", "Train for some steps.", count=2)
    show(qtbot, view, replace(survey_of(), surface=None, paths=(), trouble=trouble))
    assert view.empty.text() == "There are only 2 states. Train for some steps."


def test_the_map_covers_its_window_and_nothing_else_is_in_view(qtbot, view):
    show(qtbot, view, survey_of())
    assert not view.empty.isVisible()
    assert seen(view) == WINDOW
    shown = view.plot.heat.mapRectToParent(view.plot.heat.boundingRect())
    assert shown.left() == pytest.approx(-2, abs=0.02)
    assert shown.bottom() == pytest.approx(3, abs=0.02)


def test_low_ground_has_the_first_colours_and_hills_the_last(qtbot, view):
    show(qtbot, view, survey_of(bowl, Window(-2, 2, -2, 2)))
    pixels = view.plot.heat.image
    half = len(pixels) // 2
    middle, corner = pixels[half, half].astype(int), pixels[0, 0].astype(int)
    assert middle.sum() + 300 < corner.sum()


def test_axes_note_and_samples_say_what_is_shown(qtbot, view):
    show(qtbot, view, survey_of(paths=()))
    assert view.plot.getAxis("bottom").labelText == "Direction 1"
    assert view.plot.getAxis("left").labelText == "Direction 2"
    assert view.note.text().startswith("Two random directions (seed 0)")
    assert "41 %" in view.note.toolTip()
    assert view.samples.text() == "Loss over 500 of 500 samples, step 40"


def test_a_shorter_name_stands_in_the_middle_of_its_axis_too(qtbot, view):
    plot = view.findChild(SurfacePlot)
    for name in ("Direction 1", "x"):
        plot._names = (name, name)
        plot._label_axes()
    label = plot.getAxis("bottom").label
    middle = label.pos().x() + label.boundingRect().width() / 2
    assert middle == pytest.approx(plot.getAxis("bottom").size().width() / 2, abs=1)


def test_a_function_has_no_samples_to_speak_of(qtbot, view):
    show(qtbot, view, race_survey())
    assert view.samples.text() == ""


def test_contours_carry_the_value_of_the_surface_under_them(qtbot, view):
    show(qtbot, view, survey_of())
    contours = view.plot.contours
    assert 8 <= len(contours.levels) <= 12
    for level, text, parts in zip(contours.levels, contours._texts, contours.lines, strict=True):
        assert float(text.replace(",", "")) == pytest.approx(level.value)
        for x, y in (point for line in parts for point in line):
            if level.value >= 3:  # the deep valley is narrower than the grid
                assert rosenbrock(x, y) == pytest.approx(level.value, rel=0.25, abs=0.5)


def test_contours_are_labelled_and_can_be_left_out(qtbot, view):
    show(qtbot, view, survey_of())
    qtbot.waitUntil(lambda: len(view.plot.contours.labels) >= 5)
    view.tools.contours.setChecked(False)
    assert not any(view.plot.contours.lines)


def test_arrows_point_downhill_where_they_are_wanted(qtbot, view):
    show(qtbot, view, survey_of(bowl, Window(-2, 2, -2, 2)))
    assert not len(view.plot.arrows.points)
    view.tools.arrows.setChecked(True)
    points, ways = view.plot.arrows.points, view.plot.arrows.directions
    assert len(points) == 144
    # The axes of the plane are equally long, so that downhill is against the slope.
    slopes = np.stack(bowl_slope(*points.T), -1)
    cosines = (
        (ways * -slopes).sum(1) / np.linalg.norm(ways, axis=1) / np.linalg.norm(slopes, axis=1)
    )
    assert (cosines > 0.95).all()


def test_the_colours_are_explained_by_the_contours_values(qtbot, view):
    show(qtbot, view, survey_of())
    legend = view.plot.legend
    assert legend.name == "Loss"
    assert "100" in [text for _, text in legend.ticks]
    shares = [share for share, _ in legend.ticks]
    assert shares == sorted(shares)


def test_a_survey_that_was_drawn_is_not_drawn_again(qtbot, view, monkeypatch):
    survey = show(qtbot, view, survey_of())
    drawn = []
    monkeypatch.setattr(surface_map, "drawing_of", lambda *rest, **more: drawn.append(rest))
    view.show_survey(survey)
    show(qtbot, view, replace(survey, version=2, progress=0.5))
    assert drawn == []
    assert view.progress.share == 0.5


def test_other_paths_on_the_same_surface_leave_its_colours_alone(qtbot, view, monkeypatch):
    survey = show(qtbot, view, survey_of())
    monkeypatch.setattr(surface_map, "drawing_of", None)
    paths = (descent(),)
    show(qtbot, view, replace(survey, version=2, paths=paths))
    assert view.plot.paths.paths is paths


def test_the_landscape_is_surveyed_while_the_view_is_on_the_screen(view, fake_bridge):
    view.hide()
    assert fake_bridge.sent == [ShowSurface(None)]
    view.show()
    assert fake_bridge.sent[-1] == ShowSurface(fake_bridge.surface_choice.request)


def test_nothing_is_drawn_for_nobody(qtbot, view):
    view.hide()
    survey = survey_of()
    view._bridge.present_survey(survey)
    assert view._survey is not survey
    view.show()
    assert view._survey is survey


def test_a_picture_of_the_past_is_dimmed_after_a_while_and_cleared_at_once(qtbot, view):
    survey = show(qtbot, view, survey_of(is_stale=True))
    assert not view.plot.veil.isVisible()
    qtbot.waitUntil(lambda: view.plot.veil.isVisible() and view._dimmer.strength > 0.3)
    show(qtbot, view, replace(survey, version=2, is_stale=False))
    qtbot.waitUntil(lambda: not view.plot.veil.isVisible())


def test_a_picture_that_is_soon_replaced_never_flickers(qtbot, view):
    survey = show(qtbot, view, survey_of(is_stale=True))
    show(qtbot, view, replace(survey, version=2, is_stale=False))
    qtbot.wait(350)
    assert not view.plot.veil.isVisible()


def test_trouble_is_said_over_the_last_good_picture(qtbot, view):
    survey = show(qtbot, view, survey_of())
    trouble = Sentence("The two directions are parallel.", "Choose others.")
    show(qtbot, view, replace(survey, version=2, trouble=trouble))
    assert view.trouble.isVisible()
    assert view.trouble.text() == "The two directions are parallel. Choose others."
    assert view.plot.rect().contains(view.trouble.geometry())
    show(qtbot, view, survey)
    assert not view.trouble.isVisible()


def test_pointing_reads_place_and_loss_to_four_digits(qtbot, view):
    show(qtbot, view, survey_of(lambda x, y: 3 + x * y, paths=()))
    view.plot.pointed.emit((0.5, 1.25))
    assert view._bridge.surface_choice.point == (0.5, 1.25)
    assert view._pointer.card.text() == "x 0.5000, y 1.250\nLoss 3.625"
    view.plot.pointed.emit(None)
    assert not view._pointer.card.isVisible()
    assert view._bridge.surface_choice.point is None


def test_the_mouse_points(qtbot, view):
    show(qtbot, view, survey_of(bowl, paths=()))
    view.plot.scene().sigMouseMoved.emit(view.plot.getViewBox().mapViewToScene(QPointF(0.5, 1.0)))
    assert view._bridge.surface_choice.point == pytest.approx((0.5, 1.0), abs=0.01)
    assert view._pointer.card.isVisible()
    assert view.plot.legend._mark == pytest.approx(view._drawing.share_of(bowl(0.5, 1.0)), abs=0.02)


def test_a_step_near_the_pointer_tells_its_own_loss_and_what_the_slice_makes_of_it(qtbot, view):
    path = descent(off=0.3)
    show(qtbot, view, survey_of(bowl, paths=(path,)))
    last = len(path.steps) - 1
    x, y = path.points[last]
    view.plot.pointed.emit((float(x), float(y)))
    assert view._bridge.surface_choice.moment == (-1, last)
    text = view._pointer.card.text()
    assert text.startswith("This run, step 10\nThis step's own loss ")
    assert "the slice shows" in text
    assert text.endswith("0.9000 off the plane")


def test_a_slice_that_tells_the_truth_is_not_blamed(qtbot, view):
    path = descent()
    show(qtbot, view, survey_of(bowl, paths=(path,)))
    view.plot.pointed.emit(tuple(map(float, path.points[0])))
    own = bowl(-1.6, 2.4)
    assert view._pointer.card.text() == f"This run, step 0\nLoss {own:.2f}, on the slice {own:.2f}"


def test_a_step_is_met_within_twelve_pixels_and_the_newest_of_several():
    path = descent()
    x, y = path.points[4]
    assert nearest((path,), apart_from((x + 11.9, y), (1.0, 1.0)), 12.0) is not None
    assert nearest((path,), apart_from((x, y + 0.11), (100.0, 100.0)), 12.0).step == 4
    assert nearest((path,), apart_from((x, y + 0.13), (100.0, 100.0)), 12.0) is None
    still = path_of(np.zeros((6, 2)), bowl, bowl_slope)
    assert nearest((still,), apart_from((0.0, 0.0), (1.0, 1.0)), 12.0).step == 4


def test_a_run_looked_at_in_its_past_stands_there_with_the_way_it_took_ahead(qtbot, view):
    path = descent(at=3)
    show(qtbot, view, survey_of(bowl, paths=(path,)))
    accent = QColor(theme.current().accent)
    ball = colour_under(view, tuple(map(float, path.points[3])))
    assert abs(ball.hslHue() - accent.hslHue()) < 15
    gone_on = view.plot.marks._paths[0]
    assert len(gone_on) == 4
    click(qtbot, view, tuple(map(float, path.points[5])))
    assert view._bridge.sent == [Visit(5)]


def test_what_the_other_picture_points_at_is_shown(qtbot, view):
    path = descent()
    show(qtbot, view, survey_of(bowl, paths=(path,)))
    view._bridge.surface_choice.point_at((0.5, 1.0), None)
    assert view.plot.pointer.point == (0.5, 1.0)
    view._bridge.surface_choice.point_at(None, (-1, 3))
    assert view.plot.pointer.met == pytest.approx(tuple(path.points[3]))
    assert view._pointer.card.text().startswith("This run, step 3")


def test_clicking_a_step_of_the_run_goes_there(qtbot, view, fake_bridge):
    path = descent()
    show(qtbot, view, survey_of(bowl, paths=(path,)))
    click(qtbot, view, tuple(map(float, path.points[2])))
    assert fake_bridge.sent == [Visit(2)]


def test_clicking_elsewhere_or_on_a_runner_goes_nowhere(qtbot, view, fake_bridge):
    path = descent(id=3)
    show(qtbot, view, survey_of(bowl, paths=(path,)))
    with qtbot.assertNotEmitted(view.picked):
        click(qtbot, view, tuple(map(float, path.points[2])))
        click(qtbot, view, (1.5, -0.5))
    assert fake_bridge.sent == []


def test_a_click_where_a_race_is_shown_is_passed_on(qtbot, view):
    show(qtbot, view, race_survey())
    with qtbot.waitSignal(view.picked) as heard:
        click(qtbot, view, (1.5, -0.5))
    assert heard.args == pytest.approx([1.5, -0.5], abs=0.02)


def test_only_where_there_is_a_race_one_can_be_started_here(qtbot, view, fake_bridge):
    survey = show(qtbot, view, survey_of())
    assert not view.tools.start.isVisible()
    assert view._gestures.menu_for((0, 0)).actions()[0].text() == "Fit"
    fake_bridge.present_contest(Contest(arena="rosenbrock"))
    assert view.tools.start.isVisible()
    fake_bridge.present_contest(Contest())
    assert not view.tools.start.isVisible()
    show(qtbot, view, replace(survey, version=2, request=SurveyRequest(subject="race")))
    assert view.tools.start.isVisible()


def test_the_menu_starts_the_race_where_it_was_asked_for(qtbot, view, fake_bridge):
    show(qtbot, view, race_survey())
    menus = []
    view.plot.menu_asked.disconnect()
    view.plot.menu_asked.connect(lambda point, _: menus.append(view._gestures.menu_for(point)))
    from PySide6.QtGui import QContextMenuEvent

    at = on_screen(view, (0.5, 2.0))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.plot.mapToGlobal(at))
    QApplication.sendEvent(view.plot.viewport(), event)
    start = menus[0].actions()[0]
    assert start.text() == "Start the race here"
    start.trigger()
    assert isinstance(fake_bridge.sent[-1], RestartRace)
    assert fake_bridge.sent[-1].point == pytest.approx((0.5, 2.0), abs=0.02)


def test_the_button_starts_the_race_at_the_next_click_only(qtbot, view, fake_bridge):
    show(qtbot, view, race_survey())
    qtbot.mouseClick(view.tools.start, Qt.MouseButton.LeftButton)
    click(qtbot, view, (0.5, 2.0))
    assert fake_bridge.sent[-1].point == pytest.approx((0.5, 2.0), abs=0.02)
    assert not view.tools.start.isChecked()
    click(qtbot, view, (0.0, 1.0))
    assert len(fake_bridge.sent) == 1


def test_escape_takes_the_button_back(qtbot, view, fake_bridge):
    show(qtbot, view, race_survey())
    view.tools.start.setChecked(True)
    qtbot.keyClick(view.plot, Qt.Key.Key_Escape)
    assert not view.tools.start.isChecked()
    assert fake_bridge.sent == []


def wheel(view, point, notches=1):
    at = QPointF(on_screen(view, point))
    event = QWheelEvent(
        at, QPointF(view.plot.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip
    QApplication.sendEvent(view.plot.viewport(), event)


def test_the_wheel_zooms_about_the_pointer_at_once_and_asks_after_a_rest(qtbot, view, fake_bridge):
    survey = show(qtbot, view, survey_of(bowl, paths=()))
    for _ in range(3):
        wheel(view, (1.0, 2.0))
    near = seen(view)
    assert near.width < WINDOW.width
    # What lies under the pointer stays there.
    across, up = (1.0 - near.left) / near.width, (2.0 - near.bottom) / near.height
    assert (across, up) == pytest.approx((0.75, 0.75), abs=0.02)
    assert asked(fake_bridge) == []
    qtbot.waitUntil(lambda: bool(asked(fake_bridge)))
    assert asked(fake_bridge) == [replace(survey.request, window=near)]
    qtbot.wait(200)
    assert len(asked(fake_bridge)) == 1


def test_dragging_moves_the_range_and_asks_once(qtbot, view, fake_bridge):
    show(qtbot, view, survey_of(bowl, paths=()))
    viewport = view.plot.viewport()
    start, steps = on_screen(view, (0.0, 1.0)), QPoint(20, 0)
    qtbot.mouseMove(viewport, start)
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    for count in range(1, 6):
        qtbot.wait(15)  # pyqtgraph passes over movements that follow one another faster
        drag_to(viewport, start + steps * count)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=start + steps * 5)
    qtbot.waitUntil(lambda: bool(asked(fake_bridge)))
    (request,) = asked(fake_bridge)
    assert request.window.left < -2
    assert request.window.width == pytest.approx(4)
    assert not [command for command in fake_bridge.sent if isinstance(command, Visit)]


def drag_to(viewport, pos):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(
        QEvent.Type.MouseMove, QPointF(pos), QPointF(viewport.mapToGlobal(pos)), left, left, none
    )
    QApplication.sendEvent(viewport, event)


def test_older_surveys_do_not_throw_the_range_back(qtbot, view, fake_bridge):
    survey = show(qtbot, view, survey_of(bowl, paths=()))
    view.plot.pan(0.5, 0.0)
    show(qtbot, view, replace(survey, version=2, is_stale=True))
    assert seen(view).left == pytest.approx(0.0)
    qtbot.waitUntil(lambda: len(asked(fake_bridge)) == 1)
    show(qtbot, view, replace(survey, version=3, surface=survey_of(bowl).surface))
    view.plot.pan(0.5, 0.0)
    qtbot.waitUntil(lambda: len(asked(fake_bridge)) == 2)
    show(qtbot, view, replace(survey, version=4, request=asked(fake_bridge)[0], is_stale=True))
    assert seen(view).left == pytest.approx(2.0)
    show(qtbot, view, replace(survey, version=5, request=asked(fake_bridge)[1]))
    assert seen(view) == asked(fake_bridge)[1].window
    assert asked(fake_bridge)[1].window.left == pytest.approx(2.0)


def test_a_range_that_somebody_else_asked_for_is_shown(qtbot, view, fake_bridge):
    survey = show(qtbot, view, survey_of(bowl, paths=()))
    other = Window(-0.5, 0.5, 0.0, 1.0)
    show(qtbot, view, replace(survey, version=2, request=replace(survey.request, window=other)))
    assert seen(view) == other
    assert fake_bridge.sent == []


def test_a_surface_that_follows_the_training_takes_the_range_along(qtbot, view):
    show(qtbot, view, survey_of(bowl, paths=()))
    moved = Window(-1.0, 3.0, 0.0, 4.0)
    show(qtbot, view, survey_of(bowl, moved, paths=(), request=SurveyRequest(), version=2))
    assert seen(view) == moved


def test_a_double_click_fits(qtbot, view, fake_bridge):
    window = Window(0, 1, 0, 1)
    fake_bridge.surface_choice.change(window=window)
    (request,) = asked(fake_bridge)
    fake_bridge.sent.clear()
    show(qtbot, view, survey_of(bowl, window, paths=(), request=request))
    qtbot.mouseDClick(view.plot.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(300, 200))
    assert asked(fake_bridge) == [replace(request, window=None)]
    show(qtbot, view, survey_of(bowl, paths=(), request=asked(fake_bridge)[0], version=2))
    assert seen(view) == WINDOW


def test_fitting_what_is_fitted_comes_back_at_once(qtbot, view):
    show(qtbot, view, survey_of(bowl, paths=()))
    view.plot.pan(0.3, 0.3)
    qtbot.mouseClick(view.tools.fit, Qt.MouseButton.LeftButton)
    assert seen(view) == WINDOW


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Qt.Key.Key_Left, Window(-2.4, 1.6, -1, 3)),
        (Qt.Key.Key_Right, Window(-1.6, 2.4, -1, 3)),
        (Qt.Key.Key_Up, Window(-2, 2, -0.6, 3.4)),
        (Qt.Key.Key_Down, Window(-2, 2, -1.4, 2.6)),
        (Qt.Key.Key_Plus, Window(-1.6, 1.6, -0.6, 2.6)),
        (Qt.Key.Key_Minus, Window(-2.5, 2.5, -1.5, 3.5)),
    ],
)
def test_keys_move_and_zoom_and_home_fits(qtbot, view, fake_bridge, key, expected):
    show(qtbot, view, survey_of(bowl, paths=()))
    qtbot.keyClick(view.plot, key)
    for part in ("left", "right", "bottom", "top"):
        assert getattr(seen(view), part) == pytest.approx(getattr(expected, part))
    qtbot.waitUntil(lambda: bool(asked(fake_bridge)))
    qtbot.keyClick(view.plot, Qt.Key.Key_Home)
    assert asked(fake_bridge)[-1].window is None


def test_only_what_there_is_can_be_chosen(qtbot, view):
    show(qtbot, view, survey_of(bowl, paths=(), accuracy=False))
    assert not view.tools.quantity.isVisible()
    show(qtbot, view, survey_of(bowl, paths=(), penalty=0.5, version=2))
    box = view.tools.quantity
    assert box.isVisible()
    assert [box.itemText(row) for row in range(box.count())] == [
        "Loss", "Loss with penalties", "Accuracy",
    ]  # fmt: skip


def test_choosing_a_quantity_or_a_scale_is_shared_with_the_other_picture(qtbot, view, fake_bridge):
    show(qtbot, view, survey_of(bowl, paths=()))
    box = view.tools.quantity
    box.setCurrentIndex(box.findData("accuracy"))
    box.activated.emit(box.currentIndex())
    assert fake_bridge.surface_choice.quantity == "accuracy"
    assert view.plot.legend.name == "Accuracy"
    fake_bridge.surface_choice.show_quantity("loss", is_log=False)
    assert view.plot.legend.name == "Loss"
    assert not view.tools.log.isChecked()
    view.tools.log.setChecked(True)
    assert fake_bridge.surface_choice.is_log


def test_without_a_useful_logarithm_there_is_no_choice_of_it(qtbot, view):
    show(qtbot, view, survey_of(lambda x, y: x + y, paths=()))
    assert not view.tools.log.isEnabled()
    assert "below zero" in view.tools.log.toolTip()
    assert view._drawing.limits == pytest.approx((-3, 5), rel=0.2)


@pytest.mark.parametrize("function", [
    lambda x, y: np.full_like(x, np.nan),
    lambda x, y: np.full_like(x, np.inf),
    lambda x, y: np.zeros_like(x),
    lambda x, y: np.where(x > 0, np.nan, 10.0 ** (20 * (y + 1))),
])  # fmt: skip
@pytest.mark.parametrize("points", [5, 17])
def test_any_surface_can_be_painted(qtbot, view, function, points):
    view.tools.arrows.setChecked(True)
    show(qtbot, view, survey_of(function, points=points, paths=()))
    view._settled()
    view.plot.pointed.emit((0.5, 1.0))
    view.grab()
    assert seen(view) == WINDOW


def test_a_path_that_left_every_bound_is_no_harm(qtbot, view):
    path = descent()
    points = path.points.copy()
    points[-2:] = np.nan
    broken = replace(path, points=points, next=(np.nan, np.inf))
    show(qtbot, view, survey_of(bowl, paths=(broken,), plane=survey_of().surface.plane))
    view._settled()
    view.grab()
    view.plot.pointed.emit((0.0, 0.0))
    assert view._bridge.surface_choice.moment is None or view._bridge.surface_choice.moment[1] < 9


def colour_under(view, point):
    picture = view.grab().toImage()
    at = view.plot.mapTo(view, on_screen(view, point))
    return QColor(picture.pixel(at))


def test_the_ball_stands_where_the_run_stands_in_its_colour(qtbot, view):
    path = descent()
    show(qtbot, view, survey_of(bowl, paths=(path,)))
    found = colour_under(view, tuple(map(float, path.points[-1])))
    accent = QColor(theme.current().accent)
    assert abs(found.hslHue() - accent.hslHue()) < 15


def test_another_theme_is_taken(qtbot, view, qapp):
    show(qtbot, view, survey_of(bowl, paths=()))
    before = colour_under(view, (0.0, 0.0))
    theme.apply(qapp, "dark" if not theme.current().dark else "light")
    try:
        qtbot.waitUntil(lambda: colour_under(view, (0.0, 0.0)) != before, timeout=3000)
    finally:
        theme.apply(qapp, "light")


def test_the_picture_can_be_copied(qtbot, view):
    show(qtbot, view, survey_of())
    QGuiApplication.clipboard().clear()
    view.tools.copy.copy_action.trigger()
    copied = QGuiApplication.clipboard().image()
    assert copied.width() == 2 * view._picture.width()


def test_the_picture_can_be_saved(qtbot, view, tmp_path, monkeypatch):
    show(qtbot, view, survey_of())
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "valley"), ""))
    view.tools.copy.save_action.trigger()
    assert (tmp_path / "valley.png").read_bytes().startswith(b"\x89PNG")
    assert not view.trouble.isVisible()


def test_a_picture_that_cannot_be_saved_says_so(qtbot, view, tmp_path, monkeypatch):
    show(qtbot, view, survey_of())
    nowhere = tmp_path / "missing" / "valley.png"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(nowhere), ""))
    view.tools.copy.save_action.trigger()
    assert view.trouble.isVisible()
    assert str(nowhere) in view.trouble.text()


def test_everything_that_can_be_used_has_a_name_and_says_what_it_does(view):
    tools = view.tools
    for widget in (tools.quantity, tools.log, tools.contours, tools.arrows, tools.start, tools.fit,
                   tools.copy):  # fmt: skip
        assert widget.objectName().startswith("surface.")
        assert widget.toolTip()
        assert widget.accessibleName() or widget.text()
    assert view.plot.accessibleName()
    assert view.plot.focusPolicy() == Qt.FocusPolicy.StrongFocus


def test_a_range_dragged_off_to_where_nothing_can_be_drawn_comes_back(qtbot, view, fake_bridge):
    show(qtbot, view, survey_of(bowl, paths=()))
    view.plot.show_window(Window(1e15, 1e15 + 4, -1, 3))
    view.plot.zoomed.emit()
    qtbot.waitUntil(lambda: seen(view) == WINDOW)
    assert asked(fake_bridge) == []
    assert "cannot be drawn" in view.trouble.text()
    assert view.trouble.isVisible()
    # What can be drawn is asked for, and there is nothing more to say.
    view.plot.zoom(0.5)
    qtbot.waitUntil(lambda: len(asked(fake_bridge)) == 1)
    assert not view.trouble.isVisible()


def test_the_longest_note_is_read_whole_in_a_narrow_dock(qtbot, view):
    note = Sentence(NOTE, count=13002)
    view.resize(440, 600)
    show(qtbot, view, survey_of(plane=plane_of(note=note), paths=()))
    qtbot.waitUntil(lambda: view.note.height() >= 2 * view.note.fontMetrics().lineSpacing())
    assert " ".join(view.note.lines) == NOTE.format(count=13002)
    needed = len(view.note.lines) * view.note.fontMetrics().lineSpacing()
    assert view.note.height() >= needed


def test_the_picture_keeps_its_height_while_the_numbers_of_a_note_change(qtbot, view):
    def height(survey):
        show(qtbot, view, survey)
        qtbot.wait(20)
        return view.plot.height()

    template = "{number} " * 30
    long, short = (Sentence(template, number=number) for number in ("0.1234", "1"))
    tall = height(survey_of(plane=plane_of(note=long)))
    assert height(survey_of(version=2, plane=plane_of(note=short))) == tall
    assert height(survey_of(version=3, plane=plane_of(note=Sentence("Short.")))) > tall


def test_the_wheel_stops_at_the_largest_range_and_nothing_moves_sideways(qtbot, view):
    show(qtbot, view, survey_of(bowl, paths=()))
    view.plot.show_window(Window(-2e11, 2e11, -2e11, 2e11))
    for _ in range(40):
        wheel(view, (1e11, 5e10), -1)
    end = seen(view)
    assert end.width <= 1e12
    for _ in range(5):
        wheel(view, (1e11, 5e10), -1)
    assert seen(view) == end


def test_a_resting_pointer_reads_the_place_that_lies_under_it_now(qtbot, view, fake_bridge):
    show(qtbot, view, survey_of(bowl, paths=()))
    view.plot.scene().sigMouseMoved.emit(view.plot.mapToScene(on_screen(view, (1.0, 2.0))))
    assert fake_bridge.surface_choice.point == pytest.approx((1.0, 2.0), abs=0.03)
    view.plot.show_window(Window(-1, 3, 0, 4))  # by one to the right and up
    assert fake_bridge.surface_choice.point == pytest.approx((2.0, 3.0), abs=0.03)


def test_who_comes_by_key_sees_where_the_keys_go(qtbot, view):
    show(qtbot, view, survey_of(bowl, paths=()))
    view.activateWindow()
    corner = lambda: view.plot.viewport().grab().toImage().pixelColor(0, 0)  # noqa: E731
    view.plot.setFocus(Qt.FocusReason.MouseFocusReason)
    by_mouse = corner()
    view.plot.clearFocus()
    view.plot.setFocus(Qt.FocusReason.TabFocusReason)
    assert corner() == QColor(theme.current().accent)
    assert corner() != by_mouse


def test_the_words_below_name_what_is_shown(qtbot, view):
    show(qtbot, view, survey_of(bowl, paths=()))
    assert view.samples.text().startswith("Loss over ")
    show(qtbot, view, survey_of(bowl, paths=(), plane=plane_of(is_race=True), version=2))
    assert view.samples.text() == "Loss over 500 of 500 samples"


def test_contour_values_keep_off_names(qtbot, view):
    survey = show(qtbot, view, survey_of(bowl, paths=(descent(),)))
    qtbot.waitUntil(lambda: bool(view.plot.contours.labels))
    rooms = view.plot.marks.rooms(view.plot.frame)
    assert len(rooms) == len(survey.surface.plane.marks) > 0
    frame = view.plot.frame
    for label in view.plot.contours.labels:
        at = frame.pixels(np.array([label.point]))
        for room in rooms:
            assert np.hypot(*(frame.pixels(room) - at).T).min() > 8


def test_while_training_colours_and_picture_take_a_frame_each(qtbot, view, fake_bridge):
    show(qtbot, view, survey_of(bowl, paths=()))
    fake_bridge.present(replace(fake_bridge.snapshot, state=RunState.RUNNING))
    before, newer = view._drawing, survey_of(paths=(), version=2)
    fake_bridge.survey = newer
    view._draw()
    assert view._drawing is before
    view._draw()
    assert view._drawing is not before
    assert view._drawing.surface is newer.surface
    assert view._survey is newer


def test_who_has_another_loss_than_the_plane_shows_is_told_before_what_the_plane_is(qtbot, view):
    show(qtbot, view, survey_of(bowl, paths=(descent(off=0.3, id=2, name="Adam, 0.1"),)))
    text = view.note.text()
    assert text.startswith("“Adam, 0.1” has a loss of ")
    assert "in directions that the picture leaves out" in text
    assert "Two random directions (seed 0)" in text
    view._bridge.surface_choice.show_quantity("accuracy", is_log=False)
    assert view.note.text().startswith("Two random directions")
    view._bridge.surface_choice.show_quantity("loss", is_log=False)
    show(qtbot, view, survey_of(bowl, paths=(descent(off=0.05, id=2),), version=2))
    assert view.note.text().startswith("Two random directions")
