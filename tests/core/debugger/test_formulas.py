"""Formulas against the tensors they explain, over every kind of entry, and as they are drawn."""

import re
from time import perf_counter

import numpy as np
import pytest
import torch
import ziamath
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from latex2mathml.converter import convert

from core.catalog.activations import (
    ELU,
    A,
    Activation,
    Identity,
    LeakyReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Softplus,
    Tanh,
    Z,
)
from core.catalog.base import entries_of
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy, HalfMSE, Loss
from core.catalog.optimizers import (
    SGD,
    Adagrad,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    Optimizer,
    RMSprop,
)
from core.data.mnist import Mnist
from core.data.worked import WorkedExample
from core.debugger.formulas.explain import RULES, explain
from core.debugger.formulas.names import name_of
from core.debugger.formulas.updates import Step, moved
from core.debugger.formulas.windows import SlidingWindow
from core.debugger.tape import record_step
from core.experiment.layers import (
    ActivationLayer,
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    Residual,
)
from core.experiment.spec import Training
from core.expression.calculus import derivative, worth
from core.expression.latex import latex
from core.expression.tree import Numeral, Quantity, Symbol, product, replaced
from core.messages.breakpoints import Interventions
from core.messages.scope import adds_up
from core.presets import DIGITS
from tests.core.experiments import digits, regression, tiny, trainer_of, with_dropout

HIDDEN = [entry() for entry in entries_of(Activation).values() if not entry.output_only]
HIDDEN += [LeakyReLU(negative_slope=0.3), ELU(alpha=0.5), Softplus(beta=3.0)]
OPTIMIZERS = [entry() for entry in entries_of(Optimizer).values()]
OPTIMIZERS += [
    Momentum(dampening=0.3),
    Adagrad(lr_decay=0.2, initial_accumulator_value=0.1),
    RMSprop(momentum=0.5),
    RMSprop(alpha=0.9, centered=True),
    RMSprop(alpha=0.9, momentum=0.5, centered=True),
    Adam(amsgrad=True, beta1=0.5),
    AdamW(amsgrad=True, weight_decay=0.3),
]
IMAGES = Mnist(size=10, samples=24, test_samples=4)
LOADED = IMAGES.load(0)

activations = st.sampled_from(HIDDEN)


def summed_or_not(*losses):
    """A loss whose batch's is the mean of its samples', or their sum."""
    return st.builds(
        lambda loss, over_batch: loss(over_batch=over_batch),
        st.sampled_from(losses),
        st.sampled_from(["mean", "sum"]),
    )


trainings = st.builds(
    Training,
    batch_size=st.sampled_from([1, 5, 8]),
    l1=st.sampled_from([0.0, 0.02]),
    l2=st.sampled_from([0.0, 0.1]),
    clip_norm=st.sampled_from([None, 0.05, 10.0]),
    clip_value=st.sampled_from([None, 0.01]),
)


@st.composite
def dense_specs(draw):
    """Fully connected networks with every activation, loss, optimizer, penalty and clipping."""
    hidden = draw(st.lists(hidden_layers(), max_size=3))
    fields = {
        "optimizer": draw(st.sampled_from(OPTIMIZERS)),
        "training": draw(trainings),
        "seed": draw(st.integers(0, 999)),
    }
    kind = draw(st.sampled_from(["classes", "two", "plane"]))
    if kind == "plane":
        last = Dense(units=1, activation=draw(activations), bias=draw(st.booleans()))
        return regression(**fields, layers=(*hidden, last), loss=draw(summed_or_not(MSE, HalfMSE)))
    if kind == "two":
        last = Dense(units=1, activation=Sigmoid())
        loss = draw(summed_or_not(MSE, HalfMSE, BinaryCrossEntropy))
        return tiny(**fields, layers=(*hidden, last), loss=loss)
    last = Dense(units=3, activation=Softmax())
    loss = draw(summed_or_not(MSE, HalfMSE, CrossEntropy))
    return with_dropout(**fields, layers=(*hidden, last), loss=loss)


@st.composite
def hidden_layers(draw):
    units = draw(st.integers(1, 14))
    chosen = draw(activations)
    return draw(
        st.sampled_from(
            [
                Dense(units=units, activation=chosen),
                Dense(units=units, activation=chosen, bias=False),
                ActivationLayer(activation=chosen),
                Dropout(rate=0.4),
                Residual(layers=(), activation=chosen),
                Residual(layers=(ActivationLayer(activation=chosen), Dropout(rate=0.2))),
            ]
        )
    )


