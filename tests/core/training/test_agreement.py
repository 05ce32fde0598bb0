"""A hundred recorded steps beside a plain torch loop of network, loss and optimizer."""

import pytest
import torch
from torch import nn

from core.catalog.activations import Sigmoid
from core.catalog.base import entries_of
from core.catalog.optimizers import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
)
from core.debugger.tape import record_step
from core.experiment.layers import Dense
from core.experiment.spec import Stop, Training
from tests.core.experiments import tiny, trainer_of

STEPS = 100

# Each choice beside the torch optimizer that it must be, spelt out by hand, in torch's default
# implementation, which is another one than ours. ε is large enough that dividing by a root of
# nearly nothing does not magnify what the two networks round differently.
TORCH = [
    (GradientDescent(learning_rate=0.3), torch.optim.SGD, {"lr": 0.3}),
    (SGD(learning_rate=0.3), torch.optim.SGD, {"lr": 0.3}),
    (
        Momentum(learning_rate=0.05, momentum=0.8, dampening=0.25),
        torch.optim.SGD,
        {"lr": 0.05, "momentum": 0.8, "dampening": 0.25},
    ),
    (
        Nesterov(learning_rate=0.05, momentum=0.8),
        torch.optim.SGD,
        {"lr": 0.05, "momentum": 0.8, "nesterov": True},
    ),
    (
        Adagrad(learning_rate=0.1, lr_decay=0.01, initial_accumulator_value=0.1, eps=1e-6),
        torch.optim.Adagrad,
        {"lr": 0.1, "lr_decay": 0.01, "initial_accumulator_value": 0.1, "eps": 1e-6},
    ),
    (
        RMSprop(learning_rate=0.01, alpha=0.9, eps=1e-4),
        torch.optim.RMSprop,
        {"lr": 0.01, "alpha": 0.9, "eps": 1e-4},
    ),
    (
        RMSprop(learning_rate=0.01, alpha=0.9, eps=1e-2, momentum=0.5, centered=True),
        torch.optim.RMSprop,
        {"lr": 0.01, "alpha": 0.9, "eps": 1e-2, "momentum": 0.5, "centered": True},
    ),
    (
        Adam(learning_rate=0.01, beta1=0.8, beta2=0.95, eps=1e-4),
        torch.optim.Adam,
        {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-4},
    ),
    (
        Adam(learning_rate=0.01, beta1=0.8, beta2=0.95, eps=1e-4, amsgrad=True),
        torch.optim.Adam,
        {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-4, "amsgrad": True},
    ),
    (
        AdamW(learning_rate=0.01, beta1=0.8, beta2=0.95, eps=1e-4, weight_decay=0.1),
        torch.optim.AdamW,
        {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-4, "weight_decay": 0.1},
    ),
]


def name(value):
    return value.kind if isinstance(value, Optimizer) else ""


def test_every_optimizer_of_the_catalog_is_compared():
    assert {choice.kind for choice, _, _ in TORCH} == set(entries_of(Optimizer))


def plain_network(record):
    """The recorded network written with torch alone, with the parameters before the step."""
    p = {key: torch.tensor(a) for key, a in record.arrays.items() if key.startswith("p:")}
    network = nn.Sequential(nn.Linear(2, 6), nn.Sigmoid(), nn.Linear(6, 1))
    with torch.no_grad():
        for layer, at in ((network[0], 0), (network[2], 1)):
            layer.weight.copy_(p[f"p:{at}.weight"])
            layer.bias.copy_(p[f"p:{at}.bias"])
    return network


@pytest.mark.parametrize(("choice", "factory", "options"), TORCH, ids=name)
@pytest.mark.parametrize("clip", [None, 0.05], ids=["unclipped", "clipped"])
def test_a_hundred_recorded_steps_are_those_of_torch(choice, factory, options, clip):
    layers = (Dense(units=6, activation=Sigmoid()), Dense(units=1, activation=Sigmoid()))
    training = Training(batch_size=8, clip_norm=clip)
    trainer = trainer_of(
        tiny(layers=layers, optimizer=choice, training=training, stop=Stop(epochs=None, steps=200))
    )
    tape = record_step(trainer)
    network = plain_network(tape.record)
    optimizer = factory(network.parameters(), **options)
    start = [parameter.detach().clone() for parameter in network.parameters()]
    names = ["0.weight", "0.bias", "1.weight", "1.bias"]
    for step in range(STEPS):
        arrays = tape.record.arrays
        optimizer.zero_grad()
        z = network(torch.tensor(arrays["x"]))
        nn.functional.binary_cross_entropy_with_logits(z, torch.tensor(arrays["y"])).backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(network.parameters(), clip)
        optimizer.step()
        for key, parameter in zip(names, network.parameters(), strict=True):
            ours = torch.tensor(arrays[f"after:{key}"])
            assert (ours - parameter).norm() <= 1e-6 * parameter.norm(), (step, key)
        if step < STEPS - 1:
            tape = record_step(trainer)
    assert tape.record.step == STEPS
    assert all(
        (parameter - first).norm() > 0.01
        for parameter, first in zip(network.parameters(), start, strict=True)
    )
