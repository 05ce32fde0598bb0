from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QToolButton, QToolTip

from app.canvas.canvas import NetworkCanvas
from app.canvas.card.weight_grid import step
from app.canvas.model.blocks import card_grid
from app.canvas.model.colouring import Colouring, EdgeQuantity
from app.canvas.model.inputs import STRONGEST, strongest_inputs, way_of
from app.canvas.model.layout import lay_out, line_of
from app.canvas.model.numbers import Shown, Source
from app.canvas.model.stack import stages_of
from app.canvas.model.weights import Asked, weights_of
from app.canvas.pinning import box_of
from app.kit.forms.number_field import NumberField
from app.kit.numbers import in_full
from app.link.focus import Spot
from core.catalog.activations import Softmax
from core.debugger.tape import record_step
from core.experiment.layers import Conv2d, Dense, Flatten
from core.messages.commands import Freeze, SetNumber
from core.messages.record import Place, Stepping
from core.messages.scope import share_of
from tests.app.fakes import FakeBridge, snapshot_of
from tests.app.graphs import CNN, DENSE, SPIRAL, XOR, live, recorded, standing, stepped
from tests.core.experiments import trainer_of

LEFT = Qt.MouseButton.LeftButton
ROOM = (1000.0, 640.0)
KERNEL = Spot((2,), 3, 5)
"""Of cnn-mnist's second convolution, from its sixth input channel to its fourth."""


@pytest.fixture
def show(qtbot):
    kept = []  # else the collector could take one away while it is painted

    def make(snapshot, spot=None, *, size=(1000, 640)):
        bridge = FakeBridge(snapshot)
        canvas = NetworkCanvas(bridge)
        kept.append((canvas, bridge))
        qtbot.addWidget(canvas)
        canvas.resize(*size)
        canvas.show()
        qtbot.waitExposed(canvas)
        if spot is not None:
            bridge.focus.select(spot)
            canvas.control.pin(spot)
            QApplication.processEvents()  # so that everything on the card has its place
        return canvas, bridge

    yield make
    kept.clear()


def grid(canvas):
    return canvas.view.card.weights.grid


def weights(snapshot, spot, *, sample=0, edges=EdgeQuantity.FOLLOW):
    stages = stages_of(snapshot)
    place = next(i for i, stage in enumerate(stages) if stage.path == spot.path)
    numbers = Source().of(snapshot, sample)
    return weights_of(Asked(snapshot, numbers, sample, stages[: place + 1], spot, edges))


def press(canvas, cell):
    QTest.mouseClick(grid(canvas), LEFT, pos=grid(canvas).rect_of(cell).center().toPoint())


def field(canvas):
    return canvas.view.card.findChild(NumberField, "canvas.card.weight")


def write(qtbot, widget, text):
    widget.setFocus()
    widget.selectAll()
    qtbot.keyClicks(widget, text)
    qtbot.keyClick(widget, Qt.Key.Key_Return)


def convolution(kernel):
    """A recorded step with kernels of another size."""
    spec = standing(CNN).spec
    layers = (Conv2d(channels=2, kernel=kernel), Flatten(), Dense(units=10, activation=Softmax()))
    spec = spec.model_copy(update={"layers": layers})
    tape = record_step(trainer_of(spec))
    return replace(
        snapshot_of(spec), stepping=Stepping(tape.record, Place(), can_go_back=True)
    ), tape.record


def test_the_numbers_of_a_kernel_stand_on_its_edges_card():
    shown = weights(live(CNN), KERNEL)
    assert shown.values.shape == (1, 3, 3)
    assert np.array_equal(shown.values[0], recorded(CNN).arrays["p:2.weight"][3, 5])
    assert shown.limit == np.abs(recorded(CNN).arrays["p:2.weight"][3, 5]).max()
    assert shown.place((0, 1, 2)) == replace(KERNEL, kernel=(1, 2))


