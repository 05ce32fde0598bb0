"""How a weight came to be what it is, as views may see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.debugger.sentences.words import number
from core.debugger.why.place import NumberAt
from core.sentence import Sentence


@dataclass(frozen=True)
class Pull:
    """What one sample had of an update's gradient.

    Attributes:
        sample: Its place in the batch.
        row: Which training sample it is.
        share: Its part of the gradient; all samples' parts and the penalty's make it whole.
        at: Where a click goes: to the gradient, of this sample.
    """

    sample: int
    row: int
    share: float
    at: NumberAt


@dataclass(frozen=True)
class WeightUpdate:
    """One update of a weight.

    Attributes:
        step: The step that made it.
        added: By how much the weight changed: the difference of two float32 numbers, exact.
        at: Where a click goes; None where the step was taken by other rules than the present ones,
            so that it cannot be taken anew, or where no time was left to find out.
        gradient: As the step found it; None where it cannot be taken anew, or was not.
        rounded: What float32 cut off: the weight after the step less what the optimizer's rule
            comes to with all digits; None likewise.
        pulls: The samples that pulled most, the strongest first.
        unsure: Whether a person changed something after this very step. If it was this weight, that
            cannot be told from the update any more, since the rules have changed.
    """

    step: int
    added: float
    at: NumberAt | None = None
    gradient: float | None = None
    rounded: float | None = None
    pulls: tuple[Pull, ...] = ()
    unsure: bool = False


@dataclass(frozen=True)
class Updates:
    """Updates in a row that are told together.

    Attributes:
        first, last: The steps that made them.
        added: What they come to.
        apart: Whether each of them was looked at; else states are kept for its ends alone.
        unsure: As of one update.
    """

    first: int
    last: int
    added: float
    apart: bool
    unsure: bool = False


@dataclass(frozen=True)
class SetByHand:
    """A change by a person, after a step."""

    step: int
    added: float


Piece = WeightUpdate | Updates | SetByHand


@dataclass(frozen=True)
class WeightHistory:
    """How a weight came to be what it is.

    Attributes:
        start, first_step: The earliest value that is known, and after which step.
        value, step: The present one.
        pieces: All that was added, the newest first; with the start they make the value.
    """

    start: float
    first_step: int
    value: float
    step: int
    pieces: tuple[Piece, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """What is to be said of it."""
        said = [
            Sentence(
                "It began as {start}; {n:,} updates have made it {value}.",
                one="It began as {start}; one update has made it {value}.",
                n=self.step - self.first_step,
                start=number(self.start),
                value=number(self.value),
            )
        ]
        if self.first_step:
            template = "What came before step {step} is not known any more."
            said.append(Sentence(template, step=self.first_step))
        if any(isinstance(piece, Updates) and not piece.apart for piece in self.pieces):
            said.append(Sentence("Where states are not kept, updates are told together."))
        unsure = [one for one in self.pieces if not isinstance(one, SetByHand) and one.unsure]
        if unsure:
            said.append(Sentence("If it was set by hand in between, that is counted in."))
        largest = max((abs(r) for r in self._rounded()), default=0.0)
        if largest:
            template = "The computer keeps 7 digits: each update was rounded by {size} or less."
            said.append(Sentence(template, size=number(largest)))
        return tuple(said)

    def _rounded(self) -> Iterable[float]:
        updates = (piece for piece in self.pieces if isinstance(piece, WeightUpdate))
        return [update.rounded for update in updates if update.rounded is not None]
