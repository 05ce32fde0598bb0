"""Trials of learning rates: what is said of them, and that nothing but copies is trained."""

import math
from dataclasses import replace
from itertools import count

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.optimizers import SGD, Adam, GradientDescent, Momentum
from core.catalog.schedules import StepDecay
from core.errors import UserError
from core.experiment.layers import Dense
from core.experiment.spec import Training
from core.landscape.rates import trials
from core.landscape.rates.rate_finder import Means, RangeFinder, refusal, suggest
from core.landscape.rates.trials import RateTrials, verdict
from core.messages.race import CompareRates, Contest, FindRate, Verdict
from core.training.state import copy_tensors
from tests.core.experiments import regression, same, tiny, with_batch_norm, with_nan_row
from tests.core.racing import setup_of

LINEAR = {"layers": (Dense(units=1),)}


def finished(trial, slices=lambda: False):
    while not trial.done:
        trial.advance(math.inf, slices)
    return trial.view()


def train_loss(trainer):
    """The mean loss over all training samples, plainly."""
    network, data = trainer.network.eval(), trainer.data
    with torch.inference_mode():
        z = network(data.train_inputs)
        targets = trainer.spec.loss.encode(data.train_labels, data.shape.outputs, z.shape[1])
        loss = trainer.spec.loss.value(z, network.activate(z), targets)
    network.train()
    return float(loss)


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
    monkeypatch.setattr(trials, "SAMPLES", 7)
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


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40), st.integers(2, 20))
def test_means_are_exponential_and_free_of_bias(values, span):
    means = Means(span)
    for value in values:
        means.add(value)
    k = 1 - 1 / span
    for end, mean in enumerate(means.values, 1):
        weights = np.array([k ** (end - 1 - i) for i in range(end)])
        expected = (weights * values[:end]).sum() / weights.sum()
        assert mean == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert means.least == min(means.values)


def test_a_range_test_takes_the_steps_of_a_run_whose_rate_rises_by_an_equal_factor():
    spec = tiny(optimizer=Momentum(), schedule=StepDecay(every_epochs=1))
    setup = setup_of(spec)
    test = finished(RangeFinder(setup, FindRate(1e-4, 1.0, 60)))
    network = setup.trainer()
    parameters = list(network.network.parameters())
    optimizer = torch.optim.SGD(parameters, lr=0.0, momentum=0.9, fused=True)
    expected, ended = [], len(test.losses)
    batches = (batch for epoch in count() for batch in network.batches.epoch(epoch))
    for step, (inputs, targets) in zip(range(ended), batches, strict=False):
        optimizer.param_groups[0]["lr"] = float(1e-4 * 1e4 ** (step / 59))
        optimizer.zero_grad()
        z = network.network(inputs)
        loss = spec.loss.value(z, network.network.activate(z), targets)
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    np.testing.assert_allclose(test.losses, expected, rtol=1e-4)
    np.testing.assert_allclose(test.rates, [1e-4 * 1e4 ** (i / 59) for i in range(ended)])


def test_a_range_test_ends_when_the_loss_has_risen_far_or_is_lost():
    setup = setup_of(regression(**LINEAR, optimizer=GradientDescent()))
    test = finished(RangeFinder(setup, FindRate(1e-4, 100.0, 300)))
    assert test.done
    assert 50 < len(test.rates) < 300
    assert np.isfinite(test.losses).all()
    means, judged = test.smoothed, slice(30, -1)  # no mean counts before two tenths of the steps
    assert (means <= 4 * np.minimum.accumulate(means) * (1 + 1e-6))[judged].all()
    assert means[-1] > 4 * means.min()


def test_the_best_rate_of_a_quadratic_is_one_that_learns():
    setup = setup_of(regression(**LINEAR, optimizer=GradientDescent()))
    test = finished(RangeFinder(setup, FindRate(1e-5, 10.0, 200)))
    low, high = test.suggested
    assert test.trouble is None
    assert low <= test.best <= high
    x = torch.cat([setup.data.train_inputs, torch.ones(len(setup.data.train_inputs), 1)], 1)
    stable = 1 / torch.linalg.eigvalsh(x.T @ x / len(x))[-1].item()  # 2/λ, λ of 2XᵀX/n
    assert test.best < stable
    grid = finished(RateTrials(setup, CompareRates((GradientDescent(),), (test.best,), 100)))
    assert grid.verdicts == ((Verdict.LEARNS,),)


