"""The thread that surveys: the newest task, from coarse to fine."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from core.courtesy import Courtesy
from core.errors import UserError
from core.landscape.losses.arena import Flat
from core.landscape.surface.decisions import Landscape
from core.landscape.surface.material import SurveyTask
from core.landscape.surface.survey import SurveyComputation
from core.messages.surface_commands import SurveyRequest
from core.messages.surface_views import Survey
from core.sentence import Sentence
from core.training.step import Interrupted

log = logging.getLogger(__name__)

AHEAD = 0.006
"""Seconds before a frame from which on no piece of a picture is begun: one takes some 4 ms, and
training beside it may hold the other processor."""

TELLING = 0.02
"""Of the whole work: as much more of it is worth telling."""


class Surveyor:
    """Surveys one experiment's landscapes beside its run, on copies.

    Tasks have a mailbox: the newest counts. Another request interrupts what is being computed;
    newer weights do so once there is a first picture of the present ones.

    Args:
        on_news: Called in the surveyor's thread after each new survey.
        on_defect: Called there with what is no UserError; the thread lives on.

    Attributes:
        courtesy: Held by whoever shows a window, while it works.
        survey: The newest.
        task: The newest.
    """

    def __init__(self, on_news: Callable[[], None], on_defect: Callable[[Exception], None]) -> None:
        self._on_news = on_news
        self._on_defect = on_defect
        self.courtesy = Courtesy()
        self.survey = Survey()
        self._flat: Flat | None = None
        self._landscape: Landscape | None = None
        self.task: SurveyTask | None = None
        self._begun: SurveyTask | None = None
        self._computation: SurveyComputation | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def wants_newer(self) -> bool:
        """Whether newer weights would be looked at at once."""
        computation = self._computation
        return self.task is not None and (computation is None or computation.is_over_for_now)

    def submit(self, task: SurveyTask | None) -> None:
        """Takes what is to be surveyed from now on, from any thread; None for nothing."""
        with self._changed:
            if task == self.task:
                return
            self.task = task
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="chainrule-surveyor")
                self._thread.start()

    def at(self, point: tuple[float, float]) -> Tensor | None:
        """(p,) the parameters at a point of the plane of the picture; None without one."""
        return self._flat.at(*point) if self._flat is not None else None

    @property
    def is_of_function(self) -> bool | None:
        """Whether the picture is of a test function, not of a network; None without one."""
        return self._landscape[1] is not None if self._landscape is not None else None

    def close(self) -> None:
        """Ends the thread and waits for it."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _serve(self) -> None:
        torch.set_num_threads(1)
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or self.task != self._begun)
                if self._closing:
                    return
                self._begun = task = self.task
            self._carry_out(task)

    def _carry_out(self, task: SurveyTask | None) -> None:
        if task is None or task.material is None:
            self._publish(request=task.request if task is not None else None, progress=None)
        elif isinstance(task.material, Sentence):
            self._refuse(task.request, task.material, (task.request.subject,))
        else:
            self._compute(task)

    def _compute(self, task: SurveyTask) -> None:
        computation = SurveyComputation(task, self.survey, self._computation)
        self._computation = computation
        try:
            for survey in computation.run(self._is_interrupted):
                if computation.flat is not None:
                    self._flat, self._landscape = computation.flat, computation.landscape
                self._show(survey)
        except Interrupted:
            pass
        except UserError as error:
            self._refuse(task.request, error.sentence, computation.landscape)
        except Exception as error:
            log.debug("the surveyor caught a defect", exc_info=True)
            self._on_defect(error)
            self._publish(request=task.request, progress=None)
        finally:
            computation.end()

    def _refuse(self, request: SurveyRequest, trouble: Sentence, landscape: Landscape) -> None:
        """Says why there is no newer picture; one of another landscape does not stay for it.

        Args:
            request: What is asked for.
            trouble: Why not.
            landscape: What a picture would have been of, as far as is known.
        """
        kept = self.survey
        if self._landscape is None or self._landscape[: len(landscape)] != landscape:
            self._flat = self._landscape = None
            kept = replace(kept, surface=None, paths=(), line=None)
        self._show(replace(kept, request=request, trouble=trouble, progress=None, is_stale=True))

    def _is_interrupted(self) -> bool:
        """Looked at amid the work, after letting the window go first."""
        self.courtesy.give_way(AHEAD)
        newest, begun, computation = self.task, self._begun, self._computation
        assert begun is not None
        assert computation is not None
        # By value, as the thread decides whether there is anything to do: else it would rest amid
        # a picture that somebody went away from and came back to.
        if self._closing or newest is None or newest.request != begun.request:
            return True
        self._report(computation.survey.progress)
        if newest.material is begun.material:
            return False
        return not computation.is_finished_before(newest.material)

    def _report(self, progress: float | None) -> None:
        """Publishes how far the work has come, where it has been said that there is some."""
        shown = self.survey.progress
        if progress is not None and shown is not None and progress >= shown + TELLING:
            self._publish(progress=progress)

    def _publish(self, **changes: object) -> None:
        self._show(replace(self.survey, **changes))  # type: ignore[arg-type]

    def _show(self, survey: Survey) -> None:
        self.survey = replace(survey, version=self.survey.version + 1)
        self._on_news()
