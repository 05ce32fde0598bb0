"""Small sets of points in classes, drawn afresh from a seed, that one can see a network part."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.data.base import Dataset, DataShape, DataSource
from core.data.split import split

Points = NDArray[np.float64]
Labels = NDArray[np.int64]


_OF_A_CLOUD = "The standard deviation of each cloud, in both directions."


def _spread(
    usual: float,
    title: str = "Noise",
    description: str = "The standard deviation of the Gaussian noise that moves the points.",
) -> float:
    field: float = Field(usual, ge=0, le=1, title=title, description=description)
    return field


class ToySource(DataSource):
    """What all toy sets share: how many points, how noisy, and how many are kept for testing."""

    features: ClassVar[tuple[str, ...]] = ("x₁", "x₂")

    samples: int = Field(
        400,
        ge=4,
        le=20_000,
        title="Samples",
        description="How many points are drawn, training and test together.",
    )
    noise: float = _spread(0.1)
    test_fraction: float = Field(
        0.25,
        ge=0,
        le=0.9,
        title="Test fraction",
        description="The part of the points that is never trained on, only tested on.",
    )


class ToyClasses(ToySource):
    """Points in the plane in as many classes as ``classes`` says, equally many of each."""

    classes: ClassVar[int] = 2

    def shape(self) -> DataShape:
        """``(2,)`` inputs and ``classes`` outputs."""
        return DataShape((len(self.features),), "classification", self.classes)

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """One point for each label, before noise.

        Args:
            labels: ``(n,)`` class indices.
            rng: Decides where in its class a point lies.

        Returns:
            ``(n, 2)``.
        """
        raise NotImplementedError

    def load(self, seed: int) -> Dataset:
        """``(n, 2)`` float32 inputs and ``(n,)`` int64 labels; each class occurs in training."""
        rng = np.random.default_rng(seed)
        labels = np.arange(self.samples) % self.classes
        inputs = self.points(labels, rng)
        inputs = inputs + self.noise * rng.standard_normal(inputs.shape)
        train, test = split(self.samples, self.test_fraction, rng, labels)
        x = inputs.astype(np.float32)
        return Dataset.from_arrays(
            self.shape(),
            (x[train], labels[train]),
            (x[test], labels[test]),
            class_names=tuple(str(label) for label in range(self.classes)),
            feature_names=self.features,
        )


def _on_circle(angle: Points, radius: Points | float) -> Points:
    """``(n, 2)`` points at ``(n,)`` angles, in radians, and a distance from the origin."""
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


class XorCloud(ToyClasses):
    """The four quadrants; a single line cannot part them (Minsky and Papert, 1969)."""

    kind: Literal["xor_cloud"] = "xor_cloud"
    label: ClassVar[str] = "XOR"
    description: ClassVar[str] = (
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
    label: ClassVar[str] = "Circles"
    description: ClassVar[str] = "One class surrounds the other, so the border has to be closed."
    noise: float = _spread(0.05)
    inner_radius: float = Field(
        0.5,
        ge=0.1,
        le=0.9,
        title="Inner radius",
        description="The radius of the inner ring; the outer ring's is 1.",
    )

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """Class 0 on the outer ring, class 1 on the inner."""
        angle = rng.uniform(0, 2 * np.pi, len(labels))
        return _on_circle(angle, np.where(labels == 0, 1.0, self.inner_radius))


class Moons(ToyClasses):
    """Two half rings that reach into each other."""

    kind: Literal["moons"] = "moons"
    label: ClassVar[str] = "Moons"
    description: ClassVar[str] = "Two crescents reach into each other, so the border has to bend."

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
    label: ClassVar[str] = "Two clouds"
    description: ClassVar[str] = "Two round clouds, which a single straight line parts best."
    noise: float = _spread(
        0.25, "Spread", "The standard deviation of each cloud, in both directions."
    )
    separation: float = Field(
        1.4,
        ge=0,
        le=4,
        title="Separation",
        description="How far apart the centres of the two clouds are.",
    )

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """The centres, on the diagonal; class 0 is the lower left one."""
        along = np.where(labels == 0, -1.0, 1.0) * self.separation / np.sqrt(8)
        return np.stack([along, along], axis=1)


class Spiral(ToyClasses):
    """Two arms wound around each other (Lang and Witbrock, 1988)."""

    kind: Literal["spiral"] = "spiral"
    label: ClassVar[str] = "Spiral"
    description: ClassVar[str] = "Two arms wind around each other: hard for a small network."
    noise: float = _spread(0.02)
    turns: float = Field(
        1.0,
        ge=0.25,
        le=3,
        title="Turns",
        description="How many times each arm winds around the middle.",
    )

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """Radius 0.05 to 1 grows with the angle; class 1 is class 0 turned by half a circle."""
        radius = rng.uniform(0.05, 1, len(labels))
        return _on_circle(2 * np.pi * self.turns * radius + np.pi * labels, radius)


class Checkerboard(ToyClasses):
    """Squares in two colours."""

    kind: Literal["checkerboard"] = "checkerboard"
    label: ClassVar[str] = "Checkerboard"
    description: ClassVar[str] = "Squares in turn: many separate regions that need many neurons."
    noise: float = _spread(0.0)
    cells: int = Field(
        4, ge=2, le=8, title="Squares a side", description="How many squares lie along each side."
    )

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """Evenly over the squares of a class; class 0 has the lower left one, at (-1, -1)."""
        row, column = np.divmod(np.arange(self.cells**2), self.cells)
        colour = (row + column) % 2
        picked = np.empty(len(labels), dtype=np.int64)
        for label in range(self.classes):
            of_label = labels == label
            picked[of_label] = rng.choice(np.flatnonzero(colour == label), of_label.sum())
        corner = np.stack([column[picked], row[picked]], axis=1)
        return 2 * (corner + rng.uniform(0, 1, corner.shape)) / self.cells - 1


class ThreeClasses(ToyClasses):
    """Three round clouds, for softmax."""

    classes: ClassVar[int] = 3

    kind: Literal["three_classes"] = "three_classes"
    label: ClassVar[str] = "Three clouds"
    description: ClassVar[str] = "Three round clouds: the smallest task that needs three outputs."
    noise: float = _spread(
        0.2, "Spread", "The standard deviation of each cloud, in both directions."
    )

    def points(self, labels: Labels, rng: np.random.Generator) -> Points:
        """The centres, a third of a circle apart; class 0 is at the top."""
        return _on_circle(np.pi / 2 + 2 * np.pi * labels / 3, 0.7)
