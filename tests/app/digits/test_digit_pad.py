import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QPainter,
    QPointingDevice,
    QTabletEvent,
)
from PySide6.QtWidgets import QApplication

from app.digits.ink import WIDTHS
from app.digits.pad import DigitPad
from app.digits.raster import PadPaper, image_of
from app.digits.strokes import SIDE, SampleDigit


@pytest.fixture
def pad(qtbot):
    widget = DigitPad()
    qtbot.addWidget(widget)
    widget.resize(SIDE, SIDE)
    widget.show()
    qtbot.waitExposed(widget)
    widget.setFocus()
    return widget


def pull(qtbot, pad, *points):
    """A real stroke: pressed, moved and released with the left button."""
    first, *rest = (QPoint(*point) for point in points)
    qtbot.mousePress(pad, Qt.MouseButton.LeftButton, pos=first)
    for point in rest:
        qtbot.mouseMove(pad, point)
    qtbot.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=points and QPoint(*points[-1]))


def ring_image(background, ink):
    image = QImage(90, 60, QImage.Format.Format_RGB32)
    image.fill(QColor(background))
    painter = QPainter(image)
    painter.fillRect(40, 15, 10, 30, QColor(ink))
    painter.end()
    return image


def test_a_stroke_leaves_ink_where_the_mouse_went(qtbot, pad):
    pull(qtbot, pad, (60, 60), (200, 60))
    pixels = pad.drawing.paper.pixels
    assert pixels[60, 60] == pixels[60, 130] == pixels[60, 200] == 255
    assert not pixels[150:].any()


def test_ink_has_soft_edges(qtbot, pad):
    pull(qtbot, pad, (60, 60), (200, 130))
    pixels = pad.drawing.paper.pixels
    assert ((pixels > 0) & (pixels < 255)).any()


def test_a_click_leaves_a_dot(qtbot, pad):
    pull(qtbot, pad, (100, 100))
    assert pad.drawing.paper.pixels[100, 100] == 255


def test_each_mouse_event_says_once_that_the_drawing_changed(qtbot, pad):
    said = []
    pad.drawing.changed.connect(lambda: said.append(1))
    pull(qtbot, pad, (60, 60), (80, 60), (100, 60), (120, 60))
    assert len(said) == 4


def test_drawing_bit_by_bit_equals_drawing_anew(qtbot, pad):
    pull(qtbot, pad, (60, 60), (90, 140), (150, 80))
    pad.tool.choose(erasing=True)
    pull(qtbot, pad, (80, 60), (140, 160))
    anew = PadPaper()
    anew.redraw(pad.drawing.marks.visible)
    np.testing.assert_array_equal(anew.pixels, pad.drawing.paper.pixels)


def test_the_eraser_takes_ink_away(qtbot, pad):
    pull(qtbot, pad, (60, 60), (200, 60))
    qtbot.keyClick(pad, Qt.Key.Key_E)
    pull(qtbot, pad, (130, 60))
    assert pad.drawing.paper.pixels[60, 130] == 0
    assert pad.drawing.paper.pixels[60, 200] == 255


