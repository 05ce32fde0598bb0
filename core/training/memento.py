"""A run set aside: all that undo needs to bring it back."""

from __future__ import annotations

from dataclasses import dataclass

from core.messages.breakpoints import Interventions
from core.messages.snapshot import Branch, RunState
from core.sentence import Sentence
from core.training.measured import Measured
from core.training.state import TrainingState
from core.training.stretches import Stretch


@dataclass(frozen=True, eq=False)
class Memento:
    """A run set aside, to be taken up again.

    Attributes:
        training: Its newest state.
        measured: Its curves.
        state: What it was doing.
        message: What it said of that.
        interventions: What a person had laid hands on.
        branches: The runs left for it.
        stretches: Its line of history.
        fork: The state in its past at which it was left for another line, if it was.
    """

    training: TrainingState
    measured: Measured
    state: RunState
    message: Sentence | None
    interventions: Interventions
    branches: tuple[Branch, ...]
    stretches: tuple[Stretch, ...]
    fork: TrainingState | None = None

    @property
    def bytes(self) -> int:
        """The memory its states take."""
        return self.training.bytes + (self.fork.bytes if self.fork is not None else 0)
