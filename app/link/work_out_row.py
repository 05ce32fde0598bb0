"""The row of a menu that has a person work a number out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QMenu, QWidget

from app.kit.layouts import named
from app.kit.text import told

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QAction

    from app.link.questioner import Questioner
    from app.link.spots import NumberPlace


def add_row(menu: QMenu, questioner: Questioner, number: NumberPlace | None) -> QAction:
    """*Let me work this out*; without a reason not to, a press hides the number and asks for it.

    Args:
        menu: It gets one row more.
        questioner: Of the experiment.
        number: Which; None where there is none.
    """
    row = menu.addAction(QCoreApplication.translate("WorkOut", "Let me work this out"))
    row.setObjectName(f"{menu.objectName()}.work-out")
    reason = questioner.why_not(number)
    row.setEnabled(reason is None)
    if reason is not None:
        menu.setToolTipsVisible(True)
        row.setToolTip(told(reason))
    elif number is not None:
        row.triggered.connect(lambda: questioner.work_out(number))
    return row


def open_menu(
    view: QWidget, questioner: Questioner, number: NumberPlace | None, at: QPoint
) -> QMenu:
    """A menu of that row alone, on the screen; it goes when it is closed.

    Args:
        view: What was clicked.
        questioner: Of the experiment.
        number: Which number lies there.
        at: Where, on the screen.
    """
    menu = named(QMenu(view), f"{view.objectName()}.menu")
    menu.aboutToHide.connect(menu.deleteLater)
    add_row(menu, questioner, number)
    menu.popup(at)
    return menu
