"""Races that the tests share, and ways to drive them without a clock."""

import math

import torch

from core.data import as_float
from core.experiment.fit import check
from core.experiment.network import Network
from core.landscape.race.problems import TrainingSetup
from core.landscape.race.race import Race
from core.messages.race import RaceChoice, Runner
from core.training.state import copy_tensors


def setup_of(spec, *, seed=7, step=0, data=None, **fields):
    """A start of its own, away from the weights that the spec's seed would give."""
    data = data or spec.data.load(spec.seed)
    shapes = check(spec, data.shape)
    tensors = copy_tensors(Network(shapes, seed))
    return TrainingSetup(spec, shapes, data, torch.device("cpu"), tensors, step, **fields)


def race_on(problem, *optimizers, **fields):
    runners = tuple(Runner(number, optimizer) for number, optimizer in enumerate(optimizers))
    return Race(problem, RaceChoice(problem.kind, runners, **fields))


def go(race, steps=None):
    if steps is not None:
        race.go_on(steps)
    while race.busy:
        race.advance(math.inf, lambda: False)
    return race


def places(race):
    return {entrant.runner.id: entrant.walker.place() for entrant in race.entrants}


def losses(race):
    return [view.losses.tolist() for view in race.views()]


def finished(trial, slices=lambda: False):
    while not trial.done:
        trial.advance(math.inf, slices)
    return trial.view()


def train_loss(trainer, most=2000):
    """The mean loss over all training samples, or over many of a large set, plainly."""
    network, data = trainer.network.eval(), trainer.data
    inputs, labels = as_float(data.train_inputs[:most]), data.train_labels[:most]
    with torch.inference_mode():
        z = network(inputs)
        targets = trainer.spec.loss.encode(labels, data.shape.outputs, z.shape[1])
        loss = trainer.spec.loss.value(z, network.activate(z), targets)
    network.train()
    return float(loss)
