"""The racer's thread: commands in, contests and material out, whatever goes wrong."""

import math
import threading
from dataclasses import replace
from time import perf_counter
from unittest import mock

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.functions import FUNCTIONS
from core.catalog.optimizers import SGD, Adam, Momentum
from core.experiment.spec import Training
from core.landscape.losses.network import NetworkArena
from core.landscape.race import control as module
from core.landscape.race.control import StepTimer
from core.landscape.race.problems import FunctionArena
from core.landscape.race.race import Race
from core.landscape.race.racer import Racer
from core.messages.race import (
    NETWORK,
    CompareRates,
    FindRate,
    HoldRace,
    RaceChoice,
    RaceOn,
    RestartRace,
    Runner,
    SetRace,
    StopTrials,
    Verdict,
)
from tests.core.conftest import ours
from tests.core.experiments import tiny, with_batch_norm, with_nan_row
from tests.core.racing import setup_of

PATIENCE = 30.0
"""Seconds after which a test gives up; nothing waits for as long unless it has failed."""

TWO = (Runner(0, SGD()), Runner(1, Adam()))


class Watched(Racer):
    """A racer whose every contest and material can be waited for."""

    def __init__(self, arena_of=None):
        """The landscape of a network is made by ``arena_of`` until it is closed."""
        self._arenas = mock.patch.object(NetworkArena, "of_trainer", arena_of or self._make)
        self._arenas.start()
        self.changed = threading.Condition()
        self.contests, self.materials, self.defects, self.made = [], [], [], []
        self.posted = self.taken = self.answered = 0
        super().__init__(self._news, self._material, self._defect)

    def close(self):
        super().close()
        self._arenas.stop()

    def _make(self, trainer, samples):
        self.made.append(trainer)
        return FunctionArena(FUNCTIONS["bowl"])

    def _note(self, row, what):
        with self.changed:
            row.append((perf_counter(), what))
            self.changed.notify_all()

    def _news(self):
        self._note(self.contests, self.contest)

    def _material(self, material):
        self._note(self.materials, material)

    def _defect(self, error):
        self._note(self.defects, error)

    def until(self, condition):
        """Waits for a contest with which the condition holds."""
        with self.changed:
            found = self.changed.wait_for(
                lambda: self.contests and condition(self.contest), PATIENCE
            )
            assert found, self.contest
        return self.contest

    def until_material(self, condition):
        with self.changed:
            assert self.changed.wait_for(
                lambda: any(condition(each) for _, each in self.materials), PATIENCE
            )
        return next(each for _, each in reversed(self.materials) if condition(each))

    def until_defect(self):
        with self.changed:
            assert self.changed.wait_for(lambda: self.defects, PATIENCE)
        return self.defects[-1][1]

    def post(self, command, setup=None):
        self.posted += 1
        super().post(command, setup)

    def _mail(self):
        with self.changed:
            self.answered += self.taken
            self.changed.notify_all()
        mail = super()._mail()
        self.taken = len(mail)
        return mail

    def do(self, command, setup=None):
        """Posts a command and waits until all that follows from it at once is there."""
        self.post(command, setup)
        with self.changed:
            assert self.changed.wait_for(lambda: self.answered == self.posted, PATIENCE)
        return self.contest

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
        assert not ours()


@pytest.fixture
def racer():
    with Watched() as racer:
        yield racer


def on(kind, runners=TWO, **fields):
    return SetRace(RaceChoice(kind, runners, **fields))


def stands_at(step):
    return lambda contest: contest.step == step and not contest.is_running


def test_there_is_no_thread_before_the_first_command_and_none_after_closing():
    racer = Watched()
    assert not ours()
    racer.post(HoldRace())
    assert [thread.name for thread in ours()] == ["chainrule-racer"]
    racer.close()
    assert not ours()
    racer.post(HoldRace())
    assert not ours()


