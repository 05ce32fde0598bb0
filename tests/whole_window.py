"""A window that shows all it has, as whoever has pressed *More* sees it."""

from __future__ import annotations

from app.window.perspectives import PERSPECTIVES
from app.window.settings import Settings


def with_all(settings: Settings) -> Settings:
    """Settings of somebody who wants more, in every perspective."""
    for perspective in PERSPECTIVES:
        settings.set_more(perspective.id, on=True)
    settings.set_welcomed()
    return settings
