"""Losses at many parameters at once against a plain torch.nn.Sequential, one point at a time."""

import copy
import math
from itertools import count

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalog.activations import Activation, Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from core.catalog.base import entries_of
from core.catalog.losses import MSE, BinaryCrossEntropy, CrossEntropy, HalfMSE, Loss
from core.data import as_float
from core.data.mnist import Mnist
from core.errors import UserError
from core.landscape import room, scorers
from core.landscape.arena import Flat
from core.landscape.network_arena import NetworkArena, buffers_of
from core.landscape.sample import Sample
from core.landscape.stacked_losses import summed
from core.landscape.winograd import CHANNELS, with_fewer_products
from core.layers import (
    ActivationLayer,
    AvgPool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Flatten,
    MaxPool2d,
    Residual,
    infer_shapes,
)
from core.network import Network
from core.presets import PRESETS
from core.spec import Training
from core.training.step import Interrupted, Penalty
from tests.core.experiments import (
    digits,
    regression,
    take,
    tiny,
    trainer_of,
    with_batch_norm,
    with_dropout,
)
from tests.core.plain import penalty as plain_penalty
from tests.core.plain import plain

ACTIVATIONS = [entry for entry in entries_of(Activation).values() if not entry.output_only]


def never():
    return False


class Reference:
    """One point at a time, in float32 as one writes it, and in float64 to tell who is right."""

    def __init__(self, layers, network, sample, loss):
        network = network.eval()
        shape = tuple(sample.inputs.shape[1:])
        self.loss, self.sample = loss, sample
        self.rows = {
            torch.float32: plain(layers, shape, network),
            torch.float64: plain(layers, shape, network).double(),
        }

    def at(self, vector, dtype=torch.float64):
        """Loss and accuracy at (p,)."""
        row, sample = self.rows[dtype], self.sample
        targets = sample.targets
        if targets.is_floating_point():
            targets = targets.to(dtype)
        with torch.no_grad():
            torch.nn.utils.vector_to_parameters(vector.to(dtype), row.parameters())
            z = row[:-1](sample.inputs.to(dtype))  # the last is the last layer's activation
            a = row[-1](z)
            value = self.loss.value(z, a, targets).item()
        if sample.labels is None:
            return value, None
        chosen = (a[:, 0] > 0.5).long() if a.shape[1] == 1 else a.argmax(1)
        return value, (chosen == sample.labels).double().mean().item()

    def check(self, scores, vectors):
        """Within 1e-5 of the exact loss; or, where float32 cannot, not much worse than plainly."""
        for index, vector in enumerate(vectors):
            exact, _ = self.at(vector)
            usual, accuracy = self.at(vector, torch.float32)
            found = scores.loss[index].item()
            if not math.isfinite(exact) or not math.isfinite(usual):
                continue
            allowed = max(1e-5 * abs(exact), 4 * abs(usual - exact), 1e-7)
            assert abs(found - exact) <= allowed, (index, found, exact, usual)
            if accuracy is None:
                assert scores.accuracy is None
            else:
                slack = 1.01 / len(self.sample)  # one sample may lie on the boundary
                assert scores.accuracy[index].item() == pytest.approx(accuracy, abs=slack)


def vector_of(network):
    return torch.cat([p.detach().reshape(-1) for p in network.parameters()])


def plane_of(base, seed=0, size=0.5):
    source = torch.Generator().manual_seed(seed)
    d1, d2 = (size * torch.randn(len(base), generator=source) for _ in range(2))
    return Flat(base, d1, d2)


def points(number, seed=0):
    source = torch.Generator().manual_seed(seed)
    return 2 * torch.rand(number, 2, dtype=torch.float64, generator=source) - 1


def on_plane(flat, places):
    return [flat.at(x, y) for x, y in places.tolist()]


def trained(spec, steps=5):
    trainer = trainer_of(spec)
    take(trainer, steps)
    return trainer


