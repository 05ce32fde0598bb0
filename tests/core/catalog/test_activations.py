"""Activations against their textbook definitions, worked out here in plain Python."""

import math

import pytest
import torch
import ziamath
from hypothesis import given, settings
from hypothesis import strategies as st
from latex2mathml.converter import convert
from pydantic import TypeAdapter, ValidationError
from torch import nn
from torch.autograd import gradcheck

from core.catalog.activations import (
    ELU,
    GELU,
    Activation,
    ActivationChoice,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from core.catalog.base import entries_of
from core.expression.latex import latex

ADAPTER = TypeAdapter(ActivationChoice)
ENTRIES = list(entries_of(Activation).values())
ELEMENTWISE = [
    Identity(),
    Sigmoid(),
    Tanh(),
    ReLU(),
    LeakyReLU(negative_slope=0.2),
    ELU(alpha=1.7),
    GELU(),
    SiLU(),
    Softplus(beta=2.5),
]


def logistic(z):
    return 1 / (1 + math.exp(-z))


def normal_cdf(z):
    return math.erfc(-z / math.sqrt(2)) / 2


def normal_pdf(z):
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


TEXTBOOK = {
    "identity": (lambda z: z, lambda z: 1.0),
    "sigmoid": (logistic, lambda z: logistic(z) * logistic(-z)),
    "tanh": (math.tanh, lambda z: 1 / math.cosh(z) ** 2),
    "relu": (lambda z: max(0.0, z), lambda z: float(z > 0)),
    "leaky_relu": (lambda z: z if z > 0 else 0.2 * z, lambda z: 1.0 if z > 0 else 0.2),
    "elu": (
        lambda z: z if z > 0 else 1.7 * math.expm1(z),
        lambda z: 1.0 if z > 0 else 1.7 * math.exp(z),
    ),
    "gelu": (lambda z: z * normal_cdf(z), lambda z: normal_cdf(z) + z * normal_pdf(z)),
    "silu": (
        lambda z: z * logistic(z),
        lambda z: logistic(z) * (1 + z * (1 - logistic(z))),
    ),
    "softplus": (
        lambda z: math.log1p(math.exp(2.5 * z)) / 2.5,
        lambda z: logistic(2.5 * z),
    ),
}


def name(value):
    return value.kind if isinstance(value, Activation) else value.model_fields["kind"].default


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=name)
@settings(deadline=None)  # torch's first calls take their time
@given(z=st.floats(-7, 7))
def test_value_and_slope_are_the_textbooks(activation, z):
    function, slope = TEXTBOOK[activation.kind]
    x = torch.tensor([[z]], dtype=torch.float64, requires_grad=True)
    a = activation.module()(x)
    a.sum().backward()
    assert a.item() == pytest.approx(function(z), rel=1e-9, abs=1e-12)
    assert x.grad.item() == pytest.approx(slope(z), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("activation", [a for a in ELEMENTWISE if a.kinks], ids=name)
def test_at_a_kink_the_slope_is_the_one_the_derivative_gives_for_z_at_most_zero(activation):
    z = torch.zeros(1, 1, dtype=torch.float64, requires_grad=True)
    activation.module()(z).sum().backward()
    assert z.grad.item() == pytest.approx(TEXTBOOK[activation.kind][1](0.0))


@pytest.mark.parametrize("activation", [*ELEMENTWISE, Softmax()], ids=name)
def test_gradients_agree_with_finite_differences_away_from_kinks(activation):
    z = torch.linspace(-3, 3, 12, dtype=torch.float64).reshape(4, 3).requires_grad_()
    assert all((z - kink).abs().min() > 1e-2 for kink in activation.kinks)
    assert gradcheck(activation.module(), (z,))


@pytest.mark.parametrize("activation", ELEMENTWISE, ids=name)
def test_slopes_jump_only_at_declared_kinks(activation):
    near = torch.tensor([[-1e-9, 1e-9]], dtype=torch.float64, requires_grad=True)
    activation.module()(near).sum().backward()
    left, right = near.grad[0].tolist()
    assert (abs(left - right) > 1e-6) == (0.0 in activation.kinks)


@settings(deadline=None)  # torch's first calls take their time
@given(
    st.lists(st.lists(st.floats(-50, 50), min_size=3, max_size=3), min_size=1, max_size=5),
)
def test_softmax_gives_each_sample_probabilities_in_the_ratio_of_its_exponentials(rows):
    a = Softmax().module()(torch.tensor(rows, dtype=torch.float64))
    for z, probabilities in zip(rows, a.tolist(), strict=True):
        whole = math.fsum(math.exp(value) for value in z)
        assert probabilities == pytest.approx([math.exp(value) / whole for value in z], rel=1e-9)


def test_softmax_runs_over_the_classes_of_images_too():
    a = Softmax().module()(torch.randn(2, 3, 4, 4))
    assert torch.allclose(a.sum(1), torch.ones(2, 4, 4))


def test_softmax_alone_is_for_outputs_only():
    assert [entry for entry in ENTRIES if entry.output_only] == [Softmax]


def test_relu_alone_is_said_to_commute_with_max():
    assert [entry for entry in ENTRIES if entry.commutes_with_max] == [ReLU]


@settings(deadline=None)  # torch's first calls take their time
@given(st.integers(0, 2**31), st.booleans())
def test_relu_before_or_after_max_pooling_gives_the_same_bits(seed, with_ties):
    source = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 3, 6, 6, generator=source)
    x = x.round() if with_ties else x
    upstream = torch.randn(2, 3, 3, 3, generator=source)
    pool, relu = nn.MaxPool2d(2), ReLU().module()
    results = []
    for layers in (nn.Sequential(relu, pool), nn.Sequential(pool, relu)):
        leaf = x.clone().requires_grad_()
        a = layers(leaf)
        a.backward(upstream)
        results.append((a, leaf.grad))
    assert torch.equal(results[0][0], results[1][0])
    assert torch.equal(results[0][1], results[1][1])


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_its_module_has_no_parameters_and_leaves_its_input_alone(entry):
    z = torch.tensor([[-1.0, 2.0]])
    module = entry().module()
    module(z)
    assert not list(module.parameters())
    assert z.tolist() == [[-1.0, 2.0]]


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_label_description_and_fields_say_what_a_form_needs(entry):
    assert entry.label
    assert entry.description.endswith(".")
    for key, field in entry.model_fields.items():
        assert key == "kind" or (field.title and field.description)


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_every_formula_can_be_drawn(entry, monkeypatch):
    monkeypatch.setattr(ziamath.config, "svg2", False)
    for tex in map(latex, (entry().formula, entry().derivative)):
        mathml = convert(tex)
        assert "\\" not in mathml, "an unknown command would be drawn as text"
        assert "<mi>&</mi>" not in mathml, "an alignment mark would be drawn as text"
        assert "<svg" in ziamath.Latex(tex).svg()


@pytest.mark.parametrize("activation", [*ELEMENTWISE, Softmax()], ids=name)
def test_json_gives_back_the_same_choice(activation):
    assert ADAPTER.validate_json(ADAPTER.dump_json(activation)) == activation


@settings(deadline=None)  # torch's first calls take their time
@given(
    slope=st.floats(0, 1),
    alpha=st.floats(0, 10, exclude_min=True),
    beta=st.floats(0.01, 100),
)
def test_json_keeps_every_digit_of_every_field(slope, alpha, beta):
    for choice in (LeakyReLU(negative_slope=slope), ELU(alpha=alpha), Softplus(beta=beta)):
        assert ADAPTER.validate_json(ADAPTER.dump_json(choice)) == choice


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "leaky_relu", "negative_slope": -0.1},
        {"kind": "leaky_relu", "negative_slope": 1.1},
        {"kind": "elu", "alpha": 0},
        {"kind": "softplus", "beta": 0},
        {"kind": "softplus", "beta": math.nan},
        {"kind": "relu", "negative_slope": 0.1},
        {"kind": "maxout"},
        {},
    ],
)
def test_values_out_of_bounds_and_unknown_words_are_refused(fields):
    with pytest.raises(ValidationError):
        ADAPTER.validate_python(fields)
