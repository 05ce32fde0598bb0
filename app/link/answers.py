"""The quiet record of what a person has worked out: a line each, in a file on this machine."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.kit import user_data
from core.errors import UserError
from core.questions.mastery import Answered, Tally, tallies

NAME = "answers.jsonl"
COLUMNS = ("when", "kind", "level", "right", "tries", "hints", "slips")
"""Of the table that is exported."""


class AnswerBook(QObject):
    """All answers so far. The file is read when somebody asks, and written with the first answer.

    Attributes:
        path: The file.
        unread: How many of its lines hold no answer; they stay in it.
    """

    changed = Signal()

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self.unread = 0
        self._answers: list[Answered] | None = None
        self._tallies: dict[str, Tally] | None = None

    @property
    def answers(self) -> tuple[Answered, ...]:
        """All of them, the oldest first."""
        return tuple(self._read())

    @property
    def tallies(self) -> dict[str, Tally]:
        """The same, put together by the kind of operation."""
        if self._tallies is None:
            self._tallies = tallies(self._read())
        return self._tallies

    def add(self, answered: Answered) -> None:
        """Writes one more down.

        Raises:
            UserError: The file cannot be written; the answer counts until the program ends.
        """
        self._read().append(answered)
        self._tallies = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(answered.line() + "\n")
        except OSError as error:
            raise _not_written(self.path, error) from error
        finally:
            self.changed.emit()

    def export(self, path: Path) -> None:
        """Writes all of them as a table, CSV with a header.

        Raises:
            UserError: It cannot be written there.
        """
        try:
            with path.open("w", encoding="utf-8", newline="") as file:
                table = csv.writer(file)
                table.writerow(COLUMNS)
                for one in self._read():
                    whether = "yes" if one.right else "no"
                    slips = " ".join(one.slips)
                    counts = (one.tries, one.hints)
                    table.writerow((one.when, one.kind, one.level, whether, *counts, slips))
        except OSError as error:
            raise _not_written(path, error) from error

    def erase(self) -> None:
        """Forgets all of them, and deletes the file.

        Raises:
            UserError: The file cannot be deleted; nothing is forgotten.
        """
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise UserError(
                "The answers in {path} cannot be erased.",
                "{reason}",
                path=self.path,
                reason=error.strerror,
            ) from error
        self._answers, self._tallies, self.unread = [], None, 0
        self.changed.emit()

    def _read(self) -> list[Answered]:
        if self._answers is None:
            self._answers, self.unread = [], 0
            lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
            for line in lines:
                try:
                    self._answers.append(Answered.of_line(line))
                except UserError:
                    self.unread += 1  # a newer version's, or cut short: it stays in the file
        return self._answers


def answer_book() -> AnswerBook:
    """That of the person at this machine, shared by all experiments."""
    return _book_at(user_data.folder() / NAME)


@cache
def _book_at(path: Path) -> AnswerBook:
    return AnswerBook(path)


def _not_written(path: Path, error: OSError) -> UserError:
    return UserError(
        "{path} cannot be written.", "{reason}", path=path, reason=error.strerror or str(error)
    )