def test_a_number_of_a_kernel_tells_all_its_digits_and_its_gradient():
    arrays = recorded(CNN).arrays
    told = weights(stepped(CNN, "weight_gradient", (2,)), KERNEL).tell((0, 1, 2)).splitlines()
    assert told[0] == "Row 2, column 3 of the kernel from channel 6"
    assert told[1] == f"Weight w: {in_full(float(arrays['p:2.weight'][3, 5, 1, 2]))}"
    gradient = in_full(float(arrays["d:p:2.weight"][3, 5, 1, 2]))
    assert told[2] == f"Gradient, whole batch: {gradient}"
    share = share_of(recorded(CNN), "2.weight", 0)[3, 5, 1, 2]
    assert told[3] == f"This sample's share of it: {in_full(float(share))}"
    early = weights(stepped(CNN, "convolution", (2,)), KERNEL).tell((0, 1, 2)).splitlines()
    assert early[2] == "Gradient, whole batch: –"


@pytest.mark.parametrize(
    ("edges", "key"),
    [
        (EdgeQuantity.WEIGHT, "p:2.weight"),
        (EdgeQuantity.GRADIENT, "d:p:2.weight"),
        (EdgeQuantity.FOLLOW, "d:p:2.weight"),
    ],
)
def test_the_colouring_chosen_is_that_of_the_picture(edges, key):
    shown = weights(stepped(CNN, "weight_gradient", (2,)), KERNEL, sample=None, edges=edges)
    assert np.array_equal(shown.values[0], recorded(CNN).arrays[key][3, 5])


def test_gradients_appear_in_the_picture_as_they_are_computed():
    per_unit = 32 * 9
    done = 3 * per_unit + 5 * 9 + 4
    shown = weights(stepped(CNN, "weight_gradient", (2,), done), KERNEL)
    assert np.isfinite(shown.values).ravel().tolist() == [True] * 4 + [False] * 5
    before = weights(stepped(CNN, "convolution", (2,)), KERNEL, edges=EdgeQuantity.GRADIENT)
    assert before.limit is None


def test_the_contributions_of_a_pixel_and_its_bias_make_its_weighted_sum():
    snapshot, arrays = stepped(CNN, "convolution", (2,)), recorded(CNN).arrays
    spot = Spot((2,), 7, pixel=(4, 9))
    shown = weights(snapshot, spot, edges=EdgeQuantity.CONTRIBUTION)
    assert shown.values.shape == (32, 3, 3)
    total = shown.values.sum() + float(arrays["p:2.bias"][7])
    assert total == pytest.approx(float(arrays["z:2"][0, 7, 4, 9]), rel=1e-4)


def test_with_padding_and_a_stride_the_contributions_still_make_the_sum():
    spec = standing(CNN).spec
    layers = (
        Conv2d(channels=3, kernel=5, stride=2, padding=2),
        Flatten(),
        Dense(units=10, activation=Softmax()),
    )
    spec = spec.model_copy(update={"layers": layers})
    record = record_step(trainer_of(spec)).record
    place = Place(0, record.entries[0].count)
    snapshot = replace(snapshot_of(spec), stepping=Stepping(record, place, can_go_back=True))
    for pixel in ((0, 0), (0, 13), (13, 13), (6, 7)):
        spot = Spot((0,), 2, pixel=pixel)
        shown = weights(snapshot, spot, edges=EdgeQuantity.CONTRIBUTION)
        z = float(record.arrays["z:0"][(0, 2, *pixel)])
        assert shown.values.sum() == pytest.approx(z, rel=1e-4, abs=1e-6)


def test_a_click_on_a_number_picks_it_for_all_views_and_the_card_tells_of_it(show):
    canvas, bridge = show(stepped(CNN, "weight_gradient", (2,)), KERNEL)
    canvas.control.state.open((2,), range(12))
    press(canvas, (0, 2, 1))
    assert bridge.focus.selected == (replace(KERNEL, kernel=(2, 1)),)
    assert canvas.view.card.pinned
    arrays = recorded(CNN).arrays
    assert float(field(canvas).text()) == pytest.approx(
        float(arrays["p:2.weight"][3, 5, 2, 1]), rel=1e-3
    )
    gradient = canvas.view.card.findChild(QLabel, "canvas.card.weight.gradient")
    assert gradient.toolTip() == in_full(float(arrays["d:p:2.weight"][3, 5, 2, 1]))


