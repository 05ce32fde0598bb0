"""What an engine tells once: events of a run, and what its network makes of a drawing."""

from __future__ import annotations

from dataclasses import dataclass

from core.messages.findings import Finding
from core.messages.surface_views import Floats
from core.sentence import Sentence


@dataclass(frozen=True, eq=False)
class Prediction:
    """What the network makes of one drawing.

    Attributes:
        request: The number that the request was given, to tell a stale answer.
        input: (height, width) float32 in 0..1, just what the network saw; None for an empty pad.
        probabilities: (classes,) float32 summing to 1; None for an empty pad.
        class_names: One a class.
        step: The training step whose weights answered.
        doubts: Why the answer may be wrong, what weighs most first.
    """

    request: int
    input: Floats | None
    probabilities: Floats | None
    class_names: tuple[str, ...] = ()
    step: int = 0
    doubts: tuple[Sentence, ...] = ()


@dataclass(frozen=True)
class EpochDone:
    """An epoch is over and the test set has been measured.

    Attributes:
        epoch, step: Over, and made so far; counted from 1.
        train_loss: The mean over the epoch's batches, as they were trained.
        train_accuracy: The same for accuracy; None for regression, or where nobody watches.
        test_loss, test_accuracy: None without a test set; the accuracy for regression too.
        samples_per_second: While training, evaluation left out.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float | None
    test_loss: float | None
    test_accuracy: float | None
    samples_per_second: float


@dataclass(frozen=True)
class Finished:
    """A run ended by one of its stop conditions, or was stopped."""

    reason: Sentence


@dataclass(frozen=True)
class Diverged:
    """Loss or gradients became NaN or infinite; the last finite state stands."""

    explanation: Sentence


@dataclass(frozen=True)
class Refused:
    """A command could not be carried out; nothing changed."""

    reason: Sentence


@dataclass(frozen=True)
class Notice:
    """Something the person should know that needs no answer.

    Attributes:
        topic: What it speaks of, ``breakpoint`` or ``data``: it leaves when that is over. Empty
            for what stays until it has been read.
        finding: What is amiss with that, and the change that is offered here; None for nothing.
    """

    message: Sentence
    topic: str = ""
    finding: Finding | None = None


@dataclass(frozen=True)
class Saved:
    """A file was written."""

    path: str


@dataclass(frozen=True)
class Failed:
    """A defect in Chainrule; the engine lives on. The traceback is for a report."""

    message: str
    traceback: str


Event = EpochDone | Finished | Diverged | Refused | Notice | Saved | Failed
