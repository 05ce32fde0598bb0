from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QMenu, QToolButton, QWidget

from app.canvas.canvas import NetworkCanvas
from app.canvas.model.layout import HEAD, centre_of, line_of
from app.canvas.model.viewport import Viewport
from app.canvas.paint.drawing import text_font
from app.canvas.paint.headings import first_line, heading_box
from app.canvas.paint.legend import LegendRow, draw_legend
from app.canvas.paint.picture import Paper
from app.canvas.pinning import box_of
from app.kit import theme
from app.kit.forms.number_field import NumberField
from app.link.focus import Spot
from core.catalog.activations import ReLU
from core.experiment.layers import Dense, Dropout
from core.messages.commands import Freeze, KnockOut, SetInput, SetNumber
from core.messages.record import Place, Stepping
from core.messages.snapshot import DecisionMap
from core.presets import PRESETS
from tests.app.fakes import FakeBridge, loading, snapshot_of
from tests.app.graphs import CNN, DENSE, SPIRAL, WORKED, XOR, live, recorded, standing, stepped

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def show(qtbot):
    kept = []  # else the collector could take one away while it is painted

    def make(snapshot, *, editable=True, size=(1000, 640)):
        bridge = FakeBridge(snapshot)
        canvas = NetworkCanvas(bridge, editable=editable)
        kept.append((canvas, bridge))
        qtbot.addWidget(canvas)
        canvas.resize(*size)
        canvas.show()
        qtbot.waitExposed(canvas)
        return canvas, bridge

    yield make
    kept.clear()


def at(canvas, spot):
    """The pixel where a place is drawn."""
    view = canvas.view
    centre = centre_of(view.control.state.layout, spot)
    if centre is None and spot.source is not None:
        x1, y1, x2, y2 = line_of(view.control.state.layout, spot)
        # Near one end, where no other edge crosses.
        centre = np.array([x1 + 0.15 * (x2 - x1), y1 + 0.15 * (y2 - y1)])
    if centre is None:
        return box_of(view.control, spot).center().toPoint()
    return QPoint(*np.rint(view.control.viewport.to_screen(centre)).astype(int).tolist())


def heading(canvas, column):
    view = canvas.view
    x, y = view.control.viewport.box(heading_box(view.control.state.layout, column)).centre
    return QPoint(round(x), round(y))


def drag(qtbot, widget, start, end):
    qtbot.mousePress(widget, LEFT, pos=start)
    qtbot.mouseMove(widget, (start + end) / 2)
    qtbot.mouseMove(widget, end)
    qtbot.mouseRelease(widget, LEFT, pos=end)


def ground(canvas):
    """A pixel where nothing is: under everything, above the legend."""
    return QPoint(12, canvas.view.height() - 50)


def kinds(spec):
    return [layer.kind for layer in spec.layers]


def test_while_data_loads_the_canvas_says_so_and_takes_no_harm(qtbot, show):
    canvas, bridge = show(loading(XOR))
    assert canvas.control.state.is_empty
    qtbot.mouseMove(canvas.view, QPoint(50, 50))
    qtbot.mouseClick(canvas.view, LEFT, pos=QPoint(50, 50))
    qtbot.keyClick(canvas.view, Qt.Key.Key_Right)
    canvas.control.fit()
    canvas.grab()
    bridge.present(live(XOR))
    assert not canvas.control.state.is_empty


def test_the_network_fits_into_the_window_at_first(show):
    canvas, _ = show(live(SPIRAL))
    view = canvas.view
    bounds = view.control.viewport.box(view.control.state.layout.bounds)
    assert bounds.x >= -1
    assert bounds.y >= -1
    assert bounds.x + bounds.width <= view.width() + 1
    assert bounds.y + bounds.height <= view.height() + 1


def test_pointing_at_an_edge_tells_the_other_views_and_shows_its_numbers(qtbot, show):
    canvas, bridge = show(live(XOR))
    spot = Spot((0,), 1, 0)
    qtbot.mouseMove(canvas.view, at(canvas, spot) + QPoint(0, 3))
    assert bridge.focus.hovered == spot
    assert canvas.view.card.isVisible()
    assert not canvas.view.card.pinned
    qtbot.mouseMove(canvas.view, ground(canvas))
    assert bridge.focus.hovered is None
    assert not canvas.view.card.isVisible()


