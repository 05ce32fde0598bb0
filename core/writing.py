"""Files are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from core.errors import UserError


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file so that it is there whole or not at all: beside it first, then in its place."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_for_person(path: Path, content: bytes) -> None:
    """The same, of a file whose place a person has chosen.

    Raises:
        UserError: It cannot be written; what stood there before still stands.
    """
    try:
        write_whole(path, content)
    except OSError as error:
        raise UserError(
            "{path} cannot be written: {reason}.",
            "Choose another folder, or make room on the disk; nothing is lost.",
            path=path,
            reason=error.strerror or error,
        ) from None
