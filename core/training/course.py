"""The course of a run: when it measures, when an epoch is over, when the run ends, and why."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from core.experiment.spec import Stop
from core.messages.events import EpochDone, Event
from core.messages.snapshot import Progress
from core.sentence import Sentence
from core.training.evaluation import Score
from core.training.measuring import Measured, Measuring, Pace
from core.training.metrics import Slice
from core.training.trainer import Trainer


@dataclass(frozen=True)
class StoppingParts:
    """What the conditions under which a run ends have seen so far.

    Attributes:
        best: The least loss at an epoch's end; infinite before the first.
        epochs_since: Epochs since then.
        waived: Targets that have ended the run once.
        epoch_over: Whether an epoch has ended whose figures are still to be told.
    """

    best: float
    epochs_since: int
    waived: frozenset[tuple[str, float]]
    epoch_over: bool


class Course:
    """Follows a trainer through its epochs to its end.

    Args:
        trainer: Whose course.
        emit: Takes the events.
        live: Whether a person watches, for whom not every short epoch need be told.

    Attributes:
        measured: The curves so far.
        measuring: The test set's measurement under way.
        pace: How fast it goes.
        goal: A step to hold at, if one was asked for.
    """

    def __init__(self, trainer: Trainer, emit: Callable[[Event], None], *, live: bool) -> None:
        self.measured = Measured(trainer.held_out.part, trainer.held_out.count)
        self.measuring = Measuring(trainer)
        self.pace = Pace()
        self.goal: int | None = None
        self._trainer = trainer
        self._emit = emit
        self._live = live
        self._stopping = Stopping()
        self._epoch_over = False
        self._set_out_at = 0

    @property
    def over(self) -> bool:
        """Whether the run stands where its epochs or steps end."""
        total = self._trainer.total_steps
        return total is not None and self._trainer.step >= total

    @property
    def end(self) -> int | None:
        """Where to stop at the latest: the run's end, or what was asked for."""
        ends = [end for end in (self._trainer.total_steps, self.goal) if end is not None]
        return min(ends, default=None)

    @property
    def rest(self) -> int | None:
        """Where to stop next: at its end, or to measure."""
        trainer = self._trainer
        ends = [] if self.end is None else [self.end]
        if trainer.held_out.count:
            grid = self.measuring.grid
            place = trainer.step, trainer.epoch, trainer.epoch_step
            ends.append(grid.next_after(*place, self.measured.changes.last))
        return min(ends, default=None)

    @property
    def passes_epochs(self) -> bool:
        """Whether epochs are so short that not each is measured, and nothing waits for each."""
        stop = self._trainer.spec.stop
        waits = stop.patience or stop.target_accuracy or stop.target_loss is not None
        return self._live and not waits and self.measuring.grid.epochs > 1

    @property
    def is_charted(self) -> bool:
        """Whether a measurement of this step is one for the curves: not of every short epoch."""
        trainer = self._trainer
        place = trainer.step, trainer.epoch, trainer.epoch_step
        return self.measuring.grid.has(*place, self.measured.changes.last)

    def progress(self, *, running: bool) -> Progress:
        """How far the run is."""
        trainer, total = self._trainer, self._trainer.total_steps
        left = None if total is None else max(0, total - trainer.step)
        return Progress(
            trainer.step,
            trainer.epoch,
            trainer.epoch_step,
            trainer.batches.steps_per_epoch,
            total,
            trainer.rate,
            self.pace.samples_per_second if running else None,
            self.pace.seconds_for(left) if running else None,
        )

    def set_out(self, goal: int | None) -> None:
        """Begins to train, to a step if one is given."""
        self.goal = goal
        self._set_out_at = self._trainer.step
        if not self._epoch_over:
            self.measuring.hurry()

    def stopping(self) -> StoppingParts:
        """To be kept, and given to :meth:`go_on_from` of another."""
        best, since, waived = self._stopping.parts()
        return StoppingParts(best, since, waived, self._epoch_over)

    def go_on_from(self, parts: StoppingParts) -> None:
        """Takes up what another has seen."""
        self._stopping = Stopping(parts.best, parts.epochs_since, parts.waived)
        self._epoch_over = parts.epoch_over

    def leave(self) -> None:
        """Takes in that the run is put elsewhere, where no epoch has just ended."""
        self.measuring.abandon()
        self._epoch_over = False

    def measure_past(self) -> None:
        """Measures a step that one has gone back to, if that was not done when it was taken."""
        if not self.measured.knows(self._trainer.step):
            self.measuring.ask()

    def changed(self) -> None:
        """Takes in that other weights stand at the present step, and measures these."""
        self.measuring.forget()
        self.measuring.abandon()
        self.measuring.ask()

    def branch(self) -> None:
        """Goes on from here; what was measured later is forgotten."""
        self.measured.truncate(self._trainer.step)
        self._stopping = Stopping()
        self.measuring.forget()

    def after_steps(self, *, across: bool) -> Sentence | None:
        """Looks where some steps have led; why the run ends there, if it does.

        Args:
            across: Whether they went on from one epoch into the next.
        """
        measuring = self.measuring
        if across:
            self.measured.forget_epoch()
        self._epoch_over = self._trainer.epoch_step == 0 and not across
        if self._epoch_over or self.over:
            measuring.ask()
        elif self.is_charted:
            measuring.ask(whole=self._trainer.epoch_step == 0)
        if measuring.is_under_way:
            return None
        reason = self._end_epoch(None) if self._epoch_over else None
        return self._ending() if self.over else reason

    def judge(self, score: Score, *, running: bool) -> Sentence | None:
        """Why the run ends at a measurement, if it does; a part of the test set ends none."""
        if score.samples < self._trainer.held_out.count:
            return None
        reason = None
        # A target reached while paused still ends the run, after its next step.
        if running and self._trainer.step != self._set_out_at:
            reason = self._stopping.after_measurement(self._trainer.spec.stop, score)
        if self._epoch_over:
            reason = self._end_epoch(score) or reason
        if self.over and self._trainer.step > 0:
            return self._ending()
        return reason if running else None

    def _end_epoch(self, score: Score | None) -> Sentence | None:
        self._epoch_over = False
        loss, accuracy = self.measured.end_epoch()
        self._emit(
            EpochDone(
                self._trainer.epoch,
                self._trainer.step,
                loss,
                accuracy,
                score.loss if score else None,
                score.accuracy if score else None,
                self.pace.end_epoch(),
            )
        )
        return self._stopping.after_epoch(self._trainer.spec.stop, score.loss if score else loss)

    def _ending(self) -> Sentence:
        stop, total = self._trainer.spec.stop, self._trainer.total_steps
        if stop.epochs is not None and total != stop.steps:
            return Sentence("Finished: {epochs} of {epochs} epochs.", epochs=stop.epochs)
        return Sentence("Finished: {steps} of {steps} steps.", steps=total)


