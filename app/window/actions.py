"""Everything a person can do from a menu, a button or the keyboard: one table."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.kit.text import QT_TRANSLATE_NOOP
from app.window.dialogs import about_dialog, shortcuts_dialog
from app.window.experiments import Experiments
from app.window.perspectives import PERSPECTIVES
from core.messages.orders import (
    EpochOnce,
    LeaveStep,
    Pause,
    Redo,
    ResetWeights,
    RunToBreakpoint,
    StepOnce,
    StopRun,
    Train,
    Undo,
)

if TYPE_CHECKING:
    from app.kit.text_size import TextSize
    from app.step.bar import StepBar
    from app.window.document import Document
    from core.messages.commands import Command
    from core.messages.snapshot import Snapshot

Do = Callable[[Experiments], object]
When = Callable[["Snapshot | None"], bool]


@dataclass(frozen=True)
class Action:
    """One thing to do.

    Attributes:
        id: Its ``QAction`` is named ``action.<id>``; the word before the dot is its menu.
        text: As the menu shows it.
        keys: Its shortcuts, the first of them shown.
        icon: A file of resources/icons.
        do: What happens.
        when: Whether it can be done, by the snapshot of the experiment in front.
        tip: What it does, in one sentence.
        group: Rows of a menu with different numbers are parted by a line.
        repeats: Whether it goes on while its key is held down.
        colour: The icon's, a token of the theme.
    """

    id: str
    text: str
    keys: tuple[str, ...]
    icon: str
    do: Do
    when: When
    tip: str = ""
    group: int = 0
    repeats: bool = False
    colour: str = "text"


def _always(_: Snapshot | None) -> bool:
    return True


def _if(holds: Callable[[Snapshot], bool]) -> When:
    """There is an experiment in front, and that holds of it."""
    return lambda snapshot: snapshot is not None and holds(snapshot)


_open = _if(lambda _: True)
_idle = _if(lambda now: now.state.is_idle)
_running = _if(lambda now: now.state.is_running)
_live = _if(lambda now: now.state.is_idle or now.state.is_running)
_begun = _if(lambda now: now.state.is_begun)
_stepped = _if(lambda now: now.stepping is not None)
_built = _if(lambda now: bool(now.layers))


def _with_page(do: Callable[[Document], None]) -> Do:
    """Does it with the experiment in front, if there is one."""

    def with_front(experiments: Experiments) -> None:
        if experiments.front:
            do(experiments.front)

    return with_front


def _send(command: Command) -> Do:
    return _with_page(lambda page: page.bridge.dispatch(command))


def _step(move: Callable[[StepBar], None]) -> Do:
    return lambda experiments: experiments.step(move)


def _train_or_pause(experiments: Experiments) -> None:
    _send(Pause() if _running(experiments.snapshot) else Train())(experiments)


def _new_seed(experiments: Experiments) -> None:
    _send(ResetWeights(random.randrange(1_000_000)))(experiments)


def _toggle_full_screen(experiments: Experiments) -> None:
    window = experiments.tabs.window()
    window.setWindowState(window.windowState() ^ window.windowState().WindowFullScreen)


def _with_text(do: Callable[[TextSize], None]) -> Do:
    """Does it with the size of the window's text."""
    return lambda experiments: do(experiments.text_size)


def _show_shortcuts(experiments: Experiments) -> None:
    rows = [(name_of(row), row.keys[0]) for row in ACTIONS if row.keys]
    titles = [QCoreApplication.translate("perspectives", one.title) for one in PERSPECTIVES]
    perspectives = [(title, f"Ctrl+{number}") for number, title in enumerate(titles, 1)]
    shortcuts_dialog(experiments.tabs.window(), [*rows, *perspectives]).open()


