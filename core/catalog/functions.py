"""Classic functions of two numbers, to watch an optimizer on: the exact loss of a made-up network.

Each is computed for tensors of any shape and differentiated by autograd. x and y are what a network
would call its weights, the value is its loss.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

from core.catalog.base import Choice, entries_of
from core.expression.code import compiled
from core.expression.functions import PI, cos, exp
from core.expression.tree import Expr, Symbol

X, Y = Symbol("x"), Symbol("y")

if TYPE_CHECKING:
    from torch import Tensor

Point = tuple[float, float]

# The roots of 4t³ - 32t + 5 and of Himmelblau's gradient have no short form.
_TANG = -2.903534027771177


class LossFunction(Choice):
    """A function of x and y with the part of it worth seeing.

    Attributes:
        rule: The function, in X and Y.
        domain: Left, right, bottom and top of that part.
        start: Where a race usually begins.
        minima: All global minima, (x, y).
        noise: The standard deviation of what is added to each entry of the gradient, as if it
            had been taken over a small batch; 0 for exact gradients.
    """

    rule: ClassVar[Expr]
    domain: ClassVar[tuple[float, float, float, float]]
    start: ClassVar[Point]
    minima: ClassVar[tuple[Point, ...]]
    noise: ClassVar[float] = 0.0

    @property
    def formula(self) -> Expr:
        """The function, as the loss that it is."""
        return Symbol("L").is_(self.rule)

    def value(self, x: Tensor, y: Tensor) -> Tensor:
        """The function at many points at once.

        Args:
            x: Any shape, floating.
            y: The same shape.

        Returns:
            The same shape; differentiable.
        """
        found: Tensor = _computed(self)(x, y)
        return found

    @property
    def least(self) -> float | None:
        """The value at the global minima; None where there are none."""
        import torch

        if not self.minima:
            return None
        x, y = torch.tensor(self.minima[0], dtype=torch.float64)
        return float(self.value(x, y))


def _dented(t: Expr) -> Expr:
    return t**2 - 10 * cos(2 * PI * t)


def _quartic(t: Expr) -> Expr:
    return t**4 - 16 * t**2 + 5 * t


@cache
def _computed(function: LossFunction) -> Callable[..., Tensor]:
    return compiled(function.rule, X, Y)


class Bowl(LossFunction):
    """The sphere function (De Jong 1975, F1): every direction bends alike."""

    kind: Literal["bowl"] = "bowl"
    label: ClassVar[str] = "Bowl"
    description: ClassVar[str] = "Round: the slope points straight at the minimum from everywhere."
    rule: ClassVar[Expr] = X**2 + Y**2
    domain: ClassVar[tuple[float, float, float, float]] = (-3.0, 3.0, -3.0, 3.0)
    start: ClassVar[Point] = (-2.5, 2.0)
    minima: ClassVar[tuple[Point, ...]] = ((0.0, 0.0),)


class Ravine(LossFunction):
    """A quadratic that bends 40 times as much across as along.

    Gradient descent leaves it above η = 2/40 and crawls along its floor below, for which momentum
    was made (Polyak 1964).
    """

    kind: Literal["ravine"] = "ravine"
    label: ClassVar[str] = "Ravine"
    description: ClassVar[str] = (
        "Steep across, nearly level along: plain descent swings from wall to wall."
    )
    rule: ClassVar[Expr] = X**2 / 2 + 20 * Y**2
    domain: ClassVar[tuple[float, float, float, float]] = (-5.0, 5.0, -2.0, 2.0)
    start: ClassVar[Point] = (-4.5, 1.0)
    minima: ClassVar[tuple[Point, ...]] = ((0.0, 0.0),)


class Rosenbrock(LossFunction):
    """A bent ravine (Rosenbrock 1960, Comput. J. 3, 175), from its usual start."""

    kind: Literal["rosenbrock"] = "rosenbrock"
    label: ClassVar[str] = "Rosenbrock's banana"
    description: ClassVar[str] = "A bent ravine: its floor is found at once, its end hardly ever."
    rule: ClassVar[Expr] = (1 - X) ** 2 + 100 * (Y - X**2) ** 2
    domain: ClassVar[tuple[float, float, float, float]] = (-2.0, 2.0, -1.0, 3.0)
    start: ClassVar[Point] = (-1.2, 1.0)
    minima: ClassVar[tuple[Point, ...]] = ((1.0, 1.0),)


class Beale(LossFunction):
    """Flat arms between steep walls (Beale 1958), from its usual start (Moré et al. 1981)."""

    kind: Literal["beale"] = "beale"
    label: ClassVar[str] = "Beale"
    description: ClassVar[str] = "A level floor between walls that rise to a hundred thousand."
    rule: ClassVar[Expr] = (
        (1.5 - X + X * Y) ** 2 + (2.25 - X + X * Y**2) ** 2 + (2.625 - X + X * Y**3) ** 2
    )
    domain: ClassVar[tuple[float, float, float, float]] = (-4.5, 4.5, -4.5, 4.5)
    start: ClassVar[Point] = (1.0, 1.0)
    minima: ClassVar[tuple[Point, ...]] = ((3.0, 0.5),)


class Himmelblau(LossFunction):
    """Four minima of one depth (Himmelblau 1972)."""

    kind: Literal["himmelblau"] = "himmelblau"
    label: ClassVar[str] = "Himmelblau"
    description: ClassVar[str] = "Four minima, equally deep: a small change decides which is found."
    rule: ClassVar[Expr] = (X**2 + Y - 11) ** 2 + (X + Y**2 - 7) ** 2
    domain: ClassVar[tuple[float, float, float, float]] = (-5.0, 5.0, -5.0, 5.0)
    start: ClassVar[Point] = (0.0, 0.0)
    minima: ClassVar[tuple[Point, ...]] = (
        (3.0, 2.0),
        (-2.805118086952745, 3.131312518250573),
        (-3.779310253377747, -3.283185991286170),
        (3.584428340330492, -1.848126526964404),
    )


class Saddle(LossFunction):
    """A saddle between two minima (Nesterov 2004, Introductory Lectures, example 1.2.2).

    Unlike x² - y² it has a bottom, so that who gets off the saddle arrives somewhere.
    """

    kind: Literal["saddle"] = "saddle"
    label: ClassVar[str] = "Saddle"
    description: ClassVar[str] = (
        "Down along x leads onto a saddle, where the slope all but vanishes; on either side it "
        "goes down further."
    )
    rule: ClassVar[Expr] = X**2 / 2 + Y**4 / 4 - Y**2 / 2
    domain: ClassVar[tuple[float, float, float, float]] = (-2.0, 2.0, -1.6, 1.6)
    start: ClassVar[Point] = (-1.8, 0.001)
    minima: ClassVar[tuple[Point, ...]] = ((0.0, 1.0), (0.0, -1.0))


class Plateau(LossFunction):
    """A well in a plain: a Gaussian upside down, as level outside as a saturated network."""

    kind: Literal["plateau"] = "plateau"
    label: ClassVar[str] = "Plateau"
    description: ClassVar[str] = (
        "A well in a plain: outside of it the slope is next to nothing, as in a saturated network."
    )
    rule: ClassVar[Expr] = 1 - exp(-(X**2 + Y**2) / 2)
    domain: ClassVar[tuple[float, float, float, float]] = (-4.0, 4.0, -4.0, 4.0)
    start: ClassVar[Point] = (-2.5, 1.5)
    minima: ClassVar[tuple[Point, ...]] = ((0.0, 0.0),)


class Rastrigin(LossFunction):
    """A bowl full of dents (Rastrigin 1974; in two dimensions, A = 10)."""

    kind: Literal["rastrigin"] = "rastrigin"
    label: ClassVar[str] = "Rastrigin"
    description: ClassVar[str] = "A bowl full of dents: small steps end in the nearest of them."
    rule: ClassVar[Expr] = 20 + _dented(X) + _dented(Y)
    domain: ClassVar[tuple[float, float, float, float]] = (-5.12, 5.12, -5.12, 5.12)
    start: ClassVar[Point] = (-3.3, 2.7)
    minima: ClassVar[tuple[Point, ...]] = ((0.0, 0.0),)


class StyblinskiTang(LossFunction):
    """Four minima of three depths (Styblinski and Tang 1990, Neural Networks 3, 467)."""

    kind: Literal["styblinski_tang"] = "styblinski_tang"
    label: ClassVar[str] = "Styblinski-Tang"
    description: ClassVar[str] = "Four minima, only one of them the deepest: the start decides."
    rule: ClassVar[Expr] = (_quartic(X) + _quartic(Y)) / 2
    domain: ClassVar[tuple[float, float, float, float]] = (-5.0, 5.0, -5.0, 5.0)
    start: ClassVar[Point] = (0.5, -0.2)
    minima: ClassVar[tuple[Point, ...]] = ((_TANG, _TANG),)


class NoisyBowl(LossFunction):
    """An oval bowl whose gradient is a guess, as SGD's is: exact value, exact mean gradient."""

    kind: Literal["noisy_bowl"] = "noisy_bowl"
    label: ClassVar[str] = "Noisy bowl"
    description: ClassVar[str] = (
        "Each gradient is off by chance, as if taken over a small batch: near the minimum noise "
        "is all there is."
    )
    rule: ClassVar[Expr] = X**2 / 2 + 2 * Y**2
    domain: ClassVar[tuple[float, float, float, float]] = (-4.0, 4.0, -2.5, 2.5)
    start: ClassVar[Point] = (-3.5, 1.5)
    minima: ClassVar[tuple[Point, ...]] = ((0.0, 0.0),)
    noise: ClassVar[float] = 2.0


FUNCTIONS: dict[str, LossFunction] = {
    kind: entry(kind=kind) for kind, entry in entries_of(LossFunction).items()
}
"""One of each by its kind, in the order in which they are written."""
