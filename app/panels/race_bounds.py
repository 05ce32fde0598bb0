"""What else a race is set up by: how far it goes, and the chance in a noisy function."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QWidget

from app import theme
from app.panels.controls import narrow, turns
from core.catalog.base import entries_of
from core.catalog.functions import LossFunction
from core.surveys import RaceChoice

LIMITS = (1, 1_000_000)
SEEDS = (0, 9999)

_LIMIT, _SEED = 11.5, 8
"""Widths at the least, in units of the grid: room for the longest of each."""


class RaceBounds(QWidget):
    """A field for the limit and one for the seed.

    ``limited`` carries so many steps, ``seeded`` a seed.
    """

    limited = Signal(int)
    seeded = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.limit = _Number("race.limit", LIMITS, _LIMIT, self)
        self.limit.setGroupSeparatorShown(True)
        self.limit.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
        self.limit.setAccessibleName(self.tr("Steps after which the race stands still"))
        self.limit.setToolTip(self.tr("The race stands still after so many steps"))
        self.seed = _Number("race.seed", SEEDS, _SEED, self)
        self.seed.setAccessibleName(self.tr("Seed of the function's noise"))
        self.limit.valueChanged.connect(self.limited)
        self.seed.valueChanged.connect(self.seeded)
        self._lay_out()

    def show_choice(self, choice: RaceChoice) -> None:
        """Shows both, without a signal; the seed can be chosen where it changes anything."""
        for field, value in ((self.limit, choice.limit), (self.seed, choice.seed)):
            if field.value() != value:
                with QSignalBlocker(field):
                    field.setValue(value)
        entry = entries_of(LossFunction).get(choice.arena)
        has_noise = entry is not None and entry.noise > 0
        text = self.tr("Only a noisy function needs one: the network's batches follow its own seed")
        if has_noise:
            text = self.tr("The same seed gives the same noise; another one begins the race anew")
        for part in (self.seed, self._seed_title):
            part.setEnabled(has_noise)
            part.setToolTip(text)

    def _lay_out(self) -> None:
        self._seed_title = QLabel(self.tr("Seed"), self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(1))
        titles = (QLabel(self.tr("Step limit"), self), self._seed_title)
        for title, field in zip(titles, (self.limit, self.seed), strict=True):
            title.setProperty("role", "caption")
            title.setBuddy(field)
            row.addWidget(title)
            row.addWidget(field, 1)
            if field is self.limit:
                row.addStretch(0)


class _Number(QSpinBox):
    """A count that is told of once it is typed to its end, and a panel can be scrolled over."""

    def __init__(self, identity: str, ends: tuple[int, int], width: float, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self.setRange(*ends)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        narrow(self).setMinimumWidth(theme.space(width))
        self.setMaximumWidth(theme.space(width + 2))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """For the panel, unless the field was chosen before."""
        if turns(self, event):
            super().wheelEvent(event)
