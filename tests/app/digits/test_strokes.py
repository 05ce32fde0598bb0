import numpy as np

from app.digits.strokes import Cleared, DrawnMarks, PastedPicture, SampleDigit, Stroke


def digit(index=0):
    return SampleDigit(np.zeros((28, 28), np.uint8), index, 7)


def drawn(*starts):
    drawing = DrawnMarks()
    for start in starts:
        drawing.begin(start, 20)
        drawing.extend((start[0] + 5, start[1]))
    return drawing


def test_a_stroke_keeps_its_points_width_and_tool():
    drawing = DrawnMarks()
    drawing.begin((1, 2), 12, erases=True)
    drawing.extend((3, 4))
    assert drawing.visible == (Stroke(12, True, [(1, 2), (3, 4)]),)


def test_a_point_twice_in_a_row_counts_once():
    drawing = drawn((1, 1))
    drawing.extend((6, 1))
    assert drawing.visible[0].points == [(1, 1), (6, 1)]


def test_undo_takes_back_the_newest_stroke_and_redo_brings_it_back():
    drawing = drawn((0, 0), (50, 50))
    both = drawing.visible
    assert drawing.undo()
    assert drawing.visible == both[:1]
    assert drawing.redo()
    assert drawing.visible == both


def test_undo_and_redo_say_when_there_is_nothing_left():
    drawing = DrawnMarks()
    assert not drawing.undo()
    assert not drawing.redo()
    assert not drawing.can_undo
    assert not drawing.can_redo


def test_a_new_stroke_ends_redo():
    drawing = drawn((0, 0), (50, 50))
    drawing.undo()
    drawing.begin((9, 9), 20)
    assert not drawing.can_redo


def test_clearing_can_be_undone():
    drawing = drawn((0, 0), (50, 50))
    before = drawing.visible
    drawing.clear()
    assert drawing.visible == ()
    drawing.undo()
    assert drawing.visible == before


def test_clearing_an_empty_pad_is_no_mark():
    drawing = DrawnMarks()
    drawing.clear()
    assert not drawing.can_undo


def test_a_picture_hides_what_was_there_until_it_is_undone():
    drawing = drawn((0, 0))
    picture = PastedPicture(np.ones((5, 5), np.uint8))
    drawing.place(picture)
    assert drawing.visible == (picture,)
    drawing.undo()
    assert isinstance(drawing.visible[0], Stroke)


def test_a_test_digit_is_untouched_until_drawn_over_and_again_after_undo():
    drawing = DrawnMarks()
    drawing.place(digit(3))
    assert drawing.untouched_digit.index == 3
    drawing.begin((1, 1), 20)
    assert drawing.untouched_digit is None
    assert len(drawing.visible) == 2
    drawing.undo()
    assert drawing.untouched_digit.index == 3


def test_leafing_through_test_digits_undoes_as_one():
    drawing = drawn((0, 0))
    for index in range(5):
        drawing.place(digit(index))
    drawing.undo()
    assert isinstance(drawing.visible[0], Stroke)


def test_strokes_after_a_clearing_show_alone():
    drawing = drawn((0, 0))
    drawing.clear()
    stroke = drawing.begin((9, 9), 20)
    assert drawing.visible == (stroke,)
    assert not any(isinstance(mark, Cleared) for mark in drawing.visible)
