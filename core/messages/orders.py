"""What the window's menus tell a run: named before it paints, so next to nothing to import."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Order:
    """One that its name says all of; each dataclass costs half a millisecond of the start."""


class Train(Order):
    """Starts the run, or goes on with it."""


class Pause(Order):
    """Holds the run where it is."""


class StepOnce(Order):
    """Makes one update, then pauses."""


class EpochOnce(Order):
    """Runs to the end of the present epoch, then pauses."""


class StopRun(Order):
    """Ends the run where it is, with a last evaluation."""


@dataclass(frozen=True)
class ResetWeights:
    """Goes back to new weights: the very same ones, or with another seed others."""

    seed: int | None = None


class Undo(Order):
    """Takes the last edit back."""


class Redo(Order):
    """Makes the edit last undone again."""


class StepOut(Order):
    """Goes on to the last operation of the present layer in the present phase."""


class RunToBreakpoint(Order):
    """Steps until a breakpoint holds, or until somebody pauses."""


class LeaveStep(Order):
    """Puts the recorded step away; the weights are those before it, or after it if it is whole."""


class CheckGradients(Order):
    """Compares the recorded step's gradients with finite differences in float64."""
