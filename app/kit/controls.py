"""Small habits that all controls of a form share."""

from __future__ import annotations

from typing import Any, TypeVar

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QColor, QPalette, QStandardItemModel, QWheelEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QToolButton,
    QWidget,
)

from app.kit import theme
from app.kit.handles import ComboBox
from app.kit.labels import keep_room
from app.kit.layouts import named
from app.kit.text import translated

W = TypeVar("W", bound=QWidget)
Index = QModelIndex | QPersistentModelIndex
"""What Qt asks a model or a delegate about."""

HEIGHT = 3.25
"""In units of the grid: of every combo, field and spin box, so that rows line up."""


def turns(control: QWidget, event: QWheelEvent) -> bool:
    """Whether the wheel is for the control: it has the focus. Else it scrolls the panel."""
    if control.hasFocus():
        return True
    event.ignore()
    return False


class Combo(ComboBox):
    """A combo box that a panel can be scrolled over."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        narrow(self)

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """What does not fit ends in an ellipsis, where a style would cut it amid a letter."""
        super().initStyleOption(option)
        part, field = QStyle.ComplexControl.CC_ComboBox, QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(part, option, field, self).width() - 2
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, room
        )

    def wheelEvent(self, event: QWheelEvent) -> None:
        if turns(self, event):
            super().wheelEvent(event)


def narrow(control: W) -> W:
    """Lets a control be as narrow as its column, however long its longest item is."""
    control.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    control.setMinimumWidth(theme.space(8))
    control.setFixedHeight(theme.space(HEIGHT))
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


class Restyled(QWidget):
    """A widget with colours of its own, which it takes anew where another theme comes."""

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def _restyle(self) -> None:
        raise NotImplementedError


def accent_style() -> str:
    """How the one button looks that a panel is there for."""
    tokens = theme.current()
    return (
        f"QToolButton {{ background: {tokens.accent}; color: {tokens.on_accent};"
        f" border: 1px solid {tokens.accent}; padding: 3px 12px 3px 8px; }}"
        f"QToolButton:disabled {{ background: {tokens.hover}; color: {tokens.disabled};"
        f" border: 1px solid {tokens.hover}; }}"
        f"QToolButton:focus {{ border: 1px solid {tokens.text}; }}"
    )


def menu_style() -> str:
    """How a button looks that opens a menu; marked while what it stands for is on."""
    tokens = theme.current()
    return (
        f"QToolButton {{ border: 1px solid {tokens.line}; padding: 3px 18px 3px 8px; }}"
        f"QToolButton:checked {{ border-color: {tokens.accent}; background: {tokens.hover}; }}"
        f"QToolButton:hover {{ background: {tokens.hover}; }}"
        f"QToolButton:focus {{ border: 1px solid {tokens.text}; }}"
        "QToolButton::menu-indicator { subcontrol-origin: padding;"
        " subcontrol-position: right center; right: 4px; }"
    )


class FitButton(QToolButton):
    """Offers all of the curves again to who has zoomed; away while a plot shows them all."""

    def __init__(self, identity: str, parent: QWidget) -> None:
        super().__init__(parent)
        tip = self.tr("Show all of the curves again (double click)")
        named(self, identity, tip=tip).setText(self.tr("Fit"))
        keep_room(self)


class _Quiet(QLabel):
    """A line in one of the theme's colours, with or without a stylesheet, that wraps."""

    def __init__(self, text: str, role: str, parent: QWidget | None) -> None:
        super().__init__(text, parent)
        self._is_error = role == "error"
        self.setProperty("role", role)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        # A wrapped label asks for a width of its own; the column decides instead.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._colour()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._colour()

    def _colour(self) -> None:
        tokens, palette = theme.current(), self.palette()
        colour = QColor(tokens.error if self._is_error else tokens.text_dim)
        if palette.color(QPalette.ColorRole.WindowText) != colour:  # else it would call itself
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)


def dim_label(text: str = "", role: str = "dim", parent: QWidget | None = None) -> QLabel:
    """A quiet line of text that wraps; hidden while it has nothing to say."""
    label = _Quiet(text, role, parent)
    label.setVisible(bool(text) and parent is not None)
    return label


def dim(label: QLabel) -> QLabel:
    """Makes a label quiet."""
    label.setProperty("role", "dim")
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def clear_background(scroll: QScrollArea) -> None:
    """Lets what lies behind a scroll area be seen through it."""
    for widget in (scroll.viewport(), scroll.widget()):
        if widget is not None:
            widget.setAutoFillBackground(False)


class Upright(QScrollArea):
    """Scrolls a panel up and down where it has less room than it needs, and else is not there."""

    def __init__(self, panel: QWidget, identity: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._panel = panel
        scroll_upright(self, panel)

    def sizeHint(self) -> QSize:
        """As the panel would like it."""
        return self._panel.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """As wide as the panel and the bar beside it; as low as can still be scrolled."""
        bar = self.verticalScrollBar().sizeHint().width()
        return QSize(self._panel.minimumSizeHint().width() + bar, theme.gap(12))


def scroll_upright(scroll: QScrollArea, content: QWidget) -> None:
    """Has a column of things scrolled up and down only, as if it stood there without an area."""
    scroll.setWidget(content)
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    clear_background(scroll)


def put_line(label: QLabel, text: str) -> None:
    """Changes such a line, at no cost where it says so already."""
    label.setText(text)
    label.setVisible(bool(text))
