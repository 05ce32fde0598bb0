"""A table of one's own: a CSV file with a header, one sample a line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.data.base import LARGEST, Dataset, DataShape, DataSource, Task, setting
from core.data.csv_columns import Numbers, TableColumn, read_columns, unreadable
from core.data.csv_targets import target_names, targets_of
from core.data.split import split
from core.errors import UserError
from core.sentence import Sentence

_MOST_CATEGORIES = 20
_MOST_NAMED = 8
_MOST_BYTES = 200 * 2**20


class CsvTable(DataSource):
    """A CSV file: a column to predict, or several numbers, from all others."""

    kind: Literal["csv_table"] = "csv_table"
    label = "CSV table"
    description = "A table of your own: one column is predicted from all the others."
    path: str = Field(
        "",
        title="File",
        description="A CSV file whose first line names the columns.",
        json_schema_extra={"path": "file"},
    )
    target: str = Field(
        "",
        title="Target column",
        description="The column to predict; empty for the last one. Several columns of numbers, "
        "parted by commas, are predicted together.",
    )
    task: Literal["auto", "classification", "regression"] = Field(
        "auto",
        title="Task",
        description="Predict a class or a number; auto takes up to ten whole numbers, or words, "
        "for classes.",
    )
    standardise: bool = Field(
        True,
        title="Standardise inputs",
        description="Shift and scale each column of numbers to mean 0 and standard deviation 1, "
        "as measured on the training part.",
    )
    test_fraction: float = setting(
        0.25,
        0,
        0.9,
        "Test fraction",
        "The part of the lines that is never trained on, only tested on.",
    )

    def shape(self) -> DataShape:
        """One input for each column of numbers and each category; classes or one target.

        The number of classes stands in no header, so the file is read, but only once.

        Raises:
            UserError: As ``load``.
        """
        return self._encoded().shape

    def load(self, seed: int) -> Dataset:
        """``(n, features)`` float32 inputs; ``(n,)`` int64 labels or ``(n, k)`` float32 targets.

        Columns of words become one input of 0 or 1 for each word, and stay so when the others
        are standardised; regression targets keep their unit.

        Args:
            seed: Seeds the split into training and test.

        Raises:
            UserError: The file is missing, empty, too large, no UTF-8 or no CSV; it has no
                header, a single column, or lines of different lengths; the target is not a
                column; a value is missing, infinite or no number where one is needed; or a
                column has too many different words.
        """
        table = self._encoded()
        classes = table.shape.task == "classification"
        rng = np.random.default_rng(seed)
        labels = table.targets if classes else None
        train, test = split(len(table.targets), self.test_fraction, rng, labels)
        inputs = table.inputs
        if self.standardise:
            inputs = _standardised(inputs, train, table)
        x = inputs.astype(np.float32)
        y = table.targets if classes else table.targets.astype(np.float32)
        return Dataset.from_arrays(
            table.shape,
            (x[train], y[train]),
            (x[test], y[test]),
            **table.names,
        )

    def found(self, data: Dataset) -> Sentence:
        """Lines, inputs, and classes or targets, so that a wrong reading is seen at once."""
        train, test = len(data.train_inputs), len(data.test_inputs)
        counts: dict[str, Any] = {
            "file": Path(self.path).name,
            "lines": train + test,
            "inputs": data.shape.input_shape[0],
            "train": train,
            "test": test,
        }
        split_up = "To train with: {train:,}; to test with: {test:,}."
        if not data.class_names:
            predicted = ", ".join(data.target_names)
            text = "{file}: lines: {lines:,}, inputs: {inputs:,}, to predict: {predicted}."
            return Sentence(text, split_up, predicted=predicted, **counts)
        names = ", ".join(data.class_names[:_MOST_NAMED])
        return Sentence(
            "{file}: lines: {lines:,}, inputs: {inputs:,}, classes: {count} ({names}).",
            split_up,
            count=len(data.class_names),
            names=names + ("…" if len(data.class_names) > _MOST_NAMED else ""),
            **counts,
        )

    def _encoded(self) -> _Encoded:
        """The whole table in numbers; read again only when the file has changed."""
        if not self.path.strip():
            raise UserError("No file has been chosen.", "Choose a CSV file with a header line.")
        path = Path(self.path).expanduser()
        try:
            stat = path.stat()
        except (OSError, ValueError) as error:
            raise unreadable(path, error) from error
        if stat.st_size > _MOST_BYTES:
            raise UserError(
                "{file} is too large for a table that is kept in memory.",
                "Files of up to {most} MB can be opened.",
                file=path.name,
                most=_MOST_BYTES // 2**20,
            )
        return _encode(path, (stat.st_mtime_ns, stat.st_size), self.target, self.task)


@dataclass(frozen=True, eq=False)
class _Encoded:
    """A whole table in numbers, before it is split.

    Attributes:
        shape: See ``DataShape``.
        inputs: ``(n, features)``.
        numeric: ``(features,)`` bool, False for the 0 or 1 of a category.
        targets: ``(n,)`` class indices, or ``(n, k)`` values.
        names: Of classes, features and targets, by the attributes of ``Dataset``.
    """

    shape: DataShape
    inputs: Numbers
    numeric: NDArray[np.bool_]
    targets: Numbers | NDArray[np.int64]
    names: dict[str, tuple[str, ...]]


@lru_cache(maxsize=4)
def _encode(
    path: Path, _stamp: tuple[int, int], target: str, task: Literal["auto"] | Task
) -> _Encoded:
    """Reads the file and turns every column into numbers."""
    columns = read_columns(path)
    by_name = {column.name: column for column in columns}
    wanted = target_names(target, by_name, path)
    chosen = [by_name.pop(name) for name in wanted]
    if not by_name:
        raise UserError(
            "All columns of {file} are targets, so none is left to predict them from.",
            "Leave at least one column out of the targets.",
            file=path.name,
        )
    targets, class_names = targets_of(chosen, task)
    encoded = [_inputs(column) for column in by_name.values()]
    names = [name for _, column_names, _ in encoded for name in column_names]
    outputs = len(class_names) or len(wanted)
    found: Task = "classification" if class_names else "regression"
    return _Encoded(
        DataShape((len(names),), found, outputs),
        np.concatenate([values for values, _, _ in encoded], axis=1),
        np.array([numeric for _, column_names, numeric in encoded for _ in column_names]),
        targets,
        {
            "class_names": class_names,
            "feature_names": tuple(names),
            "target_names": () if class_names else wanted,
        },
    )


def _inputs(column: TableColumn) -> tuple[Numbers, tuple[str, ...], bool]:
    """A column as inputs: ``(n, 1)`` numbers, or ``(n, words)`` of 0 and 1; names; if numeric."""
    numbers = column.numbers()
    if numbers is not None:
        return numbers[:, None], (column.name,), True
    words = sorted(set(column.cells))
    if len(words) > _MOST_CATEGORIES:
        cell, line = column.first_word()
        raise UserError(
            "The column {column} has {cell} in line {line}, which is not a number, "
            "and too many different values to be categories: {count}.",
            "Correct the value, or remove the column; up to {most} categories are possible.",
            column=column.name,
            cell=cell,
            line=line,
            count=len(words),
            most=_MOST_CATEGORIES,
        )
    one_hot = np.array(column.cells)[:, None] == np.array(words)[None, :]
    return one_hot.astype(np.float64), tuple(f"{column.name}={word}" for word in words), False


def _standardised(inputs: Numbers, train: NDArray[np.int64], table: _Encoded) -> Numbers:
    """Columns of numbers with mean 0 and standard deviation 1 over the training rows.

    A column that is constant over them is only shifted, to 0.
    """
    known = inputs[train]
    constant = known.max(axis=0) == known.min(axis=0)
    deviation = known.std(axis=0)
    deviation = np.where(constant | (deviation == 0) | ~table.numeric, 1.0, deviation)
    mean = np.where(constant, known[0], known.mean(axis=0))
    scaled: Numbers = (inputs - np.where(table.numeric, mean, 0.0)) / deviation
    for column in np.flatnonzero(np.abs(scaled).max(axis=0) > LARGEST)[:1]:
        raise UserError(
            "The column {column} has a value too far from all others to be standardised.",
            "Correct the value, or do not standardise the inputs.",
            column=table.names["feature_names"][column],
        )
    return scaled
