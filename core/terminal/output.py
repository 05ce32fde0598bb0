"""How the terminal writes: JSON lines, tables, and lines to stderr."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

_NO_LINE_BREAKS = dict.fromkeys((*range(32), 127, 0x85, 0x2028, 0x2029), " ")


def say(text: str) -> None:
    """Writes a line to stderr, where it does not mix with results."""
    print(text, file=sys.stderr, flush=True)


def clean(text: str) -> str:
    """A text on one line and without control characters, wherever it came from."""
    return " ".join(text.translate(_NO_LINE_BREAKS).split())


def write_json(record: Mapping[str, Any]) -> None:
    """Writes one JSON object on one line, at once; numbers that are not finite become null."""
    print(json.dumps(_finite(record), allow_nan=False), flush=True)


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return value


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as lines with aligned columns, two spaces apart."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