def reference_of(trainer, arena):
    spec = trainer.spec
    network = Network(trainer.network.shapes, 0)
    network.load_state_dict({k: v.clone() for k, v in trainer.network.state_dict().items()})
    return Reference(spec.layers, network, arena._sample, spec.loss)


def few_digits(spec):
    if not isinstance(spec.data, Mnist):
        return spec
    data = Mnist(size=spec.data.size, samples=80, test_samples=10)
    return spec.model_copy(
        update={"data": data, "training": spec.training.model_copy(update={"batch_size": 16})}
    )


@pytest.mark.parametrize("name", PRESETS)
def test_losses_of_each_preset_are_those_of_one_point_at_a_time(name):
    trainer = trained(few_digits(PRESETS[name].spec))
    arena = NetworkArena.of_trainer(trainer, None)
    reference = reference_of(trainer, arena)
    flat = plane_of(vector_of(trainer.network), size=0.1)
    places = points(6)
    states = on_plane(flat, places)
    reference.check(arena.on_plane(flat).scores(places, never), states)
    reference.check(arena.scores(torch.stack(states), never), states)


@pytest.mark.parametrize("make", [tiny, regression, with_dropout, with_batch_norm, digits])
def test_dropout_is_off_and_batch_norm_keeps_to_its_running_moments(make):
    trainer = trained(make(), 9)
    arena = NetworkArena.of_trainer(trainer, None)
    here = vector_of(trainer.network)
    found = arena.scores(here[None], never)
    reference_of(trainer, arena).check(found, [here])
    # Of a network in evaluation mode, over the very training set (in another order).
    data, loss = trainer.data, trainer.spec.loss
    with torch.no_grad():
        network = trainer.network.eval()
        z = network(as_float(data.train_inputs))
        outputs = network.shapes[-1].output_shape[0]
        targets = loss.encode(data.train_labels, data.shape.outputs, outputs)
        value = loss.value(z, network.activate(z), targets)
    network.train()
    assert arena.samples == arena.of == len(data.train_inputs)
    assert found.loss[0].item() == pytest.approx(value.item(), rel=1e-5)


# --- random networks -------------------------------------------------------------------------


def bends():
    return st.sampled_from(ACTIVATIONS).map(lambda entry: entry())


@st.composite
def flat_layer(draw, units):
    kinds = ["dense", "batch_norm", "dropout", "activation", "residual", "flatten"]
    match draw(st.sampled_from(kinds)):
        case "dense":
            bias = draw(st.booleans())
            return Dense(units=draw(st.integers(1, 6)), activation=draw(bends()), bias=bias)
        case "batch_norm":
            return BatchNorm(activation=draw(bends()))
        case "dropout":
            return Dropout(rate=0.3)
        case "activation":
            return ActivationLayer(activation=draw(bends()))
        case "flatten":
            return Flatten()
        case _:
            inner = [Dense(units=units, activation=draw(bends()))]
            if draw(st.booleans()):
                inner.insert(0, ActivationLayer(activation=draw(bends())))
            if draw(st.booleans()):
                inner.append(Residual(layers=(Dense(units=units), BatchNorm())))
            return Residual(layers=tuple(inner), activation=draw(bends()))


@st.composite
def image_layer(draw, channels):
    match draw(st.integers(0, 5)):
        case 0:
            return Conv2d(
                channels=draw(st.integers(1, 3)),
                kernel=draw(st.integers(1, 3)),
                stride=draw(st.integers(1, 2)),
                padding=draw(st.integers(0, 1)),
                bias=draw(st.booleans()),
                activation=draw(bends()),
            )
        case 1:
            return MaxPool2d(size=2, stride=draw(st.sampled_from([None, 1, 2, 3])))
        case 2:
            return AvgPool2d(size=2, stride=draw(st.sampled_from([None, 1])))
        case 3:
            return BatchNorm(activation=draw(bends()))
        case 4:
            inner = Conv2d(channels=channels, kernel=3, padding=1, activation=draw(bends()))
            return Residual(layers=(inner, BatchNorm()), activation=draw(bends()))
        case _:
            return draw(st.sampled_from([Dropout(rate=0.5), ActivationLayer(activation=ReLU())]))


