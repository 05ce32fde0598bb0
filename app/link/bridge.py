"""The one place where the window and an experiment's engine meet."""

from __future__ import annotations

from collections import deque
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.link.asking import Asking
from app.link.focus import Focus
from app.link.questioner import Questioner
from app.link.stage import Stage
from app.link.surface_choice import SurfaceChoice
from core.experiment.spec import ExperimentSpec
from core.messages.commands import Command
from core.messages.events import Prediction, Refused
from core.messages.race import Contest
from core.messages.snapshot import RunState, Snapshot
from core.messages.surface_commands import ShowSurface
from core.messages.surface_views import Survey

if TYPE_CHECKING:
    from core.session.engine import Engine

FRAME_MS = 16

HAND_SECONDS = 0.09
"""Two drawings asked about within this time come from a moving pen."""

_NO_SURVEY = Survey()
_NO_CONTEST = Contest()


class Bridge(QObject):
    """Commands in, snapshots and events out, for one experiment.

    Snapshots wait in the engine's mailbox until the next frame, so a fast engine can never flood
    the window; answers to commands come at once, and so do predictions, since a hand waits for
    them. ``dispatched`` carries a command whose answer is on its way: what can wait makes way.

    What a person is working out (``asking``) is in no snapshot that leaves here.

    Until ``start`` there is no engine: the experiment is shown as described, and commands wait.
    """

    snapshot_changed = Signal(object)
    event_received = Signal(object)
    predicted = Signal(object)
    survey_changed = Signal(object)
    contest_changed = Signal(object)
    dispatched = Signal(object)
    ticked = Signal()
    # From the engine's threads, handed over to the window's.
    arrived = Signal(object)
    answered = Signal()

    def __init__(self, spec: ExperimentSpec, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.focus = Focus(self)
        self.asking = Asking(self)
        self.asking.veil_changed.connect(self._show_veiled)
        self.stage = Stage(self)
        self.surface_choice = SurfaceChoice(self)
        self.surface_choice.requested.connect(lambda request: self.dispatch(ShowSurface(request)))
        self._engine: Engine | None = None
        self._before = Snapshot(0, spec)
        self._posted: list[Command] = []
        self._shown, self._contest_shown = -1, 0
        self._survey_shown = _NO_SURVEY
        self._latest_request = 0
        self._asked: deque[float] = deque(maxlen=2)
        self._idle = QTimer(self, singleShot=True)
        self._timer = QTimer(self, interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._drain)
        self.questioner = Questioner(self.asking, self.focus, self)
        self.dispatched.connect(self.questioner.note)
        self.questioner.refused.connect(lambda why: self.event_received.emit(Refused(why)))
        self.answered.connect(self._show_newest, Qt.ConnectionType.QueuedConnection)
        self.arrived.connect(self._show_prediction, Qt.ConnectionType.QueuedConnection)

    @property
    def snapshot(self) -> Snapshot:
        """The newest there is, without the number that a person is working out."""
        return self.asking.veil(self._engine.snapshot if self._engine else self._before)

    @property
    def survey(self) -> Survey:
        """The newest of the loss surface; none while a person works the loss out."""
        if self.asking.hides_loss:
            return _NO_SURVEY
        survey = self._engine.survey if self._engine else _NO_SURVEY
        return self.asking.without_ahead(survey)

    @property
    def contest(self) -> Contest:
        """The newest of the race and of the trials of learning rates."""
        return self._engine.contest if self._engine else _NO_CONTEST

    def start(self) -> None:
        """Makes the engine, starts its thread and the timer that reads from it."""
        from core.session.engine import Engine  # and torch with it, which nothing else here needs

        self._engine = Engine(
            self._before.spec, on_prediction=self.arrived.emit, on_answer=self.answered.emit
        )
        self._idle.timeout.connect(self._engine.end_courtesy)
        for command in self._posted:
            self._engine.post(command)
        self._engine.start()
        self._timer.start()

    def go_first(self) -> None:
        """Has training wait until the window has done, and painted, what it is about to do.

        See :mod:`core.courtesy`. A timer of no time at all comes when no event is left waiting.
        """
        if self._engine is not None:
            self._engine.begin_courtesy()
            self._idle.start()

    @property
    def hand_is_busy(self) -> bool:
        """Whether a hand is drawing just now: what can wait a moment should."""
        return len(self._asked) == 2 and perf_counter() - self._asked[0] < HAND_SECONDS

    def dispatch(self, command: Command) -> None:
        """Sends a command; what comes of it shows in a later snapshot or event."""
        if self._engine is not None:
            self._engine.post(command)
        else:
            self._posted.append(command)
        self.dispatched.emit(command)

    def predict(
        self, drawing: NDArray[np.uint8] | None, *, exact: bool = False, pasted: bool = False
    ) -> int:
        """Asks what the network makes of a drawing; ``predicted`` answers, newest request only.

        Args:
            drawing: (height, width) ink, 0 for paper to 255; None for an empty pad.
            exact: The drawing is an input as the network takes it (a test digit, (height, width)
                uint8 or float32 in 0..1), not to be centred and scaled again.
            pasted: It is a picture from elsewhere, whose answer is looked at more closely.

        Returns:
            The request's number, which the answer carries.
        """
        self.go_first()
        self._asked.append(perf_counter())
        if self._engine is not None:
            self._latest_request = self._engine.predict(drawing, exact=exact, pasted=pasted)
        return self._latest_request

    def close(self) -> None:
        """Stops the timer and the engine and waits for its threads."""
        self._timer.stop()
        self._idle.stop()
        if self._engine is not None:
            self._engine.end_courtesy()
            self._engine.close()

    def _drain(self) -> None:
        if self._engine is not None and self.snapshot.state is RunState.RUNNING:
            self._engine.expect_frame(FRAME_MS / 1000)
            self.go_first()
        self._show_newest()
        self.ticked.emit()

    def _show_newest(self) -> None:
        for event in self._engine.drain_events() if self._engine else ():
            self.event_received.emit(event)
        snapshot = self.snapshot
        if snapshot.version != self._shown:
            self._shown = snapshot.version
            self.snapshot_changed.emit(snapshot)
            self.asking.tell_news()
        survey, contest = self.survey, self.contest
        if survey is not self._survey_shown:
            self._survey_shown = survey
            self.survey_changed.emit(survey)
        if contest.version != self._contest_shown:
            self._contest_shown = contest.version
            self.contest_changed.emit(contest)

    def _show_veiled(self) -> None:
        """Another number is hidden, or none any more."""
        self.snapshot_changed.emit(self.snapshot)
        survey = self.survey
        if survey is not self._survey_shown:
            self._survey_shown = survey
            self.survey_changed.emit(survey)

    def _show_prediction(self, prediction: Prediction) -> None:
        self.go_first()
        if prediction.request == self._latest_request:
            self.predicted.emit(prediction)
