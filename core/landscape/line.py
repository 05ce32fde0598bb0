"""The loss along a straight line through the weights, with its slope and curvature."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from core.landscape.arena import Arena
from core.landscape.laid import Laid
from core.scenery import LineView, read_only
from core.training.step import Interrupted


def along(  # noqa: PLR0917  line and plane first, then who asks
    laid: Laid,
    arena: Arena,
    left: float,
    right: float,
    points: int,
    key: int,
    interrupted: Callable[[], bool],
) -> LineView:
    """The objective along the plane's x axis, at the height of its centre.

    The parameters are a function of one number t, so that differentiating twice by t costs two
    backward passes a point however many parameters there are. A network of ReLUs is straight
    between its kinks: what bends there is the loss function alone.

    Args:
        laid: The plane.
        arena: What the objective is of.
        left: Where the line begins, in units of the x axis.
        right: Where it ends.
        points: So many, both ends included; at least 2.
        key: The plane's.
        interrupted: Looked at before each point.

    Raises:
        Interrupted: ``interrupted`` said so.
    """
    x, y = laid.centre
    values = np.linspace(left, right, points)
    # Tensors born in inference mode could not be saved for the backward pass.
    with torch.inference_mode(False), torch.enable_grad():
        base = laid.flat.base + y * laid.flat.d2
        direction = laid.flat.d1.clone()
        rows = []
        for value in values:
            if interrupted():
                raise Interrupted
            t = torch.tensor(value, dtype=torch.float64, device=base.device, requires_grad=True)
            rows.append(_derivatives(arena.objective(base + t * direction), t))
    loss, slope, curvature = (read_only(row) for row in np.array(rows, np.float32).T.copy())
    return LineView(key, read_only(values), loss, slope, curvature, x)


def _derivatives(loss: Tensor, t: Tensor) -> tuple[float, float, float]:
    """The loss and its first two derivatives by t."""
    (slope,) = torch.autograd.grad(loss, t, create_graph=True)
    curvature = torch.zeros(())
    # A slope that is the same everywhere, as of an absolute error, has no graph of its own.
    if slope.requires_grad:
        (curvature,) = torch.autograd.grad(slope, t, materialize_grads=True)
    return loss.item(), slope.item(), curvature.item()
