"""Picks weights that a plane is laid through: now, the start, a step, another run's end."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from app import theme
from app.panels.controls import Combo, narrow
from core.surveys import AtStep, Now, State

Offer = tuple[str, State]


class StatePicker(QWidget):
    """A combo of states, with a field for the step where one is to be named.

    Args:
        name: Of the controls.
        none: How "no state" is called; empty where there has to be one.
    """

    picked = Signal(object)

    def __init__(self, name: str, none: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._none = none
        self._state: State | None = None if none else Now()
        self._combo = Combo(self)
        self._combo.setObjectName(name)
        self._step = narrow(QSpinBox(self))
        self._step.setObjectName(f"{name}.step")
        self._step.setKeyboardTracking(False)
        self._step.setToolTip(self.tr("Updates behind the state; the nearest kept one is taken"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(0.5))
        row.addWidget(self._combo, 3)
        row.addWidget(self._step, 2)
        self._offered: tuple[tuple[Offer, ...], bool] = ((), False)
        self._combo.activated.connect(lambda _index: self._chose())
        self._step.valueChanged.connect(lambda step: self._pick(AtStep(step)))
        self.offer((), 0)

    @property
    def state(self) -> State | None:
        """What is picked."""
        return self._state

    def offer(self, others: tuple[Offer, ...], last: int, *, race: bool = False) -> None:
        """Takes in what there is to choose from.

        Args:
            others: States beside those of this run, or of the race's start.
            last: The run's newest step.
            race: Whether they are a race's, which knows no other steps than where runners stand.
        """
        self._step.blockSignals(True)
        self._step.setRange(0, max(last, 0))
        self._step.blockSignals(False)
        if (others, race) == self._offered and self._combo.count():
            return
        self._offered = others, race
        self._combo.clear()
        if self._none:
            self._combo.addItem(self._none, None)
        if race:
            self._combo.addItem(self.tr("Start of the race"), Now())
        else:
            self._combo.addItem(self.tr("Now"), Now())
            self._combo.addItem(self.tr("Start of the run"), AtStep(0))
            self._combo.addItem(self.tr("At step…"), AtStep(-1))
        for text, state in others:
            self._combo.addItem(text, state)
        self.show_state(self._state)

    def show_state(self, state: State | None) -> None:
        """Shows a state, without a signal."""
        self._state = state
        named = isinstance(state, AtStep) and state.step > 0
        wanted = AtStep(-1) if named else state
        found = [i for i in range(self._combo.count()) if self._combo.itemData(i) == wanted]
        self._combo.setCurrentIndex(found[0] if found else -1)
        self._step.setVisible(named)
        if named:
            assert isinstance(state, AtStep)
            self._step.blockSignals(True)
            self._step.setValue(state.step)
            self._step.blockSignals(False)

    def _chose(self) -> None:
        chosen = self._combo.currentData()
        if isinstance(chosen, AtStep) and chosen.step < 0:
            chosen = AtStep(max(self._step.value(), 1))
        self._pick(chosen)

    def _pick(self, state: State | None) -> None:
        if state != self._state:
            self.show_state(state)
            self.picked.emit(state)
