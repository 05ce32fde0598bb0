"""The line through the network with its curvature, and the path against its slice."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.kit.labels import WrappedLine
from app.kit.plots.line_plot import Series, nearest
from app.kit.plots.ruled_page import RuledPlot
from app.surface.line_view import LineProfile
from app.surface.slice_view import SliceView
from core.messages.surface_commands import ShowSurface
from core.messages.surface_views import LineView, PathView, Survey
from core.presets import PRESETS
from tests.app.fakes import FakeBridge, snapshot_of


@pytest.fixture
def bridge():
    return FakeBridge(snapshot_of(PRESETS["xor-2-2-1"].spec))


def parabola() -> LineView:
    """f(t) = (t - 2)^2 + 1, seen from t = 0."""
    t = np.linspace(-1, 3, 41)
    loss = (t - 2) ** 2 + 1
    return LineView(
        1,
        t,
        loss.astype(np.float32),
        (2 * (t - 2)).astype(np.float32),
        np.full(41, 2, np.float32),
        0.0,
    )


def path(off: float = 0.25) -> PathView:
    steps = np.array([0, 10, 20, 30])
    loss = np.array([1.0, 0.5, 0.25, 0.125], np.float32)
    points = np.zeros((4, 2))
    return PathView(-1, "This run", 1, steps, points, loss, loss + off, loss * 2)


def curves(plot: RuledPlot) -> list[np.ndarray]:
    found = []
    for item in plot.getPlotItem().listDataItems():
        x, y = item.getData()
        if x is not None and len(x):
            found.append(np.asarray(y))
    return found


def test_the_line_is_asked_for_while_it_is_looked_at(qtbot, bridge) -> None:
    view = LineProfile(bridge)
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    assert bridge.surface_choice.request.line
    requests = [command.request for command in bridge.sent if isinstance(command, ShowSurface)]
    assert requests[-1].line
    view.hide()
    assert not bridge.surface_choice.request.line


def test_loss_slope_and_curvature_are_drawn_one_under_another(qtbot, bridge) -> None:
    view = LineProfile(bridge)
    qtbot.addWidget(view)
    bridge.present_survey(Survey(1, line=parabola()))
    plots = [view.findChild(RuledPlot, f"line.{n}") for n in ("loss", "slope", "curvature")]
    line = parabola()
    for plot, values in zip(plots, (line.loss, line.slope, line.curvature), strict=True):
        (seen,) = curves(plot)
        np.testing.assert_allclose(seen, values)


def test_the_best_step_along_the_line_is_slope_by_curvature(qtbot, bridge) -> None:
    view = LineProfile(bridge)
    qtbot.addWidget(view)
    bridge.present_survey(Survey(1, line=parabola()))
    reading = view.findChild(WrappedLine, "line.reading")
    # At 0 the slope is -4 and the curvature 2: the minimum lies 2 further on.
    assert "slope −4.000" in reading.toolTip()
    assert "step of 2.000 " in reading.toolTip()


def test_without_training_steps_the_slice_says_what_to_do(qtbot, bridge) -> None:
    view = SliceView(bridge)
    qtbot.addWidget(view)
    view.show()
    assert not view.findChild(RuledPlot, "slice.losses").isVisible()
    bridge.present_survey(Survey(1, paths=(path(),)))
    qtbot.waitUntil(lambda: bool(curves(view.findChild(RuledPlot, "slice.losses"))))
    assert view.findChild(RuledPlot, "slice.losses").isVisible()


def test_a_slice_without_a_path_can_be_put_away_and_brought_back(qtbot, bridge) -> None:
    view = SliceView(bridge)
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    bridge.present_survey(Survey(1, paths=(replace(path(), steps=np.array([0])),)))
    view.hide()
    with qtbot.waitExposed(view):
        view.show()
    assert not view.findChild(RuledPlot, "slice.losses").isVisible()


def test_a_paths_own_loss_stands_beside_the_planes(qtbot, bridge) -> None:
    view = SliceView(bridge)
    qtbot.addWidget(view)
    view.show()
    bridge.present_survey(Survey(1, paths=(path(),)))
    plot = view.findChild(RuledPlot, "slice.losses")
    qtbot.waitUntil(lambda: len(curves(plot)) == 2)
    own, foot = curves(plot)
    np.testing.assert_allclose(own, np.log10(path().loss), rtol=1e-6)
    np.testing.assert_allclose(foot, np.log10(path().foot), rtol=1e-6)
    (away,) = curves(view.findChild(RuledPlot, "slice.distance"))
    np.testing.assert_allclose(away, path().distance)


def test_the_step_under_the_pointer_is_told_to_the_other_pictures_and_read_out(
    qtbot, bridge
) -> None:
    view = SliceView(bridge)
    qtbot.addWidget(view)
    view.show()
    bridge.present_survey(Survey(1, paths=(path(),)))
    plot = view.findChild(RuledPlot, "slice.losses")
    qtbot.waitUntil(lambda: len(curves(plot)) == 2)
    plot.pointed.emit(19.0)
    assert bridge.surface_choice.moment == (-1, 20)
    said = view.findChild(WrappedLine, "slice.reading").toolTip()
    assert "0.25" in said
    assert "0.5" in said
    plot.pointed.emit(None)
    assert bridge.surface_choice.moment is None


def test_losses_below_zero_are_drawn_on_a_plain_scale(qtbot, bridge) -> None:
    view = SliceView(bridge)
    qtbot.addWidget(view)
    view.show()
    below = replace(path(), loss=np.array([-1, -2, -3, -4], np.float32))
    bridge.present_survey(Survey(1, paths=(below,)))
    plot = view.findChild(RuledPlot, "slice.losses")
    qtbot.waitUntil(lambda: len(curves(plot)) == 2)
    np.testing.assert_allclose(curves(plot)[0], below.loss)


def test_what_is_not_finite_leaves_a_gap(qtbot) -> None:
    plot = RuledPlot("Loss", steps=True)
    qtbot.addWidget(plot)
    values = np.array([1.0, np.inf, np.nan, 2.0])
    colour = plot.palette().windowText().color()
    plot.show_lines([Series(np.arange(4), values, colour)])
    (seen,) = curves(plot)
    np.testing.assert_array_equal(np.isfinite(seen), [True, False, False, True])


def test_another_theme_recolours_the_plots(qtbot, bridge) -> None:
    view = SliceView(bridge)
    qtbot.addWidget(view)
    view.show()
    bridge.present_survey(Survey(1, paths=(path(),)))
    plot = view.findChild(RuledPlot, "slice.losses")
    qtbot.waitUntil(lambda: len(curves(plot)) == 2)
    before = plot.backgroundBrush().color().name()
    QApplication.instance().setProperty("chainruleTheme", "dark" if before > "#888888" else "light")
    try:
        QApplication.sendEvent(view, QEvent(QEvent.Type.PaletteChange))
        assert plot.backgroundBrush().color().name() != before
    finally:
        QApplication.instance().setProperty("chainruleTheme", None)


def test_the_nearest_is_found() -> None:
    assert nearest(np.array([0, 10, 20]), 14.9) == 1


def test_the_reading_is_of_the_step_that_the_network_stands_at(qtbot, bridge) -> None:
    view = SliceView(bridge)
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    past = replace(path(), at=1)
    bridge.present_survey(Survey(1, paths=(past,)))
    qtbot.waitUntil(lambda: "step 10" in view.reading.text())
    assert "its own loss 0.5000" in view.reading.text()