def test_shift_picks_a_second_number_of_a_kernel(qtbot, show):
    canvas, bridge = show(live(CNN), replace(KERNEL, kernel=(0, 0)))
    point = grid(canvas).rect_of((0, 1, 1)).center().toPoint()
    qtbot.mouseClick(grid(canvas), LEFT, Qt.KeyboardModifier.ShiftModifier, pos=point)
    assert bridge.focus.selected == (
        replace(KERNEL, kernel=(0, 0)),
        replace(KERNEL, kernel=(1, 1)),
    )
    assert canvas.view.card.isVisible()


def test_a_number_of_a_kernel_is_changed_on_the_card(qtbot, show):
    canvas, bridge = show(live(CNN), KERNEL)
    press(canvas, (0, 2, 1))
    write(qtbot, field(canvas), "0.25")
    assert bridge.sent == [SetNumber("2.weight", (3, 5, 2, 1), 0.25)]


@pytest.mark.parametrize("text", ["abc", "", "1,5", "nan", "inf", "1e39"])
def test_what_is_no_finite_number_is_refused_there_with_the_reason(qtbot, show, text):
    canvas, bridge = show(live(CNN), replace(KERNEL, kernel=(0, 0)))
    one = field(canvas)
    one.setFocus()
    one.selectAll()
    qtbot.keyClick(one, Qt.Key.Key_Delete)
    qtbot.keyClicks(one, text)
    qtbot.keyClick(one, Qt.Key.Key_Return)
    hint = canvas.view.card.findChild(QLabel, "canvas.card.hint")
    assert bridge.sent == []
    assert hint.isVisible()
    assert hint.text()
    assert one.text() == text
    press(canvas, (0, 1, 1))
    assert hint.isHidden()
    value = float(recorded(CNN).arrays["p:2.weight"][3, 5, 1, 1])
    assert float(field(canvas).text()) == pytest.approx(value, rel=1e-3)


def test_a_number_of_a_kernel_is_frozen_and_marked(show):
    canvas, bridge = show(live(CNN), replace(KERNEL, kernel=(1, 0)))
    before = grid(canvas).grab().toImage()
    canvas.view.card.findChild(QCheckBox, "canvas.card.freeze").click()
    assert bridge.sent == [Freeze("2.weight", (3, 5, 1, 0), True)]
    frozen = frozenset({("2.weight", (3, 5, 1, 0)), ("2.weight", (3, 6, 0, 0)), ("2.bias", (3,))})
    bridge.present(replace(bridge.snapshot, frozen=frozen))
    held = grid(canvas).weights.held
    assert np.argwhere(held).tolist() == [[0, 1, 0]]
    assert grid(canvas).grab().toImage() != before
    assert grid(canvas).weights.tell((0, 1, 0)).endswith("Frozen")
    assert canvas.view.card.findChild(QCheckBox, "canvas.card.freeze").isChecked()


def test_a_kernel_is_walked_through_and_edited_by_keyboard_alone(qtbot, show):
    canvas, bridge = show(live(CNN))
    bridge.focus.select(KERNEL)
    canvas.view.setFocus()
    qtbot.keyClick(canvas.view, Qt.Key.Key_Return)
    picture = grid(canvas)
    assert canvas.focusWidget() is picture
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(picture, key)
    assert bridge.focus.selected == (replace(KERNEL, kernel=(1, 0)),)
    qtbot.keyClick(picture, Qt.Key.Key_Left)
    assert bridge.focus.selected == (replace(KERNEL, kernel=(1, 0)),)
    qtbot.keyClick(picture, "-")
    one = field(canvas)
    assert canvas.focusWidget() is one
    qtbot.keyClicks(one, "0.5")
    qtbot.keyClick(one, Qt.Key.Key_Return)
    assert bridge.sent == [SetNumber("2.weight", (3, 5, 1, 0), -0.5)]
    qtbot.keyClick(one, Qt.Key.Key_Escape)
    qtbot.keyClick(one, Qt.Key.Key_Escape)
    assert canvas.view.card.isHidden()


