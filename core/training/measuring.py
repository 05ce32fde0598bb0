"""What a run measures of itself and of the test set, when, and how fast it goes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.messages.changes import RunChange
from core.messages.curves import Curves
from core.training.changes import Changes
from core.training.evaluation import Evaluation, Score
from core.training.grid import Grid, work_of
from core.training.metrics import BinnedCurve, PointCurve, Slice
from core.training.trainer import Trainer

WINDOW = 1.5
"""Seconds that the speed shown is an average of: steady to the eye, quick to follow a change."""


class Measuring:
    """Measures the test set at steps that are asked for, once each.

    Args:
        trainer: Whose weights; they must not change while a measurement is under way.
    """

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        self._work = work_of(trainer.network)
        self._evaluation: Evaluation | None = None
        self._measured: tuple[int, bool] | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether there is something to go on with."""
        return self._evaluation is not None

    @property
    def grid(self) -> Grid:
        """Where it is to measure by itself."""
        batches, tests = self._trainer.batches, self._trainer.held_out.count
        return Grid.of(batches.steps_per_epoch, batches.batch_size, self._work, tests)

    def ask(self, *, whole: bool = True) -> None:
        """Begins to measure the weights as they are, unless that has been done.

        Args:
            whole: All of the test set; else the fixed part, which comes first in any case.
        """
        step = self._trainer.step
        if self._evaluation is not None:
            if whole:
                self._evaluation.go_on_to_all()
        elif self._measured not in ((step, True), (step, whole)):
            self._evaluation = self._trainer.evaluation(whole=whole)

    def go_on(self, until: float, interrupted: Callable[[], bool]) -> Score | None:
        """Measures on until a moment or an interruption; gives a score when it has one."""
        assert self._evaluation is not None
        score = self._evaluation.run(until, interrupted)
        if score is not None:
            self._measured = self._trainer.step, score.samples == self._trainer.held_out.count
            if self._evaluation.is_done:
                self._evaluation = None
        return score

    def hurry(self) -> None:
        """Leaves it at the fixed part, since the run is to go on."""
        if self._evaluation is not None:
            self._evaluation.leave_it_at_the_part()
            if self._evaluation.is_done:
                self._evaluation = None

    def abandon(self) -> None:
        """Drops a measurement under way, before the weights change under it."""
        self._evaluation = None

    def forget(self) -> None:
        """Says that the present step's weights are others than those that were measured."""
        self._measured = None


@dataclass(frozen=True, eq=False)
class MeasuredParts:
    """All that a run has measured, in plain arrays.

    Attributes:
        widths: Of the bins of both training curves.
        arrays: By name: ``train.0.sums``, ``test.1.steps``, ``epoch.0`` and so on.
        changes: What was changed when.
    """

    widths: tuple[int, int]
    arrays: dict[str, NDArray[Any]]
    changes: tuple[RunChange, ...]


