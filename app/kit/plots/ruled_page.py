"""A page of plots one under another, with a reading beneath and a word where there is nothing."""

from __future__ import annotations

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from app.kit import theme
from app.kit.labels import ElidedLabel
from app.kit.plots.ruled_plot import RuledPlot


class RuledPage(QWidget):
    """The frame of a view of ruled plots, with a page in their place while there is nothing.

    Args:
        identity: The view's name, with which its parts' names begin.
        parent: As usual.

    Attributes:
        plots: From above.
        reading: What is read off them.
        empty: What there is to say while there is nothing to draw.
    """

    def __init__(self, identity: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self._identity = identity
        self.plots: list[RuledPlot] = []
        self.reading = ElidedLabel(f"{identity}.reading", self)
        self.reading.setProperty("role", "caption")
        self.empty = QLabel(self)
        self.empty.setObjectName(f"{identity}.empty")
        self.empty.setProperty("role", "caption")
        self.empty.setWordWrap(True)
        self._lay_out()

    def add_plot(self, name: str, title: str, *, steps: bool, share: int = 1) -> RuledPlot:
        """One more plot, beneath the others; its pointer is led to ``_point``.

        Args:
            name: Behind the view's.
            title: Of its y axis.
            steps: Whether its x axis counts steps.
            share: Of the height.
        """
        plot = RuledPlot(title, steps=steps, parent=self)
        plot.setObjectName(f"{self._identity}.{name}")
        plot.setAccessibleName(plot.objectName())
        plot.pointed.connect(self._point)
        self._column.insertWidget(len(self.plots), plot, share)
        self.plots.append(plot)
        return plot

    def show_plots(self, *, shown: bool) -> None:
        """Shows the plots, or what there is to say in their place."""
        self._stack.setCurrentIndex(int(shown))

    def show_cursor(self, x: float | None) -> None:
        """A dotted line through all plots."""
        for plot in self.plots:
            plot.show_cursor(x)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            for plot in self.plots:
                plot.restyle()
            self._recolour()
        super().changeEvent(event)

    def _point(self, x: float | None) -> None:
        """The pointer is at an x of one of the plots; None when it has left."""
        raise NotImplementedError

    def _recolour(self) -> None:
        """Draws the lines in the new theme's colours."""
        raise NotImplementedError

    def _lay_out(self) -> None:
        pictures = QWidget(self)
        self._column = QVBoxLayout(pictures)
        self._column.setContentsMargins(
            theme.space(1.5), theme.space(0.5), theme.space(1.5), theme.space(1)
        )
        self._column.setSpacing(0)
        self._column.addWidget(self.reading)
        empty = QWidget(self)
        inside = QVBoxLayout(empty)
        inside.setContentsMargins(*[theme.space(3)] * 4)
        inside.addWidget(self.empty)
        inside.addStretch(1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._stack.addWidget(pictures)
