"""The menu of a right click on a parameter, or of the Menu key."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPoint
from PySide6.QtWidgets import QMenu, QWidget

from app.kit.layouts import named
from app.link.bridge import Bridge
from app.link.spots import NumberPlace
from app.link.wondering import Wondered, wondering
from app.link.work_out_row import add_row
from app.step.parameters.sheet import ParameterColumn, ParameterSheet


def asked_number(sheet: ParameterSheet, row: int, column: ParameterColumn | None) -> Wondered:
    """What is asked about in a row: the gradient in the column of gradients, else the weight."""
    name, index = sheet.rows.place(row)
    is_gradient = column is not None and column.id == "gradient" and column.has(row)
    return Wondered(f"d:p:{name}" if is_gradient else f"p:{name}", index)


def open_menu(
    bridge: Bridge, table: QWidget, number: Wondered, cell: NumberPlace | None, position: QPoint
) -> QMenu:
    """Opens it on the screen, without waiting for an answer.

    Args:
        bridge: To the experiment.
        table: What was clicked.
        number: What can be asked about.
        cell: What can be worked out: the very number; None where there is none.
        position: Where, on the screen.
    """
    menu = named(QMenu(table), "parameters.menu")
    text = QCoreApplication.translate("ParameterTable", "Why this number?")
    why = menu.addAction(text)
    why.setObjectName("parameters.menu.why")
    why.triggered.connect(lambda: wondering(bridge).ask(number))
    add_row(menu, bridge.questioner, cell)
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(position)
    return menu
