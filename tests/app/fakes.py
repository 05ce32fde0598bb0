"""Stand-ins for the engine's side of the window: a bridge that only writes down what it is sent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.link.asking import Asking
from app.link.focus import Focus
from app.link.questioner import Questioner
from app.link.stage import Stage
from app.link.surface_choice import SurfaceChoice
from core.errors import UserError
from core.experiment.fit import fitted
from core.experiment.layers import infer_shapes
from core.experiment.network import Network
from core.experiment.spec import ExperimentSpec
from core.messages.commands import Command, Edit
from core.messages.events import Refused
from core.messages.race import Contest
from core.messages.snapshot import DataSummary, Progress, RunState, Snapshot
from core.messages.surface_commands import ShowSurface
from core.messages.surface_views import Survey
from core.presets import PRESETS
from core.session.building import layer_summaries


def snapshot_of(spec: ExperimentSpec, version: int = 1) -> Snapshot:
    """What an engine would show of a spec, without data or run."""
    shape = spec.data.shape()
    layers = layer_summaries(Network(infer_shapes(spec.layers, shape.input_shape), spec.seed))
    names = tuple(str(i) for i in range(shape.outputs))
    is_class = shape.task == "classification"
    data = DataSummary(
        spec.data.label,
        shape.task,
        shape.input_shape,
        shape.outputs,
        0,
        0,
        np.zeros((0, *shape.input_shape), np.float32),
        np.zeros(0, np.int64),
        class_names=names if is_class else (),
    )
    return Snapshot(
        version,
        spec,
        RunState.READY,
        Progress(learning_rate=spec.optimizer.learning_rate, steps_per_epoch=100),
        layers=layers,
        data=data,
    )


def loading(name: str) -> Snapshot:
    """A preset before its data is there."""
    return Snapshot(0, PRESETS[name].spec)


class FakeBridge(QObject):
    """Has the signals of the Bridge, keeps what is dispatched, and shows what it is told.

    Attributes:
        sent: Every command dispatched, oldest first.
        obedient: Edits are carried out at once, as an engine would a moment later.
    """

    snapshot_changed = Signal(object)
    event_received = Signal(object)
    predicted = Signal(object)
    survey_changed = Signal(object)
    contest_changed = Signal(object)
    dispatched = Signal(object)
    ticked = Signal()
    hand_is_busy = False

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__()
        self._snapshot = snapshot
        self.focus = Focus(self)
        self.stage = Stage(self)
        self.asking = Asking(self)
        self.asking.veil_changed.connect(lambda: self.snapshot_changed.emit(self.snapshot))
        self.surface_choice = SurfaceChoice(self)
        self.surface_choice.requested.connect(lambda request: self.dispatch(ShowSurface(request)))
        self.survey = Survey()
        self.contest = Contest()
        self.sent: list[Command] = []
        self.drawings: list[object] = []
        self.obedient = False
        self.questioner = Questioner(self.asking, self.focus, self)
        self.dispatched.connect(self.questioner.note)
        self.questioner.refused.connect(lambda why: self.event_received.emit(Refused(why)))

    @property
    def snapshot(self) -> Snapshot:
        return self.asking.veil(self._snapshot)

    def start(self) -> None:
        pass

    def close(self) -> None:
        pass

    def go_first(self) -> None:
        pass

    def dispatch(self, command: Command) -> None:
        self.sent.append(command)
        self.dispatched.emit(command)
        if self.obedient and isinstance(command, Edit):
            self.carry_out(command)

    def predict(self, drawing: object, *, exact: bool = False, pasted: bool = False) -> int:
        self.drawings.append(drawing)
        return len(self.drawings)

    def present(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.snapshot_changed.emit(self.snapshot)
        self.asking.tell_news()

    def present_survey(self, survey: Survey) -> None:
        self.survey = survey
        self.survey_changed.emit(survey)

    def present_contest(self, contest: Contest) -> None:
        self.contest = contest
        self.contest_changed.emit(contest)

    def carry_out(self, edit: Edit) -> None:
        """Shows what an engine would after the edit."""
        spec = edit.apply(self._snapshot.spec)
        spec = fitted(spec, spec.data.shape()) if spec.data is not self.spec.data else spec
        try:
            snapshot = snapshot_of(spec)
        except UserError as error:
            self.event_received.emit(Refused(error.sentence))
            return
        self.present(replace(snapshot, version=self._snapshot.version + 1))

    @property
    def spec(self) -> ExperimentSpec:
        """The description shown last."""
        return self._snapshot.spec

    @property
    def edited(self) -> ExperimentSpec:
        """The description that the last edit would make."""
        edit = self.sent[-1]
        assert isinstance(edit, Edit)
        return edit.apply(self.spec)
