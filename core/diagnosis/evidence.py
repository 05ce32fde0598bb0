"""What is measured of a run to tell what ails it: plain numbers, no tensor."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from core.data.base import DataShape
from core.experiment.layers import Layer, Path
from core.experiment.spec import ExperimentSpec
from core.messages.curves import Curve, Curves

LEARNED = 0.5
"""Of what guessing costs: with a loss below that, a network has learned something."""


@dataclass(frozen=True)
class LayerEvidence:
    """One layer, looked at with the samples of the probe.

    Attributes:
        path, name, layer: Which.
        units: Its units, of images channels.
        is_weighted: Whether it has weights to learn.
        follows_weights: Whether it, or one before it, has.
        is_output: Whether it is the last.
        silent: Units whose activation is 0 for every sample.
        flat: The share of its activations where the slope is below a twentieth of the steepest;
            0 for functions without ends.
        size: The root mean square of its activations.
        gradient: The mean over samples of the norm of the loss's gradient by its z.
        weight, weight_before: The root mean square of its weights, now and when the run's
            baseline was taken.
        alike: Whether all units have the same weights and the same gradient.
    """

    path: Path
    name: str
    layer: Layer
    units: int
    is_weighted: bool
    follows_weights: bool
    is_output: bool
    silent: int = 0
    flat: float = 0.0
    size: float = 0.0
    gradient: float = 0.0
    weight: float = 0.0
    weight_before: float = 0.0
    alike: bool = False

    @property
    def activation(self) -> str:
        """The kind of its activation."""
        chosen = self.layer.activation_of()
        return chosen.kind if chosen is not None else "identity"

    @property
    def is_hidden(self) -> bool:
        """Whether it has weights and others come after it."""
        return self.is_weighted and not self.is_output


@dataclass(frozen=True)
class DataEvidence:
    """The training samples.

    Attributes:
        shape: What they are.
        samples: How many an epoch draws.
        guess: The loss of the one answer for all samples that has the least.
        low, high: The least and the largest target, for regression.
        counts: Samples a class as the data have them; empty for regression.
        names: The classes'.
    """

    shape: DataShape
    samples: int
    guess: float
    low: float = 0.0
    high: float = 0.0
    counts: tuple[int, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def rarest(self) -> int | None:
        """The class with the fewest samples, of those that have any; None without two of them."""
        present = [label for label, count in enumerate(self.counts) if count]
        return min(present, key=self.counts.__getitem__) if len(present) > 1 else None


@dataclass(frozen=True)
class Journey:
    """How far the weights have come.

    Attributes:
        since: The step from which it is counted: the run's first, or the last change of a rule.
        loss_before: The loss on the probe there.
        moved: The length of the way, as a share of the weights' own size; None where unknown.
        factor: How many times as far ``loss_beyond`` lies in the same direction.
        loss_beyond: The loss there; None where it was not looked at.
    """

    since: int
    loss_before: float
    moved: float | None = None
    factor: float = 1.0
    loss_beyond: float | None = None


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that illnesses are told by.

    Attributes:
        spec: The experiment.
        step: Updates made.
        diverged: Whether the run stands before a step that was not finite.
        data: Its samples.
        layers: In the order of computation.
        journey: How far it has come.
        curves: Up to the step.
        probed: The samples of the probe.
        loss: On them, now.
        spread: How much the outputs differ from sample to sample: their standard deviation.
        rare_recall: The share of the rarest class's samples that are answered right; None where
            the classes are about as frequent as one another.
    """

    spec: ExperimentSpec
    step: int
    diverged: bool
    data: DataEvidence
    layers: tuple[LayerEvidence, ...]
    journey: Journey
    probed: int
    loss: float
    curves: Curves = field(default_factory=Curves)
    spread: float = 0.0
    rare_recall: float | None = None

    @property
    def weighted(self) -> tuple[LayerEvidence, ...]:
        """The layers that have weights."""
        return tuple(layer for layer in self.layers if layer.is_weighted)

    @property
    def steps(self) -> int:
        """Updates by the present rules."""
        return self.step - self.journey.since

    @property
    def yardstick(self) -> float:
        """What guessing costs; of a single sample, which one answer fits, the loss at first."""
        guess = self.data.guess
        return guess if guess > 1e-9 else self.journey.loss_before

    @property
    def is_whole_batch(self) -> bool:
        """Whether a step sees all samples."""
        whole = self.spec.optimizer.full_batch
        return whole or self.spec.training.batch_size >= self.data.samples

    def losses(self, first: float, last: float = 1.0) -> float | None:
        """The mean training loss between two shares of the steps by the present rules.

        None where nothing was measured there.
        """
        curve, since = self.curves.train_loss, self.journey.since
        begin, end = since + first * self.steps, since + last * self.steps
        within = (curve.steps > begin) & (curve.steps <= end)
        return float(np.mean(curve.values[within])) if within.any() else None

    @property
    def recent(self) -> float:
        """The training loss of the last quarter of these steps; before any, the probe's."""
        found = self.losses(0.75) if self.steps else None
        return self.loss if found is None else found

    @property
    def has_learned(self) -> bool:
        """Whether it does clearly better than guessing."""
        return max(self.recent, self.loss) < LEARNED * self.yardstick


def until(curves: Curves, step: int) -> Curves:
    """The curves without what was measured after a step."""

    def cut(curve: Curve) -> Curve:
        kept = curve.until(step)
        return Curve(curve.steps[:kept], curve.values[:kept])

    return replace(
        curves,
        train_loss=cut(curves.train_loss),
        train_accuracy=cut(curves.train_accuracy),
        test_loss=cut(curves.test_loss),
        test_accuracy=cut(curves.test_accuracy),
        changes=tuple(change for change in curves.changes if change.step <= step),
    )