def test_a_click_picks_a_neuron_and_pins_its_card_until_escape(qtbot, show):
    canvas, bridge = show(stepped(XOR, "activation", (0,)))
    qtbot.mouseClick(canvas.view, LEFT, pos=at(canvas, Spot((0,), 1)))
    assert bridge.focus.selected == (Spot((0,), 1),)
    assert canvas.view.card.pinned
    value = canvas.view.card.findChild(QLabel, "canvas.card.a")
    assert float(value.text()) == pytest.approx(recorded(XOR).arrays["a:0"][0, 1], rel=1e-3)
    qtbot.keyClick(canvas.view, Qt.Key.Key_Escape)
    assert not canvas.view.card.isVisible()
    qtbot.keyClick(canvas.view, Qt.Key.Key_Escape)
    assert bridge.focus.selected == ()


def test_shift_adds_a_second_place(qtbot, show):
    canvas, bridge = show(live(XOR))
    first, second = Spot((0,), 1, 0), Spot((1,), 0, 1)
    qtbot.mouseClick(canvas.view, LEFT, pos=at(canvas, first))
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(canvas.view, LEFT, shift, pos=at(canvas, second))
    assert bridge.focus.selected == (first, second)


def weight_field(qtbot, canvas):
    qtbot.mouseClick(canvas.view, LEFT, pos=at(canvas, Spot((0,), 1, 0)))
    return canvas.view.card.findChild(NumberField, "canvas.card.weight")


def test_a_weight_is_changed_on_its_card(qtbot, show):
    canvas, bridge = show(live(XOR))
    field = weight_field(qtbot, canvas)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "0.25")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert bridge.sent == [SetNumber("0.weight", (1, 0), 0.25)]


@pytest.mark.parametrize("text", ["abc", "", "1,5", "nan", "inf", "1e999", "1e39"])
def test_what_is_no_finite_number_is_refused_with_the_reason_and_nothing_is_sent(qtbot, show, text):
    canvas, bridge = show(live(XOR))
    field = weight_field(qtbot, canvas)
    field.setFocus()
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert bridge.sent == []
    hint = canvas.view.card.findChild(QLabel, "canvas.card.hint")
    assert hint.isVisible()
    assert hint.text()
    assert field.text() == text
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert hint.isHidden()
    shown = float(recorded(XOR).arrays["p:0.weight"][1, 0])
    assert float(field.text()) == pytest.approx(shown, rel=1e-3)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not canvas.view.card.isVisible()


def test_a_refused_text_survives_a_new_snapshot(qtbot, show):
    canvas, bridge = show(live(XOR))
    field = weight_field(qtbot, canvas)
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "abc")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    values = bridge.snapshot.values
    bridge.present(replace(bridge.snapshot, values=replace(values, step=1)))
    assert field.text() == "abc"


def test_an_input_of_the_sample_is_changed_on_its_card(qtbot, show):
    canvas, bridge = show(stepped(XOR, "linear", (0,)))
    bridge.focus.pick_sample(2)
    qtbot.mouseClick(canvas.view, LEFT, pos=at(canvas, Spot((), 1)))
    field = canvas.view.card.findChild(NumberField, "canvas.card.x")
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "0.5")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert bridge.sent == [SetInput(int(recorded(XOR).rows[2]), (1,), 0.5)]


def test_a_weight_is_frozen_and_a_neuron_knocked_out_by_their_cards(qtbot, show):
    canvas, bridge = show(live(XOR))
    weight_field(qtbot, canvas)
    canvas.view.card.findChild(QCheckBox, "canvas.card.freeze").click()
    qtbot.mouseClick(canvas.view, LEFT, pos=at(canvas, Spot((0,), 1)))
    canvas.view.card.findChild(QCheckBox, "canvas.card.knock").click()
    assert bridge.sent == [Freeze("0.weight", (1, 0), True), KnockOut((0,), 1, True)]


