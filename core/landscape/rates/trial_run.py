"""A copy trained at one rate, a slice at a time, and its loss on the same samples each time."""

from __future__ import annotations

from collections.abc import Generator
from time import perf_counter

from core.landscape.losses.arena import Interruption
from core.training.batches import order_of
from core.training.evaluation import Evaluation
from core.training.trainer import Trainer

SAMPLES = 1024
"""Training samples that the loss is measured on before and after, always the same ones: the loss
of one batch would say more of the batch than of the rate."""

OVER = object()
"""What ``next`` gives for work that is done."""

Work = Generator[None, None, None]
"""Work that holds whenever its time may be up."""


class WorkTime:
    """How long work may go on that is under way.

    Attributes:
        until: A moment of ``perf_counter``.
        interrupted: Says that somebody waits.
    """

    def __init__(self) -> None:
        self.until = 0.0
        self.interrupted: Interruption = lambda: False

    def begin(self, until: float, interrupted: Interruption) -> None:
        """The next slice."""
        self.until, self.interrupted = until, interrupted

    def is_over(self) -> bool:
        """Whether to hold now."""
        return perf_counter() >= self.until or self.interrupted()


def trained(trainer: Trainer, steps: int, time: WorkTime) -> Generator[None, None, bool]:
    """Trains until so many steps are taken in all; says whether all of them stayed finite."""
    while trainer.step < steps:
        trainer.run_on(steps - trainer.step, time.until, time.interrupted)
        part = trainer.flush()
        if part is not None and not part.finite:
            return False
        yield
    return True


def measured(trainer: Trainer, time: WorkTime) -> Generator[None, None, float]:
    """The loss on some of the training samples."""
    evaluation = _evaluation(trainer)
    while (score := evaluation.run(time.until, time.interrupted)) is None:
        yield
    yield
    return score.loss


def _evaluation(trainer: Trainer) -> Evaluation:
    """On samples by chance, in case the data lie in order."""
    data, network, loss = trainer.data, trainer.network, trainer.spec.loss
    batches = trainer.batches
    order = order_of(trainer.spec.seed, 0, batches.samples)[:SAMPLES]
    rows = batches.every()[order].to(trainer.device)
    outputs = network.shapes[-1].output_shape[0]
    targets = loss.encode(data.train_labels[rows], data.shape.outputs, outputs)
    return Evaluation(network, loss, data.train_inputs[rows], targets, None)
