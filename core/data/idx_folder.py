"""A folder of IDX files as a data source."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from core.data.base import Dataset, DataShape, DataSource
from core.data.idx import read_labels
from core.data.idx_pairs import Pair, check_pair, find_pair, needed_pair, read_pair
from core.data.split import split
from core.errors import UserError

_TEST_FRACTION = 1 / 6
"""Kept for testing where there are no test files."""


class IdxFolder(DataSource):
    """Images of one's own, or a relative of MNIST such as Fashion-MNIST."""

    kind: Literal["idx_folder"] = "idx_folder"
    label = "Folder of IDX files"
    description = (
        "Grey images with labels in the file format of MNIST, such as Fashion-MNIST or KMNIST."
    )
    folder: str = Field(
        "",
        title="Folder",
        description="The folder with train-images-idx3-ubyte and its companions, plain or .gz.",
        json_schema_extra={"path": "folder"},
    )

    def shape(self) -> DataShape:
        """``(1, height, width)`` inputs; as many classes as the largest label plus one.

        Raises:
            UserError: A file is missing, damaged, empty or of the wrong kind, or there is only
                one class.
        """
        train, test = self._pairs()
        _, height, width = check_pair(*train)
        labels = read_labels(train[1])
        if test is not None:
            _check_same_size(train[0], test[0], (height, width), check_pair(*test)[1:])
            labels = np.concatenate([labels, read_labels(test[1])])
        if labels.max() == 0:
            raise UserError(
                "All images in {folder} have the label 0.",
                "A network needs at least two classes to tell apart.",
                folder=self.folder,
            )
        return DataShape((1, height, width), "classification", int(labels.max()) + 1)

    def load(self, seed: int) -> Dataset:
        """``(n, 1, height, width)`` uint8 inputs and ``(n,)`` int64 labels.

        Without test files a sixth of the training images is kept for testing.

        Args:
            seed: Seeds that split; with test files nothing is drawn.

        Raises:
            UserError: As ``shape``; or a file is cut short or a count or label is wrong.
        """
        shape = self.shape()
        train, test = self._pairs()
        inputs, labels = read_pair(*train)
        if test is None:
            rng = np.random.default_rng(seed)
            first, second = split(len(labels), _TEST_FRACTION, rng, labels)
            parts = (inputs[first], labels[first]), (inputs[second], labels[second])
        else:
            parts = (inputs, labels), read_pair(*test)
        return Dataset.from_arrays(shape, *parts, class_names=tuple(map(str, range(shape.outputs))))

    def _pairs(self) -> tuple[Pair, Pair | None]:
        """The files of the training part and, where there are any, of the test part."""
        if not self.folder.strip():
            raise UserError("No folder has been chosen.", "Choose the folder with the IDX files.")
        folder = Path(self.folder).expanduser()
        return needed_pair(folder, "train"), find_pair(folder, "test")


def _check_same_size(
    train: Path, test: Path, train_size: tuple[int, ...], test_size: tuple[int, ...]
) -> None:
    """Refuses test images that the network could not take."""
    if train_size != test_size:
        raise UserError(
            "The images in {train} are {train_size} pixels, those in {test} {test_size}.",
            "Take all files from the same data set.",
            train=train.name,
            train_size=" × ".join(map(str, train_size)),
            test=test.name,
            test_size=" × ".join(map(str, test_size)),
        )
