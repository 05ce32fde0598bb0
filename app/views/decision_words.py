"""What the decision map says in words: titles, axes, readings, and why there is no map."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from app.focus import Spot
from app.views.readings import four_digits
from core.layers import shape_text
from core.snapshot import DataSummary, Snapshot

Floats = NDArray[np.floating]

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def nothing(snapshot: Snapshot) -> str:
    """Why there is no map, and what to do."""
    translate = QCoreApplication.translate
    if snapshot.data is None or snapshot.data.input_shape in ((1,), (2,)):
        return translate("DecisionView", "The map shows here as soon as the network is ready.")
    text = translate(
        "DecisionView",
        "This map needs a network with one or two inputs; this one has {inputs}. "
        "Choose the spiral or another small experiment to see one.",
    )
    return text.format(inputs=shape_text(snapshot.data.input_shape))


def network() -> str:
    """The title of the network's own map."""
    return QCoreApplication.translate("DecisionView", "The whole network")


def unit(snapshot: Snapshot, spot: Spot) -> str:
    """The title of one neuron's map."""
    names = {layer.path: layer.name for layer in snapshot.layers}
    text = QCoreApplication.translate("DecisionView", "Neuron {unit} of {layer}")
    return text.format(unit=spot.unit + 1, layer=names.get(spot.path, ""))


def axes(data: DataSummary, *, unit: bool) -> tuple[str, str]:
    """What stands below the map and left of it; of a neuron, or of the network."""
    bottom = _feature(data, 0)
    if data.input_shape == (2,):
        return bottom, _feature(data, 1)
    if unit:
        return bottom, "a"
    if data.task == "classification":
        return bottom, QCoreApplication.translate("DecisionView", "share of the class")
    return bottom, data.target_names[0] if data.target_names else "y"


def classes(data: DataSummary, count: int) -> tuple[str, ...]:
    """The names of so many classes."""
    known = len(data.class_names) == count
    return data.class_names if known else tuple(str(index) for index in range(count))


def reading(data: DataSummary, inputs: list[Any], outputs: Floats) -> tuple[str, str]:
    """What stands at a place of the map: with four digits, and with all of them.

    Args:
        data: For the names.
        inputs: The place.
        outputs: (k,) shares of classes, or one value.
    """
    four, exact = _sentence(data, inputs, outputs, _four), _sentence(data, inputs, outputs, _all)
    return four, exact


def _sentence(
    data: DataSummary, inputs: list[Any], outputs: Floats, digits: Callable[[float], str]
) -> str:
    translate = QCoreApplication.translate
    place = ", ".join(
        f"{_feature(data, index)} = {digits(float(value))}" for index, value in enumerate(inputs)
    )
    if len(outputs) == 1:
        text = translate("DecisionView", "{place}: output {value}")
        return text.format(place=place, value=digits(float(outputs[0])))
    best = int(np.argmax(outputs))
    text = translate("DecisionView", "{place}: class {name}, share {share}")
    name = classes(data, len(outputs))[best]
    return text.format(place=place, name=name, share=digits(float(outputs[best])))


def _four(value: float) -> str:
    return four_digits(value)


def _all(value: float) -> str:
    return repr(value)


def _feature(data: DataSummary, index: int) -> str:
    if index < len(data.feature_names):
        return data.feature_names[index]
    return "x" + str(index + 1).translate(_SUBSCRIPTS)
