"""What ``trace`` prints of a recorded step: JSON for programs, words and four digits for people."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from core.debugger.formulas.explain import explain
from core.debugger.formulas.formula import Formula
from core.debugger.sentences.say import say
from core.experiment.spec import ExperimentSpec
from core.expression.latex import latex
from core.messages.record import Entry, Record
from core.messages.scope import is_per_sample
from core.sentence import Sentence
from core.session.session import Session
from core.terminal.experiments import broken_line
from core.terminal.output import clean, write_json

SHOWN = 24
"""Arrays of more numbers are abbreviated for people."""


@dataclass(frozen=True)
class Seen:
    """A recorded step as it was asked for: the whole batch, or one sample of it.

    Attributes:
        in_words: Whether each operation is told in plain words too.
    """

    record: Record
    sample: int | None
    in_words: bool = False

    def array(self, key: str) -> Any:
        """An array of the record; without its first axis, the batch, if one sample is seen."""
        array = self.record.arrays[key]
        return array[self.sample] if self.sample is not None and is_per_sample(key) else array

    def arrays(self, keys: Iterable[str]) -> dict[str, Any]:
        """Several of them by their keys."""
        return {key: self.array(key) for key in keys}

    def parameters(self, prefix: str) -> dict[str, Any]:
        """All parameters by name, before the step (``p:``) or after it (``after:``)."""
        arrays = self.record.arrays
        return {key.removeprefix(prefix): arrays[key] for key in arrays if key.startswith(prefix)}

    @property
    def rows(self) -> list[int]:
        """Which training samples are seen."""
        rows: list[int] = self.record.rows.tolist()
        return rows if self.sample is None else [rows[self.sample]]

    def formula(self, entry: Entry) -> Formula:
        """The rule of an entry, explained by its first number; a parameter's gradient is whole."""
        return explain(self.record, entry, (0,) * len(entry.shape), self._sample_of(entry))

    def words(self, entry: Entry, formula: Formula) -> str:
        """The same in plain words; empty where nobody asked for them."""
        if not self.in_words:
            return ""
        index, sample = (0,) * len(entry.shape), self._sample_of(entry)
        return str(say(self.record, entry, index, sample, formula))

    def _sample_of(self, entry: Entry) -> int | None:
        return (self.sample or 0) if entry.per_sample else None


class TraceReport(Protocol):
    """Tells of the steps, one after the other."""

    def begin(self, session: Session, arguments: argparse.Namespace) -> None:
        """Says what is traced, and what of an earlier run it goes on from."""

    def step(self, seen: Seen) -> None:
        """Prints one step."""

    def end(self, steps: int) -> None:
        """Says that all is printed."""


def _from_step(session: Session) -> int:
    """The step at which the weights were saved; 0 for new ones."""
    return session.snapshot().progress.step


def _has_lost_state(session: Session) -> bool:
    """Whether the optimizer begins anew amid a run: files of weights do not hold its state."""
    return _from_step(session) > 0 and session.spec.optimizer.keeps_state


class JsonReport(TraceReport):
    """One JSON object a line."""

    def begin(self, session: Session, arguments: argparse.Namespace) -> None:
        spec = session.spec
        write_json(
            {
                "event": "trace",
                "preset": arguments.experiment,
                "seed": spec.seed,
                "steps": arguments.steps,
                "sample": arguments.sample,
                "from_step": _from_step(session),
                "optimizer_state_lost": _has_lost_state(session),
                **_plan(session),
                "fault": _fault(spec),
                "experiment": spec.model_dump(mode="json"),
                "layers": [
                    {
                        "path": _dotted(layer.path),
                        "name": layer.name,
                        "input_shape": layer.input_shape,
                        "output_shape": layer.output_shape,
                    }
                    for layer in session.snapshot().layers
                ],
            }
        )

    def step(self, seen: Seen) -> None:
        record = seen.record
        write_json(
            {
                "event": "step",
                "step": record.step,
                "rate": record.rate,
                "samples": record.samples,
                "rows": seen.rows,
                "inputs": _spelt(seen.array("x")),
                "targets": _spelt(seen.array("y")),
                "parameters": _all_spelt(seen.parameters("p:")),
                "batch_norm": _moments(record),
            }
        )
        for index, entry in enumerate(record.entries):
            write_json(_entry_event(seen, index, entry))
        write_json(
            {
                "event": "step_done",
                "step": record.step,
                "loss": float(record.arrays["loss"]),
                "parameters": _all_spelt(seen.parameters("after:")),
                "batch_norm": _moments(record, after=True),
            }
        )

    def end(self, steps: int) -> None:
        write_json({"event": "finished", "steps": steps})


def _fault(spec: ExperimentSpec) -> dict[str, Any] | None:
    """What is broken on purpose in the code whose numbers these are; None for sound code."""
    fault = spec.fault
    if fault is None:
        return None
    return {
        "kind": fault.kind,
        "label": fault.label,
        "broken": fault.broken,
        "repaired": fault.repaired,
        "operations": list(fault.operations),
    }


def _plan(session: Session) -> dict[str, Any]:
    """What a schedule counts with."""
    trainer = session.running().trainer
    return {
        "training_samples": len(trainer.data.train_inputs),
        "samples_per_epoch": trainer.batches.samples,
        "batch_size": trainer.batches.batch_size,
        "steps_per_epoch": trainer.batches.steps_per_epoch,
        "total_steps": trainer.total_steps,
    }


