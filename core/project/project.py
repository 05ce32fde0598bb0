"""Everything in a window as one file: its experiments, each with its run, and what stood in front.

docs/FORMAT.md describes the file.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import safetensors.torch
from pydantic import Field, JsonValue, ValidationError
from safetensors import SafetensorError

from core.catalog.base import Model
from core.errors import UserError
from core.project.archive import read_archive, write_archive
from core.project.runs import RunFile, StoredRun
from core.project.tensors import TensorBox
from core.writing import write_for_person

VERSION = 1
SUFFIX = ".chainrule"
MOST_TABS = 200

_INDEX = "project.json"


class ProjectFile(Model):
    """The index of a project.

    Attributes:
        version: Of the format.
        tabs: The folders of its experiments, from the left.
        front: Which of them stood in front.
        window: What the window remembers, as it likes; whoever reads it checks it.
    """

    format: Literal["chainrule-project"] = "chainrule-project"
    version: int = Field(VERSION, ge=1)
    tabs: tuple[str, ...] = Field((), max_length=MOST_TABS)
    front: int = Field(0, ge=0)
    window: dict[str, JsonValue] = Field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Project:
    """What is kept of a window.

    Attributes:
        tabs: Its experiments from the left.
        front: The index of the one in front.
        window: What else the window remembers: JSON's own kinds of values only.
        lost: What of the file could not be read, a sentence each.
    """

    tabs: tuple[StoredRun, ...]
    front: int = 0
    window: dict[str, Any] | None = None
    lost: tuple[UserError, ...] = ()


MIGRATIONS: dict[int, Callable[[dict[str, bytes]], dict[str, bytes]]] = {}
"""By a version: from the parts of a file of that one to those of the next."""


def save_project(path: Path, project: Project) -> None:
    """Writes the file; the one before stays beside it with a ``~`` behind its name.

    Raises:
        UserError: It cannot be written; what stood there before still stands.
    """
    parts: dict[str, bytes] = {}
    names = tuple(f"tabs/{place}" for place in range(len(project.tabs)))
    index = ProjectFile(tabs=names, front=project.front, window=project.window or {})
    parts[_INDEX] = index.model_dump_json(indent=1).encode()
    for name, stored in zip(names, project.tabs, strict=True):
        parts[f"{name}/run.json"] = stored.file.model_dump_json(indent=1).encode()
        parts[f"{name}/numbers.safetensors"] = _numbers(stored.box)
    _keep_old(path)
    write_archive(path, parts)


def open_project(path: Path) -> Project:
    """Reads a file; of a damaged one what is whole.

    Raises:
        UserError: It is no project, from a newer version, or nothing in it can be read.
    """
    parts = read_archive(path)
    index = _index(path, parts)
    for version in range(index.version, VERSION):
        parts = MIGRATIONS[version](parts)
        index = _index(path, parts)
    tabs, lost = [], []
    for name in index.tabs:
        try:
            tabs.append(_stored(name, parts))
        except UserError as error:
            lost.append(error)
    if lost and not tabs:
        raise lost[0]
    return Project(tuple(tabs), min(index.front, max(0, len(tabs) - 1)), index.window, tuple(lost))


def _numbers(box: TensorBox) -> bytes:
    tensors = dict(sorted(box.tensors.items()))
    content: bytes = safetensors.torch.save(tensors)
    return content


def _keep_old(path: Path) -> None:
    """One older copy, made before the new one takes its place."""
    if not path.is_file():
        return
    try:
        old = path.read_bytes()
    except OSError as error:
        raise UserError(
            "{path} cannot be kept beside the new one: {reason}.",
            "Choose another name or folder; nothing is lost.",
            path=path,
            reason=error.strerror or error,
        ) from None
    write_for_person(path.with_name(path.name + "~"), old)


def _index(path: Path, parts: dict[str, bytes]) -> ProjectFile:
    try:
        known = json.loads(parts[_INDEX])
    except (KeyError, ValueError, RecursionError):
        known = None
    if not isinstance(known, dict) or known.get("format") != "chainrule-project":
        raise UserError(
            "{path} is no project of Chainrule.", "Open a file that Chainrule saved.", path=path
        )
    version = known.get("version")
    if isinstance(version, int) and version > VERSION:
        raise UserError(
            "{path} was saved by a newer version of Chainrule (format {version}).",
            "Update Chainrule to open it.",
            path=path,
            version=version,
        )
    try:
        return ProjectFile.model_validate(known)
    except ValidationError as error:
        raise _damaged(_INDEX, error) from None


def _stored(name: str, parts: dict[str, bytes]) -> StoredRun:
    """One experiment with its run.

    Raises:
        UserError: It cannot be read.
    """
    try:
        file = RunFile.model_validate_json(parts[f"{name}/run.json"])
        tensors = safetensors.torch.load(parts[f"{name}/numbers.safetensors"])
    except KeyError as error:
        raise UserError(
            "The experiment {name} in this file is not whole: {part} is missing or damaged.",
            "Open another copy to have it back.",
            name=name,
            part=error.args[0],
        ) from None
    except (ValidationError, SafetensorError, UserError, ValueError, RecursionError) as error:
        raise _damaged(name, error) from None
    return StoredRun(file, TensorBox(tensors))


def _damaged(name: str, error: Exception) -> UserError:
    reason = str(error).partition("\n")[0] or type(error).__name__
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return UserError(
        "{name} in this file is damaged: {reason}.",
        "It was changed after it was saved; open another copy.",
        name=name,
        reason=reason.rstrip("."),
    )
