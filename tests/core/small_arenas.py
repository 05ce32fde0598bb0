"""Landscapes small enough to check by other means, and materials made of them."""

import torch
from torch.nn import functional

from core.landscape.losses.arena import Flat, Material, Route, Scores


class OnPlane:
    """Point by point, and counting."""

    def __init__(self, arena, flat):
        self._arena = arena
        self._flat = flat

    def scores(self, points, interrupted):
        self._arena.feet += len(points)
        return self._arena.scored(torch.stack([self._flat.at(*point) for point in points.tolist()]))


class SmallArena:
    """A loss of p parameters by a plain function of torch."""

    window = None
    samples = 7
    weight = 1
    of = 9

    def __init__(self, names, shapes):
        self.names = names
        self.shapes = [torch.Size(shape) for shape in shapes]
        self.states = self.feet = 0

    @property
    def size(self):
        return sum(shape.numel() for shape in self.shapes)

    def quick(self):
        return self

    def on_plane(self, flat: Flat):
        return OnPlane(self, flat)

    def scores(self, states, interrupted):
        self.states += len(states)
        return self.scored(states)

    def scored(self, states):
        with torch.no_grad():
            loss = torch.stack([self.objective(state).float() for state in states])
        return Scores(loss, torch.zeros_like(loss), None)


class Quadratic(SmallArena):
    """½ θᵀHθ + bᵀθ, computed in float64."""

    def __init__(self, hessian, slope=None):
        hessian = torch.as_tensor(hessian, dtype=torch.float64)
        super().__init__(["0.weight"], [(1, len(hessian))])
        self.hessian = hessian
        self.slope = torch.zeros(len(hessian)) if slope is None else torch.as_tensor(slope)

    def objective(self, parameters):
        theta = parameters.double()
        return theta @ self.hessian @ theta / 2 + self.slope.double() @ theta


class Perceptron(SmallArena):
    """inputs - hidden - 1 with a mean squared error over 12 fixed points, in float64.

    It is as precise as its float32 parameters, so that derivatives can be compared closely.
    """

    def __init__(self, hidden=3, activation=torch.tanh, inputs=2):
        super().__init__(
            ["0.weight", "0.bias", "1.weight", "1.bias"],
            [(hidden, inputs), (hidden,), (1, hidden), (1,)],
        )
        self.activation = activation
        generator = torch.Generator().manual_seed(3)
        self.x = torch.randn(12, inputs, generator=generator, dtype=torch.float64)
        self.y = torch.randn(12, 1, generator=generator, dtype=torch.float64)

    def split(self, parameters):
        parts = torch.split(parameters, [shape.numel() for shape in self.shapes])
        return [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def objective(self, parameters):
        w1, b1, w2, b2 = self.split(parameters.double())
        a = self.activation(functional.linear(self.x, w1, b1))
        return functional.mse_loss(functional.linear(a, w2, b2), self.y)


def weights(size, seed=0, scale=1.0):
    """(p,) float32."""
    return scale * torch.randn(size, generator=torch.Generator().manual_seed(seed))


def descent(arena, start, rate=0.1, steps=12):
    """The states of gradient descent, the first included."""
    states = [start]
    for _ in range(steps):
        theta = states[-1].clone().requires_grad_()
        (gradient,) = torch.autograd.grad(arena.objective(theta), theta)
        states.append((theta - rate * gradient).detach())
    return states


def material_of(arena, states, chosen=None, at=-1, **fields):
    """A run's, which stands at one of its states; one state a step, beginning at 0."""
    at %= len(states)
    run = Route(-1, "This run", list(range(len(states))), states, None, at)
    return Material(arena, states[at], at, (run,), chosen or {}, **fields)


def never():
    return False