ACTIONS = (
    Action("file.new", QT_TRANSLATE_NOOP("actions", "New…"), ("Ctrl+N",), "new",
           lambda experiments: experiments.choose_preset(), _always,
           QT_TRANSLATE_NOOP("actions", "Choose another experiment from the gallery")),
    Action("file.open", QT_TRANSLATE_NOOP("actions", "Open…"), ("Ctrl+O",), "open",
           lambda experiments: experiments.choose_file(), _always,
           QT_TRANSLATE_NOOP("actions", "Open saved weights with their experiment")),
    Action("file.lab", QT_TRANSLATE_NOOP("actions", "Find the fault"), (), "warning",
           lambda experiments: experiments.find_fault(), _always,
           QT_TRANSLATE_NOOP(
               "actions", "Open an experiment that is broken on purpose, and find out where")),
    Action("file.save", QT_TRANSLATE_NOOP("actions", "Save weights…"), ("Ctrl+S",), "save",
           lambda experiments: _with_page(experiments.save)(experiments), _built,
           QT_TRANSLATE_NOOP("actions", "Save the weights, and the experiment with them"), 1),
    Action("file.close", QT_TRANSLATE_NOOP("actions", "Close tab"), ("Ctrl+W",), "close",
           lambda experiments: experiments.close_front(), _open, group=2),
    Action("file.quit", QT_TRANSLATE_NOOP("actions", "Quit"), ("Ctrl+Q",), "",
           lambda experiments: experiments.tabs.window().close(), _always, group=2),
    Action("edit.rename", QT_TRANSLATE_NOOP("actions", "Rename…"), (), "",
           lambda experiments: experiments.tabs.edit_name(experiments.tabs.currentIndex()), _open,
           QT_TRANSLATE_NOOP("actions", "Give this experiment another name"), 1),
    Action("edit.undo", QT_TRANSLATE_NOOP("actions", "Undo"), ("Ctrl+Z",), "undo", _send(Undo()),
           _if(lambda now: now.undo is not None)),
    Action("edit.redo", QT_TRANSLATE_NOOP("actions", "Redo"), ("Ctrl+Shift+Z", "Ctrl+Y"), "redo",
           _send(Redo()), _if(lambda now: now.redo is not None)),
    Action("run.train", QT_TRANSLATE_NOOP("actions", "Train"), ("Space",), "train",
           _train_or_pause, _live, QT_TRANSLATE_NOOP("actions", "Train, or pause"),
           colour="on_accent"),
    Action("run.step", QT_TRANSLATE_NOOP("actions", "One step"), ("F10",), "step",
           _send(StepOnce()), _idle,
           QT_TRANSLATE_NOOP("actions", "Make one update of the weights, then pause"),
           repeats=True),
    Action("run.epoch", QT_TRANSLATE_NOOP("actions", "Epoch"), ("F9",), "epoch",
           _send(EpochOnce()), _idle,
           QT_TRANSLATE_NOOP("actions", "Train to the end of this epoch, then pause")),
    Action("run.stop", QT_TRANSLATE_NOOP("actions", "Stop"), ("Ctrl+.",), "stop",
           _send(StopRun()), _begun,
           QT_TRANSLATE_NOOP("actions", "End the run here, with a last evaluation")),
    Action("run.reset", QT_TRANSLATE_NOOP("actions", "Reset weights"), ("Ctrl+R",), "reset",
           _send(ResetWeights()), _live,
           QT_TRANSLATE_NOOP("actions", "Start again from the very same weights"), 1),
    Action("run.seed", QT_TRANSLATE_NOOP("actions", "New seed"), ("Ctrl+Shift+R",), "dice",
           _new_seed, _live,
           QT_TRANSLATE_NOOP("actions", "Start again from other random weights"), 1),
    Action("step.next", QT_TRANSLATE_NOOP("actions", "Next"), (".", "Alt+Right"), "right",
           _step(lambda bar: bar.next_()), _live,
           QT_TRANSLATE_NOOP(
               "actions", "Compute what comes next: a number, an operation or more")),
    Action("step.back", QT_TRANSLATE_NOOP("actions", "Back"), (",", "Alt+Left"), "left",
           _step(lambda bar: bar.back()), _stepped,
           QT_TRANSLATE_NOOP("actions", "Take the last thing computed back")),
    Action("step.into", QT_TRANSLATE_NOOP("actions", "Step into"), ("F7",), "step-into",
           _step(lambda bar: bar.step_into()), _live,
           QT_TRANSLATE_NOOP("actions", "Compute one number"), 1),
    Action("step.over", QT_TRANSLATE_NOOP("actions", "Step over"), ("F8",), "step-over",
           _step(lambda bar: bar.step_over()), _live,
           QT_TRANSLATE_NOOP("actions", "Compute one operation, all its numbers at once"), 1),
    Action("step.out", QT_TRANSLATE_NOOP("actions", "Step out"), ("Shift+F8",), "step-out",
           _step(lambda bar: bar.step_out()), _live,
           QT_TRANSLATE_NOOP("actions", "Compute what is left of this layer"), 1),
    Action("step.to-selected", QT_TRANSLATE_NOOP("actions", "Run to the selected neuron"),
           ("F6",), "", _step(lambda bar: bar.run_to_selected()), _live,
           QT_TRANSLATE_NOOP(
               "actions", "Compute up to the next number of the neuron picked last"), 2),
    Action("step.breakpoint", QT_TRANSLATE_NOOP("actions", "Run to the next breakpoint"),
           ("F5",), "to-breakpoint", _send(RunToBreakpoint()), _live,
           QT_TRANSLATE_NOOP("actions", "Step, or train, until a breakpoint holds"), 2),
    Action("step.scope", QT_TRANSLATE_NOOP("actions", "This sample or whole batch"), ("B",), "",
           _step(lambda bar: bar.switch_scope()), _stepped,
           QT_TRANSLATE_NOOP(
               "actions", "Show the numbers of one sample, or those of the whole batch"), 2),
    Action("step.why", QT_TRANSLATE_NOOP("actions", "Why this number?"), ("?",), "",
           _with_page(lambda page: page.show_why(None)), _live,
           QT_TRANSLATE_NOOP(
               "actions", "Show what the number at the cursor comes from, piece by piece"), 2),
    Action("step.what-if", QT_TRANSLATE_NOOP("actions", "What if?"), ("!",), "",
           lambda experiments: experiments.show_by_formula("whatif"), _live,
           QT_TRANSLATE_NOOP(
               "actions", "Set out a second run with one thing changed, and compare both"), 2),
    Action("step.work-out", QT_TRANSLATE_NOOP("actions", "Let me work this out"), ("Q",), "",
           _step(lambda bar: bar.work_out()), _stepped,
           QT_TRANSLATE_NOOP("actions", "Hide the number just computed, and ask for it"), 2),
    Action("step.leave", QT_TRANSLATE_NOOP("actions", "Leave stepping"), ("Shift+F5",), "leave",
           _send(LeaveStep()), _stepped,
           QT_TRANSLATE_NOOP("actions", "Put the recorded step away"), 2),
    Action("view.more", QT_TRANSLATE_NOOP("actions", "More"), ("Ctrl+M",), "sliders",
           lambda experiments: experiments.toggle_more(), _open,
           QT_TRANSLATE_NOOP(
               "actions", "Show all panels and settings of this perspective, or less again"), 3),
    Action("view.reset-layout", QT_TRANSLATE_NOOP("actions", "Reset layout"), (), "grid",
           _with_page(lambda page: page.area.reset_layout()), _open,
           QT_TRANSLATE_NOOP("actions", "Put every panel back in its place"), 3),
    Action("view.full-screen", QT_TRANSLATE_NOOP("actions", "Full screen"), ("F11",),
           "fullscreen", _toggle_full_screen, _always, group=3),
    Action("view.larger", QT_TRANSLATE_NOOP("actions", "Larger text"), ("Ctrl++", "Ctrl+="),
           "plus",
           _with_text(lambda size: size.larger()), _always, group=4),
    Action("view.smaller", QT_TRANSLATE_NOOP("actions", "Smaller text"), ("Ctrl+-",), "minus",
           _with_text(lambda size: size.smaller()), _always, group=4),
    Action("view.own-size", QT_TRANSLATE_NOOP("actions", "Text of its own size"), ("Ctrl+0",), "",
           _with_text(lambda size: size.reset()), _always, group=4),
    Action("view.present", QT_TRANSLATE_NOOP("actions", "Present"), ("F12",), "",
           _with_text(lambda size: size.toggle_presenting()), _always,
           QT_TRANSLATE_NOOP(
               "actions", "Large type for a room that looks on, without forms; again to end it"),
           4),
    Action("view.keys", QT_TRANSLATE_NOOP("actions", "Show keys while presenting"), (), "keyboard",
           _with_text(lambda size: size.toggle_keys()), _always,
           QT_TRANSLATE_NOOP("actions", "Each key pressed stands at the foot of the window"),
           4),
    Action("help.shortcuts", QT_TRANSLATE_NOOP("actions", "Keyboard shortcuts"), ("F1",),
           "keyboard", _show_shortcuts, _always),
    Action("help.about", QT_TRANSLATE_NOOP("actions", "About Chainrule"), (), "info",
           lambda experiments: about_dialog(experiments.tabs.window()).open(), _always),
)  # fmt: skip


def name_of(row: Action) -> str:
    """An action's text in the window's language."""
    return QCoreApplication.translate("actions", row.text)
