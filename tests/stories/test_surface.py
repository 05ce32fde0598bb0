"""A learner races three optimizers, restarts them from a clicked point, walks along the path."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QFileDialog, QWidget

from app.surface.relief.canvas import PAINTED
from app.surface.relief.view import OPENGL
from core.catalog.base import entries_of
from core.catalog.functions import LossFunction
from core.messages.race import NETWORK
from core.messages.snapshot import RunState
from core.messages.surface_commands import PrincipalPlane, StatesPlane
from tests.stories.driving import LEFT, PATIENCE, find, press, train

pytestmark = pytest.mark.window


def choose(combo: QComboBox, data: object) -> None:
    index = combo.findData(data)
    assert index >= 0, data
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def survey_of(window):
    return window.page.bridge.survey


def contest_of(window):
    return window.page.bridge.contest


def is_settled(window):
    """Whether the finest picture of the present request is there."""
    survey = survey_of(window)
    return (
        survey.surface is not None
        and survey.surface.is_finest
        and not survey.is_stale
        and survey.progress is None
        and survey.request == window.page.bridge.surface_choice.request
    )


def is_drawn(window):
    """Whether the map shows the newest survey, and the range that was surveyed."""
    plot, survey = find(window, "surface.plot"), survey_of(window)
    shown, surveyed = plot.window_shown, survey.surface.window
    ends = [(shown.left, surveyed.left), (shown.right, surveyed.right)]
    ends += [(shown.bottom, surveyed.bottom), (shown.top, surveyed.top)]
    return plot.paths.paths is survey.paths and all(
        abs(a - b) < 0.02 * min(surveyed.width, surveyed.height) for a, b in ends
    )


def drawn_map(window, qtbot):
    """The map with the newest survey on it, where it stays.

    What has just been drawn may have another number of lines below it, and the layout that moves
    the map for that is a posted event: a pixel read before it is another place after it.
    """
    qtbot.waitUntil(lambda: is_drawn(window), timeout=PATIENCE)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    return find(window, "surface.plot")


def click_on_map(window, qtbot, point):
    """Clicks on a place of the plane in the map; pyqtgraph wants the mouse moved there first."""
    plot = drawn_map(window, qtbot)
    pixel = plot.pixel_of(point)
    viewport = plot.viewport()
    QTest.mouseMove(viewport, pixel + QPoint(3, 3))
    QTest.mouseMove(viewport, pixel)
    qtbot.mouseClick(viewport, LEFT, pos=pixel)


@pytest.fixture
def surface(window, qtbot):
    """The window with XOR open, in perspective Surface, its first picture drawn."""
    window.experiments.open_preset("xor-2-2-1")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=PATIENCE)
    qtbot.mouseClick(window.findChild(QWidget, "perspective-surface"), LEFT)
    qtbot.waitUntil(lambda: is_settled(window), timeout=PATIENCE)
    return window


def race(window, qtbot, steps):
    """Lets the race go on for some steps by the panel's own buttons, as fast as it goes."""
    choose(find(window, "race.pace", QComboBox), 0.0)
    button = find(window, "race.run")
    qtbot.waitUntil(lambda: button.text() == "Start", timeout=PATIENCE)
    press(window, qtbot, "race.run")
    qtbot.waitUntil(lambda: contest_of(window).step >= steps, timeout=PATIENCE)
    qtbot.waitUntil(lambda: button.text() == "Pause", timeout=PATIENCE)
    press(window, qtbot, "race.run")
    qtbot.waitUntil(lambda: not contest_of(window).is_running, timeout=PATIENCE)
    step = contest_of(window).step
    qtbot.waitUntil(
        lambda: (
            len(survey_of(window).paths) == 3
            and all(path.steps[-1] == step for path in survey_of(window).paths)
            and is_settled(window)
        ),
        timeout=PATIENCE,
    )
    return step


