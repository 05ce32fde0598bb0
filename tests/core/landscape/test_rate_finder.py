"""The learning-rate range test: what it suggests is a rate that training at lowers the loss."""

import math
from itertools import count

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.activations import ReLU, Sigmoid, Tanh
from core.catalog.base import entries_of
from core.catalog.initializers import Zeros
from core.catalog.losses import BinaryCrossEntropy
from core.catalog.optimizers import GradientDescent, Momentum, Optimizer
from core.catalog.schedules import StepDecay
from core.data.logic import XorGate
from core.data.toy import Gaussians
from core.experiment.layers import Dense
from core.experiment.spec import ExperimentSpec, Training
from core.landscape.rates.rate_finder import RangeFinder
from core.landscape.rates.sweep import Means, in_short, is_level, refusal, suggest
from core.landscape.rates.trials import RateTrials
from core.messages.race import CompareRates, FindRate, Verdict
from core.presets import PRESETS
from tests.core.experiments import regression, tiny, with_nan_row
from tests.core.racing import finished, setup_of, train_loss

LINEAR = {"layers": (Dense(units=1),)}


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
    test = finished(RangeFinder(setup, FindRate(1e-4, 100.0, 60)))
    network = setup.trainer()
    parameters = list(network.network.parameters())
    optimizer = torch.optim.SGD(parameters, lr=0.0, momentum=0.9, fused=True)
    expected, ended = [], len(test.losses)
    batches = (batch for epoch in count() for batch in network.batches.epoch(epoch))
    for step, (inputs, targets) in zip(range(ended), batches, strict=False):
        optimizer.param_groups[0]["lr"] = float(1e-4 * 1e6 ** (step / 59))
        optimizer.zero_grad()
        z = network.network(inputs)
        loss = spec.loss.value(z, network.network.activate(z), targets)
        loss.backward()
        optimizer.step()
        expected.append(loss.item())
    np.testing.assert_allclose(test.losses, expected, rtol=1e-4)
    np.testing.assert_allclose(test.rates, [1e-4 * 1e6 ** (i / 59) for i in range(ended)])


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
    assert low < test.best == high
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


def test_the_suggestion_is_a_tenth_of_the_rate_where_a_smooth_curve_turns():
    losses = hill_and_valley(1e-3, 1.0)
    found = suggest(RATES, losses, losses, 10)
    assert found.turn == pytest.approx(RATES[np.argmin(losses)])
    assert found.is_risen
    assert 0.095 * found.turn < found.best <= 0.1 * found.turn
    # A logistic of 6 a decade has fallen by a tenth ln 9 / 6 = 0.37 of a decade before its middle.
    assert abs(math.log10(found.low) - (-3 - 0.37)) < 0.1


def test_a_first_rise_counts_though_the_loss_falls_further_beyond_it():
    wave = 0.3 * np.exp(-8 * (np.log10(RATES) + 2) ** 2)  # about 0.01
    losses = hill_and_valley(1e-3, 3.0) + wave - 0.1 * (RATES > 0.1)
    found = suggest(RATES, losses, losses, 10)
    assert RATES[np.argmin(losses)] > 0.1
    assert 1e-3 < found.turn < 1e-2
    assert found.best <= 0.1 * found.turn


def test_a_fall_that_goes_on_to_the_end_is_known_as_such():
    losses = hill_and_valley(1.0, 1e9)
    found = suggest(RATES, losses, losses, 10)
    assert not found.is_risen
    assert found.turn == pytest.approx(10.0)
    assert found.best == 1.0


@given(st.floats(1e-8, 99.0))
def test_a_rate_in_short_has_two_digits_and_is_never_above_what_it_was(rate):
    short = in_short(rate)
    assert short == float(f"{short:.1e}")
    assert 0.9 * rate < short <= rate * (1 + 1e-8)


@given(st.floats(1e-7, 100.0))
def test_a_tenth_of_a_rate_in_short_is_its_tenth_in_short(rate):
    """What is said of the turn and of the suggestion agrees."""
    assert in_short(rate / 10) == pytest.approx(in_short(rate) / 10, rel=1e-9)


