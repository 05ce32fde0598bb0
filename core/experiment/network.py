"""From the description of layers to the torch module that computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import torch
from torch import Tensor, nn

from core.catalog.activations import Identity
from core.catalog.initializers import Initializer
from core.experiment.layers import (
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    Layer,
    LayerShape,
    MaxPool2d,
    Path,
    Residual,
    Shape,
    infer_shapes,
)


class Block(nn.Module):
    """One layer as built: what makes z of its input, then what makes a of z."""

    def __init__(self, shape: LayerShape) -> None:
        super().__init__()
        self.shape = shape
        self.transform = transform_of(shape.layer, shape)
        self.chosen = shape.layer.activation_of() or Identity()
        self.activation = self.chosen.module()
        self.keep: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """``(n, *input_shape)`` to ``(n, *output_shape)``."""
        return self.activate(self.transform(x))

    def activate(self, z: Tensor) -> Tensor:
        """``(n, *output_shape)`` to the same; neurons knocked out give zero."""
        a: Tensor = self.activation(z)
        return a if self.keep is None else a * self.keep

    def knock_out(self, units: frozenset[int]) -> None:
        """Silences these units, of images channels, and no others."""
        self.keep = None
        if units:
            shape = self.shape.output_shape
            keep = torch.ones(shape[0], *[1] * (len(shape) - 1))
            keep[sorted(units)] = 0
            self.keep = keep.to(next(self.parameters(), keep).device)


class MaskedDropout(nn.Module):
    """Dropout by a mask drawn beforehand.

    torch's own draws from one generator that all threads of the process share, so two experiments
    at once would disturb each other; a mask drawn from the experiment's generator repeats, can be
    shown, and can be an input of a captured step.
    """

    mask: Tensor

    def __init__(self, rate: float, shape: Shape) -> None:
        super().__init__()
        self.rate = rate
        self.shape = shape
        self.register_buffer("mask", torch.ones(1, *shape), persistent=False)

    def draw(self, batch: int, generator: torch.Generator) -> None:
        """A new mask for a batch: 0 with probability ``rate``, otherwise 1 / (1 - rate)."""
        if len(self.mask) != batch:
            # A tensor born in inference mode could not be saved for the backward pass.
            with torch.inference_mode(False):
                self.mask = torch.empty(batch, *self.shape, device=self.mask.device)
        self.mask.bernoulli_(1 - self.rate, generator=generator).div_(1 - self.rate)

    def forward(self, x: Tensor) -> Tensor:
        """``(n, *shape)``: masked while training, unchanged otherwise."""
        return x * self.mask if self.training else x


class Skip(nn.Module):
    """A group of layers whose input is added to its output."""

    def __init__(self, layers: tuple[Layer, ...], place: LayerShape) -> None:
        super().__init__()
        shapes = infer_shapes(layers, place.input_shape, place.path)
        self.layers = nn.ModuleList(Block(shape) for shape in shapes)
        self.plan()

    def plan(self) -> None:
        """Orders the operations; anew after a neuron was knocked out."""
        self._plan = evaluation_order(self.layers)

    def forward(self, x: Tensor) -> Tensor:
        """``(n, *shape)`` to the same."""
        y = x
        for operation in self._plan:
            y = operation(y)
        return x + y


class Network(nn.Module):
    """A learner's network: ``forward`` gives the last layer's z, ``activate`` makes a of it.

    The two are apart since cross-entropy and its kin are computed from z.
    """

    def __init__(self, shapes: tuple[LayerShape, ...], seed: int) -> None:
        super().__init__()
        self.shapes = shapes
        self.layers = nn.ModuleList(Block(shape) for shape in shapes)
        self.output_activation = self.last.activation
        self._plan = self._ordered()
        self._dropouts = [m for m in self.modules() if isinstance(m, MaskedDropout)]
        self.has_images = any(len(shape.output_shape) == 3 for shape in shapes)
        if self.has_images:
            self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._names = self._names_of_parameters()
        self.reset(seed)

    @property
    def last(self) -> Block:
        """The output layer."""
        return self.layers[-1]  # type: ignore[return-value]

    def _ordered(self) -> list[Callable[[Tensor], Tensor]]:
        ends_active = not isinstance(self.last.activation, nn.Identity)
        return evaluation_order(self.layers)[: -1 if ends_active else None]

    def knock_out(self, units: Mapping[Path, frozenset[int]]) -> None:
        """Silences units by the path of their layer, and no others; the output layer's never."""
        for block in blocks_of(self):
            if block is not self.last:
                block.knock_out(units.get(block.shape.path, frozenset()))
        self.plan()

    def plan(self) -> None:
        """Orders the operations; anew after an activation was exchanged or a neuron knocked out."""
        for module in self.modules():
            if isinstance(module, Skip):
                module.plan()
        self._plan = self._ordered()

    def reset(self, seed: int) -> None:
        """New weights, drawn on the CPU so that a seed gives the same ones on every device."""
        generator = torch.Generator().manual_seed(seed)
        for block in blocks_of(self):
            initialise(block, generator)

    def forward(self, x: Tensor) -> Tensor:
        """The last layer's z.

        Args:
            x: ``(n, *input_shape)`` float32.

        Returns:
            ``(n, outputs)``: logits, where the output activation is softmax or sigmoid.
        """
        for operation in self._plan:
            x = operation(x)
        return x

    def activate(self, z: Tensor) -> Tensor:
        """The network's output a, of the last layer's z; shapes ``(n, outputs)``."""
        return self.output_activation(z)  # type: ignore[no-any-return]

    def draw_masks(self, batch: int, generator: torch.Generator) -> None:
        """New dropout masks for the next training step on a batch of so many samples."""
        for dropout in self._dropouts:
            dropout.draw(batch, generator)

    @property
    def has_dropout(self) -> bool:
        """Whether training steps depend on masks."""
        return bool(self._dropouts)

    def shapes_inside(self) -> tuple[LayerShape, ...]:
        """Every layer in its place, those inside a residual group before the group itself."""
        places = [block.shape for block in blocks_of(self)]
        return tuple(sorted(places, key=lambda place: (*place.path, float("inf"))))

    def parameter_names(self) -> list[str]:
        """``0.weight``, ``2.1.bias`` and so on: path and role, in the order of ``parameters()``."""
        return list(self._names)

    def _names_of_parameters(self) -> tuple[str, ...]:
        owners = {
            id(parameter): f"{'.'.join(map(str, block.shape.path))}.{name}"
            for block in blocks_of(self)
            for name, parameter in block.transform.named_parameters(recurse=False)
        }
        return tuple(owners[id(parameter)] for parameter in self.parameters())

    def named(self) -> dict[str, nn.Parameter]:
        """The parameters by these names."""
        return dict(zip(self._names, self.parameters(), strict=True))

    def penalised(self) -> list[nn.Parameter]:
        """The parameters that L1 and L2 penalties act on: weights, not biases nor batch norm's."""
        return [p for p in self.parameters() if p.dim() > 1]


