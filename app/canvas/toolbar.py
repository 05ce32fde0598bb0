"""What colours stand for, and how large the picture is."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QSizePolicy, QToolButton, QWidget

from app.canvas.model.colouring import OFFERED_EDGES, Colouring, EdgeQuantity, NodeQuantity, Reach
from app.canvas.model.words import Choice, choice_name
from app.kit import icons, theme
from app.kit.controls import Combo, dim
from app.kit.flow import hold_together, in_flow
from app.kit.layouts import in_row, named
from app.kit.more import behind_more

OFFERED_NODES = [quantity for quantity in NodeQuantity if quantity is not NodeQuantity.ABOVE]


class Toolbar(QWidget):
    """Three choices and three buttons. ``zoomed`` carries a factor; ``fitted`` asks for all."""

    changed = Signal(object)
    zoomed = Signal(float)
    fitted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.toolbar")
        self._row = in_flow(into=self, around=(2, 0.5, 1, 0.5), apart=1)
        tip = self.tr("What an edge's colour and width show")
        self.edges = self._choice("edges", self.tr("Edges"), tip, OFFERED_EDGES)
        tip = self.tr("What a node's colour and number show")
        self.nodes = self._choice("nodes", self.tr("Nodes"), tip, OFFERED_NODES)
        tip = self.tr("Which numbers the strongest colour is measured by")
        self.reach = self._choice("reach", self.tr("Range"), tip, Reach)
        smaller = self._button("zoom_out", "minus", self.tr("Smaller (mouse wheel)"))
        smaller.clicked.connect(lambda: self.zoomed.emit(1 / 1.25))
        larger = self._button("zoom_in", "plus", self.tr("Larger (mouse wheel)"))
        larger.clicked.connect(lambda: self.zoomed.emit(1.25))
        fit = self._button("fit", "fullscreen", self.tr("Show the whole network (F)"))
        fit.clicked.connect(self.fitted)
        hold_together(self._row, in_row(None, smaller, larger, fit, apart=0.25))

    @property
    def colouring(self) -> Colouring:
        """What is chosen now."""
        return Colouring(
            EdgeQuantity(self.edges.currentData()),
            NodeQuantity(self.nodes.currentData()),
            Reach(self.reach.currentData()),
        )

    def _choice(
        self, identifier: str, label: str, tip: str, options: Iterable[Choice]
    ) -> QComboBox:
        combo = named(Combo(self), f"canvas.{identifier}", tip, tip)
        for option in options:
            combo.addItem(choice_name(option), option.value)
        combo.setMinimumWidth(theme.space(10))
        combo.setMaximumWidth(theme.space(21))
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        combo.currentIndexChanged.connect(lambda _: self.changed.emit(self.colouring))
        text = dim(QLabel(label, self))
        text.setBuddy(combo)
        text.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        hold_together(self._row, in_row(text, (combo, 1), apart=1))
        behind_more(text, combo)
        return combo

    def _button(self, identifier: str, icon: str, tip: str) -> QToolButton:
        button = named(QToolButton(self), f"canvas.{identifier}", tip, tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        icons.put(button, icon)
        return button
