"""What the card says of one place, and what may be changed there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QCoreApplication

from app.focus import Spot
from app.graph.layout import Layout
from app.graph.numbers import Numbers, Shown
from app.graph.stack import Stage
from app.graph.words import stage_name
from core.commands import Command, Freeze, KnockOut, SetInput, SetNumber
from core.record import Stepping, input_of, key_of
from core.snapshot import Snapshot

STATES = {
    "momentum_buffer": "Momentum",
    "exp_avg": "First moment m",
    "exp_avg_sq": "Second moment v",
}
"""The optimizer's states by torch's name; another is shown under that name."""


@dataclass(frozen=True)
class Fact:
    """One number.

    Attributes:
        id: For the object name of its row.
        label: What it is.
        value: None where it is not computed yet.
        edit: Makes the command that sets it; None where it cannot be set.
    """

    id: str
    label: str
    value: float | None
    edit: Callable[[float], Command] | None = None


@dataclass(frozen=True)
class Toggle:
    """Something to switch on or off."""

    id: str
    label: str
    on: bool
    command: Callable[[bool], Command]


@dataclass(frozen=True)
class Facts:
    """A card's content."""

    title: str
    facts: tuple[Fact, ...]
    toggles: tuple[Toggle, ...] = ()


@dataclass(frozen=True, eq=False)
class Asked:
    """What facts are asked about, and where the answers lie."""

    snapshot: Snapshot
    numbers: Numbers
    sample: int | None
    stage: Stage
    before: Stage | None
    spot: Spot

    @property
    def key(self) -> str:
        """The layer's path as keys have it."""
        return key_of(self.spot.path)

    @property
    def index(self) -> tuple[int, ...]:
        """The place in one sample's numbers."""
        return (self.spot.unit, *(self.spot.pixel or ()))


def facts_of(
    snapshot: Snapshot, layout: Layout, numbers: Numbers, sample: int | None, spot: Spot
) -> Facts | None:
    """What there is to say of a place; None where it is gone."""
    index = layout.index_of(spot.path)
    if index is None or spot.unit >= layout.columns[index].stage.units:
        return None
    before = layout.columns[index - 1].stage if index else None
    asked = Asked(snapshot, numbers, sample, layout.columns[index].stage, before, spot)
    if spot.source is not None:
        return _edge(asked, spot.source)
    return _input(asked) if asked.stage.layer is None else _unit(asked)


def _edge(asked: Asked, source: int) -> Facts:
    spot, name = asked.spot, f"{asked.key}.weight"
    weight = asked.numbers.parameter(name)
    title = _tr("Weight from {source} to {unit} of {layer}").format(
        source=source + 1, unit=spot.unit + 1, layer=stage_name(asked.stage)
    )
    if weight is not None and weight.values.ndim > 2:
        return Facts(title, tuple(_kernel(asked, name, source)))
    index = (spot.unit,) if weight is not None and weight.values.ndim == 1 else (spot.unit, source)
    facts = [*_parameter(asked, name, index, _tr("Weight w")), *_share(asked, source)]
    return Facts(title, tuple(facts), (_freeze(asked, name, index, _tr("Freeze")),))


def _kernel(asked: Asked, name: str, source: int) -> Iterator[Fact]:
    """Of a kernel between two channels there is no single number to tell."""
    for key, label in (
        (f"p:{name}", _tr("Mean of its kernel")),
        (f"d:p:{name}", _tr("Mean of its gradient")),
    ):
        shown = asked.numbers.get(key)
        if shown is not None:
            kernel = shown.seen[asked.spot.unit, source]
            yield Fact(
                key.split(":")[0], label, None if shown.known is not None else float(kernel.mean())
            )


def _share(asked: Asked, source: int) -> Iterator[Fact]:
    """What the weight's summand is, and what one sample of many adds to its gradient."""
    a, weight = (
        asked.numbers.get(input_of(asked.spot.path)),
        asked.numbers.parameter(f"{asked.key}.weight"),
    )
    if a is None or weight is None or weight.values.ndim != 2 or a.values.ndim != 1:
        return
    value, w = a.at((source,)), weight.at((asked.spot.unit, source))
    yield Fact(
        "contribution", _tr("Contribution w·a"), None if value is None or w is None else value * w
    )
    stepping = asked.snapshot.stepping
    delta = asked.numbers.get(f"d:z:{asked.key}")
    if asked.sample is None or stepping is None or stepping.record.samples < 2 or delta is None:
        return
    of_unit = delta.at((asked.spot.unit,))
    product = None if of_unit is None or value is None else of_unit * value
    yield Fact("share", _tr("This sample's share of it"), product)


