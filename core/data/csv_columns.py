"""A CSV file as columns of text, with every fault named by its line as an editor counts it."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.base import LARGEST, reason_of
from core.errors import UserError

Numbers = NDArray[np.float64]

_DELIMITERS = ",;\t|"
_MISSING = frozenset({"", "?", "na", "n/a", "nan", "null"})


@dataclass(frozen=True)
class TableColumn:
    """One column as it stands in the file.

    Attributes:
        name: From the header.
        cells: ``n`` texts, stripped, none missing.
        lines: ``n`` line numbers as an editor counts them.
        decimal_comma: Whether ``1,5`` is a number, as where columns are parted by semicolons.
    """

    name: str
    cells: tuple[str, ...]
    lines: tuple[int, ...]
    decimal_comma: bool

    def numbers(self) -> Numbers | None:
        """``(n,)`` values; None where a cell is no number.

        Raises:
            UserError: A number is infinite, or too large for float32.
        """
        values = [_number(cell, self.decimal_comma) for cell in self.cells]
        for value, cell, line in zip(values, self.cells, self.lines, strict=True):
            if value is None:
                return None
            if abs(value) > LARGEST:
                raise UserError(
                    "Line {line} has {cell} in the column {column}, which is too large a number.",
                    line=line,
                    cell=cell,
                    column=self.name,
                )
        return np.array(values, dtype=np.float64)

    def first_word(self) -> tuple[str, int]:
        """The first cell that is no number, with its line; for error messages."""
        return next(
            (cell, line)
            for cell, line in zip(self.cells, self.lines, strict=True)
            if _number(cell, self.decimal_comma) is None
        )


def read_columns(path: Path) -> list[TableColumn]:
    """The columns of a CSV file: at least two, of the same length, without gaps.

    Raises:
        UserError: The file is missing, empty, no text in UTF-8 or no CSV; or it has no header,
            a single column, no data, lines of different lengths, or a missing value.
    """
    text = _text(path)
    delimiter = _delimiter(text)
    records = _records(text, delimiter, path)
    if not records:
        raise UserError("{file} is empty.", "It needs a header and lines of data.", file=path.name)
    header = _checked_header(records[0][1], delimiter, path)
    rows = records[1:]
    if not rows:
        raise UserError("{file} has a header, but no lines of data.", file=path.name)
    for line, cells in rows:
        _check_row(line, cells, header)
    lines = tuple(line for line, _ in rows)
    cells_of = zip(*(cells for _, cells in rows), strict=True)
    return [
        TableColumn(name, cells, lines, decimal_comma=delimiter == ";")
        for name, cells in zip(header, cells_of, strict=True)
    ]


def _text(path: Path) -> str:
    """The file's text; UTF-8 with or without a byte order mark, or UTF-16 with one."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UserError(
            "{file} is not encoded in UTF-8: line {line} has other bytes.",
            "Save it again as “CSV UTF-8”.",
            file=path.name,
            line=data.count(b"\n", 0, error.start) + 1,
        ) from error
    if "\0" in text:
        raise UserError("{file} is not a text file.", "Choose a CSV file.", file=path.name)
    return text


def _delimiter(text: str) -> str:
    """The delimiter that parts the header into the most names; a comma where none does.

    Not csv.Sniffer, which guesses from the data and is misled by text in quotes.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=lambda delimiter: _names_in(first, delimiter))


def _names_in(header: str, delimiter: str) -> int:
    """How many names a delimiter parts a header into; 0 where quotes show that it is another."""
    try:
        return len(next(csv.reader([header], delimiter=delimiter, strict=True), []))
    except csv.Error:
        return 0


def _records(text: str, delimiter: str, path: Path) -> list[tuple[int, list[str]]]:
    """The lines that are not blank, as stripped cells, with the number of their first line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records = []
    line = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if len(cells) > 1 or any(stripped):
                records.append((line, stripped))
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(
            "{file} is no valid CSV from line {line} on: {reason}.",
            "Look for a quotation mark that is not closed.",
            file=path.name,
            line=line,
            reason=str(error),
        ) from error
    return records


def _checked_header(names: list[str], delimiter: str, path: Path) -> list[str]:
    """The column names, if they are names, and different ones, and at least two."""
    if len(names) < 2:
        raise UserError(
            "{file} has a single column, {name}.",
            "It takes one column to predict and at least one to predict it from.",
            file=path.name,
            name=names[0],
        )
    if all(_number(name, delimiter == ";") is not None for name in names):
        raise UserError(
            "The first line of {file} holds numbers instead of names.",
            "Add a header line that names the columns.",
            file=path.name,
        )
    for index, name in enumerate(names):
        if not name:
            raise UserError(
                "Column {index} of {file} has no name.",
                "Name it in the first line, or remove the column.",
                index=index + 1,
                file=path.name,
            )
        if name in names[:index]:
            raise UserError(
                "Two columns of {file} are called {name}.",
                "Give each column a name of its own.",
                file=path.name,
                name=name,
            )
    return names


def _check_row(line: int, cells: list[str], header: list[str]) -> None:
    """Refuses a line of the wrong length, or with a gap."""
    if len(cells) != len(header):
        raise UserError(
            "Line {line} has {found} values, but the header names {expected} columns.",
            line=line,
            found=len(cells),
            expected=len(header),
        )
    for name, cell in zip(header, cells, strict=True):
        if cell.lower() in _MISSING:
            raise UserError(
                "Line {line} has no value in the column {column}.",
                "Fill it in, or remove the line.",
                line=line,
                column=name,
            )


def _number(text: str, decimal_comma: bool) -> float | None:
    """The number that a cell holds; None for words, and for Python's own ``1_000``."""
    if "_" in text:
        return None
    try:
        number = float(text.replace(",", ".") if decimal_comma else text)
    except ValueError:
        return None
    return None if math.isnan(number) else number


def unreadable(path: Path, error: Exception) -> UserError:
    """What to tell of a file that the system does not hand out."""
    return UserError(
        "{file} cannot be read: {reason}.",
        "Choose a CSV file with a header line.",
        file=str(path),
        reason=reason_of(error),
    )
