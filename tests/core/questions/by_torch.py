"""What the known slips come to, worked out with torch alone, in float64; no word of core's rules.

Of a step of a dense network: its own forward pass and autograd over the parameters and the batch
of the record; the optimizers by hand from the states before the step.
"""

from __future__ import annotations

import torch
from torch.nn import functional as F  # noqa: N812 - as everybody calls it

FUNCTIONS = {
    "identity": lambda z: z,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "leaky_relu": lambda z: F.leaky_relu(z, 0.2),
    "elu": F.elu,
    "silu": F.silu,
    "softmax": lambda z: torch.softmax(z, 1),
}
SLOPE_IN_A = {"sigmoid": lambda a: a * (1 - a), "tanh": lambda a: 1 - a * a}


def double(array):
    return torch.tensor(array, dtype=torch.float64)


def slope(kind, at):
    at = at.detach().clone().requires_grad_()
    return torch.autograd.grad(FUNCTIONS[kind](at).sum(), at)[0]


class Again:
    """The step worked out again."""

    def __init__(self, record):
        self.record, arrays = record, record.arrays
        self.kinds = [layer.layer.activation.kind for layer in record.layers]
        self.depth = len(self.kinds)
        self.weights = [double(arrays[f"p:{i}.weight"]) for i in range(self.depth)]
        self.biases = [double(arrays[f"p:{i}.bias"]) for i in range(self.depth)]
        self.x, self.y = double(arrays["x"]), torch.tensor(arrays["y"])
        self.n = len(self.x)
        self._run()

    def _run(self):
        self.z, self.a, below = [], [], self.x
        for kind, weight, bias in zip(self.kinds, self.weights, self.biases, strict=True):
            z = (below @ weight.T + bias).requires_grad_()
            z.retain_grad()
            a = FUNCTIONS[kind](z)
            a.retain_grad()
            self.z.append(z)
            self.a.append(a)
            below = a
        self.terms = self.own_losses(self.a[-1])
        self.is_mean = self.record.spec.loss.over_batch == "mean"
        (self.terms.mean() if self.is_mean else self.terms.sum()).backward()
        self.dz = [z.grad for z in self.z]
        self.da = [a.grad for a in self.a]
        self.below = [self.x, *(a.detach() for a in self.a[:-1])]

    def own_losses(self, a):
        """From the outputs, as a book has them."""
        kind = self.record.spec.loss.kind
        if self.y.ndim == 1 and kind == "cross_entropy":
            return -torch.log(a[torch.arange(self.n), self.y])
        y = F.one_hot(self.y, a.shape[1]).double() if self.y.ndim == 1 else self.y.double()
        if kind == "binary_cross_entropy":
            return -(y * torch.log(a) + (1 - y) * torch.log(1 - a)).mean(1)
        squares = (a - y) ** 2
        return squares.mean(1) if kind == "mse" else squares.sum(1) / 2

    def penalty(self, place):
        return self.record.spec.training.l2 * self.weights[place]

    # What each slip gives: by its name, for one entry, place and sample.

    def slips(self, entry, index, sample, key):
        """By the slip's name what it would give; several values where it can be made variously."""
        if entry.kind == "update":
            return self._of_update(entry, index, key)
        rule = getattr(self, f"_{entry.kind}", None)
        found = rule(entry, index, sample) if rule else {}
        if self.n == 1:
            found.pop("one_sample", None)
            found.pop("path_missed" if sample is None else "", None)
        if not self.is_mean:
            found.pop("n_forgotten", None)
        return {name: value for name, value in found.items() if value is not None}

    def _put(self, rows, sample, mean=False):
        """One sample's, or the batch's."""
        if sample is not None:
            return float(rows[sample])
        return float(rows.mean() if mean else rows.sum())

    def _linear(self, entry, index, sample):
        place, (j,) = entry.path[0], index
        weight, below, bias = self.weights[place], self.below[place], self.biases[place]
        true = self._put(self.z[place][:, j].detach(), sample, mean=True)
        missed = self._put(weight[j, 0] * below[:, 0], sample, mean=True)
        found = {
            "bias_left_out": true - float(bias[j]),
            "sign_flipped": -true,
            "path_missed": true - missed if sample is not None else None,
        }
        if weight.shape[0] == weight.shape[1]:
            turned = below @ weight + bias
            found["transposed_weight"] = self._put(turned[:, j], sample, mean=True)
        if sample is None:
            found["sum_for_mean"] = float(self.z[place][:, j].detach().sum())
            found["one_sample"] = float(self.z[place][0, j].detach())
        return found

    def _activation(self, entry, index, sample):
        place, (j,) = entry.path[0], index
        found = {"activation_left_out": self._put(self.z[place][:, j].detach(), sample, mean=True)}
        if sample is None:
            found["one_sample"] = float(self.a[place][-1, j].detach())
        return found

    @property
    def is_half(self):
        return self.record.spec.loss.kind == "half_mse"

    def _loss_terms(self, entry, index, sample):
        if not self.is_half or sample is None:
            return {}
        squares = ((self.a[-1].detach() - self._targets()) ** 2).sum(1)
        return {"half_forgotten": float(squares[sample])}

    def _targets(self):
        outputs = self.a[-1].shape[1]
        return F.one_hot(self.y, outputs).double() if self.y.ndim == 1 else self.y.double()

    def _loss(self, entry, index, sample):
        terms, n = self.terms.detach(), self.n if self.is_mean else 1
        return {
            "n_forgotten": float(terms.sum()),
            "n_twice": float(terms.mean()) / n,
            "one_sample": float(terms[0]),
            "path_missed": float(terms[1:].sum()) / n,
            "half_forgotten": 2 * float(terms.sum()) / n if self.is_half else None,
        }

    def _loss_gradient(self, entry, index, sample):
        (j,) = index
        fused = entry.writes.startswith("d:z")
        rows = (self.dz if fused else self.da)[-1][:, j]
        true = self._put(rows, sample)
        found = {"n_forgotten": true * self.n, "n_twice": true / self.n, "sign_flipped": -true}
        if self.is_half:  # the square's slope, 2 (a - y), and no half before it
            whole = 2 * (self.a[-1].detach() - self._targets())[:, j]
            found["half_forgotten"] = self._put(whole, sample) / (self.n if self.is_mean else 1)
        if fused and self.kinds[-1] == "sigmoid" and sample is not None:
            found["slope_left_out"] = float(self.da[-1][sample, j])
        if fused and self.kinds[-1] == "softmax" and sample is not None:
            found["cross_terms_forgotten"] = None if int(self.y[sample]) == j else 0.0
        return found

    def _activation_gradient(self, entry, index, sample):
        place, (j,) = entry.path[0], index
        kind, z, a = self.kinds[place], self.z[place].detach(), self.a[place].detach()
        above = self.da[place][:, j]
        true = self._put(self.dz[place][:, j], sample)
        found = {"sign_flipped": -true, "n_forgotten": true * self.n, "n_twice": true / self.n}
        if kind == "softmax":
            own = above * a[:, j] * (1 - a[:, j])
            return found | {"cross_terms_forgotten": self._put(own, sample)}
        found["slope_left_out"] = self._put(above, sample)
        found["slope_at_a"] = self._put(above * slope(kind, a[:, j]), sample)
        if kind in SLOPE_IN_A:
            found["z_for_a"] = self._put(above * SLOPE_IN_A[kind](z[:, j]), sample)
        if sample is not None:
            found["upstream_left_out"] = float(slope(kind, z[sample, j]))
        else:
            found["one_sample"] = float(self.dz[place][0, j])
        return found

    def _weight_gradient(self, entry, index, sample):
        place, (j, k) = entry.path[0], index
        below, pull = self.below[place], float(self.penalty(place)[j, k])
        pull = pull if sample is None else 0.0
        shares = self.dz[place][:, j] * below[:, k]
        data = self._put(shares, sample)
        found = {
            "sign_flipped": -(data + pull),
            "n_forgotten": data * self.n + pull,
            "n_twice": data / self.n + pull,
            "local_left_out": self._put(self.dz[place][:, j], sample) + pull,
        }
        if self.record.arrays.get(f"d:a:{place}") is not None and self.kinds[place] != "softmax":
            found["slope_left_out"] = self._put(self.da[place][:, j] * below[:, k], sample) + pull
        if self.weights[place].shape[0] == self.weights[place].shape[1]:
            turned = self.dz[place][:, k] * below[:, j]
            found["transposed_weight"] = self._put(turned, sample) + pull
        if sample is None:
            found["one_sample"] = float(shares[0])
            found["path_missed"] = data + pull - float(shares[-1])
            found["decoupled_decay"] = data if pull else None
        else:
            found["upstream_left_out"] = float(below[sample, k])
        return found

    def _bias_gradient(self, entry, index, sample):
        place, (j,) = entry.path[0], index
        shares = self.dz[place][:, j]
        data = self._put(shares, sample)
        found = {"sign_flipped": -data, "n_forgotten": data * self.n, "n_twice": data / self.n}
        if self.record.arrays.get(f"d:a:{place}") is not None and self.kinds[place] != "softmax":
            found["slope_left_out"] = self._put(self.da[place][:, j], sample)
        if sample is None:
            found["one_sample"] = float(shares[-1])
        return found

    def _input_gradient(self, entry, index, sample):
        place, (k,) = entry.path[0], index
        weight, deltas = self.weights[place], self.dz[place]
        rows = deltas @ weight[:, k]
        true = self._put(rows, sample)
        after = double(self.record.arrays[f"after:{place}.weight"])
        found = {
            "sign_flipped": -true,
            "n_forgotten": true * self.n,
            "n_twice": true / self.n,
            "updated_weight": self._put(deltas @ after[:, k], sample),
            "local_left_out": self._put(deltas.sum(1), sample),
        }
        if sample is not None and len(weight) > 1:
            found["path_missed"] = true - float(deltas[sample, 0] * weight[0, k])
        if self.record.arrays.get(f"d:a:{place}") is not None and self.kinds[place] != "softmax":
            found["slope_left_out"] = self._put(self.da[place] @ weight[:, k], sample)
        if weight.shape[0] == weight.shape[1]:
            found["transposed_weight"] = self._put(deltas @ weight[k], sample)
        return found

    def _clip(self, entry, index, sample):
        return {"clipping_forgotten": float(self.record.arrays[f"d:p:{entry.parameter}"][index])}

    def _norm(self, entry, index, sample):
        return {"root_forgotten": float(self.record.arrays["norm"]) ** 2}

    def _of_update(self, entry, index, key):
        """The optimizers by hand, each line as its paper has it."""
        arrays, name = self.record.arrays, entry.parameter
        raw = float(arrays[f"d:p:{name}"][index])
        g = float(arrays[f"clipped:{name}"][index]) if f"clipped:{name}" in arrays else raw
        theta, true = float(arrays[f"p:{name}"][index]), float(arrays[key][index])
        hand = ByHand(self.record, name, index, theta, key)
        found = {"clipping_forgotten": hand(raw) if raw != g else None}
        l2 = self.record.spec.training.l2 if name.endswith("weight") else 0.0
        if l2 and f"clipped:{name}" not in arrays:
            pull = self.record.rate * l2 * theta if key.startswith("after") else 0.0
            found["decoupled_decay"] = hand(g - l2 * theta) - pull
        if hand.optimizer.kind == "adamw":
            found["coupled_decay"] = hand(g + 0.4 * theta, decay=0.0)
        if hand.before:
            found["memory_left_out"] = hand(g, memory=0.0)
        if key.startswith("after"):
            found["update_added"] = 2 * theta - true
            found["rate_left_out"] = hand(g, rate=1.0)
            if self.record.spec.optimizer.keeps_state:
                found["plain_step"] = theta - self.record.rate * g
        else:
            found["sign_flipped"] = -true
        if hand.optimizer.kind in ("rmsprop", "adam", "adamw"):
            found["share_forgotten"] = hand(g, whole=True)
        if hand.optimizer.kind in ("adam", "adamw") and not key.startswith("s'"):
            found["without_correction"] = hand(g, corrected=False)
        return {slip: value for slip, value in found.items() if value is not None}