def test_tab_leads_from_the_bias_through_the_boxes_to_the_picture(qtbot, show):
    canvas, _ = show(live(CNN))
    canvas.window().activateWindow()
    canvas.control.pin(Spot((2,), 3))
    canvas.view.card.start()
    seen = []
    for _ in range(4):
        seen.append(canvas.focusWidget().objectName())
        qtbot.keyClick(canvas.focusWidget(), Qt.Key.Key_Tab)
    assert seen == [
        "canvas.card.bias",
        "canvas.card.knock",
        "canvas.card.freeze",
        "canvas.card.weights.grid",
    ]


def test_page_down_and_the_buttons_turn_to_the_kernels_of_the_other_channels(qtbot, show):
    canvas, bridge = show(live(CNN), Spot((2,), 3, 30, kernel=(1, 1)))
    later = canvas.view.card.findChild(QToolButton, "canvas.card.weights.later")
    qtbot.keyClick(grid(canvas), Qt.Key.Key_PageDown)
    assert bridge.focus.selected == (Spot((2,), 3, 31, kernel=(1, 1)),)
    assert not later.isEnabled()
    qtbot.keyClick(grid(canvas), Qt.Key.Key_PageDown)
    assert bridge.focus.selected == (Spot((2,), 3, 31, kernel=(1, 1)),)
    canvas.view.card.findChild(QToolButton, "canvas.card.weights.earlier").click()
    assert bridge.focus.selected == (Spot((2,), 3, 30, kernel=(1, 1)),)
    assert later.isEnabled()


def test_a_channel_shows_all_its_kernels_and_one_of_them_can_be_opened(show):
    canvas, bridge = show(live(CNN), Spot((2,), 3))
    shown = grid(canvas).weights
    assert np.array_equal(shown.values, recorded(CNN).arrays["p:2.weight"][3])
    press(canvas, (17, 0, 2))
    assert bridge.focus.selected == (Spot((2,), 3, 17, kernel=(0, 2)),)
    assert grid(canvas).weights.values.shape == (1, 3, 3)


def test_pointing_at_a_number_tells_the_other_views(qtbot, show):
    canvas, bridge = show(live(CNN), KERNEL)
    point = grid(canvas).rect_of((0, 2, 2)).center().toPoint()
    qtbot.mouseMove(grid(canvas), point)
    assert bridge.focus.hovered == replace(KERNEL, kernel=(2, 2))
    help_ = QHelpEvent(QEvent.Type.ToolTip, point, grid(canvas).mapToGlobal(point))
    QApplication.sendEvent(grid(canvas), help_)
    assert QToolTip.text() == grid(canvas).weights.tell((0, 2, 2))
    QApplication.sendEvent(grid(canvas), QEvent(QEvent.Type.Leave))
    assert bridge.focus.hovered is None


@pytest.mark.parametrize("kernel", [1, 3, 5, 7, 11])
def test_kernels_of_every_size_fit_onto_the_card_and_every_number_can_be_picked(qapp, show, kernel):
    snapshot, record = convolution(kernel)
    canvas, bridge = show(snapshot, Spot((0,), 1, 0))
    canvas.grab()
    assert canvas.view.rect().contains(canvas.view.card.geometry())
    for cell in ((0, 0, 0), (0, kernel - 1, kernel - 1)):
        press(canvas, cell)
        assert bridge.focus.selected[-1].kernel == cell[1:]
        value = float(record.arrays["p:0.weight"][(1, *cell)])
        assert float(field(canvas).text()) == pytest.approx(value, rel=1e-3)


def test_a_number_of_a_kernel_that_is_gone_takes_the_card_away(show):
    snapshot, _ = convolution(5)
    canvas, bridge = show(snapshot, Spot((0,), 1, 0, kernel=(4, 4)))
    assert canvas.view.card.isVisible()
    smaller, _ = convolution(3)
    bridge.present(smaller)
    assert canvas.view.card.isHidden()
    canvas.control.pin(Spot((0,), 1, 0, kernel=(4, 4)))
    assert canvas.view.card.isHidden()


