"""Texts that change many times a second, at the price of their own few pixels."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel


def put_live(label: QLabel, text: str) -> None:
    """Shows a text in a label of fixed size, which grows when it must and never shrinks.

    A label that may change its size asks for a new layout with each new text, and the layout
    repaints the whole window; Qt leaves that out for a label whose size is fixed. Its neighbours
    so stand still, too.
    """
    if label.text() == text:
        return
    label.ensurePolished()
    margins = label.contentsMargins()
    room = margins.left() + margins.right() + 2 * label.margin()
    needed = label.fontMetrics().horizontalAdvance(text) + room + 1
    if needed > label.maximumWidth() or label.minimumWidth() != label.maximumWidth():
        label.setFixedWidth(max(needed, label.minimumWidth()))
    if label.minimumHeight() != label.maximumHeight():
        label.setFixedHeight(label.fontMetrics().height() + 2 * label.margin())
    label.setText(text)
