"""Loss and accuracy over the run, as it is made."""

from __future__ import annotations

from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from app.kit import theme
from app.kit.controls import Restyled
from app.kit.labels import empty_page, reading
from app.kit.layouts import in_column, in_pages, in_row, named
from app.kit.more import behind_more, folds_before_room
from app.kit.numbers import percent
from app.kit.plots.ticks import nice_limit
from app.link.pacing import single_shot
from app.train.curves.copying import copy_menu, copy_table
from app.train.curves.legend import CurveLegend
from app.train.curves.marks import ChangeMarks, change_text
from app.train.curves.plot import CurvePlot
from app.train.curves.reading import hint_text, reading_text
from app.train.curves.tools import FIRST_SMOOTHING, CurveTools
from core.messages.snapshot import RunState, Snapshot

if TYPE_CHECKING:
    from app.link.bridge import Bridge


REST_MS = 100
"""Drawing a long run takes milliseconds, and nobody reads a curve more often than this."""

WAITED_MS = 300
"""How long the curves stand still, at the most, for a pen that moves."""

ASIDE_MS = 2
"""While training, curves are drawn so long after the frame that brought them: what moves with
every frame is then on the screen already, and does not wait for them."""


_ROOMY = 720
"""Pixels in which legend and all tools stand beside each other, in text of its own size."""


class Waiting(Enum):
    """What the drawing of new curves waits for."""

    IDLE = "a new snapshot"
    ASIDE = "the frame that brought one to be on the screen"
    RESTING = "some time since the last drawing"
    DUE = "the next frame"


