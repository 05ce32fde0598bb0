"""Tells the engine what somebody looks at, so that it measures that and nothing else."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QWidget

from app.link.bridge import Bridge
from core.messages.commands import Watch

Part = Literal["values", "history", "map", "twin"]
"""What of a snapshot costs something: see ``Values``, ``LayerHistory``, ``DecisionMap`` and
``TwinView``."""


class Watching(QObject):
    """Which widgets of one experiment are on the screen, and what they show; owned by its bridge.

    Made by :func:`watch`, one a bridge.
    """

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self._wants: dict[QObject, set[Part]] = {}
        self._visible: set[QObject] = set()
        self._told: frozenset[str] = frozenset()

    def add(self, widget: QWidget, part: Part) -> None:
        """Follows a widget for as long as it lives."""
        if widget not in self._wants:
            self._wants[widget] = set()
            widget.installEventFilter(self)
            widget.destroyed.connect(lambda: self._forget(widget))
        self._wants[widget].add(part)
        if widget.isVisible():
            self._visible.add(widget)
            self._tell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Sees widgets come and go; lets every event pass."""
        if event.type() == QEvent.Type.Show and watched in self._wants:
            self._visible.add(watched)
            self._tell()
        elif event.type() == QEvent.Type.Hide and watched in self._visible:
            self._visible.discard(watched)
            self._tell()
        return False

    def _forget(self, widget: QObject) -> None:
        self._wants.pop(widget, None)
        self._visible.discard(widget)
        self._tell()

    def _tell(self) -> None:
        parts = frozenset[str](part for widget in self._visible for part in self._wants[widget])
        if parts != self._told:
            self._told = parts
            self._bridge.dispatch(Watch(parts))


def watch(bridge: Bridge, widget: QWidget, part: Part) -> None:
    """Has the engine measure a part of its snapshots while the widget is on the screen.

    Several widgets may want the same part, and one several parts.
    """
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    watching = bridge.findChild(Watching, options=direct) or Watching(bridge)
    watching.add(widget, part)
