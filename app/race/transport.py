"""Lets a race go on, at which pace, holds it, and puts all back to the start."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from app.kit import icons, theme
from app.kit.controls import Combo, Restyled, accent_style
from app.kit.labels import caption_of, put_live
from app.kit.layouts import in_row, named
from app.kit.numbers import whole
from core.messages.race import NETWORK, Contest


class RaceTransport(Restyled):
    """Start or Hold, Step, Restart, and the step of all.

    Args:
        panel: Its keys work while this has the focus, or something in it.
    """

    started = Signal()
    held = Signal()
    stepped = Signal()
    restarted = Signal()

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self._panel = panel
        self.setObjectName("race.transport")
        self._is_running = False
        self.run = self._button("run", "train", self.tr("Start"), "Ctrl+Return", self._run)
        self.step = self._button("step", "step", self.tr("Step"), "Ctrl+Right", self.stepped.emit)
        self.restart = self._button(
            "restart", "reset", self.tr("Restart"), "Ctrl+Backspace", self.restarted.emit
        )
        # As in the window's own row; the words are the count's, which grows.
        self.restart.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.step.setAutoRepeat(True)
        self._tip(self.step, self.tr("Every optimizer takes one step"), "Ctrl+Right")
        self._tip(self.restart, self.tr("Put all of them back to the start"), "Ctrl+Backspace")
        self.count = named(QLabel(self), "race.step")
        self.count.setTextFormat(Qt.TextFormat.PlainText)
        names = (self.tr("Start"), self.tr("Pause"))
        longest = max(self.run.fontMetrics().horizontalAdvance(name) for name in names)
        self.run.setFixedWidth(longest + theme.space(7))
        parts = (self.run, self.step, self.restart, None, self.count)
        in_row(*parts, into=self, apart=0.5)
        self._show_running(running=False)
        self._restyle()

    def show_contest(self, contest: Contest, *, can_run: bool) -> None:
        """Follows the race.

        Args:
            contest: As it stands.
            can_run: Whether there is anybody to run, and something to run on.
        """
        if contest.is_running != self._is_running:
            self._show_running(running=contest.is_running)
        self.run.setEnabled(can_run or contest.is_running)
        self.step.setEnabled(can_run and not contest.is_running)
        self.restart.setEnabled(can_run and bool(contest.arena))
        text = self.tr("Step {step}").format(step=whole(contest.step)) if contest.arena else ""
        put_live(self.count, text)

    def _button(
        self, name: str, icon: str, text: str, keys: str, do: Callable[[], None]
    ) -> QToolButton:
        button = named(QToolButton(self), f"race.{name}", text)
        button.setText(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFixedHeight(theme.space(3.75))
        icons.put(button, icon)
        button.clicked.connect(lambda _: do())
        # On the panel: a key of the window would be taken from other docks.
        context = Qt.ShortcutContext.WidgetWithChildrenShortcut
        key = QShortcut(QKeySequence(keys), self._panel, context=context)
        key.activated.connect(button.click)
        return button

    def _tip(self, button: QToolButton, text: str, keys: str) -> None:
        shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)
        tip = self.tr("{what} ({keys}, while the focus is in this panel)")
        button.setToolTip(tip.format(what=text, keys=shown))

    def _run(self) -> None:
        (self.held if self._is_running else self.started).emit()

    def _show_running(self, *, running: bool) -> None:
        self._is_running = running
        text = self.tr("Pause") if running else self.tr("Start")
        tip = self.tr("Pause the race where it is") if running else self.tr("Let the race go on")
        self.run.setText(text)
        self.run.setAccessibleName(text)
        self._tip(self.run, tip, "Ctrl+Return")
        icons.put(self.run, "pause" if running else "train", "on_accent")

    def _restyle(self) -> None:
        icons.redress(self)
        self.run.setStyleSheet(accent_style())
        self.count.setStyleSheet(f"color: {theme.current().text_dim};")


PACES = (5.0, 20.0, 60.0)
"""Steps a second that can be chosen, beside full speed: each swing, a walk, a run."""

WATCHED = 20.0
"""On a test function, unless a person chooses: at full speed a race is over before it is seen."""

_FULL = 0.0
"""Stands for full speed in the list, where None would stand for nothing chosen."""


class PaceChooser(QWidget):
    """A list of paces; each kind of place keeps its own.

    ``chosen`` carries steps a second, or None for full speed.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paces: dict[bool, float | None] = {True: None, False: WATCHED}
        self._on_network = True
        self.combo = named(
            Combo(self),
            "race.pace",
            self.tr("Pace of the race"),
            self.tr("How fast the race goes on; another pace acts at once, also while it runs"),
        )
        for pace in PACES:
            text = self.tr("{count} steps a second").format(count=f"{pace:g}")
            self.combo.addItem(text, pace)
        self.combo.addItem(self.tr("As fast as it goes"), _FULL)
        self.combo.activated.connect(self._choose)
        title = caption_of(self.combo, self.tr("Pace"))
        in_row(title, (self.combo, 1), into=self, apart=1)

    def pace_in(self, arena: str) -> float | None:
        """What was last chosen for a place of that kind; steps a second."""
        return self._paces[arena == NETWORK]

    def show_pace(self, pace: float | None, arena: str) -> None:
        """Shows the pace of a race somewhere, without a signal."""
        self._on_network = arena == NETWORK
        self._paces[self._on_network] = pace
        self.combo.setCurrentIndex(self.combo.findData(pace or _FULL))

    def _choose(self, index: int) -> None:
        pace = self.combo.itemData(index) or None
        if pace != self._paces[self._on_network]:
            self._paces[self._on_network] = pace
            self.chosen.emit(pace)
