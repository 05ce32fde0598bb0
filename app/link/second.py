"""The second run as a source of snapshots, so that what shows a network can show that one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal

from core.messages.commands import Command, WhatIf
from core.messages.events import Refused
from core.messages.snapshot import Snapshot, Values
from core.sentence import Sentence

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from app.link.focus import Focus
    from app.link.questioner import Questioner


class SecondRun(QObject):
    """What a bridge is for the run, this is for its twin: the same cursor, sample and selection.

    Made by :func:`second_run`, one a bridge, which owns it. ``wanted`` says that a person wants to
    see its network, ``coloured`` carries what the colours of the run's network now stand for.
    """

    snapshot_changed = Signal(object)
    dispatched = Signal(object)
    wanted = Signal()
    coloured = Signal(object)

    def __init__(self, bridge: Bridge) -> None:
        super().__init__(bridge)
        self._bridge = bridge
        self._made_of: tuple[Snapshot, Snapshot] | None = None
        bridge.snapshot_changed.connect(self._follow)
        bridge.dispatched.connect(self.dispatched)

    @property
    def focus(self) -> Focus:
        """What is picked, in both."""
        return self._bridge.focus

    @property
    def questioner(self) -> Questioner:
        """What has a person work a number out."""
        return self._bridge.questioner

    @property
    def is_there(self) -> bool:
        """Whether there is a twin whose numbers can be shown beside the run's."""
        twin = self._bridge.snapshot.twin
        return twin is not None and not twin.is_ended and twin.goal is not None

    @property
    def snapshot(self) -> Snapshot:
        """The run's, with what the twin holds in the place of what the run holds."""
        snapshot = self._bridge.snapshot
        if self._made_of is None or self._made_of[0] is not snapshot:
            self._made_of = snapshot, _of_twin(snapshot)
        return self._made_of[1]

    def dispatch(self, command: Command) -> None:
        """Moves both on; what would change the twin is refused, which has but one change."""
        if isinstance(command, WhatIf):
            reason = Sentence(
                "The twin is only looked at here.", "Set out another with what you want changed."
            )
            self._bridge.event_received.emit(Refused(reason))
        else:
            self._bridge.dispatch(command)

    def _follow(self, snapshot: Snapshot) -> None:
        if snapshot.twin is not None:
            self.snapshot_changed.emit(self.snapshot)


def second_run(bridge: Bridge) -> SecondRun:
    """The twin of an experiment's run, whether there is one or not."""
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    return bridge.findChild(SecondRun, options=direct) or SecondRun(bridge)


def _of_twin(snapshot: Snapshot) -> Snapshot:
    twin = snapshot.twin
    if twin is None:
        return snapshot
    values = None
    if twin.parameters is not None:
        values = Values(twin.step, twin.parameters, twin.gradients or {})
    return replace(
        snapshot, spec=twin.spec, stepping=twin.stepping, values=values, decisions=None, why=None
    )
