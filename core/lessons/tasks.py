"""What a page waits for: a class a kind of task, each able to say whether it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from core.catalog.base import Model
from core.lessons.measures import MeasureName, field_of, key_in, read
from core.messages.scope import Scope
from core.messages.snapshot import RunState, Snapshot


@dataclass(frozen=True)
class Moment:
    """What tasks look at.

    Attributes:
        snapshot: Of the experiment.
        begun: The snapshot with which the page began.
        scope: Whose numbers the learner looks at.
        picked: The neurons and weights picked: layer, unit and, of a weight, source, from 1.
        used: The objectNames of the controls used since the page began.
    """

    snapshot: Snapshot
    begun: Snapshot
    scope: Scope = Scope.SAMPLE
    picked: tuple[tuple[int, int, int | None], ...] = ()
    used: frozenset[str] = frozenset()


class BaseTask(Model):
    """One thing to do."""

    def is_done(self, moment: Moment) -> bool:
        """Whether the learner has done it."""
        raise NotImplementedError

    def last_step(self, _moment: Moment) -> int | None:
        """The step at which training stops by itself for it; None where it goes on."""
        return None


class Reaches(BaseTask):
    """Stands in a recorded step at an operation, or behind it.

    Attributes:
        reach: The key of what the operation computes.
        number: How many of its numbers have to be there; None for all.
    """

    reach: str = Field(min_length=1, max_length=80)
    number: int | None = Field(None, ge=1)

    def is_done(self, moment: Moment) -> bool:
        stepping = moment.snapshot.stepping
        if stepping is None:
            return False
        key = key_in(stepping.record, self.reach)
        if key is None or not any(entry.writes == key for entry in stepping.record.entries):
            return False
        known = stepping.known(key)
        return known is None or (self.number is not None and known >= self.number)


class Steps(BaseTask):
    """Has trained so many steps since the page began, and rests.

    Attributes:
        steps: How many.
    """

    steps: int = Field(ge=1, le=1_000_000)

    def is_done(self, moment: Moment) -> bool:
        done = moment.snapshot.progress.step - moment.begun.progress.step
        return done >= self.steps and moment.snapshot.state is not RunState.RUNNING

    def last_step(self, moment: Moment) -> int | None:
        return moment.begun.progress.step + self.steps


class Reads(BaseTask):
    """A measure has come to where it is wanted.

    Attributes:
        measure: Which.
        at_least, at_most: Between which it is to lie.
    """

    measure: MeasureName
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _has_a_bound(self) -> Reads:
        if self.at_least is None and self.at_most is None:
            raise ValueError("say 'at_least' or 'at_most'")
        return self

    def is_done(self, moment: Moment) -> bool:
        found = read(self.measure, moment.snapshot)
        if found is None:
            return False
        low = self.at_least is None or found >= self.at_least
        return low and (self.at_most is None or found <= self.at_most)

    def last_step(self, moment: Moment) -> int | None:
        """Where it says by which step, or epoch, something has to be there."""
        lengths = {"step": 1, "epoch": moment.snapshot.progress.steps_per_epoch}
        if self.at_most is None or self.measure not in lengths:
            return None
        return int(self.at_most) * lengths[self.measure]


class Has(BaseTask):
    """The experiment has a value in one of its fields.

    Attributes:
        field: Its place in the experiment's JSON: ``optimizer.kind``.
        value: What is to stand there.
    """

    field: str = Field(min_length=1, max_length=120)
    value: Any

    def is_done(self, moment: Moment) -> bool:
        return bool(field_of(moment.snapshot.spec, self.field) == self.value)


class Picks(BaseTask):
    """A neuron or a weight is picked on the graph; all counted from 1.

    Attributes:
        pick: Its layer, 0 for the inputs.
        unit: Which of its neurons.
        source: Of a weight: which input it comes from.
    """

    pick: int = Field(ge=0)
    unit: int = Field(ge=1)
    source: int | None = Field(None, ge=1)

    def is_done(self, moment: Moment) -> bool:
        return (self.pick, self.unit, self.source) in moment.picked


class Looks(BaseTask):
    """One sample's numbers are looked at, or the whole batch's.

    Attributes:
        scope: Which.
    """

    scope: Literal["sample", "batch"]

    def is_done(self, moment: Moment) -> bool:
        return moment.scope == self.scope


class Uses(BaseTask):
    """A control has been used.

    Attributes:
        use: Its objectName, or an action's.
    """

    use: str = Field(min_length=1, max_length=80)

    def is_done(self, moment: Moment) -> bool:
        return self.use in moment.used


class Resets(BaseTask):
    """The run has begun anew.

    Attributes:
        reset: Always true.
    """

    reset: Literal[True]

    def is_done(self, moment: Moment) -> bool:
        return moment.snapshot.progress.step == 0


def done_now(tasks: Sequence[BaseTask], moment: Moment) -> set[int]:
    """Which of a page's tasks are done, by their place.

    What is to be read holds together or not at all: a loss *and* the step by which it is there.
    """
    done = {place for place, task in enumerate(tasks) if task.is_done(moment)}
    reads = {place for place, task in enumerate(tasks) if isinstance(task, Reads)}
    return done if reads <= done else done - reads


TASKS: dict[str, type[BaseTask]] = {
    "reach": Reaches,
    "steps": Steps,
    "measure": Reads,
    "field": Has,
    "pick": Picks,
    "scope": Looks,
    "use": Uses,
    "reset": Resets,
}
"""By the field that tells them apart."""


def _word_of(value: Any) -> str | None:
    """Which kind of task something is meant to be."""
    if isinstance(value, dict):
        return next((word for word in TASKS if word in value), None)
    return next((word for word, kind in TASKS.items() if isinstance(value, kind)), None)


TaskChoice = Annotated[
    Annotated[Reaches, Tag("reach")]
    | Annotated[Steps, Tag("steps")]
    | Annotated[Reads, Tag("measure")]
    | Annotated[Has, Tag("field")]
    | Annotated[Picks, Tag("pick")]
    | Annotated[Looks, Tag("scope")]
    | Annotated[Uses, Tag("use")]
    | Annotated[Resets, Tag("reset")],
    Discriminator(
        _word_of,
        custom_error_type="unknown_task",
        custom_error_message=f"a task has one of the fields {', '.join(TASKS)}",
    ),
]
"""One thing to do, as a lesson's author writes it."""
