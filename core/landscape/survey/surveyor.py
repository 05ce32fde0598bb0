"""The thread that surveys: the newest wish, on the newest weights, from coarse to fine."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from core.courtesy import Courtesy
from core.errors import UserError
from core.landscape.losses.arena import Flat, Material
from core.landscape.survey.decisions import Landscape
from core.landscape.survey.survey import Expedition
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

Wanted = tuple[SurveyRequest | None, Material | Sentence | None]


class Surveyor:
    """Surveys one experiment's landscapes beside its run, on copies.

    Requests and materials are mailboxes: the newest counts. A request interrupts what is being
    computed; newer weights do so once there is a first picture of the present ones.

    Args:
        on_news: Called in the surveyor's thread after each new survey.
        on_defect: Called there with what is no UserError; the thread lives on.
    """

    def __init__(self, on_news: Callable[[], None], on_defect: Callable[[Exception], None]) -> None:
        self._on_news = on_news
        self._on_defect = on_defect
        self.courtesy = Courtesy()
        self._survey = Survey()
        self._flat: Flat | None = None
        self._landscape: Landscape | None = None
        self._request: SurveyRequest | None = None
        self._materials: dict[str, Material | Sentence | None] = {}
        self._seen: Wanted = (None, None)
        self._expedition: Expedition | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def survey(self) -> Survey:
        """The newest."""
        return self._survey

    @property
    def request(self) -> SurveyRequest | None:
        """What is asked for."""
        return self._request

    @property
    def is_hungry(self) -> bool:
        """Whether newer weights would be looked at at once."""
        expedition = self._expedition
        return self._request is not None and (expedition is None or expedition.is_over_for_now)

    def ask(
        self, request: SurveyRequest | None, material: Material | Sentence | None = None
    ) -> None:
        """Says what somebody looks at, and of which weights where they are others too."""
        with self._changed:
            self._request = request
            if request is not None and material is not None:
                self._materials[request.subject] = material
            self._changed.notify()
        if self._thread is None and request is not None:
            self._thread = threading.Thread(target=self._serve, name="chainrule-surveyor")
            self._thread.start()

    def offer(self, subject: str, material: Material | Sentence | None) -> None:
        """Brings newer weights, or why there are none to be had; None when nothing is left."""
        with self._changed:
            self._materials[subject] = material
            self._changed.notify()

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
                self._changed.wait_for(lambda: self._closing or self._wanted() != self._seen)
                if self._closing:
                    return
                self._seen = request, material = self._wanted()
            self._go(request, material)

    def _wanted(self) -> Wanted:
        request = self._request
        return request, self._materials.get(request.subject) if request is not None else None

    def _go(self, request: SurveyRequest | None, material: Material | Sentence | None) -> None:
        if request is None or material is None:
            self._publish(request=request, progress=None)
            return
        if isinstance(material, Sentence):
            self._refuse(request, material, (request.subject,))
            return
        self._expedition = Expedition(request, material, self._survey, self._expedition)
        try:
            for survey in self._expedition.run(self._is_interrupted):
                if self._expedition.flat is not None:
                    self._flat, self._landscape = self._expedition.flat, self._expedition.landscape
                self._show(survey)
        except Interrupted:
            pass
        except UserError as error:
            self._refuse(request, error.sentence, self._expedition.landscape)
        except Exception as error:
            log.debug("the surveyor caught a defect", exc_info=True)
            self._on_defect(error)
            self._publish(request=request, progress=None)
        finally:
            self._expedition.end()

    def _refuse(self, request: SurveyRequest, trouble: Sentence, landscape: Landscape) -> None:
        """Says why there is no newer picture; one of another landscape does not stay for it.

        Args:
            request: What is asked for.
            trouble: Why not.
            landscape: What a picture would have been of, as far as is known.
        """
        kept = self._survey
        if self._landscape is None or self._landscape[: len(landscape)] != landscape:
            self._flat = self._landscape = None
            kept = replace(kept, surface=None, paths=(), line=None)
        self._show(replace(kept, request=request, trouble=trouble, progress=None, is_stale=True))

    def _is_interrupted(self) -> bool:
        """Looked at amid the work, after letting the window go first."""
        self.courtesy.give_way(AHEAD)
        wanted = self._wanted()
        # By value, as the thread decides whether there is anything to do: else it would rest amid
        # a picture that somebody went away from and came back to.
        if self._closing or wanted[0] != self._seen[0]:
            return True
        expedition = self._expedition
        assert expedition is not None
        self._tell(expedition.progress)
        return wanted[1] is not self._seen[1] and not expedition.outlasts(wanted[1])

    def _tell(self, progress: float | None) -> None:
        """Publishes how far the work has come, where it has been said that there is some."""
        shown = self._survey.progress
        if progress is not None and shown is not None and progress >= shown + TELLING:
            self._publish(progress=progress)

    def _publish(self, **changes: object) -> None:
        self._show(replace(self._survey, **changes))  # type: ignore[arg-type]

    def _show(self, survey: Survey) -> None:
        self._survey = replace(survey, version=self._survey.version + 1)
        self._on_news()
