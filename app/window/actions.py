"""Everything a person can do from a menu, a button or the keyboard: one table."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QCoreApplication

from app.kit.text import QT_TRANSLATE_NOOP

if TYPE_CHECKING:  # core brings torch with it, which the first paint does not wait for
    from core.messages.commands import Command
    from core.messages.snapshot import Snapshot


class Host(Protocol):
    """What an action may ask of the window."""

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest of the experiment in front."""

    def dispatch(self, command: Command) -> None:
        """Sends a command to the experiment in front."""

    def step(self, how: str) -> None:
        """Moves the cursor in the recorded step, by the name of a slot of the step bar."""

    def new_experiment(self) -> None:
        """Opens the gallery."""

    def open_file(self) -> None:
        """Asks for a file and opens it."""

    def save_file(self) -> None:
        """Asks for a place and saves the weights there."""

    def close_current(self) -> None:
        """Closes the tab in front."""

    def quit(self) -> None:
        """Closes the window."""

    def reset_layout(self) -> None:
        """Puts the docks back where the perspective has them."""

    def toggle_full_screen(self) -> None:
        """Fills the screen, or leaves it."""

    def show_shortcuts(self) -> None:
        """Lists the keys."""

    def show_about(self) -> None:
        """Says what this is."""


Do = Callable[[Host], None]
When = Callable[["Snapshot | None"], bool]


@dataclass(frozen=True)
class Row:
    """One action.

    Attributes:
        id: Its ``QAction`` is named ``action.<id>``; the word before the dot is its menu.
        text: As the menu shows it.
        keys: Its shortcuts, the first of them shown.
        icon: A file of resources/icons.
        do: What happens.
        when: Whether it can be done, by the snapshot of the experiment in front.
        tip: What it does, in one sentence.
        group: Rows of a menu with different numbers are parted by a line.
    """

    id: str
    text: str
    keys: tuple[str, ...]
    icon: str
    do: Do
    when: When
    tip: str = ""
    group: int = 0


def _always(_: Snapshot | None) -> bool:
    return True


def _open(snapshot: Snapshot | None) -> bool:
    return snapshot is not None


def _in(*states: str) -> When:
    return lambda snapshot: snapshot is not None and snapshot.state.name in states


def _stepped(snapshot: Snapshot | None) -> bool:
    return snapshot is not None and snapshot.stepping is not None


def _built(snapshot: Snapshot | None) -> bool:
    return snapshot is not None and bool(snapshot.layers)


def _send(command: str, **values: object) -> Do:
    """Dispatches the command of that name in core.messages.commands."""
    return lambda host: host.dispatch(
        getattr(import_module("core.messages.commands"), command)(**values)
    )


def _train_or_pause(host: Host) -> None:
    running = host.snapshot is not None and host.snapshot.state.name == "RUNNING"
    _send("Pause" if running else "Train")(host)


def _new_seed(host: Host) -> None:
    _send("ResetWeights", seed=random.randrange(1_000_000))(host)


_IDLE = _in("READY", "PAUSED", "FINISHED", "DIVERGED")
_LIVE = _in("READY", "PAUSED", "FINISHED", "DIVERGED", "RUNNING")

