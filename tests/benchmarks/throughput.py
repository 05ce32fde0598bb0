"""Training throughput without a window: the usual tutorial loop, the best bare loop, and ours."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from statistics import median
from time import perf_counter

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from core.data import Dataset, as_float
from core.experiment.fit import check
from core.experiment.network import Network
from core.experiment.spec import ExperimentSpec, Stop
from core.messages.commands import Train
from core.presets import PRESETS
from core.session.session import Session
from core.training.batches import Batches
from core.training.recording import CapturedStep
from core.training.step import penalty_of
from tests.benchmarks.report import Row

STEPS = {"dense-784-64-10": 1800, "cnn-mnist": 60}
ROUNDS = 7


def measure(rounds: int = ROUNDS) -> list[Row]:
    """Samples a second of the three loops, interleaved; medians, and medians of the ratios."""
    rows: list[Row] = []
    for name, steps in STEPS.items():
        spec = PRESETS[name].spec
        data = spec.data.load(spec.seed)
        samples = steps * spec.training.batch_size
        loops = {
            "tutorial": tutorial_loop(spec, data),
            "bare": bare_loop(spec, data),
            "bare, losses kept": bare_loop(spec, data, keep=True),
            "chainrule": our_loop(spec),
        }
        for loop in loops.values():
            loop(steps // 4)
        speeds: dict[str, list[float]] = {loop: [] for loop in loops}
        for _ in range(rounds):
            for loop, run in loops.items():
                speeds[loop].append(samples / run(steps))
        for loop, found in speeds.items():
            rows.append(Row(f"{name}: {loop} loop", median(found), "samples/s"))
        wanted_over = {"tutorial": TARGET_TUTORIAL[name], "bare": 0.97, "bare, losses kept": ""}
        for other, wanted in wanted_over.items():
            ratios = [
                ours / theirs
                for ours, theirs in zip(speeds["chainrule"], speeds[other], strict=True)
            ]
            rows.append(
                Row(
                    f"{name}: Chainrule over the {other} loop",
                    median(ratios),
                    "×",
                    f"≥ {wanted}" if wanted else "",
                )
            )
    return rows


HEADLESS_SLICE = 0.1
"""Seconds between two looks at the run, as the terminal has it."""

TARGET_TUTORIAL = {"dense-784-64-10": 1.7, "cnn-mnist": 1.3}

Loop = Callable[[int], float]
"""Takes so many steps; gives the seconds."""


def tutorial_loop(spec: ExperimentSpec, data: Dataset) -> Loop:
    """What PyTorch's tutorials show: a DataLoader over a TensorDataset, one step a batch."""
    layers = plain_layers(spec)
    loader = DataLoader(
        TensorDataset(as_float(data.train_inputs), data.train_labels),
        batch_size=spec.training.batch_size,
        shuffle=True,
    )
    criterion = nn.CrossEntropyLoss()
    rate = spec.optimizer.learning_rate
    optimizer: torch.optim.Optimizer = (
        torch.optim.Adam(layers.parameters(), lr=rate)
        if spec.optimizer.kind == "adam"
        else torch.optim.SGD(layers.parameters(), lr=rate)
    )

    def run(steps: int) -> float:
        started = perf_counter()
        for inputs, labels in islice(loader, steps):
            optimizer.zero_grad()
            loss = criterion(layers(inputs), labels)
            loss.backward()
            optimizer.step()
        return perf_counter() - started

    return run


def plain_layers(spec: ExperimentSpec) -> nn.Sequential:
    """The preset as one would write it by hand."""
    if spec.optimizer.kind == "sgd":
        return nn.Sequential(nn.Flatten(), nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 10))
    return nn.Sequential(
        nn.Conv2d(1, 32, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(64, 64, 3),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(576, 64),
        nn.ReLU(),
        nn.Linear(64, 10),
    )


def bare_loop(spec: ExperimentSpec, data: Dataset, *, keep: bool = False) -> Loop:
    """The fastest loop we know for these steps, with nothing around it: no measurement, no pause,

    no way back; recorded gradients, batches as views of gathered rows, the fused update. With
    ``keep`` it holds on to each step's loss and outputs, of which curves are made.
    """
    network = Network(check(spec, data.shape), spec.seed)
    parameters: list[torch.Tensor] = list(network.parameters())
    step = CapturedStep(network, spec.loss, penalty_of(spec.training))
    optimizer = spec.optimizer.build(network.parameters())
    batches = Batches(data.train_inputs, data.train_labels, spec.training.batch_size, 0)
    rate = spec.optimizer.learning_rate
    epochs = iter(range(10**9))

    def run(steps: int) -> float:
        advance = spec.optimizer.advance
        kept = []
        started = perf_counter()
        with torch.inference_mode():
            for inputs, targets in islice(batches.epoch(next(epochs)), steps):
                loss, z, gradients = step(inputs, targets)
                if keep:
                    kept.append((loss, z, targets))
                advance(optimizer, parameters, gradients, rate)
        return perf_counter() - started

    return run


def our_loop(spec: ExperimentSpec) -> Loop:
    """The session as the terminal and the engine drive it, every epoch its own run."""
    endless = spec.model_copy(update={"stop": Stop(epochs=None)})
    session = Session(endless, lambda event: None, live=False)
    session.load()

    def run(steps: int) -> float:
        session.apply(Train())
        assert session.run is not None
        trainer = session.run.trainer
        # The test set is measured between epochs: it is no part of the steps compared.
        trainer.epoch_step, trainer._iterator = 0, None
        session.run.course.measuring.abandon()
        goal = trainer.step + steps
        session.run.start(goal)
        started = perf_counter()
        while trainer.step < goal:
            session.advance(HEADLESS_SLICE)
        return perf_counter() - started

    return run