def test_a_racer_that_was_never_asked_can_be_closed():
    Watched().close()


def test_a_race_is_set_up_runs_so_many_steps_and_holds(racer):
    contest = racer.do(on("ravine", (Runner(0, SGD(learning_rate=0.01)), Runner(1, Adam()))))
    assert (contest.arena, contest.step, contest.is_running) == ("ravine", 0, False)
    assert contest.start.tolist() == [-4.5, 1.0]
    assert str(contest.start_label) == "From (-4.5, 1)"
    assert contest.target == pytest.approx(3.0125)
    racer.post(RaceOn(12))
    contest = racer.until(stands_at(12))
    assert [view.steps[-1] for view in contest.runners] == [12, 12]


def test_versions_rise_by_one(racer):
    racer.post(on("bowl"))
    racer.post(RaceOn(200))
    racer.until(stands_at(200))
    versions = [contest.version for _, contest in racer.contests]
    assert versions == list(range(1, len(versions) + 1))


def test_a_race_goes_on_until_it_is_held(racer):
    racer.post(on("bowl"))
    racer.post(RaceOn())
    racer.until(lambda contest: contest.step > 100)
    assert racer.contest.is_running
    held = racer.do(HoldRace())
    racer.until(lambda contest: not contest.is_running)
    assert racer.do(HoldRace()).step == racer.contest.step >= held.step


def test_while_it_runs_contests_come_at_a_rate_that_an_eye_can_follow(racer):
    racer.post(on("bowl"))
    racer.post(RaceOn())
    racer.until(lambda contest: len(racer.contests) >= 12)
    racer.do(HoldRace())
    times = [at for at, contest in racer.contests if contest.is_running][1:-1]
    assert np.median(np.diff(times)) > 0.8 * module.SLICE


SLOWEST = 1e-3
"""Steps a second: no test lives to see a second one."""


def test_at_a_pace_steps_come_one_by_one_and_not_faster(racer):
    racer.post(on("bowl", pace=100.0))
    racer.post(RaceOn(12))
    contest = racer.until(stands_at(12))
    assert [view.steps[-1] for view in contest.runners] == [12, 12]
    came = {contest.step: at for at, contest in reversed(racer.contests)}
    assert sorted(came) == list(range(13))  # every single one was shown
    # A busy machine may tell of the first step late; at full speed all take some milliseconds.
    assert came[12] - came[1] >= 0.5 * 11 / 100


def test_while_a_step_is_waited_for_commands_are_answered_at_once_and_nothing_spins(
    racer, monkeypatch
):
    rounds = []
    advance = Race.advance
    monkeypatch.setattr(Race, "advance", lambda *args: rounds.append(1) or advance(*args))
    racer.post(on("bowl", pace=SLOWEST))
    racer.post(RaceOn())
    assert racer.until(lambda contest: contest.step == 1).is_running
    joined = racer.do(on("bowl", (*TWO, Runner(2, Momentum())), pace=SLOWEST))
    assert joined.step == 1
    caught_up = racer.until(lambda contest: len(contest.runners[-1].steps) == 2)
    assert len(caught_up.runners) == 3
    assert not racer.do(HoldRace()).is_running
    assert racer.contest.step == 1
    assert len(rounds) == 2


def test_a_race_at_a_pace_is_closed_at_once():
    with Watched() as racer:
        racer.post(on("bowl", pace=SLOWEST))
        racer.post(RaceOn())
        racer.until(lambda contest: contest.step == 1)


def test_another_pace_acts_while_the_race_goes_on(racer):
    racer.post(on("bowl", pace=SLOWEST))
    racer.post(RaceOn())
    racer.until(lambda contest: contest.step == 1)
    racer.post(on("bowl", pace=1000.0))
    racer.until(lambda contest: contest.step > 3)
    racer.post(on("bowl"))
    contest = racer.until(lambda contest: contest.step > 300)
    assert contest.is_running


