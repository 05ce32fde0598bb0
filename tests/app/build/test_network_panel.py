"""The network's list of layers: what it shows, and every way to change it."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QListWidget, QWidget

from app.build.network_panel import NetworkPanel
from core.catalog.activations import ReLU
from core.experiment.layers import Dense, Flatten, Residual
from core.messages.events import Refused
from core.presets import PRESETS
from core.sentence import Sentence
from tests.app.fakes import FakeBridge, loading, snapshot_of

LEFT = Qt.MouseButton.LeftButton
ALT = Qt.KeyboardModifier.AltModifier


class Shown:
    """The panel on screen, over a bridge that obeys."""

    def __init__(self, qtbot, bridge) -> None:
        self.qtbot, self.bridge = qtbot, bridge
        bridge.obedient = True
        self.panel = NetworkPanel(bridge)
        qtbot.addWidget(self.panel)
        self.panel.resize(320, 700)
        self.panel.show()
        self.panel.activateWindow()
        qtbot.waitUntil(self.panel.isActiveWindow)

    def __getitem__(self, name):
        found = self.panel.findChild(QWidget, f"network.{name}")
        assert found is not None, name
        return found

    def names(self):
        return [
            card.accessibleName() for card in self.panel.findChild(QWidget, "network.list").cards
        ]

    def kinds(self):
        return [layer.kind for layer in self.bridge.spec.layers]

    def open(self, number):
        self.qtbot.mouseClick(self[f"layer.{number}"], LEFT, pos=QPoint(150, 20))

    def press(self, number, key, modifier=Qt.KeyboardModifier.NoModifier):
        self[f"layer.{number}"].setFocus()
        self.qtbot.keyClick(self[f"layer.{number}"], key, modifier)

    def texts(self, number):
        labels = self[f"layer.{number}"].findChildren(QLabel)
        return [label.text() for label in labels if label.isVisible()]

    def choose(self, label):
        menu = self["menu.list"]
        item = menu.findItems(label, Qt.MatchFlag.MatchExactly)[0]
        self.qtbot.mouseClick(menu.viewport(), LEFT, pos=menu.visualItemRect(item).center())


@pytest.fixture
def shown(qtbot, fake_bridge):
    return Shown(qtbot, fake_bridge)


@pytest.fixture
def deep(qtbot):
    """Flatten, two different hidden layers and the output."""
    spec = PRESETS["dense-784-64-10"].spec
    layers = (*spec.layers[:2], Dense(units=32, activation=ReLU()), spec.layers[2])
    return Shown(qtbot, FakeBridge(snapshot_of(spec.model_copy(update={"layers": layers}))))


def units(shown):
    return [layer.units for layer in shown.bridge.spec.layers if isinstance(layer, Dense)]


def preset(qtbot, name):
    return Shown(qtbot, FakeBridge(snapshot_of(PRESETS[name].spec)))


def test_layers_stand_from_input_to_output_with_shape_and_parameters(shown):
    assert shown.names() == ["1 Flatten", "2 Dense", "3 Dense"]
    assert shown.texts("2") == ["2  Dense", "ReLU", "64", "50,240 parameters"]
    assert "output" in shown.texts("3")
    assert shown["parameters"].text() == "50,890 parameters"


def test_the_input_says_what_comes_in(shown):
    texts = [label.text() for label in shown["input"].findChildren(QLabel)]
    assert texts == ["Input", "MNIST digits", "1×28×28"]


def test_while_data_loads_the_layers_can_be_edited_already(qtbot):
    shown = Shown(qtbot, FakeBridge(loading("dense-784-64-10")))
    shown.bridge.obedient = False
    assert "loading…" in [label.text() for label in shown["input"].findChildren(QLabel)]
    shown.open("2")
    qtbot.keyClick(shown["layer.2.bias"], Qt.Key.Key_Space)
    assert shown.bridge.edited.layers[1].bias is False


def test_a_click_opens_the_fields_in_place_and_closes_the_others(shown):
    shown.open("2")
    assert shown["layer.2.units"].isVisible()
    shown.open("3")
    assert shown["layer.3.units"].isVisible()
    assert not shown["layer.2.units"].isVisible()


def test_editing_a_field_replaces_that_layer(shown, qtbot):
    shown.open("2")
    box = shown["layer.2.units"]
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "32")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert shown.bridge.spec.layers[1].units == 32
    assert shown["layer.2.units"] is box
    assert "32" in shown.texts("2")


def test_delete_removes_the_layer_and_the_focus_goes_to_its_neighbour(shown):
    shown.press("2", Qt.Key.Key_Delete)
    assert shown.kinds() == ["flatten", "dense"]
    assert shown["layer.2"].hasFocus()


def test_delete_in_an_editor_removes_no_layer(shown, qtbot):
    shown.open("2")
    shown["layer.2.activation"].setFocus()
    qtbot.keyClick(shown["layer.2.activation"], Qt.Key.Key_Delete)
    assert len(shown.names()) == 3


def test_the_only_layer_stays(qtbot):
    spec = PRESETS["dense-784-64-10"].spec
    shown = Shown(qtbot, FakeBridge(snapshot_of(spec.model_copy(update={"layers": (Flatten(),)}))))
    shown.press("1", Qt.Key.Key_Delete)
    assert shown.bridge.sent == []
    shown.open("1")
    assert not shown["layer.1.remove"].isEnabled()


def test_alt_and_an_arrow_move_the_layer_and_the_focus_goes_along(deep):
    deep.press("2", Qt.Key.Key_Down, ALT)
    assert units(deep) == [32, 64, 10]
    assert deep["layer.3"].hasFocus()
    deep.press("1", Qt.Key.Key_Up, ALT)
    assert len(deep.bridge.sent) == 1


def test_a_layer_that_moves_stays_open(deep, qtbot):
    deep.open("3")
    field = deep["layer.3.units"]
    qtbot.mouseClick(deep["layer.3.up"], LEFT)
    assert deep["layer.2.units"] is field
    assert field.isVisible()


def test_a_move_that_does_not_fit_leaves_everything_in_its_place(shown):
    shown.press("1", Qt.Key.Key_Down, ALT)
    assert shown.names() == ["1 Flatten", "2 Dense", "3 Dense"]
    shown.press("2", Qt.Key.Key_Delete)
    assert shown.names() == ["1 Flatten", "2 Dense"]


def test_dragging_the_handle_moves_the_layer(deep, qtbot):
    handle = deep["layer.2.handle"]
    target = deep["layer.3"]
    down = target.mapTo(deep.panel, QPoint(0, target.height() - 4))
    end = handle.mapFrom(deep.panel, down).y()
    qtbot.mousePress(handle, LEFT)
    for y in (20, 40, end):
        qtbot.mouseMove(handle, QPoint(8, y))
    qtbot.mouseRelease(handle, LEFT, pos=QPoint(8, end))
    assert units(deep) == [32, 64, 10]


def test_escape_lets_a_dragged_layer_stay(shown, qtbot):
    handle = shown["layer.1.handle"]
    qtbot.mousePress(handle, LEFT)
    qtbot.mouseMove(handle, QPoint(8, 90))
    qtbot.keyClick(shown["layer.1"], Qt.Key.Key_Escape)
    qtbot.mouseRelease(handle, LEFT, pos=QPoint(8, 90))
    assert shown.bridge.sent == []


def test_a_copy_comes_after_its_layer(shown):
    shown.press("2", Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert shown.kinds() == ["flatten", "dense", "dense", "dense"]
    assert shown.bridge.spec.layers[1] == shown.bridge.spec.layers[2]
    assert shown["layer.3"].hasFocus()


def test_a_new_layer_comes_before_the_output_with_the_hidden_layers_activation(shown, qtbot):
    qtbot.mouseClick(shown["add"], LEFT)
    shown.choose("Dense")
    assert shown.kinds() == ["flatten", "dense", "dense", "dense"]
    assert shown.bridge.spec.layers[2] == Dense(activation=ReLU())
    assert shown.panel.findChild(QWidget, "network.list").selected_path == (2,)


def test_a_new_layer_comes_after_the_selected_one(shown, qtbot):
    shown["layer.1"].setFocus()
    qtbot.mouseClick(shown["add"], LEFT)
    shown.choose("Dropout")
    assert shown.kinds() == ["flatten", "dropout", "dense", "dense"]


def test_the_menu_works_by_keyboard(shown, qtbot):
    shown["add"].setFocus()
    qtbot.keyClick(shown["add"], Qt.Key.Key_Space)
    menu = shown["menu.list"]
    assert menu.currentItem().text() == "Dense"
    qtbot.keyClick(menu, Qt.Key.Key_Return)
    assert len(shown.names()) == 4
    assert not menu.isVisible()


def test_a_layer_that_cannot_stand_there_says_why(shown, qtbot):
    qtbot.mouseClick(shown["add"], LEFT)
    menu: QListWidget = shown["menu.list"]
    item = menu.findItems("Conv2d", Qt.MatchFlag.MatchExactly)[0]
    assert not item.flags() & Qt.ItemFlag.ItemIsEnabled
    assert "needs an image" in item.toolTip()
    shown.choose("Conv2d")
    assert shown.bridge.sent == []


def test_the_layers_of_a_group_stand_indented_and_are_edited_in_place(qtbot):
    shown = preset(qtbot, "cnn-mnist-residual")
    group = next(i for i, x in enumerate(shown.bridge.spec.layers) if isinstance(x, Residual))
    inner = f"{group + 1}.1"
    assert f"{inner} Conv2d" in shown.names()
    shown.open(inner)
    qtbot.keyClick(shown[f"layer.{inner}.bias"], Qt.Key.Key_Space)
    assert shown.bridge.sent[-1].label == "Change Conv2d"
    assert shown.bridge.spec.layers[group].layers[0].bias


def test_a_layer_is_added_inside_a_group(qtbot):
    shown = preset(qtbot, "cnn-mnist-residual")
    group = next(i for i, x in enumerate(shown.bridge.spec.layers) if isinstance(x, Residual))
    before = len(shown.bridge.spec.layers[group].layers)
    shown.open(str(group + 1))
    qtbot.mouseClick(shown[f"layer.{group + 1}.add_inside"], LEFT)
    shown.choose("Dropout")
    assert shown.bridge.spec.layers[group].layers[before].kind == "dropout"


def test_moving_inside_a_group_stays_inside(qtbot):
    shown = preset(qtbot, "cnn-mnist-residual")
    group = next(i for i, x in enumerate(shown.bridge.spec.layers) if isinstance(x, Residual))
    shown.bridge.obedient = False
    shown.press(f"{group + 1}.1", Qt.Key.Key_Up, ALT)
    assert shown.bridge.sent == []
    shown.press(f"{group + 1}.1", Qt.Key.Key_Down, ALT)
    assert len(shown.bridge.edited.layers) == len(shown.bridge.spec.layers)
    assert shown.bridge.edited.layers[group] != shown.bridge.spec.layers[group]


def test_softmax_is_offered_at_the_output_only(shown):
    for number, allowed in (("2", False), ("3", True)):
        shown.open(number)
        combo = shown[f"layer.{number}.activation"]
        assert combo.model().item(combo.findText("Softmax")).isEnabled() is allowed


def test_what_is_refused_goes_back_to_what_is_in_force(shown, qtbot):
    shown.bridge.obedient = False
    shown.open("2")
    qtbot.keyClick(shown["layer.2.bias"], Qt.Key.Key_Space)
    assert not shown["layer.2.bias"].isChecked()
    shown.bridge.event_received.emit(Refused(Sentence("No.")))
    assert shown["layer.2.bias"].isChecked()


def test_arrows_walk_along_the_layers_and_enter_opens(shown):
    shown.press("1", Qt.Key.Key_Down)
    assert shown["layer.2"].hasFocus()
    shown.press("2", Qt.Key.Key_Return)
    assert shown["layer.2.units"].isVisible()


def test_tab_goes_from_a_card_into_its_fields_and_on_to_the_next_card(shown, qtbot):
    shown.open("2")
    shown["layer.2"].setFocus()
    seen = []
    for _ in range(14):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        seen.append(QApplication.focusWidget().objectName())
    assert seen[0] == "network.layer.2.units"
    assert seen.index("network.layer.3") > seen.index("network.layer.2.remove")


def test_a_snapshot_of_the_same_network_changes_no_widget(shown, monkeypatch):
    monkeypatch.setattr(shown.panel, "_show", lambda _: pytest.fail("drawn again"))
    shown.bridge.present(replace(shown.bridge.snapshot, version=99))
