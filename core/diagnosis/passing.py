"""One pass over a few samples, layer by layer, for what a training step does not keep."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.catalog.losses import Loss
from core.diagnosis.evidence import LayerEvidence
from core.experiment.network import Block, MaskedDropout, Network, Skip

STEEPEST = {"sigmoid": 0.25, "tanh": 1.0}
"""Of the functions that flatten out at both ends: the largest slope."""

FLAT = 0.05
"""Of the steepest slope: less passes next to nothing back."""

ALIKE = 1e-5
"""Of the largest number: by how much numbers that are the same may differ by rounding."""


@dataclass
class Passage:
    """What was computed of each layer, in order; those inside a residual group before it."""

    blocks: list[Block] = field(default_factory=list)
    zs: list[Tensor] = field(default_factory=list)
    outputs: list[Tensor] = field(default_factory=list)
    loss: Tensor = field(default_factory=lambda: torch.zeros(()))


def passed(network: Network, loss: Loss, inputs: Tensor, targets: Tensor) -> Passage:
    """Takes samples through the network as a training step does, and changes nothing of it.

    Batch norm takes the samples' own mean and spread and leaves its running ones alone; dropout
    keeps everything.
    """
    taken = Passage()
    x = inputs
    for block in network.layers:
        assert isinstance(block, Block)
        x = _through(block, x, taken)
    taken.loss = loss.value(taken.zs[-1], taken.outputs[-1], targets)
    return taken


def _through(block: Block, x: Tensor, taken: Passage) -> Tensor:
    transform = block.transform
    if isinstance(transform, Skip):
        y = x
        for inner in transform.layers:
            assert isinstance(inner, Block)
            y = _through(inner, y, taken)
        z = x + y
    elif isinstance(transform, nn.BatchNorm1d | nn.BatchNorm2d):
        own = transform.weight, transform.bias
        z = functional.batch_norm(x, None, None, *own, training=True, eps=transform.eps)
    else:
        z = x if isinstance(transform, MaskedDropout) else transform(x)
    a = block.activate(z)
    taken.blocks.append(block)
    taken.zs.append(z)
    taken.outputs.append(a)
    return a


def looked_at(network: Network, taken: Passage, before: dict[Block, float]) -> list[LayerEvidence]:
    """What a pass shows of each layer.

    Args:
        before: The root mean square of each layer's weights when the baseline was taken.
    """
    weights = [_weight_of(block) for block in taken.blocks]
    wanted = [*taken.zs, *(weight for weight in weights if weight is not None)]
    found = torch.autograd.grad(taken.loss, wanted, allow_unused=True)
    slopes = iter(found[len(taken.zs) :])
    rows = []
    with torch.no_grad():
        for block, weight, a, dz in zip(taken.blocks, weights, taken.outputs, found, strict=False):
            dw = next(slopes) if weight is not None else None
            rows.append(_numbers(block, (weight, dw), a, dz))
        numbers = torch.stack(rows).cpu().tolist()
    pairs = zip(taken.blocks, numbers, strict=True)
    first = next((i for i, weight in enumerate(weights) if weight is not None), len(weights))
    return [
        LayerEvidence(
            block.shape.path,
            block.shape.name,
            block.shape.layer,
            block.shape.output_shape[0],
            is_weighted=weights[index] is not None,
            follows_weights=index >= first,
            is_output=block is network.last,
            silent=round(row[0]),
            flat=row[1],
            size=row[2],
            gradient=row[3],
            weight=row[4],
            weight_before=before.get(block, row[4]),
            alike=row[5] > 0,
        )
        for index, (block, row) in enumerate(pairs)
    ]


def _numbers(
    block: Block, own: tuple[Tensor | None, Tensor | None], a: Tensor, dz: Tensor | None
) -> Tensor:
    """``(6,)``: as :class:`LayerEvidence` has them from ``silent`` on."""
    weight, dw = own
    units = a.detach().transpose(0, 1).flatten(1)
    nothing = a.new_zeros(())
    silent = (units == 0).all(1).sum().float() if block.chosen.kind == "relu" else nothing
    gradient = nothing if dz is None else dz.flatten(1).norm(dim=1).mean() * len(a)
    size = units.square().mean().sqrt()
    length = nothing if weight is None else weight.square().mean().sqrt()
    alike = nothing if weight is None or dw is None else _alike(weight) * _alike(dw)
    return torch.stack((silent, _flat(block, units), size, gradient, length, alike))


def _flat(block: Block, a: Tensor) -> Tensor:
    kind = block.chosen.kind
    if kind not in STEEPEST:
        return a.new_zeros(())
    slope = a * (1 - a) if kind == "sigmoid" else 1 - a * a
    return (slope < FLAT * STEEPEST[kind]).float().mean()


def _alike(rows: Tensor) -> Tensor:
    """1 where all rows, one a unit, are the same; else 0."""
    if len(rows) < 2:
        return rows.new_zeros(())
    flat = rows.flatten(1)
    return ((flat - flat[:1]).abs().max() <= ALIKE * flat.abs().max()).float()


def _weight_of(block: Block) -> Tensor | None:
    transform = block.transform
    return transform.weight if isinstance(transform, nn.Linear | nn.Conv2d) else None


def weight_sizes(network: Network) -> dict[Block, float]:
    """The root mean square of each layer's weights."""
    blocks = [m for m in network.modules() if isinstance(m, Block)]
    pairs = [(block, weight) for block in blocks if (weight := _weight_of(block)) is not None]
    return {block: float(weight.detach().square().mean().sqrt()) for block, weight in pairs}
