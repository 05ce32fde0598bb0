"""A project's file: a zip of JSON and safetensors, written whole, and read as from a stranger."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from pathlib import Path

from core.errors import UserError
from core.writing import write_for_person

MOST_BYTES = 2 * 2**30
"""Of everything in a file, unpacked."""

MOST_TEXT = 64 * 2**20
"""Of its JSON, whose reading takes many times the memory."""

MOST_PARTS = 1000

EPOCH = (1980, 1, 1, 0, 0, 0)
"""Of every part: equal projects are equal files."""

_OTHER_COPY = "It may be cut off or of another kind; open another copy."


def write_archive(path: Path, parts: dict[str, bytes]) -> None:
    """Writes a file that :func:`read_archive` reads; an old one gives way to a whole one only.

    Raises:
        UserError: It cannot be written; what stood there before still stands.
    """
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            file.writestr(info, content)
    write_for_person(path, buffer.getvalue())


def read_archive(path: Path) -> dict[str, bytes]:
    """The parts of a file by name, but for those that are damaged.

    Nothing is unpacked onto the disk, and nothing is run.

    Raises:
        UserError: It is missing, damaged, too large once unpacked, or no archive.
    """
    try:
        if not path.is_file():  # a pipe or a device would be waited for
            raise FileNotFoundError
        with zipfile.ZipFile(path) as file:
            found = ((info.filename, _read(file, info)) for info in _checked(path, file))
            return {name: content for name, content in found if content is not None}
    except FileNotFoundError:
        raise UserError("There is no file {path}.", "Check the name.", path=path) from None
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise UserError(
            "{path} cannot be read as a project: {reason}.", _OTHER_COPY, path=path, reason=error
        ) from None


def _checked(path: Path, file: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """What is in it, as its own table says; a part that unpacks to more is cut off as damaged."""
    infos = file.infolist()
    names = {info.filename for info in infos}
    text = sum(info.file_size for info in infos if info.filename.endswith(".json"))
    whole = sum(info.file_size for info in infos)
    if len(infos) > MOST_PARTS or whole > MOST_BYTES or text > MOST_TEXT:
        raise UserError(
            "{path} would unpack to {size} MB in {parts} parts: no project is so large.",
            "It is no project of Chainrule, or it was changed; open another copy.",
            path=path,
            size=whole // 2**20,
            parts=len(infos),
        )
    if len(names) < len(infos) or any(info.flag_bits & 1 for info in infos):
        raise zipfile.BadZipFile("two parts have one name, or a part is locked")
    return infos


def _read(file: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes | None:
    """A part as long as the table says, and with the sum that it says; None for a damaged one."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return None
    try:
        with file.open(info) as part:
            content = part.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError):
        return None  # what is missing is said by who needs it
    return content if len(content) == info.file_size else None
