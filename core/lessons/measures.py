"""What a lesson can read off an experiment, by the names that its author writes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Annotated, Any

from pydantic import AfterValidator

from core.messages.curves import Curve
from core.messages.record import Record, key_of
from core.messages.snapshot import Snapshot

Reader = Callable[[Snapshot, str], float | None]


def read(name: str, snapshot: Snapshot) -> float | None:
    """What a measure is now; None where there is no such number yet.

    Args:
        name: One of ``MEASURES``, and behind it what it needs: ``training loss``,
            ``field optimizer.learning_rate``, ``parameter 0.weight 1 2``, ``record d:z:1 1``.
        snapshot: Of the experiment.
    """
    word, rest = _split(name)
    return MEASURES[word](snapshot, rest)


def named(name: str) -> str:
    """The name, if it is one of a measure.

    Raises:
        ValueError: It is not.
    """
    _split(name)
    return name


MeasureName = Annotated[str, AfterValidator(named)]


def field_of(spec: Any, path: str) -> Any:
    """One value of an experiment, by its place in the JSON; None where there is none.

    Args:
        spec: The experiment, or a part of it.
        path: ``layers.0.units``.
    """
    found = spec
    for part in path.split("."):
        if part.isdecimal() and isinstance(found, tuple | list):
            found = found[int(part)] if int(part) < len(found) else None
        elif isinstance(found, dict):
            found = found.get(part)
        else:
            found = getattr(found, part, None)
    return found


def key_in(record: Record, key: str) -> str | None:
    """The key under which a record has what an author calls so; None where it has no such layer.

    Args:
        record: The step.
        key: ``z:0``, ``d:p:1.weight``, ``loss``.
    """
    where = key.rpartition(":")[2].partition(".")[0] if ":" in key else ""
    layers = {key_of(layer.path) for layer in record.layers}
    if where.isdecimal() and where not in layers:
        return None
    found = record.canonical(key)
    return found if found in record.arrays else None


def _split(name: str) -> tuple[str, str]:
    for word in sorted(MEASURES, key=len, reverse=True):
        if name == word or name.startswith(f"{word} "):
            return word, name[len(word) :].strip()
    raise ValueError(f"no measure is called {name}; there are {', '.join(MEASURES)}")


def _last(curve: Callable[[Snapshot], Curve]) -> Reader:
    return lambda snapshot, _rest: curve(snapshot).last


def _field(snapshot: Snapshot, path: str) -> float | None:
    found = field_of(snapshot.spec, path)
    return float(found) if isinstance(found, int | float) else None


def _parameter(snapshot: Snapshot, rest: str) -> float | None:
    """As the window watches it; counted from 1."""
    name, *places = rest.split()
    known = snapshot.values.parameters if snapshot.values is not None else {}
    return _at(known.get(name), places)


def _of_record(snapshot: Snapshot, rest: str) -> float | None:
    """Of the step that is looked at, once its operation is computed; counted from 1."""
    stepping = snapshot.stepping
    written, *places = rest.split()
    key = None if stepping is None else key_in(stepping.record, written)
    if stepping is None or key is None or stepping.known(key) is not None:
        return None
    return _at(stepping.record.arrays.get(key), places)


def _at(array: Any, places: list[str]) -> float | None:
    index = tuple(int(place) - 1 for place in places)
    if array is None or len(index) > array.ndim:
        return None
    index = (*(0,) * (array.ndim - len(index)), *index)
    if any(not 0 <= i < n for i, n in zip(index, array.shape, strict=True)):
        return None
    return float(array[index])


def _layers(snapshot: Snapshot, _rest: str) -> float:
    return float(len(snapshot.spec.layers))


def _units(snapshot: Snapshot, place: str) -> float | None:
    """How many numbers a layer gives, counted from 1."""
    layers = [layer for layer in snapshot.layers if len(layer.path) == 1]
    number = int(place) - 1 if place.isdecimal() else -1
    return float(prod(layers[number].output_shape)) if 0 <= number < len(layers) else None


MEASURES: dict[str, Reader] = {
    "training loss": _last(lambda snapshot: snapshot.curves.train_loss),
    "training accuracy": _last(lambda snapshot: snapshot.curves.train_accuracy),
    "test loss": _last(lambda snapshot: snapshot.curves.test_loss),
    "test accuracy": _last(lambda snapshot: snapshot.curves.test_accuracy),
    "step": lambda snapshot, _rest: float(snapshot.progress.step),
    "steps per epoch": lambda snapshot, _rest: float(snapshot.progress.steps_per_epoch) or None,
    "epoch": lambda snapshot, _rest: float(snapshot.progress.epoch),
    "rate": lambda snapshot, _rest: snapshot.progress.learning_rate,
    "parameters": lambda snapshot, _rest: float(snapshot.parameters),
    "layers": _layers,
    "units": _units,
    "field": _field,
    "parameter": _parameter,
    "record": _of_record,
}
"""By name; what stands behind it is handed to the reader."""
