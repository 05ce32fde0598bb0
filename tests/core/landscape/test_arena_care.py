"""What an arena of a network does beside computing: samples, memory, interruption, its own copy."""

from itertools import count

import pytest
import torch

from core.catalog.activations import Softmax
from core.data import as_float
from core.data.mnist import Mnist
from core.errors import UserError
from core.experiment.layers import Dense, Flatten
from core.landscape.losses import memory, scorers
from core.landscape.losses.network import NetworkArena
from core.presets import PRESETS
from core.training.step import Interrupted
from tests.core.arenas import never, plane_of, points, trained, vector_of
from tests.core.experiments import (
    digits,
    regression,
    take,
    tiny,
    trainer_of,
    with_batch_norm,
)


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
    monkeypatch.setattr(memory, "free", lambda device: 700_000)
    with pytest.raises(UserError) as refused:
        arena.on_plane(flat)
    fits = refused.value.sentence.values["fits"]
    assert 0 < fits < 200
    assert str(fits) in str(refused.value)
    monkeypatch.setattr(memory, "free", lambda device: None)
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
