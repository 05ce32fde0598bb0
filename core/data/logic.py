"""Logic gates: the four points on which the perceptron succeeds, and the one where it fails."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from core.data.base import Dataset, DataShape, DataSource


class Gate(DataSource):
    """A function of two bits, as four exact points in two classes."""

    truth: ClassVar[tuple[int, int, int, int]]
    """The outputs for the inputs 01, 10, 11 and 00."""

    def shape(self) -> DataShape:
        """``(2,)`` inputs and two classes."""
        return DataShape((2,), "classification", 2)

    def load(self, seed: int) -> Dataset:
        """``(4, 2)`` inputs of 0 and 1, ``(4,)`` labels.

        There are only four points, so the test samples are the training samples, and no seed
        draws any. The one of two zeros comes last: as a first sample to look at it would pass
        nothing on, and hardly any gradient back.
        """
        inputs = np.array([[0, 1], [1, 0], [1, 1], [0, 0]], np.float32)
        points = inputs, np.array(self.truth, np.int64)
        return Dataset.from_arrays(
            self.shape(), points, points, class_names=("0", "1"), feature_names=("x₁", "x₂")
        )


class AndGate(Gate):
    """Both inputs; one line parts the classes."""

    kind: Literal["and_gate"] = "and_gate"
    label = "AND gate"
    description = "1 only where both inputs are 1: a single neuron can learn it."
    truth = (0, 0, 1, 0)


class OrGate(Gate):
    """Either input; one line parts the classes."""

    kind: Literal["or_gate"] = "or_gate"
    label = "OR gate"
    description = "1 where any input is 1: a single neuron can learn it."
    truth = (1, 1, 1, 0)


class XorGate(Gate):
    """Exactly one input; no single line parts the classes (Minsky and Papert, 1969)."""

    kind: Literal["xor_gate"] = "xor_gate"
    label = "XOR gate"
    description = "1 where the inputs differ: it takes a hidden layer to learn it."
    truth = (1, 1, 0, 0)
