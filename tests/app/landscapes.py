"""Surveys for the tests of views, of surfaces with a formula: no network is trained for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from core.messages.surface_commands import RandomPlane, SurveyRequest, Window
from core.messages.surface_views import PathView, PlaneView, SurfaceView, Survey, read_only
from core.sentence import Sentence

Function = Callable[[np.ndarray, np.ndarray], np.ndarray]
Slope = Callable[[float, float], tuple[float, float]]

WINDOW = Window(-2.0, 2.0, -1.0, 3.0)


def rosenbrock(x, y):
    """The banana valley; 0 at (1, 1)."""
    return (1 - x) ** 2 + 100 * (y - x**2) ** 2


def rosenbrock_slope(x, y):
    return -2 * (1 - x) - 400 * x * (y - x**2), 200 * (y - x**2)


def bowl(x, y):
    """0 at the origin, four times as steep along y."""
    return x**2 / 2 + 2 * y**2


def bowl_slope(x, y):
    return x, 4 * y


def walk(slope: Slope, start=(-1.5, 2.0), rate=0.001, steps=40, momentum=0.0) -> np.ndarray:
    """(steps + 2, 2) where momentum goes from ``start``, and at last where its next step leads."""
    point, velocity, points = np.array(start, float), np.zeros(2), [np.array(start, float)]
    for _ in range(steps + 1):
        velocity = momentum * velocity - rate * np.array(slope(*point))
        point = point + velocity
        points.append(point)
    return np.array(points)


def plane_of(centre=(0.0, 0.0), key=1, **changed) -> PlaneView:
    """A random plane as a surveyor would lay it."""
    note = Sentence(
        "Two random directions (seed {seed}), each filter scaled to the network's own; "
        "they see {share} of the path's length.",
        seed=0,
        share="41 %",
    )
    plane = PlaneView(
        RandomPlane(),
        key,
        ("Direction 1", "Direction 2"),
        note,
        centre,
        40,
        norms=(2.0, 2.0),
        marks=(("Start", -1.5, 2.0), ("Now", centre[0], centre[1])),
    )
    return replace(plane, **changed)


def surface_of(
    function: Function = rosenbrock,
    window: Window = WINDOW,
    points: int = 65,
    *,
    plane: PlaneView | None = None,
    penalty: float = 0.0,
    accuracy: bool = True,
    **changed,
) -> SurfaceView:
    """The function over a window; ``penalty`` times x² + y² is added to the objective."""
    x = np.linspace(window.left, window.right, points)
    y = np.linspace(window.bottom, window.top, points)
    with np.errstate(over="ignore"):
        loss = function(*np.meshgrid(x, y)).astype(np.float32)
    shrunk = (penalty * (x[None, :] ** 2 + y[:, None] ** 2)).astype(np.float32)
    with np.errstate(over="ignore", invalid="ignore"):
        right = (np.round(20 / (1 + np.sqrt(np.abs(loss)))) / 20).astype(np.float32)
    surface = SurfaceView(
        plane or plane_of(),
        read_only(x),
        read_only(y),
        read_only(loss),
        read_only(loss if penalty == 0 else loss + shrunk),
        read_only(right) if accuracy else None,
        500,
        500,
        40,
        points,
        0.03,
    )
    return replace(surface, **changed)


def path_of(
    points: np.ndarray,
    function: Function = rosenbrock,
    slope: Slope | None = rosenbrock_slope,
    *,
    id: int = -1,
    name: str = "This run",
    plane: int = 1,
    off: float = 0.0,
    at: int = -1,
) -> PathView:
    """A path through points (k + 1, 2), the last of them its next; each own loss is ``off`` less
    than the plane shows at its foot, and the further off the later."""
    seen, following = points[:-1], points[at % (len(points) - 1) + 1]
    foot = function(seen[:, 0], seen[:, 1]).astype(np.float32)
    share = np.linspace(0, 1, len(seen), dtype=np.float32)
    here = slope(*seen[at]) if slope is not None else None
    return PathView(
        id,
        name,
        plane,
        read_only(np.arange(len(seen), dtype=np.int64)),
        read_only(seen.astype(np.float64)),
        read_only((foot * (1 - off * share)).astype(np.float32)),
        read_only(foot),
        read_only(share * np.float32(3 * off)),
        next=(float(following[0]), float(following[1])),
        next_loss=float(function(*following)),
        descent=None if here is None else (float(-here[0]), float(-here[1])),
        at=at,
    )


def survey_of(
    function: Function = rosenbrock,
    window: Window = WINDOW,
    points: int = 65,
    *,
    paths: tuple[PathView, ...] | None = None,
    request: SurveyRequest | None = None,
    version: int = 1,
    is_stale: bool = False,
    progress: float | None = None,
    trouble: Sentence | None = None,
    **of_surface,
) -> Survey:
    """A survey as a surveyor would publish it: of Rosenbrock's valley with gradient descent in it,
    unless told otherwise."""
    if paths is None:
        walked = walk(rosenbrock_slope, rate=0.0006, steps=120, momentum=0.8)
        paths = (path_of(walked, off=0.3),) if function is rosenbrock else ()
    if "plane" not in of_surface and paths:
        start, here = (tuple(float(part) for part in paths[0].points[end]) for end in (0, -1))
        of_surface["plane"] = plane_of(here, marks=(("Start", *start), ("Now", *here)))
    return Survey(
        version,
        request or SurveyRequest(plane=None, resolution=max(5, points)),
        surface_of(function, window, points, **of_surface),
        paths,
        is_stale=is_stale,
        progress=progress,
        trouble=trouble,
    )


def race_survey() -> Survey:
    """Four rules from one start in Rosenbrock's valley."""
    start = (-0.5, 2.6)
    paths = (
        path_of(walk(rosenbrock_slope, start, 0.002, 200), id=0, name="SGD, 0.002"),
        path_of(walk(rosenbrock_slope, start, 0.0005, 200, 0.9), id=1, name="Momentum, 0.0005"),
        path_of(_adam(rosenbrock_slope, start, 0.1, 100), id=2, name="Adam, 0.1"),
        path_of(_signs(rosenbrock_slope, start, 0.02, 60), id=3, name="RMSprop, 0.02"),
    )
    plane = plane_of((1.0, 1.0), plane=None, titles=("x", "y"), norms=(1.0, 1.0),
                     note=Sentence("Rosenbrock's valley: (1 - x)² + 100 (y - x²)²."),
                     marks=(("Start", *start),))  # fmt: skip
    request = SurveyRequest(subject="race")
    return survey_of(paths=paths, plane=plane, request=request, accuracy=False, samples=1, of=1)


def _adam(slope: Slope, start, rate, steps) -> np.ndarray:
    point, mean, square = np.array(start, float), np.zeros(2), np.zeros(2)
    points = [point]
    for step in range(1, steps + 2):
        gradient = np.array(slope(*point))
        mean, square = 0.9 * mean + 0.1 * gradient, 0.999 * square + 0.001 * gradient**2
        point = point - rate * (mean / (1 - 0.9**step)) / (
            np.sqrt(square / (1 - 0.999**step)) + 1e-8
        )
        points.append(point)
    return np.array(points)


def _signs(slope: Slope, start, rate, steps) -> np.ndarray:
    point, square, points = np.array(start, float), np.zeros(2), [np.array(start, float)]
    for _ in range(steps + 1):
        gradient = np.array(slope(*point))
        square = 0.99 * square + 0.01 * gradient**2
        point = point - rate * gradient / (np.sqrt(square) + 1e-8)
        points.append(point)
    return np.array(points)
