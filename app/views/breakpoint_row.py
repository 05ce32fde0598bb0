"""One breakpoint of the list: asleep or not, its number, and away with it."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QToolButton,
    QWidget,
)

from app import icons, theme
from app.typed import read_number
from app.views.breakpoint_words import WORDINGS
from app.views.elided import ElidedLabel
from core.breakpoints import Breakpoint
from core.errors import UserError


class BreakpointRow(QWidget):
    """``changed`` carries the breakpoint as it should be from now on; None to remove it."""

    changed = Signal(object)

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._identity = f"breakpoints.{number}"
        self.setObjectName(self._identity)
        self.point: Breakpoint | None = None
        self.box = QCheckBox(self)
        self.box.setObjectName(f"{self._identity}.on")
        self.box.toggled.connect(self._turn)
        self.text = ElidedLabel(f"{self._identity}.text", self)
        self.number = _NumberBox(self)
        self.number.setObjectName(f"{self._identity}.number")
        self.number.valueChanged.connect(self._set_number)
        self.remove = QToolButton(self)
        self.remove.setObjectName(f"{self._identity}.remove")
        self.remove.setToolTip(self.tr("Remove this breakpoint"))
        self.remove.setAccessibleName(self.tr("Remove this breakpoint"))
        self.remove.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        icons.put(self.remove, "close")
        self.remove.clicked.connect(lambda: self.changed.emit(None))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.space(1.5), 2, theme.space(1), 2)
        row.setSpacing(theme.space(1))
        row.addWidget(self.box)
        row.addWidget(self.text, 1)
        row.addWidget(self.number)
        row.addWidget(self.remove)

    def show_point(self, point: Breakpoint, label: str, text: str) -> None:
        """Shows a breakpoint, without saying that anything changed."""
        self.point = None
        wording = WORDINGS[point.condition]
        self.text.say(label, text)
        self.text.setEnabled(point.on)
        self.box.setChecked(point.on)
        self.box.setAccessibleName(text)
        self.box.setToolTip(self.tr("Whether this breakpoint holds"))
        self.number.setVisible(wording.number is not None)
        self.number.setDecimals(wording.decimals)
        self.number.setRange(wording.lowest, wording.highest)
        self.number.setAccessibleName(text)
        self.number.setToolTip(text)
        self.number.setValue(point.number)
        self.point = point

    def _turn(self, on: bool) -> None:
        if self.point is not None:
            self.changed.emit(replace(self.point, on=on))

    def _set_number(self, number: float) -> None:
        if self.point is not None:
            self.changed.emit(replace(self.point, number=number))


_FIRST_UP = 1e-6
"""Where the arrows go from zero: a share of zero would lead nowhere."""


class _NumberBox(QDoubleSpinBox):
    """A count, or a number of any size: ``0.001``, ``1e-9``; it steps by a share of itself."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setKeyboardTracking(False)
        self.setFixedSize(theme.space(11), theme.space(3.25))
        self.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def textFromValue(self, value: float) -> str:
        """Without the zeros at its end; ten digits hide what a step is off by rounding."""
        if not self.decimals():
            return super().textFromValue(value)
        return f"{value:.10g}".replace("e-0", "e-").replace("e+0", "e")

    def valueFromText(self, text: str) -> float:
        """What ``textFromValue`` writes, and whatever else is a number."""
        if not self.decimals():
            return super().valueFromText(text)
        try:
            return read_number(text)
        except UserError:
            return self.value()

    def validate(self, text: str, place: int) -> tuple[QValidator.State, str, int]:
        """Takes ``1e-9`` too; the beginning of it, or ``0,5``, waits to be mended."""
        if not self.decimals():
            return super().validate(text, place)
        try:
            fits = self.minimum() <= read_number(text) <= self.maximum()
        except UserError:
            fits = False
        state = QValidator.State
        may_become_one = set(text) <= set("0123456789.,eE+-")
        otherwise = state.Intermediate if may_become_one else state.Invalid
        return state.Acceptable if fits else otherwise, text, place

    def fixup(self, text: str) -> str:
        """Qt would make 25 of ``0,25``."""
        return text if self.decimals() else super().fixup(text)

    def stepBy(self, steps: int) -> None:
        """From zero to something that can be seen."""
        if self.decimals() and not self.value() and steps > 0:
            self.setValue(min(_FIRST_UP, self.maximum()))
        else:
            super().stepBy(steps)