ENDS = {
    "binary": (BinaryCrossEntropy(), Sigmoid(), 1),
    "labels": (BinaryCrossEntropy(), Sigmoid(), 3),
    "classes": (CrossEntropy(), Softmax(), 3),
    "softmax by distance": (MSE(), Softmax(), 3),
    "sigmoid by distance": (HalfMSE(), Sigmoid(), 2),
    "one by distance": (MSE(), Tanh(), 1),
    "values": (MSE(), Identity(), 2),
    "half": (HalfMSE(), LeakyReLU(), 2),
}


@st.composite
def experiments(draw, images=None):
    """Layers, a network with moments of its own, a sample and a loss."""
    images = draw(st.booleans()) if images is None else images
    shape = (draw(st.integers(1, 2)), 9, 8) if images else (draw(st.integers(1, 5)),)
    first, layers, at = shape, [], shape
    for _ in range(draw(st.integers(0, 4 if images else 3))):
        layer = draw(image_layer(at[0]) if images else flat_layer(at[0]))
        try:
            at = layer.output_shape(at)
        except UserError:
            break
        layers.append(layer)
    if images:
        layers.append(Flatten())
        if draw(st.booleans()):
            layers.append(Dense(units=4, activation=draw(bends())))
    loss, last, outputs = ENDS[draw(st.sampled_from(list(ENDS)))]
    layers.append(Dense(units=outputs, activation=last))
    if draw(st.integers(0, 3)) == 0:
        layers[-1] = Dense(units=outputs)
        layers.append(ActivationLayer(activation=last))
    return made(tuple(layers), first, loss, outputs, draw(st.integers(0, 2**20)))


def made(layers, shape, loss, outputs, seed=0):
    source, samples = torch.Generator().manual_seed(seed), 11
    network = Network(infer_shapes(layers, shape), seed).eval()
    with torch.no_grad():
        for p in network.parameters():
            p.add_(0.3 * torch.randn(p.shape, generator=source))
        for name, buffer in buffers_of(network).items():
            if buffer.is_floating_point():
                noise = torch.randn(buffer.shape, generator=source)
                buffer.copy_(noise.square() + 0.2 if "var" in name else noise)
    inputs = torch.randn(samples, *shape, generator=source)
    labels = torch.randint(0, max(2, outputs), (samples,), generator=source)
    valued = not loss.fuses and seed % 3 == 0
    if valued:
        targets = torch.randn(samples, outputs, generator=source)
    else:
        targets = loss.encode(labels, max(2, outputs), outputs)
    sample = Sample(inputs, targets, None if valued else labels, of=100)
    return layers, network, sample, loss


def arena_of(network, sample, loss, penalty=None, knocked=None):
    return NetworkArena(
        network.shapes, loss, penalty or Penalty(0, 0), sample, buffers_of(network), knocked or {}
    )


RANDOM = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))


@RANDOM
@given(experiments())
def test_losses_of_any_network_are_those_of_one_point_at_a_time(experiment):
    layers, network, sample, loss = experiment
    arena = arena_of(network, sample, loss)
    reference = Reference(layers, network, sample, loss)
    flat = plane_of(vector_of(network))
    places = points(4)
    states = on_plane(flat, places)
    reference.check(arena.on_plane(flat).scores(places, never), states)
    reference.check(arena.scores(torch.stack(states), never), states)


