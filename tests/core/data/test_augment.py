"""Training pictures changed a little: by how far, and the same whatever stands beside them."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from core.data.augment.augmenter import Augmenter
from core.data.augment.chance import chances
from core.data.augment.habits import CHANCES, with_habits
from core.data.augment.settings import Augmentation
from core.data.augment.warp import AFFINE, ELASTIC, warped
from core.data.base import DataShape
from core.data.idx_folder import IdxFolder
from core.data.logic import XorGate
from core.data.mnist import Mnist

NOTHING = dict.fromkeys(("shift", "turn", "scale", "shear", "thickness", "elastic", "habits"), 0.0)
DIGITS = Mnist(samples=600, test_samples=1).load(0)
ROWS = torch.arange(len(DIGITS.train_labels))


def only(**wanted) -> Augmentation:
    return Augmentation(on=True, **(NOTHING | wanted))


def changed(augmentation, rows=ROWS, epoch=0, seed=0):
    augmenter = Augmenter(augmentation, seed)
    return augmenter.changed(DIGITS.train_inputs[rows], DIGITS.train_labels[rows], epoch, rows)


def warp(pictures, augmentation, chance, drift=None):
    drift = torch.zeros(len(pictures), 2) if drift is None else drift
    return warped(pictures, augmentation, chance, drift)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.integers(0, 599), min_size=1, max_size=40), st.integers(0, 5))
def test_a_sample_becomes_the_same_whatever_stands_beside_it(rows, epoch):
    among = changed(Augmentation(on=True), torch.tensor(rows), epoch)
    for place, row in enumerate(rows):
        alone = changed(Augmentation(on=True), torch.tensor([row]), epoch)
        assert torch.equal(among[place], alone[0])


def test_another_epoch_and_another_seed_change_it_otherwise():
    first = changed(Augmentation(on=True))
    assert torch.equal(first, changed(Augmentation(on=True)))
    for other in (changed(Augmentation(on=True), epoch=1), changed(Augmentation(on=True), seed=1)):
        assert (first != other).flatten(1).any(1).float().mean() > 0.99


def test_chance_is_even_and_its_numbers_know_nothing_of_one_another():
    found = chances(3, 7, torch.arange(4000), 60)
    assert found.min() >= 0
    assert found.max() < 1
    assert (found.mean(0) - 0.5).abs().max() < 0.025
    assert (found.var(0) - 1 / 12).abs().max() < 0.006
    across = torch.corrcoef(found.T) - torch.eye(60)
    assert across.abs().max() < 0.08
    along = torch.corrcoef(torch.stack([found[:-1].flatten(), found[1:].flatten()]))[0, 1]
    assert abs(along) < 0.01
    others = chances(3, 8, torch.arange(4000), 60), chances(4, 7, torch.arange(4000), 60)
    for other in others:
        together = torch.corrcoef(torch.stack([found.flatten(), other.flatten()]))[0, 1]
        assert abs(together) < 0.01


def test_the_affine_map_is_torchs_own():
    augmentation = only(turn=30, shear=20, scale=0.3, shift=4)
    chance = chances(0, 0, torch.arange(8), AFFINE + ELASTIC)
    pictures = torch.rand(8, 1, 28, 28)
    drawn = 2 * chance[:, :AFFINE].double() - 1
    maps = []
    for turn, slant, wide, high, right, down in drawn.tolist():
        angle, lean = turn * math.radians(30), math.tan(slant * math.radians(20))
        cos, sin = math.cos(angle), math.sin(angle)
        turned = torch.tensor([[cos, -sin], [sin, cos]], dtype=torch.float64)
        slanted = torch.tensor([[1, -lean], [0, 1]], dtype=torch.float64)
        scaled = torch.diag(torch.tensor([1 + 0.3 * wide, 1 + 0.3 * high], dtype=torch.float64))
        back = torch.linalg.inv(turned @ slanted @ scaled)
        moved = torch.tensor([[right], [down]], dtype=torch.float64) * 2 * 4 / 28
        maps.append(torch.cat([back, -back @ moved], 1))
    places = functional.affine_grid(torch.stack(maps).float(), [8, 1, 28, 28], align_corners=False)
    wanted = functional.grid_sample(pictures, places, align_corners=False)
    assert torch.allclose(warp(pictures, augmentation, chance), wanted, atol=1e-4)


def test_a_shift_is_told_in_pixels():
    picture = torch.zeros(1, 1, 28, 28)
    picture[0, 0, 10, 12] = 1
    chance = torch.full((1, AFFINE + ELASTIC), 0.5)
    chance[0, 4:6] = torch.tensor([1.0, 0.0])
    found = warp(picture, only(shift=2), chance)
    assert found[0, 0, 8, 14] == pytest.approx(1, abs=1e-4)
    found = warp(picture, only(), chance, torch.tensor([[3.0, -1.0]]))
    assert found[0, 0, 9, 15] == pytest.approx(1, abs=1e-4)


def test_wobble_pulls_about_as_far_as_is_told():
    ramp = torch.arange(28.0).expand(64, 1, 28, 28).contiguous()
    chance = chances(0, 0, torch.arange(64), AFFINE + ELASTIC)
    moved = (warp(ramp, only(elastic=1.0), chance) - ramp)[:, 0, 6:22, 6:22]
    assert 0.3 < float(moved.std()) < 1  # evenly drawn from -1 to 1 it would be 0.58
    assert float(moved.abs().max()) < 3


def test_thickness_adds_ink_and_takes_some():
    ink = changed(only(thickness=0.6)).float().flatten(1).sum(1)
    before = changed(only()).float().flatten(1).sum(1)
    share = ink / before
    assert share.max() > 1.3
    assert share.min() < 0.9
    assert share.min() > 0.4


@pytest.mark.parametrize("digit", [0, 1, 7])
def test_habits_draw_strokes_into_the_digits_that_have_them(digit):
    rows = torch.nonzero(DIGITS.train_labels == digit)[:, 0]
    pictures, labels = DIGITS.train_inputs[rows] / 255, DIGITS.train_labels[rows]
    chance = chances(0, 0, rows, CHANCES)
    found, drift = with_habits(pictures, labels, 1.0, chance)
    added = (found - pictures).flatten(1).sum(1)
    assert (found >= pictures).all()
    assert (added > 1).float().mean() > 0.95
    assert float(added.max()) < 80
    assert float(drift.abs().max()) < 4
    untouched, _ = with_habits(pictures, labels, 0.0, chance)
    assert torch.equal(untouched, pictures)


def test_habits_leave_all_other_digits():
    rows = torch.nonzero((DIGITS.train_labels > 1) & (DIGITS.train_labels != 7))[:, 0]
    assert torch.equal(changed(only(habits=1), rows), changed(only(), rows))


def test_bytes_stay_bytes_and_floats_floats():
    assert changed(Augmentation(on=True)).dtype == torch.uint8
    small = Mnist(size=10, samples=50, test_samples=1).load(0)
    augmenter = Augmenter(Augmentation(on=True), 0)
    found = augmenter.changed(small.train_inputs, small.train_labels, 0, torch.arange(50))
    assert found.dtype == torch.float32
    assert found.shape == (50, 1, 10, 10)
    assert float(found.min()) >= 0
    assert float(found.max()) <= 1


def test_an_empty_picture_stays_empty():
    empty = torch.zeros(3, 1, 28, 28, dtype=torch.uint8)
    augmenter = Augmenter(only(shift=3, turn=20, thickness=1, elastic=2), 0)
    assert not augmenter.changed(empty, torch.tensor([2, 3, 4]), 0, torch.arange(3)).any()


def test_only_pictures_are_changed_and_only_digits_get_strokes():
    on = Augmentation(on=True)
    picture = DataShape((1, 28, 28), "classification", 10)
    assert Augmenter.of(Augmentation(), Mnist(), picture, 0) is None
    assert Augmenter.of(on, XorGate(), DataShape((2,), "classification", 2), 0) is None
    assert Augmenter.of(on, Mnist(), picture, 0)._settings.habits == on.habits
    assert Augmenter.of(on, IdxFolder(folder="clothes"), picture, 0)._settings.habits == 0
