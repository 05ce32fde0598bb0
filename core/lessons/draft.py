"""A lesson recorded by doing it: the steps taken become a draft to write the words for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from core.errors import UserError
from core.experiment.spec import ExperimentSpec
from core.lessons.reading import SCRIPT
from core.lessons.tasks import TASKS

Columns = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Deed:
    """One thing done while recording.

    Attributes:
        task: As a page's ``do`` has it: ``{"reach": "z:0"}``.
        show: The panels that were seen.
    """

    task: dict[str, Any]
    show: Columns


def tasks_between(before: ExperimentSpec, after: ExperimentSpec) -> list[dict[str, Any]]:
    """What of an experiment has changed, as tasks: a field each, or the count of layers."""
    if len(before.layers) != len(after.layers):
        count = len(after.layers)
        return [{"measure": "layers", "at_least": count, "at_most": count}]
    was, now = (spec.model_dump(mode="json", exclude={"name"}) for spec in (before, after))
    return [{"field": path, "value": value} for path, value in _differing(was, now, ())]


def _differing(was: Any, now: Any, path: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    if was == now:
        return
    if isinstance(was, dict) and isinstance(now, dict) and was.get("kind") == now.get("kind"):
        for name in now:
            yield from _differing(was.get(name), now[name], (*path, name))
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for place, (old, new) in enumerate(zip(was, now, strict=True)):
            yield from _differing(old, new, (*path, str(place)))
    elif isinstance(now, dict) and "kind" in now:  # another entry of a catalog
        yield ".".join((*path, "kind")), now["kind"]
    elif isinstance(now, str | int | float | bool):
        yield ".".join(path), now


def write_draft(folder: Path, title: str, spec: ExperimentSpec, deeds: list[Deed]) -> None:
    """Writes a lesson's folder: a page for each deed, with places for the words.

    Args:
        folder: To be made; its name becomes the lesson's id.
        title: Of the lesson.
        spec: With which the recording began.
        deeds: What was done.

    Raises:
        UserError: The folder is there already, or cannot be written.
    """
    pages: list[dict[str, Any]] = []
    words = [f"# {title}\n\nIn a sentence: what it is about.\n"]
    for number, deed in enumerate(deeds, 1):
        identifier = f"page-{number}"
        page: dict[str, Any] = {"id": identifier}
        if number == 1:
            page["open"] = "start.json"
        page["show"] = [list(column) if len(column) > 1 else column[0] for column in deed.show]
        page["do"] = [deed.task]
        pages.append(page)
        words.append(f"## {identifier} Heading\n\nWhat it is about.\n\n### task\n\n{_said(deed)}\n")
    script = {"version": 1, "minutes": max(1, len(pages)), "pages": pages}
    files = {
        SCRIPT: yaml.safe_dump(script, sort_keys=False, allow_unicode=True),
        "text.en.md": "\n".join(words),
        "start.json": spec.to_json(),
    }
    try:
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_text(content, "utf-8")
    except OSError as error:
        raise UserError(
            "The lesson cannot be written to {folder}: {reason}.",
            "Record it under another name.",
            folder=folder,
            reason=error.strerror or error,
        ) from None


def _said(deed: Deed) -> str:
    """What to do, as a first wording."""
    word = next(word for word in TASKS if word in deed.task)
    value = deed.task[word]
    match word:
        case "reach":
            return f"Press **Next** until {value} is computed."
        case "steps":
            return f"Train for **{value} steps**."
        case "field":
            return f"Set {value} to **{deed.task['value']}**."
        case "reset":
            return "Reset the weights."
        case _:
            return f"Go on until {value} is where it is to be."
