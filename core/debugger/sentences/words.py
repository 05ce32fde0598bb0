"""The words that all kinds of numbers share: names, digits, and what would happen."""

from __future__ import annotations

from math import inf, isfinite, isnan

from core.debugger.formulas.formula import Factor
from core.debugger.sentences.claim import EXACT_NUDGE, Claim, Saying, small_step
from core.expression.hidden import SIGN_OF_HIDDEN, is_hidden
from core.expression.plain import plain
from core.expression.tree import Numeral
from core.sentence import Sentence

Forms = tuple[str, str, str]
"""What is said if it would rise, fall, or not move."""

_VALUE: Forms = (
    "If {name} grew by {by}, {moved} would rise by about {change}.",
    "If {name} grew by {by}, {moved} would fall by about {change}.",
    "A small change of {name} would not change {moved}.",
)
_EXACT: Forms = (
    "If {name} grew by {by}, {moved} would rise by {change}.",
    "If {name} grew by {by}, {moved} would fall by {change}.",
    "A change of {name} would not change {moved}.",
)
OWN: Forms = (
    "If {name} grew by {by}, this sample’s loss would rise by about {change}.",
    "If {name} grew by {by}, this sample’s loss would fall by about {change}.",
    "A small change of {name} would not change this sample’s loss.",
)
LOSS: Forms = (
    "If {name} grew by {by}, the loss would rise by about {change}.",
    "If {name} grew by {by}, the loss would fall by about {change}.",
    "A small change of {name} would not change the loss.",
)
WITH_PENALTY: Forms = (
    "If {name} grew by {by}, the loss with its penalty would rise by about {change}.",
    "If {name} grew by {by}, the loss with its penalty would fall by about {change}.",
    "A small change of {name} would not change the loss with its penalty.",
)
EVERYWHERE: Forms = (
    "If {name} grew by {by} in all samples alike, the loss would rise by about {change}.",
    "If {name} grew by {by} in all samples alike, the loss would fall by about {change}.",
    "A small change of {name}, alike in all samples, would not change the loss.",
)
ALONE: Forms = (
    "If {name} grew by {by} for this sample alone, the loss would rise by about {change}.",
    "If {name} grew by {by} for this sample alone, the loss would fall by about {change}.",
    "A small change of {name} for this sample alone would not change the loss.",
)
CANCELLED = 1e-3
"""The share that is left of gradients of several signs, below which they have cancelled out."""
_TINY = 1e-6
"""Below it zeros behind the point cannot be counted at a glance."""
_HARDLY = 1e-6
"""The share of a loss that is hardly anything."""


def name(factor: Factor) -> str:
    """A number's name in letters."""
    return plain(factor.symbol)


def number(value: float, figures: int = 4) -> str:
    """A value in four digits or fewer, without a power of ten as far as zeros can be counted."""
    if is_hidden(value):
        return SIGN_OF_HIDDEN
    rounded = float(f"{value:.{figures}g}")
    if not _TINY <= abs(rounded) < 1e-3:
        return plain(Numeral(rounded))
    size = f"{abs(rounded):.12f}".rstrip("0")
    return "−" + size if rounded < 0 else size


def rough(value: float) -> str:
    """An estimate's size, in two digits."""
    return number(abs(value), figures=2)


def percent(share: float) -> str:
    """A share of the whole, rounded to whole per cents where that says enough."""
    return f"{share:.0%}" if 0.1 <= share < 0.995 or share in (0, 1) else f"{share:.2%}"


def exactly(nudged: Factor, moves: Factor, slope: float, *about: Sentence) -> Saying:
    """What is said, and then how one number moves another that is linear in it."""
    claim = Claim(moves, slope * EXACT_NUDGE, nudged, EXACT_NUDGE, is_exact=True)
    return _with(about, claim, _EXACT)


def nearly(nudged: Factor, moves: Factor, slope: float, *about: Sentence, apart: float) -> Saying:
    """The same of a curve; ``apart`` is how far its nearest corner is."""
    by = small_step(slope, apart=apart)
    return _with(about, Claim(moves, slope * by, nudged, by), _VALUE)


def costs(
    forms: Forms,
    nudged: Factor,
    loss: Factor,
    slope: float,
    *about: Sentence,
    apart: float,
    left: float = 1.0,
    alone: int | None = None,
) -> Saying:
    """The same of a loss; nothing where the samples' wishes have cancelled out.

    Args:
        forms: Which loss is meant, and where the number would grow.
        nudged: What would grow.
        loss: What would change.
        slope: The gradient.
        *about: What is said before.
        apart: How far the nearest corner is.
        left: The share of the samples' gradients that is left when they are added up.
        alone: See :class:`Claim`.
    """
    if left < CANCELLED and slope:
        return Saying(about)
    by = small_step(slope, room=abs(loss.value), apart=apart, most=left / 3 if slope else inf)
    made = _with(about, Claim(loss, slope * by, nudged, by, alone=alone), forms)
    if made.claim is not None and 0 < abs(slope * by) < _HARDLY * abs(loss.value):
        hardly = Sentence("That is less than a millionth of it.")
        return Saying((*made.sentences, hardly), made.claim)
    return made


def _with(about: tuple[Sentence, ...], claim: Claim, forms: Forms) -> Saying:
    assert claim.nudged is not None
    if not isfinite(claim.change):
        return Saying(about)
    form = forms[2] if not claim.change else forms[claim.change < 0]
    size = number(abs(claim.change)) if claim.is_exact else rough(claim.change)
    would = Sentence(
        form,
        name=name(claim.nudged),
        by=number(claim.by),
        moved=name(claim.moves),
        change=size,
    )
    return Saying((*about, would), claim)


def beyond(result: Factor) -> Saying:
    """Of what is no finite number any more."""
    if isnan(result.value):
        template = "{name} is NaN, “not a number”: the computation that leads to it has no result."
        return Saying((Sentence(template, name=name(result)),))
    above = "{name} is infinite: it has grown larger than a number here can be."
    below = "{name} is infinite, and below 0: its size is more than a number here can have."
    return Saying((Sentence(above if result.value > 0 else below, name=name(result)),))