def test_the_card_follows_the_step(qtbot, show):
    canvas, bridge = show(stepped(XOR, "linear", (0,)))
    qtbot.mouseClick(canvas.view, LEFT, pos=at(canvas, Spot((0,), 0)))
    label = canvas.view.card.findChild(QLabel, "canvas.card.a")
    assert label.text() == "–"
    bridge.present(stepped(XOR, "activation", (0,)))
    assert float(label.text()) == pytest.approx(recorded(XOR).arrays["a:0"][0, 0], rel=1e-3)


def test_plus_and_minus_under_a_column_change_its_units(qtbot, show):
    canvas, bridge = show(live(SPIRAL))
    qtbot.mouseClick(canvas.findChild(QToolButton, "canvas.more.0"), LEFT)
    assert bridge.edited.layers[0].units == 17
    qtbot.mouseClick(canvas.findChild(QToolButton, "canvas.fewer.1"), LEFT)
    assert bridge.edited.layers[1].units == 15
    # Presses in a row undo as one.
    qtbot.mouseClick(canvas.findChild(QToolButton, "canvas.fewer.1"), LEFT)
    assert bridge.sent[-1].gesture == bridge.sent[-2].gesture
    assert canvas.findChild(QToolButton, "canvas.more.2") is None


def test_a_click_on_the_palette_adds_a_layer_before_the_output(qtbot, show):
    canvas, bridge = show(live(SPIRAL))
    qtbot.mouseClick(canvas.findChild(QToolButton, "canvas.palette.dropout"), LEFT)
    assert kinds(bridge.edited) == ["dense", "dense", "dropout", "dense"]
    qtbot.mouseClick(canvas.findChild(QToolButton, "canvas.palette.dense"), LEFT)
    assert bridge.edited.layers[2].activation.kind == "tanh"


def test_a_layer_that_cannot_stand_there_is_refused_with_the_reason(qtbot, show):
    canvas, bridge = show(live(SPIRAL))
    qtbot.mouseClick(canvas.findChild(QToolButton, "canvas.palette.conv2d"), LEFT)
    assert bridge.sent == []
    assert "image" in canvas.reason.text()
    assert canvas.reason.isVisible()
    qtbot.mouseClick(canvas.findChild(QToolButton, "canvas.palette.dense"), LEFT)
    assert canvas.reason.isHidden()


def test_a_layer_is_dragged_from_the_palette_between_two_columns(qtbot, show):
    canvas, bridge = show(live(SPIRAL))
    button = canvas.findChild(QToolButton, "canvas.palette.dropout")
    columns = canvas.control.state.layout.columns
    between = canvas.control.viewport.to_screen(
        np.array([(columns[1].box.centre[0] + columns[2].box.centre[0]) / 2, 200.0])
    )
    target = canvas.view.mapTo(canvas, QPoint(*np.rint(between).astype(int).tolist()))
    drag(qtbot, button, button.rect().center(), button.mapFrom(canvas, target))
    assert kinds(bridge.edited) == ["dense", "dropout", "dense", "dense"]


def test_a_drag_that_ends_outside_adds_nothing(qtbot, show):
    canvas, bridge = show(live(SPIRAL))
    button = canvas.findChild(QToolButton, "canvas.palette.dropout")
    drag(qtbot, button, button.rect().center(), QPoint(60, 12))
    assert bridge.sent == []


def three_kinds():
    """A network whose layers can be told apart."""
    spec = standing(SPIRAL).spec
    layers = (spec.layers[0], Dropout(rate=0.2), *spec.layers[1:])
    bridge = FakeBridge(standing(SPIRAL))
    from core.messages.edits import set_layers

    bridge.carry_out(set_layers(layers))
    return bridge.snapshot


def test_a_column_is_dragged_by_its_heading_to_another_place(qtbot, show):
    canvas, bridge = show(three_kinds())
    drag(qtbot, canvas.view, heading(canvas, 2), heading(canvas, 3) + QPoint(30, 0))
    assert kinds(bridge.edited) == ["dense", "dense", "dropout", "dense"]


