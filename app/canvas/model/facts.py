"""What the card says of one place, and what may be changed there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from app.canvas.model.numbers import Shown, asked_for
from app.canvas.model.weights import Asked, WeightPicture, weights_of
from app.canvas.model.words import stage_name, tr
from core.expression.hidden import HIDDEN
from core.messages.commands import Command, Freeze, KnockOut, SetInput, SetNumber
from core.messages.record import Stepping, input_of

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
    """A card's content; with a picture of weights, where there are too many to write down."""

    title: str
    facts: tuple[Fact, ...]
    toggles: tuple[Toggle, ...] = ()
    weights: WeightPicture | None = None


def facts_of(asked: Asked) -> Facts | None:
    """What there is to say of a place; None where it is gone."""
    spot, stage = asked.spot, asked.stage
    if spot.unit >= stage.units or (spot.source or 0) >= stage.before[0]:
        return None
    if spot.source is None:
        return _input(asked) if stage.layer is None else _unit(asked)
    weight = asked.numbers.parameter(f"{asked.key}.weight")
    is_kernel = weight is not None and weight.values.ndim > 2
    return _kernel(asked, spot.source) if is_kernel else _edge(asked, spot.source)


def _edge(asked: Asked, source: int) -> Facts:
    spot, name = asked.spot, f"{asked.key}.weight"
    weight = asked.numbers.parameter(name)
    title = tr("Weight from {source} to {unit} of {layer}").format(
        source=source + 1, unit=spot.unit + 1, layer=stage_name(asked.stage)
    )
    index = (spot.unit,) if weight is not None and weight.values.ndim == 1 else (spot.unit, source)
    facts = [*_parameter(asked, name, index, tr("Weight w")), *_contribution(asked, source)]
    toggles = (_freeze(asked, name, index, tr("Freeze")),)
    return Facts(title, tuple(facts), toggles, weights_of(asked))


def _kernel(asked: Asked, source: int) -> Facts | None:
    """All numbers of a kernel in a picture, and of the picked one what a weight's card says."""
    spot, name = asked.spot, f"{asked.key}.weight"
    title = tr("Kernel from channel {source} to channel {unit} of {layer}").format(
        source=source + 1, unit=spot.unit + 1, layer=stage_name(asked.stage)
    )
    weights = weights_of(asked)
    if spot.kernel is None:
        return Facts(title, tuple(_means(asked, name, source)), (), weights)
    row, column = spot.kernel
    label = tr("Weight w in row {row}, column {column}").format(row=row + 1, column=column + 1)
    index = (spot.unit, source, row, column)
    facts = tuple(_parameter(asked, name, index, label))
    if not facts or facts[0].value is None:
        return None
    toggles = (_freeze(asked, name, index, tr("Freeze")),)
    return Facts(title, facts, toggles, weights)


def _means(asked: Asked, name: str, source: int) -> Iterator[Fact]:
    """Of a kernel as a whole, which has no single number."""
    for identifier, key, label in (
        ("p", f"p:{name}", tr("Mean of its kernel")),
        ("d", f"d:p:{name}", tr("Mean of its gradient")),
    ):
        shown = asked.numbers.of_batch(key)
        if shown is not None:
            mean = float(shown.values[asked.spot.unit, source].mean())
            yield Fact(identifier, label, mean if shown.known is None else None)


def _contribution(asked: Asked, source: int) -> Iterator[Fact]:
    """What the weight's summand is."""
    numbers, unit = asked.numbers, asked.spot.unit
    a, weight = numbers.get(input_of(asked.spot.path)), numbers.parameter(f"{asked.key}.weight")
    if a is None or weight is None or weight.values.ndim != 2 or a.values.ndim != 1:
        return
    made = _product(a.at((source,)), weight.at((unit, source)))
    if asked_for(numbers.get(f"z:{asked.key}"), len(weight.values))[unit]:
        made = HIDDEN
    yield Fact("contribution", tr("Contribution w·a"), made)


