"""The paths of a gradient: they add up to what autograd finds in float64."""

from itertools import pairwise
from math import fsum
from time import perf_counter

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import Phase as Run
from hypothesis import strategies as st

from core.catalog.activations import ReLU, Sigmoid, Softmax
from core.catalog.losses import MSE
from core.debugger.doubled import double, network_in_double
from core.debugger.formulas.formula import Factor
from core.debugger.why import paths as module
from core.debugger.why.exact import Exact
from core.debugger.why.graph import Graph
from core.debugger.why.paths import LISTED, GradientPaths, paths_from, paths_of
from core.experiment.layers import BatchNorm, Dense, Dropout, Residual
from core.experiment.spec import Training
from core.expression.tree import Symbol
from core.messages.breakpoints import Interventions
from core.messages.record import Phase
from core.training.step import objective, penalty_of
from tests.core.debugger.test_formulas import CURATED, dense_specs, image_specs, record_of
from tests.core.experiments import tiny, with_batch_norm, with_dropout

FEW = 400
"""Paths that are followed one and all."""


def backward(record):
    return [entry for entry in record.entries if entry.phase is Phase.BACKWARD]


def autograd(record):
    """The parameters' gradients in float64, by torch and nothing of the paths' own."""
    shapes = tuple(layer for layer in record.layers if len(layer.path) == 1)
    network = network_in_double(shapes, record)
    x, y = double(record.arrays["x"]), double(record.arrays["y"])
    penalty = penalty_of(record.spec.training)
    _, total = objective(network, record.spec.loss, penalty, network(x), y)
    named = network.named()
    found = torch.autograd.grad(total, list(named.values()))
    return {f"p:{name}": g.numpy() for name, g in zip(named, found, strict=True)}


