"""*Let me work this out* in the menus of the formula's numbers and of the parameters."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from app.step.formula.view import FormulaView
from app.step.parameters.table import ParameterTable
from core.presets import PRESETS
from tests.app.fakes import FakeBridge
from tests.app.stepped import entry_writing, record_of, standing, whole_place

KEYBOARD = QContextMenuEvent.Reason.Keyboard


@pytest.fixture(scope="module")
def record():
    return record_of(PRESETS["worked-2-3-2-relu"].spec)


@pytest.fixture
def bridge(qapp, record):
    return FakeBridge(standing(record, whole_place(record, len(record.entries) - 1)))


def shown(qtbot, view):
    view.resize(640, 700)
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    return view


def menu_of(table, row, column):
    """The menu that the Menu key opens at a cell."""
    index = table.model().index(row, column)
    table.setCurrentIndex(index)
    at = table.visualRect(index).center()
    where = table.viewport().mapToGlobal(at)
    QApplication.sendEvent(table, QContextMenuEvent(KEYBOARD, QPoint(0, 0), where))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def work_out_row(menu):
    return next(row for row in menu.actions() if row.objectName().endswith(".work-out"))


def test_a_number_that_a_formula_reads_can_be_worked_out(bridge, record, qtbot) -> None:
    place = entry_writing(record, "d:a:0")
    bridge.present(standing(record, whole_place(record, place)))
    view = shown(qtbot, FormulaView(bridge))
    menu = menu_of(view.card.terms, 0, 0)
    factor = view.card.terms.terms.rows[0].factors[0]
    assert factor.key == "d:z:1"
    work_out_row(menu).trigger()
    menu.close()
    question = bridge.asking.question
    assert question.key == "d:z:1"
    assert question.sample == 0
    assert view.question.isVisible()


def test_a_weight_is_given_and_says_so(bridge, record, qtbot) -> None:
    place = entry_writing(record, "d:a:0")
    bridge.present(standing(record, whole_place(record, place)))
    view = shown(qtbot, FormulaView(bridge))
    menu = menu_of(view.card.terms, 0, 1)
    row = work_out_row(menu)
    assert not row.isEnabled()
    assert "given" in row.toolTip()
    menu.close()


@pytest.mark.parametrize(
    ("column", "key"), [("gradient", "d:p:0.weight"), ("update", "after:0.weight")]
)
def test_a_number_of_the_parameters_can_be_worked_out(bridge, qtbot, column, key) -> None:
    view = shown(qtbot, ParameterTable(bridge))
    columns = [one.id for one in view.model.sheet.columns]
    menu = menu_of(view.table, 0, 2 + columns.index(column))
    work_out_row(menu).trigger()
    menu.close()
    assert bridge.asking.question.key == key
    assert bridge.asking.question.index == (0, 0)
    # What is asked for is a question mark there, too.
    cells = [view.model.index(0, 2 + i).data() for i in range(len(columns))]
    assert cells[columns.index(column)] in ("?", "")


def test_a_value_before_its_update_is_given(bridge, qtbot) -> None:
    view = shown(qtbot, ParameterTable(bridge))
    menu = menu_of(view.table, 0, 2)
    assert not work_out_row(menu).isEnabled()
    menu.close()
