"""Groups within groups: each gradient is autograd's of that very tensor, each line gives it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.activations import Identity, Sigmoid, Tanh
from core.catalog.losses import HalfMSE
from core.data.worked import WorkedExample
from core.debugger.formulas.explain import explain
from core.debugger.tape import record_step
from core.experiment.layers import ActivationLayer, Dense, Residual, infer_shapes
from core.messages.record import Phase, key_of
from tests.core.debugger.test_formulas import names_in, of_parameter
from tests.core.experiments import tiny, trainer_of

WIDTH = 2
ACTIVATIONS = st.sampled_from([Identity(), Sigmoid(), Tanh()])


def leaves():
    dense = ACTIVATIONS.map(lambda one: Dense(units=WIDTH, activation=one))
    return dense | ACTIVATIONS.map(lambda one: ActivationLayer(activation=one))


def group(inner):
    rows = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.builds(Residual, layers=rows, activation=ACTIVATIONS)


LAYERS = st.lists(st.recursive(leaves(), group, max_leaves=5), min_size=1, max_size=3)


class Plain:
    """The same network written plainly, with the gradient of every value between kept."""

    def __init__(self, arrays):
        self.parameters = {
            key.removeprefix("p:"): torch.tensor(array) for key, array in arrays.items()
            if key.startswith("p:")
        }  # fmt: skip
        self.values = {}

    def keep(self, key, value):
        # A value of its own: what comes back through a group alone is not what its input gets.
        value = value * 1.0
        value.retain_grad()
        self.values[key] = value
        return value

    def run(self, row, x):
        for place in row:
            x = self.layer(place, x)
        return x

    def layer(self, place, x):
        key, layer = key_of(place.path), place.layer
        match layer:
            case Dense():
                z = x @ self.parameters[f"{key}.weight"].T + self.parameters[f"{key}.bias"]
            case Residual():
                y = self.keep(f"in:{key}", x)
                z = x + self.run(infer_shapes(layer.layers, (WIDTH,), place.path), y)
            case _:
                z = x
        if not isinstance(layer, ActivationLayer):
            z = self.keep(f"z:{key}", z)
        activation = layer.activation_of() or Identity()
        return z if activation.kind == "identity" else self.keep(f"a:{key}", activation.module()(z))


def recorded(layers):
    spec = tiny(
        data=WorkedExample(inputs=((1.0, 2.0), (-0.5, 0.3)), targets=((1.0, 0.0), (0.2, 0.7))),
        layers=(*layers, Dense(units=WIDTH)),
        loss=HalfMSE(),
    )
    return spec, record_step(trainer_of(spec)).record


def gradients_of(spec, record):
    """Of every value between, by plain autograd; at the input too."""
    plain = Plain(record.arrays)
    x = torch.tensor(record.arrays["x"], requires_grad=True)
    a = plain.run(infer_shapes(spec.layers, (WIDTH,)), plain.keep("x", x))
    y = torch.tensor(record.arrays["y"])
    (((a - y) ** 2).sum() / (2 * len(y))).backward()
    return {f"d:{key}": value.grad for key, value in plain.values.items()}


@settings(max_examples=60, deadline=None)
@given(LAYERS)
def test_every_gradient_between_is_autograds_of_that_very_tensor(layers):
    spec, record = recorded(layers)
    true = gradients_of(spec, record)
    for entry in record.entries:
        if entry.phase is Phase.BACKWARD and not entry.parameter:
            expected = true.get(entry.writes)
            if expected is None:  # an activation that stands alone has its z in its input
                continue
            np.testing.assert_allclose(
                record.arrays[entry.writes], expected, rtol=2e-5, atol=1e-7, err_msg=entry.writes
            )


@settings(max_examples=60, deadline=None)
@given(LAYERS)
def test_every_line_of_pytorch_gives_what_is_shown(layers):
    _, record = recorded(layers)
    for entry in record.entries:
        code = explain(record, entry, entry.index_of(0), 0 if entry.per_sample else None).code
        known = names_in(record) | of_parameter(record, entry)
        exec(code, known)
        shown = torch.from_numpy(record.arrays[entry.writes].copy())
        torch.testing.assert_close(known[code.split(" = ")[0]], shown, rtol=1e-4, atol=1e-6)


def test_at_the_input_a_group_within_a_group_gets_no_gradient_as_no_first_layer_does():
    inner = Residual(layers=(Dense(units=WIDTH),))
    _, record = recorded((Residual(layers=(inner,)),))
    assert "d:in:0" not in record.arrays
    _, record = recorded((Dense(units=WIDTH), Residual(layers=(inner,))))
    assert any(entry.writes == "d:in:1" for entry in record.entries)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_groups_at_the_input_of_groups_have_gradients_however_deep(depth):
    layer = Dense(units=WIDTH, activation=Tanh())
    for _ in range(depth):
        layer = Residual(layers=(layer, Dense(units=WIDTH)))
    spec, record = recorded((Dense(units=WIDTH), layer))
    true = gradients_of(spec, record)
    groups = [entry for entry in record.entries if entry.kind == "skip_gradient"]
    assert len(groups) >= depth
    for entry in groups:
        if entry.writes in true:
            np.testing.assert_allclose(record.arrays[entry.writes], true[entry.writes], rtol=2e-5)
