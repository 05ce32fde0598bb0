"""What a number of the forward pass is made of as rows, each opened in its turn."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import whole
from app.step.why.pieces import PieceRow, places_of, shares_of, told
from core.debugger.why.parts import MadeOf, Operand, Part, asked_again
from core.expression.plain import plain
from core.messages.record import Phase, Record


def of_parts(record: Record, found: MadeOf) -> tuple[PieceRow, ...]:
    """The parts, and the number that they come to."""
    whole_one = PieceRow(plain(found.number.symbol), found.number.value, is_whole=True)
    pieces = _parts(record, found)
    return (*pieces, whole_one) if pieces else ()


def _parts(record: Record, found: MadeOf) -> tuple[PieceRow, ...]:
    """The largest, and what the others add."""
    part = shares_of([one.term.value for one in found.parts])
    pieces = [
        _part(record, one, part(one.term.value) if found.is_sum else None) for one in found.parts
    ]
    if found.left:
        text = _tr("All smaller parts, {count} of them").format(count=whole(found.left))
        pieces.append(PieceRow(text, found.rest))
    return tuple(pieces)


def _part(record: Record, part: Part, share: float | None) -> PieceRow:
    """A summand with the numbers in it; one that is a number itself, as that number."""
    operands = part.operands
    if len(operands) == 1 and operands[0].number.symbol == part.term.symbol:
        return _operand(record, operands[0], share)
    return PieceRow(
        plain(part.term.symbol),
        part.term.value,
        more=", ".join(told(one.number) for one in operands),
        places=places_of(one.number for one in operands),
        share=share,
        opened=lambda: tuple(_operand(record, one) for one in operands),
    )


def _operand(record: Record, operand: Operand, share: float | None = None) -> PieceRow:
    number = operand.number
    return PieceRow(
        plain(number.symbol),
        number.value,
        at=operand.at,
        places=places_of((number,)),
        share=share,
        opened=_opened(record, operand),
    )


def _opened(record: Record, operand: Operand) -> Callable[[], tuple[PieceRow, ...]] | None:
    """Its own parts, where this step has them."""
    at = operand.at
    if at is None or at.step != record.step:
        return None
    if record.entries[at.entry].phase not in (Phase.FORWARD, Phase.LOSS):
        return None

    def parts() -> tuple[PieceRow, ...]:
        found = asked_again(record, operand)
        return _parts(record, found) if found is not None else ()

    return parts


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhyView", text)
