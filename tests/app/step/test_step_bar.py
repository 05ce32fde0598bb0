from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from app.link.focus import Spot
from app.step.bar import StepBar
from core.messages.breakpoints import Breakpoint, Condition
from core.messages.commands import (
    Back,
    LeaveStep,
    Next,
    RunTo,
    RunToBreakpoint,
    RunToPlace,
    StepOut,
)
from core.messages.record import Grain, Phase, Place, Stepping
from core.messages.scope import Scope
from core.messages.snapshot import RunState
from core.sentence import Sentence
from tests.app.stepped import entry_writing, standing


@pytest.fixture
def bar(qtbot, bridge):
    widget = StepBar(bridge)
    qtbot.addWidget(widget)
    widget.resize(1400, 40)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_run_to_selected_goes_to_the_neuron_picked_last_and_nowhere_without_one(bar, bridge):
    bar.run_to_selected()
    bridge.focus.select(Spot((), 1))  # an input is given, not computed
    bar.run_to_selected()
    assert not [one for one in bridge.sent if isinstance(one, RunTo)]
    bridge.focus.select(Spot((1,), 0))
    bar.run_to_selected()
    assert bridge.sent[-1] == RunTo((1,), 0)


def test_before_any_step_only_what_begins_one_can_be_pressed(bar, bridge):
    assert bar.next_button.isEnabled()
    assert bar.into_button.isEnabled()
    assert bar.over_button.isEnabled()
    for button in (bar.back_button, bar.out_button, bar.leave_button, bar.breakpoint_button):
        assert not button.isEnabled()
    assert not any(segment.isEnabled() for segment in bar.phases.segments.values())
    assert bar.where.text() == "Press Next (.) to compute the first number"
    bar.back()
    bar.step_out()
    bar.leave()
    bar.run_to_breakpoint()
    assert bridge.sent == []


def test_each_button_sends_its_command(bar, bridge, record):
    points = (Breakpoint(Condition.NOT_FINITE),)
    bridge.present(standing(record, Place(2, 1), breakpoints=points))
    for button in (
        bar.into_button,
        bar.over_button,
        bar.out_button,
        bar.breakpoint_button,
        bar.leave_button,
    ):
        button.click()
    assert bridge.sent == [
        Next(Grain.NUMBER),
        Next(Grain.OPERATION),
        StepOut(),
        RunToBreakpoint(),
        LeaveStep(),
    ]


@pytest.mark.parametrize("grain", list(Grain))
def test_back_and_next_go_by_the_grain_that_is_chosen(qtbot, bar, bridge, record, grain):
    bridge.present(standing(record, Place(2, 1)))
    bar.grains.setCurrentIndex(list(Grain).index(grain))
    bar.grains.activated.emit(bar.grains.currentIndex())
    bar.next_button.click()
    bar.back_button.click()
    assert bridge.sent == [Next(grain), Back(grain)]
    assert bar.grain is grain


def test_the_slots_do_what_the_buttons_do(bar, bridge, record):
    bridge.present(standing(record, Place(2, 1)))
    bar.set_grain(Grain.PHASE)
    bar.next_()
    bar.back()
    bar.step_into()
    bar.step_over()
    bar.step_out()
    assert bridge.sent == [
        Next(Grain.PHASE),
        Back(Grain.PHASE),
        Next(Grain.NUMBER),
        Next(Grain.OPERATION),
        StepOut(),
    ]
    assert bar.grains.currentText() == "Phase"


@pytest.mark.parametrize("state", [RunState.RUNNING, RunState.LOADING, RunState.FAILED])
def test_nothing_can_be_stepped_while_the_run_is_not_at_rest(bar, bridge, record, state):
    bridge.present(standing(record, Place(2, 1), state=state))
    bar.next_()
    bar.back()
    bar.step_into()
    bar.step_out()
    bar.phases.segments[Phase.LOSS].click()
    assert bridge.sent == []


