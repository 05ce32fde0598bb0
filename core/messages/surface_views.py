"""What views may see of loss surfaces and races: frozen values and read-only arrays."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.catalog.optimizers import Optimizer
from core.messages.surface_commands import Plane, SurveyRequest, Window
from core.sentence import Sentence

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PlaneView:
    """A plane as it was laid: a point of it is base + x·d1 + y·d2.

    Attributes:
        plane: As it was asked for; None for a test function, which is its own plane.
        key: Changes whenever base or directions do; pictures of one key can be laid over
            one another.
        titles: Of the x and the y axis: ``1 Dense w₃,₂``, ``PC 1 (81 %)``, ``Start``.
        note: What the picture shows and what it leaves out.
        centre: Where the state lies that it was laid through.
        step: Updates behind that state.
        norms: Of d1 and d2 in the space of all parameters; 1 where an axis is a number's value.
        cosine: Of the angle between d1 and d2; 0 where they are at right angles.
        explained: The shares of the path's variance along d1 and d2, for principal directions.
        marks: States to be named on it: a name (``Start``, ``Now``, ``Step 40``) and (x, y).
        is_race: Whether it is of a race: steps are then counted from the race's start, and say
            nothing of the weights there.
    """

    plane: Plane | None
    key: int
    titles: tuple[str, str]
    note: Sentence
    centre: tuple[float, float]
    step: int
    norms: tuple[float, float] = (1.0, 1.0)
    cosine: float = 0.0
    explained: tuple[float, float] | None = None
    marks: tuple[tuple[str, float, float], ...] = ()
    is_race: bool = False


@dataclass(frozen=True, eq=False)
class SurfaceView:
    """The loss over a grid of a plane.

    Attributes:
        plane: Which.
        x: (w,) rising.
        y: (h,) rising.
        loss: (h, w) the data's loss; not finite where it is not.
        objective: (h, w) with the penalties of the training added; the very ``loss`` without any.
        accuracy: (h, w) the share classified right, 0..1; None for regression and functions.
        samples: The loss is averaged over so many,
        of: of so many.
        step: Updates behind the state it was laid through.
        points: Points a side of the grid that was asked for; this one may be coarser yet.
        seconds: It took so long, coarser grids included.
    """

    plane: PlaneView
    x: Doubles
    y: Doubles
    loss: Floats
    objective: Floats
    accuracy: Floats | None
    samples: int
    of: int
    step: int
    points: int
    seconds: float

    @property
    def is_finest(self) -> bool:
        """Whether no finer grid follows."""
        return len(self.x) >= self.points

    @property
    def window(self) -> Window:
        """The part of the plane it covers."""
        return Window(float(self.x[0]), float(self.x[-1]), float(self.y[0]), float(self.y[-1]))


@dataclass(frozen=True, eq=False)
class PathView:
    """Where somebody went, seen on a plane.

    Attributes:
        id: -1 for the experiment's own run, else the runner's: it says the colour.
        name: ``This run``, ``Adam, 0.01``.
        plane: The key of the plane it is seen on.
        steps: (k,) int64 rising.
        points: (k, 2) the feet of the states on the plane (nearest points).
        loss: (k,) each state's own loss, on the same samples.
        foot: (k,) the plane's loss at its foot; where both agree the slice tells the truth.
        distance: (k,) from state to foot, in the space of all parameters.
        next: (2,) the foot of the state that the next update leads to; None if unknown.
        next_loss: The loss at that state; None if unknown.
        descent: (2,) minus the exact gradient of the loss along the plane's directions, where
            it stands; None if unknown.
        at: Which point it stands at; later ones are ahead of a run that is looked at in its past.
    """

    id: int
    name: str
    plane: int
    steps: NDArray[np.int64]
    points: Doubles
    loss: Floats
    foot: Floats
    distance: Floats
    next: tuple[float, float] | None = None
    next_loss: float | None = None
    descent: tuple[float, float] | None = None
    at: int = -1


@dataclass(frozen=True, eq=False)
class LineView:
    """The loss along the plane's x axis, through its centre.

    Attributes:
        plane: The key of the plane.
        t: (n,) rising, in units of the x axis.
        loss: (n,).
        slope: (n,) its derivative, by autograd along the line.
        curvature: (n,) its second derivative, by autograd along the line.
        here: Where the centre lies.
    """

    plane: int
    t: Doubles
    loss: Floats
    slope: Floats
    curvature: Floats
    here: float


@dataclass(frozen=True)
class Sharpness:
    """How sharply the loss bends where the network stands.

    Attributes:
        step: Updates behind the weights.
        eigenvalues: The two of the Hessian with the largest magnitude, the larger one first; one
            where there is one parameter only.
        residual: The largest ‖Hv - λv‖ / |λ| of them: how well they are known.
        samples: The loss is averaged over so many.
    """

    step: int
    eigenvalues: tuple[float, ...]
    residual: float
    samples: int

    @property
    def stable_rate(self) -> float | None:
        """2/λ: beyond it plain gradient descent leaves a quadratic valley; None on no slope up."""
        largest = max(self.eigenvalues, default=0.0)
        return 2 / largest if largest > 0 else None


@dataclass(frozen=True, eq=False)
class Survey:
    """All that is seen of one landscape at one moment.

    Attributes:
        version: Rises with each.
        request: What is asked for; None while nobody looks.
        surface: The newest, of whichever request; kept when another cannot be computed.
        paths: On the plane of ``surface``.
        line: If asked for.
        sharpness: If asked for.
        is_stale: Whether ``surface`` is of other weights, another plane or range than asked for.
        progress: 0..1 of the surface being computed; None while nothing is.
        trouble: Why there is no newer surface; None while all is well.
    """

    version: int = 0
    request: SurveyRequest | None = None
    surface: SurfaceView | None = None
    paths: tuple[PathView, ...] = ()
    line: LineView | None = None
    sharpness: Sharpness | None = None
    is_stale: bool = False
    progress: float | None = None
    trouble: Sentence | None = None


@dataclass(frozen=True, eq=False)
class RunnerView:
    """How one runner stands.

    Attributes:
        id: Says its colour.
        optimizer: With its fields.
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
        optimizers: The rows.
        rates: The columns, rising.
        start: The loss they all began with.
        losses: (rows, columns) float32 after the trial; nan while pending or after an explosion.
        verdicts: Rows of columns.
        steps: Each trial took so many.
        done: Whether no trial is left.
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
        best: The rate to apply: where the loss falls fastest per decade.
        done: Whether it has ended.
        trouble: Why nothing is suggested.
    """

    rates: Doubles
    losses: Floats
    smoothed: Floats
    suggested: tuple[float, float] | None = None
    best: float | None = None
    done: bool = False
    trouble: Sentence | None = None


def _nowhere() -> Doubles:
    return np.zeros(2)


@dataclass(frozen=True, eq=False)
class Contest:
    """All that is seen of the race and of the trials at one moment.

    Attributes:
        version: Rises with each.
        arena: ``network`` or the kind of a test function; empty while there is no race.
        runners: In the order chosen.
        step: Of all that have not diverged.
        is_running: Whether it goes on by itself.
        start: (2,) on a test function, where they started; zeros on a network.
        start_label: Where they started, in words.
        target: The loss that counts as reached.
        grid: The newest comparison of rates.
        range_test: The newest range test.
        trouble: Why the last wish could not be met.
    """

    version: int = 0
    arena: str = ""
    runners: tuple[RunnerView, ...] = ()
    step: int = 0
    is_running: bool = False
    start: Doubles = field(default_factory=_nowhere)
    start_label: Sentence | None = None
    target: float | None = None
    grid: RateGrid | None = None
    range_test: RangeTest | None = None
    trouble: Sentence | None = None


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """A view of an array that nobody can write."""
    view = array.view()
    view.flags.writeable = False
    return view
