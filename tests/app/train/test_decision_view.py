from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest

from app.kit import theme
from app.kit.plots.ticks import round_up
from app.link.focus import Spot
from app.train.decisions.response import (
    Scale,
    class_colour,
    class_pixels,
    contour,
    finer,
    lead,
    of_unit,
    value_pixels,
)
from app.train.decisions.view import DecisionView
from core.data.toy import Bumps
from core.debugger.decisions import decision_map
from core.messages.commands import Watch
from core.presets import PRESETS
from core.session.building import data_summary
from tests.app.fakes import FakeBridge, snapshot_of
from tests.core.experiments import regression, take, tiny, trainer_of, with_batch_norm


def shot_of(spec, steps=30, resolution=16):
    """A snapshot of a network that has learnt a little, with its map."""
    data = spec.data.load(spec.seed)
    trainer = trainer_of(spec, data)
    take(trainer, steps)
    decisions = decision_map(trainer.network, data, steps, resolution)
    return replace(snapshot_of(spec), data=data_summary(spec.data, data), decisions=decisions)


@pytest.fixture(scope="module")
def shots():
    return {
        "two": shot_of(tiny()),
        "three": shot_of(with_batch_norm()),
        "value": shot_of(regression(data=Bumps(samples=60))),
        "curve": shot_of(PRESETS["sine-1-16-16-1"].spec),
    }


@pytest.fixture
def show(qtbot):
    def made(snapshot):
        bridge = FakeBridge(snapshot)
        widget = DecisionView(bridge)
        qtbot.addWidget(widget)
        widget.resize(460, 500)
        widget.show()
        qtbot.waitExposed(widget)
        return widget, bridge

    return made


def pixel_at(view, decisions, row, column):
    """The colour that is drawn at a point of the grid."""
    point = QPointF(float(decisions.x[column]), float(decisions.y[row]))
    place = view.plot.image.mapFromParent(point)
    return view.plot.image.image[int(place.y()), int(place.x())]


def rgb(colour):
    return np.array([QColor(colour).red(), QColor(colour).green(), QColor(colour).blue()])


def read_at(view, qtbot, x, y):
    QGuiApplication.processEvents()
    box = view.plot.getViewBox()
    point = view.plot.mapFromScene(box.mapViewToScene(QPointF(float(x), float(y))))
    # A pointer that is there already, since the test before, would not move.
    QTest.mouseMove(view.legend, QPoint(3, 3))
    QTest.mouseMove(view.plot.viewport(), point)
    qtbot.waitUntil(lambda: repr(float(x)) in view.readout.toolTip())
    return view.readout.text()


def test_a_network_on_images_has_no_map_and_says_why(show):
    view, _ = show(snapshot_of(PRESETS["dense-784-64-10"].spec))
    assert view.empty.isVisible()
    assert "one or two inputs" in view.empty.text()
    assert "1×28×28" in view.empty.text()


def test_while_it_is_shown_the_map_is_watched(show, shots):
    view, bridge = show(replace(shots["two"], decisions=None))
    assert bridge.sent == [Watch(frozenset({"map"}))]
    assert view.empty.isVisible()
    view.hide()
    assert bridge.sent[-1] == Watch(frozenset())


@pytest.mark.parametrize("name", ["two", "three"])
def test_each_place_has_the_colour_of_the_likeliest_class(show, shots, name):
    view, _ = show(shots[name])
    view.discretise.setChecked(True)
    decisions = shots[name].decisions
    surface = rgb(theme.current().surface)
    for row in range(1, 15):
        for column in range(1, 15):
            output = decisions.outputs[row, column]
            shares = [1 - output[0], output[0]] if len(output) == 1 else output
            ordered = np.sort(shares)
            if ordered[-1] - ordered[-2] < 0.2:
                continue  # so near to a boundary the next pixel may be the other class
            shown = pixel_at(view, decisions, row, column).astype(float) - surface
            towards = rgb(class_colour(int(np.argmax(shares)))) - surface
            cosine = shown @ towards / np.linalg.norm(shown) / np.linalg.norm(towards)
            assert cosine > 0.99


def test_a_surer_place_has_a_stronger_colour():
    shares = np.array([[[0.5, 0.5], [0.7, 0.3], [1.0, 0.0]]])
    surface = rgb(theme.current().surface)
    (pixels,) = class_pixels(shares, discretise=False)
    strength = [np.abs(pixel - surface).sum() for pixel in pixels.astype(int)]
    assert strength[0] == 0
    assert 0 < strength[1] < strength[2]
    (hard,) = class_pixels(shares, discretise=True)
    assert (hard == hard[0]).all()


