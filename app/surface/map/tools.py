"""How a loss surface is looked at: which quantity, on which scale, with what over it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QCheckBox, QComboBox, QToolButton, QWidget

from app.kit import theme
from app.kit.flow import in_flow
from app.kit.handles import ComboBox
from app.kit.layouts import named
from app.kit.more import behind_more
from app.kit.picture_file import PictureButton
from app.link.surface_choice import Quantity
from app.surface.shared.colours import quantity_name


class SurfaceTools(QWidget):
    """A row of choices above the picture; holds none of what they choose."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._make_quantity()
        self.log = self._option("log", self.tr("Log"))
        tip = self.tr("Draw lines of equal height, each with its value")
        self.contours = self._option("contours", self.tr("Contours"), tip)
        tip = self.tr("Show which way is downhill: where gradient descent would go on this plane")
        self.arrows = self._option("arrows", self.tr("Arrows"), tip)
        self.contours.setChecked(True)
        self._make_buttons()
        choices = (self.quantity, self.log, self.contours, self.arrows)
        buttons = (self.start, self.fit, self.copy)
        behind_more(self.log, self.contours, self.arrows, self.copy)
        in_flow(*choices, None, *buttons, into=self, apart=1)
        self.set_log(is_log=True, possible=True)

    def set_quantities(self, offered: Sequence[Quantity], chosen: Quantity) -> None:
        """Offers what the surface has; nothing where there is no choice."""
        self.quantity.setVisible(len(offered) > 1)
        with QSignalBlocker(self.quantity):
            present = [self.quantity.itemData(row) for row in range(self.quantity.count())]
            if present != list(offered):
                self.quantity.clear()
                for quantity in offered:
                    self.quantity.addItem(quantity_name(quantity), quantity)
            self.quantity.setCurrentIndex(max(0, self.quantity.findData(chosen)))

    def set_log(self, *, is_log: bool, possible: bool) -> None:
        """Shows whether the logarithm is drawn, and says why it cannot be."""
        with QSignalBlocker(self.log):
            self.log.setChecked(is_log)
        self.log.setEnabled(possible)
        self.log.setToolTip(
            self.tr("Draw the logarithm of the loss: the ground of a deep valley shows its shape")
            if possible
            else self.tr("Of shares and of losses below zero there is no useful logarithm")
        )

    def set_race(self, *, is_race: bool) -> None:
        """Offers to start the race at a place, where there is one."""
        self.start.setVisible(is_race)
        if not is_race:
            self.start.setChecked(False)

    def set_ready(self, *, ready: bool) -> None:
        """Without a picture there is nothing to choose."""
        for widget in (self.quantity, self.contours, self.arrows, self.fit, self.copy):
            widget.setEnabled(ready)
        if not ready:
            self.log.setEnabled(False)

    def _make_quantity(self) -> None:
        self.quantity = named(
            ComboBox(self),
            "surface.quantity",
            self.tr("What is drawn as height"),
            self.tr("What the colours and the height stand for"),
        )
        self.quantity.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.quantity.hide()

    def _option(self, identity: str, text: str, tip: str = "") -> QCheckBox:
        return named(QCheckBox(text, self), f"surface.{identity}", tip=tip)

    def _make_buttons(self) -> None:
        tip = self.tr("Then click the place on the surface where all shall start")
        self.start = self._button("start", self.tr("Start the race here"), tip)
        self.start.setCheckable(True)
        self.start.hide()
        self.restyle()
        tip = self.tr("Show the path and its neighbourhood again (double click, Home)")
        self.fit = self._button("fit", self.tr("Fit"), tip)
        self.copy = PictureButton("surface", self)

    def restyle(self) -> None:
        """A button that waits for a click on the surface says so by its colour."""
        tokens = theme.current()
        self.start.setStyleSheet(
            f"QToolButton:checked {{ background: {tokens.hover}; color: {tokens.accent}; }}"
        )

    def _button(self, identity: str, text: str, tip: str) -> QToolButton:
        button = named(QToolButton(self), f"surface.{identity}", tip=tip)
        button.setText(text)
        return button
