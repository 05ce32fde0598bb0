"""Where each optimizer learns, crawls or explodes: trials of learning rates, all at a glance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.layouts import in_column, in_row
from app.kit.numbers import whole
from app.rates.grid_cells import RateGridTable
from app.rates.grid_model import RateGridModel, RatePlan, planned
from app.rates.grid_tools import RateGridTools
from app.rates.rate_line import to_mend
from app.rates.trial import TrialStatus, TrialView
from app.rates.verdicts import VerdictLegend
from core.messages.edits import set_optimizer
from core.messages.race import Contest, RateGrid, Verdict

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.messages.snapshot import Snapshot

_READING = 52
"""In units of the grid: what there is to say about a cell."""


class RateGridView(TrialView):
    """A row an optimizer, a column a rate; a click on a cell takes both over.

    Attributes:
        plan: What Compare will try.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("rates", bridge, parent)
        first = RatePlan()
        kinds = dict.fromkeys((*first.kinds, self._optimizer.kind))
        self.plan = replace(first, kinds=tuple(kinds))
        self._make_parts()
        self._lay_out()
        self._restyle()
        self._connect()
        self._follow(self.tools.run)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        self.tools.allow(has_network=bool(snapshot.layers))
        self.model.show_in_use(snapshot.spec.optimizer)
        super().show_snapshot(snapshot)

    def _restyle(self) -> None:
        self.table.restyle()

    def _make_parts(self) -> None:
        self.tools = RateGridTools(self.plan, self)
        self.model = RateGridModel()
        self.model.setParent(self)
        self.table = RateGridTable(self.model, self)
        self.status = TrialStatus("rates", self.tr("Progress of the trials"), self)
        self.legend = VerdictLegend(self)

    def _lay_out(self) -> None:
        below = in_row((self.readout, 1), self.legend, apart=2)
        # The row stays as high without the legend, beside which the words may take two lines.
        below.addStrut(2 * self.readout.fontMetrics().lineSpacing())
        parts = (self.tools, self.status, (self.table, 1), below)
        in_column(*parts, into=self, around=(1.5, 1, 1.5, 1), apart=0.5)

    def _connect(self) -> None:
        self.tools.changed.connect(self._change_plan)
        self.tools.run.started.connect(self._compare)
        self.table.chosen.connect(self._apply)
        self.table.pointed.connect(self._point)

    def _change_plan(self, plan: RatePlan) -> None:
        self.plan = plan
        self._show_plan()

    def _show_plan(self) -> None:
        """What would be tried, with what is known of it."""
        command = self.plan.command(self._optimizer)
        self.model.show_grid(planned(command, self._bridge.contest.grid))
        self._point(None)

    def _compare(self) -> None:
        refused = to_mend(self.tools.low, self.tools.high)
        for spin in (self.tools.columns, self.tools.steps):
            spin.interpretText()
        self.status.show_trouble(refused)
        if refused is None:
            self._bridge.dispatch(self.plan.command(self._optimizer))

    def _apply(self, row: int, column: int) -> None:
        """Trains with what a cell stands for from now on."""
        tried = self.model.verdict(row, column) is not Verdict.PENDING
        if tried and not self.model.is_in_use(row, column):
            self._bridge.dispatch(set_optimizer(self.model.optimizer_at(row, column)))

    def _show_optimizer(self) -> None:
        # A table of results stays as it was found; only a plan takes the new fields over.
        if self._shown is None:
            self._show_plan()

    def _found(self, contest: Contest) -> RateGrid | None:
        return contest.grid

    def _show_found(self, *, is_first: bool) -> None:
        grid = self._bridge.contest.grid
        assert grid is not None
        self.model.show_grid(grid)
        done, of = self.model.done()
        self.tools.run.show_running(not grid.done)
        self.tools.set_editable(editable=grid.done)
        self.status.show_progress(done, of, running=not grid.done)
        self._point(None)

    def _point(self, place: tuple[int, int] | None) -> None:
        """What there is to say about a cell; without one, what to do."""
        self._make_room(pointed=place is not None)
        if place is None:
            self.readout.show_text(self._hint())
            return
        tried = self.model.verdict(*place) is not Verdict.PENDING
        template = self.tr("{words}. Click to use it.") if tried else self.tr("{words}.")
        if self.model.is_in_use(*place):
            template = self.tr("{words}. In use.")
        self.readout.show_text(
            template.format(words=self.model.words(*place)),
            template.format(words=self.model.all_words(*place)),
        )

    def _make_room(self, *, pointed: bool) -> None:
        """Where both have no room side by side, what is read off a cell comes first."""
        needed = self.legend.sizeHint().width() + theme.space(_READING)
        self.legend.setVisible(not pointed or self.width() >= needed)

    def _hint(self) -> str:
        if not self.model.optimizers:
            return self.tr("Choose an optimizer to try.")
        done, of = self.model.done()
        if self.tools.run.is_running:
            text = self.tr("{done} of {of} trials done")
            return text.format(done=whole(done), of=whole(of))
        if done:
            return self.tr("Click a cell to use its rate.")
        text = self.tr("Compare tries each rate for {steps} steps.")
        return text.format(steps=whole(self.plan.steps))
