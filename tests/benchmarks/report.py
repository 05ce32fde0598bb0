"""The table and the JSON file of a benchmark run."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        what: What was measured.
        value: The median.
        unit: Its unit; × for a ratio within this run.
        wanted: The target, if there is one.
    """

    what: str
    value: float
    unit: str
    wanted: str = ""


def machine() -> str:
    """What the figures were measured on."""
    import torch

    return (
        f"{os.cpu_count()} cores {platform.machine()}, {platform.system()}, "
        f"Python {platform.python_version()}, torch {torch.__version__}"
    )


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = ["| what | median | wanted |", "| --- | --- | --- |"]
    lines += [f"| {row.what} | {_number(row.value)} {row.unit} | {row.wanted} |" for row in rows]
    return "\n".join(lines)


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def write(path: Path, rows: list[Row]) -> None:
    """The rows as JSON."""
    content = {"machine": machine(), "rows": [asdict(row) for row in rows]}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False), "utf-8")
