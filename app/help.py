"""The two windows of the Help menu."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QVBoxLayout, QWidget

from app import icons, theme
from app.actions import ROWS, name_of
from app.perspectives import PERSPECTIVES


def shortcuts_dialog(parent: QWidget) -> QDialog:
    """Every key of the table of actions."""
    dialog = QDialog(parent)
    dialog.setObjectName("shortcuts")
    dialog.setWindowTitle(QCoreApplication.translate("help", "Keyboard shortcuts"))
    form = QFormLayout(dialog)
    form.setContentsMargins(theme.space(3), theme.space(3), theme.space(3), theme.space(3))
    form.setHorizontalSpacing(theme.space(6))
    form.setVerticalSpacing(theme.space(1))
    for name, keys in _keys():
        shown = QLabel(keys, dialog)
        shown.setFont(theme.number_font())
        form.addRow(name, shown)
    return dialog


def about_dialog(parent: QWidget) -> QDialog:
    """What Chainrule is."""
    dialog = QDialog(parent)
    dialog.setObjectName("about")
    dialog.setWindowTitle(QCoreApplication.translate("help", "About Chainrule"))
    column = QVBoxLayout(dialog)
    column.setContentsMargins(theme.space(5), theme.space(4), theme.space(5), theme.space(4))
    column.setSpacing(theme.space(1))
    mark = QLabel(dialog)
    mark.setPixmap(icons.pixmap("chainrule", theme.current().accent, 64, 1))
    name = QLabel("Chainrule", dialog)
    font = QFont(name.font())
    font.setPointSizeF(theme.LARGE_POINTS)
    name.setFont(font)
    text = QCoreApplication.translate(
        "help",
        "Build a small neural network, train it and see how it learns.\n"
        "Every number on screen is a tensor that PyTorch computed for your experiment.",
    )
    for label in (mark, name, QLabel(text, dialog)):
        column.addWidget(label, alignment=Qt.AlignmentFlag.AlignHCenter)
    return dialog


def _keys() -> list[tuple[str, str]]:
    native = QKeySequence.SequenceFormat.NativeText
    translate = QCoreApplication.translate
    perspectives = [
        (translate("perspectives", perspective.title), f"Ctrl+{number}")
        for number, perspective in enumerate(PERSPECTIVES, 1)
    ]
    rows = [(name_of(row), row.keys[0]) for row in ROWS if row.keys]
    return [(name, QKeySequence(key).toString(native)) for name, key in [*rows, *perspectives]]
