"""MNIST: 70,000 handwritten digits (LeCun, Cortes and Burges, 1998)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.data.base import Dataset, DataShape, DataSource, Samples, as_float, setting
from core.data.idx_pairs import Pair, check_pair, needed_pair, read_pair
from core.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor

FOLDER = Path(__file__).parents[2] / "resources" / "mnist"
"""The copy that comes with Chainrule."""

Stamp = tuple[tuple[int, int], ...]

_reading = Lock()


class Mnist(DataSource):
    """Handwritten digits, whole or in part, in full or reduced size."""

    kind: Literal["mnist"] = "mnist"
    label = "MNIST digits"
    description = "70,000 handwritten digits: the task on which networks learned to read."
    size: Literal[28, 10] = Field(
        28,
        title="Image size",
        description="28 for the images as they are; 10 averages them to 10×10, 100 inputs.",
    )
    samples: int | None = setting(
        None,
        1,
        60_000,
        "Training images",
        "How many of the 60,000 training images to use; empty for all.",
    )
    test_samples: int | None = setting(
        None, 1, 10_000, "Test images", "How many of the 10,000 test images to use; empty for all."
    )
    folder: str | None = Field(
        None,
        title="Folder",
        description="A folder with the four MNIST files; empty for the copy of Chainrule.",
        json_schema_extra={"path": "folder"},
    )

    def shape(self) -> DataShape:
        """``(1, size, size)`` inputs, 10 classes.

        Raises:
            UserError: A file is missing, empty, no MNIST file, or damaged in its header.
        """
        for pair in self._pairs():
            _check_size(pair)
        return DataShape((1, self.size, self.size), "classification", 10)

    @property
    def holds_digits(self) -> bool:
        """It does."""
        return True

    def load(self, seed: int) -> Dataset:
        """``(n, 1, 28, 28)`` uint8 or ``(n, 1, 10, 10)`` float32 inputs, ``(n,)`` int64 labels.

        Whole sets are kept in memory once for all experiments; never write to them.

        Args:
            seed: Chooses the images where not all are wanted; all come in the order of the files.

        Raises:
            UserError: A file is missing, damaged, mislabelled or empty.
        """
        shape = self.shape()
        train, test = self.read()
        return Dataset.from_arrays(
            shape,
            self._part(train, self.samples, np.random.default_rng([seed, 0])),
            self._part(test, self.test_samples, np.random.default_rng([seed, 1])),
            class_names=tuple(str(digit) for digit in range(10)),
        )

    def read(self) -> tuple[Samples, Samples]:
        """All images and labels of the files, read once for all experiments. Needs no torch.

        Raises:
            UserError: As :meth:`load`.
        """
        pairs = self._pairs()
        stats = [path.stat() for pair in pairs for path in pair]
        with _reading:  # a second experiment waits for the first one's copy
            return _read(pairs, tuple((stat.st_mtime_ns, stat.st_size) for stat in stats))

    def _part(self, whole: Samples, wanted: int | None, rng: np.random.Generator) -> Samples:
        """Some of the samples in their own order, in the size asked for; all without a copy."""
        images, labels = whole
        if wanted is not None and wanted < len(labels):
            chosen = np.sort(rng.permutation(len(labels))[:wanted])
            images, labels = images[chosen], labels[chosen]
        if self.size == 28:
            return images, labels
        from torch import from_numpy

        return averaged(from_numpy(images), self.size).numpy(), labels

    def _pairs(self) -> tuple[Pair, Pair]:
        """The image and label files for training and for testing."""
        folder = Path(self.folder).expanduser() if self.folder else FOLDER
        test = needed_pair(folder, "test")
        return needed_pair(folder, "train"), test


def averaged(images: Tensor, size: int) -> Tensor:
    """Images reduced by averaging: each new pixel is the mean of exactly the area it covers.

    Args:
        images: ``(n, channels, height, width)``, uint8 or float32.
        size: The new height and width.

    Returns:
        ``(n, channels, size, size)`` float32; 0 to 1 for uint8 images.
    """
    import torch

    rows = torch.tensor(area_weights(images.shape[2], size))
    columns = torch.tensor(area_weights(images.shape[3], size))
    # Part by part, since 60,000 images in float32 would be 188 MB, twice.
    return torch.cat([rows @ as_float(part) @ columns.T for part in torch.split(images, 2048)])


@lru_cache(maxsize=256)
def area_weights(old: int, new: int) -> NDArray[np.float32]:
    """How much of each old pixel lies in each new pixel, along one axis.

    ``interpolate(mode="area")`` gives the same where old is a multiple of new, but takes whole
    pixels into both neighbours elsewhere, so that 28 to 10 would blur and count some ink twice.

    Args:
        old: Pixels before, at least 1.
        new: Pixels after, at least 1.

    Returns:
        ``(new, old)``, read-only; each row sums to 1.
    """
    # In units of 1/new of an old pixel all borders are whole numbers, and the overlaps exact.
    left_old, left_new = np.arange(old)[None, :] * new, np.arange(new)[:, None] * old
    overlap = np.minimum(left_old + new, left_new + old) - np.maximum(left_old, left_new)
    weights: NDArray[np.float32] = (np.maximum(overlap, 0) / old).astype(np.float32)
    weights.flags.writeable = False
    return weights


@lru_cache(maxsize=2)
def _read(pairs: tuple[Pair, Pair], _stamp: Stamp) -> tuple[Samples, Samples]:
    """Reads all files; unpacking lets go of Python's lock, so both pairs are read at once."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        train, test = pool.map(_read_digits, pairs)
    return train, test


def _read_digits(pair: Pair) -> Samples:
    """``(n, 1, 28, 28)`` uint8 and ``(n,)`` int64, checked to be digits."""
    images, labels = read_pair(*pair)
    for index in np.flatnonzero(labels > 9)[:1]:
        raise UserError(
            "{file} has the label {label} for image {index}, but there are only ten digits.",
            "Open other sets of images as a folder of IDX files instead.",
            file=pair[1].name,
            label=int(labels[index]),
            index=int(index),
        )
    return images, labels


def _check_size(pair: Pair) -> None:
    """Looks at the headers: fitting counts, and images of 28 by 28 pixels."""
    _, height, width = check_pair(*pair)
    if (height, width) != (28, 28):
        raise UserError(
            "The images in {file} are {height} × {width} pixels; those of MNIST are 28 × 28.",
            "Open other sets of images as a folder of IDX files instead.",
            file=pair[0].name,
            height=height,
            width=width,
        )
