"""What the decision map says in words: titles, axes, readings, and why there is no map."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.kit import theme
from app.kit.labels import WrittenLegend
from app.kit.layouts import in_pages, named
from app.kit.numbers import four_digits, full_number, round_number
from app.link.focus import Spot
from app.train.decisions.plot import set_colour
from app.train.decisions.response import Scale, class_colour, value_pixels
from core.experiment.layers import shape_text
from core.messages.snapshot import DataSummary, Snapshot

GLYPHS = "●■▲◆⬟★⬢▼✕✚"
"""The shapes of ``SYMBOLS``, to be written."""


class ScaleBar(QWidget):
    """A strip of the colours between their least and largest value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.scale: Scale | None = None
        self.discretise = False

    def show_scale(self, scale: Scale, *, discretise: bool) -> None:
        """Shows other colours."""
        if (scale, discretise) != (self.scale, self.discretise):
            self.scale, self.discretise = scale, discretise
            self.setAccessibleName("{} … {}".format(*self.texts()))
            self.update()

    def texts(self) -> tuple[str, str]:
        """The values at both ends."""
        assert self.scale is not None
        return round_number(self.scale.low), round_number(self.scale.high)

    def sizeHint(self) -> QSize:
        return QSize(theme.space(30), theme.space(2.5))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.scale is None:
            return
        painter = QPainter(self)
        painter.setFont(theme.number_font())
        painter.setPen(QColor(theme.current().text_dim))
        low, high = self.texts()
        metrics = QFontMetrics(theme.number_font())
        left = metrics.horizontalAdvance(low) + theme.space(1)
        right = min(self.width() - metrics.horizontalAdvance(high) - theme.space(1), left + 240)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(self.rect(), middle, low)
        painter.drawText(self.rect().adjusted(right + theme.space(1), 0, 0, 0), middle, high)
        bar = QRect(left, (self.height() - 10) // 2, max(0, right - left), 10)
        values = np.linspace(self.scale.low, self.scale.high, 128)[None, :]
        pixels = np.ascontiguousarray(value_pixels(values, self.scale, discretise=self.discretise))
        image = QImage(pixels.tobytes(), 128, 1, 384, QImage.Format.Format_RGB888)
        painter.drawImage(bar, image)
        painter.setPen(QColor(theme.current().line))
        painter.drawRect(bar)


class DecisionLegend(QWidget):
    """The classes with their colours and shapes, or the scale of the values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.classes = WrittenLegend("decisions.classes", self)
        self.scale = named(ScaleBar(self), "decisions.scale")
        self._pages = in_pages(self.classes, self.scale, into=self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_classes(self, names: tuple[str, ...]) -> None:
        """A shape of its colour before each name."""
        glyphs = (GLYPHS[index % len(GLYPHS)] for index in range(len(names)))
        colours = map(class_colour, range(len(names)))
        self._list(zip(colours, glyphs, names, strict=True))

    def show_sets(self, *, test: bool) -> None:
        """Which points are of the training set, and which of the test set."""
        sets = [(set_colour(hollow=False), "●", self.tr("Training"))]
        if test:
            sets.append((set_colour(hollow=True), "○", self.tr("Test")))
        self._list(sets)

    def _list(self, entries: Iterable[tuple[QColor, str, str]]) -> None:
        self.classes.show_entries(entries)
        self._pages.setCurrentWidget(self.classes)

    def show_scale(self, scale: Scale, *, discretise: bool) -> None:
        """The colours of values."""
        self.scale.show_scale(scale, discretise=discretise)
        self._pages.setCurrentWidget(self.scale)


Floats = NDArray[np.floating]

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def nothing(snapshot: Snapshot) -> str:
    """Why there is no map, and what to do."""
    translate = QCoreApplication.translate
    if snapshot.data is None or snapshot.data.shape.is_a_plane:
        return translate("DecisionView", "The map shows here as soon as the network is ready.")
    text = translate(
        "DecisionView",
        "This map needs a network with one or two inputs; this one has {inputs}. "
        "Choose the spiral or another small experiment to see one.",
    )
    return text.format(inputs=shape_text(snapshot.data.input_shape))


def network() -> str:
    """The title of the network's own map."""
    return QCoreApplication.translate("DecisionView", "The whole network")


def unit(snapshot: Snapshot, spot: Spot) -> str:
    """The title of one neuron's map."""
    names = {layer.path: layer.name for layer in snapshot.layers}
    text = QCoreApplication.translate("DecisionView", "Neuron {unit} of {layer}")
    return text.format(unit=spot.unit + 1, layer=names.get(spot.path, ""))


def axes(data: DataSummary, *, unit: bool) -> tuple[str, str]:
    """What stands below the map and left of it; of a neuron, or of the network."""
    bottom = _feature(data, 0)
    if data.input_shape == (2,):
        return bottom, _feature(data, 1)
    if unit:
        return bottom, "a"
    if data.task == "classification":
        return bottom, QCoreApplication.translate("DecisionView", "share of the class")
    return bottom, data.target_names[0] if data.target_names else "y"


def classes(data: DataSummary, count: int) -> tuple[str, ...]:
    """The names of so many classes."""
    known = len(data.class_names) == count
    return data.class_names if known else tuple(str(index) for index in range(count))


def reading(data: DataSummary, inputs: list[Any], outputs: Floats) -> tuple[str, str]:
    """What stands at a place of the map: with four digits, and with all of them.

    Args:
        data: For the names.
        inputs: The place.
        outputs: (k,) shares of classes, or one value.
    """
    four = _sentence(data, inputs, outputs, four_digits)
    return four, _sentence(data, inputs, outputs, full_number)


def _sentence(
    data: DataSummary, inputs: list[Any], outputs: Floats, digits: Callable[[float], str]
) -> str:
    translate = QCoreApplication.translate
    place = ", ".join(
        f"{_feature(data, index)} = {digits(float(value))}" for index, value in enumerate(inputs)
    )
    if len(outputs) == 1:
        text = translate("DecisionView", "{place}: output {value}")
        return text.format(place=place, value=digits(float(outputs[0])))
    best = int(np.argmax(outputs))
    text = translate("DecisionView", "{place}: class {name}, share {share}")
    name = classes(data, len(outputs))[best]
    return text.format(place=place, name=name, share=digits(float(outputs[best])))


def _feature(data: DataSummary, index: int) -> str:
    if index < len(data.feature_names):
        return data.feature_names[index]
    return "x" + str(index + 1).translate(_SUBSCRIPTS)
