"""What a sentence says would happen: kept as numbers, so that it can be tried out."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite

from core.debugger.formulas.formula import Factor
from core.sentence import Sentence

NUDGE, EXACT_NUDGE = 0.01, 0.1
"""By how much a number is nudged, where the answer is an estimate, and where it is exact."""
_ROOM = 0.05
"""The share of a loss up to which a straight line says well enough how it changes."""


@dataclass(frozen=True)
class Claim:
    """If one number grew, another would change by so much; or: one number changes in this step.

    Attributes:
        moves: What changes, as it stands now.
        change: By how much; to first order where it is not exact.
        nudged: What would grow; -1 in the place of the sample where it would in every sample
            alike. None where nothing is supposed: the step itself changes the number.
        by: How far it would grow.
        is_exact: Whether ``change`` is no estimate.
        alone: The only sample for which a parameter would grow; None for all of them.
    """

    moves: Factor
    change: float
    nudged: Factor | None = None
    by: float = 0.0
    is_exact: bool = False
    alone: int | None = None


@dataclass(frozen=True)
class Saying:
    """What is said of one number.

    Attributes:
        sentences: One after the other.
        claim: What the last of them but for remarks says would happen; None where nothing can be
            said, since the number is none or stands at a corner.
    """

    sentences: tuple[Sentence, ...]
    claim: Claim | None = None

    def __str__(self) -> str:
        """All of them in English."""
        return " ".join(map(str, self.sentences))


def small_step(slope: float, *, room: float = 0.0, apart: float = inf, most: float = inf) -> float:
    """How far to nudge a number so that a straight line is a fair estimate.

    Args:
        slope: How fast the other number changes.
        room: Of a loss, what it is: a change of more than a twentieth is no small one.
        apart: How far the nearest corner is; 0 for one where the number itself stands.
        most: No further than this.
    """
    by = NUDGE
    limit = _ROOM * room if isfinite(room) else 0.0
    while by > most or (0 < limit < abs(slope) * by) or 0 < apart <= by:
        by /= 10
    return float(f"{by:.0e}")
