"""One strip that says where the run stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QProgressBar, QSizePolicy, QWidget

from app.kit import theme
from app.kit.controls import Restyled
from app.kit.labels import bold, put_live, renew_room
from app.kit.layouts import in_column, in_row, named
from app.kit.more import behind_more
from app.kit.numbers import duration, four_digits, full_number, short_number, whole
from app.kit.text import advice, sentence
from core.messages.snapshot import Progress, RunState, Snapshot

if TYPE_CHECKING:
    from app.link.bridge import Bridge

_HEIGHT = 2
_ROUND_MS = 2400
_SHARE = 0.18


class ActivityLine(QWidget):
    """Repaints itself and nothing else; ``painted`` follows each frame that reached the screen.

    With reduced motion the line stands still and is whole while the network trains.
    """

    painted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.active = False
        self._clock = QElapsedTimer()
        self._clock.start()
        self._moves = theme.animation_ms() > 0
        self.setObjectName("progress.activity")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_HEIGHT)

    def set_active(self, active: bool) -> None:
        """Starts or ends the movement."""
        if active != self.active:
            self.active = active
            self.update()

    def tick(self) -> None:
        """Moves on by a frame."""
        if self.active and self.isVisible():
            self.update()

    def sizeHint(self) -> QSize:
        """As thin as a line can be and still be seen."""
        return QSize(theme.space(10), _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        tokens = theme.current()
        painter.fillRect(self.rect(), QColor(tokens.line))
        if self.active:
            painter.fillRect(self._piece(), QColor(tokens.accent))
        painter.end()
        self.painted.emit()

    def _piece(self) -> QRectF:
        if not self._moves:
            return QRectF(self.rect())
        width = self.width() * _SHARE
        phase = self._clock.elapsed() % _ROUND_MS / _ROUND_MS
        return QRectF(phase * (self.width() + width) - width, 0, width, self.height())


_FINE = 10_000
"""Parts of the bar: a count of steps may be larger than Qt's bar can hold."""