class ByHand:
    """One number's step."""

    def __init__(self, record, name, index, theta, key):
        self.optimizer, self.rate, self.theta, self.key = (
            record.spec.optimizer, record.rate, theta, key,
        )  # fmt: skip
        start = f"s:{name}:"
        self.before = {
            k.removeprefix(start): float(array[index])
            for k, array in record.arrays.items()
            if k.startswith(start)
        }
        self.t = float(record.arrays.get(f"t:{name}", 0.0))

    def __call__(self, g, *, rate=None, memory=1.0, corrected=True, decay=0.4, whole=False):
        rate, o, theta = self.rate if rate is None else rate, self.optimizer, self.theta
        old = {state: value * memory for state, value in self.before.items()}
        kept = {}
        match o.kind:
            case "momentum" | "nesterov":
                v = 0.9 * old["momentum_buffer"] + g if old else g
                kept["momentum_buffer"] = v
                step = v if o.kind == "momentum" else g + 0.9 * v
            case "adagrad":
                kept["sum"] = old["sum"] + g * g
                step = g / (kept["sum"] ** 0.5 + o.eps)
            case "rmsprop":
                v = o.alpha * old["square_avg"] + (1 if whole else 1 - o.alpha) * g * g
                kept["square_avg"] = v
                step = g / (v**0.5 + o.eps)
            case "adam" | "adamw":
                m = o.beta1 * old["exp_avg"] + (1 if whole else 1 - o.beta1) * g
                v = o.beta2 * old["exp_avg_sq"] + (1 if whole else 1 - o.beta2) * g * g
                kept = {"exp_avg": m, "exp_avg_sq": v}
                if corrected:
                    m, v = m / (1 - o.beta1**self.t), v / (1 - o.beta2**self.t)
                hats = {"exp_avg": m, "exp_avg_sq": v}
                step = m / (v**0.5 + o.eps) + (decay * theta if o.kind == "adamw" else 0.0)
            case _:
                step = g
        kind, _, state = self.key.partition(":")[0], None, self.key.rpartition(":")[2]
        if kind == "after":
            return theta - rate * step
        return (hats if kind == "hat" else kept)[state]
