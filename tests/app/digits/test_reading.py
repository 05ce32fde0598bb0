"""Drawings are read at the width that MNIST's strokes have, whatever the size drawn."""

from __future__ import annotations

import numpy as np
import pytest

from app.digits.raster import PadDrawing
from app.digits.reading import BOX, PEN, as_read
from app.digits.strokes import PastedPicture
from core.data.drawing import mnist_input

ONE = [(0.5, 0.0), (0.5, 0.25), (0.5, 0.5), (0.5, 1.0)]
SEVEN = [(0.1, 0.0), (0.9, 0.0), (0.6, 0.5), (0.3, 1.0)]


def drawn(corners, size: float, width: float = 22, at: float = 30) -> PadDrawing:
    drawing = PadDrawing()
    points = [(at + x * size, at + y * size) for x, y in corners]
    drawing.pen_down(points[0], width, erases=False)
    for point in points[1:]:
        drawing.pen_moved(point)
    drawing.pen_up()
    return drawing


@pytest.mark.parametrize("corners", [ONE, SEVEN])
@pytest.mark.parametrize("size", [40, 93, 140, 224])
@pytest.mark.parametrize("width", [8, 22, 48])
def test_neither_size_nor_pen_changes_what_is_read(corners, size, width):
    usual = mnist_input(as_read(drawn(corners, 180)))
    found = mnist_input(as_read(drawn(corners, size, width)))
    assert np.abs(found - usual).max() < 0.2  # a pixel of the pad is cut at another place
    assert np.abs(found - usual).mean() < 0.005


def test_a_line_is_as_wide_as_mnists():
    read = as_read(drawn(ONE, 100))
    rows, columns = np.nonzero(read > 127)
    assert np.ptp(rows) + 1 == pytest.approx(BOX, abs=1)
    assert np.ptp(columns) + 1 == pytest.approx(PEN * BOX, abs=1)


def test_what_was_erased_is_not_read():
    drawing = drawn(ONE, 200)
    drawing.pen_down((0, 180), 60, erases=True)
    drawing.pen_moved((280, 180))
    drawing.pen_up()
    read = as_read(drawing)
    inked = np.flatnonzero((read > 127).any(axis=1))
    assert len(np.flatnonzero(np.diff(inked) > 1)) == 1  # one gap in the line
    gap = np.diff(inked).max()
    scale = (BOX - PEN * BOX) / 200
    assert gap == pytest.approx(60 * scale - PEN * BOX, abs=4)  # the pen's ends reach into it


def test_a_line_drawn_again_where_it_was_erased_is_read_again():
    drawing = drawn(ONE, 200)
    usual = as_read(drawing)
    drawing.pen_down((0, 180), 60, erases=True)
    drawing.pen_moved((280, 180))
    drawing.pen_up()
    drawing.pen_down((130, 30), 22, erases=False)
    drawing.pen_moved((130, 230))
    drawing.pen_up()
    assert np.abs(as_read(drawing).astype(int) - usual).mean() < 1


def test_all_erased_leaves_nothing_to_read():
    drawing = drawn(ONE, 100)
    drawing.pen_down((80, 20), 48, erases=True)
    drawing.pen_moved((80, 150))
    assert drawing.paper.is_empty
    assert not as_read(drawing).any()


def test_a_dot_and_a_picture_with_strokes_on_it_are_read_as_they_show():
    dot = drawn([(0, 0)], 1)
    np.testing.assert_array_equal(as_read(dot), dot.paper.pixels)
    picture = PadDrawing()
    picture.place(PastedPicture(np.full((20, 20), 200, np.uint8)))
    picture.pen_down((10, 10), 10, erases=False)
    picture.pen_moved((60, 60))
    np.testing.assert_array_equal(as_read(picture), picture.paper.pixels)
