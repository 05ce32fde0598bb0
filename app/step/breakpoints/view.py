"""The places and conditions at which stepping and training hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QFrame,
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from app.kit import icons, theme
from app.kit.controls import clear_background
from app.kit.handles import DoubleSpinBox
from app.kit.labels import ElidedLabel, empty_page
from app.kit.layouts import in_column, in_row, named
from app.kit.numbers import read_number, short_number
from app.kit.text import translated
from app.step.breakpoints.words import WORDINGS, menu_text, new, short, words
from core.errors import UserError
from core.messages.breakpoints import AT_CURSOR, Breakpoint, Condition
from core.messages.commands import SetBreakpoints
from core.messages.snapshot import Snapshot

if TYPE_CHECKING:
    from app.link.bridge import Bridge


class BreakpointRow(QWidget):
    """``changed`` carries the breakpoint as it should be from now on; None to remove it."""

    changed = Signal(object)

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        identity = f"breakpoints.{number}"
        self.setObjectName(identity)
        self.point: Breakpoint | None = None
        tip = self.tr("Whether this breakpoint holds")
        self.box = named(QCheckBox(self), f"{identity}.on", tip=tip)
        self.box.toggled.connect(lambda on: self._change(on=on))
        self.text = ElidedLabel(f"{identity}.text", self)
        self.number = named(_NumberBox(self), f"{identity}.number")
        self.number.valueChanged.connect(lambda number: self._change(number=number))
        tip = self.tr("Remove this breakpoint")
        self.remove = named(QToolButton(self), f"{identity}.remove", tip, tip)
        self.remove.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        icons.put(self.remove, "close")
        self.remove.clicked.connect(lambda: self.changed.emit(None))
        parts = (self.box, (self.text, 1), self.number, self.remove)
        in_row(*parts, into=self, around=(1.5, 0.25, 1, 0.25), apart=1)

    def show_point(self, point: Breakpoint, label: str, text: str) -> None:
        """Shows a breakpoint, without saying that anything changed."""
        self.point = None
        wording = WORDINGS[point.condition]
        self.text.show_text(label, text)
        self.text.setEnabled(point.on)
        self.box.setChecked(point.on)
        self.box.setAccessibleName(text)
        self.number.setVisible(wording.number is not None)
        self.number.setDecimals(wording.decimals)
        self.number.setRange(wording.lowest, wording.highest)
        self.number.setAccessibleName(text)
        self.number.setToolTip(text)
        self.number.setValue(point.number)
        self.point = point

    def _change(self, **values: Any) -> None:
        if self.point is not None:
            self.changed.emit(replace(self.point, **values))


_FIRST_UP = 1e-6
"""Where the arrows go from zero: a share of zero would lead nowhere."""


class _NumberBox(DoubleSpinBox):
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
        return short_number(value, 10)

    def valueFromText(self, text: str) -> float:
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


class BreakpointsView(QWidget):
    """A row a breakpoint, and a menu of all conditions there are."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("breakpoints")
        self._bridge = bridge
        self._shown: tuple[object, ...] = ()
        self.rows: list[BreakpointRow] = []
        self._make_parts()
        self._lay_out()
        bridge.snapshot_changed.connect(self.show_snapshot)
        self.show_snapshot(bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows the list."""
        record = snapshot.stepping.record if snapshot.stepping is not None else None
        shown = (snapshot.breakpoints, snapshot.layers, record)
        if shown == self._shown:
            return
        self._shown = shown
        points = snapshot.breakpoints
        while len(self.rows) < len(points):
            self._add_row()
        for row in self.rows[len(points) :]:
            row.hide()
        for row, point in zip(self.rows, points, strict=False):
            row.show_point(point, short(point, snapshot), words(point, snapshot))
            row.show()
        self.empty.setVisible(not points)
        self.page.setVisible(bool(points))

    def fill_menu(self) -> None:
        """Offers every condition: the present operation, each layer, then those of an iteration."""
        snapshot = self._bridge.snapshot
        self.menu.clear()
        entry = snapshot.stepping.entry if snapshot.stepping is not None else None
        point = Breakpoint(Condition.ENTRY, writes=entry.writes if entry is not None else "")
        here = self._offer(self.menu, menu_text(Condition.ENTRY), "entry", point)
        here.setEnabled(entry is not None)
        here.setToolTip(self.tr("Step to an operation first; or press at its left in the list."))
        layers = named(QMenu(menu_text(Condition.LAYER), self.menu), "breakpoints.add.layer")
        self.menu.addMenu(layers)
        layers.setEnabled(bool(snapshot.layers))
        for layer in snapshot.layers:
            name = ".".join(map(str, layer.path))
            point = Breakpoint(Condition.LAYER, path=layer.path)
            self._offer(layers, translated(layer.name), f"layer.{name}", point)
        self.menu.addSeparator()
        for condition in Condition:
            if condition not in AT_CURSOR:
                text = menu_text(condition)
                self._offer(self.menu, text, condition.value, new(condition))

    def _offer(self, menu: QMenu, text: str, name: str, point: Breakpoint) -> QAction:
        action = menu.addAction(text, lambda: self._add(point))
        action.setObjectName(f"breakpoints.add.{name}")
        return action

    def _add(self, point: Breakpoint) -> None:
        points = self._bridge.snapshot.breakpoints
        if point not in points:
            self._bridge.dispatch(SetBreakpoints((*points, point)))

    def _add_row(self) -> None:
        number = len(self.rows)
        row = BreakpointRow(number, self)
        row.changed.connect(lambda point: self._change(number, point))
        self.rows.append(row)
        self._column.insertWidget(number, row)

    def _change(self, number: int, point: Breakpoint | None) -> None:
        points = list(self._bridge.snapshot.breakpoints)
        points[number : number + 1] = [point] if point is not None else []
        self._bridge.dispatch(SetBreakpoints(tuple(points)))

    def _make_parts(self) -> None:
        self.menu = named(QMenu(self), "breakpoints.menu")
        self.menu.setToolTipsVisible(True)
        self.menu.aboutToShow.connect(self.fill_menu)
        tip = self.tr("Choose what stepping and training should stop at")
        self.add_button = named(QPushButton(self.tr("Add"), self), "breakpoints.add", tip=tip)
        self.add_button.setMenu(self.menu)
        nothing = self.tr(
            "No breakpoints.\nAdd a condition, such as a gradient that is too large: training"
            " pauses there with the very step recorded, and stepping can run to it."
        )
        self.empty = empty_page("breakpoints.empty", nothing, self)
        self.empty.setMargin(theme.space(2))

    def _lay_out(self) -> None:
        inside = QWidget()
        self._column = in_column(None, into=inside, around=(0, 0.5, 0, 0.5), apart=0)
        self.page = named(QScrollArea(self), "breakpoints.page")
        self.page.setWidgetResizable(True)
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        self.page.setWidget(inside)
        clear_background(self.page)
        below = in_row(None, self.add_button, around=1)
        in_column((self.page, 1), (self.empty, 1), below, into=self, apart=0)
