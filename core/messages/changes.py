"""What was changed while a run was under way, so that its curves can say where."""

from __future__ import annotations

from dataclasses import dataclass

Told = str | float | bool | None
"""A value as a person chose it: a number, an entry's English name, a switch, or none."""


@dataclass(frozen=True)
class Difference:
    """One thing that became another.

    Attributes:
        what: Its English title, as its form has it; or, with ``is_deed``, all there is to say.
        before, after: What it was and what it became.
        is_deed: Whether something was done by hand that has no before and after.
    """

    what: str
    before: Told = None
    after: Told = None
    is_deed: bool = False


@dataclass(frozen=True)
class RunChange:
    """What was changed after a step and before the next.

    Attributes:
        step: The last one by the old rules.
    """

    step: int
    differences: tuple[Difference, ...]
