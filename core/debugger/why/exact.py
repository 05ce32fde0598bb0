"""A record's step worked out again in float64, as far as paths are asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.debugger.doubled import double, network_in_double
from core.debugger.passes import Pass
from core.experiment.layers import BatchNorm, Path
from core.experiment.network import Block, MaskedDropout, blocks_of
from core.messages.record import Record, key_of
from core.training.step import penalty_of

Floats = NDArray[np.float64]


class Exact:
    """The step's values, and its gradients by autograd, in float64.

    The record's own numbers are float32: products of ten of them agree with the gradient to six
    digits only. So the step is taken again from the record's inputs, weights and masks, which are
    the same to the last bit, in float64.

    Args:
        record: The step.
        sample: The only sample that is wanted; None for all. Batch norm makes all of them be
            looked at in any case, since each moves the others.

    Attributes:
        record: The step.
        rows: Which samples of the batch are in the arrays: (k,) int64, rising.
        finite: Whether all gradients are numbers.
    """

    def __init__(self, record: Record, sample: int | None = None) -> None:
        self.record = record
        tied = any(isinstance(layer.layer, BatchNorm) for layer in record.layers)
        chosen = [sample] if sample is not None and not tied else range(record.samples)
        self.rows = np.array(chosen, np.int64)
        shapes = tuple(layer for layer in record.layers if len(layer.path) == 1)
        self._network = network_in_double(shapes, record)
        self._blocks = {block.shape.path: block for block in blocks_of(self._network)}
        for block in self._blocks.values():
            if isinstance(block.transform, MaskedDropout):
                block.transform.mask = block.transform.mask[self.rows]
        self._take()

    @property
    def share(self) -> float:
        """How the batch's loss moves with a sample's own: 1/n, or wholly where it is a sum."""
        return 1 / self.record.samples if self.record.spec.loss.averages else 1.0

    def _take(self) -> None:
        record, network = self.record, self._network
        x = double(record.arrays["x"][self.rows]).requires_grad_()
        step = Pass(x, double(record.arrays["y"][self.rows]))
        loss, penalty = record.spec.loss, penalty_of(record.spec.training)
        with torch.enable_grad():
            z = step.forward(network)
            a = z if loss.fuses else network.activate(z)
            terms = loss.terms(z, a, step.targets)
            total = terms.sum() * self.share
            if penalty:
                total = total + penalty.value(network.penalised())
            step.finish(network, loss.fuses is not None, a)
            own = [*network.parameters(), x]
            found = step.differentiate(total, own)  # type: ignore[arg-type]
        names = [*(f"d:p:{name}" for name in network.parameter_names()), "d:x"]
        tensors = step.kept | dict(zip(names, found, strict=True)) | {"terms": terms}
        tensors |= {f"p:{name}": numbers for name, numbers in network.named().items()}
        self._arrays = {key: tensor.detach().numpy() for key, tensor in tensors.items()}
        self.finite = all(bool(torch.isfinite(gradient).all()) for gradient in found)

    def array(self, key: str) -> Floats:
        """An array by its key in the record, those of samples (k, \\*shape)."""
        return np.asarray(self._arrays[self._known(key)])

    def _known(self, key: str) -> str:
        return key if key in self._arrays else self.record.canonical(key)

    def row_of(self, sample: int) -> int:
        """Where a sample stands in the arrays."""
        return int(np.searchsorted(self.rows, sample))

    def slopes(self, path: Path) -> Floats:
        """da/dz of a layer's activation at each z, nothing where a neuron is knocked out."""
        block = self._blocks[path]
        return self._derivative(block, self.array(f"z:{key_of(path)}"))

    def _derivative(self, block: Block, z: Floats) -> Floats:
        if isinstance(block.activation, torch.nn.Identity) and block.keep is None:
            return np.ones_like(z)
        with torch.enable_grad():
            at = torch.tensor(z).requires_grad_()
            (slope,) = torch.autograd.grad(block.activate(at).sum(), at)
        return np.asarray(slope.numpy())

    @cached_property
    def loss_slopes(self) -> Floats:
        """dℓ/dz or dℓ/dŷ of each sample's own loss, whichever it is computed from: (k, outputs)."""
        loss, last = self.record.spec.loss, key_of(self._network.last.shape.path)
        z, a = (self._tensor(f"{kind}:{last}") for kind in ("z", "a"))
        seen = z if loss.fuses else a
        targets = double(self.record.arrays["y"][self.rows])
        with torch.enable_grad():
            seen.requires_grad_()
            (slope,) = torch.autograd.grad(loss.terms(z, a, targets).sum(), seen)
        return np.asarray(slope.numpy())

    def _tensor(self, key: str) -> Tensor:
        return torch.tensor(self.array(key))
