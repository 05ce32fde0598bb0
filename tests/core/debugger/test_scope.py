"""One sample's numbers and the whole batch's: put together, the first are always the second."""

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data.mnist import Mnist
from core.debugger.formulas.explain import explain
from core.debugger.tape import record_step
from core.messages.scope import adds_up, is_per_sample, is_shared, numbers_of
from core.presets import PRESETS
from tests.core.debugger.test_formulas import dense_specs, image_specs, record_of
from tests.core.experiments import trainer_of, with_batch_norm

FEW = Mnist(samples=60, test_samples=10)


def small(preset):
    """A preset, of digits with few of them and on the processor."""
    spec = preset.spec
    if not isinstance(spec.data, Mnist):
        return spec
    data = spec.data.model_copy(update={"samples": FEW.samples, "test_samples": 10})
    training = spec.training.model_copy(update={"batch_size": 6})
    return spec.model_copy(update={"data": data, "training": training, "device": "cpu"})


SPECS = {name: small(preset) for name, preset in PRESETS.items() if preset.spec.layers}
SPECS["summed"] = SPECS["xor-2-2-1"].model_copy(
    update={"loss": SPECS["xor-2-2-1"].loss.model_copy(update={"over_batch": "sum"})}
)
ALONE = {name: spec for name, spec in SPECS.items() if "batch_norm" not in spec.to_json()}


def assert_scopes_agree(record):
    """Every number of every entry, shown per sample, gives the batch's that is shown."""
    samples = range(record.samples)
    for entry in record.entries:
        key = entry.writes
        whole = numbers_of(record, key, None)
        if not (is_per_sample(key) or is_shared(key)):
            assert np.array_equal(whole, numbers_of(record, key, 0), equal_nan=True)
            continue
        each = np.stack([numbers_of(record, key, one) for one in samples])
        assert each.shape[1:] == whole.shape == entry.shape
        together = each.sum(0) if adds_up(record, key) else each.mean(0)
        penalty = record.arrays.get(f"penalty:{entry.parameter}")
        if is_shared(key) and penalty is not None:
            together = together + penalty
        scale = np.abs(each).sum(0).max(initial=0.0)
        np.testing.assert_allclose(whole, together, rtol=1e-4, atol=1e-6 * (1e-3 + scale))


def assert_formulas_say_the_same(record, draw):
    """What the graph shows of a place is what the formula comes to there."""
    for entry in record.entries:
        index = entry.index_of(draw(st.integers(0, entry.count - 1)))
        for sample in (None, draw(st.integers(0, record.samples - 1))):
            formula = explain(record, entry, index, sample)
            shown = float(numbers_of(record, entry.writes, sample)[index])
            scale = max([abs(factor.value) for factor in formula.factors], default=1.0)
            if entry.kind == "batch_norm":
                where = ".".join(map(str, entry.path))
                scale /= float(record.arrays[f"var:{where}"][index[0]] + 1e-5) ** 0.5
            near = pytest.approx(formula.value, rel=1e-4, abs=1e-5 * scale)
            assert shown == near, (entry.kind, sample)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(spec=st.one_of(dense_specs(), image_specs()), data=st.data())
def test_the_samples_of_a_random_network_make_its_batch(spec, data):
    record = record_of(spec, 2)
    assert_scopes_agree(record)
    assert_formulas_say_the_same(record, data.draw)


@pytest.mark.parametrize("name", SPECS)
@settings(deadline=None, max_examples=1)
@given(data=st.data())
def test_the_samples_of_every_preset_make_its_batch(name, data):
    record = record_step(trainer_of(SPECS[name])).record
    assert_scopes_agree(record)
    assert_formulas_say_the_same(record, data.draw)


@pytest.mark.parametrize("name", ALONE)
def test_one_samples_numbers_are_autograds_of_that_very_sample(name):
    """Of that sample's own loss over n, by plain torch and without the rest of the batch."""
    spec = ALONE[name]
    record = record_step(trainer_of(spec)).record
    trainer = trainer_of(spec)
    network, loss = trainer.network, spec.loss
    weight = loss.weight(record.samples) / record.samples
    for sample in sorted({0, record.samples - 1}):
        x, y = (
            torch.from_numpy(record.arrays[key][sample : sample + 1].copy()) for key in ("x", "y")
        )
        z = network(x)
        own = loss.value(z, network.activate(z), y)
        assert float(numbers_of(record, "terms", sample)) == pytest.approx(own.item(), rel=1e-4)
        gradients = torch.autograd.grad(own * weight, list(network.parameters()))
        for parameter, gradient in zip(network.named(), gradients, strict=True):
            share = numbers_of(record, f"d:p:{parameter}", sample)
            np.testing.assert_allclose(share, gradient.numpy(), rtol=1e-3, atol=1e-6)


def test_batch_norm_makes_a_share_of_what_the_whole_batch_sends_back():
    """Its samples are tied together: what is added up is still the batch's gradient."""
    assert_scopes_agree(record_of(with_batch_norm()))
