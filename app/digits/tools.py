"""The rows below the pad: pen, eraser, width, undo, redo, paste, clear; and the test digits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from app.digits.ink import WIDTHS
from app.digits.pad import DigitPad
from app.digits.strokes import SampleDigit
from app.kit import icons, theme
from app.kit.handles import Slider, SpinBox
from app.kit.layouts import in_row, named
from app.kit.more import behind_more
from app.kit.numbers import locale, whole
from core.messages.snapshot import DataSummary


def icon_button(
    parent: QWidget,
    identity: str,
    icon: str,
    tip: str,
    act: Callable[[], object] | None = None,
) -> QToolButton:
    """A button with an icon and no frame; the tip is its accessible name as well.

    Args:
        parent: The panel.
        identity: The objectName; stable, since lessons and tests find the button by it.
        icon: A file of resources/icons.
        tip: What it does, and the key that does the same.
        act: Called on each click.
    """
    button = named(QToolButton(parent), identity, tip, tip)
    button.setIconSize(QSize(icons.SIZE, icons.SIZE))
    icons.put(button, icon)
    if act is not None:
        button.clicked.connect(lambda _checked=False: act())
    return button


class ToolRow(QWidget):
    """Acts on the pad, and shows what the pad says of itself."""

    def __init__(self, pad: DigitPad, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pad = pad
        self._make_buttons()
        self._make_slider()
        self._lay_out()
        pad.drawing.changed.connect(self._follow_history)
        pad.tool.changed.connect(self._follow_tool)
        self._follow_history()
        self._follow_tool()

    def _make_buttons(self) -> None:
        pad = self._pad
        self.pen = icon_button(self, "digits.pen", "pen", self.tr("Pen (P)"))
        self.eraser = icon_button(self, "digits.eraser", "eraser", self.tr("Eraser (E)"))
        tools = QButtonGroup(self)
        for button in (self.pen, self.eraser):
            button.setCheckable(True)
            tools.addButton(button)
        self.pen.clicked.connect(lambda: pad.tool.choose(erasing=False))
        self.eraser.clicked.connect(lambda: pad.tool.choose(erasing=True))
        tip = self.tr("Undo the last stroke (Ctrl+Z on the pad)")
        self.undo = icon_button(self, "digits.undo", "undo", tip, pad.drawing.undo)
        tip = self.tr("Redo the stroke (Ctrl+Y on the pad)")
        self.redo = icon_button(self, "digits.redo", "redo", tip, pad.drawing.redo)
        tip = self.tr("Paste a picture (Ctrl+V on the pad); you can drop one on it too")
        self.paste = icon_button(self, "digits.paste", "paste", tip, pad.paste)
        tip = self.tr("Clear the pad (Delete)")
        self.clear = icon_button(self, "digits.clear", "trash", tip, pad.drawing.clear)

    def _make_slider(self) -> None:
        self.width_slider = named(
            Slider(Qt.Orientation.Horizontal, self),
            "digits.width",
            self.tr("Width of the pen"),
            self.tr("Width of pen and eraser ([ and ] on the pad)"),
        )
        self.width_slider.setRange(WIDTHS[0], WIDTHS[-1])
        self.width_slider.setPageStep(4)
        self.width_slider.setMinimumWidth(theme.space(6))
        self.width_slider.valueChanged.connect(self._pad.tool.set_width)

    def _lay_out(self) -> None:
        # A colour alone would not show everybody which tool is in the hand.
        self.setStyleSheet("QToolButton:checked { background: palette(alternate-base); }")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        tools, width = (self.pen, self.eraser), (self.width_slider, 1)
        actions = (self.undo, self.redo, self.paste, self.clear)
        in_row(*tools, 0.5, width, 0.5, *actions, into=self, apart=0.25)
        behind_more(self.width_slider, keeps_room=True)
        behind_more(self.undo, self.redo, self.paste)

    def _follow_history(self) -> None:
        marks = self._pad.drawing.marks
        self.undo.setEnabled(marks.can_undo)
        self.redo.setEnabled(marks.can_redo)
        self.clear.setEnabled(bool(marks.visible))

    def _follow_tool(self) -> None:
        with QSignalBlocker(self.width_slider):
            self.width_slider.setValue(self._pad.tool.width)
        for button, icon, chosen in (
            (self.pen, "pen", not self._pad.tool.erasing),
            (self.eraser, "eraser", self._pad.tool.erasing),
        ):
            button.setChecked(chosen)
            icons.put(button, icon, "accent" if chosen else "text_dim")


class DigitPicker(QWidget):
    """A random test digit, the one before, the one after, or the one of a number."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data: DataSummary | None = None
        self._random = np.random.default_rng()
        self._make_controls()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        leafing = (self.random, self.previous, self.index, self.next)
        in_row(self.title, 0.5, *leafing, None, self.label, into=self, apart=0.25)

    def _make_controls(self) -> None:
        self.title = QLabel(self.tr("Test digit"), self)
        tip = self.tr("A random digit of the test data, which the network never trained on")
        self.random = icon_button(self, "digits.random", "dice", tip, self._pick_random)
        tip = self.tr("The test digit before")
        self.previous = icon_button(self, "digits.previous", "left", tip, lambda: self._leaf(-1))
        self.index = named(
            SpinBox(self),
            "digits.index",
            self.tr("Number of the test digit"),
            self.tr("Number of the test digit; type one and press Enter"),
        )
        self.index.setButtonSymbols(SpinBox.ButtonSymbols.NoButtons)
        self.index.setLocale(locale())
        self.index.setGroupSeparatorShown(True)
        self.index.setKeyboardTracking(False)
        self.index.setFont(theme.number_font())
        self.index.valueChanged.connect(self._pick)
        tip = self.tr("The next test digit")
        self.next = icon_button(self, "digits.next", "right", tip, lambda: self._leaf(1))
        tip = self.tr("What the digit on the pad is, by its label in the data")
        self.label = named(QLabel(self), "digits.label", tip=tip)

    def show_data(self, data: DataSummary) -> bool:
        """Offers the test samples of the data, and says whether they are other ones."""
        if data is self._data:
            return False
        self._data = data
        with QSignalBlocker(self.index):
            self.index.setRange(0, max(0, data.test_count - 1))
        self.setEnabled(data.test_count > 0)
        of = self.tr("There are {count} test digits.").format(count=whole(data.test_count))
        self.title.setToolTip(of)
        return True

    def show_digit(self, digit: SampleDigit | None) -> None:
        """Says what the digit on the pad is; nothing once it was drawn over."""
        if digit is None or self._data is None:
            if self.label.text():  # each new text would lay the whole window out anew
                self.label.clear()
            return
        with QSignalBlocker(self.index):
            self.index.setValue(digit.index)
        names = self._data.class_names
        name = names[digit.label] if digit.label < len(names) else str(digit.label)
        self.label.setText(self.tr("Label {name}").format(name=name))

    def _leaf(self, by: int) -> None:
        count = self.index.maximum() + 1
        self._pick((self.index.value() + by) % count)

    def _pick_random(self) -> None:
        self._pick(int(self._random.integers(self.index.maximum() + 1)))

    def _pick(self, index: int) -> None:
        data = self._data
        if data is None or index >= data.test_count:
            return
        pixels, label = data.test_inputs[index, 0], int(data.test_labels[index])
        self.picked.emit(SampleDigit(pixels, index, label))
