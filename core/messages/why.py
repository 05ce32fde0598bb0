"""What can be asked of a number: why it is what it is. The answer comes in a later snapshot."""

from __future__ import annotations

from dataclasses import dataclass

from core.messages.record import Entry, Record
from core.sentence import Sentence


@dataclass(frozen=True, eq=False)
class AboutNumber:
    """A number that an operation of a recorded step computes.

    Attributes:
        record: The step.
        entry: One of its operations.
        index: The number's place in ``entry.shape``.
        sample: Whose it is; None for the whole batch's.
    """

    record: Record
    entry: Entry
    index: tuple[int, ...]
    sample: int | None


@dataclass(frozen=True)
class AboutWeight:
    """A number that the network learns, as it is now: ``0.weight`` at (unit, input)."""

    parameter: str
    index: tuple[int, ...]


About = AboutNumber | AboutWeight


@dataclass(frozen=True, eq=False)
class WhyAnswer:
    """What was found.

    Attributes:
        request: The number of the question.
        found: About a number: ``core.debugger.why.paths.GradientPaths``; about a weight:
            ``core.debugger.why.weight_history.WeightHistory``. None where it was refused.
        refused: Why there is no answer.
    """

    request: int
    found: object | None
    refused: Sentence | None = None
