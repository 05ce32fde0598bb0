"""What another optimizer came with, said where it was chosen; one click has it otherwise."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.kit import theme
from app.kit.controls import dim_label, put_line
from app.kit.layouts import in_column, named
from app.kit.numbers import short_number
from app.kit.text import amid, label_of, translated
from core.catalog.optimizers import Optimizer
from core.catalog.optimizers.switching import differing


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
        self._is_old = after == own
        if self._is_old:
            self._other = after.model_copy(update={"learning_rate": before.learning_rate})
        else:
            self._other = own
        self.setVisible(self._other != after)
        if self._is_old:
            self._tell_of_own(before, after)
        else:
            self._tell_of_entered(after, own)

    def _tell_of_own(self, before: Optimizer, after: Optimizer) -> None:
        text = self.tr(
            "{optimizer} comes with values of its own: its learning rate is {rate}, it was {other}."
        )
        rate, other = (short_number(one.learning_rate) for one in (after, before))
        put_line(self.text, text.format(optimizer=label_of(after), rate=rate, other=other))
        tip = self.tr("Train {optimizer} with a learning rate of {rate} from the next step on")
        self._name_button(
            self.tr("Keep {rate}").format(rate=other),
            tip.format(optimizer=amid(after), rate=other),
        )

    def _tell_of_entered(self, after: Optimizer, own: Optimizer) -> None:
        """Which values of a person's stay, and what they would be without."""
        kept = differing(own, after)
        stays, usual = (_values(one, kept) for one in (after, own))
        text = self.tr("What you entered stays: {values}. {optimizer}’s own would be: {own}.")
        put_line(self.text, text.format(values=stays, optimizer=label_of(after), own=usual))
        tip = self.tr("Train {optimizer} with its own values from the next step on")
        button = self.tr("Take its own")
        if list(kept) == ["learning_rate"]:
            button = self.tr("Take {rate}").format(rate=short_number(own.learning_rate))
        self._name_button(button, tip.format(optimizer=amid(after)))

    def _name_button(self, text: str, tip: str) -> None:
        self.button.setText(text)
        self.button.setAccessibleName(text)
        self.button.setToolTip(tip)

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


def _values(optimizer: Optimizer, names: Iterable[str]) -> str:
    """Fields with their values: ``Learning rate η 0.5, ε 1e-4``."""
    fields = type(optimizer).model_fields
    return ", ".join(
        f"{translated(fields[name].title or name)} {_value(getattr(optimizer, name))}"
        for name in names
    )


def _value(value: float | bool) -> str:
    if isinstance(value, bool):
        on, off = translated("on"), translated("off")
        return on if value else off
    return short_number(value)
