"""MNIST itself: the real files, parts of them, reduced to 10 by 10, and damaged copies."""

from __future__ import annotations

import gzip
import hashlib
import shutil
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import as_float
from core.data.mnist import FOLDER, Mnist, area_weights, averaged
from core.errors import UserError

SMALL = settings(max_examples=40, deadline=None)


def write(path: Path, code: int, array: np.ndarray) -> None:
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    path.write_bytes(gzip.compress(head + array.tobytes(), compresslevel=1))


def test_the_files_are_the_original_ones() -> None:
    """The MD5 sums that are published with MNIST, of the unpacked files."""
    known = {
        "train-images-idx3-ubyte.gz": "6bbc9ace898e44ae57da46a324031adb",
        "train-labels-idx1-ubyte.gz": "a25bea736e30d166cdddb491f175f624",
        "t10k-images-idx3-ubyte.gz": "2646ac647ad5339dbf082846283269ea",
        "t10k-labels-idx1-ubyte.gz": "27ae3e4e09519cfbb04c329615203637",
    }
    for name, md5 in known.items():
        unpacked = gzip.decompress((FOLDER / name).read_bytes())
        assert hashlib.md5(unpacked, usedforsecurity=False).hexdigest() == md5


def test_the_whole_set_has_its_published_size_and_first_labels() -> None:
    data = Mnist().load(0)
    assert data.shape == Mnist().shape()
    assert data.train_inputs.shape == (60_000, 1, 28, 28)
    assert data.test_inputs.shape == (10_000, 1, 28, 28)
    assert data.train_inputs.dtype == torch.uint8
    assert data.train_labels.dtype == torch.int64
    assert data.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert data.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    assert data.class_names == tuple("0123456789")
    # The mean and deviation that every tutorial normalises with.
    pixels = as_float(data.train_inputs)
    assert pixels.mean().item() == pytest.approx(0.1307, abs=5e-5)
    assert pixels.std().item() == pytest.approx(0.3081, abs=5e-5)


def test_all_experiments_share_one_copy() -> None:
    first, second = Mnist().load(0), Mnist(samples=None).load(9)
    assert first.train_inputs.data_ptr() == second.train_inputs.data_ptr()
    assert Mnist(samples=60_000).load(1).train_inputs.data_ptr() == first.train_inputs.data_ptr()


def test_a_part_is_chosen_by_the_seed_and_holds_images_with_their_own_labels() -> None:
    whole = Mnist().load(0)
    source = Mnist(samples=500, test_samples=50)
    data, again, other = source.load(3), source.load(3), source.load(4)
    assert data.train_inputs.shape == (500, 1, 28, 28)
    assert data.test_inputs.shape == (50, 1, 28, 28)
    assert torch.equal(data.train_inputs, again.train_inputs)
    assert not torch.equal(data.train_inputs, other.train_inputs)
    label_of = {
        image.numpy().tobytes(): int(label)
        for image, label in zip(whole.train_inputs, whole.train_labels, strict=True)
    }
    found = [label_of[image.numpy().tobytes()] for image in data.train_inputs]
    assert found == data.train_labels.tolist()


def test_the_test_part_does_not_depend_on_how_many_are_trained_on() -> None:
    few, many = Mnist(samples=10, test_samples=20), Mnist(samples=900, test_samples=20)
    assert torch.equal(few.load(0).test_inputs, many.load(0).test_inputs)


def test_reduced_digits_keep_their_mean_and_their_range() -> None:
    small = Mnist(size=10, samples=300, test_samples=100)
    data, full = small.load(2), Mnist(samples=300, test_samples=100).load(2)
    assert data.shape == small.shape()
    assert data.train_inputs.shape == (300, 1, 10, 10)
    assert data.train_inputs.dtype == torch.float32
    assert data.train_inputs.min() >= 0
    assert data.train_inputs.max() <= 1
    assert torch.equal(data.train_labels, full.train_labels)
    torch.testing.assert_close(
        data.train_inputs.mean(dim=(1, 2, 3)), as_float(full.train_inputs).mean(dim=(1, 2, 3))
    )