class Stopping:
    """Watches the measurements for the conditions under which a run ends.

    A condition that has ended the run once is waived, so that Train goes on from there.
    """

    def __init__(
        self,
        best: float = math.inf,
        epochs_since: int = 0,
        waived: frozenset[tuple[str, float]] = frozenset(),
    ) -> None:
        self._best = best
        self._epochs_since = epochs_since
        self._waived = set(waived)

    def parts(self) -> tuple[float, int, frozenset[tuple[str, float]]]:
        """What it was made with, as it has become."""
        return self._best, self._epochs_since, frozenset(self._waived)

    def after_measurement(self, stop: Stop, score: Score) -> Sentence | None:
        """The condition met by a measurement, said as a sentence; None to go on."""
        loss, accuracy, target = score.loss, score.accuracy or 0.0, stop.target_accuracy
        if target is not None and accuracy >= target and self._is_new("accuracy", target):
            return Sentence(
                "Finished: the accuracy {accuracy:.2%} has reached the target {target:.2%}.",
                accuracy=accuracy,
                target=target,
            )
        target = stop.target_loss
        if target is not None and loss <= target and self._is_new("loss", target):
            return Sentence(
                "Finished: the loss {loss:.4g} has reached the target {target:.4g}.",
                loss=loss,
                target=target,
            )
        return None

    def after_epoch(self, stop: Stop, loss: float) -> Sentence | None:
        """The same for patience, which counts epochs."""
        self._epochs_since = 0 if loss < self._best else self._epochs_since + 1
        self._best = min(self._best, loss)
        if stop.patience is None or self._epochs_since < stop.patience:
            return None
        self._epochs_since = 0
        return Sentence(
            "Finished: no better loss for {epochs} epochs; the best was {best:.4g}.",
            epochs=stop.patience,
            best=self._best,
        )

    def _is_new(self, measure: str, target: float) -> bool:
        """Whether the target ends the run for the first time; from then on it is waived."""
        new = (measure, target) not in self._waived
        self._waived.add((measure, target))
        return new


def divergence(part: Slice, rate: float) -> Sentence:
    """What happened at a step that was not finite, in plain words, and what to try."""
    loss = float(part.losses[-1])
    message = (
        "The weights became infinite or NaN at step {step}. "
        "Training is paused at the last finite step; nothing is lost."
    )
    if math.isnan(loss):
        message = (
            "The loss became NaN (not a number) at step {step}. "
            "Training is paused at the last finite step; nothing is lost."
        )
    elif math.isinf(loss):
        message = (
            "The loss became infinite at step {step}. "
            "Training is paused at the last finite step; nothing is lost."
        )
    return Sentence(
        message,
        "The steps are too long: try a learning rate of {smaller:.2g} instead of {rate:.2g}, "
        "or clip the gradients, then press Train; weights that have grown huge need a reset.",
        step=part.first_step,
        smaller=rate / 10,
        rate=rate,
    )
