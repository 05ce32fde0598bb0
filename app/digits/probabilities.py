"""What the network makes of the drawing: a bar for each class, painted in one widget."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.kit import theme
from app.kit.layouts import named
from app.kit.numbers import full_number, percent

_MOST_ROWS = 12
_TOP_ROWS = 10
_ROW, _LEAST_ROW = 19, 16
_GAP = 8
_LONGEST_NAME = 72


class ProbabilityBars(QWidget):
    """Horizontal bars with names and percentages, the largest emphasised.

    With more classes than fit, the ten most probable show, the largest first. Where the truth is
    known (a test digit), a dot marks it and the largest bar says whether it is right.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.names: tuple[str, ...] = tuple("0123456789")
        self.probabilities: NDArray[np.float32] | None = None
        self.truth: int | None = None
        named(self, "digits.probabilities", self.tr("Probabilities"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    @property
    def largest(self) -> int | None:
        """The class that the network reads; None while it reads nothing."""
        values = self.probabilities
        if values is None or not len(values) or not np.isfinite(values).all():
            return None
        return int(np.argmax(values))

    def show_classes(self, names: tuple[str, ...]) -> None:
        """Names the rows."""
        if names != self.names:
            self.names = names
            self.updateGeometry()
            self.update()

    def show_probabilities(
        self, probabilities: NDArray[np.float32] | None, truth: int | None = None
    ) -> None:
        """Draws new bars.

        Args:
            probabilities: (classes,); None empties the bars.
            truth: The class that is right, where it is known.
        """
        if probabilities is None and self.probabilities is None and truth == self.truth:
            return
        self.probabilities, self.truth = probabilities, truth
        self.setAccessibleDescription(self._spoken())
        self.update()

    def rows(self) -> list[int]:
        """The classes shown, from the top."""
        values = self.probabilities
        if len(self.names) <= _MOST_ROWS:
            return list(range(len(self.names)))
        if values is None or len(values) != len(self.names):
            return list(range(_TOP_ROWS))
        return [int(index) for index in np.argsort(-values, kind="stable")[:_TOP_ROWS]]

    def percent(self, index: int) -> str:
        """A class's probability as the row shows it."""
        values = self.probabilities
        if values is None or index >= len(values):
            return ""
        return percent(float(values[index]))

    def sizeHint(self) -> QSize:
        return QSize(theme.space(24), len(self.rows()) * round(_ROW * theme.scale()))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.gap(18), len(self.rows()) * round(_LEAST_ROW * theme.scale()))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        numbers, strong = theme.number_font(), theme.number_font()
        strong.setBold(True)
        name_width = self._name_width()
        value_width = QFontMetrics(strong).horizontalAdvance("100.00%")
        largest = self.largest
        for position, index in enumerate(self.rows()):
            painter.setFont(strong if index == largest else numbers)
            self._paint_row(painter, index, self._row(position), (name_width, value_width))
        if self.hasFocus():
            painter.setPen(QColor(theme.current().accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._full_text(event.pos().y()), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not event.matches(QKeySequence.StandardKey.Copy) or self.probabilities is None:
            super().keyPressEvent(event)
            return
        values = zip(self.names, self.probabilities, strict=False)
        lines = [f"{name}\t{full_number(float(value))}" for name, value in values]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _row(self, position: int) -> QRect:
        height = min(self.height() / max(1, len(self.rows())), _ROW * 1.25 * theme.scale())
        return QRectF(0, position * height, self.width(), height).toAlignedRect()

    def _paint_row(
        self, painter: QPainter, index: int, row: QRect, widths: tuple[int, int]
    ) -> None:
        tokens = theme.current()
        name_width, value_width = widths
        is_largest = index == self.largest
        painter.setPen(QColor(tokens.text if is_largest else tokens.text_dim))
        centred = Qt.AlignmentFlag.AlignVCenter
        name = QRect(row.left(), row.top(), name_width, row.height())
        painter.drawText(name, Qt.AlignmentFlag.AlignRight | centred, self._elided(index))
        value = QRect(row.right() - value_width, row.top(), value_width, row.height())
        painter.drawText(value, Qt.AlignmentFlag.AlignRight | centred, self.percent(index))
        thick = 8 * theme.gaps()
        track = QRectF(name.right() + 1 + _GAP, row.center().y() + 1 - thick / 2, 0, thick)
        track.setRight(value.left() - _GAP)
        self._paint_bar(painter, index, track)

    def _paint_bar(self, painter: QPainter, index: int, track: QRectF) -> None:
        tokens = theme.current()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.sunken))
        painter.drawRect(track)
        values = self.probabilities
        if values is not None and index < len(values) and np.isfinite(values[index]):
            painter.setBrush(self._bar_colour(index))
            length = track.width() * min(max(float(values[index]), 0.0), 1.0)
            painter.drawRect(QRectF(track.left(), track.top(), length, track.height()))
        if index == self.truth:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(QColor(tokens.good))
            painter.drawEllipse(QRectF(track.left() - _GAP + 1, track.center().y() - 2.5, 5, 5))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _bar_colour(self, index: int) -> QColor:
        tokens = theme.current()
        if index != self.largest:
            return QColor(tokens.disabled)
        if self.truth is None:
            return QColor(tokens.text)
        return QColor(tokens.good if index == self.truth else tokens.error)

    def _name_width(self) -> int:
        metrics = QFontMetrics(theme.number_font())
        longest = max((metrics.horizontalAdvance(name) for name in self.names), default=0)
        return min(longest, _LONGEST_NAME) + 4

    def _elided(self, index: int) -> str:
        metrics = QFontMetrics(QFont(theme.number_font()))
        return metrics.elidedText(self.names[index], Qt.TextElideMode.ElideRight, _LONGEST_NAME)

    def _full_text(self, y: int) -> str:
        values = self.probabilities
        for position, index in enumerate(self.rows()):
            if values is not None and index < len(values) and self._row(position).contains(0, y):
                text = self.tr("{name}: probability {value}")
                return text.format(name=self.names[index], value=full_number(float(values[index])))
        return self.tr("How sure the network is of each class. Draw, and the bars follow the pen.")

    def _spoken(self) -> str:
        largest = self.largest
        if largest is None or largest >= len(self.names):
            return self.tr("Nothing to read yet.")
        text = self.tr("The network reads {name} with {percent}.")
        return text.format(name=self.names[largest], percent=self.percent(largest))
