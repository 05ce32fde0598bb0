"""One colour for each who takes part in a race, the same in every picture and table."""

from __future__ import annotations

from PySide6.QtGui import QColor

from app import theme

OWN = -1
"""The id of the experiment's own run."""


def colour_of(id: int) -> QColor:
    """The colour of a runner in the theme in use, or of this experiment's own run.

    Over a heat map a line or ball of it needs an edge in ``theme.current().surface``: no eight
    colours stand out from one another and from a whole colour scale.

    Args:
        id: As in ``RunnerView`` and ``PathView``: -1 is this experiment's own run; beyond 7 the
            colours come again.
    """
    tokens = theme.current()
    return QColor(tokens.accent if id == OWN else tokens.runners[id % len(tokens.runners)])