def _unit(asked: Asked) -> Facts:
    spot = asked.spot
    values = {"unit": spot.unit + 1, "layer": stage_name(asked.stage)}
    if spot.pixel is not None:
        values |= {"i": spot.pixel[0], "j": spot.pixel[1]}
        title = _tr("Pixel ({i}, {j}) of channel {unit}, {layer}").format(**values)
    elif asked.stage.is_image:
        title = _tr("Channel {unit} of {layer}").format(**values)
    else:
        title = _tr("Neuron {unit} of {layer}").format(**values)
    name = f"{asked.key}.bias"
    facts = [*_passing(asked), *_parameter(asked, name, (spot.unit,), _tr("Bias b"))]
    toggles = [_knock_out(asked)]
    if asked.numbers.parameter(name) is not None:
        toggles.append(_freeze(asked, name, (spot.unit,), _tr("Freeze its bias")))
    return Facts(title, tuple(facts), tuple(toggles))


def _passing(asked: Asked) -> Iterator[Fact]:
    """What flows through a unit, forwards and back."""
    key = asked.key
    rows = (
        ("z", f"z:{key}", _tr("Weighted sum z")),
        ("a", f"a:{key}", _tr("Activation a")),
        ("above", f"d:a:{key}", _tr("Gradient ∂L/∂a")),
        ("delta", f"d:z:{key}", _tr("Delta ∂L/∂z")),
    )
    for identifier, one, label in rows:
        shown = asked.numbers.get(one)
        if shown is not None:
            yield Fact(identifier, label, _one(shown, asked.index))


def _one(shown: Shown, index: tuple[int, ...]) -> float | None:
    """One number; of a channel as a whole, its mean."""
    if len(index) == shown.values.ndim:
        return shown.at(index)
    if not shown.mask[index].all():
        return None
    return float(shown.values[index].mean())


def _input(asked: Asked) -> Facts:
    spot, data = asked.spot, asked.snapshot.data
    names = data.feature_names if data is not None else ()
    name = names[spot.unit] if spot.unit < len(names) else str(spot.unit + 1)
    title = _tr("Input {name}").format(name=name)
    if spot.pixel is not None:
        values = {"i": spot.pixel[0], "j": spot.pixel[1], "channel": spot.unit + 1}
        title = _tr("Input pixel ({i}, {j}), channel {channel}").format(**values)
    x, gradient = asked.numbers.get("x"), asked.numbers.get("d:x")
    facts = []
    if x is not None:
        edit = _set_input(asked.snapshot.stepping, asked.sample, asked.index)
        facts.append(Fact("x", _tr("Value x"), _one(x, asked.index), edit))
    if gradient is not None:
        facts.append(Fact("delta", _tr("Gradient ∂L/∂x"), _one(gradient, asked.index)))
    return Facts(title, tuple(facts))


def _set_input(
    stepping: Stepping | None, sample: int | None, index: tuple[int, ...]
) -> Callable[[float], Command] | None:
    """Only one sample's input can be written: the mean of a batch is nobody's."""
    if stepping is None or sample is None:
        return None
    row = int(stepping.record.rows[min(sample, stepping.record.samples - 1)])
    return partial(SetInput, row, index)


def _parameter(asked: Asked, name: str, index: tuple[int, ...], label: str) -> Iterator[Fact]:
    """A parameter's value, gradient and update, and what the optimizer remembers of it."""
    numbers = asked.numbers
    value = numbers.parameter(name)
    if value is None:
        return
    kind = name.rpartition(".")[2]
    yield Fact(kind, label, value.at(index), partial(SetNumber, name, index))
    rows = [
        ("gradient", f"d:p:{name}", _tr("Gradient, whole batch")),
        ("clipped", f"clipped:{name}", _tr("Gradient after clipping")),
        ("update", f"step:{name}", _tr("Update")),
    ]
    for state in _states(asked.snapshot.stepping, name):
        after = numbers.get(f"s':{name}:{state}")
        known = after is not None and after.at(index) is not None
        key = f"s':{name}:{state}" if known else f"s:{name}:{state}"
        rows.append((state, key, QCoreApplication.translate("graph", STATES.get(state, state))))
    for identifier, key, text in rows:
        shown = numbers.get(key)
        if shown is not None and shown.values.ndim == len(index):
            yield Fact(f"{kind}.{identifier}", text, shown.at(index))


def _states(stepping: Stepping | None, name: str) -> list[str]:
    if stepping is None:
        return []
    start = f"s':{name}:"
    return [key.removeprefix(start) for key in stepping.record.arrays if key.startswith(start)]


def _freeze(asked: Asked, name: str, index: tuple[int, ...], label: str) -> Toggle:
    on = (name, index) in asked.snapshot.frozen
    return Toggle("freeze", label, on, partial(Freeze, name, index))


def _knock_out(asked: Asked) -> Toggle:
    path, unit = asked.spot.path, asked.spot.unit
    on = (path, unit) in asked.snapshot.knocked
    return Toggle("knock", _tr("Knock out"), on, partial(KnockOut, path, unit))


def _tr(text: str) -> str:
    return QCoreApplication.translate("graph", text)
