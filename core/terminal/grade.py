"""``grade``: what learners handed in, each number worked out anew."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import UserError
from core.terminal.output import say

if TYPE_CHECKING:
    from core.lessons.assignment import AnswerSheet, GivenAnswer
    from core.messages.record import Record
    from core.questions.question import Question

ABOUT = {
    "help": "check the answers that learners handed in",
    "description": "Works every number of an assignment out anew, reads each answer as the window "
    "does, and prints a table. Refuses a file whose numbers do not come out the same here. That a "
    "file is consistent is no proof of who filled it in.",
}
CAVEAT = "That a file is consistent is no proof of who filled it in."


@dataclass(frozen=True)
class Graded:
    """One question of one learner.

    Attributes:
        question: Which, from 1.
        right: Whether it was answered rightly, before the number was shown.
        tries: How many answers were given.
        hints: How many hints were looked at.
        shown: Whether the number was shown on request.
        slips: The known slips among the wrong answers.
        seconds: From the first answer to the last.
    """

    question: int
    right: bool
    tries: int
    hints: int
    shown: bool
    slips: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Sheet:
    """One learner's file, graded.

    Attributes:
        file: Its name.
        name: The learner's, as they typed it.
        title, digest: Of the assignment.
        questions: One each of the assignment.
    """

    file: str
    name: str
    title: str
    digest: str
    questions: tuple[Graded, ...]

    @property
    def right(self) -> int:
        """How many were answered rightly."""
        return sum(one.right for one in self.questions)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describes what the subcommand takes."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="answers handed in")
    parser.add_argument(
        "--assignment", type=Path, metavar="FILE", help="refuse answers to any other assignment"
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object a file")
    form.add_argument("--csv", action="store_true", help="one row a question")
    form.add_argument(
        "--gradescope", action="store_true", help="Gradescope's results.json, of a single file"
    )


def run(arguments: argparse.Namespace) -> int:
    """Grades each file; one that is refused leaves the others alone."""
    from core.lessons.assignment import read_assignment

    if arguments.gradescope and len(arguments.files) > 1:
        raise UserError("Gradescope takes one file at a time.", "Leave the others out.")
    wanted = read_assignment(arguments.assignment).digest if arguments.assignment else ""
    sheets, refused = [], 0
    for path in arguments.files:
        try:
            sheets.append(_graded(path, wanted))
        except UserError as error:
            refused += 1
            say(f"{path.name}: {error}")
    _print(sheets, arguments)
    return 2 if refused else 0


def _graded(path: Path, wanted: str) -> Sheet:
    from core.lessons.assignment import read_answers

    sheet = read_answers(path)
    assignment = sheet.assignment
    if wanted and assignment.digest != wanted:
        raise UserError(
            "These are answers to another assignment ({title}).", title=assignment.title
        )
    given = {answer.question: answer for answer in sheet.answers}
    unknown = [number for number in given if number > len(assignment.questions)]
    if unknown or len(given) < len(sheet.answers):
        raise UserError("A question is answered twice, or is not among those asked.")
    questions = _questions(sheet)
    graded = [_of_question(number, questions, given.get(number)) for number in sorted(questions)]
    return Sheet(path.name, sheet.name, assignment.title, assignment.digest, tuple(graded))


def _questions(sheet: AnswerSheet) -> dict[int, Question]:
    """Every question of the assignment, about a step taken here and now."""
    from core.debugger.tape import record_step
    from core.lessons.measures import key_in
    from core.questions.question import ask, keys_asked
    from core.session.session import Session

    records = {}
    for name, spec in sheet.assignment.experiments.items():
        session = Session(
            spec.model_copy(update={"device": "cpu"}), lambda _event: None, live=False
        )
        session.load()
        records[name] = record_step(session.running().trainer).record
    found = {}
    for number, asked in enumerate(sheet.assignment.questions, 1):
        record, wanted = records[asked.experiment], asked.number
        key = key_in(record, wanted.writes)
        entry = next((one for one in record.entries if one.writes == key), None)
        index, sample = wanted.place
        if entry is None or not entry.has(index) or not _has_sample(record, sample):
            raise UserError(
                "Question {number} asks for {key}, which this experiment does not compute so.",
                number=number,
                key=wanted.writes,
            )
        if wanted.key and wanted.key not in keys_asked(record, entry):
            raise UserError("Question {number} asks for no state of its update.", number=number)
        found[number] = ask(record, entry, index, sample, key=wanted.key)
    return found


def _has_sample(record: Record, sample: int | None) -> bool:
    return sample is None or sample < record.samples


def _of_question(number: int, questions: dict[int, Question], given: GivenAnswer | None) -> Graded:
    from core.questions.judge import Outcome, judge

    if given is None:
        return Graded(number, False, 0, 0, False, (), 0.0)
    question = questions[number]
    if given.value and given.value != float(question.value).hex():
        raise UserError(
            "It does not replay: question {number} is {here} here, and {there} in the file.",
            "Was it answered with another version, or changed by hand?",
            number=number,
            here=float(question.value).hex(),
            there=given.value,
        )
    judged = [judge(question, one.text) for one in given.tries]
    right = any(one.outcome is Outcome.RIGHT for one in judged)
    slips = tuple(suspect.rule.label for one in judged for suspect in one.suspects[:1])
    return Graded(
        number, right and not given.shown, len(judged), given.hints, given.shown, slips,
        _seconds(given),
    )  # fmt: skip


def _seconds(given: GivenAnswer) -> float:
    from datetime import datetime

    try:
        times = [datetime.fromisoformat(one.at) for one in given.tries]
        return (times[-1] - times[0]).total_seconds() if times else 0.0
    except (ValueError, TypeError):
        raise UserError("Question {n} has a time that is none.", n=given.question) from None


def _print(sheets: list[Sheet], arguments: argparse.Namespace) -> None:
    if arguments.json:
        for sheet in sheets:
            print(json.dumps({**asdict(sheet), "right": sheet.right}, ensure_ascii=False))
    elif arguments.csv:
        print(_csv(sheets), end="")
    elif arguments.gradescope:
        for sheet in sheets:
            print(json.dumps(_gradescope(sheet), ensure_ascii=False, indent=1))
    else:
        _table(sheets)
    say(CAVEAT)


def _csv(sheets: list[Sheet]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["file", "name", "question", "right", "tries", "hints", "shown", "slips", "s"])
    for sheet in sheets:
        for one in sheet.questions:
            writer.writerow(
                [
                    _harmless(sheet.file), _harmless(sheet.name), one.question, int(one.right),
                    one.tries, one.hints, int(one.shown), "; ".join(one.slips), one.seconds,
                ]
            )  # fmt: skip
    return out.getvalue()


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _gradescope(sheet: Sheet) -> dict[str, object]:
    """As https://gradescope-autograders.readthedocs.io/en/latest/specs/ has it."""
    tests = [
        {
            "name": f"Question {one.question}",
            "score": float(one.right),
            "max_score": 1.0,
            "output": f"{one.tries} tries, {one.hints} hints",
        }
        for one in sheet.questions
    ]
    return {"output": CAVEAT, "tests": tests}


def _table(sheets: list[Sheet]) -> None:
    out = sys.stdout
    out.write(
        f"{'learner':24} {'right':>7} {'first try':>9} {'hints':>5} {'shown':>5}  questions\n"
    )
    for sheet in sheets:
        marks = "".join("+" if one.right else "-" if one.tries else "." for one in sheet.questions)
        first = sum(one.right and one.tries == 1 and not one.hints for one in sheet.questions)
        hints = sum(one.hints for one in sheet.questions)
        shown = sum(one.shown for one in sheet.questions)
        name = "".join(c if c.isprintable() else "?" for c in sheet.name or sheet.file)[:24]
        count = f"{sheet.right}/{len(sheet.questions)}"
        out.write(f"{name:24} {count:>7} {first:>9} {hints:>5} {shown:>5}  {marks}\n")
