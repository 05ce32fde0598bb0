"""Races that the tests share, and ways to drive them without a clock."""

import math

import torch

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