RATES = np.geomspace(1e-6, 10, 200)


def hill_and_valley(falls_at, rises_at, depth=0.8):
    """A loss of 1 that falls by ``depth`` about one rate and rises about another."""
    decades = np.log10(RATES)
    fall = depth / (1 + np.exp(-6 * (decades - math.log10(falls_at))))
    return 1 - fall + np.exp(6 * (decades - math.log10(rises_at)))


def test_the_suggestion_is_where_a_smooth_curve_falls_fastest():
    losses = hill_and_valley(1e-3, 1.0)
    found = suggest(RATES, losses, losses, 10)
    assert abs(math.log10(found.best) + 3) < 0.1
    # A logistic of 6 a decade has fallen by a tenth ln 9 / 6 = 0.37 of a decade before its middle.
    assert abs(math.log10(found.low) - (-3 - 0.37)) < 0.1
    assert found.high == pytest.approx(RATES[np.argmin(losses)] / 3)


@pytest.mark.parametrize(
    "losses",
    [
        np.ones(200),
        1 + np.linspace(0, 1, 200),
        1 - 0.04 * np.linspace(0, 1, 200),
        np.ones(5),
    ],
    ids=["level", "rising", "hardly falling", "too short"],
)
def test_nothing_is_suggested_where_the_loss_does_not_fall(losses):
    assert suggest(RATES[: len(losses)], losses, losses, 10) is None


@pytest.mark.parametrize("spread", [0.1, 0.4, 1.0])
def test_noise_alone_is_hardly_ever_taken_for_a_fall(spread):
    mistaken = 0
    for seed in range(200):
        losses = np.random.default_rng(seed).lognormal(-1, spread, 200)
        mistaken += suggest(RATES, losses, smoothed(losses), 10) is not None
    assert mistaken <= 4


def test_a_fall_is_found_under_noise():
    curve = hill_and_valley(1e-3, 1.0)
    for seed in range(20):
        losses = curve * np.random.default_rng(seed).lognormal(0, 0.3, 200)
        found = suggest(RATES, losses, smoothed(losses), 10)
        # The mean runs some ten steps behind, a third of a decade, and noise does the rest.
        assert abs(math.log10(found.best) + 3) < 1
        assert found.low <= found.best <= found.high < 1.0


def smoothed(losses):
    means = Means(10)
    for loss in losses:
        means.add(loss)
    return np.array(means.values)


def test_a_range_without_a_fall_says_so():
    test = finished(RangeFinder(setup_of(tiny()), FindRate(1e-9, 1e-8, 50)))
    assert test.done
    assert test.suggested is None
    assert test.best is None
    assert "hardly fell" in str(test.trouble)


def test_a_fall_that_noise_may_have_made_is_named_as_such():
    flat, swings = np.ones(200), np.random.default_rng(0).normal(0, 0.4, 200)
    noisy = flat + swings
    assert suggest(RATES, noisy, smoothed(noisy), 10) is None
    assert smoothed(noisy).min() < 0.9 * noisy[:20].mean()  # it did fall, by chance
    assert "differ from one another" in str(refusal(noisy, smoothed(noisy), 10))
    assert "hardly fell" in str(refusal(flat, smoothed(flat), 10))
    assert "hardly fell" in str(refusal(np.zeros(0), np.zeros(0), 10))


def test_a_range_test_that_is_stopped_says_so_and_keeps_what_it_has():
    finder = RangeFinder(setup_of(tiny()), FindRate())
    finder.advance(0.0, lambda: False)
    finder.stop()
    test = finder.view()
    assert test.done
    assert len(test.losses) == len(test.smoothed) == len(test.rates) == 1
    assert "stopped" in str(test.trouble)


def test_a_range_test_on_lost_weights_says_that_nothing_fell():
    spec = tiny(training=Training(batch_size=30))
    setup = setup_of(spec, data=with_nan_row(spec.data.load(0), 3))
    test = finished(RangeFinder(setup, FindRate()))
    assert len(test.losses) == 0
    assert test.trouble is not None
