"""The test set as a run measures it: a fixed part of it often, all of it now and then."""

from __future__ import annotations

from functools import cached_property

from torch import Tensor

from core.data import Dataset
from core.experiment.faults.seams import LossRule
from core.experiment.network import Network
from core.training.evaluation import Evaluation
from core.training.grid import PART, fixed_part


class HeldOut:
    """Makes the passes over a test set.

    Args:
        data: On the device.
        seed: Decides which samples the fixed part has.

    Attributes:
        count: How many samples there are.
        part: How many of them are measured often.
    """

    def __init__(self, network: Network, loss: LossRule, data: Dataset, seed: int) -> None:
        self._network = network
        self._loss = loss
        self._data = data
        self._seed = seed
        self.count = len(data.test_inputs)
        self.part = min(PART, self.count)

    def evaluation(self, *, whole: bool) -> Evaluation | None:
        """A pass with the present weights; None where there are no samples.

        Args:
            whole: Whether to go on from the fixed part to all samples.
        """
        if not self.count:
            return None
        inputs, targets, labels = self._samples
        is_classes = self._data.shape.task == "classification"
        return Evaluation(
            self._network,
            self._loss,
            inputs,
            targets,
            labels if is_classes else None,
            part=self.part,
            whole=whole,
        )

    @cached_property
    def _samples(self) -> tuple[Tensor, Tensor, Tensor]:
        """Inputs, targets and labels, those of the fixed part in front.

        Put in that order once: gathering them anew took as long as the pass itself.
        """
        data = self._data
        inputs, labels = data.test_inputs, data.test_labels
        if self.part < self.count:
            order = fixed_part(self.count, self._seed).to(inputs.device)
            inputs, labels = inputs[order], labels[order]
        outputs = (data.shape.outputs, self._network.shapes[-1].output_shape[0])
        return inputs, self._loss.encode(labels, *outputs), labels
