"""What the filter box of the parameter table understands: ``dense w2 |gradient| > 1e-3``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.views.parameter_sheet import Column, Sheet
from app.views.typed_number import read_number
from core.errors import UserError

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
    "≥": operator.ge,
    "≤": operator.le,
    "=": operator.eq,
}
_SIGN = r"[<>]=?|[≤≥=]"


def matching(sheet: Sheet, text: str) -> NDArray[np.bool_]:
    """The rows that a filter lets through, (rows,); all for an empty one.

    Args:
        sheet: What is filtered.
        text: A part of layer and name (``2 dense w1``), and comparisons of a column's number, with
            bars for its absolute value. A number not there yet is neither more nor less.

    Raises:
        UserError: A comparison names no column, or no number.
    """
    chosen = np.ones(len(sheet.rows), np.bool_)
    columns = {name: column for column in sheet.columns for name in _names(column)}
    comparison = _comparison(columns)
    for bar, name, sign, number in comparison.findall(text) if columns else ():
        values = columns[name.casefold()].shown()
        limit = np.float32(read_number(number.rstrip(",")))
        chosen &= _COMPARE[sign](np.abs(values) if bar else values, limit)
    rest = comparison.sub("\n", text) if columns else text
    _check(rest, sheet)
    phrases = [" ".join(part.split()) for part in rest.splitlines() if part.strip(" ,")]
    return chosen & sheet.rows.search(phrases) if phrases else chosen


def _names(column: Column) -> set[str]:
    """What a column may be called in a comparison."""
    return {column.title.casefold(), column.id, column.id.removeprefix("state:")}


def _comparison(names: dict[str, Column]) -> re.Pattern[str]:
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    name = "|".join(longest_first)
    return re.compile(rf"(\|?)\s*(?<!\w)({name})\s*\|?\s*({_SIGN})\s*(\S*)", re.IGNORECASE)


def _check(rest: str, sheet: Sheet) -> None:
    """What is left of a filter must be words."""
    left = re.search(rf"(\S*?)\|?\s*(?:{_SIGN})", rest)
    if left:
        raise UserError(
            "There is no column “{name}” to compare.",
            "Compare one of these: {columns}.",
            name=left[1].strip("|"),
            columns=", ".join(column.title for column in sheet.columns),
        )
