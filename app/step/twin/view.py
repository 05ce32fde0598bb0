"""What if? One thing another in a second run that goes along, and the two beside each other."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHeaderView, QLabel, QMenu, QPushButton, QTableView, QWidget

from app.kit import theme
from app.kit.controls import Restyled
from app.kit.labels import bold, empty_page
from app.kit.layouts import in_column, in_pages, in_row, named
from app.kit.segments import Segments
from app.kit.text import told
from app.link.pacing import ThrottledDrawing, is_out_of_sight
from app.link.second import second_run
from app.link.watching import watch
from app.step.twin.chooser import ChangeChooser
from app.step.twin.losses import LossesBeside
from app.step.twin.pairs import Pairs, PairsModel, of_operation, of_parameters
from app.step.twin.words import change_text, first_text, standing_text
from app.step.words import entry_name
from core.messages.commands import BeginTwin, EndTwin, RunToPlace, Visit, WhatIf
from core.messages.snapshot import Snapshot

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from app.link.focus import Spot
    from core.messages.twin import TwinView

REST_MS = 150
"""While training; numbers that change more often cannot be read."""


class Look(StrEnum):
    """What of the two is beside each other."""

    OPERATION = "operation"
    WEIGHTS = "weights"
    LOSSES = "losses"


class WhatIfView(Restyled):
    """Chooses a change; then says what differs first, and shows numbers and losses of both.

    Attributes:
        chooser: What can be another.
        look: What is shown of the two.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("whatif")
        self._bridge, self.look = bridge, Look.OPERATION
        self._is_choosing = True
        self._twin: TwinView | None = None
        self._picked: tuple[tuple[Spot, ...], int | None] | None = None
        self.chooser = ChangeChooser(bridge.focus, self)
        self._make_parts()
        self._lay_out()
        self._restyle()
        self._pace = ThrottledDrawing(bridge, self, self._draw, REST_MS)
        watch(bridge, self, "values")
        watch(bridge, self, "twin")
        bridge.snapshot_changed.connect(self.show_snapshot)
        bridge.focus.changed.connect(self._refocus)
        self.chooser.wanted.connect(self._begin)
        self.show_snapshot(bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows both runs, while training at a readable pace."""
        if is_out_of_sight(self):
            return
        self._pace.follow(snapshot)

    def showEvent(self, event: QShowEvent) -> None:
        """Catches up."""
        super().showEvent(event)
        self.show_snapshot(self._bridge.snapshot)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Copying, from the table."""
        menu = named(QMenu(self), "whatif.menu")
        menu.addAction(self.tr("Copy the table"), self.copy)
        menu.popup(event.globalPos())

    def copy(self) -> None:
        """The table with all digits, as a spreadsheet takes it."""
        QGuiApplication.clipboard().setText(self.model.text())

    def choose(self, look: str) -> None:
        """Shows other numbers of the two."""
        self.look = Look(look)
        self.switch.show_choice(look)
        self._draw()

    def _begin(self, change: WhatIf) -> None:
        self._is_choosing = False
        self._bridge.dispatch(BeginTwin(change))

    def _end(self) -> None:
        self._is_choosing = True
        self._bridge.dispatch(EndTwin())

    def _choose_another(self) -> None:
        self._is_choosing = True
        self._draw()

    def _keep_this(self) -> None:
        self._is_choosing = False
        self._draw()

    def _refocus(self) -> None:
        """Another place is picked, or another sample; what is pointed at changes nothing here."""
        focus = self._bridge.focus
        if (focus.selected, focus.sample) != self._picked:
            self.show_snapshot(self._bridge.snapshot)

    def _draw(self) -> None:
        snapshot, focus = self._bridge.snapshot, self._bridge.focus
        self._picked = focus.selected, focus.sample
        twin = self._twin = snapshot.twin
        if self._bridge.asking.is_open:  # the twin's numbers would give it away
            self._empty.setText(self.tr("Answer the open question first."))
            self._pages.setCurrentWidget(self._empty)
        elif twin is None or self._is_choosing:
            self._back.setVisible(twin is not None)
            self._pages.setCurrentWidget(self._choosing)
            self.chooser.follow(snapshot)
        else:
            self._pages.setCurrentWidget(self._beside)
            self._show_twin(snapshot, twin)

    def _show_twin(self, snapshot: Snapshot, twin: TwinView) -> None:
        self.change.setText(change_text(snapshot, twin))
        self.first.setText(first_text(twin.parted, unknown=twin.trouble is not None))
        self.first.setVisible(not twin.is_ended)
        trouble = told(twin.trouble) if twin.trouble is not None else ""
        self.standing.setText(trouble or standing_text(twin))
        found = twin.parted
        self._go.setVisible(found is not None and found.entry is not None and not twin.is_ended)
        self._network.setVisible(not twin.is_ended)
        is_of_losses = self.look is Look.LOSSES or twin.is_ended
        self.switch.setVisible(not twin.is_ended)
        self.losses.setVisible(is_of_losses)
        self._numbers.setVisible(not is_of_losses)
        if is_of_losses:
            self.losses.show_twin(twin)
        else:
            self._show_numbers(snapshot, twin)

    def _show_numbers(self, snapshot: Snapshot, twin: TwinView) -> None:
        pairs, what = None, self.tr("All weights and biases")
        if self.look is Look.OPERATION:
            pairs = of_operation(snapshot, twin, self._bridge.focus.sample)
            entry = snapshot.stepping.entry if snapshot.stepping is not None else None
            what = entry_name(entry) if entry is not None else ""
            if pairs is None:
                what = self.tr("Press Next (.): the numbers of both at each operation stand here.")
        elif twin.goal is not None and not twin.is_ended and not twin.behind:
            pairs = of_parameters(snapshot, twin)
        self._what.setText(what)
        self.model.show_pairs(pairs or Pairs())
        self.table.setVisible(pairs is not None)

    def _go_to_first(self) -> None:
        """To the operation that differs first."""
        found = self._twin.parted if self._twin is not None else None
        stepping = self._bridge.snapshot.stepping
        if found is None or found.entry is None:
            return
        if stepping is None or stepping.record.step != found.step:
            self._bridge.dispatch(Visit(found.step - 1))
        entry = found.entry
        if found.in_twin:  # this run has no such operation: to the one before
            entry = max(0, entry - 1)
        self._bridge.dispatch(RunToPlace(entry))
        self.choose(Look.OPERATION)

    def _make_parts(self) -> None:
        tr = self.tr
        self.change = bold(named(QLabel(self), "whatif.change"))
        self.first = named(QLabel(self), "whatif.first", tr("The first operation that differs"))
        self.standing = named(QLabel(self), "whatif.standing", tr("How both stand"))
        for label in (self.change, self.first, self.standing):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._go = self._button("go", tr("Go there"), tr("To the first operation that differs"))
        self._go.clicked.connect(self._go_to_first)
        tip = tr("The twin's network beside this one, at the same operation")
        self._network = self._button("network", tr("Its network"), tip)
        self._network.clicked.connect(second_run(self._bridge).wanted)
        tip = tr("Choose what is another; this twin goes on until the next starts")
        another = self._button("another", tr("Change…"), tip)
        another.clicked.connect(self._choose_another)
        end = self._button("end", tr("End"), tr("Leave the twin; your run stays as it is"))
        end.clicked.connect(self._end)
        self._buttons = in_row(self._go, self._network, another, end, None, apart=1)
        self._back = self._button("back", tr("Back to the twin"), tr("Choose nothing else"))
        self._back.clicked.connect(self._keep_this)
        choices = (
            (Look.OPERATION, tr("This operation"), tr("The numbers computed last, in both")),
            (Look.WEIGHTS, tr("Weights"), tr("All weights and biases, in both")),
            (Look.LOSSES, tr("Losses"), tr("The losses of both since they parted")),
        )
        self.switch = Segments("whatif.look", tr("What is shown of the two"), choices, self)
        self.switch.show_choice(self.look)
        self.switch.chosen.connect(self.choose)
        self.losses = LossesBeside(self)
        self._make_table()
        self._empty = empty_page("whatif.empty", "", self)

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        return named(QPushButton(text, self), f"whatif.{name}", tip=tip)

    def _make_table(self) -> None:
        self.model = PairsModel(self)
        self.table = named(QTableView(self), "whatif.table", self.tr("Numbers of both runs"))
        self.table.setModel(self.model)
        self.table.verticalHeader().hide()
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        header, modes = self.table.horizontalHeader(), QHeaderView.ResizeMode
        header.setSectionResizeMode(modes.Stretch)
        header.setSectionResizeMode(0, modes.ResizeToContents)
        policy = self.table.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the words stay at the top where there are no rows
        self.table.setSizePolicy(policy)
        self._what = named(QLabel(self), "whatif.what")
        self._what.setWordWrap(True)
        copy = QShortcut(QKeySequence.StandardKey.Copy, self.table, self.copy)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)

    def _lay_out(self) -> None:
        self._choosing, self._beside, self._numbers = QWidget(self), QWidget(self), QWidget(self)
        words = QLabel(
            self.tr(
                "Change one thing in a second run that goes along with yours. Yours stays as it is."
            ),
            self._choosing,
        )
        words.setWordWrap(True)
        in_column(
            words, self.chooser, in_row(self._back, None), None,
            into=self._choosing, around=1.5, apart=1.5,
        )  # fmt: skip
        in_column(self._what, (self.table, 1), into=self._numbers, apart=0.5)
        in_column(
            self.change, self.first, self.standing, self._buttons, in_row(self.switch, None),
            (self._numbers, 1), (self.losses, 1),
            into=self._beside, around=1.5, apart=1,
        )  # fmt: skip
        self._pages = in_pages(self._choosing, self._beside, self._empty, into=self)

    def _restyle(self) -> None:
        dim = f"color: {theme.current().text_dim};"
        for label in (self.standing, self._what):
            if label.styleSheet() != dim:
                label.setStyleSheet(dim)
