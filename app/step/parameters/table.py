"""All numbers that the network learns, to read, sort, search, change, freeze and copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QGuiApplication,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QStackedLayout,
    QTableView,
    QWidget,
)

from app.kit import theme
from app.kit.controls import Restyled
from app.kit.flow import in_flow
from app.kit.handles import Line
from app.kit.labels import empty_page
from app.kit.layouts import in_column, named
from app.kit.numbers import whole
from app.link.focus import Spot
from app.link.pacing import ThrottledDrawing, is_out_of_sight, single_shot
from app.link.parameter_rows import Rows
from app.link.spots import NumberPlace
from app.link.watching import watch
from app.step.parameters.menu import asked_number, open_menu
from app.step.parameters.model import ParameterModel
from app.step.parameters.number_cell import NumberCell
from app.step.parameters.sheet import EMPTY, SheetReader
from core.messages.commands import Freeze, SetNumber
from core.messages.snapshot import Snapshot

if TYPE_CHECKING:
    from app.link.bridge import Bridge

REST_MS = 200
"""While training; numbers that change more often cannot be read."""

TYPING_MS = 150
"""How long the filter waits for the next letter."""

_MOST_PICKED = 1024
"""Rows of a neuron that are picked at most; each is a range of its own where rows are sorted."""


class ParameterTable(Restyled):
    """A filter, the table, and how many of its rows are shown."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("parameters")
        self._bridge = bridge
        self._reader = SheetReader()
        self._drawn: Snapshot | None = None
        self._sample: int | None = None
        self._spot: Spot | None = None
        self._following = False
        self.model = ParameterModel(EMPTY, self)
        self._make_widgets()
        self._lay_out()
        self._connect()
        self._restyle()
        self._pace = ThrottledDrawing(bridge, self, self._draw, REST_MS)
        watch(bridge, self, "values")
        bridge.snapshot_changed.connect(self.show_snapshot)
        bridge.focus.changed.connect(self._follow)
        self.show_snapshot(bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows the step, or the training at a readable pace."""
        if is_out_of_sight(self) or self._shows(snapshot):
            return
        self._pace.follow(snapshot)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_snapshot(self._bridge.snapshot)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be asked of the number that lies there."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        at = self.table.viewport().mapFromGlobal(event.globalPos())
        index = self.table.currentIndex() if by_key else self.table.indexAt(at)
        if not index.isValid():
            return
        sheet, row = self.model.sheet, self.model.row_at(index)
        number = asked_number(sheet, row, self.model.column_at(index))
        open_menu(self._bridge, self, number, self._number_at(index), event.globalPos())

    def copy(self) -> None:
        """The selected rows, all digits, as a spreadsheet takes them."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        if rows:
            QGuiApplication.clipboard().setText(self.model.text(rows))

    def _make_widgets(self) -> None:
        name = self.tr("Filter the parameters")
        tip = self.tr(
            "Part of the layer and name, and comparisons such as |gradient| > 0.01, "
            "value < 0 or update = 0"
        )
        self.filter = named(Line(self), "parameters.filter", name, tip)
        self.filter.setPlaceholderText(self.tr("Filter: dense w2, |gradient| > 0.01"))
        self.filter.setClearButtonEnabled(True)
        words = self.filter.fontMetrics().horizontalAdvance(self.filter.placeholderText())
        self.filter.setMinimumWidth(words + theme.space(5))
        self.count = self._caption("parameters.count")
        self.reason = self._caption("parameters.reason")
        self.reason.setWordWrap(True)
        self.reason.hide()
        self.table = QTableView(self)
        self._set_up_table()
        self.empty = empty_page("parameters.empty", "", self)

    def _caption(self, identity: str) -> QLabel:
        label = named(QLabel(self), identity)
        label.setProperty("role", "caption")
        return label

    def _set_up_table(self) -> None:
        table = self.table
        named(table, "parameters.table", self.tr("Parameters"))
        table.setModel(self.model)
        table.setItemDelegate(NumberCell(table))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        triggers = QAbstractItemView.EditTrigger
        table.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.setFrameShape(QTableView.Shape.NoFrame)
        table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        rows = table.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # 100,000 rows cannot be measured
        rows.setDefaultSectionSize(theme.space(3))
        rows.hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(theme.space(6))
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)

    def _number_at(self, index: QModelIndex) -> NumberPlace | None:
        """The number of a cell, where a step is recorded."""
        sheet, column = self.model.sheet, self.model.column_at(index)
        if column is None or self._bridge.snapshot.stepping is None:
            return None
        name, place = sheet.rows.place(self.model.row_at(index))
        if column.id == "gradient":
            return NumberPlace(f"d:p:{name}", place, self._sample)
        keys = {"value": f"p:{name}", "update": f"step:{name}"}
        state = column.id.removeprefix("state:")
        return NumberPlace(keys.get(column.id, f"s':{name}:{state}"), place)

    def _lay_out(self) -> None:
        content = QWidget(self)
        top = in_flow(self.filter, self.count, apart=1.5)
        parts = (top, self.reason, (self.table, 1))
        in_column(*parts, into=content, around=(1.5, 1, 1.5, 0), apart=1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(content)

    def _connect(self) -> None:
        self._typing = single_shot(self, TYPING_MS, self._apply_filter)
        self.filter.textChanged.connect(self._typing.start)
        self.filter.returnPressed.connect(self._apply_filter)
        self.model.refused.connect(self._show_reason)
        self.model.entered.connect(
            lambda name, index, value: self._bridge.dispatch(SetNumber(name, index, value))
        )
        self.model.held.connect(
            lambda name, index, on: self._bridge.dispatch(Freeze(name, index, on))
        )
        self.model.modelReset.connect(self._anew)
        self.table.selectionModel().currentRowChanged.connect(self._picked)
        shortcut = QShortcut(QKeySequence.StandardKey.Copy, self.table)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.copy)

    def _draw(self) -> None:
        snapshot = self._bridge.snapshot
        if self._shows(snapshot):
            return
        self._drawn, self._sample = snapshot, self._bridge.focus.sample
        sheet = self._reader.read(snapshot, self._sample)
        self._pages.setCurrentIndex(int(len(sheet.rows) > 0))
        self.empty.setText(self._nothing(snapshot))
        self.model.show_sheet(sheet)
        self._show_count()

    def _shows(self, snapshot: Snapshot) -> bool:
        """Whether all that the table is made of is drawn already."""
        drawn = self._drawn
        return (
            drawn is not None
            and snapshot.stepping is drawn.stepping
            and (snapshot.stepping is not None or snapshot.values is drawn.values)
            and snapshot.layers is drawn.layers
            and snapshot.frozen == drawn.frozen
            and (snapshot.stepping is None or self._sample == self._bridge.focus.sample)
        )

    def _nothing(self, snapshot: Snapshot) -> str:
        if snapshot.layers and snapshot.parameters == 0:
            return self.tr("This network has no weights to learn. Add a Dense or Conv2d layer.")
        return self.tr("Take a step or train, and every weight and its gradient shows here.")

    def _show_count(self) -> None:
        shown, count = self.model.rowCount(), len(self.model.sheet.rows)
        text = self.tr("{count} numbers") if shown == count else self.tr("{shown} of {count}")
        self.count.setText(text.format(shown=whole(shown), count=whole(count)))

    def _apply_filter(self) -> None:
        self._typing.stop()
        self.model.set_filter(self.filter.text())
        self._show_count()

    def _show_reason(self, reason: str) -> None:
        self.reason.setText(reason)
        self.reason.setVisible(bool(reason))

    def _anew(self) -> None:
        """Other rows: widths for their columns, and what was picked is picked again."""
        header = self.table.horizontalHeader()
        numbers = QFontMetrics(theme.number_font())
        digits = numbers.horizontalAdvance("-0.0001234") + theme.space(1.5)
        for section in range(self.model.columnCount()):
            is_number = 2 <= section < self.model.columnCount() - 1
            width = digits if is_number else theme.space(12 if section == 0 else 8)
            header.resizeSection(section, width)
        self._follow_spot(self._spot)

    def _picked(self, current: QModelIndex, _previous: QModelIndex) -> None:
        """A row that the person goes to is picked in every view."""
        if self._following or not current.isValid():
            return
        spot = self.model.sheet.rows.spot(self.model.row_at(current))
        if spot is not None:
            self._spot = spot
            self._bridge.focus.select(spot)

    def _follow(self) -> None:
        """What is picked elsewhere comes into view; another sample has other shares."""
        self.show_snapshot(self._bridge.snapshot)
        selected = self._bridge.focus.selected
        spot = selected[-1] if selected else None
        if spot != self._spot:
            self._spot = spot
            self._follow_spot(spot)

    def _follow_spot(self, spot: Spot | None) -> None:
        rows = self.model.sheet.rows.rows_at(spot) if spot is not None else np.zeros(0, np.intp)
        self._following = True
        self._select(self.model.positions(rows))
        self._following = False

    def _select(self, positions: Rows) -> None:
        chosen = QItemSelection()
        last = self.model.columnCount() - 1
        for position in positions[:_MOST_PICKED].tolist():
            chosen.select(self.model.index(position, 0), self.model.index(position, last))
        model, flags = self.table.selectionModel(), QItemSelectionModel.SelectionFlag
        if len(positions):
            first = self.model.index(int(positions[0]), 0)
            model.setCurrentIndex(first, flags.NoUpdate)
            self.table.scrollTo(first)
        model.select(chosen, flags.ClearAndSelect)

    def _restyle(self) -> None:
        tokens = theme.current()
        self.model.refresh_font()
        self.reason.setStyleSheet(f"color: {tokens.error};")
        self.table.setStyleSheet(
            f"QTableView {{ background: {tokens.surface}; color: {tokens.text}; }}"
            f"QHeaderView::section {{ background: {tokens.surface}; color: {tokens.text_dim};"
            f" border: none; border-bottom: 1px solid {tokens.line}; padding: 4px 3px; }}"
            "QAbstractScrollArea::corner { background: transparent; border: none; }"
        )