def test_where_one_stands_is_said_in_words(bar, bridge, record):
    bridge.present(standing(record, Place(entry_writing(record, "d:p:0.weight"), 3)))
    # Four forward, two of the loss, then gradient of loss, weights, bias, inputs, z, weights.
    assert bar.where.text() == "Operation 12 of 17 · number 3 of 8 · step 1"
    bridge.present(standing(record))
    assert bar.where.text() == "Before the first of 17 operations · step 1"


def test_the_phase_of_the_cursor_is_lit_and_those_before_it_are_done(bar, bridge, record):
    bridge.present(standing(record, Place(entry_writing(record, "d:z:1"), 1)))
    parts = [segment.property("part") for segment in bar.phases.segments.values()]
    assert parts == ["done", "done", "here", "coming"]


def test_a_click_on_a_phase_goes_to_its_last_operation(qtbot, bar, bridge, record):
    bridge.present(standing(record, Place(entry_writing(record, "d:z:1"), 1)))
    bar.phases.segments[Phase.FORWARD].click()
    bar.phases.segments[Phase.UPDATE].click()
    assert bridge.sent == [
        RunToPlace(entry_writing(record, "a:1")),
        RunToPlace(entry_writing(record, "after:1.bias")),
    ]


def test_the_reason_of_a_stop_is_shown_with_its_advice_on_hover(bar, bridge, record):
    reason = Sentence("The norm is {n}.", "Lower the rate.", n=12)
    bridge.present(
        standing(record, stepping=Stepping(record, Place(2, 1), can_go_back=True, stopped=reason))
    )
    assert bar.stopped.text() == "The norm is 12."
    assert bar.stopped.toolTip() == "The norm is 12. Lower the rate."
    bridge.present(standing(record, Place(2, 1)))
    assert not bar.stopped.isVisible()


def test_the_picker_names_sample_and_row_and_writes_the_focus(bar, bridge, record):
    bridge.present(standing(record, Place(0, 1)))
    row = int(record.rows[0])
    assert bar.sample.text() == f"Sample 1 of 8 (row {row})"
    bar.sample.setValue(3)
    assert bridge.focus.sample == 2


def test_the_switch_shows_the_whole_batch_and_comes_back_to_the_sample(qtbot, bar, bridge, record):
    assert not bar.scope.isEnabled()
    bridge.present(standing(record, Place(0, 1)))
    bar.sample.setValue(3)
    qtbot.mouseClick(bar.scope.buttons[Scope.BATCH], Qt.MouseButton.LeftButton)
    assert bridge.focus.sample is None
    assert bar.sample.value() == 3
    bar.switch_scope()
    assert bridge.focus.sample == 2
    assert bar.scope.buttons[Scope.SAMPLE].isChecked()
    bar.switch_scope()
    bar.sample.setValue(5)  # whoever chooses a sample wants to see it
    assert bridge.focus.sample == 4
    assert bar.scope.buttons[Scope.SAMPLE].isChecked()


def test_the_picker_follows_the_focus_and_stays_within_a_smaller_batch(bar, bridge, record):
    bridge.present(standing(record, Place(0, 1)))
    bridge.focus.pick_sample(7)
    assert bar.sample.value() == 8
    smaller = replace(record, rows=record.rows[:5])
    bridge.present(standing(smaller, Place(0, 1)))
    assert bar.sample.text() == f"Sample 5 of 5 (row {record.rows[4]})"
    assert bridge.focus.sample == 7  # the next full batch shows it again


def test_a_sample_can_be_typed(qtbot, bar, bridge, record):
    bridge.present(standing(record, Place(0, 1)))
    bar.sample.selectAll()
    qtbot.keyClicks(bar.sample, "6")
    qtbot.keyClick(bar.sample, "\r")
    assert bridge.focus.sample == 5
    assert bar.sample.text().startswith("Sample 6 of 8")


def test_an_unchanged_step_costs_nothing(bar, bridge, record, monkeypatch):
    snapshot = standing(record, Place(2, 1))
    bridge.present(snapshot)
    monkeypatch.setattr(bar.phases, "show_stepping", lambda _: pytest.fail("drawn again"))
    bridge.present(replace(snapshot, version=9))
