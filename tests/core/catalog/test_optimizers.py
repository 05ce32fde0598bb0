"""Optimizers against torch's implementations, and against the papers' rules in plain Python."""

import copy
import math
from functools import partial

import pytest
import torch
import ziamath
from hypothesis import given, settings
from hypothesis import strategies as st
from latex2mathml.converter import convert
from pydantic import TypeAdapter, ValidationError
from torch.nn import Parameter

from core.catalog.base import entries_of
from core.catalog.optimizers import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    Optimizer,
    OptimizerChoice,
    RMSprop,
)
from core.expression.latex import latex

ADAPTER = TypeAdapter(OptimizerChoice)
ENTRIES = list(entries_of(Optimizer).values())
SHAPES = [(3, 2), (3,), (1, 3), (1,), (37, 5)]
STEPS = 100

# Each choice beside the torch optimizer that it must be, spelt out by hand.
TORCH = [
    (GradientDescent(learning_rate=0.3), torch.optim.SGD, {"lr": 0.3}),
    (SGD(learning_rate=0.3), torch.optim.SGD, {"lr": 0.3}),
    (
        Momentum(learning_rate=0.05, momentum=0.8, dampening=0.25),
        torch.optim.SGD,
        {"lr": 0.05, "momentum": 0.8, "dampening": 0.25},
    ),
    (
        Nesterov(learning_rate=0.05, momentum=0.8),
        torch.optim.SGD,
        {"lr": 0.05, "momentum": 0.8, "nesterov": True},
    ),
    (
        Adagrad(learning_rate=0.2, lr_decay=0.01, initial_accumulator_value=0.1, eps=1e-6),
        torch.optim.Adagrad,
        {"lr": 0.2, "lr_decay": 0.01, "initial_accumulator_value": 0.1, "eps": 1e-6},
    ),
    (
        RMSprop(learning_rate=0.02, alpha=0.9, eps=1e-6),
        torch.optim.RMSprop,
        {"lr": 0.02, "alpha": 0.9, "eps": 1e-6},
    ),
    (
        RMSprop(learning_rate=0.02, alpha=0.9, eps=1e-6, momentum=0.5, centered=True),
        torch.optim.RMSprop,
        {"lr": 0.02, "alpha": 0.9, "eps": 1e-6, "momentum": 0.5, "centered": True},
    ),
    (
        Adam(learning_rate=0.02, beta1=0.8, beta2=0.95, eps=1e-6),
        torch.optim.Adam,
        {"lr": 0.02, "betas": (0.8, 0.95), "eps": 1e-6},
    ),
    (
        Adam(learning_rate=0.02, beta1=0.8, beta2=0.95, amsgrad=True),
        torch.optim.Adam,
        {"lr": 0.02, "betas": (0.8, 0.95), "amsgrad": True},
    ),
    (
        AdamW(learning_rate=0.02, beta1=0.8, beta2=0.95, weight_decay=0.1, amsgrad=True),
        torch.optim.AdamW,
        {"lr": 0.02, "betas": (0.8, 0.95), "weight_decay": 0.1, "amsgrad": True},
    ),
]
CHOICES = [row[0] for row in TORCH]


def name(value):
    return value.kind if isinstance(value, Optimizer) else getattr(value, "__name__", "")


def weights(dtype=torch.float32):
    source = torch.Generator().manual_seed(0)
    return [Parameter(torch.randn(s, generator=source, dtype=dtype)) for s in SHAPES]


def gradient_stream(dtype=torch.float32, steps=STEPS):
    source = torch.Generator().manual_seed(1)
    for _ in range(steps):
        yield [torch.randn(shape, generator=source, dtype=dtype) for shape in SHAPES]


def run_ours(choice, dtype=torch.float32, rate=None):
    parameters = weights(dtype)
    optimizer = choice.build(parameters)
    for gradients in gradient_stream(dtype):
        choice.advance(optimizer, parameters, gradients, rate or choice.learning_rate)
    return parameters


def run_torch(factory, options, dtype=torch.float32):
    parameters = weights(dtype)
    optimizer = factory(parameters, **options)
    for gradients in gradient_stream(dtype):
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        optimizer.step()
    return parameters


def same_bits(left, right):
    return all(torch.equal(a, b) for a, b in zip(left, right, strict=True))


@pytest.mark.parametrize(("choice", "factory", "options"), TORCH, ids=name)
def test_a_hundred_steps_are_bit_for_bit_those_of_the_torch_optimizer(choice, factory, options):
    expected = run_torch(factory, options | choice.implementation)
    assert same_bits(run_ours(choice), expected)


