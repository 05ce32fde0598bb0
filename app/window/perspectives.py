"""The perspectives: one experiment, each time with only the docks that one activity needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QToolButton, QWidget

from app.kit.layouts import in_row, named
from app.kit.text import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class DockColumn:
    """Docks one under another.

    Attributes:
        docks: Their ids, from the top.
        width: Pixels at the start; 0 takes what the others leave.
        heights: One a dock, in the same way.
        tabs: By the id of a dock: further docks in the same place, behind it.
    """

    docks: tuple[str, ...]
    width: int = 0
    heights: tuple[int, ...] = (0,)
    tabs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def all(self) -> tuple[str, ...]:
        """Those in front, then those behind them."""
        return (*self.docks, *(dock for behind in self.tabs.values() for dock in behind))


@dataclass(frozen=True)
class Perspective:
    """A layout of the docks: columns from the left, and strips below them all.

    In one that ``builds`` the network is put together, not only looked at.
    """

    id: str
    title: str
    tip: str
    columns: tuple[DockColumn, ...]
    strips: tuple[str, ...] = ()
    builds: bool = False

    @property
    def docks(self) -> tuple[str, ...]:
        """The ids of all docks it shows."""
        return (*(dock for column in self.columns for dock in column.all), *self.strips)


PERSPECTIVES = (
    Perspective(
        "build",
        QT_TRANSLATE_NOOP("perspectives", "Build"),
        QT_TRANSLATE_NOOP("perspectives", "Choose the data and put the network together"),
        (DockColumn(("training",), 344), DockColumn(("graph",)), DockColumn(("network",), 336)),
        builds=True,
    ),
    Perspective(
        "train",
        QT_TRANSLATE_NOOP("perspectives", "Train"),
        QT_TRANSLATE_NOOP("perspectives", "Watch the network learn, and try it"),
        (
            DockColumn(("training",), 344),
            DockColumn(("curves",), tabs={"curves": ("histories",)}),
            DockColumn(("digits", "decisions"), 344, (0, 0)),
        ),
        strips=("timeline", "progress"),
    ),
    Perspective(
        "step",
        QT_TRANSLATE_NOOP("perspectives", "Step"),
        QT_TRANSLATE_NOOP("perspectives", "Take one training step apart, number by number"),
        (
            DockColumn(("tape",), 280, tabs={"tape": ("breakpoints",)}),
            DockColumn(("graph",)),
            DockColumn(
                ("formula",),
                432,
                tabs={"formula": ("update", "parameters", "decisions", "histories")},
            ),
        ),
        strips=("stepbar", "timeline"),
    ),
    Perspective(
        "surface",
        QT_TRANSLATE_NOOP("perspectives", "Surface"),
        QT_TRANSLATE_NOOP("perspectives", "See the valley the network walks down, and race in it"),
        (
            DockColumn(("survey",), 328, tabs={"survey": ("race", "training")}),
            DockColumn(("surface", "slice"), heights=(0, 256), tabs={"slice": ("line",)}),
            DockColumn(
                ("relief", "curves"), 504, heights=(0, 224), tabs={"curves": ("rates", "range")}
            ),
        ),
        strips=("timeline", "progress"),
    ),
)
FIRST = "train"


def find(identifier: str) -> Perspective:
    """The perspective of that id; the first one to show where there is none."""
    known = {perspective.id: perspective for perspective in PERSPECTIVES}
    return known.get(identifier, known[FIRST])


class PerspectiveSwitch(QWidget):
    """The row of perspectives at the top; Ctrl+1, Ctrl+2 and so on choose them too."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("perspectives")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.group = QActionGroup(self)
        row = in_row(into=self, around=0.25, apart=0.25)
        for number, perspective in enumerate(PERSPECTIVES, 1):
            button = named(QToolButton(self), f"perspective-{perspective.id}")
            button.setDefaultAction(self._action(number, perspective))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(button)

    def show_perspective(self, identifier: str) -> None:
        """Marks the perspective in use."""
        for action in self.group.actions():
            action.setChecked(action.data() == identifier)

    def _action(self, number: int, perspective: Perspective) -> QAction:
        translate = QCoreApplication.translate
        action = QAction(translate("perspectives", perspective.title), self.group)
        action.setObjectName(f"action.perspective.{perspective.id}")
        action.setCheckable(True)
        action.setData(perspective.id)
        action.setShortcut(QKeySequence(f"Ctrl+{number}"))
        action.setToolTip(translate("perspectives", perspective.tip))
        action.triggered.connect(lambda _checked: self.chosen.emit(perspective.id))
        return action
