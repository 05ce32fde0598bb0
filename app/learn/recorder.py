"""Notes what a teacher does, so that it becomes the draft of a lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from core.lessons.draft import Columns, Deed, tasks_between
from core.messages.commands import (
    Back,
    Command,
    Edit,
    Next,
    RunTo,
    RunToPlace,
    SetNumber,
)
from core.messages.orders import EpochOnce, ResetWeights, StepOnce, StepOut, Train

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.experiment.spec import ExperimentSpec
    from core.messages.snapshot import Snapshot

_STEPPING = (Next, Back, RunTo, RunToPlace, StepOut)
_TRAINING = (Train, StepOnce, EpochOnce)
_NEAR = 1e-6
"""How far a number typed may be from what a learner types."""

BUILDING: Columns = (("network",), ("graph",))
STEPPING: Columns = (("graph", "stepbar"), ("formula",))
TRAINING: Columns = (("graph",), ("curves",))


class Recorder(QObject):
    """From its making on, it notes edits, numbers typed, training and stepping.

    Attributes:
        spec: With which the recording began.
        deeds: What was done so far; what is under way comes with ``finish``.
    """

    def __init__(self, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self.spec: ExperimentSpec = bridge.snapshot.spec
        self.deeds: list[Deed] = []
        self._known = self.spec
        self._trained_from: int | None = None
        self._steps_through = False
        bridge.dispatched.connect(self._note)
        bridge.snapshot_changed.connect(self._follow)

    def finish(self) -> list[Deed]:
        """Notes no more; gives all that was done."""
        self._bridge.dispatched.disconnect(self._note)
        self._bridge.snapshot_changed.disconnect(self._follow)
        self._end_training()
        self._end_stepping()
        return self.deeds

    def _note(self, command: Command) -> None:
        if isinstance(command, _STEPPING):
            self._end_training()
            self._steps_through = True
        elif isinstance(command, _TRAINING):
            self._end_stepping()
            if self._trained_from is None:
                self._trained_from = self._bridge.snapshot.progress.step
        elif isinstance(command, Edit | ResetWeights | SetNumber):
            self._end_training()
            self._end_stepping()
            self._note_change(command)

    def _note_change(self, command: Command) -> None:
        if isinstance(command, ResetWeights):
            self._add({"reset": True}, TRAINING)
        elif isinstance(command, SetNumber):
            place = " ".join(str(i + 1) for i in command.index)
            bounds = {"at_least": command.value - _NEAR, "at_most": command.value + _NEAR}
            task = {"measure": f"parameter {command.parameter} {place}", **bounds}
            self._add(task, STEPPING)

    def _follow(self, snapshot: Snapshot) -> None:
        """What an edit has changed shows in the experiment."""
        if snapshot.spec is self._known:
            return
        before, self._known = self._known, snapshot.spec
        for task in tasks_between(before, snapshot.spec):
            if not task.get("field", "").startswith("by_hand"):
                self._add(task, BUILDING)

    def _end_training(self) -> None:
        if self._trained_from is None:
            return
        steps = self._bridge.snapshot.progress.step - self._trained_from
        self._trained_from = None
        if steps > 0:
            self._add({"steps": steps}, TRAINING)

    def _end_stepping(self) -> None:
        stepping = self._bridge.snapshot.stepping
        entry = stepping.entry if stepping is not None else None
        if self._steps_through and entry is not None:
            self._add({"reach": entry.writes}, STEPPING)
        self._steps_through = False

    def _add(self, task: dict[str, object], show: Columns) -> None:
        """Of the same field set again only the last value counts."""
        last = self.deeds[-1].task if self.deeds else {}
        if "field" in task and last.get("field") == task["field"]:
            self.deeds.pop()
        self.deeds.append(Deed(task, show))
