"""The race: all from one start, step by step; late ones catch up, lost ones are left behind."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.functions import FUNCTIONS
from core.catalog.optimizers import (
    SGD,
    Adam,
    GradientDescent,
    Momentum,
    RMSprop,
)
from core.errors import UserError
from core.experiment.spec import Training
from core.landscape.race.problems import FunctionArena, FunctionProblem, NetworkProblem
from core.landscape.race.runners import name_of
from core.messages.race import NETWORK, RaceChoice, Runner
from core.messages.surface_commands import AtStep, Now, RunnerEnd
from tests.core.experiments import same, tiny
from tests.core.racing import go, losses, places, race_on, setup_of


def test_whoever_took_the_weights_leaves_them_as_they_were():
    setup = setup_of(tiny())
    before = [tensor.clone() for tensor in setup.tensors]
    inputs = setup.data.train_inputs.clone()
    go(race_on(NetworkProblem(setup), SGD(), Adam()), 20)
    assert same(list(setup.tensors), before)
    assert torch.equal(setup.data.train_inputs, inputs)


@given(st.lists(st.booleans(), max_size=30), st.integers(1, 12))
@settings(max_examples=15, deadline=None)
def test_interruptions_change_nothing(interruptions, steps):
    waiting = iter(interruptions)
    problem = FunctionProblem("rosenbrock", 0)
    race = race_on(problem, SGD(learning_rate=1e-3), Adam())
    race.go_on(steps)
    while race.busy:
        race.advance(math.inf, lambda: next(waiting, False))
        walked = [entrant.walker.step for entrant in race.entrants]
        assert max(walked) - min(walked) <= 1
    undisturbed = go(race_on(problem, SGD(learning_rate=1e-3), Adam()), steps)
    assert losses(race) == losses(undisturbed)
    assert race.step == steps


def test_who_comes_late_catches_up_and_who_stays_keeps_on():
    problem = NetworkProblem(setup_of(tiny()))
    race = go(race_on(problem, SGD()), 12)
    stays, joins = race.choice.runners[0], Runner(4, Adam())
    first = race.entrants[0]
    race.change(RaceChoice(NETWORK, (stays, joins)))
    assert race.busy
    assert not race.is_running
    go(race)
    assert race.entrants[0] is first
    assert [entrant.walker.step for entrant in race.entrants] == [12, 12]
    assert losses(race)[1] == losses(go(race_on(problem, Adam()), 12))[0]
    assert losses(go(race, 3))[1] == losses(go(race_on(problem, Adam()), 15))[0]


def test_others_wait_for_who_catches_up():
    race = go(race_on(FunctionProblem("bowl", 0), SGD()), 10)
    race.change(RaceChoice("bowl", (*race.choice.runners, Runner(1, Adam()))))
    race.go_on()
    race.advance(0.0, lambda: False)
    assert [entrant.walker.step for entrant in race.entrants] == [10, 1]


def test_another_optimizer_under_the_same_number_is_another_runner():
    race = go(race_on(FunctionProblem("bowl", 0), SGD(learning_rate=0.1)), 9)
    race.change(RaceChoice("bowl", (Runner(0, SGD(learning_rate=0.3)),)))
    go(race)
    expected = go(race_on(FunctionProblem("bowl", 0), SGD(learning_rate=0.3)), 9)
    assert losses(race) == losses(expected)


def test_who_is_dropped_is_gone():
    race = go(race_on(FunctionProblem("bowl", 0), SGD(), Adam()), 5)
    race.change(RaceChoice("bowl", race.choice.runners[1:]))
    assert [view.id for view in race.views()] == [1]
    assert race.step == 5


def test_restarting_puts_all_back_to_one_place_and_gives_the_same_race():
    race = go(race_on(FunctionProblem("noisy_bowl", 3), SGD(), Adam()), 30)
    before = losses(race)
    race.restart(FunctionProblem("noisy_bowl", 3))
    assert (race.step, race.busy) == (0, False)
    assert all(len(view.steps) == 1 for view in race.views())
    assert losses(go(race, 30)) == before


def test_restarting_from_a_point_starts_there():
    race = go(race_on(FunctionProblem("bowl", 0), SGD(), Adam()), 3)
    race.restart(FunctionProblem("bowl", 0, (2.0, -1.0)))
    assert [view.points.tolist() for view in race.views()] == [[[2.0, -1.0]]] * 2
    assert [view.loss for view in race.views()] == [5.0, 5.0]
    assert race.problem.start.tolist() == [2.0, -1.0]
    assert str(race.problem.start_label) == "From (2, -1)"
    assert race.target == 0.5


def test_a_race_without_an_end_goes_on_from_its_new_start_and_one_of_some_steps_does_not():
    race = race_on(FunctionProblem("bowl", 0), SGD())
    race.go_on()
    race.restart(FunctionProblem("bowl", 0))
    assert race.is_running
    race.go_on(5)
    race.restart(FunctionProblem("bowl", 0))
    assert not race.is_running


def test_the_noise_is_the_same_for_all_and_for_the_same_seed_alone():
    def ways(seed):
        return losses(go(race_on(FunctionProblem("noisy_bowl", seed), SGD(), SGD()), 20))

    first, second = ways(1)
    assert first == second
    assert ways(1)[0] == first
    assert ways(2)[0] != first


def test_the_race_holds_when_all_have_diverged_and_says_so_when_asked_to_go_on():
    race = go(race_on(FunctionProblem("bowl", 0), SGD(learning_rate=50.0)), 1000)
    assert not race.busy
    with pytest.raises(UserError, match="diverged"):
        race.go_on()
    race.change(RaceChoice("bowl", (*race.choice.runners, Runner(1, Adam()))))
    go(race)
    assert not race.is_running
    race.go_on(1)
    assert race.is_running


def test_nobody_and_a_race_that_is_over_cannot_go_on():
    with pytest.raises(UserError, match="Nobody"):
        race_on(FunctionProblem("bowl", 0)).go_on()
    race = race_on(FunctionProblem("bowl", 0), SGD(), limit=7)
    race.go_on(100)
    assert go(race).step == 7
    with pytest.raises(UserError, match="7 steps"):
        race.go_on()


@pytest.mark.parametrize(("limit", "last"), [(12, 12), (2, 4), (7, 7)])
def test_a_race_without_an_end_goes_on_to_a_limit_set_while_it_runs(limit, last):
    race = race_on(FunctionProblem("bowl", 0), SGD(), limit=7)
    race.go_on(4)
    go(race)
    race.go_on()
    race.change(replace(race.choice, limit=limit))
    assert go(race).step == last


def test_a_race_of_some_steps_ends_after_them_whatever_the_limit():
    race = race_on(FunctionProblem("bowl", 0), SGD(), limit=7)
    race.go_on(4)
    race.change(replace(race.choice, limit=50))
    assert go(race).step == 4


def test_nine_runners_or_two_of_one_number_are_refused_and_change_nothing():
    race = race_on(FunctionProblem("bowl", 0), SGD())
    entrants = race.entrants
    with pytest.raises(UserError, match="9 runners"):
        race.change(RaceChoice("bowl", tuple(Runner(k, SGD()) for k in range(9))))
    with pytest.raises(UserError, match="same number"):
        race.change(RaceChoice("bowl", (Runner(1, SGD()), Runner(1, Adam()))))
    assert race.entrants == entrants


def test_holding_amid_a_round_lets_the_round_be_finished():
    race = race_on(FunctionProblem("bowl", 0), SGD(), Adam(), RMSprop())
    race.go_on()
    race.advance(math.inf, lambda: True)
    race.hold()
    assert [entrant.walker.step for entrant in race.entrants] == [1, 0, 0]
    go(race)
    assert [entrant.walker.step for entrant in race.entrants] == [1, 1, 1]


def test_a_halted_race_does_nothing_until_somebody_wants_it_to():
    race = race_on(FunctionProblem("bowl", 0), SGD(), Adam())
    race.go_on()
    race.advance(math.inf, lambda: True)
    race.halt()
    assert not race.busy
    race.go_on(1)
    assert go(race).step == 2


def moving_means(losses, window):
    """Of the last so many losses up to each, or of as many as there are; by numpy."""
    sums = np.cumsum(np.concatenate([[0.0], np.float64(losses)]))
    ends = np.arange(1, len(losses) + 1)
    starts = np.maximum(0, ends - window)
    return (sums[ends] - sums[starts]) / (ends - starts)


def first_below(view, target):
    """The first step at which the mean of a whole window was at the target or below."""
    means = moving_means(view.losses, view.window)
    return view.window - 1 + np.flatnonzero(means[view.window - 1 :] <= target)[0]


def test_runners_are_compared_by_the_mean_of_their_last_batches():
    """An epoch of ``tiny`` has four batches; whoever takes all samples has a loss of all."""
    spec = tiny()
    race = go(race_on(NetworkProblem(setup_of(spec)), SGD(), GradientDescent(), Adam()), 50)
    batches = -(-len(spec.data.load(spec.seed).train_inputs) // spec.training.batch_size)
    assert [view.window for view in race.views()] == [batches, 1, batches] == [4, 1, 4]
    for view in race.views():
        means = moving_means(view.losses, view.window)
        np.testing.assert_allclose(view.means, means, rtol=1e-6)
        assert view.loss == pytest.approx(means[-1], rel=1e-9)
        assert view.best == pytest.approx(means[view.window - 1 :].min(), rel=1e-9)
    exact = race.views()[1]
    assert exact.means.tolist() == exact.losses.tolist()


def test_a_window_is_of_32_batches_at_the_most_and_no_lucky_batch_counts_as_best():
    race = go(race_on(NetworkProblem(setup_of(tiny(training=Training(batch_size=1)))), Adam()), 20)
    (view,) = race.views()
    assert view.window == min(32, len(race.problem.setup.data.train_inputs))
    assert math.isnan(view.best) == (view.window > 20)
    race.change(replace(race.choice, target=1e9))
    assert race.views()[0].reached is None
    go(race, view.window)
    assert race.views()[0].reached == view.window - 1
    assert race.views()[0].best >= race.views()[0].losses.min()


def test_on_a_noisy_function_each_loss_is_exact_and_needs_no_mean():
    (view,) = go(race_on(FunctionProblem("noisy_bowl", 3), SGD()), 30).views()
    assert view.window == 1
    x, y = view.points.T
    assert view.losses == pytest.approx(x**2 / 2 + 2 * y**2, rel=1e-6)
    assert view.means.tolist() == view.losses.tolist()


def test_a_race_down_a_ravine_shows_its_first_swings_however_long_it_lasts():
    race = go(race_on(FunctionProblem("ravine", 0), SGD(learning_rate=0.04)), 1500)
    (route,) = race.material(FunctionArena(FUNCTIONS["ravine"])).routes
    assert route.steps[:65] == list(range(65))
    # 1 - 0.04 · 40 = -0.6 a step, from 1 on.
    across = [float(state[1]) for state in route.states[:20]]
    assert across == pytest.approx([(-0.6) ** step for step in range(20)], rel=1e-4)


def test_the_target_is_a_tenth_of_what_they_began_with_whatever_their_order():
    setup = setup_of(tiny())
    runners = (SGD(learning_rate=0.01), Adam(), Momentum(learning_rate=0.01))
    races = [race_on(NetworkProblem(setup), *order) for order in (runners, runners[::-1])]
    for race in races:
        go(race, 50)
    begun = [np.mean(view.losses[: view.window], dtype=np.float64) for view in races[0].views()]
    assert [race.target for race in races] == pytest.approx([max(begun) / 10] * 2, rel=1e-6)


def test_the_target_is_a_tenth_of_the_first_loss_unless_a_person_says_another():
    race = race_on(NetworkProblem(setup_of(tiny())), SGD(learning_rate=0.5))
    assert race.target is None
    go(race, 400)
    (view,) = race.views()
    assert race.target == pytest.approx(view.losses[: view.window].mean() / 10, rel=1e-6)
    assert view.reached == first_below(view, race.target)
    assert 0 < view.reached_seconds < view.seconds
    race.change(replace(race.choice, target=0.5))
    (view,) = race.views()
    assert view.reached == first_below(view, 0.5)
    race.change(replace(race.choice, target=-1.0))
    assert race.views()[0].reached is None


def test_where_the_minimum_is_below_zero_the_target_is_a_tenth_of_the_way_above_it():
    race = race_on(FunctionProblem("styblinski_tang", 0), SGD())
    first, least = race.views()[0].loss, -78.33233140754282
    assert race.target == pytest.approx(least + (first - least) / 10)


def test_a_step_at_which_the_target_was_reached_is_not_forgotten_by_a_long_race():
    race = race_on(FunctionProblem("bowl", 0), SGD(learning_rate=0.01), target=1.0)
    first = go(race, 100).views()[0].reached
    # Each step multiplies both numbers by 0.98, from 10.25.
    assert first == math.ceil(math.log(1.0 / 10.25) / math.log(0.98**2))
    assert go(race, 6000).views()[0].reached == first


def test_a_view_is_the_same_object_while_nothing_changes():
    race = go(race_on(FunctionProblem("ravine", 0), SGD(learning_rate=0.2), Adam()), 20)
    before = race.views()
    assert all(a is b for a, b in zip(race.views(), before, strict=True))
    go(race, 1)
    assert race.views()[0] is before[0]  # diverged
    assert race.views()[1] is not before[1]


def test_views_cannot_be_written_to():
    for view in go(race_on(FunctionProblem("bowl", 0), SGD()), 3).views():
        for array in (view.steps, view.losses, view.points):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


def test_the_material_tells_where_all_have_been():
    setup = setup_of(tiny(), step=12)
    race = go(race_on(NetworkProblem(setup), SGD(), Adam()), 6)
    arena = FunctionArena(FUNCTIONS["bowl"])
    material = race.material(arena)
    start = torch.cat([tensor.reshape(-1) for tensor in setup.tensors])
    assert material.arena is arena
    assert torch.equal(material.here, start)
    assert not material.moving
    for route, name in zip(material.routes, ("SGD, η = 0.1", "Adam, η = 0.001"), strict=True):
        assert route.name == name
        assert route.steps == list(range(7))
        assert torch.equal(route.states[0], start)
        assert torch.equal(route.states[-1], places(race)[route.id])
        assert torch.equal(material.states[RunnerEnd(route.id)], route.states[-1])
        assert route.states[0].dtype == torch.float32
    assert torch.equal(material.states[Now()], start)
    assert torch.equal(material.states[AtStep(0)], start)
    assert str(race.problem.start_label) == "From the weights of step 12"


def test_states_in_a_material_are_not_written_to_by_later_steps():
    race = go(race_on(NetworkProblem(setup_of(tiny())), SGD()), 3)
    states = race.material(FunctionArena(FUNCTIONS["bowl"])).routes[0].states
    before = [state.clone() for state in states]
    go(race, 5)
    assert same(states, before)


@pytest.mark.parametrize(
    ("optimizer", "name"),
    [
        (Adam(learning_rate=0.01), "Adam, η = 0.01"),
        (Adam(learning_rate=0.01, amsgrad=True, beta1=0.5), "Adam, η = 0.01, β₁ = 0.5, AMSGrad"),
        (Momentum(momentum=0.5), "Momentum, η = 0.01, μ = 0.5"),
        (GradientDescent(), "Gradient descent, η = 0.1, all samples"),
    ],
)
def test_a_name_tells_what_is_not_as_usual(optimizer, name):
    assert name_of(optimizer, on_network=True) == name


def test_on_a_function_there_are_no_samples_to_speak_of():
    assert name_of(GradientDescent(), on_network=False) == "Gradient descent, η = 0.1"
