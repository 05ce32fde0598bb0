"""Breakpoints in plain words, and the numbers that a new one begins with."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import percent, short_number, whole
from app.kit.text import QT_TRANSLATE_NOOP, translated
from app.step.words import entry_name
from core.messages.breakpoints import Breakpoint, Condition
from core.messages.snapshot import Snapshot

_TINY = 45
"""Decimals behind the point: 1.4e-45 is the least number above zero of a 32-bit tensor."""


@dataclass(frozen=True)
class Wording:
    """How one condition is offered and said.

    Attributes:
        menu: As the menu has it.
        text: In one sentence, with ``{number}``, ``{layer}`` or ``{operation}``.
        short: As the list has it, before the field of its number; empty where ``text`` is short.
        number: What a new one begins with; None where it has no number.
        lowest: The least that the number may be.
        highest: The most.
        decimals: Behind the point; 0 for a count.
    """

    menu: str
    text: str
    short: str = ""
    number: float | None = None
    lowest: float = 0.0
    highest: float = 1e9
    decimals: int = 0


WORDINGS = {
    Condition.ENTRY: Wording(
        QT_TRANSLATE_NOOP("breakpoints", "At this operation"),
        QT_TRANSLATE_NOOP("breakpoints", "At {operation}"),
    ),
    Condition.LAYER: Wording(
        QT_TRANSLATE_NOOP("breakpoints", "At a layer"),
        QT_TRANSLATE_NOOP("breakpoints", "At layer {layer}"),
    ),
    Condition.NOT_FINITE: Wording(
        QT_TRANSLATE_NOOP("breakpoints", "A gradient is NaN or infinite"),
        QT_TRANSLATE_NOOP("breakpoints", "A gradient is NaN or infinite"),
    ),
    Condition.NORM_ABOVE: Wording(
        QT_TRANSLATE_NOOP("breakpoints", "The gradients' norm is above a value"),
        QT_TRANSLATE_NOOP("breakpoints", "The norm of all gradients is above {number}"),
        short=QT_TRANSLATE_NOOP("breakpoints", "Norm above"),
        number=10.0,
        decimals=_TINY,
    ),
    Condition.NORM_BELOW: Wording(
        QT_TRANSLATE_NOOP("breakpoints", "The gradients' norm is below a value"),
        QT_TRANSLATE_NOOP("breakpoints", "The norm of all gradients is below {number}"),
        short=QT_TRANSLATE_NOOP("breakpoints", "Norm below"),
        number=0.001,
        decimals=_TINY,
    ),
    Condition.DEAD: Wording(
        QT_TRANSLATE_NOOP("breakpoints", "A neuron is dead"),
        QT_TRANSLATE_NOOP("breakpoints", "A neuron gives zero on the whole batch"),
        short=QT_TRANSLATE_NOOP("breakpoints", "A neuron is dead"),
    ),
    Condition.LOSS_RISES: Wording(
        QT_TRANSLATE_NOOP("breakpoints", "The loss keeps rising"),
        QT_TRANSLATE_NOOP("breakpoints", "The batch's loss has risen; times in a row: {number}"),
        short=QT_TRANSLATE_NOOP("breakpoints", "Rises in a row"),
        number=3,
        lowest=1,
        highest=1e6,
    ),
    Condition.ACCURACY: Wording(
        QT_TRANSLATE_NOOP("breakpoints", "The accuracy is reached"),
        QT_TRANSLATE_NOOP("breakpoints", "The batch's accuracy is at least {number}"),
        short=QT_TRANSLATE_NOOP("breakpoints", "Accuracy from"),
        number=0.9,
        highest=1.0,
        decimals=4,
    ),
    Condition.EVERY: Wording(
        QT_TRANSLATE_NOOP("breakpoints", "Every so many iterations"),
        QT_TRANSLATE_NOOP("breakpoints", "Iterations between two stops: {number}"),
        short=QT_TRANSLATE_NOOP("breakpoints", "Every n steps"),
        number=100,
        lowest=1,
    ),
}


def _translate(text: str) -> str:
    return QCoreApplication.translate("breakpoints", text)


def menu_text(condition: Condition) -> str:
    """A condition as the menu has it."""
    return _translate(WORDINGS[condition].menu)


def new(condition: Condition) -> Breakpoint:
    """A breakpoint with the number that its condition begins with."""
    return Breakpoint(condition, number=float(WORDINGS[condition].number or 0.0))


def words(point: Breakpoint, snapshot: Snapshot) -> str:
    """What a breakpoint waits for, in one sentence."""
    return _translate(WORDINGS[point.condition].text).format(
        number=_number(point),
        layer=_layer(point, snapshot),
        operation=_operation(point, snapshot),
    )


def short(point: Breakpoint, snapshot: Snapshot) -> str:
    """The same as it stands before the field with its number."""
    label = WORDINGS[point.condition].short
    return _translate(label) if label else words(point, snapshot)


def _number(point: Breakpoint) -> str:
    if point.condition is Condition.ACCURACY:
        return percent(point.number)
    if WORDINGS[point.condition].decimals:
        return short_number(point.number)
    return whole(int(point.number))


def _layer(point: Breakpoint, snapshot: Snapshot) -> str:
    """The layer's name; where it is gone, its place."""
    names = {layer.path: layer.name for layer in snapshot.layers}
    place = ".".join(str(i + 1) for i in point.path)
    return translated(names.get(point.path, place))


def _operation(point: Breakpoint, snapshot: Snapshot) -> str:
    """The operation's name; while no step is recorded, the key of what it computes."""
    entries = snapshot.stepping.record.entries if snapshot.stepping is not None else ()
    return next((entry_name(one) for one in entries if one.writes == point.writes), point.writes)
