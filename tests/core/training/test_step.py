"""Gradients by autograd and by replay, against each other and against torch written plainly."""

import threading

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from core.catalog.activations import Activation, Identity, Sigmoid, Softmax, Tanh
from core.catalog.base import entries_of
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy, HalfMSE
from core.experiment.layers import (
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    Residual,
    infer_shapes,
)
from core.experiment.network import Network
from core.training.recording import CapturedStep
from core.training.step import (
    Clipping,
    EagerStep,
    Interrupted,
    Penalty,
    PiecewiseStep,
    clipping_of,
    penalty_of,
)
from tests.core.experiments import CONVOLUTIONS, same, tiny
from tests.core.plain import penalty, plain

NONE = Penalty(0, 0)


def ends(activation, *layers):
    return (*layers, Dense(units=3, activation=activation))


# Layers, loss and the shape of a sample: each loss, each activation, each layer, each pairing.
CASES = {
    "mse": (ends(Identity(), Dense(units=5, activation=Tanh())), MSE(), (4,)),
    "half-mse": (ends(Sigmoid(), Dense(units=5)), HalfMSE(), (4,)),
    "mse-softmax": (ends(Softmax()), MSE(), (4,)),
    "binary": (ends(Sigmoid(), Dense(units=5, activation=Tanh())), BinaryCrossEntropy(), (4,)),
    "cross-entropy": (ends(Softmax(), Dense(units=5, bias=False)), CrossEntropy(), (4,)),
    "batch-norm": (
        ends(Softmax(), Dense(units=5), BatchNorm(activation=Tanh())),
        CrossEntropy(),
        (4,),
    ),
    "dropout": (
        ends(Softmax(), Dense(units=5), Dropout(rate=0.3), Dropout(rate=0.1)),
        CrossEntropy(),
        (4,),
    ),
    "residual": (
        ends(Identity(), Residual(layers=(Dense(units=4, activation=Tanh()), BatchNorm()))),
        MSE(),
        (4,),
    ),
    "images": (
        ends(Softmax(), Conv2d(channels=2), BatchNorm(), MaxPool2d(), Flatten()),
        CrossEntropy(),
        (1, 6, 6),
    ),
    "all-layers": (CONVOLUTIONS, CrossEntropy(), (1, 10, 10)),
} | {
    f"hidden-{kind}": (ends(Softmax(), Dense(units=5, activation=entry())), CrossEntropy(), (4,))
    for kind, entry in entries_of(Activation).items()
    if not entry.output_only
}
PENALTIES = {"none": NONE, "l1": Penalty(0.01, 0), "l2": Penalty(0, 0.1), "both": Penalty(0.1, 0.2)}


def network_of(case, seed=0):
    layers, _, shape = case
    return Network(infer_shapes(layers, shape), seed).train()


def batches(case, sizes=(6, 6, 4, 6, 4), seed=1):
    """Samples and encoded targets of a few batches, the sizes as an epoch's end brings them."""
    layers, loss, shape = case
    outputs = infer_shapes(layers, shape)[-1].output_shape[0]
    source = torch.Generator().manual_seed(seed)
    for n in sizes:
        inputs = torch.randn(n, *shape, generator=source)
        labels = torch.randint(0, outputs, (n,), generator=source)
        yield inputs, loss.encode(labels, outputs, outputs)


def trained(step_kind, case, chosen, sizes=(6, 6, 4, 6, 4), network=None):
    """Everything that a few steps of plain descent give, step by step."""
    network = network or network_of(case)
    step = step_kind(network, case[1], chosen)
    masks = torch.Generator().manual_seed(2)
    found = []
    for inputs, targets in batches(case, sizes):
        with torch.inference_mode():
            network.draw_masks(len(inputs), masks)
            loss, z, gradients = step(inputs, targets)
            found += [loss.clone(), z.clone(), *(gradient.clone() for gradient in gradients)]
            torch._foreach_add_(list(network.parameters()), gradients, alpha=-0.1)
        found += [tensor.detach().clone() for tensor in network.state_dict().values()]
    return found


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_replayed_step_gives_the_bits_of_autograds(case):
    assert same(trained(CapturedStep, case, NONE), trained(EagerStep, case, NONE))


@pytest.mark.parametrize("chosen", PENALTIES.values(), ids=PENALTIES)
@pytest.mark.parametrize("name", ["mse", "dropout", "images"])
def test_a_replayed_step_with_penalties_gives_the_bits_of_autograds(name, chosen):
    case = CASES[name]
    assert same(trained(CapturedStep, case, chosen), trained(EagerStep, case, chosen))


def test_a_replayed_step_counts_the_batches_of_batch_norm():
    network = network_of(CASES["batch-norm"])
    trained(CapturedStep, CASES["batch-norm"], NONE, network=network)
    assert int(network.layers[1].transform.num_batches_tracked) == 5


def by_hand(case, z, targets):
    """The loss as torch's users write it."""
    layers, loss, _ = case
    a = layers[-1].activation.module()(z)
    match loss:
        case MSE():
            return nn.MSELoss()(a, targets)
        case HalfMSE():
            return nn.MSELoss(reduction="sum")(a, targets) / (2 * len(z))
        case BinaryCrossEntropy():
            return nn.BCEWithLogitsLoss()(z, targets)
    return nn.CrossEntropyLoss()(z, targets)


