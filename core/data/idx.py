"""IDX, the file format of MNIST and its relatives.

The format: two zero bytes, a byte for the type, a byte for the number of dimensions, each
dimension as a big-endian 32-bit count, then the numbers (LeCun, Cortes and Burges, 1998).
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from core.data.base import reason_of
from core.errors import UserError

_Bytes = BinaryIO | gzip.GzipFile

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_MOST_CLASSES = 1000
_MOST_BYTES = 2**31

# Gzip cannot pack tighter than this, so a header that promises more is not believed.
_BEST_PACKING = 1040

_FRESH_COPY = "Copy or download the file again."


@dataclass(frozen=True)
class IdxHeader:
    """What an IDX file says about itself.

    Attributes:
        dtype: The type of its numbers, big-endian.
        dims: Its dimensions; the first is the count of samples.
    """

    dtype: np.dtype[Any]
    dims: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """How many bytes follow the header."""
        return self.dtype.itemsize * math.prod(self.dims)


def read_header(path: Path) -> IdxHeader:
    """The type and dimensions of an IDX file, plain or gzipped, without reading its numbers.

    Raises:
        UserError: The file is missing, empty, damaged or not IDX.
    """
    with _opened(path) as (file, _):
        return _header(file, path)


def read_idx(path: Path) -> NDArray[Any]:
    """The numbers of an IDX file, plain or gzipped, in the machine's byte order.

    Returns:
        An array of the file's own shape and type, which may be written to.

    Raises:
        UserError: The file is missing, empty, damaged, cut short, too long or not IDX.
    """
    with _opened(path) as (file, most):
        header = _header(file, path)
        promised = header.nbytes
        if promised > _MOST_BYTES:
            raise UserError(
                "{file} is too large: its header promises {promised} bytes.",
                "Files of up to {most} bytes can be opened.",
                file=path.name,
                promised=promised,
                most=_MOST_BYTES,
            )
        body = file.read(promised + 1) if promised <= most else b""
    _check_length(path, len(body), promised)
    numbers = np.frombuffer(body, header.dtype).reshape(header.dims)
    return numbers.astype(header.dtype.newbyteorder("="))


def images_header(path: Path) -> IdxHeader:
    """As ``read_header``; refuses a file that is fine IDX, but holds no grey images."""
    header = read_header(path)
    if len(header.dims) != 3 or header.dtype != np.uint8:
        raise UserError(
            "{file} holds {found} where grey images were expected.",
            "Images are unsigned bytes in three dimensions: count, height, width.",
            file=path.name,
            found=_kind(header),
        )
    if 0 in header.dims:
        raise UserError(
            "{file} holds no images: its dimensions are {dims}.",
            _FRESH_COPY,
            file=path.name,
            dims=_times(header.dims),
        )
    return header


def labels_header(path: Path) -> IdxHeader:
    """As ``read_header``; refuses a file that is fine IDX, but holds no labels."""
    header = read_header(path)
    if len(header.dims) != 1 or header.dtype.kind not in "ui":
        raise UserError(
            "{file} holds {found} where labels were expected.",
            "Labels are whole numbers in one dimension.",
            file=path.name,
            found=_kind(header),
        )
    if header.dims[0] == 0:
        raise UserError("{file} holds no labels.", _FRESH_COPY, file=path.name)
    return header


def read_images(path: Path) -> NDArray[np.uint8]:
    """Grey images.

    Returns:
        ``(n, height, width)`` uint8, n at least 1.

    Raises:
        UserError: As ``read_idx``; or the file holds something else, or nothing.
    """
    images_header(path)
    return read_idx(path)


def read_labels(path: Path) -> NDArray[np.int64]:
    """The class of each image.

    Returns:
        ``(n,)`` int64, 0 to 999, n at least 1.

    Raises:
        UserError: As ``read_idx``; or the file holds something else, or nothing.
    """
    labels_header(path)
    labels = read_idx(path).astype(np.int64)
    for index in np.flatnonzero((labels < 0) | (labels >= _MOST_CLASSES))[:1]:
        raise UserError(
            "{file} has the label {label} for image {index}, which is out of range.",
            "Labels are whole numbers from 0 to {largest}.",
            file=path.name,
            label=int(labels[index]),
            index=int(index),
            largest=_MOST_CLASSES - 1,
        )
    return labels


@contextmanager
def _opened(path: Path) -> Iterator[tuple[_Bytes, int]]:
    """The unpacked bytes of a file, and the most bytes that it can possibly hold.

    Gzip is told by its own first bytes, not by the name.
    """
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
            file.seek(0)
            size = path.stat().st_size
            if packed:
                with gzip.open(file) as unpacked:
                    yield unpacked, size * _BEST_PACKING
            else:
                yield file, size
    except FileNotFoundError as error:
        raise UserError("There is no file {file}.", file=str(path)) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UserError(
            "{file} is damaged: it cannot be unpacked.", _FRESH_COPY, file=path.name
        ) from error
    except (OSError, ValueError) as error:
        raise UserError(
            "{file} cannot be read: {reason}.", file=str(path), reason=reason_of(error)
        ) from error


def _header(file: _Bytes, path: Path) -> IdxHeader:
    """Reads the header; the file then stands at its first number."""
    magic = file.read(4)
    if not magic:
        raise UserError("{file} is empty.", _FRESH_COPY, file=path.name)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES or magic[3] == 0:
        raise UserError(
            "{file} is not an IDX file: it starts with the bytes {magic}.",
            "An IDX file of images starts with 00 00 08 03, one of labels with 00 00 08 01.",
            file=path.name,
            magic=magic.hex(" "),
        )
    dims = file.read(4 * magic[3])
    if len(dims) < 4 * magic[3]:
        raise UserError("{file} ends within its header.", _FRESH_COPY, file=path.name)
    counts = tuple(int(count) for count in np.frombuffer(dims, ">u4"))
    return IdxHeader(np.dtype(_TYPES[magic[2]]), counts)


def _check_length(path: Path, found: int, promised: int) -> None:
    """Refuses a file that ends before its last number, or goes on after it."""
    if found < promised:
        raise UserError(
            "{file} is cut short: its header promises {promised} bytes that are not all there.",
            _FRESH_COPY,
            file=path.name,
            promised=promised,
        )
    if found > promised:
        raise UserError(
            "{file} goes on after its last number: it is longer than its header says.",
            _FRESH_COPY,
            file=path.name,
        )


def _kind(header: IdxHeader) -> str:
    """Such as ``uint8 60000 × 28 × 28``."""
    return f"{header.dtype.name} {_times(header.dims)}"


def _times(dims: tuple[int, ...]) -> str:
    return " × ".join(map(str, dims))
