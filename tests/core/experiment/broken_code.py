"""The lab's experiments as a plain training loop in PyTorch, with one line of it to be chosen."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional

from core.data import as_float
from core.experiment.layers import Dense

STARTS = {"weights_alike": "start", "units_born_dead": "start"}
SLOTS = STARTS | {
    "step_uphill": "each",
    "slope_forgotten": "slope",
    "gradients_kept": "step",
    "summed_for_mean": "together",
    "layers_forgotten": "optimizer",
    "rate_in_thousandths": "rate",
    "labels_shifted": "samples",
    "softmax_twice": "loss",
    "decay_in_gradient": "optimizer",
    "pixels_unscaled": "pixels",
}
"""By the kind of a fault: where its line stands in the loop."""

FRAME = """
{rate}
for layer in layers:
    {start}
{optimizer}
for rows in batches:
    {samples}
    {pixels}
    z = model(x)
    {loss}
    {together}
    {step}
    {each_head}
    note()
"""
BY_HAND = """
{rate}
for rows in batches:
    {samples}
    W1, b1, W2, b2 = model.parameters()
    z = x @ W1.T + b1
    a = torch.tanh(z)
    dout = 2 / y.numel() * (a @ W2.T + b2 - y)
    da = dout @ W2
    {slope}
    with torch.no_grad():
        for p, g in zip((W1, b1, W2, b2), (dz.T @ x, dz.sum(0), dout.T @ a, dout.sum(0))):
            p -= rate * g
    note()
"""
SOUND = {
    "rate": 'rate = settings["rate_in_thousandths"] / 1000',
    "start": "pass",
    "optimizer": "optimizer = make(model.parameters(), lr=rate)",
    "samples": "x, y = inputs[rows], labels[rows]",
    "pixels": "pass",
    "loss": "terms = losses(z, y)",
    "together": "loss = terms.mean()",
    "step": "optimizer.zero_grad(); loss.backward(); optimizer.step()",
    "each_head": "pass",
    "slope": "pass",
}
EACH = (
    "\n    for p in model.parameters(): p.grad = None"
    "\n    loss.backward()"
    "\n    with torch.no_grad():"
    "\n        for p in model.parameters():"
    "\n            {line}"
)


def lines_with(kind: str, line: str) -> dict[str, str]:
    """The loop's lines, one of them given."""
    slot = SLOTS[kind]
    lines = dict(SOUND)
    if slot == "each":
        return lines | {"step": "pass", "each_head": EACH.format(line=line)}
    lines[slot] = line
    if slot == "loss":
        lines["together"] = "pass"
    return lines


def run(spec, kind, line, batches, start):
    """Trains with the line; gives the model's parameters before and after each step.

    Args:
        spec: The sound experiment.
        kind: Of the fault whose line it is.
        line: The broken one, or the repaired one.
        batches: The rows of each.
        start: The first parameters, in order.
    """
    dense = [layer for layer in spec.layers if isinstance(layer, Dense)]
    data = spec.data.load(spec.seed)
    inputs = as_float(data.train_inputs).flatten(1)
    sizes = [inputs.shape[1], *(layer.units for layer in dense)]
    linear = [nn.Linear(a, b) for a, b in pairwise(sizes)]
    inner = zip(linear[:-1], dense[:-1], strict=True)
    blocks = [nn.Sequential(one, layer.activation.module()) for one, layer in inner]
    model = nn.Sequential(*blocks, linear[-1])
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), start, strict=True):
            parameter.copy_(value)
    seen = [[p.detach().clone() for p in model.parameters()]]
    outputs = data.shape.outputs, dense[-1].units
    names = {
        "torch": torch, "nn": nn, "F": functional, "model": model, "inputs": inputs,
        "labels": spec.loss.encode(data.train_labels, *outputs), "pixels": inputs * 255,
        "batches": batches, "layers": linear if kind == "weights_alike" else linear[:-1],
        "settings": {"rate_in_thousandths": 1000 * spec.optimizer.learning_rate},
        "decay": getattr(spec.optimizer, "weight_decay", 0.0),
        "slope": lambda z: 1 - torch.tanh(z) ** 2,
        "make": torch.optim.SGD, "losses": losses_of(spec, dense[-1]),
        "note": lambda: seen.append([p.detach().clone() for p in model.parameters()]),
    }  # fmt: skip
    frame = BY_HAND if SLOTS[kind] == "slope" else FRAME
    exec(frame.format(**lines_with(kind, line)), names)
    return seen


def losses_of(spec, last):
    """Each sample's own loss by torch's functions."""

    def of(z, y):
        if spec.loss.kind == "cross_entropy":
            return functional.cross_entropy(z, y, reduction="none")
        squares = (last.activation.module()(z) - y) ** 2
        return squares.mean(1) if spec.loss.kind == "mse" else squares.sum(1) / 2

    return of
