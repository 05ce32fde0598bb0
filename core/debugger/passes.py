"""One forward and backward pass with every value between kept: what a tape is made of."""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from core.experiment.network import Block, MaskedDropout, Network, Skip
from core.messages.record import key_of


@dataclass(eq=False)
class Pass:
    """One forward and backward pass over a batch or a piece of it, and its values.

    Attributes:
        inputs: (n, *shape).
        targets: As the loss takes them.
        kept: By the keys of core.messages.record, detached.
    """

    inputs: Tensor
    targets: Tensor
    kept: dict[str, Tensor] = field(default_factory=dict)
    _live: dict[str, Tensor] = field(default_factory=dict)
    _origins: dict[int, Tensor] = field(default_factory=dict)
    _nested: list[tuple[str, Tensor]] = field(default_factory=list)

    def forward(self, network: Network) -> Tensor:
        """Runs the layers in the order of the textbook; gives the last layer's z."""
        # The trainer writes over the inputs some batches later.
        self.kept |= {"x": self.inputs.clone(), "y": self.targets}
        x = self.inputs
        *inner, last = [block for block in network.layers if isinstance(block, Block)]
        for block in inner:
            x = self._layer(block, x)
        return self._transform(last, x)

    def _layer(self, block: Block, x: Tensor) -> Tensor:
        z = self._transform(block, x)
        a = block.activate(z)
        self._live[f"a:{key_of(block.shape.path)}"] = a
        return a

    def _transform(self, block: Block, x: Tensor) -> Tensor:
        key = key_of(block.shape.path)
        if isinstance(block.transform, Skip):
            x = self._before_views(x, key)
            # A view has a gradient of its own: what comes back through the group alone.
            y = self._live[f"in:{key}"] = x.view_as(x)
            self._origins[id(y)] = x
            for module in block.transform.layers:
                assert isinstance(module, Block)
                y = self._layer(module, y)
            z = x + y
        else:
            z = block.transform(x)
        self._live[f"z:{key}"] = z
        self._note(block, x, key)
        return z

    def _before_views(self, x: Tensor, key: str) -> Tensor:
        """What a group takes in, without the view of a group that begins with this one.

        Gradients must meet where they do in a plain step: sums of three are rounded in order.
        """
        if id(x) in self._origins:
            self._nested.append((key, x))
        return self._origins.get(id(x), x)

    def _note(self, block: Block, x: Tensor, key: str) -> None:
        transform = block.transform
        if isinstance(transform, MaskedDropout):
            self.kept[f"mask:{key}"] = transform.mask.clone()
        if block.keep is not None:
            self.kept[f"keep:{key}"] = block.keep.expand(block.shape.output_shape).clone()
        if isinstance(transform, nn.BatchNorm1d | nn.BatchNorm2d):
            self.kept |= _moments(transform, x.detach(), key)

    def finish(self, network: Network, fused: bool, a: Tensor) -> None:
        """Keeps the output; behind a fused loss it is no part of what is differentiated."""
        key = f"a:{key_of(network.last.shape.path)}"
        if fused:
            with torch.no_grad():
                self.kept[key] = network.activate(a.detach())
        else:
            self._live[key] = a

    def differentiate(self, total: Tensor, parameters: list[nn.Parameter]) -> list[Tensor]:
        """The one call of autograd: the parameters' gradients and those of all values between."""
        passing = {key: t for key, t in self._live.items() if t.requires_grad}
        found = torch.autograd.grad(total, [*parameters, *passing.values()], allow_unused=True)
        between = found[len(parameters) :]
        self.kept |= {key: tensor.detach() for key, tensor in self._live.items()}
        self.kept |= {
            f"d:{key}": gradient
            for key, gradient in zip(passing, between, strict=True)
            if gradient is not None
        }
        self._add_nested()
        own = found[: len(parameters)]
        return [
            torch.zeros_like(p) if g is None else g for p, g in zip(parameters, own, strict=True)
        ]

    def _add_nested(self) -> None:
        """The gradient of a group's input, where another group stands at its beginning.

        At the network's own input there is none, as before any first layer: nothing is learned
        there, so nothing comes back through the inner group.
        """
        for key, view in reversed(self._nested):
            if not view.requires_grad:
                continue
            parts = [self.kept.get(f"d:{kind}:{key}") for kind in ("z", "in")]
            total = [part for part in parts if part is not None]
            for name, tensor in self._live.items():
                if tensor is view and total:
                    self.kept[f"d:{name}"] = sum(total[1:], start=total[0])


def _moments(norm: nn.BatchNorm1d | nn.BatchNorm2d, x: Tensor, key: str) -> dict[str, Tensor]:
    """What batch norm computes inside of itself, by the very kernel that the step has used.

    Moments of another kernel would differ by their rounding, and a feature that hardly varies
    makes much of it.
    """
    weight, bias = norm.weight.detach(), norm.bias.detach()
    _, mean, inverse = torch.native_batch_norm(x, weight, bias, None, None, True, 0.0, norm.eps)
    variance = (inverse.double() ** -2 - norm.eps).clamp(min=0).to(x.dtype)
    shape = [1, -1, *[1] * (x.dim() - 2)]
    centred = (x - mean.view(shape)) * inverse.view(shape)
    return {f"mean:{key}": mean, f"var:{key}": variance, f"norm:{key}": centred}


def joined(pieces: list[Pass]) -> dict[str, Tensor]:
    """The values of a batch from those of its pieces, whose losses are means of their own."""
    whole = sum(len(piece.inputs) for piece in pieces)
    shares = [len(piece.inputs) / whole for piece in pieces]

    def shared(key: str) -> list[Tensor]:
        return [piece.kept[key] * share for piece, share in zip(pieces, shares, strict=True)]

    whole_batch: dict[str, Tensor] = {}
    for key, first in pieces[0].kept.items():
        if key in ("loss", "total"):
            whole_batch[key] = torch.stack(shared(key)).sum()
        elif key.split(":")[0] in ("penalty", "keep"):
            whole_batch[key] = first
        elif key.startswith("d:"):
            whole_batch[key] = torch.cat(shared(key))
        else:
            whole_batch[key] = torch.cat([piece.kept[key] for piece in pieces])
    return whole_batch
