"""From the process's start to the first paint, to ready, and the longest freeze between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.benchmarks.report import Row

MAIN = Path(__file__).parents[2] / "main.py"


def measure(rounds: int = 7) -> list[Row]:
    """Starts the program so many times; medians, in seconds and milliseconds."""
    found = [one_start() for _ in range(rounds)]
    return [
        Row("start to first painted window", median(f["first_paint"] for f in found), "s", "≤ 0.3"),
        Row("start to ready to train", median(f["ready"] for f in found), "s", "≤ 2.5"),
        Row("longest freeze while starting", median(f["gap"] for f in found), "ms", "≤ 120"),
    ]


def one_start() -> dict[str, float]:
    """One start, until the freezes after it are known too."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log")
        environment = os.environ | {
            "CHAINRULE_STARTUP_LOG": str(log),
            "CHAINRULE_SETTINGS": str(Path(folder, "settings.ini")),
        }
        process = subprocess.Popen([sys.executable, str(MAIN)], env=environment)
        try:
            return _wait_for(log, process)
        finally:
            process.kill()
            process.wait()


def _wait_for(log: Path, process: subprocess.Popen[bytes]) -> dict[str, float]:
    events: dict[str, float] = {}
    while "gap" not in events:
        try:
            process.wait(0.2)
            sys.exit("The program ended before it was ready.")
        except subprocess.TimeoutExpired:
            lines = log.read_text("utf-8").splitlines() if log.exists() else []
        for line in map(json.loads, lines):
            events[line["event"]] = line["seconds_since_process_start"]
            if line["event"] == "largest_gap":
                events["gap"] = line["milliseconds"]
    return events
