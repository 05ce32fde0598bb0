"""Every operation of the recorded step, and where the cursor stands among them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QWidget

from app.kit import theme
from app.kit.labels import empty_page
from app.kit.layouts import in_column
from app.link.pacing import is_out_of_sight
from app.step.tape.check_badge import CheckBadge
from app.step.tape.list import TapeList
from app.step.tape.model import TapeModel
from core.messages.breakpoints import Breakpoint, Condition
from core.messages.commands import RunToPlace, SetBreakpoints
from core.messages.snapshot import Snapshot

if TYPE_CHECKING:
    from app.link.bridge import Bridge


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
