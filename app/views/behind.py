"""Views in tabs that are behind others have nothing to show, and should cost nothing."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def stands_behind(view: QWidget) -> bool:
    """Whether nobody can see a view though its window is there; it catches up when it is shown."""
    return view.window().isVisible() and not view.isVisible()
