"""Forms drawn from models: editing, refusing, undoing a typo, switching entries."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QSlider,
    QSpinBox,
    QTableWidget,
    QToolButton,
    QWidget,
)

from app.kit import theme
from app.kit.forms.choice_form import ChoiceForm
from app.kit.forms.fields import FieldKind, fields_of
from app.kit.forms.make import PLAIN
from app.kit.forms.model_form import ModelForm
from core.catalog.activations import Activation, ReLU, Tanh
from core.catalog.base import Choice, entries_of
from core.catalog.initializers import Initializer, Uniform
from core.catalog.losses import Loss
from core.catalog.optimizers import SGD, Adam, Momentum, Optimizer
from core.catalog.schedules import Schedule
from core.data import DataSource
from core.data.mnist import Mnist
from core.data.table import CsvTable
from core.data.worked import WorkedExample
from core.experiment.layers import Dense, Layer, MaxPool2d
from core.experiment.spec import Stop, Training

FAMILIES = (Activation, Initializer, Loss, Optimizer, Schedule, DataSource, Layer)
ENTRIES = [entry for family in FAMILIES for entry in entries_of(family).values()]


class Opened:
    """A form on screen, with what it said."""

    def __init__(self, qtbot, form, model) -> None:
        self.form, self.said = form, []
        form.show_model(model)
        form.edited.connect(lambda new, gesture: self.said.append((new, gesture)))
        form.resize(360, 600)
        qtbot.addWidget(form)
        form.show()
        form.activateWindow()
        qtbot.waitUntil(form.isActiveWindow)

    def __getitem__(self, name):
        found = self.form.findChild(QWidget, f"form.{name}")
        assert found is not None, name
        return found

    @property
    def last(self):
        return self.said[-1][0]

    def errors(self):
        labels = self.form.findChildren(QLabel)
        return [
            label.text()
            for label in labels
            if label.property("role") == "error" and not label.isHidden()
        ]


@pytest.fixture
def opened(qtbot):
    def open_form(model, family=None, style=PLAIN):
        form = (
            ChoiceForm(family, "form", style) if family else ModelForm(type(model), "form", style)
        )
        return Opened(qtbot, form, model)

    return open_form


def type_into(qtbot, line, text, key=Qt.Key.Key_Return):
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, key)


def test_typing_a_number_in_powers_of_ten_edits(opened, qtbot):
    form = opened(SGD())
    type_into(qtbot, form["learning_rate"], "3e-4")
    assert form.last == SGD(learning_rate=3e-4)


def test_leaving_a_field_commits_it(opened, qtbot):
    form = opened(Adam())
    type_into(qtbot, form["beta1"], "0.85", Qt.Key.Key_Tab)
    assert form.last.beta1 == 0.85


def test_escape_gives_the_number_back_and_says_nothing(opened, qtbot):
    form = opened(SGD(learning_rate=0.25))
    line = form["learning_rate"]
    line.setFocus()
    qtbot.keyClicks(line, "77")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert (line.text(), form.said) == ("0.25", [])


def test_text_that_is_no_number_stays_with_the_reason_beneath(opened, qtbot):
    form = opened(SGD(learning_rate=0.25))
    type_into(qtbot, form["learning_rate"], "fast")
    assert form["learning_rate"].text() == "fast"
    assert form.errors() == ["“fast” is no number. Write it as 0.001 or as 1e-3."]
    assert form.said == []
    qtbot.keyClick(form["learning_rate"], Qt.Key.Key_Escape)
    assert (form["learning_rate"].text(), form.errors()) == ("0.25", [])


def test_a_value_out_of_bounds_is_refused_in_plain_words(opened, qtbot):
    form = opened(Adam())
    type_into(qtbot, form["beta1"], "1.5")
    assert form.errors() == ["It has to be less than 1."]
    assert form.said == []


def test_one_refused_value_does_not_hold_up_another_field(opened, qtbot):
    form = opened(Adam())
    type_into(qtbot, form["beta1"], "1.5")
    type_into(qtbot, form["beta2"], "0.99")
    assert (form.last.beta1, form.last.beta2) == (0.9, 0.99)
    assert form["beta1"].text() == "1.5"


def test_values_that_go_together_are_taken_together(opened, qtbot):
    form = opened(Uniform(low=-0.5, high=0.5))
    type_into(qtbot, form["low"], "1")
    assert form.errors() == ["Low must be smaller than high."]
    type_into(qtbot, form["high"], "2")
    assert form.last == Uniform(low=1, high=2)
    assert form.errors() == []


def test_four_digits_are_shown_and_all_are_kept(opened, qtbot):
    form = opened(Adam(beta1=0.123456789))
    assert form["beta1"].text() == "0.1235"
    assert "0.123456789" in form["beta1"].toolTip()
    form["beta1"].setFocus()
    assert form["beta1"].text() == "0.123456789"
    qtbot.keyClick(form["beta1"], Qt.Key.Key_Tab)
    assert (form["beta1"].text(), form.said) == ("0.1235", [])


def test_a_drag_of_the_slider_is_one_gesture(opened, qtbot):
    form = opened(SGD(learning_rate=0.1))
    slider = form["learning_rate.slider"]
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(10, slider.height() // 2))
    for x in (20, 40, 60):
        qtbot.mouseMove(slider, QPoint(x, slider.height() // 2))
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(60, slider.height() // 2))
    gestures = {gesture for _, gesture in form.said}
    assert len(form.said) >= 3
    assert len(gestures) == 1
    assert gestures != {None}
    assert form["learning_rate"].text() in str(form.last.learning_rate) + " 1e-5"


def test_two_drags_are_two_gestures(opened, qtbot):
    form = opened(SGD(learning_rate=0.1))
    slider = form["learning_rate.slider"]
    for x in (10, 60):
        qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(x, slider.height() // 2))
    assert len({gesture for _, gesture in form.said}) == 2


def test_what_arrives_during_a_drag_does_not_move_the_slider(opened, qtbot):
    form = opened(SGD(learning_rate=0.1))
    slider = form["learning_rate.slider"]
    middle = slider.height() // 2
    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(50, middle))
    held = slider.value()
    form.form.show_model(SGD(learning_rate=90))
    assert slider.value() == held
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(50, middle))


def test_an_arrow_key_moves_the_slider_a_step(opened, qtbot):
    form = opened(SGD(learning_rate=0.1))
    form["learning_rate.slider"].setFocus()
    qtbot.keyClick(form["learning_rate.slider"], Qt.Key.Key_Right)
    qtbot.keyClick(form["learning_rate.slider"], Qt.Key.Key_Right)
    assert form.last.learning_rate == pytest.approx(0.13, rel=0.05)
    assert len({gesture for _, gesture in form.said}) == 1


def test_the_slider_reaches_zero_where_zero_is_allowed(opened, qtbot):
    form = opened(Training(l2=1e-3))
    form["l2.slider"].setFocus()
    qtbot.keyClick(form["l2.slider"], Qt.Key.Key_Home)
    assert form.last.l2 == 0


def wheel(control):
    centre = QPointF(control.rect().center())
    event = QWheelEvent(
        centre,
        control.mapToGlobal(centre),
        QPoint(0, 120),
        QPoint(0, 120),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(control, event)


@pytest.mark.parametrize("name", ["units", "activation"])
def test_the_wheel_leaves_controls_without_focus_alone(opened, name):
    form = opened(Dense())
    form["bias"].setFocus()
    wheel(form[name])
    assert form.said == []


def test_the_wheel_turns_the_control_that_has_the_focus(opened):
    form = opened(Dense(units=8))
    form["units"].setFocus()
    wheel(form["units"])
    assert form.last.units == 9


def test_typing_a_whole_number_edits_once(opened, qtbot):
    form = opened(Dense(units=8))
    box = form["units"]
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "128")
    assert form.said == []
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert [new.units for new, _ in form.said] == [128]


def test_escape_gives_a_whole_number_back(opened, qtbot):
    form = opened(Dense(units=8))
    form["units"].setFocus()
    qtbot.keyClicks(form["units"], "5")
    qtbot.keyClick(form["units"], Qt.Key.Key_Escape)
    assert (form["units"].value(), form.said) == (8, [])


def test_what_is_being_typed_is_left_alone(opened, qtbot):
    form = opened(Adam())
    line = form["beta1"]
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "0.7")
    form.form.show_model(Adam(beta1=0.2, beta2=0.5))
    assert (line.text(), form["beta2"].text()) == ("0.7", "0.5")


def test_an_optional_value_goes_on_with_its_first_value_and_off_again(opened, qtbot):
    form = opened(Stop(), style=replace(PLAIN, first={"steps": 500}))
    qtbot.mouseClick(form["steps.on"], Qt.MouseButton.LeftButton, pos=QPoint(6, 8))
    assert form.last.steps == 500
    assert form["steps"].isVisible()
    qtbot.mouseClick(form["steps.on"], Qt.MouseButton.LeftButton, pos=QPoint(6, 8))
    assert form.last.steps is None
    assert not form["steps"].isVisible()


def test_an_optional_value_comes_back_as_it_was(opened, qtbot):
    form = opened(MaxPool2d(stride=3))
    for _ in range(2):
        qtbot.mouseClick(form["stride.on"], Qt.MouseButton.LeftButton, pos=QPoint(6, 8))
    assert form.last.stride == 3


def choose(qtbot, combo, text):
    combo.setFocus()
    assert combo.findText(text) >= 0
    combo.showPopup()
    view = combo.view()
    view.setCurrentIndex(combo.model().index(combo.findText(text), 0))
    qtbot.keyClick(view, Qt.Key.Key_Return)


def test_the_learning_rate_goes_along_to_another_optimizer(opened, qtbot):
    form = opened(SGD(learning_rate=0.037), Optimizer)
    choose(qtbot, form["kind"], "Adam")
    assert form.last == Adam(learning_rate=0.037)


def test_what_was_entered_for_an_entry_comes_back_with_it(opened, qtbot):
    form = opened(Momentum(momentum=0.5), Optimizer)
    choose(qtbot, form["kind"], "SGD")
    choose(qtbot, form["kind"], "Momentum")
    assert form.last.momentum == 0.5


def test_every_entry_is_offered_with_its_description(opened):
    combo = opened(SGD(), Optimizer)["kind"]
    assert combo.count() == len(entries_of(Optimizer))
    for row in range(combo.count()):
        assert combo.itemData(row, Qt.ItemDataRole.ToolTipRole)


def test_a_choice_within_a_model_shows_its_own_fields_beneath(opened, qtbot):
    form = opened(Dense(activation=Tanh()))
    choose(qtbot, form["activation"], "Leaky ReLU")
    assert form.last.activation.kind == "leaky_relu"
    type_into(qtbot, form["activation.negative_slope"], "0.2")
    assert form.last.activation.negative_slope == 0.2


def test_an_entry_that_is_forbidden_cannot_be_chosen_and_says_why(opened):
    style = replace(PLAIN, forbids=lambda _, entry: "Not now." if entry is Adam else "")
    combo = opened(SGD(), Optimizer, style)["kind"]
    row = combo.findText("Adam")
    assert not combo.model().item(row).isEnabled()
    assert combo.itemData(row, Qt.ItemDataRole.ToolTipRole) == "Not now."


def test_a_source_without_its_file_waits_for_the_file(opened, qtbot, monkeypatch):
    form = opened(Mnist(), DataSource)
    choose(qtbot, form["kind"], "CSV table")
    assert form.said == []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("/data/iris.csv", ""))
    qtbot.mouseClick(form["path.browse"], Qt.MouseButton.LeftButton)
    assert form.last == CsvTable(path="/data/iris.csv")


def test_an_empty_optional_path_is_none(opened, qtbot):
    form = opened(Mnist(folder="/data"))
    form["folder"].setFocus()
    form["folder"].clear()
    form["folder"].setModified(True)
    qtbot.keyClick(form["folder"], Qt.Key.Key_Return)
    assert form.last.folder is None


def test_a_row_more_in_one_table_is_a_row_more_in_the_other(opened, qtbot):
    form = opened(WorkedExample(inputs=((1, 2),), targets=((3,),)))
    qtbot.mouseClick(form["inputs.add_row"], Qt.MouseButton.LeftButton)
    assert form.last == WorkedExample(inputs=((1, 2), (0, 0)), targets=((3,), (0,)))
    assert form["targets"].rowCount() == 2


def test_a_number_typed_into_a_table_edits(opened, qtbot):
    form = opened(WorkedExample(inputs=((1, 2),), targets=((3,),)))
    table = form["inputs"]
    table.setFocus()
    table.setCurrentCell(0, 1)
    qtbot.keyClicks(table, "7")
    qtbot.keyClick(table.findChild(QLineEdit), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(form.said))
    assert form.last.inputs == ((1, 7),)


def test_showing_a_model_of_the_same_kind_keeps_the_widgets_and_is_silent(opened):
    form = opened(Adam(), Optimizer)
    before = form["beta1"]
    form.form.show_model(Adam(beta1=0.1))
    assert form["beta1"] is before
    assert (before.text(), form.said) == ("0.1", [])


VALUES = {
    FieldKind.FLAG: lambda field: st.booleans(),
    FieldKind.OPTION: lambda field: st.sampled_from(field.options),
    FieldKind.INTEGER: lambda field: st.integers(int(field.low or 0), int(field.high or 10**6)),
    FieldKind.NUMBER: lambda field: st.floats(
        field.low,
        field.high,
        exclude_min=field.low_open,
        exclude_max=field.high_open,
        allow_nan=False,
        allow_infinity=False,
    ),
    FieldKind.TEXT: lambda field: st.just("words.csv"),
    FieldKind.TABLE: lambda field: st.just(((1.0, 2.0), (3.0, 4.0))),
}


def rows_of(table):
    return tuple(
        tuple(float(table.item(row, column).text()) for column in range(table.columnCount()))
        for row in range(table.rowCount())
    )


READERS = {
    FieldKind.FLAG: QCheckBox.isChecked,
    FieldKind.OPTION: QComboBox.currentData,
    FieldKind.INTEGER: QSpinBox.value,
    FieldKind.NUMBER: lambda line: float(line.toolTip().splitlines()[0]),
    FieldKind.TEXT: QLineEdit.text,
    FieldKind.TABLE: rows_of,
}


def read_back(form, name, field):
    return READERS[field.kind](form.findChild(QWidget, f"form.{name}"))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
def test_every_entry_gives_a_form_that_shows_exactly_its_values(qtbot, entry):
    form = ModelForm(entry, "form", PLAIN)
    qtbot.addWidget(form)
    simple = [field for field in fields_of(entry) if field.kind is not FieldKind.CHOICE]

    @settings(
        max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
    )
    @given(st.data())
    def shows(data):
        values = {field.name: data.draw(VALUES[field.kind](field)) for field in simple}
        try:
            model = entry.model_validate(values)
        except ValueError:
            return
        form.show_model(model)
        for field in simple:
            assert read_back(form, field.name, field) == getattr(model, field.name), field.name

    shows()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.__name__)
def test_every_control_of_every_entry_has_a_tooltip_and_a_name(qtbot, entry):
    form = ModelForm(entry, "form", PLAIN)
    qtbot.addWidget(form)
    form.show_model(entry.model_validate({}))
    controls = (QLineEdit, QSpinBox, QComboBox, QCheckBox, QSlider, QTableWidget, QToolButton)
    for control in form.findChildren(QWidget):
        if isinstance(control, controls) and not control.objectName().startswith("qt_"):
            if isinstance(control.parent(), QTableWidget):
                continue
            assert control.objectName().startswith("form."), control
            assert control.toolTip() or control.parent().toolTip(), control.objectName()


def test_a_choice_form_shows_every_family(qtbot):
    for family in FAMILIES:
        form = ChoiceForm(family, "form", PLAIN)
        qtbot.addWidget(form)
        for entry in entries_of(family).values():
            model: Choice = entry.model_validate({})
            form.show_model(model)
            assert form.form.model == model


def test_relu_stands_in_a_combo_by_its_label(opened):
    assert opened(Dense(activation=ReLU()))["activation"].currentText() == "ReLU"


def test_another_theme_recolours_notes_and_errors(opened, qtbot, qapp):
    form = opened(SGD())
    form.form.note("learning_rate", "Now 0.1.")
    type_into(qtbot, form["learning_rate"], "fast")
    lines = [label for label in form.form.findChildren(QLabel) if label.property("role")]
    try:
        for choice, tokens in (("dark", theme.DARK), ("light", theme.LIGHT)):
            theme.apply(qapp, choice)
            colours = {label.palette().windowText().color().name() for label in lines}
            assert colours == {tokens.text_dim, tokens.error}
    finally:
        theme.apply(qapp, "system")
