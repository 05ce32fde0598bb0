"""Names in a picture of a surface keep off one another, off other text, and inside the picture."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from app.surface.map.marks import Names

WHOLE = QRectF(0, 0, 400, 300)
LETTERS = QRectF(-20, -6, 40, 12)
NO_CROWD = np.zeros((0, 2))
OFF = 10.0

inside_x, inside_y = st.floats(100, 300), st.floats(80, 220)


def box_at(middle: QPointF) -> QRectF:
    box = QRectF(LETTERS)
    box.moveCenter(middle)
    return box


@given(inside_x, inside_y)
def test_a_name_with_nothing_around_stands_above_its_place(x, y):
    middle = Names(NO_CROWD, WHOLE).room_for(LETTERS, np.array([x, y]), OFF)
    assert middle.x() == x
    assert box_at(middle).bottom() <= y - OFF


@given(inside_x, inside_y, st.floats(-15, 15), st.floats(-15, 15))
def test_two_names_of_places_near_each_other_never_overlap(x, y, right, down):
    names = Names(NO_CROWD, WHOLE)
    first = names.room_for(LETTERS, np.array([x, y]), OFF)
    second = names.room_for(LETTERS, np.array([x + right, y + down]), OFF)
    assert not box_at(first).intersects(box_at(second))


@given(st.floats(0, 400), st.floats(0, 300))
def test_a_name_stays_in_the_picture_wherever_its_place_is(x, y):
    middle = Names(NO_CROWD, WHOLE).room_for(LETTERS, np.array([x, y]), OFF)
    # In a corner only a name across it would fit: beside a place there is always one edge.
    corner = min(x, 400 - x) < 26 and min(y, 300 - y) < 10
    assert corner or WHOLE.contains(box_at(middle))


@given(inside_x, inside_y)
def test_a_name_keeps_off_what_is_written_and_off_a_path(x, y):
    place = np.array([x, y])
    above = QRectF(x - 30, y - 40, 60, 40)
    path = np.array([[x + step, y] for step in range(5, 60)])
    middle = Names(path, WHOLE, [above]).room_for(LETTERS, place, OFF)
    assert not box_at(middle).intersects(above)
    assert not any(box_at(middle).contains(QPointF(*point)) for point in path)
