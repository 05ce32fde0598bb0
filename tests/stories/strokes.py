"""Strokes of the mouse."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

SEVEN = [(0.30, 0.24), (0.50, 0.23), (0.70, 0.24), (0.62, 0.42), (0.54, 0.60), (0.46, 0.80)]
"""The corners of a seven, in parts of the pad's width and height."""


def stroke(widget: QWidget, corners: list[tuple[float, float]]) -> None:
    """Draws with the mouse pressed, in steps as small as a hand's."""
    size = widget.size()
    points = [QPoint(round(x * size.width()), round(y * size.height())) for x, y in corners]
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=points[0])
    for before, after in pairwise(points):
        for part in range(1, 9):
            QTest.mouseMove(widget, before + (after - before) * part / 8)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=points[-1])