@RANDOM
@given(experiments(), st.data())
def test_a_plane_that_moves_a_few_numbers_shares_the_layers_before_them(experiment, data):
    layers, network, sample, loss = experiment
    arena = arena_of(network, sample, loss)
    base = vector_of(network)
    first, second = (data.draw(st.integers(0, len(base) - 1)) for _ in range(2))
    d1, d2 = torch.zeros(len(base)), torch.zeros(len(base))
    d1[first] = d2[second] = 1
    flat = Flat(base, d1, d2)
    places = 3 * points(5)
    reference = Reference(layers, network, sample, loss)
    reference.check(arena.on_plane(flat).scores(places, never), on_plane(flat, places))


@RANDOM
@given(experiments(), st.integers(1, 5), st.integers(1, 5))
def test_the_losses_do_not_depend_on_how_the_work_is_cut(experiment, part, group):
    _, network, sample, loss = experiment
    flat, places = plane_of(vector_of(network)), points(7)
    whole = arena_of(network, sample, loss).on_plane(flat).scores(places, never)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_part_size", "_group_size"):
            size = part if name == "_part_size" else group
            for way in (scorers.Stacked, scorers.OneByOne):
                patch.setattr(way, name, lambda self, size=size: size)
        cut = arena_of(network, sample, loss).on_plane(flat).scores(places, never)
    torch.testing.assert_close(cut.loss, whole.loss, rtol=3e-6, atol=1e-6, equal_nan=True)
    if whole.accuracy is not None:
        torch.testing.assert_close(cut.accuracy, whole.accuracy, rtol=0, atol=0.1)


@RANDOM
@given(experiments(), st.booleans())
def test_derivatives_of_the_objective_are_those_of_the_loss(experiment, penalised):
    layers, network, sample, loss = experiment
    penalty = Penalty(0.01, 0.02) if penalised else Penalty(0, 0)
    arena = arena_of(network, sample, loss, penalty)
    here = vector_of(network).requires_grad_()
    value = arena.objective(here)
    (gradient,) = torch.autograd.grad(value, here, create_graph=True)
    row = plain(layers, tuple(sample.inputs.shape[1:]), network)
    z = row[:-1](sample.inputs)
    total = loss.value(z, row[-1](z), sample.targets)
    total = total + plain_penalty(row, penalty.l1, penalty.l2)
    torch.testing.assert_close(value, total, rtol=1e-5, atol=1e-6)
    wanted = torch.autograd.grad(total, list(row.parameters()))
    wanted = torch.cat([part.reshape(-1) for part in wanted])
    torch.testing.assert_close(gradient, wanted, rtol=1e-3, atol=1e-5, equal_nan=True)
    # A second time: products with the Hessian.
    (product,) = torch.autograd.grad(gradient.sum(), here, allow_unused=True)
    assert product is None or product.shape == here.shape


# --- what is special -------------------------------------------------------------------------


@pytest.mark.parametrize("images", [False, True])
def test_silenced_units_stay_silent(images):
    dense = (Dense(units=5, activation=Sigmoid()), Dense(units=4, activation=Sigmoid()))
    layers = (
        (Conv2d(channels=3, kernel=3, activation=ReLU()), MaxPool2d(), Flatten(), *dense)
        if images
        else (BatchNorm(), Residual(layers=(Dense(units=3, activation=Tanh()),)), *dense)
    )
    layers = (*layers, Dense(units=1, activation=Sigmoid()))
    shape = (1, 8, 8) if images else (3,)
    _, network, sample, loss = made(layers, shape, BinaryCrossEntropy(), 1)
    knocked = {(0,): frozenset({1}), (len(layers) - 2,): frozenset({0, 2})}
    if not images:
        knocked[1, 0] = frozenset({2})
    arena = arena_of(network, sample, loss, knocked=knocked)
    network.knock_out(knocked)
    flat, places = plane_of(vector_of(network)), points(5)
    found = arena.on_plane(flat).scores(places, never)
    for vector, value in zip(on_plane(flat, places), found.loss.tolist(), strict=True):
        with torch.no_grad():
            torch.nn.utils.vector_to_parameters(vector, network.parameters())
            expected = loss.value(network(sample.inputs), None, sample.targets)
        assert value == pytest.approx(expected.item(), rel=1e-5)