@pytest.mark.parametrize(("choice", "factory", "options"), TORCH, ids=name)
@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float32, 1e-6), (torch.float64, 1e-13)], ids=str
)
def test_a_hundred_steps_are_those_of_torchs_plainest_implementation(
    choice, factory, options, dtype, tolerance
):
    expected = run_torch(factory, options | {"foreach": False}, dtype)
    for ours, theirs in zip(run_ours(choice, dtype), expected, strict=True):
        assert (ours - theirs).norm() <= tolerance * theirs.norm()


@pytest.mark.parametrize("entry", [GradientDescent, SGD])
@pytest.mark.parametrize("implementation", [{"fused": True}, {"foreach": True}, {"foreach": False}])
@settings(deadline=None)  # torch's first calls take their time
@given(rate=st.floats(1e-6, 100), size=st.integers(1, 70), seed=st.integers(0, 2**31))
def test_the_short_way_of_plain_descent_is_bit_for_bit_every_torch_sgd(
    entry, implementation, rate, size, seed
):
    source = torch.Generator().manual_seed(seed)
    start, gradient = torch.randn(2, size, generator=source)
    ours, theirs = Parameter(start.clone()), Parameter(start.clone())
    choice = entry(learning_rate=rate)
    choice.advance(choice.build([ours]), [ours], [gradient], rate)
    theirs.grad = gradient
    torch.optim.SGD([theirs], lr=rate, **implementation).step()
    assert torch.equal(ours, theirs)


# One number's path under each paper's rule. `t` counts from 1.


def descent(theta, gradients, *, rate):
    for g in gradients:
        theta -= rate * g
    return theta


def heavy_ball(theta, gradients, *, rate, mu, tau):
    v = None
    for g in gradients:
        v = g if v is None else mu * v + (1 - tau) * g
        theta -= rate * v
    return theta


def nesterov(theta, gradients, *, rate, mu):
    v = 0.0
    for g in gradients:
        v = mu * v + g
        theta -= rate * (g + mu * v)
    return theta


def adagrad(theta, gradients, *, rate, decay, r, eps):
    for t, g in enumerate(gradients, start=1):
        r += g * g
        theta -= rate / (1 + (t - 1) * decay) * g / (math.sqrt(r) + eps)
    return theta


def rmsprop(theta, gradients, *, rate, alpha, eps, mu=0.0, centered=False):
    v = mean = b = 0.0
    for g in gradients:
        v = alpha * v + (1 - alpha) * g * g
        mean = alpha * mean + (1 - alpha) * g if centered else 0.0
        b = mu * b + g / (math.sqrt(v - mean * mean) + eps)
        theta -= rate * b
    return theta