def test_classes_are_neither_blue_nor_orange():
    tokens = theme.current()
    signs = {QColor(tokens.positive).name(), QColor(tokens.negative).name()}
    colours = [class_colour(index).name() for index in range(10)]
    assert not signs & set(colours)
    assert len(set(colours)) == 10


def test_values_have_the_colour_of_their_sign():
    pixels = value_pixels(np.array([[-2.0, 0.0, 2.0]]), Scale(-2, 2, True), discretise=False)[0]
    tokens = theme.current()
    surface = rgb(tokens.surface)
    assert pixels[1].tolist() == surface.tolist()
    for pixel, token in ((pixels[0], tokens.negative), (pixels[2], tokens.positive)):
        towards, shown = rgb(token) - surface, pixel.astype(float) - surface
        assert shown @ towards / np.linalg.norm(shown) / np.linalg.norm(towards) > 0.999


def test_the_training_points_stand_over_the_map_and_test_points_on_request(show, shots):
    view, _ = show(shots["two"])
    decisions = shots["two"].decisions
    x, y = view.plot.train.item.getData()
    np.testing.assert_array_equal(np.stack([x, y], 1), decisions.train_inputs)
    assert not view.plot.test.item.isVisible()
    view.test.click()
    x, y = view.plot.test.item.getData()
    np.testing.assert_array_equal(np.stack([x, y], 1), decisions.test_inputs)
    assert view.plot.test.item.isVisible()
    brushes = [point.brush().color().name() for point in view.plot.train.item.points()]
    assert brushes == [class_colour(label).name() for label in decisions.train_labels]


def test_points_that_did_not_change_are_not_drawn_again(show, shots, monkeypatch):
    view, bridge = show(shots["two"])
    monkeypatch.setattr(view.plot.train.item, "setData", lambda *_, **__: pytest.fail("drawn"))
    decisions = shots["two"].decisions
    copied = replace(decisions, train_inputs=decisions.train_inputs.copy())
    bridge.present(replace(bridge.snapshot, decisions=copied))
    view._pace.draw_now()


def test_the_margin_draws_where_the_answer_changes(show, shots):
    view, _ = show(shots["two"])
    assert view.plot.boundary.getData()[0] is None or not len(view.plot.boundary.getData()[0])
    view.margin.click()
    decisions = shots["two"].decisions
    ends = np.stack(view.plot.boundary.getData(), 1)
    expected = contour(
        decisions.x.astype(float), decisions.y.astype(float), decisions.outputs[..., 0], 0.5
    )
    assert len(ends) == len(expected) > 0
    for line, share in ((view.plot.boundary, 0.5), (view.plot.margin, None)):
        for x, y in np.stack(line.getData(), 1)[::5]:
            p = bilinear(decisions, x, y)
            wanted = (share,) if share else (0.25, 0.75)
            assert min(abs(p - one) for one in wanted) < 0.05


def bilinear(decisions, x, y):
    row = np.clip(np.searchsorted(decisions.y, y) - 1, 0, len(decisions.y) - 2)
    across = [np.interp(x, decisions.x, decisions.outputs[r, :, 0]) for r in (row, row + 1)]
    return np.interp(y, decisions.y[row : row + 2], across)


def test_axes_and_legend_have_the_names_of_the_data(show, shots):
    snapshot = shots["three"]
    data = replace(
        snapshot.data, feature_names=("height", "width"), class_names=("oak", "elm", "a<b")
    )
    view, _ = show(replace(snapshot, data=data))
    assert view.plot.getAxis("bottom").labelText == "height"
    assert view.plot.getAxis("left").labelText == "width"
    for name in ("oak", "elm", "a&lt;b"):
        assert name in view.legend.classes.text()


def test_a_hovered_neuron_shows_its_own_map_with_its_name(show, shots):
    view, bridge = show(shots["two"])
    assert view.title.text() == "The whole network"
    before = view.plot.image.image.copy()
    bridge.focus.hover(Spot((0,), 2))
    assert view.title.text() == "Neuron 3 of 1 Dense"
    assert not np.array_equal(view.plot.image.image, before)
    units = shots["two"].decisions.units[(0,)][..., 2]
    scale = view.legend.scale.scale
    assert scale.signed
    assert scale.high >= np.abs(units).max() > scale.high / 3
    row, column = np.unravel_index(np.abs(units).argmax(), units.shape)
    sign = theme.current().positive if units[row, column] > 0 else theme.current().negative
    surface = rgb(theme.current().surface)
    shown = pixel_at(view, shots["two"].decisions, row, column).astype(float) - surface
    towards = rgb(sign) - surface
    assert shown @ towards / np.linalg.norm(shown) / np.linalg.norm(towards) > 0.99
    bridge.focus.hover(None)
    assert view.title.text() == "The whole network"
    np.testing.assert_array_equal(view.plot.image.image, before)


