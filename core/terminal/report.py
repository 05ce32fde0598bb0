"""What a training run says while it runs: lines and a bar for people, JSON for programs."""

from __future__ import annotations

import sys
from functools import singledispatchmethod
from math import isfinite
from time import perf_counter
from typing import Any

from tqdm import tqdm

from core.messages.events import Diverged, EpochDone, Event, Finished, Notice, Saved
from core.messages.findings import Finding
from core.messages.snapshot import Snapshot
from core.session.session import Session
from core.terminal.experiments import Opened, broken_line
from core.terminal.output import clean, say, write_json

LINE_INTERVAL = 0.25
"""Seconds between two lines for people: epochs of one step pass by the thousand a second."""

BAR_INTERVAL = 0.1


class Report:
    """Tells of one run, on stdout; bar and notices for people go to stderr."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._bar: Any = None
        self._epoch: EpochDone | None = None
        self._told: EpochDone | None = None
        self._told_at = -LINE_INTERVAL
        self._bar_at = -BAR_INTERVAL
        self._saved: str | None = None

    def begin(self, session: Session, experiment: Opened) -> None:
        """Says what is about to be trained."""
        if not self._as_json:
            print(_heading(session), flush=True)
            progress = session.snapshot().progress
            self._bar = tqdm(
                total=progress.total_steps,
                initial=progress.step,
                unit="step",
                file=sys.stderr,
                disable=None,  # where stderr is no terminal
                leave=False,
                dynamic_ncols=True,
            )
        if session.spec.fault is not None:
            self._message("broken", broken_line(session.spec))
        if experiment.tensors is not None and session.spec.optimizer.keeps_state:
            self._message(
                "notice",
                f"{session.spec.optimizer.label} starts without the running averages it had: "
                f"{experiment.source} holds the weights only.",
            )

    def progress(self, session: Session) -> None:
        """Moves the bar on."""
        if self._bar is None or self._bar.disable or perf_counter() - self._bar_at < BAR_INTERVAL:
            return
        self._bar_at = perf_counter()
        snapshot = session.snapshot()
        progress, loss = snapshot.progress, snapshot.curves.train_loss.last
        self._bar.total = progress.total_steps
        self._bar.n = progress.step
        values = [f"epoch {progress.epoch + 1}"]
        if loss is not None:
            values.append(f"loss {loss:.4g}")
        if progress.samples_per_second:
            values.append(f"{progress.samples_per_second:,.0f} samples/s")
        self._bar.set_postfix_str(", ".join(values), refresh=True)

    @singledispatchmethod
    def take(self, event: Event) -> None:
        """Tells of an event, if it is one to tell of."""

    @take.register
    def _(self, event: EpochDone) -> None:
        self._epoch = event
        if self._as_json:
            self._told = event
            write_json(
                {
                    "event": "epoch",
                    "epoch": event.epoch,
                    "step": event.step,
                    "train_loss": event.train_loss,
                    "test_loss": event.test_loss,
                    "test_accuracy": event.test_accuracy,
                    "samples_per_s": event.samples_per_second,
                }
            )
        elif perf_counter() - self._told_at >= LINE_INTERVAL:
            self._tell_epoch()

    @take.register
    def _(self, event: Diverged) -> None:
        self._message("diverged", clean(str(event.explanation)))

    @take.register
    def _(self, event: Notice) -> None:
        self._message("notice", clean(str(event.message)))

    @take.register
    def _(self, event: Saved) -> None:
        self._saved = event.path

    @take.register
    def _(self, _event: Finished) -> None:
        self._tell_epoch()

    def end(self, session: Session, seconds: float, *, stopped: bool) -> None:
        """Sums the run up, once it is over or was stopped."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        summary = self._summary(session, seconds, stopped=stopped)
        if self._as_json:
            write_json(summary)
            return
        self._tell_epoch()
        for found in session.snapshot().findings:
            print(clean(_finding_line(found)), flush=True)
        print(_closing(summary), flush=True)
        if self._saved is not None:
            print(f"Saved {clean(self._saved)}", flush=True)

    def _summary(self, session: Session, seconds: float, *, stopped: bool) -> dict[str, Any]:
        """The last line's content."""
        snapshot = session.snapshot()
        loss, accuracy = self._last_measured(snapshot)
        return {
            "event": "finished",
            "outcome": "stopped" if stopped else snapshot.state.value,
            "reason": clean(str(snapshot.message)) if snapshot.message else "",
            "epochs": snapshot.progress.epoch,
            "steps": snapshot.progress.step,
            "test_loss": loss,
            "test_accuracy": accuracy,
            "seconds": seconds,
            "device": snapshot.device.name if snapshot.device else None,
            "saved": self._saved,
            "findings": [_finding_entry(found) for found in snapshot.findings],
        }

    def _last_measured(self, snapshot: Snapshot) -> tuple[float | None, float | None]:
        """Loss and accuracy on the test set with the weights as they are now."""
        step, curves = snapshot.progress.step, snapshot.curves
        if self._epoch is not None and self._epoch.step == step:
            return self._epoch.test_loss, self._epoch.test_accuracy
        loss, accuracy = curves.test_loss_at(step), curves.test_accuracy_at(step)
        if loss is None or (loss.step, loss.over) != (step, curves.test_count):
            return None, None
        return loss.value, accuracy.value if accuracy is not None else None

    def _message(self, event: str, text: str) -> None:
        if self._as_json:
            write_json({"event": event, "message": text})
        else:
            self._line(text, to_stderr=True)

    def _tell_epoch(self) -> None:
        if self._epoch is not None and self._told is not self._epoch:
            self._told, self._told_at = self._epoch, perf_counter()
            self._line(_epoch_line(self._epoch))

    def _line(self, text: str, *, to_stderr: bool = False) -> None:
        """Writes above the bar, not into it."""
        if self._bar is not None and not self._bar.disable:
            self._bar.clear()
        if to_stderr:
            say(text)
        else:
            print(text, flush=True)


