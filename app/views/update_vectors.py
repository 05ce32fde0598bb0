"""The arrows of one update: what the record says of two weights, put tip to tail."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from app.views.readings import four_digits
from app.views.vector_picture import Arrow, Vector
from core.record import Record

Weight = tuple[str, tuple[int, ...]]
"""A parameter's name, and an index into it."""

_SAME = 1e-5
"""Two vectors that differ by less are one: float32 has no more digits."""

MOMENTA = ("momentum_buffer", "exp_avg")
"""torch's names of what carries past gradients along."""


def _translate(text: str) -> str:
    return QCoreApplication.translate("vectors", text)


def momentum_of(record: Record, name: str) -> str | None:
    """The name of the momentum that a parameter's optimizer keeps; None if it keeps none."""
    return next((one for one in MOMENTA if f"s':{name}:{one}" in record.arrays), None)


def arrows_of(record: Record, one: Weight, other: Weight) -> tuple[Arrow, ...]:
    """Gradient, momentum and step of two weights.

    What momentum carries over and what the gradient adds to it lie tip to tail and make up the new
    momentum. The step goes the other way from where both begin, enlarged to be seen.
    """
    gradient = _pair(record, ("clipped:{name}", "d:p:{name}"), one, other)
    momentum = momentum_of(record, one[0])
    step = _pair(record, ("step:{name}",), one, other)
    if momentum is None or momentum_of(record, other[0]) != momentum:
        first = _arrow(_translate("Gradient"), "text", (0.0, 0.0), gradient)
        return first, _step(step, gradient)
    before = _pair(record, (f"s:{{name}}:{momentum}",), one, other)
    after = _pair(record, (f"s':{{name}}:{momentum}",), one, other)
    kept = _times(before, _share_kept(record))
    added = _minus(after, kept)
    differs = _length(_minus(added, gradient)) > _SAME * _length(gradient)
    return (
        *([_arrow(_translate("Gradient"), "text_dim", (0.0, 0.0), gradient)] if differs else []),
        _arrow(_translate("Momentum carried over"), "train", (0.0, 0.0), kept),
        _arrow(_translate("Added by the gradient"), "text", kept, added),
        _arrow(_translate("New momentum"), "train", (0.0, 0.0), after, dashed=True),
        _step(step, max((after, gradient), key=_length)),
    )


def _share_kept(record: Record) -> float:
    """How much of the momentum before is in the new one: the optimizer's own mu or beta."""
    optimizer = record.spec.optimizer
    return float(getattr(optimizer, "beta1", getattr(optimizer, "momentum", 0.0)))


def _pair(record: Record, keys: tuple[str, ...], one: Weight, other: Weight) -> Vector:
    """Two numbers of arrays of the record; 0 where the optimizer has nothing yet."""
    x, y = (_number(record, keys, weight) for weight in (one, other))
    return x, y


def _number(record: Record, keys: tuple[str, ...], weight: Weight) -> float:
    name, index = weight
    named = (key.format(name=name) for key in keys)
    found = next((key for key in named if key in record.arrays), None)
    return float(record.arrays[found][index]) if found is not None else 0.0


def _arrow(text: str, token: str, start: Vector, along: Vector, *, dashed: bool = False) -> Arrow:
    end = (start[0] + along[0], start[1] + along[1])
    return Arrow(text, token, start, end, _told(along), dashed)


def _step(step: Vector, beside: Vector) -> Arrow:
    """The step, three quarters as long as what it stands beside, with the scale in its name."""
    length, wanted = _length(step), 0.75 * _length(beside)
    scale = wanted / length if length and wanted and math.isfinite(wanted / length) else 1.0
    rounded = float(f"{scale:.1g}")
    text = _translate("Step, drawn {scale} times as long").format(scale=f"{rounded:g}")
    return Arrow(text, "good", (0.0, 0.0), _times(step, rounded), _told(step))


def _told(vector: Vector) -> str:
    return f"({vector[0]!r}, {vector[1]!r}), {four_digits(_length(vector))}"


def _length(vector: Vector) -> float:
    return math.hypot(*vector)


def _times(vector: Vector, factor: float) -> Vector:
    return vector[0] * factor, vector[1] * factor


def _minus(one: Vector, other: Vector) -> Vector:
    return one[0] - other[0], one[1] - other[1]
