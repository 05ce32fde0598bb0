"""The twin's network: the same graph, at the same operation, with the second run's numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app.canvas.canvas import NetworkCanvas
from app.kit import theme
from app.kit.labels import empty_page
from app.kit.layouts import in_column, in_pages, named
from app.link.pacing import is_out_of_sight
from app.link.second import second_run
from app.link.watching import watch

if TYPE_CHECKING:
    from app.link.bridge import Bridge


class SecondNetwork(QWidget):
    """A canvas of the second run; while there is none, how to have one.

    Attributes:
        canvas: Made when there first is a twin; None before.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "second", self.tr("The twin's network"))
        self._second = second_run(bridge)
        self.canvas: NetworkCanvas | None = None
        words = self.tr("There is no twin.\nSet one out under What if? (!).")
        self._empty = empty_page("second.empty", words, self)
        self._empty.setMargin(theme.space(3))
        self._filled = QWidget(self)
        self._column = in_column(into=self._filled)
        self._pages = in_pages(self._empty, self._filled, into=self)
        watch(bridge, self, "twin")
        watch(bridge, self, "values")
        bridge.snapshot_changed.connect(self._follow)
        self._follow()

    def showEvent(self, event: QShowEvent) -> None:
        """Catches up."""
        super().showEvent(event)
        self._follow()

    def _follow(self) -> None:
        if is_out_of_sight(self):
            return
        there = self._second.is_there
        if there and self.canvas is None:
            self.canvas = NetworkCanvas(self._second, self, editable=False)
            self.canvas.setObjectName("second.canvas")
            self._column.addWidget(self.canvas)
        self._pages.setCurrentWidget(self._filled if there else self._empty)
