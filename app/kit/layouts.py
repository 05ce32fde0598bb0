"""Widgets beside and below one another, and what they are called: said in one call."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLayout,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from app.kit import theme

W = TypeVar("W", bound=QWidget)
L = TypeVar("L", bound=QBoxLayout)
Item = QWidget | QLayout | tuple[QWidget | QLayout, int] | float | None
"""What stands in a row or column: alone or with its share of the room; a number for so much empty
room, in units of the grid; None for all that is left."""
Margins = float | tuple[float, float, float, float] | None


def in_row(
    *items: Item,
    into: QWidget | None = None,
    around: Margins = 0,
    apart: float | None = None,
) -> QHBoxLayout:
    """Things beside one another.

    Args:
        items: From left to right.
        into: The widget that they fill, if they are not a part of another layout.
        around: The margins: left, top, right, bottom, or all alike; None for the style's own.
        apart: From one to the next; None for the style's own. Both in units of the grid.
    """
    return _filled(QHBoxLayout(), items, into, around, apart)


def in_column(
    *items: Item,
    into: QWidget | None = None,
    around: Margins = 0,
    apart: float | None = None,
) -> QVBoxLayout:
    """Things below one another; see :func:`in_row`."""
    return _filled(QVBoxLayout(), items, into, around, apart)


def _filled(
    box: L, items: tuple[Item, ...], into: QWidget | None, around: Margins, apart: float | None
) -> L:
    if into is not None:
        into.setLayout(box)
    if around is not None:
        margins = around if isinstance(around, tuple) else (around,) * 4
        box.setContentsMargins(*map(theme.gap, margins))
    if apart is not None:
        box.setSpacing(theme.gap(apart))
    for item in items:
        thing, share = item if isinstance(item, tuple) else (item, 0)
        if thing is None:
            box.addStretch(1)
        elif isinstance(thing, int | float):
            box.addSpacing(theme.gap(thing))
        elif isinstance(thing, QWidget):
            box.addWidget(thing, share)
        else:
            box.addLayout(thing, share)
    return box


def in_pages(*pages: QWidget, into: QWidget | None = None) -> QStackedLayout:
    """Things of which one is seen at a time, at first the first; see :func:`in_row`."""
    stack = QStackedLayout()
    if into is not None:
        into.setLayout(stack)
    for page in pages:
        stack.addWidget(page)
    return stack


def named(widget: W, identity: str, name: str = "", tip: str = "") -> W:
    """A widget with its name for tests and styles, the one read aloud, and its words on hover."""
    widget.setObjectName(identity)
    if name:
        widget.setAccessibleName(name)
    if tip:
        widget.setToolTip(tip)
    return widget
