"""What a panel leaves out: at a first start, until *More* is wanted; and before a room."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

_BEHIND, _FOLDS = "behindMore", "foldsBeforeRoom"


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


def folds_before_room(*widgets: QWidget) -> None:
    """Leaves these out while the window is shown to a room; else as with :func:`behind_more`."""
    for widget in widgets:
        widget.setProperty(_FOLDS, True)


def show_more(panel: QWidget, *, on: bool, before_room: bool = False) -> None:
    """Shows all that a panel has, or only what one begins with; to a room what it reads."""
    for widget in panel.findChildren(QWidget):
        is_behind, folds = widget.property(_BEHIND), widget.property(_FOLDS)
        if is_behind or folds:
            widget.setVisible((on or not is_behind) and not (folds and before_room))