@pytest.mark.parametrize("spot", [Spot((0,), 99), Spot((7,), 0), Spot((), 1), Spot((0,), 1, 0)])
def test_what_has_no_map_of_its_own_leaves_the_networks(show, shots, spot):
    view, bridge = show(shots["two"])
    bridge.focus.hover(spot)
    assert view.title.text() == "The whole network"


def test_the_output_neurons_have_maps_too(show, shots):
    view, bridge = show(shots["three"])
    bridge.focus.hover(Spot((2,), 1))
    assert view.title.text() == "Neuron 2 of 3 Dense"


def test_the_readout_is_what_the_network_answered_at_the_nearest_point(qtbot, show, shots):
    view, _ = show(shots["two"])
    decisions = shots["two"].decisions
    x, y = decisions.x[5], decisions.y[9]
    text = read_at(view, qtbot, x, y)
    share = float(decisions.outputs[9, 5, 0])
    best = int(share > 0.5)
    exact = view.readout.toolTip()
    assert text.startswith("x₁ = ")
    assert f": class {best}, share " in text
    assert f"x₁ = {float(x)!r}, x₂ = {float(y)!r}" in exact
    assert float(exact.rsplit(" ", 1)[1]) == pytest.approx(max(share, 1 - share), rel=1e-6)


def test_the_readout_follows_the_neuron_that_is_shown(qtbot, show, shots):
    view, bridge = show(shots["two"])
    decisions = shots["two"].decisions
    read_at(view, qtbot, decisions.x[5], decisions.y[9])
    bridge.focus.hover(Spot((0,), 2))
    assert float(view.readout.toolTip().rsplit(" ", 1)[1]) in decisions.units[(0,)][..., 2]


def test_regression_shows_values_with_their_scale(qtbot, show, shots):
    view, _ = show(shots["value"])
    decisions = shots["value"].decisions
    scale = view.legend.scale.scale
    assert view.legend.scale.isVisible()
    assert scale.high == -scale.low
    assert scale.high >= np.abs(decisions.train_labels).max()
    text = read_at(view, qtbot, decisions.x[3], decisions.y[4])
    assert "output " in text
    assert float(view.readout.toolTip().rsplit(" ", 1)[1]) == float(decisions.outputs[4, 3, 0])


def test_targets_without_a_sign_have_a_scale_without_one(show, shots):
    snapshot = shots["value"]
    lifted = replace(
        snapshot.decisions,
        train_labels=snapshot.decisions.train_labels + 50,
        test_labels=snapshot.decisions.test_labels + 50,
    )
    view, _ = show(replace(snapshot, decisions=lifted))
    scale = view.legend.scale.scale
    assert not scale.signed
    assert scale.low == pytest.approx(min(lifted.train_labels.min(), lifted.test_labels.min()))


def test_one_input_gives_a_curve_with_the_points(qtbot, show, shots):
    view, bridge = show(shots["curve"])
    decisions = shots["curve"].decisions
    (curve,) = [one for one in view.plot._curves if one.isVisible()]
    x, y = curve.getData()
    np.testing.assert_array_equal(x, decisions.x)
    np.testing.assert_array_equal(y, decisions.outputs[:, 0])
    x, y = view.plot.train.item.getData()
    np.testing.assert_array_equal(y, decisions.train_labels[:, 0])
    assert not view.plot.image.isVisible()
    assert not view.discretise.isVisible()
    assert not view.margin.isVisible()
    low, high = view.plot.getViewBox().viewRange()[1]
    assert low <= decisions.train_labels.min() <= decisions.train_labels.max() <= high
    bridge.focus.hover(Spot((0,), 3))
    assert view.title.text() == "Neuron 4 of 1 Dense"
    assert not view.plot.train.item.isVisible()
    curves = [one.getData()[1] for one in view.plot._curves if one.isVisible()]
    unit = decisions.units[(0,)][:, 3]
    np.testing.assert_array_equal(np.fmax(*curves), unit)
    text = read_at(view, qtbot, decisions.x[7], 0.0)
    assert text.startswith("x = ")


