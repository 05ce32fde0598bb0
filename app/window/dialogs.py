"""The few questions that the window asks and waits for."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QFileDialog, QFormLayout, QLabel, QMessageBox, QWidget

from app.kit import icons, theme
from app.kit.labels import large
from app.kit.layouts import in_column, in_row, named


def shortcuts_dialog(parent: QWidget, keys: Iterable[tuple[str, str]]) -> QDialog:
    """What can be done, each with its key."""
    dialog = named(QDialog(parent), "shortcuts")
    dialog.setWindowTitle(QCoreApplication.translate("help", "Keyboard shortcuts"))
    native = QKeySequence.SequenceFormat.NativeText
    rows = list(keys)
    half = -(-len(rows) // 2)  # beside one another: one below another they are higher than a screen
    forms = [QFormLayout(), QFormLayout()]
    for form in forms:
        form.setHorizontalSpacing(theme.space(3))
        form.setVerticalSpacing(theme.space(1))
    for number, (name, key) in enumerate(rows):
        shown = QLabel(QKeySequence(key).toString(native), dialog)
        shown.setFont(theme.number_font())
        forms[number // half].addRow(name, shown)
    in_row(*forms, into=dialog, around=3, apart=6)
    return dialog


def about_dialog(parent: QWidget) -> QDialog:
    """What Chainrule is."""
    dialog = named(QDialog(parent), "about")
    dialog.setWindowTitle(QCoreApplication.translate("help", "About Chainrule"))
    mark = QLabel(dialog)
    mark.setPixmap(icons.pixmap("chainrule", theme.current().accent, 64, 1))
    name = large(QLabel("Chainrule", dialog))
    text = QCoreApplication.translate(
        "help",
        "Build a small neural network, train it and see how it learns.\n"
        "Every number on screen is a tensor that PyTorch computed for your experiment.",
    )
    column = in_column(into=dialog, around=(5, 4, 5, 4), apart=1)
    for label in (mark, name, QLabel(text, dialog)):
        column.addWidget(label, alignment=Qt.AlignmentFlag.AlignHCenter)
    return dialog


class Answer(Enum):
    """What to do with a tab that holds something unsaved."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


def save_before_closing(parent: QWidget, name: str) -> Answer:
    """Asks what to do with a tab that closes and holds something unsaved."""
    text = _tr("Save “{name}” before closing?").format(name=name)
    box = _question("question-close", text, parent)
    box.setInformativeText(_tr("What was built, typed and learned in it is lost otherwise."))
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    box.exec()
    chosen = {buttons.Save: Answer.SAVE, buttons.Discard: Answer.DISCARD}
    return chosen.get(box.standardButton(box.clickedButton()), Answer.CANCEL)


def discard_all(parent: QWidget, names: list[str]) -> bool:
    """Asks whether to quit although these experiments hold something unsaved."""
    text = _tr("Quit without saving these experiments?")
    box = _question("question-quit", "\n".join((text, "", *names)), parent)
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Cancel)
    return box.exec() == buttons.Discard


def _question(identity: str, text: str, parent: QWidget) -> QMessageBox:
    """A box whose text is shown as it stands: a name in it may look like markup."""
    no_icon, none = QMessageBox.Icon.NoIcon, QMessageBox.StandardButton.NoButton
    box = named(QMessageBox(no_icon, "", "", none, parent), identity)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    return box


def file_to_open(parent: QWidget, folder: str) -> str:
    """Asks for a file; empty when the person thought better of it."""
    kinds = (
        _tr("All that can be opened (*.safetensors *.json *.csv)"),
        _filter(),
        _tr("Experiments (*.json)"),
        _tr("Tables (*.csv)"),
    )
    path, _ = QFileDialog.getOpenFileName(parent, _tr("Open"), folder, ";;".join(kinds))
    return path


def table_to_open(parent: QWidget, folder: str) -> str:
    """Asks for a table; empty when the person thought better of it."""
    kinds = (_tr("Tables (*.csv *.tsv *.txt)"), _tr("All files (*)"))
    title = _tr("Open a table")
    path, _ = QFileDialog.getOpenFileName(parent, title, folder, ";;".join(kinds))
    return path


def file_to_save(parent: QWidget, folder: str, name: str) -> str:
    """Asks where to save; empty when the person thought better of it."""
    start = f"{folder}/{name}.safetensors" if folder else f"{name}.safetensors"
    path, _ = QFileDialog.getSaveFileName(parent, _tr("Save weights"), start, _filter())
    return path if not path or path.endswith(".safetensors") else f"{path}.safetensors"


def _filter() -> str:
    return _tr("Weights with their experiment (*.safetensors)")


def _tr(text: str) -> str:
    return QCoreApplication.translate("questions", text)
