"""Writes a loss surface to a file: all numbers, or a picture of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import UserError
from core.landscape.losses.arena import Material
from core.landscape.plane.laid import LaidPlane
from core.landscape.surface.surface import GridLosses, objective_of
from core.messages.surface_views import Doubles


def write(  # noqa: PLR0917  all that the file holds
    path: Path,
    grid: GridLosses,
    laid: LaidPlane,
    points: Doubles,
    material: Material,
    rows: NDArray[np.int64],
) -> None:
    """Writes a surface.

    Args:
        path: ``.npz`` for numbers: x (w,), y (h,), loss, objective, accuracy (h, w), path (k, 2)
            with its steps (k,), titles and note, and the rows (s,) of the training data that
            the loss is averaged over; ``.png`` or ``.svg`` for a picture.
        grid: The surface.
        laid: Its plane.
        points: (k, 2) where the path lies on it.
        material: What it is of.
        rows: (s,) the samples, by their rows in the training data.

    Raises:
        UserError: There is nothing to draw.
        OSError: The file cannot be written.
    """
    if path.suffix.lower() != ".npz":
        _draw(path, grid, laid, points)
        return
    steps = [step for route in material.routes for step in route.steps]
    arrays = {
        "x": grid.x,
        "y": grid.y,
        "loss": grid.loss,
        "objective": objective_of(grid),
        "path": points,
        "steps": np.array(steps, np.int64),
        "titles": np.array(laid.titles),
        "note": np.array(str(laid.note)),
        "samples": np.array([material.arena.samples, material.arena.of]),
        "rows": rows,
        "base": laid.flat.base.numpy(),
        "d1": laid.flat.d1.numpy(),
        "d2": laid.flat.d2.numpy(),
    }
    if grid.accuracy is not None:
        arrays["accuracy"] = grid.accuracy
    with path.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)  # type: ignore[arg-type]


def _draw(path: Path, grid: GridLosses, laid: LaidPlane, points: Doubles) -> None:
    from matplotlib.figure import Figure

    finite = grid.loss[np.isfinite(grid.loss)]
    if not len(finite):
        raise UserError(
            "The loss is not a finite number anywhere in this range.", "Choose a smaller --range."
        )
    logarithmic = bool((finite > 0).all())
    height = np.log10(grid.loss) if logarithmic else grid.loss
    top = float(np.percentile(height[np.isfinite(height)], 99))
    height = np.where(np.isfinite(height), np.minimum(height, top), np.nan)
    figure = Figure(figsize=(7.2, 6), layout="constrained")
    axes = figure.add_subplot()
    mesh = axes.pcolormesh(grid.x, grid.y, height, shading="gouraud", cmap="viridis")
    lines = axes.contour(
        grid.x, grid.y, height, levels=12, colors="white", linewidths=0.6, linestyles="solid"
    )
    axes.clabel(lines, fontsize=7, fmt=lambda level: f"{10**level if logarithmic else level:.3g}")
    if len(points) > 1:
        axes.plot(points[:, 0], points[:, 1], color="#ff4d6d", linewidth=1.6)
    axes.plot(*laid.centre, "o", color="white", markeredgecolor="#ff4d6d", markersize=8)
    axes.set(xlabel=laid.titles[0], ylabel=laid.titles[1])
    axes.set_xlim(grid.x[0], grid.x[-1])
    axes.set_ylim(grid.y[0], grid.y[-1])
    axes.set_title(str(laid.note), fontsize=8, wrap=True)
    figure.colorbar(mesh, ax=axes, label="log10 of the loss" if logarithmic else "loss")
    figure.savefig(path, dpi=150)