def test_three_optimizers_race_on_the_network_and_on_a_ravine(surface, qtbot):
    window = surface
    window.page.area.docks["race"].raise_()
    arena = find(window, "race.arena.kind", QComboBox)
    choose(arena, NETWORK)
    race(window, qtbot, 40)

    # All three began at the network's own weights, and it stands where it stood.
    contest = contest_of(window)
    assert contest.arena == NETWORK
    assert len(contest.runners) == 3
    firsts = {float(runner.losses[0]) for runner in contest.runners}
    assert len(firsts) == 1
    assert window.snapshot.progress.step == 0
    starts = np.array([path.points[0] for path in survey_of(window).paths])
    np.testing.assert_allclose(starts, starts[[0, 0, 0]], atol=1e-6)

    # On to the ravine.
    choose(arena, "ravine")
    race(window, qtbot, 30)
    ravine = entries_of(LossFunction)["ravine"]()
    for path in survey_of(window).paths:
        np.testing.assert_allclose(path.points[0], ravine.start, atol=1e-6)
        x, y = path.points[-1]
        assert path.loss[-1] == pytest.approx(x**2 / 2 + 20 * y**2, rel=1e-3)

    # From a clicked point.
    press(window, qtbot, "surface.start")
    point = (2.0, -1.0)
    click_on_map(window, qtbot, point)
    qtbot.waitUntil(lambda: contest_of(window).step == 0, timeout=PATIENCE)
    start = contest_of(window).start
    surface_view = survey_of(window).surface
    pixel = (surface_view.x[-1] - surface_view.x[0]) / find(window, "surface.plot").width()
    np.testing.assert_allclose(start, point, atol=3 * pixel)
    race(window, qtbot, 20)
    for path in survey_of(window).paths:
        np.testing.assert_allclose(path.points[0], start, atol=1e-5)


def test_a_runner_joins_in_mid_race_and_another_leaves(surface, qtbot):
    window = surface
    window.page.area.docks["race"].raise_()
    choose(find(window, "race.arena.kind", QComboBox), "rosenbrock")
    step = race(window, qtbot, 30)
    panel = find(window, "race")
    panel.fill_menu()
    nesterov = next(a for a in panel.menu.actions() if a.objectName() == "race.add.nesterov")
    nesterov.trigger()
    qtbot.waitUntil(
        lambda: (
            len(contest_of(window).runners) == 4
            and all(
                runner.diverged is not None or runner.steps[-1] == step
                for runner in contest_of(window).runners
            )
        ),
        timeout=PATIENCE,
    )
    remove = next(
        button
        for button in panel.findChildren(QWidget)
        if button.objectName().endswith(".remove") and button.isVisible()
    )
    qtbot.mouseClick(remove, LEFT)
    qtbot.waitUntil(lambda: len(contest_of(window).runners) == 3, timeout=PATIENCE)


def test_a_race_on_a_function_can_be_watched_and_hastened_while_it_runs(surface, qtbot):
    window = surface
    window.page.area.docks["race"].raise_()
    choose(find(window, "race.arena.kind", QComboBox), "ravine")
    pace = find(window, "race.pace", QComboBox)
    assert pace.currentData() == 20.0
    press(window, qtbot, "race.run")
    seen = []
    window.page.bridge.contest_changed.connect(lambda contest: seen.append(contest.step))
    qtbot.waitUntil(lambda: contest_of(window).step >= 5, timeout=PATIENCE)
    assert np.diff([0, *seen]).max() <= 5  # step by step, or nearly so on a busy machine
    choose(pace, 0.0)
    qtbot.waitUntil(lambda: contest_of(window).step >= 2000, timeout=PATIENCE)
    press(window, qtbot, "race.run")
    qtbot.waitUntil(lambda: not contest_of(window).is_running, timeout=PATIENCE)


