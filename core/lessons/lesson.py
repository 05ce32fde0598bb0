"""What a lesson is: its pages, what each opens, shows, points at, asks and waits for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from core.catalog.base import Model
from core.lessons.measures import MeasureName
from core.lessons.tasks import Reads, TaskChoice

VERSION = 1

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]
"""A name within a lesson: small letters, digits and hyphens."""

DockName = Literal[
    "training", "curves", "progress", "digits", "network", "formula", "graph", "stepbar",
    "timeline", "tape", "update", "parameters", "histories", "decisions", "survey", "race",
    "surface", "relief", "slice", "line", "rates", "range", "why",
]  # fmt: skip
"""A panel that a page may show beside its text."""


class Change(Model):
    """One field of the experiment takes another value; undo takes it back.

    Attributes:
        field: Its place in the experiment's JSON: ``optimizer.learning_rate``, ``layers.0.units``.
        to: The value, as the JSON has it.
    """

    field: str = Field(min_length=1, max_length=120)
    to: Any


class StartingPlace(Model):
    """Where in the recorded step a page begins.

    Attributes:
        writes: The key of what the operation computes: ``z:0``, ``d:p:1.weight``.
        number: How many of its numbers are there; None for all.
    """

    writes: str = Field(min_length=1, max_length=80)
    number: int | None = Field(None, ge=1)


class GraphPlace(Model):
    """A neuron or a weight on the graph, counted from 1 as the window does.

    Attributes:
        layer: Of the layers in the experiment; 0 for the inputs.
        unit: Which of its neurons.
        source: Of a weight: which input it comes from.
    """

    layer: int = Field(ge=0)
    unit: int = Field(ge=1)
    source: int | None = Field(None, ge=1)


class Aim(Model):
    """What a page points at: one thing.

    Attributes:
        control: The objectName of a control.
        place: A neuron or a weight.
    """

    control: str = Field("", max_length=80)
    place: GraphPlace | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Aim:
        if bool(self.control) == (self.place is not None):
            raise ValueError("point at a control or at a place")
        return self


class Option(Model):
    """A question with answers to choose from; the texts have one section for each.

    Attributes:
        right: The answer that is right.
        others: Those that are not. They are shown in the order of their names.
    """

    right: Slug
    others: tuple[Slug, ...] = Field(min_length=1, max_length=6)

    @property
    def shown(self) -> tuple[str, ...]:
        """All of them, in the order in which they stand."""
        return tuple(sorted({self.right, *self.others}))


_LOSSES = ("terms", "loss", "total")


class AskedNumber(Model):
    """A number of the recorded step that the learner works out.

    Attributes:
        writes: The key of what its operation computes.
        index: Its place, counted from 1; empty where there is only one.
        sample: Which of the batch, counted from 1; None for the whole batch.
        key: Of an update: an optimizer's state to be asked for.
    """

    writes: str = Field(min_length=1, max_length=80)
    index: tuple[Annotated[int, Field(ge=1)], ...] = ()
    sample: int | None = Field(1, ge=1)
    key: str = ""

    @property
    def is_loss(self) -> bool:
        """Whether it is a loss, which figures and curves show too."""
        return self.writes in _LOSSES

    @property
    def place(self) -> tuple[tuple[int, ...], int | None]:
        """Index and sample, counted from 0 as records count."""
        index = tuple(place - 1 for place in self.index)
        return index, None if self.sample is None else self.sample - 1


class Estimate(Model):
    """A number that the learner guesses before it is seen; then the page's task shows it.

    Attributes:
        of: What is read when the task is done.
        within: How far off a good guess may be, as a share of the true number.
        least: How far off it may be in any case.
    """

    of: MeasureName
    within: float = Field(0.15, ge=0, le=1)
    least: float = Field(0.0, ge=0)


class Ask(Model):
    """What a page asks: one thing.

    Attributes:
        choice: Answers to choose from.
        number: A number of the step.
        estimate: A guess.
    """

    choice: Option | None = None
    number: AskedNumber | None = None
    estimate: Estimate | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Ask:
        if sum(one is not None for one in (self.choice, self.number, self.estimate)) != 1:
            raise ValueError("ask for a choice, a number or an estimate")
        return self


class Page(Model):
    """One page: one idea.

    Attributes:
        id: Its name in the texts.
        open: A preset, or a file of the lesson's folder, that takes the experiment's place.
        change: Fields that take another value.
        reset: Whether the weights are drawn anew.
        stand: Where in the step it begins.
        sample: Whose numbers are looked at, counted from 1; ``batch`` for the whole.
        show: The panels beside the text, a column each; a list has them one below another.
        more: Whether the panels show all that they have.
        map: Of the loss surface the part to be seen: left, right, bottom and top, in the units of
            its axes; None to fit the path.
        point: What it points at.
        do: What is to be done before the next page; all of it.
        ask: What is asked before that.
    """

    id: Slug
    open: str = Field("", max_length=80)
    change: tuple[Change, ...] = ()
    reset: bool = False
    stand: StartingPlace | None = None
    sample: Annotated[int, Field(ge=1)] | Literal["batch"] | None = None
    show: tuple[DockName | tuple[DockName, ...], ...] = Field((), max_length=3)
    more: bool = False
    map: tuple[float, float, float, float] | None = None
    point: Aim | None = None
    do: tuple[TaskChoice, ...] = ()
    ask: Ask | None = None

    @property
    def reads_values(self) -> bool:
        """Whether it reads weights as they are, which the engine measures only when asked."""
        names = [task.measure for task in self.do if isinstance(task, Reads)]
        if self.ask is not None and self.ask.estimate is not None:
            names.append(self.ask.estimate.of)
        return any(name.startswith("parameter ") for name in names)

    @property
    def columns(self) -> tuple[tuple[str, ...], ...]:
        """The panels, a tuple for each column."""
        return tuple((one,) if isinstance(one, str) else tuple(one) for one in self.show)

    @model_validator(mode="after")
    def _maps_something(self) -> Page:
        if self.map is not None and not (self.map[0] < self.map[1] and self.map[2] < self.map[3]):
            raise ValueError("a map goes from left to right and from bottom to top")
        return self

    @model_validator(mode="after")
    def _shows_once(self) -> Page:
        shown = [dock for column in self.columns for dock in column]
        if len(set(shown)) < len(shown):
            raise ValueError("each panel can be shown once")
        return self


class Script(Model):
    """What stands in ``lesson.yaml``.

    Attributes:
        version: Of this format.
        minutes: How long it takes, about.
        pages: In their order.
    """

    version: Literal[1]
    minutes: int = Field(ge=1, le=60)
    pages: tuple[Page, ...] = Field(min_length=1, max_length=60)
