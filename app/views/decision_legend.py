"""What the colours of the decision map stand for."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedLayout, QWidget

from app import theme
from app.views.decision_colours import class_colour, value_pixels
from app.views.decision_points import set_colour
from app.views.decision_response import Scale
from app.views.readings import learning_rate

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
        return learning_rate(self.scale.low), learning_rate(self.scale.high)

    def sizeHint(self) -> QSize:
        """One line of text."""
        return QSize(theme.space(30), theme.space(2.5))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Least value, colours, largest value."""
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
        self.classes = QLabel(self)
        self.classes.setObjectName("decisions.classes")
        self.classes.setTextFormat(Qt.TextFormat.RichText)
        self.classes.setWordWrap(True)
        self.scale = ScaleBar(self)
        self.scale.setObjectName("decisions.scale")
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.classes)
        self._pages.addWidget(self.scale)
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
        template = "<span style='color:{colour}'>{glyph}</span>&nbsp;{name}"
        text = "&nbsp; ".join(
            template.format(colour=colour.name(), glyph=glyph, name=_escaped(name))
            for colour, glyph, name in entries
        )
        if text != self.classes.text():
            self.classes.setText(text)
        self._pages.setCurrentWidget(self.classes)

    def show_scale(self, scale: Scale, *, discretise: bool) -> None:
        """The colours of values."""
        self.scale.show_scale(scale, discretise=discretise)
        self._pages.setCurrentWidget(self.scale)


def _escaped(name: str) -> str:
    """A class's name may come from a file."""
    return name.replace("&", "&amp;").replace("<", "&lt;").replace(" ", "&nbsp;")
