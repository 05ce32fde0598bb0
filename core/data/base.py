"""What every data source gives: its shape before loading, and its tensors after."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from core.catalog.base import Choice
from core.sentence import Sentence

if TYPE_CHECKING:  # a description of an experiment must not wait for torch
    import torch
    from torch import Tensor

Task = Literal["classification", "regression"]
Samples = tuple[NDArray[Any], NDArray[Any]]
"""Inputs and labels, as ``Dataset`` describes them."""

LARGEST = float(np.finfo(np.float32).max)
"""The largest number that a tensor can hold."""


@dataclass(frozen=True)
class DataShape:
    """What a network has to fit, known without loading the data.

    Attributes:
        input_shape: One sample's shape: ``(features,)`` or ``(channels, height, width)``.
        task: What the targets are.
        outputs: The number of classes, or of target columns.
    """

    input_shape: tuple[int, ...]
    task: Task
    outputs: int

    @property
    def reads_images(self) -> bool:
        """Whether its network takes a grey picture, so a drawing too, and names its class."""
        image = len(self.input_shape) == 3 and self.input_shape[0] == 1
        return image and self.task == "classification"

    @property
    def is_a_plane(self) -> bool:
        """Whether the outputs can be drawn over the inputs: there are one or two of them."""
        return self.input_shape in ((1,), (2,))


@dataclass(frozen=True, eq=False)
class Dataset:
    """Training and test samples of one experiment, on one device.

    Attributes:
        shape: See :class:`DataShape`.
        train_inputs: ``(n, *input_shape)``, float32; or uint8 pixels, which ``batch`` divides by
            255 (a quarter of the memory, and faster to gather).
        train_labels: ``(n,)`` int64 class indices, or ``(n, outputs)`` float32 values.
        test_inputs: ``(m, *input_shape)``, of the same dtype; m may be 0.
        test_labels: as ``train_labels``.
        class_names: One a class; empty for regression.
        feature_names: One an input for tables and toy sets; empty for images.
        target_names: One a target column for regression; empty for classification.
    """

    shape: DataShape
    train_inputs: Tensor
    train_labels: Tensor
    test_inputs: Tensor
    test_labels: Tensor
    class_names: tuple[str, ...] = ()
    feature_names: tuple[str, ...] = ()
    target_names: tuple[str, ...] = ()

    @classmethod
    def from_arrays(
        cls, shape: DataShape, train: Samples, test: Samples, **names: tuple[str, ...]
    ) -> Dataset:
        """Of numpy's arrays, whose memory it shares; ``names`` as the attributes."""
        from torch import from_numpy

        tensors = [from_numpy(array) for array in (*train, *test)]
        return cls(shape, tensors[0], tensors[1], tensors[2], tensors[3], **names)

    def to(self, device: torch.device) -> Dataset:
        """The same samples on another device."""
        return replace(
            self,
            train_inputs=self.train_inputs.to(device),
            train_labels=self.train_labels.to(device),
            test_inputs=self.test_inputs.to(device),
            test_labels=self.test_labels.to(device),
        )


def as_float(inputs: Tensor) -> Tensor:
    """Inputs as the network takes them: float32, pixels scaled to 0..1.

    Args:
        inputs: Any shape, uint8 or float32.

    Returns:
        The same shape, float32; the very tensor where it is float32 already.
    """
    return inputs if inputs.is_floating_point() else inputs.float().mul_(1 / 255)


def reason_of(error: Exception) -> str:
    """What the system says of a file, without the path that the message names already."""
    said = error.strerror if isinstance(error, OSError) else None
    return said or str(error)


def setting(usual: float | None, least: float, most: float, title: str, description: str) -> Any:
    """A field for a number from ``least`` to ``most``, both included."""
    return Field(usual, ge=least, le=most, title=title, description=description)


class DataSource(Choice):
    """Where an experiment's samples come from, with the settings of that place."""

    def shape(self) -> DataShape:
        """The shape of inputs and targets, without loading more than a header.

        Raises:
            UserError: A file is missing, damaged or empty.
        """
        raise NotImplementedError

    @property
    def suits_sigmoid(self) -> bool:
        """Whether values to predict are known to lie between 0 and 1, as a sigmoid's outputs do."""
        return False

    @property
    def holds_digits(self) -> bool:
        """Whether its classes 0 to 9 are handwritten digits, into which strokes may be drawn."""
        return False

    def found(self, data: Dataset) -> Sentence | None:
        """What is told of the samples once they are loaded; None where the form says it all."""
        return None

    def load(self, seed: int) -> Dataset:
        """The samples, on the CPU; the same for the same seed.

        Args:
            seed: Seeds the noise and the split into training and test.

        Raises:
            UserError: A file is missing, damaged, mislabelled or empty.
        """
        raise NotImplementedError
