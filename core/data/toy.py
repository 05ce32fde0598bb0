"""Small sets to see a network learn, drawn afresh from a seed: points in classes, and functions."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from core.data.base import Dataset, DataShape, DataSource, Samples, Task, setting
from core.data.split import split

Points = NDArray[np.float64]
Labels = NDArray[np.int64]


def _noise(usual: float) -> Any:
    return setting(
        usual, 0, 1, "Noise", "The standard deviation of the Gaussian noise that moves the points."
    )


def _spread(usual: float) -> Any:
    return setting(
        usual, 0, 1, "Spread", "The standard deviation of each cloud, in both directions."
    )


class ToySource(DataSource):
    """What all toy sets share: how many points, how noisy, and how many are kept for testing."""

    features: ClassVar[tuple[str, ...]] = ("x₁", "x₂")
    class_names: ClassVar[tuple[str, ...]] = ()
    target_names: ClassVar[tuple[str, ...]] = ()

    samples: int = setting(
        400, 4, 20_000, "Samples", "How many points are drawn, training and test together."
    )
    noise: float = _noise(0.1)
    test_fraction: float = setting(
        0.25,
        0,
        0.9,
        "Test fraction",
        "The part of the points that is never trained on, only tested on.",
    )

    def shape(self) -> DataShape:
        """``(1,)`` or ``(2,)`` inputs; an output for each class, or one target column."""
        task: Task = "classification" if self.class_names else "regression"
        outputs = len(self.class_names or self.target_names)
        return DataShape((len(self.features),), task, outputs)

    def drawn(self, rng: np.random.Generator) -> Samples:
        """All samples, with noise: ``(n, features)``, and labels or targets as ``Dataset`` has."""
        raise NotImplementedError

    def load(self, seed: int) -> Dataset:
        """``(n, features)`` float32 inputs; ``(n,)`` int64 labels or ``(n, 1)`` float32 targets.

        Each class occurs in training.
        """
        rng = np.random.default_rng(seed)
        inputs, y = self.drawn(rng)
        labels = y if self.class_names else None
        train, test = split(self.samples, self.test_fraction, rng, labels)
        x = inputs.astype(np.float32)
        return Dataset.from_arrays(
            self.shape(),
            (x[train], y[train]),
            (x[test], y[test]),
            class_names=self.class_names,
            feature_names=self.features,
            target_names=self.target_names,
        )


class ToyClasses(ToySource):
    """Points in the plane in classes, equally many of each."""

    class_names: ClassVar[tuple[str, ...]] = ("0", "1")

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """``(n, 2)``: one point for each of ``(n,)`` class indices, before noise."""
        raise NotImplementedError

    def drawn(self, rng: np.random.Generator) -> Samples:
        labels = np.arange(self.samples) % len(self.class_names)
        points = self.points(labels, rng)
        return points + self.noise * rng.standard_normal(points.shape), labels


class ToyFunction(ToySource):
    """A function to fit: inputs spread evenly over [-1, 1], one noisy target each."""

    target_names = ("y",)

    def value(self, inputs: Points) -> Points:
        """``(n,)``: the function itself, without noise, at inputs ``(n, features)``."""
        raise NotImplementedError

    def drawn(self, rng: np.random.Generator) -> Samples:
        inputs = rng.uniform(-1, 1, (self.samples, len(self.features)))
        targets = self.value(inputs) + self.noise * rng.standard_normal(self.samples)
        return inputs, targets.astype(np.float32)[:, None]


def _on_circle(angle: Points, radius: Points | float) -> Points:
    """``(n, 2)`` points at ``(n,)`` angles, in radians, and a distance from the origin."""
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


class XorCloud(ToyClasses):
    """The four quadrants; a single line cannot part them (Minsky and Papert, 1969)."""

    kind: Literal["xor_cloud"] = "xor_cloud"
    label = "XOR clouds"
    description = (
        "Opposite quadrants belong together, so that no single straight line can part the classes."
    )

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """Class 0 where both coordinates have the same sign, with a small gap at the axes."""
        size = rng.uniform(0.05, 1, (len(labels), 2))
        sign = rng.choice([-1.0, 1.0], len(labels))
        quadrant = np.stack([sign, np.where(labels == 0, sign, -sign)], axis=1)
        scattered: Points = size * quadrant
        return scattered


class Circles(ToyClasses):
    """A ring around a ring."""

    kind: Literal["circles"] = "circles"
    label = "Circles"
    description = "One class surrounds the other, so the border has to be closed."
    noise: float = _noise(0.05)
    inner_radius: float = setting(
        0.5, 0.1, 0.9, "Inner radius", "The radius of the inner ring; the outer ring's is 1."
    )

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """Class 0 on the outer ring, class 1 on the inner."""
        angle = rng.uniform(0, 2 * np.pi, len(labels))
        return _on_circle(angle, np.where(labels == 0, 1.0, self.inner_radius))


class Moons(ToyClasses):
    """Two half rings that reach into each other."""

    kind: Literal["moons"] = "moons"
    label = "Moons"
    description = "Two crescents reach into each other, so the border has to bend."

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """Class 0 is the upper moon; both fit into [-1, 1] by [-0.5, 0.5]."""
        upper = _on_circle(rng.uniform(0, np.pi, len(labels)), 1.0)
        lower = np.array([1.0, 0.5]) - upper
        moon = np.where(labels[:, None] == 0, upper, lower)
        centred: Points = (moon - np.array([0.5, 0.25])) / 1.5
        return centred


class Gaussians(ToyClasses):
    """Two round clouds."""

    kind: Literal["gaussians"] = "gaussians"
    label = "Two clouds"
    description = "Two round clouds, which a single straight line parts best."
    noise: float = _spread(0.25)
    separation: float = setting(
        1.4, 0, 4, "Separation", "How far apart the centres of the two clouds are."
    )

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """The centres, on the diagonal; class 0 is the lower left one."""
        along = np.where(labels == 0, -1.0, 1.0) * self.separation / np.sqrt(8)
        return np.stack([along, along], axis=1)


class Spiral(ToyClasses):
    """Two arms wound around each other (Lang and Witbrock, 1988)."""

    kind: Literal["spiral"] = "spiral"
    label = "Spiral"
    description = "Two arms wind around each other: hard for a small network."
    noise: float = _noise(0.02)
    turns: float = setting(
        1.0, 0.25, 3, "Turns", "How many times each arm winds around the middle."
    )

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """Radius 0.05 to 1 grows with the angle; class 1 is class 0 turned by half a circle."""
        radius = rng.uniform(0.05, 1, len(labels))
        return _on_circle(2 * np.pi * self.turns * radius + np.pi * labels, radius)


class Checkerboard(ToyClasses):
    """Squares in two colours."""

    kind: Literal["checkerboard"] = "checkerboard"
    label = "Checkerboard"
    description = "Squares in turn: many separate regions that need many neurons."
    noise: float = _noise(0.0)
    cells: int = setting(4, 2, 8, "Squares a side", "How many squares lie along each side.")

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """Evenly over the squares of a class; class 0 has the lower left one, at (-1, -1)."""
        row, column = np.divmod(np.arange(self.cells**2), self.cells)
        colour = (row + column) % 2
        picked = np.empty(len(labels), dtype=np.int64)
        for label in range(len(self.class_names)):
            of_label = labels == label
            picked[of_label] = rng.choice(np.flatnonzero(colour == label), of_label.sum())
        corner = np.stack([column[picked], row[picked]], axis=1)
        return 2 * (corner + rng.uniform(0, 1, corner.shape)) / self.cells - 1


class ThreeClasses(ToyClasses):
    """Three round clouds, for softmax."""

    class_names = ("0", "1", "2")

    kind: Literal["three_classes"] = "three_classes"
    label = "Three clouds"
    description = "Three round clouds: the smallest task that needs three outputs."
    noise: float = _spread(0.2)

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """The centres, a third of a circle apart; class 0 is at the top."""
        return _on_circle(np.pi / 2 + 2 * np.pi * labels / 3, 0.7)


class Sine(ToyFunction):
    """A wave over one input."""

    features = ("x",)

    kind: Literal["sine"] = "sine"
    label = "Sine"
    description = "A wave to fit: one input, one output, drawn as a curve."
    frequency: float = setting(
        1.0, 0.1, 5, "Frequency", "How many whole waves lie between -1 and 1."
    )

    def value(self, inputs: Points) -> Points:
        """sin(pi * frequency * x)."""
        return np.sin(np.pi * self.frequency * inputs[:, 0])


class TiltedPlane(ToyFunction):
    """A linear function, which a single neuron fits exactly."""

    kind: Literal["plane"] = "plane"
    label = "Plane"
    description = "A tilted plane: one neuron without activation can find these very slopes."
    slope_1: float = setting(1.0, -5, 5, "Slope along x₁", "How much y grows when x₁ grows by 1.")
    slope_2: float = setting(-0.5, -5, 5, "Slope along x₂", "How much y grows when x₂ grows by 1.")
    offset: float = setting(0.0, -5, 5, "Offset", "The value of y where both inputs are 0.")

    def value(self, inputs: Points) -> Points:
        """slope_1 * x₁ + slope_2 * x₂ + offset."""
        return self.slope_1 * inputs[:, 0] + self.slope_2 * inputs[:, 1] + self.offset


class Bumps(ToyFunction):
    """Two hills and two hollows."""

    centres: ClassVar = np.array([[0.5, 0.5], [-0.5, -0.5], [-0.5, 0.5], [0.5, -0.5]])
    heights: ClassVar = np.array([1.0, 1.0, -1.0, -1.0])

    kind: Literal["bumps"] = "bumps"
    label = "Bumps"
    description = "Two hills and two hollows: a smooth landscape over two inputs."
    width: float = setting(
        0.25, 0.1, 1, "Width", "How wide each bump is: the standard deviation of its Gaussian."
    )

    def value(self, inputs: Points) -> Points:
        """The sum of height * exp(-distance² / (2 width²)) over the bumps."""
        offset = inputs[:, None, :] - self.centres
        bump = np.exp(-(offset**2).sum(axis=2) / (2 * self.width**2))
        total: Points = bump @ self.heights
        return total