def every_path(record, key, index, sample, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(module, "LISTED", 10**9)
        return paths_from(record, key, index, sample, most=10**9)


def identity_of(path):
    places = tuple((one.reached.key, one.reached.index) for one in path.factors)
    return path.begin.key, path.begin.index, places


def assert_adds_up(found):
    """What is listed and the rest are the gradient; nothing twice; the largest first."""
    products = [path.product for path in found.paths]
    whole = fsum([*products, found.rest])
    scale = max(map(abs, [found.number.value, found.rest, *products]))
    assert whole == pytest.approx(found.number.value, rel=1e-15, abs=1e-15 * scale)
    sizes = [abs(product) for product in products]
    assert all(a >= b * (1 - 1e-12) for a, b in pairwise(sizes))
    assert len({identity_of(path) for path in found.paths}) == len(found.paths)
    for path in found.paths:
        made = np.prod([factor.local.value for factor in path.factors])
        assert path.product == pytest.approx(made, rel=1e-14)
        for factor in path.factors:
            if factor.is_number is not None:
                assert factor.local.value == pytest.approx(
                    factor.is_number.value, rel=1e-3, abs=1e-5
                )


def assert_all_paths_are_the_gradient(found):
    assert found.left == 0
    products = [path.product for path in found.paths]
    scale = max(abs(found.number.value), fsum(map(abs, products)))
    assert abs(fsum(products) - found.number.value) <= 1e-12 * scale + 1e-300


def assert_paths(record, draw, monkeypatch):
    exact = autograd(record)
    for entry in backward(record):
        for sample in (None, draw(st.integers(0, record.samples - 1))):
            index = entry.index_of(draw(st.integers(0, entry.count - 1)))
            found = paths_of(record, entry, index, sample)
            key = entry.writes.removeprefix("d:")
            assert_adds_up(found)
            assert len(found.paths) == min(found.count, LISTED)
            if sample is None and key in exact:
                wanted = float(exact[key][index])
                scale = max([abs(wanted), *(abs(path.product) for path in found.paths)])
                assert found.number.value == pytest.approx(wanted, rel=1e-12, abs=1e-12 * scale)
            if found.count <= FEW:
                whole = every_path(record, key, index, sample, monkeypatch)
                assert_adds_up(whole)
                assert_all_paths_are_the_gradient(whole)
                listed = [abs(path.product) for path in found.paths]
                best = [abs(path.product) for path in whole.paths][: len(listed)]
                assert listed == pytest.approx(best, rel=1e-12)


RUNS = [Run.explicit, Run.reuse, Run.generate]
"""Without making a failing network smaller, which takes minutes."""
SLOW = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


@settings(deadline=None, max_examples=15, suppress_health_check=SLOW, phases=RUNS)
@given(spec=dense_specs(), data=st.data())
def test_the_paths_of_a_dense_network_add_up_to_autograds_gradient(spec, data, monkeypatch):
    assert_paths(record_of(spec), data.draw, monkeypatch)


@settings(deadline=None, max_examples=8, suppress_health_check=SLOW, phases=RUNS)
@given(spec=image_specs(), data=st.data())
def test_the_paths_of_an_image_network_add_up_to_autograds_gradient(spec, data, monkeypatch):
    assert_paths(record_of(spec), data.draw, monkeypatch)


def assert_every_number_hands_on_its_gradient(record, draw):
    """Of each array: a number's gradient is the sum of what it moves times their gradients."""
    exact = Exact(record)
    graph = Graph(exact)
    for key in graph.hops:
        if key == "terms" or f"d:{record.canonical(key)}" not in exact._arrays:
            continue
        array = exact.array(f"d:{key}")
        place = draw(st.integers(0, array.size - 1))
        parts = []
        for hop in graph.leading_on(key):
            places, local = hop.ahead(*divmod(place, hop.size))
            if hop.to == "terms":
                parts += list(local * exact.share)
            elif hop.to in graph.hops:  # what a fused loss gives besides leads nowhere
                parts += list(local * exact.array(f"d:{hop.to}").ravel()[places])
        scale = max([abs(part) for part in parts], default=0.0)
        assert fsum(parts) == pytest.approx(array.ravel()[place], rel=1e-11, abs=1e-12 * scale)


@settings(deadline=None, max_examples=15, suppress_health_check=SLOW, phases=RUNS)
@given(spec=image_specs(), data=st.data())
def test_local_derivatives_are_those_that_autograd_goes_by(spec, data):
    assert_every_number_hands_on_its_gradient(record_of(spec), data.draw)


@pytest.mark.parametrize("name", ["image", "wide", "mse", "cross_entropy"])
def test_each_factor_leads_to_the_operation_that_makes_the_number(name):
    record = record_of(CURATED[name], 2)
    entry = next(one for one in record.entries if one.writes == "d:p:0.weight")
    place = np.unravel_index(np.abs(record.arrays[entry.writes]).argmax(), entry.shape)
    found = paths_of(record, entry, tuple(int(i) for i in place), None)
    for path in found.paths:
        assert path.factors[-1].reached.key in ("loss", "penalty")
        for factor in path.factors:
            at, reached = factor.at, factor.reached
            made = record.entries[at.entry]
            assert (made.writes, at.step) == (reached.key, record.step)
            if made.per_sample:
                assert (at.sample, *at.index) == reached.index
            assert float(record.arrays[reached.key][reached.index]) == reached.value


def test_the_gradient_of_an_input_has_paths_though_the_step_had_no_need_of_it():
    record = record_of(CURATED["mse"])
    found = paths_from(record, "x", (0,), 1)
    exact = Exact(record, 1)
    assert found.recorded is None
    assert found.number.value == exact.array("d:x")[0, 0]
    assert_all_paths_are_the_gradient(found)


def test_batch_norm_leads_through_the_other_samples():
    spec = with_batch_norm(training=Training(batch_size=4))
    record = record_of(spec)
    entry = next(one for one in record.entries if one.writes == "d:z:0")
    found = paths_of(record, entry, (0,), 2)
    reached = {path.factors[-2].reached.index[0] for path in found.paths}
    assert reached - {2}


def test_a_penalty_is_a_path_of_its_own():
    spec = tiny(training=Training(batch_size=4, l1=0.1, l2=0.3))
    record = record_of(spec)
    entry = next(one for one in record.entries if one.writes == "d:p:0.weight")
    found = paths_of(record, entry, (1, 0))
    (penalty,) = [path for path in found.paths if path.factors[-1].reached.key == "penalty"]
    weight = float(record.arrays["p:0.weight"][1, 0])
    assert penalty.product == pytest.approx(0.1 * np.sign(weight) + 0.3 * weight, rel=1e-12)
    assert [p for p in paths_of(record, entry, (1, 0), 1).paths if len(p.factors) == 1] == []


def test_a_silenced_neuron_and_an_empty_group_are_told_as_they_are():
    layers = (
        Dense(units=3, activation=ReLU()),
        Residual(layers=(), activation=Sigmoid()),
        Dropout(rate=0.2),
        Dense(units=1, activation=Sigmoid()),
    )
    wanted = Interventions(knocked=frozenset({((0,), 1)}))
    record = record_of(tiny(layers=layers), 1, wanted)
    entry = next(one for one in record.entries if one.writes == "d:p:0.bias")
    silent = paths_of(record, entry, (1,))
    assert (silent.count, silent.number.value) == (0, 0)
    assert "no path" in str(silent.sentences[0])
    assert_all_paths_are_the_gradient(paths_of(record, entry, (0,), 1))


def test_a_large_batch_is_looked_through_where_it_pulls_most(monkeypatch):
    record = record_of(CURATED["wide"])
    entry = next(one for one in record.entries if one.writes == "d:z:0")
    monkeypatch.setattr(module, "WORK", 4000)
    found = paths_of(record, entry, (3,))
    shares = np.abs(Exact(record).array("d:z:0")[:, 3])
    assert set(found.samples) == set(np.argsort(-shares, kind="stable")[: len(found.samples)])
    assert 0 < len(found.samples) < record.samples
    assert_adds_up(found)
    assert len(found.sentences) == 3
    normed = record_of(with_batch_norm())
    entry = next(one for one in normed.entries if one.writes == "d:z:0")
    monkeypatch.setattr(module, "WORK", 10)
    refused = paths_of(normed, entry, (0,), 1)
    assert refused.refused is not None
    assert refused.rest == refused.number.value


def test_numbers_that_are_not_finite_are_refused():
    spec = with_dropout(layers=(Dense(units=3), BatchNorm(), Dense(units=3, activation=Softmax())))
    record = record_of(spec)
    broken = {**record.arrays, "x": np.full_like(record.arrays["x"], np.nan)}
    object.__setattr__(record, "arrays", broken)
    entry = next(one for one in record.entries if one.writes == "d:z:0")
    assert paths_of(record, entry, (0,)).refused is not None


def test_a_small_networks_paths_come_at_once():
    record = record_of(tiny(layers=(Dense(units=8), Dense(units=8), Dense(units=1)), loss=MSE()))
    entry = next(one for one in record.entries if one.writes == "d:p:0.weight")
    spent = []
    for _ in range(5):
        begun = perf_counter()
        paths_of(record, entry, (0, 0))
        spent.append(perf_counter() - begun)
    assert min(spent) < 0.1


def test_all_digits_are_said_only_where_those_shown_differ():
    number = Factor(Symbol("g"), 0.12345678)
    alike = GradientPaths(number, 0.1234568, count=2)
    other = GradientPaths(number, 0.1236, count=2)
    assert not any("digits" in str(one) for one in alike.sentences)
    assert "0.12345678" in str(alike.precision)
    assert "digits" in str(other.sentences[-1])
