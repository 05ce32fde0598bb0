"""Trials of learning rates: what is said of them, and that nothing but copies is trained."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.optimizers import SGD, Adam, GradientDescent, Momentum
from core.errors import UserError
from core.experiment.layers import Dense
from core.landscape.rates import trial_run
from core.landscape.rates.rate_finder import RangeFinder
from core.landscape.rates.trials import RateTrials, verdict
from core.messages.race import CompareRates, Contest, FindRate, Verdict
from core.training.state import copy_tensors
from tests.core.experiments import regression, same, tiny, with_batch_norm, with_nan_row
from tests.core.racing import finished, setup_of, train_loss

LINEAR = {"layers": (Dense(units=1),)}


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (0.0, Verdict.LEARNS),
        (0.94, Verdict.LEARNS),
        (0.96, Verdict.CRAWLS),
        (1.0, Verdict.CRAWLS),
        (1.04, Verdict.CRAWLS),
        (0.76 / 0.72, Verdict.EXPLODES),
        (1.3, Verdict.EXPLODES),
        (1e30, Verdict.EXPLODES),
        (math.inf, Verdict.EXPLODES),
        (math.nan, Verdict.EXPLODES),
    ],
)
def test_a_verdict_goes_by_how_much_of_the_loss_is_left(end, expected):
    assert verdict(1.0, end) is expected
    assert verdict(7.0, 7.0 * end) is expected


def test_rates_too_small_to_learn_crawl_and_none_of_them_is_said_to_explode():
    """Whatever the batches, and also where there is next to nothing left to learn."""
    spec = tiny()
    setup = setup_of(spec)
    trainer = setup.trainer(Adam(learning_rate=0.05))
    trainer.run_on(400, math.inf, lambda: False)
    trained = replace(setup, tensors=copy_tensors(trainer.network))
    command = CompareRates((SGD(), Adam()), (1e-6, 1e-5, 1e-4), 100)
    for start in (setup, trained):
        grid = finished(RateTrials(start, command))
        assert Verdict.EXPLODES not in {one for row in grid.verdicts for one in row}
        assert grid.verdicts[0][0] is Verdict.CRAWLS


def test_each_trial_ends_with_the_loss_of_a_run_of_its_own_at_that_rate():
    setup = setup_of(tiny())
    rates = (0.001, 0.1, 1.0)
    command = CompareRates((SGD(learning_rate=5.0), Adam(beta1=0.5), GradientDescent()), rates, 20)
    grid = finished(RateTrials(setup, command))
    assert grid.start == pytest.approx(train_loss(setup.trainer()), rel=1e-6)
    rules = (SGD, lambda **rate: Adam(beta1=0.5, **rate), GradientDescent)
    for row, make in enumerate(rules):
        for column, rate in enumerate(rates):
            trainer = setup.trainer(make(learning_rate=rate))
            trainer.run_on(20, math.inf, lambda: False)
            assert trainer.step == 20
            expected = train_loss(trainer)
            assert grid.losses[row, column] == pytest.approx(expected, rel=1e-6)
            assert grid.verdicts[row][column] is verdict(grid.start, expected)
    assert grid.done
    assert (grid.optimizers, grid.rates, grid.steps) == (command.optimizers, rates, 20)


def test_a_quadratic_crawls_learns_and_explodes_where_theory_says():
    setup = setup_of(regression(**LINEAR))
    x = torch.cat([setup.data.train_inputs, torch.ones(len(setup.data.train_inputs), 1)], 1)
    largest = 2 * torch.linalg.eigvalsh(x.T @ x / len(x))[-1].item()  # of the Hessian of MSE
    stable = 2 / largest
    rates = (1e-6, stable / 2, stable * 1.2, stable * 20)
    grid = finished(RateTrials(setup, CompareRates((GradientDescent(),), rates, 300)))
    assert grid.verdicts[0] == (
        Verdict.CRAWLS,
        Verdict.LEARNS,
        Verdict.EXPLODES,
        Verdict.EXPLODES,
    )
    assert math.isnan(grid.losses[0, 3])


def test_progress_is_seen_trial_by_trial():
    command = CompareRates((SGD(), Adam()), (0.01, 0.1, 1.0), 30)
    trial = RateTrials(setup_of(tiny()), command)
    seen = []
    while not trial.done:
        trial.advance(0.0, lambda: False)  # the least that can be done
        view = trial.view()
        pending = [v is Verdict.PENDING for row in view.verdicts for v in row]
        assert [math.isnan(loss) for loss in view.losses.flat] == pending
        seen.append(pending.count(True))
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == set(range(7))


@given(st.lists(st.booleans(), max_size=40))
@settings(max_examples=8, deadline=None)
def test_interruptions_do_not_change_a_grid(interruptions):
    command = CompareRates((SGD(), Momentum()), (0.01, 0.3), 10)
    waiting = iter(interruptions)
    disturbed = finished(RateTrials(setup_of(tiny()), command), lambda: next(waiting, False))
    grid = finished(RateTrials(setup_of(tiny()), command))
    np.testing.assert_array_equal(disturbed.losses, grid.losses)
    assert disturbed.verdicts == grid.verdicts


def test_the_loss_is_measured_on_the_same_samples_before_and_after(monkeypatch):
    monkeypatch.setattr(trial_run, "SAMPLES", 7)
    setup = setup_of(tiny())
    grid = finished(RateTrials(setup, CompareRates((SGD(),), (1e-9,), 1)))
    assert grid.losses[0, 0] == pytest.approx(grid.start, rel=1e-6)
    assert grid.start != pytest.approx(train_loss(setup.trainer()), rel=1e-3)


def test_trials_leave_what_they_start_from_alone():
    setup = setup_of(with_batch_norm())
    before = [tensor.clone() for tensor in setup.tensors]
    finished(RateTrials(setup, CompareRates((SGD(), Adam()), (0.1, 1.0), 10)))
    finished(RangeFinder(setup, FindRate(steps=40)))
    assert same(list(setup.tensors), before)


def test_a_trial_that_is_stopped_leaves_the_rest_pending():
    trial = RateTrials(setup_of(tiny()), CompareRates((SGD(),), (0.01, 0.1), 5))
    trial.advance(0.0, lambda: False)
    trial.stop()
    assert trial.view().done
    assert Verdict.PENDING in trial.view().verdicts[0]


def test_a_start_that_is_not_finite_is_told():
    spec = tiny()
    setup = setup_of(spec, data=with_nan_row(spec.data.load(0), 3))
    with pytest.raises(UserError, match="not finite to begin with"):
        finished(RateTrials(setup, CompareRates((SGD(),), (0.1,), 5)))


@pytest.mark.parametrize("rates", [(), (0.1, 0.1), (0.2, 0.1), (0.0, 1.0), (-1.0, 1.0), (1.0, 101)])
def test_rates_that_cannot_be_tried_are_refused(rates):
    with pytest.raises(UserError, match="learning rates must rise"):
        RateTrials(setup_of(tiny()), CompareRates((SGD(),), rates))
    if len(rates) == 2:
        with pytest.raises(UserError, match="learning rates must rise"):
            RangeFinder(setup_of(tiny()), FindRate(*rates))


def test_no_steps_and_no_optimizers_are_refused():
    with pytest.raises(UserError, match="0 steps are too few"):
        RateTrials(setup_of(tiny()), CompareRates((SGD(),), (0.1,), 0))
    with pytest.raises(UserError, match="39 steps are too few"):
        RangeFinder(setup_of(tiny()), FindRate(steps=39))
    with pytest.raises(UserError, match="no optimizer"):
        RateTrials(setup_of(tiny()), CompareRates((), (0.1,)))


def test_findings_are_shown_in_the_contest_beside_what_else_is_there():
    grid = RateTrials(setup_of(tiny()), CompareRates((SGD(),), (0.1,), 5))
    finder = RangeFinder(setup_of(tiny()), FindRate())
    contest = finder.shown_in(grid.shown_in(Contest(arena="bowl")))
    assert contest.arena == "bowl"
    assert contest.grid.optimizers == (SGD(),)
    assert len(contest.range_test.rates) == 0