@pytest.mark.parametrize("l1", [0.0, 0.3])
@pytest.mark.parametrize("l2", [0.0, 0.7])
def test_penalties_count_weights_and_no_biases(l1, l2):
    trainer = trained(digits(training=Training(l1=l1, l2=l2, batch_size=50)), 2)
    arena = NetworkArena.of_trainer(trainer, 30)
    flat, places = plane_of(vector_of(trainer.network)), points(5)
    states = on_plane(flat, places)
    scratch = Network(trainer.network.shapes, 0)
    expected = []
    for vector in states:
        torch.nn.utils.vector_to_parameters(vector, scratch.parameters())
        expected.append(plain_penalty(scratch, l1, l2).item())
    for found in (
        arena.on_plane(flat).scores(places, never),
        arena.scores(torch.stack(states), never),
    ):
        assert found.penalty.tolist() == pytest.approx(expected, rel=1e-5)
        assert found.penalty.dtype == torch.float32
    here = states[0]
    whole = arena.objective(here).item()
    assert whole == pytest.approx((found.loss[0] + found.penalty[0]).item(), rel=1e-5)


OVERFLOWING = {
    "sigmoid": (tiny(), 0),
    "squares": (regression(layers=(Dense(units=4, activation=ReLU()), Dense(units=1))), 2),
    "convolutional": (digits(), 2),
}


@pytest.mark.parametrize(("spec", "spoilt"), OVERFLOWING.values(), ids=OVERFLOWING)
def test_what_overflows_or_is_no_number_spoils_its_own_point_only(spec, spoilt):
    trainer = trainer_of(spec)
    arena = NetworkArena.of_trainer(trainer, 40)
    reference, here = reference_of(trainer, arena), vector_of(trainer.network)
    states = here.repeat(5, 1)
    states[1, 0], states[2, 0], states[3] = math.nan, math.inf, states[3] * 1e30
    found = arena.scores(states, never).loss.isfinite().tolist()
    usual = [math.isfinite(reference.at(state, torch.float32)[0]) for state in states]
    assert found == usual
    assert found[0]
    assert not found[1]
    assert found[2:4].count(False) == spoilt
    places = torch.tensor([[0.0, 0.0], [math.nan, 0.0], [math.inf, 0.0], [0.1, 0.1]]).double()
    found = arena.on_plane(plane_of(here)).scores(places, never).loss.isfinite().tolist()
    assert found == [True, False, False, True]


def test_equal_outputs_are_the_first_class_as_torch_has_it():
    layers = (Dense(units=3, activation=Softmax()),)
    _, network, sample, loss = made(layers, (2,), CrossEntropy(), 3)
    nothing = torch.zeros(1, 9)
    found = arena_of(network, sample, loss).scores(nothing, never)
    assert found.loss.item() == pytest.approx(math.log(3))
    assert found.accuracy.item() == pytest.approx((sample.labels == 0).float().mean().item())


def test_sure_and_right_answers_keep_the_digits_of_their_small_loss():
    z = torch.tensor([[[-30.0, 12.0, -9.0]]])
    targets = torch.tensor([[0.0], [1.0], [0.0]])
    found = summed(BinaryCrossEntropy(), targets)(z, z).item()
    exact = sum(math.log1p(math.exp(-size)) for size in (30, 12, 9))
    assert found == pytest.approx(exact, rel=1e-5)


def test_a_loss_that_is_new_to_the_catalog_is_computed_by_itself():
    class Largest(Loss):
        kind: str = "largest"

        def value(self, z, a, targets):
            return (a - targets).abs().mean()

    z = torch.randn(3, 2, 5, generator=torch.Generator().manual_seed(0))
    targets = torch.zeros(5, 2)
    found = summed(Largest(), targets)(z, z)
    assert found.tolist() == pytest.approx((5 * z.abs().mean((1, 2))).tolist())