class Measured:
    """The curves of a run, the means of its present epoch, and what was changed when.

    Args:
        part: Samples of the test set that are measured often.
        count: All of them.
    """

    def __init__(self, part: int = 0, count: int = 0) -> None:
        self._train = (BinnedCurve(), BinnedCurve())
        self._test = (PointCurve(), PointCurve())
        self._whole = (PointCurve(), PointCurve())
        self._part, self._count = part, count
        self._epoch: tuple[list[float], list[float]] = ([], [])
        self.changes = Changes()

    def add_slice(self, part: Slice) -> None:
        """Adds what a stretch of steps gave."""
        for curve, epoch, values in zip(
            self._train, self._epoch, (part.losses, part.accuracies), strict=True
        ):
            if values is not None:
                curve.add(part.first_step, values)
                epoch.extend(values.tolist())

    def add_score(self, step: int, score: Score) -> None:
        """Adds a measurement of the test set, or of its fixed part."""
        curves = self._whole if self._part < score.samples else self._test
        for curve, value in zip(curves, (score.loss, score.accuracy), strict=True):
            if value is not None:
                curve.add(step, value)

    def knows(self, step: int) -> bool:
        """Whether the whole test set was measured at a step."""
        curves = self._whole if self._part < self._count else self._test
        return curves[0].has(step)

    def truncate(self, step: int) -> None:
        """Forgets what was measured after a step."""
        for curve in (*self._train, *self._test, *self._whole):
            curve.truncate(step)
        self.changes.truncate(step)
        self.forget_epoch()

    def forget_epoch(self) -> None:
        """Begins the means of an epoch anew."""
        for values in self._epoch:
            values.clear()

    def end_epoch(self) -> tuple[float, float | None]:
        """The means of loss and accuracy over the epoch now over."""
        losses, accuracies = self._epoch
        loss = float(np.mean(losses)) if losses else float("nan")
        accuracy = float(np.mean(accuracies)) if accuracies else None
        self.forget_epoch()
        return loss, accuracy

    def parts(self) -> MeasuredParts:
        """All of it, to be kept and given to :meth:`fill` of another."""
        arrays: dict[str, NDArray[Any]] = {}
        widths = []
        for place, binned in enumerate(self._train):
            width, arrays[f"train.{place}.sums"], arrays[f"train.{place}.counts"] = binned.parts()
            widths.append(width)
        for name, pair in (("test", self._test), ("whole", self._whole)):
            for place, points in enumerate(pair):
                steps, values = points.parts()
                arrays |= {f"{name}.{place}.steps": steps, f"{name}.{place}.values": values}
        for place, means in enumerate(self._epoch):
            arrays[f"epoch.{place}"] = np.array(means, np.float64)
        return MeasuredParts((widths[0], widths[1]), arrays, self.changes.all)

    def fill(self, parts: MeasuredParts) -> None:
        """Takes up what another has measured.

        Raises:
            ValueError: It is not what one could have measured.
        """
        arrays = parts.arrays
        for place, binned in enumerate(self._train):
            sums, counts = (arrays[f"train.{place}.{part}"] for part in ("sums", "counts"))
            binned.fill(parts.widths[place], sums, counts)
        for name, pair in (("test", self._test), ("whole", self._whole)):
            for place, points in enumerate(pair):
                points.fill(*(arrays[f"{name}.{place}.{part}"] for part in ("steps", "values")))
        for place, means in enumerate(self._epoch):
            means[:] = arrays[f"epoch.{place}"].astype(np.float64).reshape(-1).tolist()
        self.changes.all = parts.changes

    def curves(self) -> Curves:
        """The curves, read-only."""
        train, test, whole = (
            [curve.curve() for curve in pair] for pair in (self._train, self._test, self._whole)
        )
        return Curves(
            train_loss=train[0],
            train_accuracy=train[1],
            test_loss=test[0],
            test_accuracy=test[1],
            whole_loss=whole[0],
            whole_accuracy=whole[1],
            changes=self.changes.all,
            test_part=self._part,
            test_count=self._count,
        )


class Pace:
    """Samples a second over the last moments of training, time spent on anything else left out."""

    def __init__(self) -> None:
        # Each (3,): seconds, samples, steps.
        self._parts: deque[NDArray[np.float64]] = deque()
        self._lately = np.zeros(3)
        self._epoch = np.zeros(3)

    def add(self, seconds: float, samples: int, steps: int) -> None:
        """Adds a stretch of training."""
        part = np.array((seconds, samples, steps), np.float64)
        self._parts.append(part)
        self._lately += part
        self._epoch += part
        while self._lately[0] > WINDOW and len(self._parts) > 1:
            self._lately -= self._parts.popleft()

    def end_epoch(self) -> float:
        """The speed of the epoch now over, in samples a second."""
        seconds, samples, _ = self._epoch.tolist()
        self._epoch = np.zeros(3)
        return samples / seconds if seconds else 0.0

    @property
    def samples_per_second(self) -> float | None:
        """None before anything was trained."""
        seconds, samples, _ = self._lately.tolist()
        return samples / seconds if seconds > 0 else None

    def seconds_for(self, steps: int | None) -> float | None:
        """How long so many steps will take; None while unknown."""
        seconds, _, taken = self._lately.tolist()
        return None if steps is None or seconds <= 0 or not taken else steps * seconds / taken
