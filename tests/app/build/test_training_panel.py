"""The training form: what it sends, and what it shows of the run."""

import time
from dataclasses import replace
from operator import attrgetter

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QWidget

from app.build.training_panel import TrainingPanel
from app.kit import theme
from core.catalog.optimizers import SGD, Adagrad, Adam, GradientDescent, RMSprop
from core.catalog.schedules import Cosine
from core.data.augment.settings import Augmentation
from core.data.mnist import Mnist
from core.data.table import CsvTable
from core.messages.events import Refused
from core.messages.snapshot import DeviceReport, Progress
from core.messages.surface_views import Sharpness, Survey
from core.presets import PRESETS
from core.sentence import Sentence
from tests.app.fakes import FakeBridge, loading, snapshot_of

LEFT = Qt.MouseButton.LeftButton


class Shown:
    """The panel on screen with every section open."""

    def __init__(self, qtbot, bridge) -> None:
        self.qtbot, self.bridge = qtbot, bridge
        self.panel = TrainingPanel(bridge)
        qtbot.addWidget(self.panel)
        self.panel.resize(340, 900)
        self.panel.show()
        self.panel.activateWindow()
        qtbot.waitUntil(self.panel.isActiveWindow)
        for section in ("schedule", "batch", "data", "augmentation", "loss", "stop", "run"):
            self[f"{section}.header"].click()
        QApplication.processEvents()

    def __getitem__(self, name):
        found = self.panel.findChild(QWidget, f"training.{name}")
        assert found is not None, name
        return found

    def spec(self, **changes):
        self.bridge.present(snapshot_of(self.bridge.spec.model_copy(update=changes)))

    def texts(self):
        return [label.text() for label in self.panel.findChildren(QLabel) if label.isVisible()]

    def type(self, name, text):
        self[name].setFocus()
        self[name].selectAll()
        self.qtbot.keyClicks(self[name], text)
        self.qtbot.keyClick(self[name], Qt.Key.Key_Return)

    def choose(self, name, label):
        combo = self[name]
        assert combo.findText(label) >= 0
        combo.showPopup()
        combo.view().setCurrentIndex(combo.model().index(combo.findText(label), 0))
        self.qtbot.keyClick(combo.view(), Qt.Key.Key_Return)


@pytest.fixture
def shown(qtbot, fake_bridge):
    return Shown(qtbot, fake_bridge)


def test_the_optimizer_is_open_at_first_and_the_rest_says_in_short_what_is_in_it(
    qtbot, fake_bridge
):
    panel = TrainingPanel(fake_bridge)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.findChild(QWidget, "training.optimizer.learning_rate").isVisible()
    assert not panel.findChild(QWidget, "training.batch.batch_size").isVisible()
    assert panel.findChild(QWidget, "training.batch.header").summary == "batch 32"
    assert panel.findChild(QWidget, "training.stop.header").summary == "10 epochs"


def test_where_each_step_takes_all_samples_no_batch_of_32_is_spoken_of(shown):
    header = shown.panel.findChild(QWidget, "training.batch.header")
    for optimizer, told in ((GradientDescent(), "all samples"), (SGD(), "batch 32")):
        shown.spec(optimizer=optimizer)
        assert header.summary == told


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("optimizer.learning_rate", "0.5", "optimizer.learning_rate", 0.5),
        ("optimizer.learning_rate", "2e-7", "optimizer.learning_rate", 2e-7),
        ("batch.batch_size", "64", "training.batch_size", 64),
        ("batch.l2", "1e-4", "training.l2", 1e-4),
        ("stop.epochs", "3", "stop.epochs", 3),
    ],
)
def test_an_edit_is_sent_at_once(shown, name, text, field, value):
    shown.type(name, text)
    assert len(shown.bridge.sent) == 1
    assert attrgetter(field)(shown.bridge.edited) == value


def test_seed_and_device_are_sent(shown):
    shown.type("run.seed", "7")
    assert shown.bridge.edited.seed == 7
    shown.choose("run.device", "CPU")
    assert shown.bridge.sent[-1].label == "Change the device"
    assert shown.bridge.edited.device == "cpu"


def test_kinds_are_sent(shown):
    shown.choose("optimizer.kind", "Adam")
    assert shown.bridge.edited.optimizer == Adam()
    shown.choose("schedule.kind", "Cosine")
    assert shown.bridge.edited.schedule == Cosine()
    shown.choose("data.kind", "Moons")
    assert shown.bridge.edited.data.kind == "moons"
    shown.choose("loss.kind", "Mean squared error (MSE)")
    assert shown.bridge.edited.loss.kind == "mse"


