"""What a person asks of a loss surface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from core.errors import UserError

Index = tuple[int, ...]


@dataclass(frozen=True)
class Now:
    """The weights as they stand."""


@dataclass(frozen=True)
class AtStep:
    """The weights after so many updates of the present run; 0 is its start."""

    step: int


@dataclass(frozen=True)
class BranchEnd:
    """The last weights of a run that was left for another (``Branch.number``)."""

    number: int


@dataclass(frozen=True)
class RunnerEnd:
    """Where a runner of the race stands (``Runner.id``)."""

    id: int


State = Now | AtStep | BranchEnd | RunnerEnd
"""Weights that a plane can be laid through."""


@dataclass(frozen=True)
class Number:
    """One number of a parameter: ``0.weight`` at (unit, input)."""

    parameter: str
    index: Index


def first_two(shapes: Mapping[str, Sequence[int]]) -> tuple[Number, Number]:
    """The first two numbers of a network; of a single one the number itself twice.

    Args:
        shapes: Of its parameters by name, in order; at least one.
    """
    (name, shape), *others = shapes.items()
    first = Number(name, (0,) * len(shape))
    if shape and shape[-1] > 1:
        return first, Number(name, (*first.index[:-1], 1))
    if not others:
        return first, first
    return first, Number(others[0][0], (0,) * len(others[0][1]))


class Plane:
    """How a plane lies in the space of all parameters.

    Attributes:
        label: As a list of planes shows it.
        description: What it shows, in a sentence.
    """

    label: ClassVar[str]
    description: ClassVar[str]


@dataclass(frozen=True)
class WeightsPlane(Plane):
    """Two numbers are varied and all others stay; the axes show the numbers' own values."""

    label: ClassVar[str] = "Two weights"
    description: ClassVar[str] = "Two numbers of the network are varied, all others stay."

    first: Number
    second: Number


@dataclass(frozen=True)
class RandomPlane(Plane):
    """Two random directions, each filter scaled to the norm of the network's own.

    Li et al. 2018, arXiv:1712.09913. Directions are zero for biases and batch norm's parameters.
    """

    label: ClassVar[str] = "Two random directions"
    description: ClassVar[str] = (
        "Every weight moves along two random directions, scaled filter by filter."
    )

    seed: int = 0


@dataclass(frozen=True)
class PrincipalPlane(Plane):
    """The two directions along which the run (or the race) has moved most."""

    label: ClassVar[str] = "Principal directions of the path"
    description: ClassVar[str] = "The two directions along which the weights have moved most."


@dataclass(frozen=True)
class StatesPlane(Plane):
    """Through the centre and two other states; (1, 0) is the second and (0, 1) the third.

    Without a third the y axis is a random direction at right angles to the line, as long as it.
    """

    label: ClassVar[str] = "Through chosen states"
    description: ClassVar[str] = (
        "The plane through states that you choose: a start, an end, others."
    )

    second: State = AtStep(0)
    third: State | None = None


@dataclass(frozen=True)
class DescentPlane(Plane):
    """The gradient (downhill to the right) and the last update; the next where none is known."""

    label: ClassVar[str] = "Gradient and update"
    description: ClassVar[str] = "Downhill to the right; the update's own turn upwards."


LEAST_RANGE, MOST_RANGE = 1e-9, 1e12
"""How wide and high a window may be: beyond, float32 and plots tell no neighbours apart."""


@dataclass(frozen=True)
class Window:
    """The part of a plane that is looked at, in the plane's own units."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From bottom to top."""
        return self.top - self.bottom

    def check(self) -> None:
        """Refuses what no picture can be drawn of.

        Raises:
            UserError: It is empty, too small, too large, too far away or not of finite numbers.
        """
        ends = (self.left, self.right, self.bottom, self.top)
        near = all(abs(end) <= MOST_RANGE for end in ends)  # not so for what is no number
        if not near or not all(
            LEAST_RANGE <= size <= MOST_RANGE for size in (self.width, self.height)
        ):
            raise UserError(
                "The range from {left:.3g} to {right:.3g} and {bottom:.3g} to {top:.3g} cannot be "
                "drawn.",
                "Choose one from {least:g} to {most:g} wide and high, with ends within ±{most:g}.",
                left=self.left,
                right=self.right,
                bottom=self.bottom,
                top=self.top,
                least=LEAST_RANGE,
                most=MOST_RANGE,
            )


RESOLUTIONS = (17, 33, 65, 129, 201)
"""Points a side that a form offers; any odd number from 5 to 201 will do."""


@dataclass(frozen=True)
class SurveyRequest:
    """A loss surface as somebody wants to see it.

    Attributes:
        plane: How it lies; None for the one that suits the network.
        subject: Of this experiment's run, or of the race.
        centre: The state it is laid through.
        window: What part of it; None to fit the path and the neighbourhood.
        resolution: Points a side of the finest grid.
        samples: How many training samples the loss is averaged over; None for as many as are
            quick enough.
        sharpness: Whether the Hessian's largest eigenvalues are wanted too.
        line: Whether the loss along the x axis with its slope and curvature is wanted too.
    """

    plane: Plane | None = RandomPlane()
    subject: Literal["run", "race"] = "run"
    centre: State = Now()
    window: Window | None = None
    resolution: int = 65
    samples: int | None = None
    sharpness: bool = False
    line: bool = False

    def __post_init__(self) -> None:
        """Refuses what no surface can be drawn of."""
        if not 5 <= self.resolution <= 201:
            raise UserError(
                "A surface of {resolution}×{resolution} points cannot be drawn.",
                "Choose from 5 to 201 points a side.",
                resolution=self.resolution,
            )
        if self.window is not None:
            self.window.check()


@dataclass(frozen=True)
class ShowSurface:
    """Says which surface somebody looks at; None when nobody does any more."""

    request: SurveyRequest | None