def test_the_weights_of_a_neuron_behind_a_flattened_image_are_an_image():
    arrays = recorded(DENSE).arrays
    shown = weights(live(DENSE), Spot((1,), 10))
    assert shown.values.shape == (1, 28, 28)
    row, column = 14, 9
    assert shown.values[0, row, column] == arrays["p:1.weight"][10, row * 28 + column]
    assert shown.place((0, row, column)) == Spot((1,), 10, row * 28 + column)
    assert shown.tell((0, row, column)).startswith("From pixel (15, 10)\n")
    picked = weights(live(DENSE), Spot((1,), 10, row * 28 + column))
    assert picked.current == (0, row, column)


def test_behind_channels_the_weights_stand_in_their_maps():
    shown = weights(live(CNN), Spot((6,), 2))
    assert shown.values.shape == (64, 3, 3)
    flat = recorded(CNN).arrays["p:6.weight"][2]
    assert np.array_equal(shown.values.ravel(), flat)
    assert shown.tell((5, 2, 0)).startswith("From pixel (3, 1) of channel 6\n")


def test_behind_many_neurons_they_are_laid_out_as_their_block_is():
    snapshot = stepped(DENSE, "activation", (2,))
    shown = weights(snapshot, Spot((2,), 4))
    assert shown.values.shape == (64, 1, 1)
    block = lay_out(stages_of(snapshot), ROOM).columns[2].grid
    card = card_grid(shown.shape, 200.0, 200.0, 60.0)
    assert (card.down, card.across) == (block.down, block.across)
    assert shown.tell((7, 0, 0)).startswith("From input 8\n")


def test_behind_a_few_neurons_there_is_no_picture_since_the_edges_tell_it():
    assert weights(live(XOR), Spot((0,), 1)) is None
    assert weights(live(SPIRAL), Spot((1,), 3, 5)) is None
    assert weights(live(CNN), Spot((1,), 0)) is None  # pooling has no weights
    assert weights(live(CNN), Spot((), 0)) is None
    assert weights(standing(CNN), Spot((2,), 0)) is None  # none are known


def test_a_weight_behind_a_block_is_changed_and_frozen_on_the_card(qtbot, show):
    canvas, bridge = show(live(DENSE), Spot((1,), 10))
    press(canvas, (0, 14, 9))
    assert bridge.focus.selected == (Spot((1,), 10, 401),)
    write(qtbot, field(canvas), "1e-3")
    canvas.view.card.findChild(QCheckBox, "canvas.card.freeze").click()
    assert bridge.sent == [
        SetNumber("1.weight", (10, 401), 0.001),
        Freeze("1.weight", (10, 401), True),
    ]


def test_choosing_another_colouring_changes_the_picture_of_a_pinned_card(show):
    canvas, _ = show(stepped(DENSE, "weight_gradient", (1,)), Spot((1,), 10))
    gradients = grid(canvas).weights.values
    canvas.control.set_colouring(Colouring(edges=EdgeQuantity.CONTRIBUTION))
    arrays = recorded(DENSE).arrays
    product = arrays["p:1.weight"][10].astype(float) * arrays["x"][0].reshape(-1)
    assert np.allclose(grid(canvas).weights.values.ravel(), product)
    assert not np.allclose(gradients, grid(canvas).weights.values)


def test_an_arrow_leads_over_the_gap_between_two_maps():
    maps = card_grid((6, 3, 3), 200.0, 200.0, 60.0)
    beyond = maps.across  # the map below the first
    assert step(maps, (0, 2, 1), 1, 0) == (beyond, 0, 1)
    assert step(maps, (beyond, 0, 1), -1, 0) == (0, 2, 1)
    assert step(maps, (0, 0, 0), -1, 0) is None


def test_the_strongest_inputs_of_a_unit_behind_a_block_are_drawn():
    snapshot = live(DENSE)
    layout = lay_out(stages_of(snapshot), ROOM, {(1,): (3, 10)})
    values = np.random.default_rng(0).normal(size=(64, 784))
    found = strongest_inputs(layout, Spot((1,), 10), Shown(values))
    expected = np.sort(np.abs(values[10]))[-STRONGEST:]
    assert np.abs(found.values).tolist() == expected.tolist()
    assert found.limit == expected[-1]
    block, node = layout.columns[1], layout.columns[2]
    strongest = int(np.abs(values[10]).argmax())
    x, y, end_x, end_y = found.lines[-1]
    assert block.grid.number_at(x - block.box.x, y - block.box.y)[0] == strongest
    assert (end_x + layout.radius, end_y) == pytest.approx(tuple(node.centres[1]))