def _product(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one * other


def _unit(asked: Asked) -> Facts:
    spot = asked.spot
    values = {"unit": spot.unit + 1, "layer": stage_name(asked.stage)}
    if spot.pixel is not None:
        values |= {"i": spot.pixel[0] + 1, "j": spot.pixel[1] + 1}
        title = tr("Pixel ({i}, {j}) of channel {unit}, {layer}").format(**values)
    elif asked.stage.is_image:
        title = tr("Channel {unit} of {layer}").format(**values)
    else:
        title = tr("Neuron {unit} of {layer}").format(**values)
    name = f"{asked.key}.bias"
    facts = [*_passing(asked), *_parameter(asked, name, (spot.unit,), tr("Bias b"))]
    silent = (spot.path, spot.unit) in asked.snapshot.knocked
    toggles = [Toggle("knock", tr("Knock out"), silent, partial(KnockOut, spot.path, spot.unit))]
    if asked.numbers.parameter(name) is not None:
        toggles.append(_freeze(asked, name, (spot.unit,), tr("Freeze its bias")))
    return Facts(title, tuple(facts), tuple(toggles), weights_of(asked))


def _passing(asked: Asked) -> Iterator[Fact]:
    """What flows through a unit, forwards and back."""
    key = asked.key
    for identifier, one, label in (
        ("z", f"z:{key}", tr("Weighted sum z")),
        ("a", f"a:{key}", tr("Activation a")),
        ("above", f"d:a:{key}", tr("Gradient ∂L/∂a")),
        ("delta", f"d:z:{key}", tr("Delta ∂L/∂z")),
    ):
        shown = asked.numbers.get(one)
        if shown is not None:
            yield Fact(identifier, label, _one(shown, asked.index))
    targets = asked.numbers.targets(asked.stage.units) if asked.is_output else None
    if targets is not None:
        yield Fact("target", tr("Target y"), float(targets[asked.spot.unit]))


def _one(shown: Shown, index: tuple[int, ...]) -> float | None:
    """One number; of a channel as a whole, its mean."""
    if len(index) == shown.values.ndim:
        return shown.at(index)
    return float(shown.values[index].mean()) if shown.mask[index].all() else None


def _input(asked: Asked) -> Facts:
    spot, data = asked.spot, asked.snapshot.data
    names = data.feature_names if data is not None else ()
    name = names[spot.unit] if spot.unit < len(names) else str(spot.unit + 1)
    title = tr("Input {name}").format(name=name)
    if spot.pixel is not None:
        i, j = (place + 1 for place in spot.pixel)
        template = tr("Input pixel ({i}, {j}), channel {channel}")
        title = template.format(i=i, j=j, channel=spot.unit + 1)
    x, gradient = asked.numbers.get("x"), asked.numbers.get("d:x")
    facts = []
    if x is not None:
        edit = _set_input(asked.snapshot.stepping, asked.sample, asked.index)
        facts.append(Fact("x", tr("Value x"), _one(x, asked.index), edit))
    if gradient is not None:
        facts.append(Fact("delta", tr("Gradient ∂L/∂x"), _one(gradient, asked.index)))
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
        ("gradient", f"d:p:{name}", tr("Gradient, whole batch")),
        ("clipped", f"clipped:{name}", tr("Gradient after clipping")),
        ("update", f"step:{name}", tr("Update")),
    ]
    for state in _states(asked.snapshot.stepping, name):
        after = numbers.get(f"s':{name}:{state}")
        known = after is not None and after.at(index) is not None
        key = f"s':{name}:{state}" if known else f"s:{name}:{state}"
        rows.append((state, key, tr(STATES.get(state, state))))
    for identifier, key, text in rows:
        shown = numbers.of_batch(key)
        if shown is not None and shown.values.ndim == len(index):
            yield Fact(f"{kind}.{identifier}", text, shown.at(index))
        if identifier == "gradient":
            yield from _share(asked, name, index)


def _share(asked: Asked, name: str, index: tuple[int, ...]) -> Iterator[Fact]:
    """What one sample of many adds to a gradient."""
    stepping, shown = asked.snapshot.stepping, asked.numbers.get(f"d:p:{name}")
    if asked.sample is None or stepping is None or stepping.record.samples < 2 or shown is None:
        return
    kind = name.rpartition(".")[2]
    yield Fact(f"{kind}.share", tr("This sample's share of it"), shown.at(index))


def _states(stepping: Stepping | None, name: str) -> list[str]:
    if stepping is None:
        return []
    start = f"s':{name}:"
    return [key.removeprefix(start) for key in stepping.record.arrays if key.startswith(start)]


def _freeze(asked: Asked, name: str, index: tuple[int, ...], label: str) -> Toggle:
    on = (name, index) in asked.snapshot.frozen
    return Toggle("freeze", label, on, partial(Freeze, name, index))
