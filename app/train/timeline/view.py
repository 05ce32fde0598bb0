"""The run's past: a slider over its steps, and what keeping them costs."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.kit import theme
from app.kit.controls import Restyled
from app.kit.handles import SpinBox
from app.kit.labels import ElidedLabel
from app.kit.layouts import in_pages, in_row, named
from app.kit.numbers import locale, whole
from app.train.timeline.slider import TimelineSlider
from core.messages.commands import SetTimelineBudget, Visit
from core.messages.snapshot import KeptSteps as Past
from core.messages.snapshot import RunState, Snapshot

if TYPE_CHECKING:
    from app.link.bridge import Bridge

_MB = 2**20
REST_SECONDS = 0.5
"""From one drawing to the next while a run goes on, which waits for each."""
LABEL_LETTERS = 32
"""Room for the longest of runs, so that the slider stands still while they grow."""
SHORT_LABEL = 24
"""The same in a narrow strip."""
PART_LETTERS = 58
"""Room for the way back and what follows from it."""


class TimelineView(Restyled):
    """Dragging visits step after step: one at a time, and of those asked meanwhile the newest."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self._bridge = bridge
        self._shown: tuple[object, ...] = ()
        self._wanted: int | None = None
        self._is_waiting = False
        self._is_showing = False
        self._shown_at = -REST_SECONDS
        self._make_parts()
        self._lay_out()
        self._restyle()
        bridge.snapshot_changed.connect(self.show_snapshot)
        bridge.event_received.connect(lambda _: self._answered())
        self.show_snapshot(bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows the run; a visit asked for meanwhile goes out now."""
        self._answered()
        if self._is_soon(snapshot):
            return
        past, step = snapshot.timeline, snapshot.progress.step
        within = _step_within(snapshot)
        shown = (past, step, snapshot.state, within)
        if shown == self._shown:
            return
        self._shown = shown
        can = past is not None and snapshot.state.is_idle
        self.slider.setEnabled(can and past is not None and past.last > past.first)
        self.budget.setEnabled(past is not None)
        is_past = can and past is not None and step < past.last
        self._pages.setCurrentIndex(int(is_past))
        if past is None:
            self.label.show_text(self.tr("The run's steps can be visited here once it has begun."))
            return
        self._is_showing = True
        self._show_past(past, step)
        self._show_place(past, step, within)
        self._is_showing = False

    def _is_soon(self, snapshot: Snapshot) -> bool:
        """Whether a run goes on that was shown a moment ago: its past is not read meanwhile."""
        now = perf_counter()
        goes_on = snapshot.state is RunState.RUNNING and RunState.RUNNING in self._shown
        if goes_on and now - self._shown_at < REST_SECONDS:
            return True
        self._shown_at = now
        return False

    def _show_past(self, past: Past, step: int) -> None:
        self.slider.show_steps(past.first, past.last, past.kept)
        if not self.slider.isSliderDown() and self._wanted is None and not self._is_waiting:
            self.slider.setValue(step)
        self.used.setText(self.tr("{used} of").format(used=_size(past.bytes)))
        if not self.budget.hasFocus():
            self.budget.setValue(round(past.budget / _MB))

    def _show_place(self, past: Past, step: int, within: int | None) -> None:
        """Between two steps, or in one that is being taken apart."""
        if within is not None and within > past.last:
            text = self.tr("In step {step}, the newest")
        elif within is not None:
            text = self.tr("In step {step} of {last}")
        elif step:
            text = self.tr("After step {step} of {last}")
        else:
            text = self.tr("Before step 1 of {last}") if past.last else self.tr("Before step 1")
        values = {"step": whole(step if within is None else within), "last": whole(past.last)}
        self.label.show_text(text.format(**values))

    def _visit(self, step: int) -> None:
        """Asks for a step, or remembers it while another is still being fetched."""
        if self._is_showing:
            return
        if self._is_waiting:
            self._wanted = step
            return
        self._is_waiting = True
        self._bridge.dispatch(Visit(step))

    def _answered(self) -> None:
        """The engine has spoken since the last visit: the next one may go out."""
        self._is_waiting = False
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._visit(wanted)

    def _go_to_newest(self) -> None:
        past = self._bridge.snapshot.timeline
        if past is not None:
            self._visit(past.last)

    def _set_budget(self, megabytes: int) -> None:
        if not self._is_showing:
            self._bridge.dispatch(SetTimelineBudget(megabytes * _MB))

    def _make_parts(self) -> None:
        self.slider = TimelineSlider(self)
        self.slider.setToolTip(
            self.tr("Go to any step of the run. Ticks mark the steps whose states are kept.")
        )
        self.slider.valueChanged.connect(self._visit)
        self.label = ElidedLabel("timeline.label", self)
        self.hint = ElidedLabel("timeline.hint", self)
        self.hint.show_text(self.tr("Train continues here, as a new branch"))
        self.newest_button = named(
            QPushButton(self.tr("Back to the newest"), self),
            "timeline.newest",
            tip=self.tr("Go to the newest step of this run"),
        )
        self.newest_button.clicked.connect(self._go_to_newest)
        self._make_budget()

    def _make_budget(self) -> None:
        self.caption = QLabel(self.tr("Memory"), self)
        self.budget = named(
            SpinBox(self),
            "timeline.budget",
            self.tr("Memory for the run's past"),
            self.tr(
                "How much memory the states of past steps may take. When it is full the oldest"
                " are thinned out; steps between are computed anew when they are visited."
            ),
        )
        self.budget.setRange(1, 65_536)
        self.budget.setSingleStep(64)
        self.budget.setSuffix(self.tr(" MB"))
        self.budget.setKeyboardTracking(False)
        self.budget.setFixedHeight(theme.space(3.25))
        self.budget.valueChanged.connect(self._set_budget)
        self.caption.setBuddy(self.budget)
        self.used = named(QLabel(self), "timeline.used")
        self.used.setToolTip(self.tr("What the states of past steps take now"))

    def _lay_out(self) -> None:
        row = in_row(self.label, (self.slider, 2), self._right_part(), into=self, apart=1)
        row.setContentsMargins(theme.gap(1.5), 2, theme.gap(1.5), 2)
        self.label.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow strip what the past costs goes, and the slider keeps its length."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        """Without what a narrow strip leaves out."""
        return QSize(
            self._width_needed(self._room(compact=True)), super().minimumSizeHint().height()
        )

    def _fit(self) -> None:
        """Of fixed size: else each new text would lay the whole window out anew."""
        roomy = self._room(compact=False)
        compact = self.width() < self._width_needed(roomy)
        label, part = self._room(compact=True) if compact else roomy
        self.hint.setVisible(not compact)
        self._memory.setVisible(not compact and self._pages.currentIndex() == 0)
        self.label.setFixedSize(label, self.fontMetrics().height())
        self._part.setFixedWidth(part)

    def _room(self, *, compact: bool) -> tuple[int, int]:
        """How wide the label is, and what stands at the right end."""
        letter = self.fontMetrics().horizontalAdvance("0")
        if compact:
            return letter * SHORT_LABEL, self.newest_button.sizeHint().width()
        return letter * LABEL_LETTERS, letter * PART_LETTERS

    def _width_needed(self, room: tuple[int, int]) -> int:
        return sum(room) + self.slider.minimumSizeHint().width() + theme.gap(5)

    def _right_part(self) -> QWidget:
        """What it costs, or the way back: in one place, so that the slider keeps its length."""
        self._part = part = QWidget(self)
        self._memory = memory = QWidget(part)
        way_back = QWidget(part)
        in_row(None, self.caption, self.used, self.budget, into=memory, apart=1)
        in_row(self.hint, self.newest_button, into=way_back, apart=1)
        self._pages = in_pages(memory, way_back, into=part)
        return part

    def _restyle(self) -> None:
        tokens = theme.current()
        self._fit()
        for label in (self.label, self.caption, self.used):
            label.setStyleSheet(f"color: {tokens.text_dim};")
        self.hint.setStyleSheet(f"color: {tokens.text};")


def _step_within(snapshot: Snapshot) -> int | None:
    """The step that is being taken apart; None between two steps."""
    stepping = snapshot.stepping
    within = stepping is not None and stepping.record.step > snapshot.progress.step
    return stepping.record.step if stepping is not None and within else None


def _size(size: int) -> str:
    """Bytes as people read them: ``12 MB``."""
    return locale().formattedDataSize(size, 0, locale().DataSizeFormat.DataSizeTraditionalFormat)
