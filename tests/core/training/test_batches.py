"""Batches: every sample once an epoch, in an order that a seed repeats."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.training.batches import GATHERED, Batches, order_of

counts = st.integers(1, 60)
sizes = st.integers(1, 70)
seeds = st.integers(0, 2**31 - 1)


def numbered(n, size, seed=0, smallest=1):
    """Batches of samples that carry their own number."""
    numbers = torch.arange(n)
    inputs = numbers.float()[:, None].repeat(1, 2)
    return Batches(inputs, numbers, size, seed, smallest)


def epoch(batches, number=0, start=0):
    return [targets.tolist() for _, targets in batches.epoch(number, start)]


def flat(rows):
    return list(itertools.chain.from_iterable(rows))


@settings(deadline=None)
@given(counts, sizes, seeds, st.integers(0, 5))
def test_every_sample_comes_exactly_once_an_epoch(n, size, seed, number):
    rows = epoch(numbered(n, size, seed), number)
    assert sorted(flat(rows)) == list(range(n))
    assert all(len(row) == min(size, n) for row in rows[:-1])


@settings(deadline=None)
@given(counts, sizes, seeds)
def test_the_number_of_steps_is_the_number_of_batches(n, size, seed):
    batches = numbered(n, size, seed)
    assert batches.steps_per_epoch == len(epoch(batches))


@settings(deadline=None)
@given(counts, sizes, seeds, st.integers(0, 5))
def test_inputs_stay_with_their_targets(n, size, seed, number):
    for inputs, targets in numbered(n, size, seed).epoch(number):
        assert torch.equal(inputs, targets.float()[:, None].repeat(1, 2))


@settings(deadline=None)
@given(counts, sizes, seeds, st.integers(0, 5))
def test_a_seed_repeats_its_order(n, size, seed, number):
    assert epoch(numbered(n, size, seed), number) == epoch(numbered(n, size, seed), number)


@settings(deadline=None)
@given(counts, st.integers(1, 8), seeds, st.data())
def test_an_epoch_entered_in_the_middle_has_the_same_rest(n, size, seed, data):
    batches = numbered(n, size, seed)
    start = data.draw(st.integers(0, batches.steps_per_epoch - 1))
    assert epoch(batches, 3, start) == epoch(batches, 3)[start:]


def test_epochs_and_seeds_differ_in_their_order():
    orders = [tuple(order_of(seed, number, 50).tolist()) for seed in (0, 1) for number in (0, 1)]
    assert len(set(orders)) == 4


def test_the_order_neither_uses_nor_moves_torchs_generator():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = epoch(numbered(20, 4))
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(2)
    assert epoch(numbered(20, 4)) == first


@pytest.mark.parametrize("size", [10, 11, 65536])
def test_a_batch_of_everything_comes_whole_and_in_order(size):
    batches = numbered(10, size)
    assert epoch(batches, 4) == [list(range(10))]
    assert (batches.batch_size, batches.steps_per_epoch) == (10, 1)


@settings(deadline=None)
@given(st.integers(2, 60), st.integers(2, 70), seeds)
def test_a_last_batch_smaller_than_the_smallest_is_left_out(n, size, seed):
    batches = numbered(n, size, seed, smallest=2)
    rows = epoch(batches)
    assert all(len(row) >= 2 for row in rows)
    assert len(flat(rows)) == n - (1 if n > size and n % size == 1 else 0)
    assert len(set(flat(rows))) == len(flat(rows))
    assert batches.steps_per_epoch == len(rows)


@pytest.mark.parametrize("size", [7, 32, GATHERED - 1, GATHERED, GATHERED + 1])
def test_batches_beyond_one_gathering_are_the_order_cut_in_pieces(size):
    n = 2 * GATHERED + 5
    expected = order_of(0, 2, n).split(size)
    rows = epoch(numbered(n, size), 2)
    assert rows == [part.tolist() for part in expected]


@pytest.mark.parametrize("size", [4, 10])
def test_pixels_become_numbers_from_zero_to_one(size):
    pixels = torch.tensor([[0], [255], [51]], dtype=torch.uint8).repeat(2, 1)
    batches = Batches(pixels, torch.arange(6), size, 0)
    found = torch.cat([inputs for inputs, _ in batches.epoch(0)]).flatten()
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.sort().values, torch.tensor([0, 0, 0.2, 0.2, 1, 1]))


def test_batches_cut_in_inference_mode_can_still_be_trained_on():
    weight = torch.ones(2, requires_grad=True)
    with torch.inference_mode():
        cut = list(numbered(10, 4).epoch(0))
    for inputs, _ in cut:
        (inputs * weight).sum().backward()
    assert bool(weight.grad.isfinite().all())
