"""Picks weights that a plane is laid through: now, the start, a step, another run's end."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.controls import Combo, dim_label, narrow, put_line
from app.kit.handles import Line, SpinBox
from app.kit.layouts import in_column, in_row, named
from app.link.parameter_rows import ParameterRows
from core.experiment.layers import Path, Shape
from core.experiment.symbols import letter
from core.messages.surface_commands import AtStep, Now, Number, State


class NumberPicker(QWidget):
    """A combo of parameters and a line for the place in it, counted from 1; ``picked`` says which.

    A place that is not there stays as typed, with the reason beneath it.

    Attributes:
        rows: All numbers there are; None before there is a network.
        number: What is picked.
    """

    picked = Signal(object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: ParameterRows | None = None
        self.number: Number | None = None
        self._parameter = named(Combo(self), f"{name}.parameter")
        self._place = named(narrow(Line(self)), f"{name}.place")
        self._place.setFont(theme.number_font())
        self._why = dim_label(role="error", parent=self)
        row = in_row((self._parameter, 3), (self._place, 2), apart=0.5)
        in_column(row, self._why, into=self, apart=0)
        self._parameter.activated.connect(self._chose_parameter)
        self._place.editingFinished.connect(self._typed)

    def has(self, number: Number) -> bool:
        """Whether there is such a number."""
        rows = self.rows
        return rows is not None and rows.row_of(number.parameter, number.index) is not None

    def set_options(self, shapes: Mapping[str, Shape], layers: Mapping[Path, str]) -> bool:
        """Takes another network's parameters; says whether they are others than before."""
        if self.rows is not None and self.rows.fits(shapes, layers):
            return False
        self.rows = ParameterRows(shapes, layers)
        with QSignalBlocker(self._parameter):
            self._parameter.clear()
            for name in self.rows.names:
                row = self.rows.row_of(name, (0,) * len(shapes[name]))
                assert row is not None
                text = f"{self.rows.layer(row)} {letter(name, self.rows.shapes)}"
                self._parameter.addItem(text, name)
        return True

    def show_number(self, number: Number) -> None:
        """Shows a number, without a signal."""
        self.number = number
        self._parameter.setCurrentIndex(self._parameter.findData(number.parameter))
        self._place.setText(", ".join(str(i + 1) for i in number.index))
        self._name()
        put_line(self._why, "")

    def _name(self) -> None:
        """The number's whole name on hover, as axes and the table of parameters have it."""
        rows, number = self.rows, self.number
        row = rows.row_of(number.parameter, number.index) if rows and number else None
        name = f"{rows.layer(row)} {rows.symbol(row)}\n" if rows and row is not None else ""
        self._parameter.setToolTip(
            name + self.tr("The layer; w and b are weights and biases, γ and β batch norm's")
        )
        which = self.tr("Which of them: unit, input (and of a kernel row, column), counted from 1")
        self._place.setToolTip(name + which)

    def _chose_parameter(self) -> None:
        name = self._parameter.currentData()
        if self.rows is not None and name:
            self._pick(Number(name, (0,) * len(self.rows.shapes[name])))

    def _typed(self) -> None:
        if self.rows is None or self.number is None:
            return
        name, shape = self.number.parameter, self.rows.shapes[self.number.parameter]
        try:
            index = tuple(int(part) - 1 for part in self._place.text().split(","))
        except ValueError:
            index = ()
        if self.rows.row_of(name, index) is None:
            sizes = self.tr(" and ").join(f"1–{size}" for size in shape)
            put_line(self._why, self.tr("Type places such as {sizes}.").format(sizes=sizes))
            return
        self._pick(Number(name, index))

    def _pick(self, number: Number) -> None:
        if number == self.number:
            put_line(self._why, "")
            return
        self.show_number(number)
        self.picked.emit(number)


StateOption = tuple[str, State]


class StatePicker(QWidget):
    """A combo of states, with a field for the step where one is to be named.

    Args:
        name: Of the controls.
        none: How "no state" is called; empty where there has to be one.

    Attributes:
        state: What is picked.
    """

    picked = Signal(object)

    def __init__(self, name: str, none: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._none = none
        self.state: State | None = None if none else Now()
        self._combo = named(Combo(self), name)
        self._step = named(narrow(SpinBox(self)), f"{name}.step")
        self._step.setKeyboardTracking(False)
        self._step.setToolTip(self.tr("Updates behind the state; the nearest kept one is taken"))
        in_row((self._combo, 3), (self._step, 2), into=self, apart=0.5)
        self._options: tuple[tuple[StateOption, ...], bool] = ((), False)
        self._combo.activated.connect(lambda _index: self._chose())
        self._step.valueChanged.connect(lambda step: self._pick(AtStep(step)))
        self.set_options((), 0)

    def set_options(
        self, others: tuple[StateOption, ...], last: int, *, race: bool = False
    ) -> None:
        """Takes in what there is to choose from.

        Args:
            others: States beside those of this run, or of the race's start.
            last: The run's newest step.
            race: Whether they are a race's, which knows no other steps than where runners stand.
        """
        with QSignalBlocker(self._step):
            self._step.setRange(0, max(last, 0))
        if (others, race) == self._options and self._combo.count():
            return
        self._options = others, race
        self._combo.clear()
        if self._none:
            self._combo.addItem(self._none, None)
        if race:
            self._combo.addItem(self.tr("Start of the race"), Now())
        else:
            self._combo.addItem(self.tr("Now"), Now())
            self._combo.addItem(self.tr("Start of the run"), AtStep(0))
            self._combo.addItem(self.tr("At step…"), AtStep(-1))
        for text, state in others:
            self._combo.addItem(text, state)
        self.show_state(self.state)

    def show_state(self, state: State | None) -> None:
        """Shows a state, without a signal."""
        self.state = state
        step = state.step if isinstance(state, AtStep) else 0
        wanted = AtStep(-1) if step > 0 else state
        found = [i for i in range(self._combo.count()) if self._combo.itemData(i) == wanted]
        self._combo.setCurrentIndex(found[0] if found else -1)
        self._step.setVisible(step > 0)
        if step > 0:
            with QSignalBlocker(self._step):
                self._step.setValue(step)

    def _chose(self) -> None:
        chosen = self._combo.currentData()
        if isinstance(chosen, AtStep) and chosen.step < 0:
            chosen = AtStep(max(self._step.value(), 1))
        self._pick(chosen)

    def _pick(self, state: State | None) -> None:
        if state != self.state:
            self.show_state(state)
            self.picked.emit(state)