def _moments(record: Record, *, after: bool = False) -> dict[str, Any]:
    """Batch norm's moments by layer: over the batch and running before the step, or after it."""
    running = "moved" if after else "moving"
    kinds = {f"{running}_mean": "running_mean", f"{running}_var": "running_var"}
    if not after:
        kinds |= {"mean": "mean", "var": "var"}
    found: dict[str, Any] = {}
    for key, array in record.arrays.items():
        kind, _, path = key.partition(":")
        if kind in kinds:
            found.setdefault(path, {})[kinds[kind]] = _spelt(array)
    return found


def _entry_event(seen: Seen, index: int, entry: Entry) -> dict[str, Any]:
    formula = seen.formula(entry)
    return {
        "event": "entry",
        "step": seen.record.step,
        "index": index,
        "phase": entry.phase.value,
        "layer": entry.name,
        "path": _dotted(entry.path),
        "kind": entry.kind,
        "parameter": entry.parameter,
        "formula": latex(formula.rule),
        "code": formula.code,
        **({"words": seen.words(entry, formula)} if seen.in_words else {}),
        "reads": _all_spelt(seen.arrays(entry.reads)),
        "writes": _all_spelt(seen.arrays((entry.writes,))),
    }


def _dotted(path: tuple[int, ...]) -> str:
    return ".".join(map(str, path))


def _all_spelt(arrays: dict[str, Any]) -> dict[str, Any]:
    return {key: _spelt(array) for key, array in arrays.items()}


def _spelt(array: Any) -> dict[str, Any]:
    """An array's shape and numbers; a float32 as the double that equals it."""
    return {"shape": list(array.shape), "values": array.tolist()}


class TextReport(TraceReport):
    """Headings, rules and numbers of four digits, for people."""

    def begin(self, session: Session, arguments: argparse.Namespace) -> None:
        count = session.snapshot().parameters
        print(f"{clean(session.spec.name)}: {count:,} parameters", flush=True)
        fault = session.spec.fault
        if fault is not None:
            print(broken_line(session.spec), flush=True)
            print(f"  as it is      {fault.broken}\n  as it should  {fault.repaired}", flush=True)
        if _has_lost_state(session):
            source = clean(Path(arguments.experiment).name)
            print(
                f"{session.spec.optimizer.label} starts without the running averages it had "
                f"after step {_from_step(session):,}: {source} holds the weights only.",
                flush=True,
            )

    def step(self, seen: Seen) -> None:
        record = seen.record
        print(f"\nStep {record.step:,}, learning rate {record.rate:.4g}, {_batch(seen)}")
        _print_arrays({"x": seen.array("x"), "y": seen.array("y")}, ("inputs", "targets"))
        print()
        for phase, entries in groupby(record.entries, key=lambda entry: entry.phase):
            print(f"{phase.value.capitalize()}\n")
            for entry in entries:
                _print_entry(seen, entry)
        print(f"Loss {float(record.arrays['loss']):.4g}", flush=True)

    def end(self, steps: int) -> None:
        """Says nothing: the last step shows it."""


def _batch(seen: Seen) -> str:
    count = seen.record.samples
    if seen.sample is not None:
        return f"sample {seen.sample} of a batch of {count:,} (row {seen.rows[0]:,} of the data)"
    return str(Sentence("{n:,} samples", one="{n} sample", n=count))


def _print_entry(seen: Seen, entry: Entry) -> None:
    formula = seen.formula(entry)
    words = (entry.name, entry.kind.replace("_", " "), entry.parameter)
    print("  " + "  ".join(word for word in words if word))
    for line in (latex(formula.rule), formula.code, seen.words(entry, formula)):
        if line:
            print(f"    {line}")
    reads = seen.arrays(entry.reads)
    leads = ("reads", *[""] * (len(reads) - 1), "writes") if reads else ("writes",)
    _print_arrays(reads | seen.arrays((entry.writes,)), leads)
    print(flush=True)


def _print_arrays(arrays: dict[str, Any], leads: Sequence[str]) -> None:
    """Each array behind its key, in columns, and before the key a word."""
    keys, shapes = list(arrays), [_shape(array) for array in arrays.values()]
    widths = [max(map(len, column)) for column in (leads, keys, shapes)]
    for *cells, array in zip(leads, keys, shapes, arrays.values(), strict=True):
        padded = [cell.ljust(width) for cell, width in zip(cells, widths, strict=True)]
        head = "    " + "  ".join(padded) + "  "
        print(head + _numbers(array).replace("\n", "\n" + " " * len(head)))


def _shape(array: Any) -> str:
    return "×".join(map(str, array.shape)) or "number"


def _numbers(array: Any) -> str:
    """All numbers, a matrix in rows; of many the first, the last and how far they reach."""
    flat = array.reshape(-1)
    if flat.size > SHOWN:
        first, last = (" ".join(map(_four_digits, part)) for part in (flat[:4], flat[-2:]))
        least, most = _four_digits(flat.min()), _four_digits(flat.max())
        return f"{first} … {last}  (from {least} to {most})"
    rows = array.reshape(-1, array.shape[-1]) if array.ndim > 1 else flat.reshape(1, -1)
    return "\n".join("".join(_four_digits(v).rjust(11) for v in row)[1:] for row in rows)


def _four_digits(number: Any) -> str:
    return f"{number:.4g}" if isinstance(number, np.floating) else str(number)
