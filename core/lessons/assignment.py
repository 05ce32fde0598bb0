"""A list of questions for a class as one file, and what somebody answered as another."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Field, ValidationError, model_validator

from core.catalog.base import Model
from core.errors import UserError
from core.experiment.spec import ExperimentSpec, explain
from core.lessons.lesson import Ask, AskedNumber, Page
from core.lessons.reading import Lesson
from core.lessons.texts import PageText, Texts

M = TypeVar("M", bound=Model)
MOST_BYTES = 20_000_000
"""A class's file of questions is some kilobytes; what is larger is none."""


class AssignedQuestion(Model):
    """One number to be worked out: of the first step of an experiment.

    Attributes:
        experiment: Which of the assignment's.
        number: Which number of that step.
        text: What to say beside the question; Markdown.
    """

    experiment: str = Field(min_length=1, max_length=40)
    number: AskedNumber
    text: str = Field("", max_length=4000)


class Assignment(Model):
    """What a teacher hands out.

    Attributes:
        kind: Tells the file from others.
        version: Of this format.
        title: Its name.
        intro: What stands on its first page; Markdown.
        experiments: By the names that questions use.
        questions: In their order.
    """

    kind: Literal["assignment"]
    version: Literal[1]
    title: str = Field(min_length=1, max_length=80)
    intro: str = Field("", max_length=4000)
    experiments: dict[str, ExperimentSpec] = Field(min_length=1)
    questions: tuple[AssignedQuestion, ...] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _knows_its_experiments(self) -> Assignment:
        for number, question in enumerate(self.questions, 1):
            if question.experiment not in self.experiments:
                known = ", ".join(self.experiments)
                raise ValueError(
                    f"question {number} is about {question.experiment}; there are {known}"
                )
        return self

    @property
    def digest(self) -> str:
        """The same for the same questions, whatever the file looks like."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()


class Try(Model):
    """One answer as it was typed, and when (ISO 8601, UTC)."""

    text: str = Field(max_length=200)
    at: str = Field(max_length=40)


class GivenAnswer(Model):
    """What became of one question.

    Attributes:
        question: Which, from 1.
        tries: All that was typed.
        hints: How many were looked at.
        shown: Whether the number was shown on request.
        value: What was right, with all its digits, as ``float.hex`` writes it: it has to replay.
    """

    question: int = Field(ge=1)
    tries: tuple[Try, ...] = Field((), max_length=1000)
    hints: int = Field(0, ge=0)
    shown: bool = False
    value: Annotated[str, Field(max_length=40)] = ""


class AnswerSheet(Model):
    """What a learner hands in.

    Attributes:
        kind, version: As in :class:`Assignment`.
        name: Of the learner, as they typed it.
        assignment: The questions, so that it can be read without them.
        answers: One a question that was begun.
    """

    kind: Literal["answers"]
    version: Literal[1]
    name: str = Field("", max_length=120)
    assignment: Assignment
    answers: tuple[GivenAnswer, ...] = ()


def read_assignment(path: Path) -> Assignment:
    """Reads a teacher's file.

    Raises:
        UserError: It cannot be read, or something in it is wrong: which field, what is allowed.
    """
    return _read(path, Assignment)


def read_answers(path: Path) -> AnswerSheet:
    """Reads a learner's file; raises as :func:`read_assignment`."""
    return _read(path, AnswerSheet)


def is_assignment(path: Path) -> bool:
    """Whether a JSON file is meant to be an assignment, and not an experiment."""
    try:
        content = json.loads(path.read_bytes()[:MOST_BYTES])
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and content.get("kind") == "assignment"


def _read(path: Path, kind: type[M]) -> M:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError("{file} is too large.", file=path.name)
        content: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise UserError(
            "{file} cannot be read: {reason}.", file=path, reason=error.strerror or error
        ) from None
    except (ValueError, RecursionError) as error:
        raise UserError(
            "{file} is not valid JSON: {reason}.", file=path.name, reason=error
        ) from None
    try:
        return kind.model_validate_json(json.dumps(content))
    except ValidationError as error:
        raise explain(error, path.name) from None


def lesson_of(assignment: Assignment, folder: Path) -> Lesson:
    """The assignment as a lesson: a page for its introduction, then one a question."""
    pages = [Page(id="begin", show=("graph",), open=assignment.questions[0].experiment)]
    texts = {"begin": PageText(assignment.title, assignment.intro)}
    for number, question in enumerate(assignment.questions, 1):
        pages.append(
            Page(
                id=f"q{number}",
                open=question.experiment,
                show=(("graph", "stepbar"), "formula"),
                sample="batch" if question.number.sample is None else question.number.sample,
                ask=Ask(number=question.number),
            )
        )
        texts[f"q{number}"] = PageText("", question.text)
    pages.append(Page(id="hand-in", show=("graph",)))
    texts["hand-in"] = PageText()
    return Lesson(
        f"assignment-{assignment.digest[:12]}",
        len(assignment.questions),
        tuple(pages),
        Texts(assignment.title, assignment.intro, texts),
        dict(assignment.experiments),
        folder,
    )
