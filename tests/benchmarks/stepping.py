"""Taking a step apart: what recording costs, what the past takes, how soon a press is painted.

Run as a module it measures the real window with one network in this process and prints JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import torch

from core.catalog.activations import Sigmoid, Tanh
from core.catalog.losses import BinaryCrossEntropy
from core.catalog.optimizers import Adam
from core.data.toy import Moons
from core.debugger.tape import record_step
from core.experiment.fit import check
from core.experiment.layers import Dense
from core.experiment.spec import ExperimentSpec, Stop, Training
from core.training import warmup
from core.training.timeline import Timeline
from core.training.trainer import Trainer
from tests.benchmarks.report import Row

SMALL = ExperimentSpec(
    name="2-8-8-1",
    data=Moons(),
    layers=(
        Dense(units=8, activation=Tanh()),
        Dense(units=8, activation=Tanh()),
        Dense(units=1, activation=Sigmoid()),
    ),
    loss=BinaryCrossEntropy(),
    optimizer=Adam(learning_rate=0.01),
    training=Training(batch_size=32),
    stop=Stop(epochs=None, steps=10_000),
    device="cpu",
)

STATES = 10_000

WANTED = {"2-8-8-1": 33, "dense-784-64-10": 33, "cnn-mnist": 100}
"""Milliseconds from a press to the repaint, for 95 of 100."""


def measure(rounds: int = 3) -> list[Row]:
    """Recording against a plain step, the past of 10,000 steps, and the window's answers."""
    rows = [*_recording(), *_past()]
    for network, limit in WANTED.items():
        found = [_window(network) for _ in range(rounds)]
        for grain in found[0]["steps"]:
            value = median(each["steps"][grain]["p95"] for each in found)
            what = f"{network}: a press at the grain {grain} to its repaint, p95"
            rows.append(Row(what, value, "ms", f"≤ {limit}"))
        if "asked" in found[0]:
            value = median(each["asked"]["p95"] for each in found)
            what = f"{network}: a press with each operation asked for, to its repaint, p95"
            rows.append(Row(what, value, "ms", f"≤ {limit}"))
        if "scrub" in found[0]:
            frames = median(each["scrub"] for each in found)
            what = f"{network}: scrubbing through {STATES:,} steps"
            rows.append(Row(what, frames, "pictures/s", "≥ 30"))
    return rows


def _trainer() -> Trainer:
    data = SMALL.data.load(0)
    return Trainer(SMALL, check(SMALL, data.shape), data, torch.device("cpu"))


def _recording(rounds: int = 300) -> list[Row]:
    plain, taped = _trainer(), _trainer()
    times: dict[str, list[float]] = {"plain": [], "taped": []}
    for _ in range(rounds):
        started = perf_counter()
        plain.take_one(plain.differentiation.eager)
        times["plain"].append(perf_counter() - started)
        plain.flush()
        started = perf_counter()
        record_step(taped)
        times["taped"].append(perf_counter() - started)
        taped.flush()
    step, tape = median(times["plain"]), median(times["taped"])
    return [
        Row("2-8-8-1: a plain step, by autograd", 1000 * step, "ms"),
        Row("2-8-8-1: the same step recorded", 1000 * tape, "ms"),
        Row("2-8-8-1: recorded over plain", tape / step, "×"),
    ]


def _past() -> list[Row]:
    trainer, timeline = _trainer(), Timeline()
    warmup.finish()
    trainer.run(100, float("inf"), lambda: False)  # what is made once belongs to no state
    trainer.flush()
    trainer.restore(trainer.state())
    timeline.add(trainer.state())
    before = _resident()
    for _ in range(STATES):
        trainer.run(1, float("inf"), lambda: False)
        trainer.flush()
        timeline.add(trainer.state())
    taken = _resident() - before
    times = []
    for step in range(100, STATES, 97):
        started = perf_counter()
        state = timeline.at_or_before(step)
        assert state is not None
        trainer.restore(state)
        times.append(perf_counter() - started)
    return [
        Row(f"2-8-8-1: {STATES:,} states, as counted", timeline.bytes / 2**20, "MB"),
        Row(f"2-8-8-1: {STATES:,} states, as the system sees it", taken / 2**20, "MB"),
        Row("2-8-8-1: a state put back", 1e6 * median(times), "µs"),
    ]


