"""One strip that steps through a recorded training step, and says where one stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from app.kit import icons, theme
from app.kit.controls import Restyled
from app.kit.flow import in_flow
from app.kit.handles import ComboBox
from app.kit.labels import ElidedLabel, title_line
from app.kit.layouts import in_row, named
from app.kit.more import behind_more, folds_before_room
from app.kit.text import advice, sentence
from app.link.mastery_map import mastery_dialog
from app.link.questioner import AskMode
from app.step.bar_parts import BatchSamplePicker, PhaseStrip, ScopeSwitch
from app.step.question.switch import AskSwitch
from app.step.words import grain_name, position
from core.messages.commands import (
    Back,
    Command,
    LeaveStep,
    Next,
    RunTo,
    RunToBreakpoint,
    RunToPlace,
    StepOut,
)
from core.messages.record import Grain, Stepping
from core.messages.snapshot import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.link.bridge import Bridge


class StepBar(Restyled):
    """Back and Next at a chosen grain, into, over, out, the sample, and the place in the step.

    ``choice_made`` carries how often it is to ask.

    Attributes:
        grain: How far Next and Back go.
    """

    choice_made = Signal(str)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("step")
        self.grain = Grain.NUMBER
        self._bridge = bridge
        self._shown: tuple[object, ...] = ()
        self._make_buttons()
        self._make_readings()
        self._lay_out()
        self._restyle()
        bridge.snapshot_changed.connect(self.show_snapshot)
        self.show_snapshot(bridge.snapshot)

    def next_(self) -> None:
        """Goes on by the chosen grain."""
        self._send(self.next_button, Next(self.grain))

    def back(self) -> None:
        """Goes back by the chosen grain."""
        self._send(self.back_button, Back(self.grain))

    def step_into(self) -> None:
        """Goes on by one number."""
        self._send(self.into_button, Next(Grain.NUMBER))

    def step_over(self) -> None:
        """Goes on by one operation."""
        self._send(self.over_button, Next(Grain.OPERATION))

    def step_out(self) -> None:
        """Goes on to the end of what the layer does in this phase."""
        self._send(self.out_button, StepOut())

    def run_to_selected(self) -> None:
        """Goes on until something of the neuron picked last is computed."""
        picked = self._bridge.focus.selected
        if picked and picked[-1].path:
            self._bridge.dispatch(RunTo(picked[-1].path, picked[-1].unit))

    def run_to_breakpoint(self) -> None:
        """Goes on until a breakpoint holds."""
        self._send(self.breakpoint_button, RunToBreakpoint())

    def switch_scope(self) -> None:
        """Shows the whole batch's numbers, or again the sample's."""
        self.scope.toggle()

    def work_out(self) -> None:
        """Hides the number that the formula is about, and asks for it."""
        self._bridge.questioner.work_out(self._bridge.questioner.shown_now())

    def choose(self, mode: str) -> None:
        """Asks so often from now on; what is no such word changes nothing."""
        if mode in list(AskMode):
            self._bridge.questioner.set_mode(AskMode(mode))

    def _choose(self, mode: str) -> None:
        self.choose(mode)
        self.choice_made.emit(mode)

    def leave(self) -> None:
        """Puts the recorded step away."""
        self._send(self.leave_button, LeaveStep())

    def set_grain(self, grain: Grain) -> None:
        """Chooses how far Next and Back go."""
        self.grain = grain
        self.grains.setCurrentIndex(list(Grain).index(grain))

    def set_tight(self, *, tight: bool) -> None:
        """Where room is scarce, what the Step menu and its keys do has no buttons here."""
        self._others.setVisible(not tight)
        self.sample.set_short(short=tight)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows the cursor."""
        stepping = snapshot.stepping
        shown = (stepping, snapshot.state, snapshot.breakpoints, bool(snapshot.layers))
        if shown == self._shown:
            return
        self._shown = shown
        self._allow(snapshot)
        self.phases.show_stepping(stepping)
        self.phases.setEnabled(snapshot.state.is_idle)
        self.sample.show_record(stepping.record if stepping else None)
        self.scope.setEnabled(stepping is not None)
        self._show_place(stepping, self.next_button.isEnabled())

    def event(self, event: QEvent) -> bool:
        """As many lines as its width, or what has come or gone in it, asks for."""
        handled = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self.updateGeometry()
        return handled

    def hasHeightForWidth(self) -> bool:
        """A dock asks for one height."""
        return False

    def sizeHint(self) -> QSize:
        """One line, or two where one is too narrow."""
        return self.minimumSizeHint()

    def minimumSizeHint(self) -> QSize:
        least = self._flow.minimumSize()
        return QSize(least.width(), self._flow.heightForWidth(max(self.width(), least.width())))

    def _send(self, button: QToolButton, command: Command) -> None:
        if button.isEnabled():
            self._bridge.dispatch(command)

    def _allow(self, snapshot: Snapshot) -> None:
        stepping = snapshot.stepping
        can = snapshot.state.is_idle and bool(snapshot.layers)
        for button in (self.next_button, self.into_button, self.over_button):
            button.setEnabled(can)
        for button in (self.out_button, self.leave_button):
            button.setEnabled(can and stepping is not None)
        self.back_button.setEnabled(can and stepping is not None and stepping.can_go_back)
        self.breakpoint_button.setEnabled(can and any(one.on for one in snapshot.breakpoints))

    def _show_place(self, stepping: Stepping | None, can_step: bool) -> None:
        if stepping is not None:
            self.where.show_text(position(stepping))
        else:
            hint = self.tr("Press Next (.) to compute the first number")
            self.where.show_text(hint if can_step else "")
        stopped = stepping.stopped if stepping is not None else None
        reason = sentence(stopped) if stopped else ""
        self.stopped.show_text(reason, f"{reason} {advice(stopped)}".strip() if stopped else "")
        self.stopped.setVisible(stopped is not None)

    def _make_buttons(self) -> None:
        tr, button = self.tr, self._button
        tip = tr("Take back what was computed last, by the grain chosen (,)")
        self.back_button = button("back", "left", (tr("Back"), tip), self.back)
        tip = tr("Compute what comes next, by the grain chosen (.)")
        self.next_button = button("next", "right", (tr("Next"), tip), self.next_)
        icons.put(self.next_button, "right", "on_accent")
        tip = tr("Step into: compute one number")
        self.into_button = button("into", "step-into", (tr("Into"), tip), self.step_into)
        tip = tr("Step over: compute one operation, with all its numbers")
        self.over_button = button("over", "step-over", (tr("Over"), tip), self.step_over)
        tip = tr("Step out: compute all that this layer does in this phase")
        self.out_button = button("out", "step-out", (tr("Out"), tip), self.step_out)
        words = tr("To breakpoint"), tr("Go on until a breakpoint holds")
        self.breakpoint_button = button(
            "breakpoint", "to-breakpoint", words, self.run_to_breakpoint
        )
        tip = tr("Leave stepping, and put the recorded step away")
        self.leave_button = button("leave", "leave", (tr("Leave"), tip), self.leave)
        for one in (self.back_button, self.next_button):
            one.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            one.setAutoRepeat(True)

    def _button(
        self, name: str, icon: str, words: tuple[str, str], do: Callable[[], None]
    ) -> QToolButton:
        text, tip = words
        button = named(QToolButton(self), f"step.{name}", text, tip)
        button.setText(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setFixedHeight(theme.space(3.5))
        icons.put(button, icon)
        button.clicked.connect(do)
        return button

    def _make_readings(self) -> None:
        tip = self.tr("How far Next and Back go")
        self.grains = named(ComboBox(self), "step.grain", tip, tip)
        self.grains.setFixedHeight(theme.space(3.25))
        for grain in Grain:
            self.grains.addItem(grain_name(grain), grain)
        self.grains.activated.connect(lambda row: self.set_grain(list(Grain)[row]))
        self.sample = BatchSamplePicker(self._bridge.focus, self)
        self.scope = ScopeSwitch(self._bridge.focus, self)
        self.ask = AskSwitch(self._bridge.questioner, self)
        self.ask.chosen.connect(self._choose)
        self.ask.map_wanted.connect(lambda: mastery_dialog(self.window()).open())
        self.phases = PhaseStrip(self)
        self.phases.picked.connect(lambda entry: self._bridge.dispatch(RunToPlace(entry)))
        self.where = title_line("step.where", self)
        self.stopped = ElidedLabel("step.stopped", self)

    def _lay_out(self) -> None:
        moves = (self.back_button, self.next_button, self.grains)
        ways = (self.into_button, self.over_button, self.out_button)
        ends = (self.breakpoint_button, self.leave_button)
        behind_more(*ways, *ends)
        folds_before_room(*ways, *ends, self.sample, self.scope)
        self._others = QWidget(self)
        in_row(*ways, *ends, into=self._others, apart=0.5)
        groups = (
            in_row(*moves, apart=0.5),
            self._others,
            in_row(self.sample, self.scope, apart=0.5),
            self.ask,
            in_row(self.phases, (self.where, 3), (self.stopped, 2), apart=1),
        )
        self._flow = in_flow(*groups, into=self, around=(1.5, 0.5, 1.5, 0.5), apart=1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _restyle(self) -> None:
        tokens = theme.current()
        self.stopped.setStyleSheet(f"color: {tokens.warning};")
        edge = "border: 1px solid"
        self.back_button.setStyleSheet(
            f"QToolButton {{ {edge} {tokens.line}; padding: 3px 8px; }}"
            f"QToolButton:hover {{ background: {tokens.hover}; }}"
            f"QToolButton:focus {{ {edge} {tokens.accent}; }}"
        )
        self.next_button.setStyleSheet(
            f"QToolButton {{ background: {tokens.accent}; color: {tokens.on_accent};"
            f" {edge} {tokens.accent}; padding: 3px 8px; }}"
            f"QToolButton:disabled {{ background: {tokens.hover}; color: {tokens.disabled};"
            f" {edge} {tokens.hover}; }}"
            f"QToolButton:focus {{ {edge} {tokens.text}; }}"
        )
