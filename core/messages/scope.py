"""What a number of a record comes to for one sample of the batch, and for the whole of it.

One sample's: of what is computed per sample its own; of a parameter's gradient its share, the
summand δ·x that it adds. The whole batch's: of values the mean, of gradients the sum, which says
how the batch's loss changes where the number moves alike in every sample; a parameter's gradient as
it stands. So one sample's numbers, put together, are always the batch's. What is made for the batch
alone (loss, moments, clipping, updates) is the same in both.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from core.experiment.layers import BatchNorm, Conv2d
from core.expression.hidden import HIDDEN
from core.messages.record import Record, input_of, key_of, path_of

Floats = NDArray[np.float64]

_PER_SAMPLE = frozenset({"x", "y", "z", "a", "in", "mask", "terms"})


class Scope(StrEnum):
    """Whose numbers are shown."""

    SAMPLE = "sample"
    BATCH = "batch"


def is_per_sample(key: str) -> bool:
    """Whether the first axis of an array is the batch."""
    kind, separator, _ = key.removeprefix("d:").partition(":")
    return kind in _PER_SAMPLE or (kind == "norm" and bool(separator))


def adds_up(record: Record, key: str) -> bool:
    """Whether what the samples have is added up for the batch; the mean is taken of all else."""
    return key.startswith("d:") or (key == "terms" and not record.spec.loss.averages)


def is_shared(key: str) -> bool:
    """Whether it is the batch's, and one sample has a share in it: a parameter's gradient."""
    return key.startswith("d:p:")


def numbers_of(record: Record, key: str, sample: int | None) -> Floats:
    """The numbers of a key in one sample's shape, float64.

    Args:
        record: The step.
        key: One of its arrays.
        sample: Its place in the batch; None for the whole batch.
    """
    values = _gathered(record, key, sample)
    hidden = record.hidden
    if hidden is None or not hides(record, key, hidden.index, sample):
        return values
    values = values.copy()
    values[hidden.index] = HIDDEN
    return values


def _gathered(record: Record, key: str, sample: int | None) -> Floats:
    array = record.arrays[key]
    if is_per_sample(key):
        if sample is not None:
            return np.asarray(array[sample], np.float64)
        gather = array.sum if adds_up(record, key) else array.mean
        return np.asarray(gather(axis=0, dtype=np.float64), np.float64)
    if is_shared(key) and sample is not None:
        return share_of(record, key.removeprefix("d:p:"), sample)
    return np.asarray(array, np.float64)


def hides(record: Record, key: str, index: tuple[int, ...], sample: int | None) -> bool:
    """Whether a number is the one that a person is working out, as a sample or the batch has it."""
    hidden = record.hidden
    if hidden is None or index != hidden.index:
        return False
    if sample is None and hidden.sample is None and key == _together_with(record, hidden.key):
        # Of a channel no place has it: they add up to it.
        return record.arrays[key].ndim - 1 == len(index)
    of_samples = is_per_sample(key) or is_shared(key)
    is_whose = not of_samples or record.samples == 1 or sample == hidden.sample
    return key == hidden.key and is_whose


def _together_with(record: Record, key: str) -> str:
    """What comes to the same number over the whole batch; empty where nothing does.

    The samples' losses to the batch's; a layer's δ to the gradient of its bias.
    """
    if key == "loss":
        return "terms"
    if not (key.startswith("d:p:") and key.endswith(".bias")):
        return ""
    return record.canonical(f"d:z:{key[4:].rpartition('.')[0]}")


def targets_of(record: Record, outputs: int, sample: int | None) -> Floats:
    """What each output should be, (outputs,); of classes 1 for the right one and 0 for others."""
    y = record.arrays["y"]
    if y.ndim == 1:
        y = np.arange(outputs) == y[:, None]
    return np.asarray(y.mean(axis=0) if sample is None else y[sample], np.float64)


def share_of(record: Record, parameter: str, sample: int) -> Floats:
    """What one sample adds to a parameter's gradient, in the parameter's shape.

    All samples' shares add up to the gradient of the loss; a penalty belongs to no sample.
    """
    where, _, kind = parameter.rpartition(".")
    path = path_of(where)
    layer = record.layer(path).layer
    delta = record.arrays[record.canonical(f"d:z:{key_of(path)}")][sample].astype(np.float64)
    if kind == "bias":
        return _each_feature(delta)
    if isinstance(layer, BatchNorm):
        return _each_feature(delta * record.arrays[f"norm:{where}"][sample])
    source = record.arrays[record.canonical(input_of(path))][sample].astype(np.float64)
    if isinstance(layer, Conv2d):
        return _of_kernels(delta, source, layer)
    return np.outer(delta, source)


def _each_feature(values: Floats) -> Floats:
    """Added up over the pixels of an image."""
    return np.asarray(values.reshape(len(values), -1).sum(axis=1), np.float64)


def _of_kernels(delta: Floats, image: Floats, layer: Conv2d) -> Floats:
    """Each kernel's number: the patch that it weighed, times what comes back, over all pixels."""
    edge, size, stride = layer.padding, layer.kernel, layer.stride
    padded = np.pad(image, ((0, 0), (edge, edge), (edge, edge)))
    channels, rows, columns = delta.shape
    flat = delta.reshape(channels, -1)
    found = np.empty((channels, len(image), size, size))
    # A product for each place in the kernel: all patches side by side would be copied first.
    for u in range(size):
        for v in range(size):
            seen = padded[:, u : u + rows * stride : stride, v : v + columns * stride : stride]
            found[:, :, u, v] = flat @ seen.reshape(len(image), -1).T
    return found
