"""The docks: what each is called, how its panel is made, which data it suits, what it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow, QToolButton, QWidget

from app.kit import icons, theme
from app.kit.controls import Upright
from app.kit.layouts import in_row, named
from app.kit.more import show_more
from app.kit.scaling import Room, as_picture
from app.kit.text import QT_TRANSLATE_NOOP
from app.link.bridge import Bridge
from app.link.watching import Part, watch
from app.window.perspectives import Perspective
from app.window.settings import Settings
from core.data import DataShape

LEAST_WIDTH = 320
"""Of a wide dock, so that no long word in it ever makes the whole window wider."""


@dataclass(frozen=True)
class DockRow:
    """One dock.

    Attributes:
        id: Its ``QDockWidget`` is named ``dock-<id>``.
        title: As it stands above the panel.
        panel: Makes the panel; the module is imported then, and not before.
        has_title: A strip that says by itself what it is has no title above it.
        is_tall: Though it has no title, it is no strip: it takes the height there is.
        is_wide: It takes what a wider window gives; the others keep their width.
        is_form: It is for entering or looking up, and folds away before a room.
        suits: The data for which it makes sense; None for all.
        watches: What the engine measures while the panel is on the screen, and the panel itself
            does not ask for.
        adapt: Tells the panel which perspective it stands in.
        scrolls: Its panel is high, and is scrolled where there is less room.
        has_choice: It can be used in several ways (``choose``, ``choice_made``), and the last one
            is remembered, for all experiments.
        in_front: Tells the panel whether it is in front of its tabs: one behind another is not
            hidden, but moved out of the window.
    """

    id: str
    title: str
    panel: Callable[[Bridge], QWidget]
    has_title: bool = True
    is_tall: bool = False
    is_wide: bool = False
    is_form: bool = False
    suits: Callable[[DataShape], bool] | None = None
    watches: tuple[Part, ...] = ()
    adapt: Callable[[Any, Perspective], None] | None = None
    scrolls: bool = False
    has_choice: bool = False
    in_front: Callable[[Any, bool], None] | None = None


DOCKS = (
    DockRow("lesson", QT_TRANSLATE_NOOP("docks", "Lesson"), has_title=False, is_tall=True,
            panel=lambda bridge: import_module("app.learn.panel").LearnPanel(bridge)),
    DockRow("training", QT_TRANSLATE_NOOP("docks", "Training"), is_form=True,
            panel=lambda bridge: import_module("app.build.training_panel").TrainingPanel(bridge)),
    DockRow("curves", QT_TRANSLATE_NOOP("docks", "Curves"), is_wide=True, scrolls=True,
            panel=lambda bridge: import_module("app.train.curves.view").CurvesView(bridge)),
    DockRow("progress", QT_TRANSLATE_NOOP("docks", "Progress"), has_title=False, is_wide=True,
            panel=lambda bridge: import_module("app.train.progress").ProgressView(bridge)),
    DockRow("digits", QT_TRANSLATE_NOOP("docks", "Digit pad"), scrolls=True,
            suits=lambda data: data.reads_images,
            panel=lambda bridge: import_module("app.digits.panel").DigitPanel(bridge)),
    DockRow("network", QT_TRANSLATE_NOOP("docks", "Layers"), is_wide=True, is_form=True,
            panel=lambda bridge: import_module("app.build.network_panel").NetworkPanel(bridge)),
    # Before the canvas: what is connected after it is painted before formulas are drawn.
    DockRow("formula", QT_TRANSLATE_NOOP("docks", "Formula"), is_wide=True, has_choice=True,
            panel=lambda bridge: import_module("app.step.formula.view").FormulaView(bridge)),
    # The network is put together in Build; everywhere else it is looked at.
    DockRow("graph", QT_TRANSLATE_NOOP("docks", "Network"), is_wide=True, watches=("values", "map"),
            adapt=lambda canvas, perspective: canvas.set_editable(perspective.builds),
            panel=lambda bridge: import_module("app.canvas.canvas").NetworkCanvas(bridge)),
    DockRow("stepbar", QT_TRANSLATE_NOOP("docks", "Stepping"), has_title=False, has_choice=True,
            adapt=lambda bar, perspective: bar.set_tight(tight=perspective.is_tight),
            panel=lambda bridge: import_module("app.step.bar").StepBar(bridge)),
    DockRow("timeline", QT_TRANSLATE_NOOP("docks", "Timeline"), has_title=False, is_form=True,
            panel=lambda bridge: import_module("app.train.timeline.view").TimelineView(bridge)),
    DockRow("tape", QT_TRANSLATE_NOOP("docks", "Operations"), is_form=True,
            panel=lambda bridge: import_module("app.step.tape.view").TapeView(bridge)),
    DockRow("breakpoints", QT_TRANSLATE_NOOP("docks", "Breakpoints"), is_form=True, scrolls=True,
            panel=lambda bridge: import_module("app.step.breakpoints.view").BreakpointsView(bridge),
            ),
    DockRow("update", QT_TRANSLATE_NOOP("docks", "Update"), is_form=True,
            panel=lambda bridge: import_module("app.step.update.view").UpdateView(bridge)),
    DockRow("why", QT_TRANSLATE_NOOP("docks", "Why?"), is_wide=True, is_form=True, scrolls=True,
            in_front=lambda panel, on: panel.set_in_front(on=on),
            panel=lambda bridge: import_module("app.step.why.view").WhyView(bridge)),
    DockRow("whatif", QT_TRANSLATE_NOOP("docks", "What if?"), is_form=True, scrolls=True,
            panel=lambda bridge: import_module("app.step.twin.view").WhatIfView(bridge)),
    DockRow("second", QT_TRANSLATE_NOOP("docks", "Twin"), is_wide=True, is_form=True,
            panel=lambda bridge: import_module("app.canvas.second").SecondNetwork(bridge)),
    DockRow("parameters", QT_TRANSLATE_NOOP("docks", "Parameters"), is_wide=True, is_form=True,
            panel=lambda bridge: import_module("app.step.parameters.table").ParameterTable(bridge)),
    DockRow("histories", QT_TRANSLATE_NOOP("docks", "Histories"), is_wide=True, scrolls=True,
            panel=lambda bridge: import_module("app.train.histories.view").HistoriesView(bridge)),
    DockRow("decisions", QT_TRANSLATE_NOOP("docks", "Decision map"), scrolls=True,
            suits=lambda data: data.is_a_plane,
            panel=lambda bridge: import_module("app.train.decisions.view").DecisionView(bridge)),
    DockRow("survey", QT_TRANSLATE_NOOP("docks", "Surface"), is_form=True,
            panel=lambda bridge: import_module("app.surface.panel").SurveyPanel(bridge)),
    DockRow("race", QT_TRANSLATE_NOOP("docks", "Race"), is_form=True,
            panel=lambda bridge: import_module("app.race.panel").RacePanel(bridge)),
    DockRow("surface", QT_TRANSLATE_NOOP("docks", "Map"), is_wide=True,
            panel=lambda bridge: import_module("app.surface.map.view").SurfaceMap(bridge)),
    DockRow("relief", QT_TRANSLATE_NOOP("docks", "Relief"), is_wide=True,
            panel=lambda bridge: import_module("app.surface.relief.view").Surface3D(bridge)),
    DockRow("slice", QT_TRANSLATE_NOOP("docks", "Path and plane"), is_wide=True, scrolls=True,
            panel=lambda bridge: import_module("app.surface.slice_view").SliceView(bridge)),
    DockRow("line", QT_TRANSLATE_NOOP("docks", "Line"), is_wide=True, scrolls=True,
            panel=lambda bridge: import_module("app.surface.line_view").LineProfile(bridge)),
    DockRow("rates", QT_TRANSLATE_NOOP("docks", "Rates"), is_wide=True, scrolls=True,
            panel=lambda bridge: import_module("app.rates.grid_view").RateGridView(bridge)),
    DockRow("range", QT_TRANSLATE_NOOP("docks", "Rate finder"), is_wide=True, scrolls=True,
            panel=lambda bridge: import_module("app.rates.finder_view").RangeTestView(bridge)),
)  # fmt: skip


class Dock(QDockWidget):
    """A dock with its title above it, or none; its panel is made when it is first needed.

    Attributes:
        is_closed: A dock that a person has closed stays closed.
    """

    def __init__(self, row: DockRow, bridge: Bridge, settings: Settings, area: QMainWindow) -> None:
        title = QCoreApplication.translate("docks", row.title)
        super().__init__(title, area)
        self.setObjectName(f"dock-{row.id}")
        self.row = row
        self.is_closed = False
        self._bridge = bridge
        self._settings = settings
        self._panel: QWidget | None = None
        self._outer: QWidget | None = None
        self._perspective: Perspective | None = None
        self._is_before_room = False
        self._no_title = named(QWidget(self), "no-title")
        self._no_title.hide()  # else it comes with the dock, over its title and its panel
        self._title = self._title_bar(title) if row.has_title else self._no_title
        self.setTitleBarWidget(self._title)
        self.setWidget(QWidget(self))
        self.toggleViewAction().setObjectName(f"action.dock.{row.id}")
        self.toggleViewAction().triggered.connect(self._note_closed)
        self.hide()
        self.visibilityChanged.connect(self._fill_if)
        self._room = Room(self)

    def fill(self) -> QWidget:
        """Its panel: wide ones take what room there is, strips are as high as they must be."""
        if self._panel is not None:
            return self._panel
        self._room.measure()  # what is made now is of the right size already
        self._panel = panel = self.row.panel(self._bridge)
        self._outer = Upright(panel, f"{self.row.id}.scroll", self) if self.row.scrolls else panel
        empty = self.widget()
        self.setWidget(self._outer)
        empty.deleteLater()
        policy = self._outer.sizePolicy()
        wide = self.row.is_wide
        policy.setHorizontalPolicy(policy.Policy.Expanding if wide else policy.Policy.Preferred)
        if not (self.row.has_title or self.row.is_tall):
            policy.setVerticalPolicy(policy.Policy.Fixed)
        self._outer.setSizePolicy(policy)
        if wide:
            as_picture(self._outer).setMinimumWidth(_least_width())
        for part in self.row.watches:
            watch(self._bridge, panel, part)
        if self.row.has_choice:
            self._remember_choice(panel)
        if self.row.in_front is not None:
            self.row.in_front(panel, not self.visibleRegion().isEmpty())
        self._tell()
        return panel

    def _remember_choice(self, panel: Any) -> None:
        panel.choice_made.connect(lambda choice: self._settings.set_choice(self.row.id, choice))
        panel.choose(self._settings.choice(self.row.id))

    def adapt(self, perspective: Perspective) -> None:
        """Tells the panel where it stands now; makes it where the perspective shows it."""
        self._perspective = perspective
        if self.row.id in perspective.docks:
            self.fill()
        self._tell()

    def present(self, *, on: bool) -> None:
        """Leaves out what a room does not read, or brings it back."""
        self._is_before_room = on
        if self._outer is not None and self.row.is_wide:
            # The window is as wide as it is: large text in a narrow panel can still be read.
            self._outer.setMinimumWidth(0 if on else _least_width())
        self._tell()

    def show_title(self, shown: bool) -> None:
        """A dock among tabs has its title in its tab, and none above it."""
        wanted = self._title if shown else self._no_title
        if self.titleBarWidget() is not wanted:
            self.titleBarWidget().hide()
            self.setTitleBarWidget(wanted)
            wanted.show()

    def _tell(self) -> None:
        if self._panel is None or self._perspective is None:
            return
        whole = self._perspective.is_whole
        show_more(self._panel, on=whole, before_room=self._is_before_room)
        if self.row.adapt is not None:
            self.row.adapt(self._panel, self._perspective)

    def _fill_if(self, visible: bool) -> None:
        if self.row.in_front is not None and (visible or self._panel is not None):
            self.row.in_front(self.fill(), visible)
        if not visible:
            return
        panel: Any = self.fill()
        if self.row.has_choice:  # which may have been made in another experiment meanwhile
            panel.choose(self._settings.choice(self.row.id))

    def _note_closed(self, *_: object) -> None:
        # Whatever the signal carries: PySide has handed it on with its argument and without.
        self.is_closed = not self.toggleViewAction().isChecked()

    def _title_bar(self, title: str) -> QWidget:
        bar = named(QWidget(self), "dock-title")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        tip = QCoreApplication.translate("docks", "Hide this panel")
        close = named(QToolButton(bar), "dock-close", tip=tip)
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        icons.put(close, "close", "disabled")
        close.setIconSize(close.iconSize() * 0.75)
        close.clicked.connect(self.close)
        close.clicked.connect(self._note_closed)
        in_row((QLabel(title, bar), 1), close, into=bar, around=(2, 0.5, 0.5, 0))
        return bar


def _least_width() -> int:
    return round(LEAST_WIDTH * theme.gaps())
