"""Where the numbers on the graph come from: a recorded step, or what the network holds now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.expression.hidden import is_hidden
from core.messages.record import Record, Stepping
from core.messages.scope import numbers_of, targets_of
from core.messages.snapshot import Snapshot, Values

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_WITH_THE_UPDATE = ("step", "s'", "hat", "t")
"""What the optimizer computes along with a parameter's new values."""


@dataclass(frozen=True, eq=False)
class Shown:
    """Numbers, and how many of them may be seen.

    Attributes:
        values: Of one sample, of the whole batch, or of a parameter.
        known: The first so many, in the order of computing; None for all.
    """

    values: Floats
    known: int | None = None

    @property
    def mask(self) -> Flags:
        """Which of them may be seen, in the shape of the values."""
        if self.known is None:
            return np.ones(self.values.shape, bool)
        return (np.arange(self.values.size) < self.known).reshape(self.values.shape)

    @property
    def seen(self) -> Floats:
        """The values, with NaN where they may not be seen yet."""
        return self.values if self.known is None else np.where(self.mask, self.values, np.nan)

    @property
    def is_empty(self) -> bool:
        """Whether none may be seen yet."""
        return self.known == 0

    def at(self, index: tuple[int, ...]) -> float | None:
        """One of them; None if it may not be seen yet, or is not there."""
        if len(index) != self.values.ndim or any(
            not 0 <= i < n for i, n in zip(index, self.values.shape, strict=True)
        ):
            return None
        number = int(np.ravel_multi_index(index, self.values.shape)) if index else 0
        if self.known is not None and number >= self.known:
            return None
        return float(self.values[index])


def asked_for(sums: Shown | None, units: int) -> Flags:
    """Of which units a person works the weighted sum out, (units,): where there is one input, its
    summand is all of it."""
    found = np.zeros(units, bool)
    if sums is not None and sums.values.shape == (units,):
        for unit in np.flatnonzero(np.isnan(sums.values)).tolist():
            found[unit] = is_hidden(float(sums.values[unit]))
    return found


class Numbers(Protocol):
    """What the graph may ask; keys are those of :mod:`core.messages.record`.

    Attributes:
        sample: Whose numbers they are; None for the batch's, and where there is no batch.
    """

    sample: int | None

    def get(self, key: str) -> Shown | None:
        """The numbers of a key; None where there are none."""

    def of_batch(self, key: str) -> Shown | None:
        """The same of the whole batch."""

    def parameter(self, name: str) -> Shown | None:
        """A parameter as it stands: where its update is computed, its new values."""

    def targets(self, outputs: int) -> Floats | None:
        """What each output should be, (outputs,); None where there is no sample."""


class Live:
    """Parameters and gradients as they are now; none, of a network with only a shape."""

    def __init__(self, values: Values | None) -> None:
        self._values = values or Values(0, {}, {})
        self.sample: int | None = None

    def get(self, key: str) -> Shown | None:
        """Only ``p:N`` and ``d:p:N``."""
        gradient, of_parameter, name = key.rpartition("p:")
        found = self._values.gradients if gradient else self._values.parameters
        known = of_parameter and gradient in ("", "d:") and name in found
        return Shown(found[name].astype(np.float64)) if known else None

    def of_batch(self, key: str) -> Shown | None:
        """The same: nothing is of one sample."""
        return self.get(key)

    def parameter(self, name: str) -> Shown | None:
        """As it is."""
        return self.get(f"p:{name}")

    def targets(self, _outputs: int) -> Floats | None:
        """None: no sample is looked at."""
        return None


class Recorded:
    """One sample of a recorded step, or its whole batch, up to the cursor."""

    def __init__(self, stepping: Stepping, slices: Slices) -> None:
        self._stepping, self._slices = stepping, slices
        self.sample = slices.sample

    def get(self, key: str) -> Shown | None:
        """See :class:`Numbers`."""
        values = self._slices.get(self._found(key))
        return None if values is None else Shown(values, self._known(key))

    def of_batch(self, key: str) -> Shown | None:
        """See :class:`Numbers`."""
        record, found = self._stepping.record, self._found(key)
        if found not in record.arrays:
            return None
        return Shown(numbers_of(record, found, None), self._known(key))

    def parameter(self, name: str) -> Shown | None:
        """See :class:`Numbers`."""
        before, after = self._slices.get(f"p:{name}"), self.get(f"after:{name}")
        if before is None or after is None or after.is_empty:
            return None if before is None else Shown(before)
        return Shown(np.where(after.mask, after.values, before))

    def targets(self, outputs: int) -> Floats | None:
        """See :class:`Numbers`; they are known from the start."""
        return targets_of(self._stepping.record, outputs, self.sample)

    def _found(self, key: str) -> str:
        record = self._stepping.record
        return key if key in record.arrays else record.canonical(key)

    def _known(self, key: str) -> int | None:
        kind, _, rest = key.partition(":")
        asked = f"after:{rest.split(':')[0]}" if kind in _WITH_THE_UPDATE else key
        return self._stepping.known(asked)


class Slices:
    """A record's arrays as float64, cut to one sample; each cut once.

    Args:
        record: The step.
        sample: Which of the batch; None for the whole of it.
    """

    def __init__(self, record: Record, sample: int | None) -> None:
        self.record, self.sample = record, sample
        self._cut: dict[str, Floats] = {}

    def get(self, key: str) -> Floats | None:
        """The numbers of a key."""
        if key not in self._cut and key in self.record.arrays:
            self._cut[key] = numbers_of(self.record, key, self.sample)
        return self._cut.get(key)


class Source:
    """Chooses where numbers come from, and keeps what it cut from a record."""

    def __init__(self) -> None:
        self._slices: Slices | None = None

    def of(self, snapshot: Snapshot, sample: int | None) -> Numbers:
        """A recorded step goes before live values, and these before nothing."""
        stepping = snapshot.stepping
        if stepping is None or stepping.record.spec.layers != snapshot.spec.layers:
            self._slices = None
            return Live(snapshot.values)
        wanted = sample if sample is None else min(sample, stepping.record.samples - 1)
        slices = self._slices
        if slices is None or slices.record is not stepping.record or slices.sample != wanted:
            self._slices = slices = Slices(stepping.record, wanted)
        return Recorded(stepping, slices)
