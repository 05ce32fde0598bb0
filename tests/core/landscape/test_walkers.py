"""Runners as plain torch loops would have them; what is lost stays at its last finite place."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import Parameter

from core.catalog.functions import FUNCTIONS
from core.catalog.optimizers import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSprop,
)
from core.experiment.layers import Dense
from core.experiment.network import Network
from core.experiment.spec import Training
from core.landscape.race.problems import FunctionProblem, NetworkProblem
from core.landscape.race.race import Race
from core.landscape.race.walkers import NetworkWalker, Noise
from core.messages.breakpoints import Interventions
from core.messages.race import NETWORK, RaceChoice, Runner
from core.training.batches import Batches
from core.training.state import write_tensors
from tests.core.experiments import regression, tensors_of, tiny, with_dropout, with_nan_row
from tests.core.plain import plain
from tests.core.racing import go, losses, places, race_on, setup_of

# Each choice beside the torch optimizer that it must be, spelt out by hand.
TORCH = [
    (GradientDescent(learning_rate=0.04), torch.optim.SGD, {"lr": 0.04}),
    (SGD(learning_rate=0.03), torch.optim.SGD, {"lr": 0.03}),
    (Momentum(), torch.optim.SGD, {"lr": 0.01, "momentum": 0.9, "fused": True}),
    (
        Nesterov(momentum=0.8),
        torch.optim.SGD,
        {"lr": 0.01, "momentum": 0.8, "nesterov": True, "fused": True},
    ),
    (Adagrad(learning_rate=0.2), torch.optim.Adagrad, {"lr": 0.2, "fused": True}),
    (RMSprop(), torch.optim.RMSprop, {"lr": 0.01, "foreach": True}),
    (Adam(learning_rate=0.02), torch.optim.Adam, {"lr": 0.02, "fused": True}),
    (AdamW(learning_rate=0.02), torch.optim.AdamW, {"lr": 0.02, "fused": True}),
]
RUNNERS = tuple(Runner(number, row[0]) for number, row in enumerate(TORCH))


def test_runners_on_a_network_are_separate_runs_of_torch_optim_bit_for_bit():
    steps, spec = 50, regression()
    setup = setup_of(spec)
    race = go(Race(NetworkProblem(setup), RaceChoice(NETWORK, RUNNERS)), steps)
    data = setup.data
    for (choice, factory, flags), view in zip(TORCH, race.views(), strict=True):
        network = Network(setup.shapes, spec.seed)
        write_tensors(network, setup.tensors)
        model = plain(spec.layers, data.shape.input_shape, network).train()
        optimizer = factory(model.parameters(), **flags)
        size = len(data.train_inputs) if choice.full_batch else spec.training.batch_size
        batches = Batches(data.train_inputs, data.train_labels, size, spec.seed)
        expected = []
        for epoch in range(steps):
            for x, y in batches.epoch(epoch):
                if len(expected) == steps:
                    break
                optimizer.zero_grad()
                loss = torch.nn.functional.mse_loss(model(x), y)
                loss.backward()
                optimizer.step()
                expected.append(loss.item())
        ours = race.entrants[view.id].walker.place()
        theirs = torch.cat([parameter.detach().reshape(-1) for parameter in model.parameters()])
        assert torch.equal(ours, theirs), choice.kind
        assert view.losses.tolist() == expected
        window = min(32, batches.steps_per_epoch)
        means = [np.mean(expected[max(0, i - window + 1) : i + 1]) for i in range(steps)]
        assert view.window == window
        assert view.means.tolist() == pytest.approx(means, rel=1e-6)
        assert view.best == pytest.approx(min(means[window - 1 :]), rel=1e-12)
        assert view.steps.tolist() == list(range(steps))
        assert view.points.shape == (0, 2)


@pytest.mark.parametrize("kind", ["ravine", "rosenbrock", "noisy_bowl"])
def test_runners_on_a_function_are_separate_runs_of_torch_optim_bit_for_bit(kind):
    steps, function = 50, FUNCTIONS[kind]
    noise = Noise(function.noise, 5)
    race = go(Race(FunctionProblem(kind, 5), RaceChoice(kind, RUNNERS)), steps)
    for (_, factory, flags), view in zip(TORCH, race.views(), strict=True):
        p = Parameter(torch.tensor(function.start, dtype=torch.float64))
        optimizer = factory([p], **flags)
        points, values = [p.tolist()], [function.value(*p.detach()).item()]
        for step in range(steps):
            optimizer.zero_grad()
            function.value(p[0], p[1]).backward()
            p.grad += noise.at(step)
            optimizer.step()
            value = function.value(*p.detach()).item()
            if not (abs(value) <= 1e12 and p.detach().abs().max() <= 1e6):
                break
            points.append(p.tolist())
            values.append(value)
        assert view.points.tolist() == points
        assert view.losses.tolist() == np.float32(values).tolist()
        assert view.steps.tolist() == list(range(len(values)))
        assert view.diverged == (None if len(values) == steps + 1 else len(values))
        assert view.best == min(values)


def test_runners_with_dropout_have_the_same_batches_and_masks():
    setup = setup_of(with_dropout())
    twins = go(race_on(NetworkProblem(setup), SGD(), SGD(), Adam()), 40)
    first, second, other = losses(twins)
    assert first == second
    assert first[0] == other[0]
    assert first != other


def test_a_runner_walks_as_it_would_alone():
    setup = setup_of(with_dropout())
    together = go(race_on(NetworkProblem(setup), SGD(), Adam(), Momentum()), 37)
    for number, optimizer in enumerate((SGD(), Adam(), Momentum())):
        alone = go(race_on(NetworkProblem(setup), optimizer), 37)
        assert losses(together)[number] == losses(alone)[0]
        assert torch.equal(places(together)[number], places(alone)[0])


def test_a_large_step_given_up_amid_it_is_taken_again(monkeypatch):
    monkeypatch.setattr("core.training.recording.PIECE", 4)
    setup = setup_of(with_dropout())
    answers = iter([False, True, False, True, True])
    race = race_on(NetworkProblem(setup), SGD())
    race.go_on(6)
    while race.busy:
        race.advance(math.inf, lambda: next(answers, False))
    assert losses(race) == losses(go(race_on(NetworkProblem(setup), SGD()), 6))


def test_noise_can_be_asked_for_in_any_order_and_has_the_deviation_it_says():
    noise, steps = Noise(2.0, 3), [0, 1, 1023, 1024, 5000]
    forwards = [noise.at(step).tolist() for step in steps]
    backwards = [noise.at(step).tolist() for step in reversed(steps)]
    assert forwards == backwards[::-1]
    assert len({tuple(each) for each in forwards}) == len(steps)
    drawn = torch.stack([noise.at(step) for step in range(4000)])
    assert drawn.mean(0).abs().max() < 0.15  # some five standard errors
    assert (drawn.std(0) - 2.0).abs().max() < 0.12


def test_a_runner_that_leaves_a_function_stays_at_its_last_place_and_the_others_go_on():
    race = go(race_on(FunctionProblem("ravine", 0), SGD(learning_rate=0.2), Adam()), 40)
    lost, kept = race.views()
    # Across the ravine each step multiplies y by 1 - 40 · 0.2 = -7: beyond 1e12 after 20 · 7^2k.
    assert lost.diverged == math.ceil(math.log(1e12 / 20) / math.log(49))
    assert lost.points[-1][1] == pytest.approx((-7.0) ** (lost.diverged - 1))
    assert lost.steps[-1] == lost.diverged - 1
    assert np.isfinite(lost.losses).all()
    assert (kept.diverged, kept.steps[-1], race.step) == (None, 40, 40)


def test_a_network_that_diverges_keeps_its_last_finite_weights():
    spec = regression(layers=(Dense(units=4), Dense(units=1)))
    setup = setup_of(spec)
    race = go(race_on(NetworkProblem(setup), SGD(learning_rate=5.0), SGD(learning_rate=0.01)), 100)
    lost, kept = race.views()
    alone = setup.trainer(SGD(learning_rate=5.0))
    before = []
    while True:  # the same run, looked at after each step
        state = tensors_of(alone)
        alone.run(1, math.inf, lambda: False)
        part = alone.flush()
        if not part.finite:
            break
        before.append(state)
    told = len(before) + bool(np.isfinite(part.losses[0]))
    last = torch.cat([tensor.reshape(-1) for tensor in state])
    assert torch.equal(race.entrants[0].walker.place(), last)
    assert lost.diverged == told
    assert len(lost.losses) == told
    assert np.isfinite(lost.losses).all()
    assert (kept.diverged, len(kept.losses)) == (None, 100)
    route = race.entrants[0].route()
    assert all(bool(state.isfinite().all()) for state in route.states)
    assert route.steps[-1] == len(before)


def test_a_network_whose_first_loss_is_no_number_has_diverged_before_its_first_step():
    spec = tiny(training=Training(batch_size=30))
    setup = setup_of(spec, data=with_nan_row(spec.data.load(0), 3))
    race = go(race_on(NetworkProblem(setup), SGD()), 5)
    (view,) = race.views()
    assert view.diverged == 0
    assert len(view.losses) == 0
    assert math.isnan(view.loss)
    assert not race.is_running


def test_numbers_held_and_neurons_silenced_hold_for_the_runners_too():
    held = Interventions(frozen=frozenset({("0.weight", (1, 0))}), knocked=frozenset({((0,), 2)}))
    setup = setup_of(tiny(), interventions=held)
    race = go(race_on(NetworkProblem(setup), SGD(), Adam(), Momentum()), 25)
    free = go(race_on(NetworkProblem(replace(setup, interventions=Interventions())), SGD()), 25)
    weight = setup.tensors[0]
    assert weight.shape == (4, 2)
    for place in places(race).values():
        moved = place[:8].view(4, 2)
        assert moved[1, 0] == weight[1, 0]
        assert moved[1, 1] != weight[1, 1]
        assert torch.equal(moved[2], weight[2])  # a silenced neuron gets no gradient
    assert losses(race)[0] != losses(free)[0]


def test_inputs_changed_by_hand_are_changed_for_the_runners_and_for_nobody_else():
    spec = tiny()
    changed = Interventions(inputs={(4, (1,)): 9.0})
    setup = setup_of(spec, interventions=changed)
    untouched = setup.data.train_inputs.clone()
    race = go(race_on(NetworkProblem(setup), SGD(), Adam()), 8)
    assert torch.equal(setup.data.train_inputs, untouched)
    by_hand = spec.data.load(spec.seed)
    by_hand.train_inputs[4, 1] = 9.0
    expected = go(race_on(NetworkProblem(setup_of(spec, data=by_hand)), SGD(), Adam()), 8)
    assert losses(race) == losses(expected)


def test_time_is_that_of_the_steps_taken():
    walker = NetworkWalker(setup_of(tiny()).trainer())
    assert walker.seconds == 0
    times = []
    for _ in range(5):
        assert walker.take(lambda: False)
        times.append(walker.seconds)
    seconds = [note.seconds for note in walker.settle()]
    assert times == sorted(times)
    assert seconds == [0.0, *times[:-1]]
