from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage

from app.digits.panel import ASK_AGAIN_MS, DigitPanel
from app.digits.raster import image_of
from app.digits.reading import as_read
from core.messages.events import Prediction, Refused
from core.presets import PRESETS
from tests.app.fakes import FakeBridge, snapshot_of

IMAGES = np.random.default_rng(0).integers(0, 256, (5, 1, 28, 28), dtype=np.uint8)
LABELS = np.array([7, 2, 1, 0, 4])


class Reader(FakeBridge):
    """A bridge that writes down what it is asked to read, and answers when told."""

    def __init__(self, snapshot):
        super().__init__(snapshot)
        self.asked = []

    def predict(self, drawing, *, exact=False, pasted=False):
        self.asked.append((drawing, exact))
        self.pasted = pasted
        return len(self.asked)

    def answer(self, digit=7):
        probabilities = np.full(10, 0.01, np.float32)
        probabilities[digit] = 0.91
        names = tuple("0123456789")
        step = self.snapshot.progress.step
        picture = np.eye(28, dtype=np.float32)
        self.predicted.emit(Prediction(len(self.asked), picture, probabilities, names, step))

    def train_to(self, step):
        now = self.snapshot
        self.present(replace(now, version=step, progress=replace(now.progress, step=step)))


def with_digits(snapshot):
    data = replace(snapshot.data, test_inputs=IMAGES, test_labels=LABELS, test_count=5)
    return replace(snapshot, data=data)


@pytest.fixture
def bridge(qapp):
    return Reader(with_digits(snapshot_of(PRESETS["dense-784-64-10"].spec)))


@pytest.fixture
def panel(qtbot, bridge):
    widget = DigitPanel(bridge)
    qtbot.addWidget(widget)
    widget.resize(340, 620)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def draw(qtbot, panel):
    pad = panel.pad
    qtbot.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    qtbot.mouseMove(pad, QPoint(180, 60))
    qtbot.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(180, 60))


def test_each_pen_event_asks_once_with_the_ink_of_that_moment(qtbot, panel, bridge):
    draw(qtbot, panel)
    assert len(bridge.asked) == 2
    (dot, exact), (line, _) = bridge.asked
    assert not exact
    assert dot.dtype == np.uint8
    assert dot.shape == (280, 280)
    assert 0 < np.count_nonzero(dot) < np.count_nonzero(line)


def test_the_answer_shows_in_bars_and_input(qtbot, panel, bridge):
    bridge.train_to(1875)
    draw(qtbot, panel)
    bridge.answer(7)
    assert panel.bars.largest == 7
    assert panel.input_view.captions() == (
        "28×28, what the network sees",
        "Weights of step 1,875",
    )


def test_an_emptied_pad_empties_the_bars_at_once_and_late_answers_stay_out(qtbot, panel, bridge):
    draw(qtbot, panel)
    bridge.answer()
    qtbot.mouseClick(panel.tools.clear, Qt.MouseButton.LeftButton)
    assert panel.bars.largest is None
    assert bridge.asked[-1] == (None, False)
    bridge.answer()
    assert panel.bars.largest is None


def test_an_empty_pad_asks_nothing_while_the_network_trains(panel, bridge):
    for step in range(1, 5):
        bridge.train_to(step)
    assert bridge.asked == []


def test_newer_weights_read_the_drawing_again_but_not_at_every_snapshot(qtbot, panel, bridge):
    draw(qtbot, panel)
    before = len(bridge.asked)
    for step in range(1, 20):
        bridge.train_to(step)
    assert len(bridge.asked) <= before + 1
    qtbot.waitUntil(lambda: len(bridge.asked) > before, timeout=ASK_AGAIN_MS * 20)
    np.testing.assert_array_equal(bridge.asked[-1][0], as_read(panel.pad.drawing))


def test_a_hidden_panel_asks_nothing_and_catches_up_when_shown(qtbot, panel, bridge):
    draw(qtbot, panel)
    qtbot.waitUntil(lambda: not panel._pause.isActive())
    before = len(bridge.asked)
    panel.hide()
    bridge.train_to(9)
    assert len(bridge.asked) == before
    panel.show()
    assert len(bridge.asked) == before + 1


