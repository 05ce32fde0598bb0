"""What two pictures of one loss surface share: what is pointed at, and how it is shown."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal

Quantity = Literal["loss", "objective", "accuracy"]


class Outlook(QObject):
    """How a landscape is looked at; one an experiment, owned by its bridge.

    Attributes:
        quantity: What is drawn as height and colour.
        is_log: Whether the loss is drawn by its logarithm.
        point: Where on the plane the pointer is, in either picture; None when nowhere.
        moment: The path's id and the step under the pointer; None when none is.
    """

    changed = Signal()  # quantity or is_log
    pointed = Signal()  # point or moment

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.quantity: Quantity = "loss"
        self.is_log = True
        self.point: tuple[float, float] | None = None
        self.moment: tuple[int, int] | None = None

    def show_quantity(self, quantity: Quantity, *, is_log: bool) -> None:
        """Chooses what is drawn."""
        if (quantity, is_log) != (self.quantity, self.is_log):
            self.quantity, self.is_log = quantity, is_log
            self.changed.emit()

    def point_at(
        self, point: tuple[float, float] | None, moment: tuple[int, int] | None = None
    ) -> None:
        """Says what lies under the pointer."""
        if (point, moment) != (self.point, self.moment):
            self.point, self.moment = point, moment
            self.pointed.emit()
