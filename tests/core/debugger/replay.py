"""A recorded step run again in float64 with one of its numbers nudged."""

from __future__ import annotations

import numpy as np
import torch

from core.debugger.doubled import double, network_in_double
from core.experiment.network import Skip
from core.messages.record import key_of
from core.messages.scope import adds_up
from core.training.step import penalty_of


class Replay:
    """The step's forward pass; ``run`` gives the number that a claim says would move."""

    def __init__(self, record):
        self.record = record
        shapes = tuple(layer for layer in record.layers if len(layer.path) == 1)
        self.network = network_in_double(shapes, record)
        self.parameters = self.network.named()
        self.penalty = penalty_of(record.spec.training)
        self.targets = double(record.arrays["y"])
        self.claim = None

    def run(self, claim, by):
        """What the claim's other number is with the first one larger by so much."""
        self.claim, self.by, self.values = claim, by, {}
        if claim.moves.key == "norm":
            return self._norm()
        with torch.no_grad(), self._grown():
            self._forward()
        found = self.values[claim.moves.key]
        first, *rest = claim.moves.index or (None,)
        if first is None:
            return float(found)
        chosen = found[(slice(None) if first < 0 else first, *rest)]
        adds = first < 0 and adds_up(self.record, claim.moves.key)
        return float(chosen.sum() if adds else chosen.mean())

    def _norm(self):
        """Of the gradients as autograd gave them."""
        arrays, limit = self.record.arrays, self.record.spec.training.clip_value
        grown = {k: a.astype(np.float64) for k, a in arrays.items() if k.startswith("d:p:")}
        nudged = self.claim.nudged
        grown[nudged.key][nudged.index] += self.by
        limit = np.inf if limit is None else limit
        return sum(float((a.clip(-limit, limit) ** 2).sum()) for a in grown.values()) ** 0.5

    def _grown(self):
        nudged = self.claim.nudged
        if not nudged.key.startswith("p:") or self.claim.alone is not None:
            return _Nothing()
        return _Grown(self.parameters[nudged.key[2:]], nudged.index, self.by)

    def _forward(self):
        x = self._touch("x", double(self.record.arrays["x"]))
        *inner, last = self.network.layers
        for block in inner:
            x = self._layer(block, x)
        z = self._transform(last, x)
        loss = self.record.spec.loss
        a = self.network.activate(z)
        key = key_of(last.shape.path)
        if self.record.canonical(f"a:{key}") == f"a:{key}":
            a = self._touch(f"a:{key}", a)
        terms = self._touch("terms", loss.terms(z, a, self.targets))
        together = terms.sum if loss.over_batch == "sum" else terms.mean
        value = self._touch("loss", together())
        if self.penalty:
            cost = self._touch("penalty", self.penalty.value(self.network.penalised()))
            self._touch("total", value + cost)

    def _layer(self, block, x):
        z = self._transform(block, x)
        key = f"a:{key_of(block.shape.path)}"
        a = block.activate(z)
        return self._touch(key, a) if self.record.canonical(key) == key else a

    def _transform(self, block, x):
        key = key_of(block.shape.path)
        if isinstance(block.transform, Skip):
            y = self._touch(f"in:{key}", x)
            for module in block.transform.layers:
                y = self._layer(module, y)
            return self._touch(f"z:{key}", x + y)
        z = self._alone(block, x)
        return z if block.shape.layer.kind == "activation" else self._touch(f"z:{key}", z)

    def _alone(self, block, x):
        """With a parameter that is larger for one sample only."""
        z, claim = block.transform(x), self.claim
        where, _, _ = claim.nudged.key.removeprefix("p:").rpartition(".")
        is_here = claim.nudged.key.startswith("p:") and where == key_of(block.shape.path)
        if claim.alone is None or not is_here:
            return z
        with _Grown(self.parameters[claim.nudged.key[2:]], claim.nudged.index, self.by):
            z[claim.alone] = block.transform(x)[claim.alone]
        return z

    def _touch(self, key, value):
        nudged = self.claim.nudged
        if nudged.key == key:
            value = value.clone()
            first, *rest = nudged.index or (None,)
            if first is None:
                value += self.by
            else:
                value[(slice(None) if first < 0 else first, *rest)] += self.by
        self.values[key] = value
        return value


class _Nothing:
    def __enter__(self):
        pass

    def __exit__(self, *_):
        pass


class _Grown:
    """A parameter, larger by so much."""

    def __init__(self, parameter, index, by):
        self.parameter, self.index, self.by = parameter, index, by

    def __enter__(self):
        self.before = self.parameter.data[self.index].clone()
        self.parameter.data[self.index] += self.by

    def __exit__(self, *_):
        self.parameter.data[self.index] = self.before
