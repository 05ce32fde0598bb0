"""What another optimizer came with, said where it was chosen; one click has it otherwise."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.kit import theme
from app.kit.controls import dim_label, put_line
from app.kit.layouts import in_column, named
from app.kit.numbers import short_number
from app.kit.text import label_of
from core.catalog.optimizers import Optimizer


class SwitchNote(QWidget):
    """Tells of the learning rate after a change of optimizer, until it is changed again.

    ``rate_asked`` carries the optimizer with the other rate, and whether that one is a person's.
    """

    rate_asked = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training.optimizer.switched")
        self._before: Optimizer | None = None
        self._after: Optimizer | None = None
        self._other: Optimizer | None = None
        self._is_old = False
        self._is_there = False
        self.text = named(dim_label(parent=self), "training.optimizer.switched.text")
        self.button = named(QPushButton(self), "training.optimizer.switched.rate")
        column = in_column(self.text, into=self, around=(0, 1, 0, 0), apart=0.5)
        column.addWidget(self.button)
        self.button.setFixedHeight(theme.space(3.5))
        self.button.clicked.connect(self._ask)
        self.hide()

    def tell(self, before: Optimizer, after: Optimizer, own: Optimizer) -> None:
        """Tells of a change that was just sent.

        Args:
            before: What it was.
            after: What it becomes.
            own: The same with no value but its own.
        """
        self._before, self._after, self._is_there = before, after, False
        old, new, usual = (one.learning_rate for one in (before, after, own))
        self._is_old = new == usual
        other = old if self._is_old else usual
        self.setVisible(other != new)
        if other == new:
            return
        self._other = after.model_copy(update={"learning_rate": other})
        if self._is_old:
            text = self.tr(
                "{optimizer} comes with values of its own: its learning rate is {rate}, it was "
                "{other}."
            )
        else:
            text = self.tr(
                "The learning rate of {rate} stays, since you entered it; {optimizer}’s own is "
                "{other}."
            )
        words = {"optimizer": label_of(after), "rate": short_number(new)}
        put_line(self.text, text.format(**words, other=short_number(other)))
        self._name_button(label_of(after), short_number(other))

    def _name_button(self, optimizer: str, rate: str) -> None:
        text = self.tr("Keep {rate}") if self._is_old else self.tr("Take {rate}")
        self.button.setText(text.format(rate=rate))
        tip = self.tr("Train {optimizer} with a learning rate of {rate} from the next step on")
        self.button.setToolTip(tip.format(optimizer=optimizer, rate=rate))
        self.button.setAccessibleName(self.button.text())

    def follow(self, optimizer: Optimizer) -> None:
        """Leaves once what is in force is no longer what it tells of."""
        if optimizer == self._after:
            self._is_there = True
        elif self._is_there or optimizer != self._before:
            self.leave()

    def leave(self) -> None:
        """Has nothing to tell any more."""
        self._after = None
        self.hide()

    def _ask(self) -> None:
        if self._other is not None:
            self.rate_asked.emit(self._other, self._is_old)
            self.leave()