def blocks_of(network: nn.Module) -> list[Block]:
    """Every layer, those inside of groups too."""
    return [module for module in network.modules() if isinstance(module, Block)]


def evaluation_order(blocks: nn.ModuleList) -> list[Callable[[Tensor], Tensor]]:
    """The operations of a row of blocks, the cheapest order of equals.

    relu(max(x)) is max(relu(x)), value and gradient, bit for bit; after a pooling there is
    a quarter as much to do. Identity activations are left out.
    """
    order: list[Callable[[Tensor], Tensor]] = []
    waiting: Block | None = None
    for block, following in pairwise([*blocks, None]):
        assert isinstance(block, Block)
        order.append(block.transform)
        if waiting is not None:
            order.append(waiting.activation)
            waiting = None
        pooled = isinstance(following, Block) and isinstance(following.transform, nn.MaxPool2d)
        if block.keep is not None:
            order.append(block.activate)
        elif pooled and block.chosen.commutes_with_max:
            waiting = block
        elif not isinstance(block.activation, nn.Identity):
            order.append(block.activation)
    return order


def initialise(block: Block, generator: torch.Generator) -> None:
    """Fills one layer's own parameters as its description asks; batch norm as torch does."""
    transform = block.transform
    if isinstance(transform, nn.BatchNorm1d | nn.BatchNorm2d):
        transform.reset_parameters()
    if not isinstance(transform, nn.Linear | nn.Conv2d):
        return
    layer = block.shape.layer
    assert isinstance(layer, Dense | Conv2d)
    fan_in = transform.weight[0].numel()
    _fill(transform.weight, layer.weight_init, fan_in, generator)
    if transform.bias is not None:
        _fill(transform.bias, layer.bias_init, fan_in, generator)


def _fill(
    parameter: Tensor, initializer: Initializer, fan_in: int, generator: torch.Generator
) -> None:
    drawn = torch.empty(parameter.shape)
    initializer.fill(drawn, fan_in, generator)
    with torch.no_grad():
        parameter.copy_(drawn)


def transform_of(layer: Layer, place: LayerShape) -> nn.Module:
    """The torch module that makes a layer's z of its input; nothing to do for an activation."""
    shape = place.input_shape
    made: nn.Module = nn.Identity()
    match layer:
        case Dense():
            made = _Linear(shape[0], layer.units, bias=layer.bias)
        case Conv2d(kernel=kernel, stride=stride, padding=padding):
            made = _Conv2d(shape[0], layer.channels, kernel, stride, padding, bias=layer.bias)
        case MaxPool2d():
            made = nn.MaxPool2d(layer.size, layer.stride)
        case AvgPool2d():
            made = nn.AvgPool2d(layer.size, layer.stride)
        case Flatten():
            made = nn.Flatten()
        case BatchNorm():
            norm = nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d
            made = norm(shape[0], eps=layer.eps, momentum=layer.momentum)
        case Dropout():
            made = MaskedDropout(layer.rate, shape)
        case Residual():
            made = Skip(layer.layers, place)
    return made


class _Linear(nn.Linear):
    """torch's, without the first draw of weights, which would use its global generator."""

    def reset_parameters(self) -> None:
        """Leaves the weights to :func:`initialise`."""


class _Conv2d(nn.Conv2d):
    """As :class:`_Linear`; ``nn.utils.skip_init`` does the same and imports sympy for it."""

    def reset_parameters(self) -> None:
        """Leaves the weights to :func:`initialise`."""
