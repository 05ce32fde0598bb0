"""Reads a lesson's folder; what is wrong in it is said with file, line and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from core.errors import UserError
from core.experiment.spec import ExperimentSpec, explain, read_spec
from core.lessons.lesson import Page, Script
from core.lessons.measures import named
from core.lessons.texts import BRACED, PARTS, PageText, Texts, texts_from
from core.presets import PRESETS

SCRIPT = "lesson.yaml"
MOST_BYTES = 1_000_000
"""A lesson is some kilobytes; what is larger is none."""


@dataclass(frozen=True)
class Lesson:
    """A lesson, whole and checked.

    Attributes:
        id: The name of its folder.
        minutes: How long it takes, about.
        pages: In their order.
        texts: In one language.
        experiments: By what pages call them: what they open.
        folder: Where it lies.
    """

    id: str
    minutes: int
    pages: tuple[Page, ...]
    texts: Texts
    experiments: dict[str, ExperimentSpec]
    folder: Path

    @property
    def title(self) -> str:
        """As the list has it."""
        return self.texts.title

    def text_of(self, page: Page) -> PageText:
        """What a page says."""
        return self.texts.pages[page.id]

    def opened_by(self, number: int) -> ExperimentSpec | None:
        """The experiment on which a page stands: the one opened last, with what pages changed.

        Args:
            number: Of the page, from 0.
        """
        spec: ExperimentSpec | None = None
        for page in self.pages[: number + 1]:
            if page.open:
                spec = self.experiments[page.open]
            for change in page.change:
                spec = None if spec is None else changed(spec, change.field, change.to)
        return spec


def changed(spec: ExperimentSpec, field: str, value: Any) -> ExperimentSpec:
    """An experiment with another value in one field, by its place in the JSON.

    Raises:
        UserError: There is no such field.
        ValidationError: It cannot have that value.
    """
    content = spec.model_dump(mode="json")
    *way, last = field.split(".")
    at: Any = content
    for part in way:
        at = _inside(at, part, field)
    if isinstance(at, list):
        _inside(at, last, field)
        at[int(last)] = value
    else:
        at[last] = value
    return ExperimentSpec.model_validate(content)


def _inside(at: Any, part: str, field: str) -> Any:
    if isinstance(at, list) and part.isdecimal() and int(part) < len(at):
        return at[int(part)]
    if isinstance(at, dict) and part in at:
        return at[part]
    raise UserError("The experiment has no field {field}.", field=field)


def read_lesson(folder: Path, language: str = "en") -> Lesson:
    """Reads and checks a lesson.

    Args:
        folder: With ``lesson.yaml``, ``text.en.md`` and the experiments it opens.
        language: Of the texts; English where there are none in it.

    Raises:
        UserError: Something in it is wrong: which file, which line, and what is allowed.
    """
    script, lines = _script(folder / SCRIPT)
    path = folder / f"text.{language}.md"
    path = path if path.exists() else folder / "text.en.md"
    texts = texts_from(_content(path))
    experiments = {page.open: _opened(folder, page.open) for page in script.pages if page.open}
    lesson = Lesson(folder.name, script.minutes, script.pages, texts, experiments, folder)
    _check_names(lesson, lines)
    for problem, line in _problems(lesson):
        raise UserError(
            "{file}, line {line}: {problem}.", file=path.name, line=line, problem=problem
        )
    _check_changes(lesson, lines)
    return lesson


def _content(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UserError("{file} is too large for a lesson.", file=path.name)
        return path.read_text("utf-8")
    except OSError as error:
        raise UserError(
            "{file} cannot be read: {reason}.", file=path, reason=error.strerror or error
        ) from None
    except UnicodeDecodeError:
        raise UserError("{file} is not text in UTF-8.", file=path.name) from None


class _Lines:
    """At which line of a YAML file each thing stands."""

    def __init__(self, root: yaml.Node | None) -> None:
        self._root = root

    def of(self, *place: int | str) -> int:
        """The line of a place, or of what stands around it; from 1."""
        node, line = self._root, 1
        for part in place:
            found = _child(node, part)
            if found is None:
                break
            node = found
            line = node.start_mark.line + 1
        return line


def _child(node: yaml.Node | None, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int):
        return node.value[part] if part < len(node.value) else None
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    return None


def _script(path: Path) -> tuple[Script, _Lines]:
    content = _content(path)
    try:
        loader = yaml.SafeLoader(content)
        root = loader.get_single_node()
        given = None if root is None else loader.construct_document(root)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise UserError(
            "{file}, line {line}: {problem}.",
            "Check the indentation and the colons around it.",
            file=path.name,
            line=mark.line + 1 if mark else 1,
            problem=error.problem or "no valid YAML",
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        first = str(error).splitlines()[0]
        raise UserError(
            "{file} is no valid YAML: {problem}.", file=path.name, problem=first
        ) from None
    lines = _Lines(root)
    try:
        return Script.model_validate(given), lines
    except ValidationError as error:
        found = error.errors(include_url=False)[0]
        where = ".".join(map(str, found["loc"])) or "the whole"
        raise UserError(
            "{file}, line {line}: {field}: {problem}.",
            file=path.name,
            line=lines.of(*found["loc"]),
            field=where,
            problem=_said(found),
        ) from None


def _said(finding: Any) -> str:
    if finding["type"] == "extra_forbidden":
        return "no such field is known here"
    text = str(finding["msg"]).removeprefix("Value error, ").rstrip(".")
    return text[:1].lower() + text[1:]


def _opened(folder: Path, name: str) -> ExperimentSpec:
    """A preset, or an experiment of the folder: only of the folder, whatever a name says."""
    if name in PRESETS:
        return PRESETS[name].spec
    if "/" in name or "\\" in name or not name.endswith(".json"):
        raise UserError(
            "{file}: no preset is called {name}, and it is no .json file of the lesson's folder.",
            "The presets are {presets}.",
            file=SCRIPT,
            name=name,
            presets=", ".join(PRESETS),
        )
    return read_spec(folder / name)


def _problems(lesson: Lesson) -> Iterator[tuple[str, int]]:
    """What of the texts does not fit the script, and at which line of the texts."""
    if not lesson.title:
        yield "the first line has to be '# ' and the lesson's title", 1
    known = [page.id for page in lesson.pages]
    for name, text in lesson.texts.pages.items():
        if name not in known:
            yield f"no page is called {name}; there are {', '.join(known)}", text.line
    for page in lesson.pages:
        if page.id not in lesson.texts.pages:
            yield f"the page {page.id} has no section '## {page.id}'", 1
            continue
        text = lesson.text_of(page)
        for problem in _of_page(page, text):
            yield problem, text.line


def _of_page(page: Page, text: PageText) -> Iterator[str]:
    answers = page.ask.choice.shown if page.ask is not None and page.ask.choice else ()
    needed = [*answers]
    needed += ["question"] if page.ask is not None and page.ask.number is None else []
    needed += ["task"] if page.do else []
    for name in needed:
        if not text.part(name):
            yield f"the page {page.id} needs a section '### {name}'"
    whys = [f"{answer}-why" for answer in answers]
    for name in text.parts:
        if name not in (*PARTS, *answers, *whys):
            allowed = ", ".join((*PARTS, *answers, *whys))
            yield f"the page {page.id} has a section '### {name}'; allowed are {allowed}"
    for part in (text.text, *text.parts.values()):
        yield from _of_values(page, part)


def _of_values(page: Page, part: str) -> Iterator[str]:
    """What stands in braces has to be a measure's name."""
    try:
        for name in BRACED.findall(part):
            named(name)
    except ValueError as error:
        yield f"the page {page.id}: {error}"


def _check_names(lesson: Lesson, lines: _Lines) -> None:
    """No two pages have one name, which the texts would not tell apart."""
    seen: set[str] = set()
    for number, page in enumerate(lesson.pages):
        if page.id in seen:
            raise UserError(
                "{file}, line {line}: two pages are called {page}.",
                file=SCRIPT,
                line=lines.of("pages", number),
                page=page.id,
            )
        seen.add(page.id)


def _check_changes(lesson: Lesson, lines: _Lines) -> None:
    """Every change of every page can be made."""
    for number, page in enumerate(lesson.pages):
        line = lines.of("pages", number, "change")
        try:
            spec = lesson.opened_by(number)
        except (UserError, ValidationError) as error:
            known = explain(error, page.id) if isinstance(error, ValidationError) else error
            raise UserError(
                "{file}, line {line}: {problem}", file=SCRIPT, line=line, problem=known
            ) from None
        if spec is None and (page.change or page.stand):
            raise UserError(
                "{file}, line {line}: the page {page} changes an experiment, but none is open.",
                "Give this page, or one before it, an 'open'.",
                file=SCRIPT,
                line=line,
                page=page.id,
            )