def test_inputs_that_are_not_computed_yet_or_drawn_as_edges_are_not_drawn():
    snapshot = live(DENSE)
    layout = lay_out(stages_of(snapshot), ROOM, {(1,): (3, 10)})
    unknown = Shown(np.ones((64, 784)), 0)
    assert strongest_inputs(layout, Spot((1,), 10), unknown) is None
    assert strongest_inputs(layout, Spot((1,), 10), None) is None
    assert strongest_inputs(layout, Spot((2,), 4), Shown(np.ones((10, 64)))) is None
    assert strongest_inputs(layout, Spot((0,), 4), Shown(np.ones((10, 64)))) is None


def test_a_picked_weight_behind_a_block_has_a_way_across_the_band(show):
    canvas, bridge = show(live(DENSE))
    spot = Spot((1,), 10, 401)
    layout = canvas.control.state.layout
    assert line_of(layout, spot) is None
    x, y, _, _ = way_of(layout, spot)
    block = layout.columns[1]
    assert block.grid.number_at(x - block.box.x, y - block.box.y)[0] == 401
    before = canvas.view.grab().toImage()
    bridge.focus.select(spot)
    assert canvas.view.grab().toImage() != before


def test_w_walks_through_the_weights_of_the_picked_neuron(qtbot, show):
    canvas, bridge = show(live(XOR))
    canvas.view.setFocus()
    bridge.focus.select(Spot((0,), 1))
    seen = []
    for _ in range(3):
        qtbot.keyClick(canvas.view, Qt.Key.Key_W)
        seen.append(bridge.focus.selected[-1])
    assert seen == [Spot((0,), 1, 0), Spot((0,), 1, 1), Spot((0,), 1, 0)]
    qtbot.keyClick(canvas.view, Qt.Key.Key_Return)
    write(qtbot, field(canvas), "2")
    assert bridge.sent == [SetNumber("0.weight", (1, 0), 2.0)]


def test_a_card_stays_where_it_is_while_one_number_after_another_is_picked(show):
    canvas, _ = show(stepped(CNN, "convolution", (0,)), Spot((0,), 3, 0, kernel=(0, 0)))
    before = canvas.view.card.pos()
    for cell in ((0, 1, 1), (0, 2, 2), (0, 0, 1)):
        press(canvas, cell)
        assert canvas.view.card.pos() == before
    assert canvas.view.rect().contains(canvas.view.card.geometry())
    assert canvas.view.card.geometry().topLeft() != QPoint(0, 0)


@pytest.mark.parametrize(("size", "stacked"), [((760, 700), True), ((1500, 640), False)])
def test_the_card_does_not_cover_the_neuron_that_it_speaks_of(show, size, stacked):
    canvas, _ = show(live(DENSE), size=size)
    view = canvas.view
    view.control.state.open((1,), range(12))
    view.control.relayout()
    spot = Spot((1,), 6)
    view.control.pin(spot)
    QApplication.processEvents()
    assert not view.card.geometry().contains(box_of(view.control, spot).center().toPoint())
    below = view.card.weights.y() > view.card.findChild(QLabel, "canvas.card.label").y() + 40
    assert below == stacked


def test_the_way_to_a_pixel_comes_from_the_middle_of_its_patch(show):
    snapshot = stepped(CNN, "convolution", (0,))
    layout = lay_out(stages_of(snapshot), ROOM)
    x, y, end_x, end_y = way_of(layout, Spot((0,), 4, 0, pixel=(7, 20)))
    start, end = layout.columns[:2]
    # A kernel of 3 without padding looks from (7, 20) at rows 7 to 9 and columns 20 to 22.
    assert start.grid.number_at(x - start.box.x, y - start.box.y) == (0, 8, 21)
    assert end.grid.number_at(end_x - end.box.x, end_y - end.box.y) == (4, 7, 20)
