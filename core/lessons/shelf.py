"""All lessons there are: those that come with Chainrule, and a teacher's own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.errors import UserError
from core.lessons.reading import SCRIPT, Lesson, read_lesson
from core.sentence import Sentence

SHIPPED = Path(__file__).parents[2] / "resources" / "lessons"


@dataclass(frozen=True)
class Shelf:
    """Lessons, and what is wrong with those that cannot be read.

    Attributes:
        lessons: In the order of their folders' names, the shipped ones first.
        refused: By folder: what is wrong there.
    """

    lessons: tuple[Lesson, ...]
    refused: dict[Path, Sentence]

    def find(self, identifier: str) -> Lesson | None:
        """The lesson of that id, if it is there."""
        return next((one for one in self.lessons if one.id == identifier), None)


def shelf_of(*folders: Path, language: str = "en") -> Shelf:
    """Reads every lesson below some folders; one that is damaged leaves the others alone."""
    lessons: list[Lesson] = []
    refused: dict[Path, Sentence] = {}
    for folder in folders:
        for script in sorted(folder.glob(f"*/{SCRIPT}")):
            try:
                lessons.append(read_lesson(script.parent, language))
            except UserError as error:
                refused[script.parent] = error.sentence
    return Shelf(tuple(lessons), refused)
