"""Every operation of the recorded step, where the cursor stands, and how true its gradients are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QWidget

from app.kit import theme
from app.kit.controls import Restyled
from app.kit.labels import empty_page
from app.kit.layouts import in_column, in_row, named
from app.kit.numbers import round_number, whole
from app.kit.text import told
from app.link.pacing import is_out_of_sight
from app.step.tape.list import TapeList
from app.step.tape.model import TapeModel
from core.messages.breakpoints import Breakpoint, Condition
from core.messages.commands import CheckGradients, RunToPlace, SetBreakpoints
from core.messages.snapshot import GradientCheck, RunState, Snapshot

if TYPE_CHECKING:
    from app.link.bridge import Bridge


_GOOD = 1e-5
"""A relative difference up to here is float32's rounding."""


class CheckBadge(Restyled):
    """One sentence, green where the gradients agree."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("check")
        self._check: GradientCheck | None = None
        self._shown: tuple[object, ...] = ()
        self.label = named(QLabel(self), "check.text")
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        # A wrapped label asks for a width of its own; the dock decides instead.
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = named(QPushButton(self.tr("Check gradients"), self), "check.button")
        self.button.clicked.connect(lambda: bridge.dispatch(CheckGradients()))
        for widget in (self, self.button, self.label):
            widget.setToolTip(self._explanation())
            widget.setWhatsThis(self._explanation())
        in_column(self.label, in_row(self.button, None), into=self, around=1, apart=0.5)
        self._restyle()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Shows the newest comparison."""
        stepping, check = snapshot.stepping, snapshot.check
        record = stepping.record if stepping is not None else None
        shown = (record, check, snapshot.state)
        if shown == self._shown:
            return
        self._shown = shown
        self.button.setEnabled(record is not None and snapshot.state is not RunState.RUNNING)
        self.label.setText(self._text(check, record.step if record is not None else None))
        self._check = check
        self._restyle()

    def _explanation(self) -> str:
        return self.tr(
            "Moves each parameter a little up and down, in float64, and sees how the loss answers:"
            " that slope has to be the gradient. Where the little move takes a neuron across the"
            " kink of ReLU (z = 0) or of its kin there is no one slope, so those numbers are left"
            " out and counted."
        )

    def _text(self, check: GradientCheck | None, step: int | None) -> str:
        if check is None:
            return self.tr("Gradients not checked yet.")
        if check.refused is not None:
            return told(check.refused)
        values = {
            "largest": round_number(check.largest, 1),
            "count": whole(check.checked),
            "kinks": whole(check.kinks),
            "step": whole(check.step),
        }
        return self._template(check, old=step is not None and step != check.step).format(**values)

    def _template(self, check: GradientCheck, *, old: bool) -> str:
        if old and check.kinks:
            return self.tr(
                "Gradients of step {step} checked: largest relative difference {largest} over"
                " {count} numbers; {kinks} left out at kinks."
            )
        if old:
            return self.tr(
                "Gradients of step {step} checked: largest relative difference {largest} over"
                " {count} numbers."
            )
        if check.kinks:
            return self.tr(
                "Gradients checked: largest relative difference {largest} over {count} numbers;"
                " {kinks} left out at kinks."
            )
        return self.tr(
            "Gradients checked: largest relative difference {largest} over {count} numbers."
        )

    def _colour(self) -> str:
        tokens, check = theme.current(), self._check
        if check is None:
            return tokens.text_dim
        if check.refused is not None:
            return tokens.warning
        return tokens.good if check.largest <= _GOOD else tokens.error

    def _restyle(self) -> None:
        sheet = f"color: {self._colour()};"
        if sheet != self.label.styleSheet():
            self.label.setStyleSheet(sheet)


class TapeView(QWidget):
    """The list, with the badge of the checked gradients below it."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tape")
        self._bridge = bridge
        self._shown: tuple[object, ...] = ()
        self.model = TapeModel(self)
        self.list = TapeList(self.model, self)
        self.list.picked.connect(lambda entry: bridge.dispatch(RunToPlace(entry)))
        self.list.toggled.connect(self._toggle)
        nothing = self.tr("Press Next (.) to record a step.\nIts operations are listed here.")
        self.empty = empty_page("tape.empty", nothing, self)
        self.empty.setMargin(theme.space(2))
        self.badge = CheckBadge(bridge, self)
        line = QFrame(self)
        line.setProperty("role", "hairline")
        line.setFixedHeight(1)
        in_column((self.list, 1), (self.empty, 1), line, self.badge, into=self, apart=0)
        bridge.snapshot_changed.connect(self.show_snapshot)
        self.show_snapshot(bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows the cursor and the breakpoints."""
        if is_out_of_sight(self):
            return
        stepping = snapshot.stepping
        self.badge.show_snapshot(snapshot)
        shown = (stepping, snapshot.breakpoints)
        if shown == self._shown:
            return
        self._shown = shown
        self.list.setVisible(stepping is not None)
        self.empty.setVisible(stepping is None)
        self.model.show_stepping(stepping)
        self.model.show_breakpoints(snapshot.breakpoints)
        if stepping is not None:
            self.list.follow(stepping.place.entry)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.show_snapshot(self._bridge.snapshot)

    def _toggle(self, entry: int) -> None:
        """Sets a breakpoint, wakes one that is asleep, or takes one away."""
        breakpoints = self._bridge.snapshot.breakpoints
        wanted = Breakpoint(Condition.ENTRY, writes=self.model.writes(entry))
        kept = tuple(point for point in breakpoints if replace(point, on=True) != wanted)
        changed = kept if wanted in breakpoints else (*kept, wanted)
        self._bridge.dispatch(SetBreakpoints(changed))
