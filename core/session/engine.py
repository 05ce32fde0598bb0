"""The thread that runs a session: commands in, newest snapshot and events out."""

from __future__ import annotations

import logging
import queue
import threading
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from numpy.typing import NDArray

from core.courtesy import Courtesy
from core.errors import UserError
from core.experiment.spec import ExperimentSpec
from core.messages.commands import Command
from core.messages.events import Event, Failed, Prediction, Refused
from core.messages.race import Contest, SurveyCommand
from core.messages.snapshot import RunState, Snapshot
from core.messages.surface_views import Survey
from core.session.predictor import Predictor, Weights
from core.session.session import Session
from core.session.surfaces import Surfaces
from core.training.run import Run

SLICE = 1 / 30
"""Seconds of training between two snapshots: what an eye can follow."""

log = logging.getLogger(__name__)


class Engine:
    """A session in a thread of its own, and the predictor beside it.

    Every method may be called from any thread. The thread starts with ``start`` and ends with
    ``close``; no exception ends it: what goes wrong becomes an event. Who shows a window holds
    ``courtesy`` while it works, and training waits. ``on_answer`` is called, in the engine's
    thread, when commands have been carried out and show in the snapshot.
    """

    def __init__(
        self,
        spec: ExperimentSpec,
        on_prediction: Callable[[Prediction], None],
        on_answer: Callable[[], None] = lambda: None,
    ) -> None:
        self._inbox: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.courtesy = Courtesy()
        self._predictor = Predictor(on_prediction)
        self._session = Session(spec, self._events.put)
        self._snapshot = self._session.snapshot()
        self._surfaces = Surfaces(self._session, self._note_defect)
        surveyor, racer = self._surfaces.surveyor, self._surfaces.racer
        self._courtesies = (self.courtesy, surveyor.courtesy, racer.courtesy)
        self._on_answer = on_answer
        self._published: tuple[object, int] | None = None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="chainrule-engine")

    @property
    def snapshot(self) -> Snapshot:
        """The newest; older ones that nobody read are gone."""
        return self._snapshot

    @property
    def survey(self) -> Survey:
        """The newest of the loss surface."""
        return self._surfaces.surveyor.survey

    @property
    def contest(self) -> Contest:
        """The newest of the race and of the trials of learning rates."""
        return self._surfaces.racer.contest

    def begin_courtesy(self) -> None:
        """Has everything wait that computes beside the window."""
        for courtesy in self._courtesies:
            courtesy.begin()

    def expect_frame(self, seconds: float) -> None:
        """The window's next frame begins in so many seconds; see :mod:`core.courtesy`."""
        for courtesy in self._courtesies:
            courtesy.expect(seconds)

    def end_courtesy(self) -> None:
        """Lets it all go on."""
        for courtesy in self._courtesies:
            courtesy.end()

    def start(self) -> None:
        """Starts both threads; the data and the network are loaded in the engine's."""
        self._predictor.start()
        self._thread.start()

    def post(self, command: Command) -> None:
        """Sends a command; it acts before the next training step."""
        self._inbox.put(command)

    def predict(self, drawing: NDArray[Any] | None, *, exact: bool, pasted: bool = False) -> int:
        """See :meth:`core.session.predictor.Predictor.ask`."""
        return self._predictor.ask(drawing, exact=exact, pasted=pasted)

    def drain_events(self) -> list[Event]:
        """The events since the last call; each is given once."""
        events: list[Event] = []
        while not self._events.empty():
            events.append(self._events.get())
        return events

    def close(self) -> None:
        """Ends both threads and waits for them."""
        self._closing.set()
        self._inbox.put(None)
        if self._thread.is_alive():
            self._thread.join()
        self._surfaces.close()
        self._predictor.close()

    def _serve(self) -> None:
        torch.set_num_threads(1)
        self._guarded(self._session.load)
        self._guarded(self._publish)
        while not self._closing.is_set():
            commands = self._commands()
            for command in commands:
                self._guarded(partial(self._carry_out, command))
            if commands:
                self._published = None  # undo may bring other weights of the same step
                self._guarded(self._publish)
                self._guarded(partial(self._surfaces.update, at_once=True))
                self._on_answer()
            if self._session.busy and not self._closing.is_set():
                self._guarded(partial(self._session.advance, SLICE, self._has_mail))
                self._guarded(self._publish)
                self._guarded(self._surfaces.update)

    def _carry_out(self, command: Command) -> None:
        if isinstance(command, SurveyCommand):
            self._surfaces.apply(command)
        else:
            self._session.apply(command)

    def _commands(self) -> list[Command]:
        """What has come in; waits for something while there is nothing else to do."""
        commands: list[Command] = []
        while not self._inbox.empty() or not (commands or self._session.busy):
            command = self._inbox.get()
            if command is None:
                break
            commands.append(command)
        return commands

    def _has_mail(self) -> bool:
        self.courtesy.give_way()
        self._predictor.courtesy.give_way()
        return not self._inbox.empty()

    def _guarded(self, work: Callable[[], None]) -> None:
        """Does something of the session's; whatever goes wrong becomes an event."""
        try:
            work()
        except UserError as error:
            self._events.put(Refused(error.sentence))
        except Exception as error:
            log.debug("the session caught a defect", exc_info=True)
            self._session.halt()
            self._note_defect(error)

    def _note_defect(self, error: Exception) -> None:
        """Makes an event of a defect, in whichever thread it came up."""
        report = "".join(traceback.format_exception(error))
        self._events.put(Failed(f"{type(error).__name__}: {error}", report))

    def _publish(self) -> None:
        if self._session.run is not None:
            self._publish_weights(self._session.run)
        self._snapshot = self._session.snapshot()

    def _publish_weights(self, run: Run) -> None:
        running = run.state is RunState.RUNNING
        key = (run.trainer.network, run.trainer.step)
        if self._published == key or (running and not self._predictor.is_wanted):
            return
        self._published = key
        data, network = run.trainer.data, run.trainer.network
        weights = None
        if data.shape.reads_images:
            tensors = {name: t.detach().cpu().clone() for name, t in network.state_dict().items()}
            weights = Weights(network.shapes, tensors, data.class_names, run.trainer.step)
        self._predictor.publish(weights)
