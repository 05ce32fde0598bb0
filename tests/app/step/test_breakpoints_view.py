from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction

from app.step.breakpoints.view import BreakpointsView
from app.step.breakpoints.words import WORDINGS, new, words
from core.messages.breakpoints import Breakpoint, Condition
from core.messages.commands import SetBreakpoints
from core.messages.record import Place
from tests.app.fakes import FakeBridge, snapshot_of
from tests.app.stepped import entry_writing, record_of, standing
from tests.core.experiments import tiny

NORM = Breakpoint(Condition.NORM_ABOVE, number=10.0)
DEAD = Breakpoint(Condition.DEAD, on=False)


@pytest.fixture
def bridge(qapp):
    return FakeBridge(snapshot_of(tiny()))


@pytest.fixture
def view(qtbot, bridge):
    widget = BreakpointsView(bridge)
    qtbot.addWidget(widget)
    widget.resize(344, 360)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def show(bridge, *points):
    bridge.present(replace(bridge.snapshot, breakpoints=points))


def offered(view):
    view.fill_menu()
    return {one.objectName(): one for one in view.menu.findChildren(QAction) if one.objectName()}


def test_without_breakpoints_it_says_what_they_are_for(view):
    assert view.empty.isVisible()
    assert "training pauses there" in view.empty.text()


def test_each_breakpoint_is_said_in_words_with_its_number(view, bridge):
    show(bridge, NORM, DEAD)
    first, second = view.rows
    assert first.text.text() == "Norm above"
    assert first.text.toolTip() == "The norm of all gradients is above 10"
    assert first.number.text() == "10"
    assert first.box.isChecked()
    assert second.text.text() == "A neuron is dead"
    assert second.text.toolTip() == "A neuron gives zero on the whole batch"
    assert not second.number.isVisible()
    assert not second.box.isChecked()
    assert bridge.sent == []


def test_the_box_puts_one_to_sleep(qtbot, view, bridge):
    show(bridge, NORM, DEAD)
    view.rows[0].box.click()
    assert bridge.sent == [SetBreakpoints((replace(NORM, on=False), DEAD))]


def test_its_number_can_be_edited_and_is_sent_once(qtbot, view, bridge):
    show(bridge, NORM, DEAD)
    editor = view.rows[0].number
    editor.selectAll()
    qtbot.keyClicks(editor, "0.25")
    assert bridge.sent == []
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert bridge.sent == [SetBreakpoints((replace(NORM, number=0.25), DEAD))]


@pytest.mark.parametrize(
    ("number", "text"),
    [(1e-9, "1e-9"), (2.5e-12, "2.5e-12"), (1e-5, "1e-5"), (0.001, "0.001"), (12345.5, "12345.5")],
)
def test_a_number_of_any_size_is_shown_and_typed(qtbot, view, bridge, number, text):
    tiny = Breakpoint(Condition.NORM_BELOW, number=0.5)
    show(bridge, replace(tiny, number=number))
    editor = view.rows[0].number
    assert editor.text() == text
    assert bridge.sent == []
    show(bridge, tiny)
    editor.selectAll()
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert bridge.sent == [SetBreakpoints((replace(tiny, number=number),))]
    assert editor.text() == text


@pytest.mark.parametrize("text", ["1e", "", "-1", "0,25", "ten", "2e9"])
def test_what_is_no_number_in_range_changes_nothing(qtbot, view, bridge, text):
    show(bridge, Breakpoint(Condition.NORM_BELOW, number=0.5))
    editor = view.rows[0].number
    editor.selectAll()
    qtbot.keyClick(editor, Qt.Key.Key_Delete)
    qtbot.keyClicks(editor, text)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert bridge.sent == []
    assert editor.text() == "0.5"


def test_the_arrows_step_by_a_share_and_away_from_zero(view, bridge):
    show(bridge, Breakpoint(Condition.NORM_BELOW, number=1e-9))
    editor = view.rows[0].number
    editor.stepBy(-1)
    assert editor.text() == "9.9e-10"
    show(bridge, Breakpoint(Condition.NORM_BELOW, number=0.0))
    assert editor.text() == "0"
    editor.stepBy(1)
    assert editor.text() == "1e-6"


def test_one_is_removed_and_the_others_stay(view, bridge):
    show(bridge, NORM, DEAD)
    view.rows[0].remove.click()
    assert bridge.sent == [SetBreakpoints((DEAD,))]
    show(bridge, DEAD)
    assert [row.isVisible() for row in view.rows] == [True, False]
    assert view.rows[0].point == DEAD


@pytest.mark.parametrize(
    ("condition", "number"),
    [
        (Condition.NOT_FINITE, 0.0),
        (Condition.NORM_ABOVE, 10.0),
        (Condition.NORM_BELOW, 0.001),
        (Condition.DEAD, 0.0),
        (Condition.LOSS_RISES, 3.0),
        (Condition.ACCURACY, 0.9),
        (Condition.EVERY, 100.0),
    ],
)
def test_each_condition_of_an_iteration_can_be_added(view, bridge, condition, number):
    show(bridge, Breakpoint(Condition.EVERY, number=7))
    offered(view)[f"breakpoints.add.{condition.value}"].trigger()
    added = Breakpoint(condition, number=number)
    assert bridge.sent == [SetBreakpoints((Breakpoint(Condition.EVERY, number=7), added))]


def test_what_is_there_already_is_not_added_again(view, bridge):
    show(bridge, new(Condition.DEAD))
    offered(view)["breakpoints.add.dead"].trigger()
    assert bridge.sent == []


def test_the_present_operation_can_be_added_once_there_is_one(view, bridge):
    assert not offered(view)["breakpoints.add.entry"].isEnabled()
    record = record_of()
    bridge.present(standing(record, Place(entry_writing(record, "a:0"), 2)))
    offered(view)["breakpoints.add.entry"].trigger()
    point = Breakpoint(Condition.ENTRY, writes="a:0")
    assert bridge.sent == [SetBreakpoints((point,))]
    assert words(point, bridge.snapshot) == "At 1 Dense · activations a"


def test_each_layer_can_be_added_by_its_name(view, bridge):
    actions = offered(view)
    assert actions["breakpoints.add.layer.1"].text() == "2 Dense"
    actions["breakpoints.add.layer.1"].trigger()
    point = Breakpoint(Condition.LAYER, path=(1,))
    assert bridge.sent == [SetBreakpoints((point,))]
    assert words(point, bridge.snapshot) == "At layer 2 Dense"


def test_a_layer_or_an_operation_that_is_gone_is_still_named(bridge):
    gone = Breakpoint(Condition.LAYER, path=(8,))
    assert words(gone, bridge.snapshot) == "At layer 9"
    assert words(Breakpoint(Condition.ENTRY, writes="z:8"), bridge.snapshot) == "At z:8"


def test_every_condition_has_its_words_and_a_number_within_its_bounds(bridge):
    assert set(WORDINGS) == set(Condition)
    for condition, wording in WORDINGS.items():
        text = words(new(condition), bridge.snapshot)
        assert "{" not in text
        if wording.number is not None:
            assert wording.lowest <= wording.number <= wording.highest
            assert wording.short
