"""IDX, the file format of MNIST and its relatives, and where its files lie in a folder.

The format: two zero bytes, a byte for the type, a byte for the number of dimensions, each
dimension as a big-endian 32-bit count, then the numbers (LeCun, Cortes and Burges, 1998).
"""

from __future__ import annotations

import gzip
import math
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.errors import UserError

Part = Literal["train", "test"]
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
    if len(body) < promised:
        raise UserError(
            "{file} is cut short: its header promises {promised} bytes that are not all there.",
            _FRESH_COPY,
            file=path.name,
            promised=promised,
        )
    if len(body) > promised:
        raise UserError(
            "{file} goes on after its last number: it is longer than its header says.",
            _FRESH_COPY,
            file=path.name,
        )
    numbers = np.frombuffer(body, header.dtype).reshape(header.dims)
    return numbers.astype(header.dtype.newbyteorder("="))


def read_images(path: Path) -> NDArray[np.uint8]:
    """Grey images.

    Returns:
        ``(n, height, width)`` uint8, n at least 1.

    Raises:
        UserError: As ``read_idx``; or the file holds something else, or nothing.
    """
    _check_images(path, read_header(path))
    return read_idx(path)


def read_labels(path: Path) -> NDArray[np.int64]:
    """The class of each image.

    Returns:
        ``(n,)`` int64, 0 to 999, n at least 1.

    Raises:
        UserError: As ``read_idx``; or the file holds something else, or nothing.
    """
    _check_labels(path, read_header(path))
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


def find_pair(folder: Path, part: Part) -> tuple[Path, Path] | None:
    """The image file and the label file of the training or the test part.

    Usual names are ``train-images-idx3-ubyte``, ``t10k-labels.idx1-ubyte.gz`` and the like, in
    any case, perhaps with a data set's name before. A plain file goes before its gzipped twin.

    Returns:
        Both paths; None where neither is there.

    Raises:
        UserError: The folder cannot be read; only one of the two is there; or several are.
    """
    images, labels = _find(folder, part, "images"), _find(folder, part, "labels")
    if images is None and labels is None:
        return None
    if images is None or labels is None:
        raise UserError(
            "The folder {folder} holds {found}, but not the {missing} that belong to it.",
            "Put both files into the folder, under their usual names.",
            folder=str(folder),
            found=(images or labels or folder).name,
            missing="labels" if labels is None else "images",
        )
    return images, labels


def training_pair(folder: Path) -> tuple[Path, Path]:
    """As ``find_pair`` for the training part, without which there is nothing to learn from.

    Raises:
        UserError: As ``find_pair``; or the files are not there.
    """
    pair = find_pair(folder, "train")
    if pair is None:
        raise UserError(
            "The folder {folder} holds no training images.",
            "It needs train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or as .gz.",
            folder=str(folder),
        )
    return pair


def read_pair(images_path: Path, labels_path: Path) -> tuple[Tensor, Tensor]:
    """Images with their labels.

    Returns:
        ``(n, 1, height, width)`` uint8 pixels and ``(n,)`` int64 labels.

    Raises:
        UserError: As ``read_images`` and ``read_labels``; or their counts differ.
    """
    check_pair(images_path, labels_path)
    images, labels = read_images(images_path), read_labels(labels_path)
    return torch.from_numpy(images)[:, None], torch.from_numpy(labels)


def check_pair(images_path: Path, labels_path: Path) -> tuple[int, int, int]:
    """Looks at the headers alone.

    Returns:
        The count, height and width of the images.

    Raises:
        UserError: A file is missing, empty, of the wrong kind, or their counts differ.
    """
    images, labels = read_header(images_path), read_header(labels_path)
    _check_images(images_path, images)
    _check_labels(labels_path, labels)
    if images.dims[0] != labels.dims[0]:
        raise UserError(
            "{images} holds {image_count} images, but {labels} holds {label_count} labels.",
            "Take both files from the same data set.",
            images=images_path.name,
            image_count=images.dims[0],
            labels=labels_path.name,
            label_count=labels.dims[0],
        )
    count, height, width = images.dims
    return count, height, width


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
            "{file} cannot be read: {reason}.", file=str(path), reason=_reason(error)
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


def _check_images(path: Path, header: IdxHeader) -> None:
    """Refuses a file that is fine IDX, but holds no grey images."""
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


def _check_labels(path: Path, header: IdxHeader) -> None:
    """Refuses a file that is fine IDX, but holds no labels."""
    if len(header.dims) != 1 or header.dtype.kind not in "ui":
        raise UserError(
            "{file} holds {found} where labels were expected.",
            "Labels are whole numbers in one dimension.",
            file=path.name,
            found=_kind(header),
        )
    if header.dims[0] == 0:
        raise UserError("{file} holds no labels.", _FRESH_COPY, file=path.name)


def _find(folder: Path, part: Part, what: Literal["images", "labels"]) -> Path | None:
    """The one file with a usual name for this part; None where there is none."""
    first = "train" if part == "train" else "(t10k|test)"
    name = re.compile(rf"(.+[-_.])?{first}-{what}[-.]idx\d[-.]ubyte(\.gz)?", re.IGNORECASE)
    try:
        found = sorted(path for path in folder.iterdir() if name.fullmatch(path.name))
    except (OSError, ValueError) as error:
        raise UserError(
            "The folder {folder} cannot be read: {reason}.",
            "Choose the folder with the IDX files.",
            folder=str(folder),
            reason=_reason(error),
        ) from error
    names = {path.name.lower() for path in found}
    found = [
        path for path in found if path.suffix.lower() != ".gz" or path.stem.lower() not in names
    ]
    if len(found) > 1:
        raise UserError(
            "The folder {folder} holds both {first} and {second}.",
            "Keep each data set in a folder of its own.",
            folder=str(folder),
            first=found[0].name,
            second=found[1].name,
        )
    return found[0] if found else None


def _kind(header: IdxHeader) -> str:
    """Such as ``uint8 60000 × 28 × 28``."""
    return f"{header.dtype.name} {_times(header.dims)}"


def _times(dims: tuple[int, ...]) -> str:
    return " × ".join(map(str, dims))


def _reason(error: Exception) -> str:
    """What the system says, without the path that the message names already."""
    return getattr(error, "strerror", None) or str(error)
