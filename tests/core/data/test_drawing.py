"""Drawings and pictures as MNIST was made, proved on MNIST's own digits."""

from __future__ import annotations

import time
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from core.data import as_float
from core.data.drawing import ink_of_picture, mnist_input
from core.data.mnist import Mnist
from core.data.pictures import read_picture
from core.errors import UserError

SMALL = settings(max_examples=50, deadline=None)
drawings = hnp.arrays(
    np.uint8,
    hnp.array_shapes(min_dims=2, max_dims=2, max_side=40),
    elements=st.one_of(st.just(0), st.integers(0, 255)),
    fill=st.just(0),
).filter(lambda drawing: bool(drawing.any()))


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """``(10000, 28, 28)`` uint8: MNIST's own test images."""
    return Mnist().load(0).test_inputs[:, 0].numpy()


def ink_box(drawing: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(drawing)
    return drawing[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def test_mnist_digits_put_anywhere_come_back_exactly_where_they_were(digits: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    exact = 0
    for digit in digits[:1000]:
        box = ink_box(digit)
        canvas = np.zeros((120, 150), np.uint8)
        top, left = rng.integers(0, 120 - box.shape[0]), rng.integers(0, 150 - box.shape[1])
        canvas[top : top + box.shape[0], left : left + box.shape[1]] = box
        found = mnist_input(canvas)
        assert found is not None
        exact += np.array_equal(found, as_float(torch.from_numpy(digit)).numpy())
    assert exact >= 999


def test_mnist_digits_drawn_ten_times_as_large_come_back_where_they_were(
    digits: np.ndarray,
) -> None:
    for digit in digits[:100]:
        found = mnist_input(np.kron(digit, np.ones((10, 10), np.uint8)))
        assert found is not None
        np.testing.assert_allclose(found, digit / 255, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32, np.float64, np.bool_])
def test_full_ink_is_1_in_every_kind_of_array(dtype: type) -> None:
    drawing = np.zeros((50, 50), dtype)
    drawing[10:30, 5:25] = 255 if np.issubdtype(dtype, np.integer) else 1
    found = mnist_input(drawing)
    assert found is not None
    assert found.dtype == np.float32
    expected = np.zeros((28, 28), np.float32)
    # A box of 20 pixels has its centre at 9.5; to bring it to 14 it starts at 4 (4.5, to even).
    expected[4:24, 4:24] = 1
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shape", [(280, 280), (1, 1), (0, 5), (0, 0)])
def test_an_empty_pad_gives_nothing(shape: tuple[int, int]) -> None:
    assert mnist_input(np.zeros(shape, np.uint8)) is None
    assert mnist_input(np.zeros(shape)) is None


def test_ink_below_what_float32_can_hold_gives_nothing() -> None:
    assert mnist_input(np.full((300, 300), 1e-320)) is None
    assert mnist_input(np.full((3, 3), -1.0)) is None


def test_a_drawing_with_three_dimensions_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="two dimensions"):
        mnist_input(np.zeros((28, 28, 3)))


@SMALL
@given(drawing=drawings)
def test_every_drawing_fills_20_pixels_and_stays_between_0_and_1(drawing: np.ndarray) -> None:
    found = mnist_input(drawing)
    assert found is not None
    assert found.shape == (28, 28)
    assert found.min() >= 0
    assert found.max() <= 1
    assert max(ink_box(found).shape) == 20


@SMALL
@given(drawing=drawings)
def test_no_ink_is_lost(drawing: np.ndarray) -> None:
    """The ink of the result is that of the drawing, times the two scales."""
    found = mnist_input(drawing)
    assert found is not None
    box = ink_box(drawing)
    side = max(box.shape)
    height, width = (max(1, round(length * 20 / side)) for length in box.shape)
    expected = box.sum() / 255 * (height / box.shape[0]) * (width / box.shape[1])
    assert found.sum() == pytest.approx(expected, rel=1e-4)


@SMALL
@given(drawing=drawings, top=st.integers(0, 30), left=st.integers(0, 30))
def test_where_on_the_pad_one_draws_does_not_matter(
    drawing: np.ndarray, top: int, left: int
) -> None:
    moved = np.pad(drawing, ((top, 3), (left, 7)))
    np.testing.assert_array_equal(mnist_input(moved), mnist_input(drawing))


@SMALL
@given(drawing=drawings, factor=st.integers(2, 5))
def test_how_large_one_draws_does_not_matter(drawing: np.ndarray, factor: int) -> None:
    large = np.kron(drawing, np.ones((factor, factor), np.uint8))
    small_input, large_input = mnist_input(drawing), mnist_input(large)
    assert small_input is not None
    assert large_input is not None
    # Rounding can tip a centre of mass that lies exactly between two pixels; compare the digits.
    np.testing.assert_allclose(ink_box(large_input), ink_box(small_input), atol=1e-5)
    assert all(
        abs(a - b) <= 1
        for a, b in zip(np.argwhere(small_input)[0], np.argwhere(large_input)[0], strict=True)
    )


@SMALL
@given(drawing=drawings)
def test_the_centre_of_mass_is_within_half_a_pixel_of_14_unless_ink_would_be_lost(
    drawing: np.ndarray,
) -> None:
    found = mnist_input(drawing)
    assert found is not None
    for axis in (0, 1):
        profile = found.sum(axis=1 - axis).astype(np.float64)
        filled = np.flatnonzero(profile)
        centre = profile @ np.arange(28) / profile.sum()
        at_edge = filled[0] == 0 or filled[-1] == 27
        assert abs(centre - 14) <= 0.5 + 1e-3 or at_edge


@pytest.mark.parametrize("size", [40, 100, 280])
def test_shrinking_equals_torch_where_torch_is_exact(size: int) -> None:
    drawing = np.random.default_rng(size).random((size, size), np.float32)
    found = mnist_input(drawing)
    assert found is not None
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(drawing)[None, None], size=(20, 20), mode="area"
    )
    np.testing.assert_allclose(ink_box(found), expected[0, 0].numpy(), atol=1e-6)