ROWS = (
    Row(
        "file.new",
        QT_TRANSLATE_NOOP("actions", "New…"),
        ("Ctrl+N",),
        "new",
        lambda host: host.new_experiment(),
        _always,
        QT_TRANSLATE_NOOP("actions", "Choose another experiment from the gallery"),
    ),
    Row(
        "file.open",
        QT_TRANSLATE_NOOP("actions", "Open…"),
        ("Ctrl+O",),
        "open",
        lambda host: host.open_file(),
        _always,
        QT_TRANSLATE_NOOP("actions", "Open saved weights with their experiment"),
    ),
    Row(
        "file.save",
        QT_TRANSLATE_NOOP("actions", "Save weights…"),
        ("Ctrl+S",),
        "save",
        lambda host: host.save_file(),
        _built,
        QT_TRANSLATE_NOOP("actions", "Save the weights, and the experiment with them"),
        1,
    ),
    Row(
        "file.close",
        QT_TRANSLATE_NOOP("actions", "Close tab"),
        ("Ctrl+W",),
        "close",
        lambda host: host.close_current(),
        _open,
        "",
        2,
    ),
    Row(
        "file.quit",
        QT_TRANSLATE_NOOP("actions", "Quit"),
        ("Ctrl+Q",),
        "",
        lambda host: host.quit(),
        _always,
        "",
        2,
    ),
    Row(
        "edit.undo",
        QT_TRANSLATE_NOOP("actions", "Undo"),
        ("Ctrl+Z",),
        "undo",
        _send("Undo"),
        lambda snapshot: snapshot is not None and snapshot.undo is not None,
    ),
    Row(
        "edit.redo",
        QT_TRANSLATE_NOOP("actions", "Redo"),
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "redo",
        _send("Redo"),
        lambda snapshot: snapshot is not None and snapshot.redo is not None,
    ),
    Row(
        "run.train",
        QT_TRANSLATE_NOOP("actions", "Train"),
        ("Space",),
        "train",
        _train_or_pause,
        _LIVE,
        QT_TRANSLATE_NOOP("actions", "Train, or pause"),
    ),
    Row(
        "run.step",
        QT_TRANSLATE_NOOP("actions", "One step"),
        ("F10",),
        "step",
        _send("StepOnce"),
        _IDLE,
        QT_TRANSLATE_NOOP("actions", "Make one update of the weights, then pause"),
    ),
    Row(
        "run.epoch",
        QT_TRANSLATE_NOOP("actions", "Epoch"),
        ("F9",),
        "epoch",
        _send("EpochOnce"),
        _IDLE,
        QT_TRANSLATE_NOOP("actions", "Train to the end of this epoch, then pause"),
    ),
    Row(
        "run.stop",
        QT_TRANSLATE_NOOP("actions", "Stop"),
        ("Ctrl+.",),
        "stop",
        _send("StopRun"),
        _in("RUNNING", "PAUSED"),
        QT_TRANSLATE_NOOP("actions", "End the run here, with a last evaluation"),
    ),
    Row(
        "run.reset",
        QT_TRANSLATE_NOOP("actions", "Reset weights"),
        ("Ctrl+R",),
        "reset",
        _send("ResetWeights"),
        _LIVE,
        QT_TRANSLATE_NOOP("actions", "Start again from the very same weights"),
        1,
    ),
    Row(
        "run.seed",
        QT_TRANSLATE_NOOP("actions", "New seed"),
        ("Ctrl+Shift+R",),
        "dice",
        _new_seed,
        _LIVE,
        QT_TRANSLATE_NOOP("actions", "Start again from other random weights"),
        1,
    ),
    Row(
        "step.next",
        QT_TRANSLATE_NOOP("actions", "Next"),
        (".", "Alt+Right"),
        "right",
        lambda host: host.step("next_"),
        _LIVE,
        QT_TRANSLATE_NOOP("actions", "Compute what comes next: a number, an operation or more"),
    ),
    Row(
        "step.back",
        QT_TRANSLATE_NOOP("actions", "Back"),
        (",", "Alt+Left"),
        "left",
        lambda host: host.step("back"),
        _stepped,
        QT_TRANSLATE_NOOP("actions", "Take the last thing computed back"),
    ),
    Row(
        "step.into",
        QT_TRANSLATE_NOOP("actions", "Step into"),
        ("F7",),
        "step-into",
        lambda host: host.step("step_into"),
        _LIVE,
        QT_TRANSLATE_NOOP("actions", "Compute one number"),
        1,
    ),
    Row(
        "step.over",
        QT_TRANSLATE_NOOP("actions", "Step over"),
        ("F8",),
        "step-over",
        lambda host: host.step("step_over"),
        _LIVE,
        QT_TRANSLATE_NOOP("actions", "Compute one operation, all its numbers at once"),
        1,
    ),
    Row(
        "step.out",
        QT_TRANSLATE_NOOP("actions", "Step out"),
        ("Shift+F8",),
        "step-out",
        lambda host: host.step("step_out"),
        _LIVE,
        QT_TRANSLATE_NOOP("actions", "Compute what is left of this layer"),
        1,
    ),
    Row(
        "step.to-selected",
        QT_TRANSLATE_NOOP("actions", "Run to the selected neuron"),
        ("F6",),
        "",
        lambda host: host.step("run_to_selected"),
        _LIVE,
        QT_TRANSLATE_NOOP("actions", "Compute up to the next number of the neuron picked last"),
        2,
    ),
    Row(
        "step.breakpoint",
        QT_TRANSLATE_NOOP("actions", "Run to the next breakpoint"),
        ("F5",),
        "to-breakpoint",
        _send("RunToBreakpoint"),
        _LIVE,
        QT_TRANSLATE_NOOP("actions", "Step, or train, until a breakpoint holds"),
        2,
    ),
    Row(
        "step.leave",
        QT_TRANSLATE_NOOP("actions", "Leave stepping"),
        ("Shift+F5",),
        "leave",
        _send("LeaveStep"),
        _stepped,
        QT_TRANSLATE_NOOP("actions", "Put the recorded step away"),
        2,
    ),
    Row(
        "view.reset-layout",
        QT_TRANSLATE_NOOP("actions", "Reset layout"),
        (),
        "grid",
        lambda host: host.reset_layout(),
        _open,
        QT_TRANSLATE_NOOP("actions", "Put every panel back in its place"),
        3,
    ),
    Row(
        "view.full-screen",
        QT_TRANSLATE_NOOP("actions", "Full screen"),
        ("F11",),
        "fullscreen",
        lambda host: host.toggle_full_screen(),
        _always,
        "",
        3,
    ),
    Row(
        "help.shortcuts",
        QT_TRANSLATE_NOOP("actions", "Keyboard shortcuts"),
        ("F1",),
        "keyboard",
        lambda host: host.show_shortcuts(),
        _always,
    ),
    Row(
        "help.about",
        QT_TRANSLATE_NOOP("actions", "About Chainrule"),
        (),
        "info",
        lambda host: host.show_about(),
        _always,
    ),
)


def name_of(row: Row) -> str:
    """An action's text in the window's language."""
    return QCoreApplication.translate("actions", row.text)