def test_a_column_dropped_where_it_was_changes_nothing(qtbot, show):
    canvas, bridge = show(three_kinds())
    drag(qtbot, canvas.view, heading(canvas, 2), heading(canvas, 2) + QPoint(25, 0))
    assert bridge.sent == []


def test_everything_goes_by_keyboard(qtbot, show):
    canvas, bridge = show(three_kinds())
    view = canvas.view
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert bridge.focus.selected == (Spot((), 0),)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    path = bridge.focus.selected[0].path
    assert path == (0,)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert bridge.edited.layers[0].units == 17
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert bridge.edited.layers[0].units == 15
    qtbot.keyClick(view, Qt.Key.Key_Right)
    before = bridge.focus.selected[0]
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert bridge.focus.selected[0].unit == before.unit + 1
    qtbot.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert kinds(bridge.edited) == ["dense", "dense", "dropout", "dense"]
    bridge.focus.select(Spot((1,), 0))
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    assert kinds(bridge.edited) == ["dense", "dense", "dense"]


def test_enter_opens_the_card_with_the_keyboard_in_it(qtbot, show):
    canvas, bridge = show(live(XOR))
    canvas.view.setFocus()
    bridge.focus.select(Spot((0,), 1))
    qtbot.keyClick(canvas.view, Qt.Key.Key_Return)
    assert canvas.view.card.pinned
    field = canvas.view.card.findChild(NumberField, "canvas.card.bias")
    assert canvas.view.card.isAncestorOf(field)
    assert canvas.focusWidget() is field


def menu_of(canvas):
    menus = [menu for menu in canvas.view.findChildren(QMenu, "canvas.menu") if menu.isVisible()]
    return menus[-1]


def action(menu, identifier):
    name = f"canvas.menu.{identifier}"
    inside = [menu, *menu.findChildren(QMenu)]
    return next(one for each in inside for one in each.actions() if one.objectName() == name)


def open_menu_at(canvas, spot):
    from app.canvas.menu import open_menu

    return open_menu(
        canvas.control, canvas.view, canvas.control.hit(at(canvas, spot)), QPoint(10, 10)
    )


def test_the_menu_of_a_neuron_adds_changes_duplicates_and_removes(show):
    canvas, bridge = show(live(SPIRAL))
    menu = open_menu_at(canvas, Spot((1,), 3))
    action(menu, "before.dropout").trigger()
    assert kinds(bridge.edited) == ["dense", "dropout", "dense", "dense"]
    action(menu, "after.batch_norm").trigger()
    assert kinds(bridge.edited) == ["dense", "dense", "batch_norm", "dense"]
    action(menu, "activation.relu").trigger()
    assert isinstance(bridge.edited.layers[1].activation, ReLU)
    action(menu, "duplicate").trigger()
    assert kinds(bridge.edited) == ["dense"] * 4
    action(menu, "remove").trigger()
    assert kinds(bridge.edited) == ["dense"] * 2
    action(menu, "knock").trigger()
    assert bridge.sent[-1] == KnockOut((1,), 3, True)
    assert not action(menu, "before.conv2d").isEnabled()
    menu.close()


def test_the_menu_key_opens_the_menu_of_what_is_picked(qtbot, show):
    canvas, bridge = show(live(SPIRAL))
    bridge.focus.select(Spot((0,), 0))
    from PySide6.QtGui import QContextMenuEvent
    from PySide6.QtWidgets import QApplication

    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(1, 1), QPoint(1, 1))
    QApplication.sendEvent(canvas.view, event)
    menu = menu_of(canvas)
    assert action(menu, "duplicate").isEnabled()
    menu.close()


def test_the_only_layer_and_the_inputs_cannot_be_removed(qtbot, show):
    canvas, bridge = show(live("xor-no-hidden"))
    canvas.view.setFocus()
    for spot in (Spot((0,), 0), Spot((), 0)):
        bridge.focus.select(spot)
        qtbot.keyClick(canvas.view, Qt.Key.Key_Delete)
    assert bridge.sent == []


