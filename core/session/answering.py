"""Why is this number what it is? Answered between two commands; only the newest question counts."""

from __future__ import annotations

from collections.abc import Callable

from core.debugger.why.exact import Exact
from core.debugger.why.paths import GradientPaths, paths_of
from core.debugger.why.updates import history_of
from core.errors import UserError
from core.messages.commands import AskWhy
from core.messages.record import Record
from core.messages.why import AboutNumber, AboutWeight, WhyAnswer
from core.training.intervening import check_number
from core.training.run import Run
from core.training.step import Interrupted


class Answering:
    """One question at a time, and its answer until the next.

    Attributes:
        answer: The newest; None before the first, and where another run has come.
    """

    def __init__(self) -> None:
        self.answer: WhyAnswer | None = None
        self._asked: AskWhy | None = None
        self._exact: Exact | None = None
        self._exact_for: tuple[Record, int | None] | None = None

    @property
    def is_due(self) -> bool:
        """Whether a question waits."""
        return self._asked is not None

    def ask(self, question: AskWhy) -> None:
        """Takes a question in the place of one that waits."""
        self._asked = question

    def forget(self) -> None:
        """There is another run, of which nothing was asked yet."""
        self.answer = self._asked = self._exact = self._exact_for = None

    def advance(self, run: Run, interrupted: Callable[[], bool]) -> None:
        """Answers; of a run that trains just now, whose weights will not stand still, nothing."""
        question, self._asked = self._asked, None
        if question is None or run.state.is_running:
            return
        try:
            found = self._found(question, run, interrupted)
            self.answer = WhyAnswer(question.request, found)
        except Interrupted:
            self._asked = question  # it is asked still, unless another has come
        except UserError as error:
            self.answer = WhyAnswer(question.request, None, error.sentence)

    def _found(self, question: AskWhy, run: Run, interrupted: Callable[[], bool]) -> object:
        match question.about:
            case AboutNumber():
                return self._paths(question.about, interrupted)
            case AboutWeight(parameter, index):
                check_number(run.trainer.network, parameter, index)
                return history_of(run.trainer, run.past, parameter, index, interrupted)

    def _paths(self, about: AboutNumber, interrupted: Callable[[], bool]) -> GradientPaths:
        """The step in float64 is kept, since a person asks of one number after another."""
        wanted = (about.record, about.sample)
        if self._exact is None or self._exact_for != wanted:
            self._exact, self._exact_for = Exact(*wanted), wanted
        place = about.entry, about.index, about.sample
        return paths_of(about.record, *place, exact=self._exact, interrupted=interrupted)
