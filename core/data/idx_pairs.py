"""Images in the files of MNIST and its relatives: where they lie, and that they belong together."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from core.data.base import Samples, reason_of
from core.data.idx import images_header, labels_header, read_images, read_labels
from core.errors import UserError

Part = Literal["train", "test"]
Pair = tuple[Path, Path]
"""The file of the images and that of their labels."""


def find_pair(folder: Path, part: Part) -> Pair | None:
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


_ABSENT: dict[Part, tuple[str, str]] = {
    "train": (
        "The folder {folder} holds no training images.",
        "It needs train-images-idx3-ubyte and train-labels-idx1-ubyte, plain or as .gz.",
    ),
    "test": (
        "The folder {folder} holds no test images.",
        "It needs t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, plain or as .gz.",
    ),
}


def needed_pair(folder: Path, part: Part) -> Pair:
    """As ``find_pair`` for a part that cannot be done without.

    Raises:
        UserError: As ``find_pair``; or the files are not there.
    """
    pair = find_pair(folder, part)
    if pair is None:
        raise UserError(*_ABSENT[part], folder=str(folder))
    return pair


def read_pair(images_path: Path, labels_path: Path) -> Samples:
    """Images with their labels.

    Returns:
        ``(n, 1, height, width)`` uint8 pixels and ``(n,)`` int64 labels.

    Raises:
        UserError: As ``read_images`` and ``read_labels``; or their counts differ.
    """
    check_pair(images_path, labels_path)
    return read_images(images_path)[:, None], read_labels(labels_path)


def check_pair(images_path: Path, labels_path: Path) -> tuple[int, int, int]:
    """Looks at the headers alone.

    Returns:
        The count, height and width of the images.

    Raises:
        UserError: A file is missing, empty, of the wrong kind, or their counts differ.
    """
    images, labels = images_header(images_path), labels_header(labels_path)
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
            reason=reason_of(error),
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