def test_where_it_is_only_read_nothing_can_be_built(qtbot, show):
    canvas, bridge = show(live(SPIRAL), editable=False)
    assert canvas.palette_strip.isHidden()
    assert canvas.findChild(QToolButton, "canvas.more.0") is None
    bridge.focus.select(Spot((0,), 0))
    for key in (Qt.Key.Key_Plus, Qt.Key.Key_Delete):
        qtbot.keyClick(canvas.view, key)
    drag(qtbot, canvas.view, heading(canvas, 1), heading(canvas, 2) + QPoint(30, 0))
    assert bridge.sent == []
    canvas.set_editable(True)
    assert canvas.findChild(QToolButton, "canvas.more.0").isVisible()
    assert canvas.palette_strip.isVisible()
    canvas.set_editable(False)
    assert not canvas.findChild(QToolButton, "canvas.more.0").isVisible()


def wheel(canvas, position, delta):
    return QWheelEvent(
        position, canvas.view.mapToGlobal(position), QPoint(), QPoint(0, delta),
        Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase,
        False,
    )  # fmt: skip


def test_the_wheel_zooms_to_the_pointer_the_ground_pans_and_f_fits(qtbot, show):
    canvas, _ = show(live(SPIRAL))
    view = canvas.view
    fitted = view.control.viewport
    point = at(canvas, Spot((1,), 3))
    view.wheelEvent(wheel(canvas, point, 120))
    assert view.control.viewport.scale == pytest.approx(fitted.scale * 1.2)
    assert (at(canvas, Spot((1,), 3)) - point).manhattanLength() <= 1
    before = view.control.viewport
    drag(qtbot, view, ground(canvas), ground(canvas) + QPoint(60, -40))
    after = view.control.viewport
    assert (after.x - before.x, after.y - before.y) == pytest.approx((60, -40))
    qtbot.keyClick(view, Qt.Key.Key_F)
    assert view.control.viewport == fitted


def test_the_middle_button_pans_wherever_it_is_pressed(qtbot, show):
    canvas, bridge = show(live(XOR))
    start, before = at(canvas, Spot((0,), 0)), canvas.control.viewport
    middle = Qt.MouseButton.MiddleButton
    qtbot.mousePress(canvas.view, middle, pos=start)
    qtbot.mouseMove(canvas.view, start + QPoint(20, 0))
    qtbot.mouseMove(canvas.view, start + QPoint(50, 10))
    qtbot.mouseRelease(canvas.view, middle, pos=start + QPoint(50, 10))
    assert canvas.control.viewport.x - before.x == pytest.approx(50)
    assert bridge.focus.selected == ()


def test_a_double_click_opens_a_block_and_its_heading_closes_it(qtbot, show):
    canvas, _ = show(stepped(DENSE, "activation", (1,)))
    view = canvas.view
    assert view.control.state.layout.columns[2].is_block
    qtbot.mouseDClick(view, LEFT, pos=at(canvas, Spot((1,), 10)))
    opened = view.control.state.layout.columns[2]
    assert len(opened.units) == 12
    assert view.control.state.layout.links[2] is not None
    qtbot.mouseDClick(view, LEFT, pos=heading(canvas, 2))
    assert view.control.state.layout.columns[2].is_block


def test_a_pixel_of_a_convolution_is_picked_for_the_formula(qtbot, show):
    canvas, bridge = show(stepped(CNN, "convolution", (0,)), size=(1400, 800))
    spot = Spot((0,), 5, pixel=(7, 3))
    middle = at(canvas, spot)
    canvas.control.zoom(6, middle.x(), middle.y())
    qtbot.mouseClick(canvas.view, LEFT, pos=at(canvas, spot))
    assert bridge.focus.selected == (spot,)
    canvas.grab()


