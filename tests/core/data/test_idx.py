"""IDX files: what was written is read, and every kind of damage is named."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from core.data.idx import read_header, read_idx, read_images, read_labels
from core.data.idx_folder import IdxFolder
from core.errors import UserError

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}
IN_FOLDER = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def idx_bytes(array: np.ndarray) -> bytes:
    """An IDX file, straight from the format's definition."""
    code = CODES[array.dtype.str[1:]]
    head = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def images(count: int, height: int = 5, width: int = 4) -> np.ndarray:
    return np.random.default_rng(count).integers(0, 256, (count, height, width), dtype=np.uint8)


def labels(count: int, classes: int = 3) -> np.ndarray:
    return (np.arange(count) % classes).astype(np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve training and six test images of 5 by 4 pixels in three classes."""
    for part, count in (("train", 12), ("t10k", 6)):
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx_bytes(images(count)))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(labels(count)))
    return tmp_path


def complaint(action: Callable[[], object]) -> str:
    """What the user is told."""
    with pytest.raises(UserError) as caught:
        action()
    return str(caught.value)


arrays = st.sampled_from([np.dtype(name) for name in CODES]).flatmap(
    lambda dtype: hnp.arrays(
        dtype, hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5)
    )
)


@IN_FOLDER
@given(array=arrays, packed=st.booleans())
def test_any_array_is_read_as_it_was_written(
    tmp_path: Path, array: np.ndarray, packed: bool
) -> None:
    path = tmp_path / "any"
    data = idx_bytes(array)
    path.write_bytes(gzip.compress(data) if packed else data)
    header, found = read_header(path), read_idx(path)
    assert header.dims == array.shape
    assert found.dtype == array.dtype
    assert found.dtype.isnative
    np.testing.assert_array_equal(found, array)
    found[...] = 0  # may be written to


@IN_FOLDER
@given(data=st.binary(max_size=40), packed=st.booleans())
def test_arbitrary_bytes_are_read_or_refused_but_never_crash(
    tmp_path: Path, data: bytes, packed: bool
) -> None:
    path = tmp_path / "any"
    for start in (b"", b"\0\0\x08\x01", b"\0\0\x08\x03", b"\x1f\x8b"):
        path.write_bytes(gzip.compress(start + data) if packed else start + data)
        with suppress(UserError):
            read_idx(path)


@IN_FOLDER
@given(cut=st.integers(0, 200), packed=st.booleans())
def test_a_file_cut_anywhere_is_refused_by_name(tmp_path: Path, cut: int, packed: bool) -> None:
    path = tmp_path / "cut"
    whole = idx_bytes(images(12))
    whole = gzip.compress(whole) if packed else whole
    path.write_bytes(whole[: min(cut, len(whole) - 1)])
    assert "cut" in complaint(lambda: read_idx(path))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda data: b"", "is empty"),
        (lambda data: data[:-1], "cut short"),
        (lambda data: data[:20], "cut short"),
        (lambda data: data[:9], "ends within its header"),
        (lambda data: data + b"\0", "longer than its header"),
        (lambda data: b"\1" + data[1:], "not an IDX file"),
        (lambda data: data[:2] + b"\x0a" + data[3:], "not an IDX file"),
        (lambda data: b"PK\3\4" + data[4:], "50 4b 03 04"),
        (lambda data: data[:4] + struct.pack(">I", 13) + data[8:], "cut short"),
        (lambda data: data[:4] + struct.pack(">I", 11) + data[8:], "longer than its header"),
        (lambda data: data[:4] + b"\xff" * 12 + data[16:], "too large"),
    ],
)
def test_damage_is_named(
    tmp_path: Path, packed: bool, damage: Callable[[bytes], bytes], words: str
) -> None:
    path = tmp_path / "photos"
    data = damage(idx_bytes(images(12)))
    path.write_bytes(gzip.compress(data) if packed else data)
    message = complaint(lambda: read_idx(path))
    assert "photos" in message
    assert words in message


def test_a_gzip_file_with_a_flipped_bit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flipped.gz"
    packed = bytearray(gzip.compress(idx_bytes(images(50))))
    packed[len(packed) // 2] ^= 1
    path.write_bytes(packed)
    assert "flipped.gz is damaged" in complaint(lambda: read_idx(path))


def test_a_gzip_file_with_a_wrong_checksum_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sum.gz"
    packed = bytearray(gzip.compress(idx_bytes(images(50))))
    packed[-8] ^= 1
    path.write_bytes(packed)
    assert "sum.gz is damaged" in complaint(lambda: read_idx(path))


def test_a_header_that_promises_gigabytes_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(b"\0\0\x08\x03" + struct.pack(">III", 1000, 1000, 2000))
    assert "cut short" in complaint(lambda: read_idx(path))


def test_a_missing_file_and_a_folder_in_its_place_are_named(tmp_path: Path) -> None:
    assert "There is no file" in complaint(lambda: read_idx(tmp_path / "none"))
    assert "cannot be read" in complaint(lambda: read_idx(tmp_path))


def test_labels_where_images_belong_are_refused_and_the_other_way_round(tmp_path: Path) -> None:
    path = tmp_path / "mixed"
    path.write_bytes(idx_bytes(labels(9)))
    assert "mixed holds uint8 9 where grey images were expected" in complaint(
        lambda: read_images(path)
    )
    path.write_bytes(idx_bytes(images(9)))
    assert "mixed holds uint8 9 × 5 × 4 where labels" in complaint(lambda: read_labels(path))
    path.write_bytes(idx_bytes(np.zeros((2, 3, 3), np.float32)))
    assert "float32" in complaint(lambda: read_images(path))


@pytest.mark.parametrize("shape", [(0, 5, 4), (3, 0, 4), (3, 5, 0)])
def test_no_images_are_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = tmp_path / "void"
    path.write_bytes(idx_bytes(np.zeros(shape, np.uint8)))
    assert "void holds no images" in complaint(lambda: read_images(path))


def test_no_labels_and_negative_or_huge_ones_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "tags"
    path.write_bytes(idx_bytes(np.zeros(0, np.uint8)))
    assert "holds no labels" in complaint(lambda: read_labels(path))
    for wrong in (-1, 1000):
        path.write_bytes(idx_bytes(np.array([0, 1, wrong], np.int16)))
        message = complaint(lambda: read_labels(path))
        assert f"label {wrong} for image 2" in message


def test_a_folder_gives_the_pixels_and_labels_of_its_files(folder: Path) -> None:
    source = IdxFolder(folder=str(folder))
    data = source.load(0)
    assert data.shape == source.shape()
    assert data.shape.input_shape == (1, 5, 4)
    assert data.shape.outputs == 3
    assert data.class_names == ("0", "1", "2")
    assert data.train_inputs.dtype == torch.uint8
    np.testing.assert_array_equal(data.train_inputs[:, 0].numpy(), images(12))
    np.testing.assert_array_equal(data.test_inputs[:, 0].numpy(), images(6))
    assert data.train_labels.tolist() == labels(12).tolist()


@pytest.mark.parametrize(
    "rename",
    [
        lambda name: name.replace("-idx", ".idx"),
        lambda name: name.upper(),
        lambda name: name.replace("t10k", "test"),
        lambda name: "emnist-letters-" + name,
        lambda name: name + ".gz",
    ],
)
def test_files_are_found_under_all_their_usual_names(
    folder: Path, rename: Callable[[str], str]
) -> None:
    for path in list(folder.iterdir()):
        path.rename(folder / rename(path.name))
    data = IdxFolder(folder=str(folder)).load(0)
    assert len(data.train_labels) == 12
    assert len(data.test_labels) == 6


def test_a_plain_file_goes_before_its_gzipped_twin(folder: Path) -> None:
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(b"damaged")
    assert len(IdxFolder(folder=str(folder)).load(0).train_labels) == 12


def test_classes_are_counted_over_training_and_test(folder: Path) -> None:
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx_bytes(labels(6, classes=6)))
    assert IdxFolder(folder=str(folder)).shape().outputs == 6


def test_without_test_files_a_sixth_of_the_images_is_kept_for_testing(folder: Path) -> None:
    for path in folder.glob("t10k*"):
        path.unlink()
    source = IdxFolder(folder=str(folder))
    data, again, other = source.load(0), source.load(0), source.load(1)
    assert len(data.train_labels) == 10
    assert len(data.test_labels) == 2
    assert torch.equal(data.train_inputs, again.train_inputs)
    assert not torch.equal(data.train_inputs, other.train_inputs)
    original = {image.tobytes(): label for image, label in zip(images(12), labels(12), strict=True)}
    for image, label in zip(data.train_inputs, data.train_labels, strict=True):
        assert original[image.numpy().tobytes()] == label


def test_one_file_of_a_pair_missing_is_named(folder: Path) -> None:
    (folder / "t10k-labels-idx1-ubyte").unlink()
    message = complaint(IdxFolder(folder=str(folder)).shape)
    assert "t10k-images-idx3-ubyte" in message
    assert "labels" in message


def test_counts_that_differ_are_named(folder: Path) -> None:
    (folder / "train-labels-idx1-ubyte").write_bytes(idx_bytes(labels(11)))
    message = complaint(IdxFolder(folder=str(folder)).shape)
    assert "12 images" in message
    assert "11 labels" in message


def test_test_images_of_another_size_are_refused(folder: Path) -> None:
    (folder / "t10k-images-idx3-ubyte").write_bytes(idx_bytes(images(6, 6, 4)))
    message = complaint(IdxFolder(folder=str(folder)).shape)
    assert "5 × 4" in message
    assert "6 × 4" in message


def test_a_single_class_is_refused(folder: Path) -> None:
    for part, count in (("train", 12), ("t10k", 6)):
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(idx_bytes(labels(count, classes=1)))
    assert "at least two classes" in complaint(IdxFolder(folder=str(folder)).shape)


def test_two_data_sets_in_one_folder_are_refused(folder: Path) -> None:
    (folder / "kmnist-train-images-idx3-ubyte").write_bytes(idx_bytes(images(12)))
    assert "holds both" in complaint(IdxFolder(folder=str(folder)).shape)


def test_no_folder_a_missing_one_and_an_empty_one_are_told_apart(tmp_path: Path) -> None:
    assert "No folder has been chosen" in complaint(IdxFolder().shape)
    assert "cannot be read" in complaint(IdxFolder(folder=str(tmp_path / "none")).shape)
    assert "no training images" in complaint(IdxFolder(folder=str(tmp_path)).shape)
    assert "cannot be read" in complaint(IdxFolder(folder="a\0b").shape)
