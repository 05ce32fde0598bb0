"""How sharply the loss bends: the Hessian's largest eigenvalues, by products with vectors alone."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import numpy as np
import torch
from torch import Tensor

from core.errors import UserError
from core.landscape.losses.arena import Arena, Interruption
from core.landscape.plane.laid import LaidPlane
from core.messages.surface_commands import Window
from core.messages.surface_views import LineView, Sharpness, read_only
from core.training.step import Interrupted

LINE_SECONDS = 3.0
"""For the slope and curvature along a line, by which its number of points is chosen."""


def profiles(
    laid: LaidPlane, arena: Arena, window: Window, key: int, interrupted: Interruption
) -> Iterator[LineView]:
    """The line through a window in a few points, then in as many as are quick enough."""
    ends = (window.left, window.right)
    yield along(laid, arena, *ends, 11, key, interrupted)
    begun = perf_counter()
    along(laid, arena, *ends, 2, key, interrupted)
    points = int(LINE_SECONDS / (perf_counter() - begun) * 2)
    if points > 11:
        yield along(laid, arena, *ends, min(points, 101) | 1, key, interrupted)


def along(  # noqa: PLR0917  line and plane first, then who asks
    laid: LaidPlane,
    arena: Arena,
    left: float,
    right: float,
    points: int,
    key: int,
    interrupted: Interruption,
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


EXACT = 128
"""Up to so many parameters the Hessian is built whole: repeated eigenvalues are told apart too."""

TOLERANCE = 1e-4
"""Of ‖Hv - λv‖ / |λ|, at which a pair is known well enough."""

MOST_PRODUCTS = 80
"""After so many the pairs are given as they are, with what is known of their residual."""

NOISE = 1e-6
"""Of the largest eigenvalue: smaller ones cannot be told from zero in float32."""

MOST_NUMBERS = 2**24
"""Numbers in the basis, 8 bytes each."""


def sharpness(
    arena: Arena,
    parameters: Tensor,
    step: int,
    interrupted: Interruption,
    most_products: int = MOST_PRODUCTS,
) -> Sharpness:
    """The two eigenvalues of the trained objective's Hessian that are largest in magnitude.

    Up to ``EXACT`` parameters all of the Hessian is computed; beyond, Lanczos' method finds the
    two, and one that occurs several times may be counted once. Those below ``NOISE`` of the
    largest are given as 0.

    Args:
        arena: What the objective is of.
        parameters: (p,) where.
        step: Updates behind them.
        interrupted: Looked at before each product.
        most_products: A bound on the products with the Hessian, beyond ``EXACT`` parameters.

    Raises:
        Interrupted: ``interrupted`` said so.
        UserError: Loss or derivatives are not finite there.
    """
    hessian = HessianProduct(arena, parameters, interrupted)
    if len(parameters) <= EXACT:
        values, residuals = _by_whole(hessian)
    else:
        values, residuals = _by_lanczos(hessian, most_products)
    floor = NOISE * float(values.abs().max())
    seen = values.abs() > floor
    values = torch.where(seen, values, 0.0)
    residual = float((residuals[seen] / values[seen].abs()).max()) if bool(seen.any()) else 0.0
    ordered = tuple(sorted((values * arena.weight).tolist(), reverse=True))
    return Sharpness(step, ordered, residual, arena.samples)


class HessianProduct:
    """Products of the objective's Hessian with vectors, by differentiating the gradient once more.

    One forward and one backward pass serve all products.

    Raises:
        UserError: The loss or its gradient is not finite.
    """

    def __init__(self, arena: Arena, parameters: Tensor, interrupted: Interruption) -> None:
        self._interrupted = interrupted
        # A tensor born in inference mode could not be saved for the backward pass.
        with torch.inference_mode(False), torch.enable_grad():
            self._parameters = parameters.detach().clone().requires_grad_()
            loss = arena.objective(self._parameters)
            (self._gradient,) = torch.autograd.grad(loss, self._parameters, create_graph=True)
        if not bool(loss.isfinite() and self._gradient.isfinite().all()):
            raise _not_finite()

    def __len__(self) -> int:
        return len(self._parameters)

    @property
    def device(self) -> torch.device:
        """Where the parameters are."""
        return self._parameters.device

    def __call__(self, vector: Tensor) -> Tensor:
        """H v, (p,) float64 to (p,) float64, as precise as the network's float32.

        Raises:
            Interrupted: Somebody wants something else first.
            UserError: It is not finite.
        """
        if self._interrupted():
            raise Interrupted
        if not self._gradient.requires_grad:
            return torch.zeros_like(vector)
        with torch.inference_mode(False):
            (product,) = torch.autograd.grad(
                self._gradient,
                self._parameters,
                vector.to(self._gradient.dtype),
                retain_graph=True,
                materialize_grads=True,
            )
        if not bool(product.isfinite().all()):
            raise _not_finite()
        return product.double()


def _not_finite() -> UserError:
    return UserError(
        "The loss or its derivatives are not finite at these weights.",
        "Go back to a step before the training diverged.",
    )


Pairs = tuple[Tensor, Tensor]
"""Eigenvalues, (1,) or (2,) float64, and ‖Hv - λv‖ of each."""


def _by_whole(hessian: HessianProduct) -> Pairs:
    identity = torch.eye(len(hessian), dtype=torch.float64, device=hessian.device)
    whole = torch.stack([hessian(unit) for unit in identity])
    values, vectors = torch.linalg.eigh((whole + whole.T) / 2)
    chosen = _largest(values)
    left = whole @ vectors[:, chosen] - vectors[:, chosen] * values[chosen]
    return values[chosen], left.norm(dim=0)


def _largest(values: Tensor) -> Tensor:
    """Which two are largest in magnitude, the largest first."""
    return values.abs().argsort(descending=True)[:2]


def _by_lanczos(hessian: HessianProduct, most_products: int) -> Pairs:
    basis = LanczosBasis(hessian)
    values, residuals = basis.extend()
    for _ in range(most_products - 1):
        known = residuals <= TOLERANCE * values.abs().clamp_min(NOISE * float(values.abs().max()))
        if len(values) == 2 and bool(known.all()):
            break
        values, residuals = basis.extend()
    return values, residuals


class LanczosBasis:
    """Lanczos' method with full reorthogonalisation and thick restarts, in float64.

    After j products H V = V T + β v eᵀ with orthonormal columns of V (p, j) and v, so an
    eigenpair (λ, y) of T (j, j) gives λ and Vy with a residual of β |y_j|. A full basis is cut
    down to the vectors Vy of largest |λ|, for which the same holds (Wu and Simon 2000, SIAM J.
    Matrix Anal. Appl. 22(2)); so memory is bounded.
    """

    def __init__(self, hessian: HessianProduct) -> None:
        self._hessian = hessian
        length = len(hessian)
        self._capacity = min(length, max(12, min(64, MOST_NUMBERS // length)))
        self._generator = torch.Generator().manual_seed(0)
        self._vectors = torch.zeros(
            self._capacity + 1, length, dtype=torch.float64, device=hessian.device
        )
        self._projected = torch.zeros(self._capacity + 1, self._capacity + 1, dtype=torch.float64)
        self._count = 0
        start = self._random()
        self._vectors[0] = start / start.norm()

    def extend(self) -> Pairs:
        """One product more; the best pairs then known."""
        if self._count == self._capacity:
            self._restart()
        rows = self._vectors[: self._count + 1]
        rest, parts = _orthogonal(self._hessian(rows[-1]), rows)
        self._projected[self._count, : self._count + 1] = parts.cpu()
        self._projected[: self._count + 1, self._count] = parts.cpu()
        self._count += 1
        self._beta = float(rest.norm())
        if self._beta == 0:
            # The vectors so far are closed under H: others are looked for from anew.
            rest, _ = _orthogonal(self._random(), rows)
        self._vectors[self._count] = rest / rest.norm()
        values, vectors = torch.linalg.eigh(self._projected[: self._count, : self._count])
        chosen = _largest(values)
        return values[chosen], self._beta * vectors[-1, chosen].abs()

    def _restart(self) -> None:
        values, vectors = torch.linalg.eigh(self._projected[: self._count, : self._count])
        kept = values.abs().argsort(descending=True)[: self._capacity // 2]
        mix = vectors[:, kept].T.to(self._vectors.device)
        following = self._vectors[self._count].clone()
        self._vectors[: len(kept)] = mix @ self._vectors[: self._count]
        self._vectors[len(kept)] = following
        self._projected.zero_()
        self._projected[: len(kept), : len(kept)] = torch.diag(values[kept])
        self._count = len(kept)

    def _random(self) -> Tensor:
        drawn = torch.randn(len(self._hessian), generator=self._generator, dtype=torch.float64)
        return drawn.to(self._hessian.device)


def _orthogonal(vector: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    """What of a vector is at right angles to orthonormal rows, and its parts along them."""
    parts = rows @ vector
    rest = vector - parts @ rows
    # Once more, for the rounding errors of what went.
    again = rows @ rest
    return rest - again @ rows, parts + again
