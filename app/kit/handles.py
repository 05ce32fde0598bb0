"""Qt's boxes, lines and sliders: arrows and handles grow with the text, frames show in the dark.

The style measures these in dots per inch, which it reads off an option's font. A smaller font on
a finer device has the same letters, and larger dots.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPalette
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QLineEdit,
    QSlider,
    QSpinBox,
    QStyleOption,
    QStyleOptionComboBox,
    QStyleOptionFrame,
    QStyleOptionSlider,
    QStyleOptionSpinBox,
    QWidget,
)

from app.kit import theme

_METRES_AN_INCH = 0.0254


class ComboBox(QComboBox):
    """A combo box whose arrow grows with the text."""

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        super().initStyleOption(option)
        dress(option, self)


class SpinBox(QSpinBox):
    """A box for whole numbers whose arrows grow with the text."""

    def initStyleOption(self, option: QStyleOptionSpinBox) -> None:
        super().initStyleOption(option)
        dress(option, self)


class DoubleSpinBox(QDoubleSpinBox):
    """A box for numbers whose arrows grow with the text."""

    def initStyleOption(self, option: QStyleOptionSpinBox) -> None:
        super().initStyleOption(option)
        dress(option, self)


class Line(QLineEdit):
    """A line of text whose frame is seen on dark ground."""

    def initStyleOption(self, option: QStyleOptionFrame) -> None:
        super().initStyleOption(option)
        dress(option, self)


class Slider(QSlider):
    """A slider whose handle grows with the text."""

    def initStyleOption(self, option: QStyleOptionSlider) -> None:
        super().initStyleOption(option)
        dress(option, self)


def dress(option: QStyleOption, widget: QWidget) -> None:
    """Has the style draw a control's own parts as large as its text, and its frame to be seen.

    Of a frame the style makes a darker shade of the window, which on dark ground nobody sees.
    """
    factor, tokens = theme.scale(), theme.current()
    if factor != 1:
        option.fontMetrics = _finer(widget.font().toString(), widget.logicalDpiX(), factor)
    if tokens.dark:
        palette = QPalette(option.palette)
        palette.setColor(QPalette.ColorRole.Window, QColor(tokens.text_dim))
        option.palette = palette


@lru_cache(maxsize=16)
def _finer(font: str, dots: int, factor: float) -> QFontMetrics:
    """A font's metrics, as those of a smaller one on a device of more dots an inch.

    Args:
        font: As Qt writes it.
        dots: An inch, of the screen.
        factor: How much smaller, and how many more.
    """
    device = QImage(1, 1, QImage.Format.Format_Mono)
    a_metre = round(dots * factor / _METRES_AN_INCH)
    device.setDotsPerMeterX(a_metre)
    device.setDotsPerMeterY(a_metre)
    smaller = QFont()
    smaller.fromString(font)
    smaller.setPointSizeF(smaller.pointSizeF() / factor)
    return QFontMetrics(smaller, device)