def test_the_path_is_walked_along_by_the_timeline_and_by_clicks(surface, qtbot):
    window = surface
    train(window, qtbot, 200)
    newest = window.snapshot.progress.step
    choose(find(window, "survey.plane", QComboBox), PrincipalPlane)
    qtbot.waitUntil(
        lambda: is_settled(window) and survey_of(window).surface.step == newest,
        timeout=PATIENCE,
    )

    slider = find(window, "timeline.slider")
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: window.snapshot.progress.step == 0, timeout=PATIENCE)
    qtbot.waitUntil(
        lambda: (
            is_settled(window)
            and bool(survey_of(window).paths)
            and survey_of(window).paths[0].at == 0
        ),
        timeout=PATIENCE,
    )
    path = survey_of(window).paths[0]
    assert path.steps[-1] == newest

    # A click on a point of the path goes to its step.
    qtbot.waitUntil(lambda: far_points(window, path).size > 0, timeout=PATIENCE)
    chosen = int(far_points(window, path)[0])
    click_on_map(window, qtbot, tuple(path.points[chosen]))
    qtbot.waitUntil(lambda: window.snapshot.progress.step > 0, timeout=PATIENCE)
    assert abs(window.snapshot.progress.step - path.steps[chosen]) <= 0.1 * newest
    assert window.snapshot.timeline.last == newest


def far_points(window, path):
    """The points of a path that lie well away from where it stands, in pixels, in the map."""
    plot = find(window, "surface.plot")
    pixels = [plot.pixel_of(tuple(point)) for point in path.points]
    here = pixels[path.at]
    inside = plot.viewport().rect().adjusted(60, 20, -90, -60)
    return np.array(
        [
            index
            for index, pixel in enumerate(pixels)
            if (pixel - here).manhattanLength() > 80 and inside.contains(pixel)
        ]
    )


def test_a_plane_through_the_runs_states_is_no_dead_end_for_a_race(surface, qtbot):
    window = surface
    train(window, qtbot, 20)
    choose(find(window, "survey.plane", QComboBox), StatesPlane)
    qtbot.waitUntil(
        lambda: (
            is_settled(window)
            and isinstance(survey_of(window).surface.plane.plane, StatesPlane)
            and survey_of(window).surface.step == window.snapshot.progress.step
        ),
        timeout=PATIENCE,
    )
    window.page.area.docks["race"].raise_()
    choose(find(window, "race.arena.kind", QComboBox), NETWORK)
    race(window, qtbot, 20)
    assert survey_of(window).trouble is None
    assert survey_of(window).surface.plane.is_race
    assert isinstance(survey_of(window).surface.plane.plane, PrincipalPlane)

    # The run gets its own plane back.
    window.page.area.docks["survey"].raise_()
    choose(find(window, "survey.subject", QComboBox), "run")
    qtbot.waitUntil(
        lambda: is_settled(window) and not survey_of(window).surface.plane.is_race,
        timeout=PATIENCE,
    )
    assert isinstance(survey_of(window).surface.plane.plane, StatesPlane)
    assert find(window, "survey.plane", QComboBox).currentData() is StatesPlane


def test_the_rate_finder_applies_its_rate_and_undo_takes_it_back(surface, qtbot):
    window = surface
    window.experiments.open_preset("spiral-2-16-16-1")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=PATIENCE)
    before = window.snapshot.spec.optimizer.learning_rate
    window.page.area.docks["range"].raise_()
    press(window, qtbot, "range.run")
    qtbot.waitUntil(
        lambda: contest_of(window).range_test is not None and contest_of(window).range_test.done,
        timeout=PATIENCE,
    )
    found = contest_of(window).range_test
    assert found.trouble is None
    press(window, qtbot, "range.use")
    qtbot.waitUntil(
        lambda: window.snapshot.spec.optimizer.learning_rate != before, timeout=PATIENCE
    )
    assert window.snapshot.spec.optimizer.learning_rate == pytest.approx(found.best, rel=0.06)
    # The key does nothing before the window has shown that there is something to undo.
    undo = window.actions_["edit.undo"]
    qtbot.waitUntil(undo.isEnabled, timeout=PATIENCE)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(
        lambda: window.snapshot.spec.optimizer.learning_rate == before, timeout=PATIENCE
    )


