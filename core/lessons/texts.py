"""The texts of a lesson: one Markdown file a language, a section a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

BRACED = re.compile(r"\{([^{}\n]+)\}")
"""A measure in a text: its name in braces."""
_TITLE, _PAGE, _PART = re.compile(r"# (.+)"), re.compile(r"## (\S+)"), re.compile(r"### (\S+)")

PARTS = ("task", "hint", "done", "question", "right", "wrong")
"""Sections of a page beside its text; the names of answers come to them."""


@dataclass(frozen=True)
class PageText:
    """What a page says.

    Attributes:
        heading: Its title, if it has one of its own.
        text: In Markdown.
        parts: Its other sections, by name: ``task``, ``hint``, ``done``, ``question``, ``right``,
            ``wrong``, and one for each answer to choose from.
        line: Where it begins in the file, from 1.
    """

    heading: str = ""
    text: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)
    line: int = 1

    def part(self, name: str) -> str:
        """One of its sections; empty where it is not there."""
        return self.parts.get(name, "")


@dataclass(frozen=True)
class Texts:
    """What a lesson says, in one language.

    Attributes:
        title: Of the lesson.
        summary: In a sentence or two.
        pages: By their ids.
    """

    title: str
    summary: str
    pages: Mapping[str, PageText]


def texts_from(content: str) -> Texts:
    """Reads a file of texts.

    ``# Title`` and what follows it are the lesson's title and summary; ``## page-id`` (and behind
    it the page's heading) begins a page, ``### task`` and its like a section of that page.
    """
    title, summary, pages = "", "", {}
    for name, rest, line, lines in _sections(content):
        if not name:
            title, summary = rest, _joined(lines)
        else:
            pages[name] = _page(rest, line, lines)
    return Texts(title, summary, pages)


def _sections(content: str) -> list[tuple[str, str, int, list[str]]]:
    """Each page's id, heading, first line and lines; the title's under an empty id."""
    found: list[tuple[str, str, int, list[str]]] = []
    for number, line in enumerate(content.splitlines(), 1):
        if page := _PAGE.match(line):
            found.append((page[1], line[page.end() :].strip(), number, []))
        elif (title := _TITLE.match(line)) and not found:
            found.append(("", title[1].strip(), number, []))
        elif found:
            found[-1][3].append(line)
    return found


def _page(heading: str, line: int, lines: list[str]) -> PageText:
    parts: dict[str, list[str]] = {"": []}
    now = ""
    for one in lines:
        if part := _PART.fullmatch(one.strip()):
            now = part[1]
            parts[now] = []
        else:
            parts[now].append(one)
    text = _joined(parts.pop(""))
    return PageText(heading, text, {name: _joined(body) for name, body in parts.items()}, line)


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip()
