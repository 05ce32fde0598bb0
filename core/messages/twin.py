"""What if? What views see of a second run beside the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.messages.commands import WhatIf
from core.messages.record import Entry, Stepping
from core.messages.surface_views import Floats
from core.sentence import Sentence

if TYPE_CHECKING:
    from core.experiment.spec import ExperimentSpec


@dataclass(frozen=True)
class FirstDifference:
    """The first operation that gives something else in the one step than in the other.

    Attributes:
        step: Which step it is, counted from 1.
        entry: The operation, counted from 0 among those of its record; None where the batches
            already hold other samples.
        in_twin: Whether it is one of the second record's, which the first has not.
        key: The array that differs.
        index: Where in its shape the two numbers are furthest apart.
        sample: Of which sample of the batch that number is; None where it is the batch's.
        this, twin: The two numbers; NaN where a step has no such number.
        operation: The operation itself; None where there is none.
        symbol: What the number is called, in plain letters.
    """

    step: int
    entry: int | None
    in_twin: bool = False
    key: str = ""
    index: tuple[int, ...] = ()
    sample: int | None = None
    this: float = 0.0
    twin: float = 0.0
    operation: Entry | None = None
    symbol: str = ""


@dataclass(frozen=True, eq=False)
class TwinView:
    """A second run beside the one shown, with one thing changed.

    Attributes:
        change: What is another in it.
        spec: Its description.
        origin: The step after which the two part.
        step: After which step both stand.
        goal: Where the run shown stands, to which they are on their way; None where that is
            before they part.
        losses: (k,) float32 each, the loss of each step's batch since they parted: as the run goes
            without the change, and as it goes with it.
        parted: The first operation that differs in the step after the origin; None where not one
            bit of that step does.
        stepping: Its step beside the one recorded, with the cursor at the same operation; None
            where none is recorded.
        parameters, gradients: What it holds at ``step``, by name: read-only copies.
        trouble: Why there is nothing to see, or no more; None while there is.
        is_ended: Whether it has been left, for the reason in ``trouble``.
    """

    change: WhatIf
    spec: ExperimentSpec
    origin: int
    step: int
    goal: int | None
    losses: tuple[Floats, Floats]
    parted: FirstDifference | None = None
    stepping: Stepping | None = None
    parameters: Mapping[str, Floats] | None = None
    gradients: Mapping[str, Floats] | None = None
    trouble: Sentence | None = None
    is_ended: bool = False

    @property
    def behind(self) -> int:
        """How many steps it has still to take until both stand at the same."""
        return 0 if self.goal is None else max(0, self.goal - self.step)