def test_a_test_digit_is_sent_exactly_as_it_is_with_its_label_shown(qtbot, panel, bridge):
    qtbot.mouseClick(panel.picker.next, Qt.MouseButton.LeftButton)
    sent, exact = bridge.asked[-1]
    assert exact
    np.testing.assert_array_equal(sent, IMAGES[1, 0])
    assert panel.picker.label.text() == "Label 2"
    qtbot.mouseClick(panel.picker.previous, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(panel.picker.previous, Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(bridge.asked[-1][0], IMAGES[4, 0])


def test_a_number_and_the_dice_pick_test_digits(qtbot, panel, bridge):
    panel.picker.index.setValue(3)
    np.testing.assert_array_equal(bridge.asked[-1][0], IMAGES[3, 0])
    qtbot.mouseClick(panel.picker.random, Qt.MouseButton.LeftButton)
    assert bridge.asked[-1][1]


def test_the_label_is_the_truth_the_bars_are_measured_by(qtbot, panel, bridge):
    qtbot.mouseClick(panel.picker.next, Qt.MouseButton.LeftButton)
    bridge.answer(2)
    assert panel.bars.truth == 2


def test_drawing_over_a_test_digit_makes_it_a_drawing(qtbot, panel, bridge):
    qtbot.mouseClick(panel.picker.next, Qt.MouseButton.LeftButton)
    draw(qtbot, panel)
    assert not bridge.asked[-1][1]
    assert panel.picker.label.text() == ""


def test_other_data_take_a_test_digit_of_the_old_ones_away(qtbot, panel, bridge):
    qtbot.mouseClick(panel.picker.next, Qt.MouseButton.LeftButton)
    other = snapshot_of(PRESETS["dense-100-64-10"].spec, 2)
    bridge.present(other)
    assert panel.pad.drawing.paper.is_empty
    assert not panel.picker.isEnabled()


@pytest.mark.parametrize("preset", ["xor-2-2-1", "worked-2-3-2"])
def test_without_images_the_panel_says_what_to_do(qtbot, panel, bridge, preset):
    bridge.present(snapshot_of(PRESETS[preset].spec, 2))
    assert panel.empty.isVisible()
    assert not panel.pad.isVisible()
    assert "Open a digits network" in panel.empty.text()


def test_a_picture_that_cannot_be_read_is_told_as_a_refusal(qtbot, panel, bridge):
    QGuiApplication.clipboard().setText("seven")
    with qtbot.waitSignal(bridge.event_received) as event:
        qtbot.mouseClick(panel.tools.paste, Qt.MouseButton.LeftButton)
    assert isinstance(event.args[0], Refused)


def test_a_pasted_picture_is_looked_at_closely_until_the_pen_touches_it(qtbot, panel, bridge):
    draw(qtbot, panel)
    assert not bridge.pasted
    picture = QImage(60, 60, QImage.Format.Format_RGB32)
    picture.fill(Qt.GlobalColor.white)
    for row in range(15, 45):
        for column in range(25, 35):
            picture.setPixelColor(column, row, Qt.GlobalColor.black)
    QGuiApplication.clipboard().setImage(picture)
    qtbot.mouseClick(panel.tools.paste, Qt.MouseButton.LeftButton)
    assert bridge.pasted
    draw(qtbot, panel)
    assert not bridge.pasted


def test_noise_on_the_clipboard_is_told_as_dots(qtbot, panel, bridge):
    noise = np.random.default_rng(0).integers(0, 256, (60, 60), dtype=np.uint8)
    QGuiApplication.clipboard().setImage(image_of(noise))
    with qtbot.waitSignal(bridge.event_received) as event:
        qtbot.mouseClick(panel.tools.paste, Qt.MouseButton.LeftButton)
    assert str(event.args[0].reason).startswith("The picture shows dots all over")
    assert panel.pad.drawing.paper.is_empty


def test_tool_buttons_and_keys_show_the_same_state(qtbot, panel):
    qtbot.mouseClick(panel.tools.eraser, Qt.MouseButton.LeftButton)
    assert panel.pad.tool.erasing
    qtbot.keyClick(panel.pad, Qt.Key.Key_P)
    assert panel.tools.pen.isChecked()
    qtbot.keyClick(panel.pad, Qt.Key.Key_BracketRight)
    assert panel.tools.width_slider.value() == panel.pad.tool.width


def test_undo_redo_and_clear_are_enabled_only_when_they_would_do_something(qtbot, panel):
    tools = panel.tools
    assert not any(button.isEnabled() for button in (tools.undo, tools.redo, tools.clear))
    draw(qtbot, panel)
    assert tools.undo.isEnabled()
    assert tools.clear.isEnabled()
    qtbot.mouseClick(tools.undo, Qt.MouseButton.LeftButton)
    assert tools.redo.isEnabled()
    assert not tools.clear.isEnabled()


def test_nothing_is_clipped_at_the_panels_usual_size(panel):
    for part in (panel.pad, panel.tools, panel.picker, panel.input_view, panel.bars):
        inside = part.rect().translated(part.mapTo(panel, QPoint()))
        assert panel.rect().contains(inside), part
        assert part.height() >= part.minimumSizeHint().height()
