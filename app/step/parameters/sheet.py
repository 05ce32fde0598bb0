"""The numbers of the parameter table: which columns there are, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from app.link.parameter_rows import ParameterRows
from app.link.spots import sample_in
from core.experiment.layers import Path
from core.expression.plain import plain
from core.messages.record import Record, Stepping
from core.messages.scope import numbers_of
from core.messages.snapshot import Snapshot
from core.messages.surface_views import Floats


@dataclass(frozen=True, eq=False)
class ParameterColumn:
    """One number of each parameter.

    Attributes:
        id: ``value``, ``gradient``, ``update`` or ``state:exp_avg``.
        title: As its header shows it.
        tip: What it is, in a sentence.
        values: (rows,).
        known: (rows,) where it is computed already; None where it is everywhere.
    """

    id: str
    title: str
    tip: str
    values: Floats
    known: NDArray[np.bool_] | None = None

    def has(self, row: int) -> bool:
        """Whether there is a number."""
        return self.known is None or bool(self.known[row])

    def shown(self) -> Floats:
        """(rows,) the numbers, NaN where there is none yet."""
        return self.values if self.known is None else np.where(self.known, self.values, np.nan)


@dataclass(frozen=True, eq=False)
class ParameterSheet:
    """What the table shows: rows, columns and which rows are held fast, (rows,)."""

    rows: ParameterRows
    columns: tuple[ParameterColumn, ...]
    frozen: NDArray[np.bool_]


_NOTHING = ParameterRows({}, {})

EMPTY = ParameterSheet(_NOTHING, (), np.zeros(0, np.bool_))
"""Of a network that is not there yet."""


class SheetReader:
    """Makes sheets of snapshots, and of what has not changed none anew."""

    def __init__(self) -> None:
        self._rows = _NOTHING
        self._source: object = None
        self._sample: int | None = None
        self._columns: tuple[ParameterColumn, ...] = ()

    def read(self, snapshot: Snapshot, sample: int | None = None) -> ParameterSheet:
        """The recorded step's numbers where one is stepped, otherwise the newest watched ones.

        Of the gradients a sample's shares, where one is looked at.
        """
        stepping = snapshot.stepping
        if stepping is not None:
            columns = self._of_step(stepping, sample_in(stepping.record, sample))
        elif snapshot.values is not None:
            columns = self._of_values(snapshot)
        else:
            self._rows, columns = _NOTHING, ()
        return ParameterSheet(self._rows, columns, self._frozen(snapshot))

    def _of_step(self, stepping: Stepping, sample: int | None) -> tuple[ParameterColumn, ...]:
        record = stepping.record
        if self._source is not record:
            parameters = _parts(record, "p:")
            self._take_rows(parameters, {layer.path: layer.name for layer in record.layers})
            self._source, self._columns, self._sample = record, self._recorded(record), None
        if self._sample != sample:
            self._sample = sample
            made = self._gradients(record, sample)
            self._columns = (self._columns[0], made, *self._columns[2:])
        keys = {"value": "p:{}", "gradient": "d:p:{}"}
        return tuple(
            replace(column, known=self._known(stepping, keys.get(column.id, "after:{}")))
            for column in self._columns
        )

    def _recorded(self, record: Record) -> tuple[ParameterColumn, ...]:
        columns = [
            _value(self._rows.spread(_parts(record, "p:"))),
            self._gradients(record, None),
            _update(self._rows.spread(_parts(record, "step:"))),
        ]
        states = dict.fromkeys(key.split(":")[2] for key in record.arrays if key.startswith("s':"))
        for state in states:
            ending = f":{state}"
            arrays = {
                name.removesuffix(ending): array
                for name, array in _parts(record, "s':").items()
                if name.endswith(ending)
            }
            names = record.spec.optimizer.state_names
            symbol = plain(names[state]) if state in names else state
            columns.append(_state(state, symbol, self._rows.spread(arrays)))
        return tuple(columns)

    def _gradients(self, record: Record, sample: int | None) -> ParameterColumn:
        keys = [f"d:p:{name}" for name in self._rows.names if f"d:p:{name}" in record.arrays]
        found = {key[4:]: numbers_of(record, key, sample) for key in keys}
        values = self._rows.spread({name: one.astype(np.float32) for name, one in found.items()})
        return _gradient(values) if sample is None else _shares(values, sample, record.samples)

    def _known(self, stepping: Stepping, template: str) -> NDArray[np.bool_] | None:
        counts = {name: stepping.known(template.format(name)) for name in self._rows.names}
        if all(count is None for count in counts.values()):
            return None
        return self._rows.first(counts)

    def _of_values(self, snapshot: Snapshot) -> tuple[ParameterColumn, ...]:
        values = snapshot.values
        assert values is not None
        if self._source is not values:
            names = {layer.path: layer.name for layer in snapshot.layers}
            self._take_rows(values.parameters, names)
            self._source = values
            known = self._rows.first(dict.fromkeys(values.gradients))
            self._columns = (
                _value(self._rows.spread(values.parameters)),
                _gradient(self._rows.spread(values.gradients), known),
            )
        return self._columns

    def _take_rows(self, arrays: Mapping[str, Floats], layers: dict[Path, str]) -> None:
        shapes = {name: array.shape for name, array in arrays.items()}
        if not self._rows.fits(shapes, layers):
            self._rows = ParameterRows(shapes, layers)

    def _frozen(self, snapshot: Snapshot) -> NDArray[np.bool_]:
        frozen = np.zeros(len(self._rows), np.bool_)
        held = [self._rows.row_of(name, index) for name, index in snapshot.frozen]
        frozen[[row for row in held if row is not None]] = True
        return frozen


def _parts(record: Record, prefix: str) -> dict[str, Floats]:
    """The arrays of a kind, by what follows it in their keys."""
    return {
        key.removeprefix(prefix): array
        for key, array in record.arrays.items()
        if key.startswith(prefix)
    }


def _value(values: Floats) -> ParameterColumn:
    tip = _tr("What the network learns; in a recorded step, as it is before the update")
    return ParameterColumn("value", _tr("Value"), tip, values)


def _gradient(values: Floats, known: NDArray[np.bool_] | None = None) -> ParameterColumn:
    tip = _tr("How fast the loss of the whole batch rises with it, as autograd found")
    return ParameterColumn("gradient", _tr("Gradient"), tip, values, known)


def _shares(values: Floats, sample: int, count: int) -> ParameterColumn:
    title = _tr("Gradient, share")
    tip = _tr("What sample {number} of {count} adds to the gradient of the whole batch")
    return ParameterColumn("gradient", title, tip.format(number=sample + 1, count=count), values)


def _update(values: Floats) -> ParameterColumn:
    return ParameterColumn(
        "update", _tr("Update"), _tr("What this step adds to it, from the whole batch"), values
    )


def _state(name: str, symbol: str, values: Floats) -> ParameterColumn:
    title = _tr("State {symbol}").format(symbol=symbol)
    tip = _tr("What the optimizer remembers of it after this step; PyTorch: {name}")
    return ParameterColumn(f"state:{name}", title, tip.format(name=name), values)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ParameterTable", text)
