from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt

from app.train.timeline.slider import TimelineSlider
from app.train.timeline.view import TimelineView
from core.messages.commands import SetTimelineBudget, Visit
from core.messages.events import Refused
from core.messages.record import Place, Stepping
from core.messages.snapshot import KeptSteps, Progress, RunState
from core.sentence import Sentence
from tests.app.fakes import FakeBridge, snapshot_of
from tests.app.stepped import record_of
from tests.core.experiments import tiny

MB = 2**20
PAST = KeptSteps(0, 5000, np.arange(0, 5001, 50), 12 * MB, 256 * MB)


@pytest.fixture
def bridge(qapp):
    return FakeBridge(snapshot_of(tiny()))


@pytest.fixture
def view(qtbot, bridge):
    widget = TimelineView(bridge)
    qtbot.addWidget(widget)
    widget.resize(1000, 72)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def show(bridge, step, past=PAST, state=RunState.PAUSED):
    bridge.present(
        replace(bridge.snapshot, timeline=past, progress=Progress(step=step), state=state)
    )


def visited(bridge):
    return [command.step for command in bridge.sent if isinstance(command, Visit)]


def test_it_says_where_the_run_stands_and_what_its_past_takes(view, bridge):
    show(bridge, 1204)
    assert view.label.text() == "After step 1,204 of 5,000"
    assert view.used.text() == "12 MB of"
    assert view.slider.value() == 1204
    assert bridge.sent == []


def test_inside_of_a_step_it_names_that_step_as_the_debugger_does(view, bridge):
    record = record_of()  # of step 1
    stepping = Stepping(record, Place(), can_go_back=False)
    past, newest = replace(PAST, last=7), replace(PAST, last=0)
    for kept, step, shown, text in (
        (past, 0, None, "Before step 1 of 7"),
        (past, 0, stepping, "In step 1 of 7"),
        (newest, 0, stepping, "In step 1, the newest"),
        (past, 1, stepping, "After step 1 of 7"),  # it has been taken
        (past, 4, None, "After step 4 of 7"),
        (newest, 0, None, "Before step 1"),
    ):
        now = bridge.snapshot
        bridge.present(replace(now, timeline=kept, progress=Progress(step=step), stepping=shown,
                               state=RunState.PAUSED))  # fmt: skip
        assert view.label.text() == text


def test_before_the_network_is_there_nothing_can_be_visited(view):
    assert not view.slider.isEnabled()
    assert "once it has begun" in view.label.text()


def test_while_training_the_slider_follows_and_cannot_be_moved(view, bridge):
    show(bridge, 5000, state=RunState.RUNNING)
    assert not view.slider.isEnabled()
    assert view.slider.value() == 5000
    assert not view.newest_button.isVisible()


def test_a_drag_asks_for_one_step_at_a_time_and_then_for_the_newest(qtbot, view, bridge):
    show(bridge, 5000)
    slider = view.slider
    middle = slider.height() // 2

    def to(step):
        return QPoint(round(slider.x_of(step)), middle)

    qtbot.mousePress(slider, Qt.MouseButton.LeftButton, pos=to(4000))
    for step in (3500, 3000, 2000, 1000):
        qtbot.mouseMove(slider, to(step))
    assert len(visited(bridge)) == 1
    assert visited(bridge)[0] == pytest.approx(4000, abs=10)
    show(bridge, visited(bridge)[0])
    assert len(visited(bridge)) == 2
    assert visited(bridge)[1] == pytest.approx(1000, abs=10)
    assert slider.value() == visited(bridge)[1]
    qtbot.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=to(1000))
    show(bridge, visited(bridge)[1])
    assert len(visited(bridge)) == 2
    assert slider.value() == visited(bridge)[1]


def test_a_refused_visit_leaves_the_way_free_for_the_next(view, bridge):
    show(bridge, 5000)
    view.slider.setValue(100)
    view.slider.setValue(200)
    assert visited(bridge) == [100]
    bridge.event_received.emit(Refused(Sentence("No.")))
    assert visited(bridge) == [100, 200]


def test_keys_move_by_a_step_and_to_the_ends(qtbot, view, bridge):
    show(bridge, 1204)
    view.slider.setFocus()
    qtbot.keyClick(view.slider, Qt.Key.Key_Left)
    show(bridge, 1203)
    qtbot.keyClick(view.slider, Qt.Key.Key_Home)
    show(bridge, 0)
    qtbot.keyClick(view.slider, Qt.Key.Key_End)
    assert visited(bridge) == [1203, 0, 5000]


def test_in_the_past_one_can_go_back_to_the_newest_and_hears_of_branches(view, bridge):
    show(bridge, 5000)
    assert not view.newest_button.isVisible()
    assert not view.hint.isVisible()
    show(bridge, 1204)
    assert view.hint.isVisible()
    assert view.hint.text() == "Train continues here, as a new branch"
    view.newest_button.click()
    assert visited(bridge) == [5000]


def test_the_budget_is_edited_in_megabytes(qtbot, view, bridge):
    show(bridge, 1204)
    assert view.budget.value() == 256
    view.budget.selectAll()
    qtbot.keyClicks(view.budget, "64")
    qtbot.keyClick(view.budget, Qt.Key.Key_Return)
    assert bridge.sent == [SetTimelineBudget(64 * MB)]


def test_an_unchanged_past_costs_nothing(view, bridge, monkeypatch):
    show(bridge, 1204)
    monkeypatch.setattr(view.slider, "show_steps", lambda *_: pytest.fail("drawn again"))
    bridge.present(replace(bridge.snapshot, version=9))


@given(
    first=st.integers(0, 1000),
    length=st.integers(1, 500),
    share=st.floats(0, 1),
    width=st.integers(900, 2000),
)
def test_a_step_and_its_place_on_the_slider_belong_together(qapp, first, length, share, width):
    slider = TimelineSlider()
    slider.resize(width, 28)
    slider.show_steps(first, first + length, np.arange(first, first + length))
    step = first + round(share * length)
    assert slider.step_at(slider.x_of(step)) == step
    assert slider.step_at(-99) == first
    assert slider.step_at(99_999) == first + length
