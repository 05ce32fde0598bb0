"""The operations of a training step, in the order of the textbook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from numpy.typing import NDArray

from core.experiment.layers import LayerShape, Residual, Shape
from core.experiment.spec import ExperimentSpec
from core.messages.record import Entry, Phase, bends, canonical, input_of, key_of

Arrays = Mapping[str, NDArray[Any]]

TRANSFORMS = {
    "dense": "linear",
    "conv2d": "convolution",
    "max_pool2d": "max_pool",
    "avg_pool2d": "avg_pool",
    "flatten": "flatten",
    "batch_norm": "batch_norm",
    "dropout": "dropout",
    "residual": "skip",
}
"""By the kind of a layer: the kind of the entry that makes its z; an activation layer has none."""


def entries_of_step(
    spec: ExperimentSpec, layers: tuple[LayerShape, ...], arrays: Arrays
) -> tuple[Entry, ...]:
    """Every operation of a recorded step.

    Args:
        spec: What it was taken with.
        layers: Every layer, those of a residual group before the group.
        arrays: The step's values; an operation whose result torch did not need is left out.
    """
    step = _Step(spec, layers, arrays)
    return (*step.forward(), *step.loss(), *step.backward(), *step.clipping(), *step.updates())


class _Step:
    def __init__(
        self, spec: ExperimentSpec, layers: tuple[LayerShape, ...], arrays: Arrays
    ) -> None:
        self._spec = spec
        self._layers = layers
        self._arrays = arrays
        self._output = key_of(max(layer.path for layer in layers if len(layer.path) == 1))
        self._names = [key.removeprefix("p:") for key in arrays if key.startswith("p:")]

    def _entry(
        self,
        phase: Phase,
        kind: str,
        layer: LayerShape | None,
        writes: str,
        reads: tuple[str, ...],
        *,
        parameter: str = "",
    ) -> Entry:
        writes = self._canonical(writes)
        per_sample = not parameter and writes not in ("loss", "penalty", "total", "norm")
        shape: Shape = self._arrays[writes].shape[1 if per_sample else 0 :]
        name, path = (layer.name, layer.path) if layer else ("", ())
        known = (self._canonical(key) for key in reads if key in self._arrays)
        found = tuple(dict.fromkeys(known))
        output = writes == self._canonical(f"a:{self._output}")
        return Entry(phase, kind, name, path, writes, found, shape, per_sample, parameter, output)

    def _canonical(self, key: str) -> str:
        return canonical(key, self._layers, self._arrays)

    def forward(self) -> Iterator[Entry]:
        """Each layer's z, then its a where it has an activation."""
        for layer in self._layers:
            key, x = key_of(layer.path), input_of(layer.path)
            kind = TRANSFORMS.get(layer.layer.kind)
            reads: tuple[str, ...] = (x, f"p:{key}.weight", f"p:{key}.bias", f"mask:{key}")
            if isinstance(layer.layer, Residual) and layer.layer.layers:
                reads = (x, f"a:{key_of((*layer.path, len(layer.layer.layers) - 1))}")
            if kind is not None:
                yield self._entry(Phase.FORWARD, kind, layer, f"z:{key}", reads)
            if bends(layer, self._arrays) or kind is None:
                yield self._entry(
                    Phase.FORWARD, "activation", layer, f"a:{key}", (f"z:{key}", f"keep:{key}")
                )

    def loss(self) -> Iterator[Entry]:
        """Each sample's own, the batch's, and the penalty where there is one."""
        seen = f"z:{self._output}" if self._spec.loss.fuses else f"a:{self._output}"
        reads = (seen, f"a:{self._output}", "y")
        yield self._entry(Phase.LOSS, "loss_terms", None, "terms", tuple(dict.fromkeys(reads)))
        yield self._entry(Phase.LOSS, "loss", None, "loss", ("terms",))
        if "penalty" in self._arrays:
            weights = tuple(
                f"p:{name}" for name in self._names if f"penalty:{name}" in self._arrays
            )
            yield self._entry(Phase.LOSS, "penalty", None, "penalty", weights)
            yield self._entry(Phase.LOSS, "objective", None, "total", ("loss", "penalty"))

    def backward(self) -> Iterator[Entry]:
        """From the loss to the first layer that has anything to learn before it."""
        last = next(layer for layer in self._layers if key_of(layer.path) == self._output)
        fused = bool(self._spec.loss.fuses)
        start = f"d:z:{self._output}" if fused else f"d:a:{self._output}"
        if start in self._arrays:
            seen = (f"a:{self._output}", f"z:{self._output}", "y")
            yield self._entry(Phase.BACKWARD, "loss_gradient", last, start, seen)
        for layer in reversed(self._layers):
            if len(layer.path) == 1:
                yield from self._layer_backward(layer, known=start)

    def _layer_backward(self, layer: LayerShape, known: str) -> Iterator[Entry]:
        key, x = key_of(layer.path), input_of(layer.path)
        a, z = f"d:a:{key}", f"d:z:{key}"
        backward = partial(self._entry, Phase.BACKWARD)
        reads: tuple[str, ...]
        alone = layer.layer.kind == "activation"  # an operation of its own, even the identity
        if z in self._arrays and z != known and (alone or bends(layer, self._arrays)):
            reads = (a, f"z:{key}", f"a:{key}", f"keep:{key}")
            yield backward("activation_gradient", layer, z, reads)
        for kind in ("weight", "bias"):
            name = f"{key}.{kind}"
            if f"d:p:{name}" in self._arrays:
                sources = (x, f"norm:{key}") if kind == "weight" else ()
                penalty = f"penalty:{name}"
                weight = (penalty, f"p:{name}") if penalty in self._arrays else ()
                reads = (z, *sources, *weight)
                yield backward(f"{kind}_gradient", layer, f"d:p:{name}", reads, parameter=name)
        inner = [one for one in self._layers if one.path[:-1] == layer.path]
        if inner:
            yield from self._group_backward(layer, inner)
        passed = f"d:{x}"
        if passed in self._arrays and layer.layer.kind != "activation":
            kind = "skip_gradient" if isinstance(layer.layer, Residual) else "input_gradient"
            around = (f"d:in:{key}",) if inner else ()
            extras = (f"p:{key}.weight", f"mask:{key}", f"norm:{key}", f"var:{key}", x)
            yield backward(kind, layer, passed, (z, *around, *extras))

    def _group_backward(self, group: LayerShape, inner: list[LayerShape]) -> Iterator[Entry]:
        """The sum passes its gradient on to the group's last layer unchanged."""
        last = f"d:a:{key_of(inner[-1].path)}"
        if last in self._arrays:
            z = f"d:z:{key_of(group.path)}"
            yield self._entry(Phase.BACKWARD, "skip_gradient", group, last, (z,))
        for layer in reversed(inner):
            yield from self._layer_backward(layer, known="")

    def clipping(self) -> Iterator[Entry]:
        """The norm of all gradients, then each of them clipped."""
        gradients = tuple(f"d:p:{name}" for name in self._names)
        if "norm" in self._arrays:
            yield self._entry(Phase.UPDATE, "norm", None, "norm", gradients)
        for name in self._names:
            clipped, reads = f"clipped:{name}", (f"d:p:{name}", "norm")
            if clipped in self._arrays:
                yield self._entry(
                    Phase.UPDATE, "clip", self._owner(name), clipped, reads, parameter=name
                )

    def updates(self) -> Iterator[Entry]:
        """Each parameter's step."""
        for name in self._names:
            clipped = f"clipped:{name}"
            gradient = clipped if clipped in self._arrays else f"d:p:{name}"
            state = [
                key
                for key in self._arrays
                if key.split(":")[0] in ("s", "s'", "hat", "t") and key.split(":")[1] == name
            ]
            reads = (f"p:{name}", gradient, *state, f"frozen:{name}")
            after, owner = f"after:{name}", self._owner(name)
            yield self._entry(Phase.UPDATE, "update", owner, after, reads, parameter=name)

    def _owner(self, name: str) -> LayerShape:
        key = name.rsplit(".", 1)[0]
        return next(layer for layer in self._layers if key_of(layer.path) == key)