def test_a_thin_line_keeps_its_full_ink() -> None:
    drawing = np.zeros((280, 280), np.uint8)
    drawing[:, 140] = 255
    found = mnist_input(drawing)
    assert found is not None
    assert ink_box(found).shape == (20, 1)
    np.testing.assert_allclose(ink_box(found), 1, atol=1e-6)


def test_a_lopsided_drawing_stays_whole_inside_the_image() -> None:
    drawing = np.zeros((20, 20), np.uint8)
    drawing[:2] = 255
    drawing[19, 0] = 1  # nearly all ink at the top pulls the digit far down
    found = mnist_input(drawing)
    assert found is not None
    assert found.sum() == pytest.approx(drawing.sum() / 255)


def test_reading_a_drawing_takes_under_a_millisecond(digits: np.ndarray) -> None:
    drawing = np.kron(digits[0], np.ones((10, 10), np.uint8))
    times = []
    for _ in range(100):
        start = time.perf_counter()
        mnist_input(drawing)
        times.append(time.perf_counter() - start)
    assert min(times) < 1e-3  # the machine may be busy; the code's own time is the least


def closeness(found: np.ndarray | None, digit: np.ndarray) -> float:
    assert found is not None
    return float(np.abs(found - digit / 255).max())


@pytest.mark.parametrize("form", ["grey", "rgb", "rgba", "grey and alpha", "float"])
@pytest.mark.parametrize("inverted", [False, True])
def test_a_clean_picture_of_either_kind_reads_as_the_digit(
    digits: np.ndarray, form: str, inverted: bool
) -> None:
    near = 0
    for digit in digits[:100]:
        grey = 255 - digit if inverted else digit
        opaque = np.full_like(grey, 255)
        pixels = {
            "grey": grey,
            "rgb": np.stack([grey] * 3, axis=2),
            "rgba": np.stack([grey, grey, grey, opaque], axis=2),
            "grey and alpha": np.stack([grey, opaque], axis=2),
            "float": grey / 255,
        }[form]
        ink = ink_of_picture(pixels)
        assert ink.shape == (28, 28)
        assert ink[digit == 0].max() == 0
        near += closeness(mnist_input(ink), digit) < 0.05
    assert near >= 97  # the faintest 4% of ink may be noise, and can move an edge


@pytest.mark.parametrize("colour", [0, 255])
def test_ink_on_a_transparent_picture_is_what_is_opaque(digits: np.ndarray, colour: int) -> None:
    digit = digits[0]
    pixels = np.full((28, 28, 4), colour, np.uint8)
    pixels[..., 3] = digit
    assert closeness(mnist_input(ink_of_picture(pixels)), digit) < 0.05


def test_a_half_transparent_stroke_on_opaque_paper_is_half_inked() -> None:
    pixels = np.full((40, 40, 4), 255, np.uint8)
    pixels[10:30, 10:20] = (0, 0, 0, 255)
    pixels[10:30, 20:30] = (0, 0, 0, 128)
    ink = ink_of_picture(pixels)
    assert ink[20, 15] == 1
    assert ink[20, 25] == pytest.approx(0.5, abs=0.01)
    assert ink[0, 0] == 0


def test_a_photo_with_shade_and_grain_has_clean_paper_and_dark_ink() -> None:
    rng = np.random.default_rng(0)
    light = np.linspace(0.55, 0.75, 240)[None, :] * np.linspace(0.95, 1.05, 300)[:, None]
    stroke = np.zeros((300, 240), bool)
    stroke[60:240, 110:130] = True
    photo = light * np.where(stroke, 0.3, 1.0) + rng.normal(0, 0.02, light.shape)
    ink = ink_of_picture((photo.clip(0, 1) * 255).astype(np.uint8))
    assert (ink[~stroke] > 0).mean() < 1e-4
    assert ink[stroke].min() > 0.5
    assert ink[stroke].mean() > 0.8