@pytest.mark.parametrize("spec", [tiny(), digits()], ids=["dense", "convolutional"])
def test_it_is_given_up_when_something_else_is_wanted(spec, monkeypatch):
    monkeypatch.setattr(scorers, "ELEMENTS", 2**12)
    trainer = trainer_of(spec)
    arena = NetworkArena.of_trainer(trainer, None)
    here = vector_of(trainer.network)
    plane = arena.on_plane(plane_of(here))
    asked = count()
    with pytest.raises(Interrupted):
        plane.scores(points(300), lambda: next(asked) >= 1)
    with pytest.raises(Interrupted):
        arena.scores(here.repeat(3, 1), lambda: True)
    # Nothing is left behind: the same point gives the same as before.
    once = plane.scores(points(2), never).loss
    assert torch.equal(plane.scores(points(2), never).loss, once)


@pytest.mark.parametrize("spec", [with_batch_norm(), digits()], ids=["dense", "convolutional"])
def test_the_live_network_is_left_alone_and_may_go_on(spec):
    trainer, undisturbed = trained(spec, 3), trained(spec, 3)
    arena = NetworkArena.of_trainer(trainer, None)
    here = vector_of(trainer.network)
    flat = plane_of(here)
    plane = arena.on_plane(flat)
    before = plane.scores(points(4), never).loss
    arena.scores(here[None], never)
    arena.objective(here)
    assert take(trainer, 6) == take(undisturbed, 6)
    assert torch.equal(plane.scores(points(4), never).loss, before)
    assert torch.equal(arena.on_plane(flat).scores(points(4), never).loss, before)


def test_two_planes_of_one_arena_do_not_disturb_each_other():
    trainer = trainer_of(digits())
    arena = NetworkArena.of_trainer(trainer, 20)
    here = vector_of(trainer.network)
    one, other = plane_of(here, 1), plane_of(here + 0.1, 2)
    alone = NetworkArena.of_trainer(trainer, 20).on_plane(one).scores(points(3), never).loss
    first, second = arena.on_plane(one), arena.on_plane(other)
    second.scores(points(2), never)
    arena.scores(here[None] * 2, never)
    assert torch.equal(first.scores(points(3), never).loss, alone)


def test_it_can_be_made_and_asked_in_inference_mode_and_still_be_differentiated():
    trainer = trainer_of(with_batch_norm())
    with torch.inference_mode():
        arena = NetworkArena.of_trainer(trainer, None)
    here = vector_of(trainer.network).requires_grad_()
    (gradient,) = torch.autograd.grad(arena.objective(here), here)
    assert gradient.abs().sum() > 0


def test_new_running_moments_make_another_arena_and_old_ones_the_same():
    trainer = trained(with_batch_norm(), 3)
    arena = NetworkArena.of_trainer(trainer, None)
    assert arena.with_buffers_of(trainer.network) is arena
    take(trainer, 3)
    newer = arena.with_buffers_of(trainer.network)
    assert newer is not arena
    here = vector_of(trainer.network)
    fresh = NetworkArena.of_trainer(trainer, None)
    assert torch.equal(newer.scores(here[None], never).loss, fresh.scores(here[None], never).loss)
    assert not torch.equal(
        arena.scores(here[None], never).loss, newer.scores(here[None], never).loss
    )
    plain_arena = NetworkArena.of_trainer(trainer_of(tiny()), None)
    assert plain_arena.with_buffers_of(trainer_of(tiny()).network) is plain_arena


def test_samples_are_the_same_ones_again_and_fewer_are_some_of_them():
    trainer = trainer_of(digits())
    arena, again = (NetworkArena.of_trainer(trainer, 50) for _ in range(2))
    assert (arena.samples, arena.of) == (50, 200)
    assert torch.equal(arena._sample.inputs, again._sample.inputs)
    fewer = arena.with_samples(20)
    assert (fewer.samples, fewer.of) == (20, 200)
    assert torch.equal(fewer._sample.inputs, arena._sample.inputs[:20])
    assert arena.with_samples(50) is arena
    rows = {tuple(row.tolist()) for row in arena._sample.inputs.flatten(1)}
    everything = {tuple(row.tolist()) for row in as_float(trainer.data.train_inputs).flatten(1)}
    assert len(rows) == 50
    assert rows <= everything