def test_undo_and_redo_keys_go_stroke_by_stroke(qtbot, pad):
    pull(qtbot, pad, (60, 60), (200, 60))
    one = pad.drawing.paper.pixels
    pull(qtbot, pad, (60, 160), (200, 160))
    two = pad.drawing.paper.pixels
    qtbot.keyClick(pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(pad.drawing.paper.pixels, one)
    qtbot.keyClick(pad, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(pad.drawing.paper.pixels, two)
    qtbot.keyClick(pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(pad, Qt.Key.Key_Z, both)
    np.testing.assert_array_equal(pad.drawing.paper.pixels, two)


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_delete_and_backspace_clear_and_undo_brings_it_back(qtbot, pad, key):
    pull(qtbot, pad, (60, 60), (200, 60))
    before = pad.drawing.paper.pixels
    qtbot.keyClick(pad, key)
    assert pad.drawing.paper.is_empty
    qtbot.keyClick(pad, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    np.testing.assert_array_equal(pad.drawing.paper.pixels, before)


def test_brackets_change_the_width_within_its_bounds(qtbot, pad):
    before = pad.tool.width
    qtbot.keyClick(pad, Qt.Key.Key_BracketRight)
    assert pad.tool.width > before
    for _ in range(20):
        qtbot.keyClick(pad, Qt.Key.Key_BracketLeft)
    assert pad.tool.width == WIDTHS[0]


def test_the_pads_keys_win_over_the_windows_shortcuts_and_others_do_not(pad):
    def overrides(key, modifiers):
        event = QKeyEvent(QEvent.Type.ShortcutOverride, key, modifiers)
        event.ignore()
        QApplication.sendEvent(pad, event)
        return event.isAccepted()

    assert overrides(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not overrides(Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier)


def test_strokes_keep_their_place_at_another_size(qtbot, pad):
    for _ in range(2):  # the height is bounded by the width that it had before
        pad.resize(SIDE * 2, SIDE * 2)
    pull(qtbot, pad, (200, 200))
    assert pad.drawing.paper.pixels[100, 100] == 255


def test_a_stylus_draws_and_its_other_end_erases(pad):
    tablet_event(pad, QEvent.Type.TabletPress, (60, 60), QPointingDevice.PointerType.Pen)
    tablet_event(pad, QEvent.Type.TabletMove, (200, 60), QPointingDevice.PointerType.Pen)
    tablet_event(pad, QEvent.Type.TabletRelease, (200, 60), QPointingDevice.PointerType.Pen)
    assert pad.drawing.paper.pixels[60, 130] == 255
    tablet_event(pad, QEvent.Type.TabletPress, (130, 60), QPointingDevice.PointerType.Eraser)
    assert pad.drawing.paper.pixels[60, 130] == 0


def tablet_event(pad, kind, at, pointer):
    device = QPointingDevice(
        "stylus",
        1,
        QPointingDevice.DeviceType.Stylus,
        pointer,
        QPointingDevice.Capability.Position,
        1,
        1,
    )
    where = QPointF(*at)
    left = Qt.MouseButton.LeftButton
    event = QTabletEvent(
        kind, device, where, where, 0.5, 0, 0, 0, 0, 0, Qt.KeyboardModifier.NoModifier, left, left
    )
    QApplication.sendEvent(pad, event)


def test_a_test_digit_is_shown_pixel_for_pixel(pad):
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    pad.drawing.place(SampleDigit(pixels, 0, 7))
    np.testing.assert_array_equal(pad.drawing.paper.pixels[5::10, 5::10], pixels)


@pytest.mark.parametrize("colours", [("white", "black"), ("black", "white")])
def test_a_pasted_picture_becomes_ink_whatever_its_polarity(qtbot, pad, colours):
    QGuiApplication.clipboard().setImage(ring_image(*colours))
    qtbot.keyClick(pad, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    pixels = pad.drawing.paper.pixels
    assert pixels[SIDE // 2, SIDE // 2] > 200
    assert not pixels[:, : SIDE // 4].any()


def test_pasting_without_a_picture_is_refused_with_advice(qtbot, pad):
    QGuiApplication.clipboard().setText("seven")
    with qtbot.waitSignal(pad.refused) as refusal:
        pad.paste()
    assert "picture" in str(refusal.args[0])
    assert pad.drawing.paper.is_empty


def test_a_dropped_image_file_becomes_ink(pad, tmp_path):
    path = tmp_path / "seven.png"
    assert ring_image("white", "black").save(str(path))
    drop(pad, path)
    assert pad.drawing.paper.pixels[SIDE // 2, SIDE // 2] > 200


def test_a_dropped_file_that_is_no_picture_is_refused_by_name(qtbot, pad, tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no picture")
    with qtbot.waitSignal(pad.refused) as refusal:
        drop(pad, path)
    assert "notes.txt" in str(refusal.args[0])


def drop(pad, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    event = QDropEvent(
        QPointF(20, 20),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    pad.dropEvent(event)


def test_an_odd_width_survives_the_way_into_an_image():
    ink = np.arange(35, dtype=np.uint8).reshape(5, 7)
    image = image_of(ink)
    assert [image.pixelColor(x, 2).red() for x in range(7)] == list(ink[2])
