"""The window while it trains: frames, throughput beside it, pen to prediction, controls.

Run as a module it measures one preset in this process and prints JSON; ``measure`` runs it in a
fresh process a preset, and the same steps without a window in another, in turns.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import pairwise
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from core.presets import FIRST
from tests.benchmarks.report import Row
from tests.whole_window import with_all

PRESETS = {"dense-784-64-10": 0.75, "cnn-mnist": 0.85}
SECONDS = 6.0


def measure(rounds: int = 3) -> list[Row]:
    """Figures of the window idle and training, and the throughput beside it."""
    rows: list[Row] = []
    for preset, wanted in PRESETS.items():
        found = [_one_round(preset) for _ in range(rounds)]
        rows += _frame_rows(preset, [each["window"] for each in found])
        ratios = [each["window"]["speed"] / each["headless"] for each in found]
        speed = median(each["window"]["speed"] for each in found)
        rows.append(Row(f"{preset}: training beside the window", speed, "samples/s"))
        rows.append(
            Row(f"{preset}: with the window over without", median(ratios), "×", f"≥ {wanted}")
        )
    return rows


def _one_round(preset: str) -> dict[str, Any]:
    return {
        "headless": float(_run("tests.benchmarks.headless_probe", preset)),
        "window": json.loads(_run("tests.benchmarks.window", preset)),
    }


def _run(module: str, preset: str) -> str:
    command = [sys.executable, "-m", module, preset]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        sys.exit(f"{module} {preset} failed:\n{done.stderr}")
    return done.stdout.strip().splitlines()[-1]


def _frame_rows(preset: str, found: list[dict[str, Any]]) -> list[Row]:
    rows = []
    wanted = {"p50": "", "p95": "< 18", "p99": "< 25", "worst": "≤ 60"}
    for state in ("idle", "training"):
        for part, limit in wanted.items():
            value = median(each["frames"][state][part] for each in found)
            target = limit if state == "training" else ""
            rows.append(Row(f"{preset}: frame interval {state}, {part}", value, "ms", target))
        for part, limit in (("p50", ""), ("p95", "< 8")):
            value = median(each["pen"][state][part] for each in found)
            rows.append(
                Row(f"{preset}: pen to painted prediction {state}, {part}", value, "ms", limit)
            )
    for part, limit in (("p50", ""), ("p95", "< 50")):
        value = median(each["control"][part] for each in found)
        rows.append(Row(f"{preset}: control to repaint while training, {part}", value, "ms", limit))
    return rows


class Probe:
    """Drives one real window and takes times."""

    def __init__(self, preset: str, folder: str, perspective: str = "train") -> None:
        from PySide6.QtCore import QSettings
        from PySide6.QtWidgets import QApplication

        from app.bootstrap import load_behind
        from app.kit import theme
        from app.window.main_window import MainWindow
        from app.window.settings import Settings

        self.application = QApplication([])
        theme.apply(self.application, "light")
        store = QSettings(f"{folder}/settings.ini", QSettings.Format.IniFormat)
        self.window = MainWindow(with_all(Settings(store)))
        self.window.experiments.asks = False
        self.window.experiments.show_perspective(perspective)
        self.window.show()
        load_behind(self.window)
        self.wait(lambda: self.window.snapshot is not None and self.state == "READY")
        if preset != FIRST:
            self.window.experiments.open_preset(preset)
        self.wait(lambda: self.state == "READY" and self.window.page.area.is_built)
        from core.training import warmup

        warmup.finish()
        self.rest(2)

    @property
    def state(self) -> str:
        return self.window.snapshot.state.name

    def wait(self, done: Callable[[], object], seconds: float = 60) -> None:
        """Runs the event loop, as exec does, until something holds."""
        from PySide6.QtCore import QEventLoop, QTimer

        if done():
            return
        loop = QEventLoop()
        poll = QTimer()
        poll.timeout.connect(lambda: done() and loop.quit())
        poll.start(5)
        QTimer.singleShot(int(seconds * 1000), loop.quit)
        loop.exec()
        if not done():
            raise TimeoutError(done)

    def rest(self, seconds: float) -> None:
        """Runs the event loop for so long, with nothing of ours in it."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(int(seconds * 1000), loop, loop.quit)
        loop.exec()

    def frames(self, seconds: float) -> dict[str, float]:
        """Intervals between two paintings of the line that moves with every frame, in ms."""
        from app.train.progress import ActivityLine

        line = self.window.page.findChild(ActivityLine)
        times: list[float] = []
        note = lambda: times.append(perf_counter())  # noqa: E731
        was = line.active
        line.set_active(True)
        line.painted.connect(note)
        self.rest(seconds)
        line.painted.disconnect(note)
        line.set_active(was)
        return spread([1000 * (b - a) for a, b in pairwise(times)])

    def pen(self, moves: int = 150) -> dict[str, float]:
        """From a mouse move on the pad to the painted bars that answer it, in ms."""
        from PySide6.QtCore import QEvent, QObject, QPoint, Qt
        from PySide6.QtTest import QTest

        page = self.window.page
        pad = page.findChild(QObject, "digits.pad")
        bars = page.findChild(QObject, "digits.probabilities")
        answered: list[bool] = []
        painted: list[float] = []

        class Watch(QObject):
            def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
                if event.type() == QEvent.Type.Paint and answered:
                    painted.append(perf_counter())
                return False

        watch = Watch()
        bars.installEventFilter(watch)
        page.bridge.predicted.connect(lambda _prediction: answered.append(True))
        size = pad.width()
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(3 * size // 4, size // 2))
        times = []
        for move in range(1, moves + 1):
            # A hand's pace: some 6 pixels a move, round and round in an eight.
            turn = move / 13
            x, y = size / 2 + size / 4 * math.cos(turn), size / 2 + size / 4 * math.sin(2 * turn)
            at = QPoint(round(x), round(y))
            self.rest(0.02)
            answered.clear()
            painted.clear()
            started = perf_counter()
            QTest.mouseMove(pad, at)
            self.wait_quickly(lambda: painted)
            times.append(1000 * (painted[0] - started))
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(size // 2, size // 2))
        bars.removeEventFilter(watch)
        return spread(times)

    def wait_quickly(self, done: Callable[[], object], seconds: float = 5) -> None:
        """Runs the event loop without a timer of ours until something holds."""
        from PySide6.QtCore import QEventLoop

        end = perf_counter() + seconds
        while not done() and perf_counter() < end:
            self.application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def control(self, changes: int = 40) -> dict[str, float]:
        """From an edit of the learning rate to the window showing the spec that has it, in ms."""
        from core.messages.edits import set_optimizer

        times = []
        for change in range(changes):
            optimizer = self.window.snapshot.spec.optimizer
            rate = 0.001 * (1 + change / 100)
            wanted = optimizer.model_copy(update={"learning_rate": rate})
            shown: list[float] = []

            def note(snapshot: Any, rate: float = rate, shown: list[float] = shown) -> None:
                if snapshot.spec.optimizer.learning_rate == rate:
                    shown.append(perf_counter())

            self.rest(0.05)
            self.window.page.bridge.snapshot_changed.connect(note)
            started = perf_counter()
            self.window.page.bridge.dispatch(set_optimizer(wanted, gesture=1))
            self.wait_quickly(lambda shown=shown: shown)
            self.window.page.bridge.snapshot_changed.disconnect(note)
            times.append(1000 * (shown[0] - started))
        return spread(times)

    def training(self, seconds: float) -> tuple[dict[str, float], float]:
        """Frames while training, and the speed as trained (measuring the test set left out)."""
        speeds: list[float] = []

        def note(snapshot: Any) -> None:
            if snapshot.progress.samples_per_second:
                speeds.append(snapshot.progress.samples_per_second)

        self.start()
        self.rest(2)
        self.window.page.bridge.snapshot_changed.connect(note)
        frames = self.frames(seconds)
        self.window.page.bridge.snapshot_changed.disconnect(note)
        return frames, median(speeds)

    def start(self) -> None:
        """Trains without an end."""
        from core.experiment.spec import Stop
        from core.messages.commands import Train
        from core.messages.edits import set_stop

        self.window.page.bridge.dispatch(set_stop(Stop(epochs=None)))
        self.window.page.bridge.dispatch(Train())
        self.wait(lambda: self.state == "RUNNING")


def spread(values: list[float]) -> dict[str, float]:
    """Median, 95th and 99th hundredth, worst."""
    cuts = quantiles(values, n=100)
    return {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "worst": max(values)}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("preset")
    preset = parser.parse_args().preset
    with tempfile.TemporaryDirectory() as folder:
        probe = Probe(preset, folder)
        found: dict[str, Any] = {"frames": {}, "pen": {}}
        found["frames"]["idle"] = probe.frames(SECONDS)
        found["pen"]["idle"] = probe.pen()
        found["frames"]["training"], found["speed"] = probe.training(SECONDS)
        found["pen"]["training"] = probe.pen()
        found["control"] = probe.control()
        probe.window.close()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
