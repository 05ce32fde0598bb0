"""What is compared: the optimizers, the range of rates, and the steps of each trial."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.kit.flow import in_flow
from app.kit.labels import caption_of
from app.kit.layouts import in_row, named
from app.kit.text import label_of, sentence, translated
from app.rates.grid_model import RatePlan
from app.rates.rate_line import RateLine, count_box
from app.rates.trial import TrialButton
from core.catalog.base import entries_of
from core.catalog.optimizers import Optimizer
from core.sentence import Sentence


class RateGridTools(QWidget):
    """``changed`` carries the plan as it should be from now on."""

    changed = Signal(object)

    def __init__(self, plan: RatePlan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rates.tools")
        self._plan = plan
        self._has_network = True
        tip = self.tr("Try every optimizer at every rate, on copies of the network")
        self.run = TrialButton("rates.run", self.tr("Compare"), tip, self)
        self._make_menu()
        self._make_numbers()
        self._lay_out()

    def allow(self, *, has_network: bool) -> None:
        """Whether there is a network to try anything with."""
        self._has_network = has_network
        self.run.setEnabled(has_network and bool(self._plan.kinds))

    def set_editable(self, *, editable: bool) -> None:
        """The plan stands still while it is carried out."""
        for part in (self.optimizers, self.low, self.high, self.columns, self.steps):
            part.setEnabled(editable)

    def _make_menu(self) -> None:
        self.menu = named(QMenu(self), "rates.menu")
        self.menu.setToolTipsVisible(True)
        for kind, entry in entries_of(Optimizer).items():
            action = QAction(label_of(entry), self.menu)
            action.setObjectName(f"rates.optimizer.{kind}")
            action.setToolTip(translated(entry.description))
            action.setCheckable(True)
            action.setChecked(kind in self._plan.kinds)
            action.toggled.connect(lambda on, one=kind: self._turn(one, on))
            self.menu.addAction(action)
        self.optimizers = named(
            QPushButton(self),
            "rates.optimizers",
            tip=self.tr("Choose the rows: which optimizers to try"),
        )
        self.optimizers.setMenu(self.menu)
        self._name_menu()

    def _make_numbers(self) -> None:
        plan, tr = self._plan, self.tr
        self.low = RateLine("rates.low", tr("The lowest rate"), plan.low, self)
        self.high = RateLine("rates.high", tr("The highest rate"), plan.high, self)
        self.low.entered.connect(lambda rate: self._change(replace(self._plan, low=rate)))
        self.high.entered.connect(lambda rate: self._change(replace(self._plan, high=rate)))
        self.columns = count_box("rates.columns", tr("How many rates"), (2, 21), plan.count)
        self.columns.valueChanged.connect(lambda n: self._change(replace(self._plan, count=n)))
        ends = (10, 10_000)
        self.steps = count_box("rates.steps", tr("Steps of each trial"), ends, plan.steps)
        self.steps.setSingleStep(50)
        self.steps.valueChanged.connect(lambda n: self._change(replace(self._plan, steps=n)))

    def _lay_out(self) -> None:
        rates, to = caption_of(self.low, self.tr("Rates")), caption_of(self.high, self.tr("to"))
        columns = caption_of(self.columns, self.tr("in")), self.columns
        steps = caption_of(self.steps, self.tr("Steps")), self.steps
        span = in_row(rates, self.low, to, self.high, *columns, apart=0.75)
        parts = (self.run, self.optimizers, None, span, in_row(*steps, apart=0.75))
        in_flow(*parts, into=self, apart=0.75)

    def _turn(self, kind: str, on: bool) -> None:
        others = tuple(one for one in self._plan.kinds if one != kind)
        self._change(replace(self._plan, kinds=(*others, kind) if on else others))
        self._name_menu()

    def _name_menu(self) -> None:
        chosen = Sentence("{n} optimizers", one="{n} optimizer", n=len(self._plan.kinds))
        self.optimizers.setText(sentence(chosen))

    def _change(self, plan: RatePlan) -> None:
        self._plan = plan
        self.allow(has_network=self._has_network)
        self.changed.emit(plan)