@pytest.mark.parametrize("size", [1, 2, 4, 7, 14, 28])
def test_averaging_equals_torch_where_torch_is_exact(size: int) -> None:
    images = Mnist(samples=50).load(0).train_inputs
    expected = torch.nn.functional.interpolate(as_float(images), size=(size, size), mode="area")
    torch.testing.assert_close(averaged(images, size), expected)


@SMALL
@given(old=st.integers(1, 40), new=st.integers(1, 40))
def test_averaging_equals_spreading_and_then_gathering_whole_pixels(old: int, new: int) -> None:
    """Each old pixel cut into ``new`` equal pieces, and each ``old`` pieces joined to a new one."""
    values = [Fraction(3 * i * i % 17) for i in range(old)]
    pieces = [value for value in values for _ in range(new)]
    expected = [sum(pieces[i * old : (i + 1) * old]) / old for i in range(new)]
    found = area_weights(old, new).astype(np.float64) @ np.array([float(v) for v in values])
    np.testing.assert_allclose(found, [float(v) for v in expected], rtol=1e-6, atol=1e-6)


def test_averaging_to_the_same_size_changes_nothing() -> None:
    np.testing.assert_array_equal(area_weights(28, 28), np.eye(28, dtype=np.float32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder in the form of MNIST: 20 training and 10 test images."""
    for part, count in (("train", 20), ("t10k", 10)):
        images = np.random.default_rng(count).integers(0, 256, (count, 28, 28), dtype=np.uint8)
        write(tmp_path / f"{part}-images-idx3-ubyte.gz", 8, images)
        write(tmp_path / f"{part}-labels-idx1-ubyte.gz", 8, np.arange(count, dtype=np.uint8) % 10)
    return tmp_path


def complaint(folder: Path) -> str:
    with pytest.raises(UserError) as caught:
        Mnist(folder=str(folder)).load(0)
    return str(caught.value)


def test_another_folder_can_be_named(folder: Path) -> None:
    data = Mnist(folder=str(folder), samples=50).load(0)
    assert len(data.train_labels) == 20  # all there are
    assert len(data.test_labels) == 10


def test_a_file_that_was_replaced_is_read_again(folder: Path) -> None:
    before = Mnist(folder=str(folder)).load(0)
    path = folder / "train-labels-idx1-ubyte.gz"
    write(path, 8, np.full(20, 3, dtype=np.uint8))
    assert before.train_labels.tolist() != [3] * 20
    assert Mnist(folder=str(folder)).load(0).train_labels.tolist() == [3] * 20


def test_a_label_that_is_no_digit_is_named(folder: Path) -> None:
    labels = np.arange(20, dtype=np.uint8) % 10
    labels[13] = 10
    write(folder / "train-labels-idx1-ubyte.gz", 8, labels)
    message = complaint(folder)
    assert "train-labels-idx1-ubyte.gz has the label 10 for image 13" in message


def test_images_of_another_size_are_refused_before_loading(folder: Path) -> None:
    write(folder / "t10k-images-idx3-ubyte.gz", 8, np.zeros((10, 20, 20), np.uint8))
    with pytest.raises(UserError, match="20 × 20 pixels"):
        Mnist(folder=str(folder)).shape()


def test_missing_parts_are_named(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert "no test images" in complaint(tmp_path_factory.mktemp("empty"))
    (folder / "t10k-images-idx3-ubyte.gz").unlink()
    assert "t10k-labels-idx1-ubyte.gz, but not the images" in complaint(folder)
    assert "cannot be read" in complaint(folder / "none")


def test_a_truncated_copy_of_the_real_file_is_refused_by_name(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.gz"):
        shutil.copy(path, tmp_path)
    path = tmp_path / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-1000])
    assert "t10k-images-idx3-ubyte.gz is damaged" in complaint(tmp_path)
