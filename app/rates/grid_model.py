"""The trials of learning rates as a table: a row an optimizer, a column a rate."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.kit.numbers import four_digits, full_number, round_number, short_number, whole
from app.kit.text import label_of
from core.catalog.base import entries_of
from core.catalog.optimizers import Optimizer
from core.messages.race import CompareRates, RateGrid, Verdict
from core.messages.surface_views import read_only

FIRST_KINDS = ("sgd", "momentum", "adagrad", "rmsprop", "adam")
"""Those that are told of most; the full-batch one would take long on a large set."""


@dataclass(frozen=True)
class RatePlan:
    """A comparison as somebody wants it.

    Attributes:
        kinds: The optimizers, by their words in the catalog.
        low: The first rate.
        high: The last one.
        count: So many rates, an equal factor apart.
        steps: Each trial takes so many.
    """

    kinds: tuple[str, ...] = FIRST_KINDS
    low: float = 1e-4
    high: float = 10.0
    count: int = 11
    steps: int = 100

    def rates(self) -> tuple[float, ...]:
        """Rising, of two digits where these tell them apart: what is read is what is tried."""
        low, high = sorted((self.low, self.high))
        if low == high:
            return (low,)
        exact = [float(rate) for rate in np.geomspace(low, high, self.count)]
        exact[0], exact[-1] = low, high
        short = [low, *(float(f"{rate:.2g}") for rate in exact[1:-1]), high]
        rises = all(a < b for a, b in itertools.pairwise(short))
        return tuple(short if rises else exact)

    def optimizers(self, own: Optimizer) -> tuple[Optimizer, ...]:
        """In the catalog's order; the experiment's own with its fields, others as usual."""
        entries = entries_of(Optimizer)
        return tuple(
            own if kind == own.kind else entry.model_validate({})
            for kind, entry in entries.items()
            if kind in self.kinds
        )

    def command(self, own: Optimizer) -> CompareRates:
        """What the racer is told."""
        return CompareRates(self.optimizers(own), self.rates(), self.steps)


def planned(command: CompareRates, known: RateGrid | None) -> RateGrid:
    """The comparison before it is made, with what an earlier one has found already."""
    shape = (len(command.optimizers), len(command.rates))
    losses = np.full(shape, np.nan, np.float32)
    verdicts = [[Verdict.PENDING] * shape[1] for _ in range(shape[0])]
    found = _found(known) if known is not None and known.steps == command.steps else {}
    for row, optimizer in enumerate(command.optimizers):
        for column, rate in enumerate(command.rates):
            trial = found.get((_without_rate(optimizer), rate))
            if trial is not None:
                losses[row, column], verdicts[row][column] = trial
    return RateGrid(
        command.optimizers,
        command.rates,
        known.start if known is not None else math.nan,
        read_only(losses),
        tuple(tuple(row) for row in verdicts),
        command.steps,
        done=True,
    )


def _found(grid: RateGrid) -> dict[tuple[Optimizer, float], tuple[float, Verdict]]:
    return {
        (_without_rate(optimizer), rate): (float(grid.losses[row, column]), verdict)
        for row, optimizer in enumerate(grid.optimizers)
        for column, rate in enumerate(grid.rates)
        if (verdict := grid.verdicts[row][column]) is not Verdict.PENDING
    }


def _without_rate(optimizer: Optimizer) -> Optimizer:
    """Two that differ in their rate alone are the same row."""
    return type(optimizer).model_validate(dict(optimizer) | {"learning_rate": 1.0})


Index = QModelIndex | QPersistentModelIndex

_ROOT = QModelIndex()


class RateGridModel(QAbstractTableModel):
    """Shows a :class:`~core.messages.surface_views.RateGrid`.

    Cells are empty for what is chosen before there is one.

    Attributes:
        grid: The newest.
        in_use: The experiment's own optimizer.
        best: The cell with the least loss of those that learn.
    """

    def __init__(self) -> None:
        super().__init__()
        self.optimizers: tuple[Optimizer, ...] = ()
        self.rates: tuple[float, ...] = ()
        self.grid: RateGrid | None = None
        self.in_use: Optimizer | None = None
        self.best: tuple[int, int] | None = None

    def show_grid(self, grid: RateGrid) -> None:
        """Shows trials; while they go on only what is new."""
        same = grid.optimizers == self.optimizers and grid.rates == self.rates
        if not same:
            self.beginResetModel()
            self.optimizers, self.rates = grid.optimizers, grid.rates
        self.grid = grid
        self.best = _best(grid)
        if same:
            self._redraw()
        else:
            self.endResetModel()

    def show_in_use(self, optimizer: Optimizer) -> None:
        """Marks where the experiment itself stands."""
        if optimizer != self.in_use:
            self.in_use = optimizer
            self._redraw()

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.optimizers)

    def columnCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.rates)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return None
        if orientation is Qt.Orientation.Vertical:
            return label_of(self.optimizers[section])
        rate = self.rates[section]
        return round_number(rate, 2) if role == Qt.ItemDataRole.DisplayRole else full_number(rate)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            loss = self.loss(row, column)
            return four_digits(loss) if math.isfinite(loss) else ""
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.all_words(row, column)
        return None

    def verdict(self, row: int, column: int) -> Verdict:
        """How the trial in a cell went."""
        return Verdict.PENDING if self.grid is None else self.grid.verdicts[row][column]

    def loss(self, row: int, column: int) -> float:
        """The loss after the trial; NaN where there is none."""
        return math.nan if self.grid is None else float(self.grid.losses[row, column])

    def optimizer_at(self, row: int, column: int) -> Optimizer:
        """The optimizer of a row at the rate of a column."""
        optimizer = self.optimizers[row]
        fields = dict(optimizer) | {"learning_rate": self.rates[column]}
        return type(optimizer).model_validate(fields)

    def is_in_use(self, row: int, column: int) -> bool:
        """Whether the experiment has this optimizer and rate."""
        return self.in_use is not None and self.optimizer_at(row, column) == self.in_use

    def done(self) -> tuple[int, int]:
        """How many trials are over, of how many."""
        if self.grid is None:
            return 0, 0
        verdicts = [verdict for row in self.grid.verdicts for verdict in row]
        return sum(one is not Verdict.PENDING for one in verdicts), len(verdicts)

    def words(self, row: int, column: int) -> str:
        """What there is to say about a cell, in short."""
        templates = {
            Verdict.PENDING: self.tr("{name} at {rate}: not tried yet"),
            Verdict.CRAWLS: self.tr("{name} at {rate} crawls: {start} → {end}"),
            Verdict.LEARNS: self.tr("{name} at {rate} learns: {start} → {end}"),
            Verdict.EXPLODES: self.tr("{name} at {rate} explodes"),
        }
        return self._said(templates, row, column)

    def all_words(self, row: int, column: int) -> str:
        """The same in a sentence."""
        tr = self.tr
        templates = {
            Verdict.PENDING: tr("{name} at {rate} is not tried yet"),
            Verdict.CRAWLS: tr(
                "{name} at {rate} crawls: the loss went from {start} to {end} in {steps} steps"
            ),
            Verdict.LEARNS: tr(
                "{name} at {rate} learns: the loss fell from {start} to {end} in {steps} steps"
            ),
            Verdict.EXPLODES: tr(
                "{name} at {rate} explodes: from {start} the loss rose, or became no number"
            ),
        }
        return self._said(templates, row, column)

    def _said(self, templates: dict[Verdict, str], row: int, column: int) -> str:
        grid = self.grid
        return templates[self.verdict(row, column)].format(
            name=label_of(self.optimizers[row]),
            rate=short_number(self.rates[column]),
            start=four_digits(None if grid is None else grid.start),
            end=four_digits(self.loss(row, column)),
            steps=whole(0 if grid is None else grid.steps),
        )

    def _redraw(self) -> None:
        if self.optimizers and self.rates:
            last = self.index(len(self.optimizers) - 1, len(self.rates) - 1)
            self.dataChanged.emit(self.index(0, 0), last)


def _best(grid: RateGrid) -> tuple[int, int] | None:
    learns = np.array([[one is Verdict.LEARNS for one in row] for row in grid.verdicts])
    if not learns.any():
        return None
    losses = np.where(learns, grid.losses, np.inf)
    row, column = np.unravel_index(int(np.argmin(losses)), losses.shape)
    return int(row), int(column)
