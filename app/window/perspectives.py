"""The perspectives: one experiment, each time with only the docks that one activity needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QMainWindow, QToolButton, QWidget

from app.kit.text import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class Column:
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
    """A layout of the docks: columns from the left, and strips below them all."""

    id: str
    title: str
    tip: str
    columns: tuple[Column, ...]
    strips: tuple[str, ...] = ()

    @property
    def docks(self) -> tuple[str, ...]:
        """The ids of all docks it shows."""
        return (*(dock for column in self.columns for dock in column.all), *self.strips)


PERSPECTIVES = (
    Perspective(
        "build",
        QT_TRANSLATE_NOOP("perspectives", "Build"),
        QT_TRANSLATE_NOOP("perspectives", "Choose the data and put the network together"),
        (Column(("training",), 344), Column(("graph",)), Column(("network",), 336)),
    ),
    Perspective(
        "train",
        QT_TRANSLATE_NOOP("perspectives", "Train"),
        QT_TRANSLATE_NOOP("perspectives", "Watch the network learn, and try it"),
        (
            Column(("training",), 344),
            Column(("curves",), tabs={"curves": ("histories",)}),
            Column(("digits", "decisions"), 344, (0, 0)),
        ),
        strips=("timeline", "progress"),
    ),
    Perspective(
        "step",
        QT_TRANSLATE_NOOP("perspectives", "Step"),
        QT_TRANSLATE_NOOP("perspectives", "Take one training step apart, number by number"),
        (
            Column(("tape",), 280, tabs={"tape": ("breakpoints",)}),
            Column(("graph",)),
            Column(
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
            Column(("survey",), 328, tabs={"survey": ("race", "training")}),
            Column(("surface", "slice"), heights=(0, 256), tabs={"slice": ("line",)}),
            Column(
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


def arrange(
    window: QMainWindow,
    docks: dict[str, QDockWidget],
    perspective: Perspective,
    without: frozenset[str] = frozenset(),
) -> None:
    """Lays docks out as the perspective has them, and hides the others; ``measure`` comes after.

    Args:
        window: What holds the docks.
        docks: All of them, by id.
        perspective: Which of them to show, and where.
        without: Docks to leave out though the perspective has them.
    """
    for dock in docks.values():
        window.removeDockWidget(dock)
    _place(window, docks, perspective)
    for name, dock in docks.items():
        dock.setFloating(False)
        dock.setVisible(name in perspective.docks and name not in without)
    bring_forward(docks, perspective)


def bring_forward(docks: dict[str, QDockWidget], perspective: Perspective) -> None:
    """Puts the docks in front of their tabs that the perspective has there."""
    for column in perspective.columns:
        for front in column.tabs:
            docks[front].raise_()


def _place(window: QMainWindow, docks: dict[str, QDockWidget], perspective: Perspective) -> None:
    left: QDockWidget | None = None
    for column in perspective.columns:
        top = docks[column.docks[0]]
        if left is None:
            window.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, top)
        else:
            window.splitDockWidget(left, top, Qt.Orientation.Horizontal)
        left = top
    for column in perspective.columns:
        for above, below in zip(column.docks, column.docks[1:], strict=False):
            window.splitDockWidget(docks[above], docks[below], Qt.Orientation.Vertical)
        for front, behind in column.tabs.items():
            for name in behind:
                window.tabifyDockWidget(docks[front], docks[name])
    for strip in perspective.strips:
        window.addDockWidget(
            Qt.DockWidgetArea.BottomDockWidgetArea, docks[strip], Qt.Orientation.Vertical
        )
    for name in docks.keys() - set(perspective.docks):
        # Hidden, but with a place: a remembered layout has to know every dock.
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, docks[name])


def measure(window: QMainWindow, docks: dict[str, QDockWidget], perspective: Perspective) -> None:
    """Gives the docks that are shown the sizes that the perspective has for them."""
    shown = [
        [docks[name] for name in column.docks if not docks[name].isHidden()]
        for column in perspective.columns
    ]
    columns = [
        (column, found[0])
        for column, found in zip(perspective.columns, shown, strict=True)
        if found
    ]
    widths = _shares([column.width for column, _ in columns], window.width())
    tops = [top for _, top in columns]
    window.resizeDocks(tops, widths, Qt.Orientation.Horizontal)
    for strip in perspective.strips:
        height = docks[strip].sizeHint().height()
        window.resizeDocks([docks[strip]], [height], Qt.Orientation.Vertical)
    for column in perspective.columns:
        if len(column.docks) > 1:
            heights = _shares(list(column.heights), window.height())
            column_docks = [docks[name] for name in column.docks]
            window.resizeDocks(column_docks, heights, Qt.Orientation.Vertical)


def _shares(sizes: list[int], whole: int) -> list[int]:
    rest = max(whole - sum(sizes), 1) // max(sizes.count(0), 1)
    return [size or rest for size in sizes]


class PerspectiveSwitch(QWidget):
    """The row of perspectives at the top; Ctrl+1, Ctrl+2 and so on choose them too."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("perspectives")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.group = QActionGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 2, 2, 2)
        row.setSpacing(2)
        for number, perspective in enumerate(PERSPECTIVES, 1):
            button = QToolButton(self)
            button.setObjectName(f"perspective-{perspective.id}")
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
