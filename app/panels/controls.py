"""Small habits that all controls of a form share."""

from __future__ import annotations

from typing import Any, TypeVar

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QWidget

from app import theme
from app.text import translated

W = TypeVar("W", bound=QWidget)


class _WheelNeedsFocus(QObject):
    """Lets the wheel scroll the panel where the control beneath it has not been chosen."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Ignored, the event goes on to the scroll area."""
        idle = isinstance(watched, QWidget) and not watched.hasFocus()
        if event.type() == QEvent.Type.Wheel and idle:
            event.ignore()
            return True
        return False


def quiet_wheel(control: QWidget) -> None:
    """Keeps a control from changing when the panel is scrolled with the wheel over it."""
    if control.focusPolicy() & Qt.FocusPolicy.WheelFocus == Qt.FocusPolicy.WheelFocus:
        control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    control.installEventFilter(_WheelNeedsFocus(control))


def narrow(control: W) -> W:
    """Lets a control be as narrow as its column, however long its longest item is."""
    control.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    control.setMinimumWidth(theme.space(8))
    if isinstance(control, QComboBox):
        control.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        control.setMinimumContentsLength(6)
    return control


def restyle(control: QWidget) -> None:
    """Lets the stylesheet see a changed property."""
    control.style().unpolish(control)
    control.style().polish(control)
    control.update()


def option_text(option: Any) -> str:
    """A fixed value as a combo shows it."""
    if isinstance(option, str):
        return translated(option.replace("_", " ").capitalize())
    return str(option)


def allow_item(combo: QComboBox, index: int, tip: str, allowed: bool) -> None:
    """Lets an item be chosen or not, with the reason or the description on hover."""
    combo.setItemData(index, tip, Qt.ItemDataRole.ToolTipRole)
    model = combo.model()
    if isinstance(model, QStandardItemModel):
        model.item(index).setEnabled(allowed)


def dim_label(text: str = "", role: str = "dim", parent: QWidget | None = None) -> QLabel:
    """A quiet line of text that wraps; hidden while it has nothing to say."""
    label = QLabel(text, parent)
    label.setProperty("role", role)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    # A wrapped label asks for a width of its own; the column decides instead.
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
    label.setVisible(bool(text))
    return label


def say(label: QLabel, text: str) -> None:
    """Changes such a line, at no cost where it says so already."""
    if label.text() != text:
        label.setText(text)
    if label.isHidden() == bool(text):
        label.setVisible(bool(text))