def test_a_race_of_the_network_starts_again_from_a_place_clicked_on_its_plane(
    window, qtbot, surface
):
    window.page.area.docks["race"].raise_()
    choose(find(window, "race.arena.kind", QComboBox), NETWORK)
    race(window, qtbot, 20)
    before = [float(runner.losses[0]) for runner in contest_of(window).runners]
    press(window, qtbot, "surface.start")
    shown = survey_of(window).surface
    column, row = len(shown.x) // 4, 3 * len(shown.y) // 4
    click_on_map(window, qtbot, (float(shown.x[column]), float(shown.y[row])))
    qtbot.waitUntil(lambda: contest_of(window).step == 0, timeout=PATIENCE)
    race(window, qtbot, 20)
    # The runners' first loss is what the map showed there, but for a pixel; the plane now goes
    # through where they start.
    for runner, path in zip(contest_of(window).runners, survey_of(window).paths, strict=True):
        assert float(runner.losses[0]) == pytest.approx(shown.loss[row, column], rel=0.03)
        assert float(runner.losses[0]) not in before
        assert path.foot[0] == pytest.approx(path.loss[0], rel=1e-4)
        assert path.distance[0] < 1e-4
    assert window.snapshot.progress.step == 0


def test_pictures_are_copied_and_saved_with_and_without_opengl(
    surface, qtbot, tmp_path, monkeypatch
):
    window = surface
    clipboard = QGuiApplication.clipboard()
    tools = {name: find(window, name).tools for name in ("surface", "surface3d")}
    opengl = find(window, "surface3d.opengl")
    canvas = find(window, "surface3d.canvas")
    for name in ("surface", "relief"):
        window.page.area.docks[name].raise_()
    qtbot.waitUntil(lambda: canvas.isVisible() and canvas.scene is not None, timeout=PATIENCE)
    for filled in range(2):
        if filled:
            was = opengl.isChecked()
            if not opengl.isEnabled() or not opengl.isVisible():
                break
            opengl.click()
            assert opengl.isChecked() is not was
            assert canvas.mode in (PAINTED, OPENGL)
        for name, kit in tools.items():
            clipboard.clear()
            kit.copy.copy_action.trigger()
            assert is_a_picture(clipboard.image())
            path = tmp_path / f"{name}{filled}.png"
            monkeypatch.setattr(
                QFileDialog, "getSaveFileName", lambda *_, path=path: (str(path), "")
            )
            kit.copy.save_action.trigger()
            assert is_a_picture(QImage(str(path)))


def is_a_picture(image: QImage) -> bool:
    """Whether it is large and of many colours."""
    wide = image.width() > 200 and image.height() > 200
    spots = {
        image.pixel(x, y) for x in range(0, image.width(), 9) for y in range(0, image.height(), 9)
    }
    return wide and len(spots) > 100


def test_the_sharpest_direction_marks_the_largest_stable_rate(surface, qtbot):
    window = surface
    box = find(window, "survey.sharpness")
    qtbot.mouseClick(box, LEFT, pos=QPoint(8, box.height() // 2))
    qtbot.waitUntil(lambda: survey_of(window).sharpness is not None, timeout=PATIENCE)
    rate = survey_of(window).sharpness.stable_rate
    window.page.area.docks["training"].raise_()
    slider = find(window, "training.optimizer.learning_rate.slider")
    qtbot.waitUntil(slider.isVisible, timeout=PATIENCE)
    if rate is not None and 1e-5 <= rate <= 10:
        assert slider.number_at(round(slider._mark)) == pytest.approx(rate, rel=0.1)
