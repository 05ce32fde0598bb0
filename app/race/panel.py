"""A race of optimizers from one start: where, who, how far, how well."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QMenu,
    QPushButton,
    QScrollArea,
    QToolButton,
    QWidget,
)

from app.kit import icons, theme
from app.kit.controls import Restyled, dim_label, put_line, scroll_upright
from app.kit.flow import in_flow
from app.kit.labels import ElidedLabel, caption_of
from app.kit.layouts import in_column, in_row, named
from app.kit.text import advice, label_of, sentence, told, translated
from app.link.pacing import ThrottledDrawing
from app.race.choices import (
    MOST,
    RaceDraft,
    changed,
    optimizers,
    samples_text,
    without,
)
from app.race.curves import RaceCurves
from app.race.form import RunnerForm
from app.race.rows import RunnerTable
from app.race.setup import ArenaChooser, RaceBounds, TargetField
from app.race.transport import PaceChooser, RaceTransport
from core.messages.commands import Command
from core.messages.race import (
    NETWORK,
    Contest,
    HoldRace,
    RaceChoice,
    RaceOn,
    RestartRace,
    SetRace,
)

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.catalog.optimizers import Optimizer
    from core.messages.snapshot import Snapshot

REST_MS = 80
"""The table and the curves follow a running race so often."""


class RacePanel(Restyled):
    """Sets a race up, lets it run, and shows how it stands.

    What is chosen here is shown at once; what the race says of it follows.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("race")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._bridge = bridge
        self._drawn: Contest | None = None
        self._has_network = bool(bridge.snapshot.layers)
        self.draft = RaceDraft(_samples_of(bridge.snapshot))
        self._make_parts()
        self._lay_out()
        self._connect()
        self._pace = ThrottledDrawing(bridge, self, self._draw, REST_MS)
        bridge.contest_changed.connect(self.show_contest)
        bridge.snapshot_changed.connect(self.show_snapshot)
        self._show_choice()
        self.show_contest(bridge.contest)

    @property
    def choice(self) -> RaceChoice:
        """Who races where; a proposal until the race was told of it."""
        return self.draft.choice

    def show_contest(self, contest: Contest) -> None:
        """Follows the race."""
        self.draft.adopt(contest)
        self._pace.request()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Whether there is a network to race on, and how much a step over all samples takes."""
        if _samples_of(snapshot) != self.draft.samples:
            self.draft.samples = _samples_of(snapshot)
            if self.draft.propose() and self.draft.is_set:
                self._set(self.choice)
            self._show_choice()
        if bool(snapshot.layers) != self._has_network:
            self._has_network = bool(snapshot.layers)
            self._allow()

    def sizeHint(self) -> QSize:
        return QSize(theme.space(52), theme.space(88))

    def fill_menu(self) -> None:
        """Offers every optimizer there is."""
        self.menu.clear()
        for entry in optimizers():
            action = QAction(label_of(entry), self.menu)
            action.setObjectName(f"race.add.{entry.model_fields['kind'].default}")
            cost = samples_text(entry, self.draft.samples_there)
            action.setToolTip(" ".join(filter(None, (translated(entry.description), cost))))
            action.triggered.connect(lambda _=False, one=entry: self._add(one))
            self.menu.addAction(action)

    def _make_parts(self) -> None:
        self.arena = ArenaChooser(self)
        self.arena.show_arena(self.choice.arena)
        self.transport = RaceTransport(self)
        self.start = ElidedLabel("race.start", self)
        tip = self.tr(
            "Put the race away: the pictures show the run again, and the choice stays here"
        )
        self.end = named(QToolButton(self), "race.end", tip=tip)
        self.end.setText(self.tr("End the race"))
        self.end.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.trouble = named(dim_label("", "error", self), "race.trouble")
        self.table = RunnerTable(self)
        self.form = RunnerForm(self)
        self.menu = named(QMenu(self), "race.menu")
        self.menu.setToolTipsVisible(True)
        self.add_button = named(
            QPushButton(self.tr("Add optimizer"), self),
            "race.add",
            tip=self.tr("One more starts where the others started, and catches up"),
        )
        self.add_button.setMenu(self.menu)
        self.target = TargetField(self)
        self.target_title = caption_of(self.target, self.tr("Target"))
        self.target_error = named(dim_label("", "error", self), "race.target.error")
        self.pace = PaceChooser(self)
        self.bounds = RaceBounds(self)
        self.curves = RaceCurves(self._bridge.surface_choice, self)

    def _lay_out(self) -> None:
        ends = in_row(self.start, None, self.end, apart=1)
        target = in_row(self.target_title, self.target, apart=1)
        who = (self.arena, self.transport, self.pace, ends, self.trouble, self.table)
        how = (
            in_flow(self.add_button, None, target, apart=1),
            self.target_error,
            self.bounds,
            (self.curves, 1),
        )
        content, scroll = QWidget(self), QScrollArea(self)
        in_column(*who, *how, into=content, around=(1.5, 1, 1.5, 1), apart=1)
        scroll_upright(scroll, content)
        in_column(scroll, into=self)
        self._restyle()

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
        self.target.entered.connect(lambda loss: self._set(replace(self.choice, target=loss)))
        self.target.refused.connect(lambda reason: put_line(self.target_error, reason))
        self.pace.chosen.connect(lambda pace: self._set(replace(self.choice, pace=pace)))
        self.bounds.limited.connect(lambda steps: self._set(replace(self.choice, limit=steps)))
        self.bounds.seeded.connect(lambda seed: self._set(replace(self.choice, seed=seed)))

    def _enter(self, choice: RaceChoice) -> None:
        """Takes over who takes part, as a person has chosen."""
        self.draft.is_chosen = True
        self._set(choice)

    def _move(self, arena: str) -> None:
        """To another place; who has run there before begins anew."""
        self.curves.follow()
        self._set(self.draft.moved(arena, self.pace.pace_in(arena)))

    def _add(self, entry: type[Optimizer]) -> None:
        if len(self.choice.runners) < MOST:
            self._set(self.draft.joined(entry))

    def _edit(self, id: int) -> None:
        runner = next((one for one in self.choice.runners if one.id == id), None)
        row = self.table.row_of(id)
        if runner is not None and row is not None:
            self.form.open(runner, row, self.choice.arena)

    def _set(self, choice: RaceChoice) -> None:
        """Shows a choice, and tells the race."""
        self.draft.choice, self.draft.is_set = choice, True
        self._show_choice()
        self._bridge.dispatch(SetRace(choice))

    def _order(self, command: Command) -> None:
        """Sends an order to the race, which first hears of it where it has not."""
        if not self.draft.is_set:
            self._set(self.choice)
        self._bridge.dispatch(command)

    def _draw(self) -> None:
        contest = self._bridge.contest
        if contest is self._drawn:
            return
        before, self._drawn = self._drawn, contest
        self._show_choice()
        if before is None or contest.trouble is not before.trouble:
            put_line(self.trouble, told(contest.trouble) if contest.trouble else "")
        if before is None or contest.start_label is not before.start_label:
            start = contest.start_label
            self.start.show_text(sentence(start) if start else "", advice(start) if start else "")
            self.start.setVisible(start is not None)
        self.end.setVisible(bool(contest.arena))
        self.curves.show_contest(contest)

    def _show_choice(self) -> None:
        """What is chosen, with what is known of it."""
        contest = self._bridge.contest
        if contest.arena != self.choice.arena:  # of another race than the one that is wished for
            contest = Contest()
        self.arena.show_arena(self.choice.arena)
        self.table.show_runners(self.choice.runners, contest, self.draft.samples_there)
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
        self.curves.empty.setText(text)


def _samples_of(snapshot: Snapshot) -> int:
    """In the training set; 0 before it is loaded."""
    return snapshot.data.train_count if snapshot.data is not None else 0
