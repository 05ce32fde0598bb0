"""The pieces of an answer as rows of a tree: what each is, its number, and where it leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

from PySide6.QtCore import Qt

from app.kit.numbers import four_digits
from app.link.focus import Spot
from app.link.spots import spot_of
from core.debugger.formulas.formula import Factor
from core.debugger.why.place import NumberAt
from core.expression.plain import plain


@dataclass(frozen=True, eq=False)
class PieceRow:
    """One row.

    Attributes:
        text: What it is.
        value: Its number.
        more: What it comes from, in smaller letters below; empty for none.
        at: The operation that a click goes to; None where none made it.
        places: Where in the network it is, to be lit.
        share: Of the largest number beside it, with its sign; None for no bar.
        is_whole: Whether it is what all the others add up to.
        opened: Makes the rows inside of it; None where there are none.
    """

    text: str
    value: float
    more: str = ""
    at: NumberAt | None = None
    places: tuple[Spot, ...] = ()
    share: float | None = None
    is_whole: bool = False
    opened: Callable[[], tuple[PieceRow, ...]] | None = None


class PieceRole(IntEnum):
    """What paints a row asks for."""

    PIECE = Qt.ItemDataRole.UserRole + 1


def places_of(factors: Iterable[Factor | None]) -> tuple[Spot, ...]:
    """Where these numbers are in the network, each place once."""
    found = (spot_of(one.key, one.index) for one in factors if one is not None and one.key)
    return tuple(dict.fromkeys(spot for spot in found if spot is not None))


def told(factor: Factor) -> str:
    """A number with its name: ``w₂,₁ = 0.25``."""
    return f"{plain(factor.symbol)} = {four_digits(factor.value)}"


def shares_of(values: Iterable[float]) -> Callable[[float], float | None]:
    """What part of the largest a number is; None where all are 0."""
    largest = max(map(abs, values), default=0.0)
    return lambda value: value / largest if largest > 0 else None
