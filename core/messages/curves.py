"""What was measured over a run, and what of it holds at a step."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.messages.changes import RunChange
from core.messages.surface_views import Floats


@dataclass(frozen=True, eq=False)
class Curve:
    """One measured quantity over the run: ``steps`` (n,) int64 rising, ``values`` (n,) float32."""

    steps: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    values: Floats = field(default_factory=lambda: np.zeros(0, np.float32))

    def __len__(self) -> int:
        """How many points it has."""
        return len(self.steps)

    @property
    def last(self) -> float | None:
        """The newest value, if there is one."""
        return float(self.values[-1]) if len(self.values) else None

    def until(self, step: int) -> int:
        """How many of its points lie no later than a step."""
        return int(np.searchsorted(self.steps, step, "right"))


@dataclass(frozen=True)
class MeasuredValue:
    """A number and where it comes from.

    Attributes:
        value: The number.
        step: The step whose weights were measured; of a mean over batches, their last one's.
        over: Over how many test samples, or over how many steps' batches.
    """

    value: float
    step: int
    over: int


@dataclass(frozen=True, eq=False)
class Curves:
    """Loss and accuracy for training and test; the accuracies stay empty for regression.

    The training curves are means over bins of steps, taken as the steps were made. The test
    curves are measured on a grid of steps over ``test_part`` samples, always the same; where that
    is not the whole test set, ``whole_loss`` and ``whole_accuracy`` have what was measured over
    all ``test_count``, at the ends of epochs and wherever the run was held. The ``changes`` mark
    them.
    """

    train_loss: Curve = field(default_factory=Curve)
    train_accuracy: Curve = field(default_factory=Curve)
    test_loss: Curve = field(default_factory=Curve)
    test_accuracy: Curve = field(default_factory=Curve)
    whole_loss: Curve = field(default_factory=Curve)
    whole_accuracy: Curve = field(default_factory=Curve)
    changes: tuple[RunChange, ...] = ()
    test_part: int = 0
    test_count: int = 0

    @property
    def all(self) -> tuple[Curve, ...]:
        """Every one of them."""
        test, whole = (self.test_loss, self.test_accuracy), (self.whole_loss, self.whole_accuracy)
        return self.train_loss, self.train_accuracy, *test, *whole

    def train_loss_at(self, step: int) -> MeasuredValue | None:
        """The training loss of the bin that a step lies in; None where none was taken."""
        curve = self.train_loss
        if not len(curve) or step <= 0:
            return None
        place = min(int(np.searchsorted(curve.steps, step)), len(curve) - 1)
        end = int(curve.steps[place])
        # The first bin after opened weights begins amid its steps.
        width = int(curve.steps[1] - curve.steps[0]) if len(curve) > 1 else end
        begun = int(curve.steps[place - 1]) if place else max(0, end - width)
        return MeasuredValue(float(curve.values[place]), end, end - begun)

    def test_loss_at(self, step: int) -> MeasuredValue | None:
        """The newest test loss that was measured no later than a step."""
        return self._newest(self.test_loss, self.whole_loss, step)

    def test_accuracy_at(self, step: int) -> MeasuredValue | None:
        """The same for the accuracy."""
        return self._newest(self.test_accuracy, self.whole_accuracy, step)

    def _newest(self, part: Curve, whole: Curve, step: int) -> MeasuredValue | None:
        """Over all samples, unless a part of them was measured since."""
        found = [
            MeasuredValue(float(curve.values[count - 1]), int(curve.steps[count - 1]), samples)
            for curve, samples in ((part, self.test_part), (whole, self.test_count))
            if (count := curve.until(step))
        ]
        return max(found, key=lambda one: (one.step, one.over), default=None)
