"""What a snapshot says of the data and the network, made once for each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from core.data import Dataset, DataSource
from core.experiment.network import Block, Network
from core.messages.snapshot import DataSummary, LayerSummary


def data_summary(source: DataSource, data: Dataset) -> DataSummary:
    """The data as loaded, test samples included as read-only views."""
    return DataSummary(
        source.label,
        data.shape.task,
        data.shape.input_shape,
        data.shape.outputs,
        len(data.train_inputs),
        len(data.test_inputs),
        _view(data.test_inputs),
        _view(data.test_labels),
        data.class_names,
        data.feature_names,
        data.target_names,
    )


def _view(tensor: Tensor) -> NDArray[Any]:
    array: NDArray[np.generic] = tensor.numpy().view()
    array.flags.writeable = False
    return array


def layer_summaries(network: Network) -> tuple[LayerSummary, ...]:
    """The layers as built, those inside residual groups after their group."""
    return tuple(
        LayerSummary(
            block.shape.path,
            block.shape.name,
            block.shape.input_shape,
            block.shape.output_shape,
            sum(parameter.numel() for parameter in block.parameters()),
        )
        for block in network.modules()
        if isinstance(block, Block)
    )
