"""A gradient's paths to the loss as rows: each with its product, and inside it its factors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import four_digits, whole
from app.step.why.pieces import PieceRow, places_of, shares_of, told
from core.expression.plain import plain

if TYPE_CHECKING:
    from core.debugger.why.paths import GradientPaths
    from core.debugger.why.routes import GradientPath, PathFactor


def of_paths(found: GradientPaths) -> tuple[PieceRow, ...]:
    """The largest paths, what all others add, and the gradient that they come to."""
    part = shares_of([path.product for path in found.paths])
    pieces = [_path(path, part(path.product)) for path in found.paths]
    if not pieces:
        return ()
    if found.left or found.samples is not None:
        text = _tr("All other paths, {count} of them").format(count=whole(found.left))
        if found.samples is not None:
            text = _tr("All other paths, those through other samples too")
        pieces.append(PieceRow(text, found.rest))
    return (*pieces, PieceRow(plain(found.number.symbol), found.number.value, is_whole=True))


def _path(path: GradientPath, share: float | None) -> PieceRow:
    numbers = (path.begin, *(factor.reached for factor in path.factors))
    slopes = (factor.is_number for factor in path.factors)
    return PieceRow(
        path.route,
        path.product,
        more=" × ".join(four_digits(factor.local.value) for factor in path.factors),
        places=places_of((*numbers, *slopes)),
        share=share,
        opened=lambda: tuple(map(_factor, path.factors)),
    )


def _factor(factor: PathFactor) -> PieceRow:
    """One slope on the way, and the number that it leads to."""
    text, number = plain(factor.local.symbol), factor.is_number
    if number is not None:
        text = f"{text} = {plain(number.symbol)}"
    more = _tr("leads to {number}").format(number=told(factor.reached))
    places = places_of((factor.reached, number))
    return PieceRow(text, factor.local.value, more=more, at=factor.at, places=places)


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhyView", text)
