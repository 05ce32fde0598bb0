"""A runner's settings in a form that opens at its row."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from app.kit import theme
from app.kit.controls import dim_label
from app.kit.forms.choice_form import ChoiceForm
from app.kit.forms.make import PLAIN
from app.kit.forms.sliders import RATE_RANGE
from app.kit.layouts import in_column
from app.race.choices import exchanged
from core.catalog.base import Choice
from core.catalog.optimizers import Optimizer
from core.messages.race import NETWORK, Runner

WIDTH = 40
"""In units of the grid."""


class RunnerForm(QFrame):
    """Opens below a row, and closes with Esc or a click elsewhere.

    ``edited`` carries the runner's id and the optimizer as it should be from now on.
    """

    edited = Signal(int, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("race.form")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._id = -1
        self._at: QWidget | None = None
        self._arena = NETWORK
        rate = {"learning_rate": RATE_RANGE}
        style = replace(PLAIN, sliders=rate, comes_with=self._exchanged)
        self.form = ChoiceForm(Optimizer, "race.form.optimizer", style, self)
        column = in_column(self.form, into=self, around=2)
        hint = self.tr("After a change it starts anew and catches up with the others.")
        self.hint = dim_label(hint, "dim", self)
        column.addWidget(self.hint)
        self.form.edited.connect(self._pass_on)

    def open(self, runner: Runner, at: QWidget, arena: str = NETWORK) -> None:
        """Shows a runner's settings at its row, in a race on the network or on a function."""
        self._id, self._at, self._arena = runner.id, at, arena
        self.form.show_model(runner.optimizer)
        self._fit()
        self.show()
        field = self.findChild(QWidget, "race.form.optimizer.learning_rate")
        visible = [line for line in self.findChildren(QLineEdit) if line.isVisible()]
        target = field if field is not None and field.isVisible() else next(iter(visible), None)
        if target is not None:
            target.setFocus(Qt.FocusReason.PopupFocusReason)

    def hideEvent(self, event: QHideEvent) -> None:
        """What was typed counts, even where nobody pressed Enter."""
        field = self.focusWidget()
        if field is not None:
            field.clearFocus()
        super().hideEvent(event)

    def _exchanged(self, before: Choice | None, entry: type[Choice]) -> Choice:
        assert isinstance(before, Optimizer)
        assert issubclass(entry, Optimizer)
        return exchanged(before, entry, self._arena)

    def _pass_on(self, optimizer: Optimizer, _gesture: object) -> None:
        self.edited.emit(self._id, optimizer)
        # Another optimizer has other fields; their height is known when they are laid out.
        QTimer.singleShot(0, self, self._fit)

    def _fit(self) -> None:
        """As high as its fields are, below the row or above it, within the screen."""
        if self._at is None:
            return
        layout = self.layout()
        if layout is not None:
            layout.activate()
        width = theme.space(WIDTH)
        height = max(self.heightForWidth(width), self.sizeHint().height())
        self.setFixedSize(QSize(width, height))
        row = QRect(self._at.mapToGlobal(QPoint(0, 0)), self._at.size())
        screen = self._at.screen().availableGeometry()
        below = row.bottom() + 2
        y = below if below + height <= screen.bottom() else row.top() - height - 2
        x = min(row.left(), screen.right() - width)
        self.move(max(x, screen.left()), max(y, screen.top()))