@st.composite
def image_specs(draw):
    """Convolutions with strides and padding, poolings that overlap or leave gaps, skips, norms."""
    channels, chosen = draw(st.integers(1, 3)), draw(activations)
    first = Conv2d(
        channels=channels,
        kernel=draw(st.integers(1, 4)),
        stride=draw(st.integers(1, 2)),
        padding=draw(st.integers(0, 2)),
        activation=chosen,
        bias=draw(st.booleans()),
    )
    kernel = draw(st.sampled_from([1, 3]))
    around = Conv2d(channels=channels, kernel=kernel, padding=kernel // 2, activation=chosen)
    pools = [MaxPool2d, AvgPool2d]
    inner = st.sampled_from(
        [
            (around,),
            (around, BatchNorm(activation=chosen)),
            (ActivationLayer(activation=chosen), around),
            (Residual(layers=(around,)), Dropout(rate=0.3)),
        ]
    )
    between = st.one_of(
        st.builds(
            lambda entry, size, stride: entry(size=size, stride=stride),
            st.sampled_from(pools),
            st.integers(1, 2),
            st.sampled_from([None, 1, 2]),
        ),
        st.just(BatchNorm(activation=chosen)),
        st.just(Dropout(rate=0.3)),
        st.builds(lambda layers: Residual(layers=layers, activation=chosen), inner),
    )
    row = draw(st.lists(between, min_size=1, max_size=2))
    return digits(
        data=IMAGES,
        layers=(first, *row, Flatten(), Dense(units=10, activation=Softmax())),
        optimizer=draw(st.sampled_from(OPTIMIZERS)),
        training=draw(trainings).model_copy(update={"batch_size": 6}),
        seed=draw(st.integers(0, 99)),
    )


def record_of(spec, steps=1, wanted=None):
    trainer = trainer_of(spec, LOADED if spec.data == IMAGES else None)
    if wanted is not None:
        trainer.intervene(wanted)
    for _ in range(steps - 1):
        trainer.run(1, 0.0, lambda: False)
    return record_step(trainer).record


def whole(record, entry, index, sample):
    """What torch says of a number: for the whole batch the mean of values, the sum of gradients."""
    array = record.arrays[entry.writes]
    if not entry.per_sample:
        return float(array[index])
    if sample is None:
        column = array[(slice(None), *index)].astype(np.float64)
        return float(column.sum() if adds_up(record, entry.writes) else column.mean())
    return float(array[(sample, *index)])


def is_share(entry, sample):
    return sample is not None and entry.kind in ("weight_gradient", "bias_gradient")


def assert_explained(record, draw):
    """Every entry, at places drawn: value, terms and factors agree with the arrays."""
    for entry in record.entries:
        for sample in (None, draw(st.integers(0, record.samples - 1))):
            index = entry.index_of(draw(st.integers(0, entry.count - 1)))
            formula = explain(record, entry, index, sample)
            scale = max([abs(term.value) for term in formula.terms], default=0.0)
            scale = max([abs(factor.value) for factor in formula.factors] + [scale])
            if entry.kind == "batch_norm":  # where a feature hardly varies, large numbers cancel
                where = ".".join(map(str, entry.path))
                scale /= float(record.arrays[f"var:{where}"][index[0]] + 1e-5) ** 0.5
            if entry.kind == "bias_gradient":  # within a summand, pixels cancel too
                scale = max(scale, float(np.abs(record.arrays[entry.reads[0]]).max()))
            if is_share(entry, sample):
                shares = [explain(record, entry, index, n).value for n in range(record.samples)]
                penalty = record.arrays.get(f"penalty:{entry.parameter}")
                expected = whole(record, entry, index, None)
                found = sum(shares) + (0.0 if penalty is None else float(penalty[index]))
            else:
                expected, found = whole(record, entry, index, sample), formula.value
            # Rounding in float32 grows with the number of summands that cancel.
            summands = len(formula.terms) + formula.left_out[0] + 1
            near = pytest.approx(expected, rel=1e-4, abs=2e-6 * scale * summands**0.5)
            assert found == near, (entry, index)
            assert_terms_add_up(formula)
            assert_factors_stand_in_the_record(record, formula)


def assert_terms_add_up(formula):
    sizes = [abs(term.value) for term in formula.terms]
    assert sizes == sorted(sizes, reverse=True)
    assert len(sizes) <= 12
    missing, rest = formula.left_out
    assert missing == 0 or len(sizes) == 12
    if formula.terms:
        total = sum(term.value for term in formula.terms) + rest
        root = total**0.5 if formula.result.key == "norm" else total
        assert formula.value == pytest.approx(root, rel=1e-9, abs=1e-12 + 1e-9 * sum(sizes))


def assert_factors_stand_in_the_record(record, formula):
    places = [(factor.key, factor.index) for factor in formula.factors]
    assert len(places) == len(set(places))
    for factor in formula.factors:
        assert factor.key == record.canonical(factor.key)
        assert factor.value == float(record.arrays[factor.key][factor.index])
    if formula.upstream and formula.local:
        assert formula.upstream.value * formula.local.value == pytest.approx(
            formula.value, rel=1e-9, abs=1e-30
        )


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(spec=dense_specs(), steps=st.integers(1, 3), data=st.data())
def test_a_formula_of_a_dense_network_comes_to_torchs_number(spec, steps, data):
    assert_explained(record_of(spec, steps), data.draw)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(spec=image_specs(), steps=st.integers(1, 2), data=st.data())
def test_a_formula_of_a_convolutional_network_comes_to_torchs_number(spec, steps, data):
    assert_explained(record_of(spec, steps), data.draw)


# Networks in which every kind of entry comes up, to be drawn and to have their code run.
def curated():
    training = Training(batch_size=6, l1=0.01, l2=0.1, clip_norm=0.3, clip_value=0.1)
    row = (
        Conv2d(channels=2, kernel=3, stride=2, padding=1, activation=Tanh()),
        BatchNorm(activation=ReLU()),
        MaxPool2d(size=2, stride=1),
        Residual(layers=(Conv2d(channels=2, kernel=3, padding=1),), activation=Sigmoid()),
        AvgPool2d(size=2, stride=1),
        Dropout(rate=0.3),
        Flatten(),
        Dense(units=10, activation=Softmax()),
    )
    yield "image", digits(data=IMAGES, layers=row, training=training)
    wide = (Dense(units=40, activation=ReLU()), Dense(units=30, activation=Tanh()))
    yield "wide", with_dropout(layers=(*wide, Dense(units=3, activation=Softmax())), loss=MSE())
    for loss in entries_of(Loss).values():
        last = {"binary_cross_entropy": Dense(units=1, activation=Sigmoid())}
        layers = (Dense(units=4, activation=Tanh()), last.get(loss().kind, ends()))
        base = tiny if loss().kind in last else with_dropout
        yield loss().kind, base(layers=layers, loss=loss(), training=training)
    for activation in HIDDEN:
        layers = (Dense(units=4, activation=activation), Dense(units=1, activation=Sigmoid()))
        yield f"{activation.kind}-{hash(activation) % 99}", tiny(layers=layers)
    for place, optimizer in enumerate(OPTIMIZERS):
        yield f"{optimizer.kind}-{place}", tiny(optimizer=optimizer)


def ends():
    return Dense(units=3, activation=Softmax())


CURATED = dict(curated())


@pytest.fixture(scope="module", params=CURATED)
def record(request):
    """A second step of each, so that momentum has a past."""
    return record_of(CURATED[request.param], 2)


def test_the_curated_networks_show_every_kind_of_entry():
    kinds = {entry.kind for spec in CURATED.values() for entry in record_of(spec).entries}
    assert kinds == set(RULES)


def height_of(svg):
    return float(re.search(r'height="([\d.]+)', svg)[1])


DRAWN = set()
"""The rules drawn by an earlier test, for the whole batch or for a sample: drawing is slow."""


def test_every_formula_can_be_drawn(record, monkeypatch):
    monkeypatch.setattr(ziamath.config, "svg2", False)
    for entry in record.entries:
        for sample in (None, 1):
            formula = explain(record, entry, entry.index_of(entry.count - 1), sample)
            if (formula.rule, sample) in DRAWN:
                continue
            DRAWN.add((formula.rule, sample))
            for tex in map(latex, (formula.rule, formula.symbols, formula.numbers)):
                mathml = convert(tex)
                assert "\\" not in mathml, f"an unknown command in {tex}"
                assert "<mi>&</mi>" not in mathml, f"an alignment mark in {tex}"
                svg = ziamath.Latex(tex, size=22).svg()
                # ziamath draws some delimiters a thousand pixels tall.
                assert height_of(svg) < 400, tex


def test_a_formulas_numbers_end_in_its_value(record):
    for entry in record.entries:
        formula = explain(record, entry, entry.index_of(0), 0)
        end = latex(formula.numbers).removesuffix(r" \end{array}")
        assert end.endswith(f"= {latex(Numeral(formula.value))}"), end


def names_in(record):
    """The step's tensors by the names that code has for them; the optimizer's after the step."""
    known = {"torch": torch, "F": torch.nn.functional}
    for key, array in record.arrays.items():
        if not key.startswith(("after:", "step:", "s:", "t:", "penalty:")):
            known[name_of(record, key)] = torch.from_numpy(array.copy())
    return known


def of_parameter(record, entry):
    """Among the states of all parameters, one parameter's."""
    marks = (f"s:{entry.parameter}:", f"s':{entry.parameter}:", f"hat:{entry.parameter}:")
    return {
        name_of(record, key): torch.from_numpy(array.copy())
        for key, array in record.arrays.items()
        if key.startswith(marks)
    }


def test_the_line_of_pytorch_computes_all_of_the_entry(record):
    for entry in record.entries:
        code = explain(record, entry, entry.index_of(0), 0 if entry.per_sample else None).code
        assert "\n" not in code
        known = names_in(record) | of_parameter(record, entry)
        made = code.split(" = ")[0]
        exec(code, known)
        expected = torch.from_numpy(record.arrays[entry.writes].copy())
        torch.testing.assert_close(known[made], expected, rtol=1e-4, atol=1e-6, msg=code)


def test_the_line_of_pytorch_ends_in_the_number_shown(record):
    """For one sample and for the whole batch, run as it is shown."""
    for entry in record.entries:
        known = names_in(record) | of_parameter(record, entry)
        for sample in (None, 1):
            index = entry.index_of(entry.count - 1)
            formula = explain(record, entry, index, sample)
            made = dict(known)
            exec(formula.code, made)
            found = float(eval(formula.picked, made))
            assert formula.line == f"{formula.code}; {formula.picked}"
            scale = max([abs(factor.value) for factor in formula.factors], default=1.0)
            near = pytest.approx(formula.value, rel=1e-4, abs=1e-6 * (1 + scale))
            assert found == near, formula.line


# By hand: one input, one hidden unit, one output, numbers that fit on paper.
def by_hand(**fields):
    """x = 2, z1 = 3*2 + 1 = 7, a1 = 7, z2 = -1*7 + 0.5 = -6.5, y = 1, L = 56.25."""
    spec = tiny(
        **{
            "data": WorkedExample(inputs=((2.0,),), targets=((1.0,),)),
            "layers": (Dense(units=1, activation=ReLU()), Dense(units=1)),
            "loss": MSE(),
            "optimizer": SGD(learning_rate=0.1),
        }
        | fields
    )
    trainer = trainer_of(spec)
    with torch.no_grad():
        values = zip(trainer.network.parameters(), (3.0, 1.0, -1.0, 0.5), strict=True)
        for parameter, value in values:
            parameter.fill_(value)
    return trainer


def told(record, writes, index=(0,), sample=0):
    entry = next(entry for entry in record.entries if entry.writes == writes)
    return explain(record, entry, index, sample)


def test_a_step_by_hand_reads_as_on_paper():
    record = record_step(by_hand()).record
    expected = {
        "z:0": (r"z^{(1)}_{1} = w^{(1)}_{1,1}\,x_{1} + b^{(1)}_{1}", r"3\cdot 2 + 1 = 7"),
        "a:0": (
            r"a^{(1)}_{1} = \max(0,\, z^{(1)}_{1})",
            r"\max(0,\, 7) = 7",
        ),
        "z:1": (
            r"\hat{y}_{1} = w^{(2)}_{1,1}\,a^{(1)}_{1} + b^{(2)}_{1}",
            r"(-1)\cdot 7 + 0.5 = {-6.5}".replace("(-1)", "({-1})"),
        ),
        "terms": (None, r"\frac{1}{1}\,({-6.5} - 1)^{2} = 56.25"),
        "d:z:1": (None, r"\frac{2}{1}\,({-6.5} - 1) = {-15}"),
        "d:a:0": (None, r"({-15})\cdot ({-1}) = 15"),
        "d:z:0": (None, r"15\cdot 1 = 15"),
        "after:0.weight": (
            None,
            r"\begin{array}{ll} g & = 30 \\ w^{(1)}_{1,1} & \leftarrow 3 - 0.1\cdot 30 = 0"
            r" \end{array}",
        ),
    }
    for writes, (symbols, numbers) in expected.items():
        index = (0, 0) if "weight" in writes else () if writes == "terms" else (0,)
        formula = told(record, writes, index)
        assert symbols in (None, latex(formula.symbols))
        assert latex(formula.numbers).endswith(numbers), writes


def test_upstream_and_local_are_apart():
    record = record_step(by_hand()).record
    slope = told(record, "d:z:0")
    assert (slope.upstream.key, slope.upstream.value) == ("d:a:0", 15)
    assert slope.local.value == 1
    weight = told(record, "d:p:1.weight", (0, 0))
    assert (weight.upstream.value, weight.local.value) == (-15, 7)
    assert weight.value == -105


def test_the_gradient_of_the_whole_batch_is_told_sample_by_sample():
    record = record_of(tiny(training=Training(batch_size=3)))
    formula = told(record, "d:p:1.weight", (0, 2), None)
    delta, a = record.arrays["d:z:1"][:, 0], record.arrays["a:0"][:, 2]
    products = sorted((delta.astype(float) * a).tolist(), key=abs, reverse=True)
    assert [term.value for term in formula.terms] == pytest.approx(products)
    assert latex(formula.symbols).count(r"\delta^{(2)[") == 3
    share = told(record, "d:p:1.weight", (0, 2), 1)
    assert share.value == pytest.approx(float(delta[1]) * float(a[1]))
    assert latex(share.result.symbol).endswith("^{[2]}")


def test_a_wide_sum_lists_its_dozen_largest_terms_and_the_rest_as_one():
    record = record_of(CURATED["wide"])
    formula = told(record, "z:1", (5,), 2)
    row = record.arrays["p:1.weight"][5].astype(float) * record.arrays["a:0"][2]
    sizes = sorted(np.abs([*row, record.arrays["p:1.bias"][5]]), reverse=True)
    assert [abs(term.value) for term in formula.terms] == pytest.approx(sizes[:12])
    assert formula.left_out[0] == 41 - 12
    assert r"\cdots" in latex(formula.symbols)
    assert r"\underbrace" in latex(formula.numbers)


def test_the_mean_over_the_batch_has_a_bar_and_each_sample_as_a_term():
    record = record_of(tiny(training=Training(batch_size=4)))
    formula = told(record, "z:0", (1,), None)
    assert r"\overline{z^{(1)}_{2}} & = \frac{1}{n}" in latex(formula.symbols)
    values = record.arrays["z:0"][:, 1].astype(float) / 4
    assert sorted(term.value for term in formula.terms) == pytest.approx(sorted(values))
    assert formula.result.index == (-1, 1)


def test_a_neuron_knocked_out_gives_nothing_and_gets_no_gradient():
    wanted = Interventions().with_knocked((0,), 1, on=True)
    record = record_of(tiny(), wanted=wanted)
    for unit, kept in ((1, 0.0), (2, 1.0)):
        forward, back = told(record, "a:0", (unit,)), told(record, "d:z:0", (unit,))
        assert latex(forward.symbols).split(" = ")[1].startswith(rf"k^{{(1)}}_{{{unit + 1}}}")
        expected = kept * np.tanh(float(record.arrays["z:0"][0, unit]))
        assert forward.value == pytest.approx(expected)
        assert (back.value == 0) is (kept == 0)
        assert back.value == pytest.approx(float(record.arrays["d:z:0"][0, unit]), rel=1e-5)


def test_channels_knocked_out_are_explained_too():
    layers = (Conv2d(channels=3, kernel=3, activation=Sigmoid()), Flatten(), CURATED_END)
    wanted = Interventions().with_knocked((0,), 2, on=True)
    record = record_of(digits(data=IMAGES, layers=layers), wanted=wanted)
    assert told(record, "a:0", (2, 4, 5)).value == 0
    assert told(record, "d:z:0", (2, 4, 5)).value == 0
    assert told(record, "d:z:0", (1, 4, 5)).value == pytest.approx(
        float(record.arrays["d:z:0"][0, 1, 4, 5]), rel=1e-5
    )


CURATED_END = Dense(units=10, activation=Softmax())


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda entry: entry.kind)
def test_a_number_held_fast_stays_whatever_the_optimizer(optimizer):
    wanted = Interventions().with_frozen("0.weight", (2, 1), on=True)
    record = record_of(tiny(optimizer=optimizer), 2, wanted)
    held, free = told(record, "after:0.weight", (2, 1)), told(record, "after:0.weight", (2, 0))
    before = record.arrays["p:0.weight"]
    assert held.value == float(before[2, 1]) == float(record.arrays["after:0.weight"][2, 1])
    assert free.value != float(before[2, 0])


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda entry: entry.kind)
def test_the_optimizers_states_come_out_as_torchs(optimizer):
    record = record_of(tiny(optimizer=optimizer), 3)
    name, index = "0.weight", (1, 1)
    states = {
        key.rpartition(":")[2]: float(array[index])
        for key, array in record.arrays.items()
        if key.startswith(f"s:{name}:")
    }
    t = record.arrays.get(f"t:{name}", np.array(0.0))
    before, g = record.arrays[f"p:{name}"][index], record.arrays[f"d:p:{name}"][index]
    theta = Quantity(Symbol("w"), float(before))
    made = moved(Step(optimizer, theta, float(g), record.rate, float(t), states))
    for state, value in made.states.items():
        assert value == pytest.approx(float(record.arrays[f"s':{name}:{state}"][index]), rel=1e-5)
    change = float(record.arrays[f"step:{name}"][index])
    assert made.value - float(before) == pytest.approx(change, rel=1e-3, abs=2e-7)
    assert len(made.rows) == len(optimizer.rows())