def _heading(session: Session) -> str:
    snapshot = session.snapshot()
    data, device = snapshot.data, snapshot.device
    assert data is not None
    assert device is not None
    return (
        f"{clean(session.spec.name)}: {snapshot.parameters:,} parameters, "
        f"{data.train_count:,} training and {data.test_count:,} test samples, "
        f"on {device.label}. {device.reason}"
    )


def _epoch_line(event: EpochDone) -> str:
    parts = [f"epoch {event.epoch:>3}", f"step {event.step:>7,}"]
    parts.append(f"train loss {event.train_loss:<8.4g}")
    if event.test_loss is not None:
        parts.append(f"test loss {event.test_loss:<8.4g}")
    if event.test_accuracy is not None:
        parts.append(f"test accuracy {event.test_accuracy:7.2%}")
    parts.append(f"{event.samples_per_second:>9,.0f} samples/s")
    return "  ".join(parts)


def _finding_line(found: Finding) -> str:
    parts = [str(found.says), str(found.means), *map(str, found.evidence)]
    if found.offer is not None:
        parts.append(f"Worth a try: {found.offer.change}.")
    return " ".join(parts)


def _finding_entry(found: Finding) -> dict[str, Any]:
    # A run that blew up has numbers that JSON has no word for.
    numbers = {name: x for name, x in found.numbers.items() if isfinite(x)}
    return {
        "kind": found.kind,
        "says": clean(str(found.says)),
        "numbers": numbers,
        "try": clean(str(found.offer.change)) if found.offer else None,
    }


def _closing(summary: dict[str, Any]) -> str:
    text = f"{summary['steps']:,} steps in {summary['seconds']:.1f} s"
    if summary["test_loss"] is not None:
        text += f", test loss {summary['test_loss']:.4g}"
    if summary["test_accuracy"] is not None:
        text += f", test accuracy {summary['test_accuracy']:.2%}"
    if summary["outcome"] == "diverged":
        return f"Diverged: {text}."
    return f"{summary['reason']} {text}."
