"""Where a race can be run, and which landscape lies below it."""

import math
from dataclasses import replace

import pytest

from core.catalog.functions import FUNCTIONS
from core.catalog.optimizers import (
    Adam,
)
from core.errors import UserError
from core.experiment.spec import Training
from core.landscape.losses.network import NetworkArena
from core.landscape.race.problems import FunctionArena, FunctionProblem, NetworkProblem
from core.messages.breakpoints import Interventions
from tests.core.experiments import same, tensors_of, tiny
from tests.core.racing import setup_of


def test_problems_share_a_landscape_while_only_the_start_differs():
    setup = setup_of(tiny())
    elsewhere = replace(setup, tensors=setup_of(tiny(), seed=8).tensors)
    problem = NetworkProblem(setup)
    assert problem.shares_arena(NetworkProblem(elsewhere, (1.0, 2.0)))
    assert problem.shares_arena(
        NetworkProblem(replace(setup, spec=tiny(optimizer=Adam(), name="Another")))
    )
    for other in (
        replace(setup, spec=tiny(training=Training(l2=0.1))),
        replace(setup, data=tiny().data.load(3)),
        replace(setup, interventions=Interventions(knocked=frozenset({((0,), 1)}))),
    ):
        assert not problem.shares_arena(NetworkProblem(other))
    assert FunctionProblem("bowl", 0).shares_arena(FunctionProblem("bowl", 1, (1.0, 1.0)))
    assert not FunctionProblem("bowl", 0).shares_arena(FunctionProblem("ravine", 0))
    assert not problem.shares_arena(FunctionProblem("bowl", 0))
    assert not FunctionProblem("bowl", 0).shares_arena(problem)


def test_a_landscape_is_made_once_of_a_trainer_at_the_start(monkeypatch):
    setup, seen = setup_of(tiny()), []

    def of_trainer(trainer, samples):
        seen.append(trainer)
        return FunctionArena(FUNCTIONS["bowl"])

    monkeypatch.setattr(NetworkArena, "of_trainer", of_trainer)
    problem = NetworkProblem(setup)
    assert problem.arena is problem.arena
    assert same(tensors_of(seen[0]), list(setup.tensors))
    assert len(seen) == 1


@pytest.mark.parametrize("point", [(math.nan, 0.0), (math.inf, 0.0), (1e200, 0.0), (1e7, 0.0)])
def test_nobody_starts_where_a_function_has_no_finite_value(point):
    with pytest.raises(UserError, match="Choose another point"):
        FunctionProblem("plateau", 0, point)


def test_an_unknown_function_is_refused_with_those_there_are():
    with pytest.raises(UserError, match=r"no test function hill.*bowl, ravine, rosenbrock"):
        FunctionProblem("hill", 0)
