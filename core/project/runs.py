"""A run as it is kept in a file: its description, where it stands, and where one can go back to."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from pydantic import Field

from core.catalog.base import Model
from core.errors import UserError
from core.experiment.layers import Path
from core.experiment.spec import ExperimentSpec
from core.messages.breakpoints import Breakpoint, Condition, Interventions
from core.messages.snapshot import RunState
from core.project.curves import MeasuredFile, put_measured, take_measured
from core.project.tensors import Count, StateCheck, StateFile, TensorBox, put_state, take_state
from core.sentence import Sentence
from core.training.course import StoppingParts
from core.training.run import Run
from core.training.state import TrainingState
from core.training.stretches import Rules, Stretch

PAST = 32 * 2**20
"""Bytes of states that are kept of the past; more would make saving slow."""

MOST_STRETCHES = 200
"""Stretches of history that are kept, the newest; states from before them go with the others."""

MOST_STATES = 20_000

UNNAMED = "-"
"""Rules have no name, and a description in a file has one."""
Index = tuple[int, ...]


class PlaceFile(Model):
    """Where the cursor stands in the recorded step, and whether the run has taken that step."""

    entry: int = Field(ge=-1, le=10**6)
    number: Count
    taken: bool = False


class BreakpointFile(Model):
    """As :class:`core.messages.breakpoints.Breakpoint`."""

    condition: Condition
    number: float = 0.0
    path: Path = ()
    writes: str = Field("", max_length=200)
    on: bool = True


class StretchFile(Model):
    """Steps taken in a row by the same rules: as :class:`core.training.stretches.Stretch`."""

    start: int = Field(ge=-1, le=10**12)
    spec: ExperimentSpec
    planned: Count | None = None
    frozen: tuple[tuple[str, Index], ...] = ()
    knocked: tuple[tuple[Path, int], ...] = ()
    inputs: tuple[tuple[int, Index, float], ...] = ()


class MessageFile(Model):
    """A sentence about the run, in its parts."""

    template: str = Field(max_length=500)
    hint: str = Field("", max_length=500)
    one: str = Field("", max_length=500)
    values: dict[str, int | float | str] = Field(default_factory=dict, max_length=50)


class StoppingFile(Model):
    """What the conditions under which the run ends have seen so far."""

    best: float | None = None
    epochs_since: Count = 0
    waived: tuple[tuple[Literal["accuracy", "loss"], float], ...] = Field((), max_length=1000)
    epoch_over: bool = False


class RunFile(Model):
    """One experiment with its run.

    Attributes:
        run: Where it stands; None where it was never built (its data could not be read).
    """

    spec: ExperimentSpec
    breakpoints: tuple[BreakpointFile, ...] = Field((), max_length=1000)
    cursor: PlaceFile | None = None
    state: Literal["ready", "paused", "finished", "diverged"] = "ready"
    message: MessageFile | None = None
    now: StateFile | None = None
    visited: StateFile | None = None
    past: tuple[StateFile, ...] = Field((), max_length=MOST_STATES)
    stretches: tuple[StretchFile, ...] = Field((), max_length=MOST_STRETCHES)
    measured: MeasuredFile | None = None
    stopping: StoppingFile = StoppingFile()


@dataclass(frozen=True, eq=False)
class StoredRun:
    """An experiment and its run, ready to be written, or read from a file."""

    file: RunFile
    box: TensorBox

    @property
    def spec(self) -> ExperimentSpec:
        """The description."""
        return self.file.spec


def store(
    spec: ExperimentSpec,
    run: Run | None,
    breakpoints: tuple[Breakpoint, ...] = (),
    cursor: PlaceFile | None = None,
) -> StoredRun:
    """Copies all that the run is worth.

    Args:
        spec: The description.
        run: None where there is none.
        breakpoints: Where it holds.
        cursor: In the step recorded, if one is; the run stands before it, or at its end.
    """
    box = TensorBox()
    kept = tuple(_breakpoint_file(one) for one in breakpoints)
    if run is None:
        return StoredRun(RunFile(spec=spec, breakpoints=kept), box)
    memento = run.memento()
    past, stretches = _past(run)
    file = RunFile(
        spec=spec,
        breakpoints=kept,
        cursor=cursor,
        state=memento.state.value,
        message=_message_file(memento.message),
        now=put_state(box, "now", memento.training),
        visited=None if memento.fork is None else put_state(box, "visited", memento.fork),
        past=tuple(put_state(box, f"past.{place}", state) for place, state in enumerate(past)),
        stretches=tuple(map(_stretch_file, stretches)),
        measured=put_measured(box, "measured", memento.measured),
        stopping=_stopping_file(run.course.stopping()),
    )
    return StoredRun(file, box)


def restore(stored: StoredRun, run: Run) -> None:
    """Puts a run just built from the same description where the stored one stood.

    Raises:
        UserError: The numbers are not those of this network; the run is as it was built.
    """
    file, box = stored.file, stored.box
    if file.now is None:
        return
    check = StateCheck(run.trainer)
    now = take_state(box, "now", file.now)
    visited = None if file.visited is None else take_state(box, "visited", file.visited)
    past = [take_state(box, f"past.{place}", one) for place, one in enumerate(file.past)]
    for state in (*past, now, *([] if visited is None else [visited])):
        check.check(state)
    if any(one.step >= other.step for one, other in pairwise(past)):
        raise UserError("The states in the file are out of order.", "Open another copy.")
    if file.measured is not None:
        take_measured(box, "measured", file.measured, run.course.measured)
    stretches = tuple(map(_stretch, file.stretches))
    run.take_up(now, visited, past, stretches)
    run.course.go_on_from(_stopping(file.stopping))
    run.state, run.message = RunState(file.state), _message(file.message)


def _past(run: Run) -> tuple[list[TrainingState], tuple[Stretch, ...]]:
    """States evenly spread over the run, within the room there is for them."""
    stretches = run.past.stretches.all[-MOST_STRETCHES:]
    timeline = run.past.timeline
    each = max(1, timeline.bytes // max(1, len(timeline.steps())))
    found = [packed.unpacked() for packed in timeline.thinned(max(2, PAST // each))]
    known = -1 if len(stretches) == len(run.past.stretches.all) else stretches[0].start
    return [state for state in found if state.step >= known], stretches


def _breakpoint_file(one: Breakpoint) -> BreakpointFile:
    return BreakpointFile(
        condition=one.condition, number=one.number, path=one.path, writes=one.writes, on=one.on
    )


def breakpoints_of(file: RunFile) -> tuple[Breakpoint, ...]:
    """Where the run holds."""
    return tuple(Breakpoint(**dict(one)) for one in file.breakpoints)


def _stretch_file(one: Stretch) -> StretchFile:
    hands = one.rules.interventions
    return StretchFile(
        start=one.start,
        spec=one.rules.spec.model_copy(update={"name": UNNAMED}),
        planned=one.rules.planned,
        frozen=tuple(sorted(hands.frozen)),
        knocked=tuple(sorted(hands.knocked)),
        inputs=tuple((row, index, value) for (row, index), value in sorted(hands.inputs.items())),
    )


def _stretch(file: StretchFile) -> Stretch:
    inputs = {(row, index): value for row, index, value in file.inputs}
    hands = Interventions(frozenset(file.frozen), frozenset(file.knocked), inputs)
    rules = Rules(file.spec.model_copy(update={"name": ""}), file.planned, hands)
    return Stretch(file.start, rules)


def _stopping_file(parts: StoppingParts) -> StoppingFile:
    waived: Any = tuple(sorted(parts.waived))
    best = parts.best if math.isfinite(parts.best) else None
    return StoppingFile(
        best=best, epochs_since=parts.epochs_since, waived=waived, epoch_over=parts.epoch_over
    )


def _stopping(file: StoppingFile) -> StoppingParts:
    best = math.inf if file.best is None else file.best
    return StoppingParts(best, file.epochs_since, frozenset(file.waived), file.epoch_over)


def _message_file(message: Sentence | None) -> MessageFile | None:
    if message is None:
        return None
    values = {name: _plain(value) for name, value in message.values.items()}
    return MessageFile(template=message.template, hint=message.hint, one=message.one, values=values)


def _plain(value: object) -> int | float | str:
    kept = value if isinstance(value, int | float | str) else str(value)
    return str(kept) if isinstance(kept, float) and not math.isfinite(kept) else kept


def _message(file: MessageFile | None) -> Sentence | None:
    """The sentence again; one that cannot be filled in says nothing."""
    if file is None:
        return None
    message = Sentence(file.template, file.hint, one=file.one, **file.values)
    try:
        str(message)
    except (KeyError, IndexError, ValueError, AttributeError):
        return None
    return message