def test_without_a_wish_as_many_samples_are_taken_as_are_quick_enough():
    small = NetworkArena.of_trainer(trainer_of(tiny()), None)
    assert (small.samples, small.of) == (30, 30)
    assert small.quick() is small
    many = Mnist(size=10, samples=3000, test_samples=10)
    dense = (Flatten(), Dense(units=10, activation=Softmax()))
    assert (
        NetworkArena.of_trainer(trainer_of(digits(data=many, layers=dense)), None).samples == 2048
    )
    images = NetworkArena.of_trainer(trainer_of(digits(data=many)), None)
    assert (images.samples, images.of) == (512, 3000)


def test_a_slow_network_has_a_quick_arena_over_fewer_samples():
    spec = PRESETS["cnn-mnist"].spec
    trainer = trainer_of(spec.model_copy(update={"data": Mnist(samples=600, test_samples=10)}))
    arena = NetworkArena.of_trainer(trainer, None)
    quick = arena.quick()
    assert 16 <= quick.samples <= 128
    assert arena.quick() is quick
    assert quick.quick() is quick


def test_no_points_have_no_losses():
    for spec in (tiny(), digits(), regression()):
        trainer = trainer_of(spec)
        arena = NetworkArena.of_trainer(trainer, None)
        here = vector_of(trainer.network)
        for found in (
            arena.scores(here[None][:0], never),
            arena.on_plane(plane_of(here)).scores(points(0), never),
        ):
            assert found.loss.shape == found.penalty.shape == (0,)


def test_names_and_shapes_are_the_networks():
    trainer = trainer_of(digits())
    arena = NetworkArena.of_trainer(trainer, None)
    assert arena.names == trainer.names
    assert arena.shapes == [p.shape for p in trainer.network.parameters()]
    assert arena.window is None


def test_too_many_samples_for_the_memory_are_refused_with_a_number_that_fits(monkeypatch):
    trainer = trainer_of(digits())
    arena = NetworkArena.of_trainer(trainer, None)
    flat = plane_of(vector_of(trainer.network))
    monkeypatch.setattr(room, "free", lambda device: 700_000)
    with pytest.raises(UserError) as refused:
        arena.on_plane(flat)
    fits = refused.value.values["fits"]
    assert 0 < fits < 200
    assert str(fits) in str(refused.value)
    monkeypatch.setattr(room, "free", lambda device: None)
    assert arena.on_plane(flat).scores(points(1), never).loss.isfinite().all()


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError(
            "[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 10 bytes"
        ),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 8 bytes."),
        torch.OutOfMemoryError("CUDA out of memory."),
        MemoryError(),
    ],
    ids=["linux", "windows", "cuda", "python"],
)
def test_memory_that_runs_out_amid_a_surface_is_said_as_such(monkeypatch, error):
    trainer = trainer_of(tiny())
    arena = NetworkArena.of_trainer(trainer, None)
    here = vector_of(trainer.network)
    plane = arena.on_plane(plane_of(here))

    def fail(*args, **more):
        raise error

    monkeypatch.setattr(scorers.Scorer, "__call__", fail)
    for asking in (
        lambda: plane.scores(points(2), never),
        lambda: arena.scores(here[None], never),
    ):
        with pytest.raises(UserError, match=r"30 samples.*15 samples or fewer"):
            asking()


def test_other_errors_pass_as_they_are(monkeypatch):
    arena = NetworkArena.of_trainer(trainer_of(tiny()), None)
    with pytest.raises(RuntimeError, match="shape"):
        arena.scores(torch.zeros(1, 3), never)