def test_trials_go_on_while_a_race_waits_for_its_next_step(racer):
    racer.post(on("bowl", pace=SLOWEST))
    racer.post(RaceOn())
    racer.until(lambda contest: contest.step == 1)
    racer.post(CompareRates((SGD(),), (0.1, 1.0), 50), setup_of(tiny()))
    contest = racer.until(lambda contest: contest.grid is not None and contest.grid.done)
    assert contest.step == 1


@pytest.mark.parametrize("pace", [0.0, -1.0, math.nan, math.inf])
def test_a_pace_that_is_none_is_refused(racer, pace):
    assert "steps a second" in str(racer.do(on("bowl", pace=pace)).trouble)
    assert racer.contest.arena == ""


@given(st.floats(0.1, 1000), st.lists(st.floats(0, 3), min_size=1, max_size=50))
def test_steps_are_due_at_an_even_pace_and_who_is_late_is_not_hunted(pace, delays):
    timer, now, begun = StepTimer(), 50.0, []
    assert timer.due_in(pace, now) == 0
    for late in delays:
        now += timer.due_in(pace, now) + late / pace
        begun.append(now)
        timer.taken(pace, now)
        assert timer.due_in(pace, now) <= 1.0001 / pace
    # One step that was late may be followed by one that is not, and no more come in between.
    for first, third in zip(begun, begun[2:], strict=False):
        assert third - first >= 0.999 / pace


def test_steps_that_are_a_little_late_leave_the_pace_as_it_is():
    timer, now = StepTimer(), 0.0
    for _ in range(1001):
        now += timer.due_in(20.0, now) + 0.004
        timer.taken(20.0, now)
    assert now == pytest.approx(1000 / 20, abs=0.01)


def test_material_comes_seldom_while_runners_move_and_once_when_they_rest(racer):
    racer.post(on("bowl"))
    racer.post(RaceOn())
    racer.until_material(lambda material: material.moving and len(racer.materials) >= 5)
    moving = [at for at, material in racer.materials if material.moving]
    assert min(np.diff(moving)) > 0.5 * module.MATERIAL_EVERY
    racer.post(HoldRace())
    resting = racer.until_material(
        lambda material: not material.moving and material.routes[0].steps[-1] > 0
    )
    assert resting.routes[0].steps[-1] == racer.contest.step
    assert resting is racer.materials[-1][1]


def test_the_landscape_stays_the_same_object_while_the_race_goes_on_and_starts_anew(racer):
    setup = setup_of(tiny())
    racer.post(on(NETWORK), setup)
    racer.post(RaceOn(10))
    racer.until(stands_at(10))
    elsewhere = replace(setup, tensors=setup_of(tiny(), seed=9).tensors)
    racer.do(RestartRace((0.5, 1.5)), elsewhere)
    racer.do(on(NETWORK, TWO[:1]), elsewhere)
    assert len({id(material.arena) for _, material in racer.materials}) == 1
    assert len(racer.made) == 1
    racer.do(on(NETWORK), setup_of(tiny(training=Training(l2=0.5))))
    assert len({id(material.arena) for _, material in racer.materials}) == 2


def test_batch_norms_moments_belong_to_the_landscape(racer):
    setup = setup_of(with_batch_norm())
    racer.do(on(NETWORK), setup)
    racer.do(RestartRace(), replace(setup, step=3))
    assert len(racer.made) == 2
    racer.do(on(NETWORK, TWO[:1]), setup)
    assert len(racer.made) == 2


