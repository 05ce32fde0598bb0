"""How fast a race goes on: slowly enough to be watched, or as fast as it can."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app import theme
from app.panels.controls import Combo
from core.surveys import NETWORK

PACES = (5.0, 20.0, 60.0)
"""Steps a second that can be chosen, beside full speed: each swing, a walk, a run."""

WATCHED = 20.0
"""On a test function, unless a person chooses: at full speed a race is over before it is seen."""

_FULL = 0.0
"""Stands for full speed in the list, where None would stand for nothing chosen."""


class PaceChooser(QWidget):
    """A list of paces; each kind of place keeps its own.

    ``chosen`` carries steps a second, or None for full speed.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paces: dict[bool, float | None] = {True: None, False: WATCHED}
        self._on_network = True
        self.combo = Combo(self)
        self.combo.setObjectName("race.pace")
        self.combo.setAccessibleName(self.tr("Pace of the race"))
        self.combo.setToolTip(
            self.tr("How fast the race goes on; another pace acts at once, also while it runs")
        )
        for pace in PACES:
            text = self.tr("{count} steps a second").format(count=f"{pace:g}")
            self.combo.addItem(text, pace)
        self.combo.addItem(self.tr("As fast as it goes"), _FULL)
        self.combo.activated.connect(self._choose)
        title = QLabel(self.tr("Pace"), self)
        title.setProperty("role", "caption")
        title.setBuddy(self.combo)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(1))
        row.addWidget(title)
        row.addWidget(self.combo, 1)

    def pace_in(self, arena: str) -> float | None:
        """What was last chosen for a place of that kind; steps a second."""
        return self._paces[arena == NETWORK]

    def show_pace(self, pace: float | None, arena: str) -> None:
        """Shows the pace of a race somewhere, without a signal."""
        self._on_network = arena == NETWORK
        self._paces[self._on_network] = pace
        self.combo.setCurrentIndex(self.combo.findData(pace or _FULL))

    def _choose(self, index: int) -> None:
        pace = self.combo.itemData(index) or None
        if pace != self._paces[self._on_network]:
            self._paces[self._on_network] = pace
            self.chosen.emit(pace)
