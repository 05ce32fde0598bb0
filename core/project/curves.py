"""What a run has measured, as named tensors and back."""

from __future__ import annotations

import numpy as np
import torch
from pydantic import Field

from core.catalog.base import Model
from core.errors import UserError
from core.messages.changes import Difference, RunChange
from core.project.tensors import Count, TensorBox
from core.training.changes import MOST as MOST_CHANGES
from core.training.measuring import Measured, MeasuredParts

_LONGEST = 200
"""Letters of what was changed; the window's own words are shorter."""


class DifferenceFile(Model):
    """As :class:`core.messages.changes.Difference`."""

    what: str = Field(max_length=_LONGEST)
    before: str | float | bool | None = None
    after: str | float | bool | None = None
    is_deed: bool = False


class ChangeFile(Model):
    """As :class:`core.messages.changes.RunChange`."""

    step: Count
    differences: tuple[DifferenceFile, ...] = Field(max_length=100)


class MeasuredFile(Model):
    """The widths of the training curves' bins, and what was changed; the rest are tensors."""

    widths: tuple[Count, Count]
    changes: tuple[ChangeFile, ...] = Field((), max_length=MOST_CHANGES)


def put_measured(box: TensorBox, prefix: str, measured: Measured) -> MeasuredFile:
    """Lays all curves into the box."""
    parts = measured.parts()
    for name, array in parts.arrays.items():
        box.put(f"{prefix}.{name}", torch.from_numpy(np.array(array)))
    changes = tuple(
        ChangeFile(step=one.step, differences=tuple(map(_told, one.differences)))
        for one in parts.changes
    )
    return MeasuredFile(widths=parts.widths, changes=changes)


def take_measured(box: TensorBox, prefix: str, file: MeasuredFile, empty: Measured) -> None:
    """Fills what is empty still with what was measured.

    Raises:
        UserError: Something is missing, or is no curve.
    """
    names = empty.parts().arrays
    arrays = {name: box.take(f"{prefix}.{name}").numpy() for name in names}
    changes = tuple(
        RunChange(one.step, tuple(Difference(**dict(each)) for each in one.differences))
        for one in file.changes
    )
    try:
        empty.fill(MeasuredParts(file.widths, arrays, changes))
    except ValueError as error:
        raise UserError(
            "The curves in the file cannot be read: {reason}.",
            "The file was changed after it was saved; open another copy.",
            reason=error,
        ) from None


def _told(one: Difference) -> DifferenceFile:
    return DifferenceFile(what=one.what, before=one.before, after=one.after, is_deed=one.is_deed)