def test_momentums_first_velocity_is_the_gradient_whatever_the_dampening():
    for optimizer in (Momentum(dampening=0.5), Nesterov()):
        formula = told(record_of(tiny(optimizer=optimizer)), "after:0.weight", (0, 0))
        g = next(factor.value for factor in formula.factors if factor.key.startswith("d:p"))
        assert rf"v & \leftarrow {latex(Numeral(g))} \\" in latex(formula.numbers)


def test_a_rule_in_symbols_names_the_weight_and_its_gradient():
    record = record_of(tiny(optimizer=GradientDescent()))
    assert latex(told(record, "after:1.weight", (0, 2)).symbols) == (
        r"\begin{array}{ll} g & = \frac{\partial L}{\partial w^{(2)}_{1,3}} \\ "
        r"w^{(2)}_{1,3} & \leftarrow w^{(2)}_{1,3} - \eta\,g \end{array}"
    )


def test_layers_inside_a_group_are_numbered_within_it():
    layers = (Dense(units=2), Residual(layers=(Dense(units=2), Dense(units=2))), CLASSES)
    record = record_of(with_dropout(layers=layers))
    inner = told(record, "z:1.0", (1,))
    assert latex(inner.symbols).startswith(r"z^{(2.1)}_{2} = ")
    assert r"z^{(1)}_{1}" in latex(inner.symbols), "it takes in what stands before the group"
    assert inner.code == "z2_1 = F.linear(z1, W2_1, b2_1)"


