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
from core.landscape.race.grounds import FunctionArena, FunctionGround, NetworkGround
from core.messages.breakpoints import Interventions
from tests.core.experiments import same, tensors_of, tiny
from tests.core.racing import basis_of


def test_grounds_share_a_landscape_while_only_the_start_differs():
    basis = basis_of(tiny())
    elsewhere = replace(basis, tensors=basis_of(tiny(), seed=8).tensors)
    ground = NetworkGround(basis)
    assert ground.shares_arena(NetworkGround(elsewhere, (1.0, 2.0)))
    assert ground.shares_arena(
        NetworkGround(replace(basis, spec=tiny(optimizer=Adam(), name="Another")))
    )
    for other in (
        replace(basis, spec=tiny(training=Training(l2=0.1))),
        replace(basis, data=tiny().data.load(3)),
        replace(basis, interventions=Interventions(knocked=frozenset({((0,), 1)}))),
    ):
        assert not ground.shares_arena(NetworkGround(other))
    assert FunctionGround("bowl", 0).shares_arena(FunctionGround("bowl", 1, (1.0, 1.0)))
    assert not FunctionGround("bowl", 0).shares_arena(FunctionGround("ravine", 0))
    assert not ground.shares_arena(FunctionGround("bowl", 0))
    assert not FunctionGround("bowl", 0).shares_arena(ground)


def test_a_landscape_is_made_once_of_a_trainer_at_the_start():
    basis, seen = basis_of(tiny()), []

    def arena_of(trainer):
        seen.append(trainer)
        return FunctionArena(FUNCTIONS["bowl"])

    ground = NetworkGround(basis)
    assert ground.arena(arena_of) is ground.arena(arena_of)
    assert same(tensors_of(seen[0]), list(basis.tensors))
    assert len(seen) == 1


@pytest.mark.parametrize("point", [(math.nan, 0.0), (math.inf, 0.0), (1e200, 0.0), (1e7, 0.0)])
def test_nobody_starts_where_a_function_has_no_finite_value(point):
    with pytest.raises(UserError, match="Choose another point"):
        FunctionGround("plateau", 0, point)


def test_an_unknown_function_is_refused_with_those_there_are():
    with pytest.raises(UserError, match=r"no test function hill.*bowl, ravine, rosenbrock"):
        FunctionGround("hill", 0)
