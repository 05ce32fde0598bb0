"""What a person's hand does to a network or its data: checked, and then done."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import isfinite

from core.errors import UserError
from core.messages import commands
from core.training.intervening import check_input, check_number, check_unit, write_number
from core.training.trainer import Trainer

DEEDS = {
    "Change a weight": "A weight was set by hand",
    "Change an input": "An input was changed by hand",
    "Freeze a weight": "A weight was frozen",
    "Let a weight go": "A weight was let go",
    "Knock a neuron out": "A neuron was knocked out",
    "Bring a neuron back": "A neuron was brought back",
}
"""What a change by hand is called where it is marked, by what undo calls it."""


def deed_of(trainer: Trainer, command: commands.Change) -> tuple[str, Callable[[], None]]:
    """A change by hand: what undo calls it, and what makes it.

    Raises:
        UserError: There is nothing of the kind to be changed, or not to that.
    """
    network, present = trainer.network, trainer.interventions
    match command:
        case commands.SetNumber(parameter, index, value):
            if not isfinite(value):
                raise UserError("A weight must be a finite number.", "Type a number such as 0.25.")
            check_number(network, parameter, index)
            return "Change a weight", partial(write_number, network, parameter, index, value)
        case commands.SetInput(row, index, value):
            if not isfinite(value):
                raise UserError("An input must be a finite number.", "Type a number such as 0.25.")
            check_input(trainer.data, row, index)
            label, wanted = "Change an input", present.with_input(row, index, value)
        case commands.Freeze(parameter, index, on):
            check_number(network, parameter, index)
            label = "Freeze a weight" if on else "Let a weight go"
            wanted = present.with_frozen(parameter, index, on=on)
        case commands.KnockOut(path, unit, on):
            check_unit(network, path, unit)
            label = "Knock a neuron out" if on else "Bring a neuron back"
            wanted = present.with_knocked(path, unit, on=on)
    return label, partial(trainer.intervene, wanted)
