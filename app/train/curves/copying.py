"""Takes what the curves say elsewhere: what is pointed at as a line, all values as a table."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from app.kit.layouts import named
from app.kit.numbers import full_number
from core.messages.curves import Curve, Curves


def table_text(curves: Curves) -> str:
    """All that was measured, a line for each step: columns parted by tabs, in all digits.

    A figure that was not measured at a step is left empty there; what no sample was measured for
    has no column.
    """
    columns = {
        _tr("Training loss"): curves.train_loss,
        _tr("Test loss"): curves.test_loss,
        _tr("Training accuracy"): curves.train_accuracy,
        _tr("Test accuracy"): curves.test_accuracy,
    }
    shown = {title: _by_step(curve) for title, curve in columns.items() if len(curve)}
    steps = np.unique(np.concatenate([[], *(curve.steps for curve in columns.values())]))
    lines = [[_tr("Step"), *shown]]
    for step in steps.astype(int).tolist():
        lines.append([str(step), *(values.get(step, "") for values in shown.values())])
    return "\n".join("\t".join(line) for line in lines) + "\n"


def copy_table(curves: Curves) -> None:
    """Puts that on the clipboard, where spreadsheets and plotting programs take it from."""
    QGuiApplication.clipboard().setText(table_text(curves))


def copy_menu(curves: Curves, reading: str, parent: QWidget) -> QMenu:
    """What can be copied of the curves.

    Args:
        curves: As they are now.
        reading: What is said where one points; empty while one points at nothing.
        parent: Of the menu, which is gone once it is closed.
    """
    menu = named(QMenu(parent), "curves.menu")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    clipboard = QGuiApplication.clipboard()
    line = menu.addAction(_tr("Copy this reading"))
    line.setEnabled(bool(reading))
    line.triggered.connect(lambda: clipboard.setText(reading))
    table = menu.addAction(_tr("Copy all values as a table"))
    table.triggered.connect(lambda: copy_table(curves))
    return menu


def _by_step(curve: Curve) -> dict[int, str]:
    return dict(zip(curve.steps.tolist(), map(full_number, curve.values.tolist()), strict=True))


def _tr(text: str) -> str:
    return QCoreApplication.translate("curves", text)
