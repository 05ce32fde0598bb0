"""What is found to be amiss with a run: what it is, the numbers that say so, what to try."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.messages.commands import Edit
from core.sentence import Sentence

Severity = Literal["warning", "info"]
"""Whether it keeps the network from learning, or is good to know."""


@dataclass(frozen=True)
class Offer:
    """One change to try beside the run.

    Attributes:
        change: What it is, short enough to name a tab: "Learning rate 0.1 instead of 1".
        edits: That change, from the description as it stands.
    """

    change: Sentence
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Finding:
    """One illness of a run.

    Attributes:
        kind: Which, as the registry calls it: ``dead_units``.
        says: What was found, in one sentence with its numbers.
        means: Why that keeps the network from learning.
        evidence: The measurements that say so.
        numbers: The same as bare values by name.
        offer: What to try; None where nothing single would help.
    """

    kind: str
    severity: Severity
    says: Sentence
    means: Sentence
    evidence: tuple[Sentence, ...] = ()
    numbers: Mapping[str, float] = field(default_factory=dict)
    offer: Offer | None = None
