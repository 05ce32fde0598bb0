"""Where a race takes place: the learner's network, or a classic function."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app import theme
from app.panels.controls import Combo, allow_item, dim_label, say
from app.text import label_of, translated
from app.views.latex_worker import LatexWorker
from app.views.math_label import MathLabel
from core.catalog.base import entries_of
from core.catalog.functions import LossFunction
from core.surveys import NETWORK


class ArenaChooser(QWidget):
    """A list of places, a sentence about the one chosen, and its formula.

    ``chosen`` carries the arena's word.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("race.arena")
        self._functions = entries_of(LossFunction)
        self._arena = ""
        self.combo = Combo(self)
        self.combo.setObjectName("race.arena.kind")
        self.combo.setAccessibleName(self.tr("Where the race takes place"))
        self._fill()
        self.description = dim_label(parent=self)
        self.description.setObjectName("race.arena.description")
        self.formula = MathLabel("race.arena.formula", self.tr("The function"), self)
        self._worker = LatexWorker(self)
        self._worker.drawn.connect(self.formula.refresh)
        self._lay_out()
        self.combo.activated.connect(self._choose)

    @property
    def arena(self) -> str:
        """The place that is shown."""
        return self._arena

    def show_arena(self, arena: str) -> None:
        """Shows a place, without a signal."""
        if arena == self._arena:
            return
        self._arena = arena
        self.combo.setCurrentIndex(self.combo.findData(arena))
        entry = self._functions.get(arena)
        text = translated(entry.description) if entry is not None else _network()
        self.combo.setToolTip(text)
        say(self.description, text)
        self.formula.set_tex("L = " + entry.formula if entry is not None else "")
        self.formula.setVisible(entry is not None)
        self._draw()

    def showEvent(self, event: QShowEvent) -> None:
        """A formula is drawn once somebody can see it."""
        super().showEvent(event)
        self._worker.release()
        self._draw()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody waits for a drawing."""
        self._worker.hold()
        super().hideEvent(event)

    def _draw(self) -> None:
        missing = self.formula.missing
        if missing and self.isVisible():
            self._worker.request(missing)

    def _fill(self) -> None:
        self.combo.addItem(self.tr("My network"), NETWORK)
        allow_item(self.combo, 0, _network(), allowed=True)
        self.combo.insertSeparator(1)
        for kind, entry in self._functions.items():
            self.combo.addItem(label_of(entry), kind)
            last = self.combo.count() - 1
            allow_item(self.combo, last, translated(entry.description), allowed=True)
        self.combo.setMaxVisibleItems(self.combo.count())

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Race on"), self)
        title.setProperty("role", "caption")
        title.setBuddy(self.combo)
        row = QHBoxLayout()
        row.setSpacing(theme.space(1))
        row.addWidget(title)
        row.addWidget(self.combo, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space(0.5))
        column.addLayout(row)
        column.addWidget(self.description)
        column.addWidget(self.formula)

    def _choose(self, index: int) -> None:
        arena = self.combo.itemData(index)
        if arena != self._arena:
            self.show_arena(arena)
            self.chosen.emit(arena)


def _network() -> str:
    return QCoreApplication.translate(
        "race", "All start from the network's present weights and see the same batches in turn."
    )