def test_a_single_bright_speck_does_not_turn_paper_into_ink() -> None:
    rng = np.random.default_rng(1)
    photo = 0.6 + rng.normal(0, 0.01, (100, 100))
    photo[30:70, 45:55] = 0.25
    photo[5, 5] = 1.0
    ink = ink_of_picture(photo)
    assert ink[50, 50] > 0.9
    assert ink[5, 5] == 0


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_even_picture_has_no_ink(level: int) -> None:
    assert not ink_of_picture(np.full((30, 20, 3), level, np.uint8)).any()


@SMALL
@given(
    pixels=hnp.arrays(
        np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.integers(1, 4))
    )
)
def test_any_picture_gives_ink_between_0_and_1(pixels: np.ndarray) -> None:
    ink = ink_of_picture(pixels)
    assert ink.shape == pixels.shape[:2]
    assert ink.dtype == np.float32
    assert np.isfinite(ink).all()
    assert ink.min() >= 0
    assert ink.max() <= 1


@pytest.mark.parametrize("shape", [(5,), (0, 3), (3, 3, 5), (2, 2, 2, 2)])
def test_an_array_that_is_no_picture_is_a_mistake_of_the_caller(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="shape"):
        ink_of_picture(np.zeros(shape))


@pytest.mark.parametrize("name", ["digit.png", "digit.bmp", "digit.gif", "digit.tiff", "digit.jpg"])
def test_a_picture_file_reads_as_the_digit(digits: np.ndarray, tmp_path: Path, name: str) -> None:
    digit = digits[0]
    large = 255 - np.kron(np.pad(digit, 10), np.ones((8, 8), np.uint8))
    Image.fromarray(large).save(tmp_path / name)
    assert closeness(mnist_input(read_picture(tmp_path / name)), digit) < 0.05


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16", "F", "CMYK"])
def test_pictures_of_every_mode_are_read(tmp_path: Path, mode: str) -> None:
    grey = np.full((60, 60), 255, np.uint8)
    grey[15:45, 25:35] = 0
    wide = {"I": np.int32, "I;16": np.uint16, "F": np.float32}
    if mode in wide:
        picture = Image.fromarray((grey.astype(wide[mode]) * 100).astype(wide[mode]))
    else:
        picture = Image.fromarray(grey).convert(mode)
    assert picture.mode == mode
    picture.save(tmp_path / "p.tiff")
    ink = read_picture(tmp_path / "p.tiff")
    np.testing.assert_array_equal(ink, grey == 0)


def test_a_photo_taken_sideways_is_turned_upright(tmp_path: Path) -> None:
    grey = np.full((40, 60), 255, np.uint8)
    grey[5:10, 5:55] = 0
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it turned by a quarter clockwise
    Image.fromarray(grey).save(tmp_path / "p.png", exif=exif)
    np.testing.assert_array_equal(read_picture(tmp_path / "p.png"), np.rot90(grey, -1) == 0)


def test_a_large_picture_is_reduced(tmp_path: Path) -> None:
    grey = np.full((3000, 2000), 255, np.uint8)
    grey[1000:2000, 900:1100] = 0
    Image.fromarray(grey).save(tmp_path / "p.png")
    ink = read_picture(tmp_path / "p.png")
    assert max(ink.shape) == 1024
    assert ink.mean() == pytest.approx((grey == 0).mean(), rel=0.02)


@pytest.mark.parametrize(
    "content", [b"", b"no picture at all", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n" + b"\0" * 50]
)
def test_a_file_that_is_no_picture_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.png"
    path.write_bytes(content)
    with pytest.raises(UserError) as caught:
        read_picture(path)
    assert "broken.png cannot be read" in str(caught.value)


def test_a_picture_cut_short_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.png"
    noise = np.random.default_rng(0).integers(0, 256, (90, 90), dtype=np.uint8)
    Image.fromarray(noise).save(path)
    path.write_bytes(path.read_bytes()[:2000])
    for wrong in (path, tmp_path, tmp_path / "none.png"):
        with pytest.raises(UserError, match="cannot be read"):
            read_picture(wrong)


@pytest.mark.parametrize("side", [8_000, 12_000, 40_000])
def test_a_huge_picture_is_refused_before_it_is_unpacked(
    tmp_path: Path, side: int, recwarn: pytest.WarningsRecorder
) -> None:
    path = tmp_path / "bomb.png"
    Image.new("1", (side, 8)).save(path)
    data = bytearray(path.read_bytes())
    data[20:24] = side.to_bytes(4, "big")  # the height in the header
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    path.write_bytes(data)
    with pytest.raises(UserError) as caught:
        read_picture(path)
    assert "bomb.png has too many pixels" in str(caught.value)
    assert not recwarn.list


def test_a_blank_picture_file_is_refused(tmp_path: Path) -> None:
    Image.new("RGB", (50, 50), "white").save(tmp_path / "blank.png")
    with pytest.raises(UserError) as caught:
        read_picture(tmp_path / "blank.png")
    assert "shows nothing" in str(caught.value)
