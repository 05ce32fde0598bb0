"""The table of actions, alive: QActions of a window, enabled and named by its snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.kit import icons
from app.kit.text import sentence, translated
from app.window.actions import ACTIONS, Action, name_of
from app.window.experiments import Experiments

if TYPE_CHECKING:
    from core.messages.snapshot import Snapshot
    from core.sentence import Sentence


class LiveActions:
    """The table as live QActions of a window, kept enabled and named by its snapshots."""

    def __init__(self, window: QWidget, experiments: Experiments) -> None:
        self._by_id = {row.id: self._make(row, window, experiments) for row in ACTIONS}

    def __getitem__(self, identifier: str) -> QAction:
        """The action of that id."""
        return self._by_id[identifier]

    def of_menu(self, menu: str) -> Iterator[QAction | None]:
        """A menu's actions in order; None where a line parts two groups."""
        rows = [row for row in ACTIONS if row.id.startswith(f"{menu}.")]
        for before, row in zip([None, *rows], rows, strict=False):
            if before is not None and before.group != row.group:
                yield None
            yield self._by_id[row.id]

    def refresh(self, snapshot: Snapshot | None) -> None:
        """Enables and names the actions for what is in front now."""
        for row in ACTIONS:
            self._by_id[row.id].setEnabled(row.when(snapshot))
        undo = (snapshot.undo, snapshot.undo_change) if snapshot else (None, None)
        redo = (snapshot.redo, snapshot.redo_change) if snapshot else (None, None)
        translate = QCoreApplication.translate
        self._name_edit("edit.undo", translate("actions", "Undo: {edit}"), *undo)
        self._name_edit("edit.redo", translate("actions", "Redo: {edit}"), *redo)
        self._name_train(snapshot)

    def name_more(self, *, shown: bool) -> None:
        """Says which way the switch goes."""
        translate = QCoreApplication.translate
        text = translate("actions", "Less") if shown else translate("actions", "More")
        self._by_id["view.more"].setText(text)

    def _make(self, row: Action, window: QWidget, experiments: Experiments) -> QAction:
        action = QAction(name_of(row), window)
        action.setObjectName(f"action.{row.id}")
        action.setShortcuts([QKeySequence(key) for key in row.keys])
        # The window's own shortcut, so that a focused button or list cannot keep Space to itself;
        # text fields claim the keys they type, and get them.
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(row.repeats)
        action.setEnabled(row.when(None))
        if row.icon:
            icons.put(action, row.icon, row.colour)
        _put_tip(
            action, QCoreApplication.translate("actions", row.tip) if row.tip else name_of(row)
        )
        action.triggered.connect(lambda _checked=False: row.do(experiments))
        window.addAction(action)
        return action

    def _name_edit(
        self, identifier: str, template: str, label: str | None, change: Sentence | None
    ) -> None:
        row = next(row for row in ACTIONS if row.id == identifier)
        text = name_of(row)
        if label is not None:
            edit = translated(label) if change is None else sentence(change)
            text = template.format(edit=edit.replace("&", "&&"))
        if self._by_id[identifier].text() != text:
            self._by_id[identifier].setText(text)
            _put_tip(self._by_id[identifier], text)

    def _name_train(self, snapshot: Snapshot | None) -> None:
        train = self._by_id["run.train"]
        running = snapshot is not None and snapshot.state.is_running
        translate = QCoreApplication.translate
        text = translate("actions", "Pause") if running else translate("actions", "Train")
        if train.text() != text:
            train.setText(text)
            icons.put(train, "pause" if running else "train", "on_accent")
            _put_tip(train, translate("actions", "Train, or pause"))


def _put_tip(action: QAction, tip: str) -> None:
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    with_keys = QCoreApplication.translate("actions", "{tip}  ({keys})")
    action.setToolTip(with_keys.format(tip=tip, keys=keys) if keys else tip)
    action.setStatusTip("")