def _resident() -> int:
    """Bytes of this process in main memory, where the system tells."""
    path = Path("/proc/self/statm")
    return int(path.read_text().split()[1]) * 4096 if path.exists() else 0


def _window(network: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.benchmarks.stepping", network]
    with tempfile.TemporaryDirectory() as folder:  # what is answered is not the person's own
        own = os.environ | {"CHAINRULE_DATA": folder}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=300, env=own
        )
    if done.returncode:
        sys.exit(f"stepping {network} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def _in_window(network: str) -> dict[str, Any]:
    from tests.benchmarks.window import Probe

    with tempfile.TemporaryDirectory() as folder:
        probe = Probe(
            network if network in WANTED and network != SMALL.name else "xor-2-2-1", folder
        )
        if network == SMALL.name:
            probe.window.experiments.open_spec(SMALL)
            probe.wait(lambda: probe.state == "READY" and probe.window.page.area.is_built)
        probe.window.experiments.show_perspective("step")
        probe.rest(1)
        found: dict[str, Any] = {"steps": _steps(probe)}
        if network == SMALL.name:
            found["asked"] = _asked(probe)
            found["scrub"] = _scrub(probe)
        probe.window.close()
    return found


def _steps(probe: Any, presses: int = 60) -> dict[str, dict[str, float]]:
    from core.messages.commands import Next
    from core.messages.record import Grain
    from tests.benchmarks.window import spread

    times: dict[str, list[float]] = {grain.value: [] for grain in Grain}
    for grain in Grain:
        for _ in range(presses):
            times[grain.value].append(_painted_after(probe, Next(grain)))
    return {grain: spread(found) for grain, found in times.items()}


def _asked(probe: Any, presses: int = 60) -> dict[str, float]:
    """A press whose number is hidden and asked for; it is told before the next."""
    from app.link.questioner import AskMode
    from core.messages.commands import Next
    from core.messages.record import Grain
    from tests.benchmarks.window import spread

    bridge = probe.window.page.bridge
    bridge.questioner.set_mode(AskMode.ALWAYS)
    times, asked = [], 0
    for _ in range(presses):
        times.append(_painted_after(probe, Next(Grain.OPERATION)))
        if bridge.asking.is_open:
            asked += 1
            bridge.asking.give_up()
            probe.rest(0.05)
    bridge.questioner.set_mode(AskMode.NEVER)
    assert asked > presses / 2, asked
    return spread(times)


def _painted_after(probe: Any, command: Any) -> float:
    """Milliseconds from dispatching a command to the canvas painting what came of it."""
    from PySide6.QtCore import QEvent, QObject

    page = probe.window.page
    canvas = page.area.docks["graph"].widget()
    changed: list[bool] = []
    painted: list[float] = []

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
            if event.type() == QEvent.Type.Paint and changed:
                painted.append(perf_counter())
            return False

    watch = Watch()
    canvas.installEventFilter(watch)
    note = lambda _snapshot: changed.append(True)  # noqa: E731
    page.bridge.snapshot_changed.connect(note)
    started = perf_counter()
    page.bridge.dispatch(command)
    probe.wait_quickly(lambda: painted)
    page.bridge.snapshot_changed.disconnect(note)
    canvas.removeEventFilter(watch)
    probe.rest(0.02)
    return 1000 * (painted[0] - started)


def _scrub(probe: Any, pictures: int = 150) -> float:
    """Pictures a second while a slider is drawn over a run of 10,000 steps."""
    from core.messages.commands import LeaveStep, Train, Visit

    bridge = probe.window.page.bridge
    bridge.dispatch(LeaveStep())
    bridge.dispatch(Train())
    probe.wait(lambda: probe.state == "FINISHED", 120)
    started = perf_counter()
    for picture in range(pictures):
        step = STATES * (picture * 37 % pictures) // pictures
        bridge.dispatch(Visit(step))
        probe.wait_quickly(lambda step=step: bridge.snapshot.progress.step == step)
        probe.application.processEvents()
    return pictures / (perf_counter() - started)


def main() -> None:
    """Measures the window with one network."""
    from core import memory

    memory.settle()
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser()
    parser.add_argument("network")
    print(json.dumps(_in_window(parser.parse_args().network)))


if __name__ == "__main__":
    main()