def adam(theta, gradients, *, rate, beta1, beta2, eps=1e-8, decay=0.0, amsgrad=False):
    m = v = largest = 0.0
    for t, g in enumerate(gradients, start=1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        largest = max(largest, v) if amsgrad else v
        m_hat, v_hat = m / (1 - beta1**t), largest / (1 - beta2**t)
        theta -= rate * (m_hat / (math.sqrt(v_hat) + eps) + decay * theta)
    return theta


RULES = [
    partial(descent, rate=0.3),
    partial(descent, rate=0.3),
    partial(heavy_ball, rate=0.05, mu=0.8, tau=0.25),
    partial(nesterov, rate=0.05, mu=0.8),
    partial(adagrad, rate=0.2, decay=0.01, r=0.1, eps=1e-6),
    partial(rmsprop, rate=0.02, alpha=0.9, eps=1e-6),
    partial(rmsprop, rate=0.02, alpha=0.9, eps=1e-6, mu=0.5, centered=True),
    partial(adam, rate=0.02, beta1=0.8, beta2=0.95, eps=1e-6),
    partial(adam, rate=0.02, beta1=0.8, beta2=0.95, amsgrad=True),
    partial(adam, rate=0.02, beta1=0.8, beta2=0.95, decay=0.1, amsgrad=True),
]


@pytest.mark.parametrize(("choice", "rule"), list(zip(CHOICES, RULES, strict=True)), ids=name)
def test_a_hundred_steps_follow_the_rule_that_the_formula_writes(choice, rule):
    path = [gradients[0].flatten().tolist() for gradients in gradient_stream(torch.float64)]
    start = weights(torch.float64)[0].flatten().tolist()
    expected = [
        rule(theta, list(g)) for theta, g in zip(start, zip(*path, strict=True), strict=True)
    ]
    ours = run_ours(choice, torch.float64)[0].flatten().tolist()
    assert ours == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("choice", CHOICES, ids=name)
def test_the_rate_given_to_a_step_is_the_rate_of_that_step(choice):
    slower = choice.model_copy(update={"learning_rate": choice.learning_rate / 8})
    assert same_bits(run_ours(choice, rate=slower.learning_rate), run_ours(slower))


@pytest.mark.parametrize("choice", CHOICES, ids=name)
def test_gradients_are_left_as_they_were(choice):
    parameters = weights()
    optimizer = choice.build(parameters)
    for gradients in gradient_stream(steps=3):
        before = [gradient.clone() for gradient in gradients]
        choice.advance(optimizer, parameters, gradients, choice.learning_rate)
        assert same_bits(gradients, before)


@pytest.mark.parametrize("choice", CHOICES, ids=name)
def test_state_has_a_textbook_name_for_all_that_is_kept_a_parameter(choice):
    parameters = weights()
    optimizer = choice.build(parameters)
    choice.advance(optimizer, parameters, next(gradient_stream()), choice.learning_rate)
    for parameter in parameters:
        kept = {
            key
            for key, value in optimizer.state[parameter].items()
            if value.shape == parameter.shape
        } - {"step"}
        assert kept <= set(choice.state_names)
        assert kept == set(choice.used)


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_every_state_name_is_one_that_torch_uses_and_that_can_be_drawn(entry):
    options = {"amsgrad": True, "centered": True, "momentum": 0.5}
    choice = entry(**{key: value for key, value in options.items() if key in entry.model_fields})
    parameter = Parameter(torch.ones(2))
    optimizer = choice.build([parameter])
    choice.advance(optimizer, [parameter], [torch.ones(2)], 0.1)
    assert set(choice.state_names) == set(optimizer.state[parameter]) - {"step"}
    for symbol in choice.state_names.values():
        assert "\\" not in convert(latex(symbol))


CHANGES = [
    (SGD(), SGD(learning_rate=0.5)),
    (Momentum(), Momentum(momentum=0.5, dampening=0.5)),
    (Nesterov(), Nesterov(momentum=0.5)),
    (Adagrad(), Adagrad(lr_decay=0.1, eps=0.1)),
    (RMSprop(), RMSprop(alpha=0.5, eps=0.1, momentum=0.9, centered=True)),
    (RMSprop(momentum=0.9, centered=True), RMSprop()),
    (Adam(), Adam(beta1=0.5, beta2=0.5, eps=0.1, amsgrad=True)),
    (Adam(amsgrad=True), Adam()),
    (AdamW(), AdamW(weight_decay=1, amsgrad=True)),
]


@pytest.mark.parametrize(("before", "after"), CHANGES, ids=name)
def test_changed_fields_act_from_the_next_step_on_and_what_was_gathered_stays(before, after):
    parameters = weights()
    optimizer = before.build(parameters)
    *first, last = gradient_stream(steps=5)
    for gradients in first:
        before.advance(optimizer, parameters, gradients, before.learning_rate)
    untouched = copy.deepcopy((parameters, optimizer.state_dict()))

    after.retune(optimizer)
    kept = optimizer.state_dict()["state"]
    for index, state in untouched[1]["state"].items():
        assert all(torch.equal(kept[index][key], value) for key, value in state.items())
    after.advance(optimizer, parameters, last, after.learning_rate)

    # A new torch optimizer, given the state by hand, with what the change needs from zero.
    expected, saved = untouched
    fresh = after.build(expected)
    groups = fresh.state_dict()["param_groups"]
    for index, state in saved["state"].items():
        for key in set(after.state_names) - set(state):
            state[key] = torch.zeros_like(expected[index])
    fresh.load_state_dict({"state": saved["state"], "param_groups": groups})
    for parameter, gradient in zip(expected, last, strict=True):
        parameter.grad = gradient
    fresh.step()
    assert same_bits(parameters, expected)


@pytest.mark.parametrize(("before", "after"), CHANGES, ids=name)
def test_fields_changed_before_the_first_step_are_as_if_chosen_from_the_start(before, after):
    parameters = weights()
    optimizer = before.build(parameters)
    for parameter in parameters:  # a look is enough for torch to make an empty entry
        assert not optimizer.state[parameter].keys() - {"step", "sum"}
    after.retune(optimizer)
    for gradients in gradient_stream():
        after.advance(optimizer, parameters, gradients, after.learning_rate)
    assert same_bits(parameters, run_ours(after))


@pytest.mark.parametrize("choice", CHOICES, ids=name)
def test_saved_state_goes_on_where_it_left_off(choice):
    parameters = weights()
    optimizer = choice.build(parameters)
    stream = list(gradient_stream(steps=6))
    for gradients in stream[:3]:
        choice.advance(optimizer, parameters, gradients, choice.learning_rate)
    branch = copy.deepcopy(parameters)
    other = choice.build(branch)
    other.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    for gradients in stream[3:]:
        choice.advance(optimizer, parameters, gradients, choice.learning_rate)
        choice.advance(other, branch, gradients, choice.learning_rate)
    assert same_bits(parameters, branch)


@pytest.mark.parametrize("choice", CHOICES, ids=name)
def test_a_gradient_of_zero_never_makes_a_parameter_nan(choice):
    parameter = Parameter(torch.ones(3))
    optimizer = choice.build([parameter])
    for _ in range(3):
        choice.advance(optimizer, [parameter], [torch.zeros(3)], choice.learning_rate)
    assert parameter.isfinite().all()


def test_a_gradient_too_few_is_refused():
    choice, parameters = Adam(), weights()
    with pytest.raises(ValueError, match="shorter"):
        choice.advance(choice.build(parameters), parameters, [torch.zeros(3, 2)], 0.1)


def test_gradient_descent_alone_takes_all_samples_at_once():
    assert [entry for entry in ENTRIES if entry.full_batch] == [GradientDescent]


@settings(deadline=None)  # torch's first calls take their time
@given(
    rate=st.floats(1e-9, 100),
    beta1=st.floats(0, 1, exclude_max=True),
    beta2=st.floats(0, 1, exclude_max=True),
    eps=st.floats(1e-16, 1),
    amsgrad=st.booleans(),
)
def test_json_keeps_every_digit_of_every_field(rate, beta1, beta2, eps, amsgrad):
    choice = Adam(learning_rate=rate, beta1=beta1, beta2=beta2, eps=eps, amsgrad=amsgrad)
    assert ADAPTER.validate_json(ADAPTER.dump_json(choice)) == choice


@pytest.mark.parametrize("choice", CHOICES, ids=name)
def test_json_gives_back_the_same_choice(choice):
    assert ADAPTER.validate_json(ADAPTER.dump_json(choice)) == choice


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
@settings(deadline=None)  # torch's first calls take their time
@given(rate=st.one_of(st.floats(max_value=0), st.floats(min_value=100, exclude_min=True)))
def test_a_learning_rate_out_of_bounds_is_refused(entry, rate):
    with pytest.raises(ValidationError):
        entry(learning_rate=rate)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "sgd", "learning_rate": math.nan},
        {"kind": "momentum", "momentum": 1},
        {"kind": "momentum", "momentum": 0},
        {"kind": "momentum", "dampening": -0.1},
        {"kind": "nesterov", "dampening": 0.5},
        {"kind": "adagrad", "lr_decay": -1},
        {"kind": "adagrad", "initial_accumulator_value": -1},
        {"kind": "rmsprop", "alpha": 1},
        {"kind": "adam", "beta1": -0.1},
        {"kind": "adam", "beta2": 1},
        {"kind": "adam", "eps": 0},
        {"kind": "adam", "weight_decay": 0.1},
        {"kind": "adamw", "weight_decay": -0.1},
        {"kind": "lion"},
        {},
    ],
)
def test_values_out_of_bounds_and_unknown_words_are_refused(fields):
    with pytest.raises(ValidationError):
        ADAPTER.validate_python(fields)


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_the_learning_rate_is_the_first_field_of_every_form_and_logarithmic(entry):
    key = next(key for key in entry.model_fields if key != "kind")
    assert key == "learning_rate"
    assert entry.model_fields[key].json_schema_extra == {"log": True}


@pytest.mark.parametrize("choice", CHOICES, ids=name)
def test_every_formula_can_be_drawn_and_every_field_has_a_tooltip(choice, monkeypatch):
    monkeypatch.setattr(ziamath.config, "svg2", False)
    tex = latex(choice.formula)
    mathml = convert(tex)
    assert "\\" not in mathml, "an unknown command would be drawn as text"
    assert "<mi>&</mi>" not in mathml, "an alignment mark would be drawn as text"
    assert "<svg" in ziamath.Latex(tex).svg()
    assert choice.label
    assert choice.description.endswith(".")
    for key, field in type(choice).model_fields.items():
        assert key == "kind" or (field.title and field.description)


@pytest.mark.parametrize(
    ("plain", "optioned", "symbol"),
    [
        (Adam(), Adam(amsgrad=True), r"v_{\mathrm{max}}"),
        (AdamW(), AdamW(amsgrad=True), r"v_{\mathrm{max}}"),
        (RMSprop(), RMSprop(centered=True), r"\bar{g}"),
    ],
    ids=name,
)
def test_the_rule_shows_the_options_that_are_chosen_and_no_others(plain, optioned, symbol):
    assert symbol not in latex(plain.formula)
    assert symbol in latex(optioned.formula)
