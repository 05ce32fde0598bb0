"""What is written in the graph: nothing over anything else, nothing cut where it begins."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QRectF

from app.canvas.canvas import NetworkCanvas
from app.canvas.paint import labels, weights
from app.canvas.paint.nodes import WIDEST, half_width, number_text
from app.kit import theme
from core.experiment.layers import infer_shapes
from core.presets import PRESETS
from tests.app.fakes import FakeBridge
from tests.app.graphs import XOR, live, standing, stepped


def edges_of(spec):
    """How many weights a dense network has; of another more than a few."""
    shapes = infer_shapes(spec.layers, spec.data.shape().input_shape)
    if any(one.layer.kind != "dense" for one in shapes):
        return labels.FEW + 1
    return sum(one.input_shape[0] * one.output_shape[0] for one in shapes)


SEPAL = ("sepal length", "petal width")


@pytest.fixture
def painted(qtbot, monkeypatch):
    """Paints a network at a size; gives the canvas and where its numbers and names stand."""
    kept = []

    def paint(snapshot, size):
        numbers, names = [], []
        pill, fill = weights.pill, labels.QRectF

        def keep_pill(*chosen):
            numbers.append(pill(*chosen))
            return numbers[-1]

        def keep_area(*chosen):
            names.append(fill(*chosen))
            return names[-1]

        monkeypatch.setattr(weights, "pill", keep_pill)
        bridge = FakeBridge(snapshot)
        canvas = NetworkCanvas(bridge)
        kept.append((canvas, bridge))
        qtbot.addWidget(canvas)
        canvas.resize(*size)
        canvas.show()
        qtbot.waitExposed(canvas)
        numbers.clear()
        monkeypatch.setattr(labels, "QRectF", keep_area)
        canvas.view.grab()
        return canvas, numbers, names

    yield paint
    kept.clear()


def nodes_of(canvas):
    control = canvas.control
    layout, view = control.state.layout, control.viewport
    size = layout.radius * view.scale
    wide = half_width(size)
    return [
        QRectF(x - wide, y - size, 2 * wide, 2 * size)
        for column in layout.columns
        for x, y in view.to_screen(column.centres)
    ]


FEW = [name for name, preset in PRESETS.items() if edges_of(preset.spec) <= labels.FEW]


def test_presets_with_few_weights_are_found():
    assert {XOR, "mazur-2-2-2", "worked-2-3-2-relu"} <= {*FEW}


@pytest.mark.parametrize("kind", ["", "linear", "weight_gradient", "update"])
@pytest.mark.parametrize("preset", FEW)
@pytest.mark.parametrize("size", [(1000, 640), (567, 420), (472, 430), (420, 520)])
def test_numbers_of_edges_stand_over_no_node_and_over_no_other_number(painted, preset, size, kind):
    """Amid a step, too."""
    snapshot = stepped(preset, kind) if kind else live(preset)
    canvas, numbers, _ = painted(snapshot, size)
    assert numbers or size[0] < 500, "some numbers have a place"
    for one, other in combinations(numbers, 2):
        assert not one.intersects(other)
    for number in numbers:
        assert not any(number.intersects(node) for node in nodes_of(canvas))


@pytest.mark.parametrize("kind", ["linear", "input_gradient", "update"])
def test_every_weight_of_2_3_2_has_its_number(painted, kind):
    _, numbers, _ = painted(stepped("worked-2-3-2-relu", kind), (1000, 640))
    assert len(numbers) == 12


def test_where_there_is_room_numbers_keep_apart(painted):
    _, numbers, _ = painted(live("worked-2-3-2-relu"), (1000, 640))
    assert len(numbers) == 12
    for one, other in combinations(numbers, 2):
        assert not one.adjusted(-1, -1, 1, 1).intersects(other)


def test_small_text_makes_numbers_of_edges_smaller_and_leaves_none_out(qapp, painted):
    theme.set_scale(qapp, 0.8)
    try:
        _, numbers, _ = painted(live("mazur-2-2-2"), (1000, 640))
        assert len(numbers) == 8
    finally:
        theme.set_scale(qapp, 1.0)


@pytest.mark.parametrize("size", [(1000, 640), (567, 420), (420, 520)])
def test_names_of_inputs_begin_within_the_picture(painted, size):
    snapshot = standing(XOR)
    named = replace(snapshot, data=replace(snapshot.data, feature_names=SEPAL))
    canvas, _, names = painted(named, size)
    assert labels.room_for_names(named) > 64
    left = [area for area in names if area.height() < 40 and area.width() < 400]
    assert left
    assert all(area.left() >= 0 for area in left)
    bounds = canvas.control.viewport.box(canvas.control.state.layout.bounds)
    assert bounds.x + bounds.width <= canvas.view.width() + 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.0007445, "-0.000745"),
        (0.0007445, "0.0007445"),
        (-1.2345e-12, "-1.23e-12"),
        (-12.3, "-12.30"),
    ],
)
def test_a_number_that_is_too_long_for_its_node_has_a_digit_less_and_no_smaller_type(value, text):
    assert number_text(value).replace("\u2212", "-") == text
    assert len(number_text(value)) <= len(WIDEST)
