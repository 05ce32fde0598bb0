"""What is said of a number is true of that number: it is nudged, and the other one is looked at."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalog.activations import ReLU, Sigmoid
from core.catalog.losses import HalfMSE
from core.catalog.optimizers import SGD, Adam, AdamW, Momentum
from core.data.worked import WorkedExample
from core.debugger.formulas.explain import RULES, explain
from core.debugger.formulas.spot import OneNumber
from core.debugger.formulas.updates import moved, step_of
from core.debugger.sentences.say import TEMPLATES, say
from core.debugger.sentences.words import number, rough
from core.debugger.tape import record_step
from core.experiment.layers import Dense
from core.experiment.spec import Training
from core.messages.breakpoints import Interventions
from tests.core.debugger.replay import Replay
from tests.core.debugger.test_formulas import CURATED, dense_specs, image_specs, record_of
from tests.core.debugger.test_scope import SPECS
from tests.core.experiments import tiny, trainer_of

TINY = 1e-4
"""The part of a nudge at which a curve is its own tangent."""
ROUNDED = 1e-6
"""What float32 leaves open of a gradient at the start of the way back."""


def said_of(record, entry, index, sample):
    formula = explain(record, entry, index, sample)
    return say(record, entry, index, sample, formula), formula


def noise_of(claim, formula):
    """What float32 may have rounded off a gradient of many summands, or off a value."""
    scale = max([abs(term.value) for term in formula.terms] + [abs(formula.result.value)])
    count = len(formula.terms) + formula.left_out[0]
    summed = 3e-5 * scale * max(count, 1) ** 0.5
    if claim.is_exact:
        return claim.by * summed + 1e-6 * abs(claim.moves.value)
    # An output of 1 is rounded by 1e-7, and so is ŷ − y, however near they are.
    return claim.by * (summed + ROUNDED)


def assert_true(replay, saying, formula):
    """Sign and size, to first order; whole for what is said without an *about*."""
    claim = saying.claim
    if claim is None:
        return
    if claim.nudged is None:
        assert_happens(replay.record, claim)
        return
    part = 1.0 if claim.is_exact else TINY
    base = replay.run(claim, 0.0)
    found = (replay.run(claim, claim.by * part) - base) / part
    # Of two losses as large as these float64 tells no finer difference: a few units of its last.
    rounded = 4 * np.spacing(abs(base)) / part
    near = pytest.approx(claim.change, rel=5e-3, abs=noise_of(claim, formula) + rounded)
    assert found == near, str(saying)


def assert_happens(record, claim):
    """What the step itself does to a number."""
    before = "p:" if claim.moves.key.startswith("after:") else "d:p:"
    was = record.arrays[before + claim.moves.key.partition(":")[2]][claim.moves.index]
    now = record.arrays[claim.moves.key][claim.moves.index]
    assert claim.change == pytest.approx(float(now) - float(was), rel=1e-6, abs=1e-12)


def assert_says_its_claim(saying):
    """The words are those of the claim: its direction, and its digits."""
    claim, text = saying.claim, str(saying)
    assert text
    assert "{" not in text
    if claim is None or claim.nudged is None:
        return
    would = next(one for one in saying.sentences if "by" in one.values)
    direction = "would not" if not claim.change else "fall" if claim.change < 0 else "rise"
    assert direction in would.template
    if claim.change:
        digits = (
            number(float(f"{abs(claim.change):.4g}")) if claim.is_exact else rough(claim.change)
        )
        assert str(would).endswith(f" {digits}.")
        assert ("about" in would.template) != claim.is_exact


def assert_all_true(record, pick):
    replay = Replay(record)
    for entry in record.entries:
        for sample in (None, pick(record.samples)):
            saying, formula = said_of(record, entry, entry.index_of(pick(entry.count)), sample)
            assert_says_its_claim(saying)
            assert_true(replay, saying, formula)


def test_every_kind_of_entry_has_a_template():
    assert set(TEMPLATES) == set(RULES)


@pytest.mark.parametrize("name", CURATED)
@pytest.mark.parametrize("steps", [1, 2])
def test_what_is_said_of_every_kind_of_entry_is_true(name, steps):
    record, numbers = record_of(CURATED[name], steps), np.random.default_rng(steps)
    for _ in range(2):
        assert_all_true(record, lambda count: int(numbers.integers(count)))


@pytest.mark.parametrize("name", SPECS)
def test_what_is_said_in_every_preset_is_true(name):
    record, numbers = record_step(trainer_of(SPECS[name])).record, np.random.default_rng(0)
    assert_all_true(record, lambda count: int(numbers.integers(count)))


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(spec=dense_specs(), steps=st.integers(1, 3), data=st.data())
def test_what_is_said_in_a_random_dense_network_is_true(spec, steps, data):
    assert_all_true(record_of(spec, steps), lambda n: data.draw(st.integers(0, n - 1)))


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(spec=image_specs(), steps=st.integers(1, 2), data=st.data())
def test_what_is_said_in_a_random_convolutional_network_is_true(spec, steps, data):
    assert_all_true(record_of(spec, steps), lambda n: data.draw(st.integers(0, n - 1)))


def test_an_estimate_is_near_at_the_very_nudge_it_speaks_of():
    """Not only to first order: 19 of 20 within a third."""
    within = []
    for name in ("wide", "cross_entropy", "mse", "adam-6", "image"):
        record, numbers = record_of(CURATED[name], 2), np.random.default_rng(1)
        replay = Replay(record)
        for entry in record.entries:
            for sample in (None, 0):
                index = entry.index_of(int(numbers.integers(entry.count)))
                claim = said_of(record, entry, index, sample)[0].claim
                if claim is not None and claim.nudged is not None and claim.change:
                    found = replay.run(claim, claim.by) - replay.run(claim, 0.0)
                    within.append(abs(found - claim.change) < abs(claim.change) / 3)
    assert np.mean(within) > 0.95


# Special numbers have sentences of their own


def small(layers, inputs=((1.0, 2.0),), targets=((1.0,),), **fields):
    data = WorkedExample(inputs=inputs, targets=targets)
    return tiny(data=data, layers=layers, loss=HalfMSE(), **fields)


def replace_arrays(record, arrays):
    return replace(record, arrays={**record.arrays, **arrays})


@pytest.mark.parametrize(
    ("value", "words"), [(np.nan, "not a number"), (np.inf, "infinite"), (-np.inf, "below 0")]
)
@pytest.mark.parametrize("kind", ["linear", "weight_gradient", "update", "loss"])
def test_a_number_that_is_none_is_said_to_be_none(value, words, kind):
    record = record_of(CURATED["sgd-1"])
    entry = next(one for one in record.entries if one.kind == kind)
    record = replace_arrays(
        record, {entry.writes: np.full_like(record.arrays[entry.writes], value)}
    )
    saying = said_of(record, entry, (0,) * len(entry.shape), None)[0]
    assert words in str(saying)
    assert saying.claim is None


def test_a_record_of_nothing_but_nan_can_be_told_whole():
    record = record_of(CURATED["image"])
    arrays = {
        key: np.full_like(array, np.nan) if array.dtype == np.float32 else array
        for key, array in record.arrays.items()
    }
    record = replace_arrays(record, arrays)
    for entry in record.entries:
        for sample in (None, 0):
            assert said_of(record, entry, entry.index_of(0), sample)[0].claim is None


def test_a_silent_relu_a_zero_weight_and_a_number_on_the_corner_say_so():
    layers = (Dense(units=2, activation=ReLU()), Dense(units=1, activation=Sigmoid()))
    record = record_of(small(layers))
    z = record.arrays["z:0"].copy()
    entry = next(one for one in record.entries if one.kind == "activation")
    for value, words in ((-0.5, "is below 0, and ReLU makes 0 of it"), (0.0, "on the corner")):
        z[:] = value
        told = replace_arrays(record, {"z:0": z, "a:0": z * 0})
        assert words in str(said_of(told, entry, (0,), 0)[0])
    back = next(one for one in record.entries if one.writes == "d:z:0")
    z[:] = -0.5
    told = replace_arrays(record, {"z:0": z, "a:0": z * 0, "d:z:0": z * 0})
    assert "is flat at this" in str(said_of(told, back, (0,), 0)[0])
    z[:] = 0.0
    told = replace_arrays(record, {"z:0": z, "a:0": z * 0, "d:z:0": z * 0})
    assert "one side of it only" in str(said_of(told, back, (0,), 0)[0])


def test_weights_pull_the_sum_and_the_loss_wants_it_somewhere():
    layers = (Dense(units=1, activation=Sigmoid()),)
    record = record_of(small(layers))
    entry = next(one for one in record.entries if one.kind == "weight_gradient")
    saying, _ = said_of(record, entry, (0, 0), 0)
    pulls = float(record.arrays["p:0.weight"][0, 0] * record.arrays["x"][0, 0])
    assert f"pulls z⁽¹⁾₁ {'up' if pulls > 0 else 'down'} by {number(abs(pulls))}" in str(saying)
    assert "the loss wants z⁽¹⁾₁ higher" in str(saying)
    assert saying.claim.change < 0
    nothing = record_of(small(layers, inputs=((0.0, 0.0),)))
    said = str(said_of(nothing, entry, (0, 0), 0)[0])
    assert said.startswith("x₁ is 0, so this weight had no part in z⁽¹⁾₁.")


def test_a_batch_of_one_is_told_as_its_sample_is():
    layers = (Dense(units=2, activation=ReLU()), Dense(units=1, activation=Sigmoid()))
    record = record_of(small(layers))
    for entry in record.entries:
        for place in range(entry.count):
            index = entry.index_of(place)
            whole, one = (said_of(record, entry, index, sample)[0] for sample in (None, 0))
            assert str(whole) == str(one)
            assert "alone" not in str(one)


def test_a_weight_of_an_input_that_is_always_0_is_said_to_have_no_part():
    """Nor is it warned of a corner that it cannot reach."""
    layers = (Dense(units=2, activation=ReLU()), Dense(units=1, activation=Sigmoid()))
    record = record_of(small(layers, ((0.0, 2.0), (0.0, 1.0)), ((1.0,), (0.0,))))
    entry = next(one for one in record.entries if one.writes == "d:p:0.weight")
    z = record.arrays["z:0"] * 0
    record = replace_arrays(record, {"z:0": z, "a:0": z})
    saying = said_of(record, entry, (0, 0), None)[0]
    assert str(saying) == (
        "x₁ is 0 in all 2 samples, so w⁽¹⁾₁,₁ had no part in any sum. "
        "A small change of w⁽¹⁾₁,₁ would not change the loss."
    )
    assert "one side of it only" in str(said_of(record, entry, (0, 1), None)[0])


def test_a_parameter_held_fast_stays():
    frozen = Interventions(frozen=frozenset({("0.weight", (0, 0))}))
    record = record_of(CURATED["sgd-1"], 1, frozen)
    entry = next(one for one in record.entries if one.kind == "update")
    assert "is held fast, so it stays at" in str(said_of(record, entry, (0, 0), 0)[0])


@pytest.mark.parametrize("optimizer", [SGD(), Momentum(), Adam(), AdamW(weight_decay=0.5)])
def test_why_a_number_goes_where_its_gradient_does_not_send_it(optimizer):
    """Each of the two reasons is tried out: with nothing remembered, with nothing to shrink."""
    for steps in (1, 4):
        record = record_of(tiny(optimizer=optimizer, training=Training(batch_size=2)), steps)
        for entry in (one for one in record.entries if one.kind == "update"):
            for place in range(entry.count):
                spot = OneNumber(record, entry, entry.index_of(place), None)
                text = str(said_of(record, entry, spot.index, None)[0])
                step = step_of(spot)
                change = moved(step).value - step.theta.value
                if "What it remembers" in text:
                    assert (moved(replace(step, g=0.0)).value - step.theta.value) * change > 0
                if "towards 0" in text:
                    assert change * step.theta.value < 0
                if "so " in text and step.g:
                    assert step.g * change < 0


def test_a_sentence_is_short_and_has_no_power_of_ten_where_zeros_can_be_read():
    assert rough(0.0017432) == "0.0017"
    assert rough(-0.000012345) == "0.000012"
    assert rough(1.2e-8) == "1.2 × 10⁻⁸"
    record = record_of(CURATED["cross_entropy"], 2)
    for entry in record.entries:
        for sample in (None, 0):
            saying = said_of(record, entry, entry.index_of(0), sample)[0]
            assert len(saying.sentences) <= 4
            for one in saying.sentences:
                assert len(re.findall(r"\w+", one.template)) <= 30, one.template
