"""The window while it trains and its loss surface follows: frames, pictures a second, training.

Run as a module it measures one preset in this process and prints JSON.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from statistics import median
from time import perf_counter
from typing import Any

from tests.benchmarks.report import Row
from tests.benchmarks.window import Probe

PRESETS = ("spiral-2-16-16-1", "dense-784-64-10", "cnn-mnist")
SECONDS = 6.0
WANTED = {"p50": "", "p95": "< 18", "p99": "< 25", "worst": "≤ 60"}


def measure(rounds: int = 3) -> list[Row]:
    """Figures of perspective Surface, training and at rest."""
    rows: list[Row] = []
    for preset in PRESETS:
        found = [_one_round(preset) for _ in range(rounds)]
        for part, limit in WANTED.items():
            value = median(each["frames"][part] for each in found)
            name = f"{preset}: frame interval, training while its surface follows, {part}"
            rows.append(Row(name, value, "ms", limit))
        for key, name, unit in (
            ("pictures", "surfaces shown while training", "/s"),
            ("speed", "training beside the surface", "samples/s"),
            ("without", "training beside the window without it", "samples/s"),
            ("first", "request to first picture shown", "ms"),
        ):
            value = median(each[key] for each in found)
            rows.append(Row(f"{preset}: {name}", value, unit))
    return rows


def _one_round(preset: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.live_surface", preset]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        sys.exit(f"{preset} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return result


def _first(probe: Probe) -> float:
    """From another plane asked for to its first picture, in ms; the finer ones are given up."""
    from core.messages.surface_commands import RandomPlane

    bridge = probe.window.page.bridge
    times = []
    for seed in range(1, 6):
        before = bridge.survey.surface
        started = perf_counter()
        bridge.surface_choice.change(plane=RandomPlane(seed))
        probe.wait_quickly(lambda before=before: _is_other(bridge.survey.surface, before), 60)
        times.append(1000 * (perf_counter() - started))
        probe.rest(0.5)
    return median(times)


def _is_other(surface: Any, before: Any) -> bool:
    return surface is not None and (before is None or surface.plane.key != before.plane.key)


def _trained(probe: Probe, seconds: float) -> tuple[float, dict[str, float], float]:
    """Samples a second, frames, and surfaces a second while training for so long."""
    bridge, keys = probe.window.page.bridge, set()
    bridge.survey_changed.connect(lambda s: s.surface is None or keys.add(s.surface.step))
    probe.start()
    probe.rest(1.5)
    keys.clear()
    step, begun = probe.window.snapshot.progress.step, perf_counter()
    frames = probe.frames(seconds)
    spent = perf_counter() - begun
    taken = probe.window.snapshot.progress.step - step
    pictures = len(keys) / spent
    probe.window.actions_["run.train"].trigger()
    probe.wait(lambda: probe.state != "RUNNING")
    batch = probe.window.snapshot.spec.training.batch_size
    return taken * batch / spent, frames, pictures


def main() -> None:
    """Measures one preset here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("preset")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        probe = Probe(chosen.preset, folder, "surface")
        probe.window.resize(1440, 900)
        probe.window.page.area.reset_layout()
        bridge = probe.window.page.bridge
        probe.wait(lambda: bridge.survey.surface is not None, 120)
        found: dict[str, Any] = {"first": _first(probe)}
        bridge.surface_choice.change(resolution=65)
        found["speed"], found["frames"], found["pictures"] = _trained(probe, SECONDS)
        probe.window.experiments.show_perspective("train")
        probe.rest(0.5)
        found["without"], _, _ = _trained(probe, 3.0)
        probe.window.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
