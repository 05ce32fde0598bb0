"""The learning-rate range test: which rates make the loss fall, and the one to take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from app.kit import theme
from app.kit.controls import dim_label
from app.kit.flow import in_flow
from app.kit.labels import caption_of, empty_page, keep_room
from app.kit.layouts import in_column, in_pages, in_row, named
from app.kit.numbers import four_digits, full_number, short_number, whole
from app.kit.text import amid, told
from app.rates.finder_plot import RangePlot, usable
from app.rates.rate_line import RateLine, count_box, to_mend
from app.rates.trial import TrialButton, TrialStatus, TrialView
from core.messages.edits import set_optimizer
from core.messages.race import Contest, FindRate, RangeTest

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.messages.snapshot import Snapshot


class RangeTestView(TrialView):
    """Runs the test, draws it, and takes its rate over with one click."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__("range", bridge, parent)
        self._make_tools()
        self._make_parts()
        self._lay_out()
        self._restyle()
        self._connect()
        self._follow(self.run)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        self.run.setEnabled(bool(snapshot.layers))
        super().show_snapshot(snapshot)

    def _make_tools(self) -> None:
        tr, usual = self.tr, FindRate()
        tip = tr("Train a copy of the network while the rate rises at each step")
        self.run = TrialButton("range.run", tr("Find a rate"), tip, self)
        self.low = RateLine("range.low", tr("The rate to begin with"), usual.low, self)
        self.high = RateLine("range.high", tr("The rate to end with"), usual.high, self)
        ends = (10, 10_000)
        self.steps = count_box("range.steps", tr("Steps of the test"), ends, usual.steps)
        self.steps.setToolTip(tr("Steps of the test: more of them draw a smoother curve"))
        self.steps.setSingleStep(50)
        self.use = named(QPushButton(self), "range.use")
        self.use.setFixedHeight(theme.space(3.5))
        self.use.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        keep_room(self.use)

    def _make_parts(self) -> None:
        self.status = TrialStatus("range", self.tr("Progress of the test"), self)
        self.plot = RangePlot(self)
        self.notes = dim_label(parent=self)
        named(self.notes, "range.notes").setWordWrap(True)
        self.notes.hide()
        text = self.tr(
            "Find a rate trains a copy of the network with a rate that rises from step to step. "
            "A good rate lies well below the one where the loss rises again. It is tried out for "
            "200 steps before it is suggested."
        )
        self.empty = empty_page("range.empty", text, self)
        self.empty.setMargin(theme.space(1))

    def _lay_out(self) -> None:
        rates, to = caption_of(self.low, self.tr("Rates")), caption_of(self.high, self.tr("to"))
        span = in_row(rates, self.low, to, self.high, apart=0.75)
        steps = in_row(caption_of(self.steps, self.tr("Steps")), self.steps, apart=0.75)
        tools = in_flow(self.run, None, span, steps, apart=0.75)
        self._pages = in_pages(self.empty, self.plot)
        found = in_row((self.readout, 1), self.use, apart=1)
        parts = (tools, self.status, (self._pages, 1), self.notes, found)
        in_column(*parts, into=self, around=(1.5, 1, 1.5, 1), apart=0.5)

    def _restyle(self) -> None:
        self.plot.restyle()
        tokens = theme.current()
        self.use.setStyleSheet(
            f"QPushButton {{ color: {tokens.accent}; border-color: {tokens.accent};"
            f" padding: 3px 12px; font-weight: 600; }}"
            f"QPushButton:disabled {{ color: {tokens.text_dim}; border-color: {tokens.line}; }}"
        )

    def _connect(self) -> None:
        self.run.started.connect(self._find)
        self.use.clicked.connect(self._apply)
        self.plot.pointed.connect(self._point)

    def _find(self) -> None:
        refused = to_mend(self.low, self.high)
        self.steps.interpretText()
        self.status.show_trouble(refused)
        if refused is not None:
            return
        low, high = sorted((self.low.rate, self.high.rate))
        self.plot.show_span(low, max(high, 1.001 * low))
        self._bridge.dispatch(FindRate(low, high, self.steps.value()))

    def _apply(self) -> None:
        """Trains with the best rate from now on."""
        test = self.plot.test
        if test is not None and test.best is not None:
            fields = dict(self._optimizer) | {"learning_rate": usable(test.best)}
            self._bridge.dispatch(set_optimizer(type(self._optimizer).model_validate(fields)))

    def _found(self, contest: Contest) -> RangeTest | None:
        return contest.range_test

    def _show_found(self, *, is_first: bool) -> None:
        test = self._bridge.contest.range_test
        assert test is not None
        if len(test.rates) and (is_first or test.done or test.rates[-1] > self.high.rate):
            self._cover(test)
        self._pages.setCurrentIndex(1)
        self.plot.show_test(test)
        self._show_progress(test)
        if test.trouble is not None:
            self.status.show_trouble(test.trouble)
        self._show_notes(test)
        self._show_use()
        self._point(None)

    def _show_notes(self, test: RangeTest) -> None:
        """How the suggestion came about, a sentence each."""
        self.notes.setText(" ".join(told(note) for note in test.notes))
        self.notes.setVisible(bool(test.notes))

    def _cover(self, test: RangeTest) -> None:
        """All of a test: one not begun here, one that went on, a rate below its first."""
        first = float(test.rates[0])
        low = min(self.low.rate, first, test.best or first)
        high = max(self.high.rate, float(test.rates[-1]))
        self.plot.show_span(low, high)

    def _show_progress(self, test: RangeTest) -> None:
        running = not test.done
        self.run.show_running(running)
        for part in (self.low, self.high, self.steps):
            part.setEnabled(not running)
        self.status.show_progress(*test.progress, running=running)

    def _show_optimizer(self) -> None:
        self.plot.show_in_use(self._optimizer.learning_rate)
        self._show_use()

    def _show_use(self) -> None:
        """The button that takes the rate over; it says so once that is done."""
        test = self.plot.test
        best = test.best if test is not None and test.done else None
        self.use.setVisible(best is not None)
        if best is None:
            return
        rate = usable(best)
        is_used = self._optimizer.learning_rate == rate
        text = self.tr("{rate} in use") if is_used else self.tr("Use {rate}")
        self.use.setText(text.format(rate=short_number(rate)))
        self.use.setEnabled(not is_used)
        tip = self.tr("Train {optimizer} with this rate from the next step on; found was {rate}.")
        self.use.setToolTip(tip.format(optimizer=amid(self._optimizer), rate=full_number(best)))
        self.use.setAccessibleName(self.use.text())

    def _point(self, place: int | None) -> None:
        self.plot.show_step(place)
        test = self.plot.test
        if test is None:
            self.readout.show_text("")
        elif place is None:
            self.readout.show_text(self._summary(test))
        else:
            self.readout.show_text(*self._reading(test, place))

    def _reading(self, test: RangeTest, place: int) -> tuple[str, str]:
        """A step's numbers in four digits, and in all of them."""
        text = self.tr("Step {step}, rate {rate}: loss {loss}, smoothed {smoothed}")
        rows = (test.rates, test.losses, test.smoothed)
        rate, loss, smoothed = (float(row[place]) for row in rows)
        short, full = (
            text.format(
                step=whole(place + 1), rate=chosen(rate), loss=found(loss), smoothed=found(smoothed)
            )
            for chosen, found in ((short_number, four_digits), (full_number, full_number))
        )
        return short, full

    def _summary(self, test: RangeTest) -> str:
        taken, of = test.progress
        if not test.done and len(test.rates) < taken:
            text = self.tr("Trying the rate out: {taken} of {of} steps")
            return text.format(taken=whole(taken), of=whole(of))
        if test.suggested is None:
            return self.tr("Point at the curve to read it.")
        text = self.tr("Good rates lie between {low} and {high}.")
        low, high = (short_number(usable(rate)) for rate in test.suggested)
        return text.format(low=low, high=high)
