"""The perspectives: one experiment, each time with only the docks that one activity needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QToolButton, QWidget

from app.kit import theme
from app.kit.layouts import in_row, named
from app.kit.text import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class DockColumn:
    """Docks one under another.

    Attributes:
        docks: Their ids, from the top.
        width: Pixels at the start, in text of its own size; 0 takes what the others leave.
        heights: One a dock, in the same way.
        tabs: By the id of a dock: further docks in the same place, behind it.
        share: Of the window's width, where that is more.
    """

    docks: tuple[str, ...]
    width: int = 0
    heights: tuple[int, ...] = (0,)
    tabs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    share: float = 0.0

    def width_in(self, whole: int, scale: float) -> int:
        """Its width in a window of so many pixels, with text so large; 0 for what is left."""
        return max(round(self.width * theme.gaps(scale)), round(self.share * whole))

    @property
    def all(self) -> tuple[str, ...]:
        """Those in front, then those behind them."""
        return (*self.docks, *(dock for behind in self.tabs.values() for dock in behind))

    def only(self, chosen: Collection[str]) -> DockColumn:
        """The same without the docks that are not chosen."""
        kept = [place for place, dock in enumerate(self.docks) if dock in chosen]
        behind = {
            front: tuple(dock for dock in docks if dock in chosen)
            for front, docks in self.tabs.items()
            if front in chosen
        }
        return DockColumn(
            tuple(self.docks[place] for place in kept),
            self.width,
            tuple(self.heights[place] for place in kept if place < len(self.heights)),
            {front: docks for front, docks in behind.items() if docks},
            self.share,
        )


@dataclass(frozen=True)
class Perspective:
    """A layout of the docks: columns from the left, and strips below them all.

    In one that ``builds`` the network is put together, not only looked at.

    Attributes:
        first: The docks that a first start shows; the others come with *More*.
        tight: Its columns where a small screen or large text has no room for all of them: what
            is entered and looked up then stands in tabs behind the pictures.
        is_whole: Whether it shows all docks.
        is_tight: Whether it stands in those columns.
        is_low: Whether the window is low, too.
        is_staged: Whether a lesson chooses what stands beside its first column.
    """

    id: str
    title: str
    tip: str
    columns: tuple[DockColumn, ...]
    strips: tuple[str, ...] = ()
    builds: bool = False
    first: tuple[str, ...] = ()
    tight: tuple[DockColumn, ...] = ()
    is_whole: bool = True
    is_tight: bool = False
    is_low: bool = False
    is_staged: bool = False

    @property
    def key(self) -> str:
        """Under which its layout is remembered."""
        kinds = {"first": not self.is_whole, "tight": self.is_tight, "low": self.is_low}
        return "-".join([self.id, *(kind for kind, holds in kinds.items() if holds)])

    def tightened(self, *, low: bool) -> Perspective:
        """The same in as few columns as can be read; in a low window without the run's past."""
        strips = tuple(strip for strip in self.strips if not (low and strip == "timeline"))
        return replace(self, columns=self.tight, strips=strips, is_tight=True, is_low=low)

    def at_first(self) -> Perspective:
        """Only what one begins with."""
        return replace(
            self,
            columns=_only(self.columns, self.first),
            tight=_only(self.tight, self.first),
            strips=tuple(strip for strip in self.strips if strip in self.first),
            is_whole=False,
        )

    def staged(self, columns: tuple[tuple[str, ...], ...], *, whole: bool) -> Perspective:
        """With these docks beside its first column; strips among them go below."""
        chosen = [tuple(dock for dock in column if dock not in _STRIPS) for column in columns]
        beside = tuple(DockColumn(docks, heights=(0,) * len(docks)) for docks in chosen if docks)
        strips = tuple(dock for column in columns for dock in column if dock in _STRIPS)
        columns_ = (replace(self.columns[0], width=_LESSON if beside else 0), *beside)
        return replace(self, columns=columns_, strips=strips, is_whole=whole)

    @property
    def docks(self) -> tuple[str, ...]:
        """The ids of all docks it shows."""
        return (*(dock for column in self.columns for dock in column.all), *self.strips)