def test_training_redraws_the_map(qtbot, show, shots):
    view, bridge = show(shots["two"])
    before = view.plot.image.image.copy()
    later = shot_of(tiny(), steps=300).decisions
    bridge.present(replace(bridge.snapshot, decisions=later))
    qtbot.waitUntil(lambda: not np.array_equal(view.plot.image.image, before), timeout=2000)


def test_an_unchanged_map_is_not_drawn_again(show, shots, monkeypatch):
    view, bridge = show(shots["two"])
    monkeypatch.setattr(view._pace, "request", lambda: pytest.fail("asked"))
    bridge.present(replace(bridge.snapshot, version=50))


def test_a_hidden_view_draws_nothing_and_catches_up(show, shots):
    view, bridge = show(shots["two"])
    view.hide()
    bridge.present(shots["value"])
    assert not view.legend.scale.isVisible()
    view.show()
    assert view.legend.scale.isVisible()


def test_outputs_that_are_no_numbers_do_not_stop_the_window(show, shots):
    broken = replace(
        shots["three"].decisions,
        outputs=np.full_like(shots["three"].decisions.outputs, np.nan),
        units={(0,): np.full((24, 24, 6), np.inf, np.float32)},
    )
    view, bridge = show(replace(shots["three"], decisions=broken))
    view.margin.setChecked(True)
    bridge.focus.hover(Spot((0,), 1))
    assert view.title.text() == "Neuron 2 of 1 Dense"


@settings(deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-1, 1))
def test_the_contour_of_a_plane_is_its_straight_line(a, b, level):
    x, y = np.linspace(-1, 2, 9), np.linspace(0, 1, 6)
    field = a * x[None, :] + b * y[:, None]
    ends = contour(x, y, field, level)
    assert len(ends) % 2 == 0
    np.testing.assert_allclose(a * ends[:, 0] + b * ends[:, 1], level, atol=1e-9)
    above = field >= level
    assert bool(len(ends)) == (above.any() and not above.all())


def test_the_contour_of_a_circle_is_closed():
    x = np.linspace(-1, 1, 81)
    level = 0.49131  # passes no point of the grid
    ends = contour(x, x, x[None, :] ** 2 + x[:, None] ** 2, level)
    radius = np.hypot(ends[:, 0], ends[:, 1])
    np.testing.assert_allclose(radius, np.sqrt(level), atol=1e-3)
    corners, times = np.unique(np.round(ends, 9), axis=0, return_counts=True)
    assert (times == 2).all()
    pieces = ends.reshape(-1, 2, 2)
    length = np.linalg.norm(pieces[:, 0] - pieces[:, 1], axis=1).sum()
    assert length == pytest.approx(2 * np.pi * np.sqrt(level), rel=1e-3)
    assert len(corners) == len(pieces)


@settings(deadline=None)
@given(st.integers(0, 100))
def test_a_finer_grid_keeps_the_values_of_the_coarse_one(seed):
    values = np.random.default_rng(seed).random((5, 7, 2), np.float32)
    fine = finer(values, 20)
    np.testing.assert_allclose(fine[::4, ::3], values, rtol=1e-6)
    assert fine.shape == (17, 19, 2)
    assert values.min() <= fine.min() <= fine.max() <= values.max()


@given(st.floats(1e-12, 1e12))
def test_scales_end_at_round_numbers_close_above(value):
    end = round_up(value)
    assert value * (1 - 1e-5) <= end <= value * 2.51
    assert f"{end:.0e}"[0] in "125"


def test_a_class_leads_by_what_it_is_ahead_of_the_next():
    shares = np.array([[0.5, 0.3, 0.2], [0.1, 0.45, 0.45]])
    np.testing.assert_allclose(lead(shares, 0), [0.2, -0.35])
    np.testing.assert_allclose(lead(shares, 1), [-0.2, 0.0])


def test_a_unit_without_any_answer_has_a_scale():
    scale = of_unit(np.zeros((3, 3, 1), np.float32), 0).scale
    assert scale.low < scale.high


def test_the_maps_numbers_are_torchs(shots):
    """What the tests above compare with is the network itself."""
    spec = tiny()
    data = spec.data.load(spec.seed)
    trainer = trainer_of(spec, data)
    take(trainer, 30)
    decisions = shots["two"].decisions
    trainer.network.eval()
    with torch.no_grad():
        point = torch.tensor([[decisions.x[5], decisions.y[9]]])
        a = trainer.network.activate(trainer.network(point))
    assert decisions.outputs[9, 5, 0] == pytest.approx(float(a), rel=1e-5)
