"""What views may see of loss surfaces: frozen values and read-only arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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
        x, y: (w,) and (h,), rising.
        loss: (h, w) the data's loss; not finite where it is not.
        objective: (h, w) with the penalties of the training added; the very ``loss`` without any.
        accuracy: (h, w) the share classified right, 0..1; None for regression and functions.
        samples, of: The loss is averaged over so many of so many.
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
        slope, curvature: (n,) its first and second derivative, by autograd along the line.
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
        line, sharpness: If asked for.
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


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """A view of an array that nobody can write."""
    view = array.view()
    view.flags.writeable = False
    return view
