"""``python -m tests.benchmarks [--json FILE] [--only throughput stepping ...] [--rounds N]``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch

from core import memory
from tests.benchmarks import (
    live_surface,
    report,
    startup,
    stepping,
    surfaces,
    throughput,
    window,
)

PARTS = {
    "throughput": throughput.measure,
    "window": window.measure,
    "startup": startup.measure,
    "stepping": stepping.measure,
    "surfaces": surfaces.measure,
    "live": live_surface.measure,
}


def main() -> None:
    """Measures and prints a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures to this file too")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS))
    parser.add_argument("--rounds", type=int, help="rounds a figure is the median of")
    chosen = parser.parse_args()
    memory.settle()
    torch.set_num_threads(1)
    if not os.environ.get("DISPLAY") and os.name == "posix" and os.uname().sysname == "Linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    arguments = [chosen.rounds] if chosen.rounds else []
    rows = [row for part in chosen.only for row in PARTS[part](*arguments)]
    print(f"Measured on {report.machine()}.\n\n{report.table(rows)}")
    if chosen.json:
        report.write(chosen.json, rows)


if __name__ == "__main__":
    main()
