"""Losses against their textbook definitions, worked out here in plain Python."""

import math

import pytest
import torch
import ziamath
from hypothesis import given, settings
from hypothesis import strategies as st
from latex2mathml.converter import convert
from pydantic import TypeAdapter, ValidationError
from torch.autograd import gradcheck

from core.catalog.base import entries_of
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy, HalfMSE, Loss, LossChoice
from core.expression.latex import latex

ADAPTER = TypeAdapter(LossChoice)
ENTRIES = list(entries_of(Loss).values())
OUTPUT = {None: lambda z: z, "sigmoid": torch.sigmoid, "softmax": lambda z: z.softmax(1)}


def name(entry):
    return entry.model_fields["kind"].default


def batch(entry, seed, n, k):
    """Logits, activations and targets of a float64 batch."""
    source = torch.Generator().manual_seed(seed)
    z = torch.randn(n, k, generator=source, dtype=torch.float64) * 3
    if entry.encoding == "index":
        targets = torch.randint(k, (n,), generator=source)
    elif entry.fuses:
        targets = torch.randint(2, (n, k), generator=source).double()
    else:
        targets = torch.randn(n, k, generator=source, dtype=torch.float64)
    return z, OUTPUT[entry.fuses](z), targets


def squared_distance(a, y):
    return math.fsum((p - q) ** 2 for p, q in zip(a, y, strict=True))


def log_loss(a, y):
    return -math.fsum(math.log(p if q else 1 - p) for p, q in zip(a, y, strict=True))


TEXTBOOK = {
    MSE: lambda a, y, n, k: math.fsum(map(squared_distance, a, y)) / (n * k),
    HalfMSE: lambda a, y, n, k: math.fsum(map(squared_distance, a, y)) / (2 * n),
    BinaryCrossEntropy: lambda a, y, n, k: math.fsum(map(log_loss, a, y)) / (n * k),
    CrossEntropy: lambda a, y, n, k: (
        -math.fsum(math.log(row[label]) for row, label in zip(a, y, strict=True)) / n
    ),
}

BATCHES = {
    "seed": st.integers(0, 2**31),
    "n": st.integers(1, 7),
    "k": st.integers(1, 5),
}


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
@settings(deadline=None)  # torch's first calls take their time
@given(**BATCHES)
def test_value_is_the_textbooks(entry, seed, n, k):
    z, a, targets = batch(entry, seed, n, k)
    value = entry().value(z, a, targets)
    assert value.shape == ()
    expected = TEXTBOOK[entry](a.tolist(), targets.tolist(), n, k)
    assert value.item() == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
@settings(deadline=None)  # torch's first calls take their time
@given(**BATCHES)
def test_terms_are_one_a_sample_and_their_mean_is_the_value(entry, seed, n, k):
    z, a, targets = batch(entry, seed, n, k)
    terms = entry().terms(z, a, targets)
    assert terms.shape == (n,)
    assert terms.mean().item() == pytest.approx(entry().value(z, a, targets).item(), rel=1e-12)


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_each_term_is_the_loss_of_that_sample_alone(entry):
    z, a, targets = batch(entry, seed=3, n=5, k=4)
    terms = entry().terms(z, a, targets)
    for i, term in enumerate(terms):
        alone = entry().value(z[i : i + 1], a[i : i + 1], targets[i : i + 1])
        assert term.item() == pytest.approx(alone.item(), rel=1e-12)


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_gradients_of_value_and_terms_agree_with_finite_differences(entry):
    z, _, targets = batch(entry, seed=5, n=4, k=3)
    z.requires_grad_()
    for method in (entry().value, entry().terms):
        assert gradcheck(lambda z, method=method: method(z, OUTPUT[entry.fuses](z), targets), (z,))


def test_quadratic_losses_differ_by_half_the_number_of_outputs():
    z, a, targets = batch(MSE, seed=7, n=6, k=4)
    half = HalfMSE().value(z, a, targets)
    assert half.item() == pytest.approx(MSE().value(z, a, targets).item() * 4 / 2)


def test_gradient_of_cross_entropy_is_probabilities_minus_truth():
    z, a, labels = batch(CrossEntropy, seed=1, n=5, k=3)
    z.requires_grad_()
    CrossEntropy().value(z, a, labels).backward()
    truth = torch.nn.functional.one_hot(labels, 3)
    assert torch.allclose(z.grad, (a - truth) / 5)