CLASSES = Dense(units=3, activation=Softmax())


@pytest.mark.parametrize("activation", HIDDEN, ids=lambda entry: entry.kind)
@given(z=st.floats(-40, 40))
@settings(deadline=None, max_examples=30)
def test_every_function_and_slope_is_torchs_in_double_precision(activation, z):
    at = torch.tensor(z, dtype=torch.float64, requires_grad=True)
    a = activation.module()(at)
    (slope,) = torch.autograd.grad(a, at) if a.requires_grad else (torch.tensor(1.0),)
    value = worth(activation.rule(Numeral(z)))
    assert value == pytest.approx(a.item(), rel=1e-7, abs=1e-12)
    stated = worth(replaced(activation.slope(Z, A), {Z: Numeral(z), A: Numeral(value)}))
    assert stated == pytest.approx(slope.item(), rel=1e-7, abs=1e-12)
    derived = replaced(derivative(activation.rule(Z), Z), {Z: Numeral(z)})
    assert z in activation.kinks or stated == pytest.approx(worth(derived), rel=1e-7, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "tex"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (0.5, "0.5"),
        (0.1, "0.1"),
        (1 / 3, "0.3333"),
        (-1 / 3, "{-0.3333}"),
        (0.0012345, "0.001234"),
        (0.00012345, r"1.234\times10^{-4}"),
        (1.2e-05, r"1.2\times10^{-5}"),
        (9999.6, r"1.000\times10^{4}"),
        (1234.56, "1235"),
        (123456.0, r"1.235\times10^{5}"),
        (60000.0, "60000"),
        (float("nan"), r"\mathrm{NaN}"),
        (float("-inf"), r"{-\infty}"),
    ],
)
def test_numbers_have_four_digits_and_no_more_than_they_need(value, tex):
    assert latex(Numeral(value)) == tex
    operand = f"({tex})" if tex.startswith("{") else tex
    assert latex(product(Symbol("w"), Numeral(value))) == rf"w\cdot {operand}"


