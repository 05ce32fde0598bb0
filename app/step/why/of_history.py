"""A weight's past as rows: its updates, the newest first, back to its start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import four_digits, whole
from app.link.focus import Spot
from app.step.why.pieces import PieceRow, shares_of
from core.debugger.why.weight_history import (
    Piece,
    Pull,
    SetByHand,
    Updates,
    WeightHistory,
    WeightUpdate,
)


def of_history(found: WeightHistory, name: str, places: tuple[Spot, ...]) -> tuple[PieceRow, ...]:
    """What was added, where it began, and what it is now.

    Args:
        found: The history.
        name: What the weight is called.
        places: Where it is in the network.
    """
    part = shares_of([one.added for one in found.pieces])
    rows = [replace(_row(one, part(one.added)), places=places) for one in found.pieces]
    text = _tr("At the start")
    if found.first_step:
        text = _tr("After step {step}").format(step=whole(found.first_step))
    start = PieceRow(text, found.start, places=places)
    return (*rows, start, PieceRow(name, found.value, is_whole=True, places=places))


def _row(piece: Piece, share: float | None) -> PieceRow:
    match piece:
        case WeightUpdate():
            return _update(piece, share)
        case Updates(first, last, added):
            text = _tr("Steps {first} to {last} together")
            if first == last:
                text = _tr("Step {last}")
            text = text.format(first=whole(first), last=whole(last))
            return PieceRow(text, added, share=share)
        case SetByHand(step, added):
            text = _tr("Set by hand after step {step}").format(step=whole(step))
            return PieceRow(text, added, share=share)


def _update(update: WeightUpdate, share: float | None) -> PieceRow:
    text = _tr("Step {step}").format(step=whole(update.step))
    if update.gradient is None:
        return PieceRow(text, update.added, at=update.at, share=share)
    more = _tr("gradient {number}").format(number=four_digits(update.gradient))
    return PieceRow(text, update.added, more, update.at, share=share, opened=_pulls(update))


def _pulls(update: WeightUpdate) -> Callable[[], tuple[PieceRow, ...]] | None:
    if not update.pulls:
        return None

    def rows() -> tuple[PieceRow, ...]:
        return tuple(map(_pull, update.pulls))

    return rows


def _pull(pull: Pull) -> PieceRow:
    text = _tr("Sample {number}, row {row}: its share of the gradient")
    values = {"number": whole(pull.sample + 1), "row": whole(pull.row)}
    return PieceRow(text.format(**values), pull.share, at=pull.at)


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhyView", text)
