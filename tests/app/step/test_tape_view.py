from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from app.step.tape.model import Stand, TapeRole
from app.step.tape.view import TapeView
from core.messages.breakpoints import Breakpoint, Condition
from core.messages.commands import CheckGradients, RunToPlace, SetBreakpoints
from core.messages.record import Phase, Place
from core.messages.snapshot import GradientCheck, RunState
from core.sentence import Sentence
from tests.app.stepped import entry_writing, standing


@pytest.fixture
def view(qtbot, bridge):
    widget = TapeView(bridge)
    qtbot.addWidget(widget)
    widget.resize(340, 700)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def row_of(view, record, key):
    return view.model.index_of(entry_writing(record, key))


def test_without_a_record_it_says_how_to_get_one(view):
    assert view.empty.isVisible()
    assert "Press Next (.)" in view.empty.text()
    assert not view.list.isVisible()


def test_every_operation_stands_under_its_phase_in_the_order_of_computing(view, bridge, record):
    bridge.present(standing(record, Place(2, 1)))
    rows = [view.model.index(row).data() for row in range(view.model.rowCount())]
    assert len(rows) == len(record.entries) + len(Phase)
    assert rows[:3] == ["Forward", "1 Dense · weighted sums z", "1 Dense · activations a"]
    assert rows[rows.index("Loss") + 1 : rows.index("Backward")] == [
        "Loss of each sample",
        "Loss of the batch",
    ]
    assert rows[-1] == "2 Dense · new biases"


def test_what_is_done_what_is_computed_and_what_is_to_come_differ(view, bridge, record):
    bridge.present(standing(record, Place(entry_writing(record, "loss"), 1)))
    stands = {
        key: row_of(view, record, key).data(TapeRole.STAND)
        for key in ("z:0", "terms", "loss", "d:z:1", "after:1.bias")
    }
    assert list(stands.values()) == [
        Stand.DONE,
        Stand.DONE,
        Stand.HERE,
        Stand.COMING,
        Stand.COMING,
    ]


def test_a_step_tells_only_the_rows_it_changes(qtbot, view, bridge, record):
    bridge.present(standing(record, Place(2, 1)))
    changed = []
    view.model.dataChanged.connect(lambda a, b: changed.append((a.row(), b.row())))
    view.model.modelReset.connect(lambda: pytest.fail("filled again"))
    bridge.present(standing(record, Place(3, 1)))
    assert changed == [(3, 4)]  # a heading stands above the first operation


def test_double_click_and_enter_run_there(qtbot, view, bridge, record):
    bridge.present(standing(record, Place(2, 1)))
    row = row_of(view, record, "d:z:1")
    middle = view.list.visualRect(row).center()
    qtbot.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert bridge.sent == []
    qtbot.mouseDClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    view.list.setCurrentIndex(row_of(view, record, "z:0"))
    qtbot.keyClick(view.list, Qt.Key.Key_Return)
    assert bridge.sent == [RunToPlace(entry_writing(record, "d:z:1")), RunToPlace(0)]


def test_a_press_at_the_left_edge_sets_a_breakpoint_and_takes_it_away(qtbot, view, bridge, record):
    kept = Breakpoint(Condition.DEAD)
    bridge.present(standing(record, Place(2, 1), breakpoints=(kept,)))
    area = view.list.visualRect(row_of(view, record, "loss"))
    edge = QPoint(area.left() + 8, area.center().y())
    point = Breakpoint(Condition.ENTRY, writes="loss")
    qtbot.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    assert bridge.sent == [SetBreakpoints((kept, point))]
    bridge.present(standing(record, Place(2, 1), breakpoints=(kept, point)))
    assert row_of(view, record, "loss").data(TapeRole.HOLDS) is True
    qtbot.mouseClick(view.list.viewport(), Qt.MouseButton.LeftButton, pos=edge)
    assert bridge.sent[-1] == SetBreakpoints((kept,))


def test_a_breakpoint_that_is_asleep_wakes_up(qtbot, view, bridge, record):
    asleep = Breakpoint(Condition.ENTRY, writes="loss", on=False)
    bridge.present(standing(record, Place(2, 1), breakpoints=(asleep,)))
    assert row_of(view, record, "loss").data(TapeRole.HOLDS) is False
    view.list.setCurrentIndex(row_of(view, record, "loss"))
    qtbot.keyClick(view.list, Qt.Key.Key_Space)
    assert bridge.sent == [SetBreakpoints((replace(asleep, on=True),))]


def test_the_row_of_the_cursor_is_brought_into_sight(view, bridge, record):
    view.resize(340, 240)
    bridge.present(standing(record, Place(0, 1)))
    last = len(record.entries) - 1
    bridge.present(standing(record, Place(last, 1)))
    shown = view.list.viewport().rect()
    assert shown.contains(view.list.visualRect(view.model.index_of(last)).center())


def test_gradients_can_be_checked_once_a_step_is_recorded(view, bridge, record):
    assert not view.badge.button.isEnabled()
    bridge.present(standing(record, Place(2, 1)))
    assert view.badge.label.text() == "Gradients not checked yet."
    view.badge.button.click()
    assert bridge.sent == [CheckGradients()]
    bridge.present(standing(record, Place(2, 1), state=RunState.RUNNING))
    assert not view.badge.button.isEnabled()


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (
            GradientCheck(1, 3.2e-7, "0.weight", (0, 1), 105, 2),
            "Gradients checked: largest relative difference 3e-7 over 105 numbers;"
            " 2 left out at kinks.",
        ),
        (
            GradientCheck(1, 3.2e-12, "0.weight", (0, 1), 1105),
            "Gradients checked: largest relative difference 3e-12 over 1,105 numbers.",
        ),
        (
            GradientCheck(7, 3.2e-7, "0.weight", (0, 1), 105),
            "Gradients of step 7 checked: largest relative difference 3e-7 over 105 numbers.",
        ),
        (
            GradientCheck(1, refused=Sentence("Too many: {n}.", "Choose fewer.", n=9000)),
            "Too many: 9000. Choose fewer.",
        ),
    ],
)
def test_the_badge_says_how_the_gradients_compare(view, bridge, record, check, text):
    bridge.present(standing(record, Place(2, 1), check=check))
    assert view.badge.label.text() == text


def test_the_badge_explains_itself_at_kinks(view):
    assert "kink of ReLU (z = 0)" in view.badge.toolTip()
    assert view.badge.button.whatsThis() == view.badge.toolTip()
