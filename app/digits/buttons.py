"""The icon buttons of the digit panel, all alike."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QToolButton, QWidget

from app import icons


def icon_button(
    parent: QWidget,
    identity: str,
    icon: str,
    tip: str,
    act: Callable[[], object] | None = None,
) -> QToolButton:
    """A button with an icon and no frame; the tip is its accessible name as well.

    Args:
        parent: The panel.
        identity: The objectName; stable, since lessons and tests find the button by it.
        icon: A file of resources/icons.
        tip: What it does, and the key that does the same.
        act: Called on each click.
    """
    button = QToolButton(parent)
    button.setObjectName(identity)
    button.setIconSize(QSize(icons.SIZE, icons.SIZE))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    icons.put(button, icon)
    if act is not None:
        button.clicked.connect(lambda _checked=False: act())
    return button
