"""A race of optimizers and trials of learning rates: what is asked for, and what views see."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from core.catalog.optimizers import Optimizer
from core.messages.surface_commands import ShowSurface
from core.messages.surface_views import Doubles, Floats
from core.sentence import Sentence


@dataclass(frozen=True)
class Runner:
    """One who takes part in a race; the ``id`` stays with it, and says its colour too."""

    id: int
    optimizer: Optimizer


NETWORK = "network"
"""The arena that is the learner's own network; the others are kinds of catalog.functions."""


@dataclass(frozen=True)
class RaceChoice:
    """Who races where.

    Attributes:
        arena: ``network``, or the kind of a test function.
        runners: At most eight; who stays keeps on where they are, who is new starts where the
            others started and catches up.
        seed: Of the noise on a noisy function; the network's batches follow its own seed.
        target: The loss that counts as reached in the table; None for a tenth of the first.
        limit: Steps after which the race stands still.
        pace: Steps a second, so that it can be watched; None for as fast as it goes.
    """

    arena: str = NETWORK
    runners: tuple[Runner, ...] = ()
    seed: int = 0
    target: float | None = None
    limit: int = 100_000
    pace: float | None = None


@dataclass(frozen=True)
class SetRace:
    """Sets a race up, or changes who takes part; None puts it away."""

    choice: RaceChoice | None


@dataclass(frozen=True)
class RaceOn:
    """Lets the race go on: for so many steps, or until somebody holds it."""

    steps: int | None = None


@dataclass(frozen=True)
class HoldRace:
    """Holds the race where it is."""


@dataclass(frozen=True)
class RestartRace:
    """Puts all runners back to one start.

    Attributes:
        point: On the test function, or on the plane of the surface shown; None for the first
            start: the network's present weights, or the function's usual one.
    """

    point: tuple[float, float] | None = None


@dataclass(frozen=True)
class CompareRates:
    """Trains for each optimizer and each rate for some steps, to see where which learns.

    Attributes:
        optimizers: With their fields; their rates are replaced.
        rates: Rising; each is tried for so many ``steps``.
    """

    optimizers: tuple[Optimizer, ...]
    rates: tuple[float, ...]
    steps: int = 100


@dataclass(frozen=True)
class FindRate:
    """The learning-rate range test on the present weights.

    The rate rises from ``low`` to ``high`` by an equal factor each step (Smith 2017,
    arXiv:1506.01186), and further where the loss still falls there.
    """

    low: float = 1e-6
    high: float = 10.0
    steps: int = 200


@dataclass(frozen=True)
class StopTrials:
    """Ends a comparison of rates or a range test that is under way."""


RaceCommand = SetRace | RaceOn | HoldRace | RestartRace | CompareRates | FindRate | StopTrials
SurveyCommand = ShowSurface | RaceCommand
"""What is carried out beside the session, on copies."""


@dataclass(frozen=True, eq=False)
class RunnerView:
    """How one runner stands.

    Attributes:
        name: ``Adam, η = 0.01``.
        steps: (k,) int64: where the loss was noted; thinned on long races, always with the last.
        losses: (k,) float32: at these steps, before the update of that step.
        means: (k,) float32: over the last ``window`` losses up to these steps, or over as many as
            there were; the very ``losses`` where the window is 1.
        points: (k, 2) where it was, on a test function; empty on a network.
        loss: The newest mean.
        best: The least mean of a whole window so far; not a number before there is one.
        reached: Steps to the target loss by the mean of a whole window; None if not reached.
        reached_seconds: The time it took to compute these steps.
        seconds: The time its steps have taken.
        diverged: The step at which loss or weights ceased to be finite (or left any reason).
        window: Losses that a mean is of: of a network's batches, as many as make an epoch, but 32
            at the most; 1 where each loss is of all samples, and on a test function.
    """

    id: int
    optimizer: Optimizer
    name: str
    steps: NDArray[np.int64]
    losses: Floats
    means: Floats
    points: Doubles
    loss: float
    best: float
    reached: int | None
    reached_seconds: float | None
    seconds: float
    diverged: int | None
    window: int = 1


class Verdict(Enum):
    """How a trial of a learning rate went."""

    PENDING = "pending"
    CRAWLS = "crawls"
    LEARNS = "learns"
    EXPLODES = "explodes"


@dataclass(frozen=True, eq=False)
class RateGrid:
    """Trials of learning rates by optimizer.

    Attributes:
        optimizers, rates: The rows and the columns; rates are rising.
        start: The loss they all began with.
        losses: (rows, columns) float32 after the trial; nan while pending or after an explosion.
        steps: Each trial took so many.
    """

    optimizers: tuple[Optimizer, ...]
    rates: tuple[float, ...]
    start: float
    losses: Floats
    verdicts: tuple[tuple[Verdict, ...], ...]
    steps: int
    done: bool


@dataclass(frozen=True, eq=False)
class RangeTest:
    """Loss against a rising learning rate.

    Attributes:
        rates: (k,) rising, one a step.
        losses: (k,) of each step's batch.
        smoothed: (k,) an exponential mean of them, freed of its bias towards zero.
        suggested: The range of good rates; None while under way, or where there is none.
        best: The rate to apply, the largest of these, of two digits: a tenth of the rate where
            the loss turns, or less where training at that did not lower the loss.
        trouble: Why nothing is suggested.
        notes: How the suggestion came about, and how training at it went.
        progress: Steps taken, and those to take as far as is known.
    """

    rates: Doubles
    losses: Floats
    smoothed: Floats
    suggested: tuple[float, float] | None = None
    best: float | None = None
    done: bool = False
    trouble: Sentence | None = None
    notes: tuple[Sentence, ...] = ()
    progress: tuple[int, int] = (0, 1)


@dataclass(frozen=True, eq=False)
class Contest:
    """All that is seen of the race and of the trials at one moment.

    Attributes:
        version: Rises with each.
        arena: ``network`` or the kind of a test function; empty while there is no race.
        runners: In the order chosen.
        step: Of all that have not diverged.
        start: (2,) on a test function, where they started; zeros on a network.
        start_label: Where they started, in words.
        target: The loss that counts as reached.
        trouble: Why the last wish could not be met.
    """

    version: int = 0
    arena: str = ""
    runners: tuple[RunnerView, ...] = ()
    step: int = 0
    is_running: bool = False
    start: Doubles = field(default_factory=lambda: np.zeros(2))
    start_label: Sentence | None = None
    target: float | None = None
    grid: RateGrid | None = None
    range_test: RangeTest | None = None
    trouble: Sentence | None = None