@pytest.mark.parametrize("size", [(2, None), (2, 1), (3, None), (3, 2)])
def test_edges_that_pooling_leaves_out_are_not_computed_and_not_missed(size):
    layers = (
        Conv2d(channels=2, kernel=3, activation=ReLU()),
        MaxPool2d(size=size[0], stride=size[1]),
        Conv2d(channels=3, kernel=2, activation=ReLU()),
        BatchNorm(),
        AvgPool2d(size=2),
        Flatten(),
        Dense(units=3, activation=Softmax()),
    )
    _, network, sample, loss = made(layers, (1, 13, 12), CrossEntropy(), 3)
    arena = arena_of(network, sample, loss)
    flat, places = plane_of(vector_of(network)), points(3)
    reference = Reference(layers, network, sample, loss)
    reference.check(arena.on_plane(flat).scores(places, never), on_plane(flat, places))


@pytest.mark.parametrize("padding", [0, 1, 2])
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("size", [(8, 8), (9, 7), (4, 11)])
def test_fewer_products_make_the_same_pooled_convolution(size, bias, padding):
    torch.manual_seed(3)
    convolution = torch.nn.Conv2d(CHANNELS, 5, 3, padding=padding, bias=bias)
    pooling = torch.nn.MaxPool2d(2)
    x = torch.randn(6, CHANNELS, *size).to(memory_format=torch.channels_last)
    (quick,) = with_fewer_products([convolution, pooling], torch.device("cpu"))
    with torch.inference_mode():
        exact = pooling(copy.deepcopy(convolution).double()(x.double()))
        torch.testing.assert_close(quick(x).double(), exact, rtol=1e-5, atol=3e-6)
        convolution.weight.zero_()  # the weights are read anew each time
        torch.testing.assert_close(quick(x), pooling(convolution(x)))


@pytest.mark.parametrize(
    ("convolution", "pooling"),
    [
        (torch.nn.Conv2d(CHANNELS, 4, 3, stride=2), torch.nn.MaxPool2d(2)),
        (torch.nn.Conv2d(CHANNELS, 4, 2), torch.nn.MaxPool2d(2)),
        (torch.nn.Conv2d(CHANNELS, 4, 3), torch.nn.MaxPool2d(3)),
        (torch.nn.Conv2d(CHANNELS, 4, 3), torch.nn.MaxPool2d(2, 1)),
        (torch.nn.Conv2d(CHANNELS, 4, 3), torch.nn.AvgPool2d(2)),
        (torch.nn.Conv2d(1, 4, 3), torch.nn.MaxPool2d(2)),
    ],
)
def test_what_fewer_products_do_not_suit_is_left_alone(convolution, pooling):
    operations = [convolution, pooling]
    assert with_fewer_products(operations, torch.device("cpu")) == operations


@pytest.mark.parametrize("pooled", [False, True])
@pytest.mark.parametrize("padding", [0, 1, 3])
@pytest.mark.parametrize("channels", [1, 2])
def test_blank_parts_of_pictures_are_computed_once_and_not_mistaken(channels, padding, pooled):
    layers = (
        Conv2d(channels=3, kernel=3, stride=2, padding=padding, activation=Tanh()),
        Conv2d(channels=3, kernel=3, padding=padding, activation=ReLU()),
        *([MaxPool2d()] if pooled else []),
        Flatten(),
        Dense(units=3, activation=Softmax()),
    )
    for row in (layers, layers[1:]):
        _, network, sample, loss = made(row, (channels, 16, 15), CrossEntropy(), 3)
        sample.inputs[:, :, :9] = 0
        sample.inputs[3:5] = 0
        sample.inputs[5, 0, 2, 2] = -1e-3  # all but blank
        arena = arena_of(network, sample, loss)
        flat, places = plane_of(vector_of(network)), points(3)
        reference = Reference(row, network, sample, loss)
        reference.check(arena.on_plane(flat).scores(places, never), on_plane(flat, places))
