"""Every illness that is looked for, those that explain most first."""

from __future__ import annotations

from core.diagnosis.course import NothingLearned, Overfitting
from core.diagnosis.evidence import Evidence
from core.diagnosis.flow import Exploding, Vanishing
from core.diagnosis.illness import Illness
from core.diagnosis.matching import Imbalance, UnreachableTargets, UnsuitedLoss
from core.diagnosis.rates import RateTooHigh, RateTooLow
from core.diagnosis.start import AlikeUnits, Collapsed
from core.diagnosis.units import DeadUnits, Saturated
from core.messages.findings import Finding

ILLNESSES: tuple[Illness, ...] = (
    AlikeUnits(),
    UnreachableTargets(),
    Exploding(),
    RateTooHigh(),
    DeadUnits(),
    Saturated(),
    Vanishing(),
    Collapsed(),
    RateTooLow(),
    Imbalance(),
    NothingLearned(),
    UnsuitedLoss(),
    Overfitting(),
)


def examined(evidence: Evidence) -> tuple[Finding, ...]:
    """What a single look finds."""
    found: list[Finding] = []
    for illness in ILLNESSES:
        is_explained = any(one.severity == "warning" for one in found)
        if illness.last and is_explained:
            continue
        finding = illness.examine(evidence)
        if finding is not None:
            found.append(finding)
    return tuple(found)
