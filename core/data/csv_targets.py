"""The columns of a CSV file that are to be predicted: which they are, and what is in them."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.data.base import Task
from core.data.csv_columns import Numbers, TableColumn
from core.errors import UserError

_MOST_AUTO_CLASSES = 10
_MOST_CLASSES = 1000


def target_names(text: str, known: Iterable[str], path: Path) -> tuple[str, ...]:
    """The columns to predict, as they are named in the form: one, or several parted by commas.

    A name with a comma in it stands alone, or in quotes as in the file itself.
    """
    names, text = list(known), text.strip()
    if not text:
        return (names[-1],)
    wanted = [text] if text in names else next(csv.reader([text], skipinitialspace=True))
    wanted = [name.strip() for name in wanted if name.strip()]
    for name in wanted:
        if name not in names:
            raise UserError(
                "{file} has no column {target}.",
                "Its columns are {columns}.",
                file=path.name,
                target=name,
                columns=", ".join(names),
            )
    return tuple(dict.fromkeys(wanted)) or (names[-1],)


def targets_of(
    columns: Sequence[TableColumn], task: Literal["auto"] | Task
) -> tuple[Numbers | NDArray[np.int64], tuple[str, ...]]:
    """``(n,)`` class indices with the class names, or ``(n, k)`` values without names."""
    if task == "regression" or (task == "auto" and len(columns) > 1):
        return np.stack([_values(column) for column in columns], axis=1), ()
    if len(columns) > 1:
        raise UserError(
            "Classes can be told apart in one column only, not in {count}.",
            "Choose one target column, or regression.",
            count=len(columns),
        )
    return _classes_or_scale(columns[0], task)


def _values(column: TableColumn) -> Numbers:
    """``(n,)`` numbers of a target column; raises a UserError where it holds anything else."""
    numbers = column.numbers()
    if numbers is None:
        cell, line = column.first_word()
        raise UserError(
            "The target column {column} has {cell} in line {line}, which is not a number.",
            "Correct the value, or choose classification.",
            column=column.name,
            cell=cell,
            line=line,
        )
    return numbers


def _classes_or_scale(
    column: TableColumn, task: Literal["auto"] | Task
) -> tuple[Numbers | NDArray[np.int64], tuple[str, ...]]:
    """A column as classes; with "auto" as ``(n, 1)`` values where it measures something."""
    numbers = column.numbers()
    if numbers is not None and task == "auto" and _is_scale(numbers):
        return numbers[:, None], ()
    values = np.array(column.cells) if numbers is None else numbers
    classes, indices = np.unique(values, return_inverse=True)
    if not 2 <= len(classes) <= _MOST_CLASSES:
        raise UserError(
            "The target column {column} has {count} different values.",
            "To tell classes apart takes 2 to {most} of them.",
            column=column.name,
            count=len(classes),
            most=_MOST_CLASSES,
        )
    return indices.astype(np.int64), tuple(_class_name(value) for value in classes.tolist())


def _is_scale(numbers: Numbers) -> bool:
    """Whether numbers measure something, rather than name classes."""
    whole = np.array_equal(numbers, np.round(numbers))
    return not whole or len(np.unique(numbers)) > _MOST_AUTO_CLASSES


def _class_name(value: str | float) -> str:
    """Words as they are; numbers without a needless ``.0``."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