def test_a_race_on_the_network_starts_from_the_weights_it_was_given(racer):
    setup = setup_of(tiny(), step=40)
    contest = racer.do(on(NETWORK), setup)
    assert str(contest.start_label) == "From the weights of step 40"
    assert contest.start.tolist() == [0.0, 0.0]
    assert contest.target is None
    start = torch.cat([tensor.reshape(-1) for tensor in setup.tensors])
    assert torch.equal(racer.materials[-1][1].here, start)
    other = setup_of(tiny(), seed=5, step=41)
    contest = racer.do(RestartRace((0.25, -3.0)), other)
    assert str(contest.start_label) == "From the point (0.25, -3) of the surface"
    start = torch.cat([tensor.reshape(-1) for tensor in other.tensors])
    assert torch.equal(racer.materials[-1][1].here, start)


def test_other_runners_do_not_move_the_start_of_a_race_on_the_network(racer):
    setup = setup_of(tiny())
    racer.post(on(NETWORK, TWO[:1]), setup)
    racer.post(RaceOn(9))
    racer.until(stands_at(9))
    later = replace(setup, tensors=setup_of(tiny(), seed=5).tensors, step=50)
    racer.post(on(NETWORK, (*TWO, Runner(2, Momentum()))), later)
    contest = racer.until(lambda contest: [len(view.steps) for view in contest.runners] == [9] * 3)
    assert str(contest.start_label) == "From the weights of step 0"
    assert len({float(view.losses[0]) for view in contest.runners}) == 1


@pytest.mark.parametrize(
    "other",
    [on("ravine"), on("bowl", seed=1)],
    ids=["function", "seed"],
)
def test_another_function_or_seed_is_another_race(racer, other):
    racer.post(on("bowl"))
    racer.post(RaceOn(5))
    racer.until(stands_at(5))
    contest = racer.do(other)
    assert contest.step == 0
    assert contest.arena == other.choice.arena


def test_another_network_is_another_race(racer):
    racer.post(on(NETWORK), setup_of(tiny()))
    racer.post(RaceOn(5))
    racer.until(stands_at(5))
    assert racer.do(on(NETWORK), setup_of(tiny(training=Training(batch_size=3)))).step == 0


def test_a_race_restarts_from_a_point_and_from_the_usual_start(racer):
    racer.post(on("bowl"))
    racer.post(RaceOn(5))
    racer.until(stands_at(5))
    contest = racer.do(RestartRace((1.0, 2.0)))
    assert contest.step == 0
    assert [view.points.tolist() for view in contest.runners] == [[[1.0, 2.0]]] * 2
    assert racer.materials[-1][1].here.tolist() == [1.0, 2.0]
    assert racer.do(RestartRace()).start.tolist() == list(FUNCTIONS["bowl"].start)


