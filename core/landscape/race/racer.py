"""The thread of the race and of the trials: commands in, newest contest and material out."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from functools import partial

import torch

from core.courtesy import Courtesy
from core.errors import UserError
from core.landscape.losses.arena import Material
from core.landscape.race.control import RaceControl
from core.landscape.race.problems import TrainingSetup
from core.messages.race import Contest, RaceCommand

log = logging.getLogger(__name__)

Mail = tuple[RaceCommand, TrainingSetup | None]


class Racer:
    """Runs a race and trials of learning rates beside a session, on copies.

    Commands may be posted from any thread. The thread begins with the first of them and ends
    with ``close``; no exception ends it. Race and trials take turns, slice by slice. Who shows a
    window holds ``courtesy`` while it works, and both wait.

    Args:
        on_news: Called in the racer's thread after each new contest.
        on_material: Called there with where the runners have been; None when the race is put
            away. At most four times a second while they move (ten times where they are watched on a
            function), and once when they rest.
        on_defect: Called there with what is no UserError; the race is held then.
    """

    def __init__(
        self,
        on_news: Callable[[], None],
        on_material: Callable[[Material | None], None],
        on_defect: Callable[[Exception], None],
    ) -> None:
        self._on_news = on_news
        self._on_defect = on_defect
        self.courtesy = Courtesy()
        self._control = RaceControl(on_material)
        self._inbox: queue.SimpleQueue[Mail | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    @property
    def contest(self) -> Contest:
        """The newest; may be read in any thread."""
        return self._control.contest

    def post(self, command: RaceCommand, setup: TrainingSetup | None = None) -> None:
        """Sends a command; it acts before the next step.

        Args:
            command: What to do.
            setup: What a race or trial on the network would begin with; None where there is no
                network, or the command begins nothing.
        """
        with self._starting:
            if self._closing.is_set():
                return
            self._inbox.put((command, setup))
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="chainrule-racer")
                self._thread.start()

    def close(self) -> None:
        """Ends the thread and waits for it."""
        with self._starting:
            self._closing.set()
            self._inbox.put(None)
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        torch.set_num_threads(1)
        control = self._control
        while not self._closing.is_set():
            mail = self._mail()
            for command, setup in mail:
                self._guarded(partial(control.carry_out, command, setup))
            if mail:
                self._guarded(self._publish)
                self._guarded(control.give_material)
            if control.due_in() is not None and not self._closing.is_set():
                self._guarded(partial(control.work, self._has_mail))
                self._guarded(self._publish)

    def _mail(self) -> list[Mail]:
        """What has come in; waits for something while there is nothing else to do."""
        mail: list[Mail] = []
        try:
            while letter := self._inbox.get(timeout=0 if mail else self._control.due_in()):
                mail.append(letter)
        except queue.Empty:
            pass  # no more of it, or time for the next step
        return mail

    def _has_mail(self) -> bool:
        self.courtesy.give_way()
        return not self._inbox.empty()

    def _publish(self) -> None:
        self._control.update_contest()
        self._on_news()

    def _guarded(self, work: Callable[[], None]) -> None:
        """Does something; whatever goes wrong is told, and the thread lives on."""
        try:
            work()
        except UserError as error:
            self._control.refuse(error.sentence)
        except Exception as error:
            log.debug("the racer caught a defect", exc_info=True)
            self._control.halt()
            self._on_defect(error)