class ProgressView(Restyled):
    """State, bar, epoch and step, time left, speed and learning rate."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("progress")
        self._colour = "accent"
        self._make_widgets()
        self._lay_out()
        self._restyle()
        bridge.snapshot_changed.connect(self.show_snapshot)
        bridge.ticked.connect(self.activity.tick)
        self.show_snapshot(bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows the run."""
        progress, running = snapshot.progress, snapshot.state is RunState.RUNNING
        self._show_state(snapshot)
        self._show_bar(progress)
        put_live(self.count, self._count_text(snapshot))
        left, speed = progress.seconds_left, progress.samples_per_second
        time = self.tr("{time} left").format(time=duration(left)) if left is not None else ""
        pace = self.tr("{count} samples/s").format(count=four_digits(speed))
        put_live(self.time_left, time if running else "")
        put_live(self.speed, pace if running and speed is not None else "")
        rate = self.tr("Learning rate {rate}")
        put_live(self.rate, rate.format(rate=short_number(progress.learning_rate)))
        self.rate.setToolTip(
            self.tr("What the next update is taken with: {rate}").format(
                rate=full_number(progress.learning_rate)
            )
        )
        for label in (self.time_left, self.speed):
            label.setVisible(running)
        self.activity.set_active(running)

    def _make_widgets(self) -> None:
        self.activity = ActivityLine(self)
        self.state = bold(self._label("progress.state"))
        self.reason = self._label("progress.reason")
        self.reason.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = named(QProgressBar(self), "progress.bar", self.tr("Progress of the run"))
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setMinimumWidth(theme.space(10))
        self.bar.setRange(0, _FINE)
        self.count = self._label("progress.count")
        self.time_left = self._label("progress.time", "00 min 00 s left ")
        self.speed = self._label("progress.speed", "000,000 samples/s")
        self.rate = self._label("progress.rate", "Learning rate 0.0000")
        behind_more(self.rate)
        self.time_left.setToolTip(self.tr("At the present speed"))
        self.speed.setToolTip(self.tr("Training samples in a second, over the last second or so"))

    def _label(self, identity: str, room_for: str = "") -> QLabel:
        """A text that keeps its room, so that its neighbours stand still."""
        label = named(QLabel(self), identity)
        label.setTextFormat(Qt.TextFormat.PlainText)
        if room_for:
            label.setMinimumWidth(QFontMetrics(label.font()).horizontalAdvance(room_for))
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return label

    def _lay_out(self) -> None:
        counts = (self.count, self.time_left, self.speed, self.rate)
        parts = (self.state, (self.bar, 1), (self.reason, 3), *counts)
        row = in_row(*parts, around=(1.5, 0.5, 1.5, 0), apart=2)
        in_column(self.activity, (row, 1), into=self, apart=0)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """One line of text with air around it."""
        return QSize(super().sizeHint().width(), theme.gap(4.5))

    def _show_state(self, snapshot: Snapshot) -> None:
        self.state.setText(self._state_text(snapshot.state))
        message = snapshot.message
        reason = sentence(message) if message is not None else ""
        self.reason.setText(reason)
        self.reason.setToolTip(f"{reason} {advice(message)}".strip() if message else "")
        self.reason.setVisible(bool(reason))
        bad = snapshot.state in (RunState.DIVERGED, RunState.FAILED)
        colour = "error" if bad else "good" if snapshot.state is RunState.FINISHED else "accent"
        if colour != self._colour:
            self._colour = colour
            self._restyle()

    def _state_text(self, state: RunState) -> str:
        return {
            RunState.LOADING: self.tr("Loading"),
            RunState.READY: self.tr("Ready"),
            RunState.RUNNING: self.tr("Training"),
            RunState.PAUSED: self.tr("Paused"),
            RunState.FINISHED: self.tr("Finished"),
            RunState.DIVERGED: self.tr("Diverged"),
            RunState.FAILED: self.tr("Failed"),
        }[state]

    def _show_bar(self, progress: Progress) -> None:
        total = progress.total_steps
        self.bar.setVisible(total is not None)
        if total:
            self.bar.setValue(min(_FINE, round(progress.step / total * _FINE)))

    def _count_text(self, snapshot: Snapshot) -> str:
        progress, epochs = snapshot.progress, snapshot.spec.stop.epochs
        total = progress.total_steps
        values = {
            "epoch": whole(_present_epoch(progress, epochs)),
            "epochs": whole(epochs or 0),
            "step": whole(progress.step),
            "steps": whole(total or 0),
        }
        if epochs and total:
            text = self.tr("Epoch {epoch} of {epochs} · step {step} of {steps}")
        elif total:
            text = self.tr("Epoch {epoch} · step {step} of {steps}")
        else:
            text = self.tr("Epoch {epoch} · step {step}")
        return text.format(**values)

    def _restyle(self) -> None:
        tokens = theme.current()
        colour = getattr(tokens, self._colour)
        self.bar.setStyleSheet(
            f"QProgressBar {{ background: {tokens.sunken}; border: none; border-radius: 3px; }}"
            f"QProgressBar::chunk {{ background: {colour}; border-radius: 3px; }}"
        )
        dim = f"color: {tokens.text_dim};"
        for label in (self.reason, self.count, self.time_left, self.speed, self.rate):
            label.setStyleSheet(dim)
        for label in (self.count, self.time_left, self.speed, self.rate):
            renew_room(label)
        self.state.setStyleSheet(f"color: {tokens.text if self._colour == 'accent' else colour};")


def _present_epoch(progress: Progress, epochs: int | None) -> int:
    """The epoch being trained, counted from 1; after the last one, the last."""
    over = progress.total_steps is not None and progress.step >= progress.total_steps
    present = progress.epoch + (0 if over and progress.epoch_step == 0 and progress.epoch else 1)
    return min(present, epochs) if epochs else present