@pytest.mark.parametrize("entry", [BinaryCrossEntropy, CrossEntropy], ids=name)
def test_a_fused_loss_ignores_activations_and_stays_finite_where_they_saturate(entry):
    z = torch.tensor([[-200.0, 200.0]])
    targets = torch.tensor([0]) if entry is CrossEntropy else torch.tensor([[1.0, 1.0]])
    nonsense = torch.full_like(z, math.nan)
    # ln(1 + e^200) is 200 to double precision, of one logit of two; the softmax is 400 apart.
    expected = 400.0 if entry is CrossEntropy else 200.0 / 2
    assert entry().value(z, nonsense, targets).item() == pytest.approx(expected)
    assert entry().terms(z, nonsense, targets).mean().item() == pytest.approx(expected)


@pytest.mark.parametrize("entry", [MSE, HalfMSE], ids=name)
def test_an_unfused_loss_ignores_logits(entry):
    a, targets = torch.rand(3, 2), torch.rand(3, 2)
    assert entry().value(torch.full((3, 2), math.nan), a, targets).isfinite()


@settings(deadline=None)  # torch's first calls take their time
@given(labels=st.lists(st.integers(0, 4), min_size=1, max_size=20), spare=st.integers(0, 3))
def test_columns_are_one_hot(labels, spare):
    outputs = 5 + spare
    columns = MSE().encode(torch.tensor(labels), classes=5, outputs=outputs)
    assert columns.dtype == torch.float32
    assert columns.tolist() == [[float(j == label) for j in range(outputs)] for label in labels]


@pytest.mark.parametrize("entry", [MSE, HalfMSE, BinaryCrossEntropy], ids=name)
@settings(deadline=None)  # torch's first calls take their time
@given(labels=st.lists(st.integers(0, 1), min_size=1, max_size=20))
def test_one_output_stands_for_the_second_of_two_classes(entry, labels):
    column = entry().encode(torch.tensor(labels), classes=2, outputs=1)
    assert column.dtype == torch.float32
    assert column.tolist() == [[float(label)] for label in labels]


def test_two_classes_with_two_outputs_are_one_hot():
    columns = BinaryCrossEntropy().encode(torch.tensor([1, 0]), classes=2, outputs=2)
    assert columns.tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_cross_entropy_takes_class_indices_as_they_are():
    labels = torch.tensor([2, 0, 1])
    assert CrossEntropy().encode(labels, classes=3, outputs=3) is labels


@pytest.mark.parametrize("entry", [MSE, HalfMSE], ids=name)
def test_regression_values_pass_unchanged(entry):
    values = torch.tensor([[0.25, -3.0]])
    assert entry().encode(values, classes=0, outputs=2) is values


def test_fewer_outputs_than_classes_are_refused():
    with pytest.raises(ValueError, match="3 classes do not fit 1 outputs"):
        MSE().encode(torch.tensor([0]), classes=3, outputs=1)


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_what_encode_gives_can_be_compared_with_outputs(entry):
    labels = torch.tensor([0, 2, 1])
    z = torch.randn(3, 3)
    targets = entry().encode(labels, classes=3, outputs=3)
    assert entry().value(z, OUTPUT[entry.fuses](z), targets).isfinite()


def test_fusing_tasks_and_encoding_are_as_documented():
    both = {"classification", "regression"}
    assert {name(entry): (entry.fuses, entry.tasks, entry.encoding) for entry in ENTRIES} == {
        "mse": (None, both, "columns"),
        "half_mse": (None, both, "columns"),
        "binary_cross_entropy": ("sigmoid", {"classification"}, "columns"),
        "cross_entropy": ("softmax", {"classification"}, "index"),
    }


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_every_formula_can_be_drawn(entry, monkeypatch):
    monkeypatch.setattr(ziamath.config, "svg2", False)
    for tex in map(latex, (entry().formula, entry().gradient_formula)):
        mathml = convert(tex)
        assert "\\" not in mathml, "an unknown command would be drawn as text"
        assert "<mi>&</mi>" not in mathml, "an alignment mark would be drawn as text"
        assert "<svg" in ziamath.Latex(tex).svg()
    assert entry.label
    assert entry.description.endswith(".")


@pytest.mark.parametrize("entry", ENTRIES, ids=name)
def test_json_gives_back_the_same_choice(entry):
    assert ADAPTER.validate_json(ADAPTER.dump_json(entry())) == entry()


@pytest.mark.parametrize("fields", [{}, {"kind": "hinge"}, {"kind": "mse", "reduction": "sum"}])
def test_unknown_words_are_refused(fields):
    with pytest.raises(ValidationError):
        ADAPTER.validate_python(fields)