_LESSON = 336
"""Pixels that a lesson's text is wide beside other panels."""
_BY_FORMULA = ("why", "update", "parameters", "decisions", "histories")
"""What shares the formula's place in Step."""
_BY_TAPE = ("breakpoints", "whatif")
_STRIPS = ("stepbar", "timeline", "progress")
"""What is laid out below all columns."""


def _only(columns: tuple[DockColumn, ...], chosen: Collection[str]) -> tuple[DockColumn, ...]:
    kept = (column.only(chosen) for column in columns)
    return tuple(column for column in kept if column.docks)


PERSPECTIVES = (
    Perspective(
        "build",
        QT_TRANSLATE_NOOP("perspectives", "Build"),
        QT_TRANSLATE_NOOP("perspectives", "Choose the data and put the network together"),
        (DockColumn(("training",), 344), DockColumn(("graph",)), DockColumn(("network",), 336)),
        builds=True,
        first=("training", "graph", "network"),
        tight=(
            DockColumn(("training",), 344, tabs={"training": ("network",)}),
            DockColumn(("graph",)),
        ),
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
        first=("curves", "digits", "decisions", "progress"),
        tight=(
            DockColumn(("curves",), tabs={"curves": ("histories", "training")}),
            DockColumn(("digits", "decisions"), 344, (0, 0), share=0.55),
        ),
    ),
    Perspective(
        "step",
        QT_TRANSLATE_NOOP("perspectives", "Step"),
        QT_TRANSLATE_NOOP("perspectives", "Take one training step apart, number by number"),
        (
            DockColumn(("tape",), 304, tabs={"tape": _BY_TAPE}),
            DockColumn(("graph",)),
            DockColumn(
                ("formula",),
                432,
                tabs={"formula": _BY_FORMULA},
                share=0.3,
            ),
        ),
        strips=("stepbar", "timeline"),
        first=("graph", "formula", "stepbar"),
        tight=(
            DockColumn(("graph",), tabs={"graph": ("tape", *_BY_TAPE)}),
            DockColumn(
                ("formula",),
                tabs={"formula": _BY_FORMULA},
                share=0.5,
            ),
        ),
    ),
    Perspective(
        "surface",
        QT_TRANSLATE_NOOP("perspectives", "Surface"),
        QT_TRANSLATE_NOOP("perspectives", "See the valley the network walks down, and race in it"),
        (
            DockColumn(("survey",), 328, tabs={"survey": ("race", "training")}),
            DockColumn(("surface", "slice"), heights=(0, 256), tabs={"slice": ("line",)}),
            DockColumn(
                ("relief", "curves"), 504, heights=(0, 272), tabs={"curves": ("rates", "range")}
            ),
        ),
        strips=("timeline", "progress"),
        first=("surface", "relief", "curves", "progress"),
        tight=(
            DockColumn(
                ("surface",), tabs={"surface": ("survey", "race", "training", "slice", "line")}
            ),
            DockColumn(("relief",), tabs={"relief": ("curves", "rates", "range")}, share=0.5),
        ),
    ),
    Perspective(
        "learn",
        QT_TRANSLATE_NOOP("perspectives", "Learn"),
        QT_TRANSLATE_NOOP("perspectives", "Lessons: short pages over your own network"),
        (DockColumn(("lesson",)),),
        first=("lesson",),
        is_staged=True,
    ),
)
FIRST = "train"


def find(identifier: str, *, whole: bool = True) -> Perspective:
    """The perspective of that id; the first one to show where there is none.

    Args:
        whole: With all that it has, or only with what one begins with.
    """
    known = {perspective.id: perspective for perspective in PERSPECTIVES}
    found = known.get(identifier, known[FIRST])
    return found if whole else found.at_first()


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