def test_a_pixel_of_an_opened_channel_can_be_picked_in_its_node(qtbot, show):
    canvas, bridge = show(stepped(CNN, "activation", (4,)), size=(790, 600))
    canvas.control.toggle_open((4,))
    column = canvas.control.state.layout.columns[5]
    unit = int(column.units[2])
    middle = at(canvas, Spot((4,), unit))
    qtbot.mouseMove(canvas.view, middle)
    # The middle of a map of 3x3 is its pixel (1, 1).
    assert bridge.focus.hovered == Spot((4,), unit, pixel=(1, 1))
    reach = round(canvas.control.state.layout.radius * canvas.control.viewport.scale * 0.8)
    qtbot.mouseClick(canvas.view, LEFT, pos=middle + QPoint(reach, -reach))
    assert bridge.focus.selected == (Spot((4,), unit, pixel=(0, 2)),)
    canvas.grab()


def test_places_picked_elsewhere_light_up_here(show):
    canvas, bridge = show(live(XOR))
    before = canvas.view.grab().toImage()
    bridge.focus.select(Spot((0,), 1, 0))
    assert canvas.view.grab().toImage() != before


def test_the_toolbar_changes_what_is_coloured(qtbot, show):
    canvas, _ = show(live(XOR))
    before = canvas.view.grab().toImage()
    nodes = canvas.findChild(QWidget, "canvas.nodes")
    nodes.setCurrentIndex(nodes.findData("bias"))
    assert canvas.control.state.colouring.nodes == "bias"
    assert canvas.view.grab().toImage() != before


def test_an_unchanged_snapshot_paints_nothing_anew(qtbot, show):
    canvas, bridge = show(live(XOR))
    canvas.grab()
    scene, drawn = canvas.control.state.scene, canvas.view.painter.edges.drawn
    bridge.present(replace(bridge.snapshot, version=99))
    assert canvas.control.state.scene is scene
    canvas.grab()
    assert canvas.view.painter.edges.drawn == drawn


def test_a_step_that_changes_no_weight_draws_no_edge_anew(show):
    canvas, bridge = show(stepped(SPIRAL, "linear", (1,), 1))
    canvas.grab()
    drawn = canvas.view.painter.edges.drawn
    for number in (2, 3, 4):
        bridge.present(stepped(SPIRAL, "linear", (1,), number))
        canvas.grab()
    assert canvas.view.painter.edges.drawn == drawn
    assert canvas.view.painter.edges.touched == 0


def test_with_reduced_motion_no_arrow_moves(qtbot, show, monkeypatch):
    canvas, bridge = show(stepped(XOR, "linear", (0,), 1))
    monkeypatch.setattr(theme, "animation_ms", lambda: 0)
    bridge.present(stepped(XOR, "linear", (0,), 2))
    assert canvas.view.arrows.way == 1.0
    monkeypatch.setattr(theme, "animation_ms", lambda: 60)
    bridge.present(stepped(XOR, "activation", (0,), 1))
    assert canvas.view.arrows.way < 1.0
    qtbot.waitUntil(lambda: canvas.view.arrows.way == 1.0)


def test_each_hidden_neuron_shows_its_own_map_of_the_plane(show):
    snapshot = live(XOR)
    canvas, bridge = show(snapshot)
    before = canvas.view.grab().toImage()
    plane = np.linspace(-1, 1, 20, dtype=np.float32)
    units = np.stack(np.meshgrid(plane, plane), axis=-1)
    none = np.zeros((0, 2), np.float32)
    decisions = DecisionMap(0, plane, plane, units[:, :, :1], {(0,): units}, none, none, none, none)
    bridge.present(replace(snapshot, decisions=decisions))
    after = canvas.view.grab().toImage()
    middle = at(canvas, Spot((0,), 1))
    ratio = after.devicePixelRatio()
    up, down = (
        after.pixelColor(round(middle.x() * ratio), round((middle.y() + dy) * ratio))
        for dy in (-14, 14)
    )
    # The second unit is the second input: positive, so blue, above; negative, orange, below.
    assert up.blue() > up.red()
    assert down.red() > down.blue()
    assert after != before