def test_the_edits_of_one_drag_share_their_gesture(shown, qtbot):
    slider = shown["optimizer.learning_rate.slider"]
    y = slider.height() // 2
    qtbot.mousePress(slider, LEFT, pos=QPoint(20, y))
    for x in (60, 120, 180):
        qtbot.mouseMove(slider, QPoint(x, y))
    qtbot.mouseRelease(slider, LEFT, pos=QPoint(180, y))
    assert len(shown.bridge.sent) > 2
    assert len({edit.gesture for edit in shown.bridge.sent}) == 1
    assert shown.bridge.sent[0].gesture is not None


@pytest.mark.parametrize(
    ("eigenvalue", "where", "said"),
    [
        (2.0, "inside", "Marked: 2/λ = 1,"),
        (0.2, "inside", "Marked: 2/λ = 10,"),  # the very end
        (2e5, "inside", "Marked: 2/λ = 1e-5,"),
        (0.08632, "right", "Beyond the slider's end, where the arrow points: 2/λ = 23.17,"),
        (2e7, "left", "Beyond the slider's end, where the arrow points: 2/λ = 1e-7,"),
    ],
)
def test_the_largest_stable_rate_is_where_the_tooltip_says(shown, eigenvalue, where, said):
    """A tick has background on either side, an arrow head grows away from the slider's end."""
    slider = shown["optimizer.learning_rate.slider"]
    shown.bridge.present_survey(Survey(1, sharpness=Sharpness(1359, (eigenvalue,), 0.0, 4)))
    assert slider.toolTip().startswith(said)
    assert "at step 1,359" in slider.toolTip()
    found = warning_columns(slider)
    if where == "inside":
        assert len(found) <= 4
        assert len(set(found.values())) == 1
    else:
        towards_end = [found[x] for x in sorted(found, reverse=where == "left")]
        assert len(towards_end) >= 5
        assert towards_end == sorted(towards_end, reverse=True)
        assert towards_end[0] > towards_end[-1]
        middle = slider.width() / 2
        assert all((x > middle) is (where == "right") for x in found)
    shown.bridge.present_survey(Survey(2))
    assert not warning_columns(slider)
    assert "λ" not in slider.toolTip()


def test_another_optimizers_slider_has_the_mark_at_once(shown):
    shown.bridge.present_survey(Survey(1, sharpness=Sharpness(9, (2.0,), 0.0, 4)))
    before = shown["optimizer.learning_rate.slider"]
    shown.spec(optimizer=Adam())
    sliders = shown.panel.findChildren(QWidget, "training.optimizer.learning_rate.slider")
    (slider,) = [found for found in sliders if found is not before]
    assert slider.toolTip().startswith("Marked")
    assert warning_columns(slider)


def warning_columns(slider):
    """How many pixels of a mark each column has, by its x."""
    image = slider.grab().toImage()
    wanted = QColor(theme.current().warning).rgb()
    found = {}
    for x in range(image.width()):
        count = sum(QColor(image.pixel(x, y)).rgb() == wanted for y in range(image.height()))
        if count:
            found[x] = count
    return found


def test_the_rate_slider_goes_from_a_hundred_thousandth_to_ten(shown, qtbot):
    slider = shown["optimizer.learning_rate.slider"]
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert shown.bridge.edited.optimizer.learning_rate == 1e-5
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert shown.bridge.edited.optimizer.learning_rate == 10


def test_an_optimizer_that_takes_all_samples_has_no_batch_size_and_says_why(shown):
    shown.spec(optimizer=GradientDescent())
    assert not shown["batch.batch_size"].isEnabled()
    assert "Gradient descent takes the whole set at each step." in shown.texts()
    shown.spec(optimizer=SGD())
    assert shown["batch.batch_size"].isEnabled()
    assert "Gradient descent takes the whole set at each step." not in shown.texts()


def test_the_rate_in_force_is_told_where_the_schedule_changed_it(shown):
    snapshot = shown.bridge.snapshot
    shown.bridge.present(replace(snapshot, progress=Progress(learning_rate=0.0042)))
    assert "Now 0.0042, after the schedule." in shown.texts()
    shown.bridge.present(replace(snapshot, progress=Progress(learning_rate=0.01)))
    assert "Now 0.0042, after the schedule." not in shown.texts()


def test_the_device_in_use_is_told_with_its_reason(shown):
    device = DeviceReport("cpu", "CPU", "No GPU was found.")
    shown.bridge.present(replace(shown.bridge.snapshot, device=device))
    assert "CPU: No GPU was found." in shown.texts()


def test_a_loss_that_does_not_suit_the_data_cannot_be_chosen(qtbot):
    shown = Shown(qtbot, FakeBridge(snapshot_of(PRESETS["worked-2-3-2"].spec)))
    combo = shown["loss.kind"]
    row = combo.findText("Cross-entropy")
    assert not combo.model().item(row).isEnabled()
    assert "targets of this data are numbers" in combo.itemData(row, Qt.ItemDataRole.ToolTipRole)