def test_a_race_put_away_leaves_nothing(racer):
    racer.post(on("bowl"))
    racer.post(RaceOn())
    racer.until(lambda contest: contest.step > 3)
    contest = racer.do(SetRace(None))
    assert (contest.arena, contest.runners, contest.step) == ("", (), 0)
    assert (contest.is_running, contest.start_label, contest.target) == (False, None, None)
    assert racer.materials[-1][1] is None


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (RaceOn(), "There is no race"),
        (RestartRace(), "There is no race"),
        (on("hill"), "no test function hill"),
        (on(NETWORK), "There is no network yet"),
        (CompareRates((SGD(),), (0.1,)), "There is no network yet"),
        (FindRate(), "There is no network yet"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_and_forgotten_with_the_next_command(racer, command, sentence):
    contest = racer.do(command)
    assert sentence in str(contest.trouble)
    assert contest.arena == ""
    assert racer.do(on("bowl")).trouble is None
    assert not racer.defects


def test_a_start_that_cannot_be_leaves_the_race_as_it_is(racer):
    racer.post(on("bowl"))
    racer.post(RaceOn(4))
    racer.until(stands_at(4))
    contest = racer.do(RestartRace((1e300, 0.0)))
    assert "Nobody can start" in str(contest.trouble)
    assert contest.step == 4


def test_a_defect_is_told_and_the_thread_lives_on(racer, monkeypatch):
    racer.do(on("bowl"))

    def broken(self, until, interrupted, rounds):
        self.step += 1  # somebody is left behind, as after a step that failed
        raise ZeroDivisionError("broken")

    monkeypatch.setattr(Race, "advance", broken)
    racer.post(RaceOn())
    assert str(racer.until_defect()) == "broken"
    racer.until(lambda contest: not contest.is_running)
    assert len(racer.defects) == 1
    monkeypatch.undo()
    racer.post(RaceOn(2))
    racer.until(lambda contest: contest.step == 3 and not contest.is_running)


def test_a_landscape_that_cannot_be_made_is_a_defect_and_the_race_is_seen_all_the_same():
    def broken(trainer, samples):
        raise ZeroDivisionError("no landscape")

    with Watched(broken) as racer:
        contest = racer.do(on(NETWORK), setup_of(tiny()))
        assert contest.arena == NETWORK
        assert str(racer.until_defect()) == "no landscape"
        assert racer.do(on("bowl")).arena == "bowl"


def test_rates_are_compared_cell_by_cell(racer):
    command = CompareRates((SGD(), Adam()), (0.001, 0.1), 300)
    racer.post(command, setup_of(tiny()))
    grid = racer.until(lambda contest: contest.grid is not None and contest.grid.done).grid
    assert all(v is not Verdict.PENDING for row in grid.verdicts for v in row)
    assert (grid.optimizers, grid.rates) == (command.optimizers, command.rates)


def test_a_range_test_runs_to_its_end(racer):
    racer.post(FindRate(1e-4, 10.0, 80), setup_of(tiny()))
    test = racer.until(lambda c: c.range_test is not None and c.range_test.done).range_test
    assert test.suggested is not None
    assert test.suggested[0] <= test.best <= test.suggested[1]


def test_trials_are_stopped_amid_the_work(racer):
    racer.post(CompareRates((SGD(),), (0.1, 1.0), 10_000_000), setup_of(tiny()))
    racer.until(lambda contest: contest.grid is not None)
    assert not racer.contest.grid.done
    grid = racer.do(StopTrials()).grid
    assert grid.done
    assert grid.verdicts == ((Verdict.PENDING,) * 2,)


def test_a_new_trial_ends_the_one_before(racer):
    racer.post(CompareRates((SGD(),), (0.1,), 10_000_000), setup_of(tiny()))
    racer.until(lambda contest: contest.grid is not None)
    racer.post(FindRate(steps=50), setup_of(tiny()))
    contest = racer.until(lambda c: c.range_test is not None and c.range_test.done)
    assert contest.grid.done


def test_a_trial_with_nothing_to_find_out_says_why_and_ends(racer):
    spec = tiny()
    data = with_nan_row(spec.data.load(0), 3)
    racer.post(CompareRates((SGD(),), (0.1,), 5), setup_of(spec, data=data))
    contest = racer.until(lambda contest: contest.trouble is not None)
    assert "not finite to begin with" in str(contest.trouble)
    assert contest.grid.done
    assert not racer.defects


def test_race_and_trials_take_turns(racer):
    racer.post(on("bowl"))
    racer.post(RaceOn())
    racer.post(CompareRates((SGD(),), (0.1,), 10_000_000), setup_of(tiny()))
    contest = racer.until(lambda contest: contest.grid is not None)
    racer.until(lambda later: later.step > contest.step)
    assert not racer.contest.grid.done


def test_the_window_goes_first(racer):
    racer.post(on("bowl"))
    racer.post(RaceOn())
    racer.until(lambda contest: contest.step > 50)
    # The door is opened again after a while that is longer than many steps: see core.courtesy.
    waits, free = [], racer.courtesy._free
    original = free.wait

    def wait(timeout):
        waits.append(timeout)
        return original(timeout)

    free.wait = wait
    racer.courtesy.begin()
    racer.until(lambda contest: waits)
    racer.courtesy.end()
    assert racer.do(HoldRace()).step > 50
