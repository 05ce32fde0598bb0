"""What a first start leaves out of a panel: it is there, and comes with *More*."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

_BEHIND = "behindMore"


def behind_more(*widgets: QWidget, keeps_room: bool = False) -> None:
    """Leaves these out until a person wants more; nobody else may hide or show them.

    Args:
        keeps_room: Whether their place stays empty, so that the others stand still.
    """
    for widget in widgets:
        widget.setProperty(_BEHIND, True)
        if keeps_room:
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)


def show_more(panel: QWidget, *, on: bool) -> None:
    """Shows all that a panel has, or only what one begins with."""
    for widget in panel.findChildren(QWidget):
        if widget.property(_BEHIND):
            widget.setVisible(on)
