"""What helps where a path has too few states, or a loss is no number: it depends on whose it is."""

from __future__ import annotations

from core.errors import UserError
from core.snapshot import RunState

TRAIN_ON = (
    "Train about a second longer: a large network's run keeps a state every {every} s. A single "
    "step always keeps its own."
)
"""For a run that can go on: many steps may have left few states."""

STEP_AGAIN = (
    "This run is over: go back on the timeline and take single steps, each of which is kept, or "
    "choose another plane."
)

RESET = "The training has diverged: reset it and choose a smaller learning rate."

RACE_ON = "Let the race go on for some steps, or choose another plane."

MORE_STEPS = "Train more steps first: --steps 200."
"""In a terminal."""


def for_longer(state: RunState, *, over: bool) -> str:
    """How a run's path becomes longer.

    Args:
        state: The run's.
        over: Whether it stands where its epochs or steps end.
    """
    if state is RunState.DIVERGED:
        return RESET
    return STEP_AGAIN if over or state is RunState.FINISHED else TRAIN_ON


def lost() -> UserError:
    """Says that the weights which a plane is laid through are beyond all pictures."""
    return UserError(
        "The loss is not a finite number at the weights that this plane goes through: the "
        "training has diverged.",
        "Go back on the timeline, or reset with a smaller learning rate.",
    )
