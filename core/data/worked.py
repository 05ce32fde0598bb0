"""Points typed in by hand, for the examples that one also works out on paper."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from core.data.base import LARGEST, Dataset, DataShape, DataSource

Rows = tuple[tuple[float, ...], ...]


class WorkedExample(DataSource):
    """A few chosen inputs and the targets wanted for them."""

    kind: Literal["worked_example"] = "worked_example"
    label = "Typed-in points"
    description = (
        "A few points with the numbers you type, to check every step against your own arithmetic."
    )
    inputs: Rows = Field(
        ((0.05, 0.1),),
        min_length=1,
        title="Inputs",
        description="One row a sample, one number an input.",
    )
    targets: Rows = Field(
        ((0.01, 0.99),),
        min_length=1,
        title="Targets",
        description="One row a sample, one number an output.",
    )

    @model_validator(mode="after")
    def _is_a_table(self) -> WorkedExample:
        """Refuses rows of different lengths, and inputs without targets."""
        for name, rows in (("inputs", self.inputs), ("targets", self.targets)):
            if len({len(row) for row in rows}) != 1 or not rows[0]:
                raise ValueError(f"all rows of {name} need the same count of numbers, at least one")
            if any(abs(number) > LARGEST for row in rows for number in row):
                raise ValueError(f"a number among the {name} is too large for float32")
        if len(self.inputs) != len(self.targets):
            raise ValueError("inputs and targets need the same count of rows")
        return self

    def shape(self) -> DataShape:
        """As many inputs and target columns as the rows have numbers."""
        return DataShape((len(self.inputs[0]),), "regression", len(self.targets[0]))

    @property
    def suits_sigmoid(self) -> bool:
        """Whether all targets lie between 0 and 1."""
        return all(0 <= number <= 1 for row in self.targets for number in row)

    def load(self, seed: int) -> Dataset:
        """``(n, inputs)`` and ``(n, targets)`` float32; the test samples are the training samples.

        No seed draws any.
        """
        points = np.array(self.inputs, np.float32), np.array(self.targets, np.float32)
        return Dataset.from_arrays(
            self.shape(),
            points,
            points,
            feature_names=_numbered("x", len(self.inputs[0])),
            target_names=_numbered("y", len(self.targets[0])),
        )


def _numbered(letter: str, count: int) -> tuple[str, ...]:
    """``x₁, x₂, ...``; the letter alone where there is only one."""
    if count == 1:
        return (letter,)
    digits = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
    return tuple(letter + str(i).translate(digits) for i in range(1, count + 1))