@pytest.mark.parametrize("chosen", PENALTIES.values(), ids=PENALTIES)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_step_gives_the_gradients_of_a_plain_backward_pass(case, chosen):
    layers, loss, shape = case
    network = network_of(case)
    inputs, targets = next(batches(case))
    network.draw_masks(len(inputs), torch.Generator().manual_seed(2))
    reference = plain(layers, shape, network)[:-1]  # without the output's activation
    if network.has_images:
        reference = reference.to(memory_format=torch.channels_last)
    value, z, gradients = EagerStep(network, loss, chosen)(inputs, targets)
    expected_z = reference(inputs)
    expected = by_hand(case, expected_z, targets)
    (expected + penalty(reference, chosen.l1, chosen.l2)).backward()
    assert torch.equal(value, expected.detach())
    assert torch.equal(z, expected_z.detach())
    for ours, theirs in zip(gradients, reference.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs.grad, rtol=1e-6, atol=1e-7)


def test_the_loss_that_is_reported_is_the_datas_without_the_penalty():
    case = CASES["mse"]
    inputs, targets = next(batches(case))
    plain_loss, _, _ = EagerStep(network_of(case), MSE(), NONE)(inputs, targets)
    loss, _, _ = EagerStep(network_of(case), MSE(), Penalty(1, 1))(inputs, targets)
    assert torch.equal(loss, plain_loss)


def test_penalties_add_their_derivatives_to_weights_and_nothing_to_biases():
    case = CASES["mse"]
    inputs, targets = next(batches(case))
    network = network_of(case)
    _, _, without = EagerStep(network, MSE(), NONE)(inputs, targets)
    _, _, added = EagerStep(network, MSE(), Penalty(0.3, 0.5))(inputs, targets)
    for w, before, after in zip(network.parameters(), without, added, strict=True):
        extra = 0.3 * w.sign() + 0.5 * w if w.dim() > 1 else torch.zeros_like(w)
        torch.testing.assert_close(after - before, extra.detach(), rtol=1e-5, atol=1e-6)


@given(st.integers(0, 1000), st.floats(0, 2), st.floats(0, 2))
@settings(max_examples=30, deadline=None)
def test_the_penalty_is_its_formula(seed, l1, l2):
    source = torch.Generator().manual_seed(seed)
    weights = [torch.randn(shape, generator=source) for shape in ((3, 2), (2, 1, 3, 3))]
    flat = torch.cat([weight.flatten() for weight in weights]).double()
    expected = l1 * flat.abs().sum() + l2 / 2 * (flat**2).sum()
    torch.testing.assert_close(
        Penalty(l1, l2).value(weights).double(), expected, rtol=1e-5, atol=1e-30
    )


@pytest.mark.parametrize("piece", [1, 2, 4, 6])
@pytest.mark.parametrize("name", ["mse", "half-mse", "binary", "cross-entropy", "hidden-relu"])
def test_a_batch_in_pieces_gives_the_gradients_of_the_whole(name, piece):
    case = CASES[name]
    inputs, targets = next(batches(case))
    prepared = []
    eager = EagerStep(network_of(case), case[1], Penalty(0.1, 0.2))
    loss, z, gradients = eager(inputs, targets)
    found = PiecewiseStep(eager, piece, prepared.append)(inputs, targets)
    torch.testing.assert_close(found[0], loss)
    torch.testing.assert_close(found[1], z)
    torch.testing.assert_close(found[2], gradients)
    assert sum(prepared) == len(inputs)
    assert max(prepared) == piece


def test_a_batch_in_pieces_can_be_given_up_between_two_of_them():
    case = CASES["mse"]
    prepared = []
    step = PiecewiseStep(EagerStep(network_of(case), case[1], NONE), 2, prepared.append)
    step.interrupted = lambda: len(prepared) == 2
    with pytest.raises(Interrupted):
        step(*next(batches(case)))
    assert prepared == [2, 2]


def gradients_of(scale, seed=0):
    source = torch.Generator().manual_seed(seed)
    return [torch.randn(shape, generator=source) * scale for shape in ((5, 3), (5,), (2, 1, 3, 3))]


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize(("norm", "value"), [(1.0, None), (None, 0.5), (2.0, 0.7), (1e6, 1e6)])
def test_clipping_gives_the_bits_of_torchs_own(scale, norm, value):
    ours = gradients_of(scale)
    parameters = [nn.Parameter(torch.zeros_like(gradient)) for gradient in ours]
    for parameter, gradient in zip(parameters, ours, strict=True):
        parameter.grad = gradient.clone()
    if value is not None:
        nn.utils.clip_grad_value_(parameters, value)
    if norm is not None:
        nn.utils.clip_grad_norm_(parameters, norm)
    Clipping(norm, value).apply(ours)
    assert same(ours, [parameter.grad for parameter in parameters])


def test_nothing_is_clipped_or_penalised_unless_asked():
    training = tiny().training
    assert not penalty_of(training)
    assert not clipping_of(training)
    asked = training.model_copy(update={"l1": 0.1, "clip_norm": 1.0})
    assert penalty_of(asked) == Penalty(0.1, 0)
    assert clipping_of(asked) == Clipping(1.0, None)


def test_two_threads_can_record_at_the_same_time():
    case = CASES["dropout"]
    expected = trained(EagerStep, case, NONE)
    call, getattribute = nn.Module.__call__, nn.Module.__getattr__
    found = [None] * 4
    barrier = threading.Barrier(4)

    def work(place):
        barrier.wait(timeout=10)
        found[place] = trained(CapturedStep, case, NONE)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert all(same(each, expected) for each in found)
    assert nn.Module.__call__ is call
    assert nn.Module.__getattr__ is getattribute


def test_a_replay_follows_weights_that_are_written_in_place():
    case = CASES["mse"]
    network = network_of(case)
    step = CapturedStep(network, MSE(), NONE)
    inputs, targets = next(batches(case))
    step(inputs, targets)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.zero_()
    loss, z, _ = step(inputs, targets)
    assert not z.any()
    assert torch.equal(loss, functional.mse_loss(torch.zeros_like(targets), targets))
