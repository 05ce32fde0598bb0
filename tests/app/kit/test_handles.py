"""Arrows and handles grow with the text, and stay as they were in text of its own size."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QSlider,
    QSpinBox,
    QStyle,
    QStyleOptionComboBox,
    QStyleOptionSlider,
    QStyleOptionSpinBox,
)

from app.kit import theme
from app.kit.handles import ComboBox, Line, Slider, SpinBox

WHOLE, PART = QStyle.ComplexControl, QStyle.SubControl
KINDS = {
    "combo": (
        ComboBox,
        QComboBox,
        QStyleOptionComboBox,
        WHOLE.CC_ComboBox,
        PART.SC_ComboBoxArrow,
    ),
    "spin": (SpinBox, QSpinBox, QStyleOptionSpinBox, WHOLE.CC_SpinBox, PART.SC_SpinBoxUp),
    "slider": (Slider, QSlider, QStyleOptionSlider, WHOLE.CC_Slider, PART.SC_SliderHandle),
}


@pytest.fixture
def dressed(qapp):
    theme.apply(qapp, "light")
    yield qapp
    theme.set_scale(qapp, 1.0)


def width_of_part(control, kind):
    """Pixels of the arrow or the handle."""
    _, _, option_of, whole, part = KINDS[kind]
    option = option_of()
    control.initStyleOption(option)
    return control.style().subControlRect(whole, option, part, control).width()


def shown(kind, qtbot, *, plain=False):
    own, theirs, *_ = KINDS[kind]
    control = (theirs if plain else own)()
    if isinstance(control, QSlider):
        control.setOrientation(Qt.Orientation.Horizontal)
    qtbot.addWidget(control)
    control.resize(300, 60)
    return control


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_is_twice_as_wide_in_text_of_twice_the_size(dressed, qtbot, kind):
    theme.set_scale(dressed, 1.0)
    once = width_of_part(shown(kind, qtbot), kind)
    assert once == width_of_part(shown(kind, qtbot, plain=True), kind)
    theme.set_scale(dressed, 2.0)
    assert width_of_part(shown(kind, qtbot), kind) == pytest.approx(2 * once, abs=1)
    theme.set_scale(dressed, 0.8)
    assert width_of_part(shown(kind, qtbot), kind) == pytest.approx(0.8 * once, abs=1)


@pytest.mark.parametrize("kind", KINDS)
def test_the_letters_are_measured_as_before(dressed, qtbot, kind):
    theme.set_scale(dressed, 1.5)
    control = shown(kind, qtbot)
    option = KINDS[kind][2]()
    control.initStyleOption(option)
    words = "Gradient descent"
    own = control.fontMetrics().horizontalAdvance(words)
    assert option.fontMetrics.horizontalAdvance(words) == pytest.approx(own, rel=0.02)


@pytest.mark.parametrize("control", [ComboBox, SpinBox, Line, Slider])
def test_on_dark_ground_a_frame_is_seen(qapp, qtbot, control):
    """The style draws it 1.4 times as dark as the window: #16181d on #1e2128 nobody sees."""
    before = qapp.property("chainruleTheme")
    theme.apply(qapp, "dark")
    widget = control()
    qtbot.addWidget(widget)
    widget.resize(120, 30)
    widget.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    widget.show()
    picture = widget.grab().toImage()
    middle = picture.width() // 2
    lightness = [picture.pixelColor(middle, y).lightness() for y in range(picture.height())]
    theme.apply(qapp, before or "light")
    assert max(lightness) - min(lightness) > 40
