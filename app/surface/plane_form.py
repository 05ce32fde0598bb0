"""How the plane of a loss surface lies: which kind, and what it goes through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFormLayout, QPushButton, QWidget

from app.kit import theme
from app.kit.controls import Combo, dim_label, narrow, put_line
from app.kit.handles import SpinBox
from app.kit.layouts import in_column, in_row, named
from app.kit.text import translated
from app.surface.pickers import NumberPicker, StateOption, StatePicker
from core.experiment.layers import Path, Shape
from core.messages.surface_commands import (
    AtStep,
    DescentPlane,
    Number,
    Plane,
    PrincipalPlane,
    RandomPlane,
    RunnerEnd,
    State,
    StatesPlane,
    WeightsPlane,
    first_two,
)

if TYPE_CHECKING:
    from app.link.bridge import Bridge

KINDS: tuple[type[Plane], ...] = (
    RandomPlane,
    PrincipalPlane,
    WeightsPlane,
    StatesPlane,
    DescentPlane,
)
SEEDS = 9999


class PlaneForm(QWidget):
    """Chooses a plane; ``edited`` carries it."""

    edited = Signal(object)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._plane: Plane | None = None
        self._default_state: State = AtStep(0)
        self._kind = named(Combo(self), "survey.plane")
        for kind in KINDS:
            self._kind.addItem(translated(kind.label), kind)
        self._description = dim_label(translated(RandomPlane.description), parent=self)
        nothing = QWidget(self)
        self._pages = (self._random(), nothing, self._weights(), self._states(), nothing)
        # Not in a stack, which would be as tall as its tallest page.
        shown = (page for page in self._pages if page is not nothing)
        in_column(self._kind, self._description, *shown, into=self, apart=1)
        self._show_kind()
        self._kind.activated.connect(lambda _index: self._chose_kind())

    def _random(self) -> QWidget:
        page = QWidget(self)
        tip = self.tr("The same seed gives the same two directions")
        self._seed = named(narrow(SpinBox(page)), "survey.seed", tip=tip)
        self._seed.setRange(0, SEEDS)
        self._seed.setKeyboardTracking(False)
        self._seed.setPrefix(self.tr("Seed "))
        another = named(
            QPushButton(self.tr("Two others"), page),
            "survey.another",
            tip=self.tr("Draws two other random directions"),
        )
        in_row((self._seed, 1), (another, 1), into=page)
        self._seed.valueChanged.connect(lambda seed: self._send(RandomPlane(seed)))
        another.clicked.connect(lambda: self._seed.setValue((self._seed.value() + 1) % SEEDS))
        return page

    def _weights(self) -> QWidget:
        page = QWidget(self)
        self._first = NumberPicker("survey.first", page)
        self._second = NumberPicker("survey.second", page)
        picked = named(
            QPushButton(self.tr("Take the two picked on the network"), page),
            "survey.picked",
            tip=self.tr("Click one weight of the network in Build or Step, and another with Ctrl"),
        )
        names = self.tr("Across"), self.tr("Upwards")
        flush_form(page, (names[0], self._first), (names[1], self._second)).addRow(picked)
        for picker in (self._first, self._second):
            picker.picked.connect(lambda _number: self._send_weights())
        picked.clicked.connect(self._take_picked)
        return page

    def _states(self) -> QWidget:
        page = QWidget(self)
        self._across = StatePicker("survey.across", parent=page)
        self._across.show_state(AtStep(0))
        self._upwards = StatePicker(
            "survey.upwards", self.tr("A random direction at right angles"), page
        )
        right, up = self.tr("Right: 1 is"), self.tr("Up: 1 is")
        flush_form(page, (right, self._across), (up, self._upwards))
        for picker in (self._across, self._upwards):
            picker.picked.connect(lambda _state: self._send(self._states_plane()))
        return page

    def set_options(
        self,
        shapes: Mapping[str, Shape],
        layers: Mapping[Path, str],
        others: tuple[StateOption, ...],
        last: int,
        *,
        race: bool = False,
    ) -> None:
        """Takes in what there is to choose from.

        Args:
            shapes: Of each parameter by name.
            layers: The names of the layers by path.
            others: States beside this run's.
            last: The run's newest step.
            race: Whether the plane is one of the race.
        """
        for picker in (self._across, self._upwards):
            picker.set_options(others, last, race=race)
        # In a race the start is the centre: a plane through states leads from there to a runner.
        self._default_state = others[0][1] if race and others else AtStep(0)
        if race and not isinstance(self._across.state, RunnerEnd):
            self._across.show_state(self._default_state)
        anew = self._first.set_options(shapes, layers)
        self._second.set_options(shapes, layers)
        if anew and shapes:
            first, second = first_two(shapes)
            self._first.show_number(first)
            self._second.show_number(second)
            if isinstance(self._plane, WeightsPlane):
                self._send_weights()

    def show_plane(self, plane: Plane, *, chosen: bool) -> None:
        """Shows a plane, without a signal but where its weights are not of this network.

        Args:
            plane: Which.
            chosen: Whether a person chose it; else it came by itself, and may go so.
        """
        self._plane = plane if chosen else None
        self._kind.setCurrentIndex(KINDS.index(type(plane)))
        self._show_kind()
        states = plane if isinstance(plane, StatesPlane) else StatesPlane(self._default_state)
        self._across.show_state(states.second)
        self._upwards.show_state(states.third)
        if isinstance(plane, RandomPlane):
            with QSignalBlocker(self._seed):
                self._seed.setValue(plane.seed)
        elif isinstance(plane, WeightsPlane):
            self._show_weights(plane)

    def _show_weights(self, plane: WeightsPlane) -> None:
        if self._first.has(plane.first) and self._second.has(plane.second):
            self._first.show_number(plane.first)
            self._second.show_number(plane.second)
        elif self._plane is not None:
            self._send_weights()

    def _show_kind(self) -> None:
        put_line(self._description, translated(self._kind.currentData().description))
        for index, page in enumerate(self._pages):
            page.setVisible(index == self._kind.currentIndex() and page.layout() is not None)

    def _chose_kind(self) -> None:
        kind = self._kind.currentData()
        self._show_kind()
        if kind is WeightsPlane:
            self._send_weights()
        elif kind is StatesPlane:
            self._send(self._states_plane())
        elif kind is RandomPlane:
            self._send(RandomPlane(self._seed.value()))
        else:
            self._send(kind())

    def _states_plane(self) -> StatesPlane:
        return StatesPlane(self._across.state or self._default_state, self._upwards.state)

    def _send_weights(self) -> None:
        first, second = self._first.number, self._second.number
        if first is not None and second is not None:
            self._send(WeightsPlane(first, second))

    def _take_picked(self) -> None:
        rows = self._first.rows
        if rows is None:
            return
        found = [rows.rows_at(spot) for spot in self._bridge.focus.selected]
        places = [rows.place(int(each[0])) for each in found if len(each)]
        if len(places) == 2:
            self._first.show_number(Number(*places[0]))
            self._second.show_number(Number(*places[1]))
            self._send_weights()
        else:
            put_line(
                self._description,
                self.tr("Pick two weights on the network first: one by a click, one with Ctrl."),
            )

    def _send(self, plane: Plane) -> None:
        self._plane = plane
        self.edited.emit(plane)


def flush_form(page: QWidget | None, *rows: tuple[str, QWidget]) -> QFormLayout:
    """Named fields without margins, for what stands inside of another form.

    A field that is too wide for its place beside its name stands below it.
    """
    form = QFormLayout(page)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(theme.space())
    for name, field in rows:
        form.addRow(name, field)
    return form
