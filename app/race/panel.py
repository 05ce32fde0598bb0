"""A race of optimizers from one start: where, who, how far, how well."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.kit import icons, theme
from app.kit.controls import dim_label, say
from app.kit.labels import ElidedLabel
from app.kit.text import advice, label_of, sentence, told, translated
from app.link.pacing import Unhurried
from app.race.choices import (
    MOST,
    changed,
    joined,
    moved,
    optimizers,
    proposal,
    samples_text,
    without,
)
from app.race.curves import RaceCurves
from app.race.form import RunnerForm
from app.race.rows import RunnerTable
from app.race.setup import ArenaChooser, PaceChooser, RaceBounds, TargetField
from app.race.transport import RaceTransport
from core.messages.commands import Command
from core.messages.surface_commands import (
    NETWORK,
    HoldRace,
    RaceChoice,
    RaceOn,
    RestartRace,
    Runner,
    SetRace,
)
from core.messages.surface_views import Contest

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.catalog.optimizers import Optimizer
    from core.messages.snapshot import Snapshot

REST_MS = 80
"""The table and the curves follow a running race so often."""


class RacePanel(QWidget):
    """Sets a race up, lets it run, and shows how it stands.

    What is chosen here is shown at once; what the race says of it follows.

    Attributes:
        choice: Who races where; a proposal until ``is_set``.
        is_set: Whether the race was told of it.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("race")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._bridge = bridge
        self._drawn: Contest | None = None
        self._heard = bridge.contest
        self._has_network = bool(bridge.snapshot.layers)
        self._samples = _samples_of(bridge.snapshot)
        self.choice = proposal(self._samples)
        self.is_set = False
        self._has_chosen = False
        self._used = max(runner.id for runner in self.choice.runners)
        self._make_parts()
        self._lay_out()
        self._connect()
        self._rhythm = Unhurried(bridge, self, self._draw, REST_MS)
        bridge.contest_changed.connect(self.show_contest)
        bridge.snapshot_changed.connect(self.show_snapshot)
        self._show_choice()
        self.show_contest(bridge.contest)

    def show_contest(self, contest: Contest) -> None:
        """Follows the race."""
        self._adopt(contest)
        self._rhythm.ask()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Whether there is a network to race on, and how much a step over all samples takes."""
        if _samples_of(snapshot) != self._samples:
            self._samples = _samples_of(snapshot)
            self._propose()
            self._show_choice()
        if bool(snapshot.layers) != self._has_network:
            self._has_network = bool(snapshot.layers)
            self._allow()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def sizeHint(self) -> QSize:
        """A side column."""
        return QSize(theme.space(52), theme.space(88))

    def fill_menu(self) -> None:
        """Offers every optimizer there is."""
        self.menu.clear()
        for entry in optimizers():
            action = QAction(label_of(entry), self.menu)
            action.setObjectName(f"race.add.{entry.model_fields['kind'].default}")
            cost = samples_text(entry, self._samples_there)
            action.setToolTip(" ".join(filter(None, (translated(entry.description), cost))))
            action.triggered.connect(lambda _=False, one=entry: self._add(one))
            self.menu.addAction(action)

    def _make_parts(self) -> None:
        self.arena = ArenaChooser(self)
        self.arena.show_arena(self.choice.arena)
        self.transport = RaceTransport(self)
        self.start = ElidedLabel("race.start", self)
        self.end = QToolButton(self)
        self.end.setObjectName("race.end")
        self.end.setText(self.tr("End the race"))
        self.end.setToolTip(
            self.tr("Put the race away: the pictures show the run again, and the choice stays here")
        )
        self.end.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.trouble = dim_label("", "error", self)
        self.trouble.setObjectName("race.trouble")
        self.table = RunnerTable(self)
        self.form = RunnerForm(self)
        self.menu = QMenu(self)
        self.menu.setObjectName("race.menu")
        self.menu.setToolTipsVisible(True)
        self.add_button = QPushButton(self.tr("Add optimizer"), self)
        self.add_button.setObjectName("race.add")
        self.add_button.setToolTip(
            self.tr("One more starts where the others started, and catches up")
        )
        self.add_button.setMenu(self.menu)
        self.target = TargetField(self)
        self.target_title = QLabel(self.tr("Target"), self)
        self.target_title.setProperty("role", "caption")
        self.target_title.setBuddy(self.target)
        self.target_error = dim_label("", "error", self)
        self.target_error.setObjectName("race.target.error")
        self.pace = PaceChooser(self)
        self.bounds = RaceBounds(self)
        self.curves = RaceCurves(self._bridge.outlook, self)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(
            theme.space(1.5), theme.space(1), theme.space(1.5), theme.space(1)
        )
        column.setSpacing(theme.space(1))
        column.addWidget(self.arena)
        column.addWidget(self.transport)
        column.addWidget(self.pace)
        column.addLayout(self._row(self.start, None, self.end))
        column.addWidget(self.trouble)
        column.addWidget(self.table)
        column.addLayout(self._row(self.add_button, None, self.target_title, self.target))
        column.addWidget(self.target_error)
        column.addWidget(self.bounds)
        column.addWidget(self.curves, 1)
        self._restyle()

    def _row(self, *widgets: QWidget | None) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.space(1))
        for widget in widgets:
            if widget is None:
                row.addStretch(1)
            else:
                row.addWidget(widget)
        return row

    def _restyle(self) -> None:
        icons.redress(self)
        tokens = theme.current()
        self.start.setStyleSheet(f"color: {tokens.text_dim};")
        # Flush with the column's edge: its words are its only shape.
        self.end.setStyleSheet(
            f"QToolButton {{ color: {tokens.text_dim}; border: none; padding: 2px 0; }}"
            f"QToolButton:hover, QToolButton:focus {{ color: {tokens.accent};"
            f" background: transparent; }}"
        )

    def _connect(self) -> None:
        self.arena.chosen.connect(self._move)
        self.transport.started.connect(lambda: self._order(RaceOn()))
        self.transport.stepped.connect(lambda: self._order(RaceOn(1)))
        self.transport.held.connect(lambda: self._bridge.dispatch(HoldRace()))
        self.transport.restarted.connect(lambda: self._order(RestartRace()))
        self.end.clicked.connect(lambda _: self._bridge.dispatch(SetRace(None)))
        self.table.edit_asked.connect(self._edit)
        self.table.remove_asked.connect(lambda id: self._enter(without(self.choice, id)))
        self.form.edited.connect(lambda id, one: self._enter(changed(self.choice, id, one)))
        self.menu.aboutToShow.connect(self.fill_menu)
        self.target.entered.connect(lambda loss: self._wish(replace(self.choice, target=loss)))
        self.target.refused.connect(lambda reason: say(self.target_error, reason))
        self.pace.chosen.connect(lambda pace: self._wish(replace(self.choice, pace=pace)))
        self.bounds.limited.connect(lambda steps: self._wish(replace(self.choice, limit=steps)))
        self.bounds.seeded.connect(lambda seed: self._wish(replace(self.choice, seed=seed)))

    def _propose(self) -> None:
        """Other runners for a network with many samples, while nobody has chosen any."""
        runners = proposal(self._samples).runners
        on_network = self.choice.arena == NETWORK
        if self._has_chosen or not on_network or self.choice.runners == runners:
            return
        self.choice = replace(self.choice, runners=runners)
        if self.is_set:
            self._wish(self.choice)

    @property
    def _samples_there(self) -> int:
        """That a step over all samples takes in the place of the race."""
        return self._samples if self.choice.arena == NETWORK else 0

    def _enter(self, choice: RaceChoice) -> None:
        """Takes over who takes part, as a person has chosen."""
        self._has_chosen = True
        self._wish(choice)

    def _move(self, arena: str) -> None:
        """To another place; who has run there before begins anew."""
        self.curves.follow()
        if arena == NETWORK and not self._has_chosen:
            self.choice = replace(self.choice, runners=proposal(self._samples).runners)
        self._wish(replace(moved(self.choice, arena), pace=self.pace.pace_in(arena)))

    def _add(self, entry: type[Optimizer]) -> None:
        if len(self.choice.runners) < MOST:
            choice = joined(self.choice, entry, self._used)
            self._used = choice.runners[-1].id
            self._enter(choice)

    def _edit(self, id: int) -> None:
        runner = next((one for one in self.choice.runners if one.id == id), None)
        row = self.table.row_of(id)
        if runner is not None and row is not None:
            self.form.open(runner, row)

    def _wish(self, choice: RaceChoice) -> None:
        """Shows a choice, and tells the race."""
        self.choice, self.is_set = choice, True
        self._show_choice()
        self._bridge.dispatch(SetRace(choice))

    def _order(self, command: Command) -> None:
        """Sends an order to the race, which first hears of it where it has not."""
        if not self.is_set:
            self._wish(self.choice)
        self._bridge.dispatch(command)

    def _adopt(self, contest: Contest) -> None:
        """Takes over what the race says of itself where it was not told from here."""
        before, self._heard = self._heard, contest
        has_race = bool(contest.arena)
        refused = contest.trouble is not None and contest.trouble is not before.trouble
        if has_race and (not self.is_set or refused):
            runners = tuple(Runner(one.id, one.optimizer) for one in contest.runners)
            if (contest.arena, runners) != (self.choice.arena, self.choice.runners):
                self.choice = replace(self.choice, arena=contest.arena, runners=runners)
                self._has_chosen = True
            self._used = max([self._used, *(one.id for one in runners)])
            self.is_set = True
        elif not has_race and before.arena:
            self.is_set = False

    def _draw(self) -> None:
        contest = self._bridge.contest
        if contest is self._drawn:
            return
        before, self._drawn = self._drawn, contest
        self._show_choice()
        if before is None or contest.trouble is not before.trouble:
            self._show_trouble(contest)
        if before is None or contest.start_label is not before.start_label:
            start = contest.start_label
            self.start.say(sentence(start) if start else "", advice(start) if start else "")
            self.start.setVisible(start is not None)
        self.end.setVisible(bool(contest.arena))
        self.curves.show_contest(contest)

    def _show_choice(self) -> None:
        """What is chosen, with what is known of it."""
        contest = self._bridge.contest
        if contest.arena != self.choice.arena:  # of another race than the one that is wished for
            contest = Contest()
        self.arena.show_arena(self.choice.arena)
        self.table.show_runners(self.choice.runners, contest, self._samples_there)
        self.target.show_target(self.choice.target, contest.target)
        self.pace.show_pace(self.choice.pace, self.choice.arena)
        self.bounds.show_choice(self.choice)
        self.add_button.setEnabled(len(self.choice.runners) < MOST)
        self._allow()

    def _allow(self) -> None:
        on_network = self.choice.arena == NETWORK
        can_run = bool(self.choice.runners) and (self._has_network or not on_network)
        self.transport.show_contest(self._bridge.contest, can_run=can_run)
        text = self.tr("Press Start: all set off from one point, and their losses are drawn here.")
        if not self.choice.runners:
            text = self.tr("Nobody races yet: add an optimizer.")
        elif not can_run:
            text = self.tr("There is no network to race on yet.")
        elif self._bridge.contest.is_running:
            text = self.tr("The first losses are being computed.")
        self.curves.say(text)

    def _show_trouble(self, contest: Contest) -> None:
        trouble = contest.trouble
        say(self.trouble, told(trouble) if trouble else "")


def _samples_of(snapshot: Snapshot) -> int:
    """In the training set; 0 before it is loaded."""
    return snapshot.data.train_count if snapshot.data is not None else 0
