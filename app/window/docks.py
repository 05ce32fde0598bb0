"""The docks: what each is called, where its panel is written, and which data it suits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QToolButton,
    QWidget,
)

from app.kit import icons, theme
from app.kit.text import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class DockRow:
    """One dock: its id, title, and where its panel is written (imported when first needed).

    A strip that says by itself what it is has no title above it.
    """

    id: str
    title: str
    panel: str
    has_title: bool = True


DOCKS = (
    DockRow("training", QT_TRANSLATE_NOOP("docks", "Training"),
            "app.build.training_panel:TrainingPanel"),
    DockRow("curves", QT_TRANSLATE_NOOP("docks", "Curves"), "app.train.curves.view:CurvesView"),
    DockRow("progress", QT_TRANSLATE_NOOP("docks", "Progress"),
            "app.train.progress:ProgressView", has_title=False),
    DockRow("digits", QT_TRANSLATE_NOOP("docks", "Digit pad"), "app.digits.panel:DigitPanel"),
    DockRow("network", QT_TRANSLATE_NOOP("docks", "Layers"),
            "app.build.network_panel:NetworkPanel"),
    # Before the canvas: what is connected after it is painted before formulas are drawn.
    DockRow("formula", QT_TRANSLATE_NOOP("docks", "Formula"),
            "app.step.formula.view:FormulaView"),
    DockRow("graph", QT_TRANSLATE_NOOP("docks", "Network"), "app.canvas.canvas:NetworkCanvas"),
    DockRow("stepbar", QT_TRANSLATE_NOOP("docks", "Stepping"), "app.step.bar:StepBar",
            has_title=False),
    DockRow("timeline", QT_TRANSLATE_NOOP("docks", "Timeline"),
            "app.train.timeline.view:TimelineView", has_title=False),
    DockRow("tape", QT_TRANSLATE_NOOP("docks", "Operations"), "app.step.tape.view:TapeView"),
    DockRow("breakpoints", QT_TRANSLATE_NOOP("docks", "Breakpoints"),
            "app.step.breakpoints.view:BreakpointsView"),
    DockRow("update", QT_TRANSLATE_NOOP("docks", "Update"), "app.step.update.view:UpdateView"),
    DockRow("parameters", QT_TRANSLATE_NOOP("docks", "Parameters"),
            "app.step.parameters.table:ParameterTable"),
    DockRow("histories", QT_TRANSLATE_NOOP("docks", "Histories"),
            "app.train.histories.view:HistoriesView"),
    DockRow("decisions", QT_TRANSLATE_NOOP("docks", "Decision map"),
            "app.train.decisions.view:DecisionView"),
    DockRow("survey", QT_TRANSLATE_NOOP("docks", "Surface"),
            "app.surface.panel:SurveyPanel"),
    DockRow("race", QT_TRANSLATE_NOOP("docks", "Race"), "app.race.panel:RacePanel"),
    DockRow("surface", QT_TRANSLATE_NOOP("docks", "Map"), "app.surface.map.view:SurfaceMap"),
    DockRow("relief", QT_TRANSLATE_NOOP("docks", "Relief"), "app.surface.relief.view:Surface3D"),
    DockRow("slice", QT_TRANSLATE_NOOP("docks", "Path and plane"),
            "app.surface.slice_view:SliceView"),
    DockRow("line", QT_TRANSLATE_NOOP("docks", "Line"), "app.surface.line_view:LineProfile"),
    DockRow("rates", QT_TRANSLATE_NOOP("docks", "Rates"),
            "app.rates.grid_view:RateGridView"),
    DockRow("range", QT_TRANSLATE_NOOP("docks", "Rate finder"),
            "app.rates.finder_view:RangeTestView"),
)  # fmt: skip


WIDE = (
    "curves", "progress", "network", "graph", "formula", "histories", "parameters",
    "surface", "relief", "slice", "line", "rates", "range",
)  # fmt: skip
"""The docks that take what a wider window gives; the others keep their width."""


LEAST_WIDTH = 320
"""Of a wide dock, so that no long word in it ever makes the whole window wider."""


def reads_images(shape: tuple[int, ...], task: str) -> bool:
    """Whether a drawing makes a sensible input: an image, or one laid out in a row."""
    return task == "classification" and (len(shape) == 3 or shape in ((784,), (100,)))


def is_a_plane(shape: tuple[int, ...], task: str) -> bool:
    """Whether the outputs can be drawn over the inputs: there are one or two of them."""
    return shape in ((1,), (2,))


SUITS = {"digits": reads_images, "decisions": is_a_plane}
"""The docks that make sense for some inputs and tasks only."""


def make_dock(row: DockRow, area: QMainWindow) -> QDockWidget:
    """An empty dock with its title above it, or none."""
    title = QCoreApplication.translate("docks", row.title)
    dock = QDockWidget(title, area)
    dock.setObjectName(f"dock-{row.id}")
    none = QWidget(dock)
    none.setObjectName("no-title")
    dock.setTitleBarWidget(_title_bar(dock, title) if row.has_title else none)
    dock.setWidget(QWidget(dock))
    toggle = dock.toggleViewAction()
    toggle.setObjectName(f"action.dock.{row.id}")
    return dock


def put_panel(row: DockRow, dock: QDockWidget, panel: QWidget) -> None:
    """Fills a dock: wide panels take what room there is, strips are as high as they must be."""
    empty = dock.widget()
    dock.setWidget(panel)
    empty.deleteLater()
    policy = panel.sizePolicy()
    policy.setHorizontalPolicy(
        policy.Policy.Expanding if row.id in WIDE else policy.Policy.Preferred
    )
    if not row.has_title:  # a strip is as high as it must be
        policy.setVerticalPolicy(policy.Policy.Fixed)
    panel.setSizePolicy(policy)
    if row.id in WIDE:
        panel.setMinimumWidth(LEAST_WIDTH)


def _title_bar(dock: QDockWidget, title: str) -> QWidget:
    bar = QWidget(dock)
    bar.setObjectName("dock-title")
    bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    close = QToolButton(bar)
    close.setObjectName("dock-close")
    close.setToolTip(QCoreApplication.translate("docks", "Hide this panel"))
    close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    icons.put(close, "close", "disabled")
    close.setIconSize(close.iconSize() * 0.75)
    close.clicked.connect(dock.close)
    row = QHBoxLayout(bar)
    row.setContentsMargins(theme.space(2), theme.space(0.5), theme.space(0.5), 0)
    row.addWidget(QLabel(title, bar), 1)
    row.addWidget(close)
    return bar
