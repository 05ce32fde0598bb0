"""What can be another in a second run: a number that is picked, or a neuron."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from app.kit.controls import dim_label, put_line
from app.kit.forms.number_field import NumberField
from app.kit.labels import caption_of
from app.kit.layouts import in_column, in_row, named
from app.kit.numbers import short_number, whole
from app.kit.text import translated
from app.link.spots import parameter_among
from app.step.twin.offers import ChangeOffer
from core.experiment import symbols
from core.messages.commands import KnockOut, SetInput, SetNumber, WhatIf

if TYPE_CHECKING:
    from app.link.focus import Focus, Spot
    from core.messages.snapshot import Snapshot


_Target = tuple[str, tuple[int, ...]] | tuple[int, tuple[int, ...]]
"""A parameter by name, or a training sample by its row; and where in it."""


class NumberOffer(ChangeOffer):
    """Another value for the number that is picked: a weight, a bias, or an input of a sample."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("number", parent)
        self._target: _Target | None = None
        self._given = self._wanted = 0.0
        self._what = dim_label(parent=self)
        self._field = named(NumberField(self), "whatif.value", _tr("What it is to be"))
        self._field.entered.connect(self._take)
        self._caption = caption_of(self._field, _tr("becomes"))
        in_column(self._what, in_row(self._caption, (self._field, 1), apart=1), into=self, apart=1)

    def follow(self, snapshot: Snapshot, focus: Focus) -> None:
        spot = focus.selected[-1] if focus.selected else None
        target, name, value = _picked(snapshot, spot, focus.sample)
        if target is None or value is None:
            self._target = None
            words = _tr("Pick a weight, a neuron for its bias, or an input of one sample.")
        else:
            words = _tr("{name} is {value}.").format(name=name, value=short_number(value, 6))
        for part in (self._field, self._caption):
            part.setVisible(target is not None)
        put_line(self._what, words)
        if target is not None and value is not None and (target, value) != self._shown:
            self._target, self._given, self._wanted = target, value, value
            self._field.show_number(value)

    @property
    def _shown(self) -> tuple[object, float]:
        return self._target, self._given

    def change(self) -> WhatIf | None:
        if self._target is None:
            self.why_not = _tr("Pick a number in the network first.")
            return None
        self.why_not = _tr("Enter another number.") if self._wanted == self._given else ""
        if self.why_not:
            return None
        where, index = self._target
        if isinstance(where, str):
            return SetNumber(where, index, self._wanted)
        return SetInput(where, index, self._wanted)

    def _take(self, value: float) -> None:
        self._wanted = value
        self._field.show_number(value)
        self.edited.emit()


class SilenceOffer(ChangeOffer):
    """The neuron that is picked is silent."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("silence", parent)
        self._spot: Spot | None = None
        self._is_silent = False
        self._what = dim_label(parent=self)
        in_column(self._what, into=self)

    def follow(self, snapshot: Snapshot, focus: Focus) -> None:
        spot = focus.selected[-1] if focus.selected else None
        inner = spot is not None and spot.path and spot.source is None
        last = spot is not None and spot.path == (len(snapshot.spec.layers) - 1,)
        self._spot = spot if inner and not last else None
        words = _tr("Pick a neuron of a hidden layer.")
        if self._spot is not None:
            self._is_silent = (self._spot.path, self._spot.unit) in snapshot.knocked
            names = {layer.path: translated(layer.name) for layer in snapshot.layers}
            words = _tr("Neuron {unit} of layer {layer} gives 0.")
            if self._is_silent:
                words = _tr("Neuron {unit} of layer {layer} is heard again.")
            values = {"unit": whole(self._spot.unit + 1), "layer": names.get(self._spot.path, "")}
            words = words.format(**values)
        put_line(self._what, words)

    def change(self) -> WhatIf | None:
        self.why_not = "" if self._spot is not None else _tr("Pick a hidden neuron first.")
        if self._spot is None:
            return None
        return KnockOut(self._spot.path, self._spot.unit, not self._is_silent)


def _picked(
    snapshot: Snapshot, spot: Spot | None, sample: int | None
) -> tuple[_Target | None, str, float | None]:
    """The number at a place: what a command calls it, its name, and its value."""
    if spot is None:
        return None, "", None
    if not spot.path:
        return _picked_input(snapshot, spot, sample)
    arrays = snapshot.held
    found = parameter_among(arrays.get, spot)
    if found is None:
        return None, "", None
    name = symbols.symbol(*found, {name: array.shape for name, array in arrays.items()})
    return found, name, float(arrays[found[0]][found[1]])


def _picked_input(
    snapshot: Snapshot, spot: Spot, sample: int | None
) -> tuple[_Target | None, str, float | None]:
    stepping = snapshot.stepping
    if stepping is None or sample is None:
        return None, "", None
    record = stepping.record
    sample, index = min(sample, record.samples - 1), (spot.unit, *(spot.pixel or ()))
    inputs = record.arrays["x"]
    if len(index) != inputs.ndim - 1:
        return None, "", None
    row = int(record.rows[sample])
    name = _tr("Input {unit} of sample {sample}")
    values = {"unit": whole(spot.unit + 1), "sample": whole(sample + 1)}
    return (row, index), name.format(**values), float(inputs[(sample, *index)])


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhatIf", text)
