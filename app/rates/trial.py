"""What both views of trials of learning rates have: how they follow a contest, and their button."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QProgressBar, QToolButton, QWidget

from app.kit import icons, theme
from app.kit.controls import Restyled, accent_style
from app.kit.labels import keep_room, reading
from app.kit.layouts import in_column, named
from app.kit.text import told
from app.link.pacing import ThrottledDrawing
from core.messages.race import Contest, StopTrials

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.messages.snapshot import Snapshot
    from core.sentence import Sentence


REST_MS = 80
"""From one drawing of trials under way to the next."""


class TrialStatus(Restyled):
    """A reason, while there is one, above a thin line whose room is kept.

    Args:
        identity: The view's name, with which its parts' names begin.
        name: What it is the progress of.
        parent: As usual.
    """

    def __init__(self, identity: str, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.trouble = named(QLabel(self), f"{identity}.trouble")
        self.trouble.setWordWrap(True)
        self.trouble.hide()
        self.progress = named(QProgressBar(self), f"{identity}.progress", name)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(3)
        keep_room(self.progress)
        in_column(self.trouble, self.progress, into=self, apart=0.5)
        self._restyle()

    def show_trouble(self, trouble: Sentence | None) -> None:
        """Shows why not; nothing for None."""
        self.trouble.setText(told(trouble) if trouble is not None else "")
        self.trouble.setVisible(trouble is not None)

    def show_progress(self, done: int, of: int, *, running: bool) -> None:
        """Shows how many of all are done, while any are to come."""
        self.progress.setRange(0, max(1, of))
        self.progress.setValue(done)
        self.progress.setVisible(running)

    def _restyle(self) -> None:
        tokens = theme.current()
        self.trouble.setStyleSheet(f"color: {tokens.error};")
        self.progress.setStyleSheet(
            f"QProgressBar {{ background: {tokens.sunken}; border: none; }}"
            f"QProgressBar::chunk {{ background: {tokens.accent}; }}"
        )


class TrialView(Restyled):
    """A view of trials under way or ended, in the rhythm that both have.

    Args:
        identity: Its name, with which its parts' names begin.
        bridge: The experiment's.
        parent: As usual.
    """

    status: TrialStatus

    def __init__(self, identity: str, bridge: Bridge, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self._bridge = bridge
        self._shown: object = None
        self._trouble = bridge.contest.trouble
        self._optimizer = bridge.snapshot.spec.optimizer
        self.readout = reading(f"{identity}.readout", self)

    def _follow(self, run: TrialButton) -> None:
        """All parts are there: shows how it stands, and from now on what comes."""
        bridge = self._bridge
        run.stopped.connect(lambda: bridge.dispatch(StopTrials()))
        self._pace = ThrottledDrawing(bridge, self, self._draw, REST_MS)
        bridge.contest_changed.connect(self.show_contest)
        bridge.snapshot_changed.connect(self.show_snapshot)
        self._show_optimizer()
        self.show_snapshot(bridge.snapshot)
        self.show_contest(bridge.contest)

    def show_contest(self, contest: Contest) -> None:
        """Follows the trials."""
        if self._found(contest) is not self._shown or contest.trouble is not self._trouble:
            self._pace.request()

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows what the experiment itself trains with."""
        if snapshot.spec.optimizer is not self._optimizer:
            self._optimizer = snapshot.spec.optimizer
            self._show_optimizer()

    def sizeHint(self) -> QSize:
        return QSize(theme.space(88), theme.space(38))

    def _draw(self) -> None:
        contest = self._bridge.contest
        if contest.trouble is not self._trouble:
            self._trouble = contest.trouble
            self.status.show_trouble(contest.trouble)
        found = self._found(contest)
        if found is not None and found is not self._shown:
            is_first, self._shown = self._shown is None, found
            self._show_found(is_first=is_first)

    def _found(self, contest: Contest) -> object:
        """What a contest has of such trials; None before there are any."""
        raise NotImplementedError

    def _show_found(self, *, is_first: bool) -> None:
        """Draws what was found, which is no longer what was drawn before."""
        raise NotImplementedError

    def _show_optimizer(self) -> None:
        """The experiment trains with another optimizer."""
        raise NotImplementedError


class TrialButton(QToolButton):
    """``started`` and ``stopped`` say what was asked for.

    Args:
        identity: Its object name.
        text: What it starts, as a verb.
        tip: The same in a sentence.
    """

    started = Signal()
    stopped = Signal()

    def __init__(self, identity: str, text: str, tip: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self._words = text, tip
        self.is_running = False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFixedHeight(theme.space(3.5))
        names = (text, self.tr("Stop"))
        longest = max(self.fontMetrics().horizontalAdvance(name) for name in names)
        self.setFixedWidth(longest + theme.space(7))
        self.clicked.connect(self._ask_to_turn)
        self._dress()

    def show_running(self, running: bool) -> None:
        """Whether trials are under way."""
        if running != self.is_running:
            self.is_running = running
            self._dress()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.text():
            self._dress()

    def _ask_to_turn(self) -> None:
        (self.stopped if self.is_running else self.started).emit()

    def _dress(self) -> None:
        text, tip = self._words
        self.setText(self.tr("Stop") if self.is_running else text)
        self.setAccessibleName(self.text())
        self.setToolTip(self.tr("End the trials where they are") if self.is_running else tip)
        icons.put(self, "stop" if self.is_running else "train", "on_accent")
        style = accent_style()
        if style != self.styleSheet():  # else it would call itself
            self.setStyleSheet(style)
