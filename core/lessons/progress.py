"""How far somebody has come in each lesson: a small file beside their other data."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError

from core.catalog.base import Model
from core.errors import UserError
from core.writing import write_whole


class Standing(Model):
    """How far somebody is in a lesson.

    Attributes:
        page: The id of the page on which they left it.
        reached: How many of its pages are behind them.
        done: Whether they have come to its end.
    """

    page: str = ""
    reached: int = Field(0, ge=0)
    done: bool = False


class LessonProgress(Model):
    """The same of all lessons, by their ids."""

    version: int = 1
    lessons: dict[str, Standing] = Field(default_factory=dict)

    def of(self, lesson: str) -> Standing:
        """How far they are in one; at its beginning, if never there."""
        return self.lessons.get(lesson, Standing())

    def moved(self, lesson: str, page: str, number: int, *, done: bool = False) -> LessonProgress:
        """The same after coming to a page; what was reached once stays so.

        Args:
            lesson: Its id.
            page: The page's.
            number: The page's place, from 0.
            done: Whether the lesson is over with it.
        """
        before = self.of(lesson)
        now = Standing(page=page, reached=max(before.reached, number), done=before.done or done)
        return self.model_copy(update={"lessons": {**self.lessons, lesson: now}})


def read_progress(path: Path) -> LessonProgress:
    """Reads it; of a file that is not there, or that is damaged, nothing has been reached yet."""
    try:
        return LessonProgress.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return LessonProgress()


def write_progress(path: Path, progress: LessonProgress) -> None:
    """Writes it, whole or not at all.

    Raises:
        UserError: The folder cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, progress.model_dump_json(indent=1).encode())
    except OSError as error:
        raise UserError(
            "How far you are in the lessons cannot be kept: {reason}.",
            "Lessons go on; after the next start they begin anew.",
            reason=error.strerror or error,
        ) from None