class CurvesView(Restyled):
    """Two plots over the same steps; the accuracy only where there are classes."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("curves")
        self._bridge = bridge
        self._snapshot = bridge.snapshot
        self._pointed: float | None = None
        self._drawn: Snapshot | None = None
        self._timer = single_shot(self, REST_MS, self._go_on)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._make_widgets()
        self._lay_out()
        self._connect()
        self._waited = 0
        self._waiting = Waiting.IDLE
        bridge.snapshot_changed.connect(self.show_snapshot)
        self.show_snapshot(bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Draws what is new, at once after a rest; nothing while nobody can see it."""
        self._snapshot = snapshot
        if not self.isVisible() or self._waiting in (Waiting.RESTING, Waiting.ASIDE):
            return
        if snapshot.state is RunState.RUNNING:
            self._wait(Waiting.ASIDE, ASIDE_MS)
        else:
            self._draw_and_rest()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._drawn = None
        self._draw()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leaves the legend its room."""
        self.tools.set_compact(compact=self.width() < theme.points(_ROOMY))
        beside = self.loss_legend.minimumSizeHint().width() + self.tools.sizeHint().width()
        way, room = QBoxLayout.Direction, self.width() - theme.gap(3)
        self._top.setDirection(way.LeftToRight if beside <= room else way.BottomToTop)
        super().resizeEvent(event)

    def minimumSizeHint(self) -> QSize:
        """As narrow as with the tools above the legend."""
        least = max(self.loss_legend.minimumSizeHint().width(), self.tools.sizeHint().width())
        return QSize(least + theme.gap(3), super().minimumSizeHint().height())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offers to copy what is read here: it is gone as soon as the pointer moves on."""
        reading = "" if self._pointed is None else self._reading(self._pointed)
        copy_menu(self._snapshot.curves, reading, self).popup(event.globalPos())

    def _restyle(self) -> None:
        for plot, marks in zip(self._plots, self._marks, strict=True):
            plot.restyle()
            marks.restyle()

    def fit(self) -> None:
        """Shows all of the curves, and follows them again as they grow."""
        self.tools.fit.hide()
        self._fit_plots()

    def _make_widgets(self) -> None:
        self.tools = CurveTools(self)
        self.loss = CurvePlot(parent=self)
        self.accuracy = CurvePlot(percents=True, parent=self)
        self._plots = (self.loss, self.accuracy)
        self._marks = [ChangeMarks(plot) for plot in self._plots]
        named(self.loss, "curves.loss", self.tr("Loss over the steps"))
        named(self.accuracy, "curves.accuracy", self.tr("Accuracy over the steps"))
        self.accuracy.setXLink(self.loss)
        self.loss_legend = CurveLegend(self.tr("Loss"), parent=self)
        self.accuracy_legend = CurveLegend(self.tr("Accuracy"), percent, self)
        behind_more(self.tools)
        folds_before_room(self.tools)
        self.readout = reading("curves.readout", self)
        text = self.tr("Press Train (Space) to see the loss here.")
        self.empty = empty_page("curves.empty", text, self)

    def _lay_out(self) -> None:
        self._top = top = in_row((self.loss_legend, 1), self.tools)
        below = ((self.loss, 3), self.accuracy_legend, (self.accuracy, 2), self.readout)
        content = QWidget(self)
        in_column(top, *below, into=content, around=(1.5, 1, 1, 1), apart=0.5)
        self._pages = in_pages(self.empty, content, into=self)

    def _connect(self) -> None:
        self.tools.smoothing_changed.connect(self._set_smoothing)
        self._set_smoothing(FIRST_SMOOTHING / 100)
        self.tools.log.toggled.connect(self._set_log)
        self.tools.fit.clicked.connect(self.fit)
        self.tools.copy.clicked.connect(lambda: copy_table(self._snapshot.curves))
        for plot in self._plots:
            plot.pointed.connect(self._point)
            plot.zoomed.connect(self.tools.fit.show)
            plot.fit_asked.connect(self.fit)

    def _wait(self, waiting: Waiting, milliseconds: int) -> None:
        self._waiting = waiting
        self._timer.start(milliseconds)

    def _go_on(self) -> None:
        """The wait is over."""
        if self._waiting is not Waiting.RESTING:
            self._draw_and_rest()
        elif self._snapshot is self._drawn:
            self._waiting = Waiting.IDLE
        elif self._bridge.hand_is_busy and self._waited < WAITED_MS:
            self._waited += REST_MS
            self._wait(Waiting.RESTING, REST_MS)
        else:
            # The next frame will start the drawing; if none comes, the timer does.
            self._wait(Waiting.DUE, REST_MS)

    def _draw_and_rest(self) -> None:
        self._waited = 0
        self._bridge.go_first()
        self._draw()
        self._wait(Waiting.RESTING, REST_MS)

    def _draw(self) -> None:
        if self._snapshot is self._drawn or not self.isVisible():
            return
        self._drawn = self._snapshot
        curves = self._snapshot.curves
        # What was measured before the first step is a point at the edge: nothing to look at yet.
        has_any = any(curve.steps[-1] > 0 for curve in curves.all if len(curve))
        self._pages.setCurrentIndex(int(has_any))
        self._show_accuracy(bool(len(curves.train_accuracy) or len(curves.test_accuracy)))
        losses = curves.train_loss, curves.test_loss, curves.whole_loss
        changed = self.loss.show_curves(*losses)
        shares = curves.train_accuracy, curves.test_accuracy, curves.whole_accuracy
        changed |= self.accuracy.show_curves(*shares)
        self._show_other_runs()
        for marks in self._marks:
            marks.show_changes(curves.changes)
        if not has_any:
            self.fit()
            return
        self._show_values()
        if changed and self.tools.fit.isHidden():
            self._fit_plots()
        self._point(self._pointed)

    def _show_values(self) -> None:
        """In the legends: the curves where one stands."""
        curves, step = self._snapshot.curves, self._snapshot.progress.step
        tests = curves.test_loss_at(step), curves.test_accuracy_at(step)
        legends = self.loss_legend, self.accuracy_legend
        for plot, legend, test in zip(self._plots, legends, tests, strict=True):
            legend.show_values(plot.train_at(step), test.value if test is not None else None)

    def _set_smoothing(self, weight: float) -> None:
        for plot, legend in zip(self._plots, (self.loss_legend, self.accuracy_legend), strict=True):
            plot.set_smoothing(weight)
            legend.say_smoothed(smooth=weight > 0)
        self._show_values()

    def _show_other_runs(self) -> None:
        timeline = self._snapshot.timeline
        if timeline is None:
            return
        step = self._snapshot.progress.step
        here = step if step < timeline.last else None
        left = [branch.curves for branch in timeline.branches]
        losses = [(("train", c.train_loss), ("test", c.test_loss)) for c in left]
        shares = [(("train", c.train_accuracy), ("test", c.test_accuracy)) for c in left]
        self.loss.show_others(tuple(chain.from_iterable(losses)))
        self.accuracy.show_others(tuple(chain.from_iterable(shares)))
        for plot in self._plots:
            plot.show_here(here)

    def _show_accuracy(self, shown: bool) -> None:
        if shown == self.accuracy.isHidden():
            self.accuracy.setVisible(shown)
            self.accuracy_legend.setVisible(shown)
        if self.loss.steps.style["showValues"] == shown:
            self.loss.steps.setStyle(showValues=not shown)

    def _fit_plots(self) -> None:
        progress, curves = self._snapshot.progress, self._snapshot.curves
        timeline = self._snapshot.timeline
        left = timeline.branches if timeline is not None else ()
        runs = (curves, *(branch.curves for branch in left))
        shown = [curve for run in runs for curve in run.all]
        last = max((int(curve.steps[-1]) for curve in shown if len(curve)), default=0)
        limit = nice_limit(last, progress.total_steps)
        several = limit > progress.steps_per_epoch and progress.has_even_epochs
        for plot in self._plots:
            plot.set_epoch(progress.steps_per_epoch, several=several)
            # A hidden one has no width yet, and would lead its neighbour astray.
            if not plot.isHidden():
                plot.fit(limit)

    def _set_log(self, on: bool) -> None:
        self.loss.set_logarithmic(on)
        if self.tools.fit.isHidden():
            self._fit_plots()
        else:
            self.fit()

    def _point(self, step: float | None) -> None:
        """Shows the crosshair in both plots and what was measured there."""
        if step is not None or self._pointed is not None:
            for plot in self._plots:
                plot.show_pointer(step)
        self._pointed = step
        self.readout.show_text(self._reading(step))

    def _reading(self, step: float | None) -> str:
        curves = self._snapshot.curves
        if step is None:
            return hint_text(curves)
        change = self._marks[0].near(step)
        if change is not None:
            return change_text(change)
        return reading_text(curves, step, accuracy=not self.accuracy.isHidden())
