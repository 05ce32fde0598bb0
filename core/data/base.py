"""What every data source gives: its shape before loading, and its tensors after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor

from core.catalog.base import Choice

Task = Literal["classification", "regression"]


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

    def to(self, device: torch.device) -> Dataset:
        """The same samples on another device."""
        return Dataset(
            self.shape,
            self.train_inputs.to(device),
            self.train_labels.to(device),
            self.test_inputs.to(device),
            self.test_labels.to(device),
            self.class_names,
            self.feature_names,
            self.target_names,
        )


def as_float(inputs: Tensor) -> Tensor:
    """Inputs as the network takes them: float32, pixels scaled to 0..1.

    Args:
        inputs: Any shape, uint8 or float32.

    Returns:
        The same shape, float32; the very tensor where it is float32 already.
    """
    if inputs.dtype == torch.uint8:
        return inputs.to(torch.float32).mul_(1 / 255)
    return inputs


class DataSource(Choice):
    """Where an experiment's samples come from, with the settings of that place."""

    formula: ClassVar[str] = ""

    def shape(self) -> DataShape:
        """The shape of inputs and targets, without loading more than a header.

        Raises:
            UserError: A file is missing, damaged or empty.
        """
        raise NotImplementedError

    def load(self, seed: int) -> Dataset:
        """The samples, on the CPU; the same for the same seed.

        Args:
            seed: Seeds the noise and the split into training and test.

        Raises:
            UserError: A file is missing, damaged, mislabelled or empty.
        """
        raise NotImplementedError
