"""What the tests of the views of trials share."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit


def bottom_row(qtbot, widget):
    """A view as large as the lower docks leave it."""
    qtbot.addWidget(widget)
    widget.resize(700, 300)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def type_into(qtbot, view, name, text):
    """Types a text in place of what a line holds, and presses Enter."""
    line = view.findChild(QLineEdit, name)
    line.setFocus()
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClicks(line, text)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    return line


def assert_side_by_side(around, parts):
    """Each part lies within, has the room it needs, and lies over no other."""
    for part in parts:
        assert around.rect().contains(part.geometry())
        assert part.width() >= part.minimumSizeHint().width()
        others = [other for other in parts if other is not part]
        assert not any(part.geometry().intersects(other.geometry()) for other in others)
