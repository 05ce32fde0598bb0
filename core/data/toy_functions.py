"""Functions of one or two inputs to fit, sampled afresh from a seed with a little noise."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from core.data.base import Dataset, DataShape
from core.data.split import split
from core.data.toy import Points, ToySource


class ToyFunction(ToySource):
    """A function to fit: inputs spread evenly over [-1, 1], one noisy target each."""

    def shape(self) -> DataShape:
        """``(1,)`` or ``(2,)`` inputs and one target column."""
        return DataShape((len(self.features),), "regression", 1)

    def value(self, inputs: Points) -> Points:
        """The function itself, without noise.

        Args:
            inputs: ``(n, features)``.

        Returns:
            ``(n,)``.
        """
        raise NotImplementedError

    def load(self, seed: int) -> Dataset:
        """``(n, features)`` float32 inputs and ``(n, 1)`` float32 targets."""
        rng = np.random.default_rng(seed)
        inputs = rng.uniform(-1, 1, (self.samples, len(self.features)))
        targets = self.value(inputs) + self.noise * rng.standard_normal(self.samples)
        train, test = split(self.samples, self.test_fraction, rng)
        x, y = inputs.astype(np.float32), targets.astype(np.float32)[:, None]
        return Dataset.from_arrays(
            self.shape(),
            (x[train], y[train]),
            (x[test], y[test]),
            feature_names=self.features,
            target_names=("y",),
        )


class Sine(ToyFunction):
    """A wave over one input."""

    features: ClassVar[tuple[str, ...]] = ("x",)

    kind: Literal["sine"] = "sine"
    label: ClassVar[str] = "Sine"
    description: ClassVar[str] = "A wave to fit: one input, one output, drawn as a curve."
    frequency: float = Field(
        1.0,
        ge=0.1,
        le=5,
        title="Frequency",
        description="How many whole waves lie between -1 and 1.",
    )

    def value(self, inputs: Points) -> Points:
        """sin(pi * frequency * x)."""
        return np.sin(np.pi * self.frequency * inputs[:, 0])


class TiltedPlane(ToyFunction):
    """A linear function, which a single neuron fits exactly."""

    kind: Literal["plane"] = "plane"
    label: ClassVar[str] = "Plane"
    description: ClassVar[str] = (
        "A tilted plane: one neuron without activation can find these very slopes."
    )
    slope_1: float = Field(
        1.0, ge=-5, le=5, title="Slope along x₁", description="How much y grows when x₁ grows by 1."
    )
    slope_2: float = Field(
        -0.5,
        ge=-5,
        le=5,
        title="Slope along x₂",
        description="How much y grows when x₂ grows by 1.",
    )
    offset: float = Field(
        0.0, ge=-5, le=5, title="Offset", description="The value of y where both inputs are 0."
    )

    def value(self, inputs: Points) -> Points:
        """slope_1 * x₁ + slope_2 * x₂ + offset."""
        return self.slope_1 * inputs[:, 0] + self.slope_2 * inputs[:, 1] + self.offset


class Bumps(ToyFunction):
    """Two hills and two hollows."""

    centres: ClassVar[tuple[tuple[float, float], ...]] = (
        (0.5, 0.5),
        (-0.5, -0.5),
        (-0.5, 0.5),
        (0.5, -0.5),
    )
    heights: ClassVar[tuple[float, ...]] = (1.0, 1.0, -1.0, -1.0)

    kind: Literal["bumps"] = "bumps"
    label: ClassVar[str] = "Bumps"
    description: ClassVar[str] = "Two hills and two hollows: a smooth landscape over two inputs."
    width: float = Field(
        0.25,
        ge=0.1,
        le=1,
        title="Width",
        description="How wide each bump is: the standard deviation of its Gaussian.",
    )

    def value(self, inputs: Points) -> Points:
        """The sum of height * exp(-distance² / (2 width²)) over the bumps."""
        offset = inputs[:, None, :] - np.array(self.centres)
        bump = np.exp(-(offset**2).sum(axis=2) / (2 * self.width**2))
        total: Points = bump @ np.array(self.heights)
        return total