def test_classes_are_balanced_by_one_click_and_the_closed_section_says_so(shown):
    shown["batch.balanced"].click()
    assert shown.bridge.edited.training.balanced
    assert shown["batch.header"].summary == "batch 32 · balanced"


def test_numbers_have_no_classes_to_balance(qtbot):
    shown = Shown(qtbot, FakeBridge(snapshot_of(PRESETS["worked-2-3-2"].spec)))
    assert not shown["batch.balanced"].isEnabled()
    assert "The targets of this data are numbers." in shown.texts()
    shown.bridge.present(snapshot_of(PRESETS["spiral-2-16-16-1"].spec))
    assert shown["batch.balanced"].isEnabled()


def test_fields_can_be_used_while_data_loads(qtbot):
    shown = Shown(qtbot, FakeBridge(loading("dense-784-64-10")))
    shown.type("optimizer.learning_rate", "0.2")
    assert shown.bridge.edited.optimizer.learning_rate == 0.2


def test_what_is_refused_goes_back_to_what_is_in_force(shown):
    shown.choose("loss.kind", "Mean squared error (MSE)")
    shown.bridge.event_received.emit(Refused(Sentence("No.")))
    assert shown["loss.kind"].currentText() == "Cross-entropy"


def test_a_file_that_is_refused_stays_to_be_mended_with_the_reason(shown, qtbot, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/data/bad.csv", ""))
    shown.choose("data.kind", "CSV table")
    assert shown.bridge.sent == []
    qtbot.mouseClick(shown["data.path.browse"], LEFT)
    assert shown.bridge.edited.data == CsvTable(path="/data/bad.csv")
    error = Sentence("{file} is empty.", "Choose another.", file="bad.csv")
    shown.bridge.event_received.emit(Refused(error))
    assert shown["data.kind"].currentText() == "CSV table"
    assert shown["data.path"].text() == "/data/bad.csv"
    assert "bad.csv is empty. Choose another." in shown.texts()


def test_an_unfinished_source_survives_edits_of_other_parts(shown):
    shown.choose("data.kind", "CSV table")
    shown.spec(optimizer=Adam())
    assert shown["data.kind"].currentText() == "CSV table"
    assert isinstance(shown.bridge.spec.data, Mnist)


def test_a_change_is_painted_within_fifty_milliseconds(shown):
    rates = (0.1, 0.02, 0.3, 0.04, 0.5)
    took = []
    for rate in rates:
        snapshot = snapshot_of(
            shown.bridge.spec.model_copy(update={"optimizer": SGD(learning_rate=rate)})
        )
        start = time.perf_counter()
        shown.bridge.present(snapshot)
        shown.panel.repaint()
        took.append(time.perf_counter() - start)
    assert sorted(took)[len(took) // 2] < 0.05


def test_a_snapshot_of_the_same_spec_costs_next_to_nothing(shown):
    snapshot = shown.bridge.snapshot
    start = time.perf_counter()
    for version in range(200):
        shown.bridge.present(replace(snapshot, version=version))
    assert (time.perf_counter() - start) / 200 < 0.001


def test_another_optimizer_comes_with_its_own_values_and_says_so(shown):
    shown.bridge.obedient = True
    shown.spec(optimizer=Adagrad(learning_rate=5.0, eps=1e-10))
    note = shown["optimizer.switched"]
    assert not note.isVisible()
    shown.choose("optimizer.kind", "Adam")
    assert shown.bridge.spec.optimizer == Adam()
    assert note.isVisible()
    assert "its learning rate is 0.001, it was 5" in note.text.text()


def test_one_click_keeps_the_old_rate_as_one_edit(shown, qtbot):
    shown.bridge.obedient = True
    shown.spec(optimizer=GradientDescent(learning_rate=5.0))
    shown.choose("optimizer.kind", "Adam")
    sent = len(shown.bridge.sent)
    assert shown["optimizer.switched.rate"].text() == "Keep 5"
    qtbot.mouseClick(shown["optimizer.switched.rate"], LEFT)
    assert shown.bridge.spec.optimizer == Adam(learning_rate=5.0)
    assert len(shown.bridge.sent) == sent + 1
    assert not shown["optimizer.switched"].isVisible()


def test_a_rate_that_was_typed_stays_and_one_click_takes_the_optimizers_own(shown, qtbot):
    shown.bridge.obedient = True
    shown.spec(optimizer=SGD())
    shown.type("optimizer.learning_rate", "0.5")
    shown.choose("optimizer.kind", "Adam")
    assert shown.bridge.spec.optimizer == Adam(learning_rate=0.5)
    said = (
        "What you entered stays: Learning rate η 0.5. Adam’s own would be: Learning rate η 0.001."
    )
    assert shown["optimizer.switched"].text.text() == said
    assert shown["optimizer.switched.rate"].text() == "Take 0.001"
    qtbot.mouseClick(shown["optimizer.switched.rate"], LEFT)
    assert shown.bridge.spec.optimizer == Adam()
    shown.choose("optimizer.kind", "RMSprop")  # and is pinned no longer
    assert shown.bridge.spec.optimizer == RMSprop()


def test_back_again_the_optimizer_has_what_the_experiment_came_with(qtbot):
    bridge = FakeBridge(snapshot_of(PRESETS["xor-2-2-1"].spec))
    bridge.obedient = True
    shown = Shown(qtbot, bridge)
    shown.choose("optimizer.kind", "Adam")
    shown.choose("optimizer.kind", "Gradient descent")
    assert bridge.spec.optimizer == GradientDescent(learning_rate=5.0)


@pytest.mark.parametrize("later", [SGD(learning_rate=0.3), Adam(beta1=0.5)], ids=["undo", "other"])
def test_the_note_leaves_when_what_it_tells_of_is_over(shown, later):
    shown.bridge.obedient = True
    shown.spec(optimizer=SGD(learning_rate=0.3))
    shown.choose("optimizer.kind", "Adam")
    shown.spec(name="Something else")
    assert shown["optimizer.switched"].isVisible()
    shown.spec(optimizer=later)
    assert not shown["optimizer.switched"].isVisible()


def test_a_refused_switch_leaves_no_note(shown):
    shown.spec(optimizer=SGD(learning_rate=0.3))
    shown.choose("optimizer.kind", "Adam")
    shown.bridge.event_received.emit(Refused(Sentence("It cannot be.")))
    assert not shown["optimizer.switched"].isVisible()


def test_all_that_was_entered_and_stays_is_named(qtbot):
    spec = PRESETS["spiral-2-16-16-1"].spec.model_copy(update={"optimizer": Adam()})
    shown = Shown(qtbot, FakeBridge(snapshot_of(spec)))
    shown.bridge.obedient = True
    shown.type("optimizer.learning_rate", "0.5")
    shown.type("optimizer.eps", "1e-4")
    shown.choose("optimizer.kind", "Adagrad")
    assert shown.bridge.spec.optimizer == Adagrad(learning_rate=0.5, eps=1e-4)
    said = shown["optimizer.switched"].text.text()
    assert "Learning rate η 0.5, ε 0.0001" in said
    assert "Learning rate η 0.01, ε 1e-10" in said
    assert shown["optimizer.switched.rate"].text() == "Take its own"
    qtbot.mouseClick(shown["optimizer.switched.rate"], LEFT)
    assert shown.bridge.spec.optimizer == Adagrad()


def test_augmentation_is_switched_on_by_one_click(shown, qtbot):
    assert not shown.bridge.spec.augmentation.on
    switch = shown["augmentation.on"]
    shown.panel.ensureWidgetVisible(switch)
    qtbot.mouseClick(switch, LEFT, pos=QPoint(10, switch.height() // 2))
    assert shown.bridge.edited.augmentation.on


def test_pictures_as_this_epoch_shows_them_stand_beneath_the_switch(shown):
    assert shown.panel.augmentation.examples.isHidden()
    pictures = np.zeros((20, 28, 28), np.float32)
    pictures[3, 5, 5] = 1
    shown.bridge.present(replace(shown.bridge.snapshot, examples=pictures))
    assert not shown.panel.augmentation.examples.isHidden()
    sheet = shown.panel.augmentation.examples.pictures._sheet
    assert (sheet.width(), sheet.height()) == (280, 56)
    assert sheet.pixelColor(3 * 28 + 5, 5).lightness() == 255
    shown.bridge.present(replace(shown.bridge.snapshot, examples=None))
    assert shown.panel.augmentation.examples.isHidden()


def test_of_what_is_no_picture_no_change_is_offered(qtbot):
    shown = Shown(qtbot, FakeBridge(snapshot_of(PRESETS["xor-2-2-1"].spec)))
    assert not shown["augmentation.header"].isVisible()
    assert not shown["augmentation.on"].isVisible()


def test_a_switch_left_on_is_seen_with_the_reason_why_it_does_nothing(qtbot):
    spec = PRESETS["xor-2-2-1"].spec.model_copy(update={"augmentation": Augmentation(on=True)})
    shown = Shown(qtbot, FakeBridge(snapshot_of(spec)))
    assert not shown["augmentation.on"].isEnabled()
    assert "These data are no pictures." in shown.texts()