@pytest.mark.parametrize("choice", ["light", "dark"])
@pytest.mark.parametrize("name", [WORKED, SPIRAL, DENSE, "cnn-mnist-residual"])
def test_every_kind_of_network_is_painted_in_both_themes(qapp, show, name, choice):
    before = qapp.property("chainruleTheme")
    qapp.setProperty("chainruleTheme", choice)
    record = recorded(name)
    canvas, bridge = show(replace(standing(name), stepping=Stepping(record, Place(), True)))
    for entry in range(0, len(record.entries), 3):
        stepping = Stepping(record, Place(entry, 1), True)
        bridge.present(replace(bridge.snapshot, stepping=stepping))
        assert not canvas.grab().isNull()
    qapp.setProperty("chainruleTheme", before)


def test_a_frozen_weight_and_a_knocked_neuron_are_seen(show):
    canvas, bridge = show(live(XOR))
    before = canvas.view.grab().toImage()
    frozen = frozenset({("0.weight", (1, 0)), ("0.bias", (0,))})
    bridge.present(replace(bridge.snapshot, frozen=frozen))
    locked = canvas.view.grab().toImage()
    assert locked != before
    bridge.present(replace(bridge.snapshot, knocked=frozenset({((0,), 1)})))
    assert canvas.view.grab().toImage() != locked


def test_after_an_edit_the_new_network_is_shown(qtbot, show):
    canvas, bridge = show(standing(SPIRAL))
    bridge.obedient = True
    qtbot.mouseClick(canvas.findChild(QToolButton, "canvas.palette.dense"), LEFT)
    assert len(canvas.control.state.layout.columns) == 5
    assert isinstance(bridge.spec.layers[2], Dense)
    assert canvas.findChild(QToolButton, "canvas.more.2").isVisible()


@pytest.mark.parametrize("scale", [0.2, 0.45, 0.8, 1.0, 1.6])
def test_the_words_over_a_column_end_above_its_nodes_at_any_zoom(qtbot, scale):
    room = QRectF(0, 100, 80, HEAD * scale)
    line = QFontMetricsF(text_font(scale * 0.92, bold=True)).height()
    top = first_line(room, scale, 3)
    assert top + 3 * line < room.bottom()
    assert top <= room.top()


def test_a_legend_too_wide_for_one_line_takes_two_with_every_word(qtbot):
    written = []

    def write(_painter, where, text):
        written.append((where.y(), text))

    recorder = type("Recorder", (QPainter,), {"drawText": write})
    image = QImage(700, 200, QImage.Format.Format_RGB32)
    rows = [
        LegendRow("Nodes: Gradient ∂L/∂a of 12 BatchNorm2d", 0.0008759),
        LegendRow("Edges: Contribution w·a of 12 BatchNorm2d", 0.0008759),
    ]
    painter = recorder(image)
    draw_legend(Paper(painter, Viewport(), theme.current(), image.size(), 1.0), rows)
    painter.end()
    places = {text: y for y, text in written}
    assert all(row.text in places for row in rows)
    assert places[rows[0].text] < places[rows[1].text]


@pytest.mark.parametrize(
    ("unit", "key", "reason"),
    [
        (Spot((1,), 0), Qt.Key.Key_Plus, "The data say how many outputs"),
        (Spot((0,), 0), Qt.Key.Key_Minus, "needs at least one unit"),
    ],
)
def test_units_that_cannot_be_counted_on_are_refused_with_the_reason(
    qtbot, show, unit, key, reason
):
    canvas, bridge = show(_of_layers(Dense(units=1), Dense(units=1)))
    bridge.focus.select(unit)
    qtbot.keyClick(canvas.view, key)
    assert reason in canvas.findChild(QLabel, "canvas.reason").text()
    assert bridge.sent == []


def test_the_only_layer_stays_and_the_reason_is_said(qtbot, show):
    canvas, bridge = show(_of_layers(Dense(units=1)))
    bridge.focus.select(Spot((0,), 0))
    qtbot.keyClick(canvas.view, Qt.Key.Key_Delete)
    assert "at least one layer" in canvas.findChild(QLabel, "canvas.reason").text()
    assert bridge.sent == []
    assert bridge.focus.selected == (Spot((0,), 0),)


def _of_layers(*layers):
    spec = PRESETS[XOR].spec
    return snapshot_of(type(spec).model_validate(dict(spec) | {"layers": layers}))