@given(
    size=st.integers(1, 5),
    stride=st.integers(1, 4),
    padding=st.integers(0, 4),
    length=st.integers(1, 12),
)
def test_a_windows_three_views_of_an_axis_agree(size, stride, padding, length):
    outs = (length + 2 * padding - size) // stride + 1
    if length + 2 * padding < size:
        return
    window = SlidingWindow(size, stride, padding)
    seen = {
        (out, own, out * stride - padding + own)
        for out in range(outs)
        for own in range(size)
        if 0 <= out * stride - padding + own < length
    }
    inside = {
        (out, own, start + own)
        for out in range(outs)
        for start, low, high in [window.inside(out, length)]
        for own in range(low, high)
    }
    seen_by = {
        (out, own, place) for place in range(length) for own, out in window.seen_by(place, outs)
    }
    outputs = set()
    for own in range(size):
        out_slice, in_slice = window.outputs_of(own, length, outs)
        pairs = zip(range(outs)[out_slice], range(length)[in_slice], strict=True)
        outputs |= {(out, own, place) for out, place in pairs}
    assert inside == seen_by == outputs == seen


def test_a_diverged_step_is_told_too():
    trainer = by_hand(layers=(Dense(units=1, activation=Tanh()), Dense(units=1)))
    with torch.no_grad():
        next(trainer.network.parameters()).fill_(float("nan"))
    record = record_step(trainer).record
    for entry in record.entries:
        formula = explain(record, entry, entry.index_of(0), 0)
        if np.isnan(whole(record, entry, entry.index_of(0), 0)):
            assert np.isnan(formula.value)
            assert r"\mathrm{NaN}" in latex(formula.numbers)


@pytest.mark.parametrize("preset", DIGITS, ids=lambda preset: preset.name)
def test_a_number_of_a_large_network_is_explained_within_3_ms(preset):
    size = preset.spec.data.size
    data = Mnist(size=size, samples=128, test_samples=10)
    training = preset.spec.training.model_copy(update={"l1": 1e-5, "l2": 1e-4, "clip_norm": 1.0})
    spec = preset.spec.model_copy(update={"data": data, "training": training, "device": "cpu"})
    record = record_step(trainer_of(spec)).record
    for entry in record.entries:
        for sample in (None, 5):
            times = []
            for _ in range(5):
                begun = perf_counter()
                explain(record, entry, entry.index_of(entry.count // 2), sample)
                times.append(perf_counter() - begun)
            assert min(times) < 0.003, entry


def test_identity_alone_is_an_operation_both_ways():
    layers = (Dense(units=4, activation=Tanh()), ActivationLayer(activation=Identity()), CLASSES)
    record = record_of(with_dropout(layers=layers))
    for writes in ("a:1", "d:a:0"):
        assert told(record, writes, (1,)).value == record.arrays[writes][0, 1]