@pytest.mark.parametrize(
    "losses",
    [
        np.ones(200),
        1 + np.linspace(0, 1, 200),
        1 - 0.008 * np.linspace(0, 1, 200),
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
        assert -2.5 < math.log10(found.turn) < 0.5  # the valley is flat between
        assert found.low < found.best <= 0.1 * found.turn


def smoothed(losses):
    means = Means(10)
    for loss in losses:
        means.add(loss)
    return np.array(means.values)


def test_a_range_without_a_fall_says_so():
    """From weights of zero a single unit on XOR has no gradient at all."""
    zeros = Dense(units=1, activation=Sigmoid(), weight_init=Zeros())
    setup = setup_of(XOR_231.model_copy(update={"layers": (zeros,)}))
    test = finished(RangeFinder(setup, FindRate(1e-3, 1.0, 50)))
    assert test.done
    assert test.rates[-1] == pytest.approx(100.0)
    assert test.suggested is None
    assert test.best is None
    assert "hardly fell" in str(test.trouble)


def test_a_range_too_low_to_move_the_loss_goes_on_to_rates_that_do():
    setup = setup_of(tiny())
    test = finished(RangeFinder(setup, FindRate(1e-6, 1e-5, 50)))
    assert test.rates[-1] > 1e-2
    assert (np.diff(np.log10(test.rates)) <= 1 / 30 + 1e-9).all()
    assert_lowers_the_loss(setup, test)


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


def test_two_reasons_more_why_nothing_is_suggested_are_told_apart():
    rising = 1 + np.linspace(0, 1, 200)
    assert "before it rose" in str(refusal(rising, rising, 10))
    assert not is_level(rising, rising, 10)
    assert is_level(np.ones(200), np.ones(200), 10)
    assert not is_level(np.ones(5), np.ones(5), 10)


XOR_231 = ExperimentSpec(
    name="Logistic regression turned into 2-3-1 on XOR",
    data=XorGate(),
    layers=(Dense(units=3, activation=Tanh()), Dense(units=1, activation=Sigmoid())),
    loss=BinaryCrossEntropy(),
    optimizer=GradientDescent(learning_rate=0.01),
)


def test_a_fall_to_the_sweeps_end_is_told_and_the_sweep_goes_on():
    """On XOR it suggested 10, the end of its own sweep, with which the loss went from 0.8 to 5."""
    setup = setup_of(XOR_231, seed=0)
    test = finished(RangeFinder(setup, FindRate()))
    assert test.rates[-1] > 10.0
    assert "had not risen yet at 10" in str(test.notes[0])
    assert test.best < 10.0
    assert_lowers_the_loss(setup, test)


@pytest.mark.parametrize("hidden", [Tanh(), Sigmoid()], ids=lambda one: one.kind)
def test_xor_has_a_rate_whatever_its_first_weights_are(hidden):
    layers = (Dense(units=3, activation=hidden), XOR_231.layers[1])
    for seed in range(6):
        setup = setup_of(XOR_231.model_copy(update={"layers": layers}), seed=seed)
        test = finished(RangeFinder(setup, FindRate()))
        assert test.best is not None
        assert_lowers_the_loss(setup, test)


def test_what_is_suggested_is_no_rate_at_which_the_trials_explode():
    for seed in range(6):
        setup = setup_of(XOR_231, seed=seed)
        test = finished(RangeFinder(setup, FindRate()))
        command = CompareRates((setup.spec.optimizer,), (test.best,), 100)
        (found,) = finished(RateTrials(setup, command)).verdicts[0]
        assert found is not Verdict.EXPLODES


def assert_lowers_the_loss(setup, test):
    """Two hundred steps at what is suggested, by a run of its own; or why nothing is."""
    assert (test.best is None) == (test.suggested is None) == (test.trouble is not None)
    if test.best is None:
        return
    trainer = setup.trainer(setup.spec.optimizer.model_copy(update={"learning_rate": test.best}))
    before = train_loss(trainer)
    trainer.run_on(200, math.inf, lambda: False)
    assert train_loss(trainer) < before
    assert 0 < test.suggested[0] < test.suggested[1] == test.best
    assert f"Trained for 200 steps at {test.best:g}, the loss fell" in str(test.notes[-1])


def _slow_if_large(name):
    """Networks of images take half a minute each: they go with the slow tests."""
    return pytest.param(name, marks=pytest.mark.slow if name.startswith("cnn") else ())


@pytest.mark.parametrize("name", map(_slow_if_large, PRESETS))
def test_training_at_the_suggested_rate_lowers_the_loss_of_every_preset(name):
    spec = PRESETS[name].spec.model_copy(update={"device": "cpu"})
    setup = setup_of(spec, seed=spec.seed)
    test = finished(RangeFinder(setup, FindRate()))
    assert test.best is not None
    assert_lowers_the_loss(setup, test)


@pytest.mark.parametrize("kind", entries_of(Optimizer))
def test_training_at_the_suggested_rate_lowers_the_loss_with_every_optimizer(kind):
    optimizer = entries_of(Optimizer)[kind].model_validate({})
    for spec in (tiny(optimizer=optimizer), XOR_231.model_copy(update={"optimizer": optimizer})):
        setup = setup_of(spec)
        assert_lowers_the_loss(setup, finished(RangeFinder(setup, FindRate())))


@given(
    units=st.lists(st.integers(1, 6), max_size=3),
    activation=st.sampled_from([ReLU(), Tanh(), Sigmoid()]),
    kind=st.sampled_from(sorted(entries_of(Optimizer))),
    batch=st.sampled_from([1, 8, 30]),
    seed=st.integers(0, 99),
)
@settings(max_examples=12, deadline=None)
def test_training_at_the_suggested_rate_lowers_the_loss_of_any_small_network(
    units, activation, kind, batch, seed
):
    hidden = [Dense(units=count, activation=activation) for count in units]
    spec = tiny(
        layers=(*hidden, Dense(units=1, activation=Sigmoid())),
        optimizer=entries_of(Optimizer)[kind].model_validate({}),
        training=Training(batch_size=batch),
        data=Gaussians(samples=40),
    )
    setup = setup_of(spec, seed=seed)
    assert_lowers_the_loss(setup, finished(RangeFinder(setup, FindRate())))


def test_a_suggestion_that_does_not_hold_gives_way_to_a_smaller_one():
    """The worked example falls to the end of the sweep, and explodes at a tenth of that."""
    spec = PRESETS["worked-2-3-2"].spec
    test = finished(RangeFinder(setup_of(spec, seed=spec.seed), FindRate()))
    told = [str(note) for note in test.notes]
    assert "it is least at 100; a tenth of that is 10" in told[1]
    assert told[2] == "Training at 3 rates from 10 down to 0.98 did not lower the loss."
    assert test.best < 0.98
    assert test.progress[0] >= len(test.rates) + 200


def test_weights_at_their_best_have_no_rate_and_it_is_said_why():
    spec = regression(**LINEAR, optimizer=GradientDescent(learning_rate=0.1))
    setup = setup_of(spec)
    trainer = setup.trainer()
    trainer.run_on(5000, math.inf, lambda: False)
    at_best = setup.of_trainer(trainer)
    test = finished(RangeFinder(at_best, FindRate()))
    assert test.best is None
    assert test.suggested is None
    assert "trained already" in str(test.trouble)
