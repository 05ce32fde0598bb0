"""Screenshots of the real window: ``python -m tests.look OUTDIR [--theme dark] [--size 1440x900]``.

A shot is a row of SHOTS: a name, and what to do with the window before it is taken. More are
added there. Without a display it draws offscreen.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog, QWidget

from app.bootstrap import load_behind
from app.kit import theme
from app.window.main_window import MainWindow
from app.window.notices import Message
from app.window.settings import Settings
from tests.whole_window import with_all


def wait_until(done: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            sys.exit("The window did not get there in time.")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 50)


def trained(window: MainWindow, steps: int = 1500) -> None:
    wait_until(window.actions_["run.train"].isEnabled)
    window.actions_["run.train"].trigger()
    wait_until(lambda: window.snapshot.progress.step >= steps)
    window.actions_["run.train"].trigger()
    wait_until(lambda: window.snapshot.state.name != "RUNNING")


def drawn(window: MainWindow) -> None:
    """Trains two epochs, then draws a seven as a hand would."""
    from tests.stories.strokes import SEVEN, stroke

    trained(window, 3750)
    stroke(window.page.findChild(QWidget, "digits.pad"), SEVEN)
    bars = window.page.findChild(QWidget, "digits.probabilities")
    wait_until(lambda: bars.probabilities is not None)


def doubted(window: MainWindow) -> None:
    """Draws two strokes far apart, which are no digit."""
    from tests.stories.strokes import stroke

    trained(window)
    pad = window.page.findChild(QWidget, "digits.pad")
    for x in (0.25, 0.7):
        stroke(pad, [(x, 0.3), (x, 0.5), (x, 0.7)])
    doubts = window.page.findChild(QWidget, "digits.doubts")
    wait_until(lambda: doubts.text)


def uneven(window: MainWindow) -> None:
    """Trains on classes of which one is rare, and asks why it is not found."""
    from tests.core.diagnosis.illnesses import HEALTHY, rare_class

    data = rare_class(Path(tempfile.mkdtemp()))
    spec = HEALTHY[0].spec(0).model_copy(update={"data": data, "name": "A rare class"})
    window.experiments.open_spec(spec)
    trained(window, 1000)
    wait_until(lambda: window.page.findChild(QWidget, "findings").isVisible())
    _press(window, "findings.open")


def balanced(window: MainWindow) -> None:
    """Opens what is offered for that beside, and trains it as long."""
    uneven(window)
    _press(window, "findings.try")
    wait_until(lambda: window.snapshot.spec.training.balanced)
    trained(window, 1000)
    _press(window, "training.batch.header")


def opened(window: MainWindow) -> None:
    """Opens the second layer's fields."""
    card = window.page.findChild(QWidget, "network.layer.2")
    QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(card.width() // 3, 20))


def gallery(window: MainWindow) -> None:
    window.experiments.choose_preset()


def notices(window: MainWindow) -> None:
    window.page.notices.show_message(
        Message("error", "2 Dense needs a flat input, but it gets 1×28×28.",
                "Put a Flatten layer before it.")
    )  # fmt: skip
    window.page.notices.show_message(
        Message("warning", "The loss became infinite at step 212.", "Try a smaller learning rate.")
    )
    failed = Message("error", "Something went wrong: KeyError: 'a'", "", "details")
    window.notices.show_message(failed)


def augmented(window: MainWindow) -> None:
    """Opens how training pictures are changed, in place of the optimizer."""
    for part in ("optimizer", "augmentation"):
        window.page.findChild(QAbstractButton, f"training.{part}.header").click()
    pictures = window.page.findChild(QWidget, "training.examples")
    wait_until(lambda: not pictures.isHidden())


def stepped(entries: int) -> Callable[[MainWindow], None]:
    """Goes on by so many operations."""

    def step(window: MainWindow) -> None:
        from core.messages.commands import Next
        from core.messages.record import Grain

        for _ in range(entries):
            version = window.snapshot.version
            window.page.bridge.dispatch(Next(Grain.OPERATION))
            wait_until(lambda before=version: window.snapshot.version > before)
        wait_until(lambda: window.snapshot.stepping is not None)

    return step


def phase(name: str) -> Callable[[MainWindow], None]:
    """Goes to the middle of a phase of the step."""

    def go(window: MainWindow) -> None:
        from core.messages.commands import RunToPlace

        if window.snapshot.stepping is None:
            stepped(1)(window)
        entries = window.snapshot.stepping.record.entries
        places = [i for i, entry in enumerate(entries) if entry.phase.value == name]
        version = window.snapshot.version
        window.page.bridge.dispatch(RunToPlace(places[len(places) // 2]))
        wait_until(lambda: window.snapshot.version > version)
        quiet = time.monotonic() + 1.5  # formulas are drawn behind
        wait_until(lambda: time.monotonic() > quiet)

    return go


def questioned(level: str, *, wrong: str = "", told: bool = False) -> Callable[[MainWindow], None]:
    """Asks for a number in the middle of the backward pass, and has it answered."""

    def ask(window: MainWindow) -> None:
        from core.questions.levels import AskLevel

        phase("update")(window)
        asking = window.page.bridge.asking
        kinds = {"size": "weight_gradient", "sign": "activation_gradient"}
        wanted = kinds.get(level, "input_gradient")
        entry = next(one for one in asking.stepping.record.entries if one.kind == wanted)
        sample = None if level == "compare" else 0
        index = (0,) * len(entry.shape)
        asking.ask_for(entry, index, sample, level=AskLevel(level))
        if wrong:
            asking.take_hint()
            asking.answer(wrong)
        if told:
            asking.give_up()
        quiet = time.monotonic() + 1.5  # formulas are drawn behind
        wait_until(lambda: time.monotonic() > quiet)

    return ask


def surveyed(window: MainWindow) -> None:
    """Trains a little, and waits for the finest surface."""
    trained(window, 300)
    step = window.snapshot.progress.step
    wait_until(
        lambda: (
            (surface := window.page.bridge.survey.surface) is not None
            and surface.is_finest
            and surface.step == step
            and not window.page.bridge.survey.is_stale
        )
    )


def principal(window: MainWindow) -> None:
    """The valley along the path: its principal directions."""
    from core.messages.surface_commands import PrincipalPlane

    surveyed(window)
    bridge = window.page.bridge
    for name, choice in (("survey.plane", PrincipalPlane), ("survey.points", 129)):
        combo = window.page.findChild(QComboBox, name)
        combo.setCurrentIndex(combo.findData(choice))
        combo.activated.emit(combo.currentIndex())
    wait_until(
        lambda: (
            (surface := bridge.survey.surface) is not None
            and isinstance(surface.plane.plane, PrincipalPlane)
            and surface.is_finest
            and bool(bridge.survey.paths)
        )
    )


def raced(on: str, steps: int) -> Callable[[MainWindow], None]:
    """Races three optimizers, on the network or on a function, and holds them."""

    def race(window: MainWindow) -> None:
        from core.catalog.optimizers import SGD, Adam, Momentum
        from core.messages.race import RaceChoice, RaceOn, Runner, SetRace

        bridge = window.page.bridge
        rates = (0.04, 0.01, 0.1) if on == "ravine" else (0.1, 0.05, 0.01)
        pairs = zip((SGD, Momentum, Adam), rates, strict=True)
        rules = (rule(learning_rate=rate) for rule, rate in pairs)
        bridge.dispatch(SetRace(RaceChoice(on, tuple(Runner(i, o) for i, o in enumerate(rules)))))
        wait_until(lambda: len(bridge.contest.runners) == 3)
        window.page.area.docks["race"].raise_()
        bridge.dispatch(RaceOn(steps))
        wait_until(
            lambda: (
                bridge.survey.surface is not None
                and bridge.survey.surface.is_finest
                and bridge.survey.progress is None
                and len(bridge.survey.paths) == 3
                and bridge.survey.paths[0].steps[-1] == steps
            )
        )

    return race


def switched(window: MainWindow) -> None:
    """Changes the optimizer amid a run, and goes on."""
    trained(window, 400)
    combo = window.page.findChild(QComboBox, "training.optimizer.kind")
    index = combo.findText("RMSprop")
    combo.setCurrentIndex(index)
    combo.activated.emit(index)
    wait_until(lambda: window.snapshot.spec.optimizer.kind == "rmsprop")
    trained(window, window.snapshot.progress.step + 400)


def compared(window: MainWindow) -> None:
    """Tries every optimizer at every rate."""
    bridge = window.page.bridge
    _bring_forward(window, "rates")
    _press(window, "rates.run")
    wait_until(lambda: bridge.contest.grid is not None and bridge.contest.grid.done)


def found(window: MainWindow) -> None:
    """Lets the rate finder run to its end."""
    bridge = window.page.bridge
    _bring_forward(window, "range")
    _press(window, "range.run")
    wait_until(lambda: bridge.contest.range_test is not None and bridge.contest.range_test.done)


def profiled(window: MainWindow) -> None:
    """Draws the loss along a line, with its slope and curvature."""
    surveyed(window)
    _bring_forward(window, "line")
    wait_until(lambda: window.page.bridge.survey.line is not None)


def _bring_forward(window: MainWindow, name: str) -> None:
    wait_until(lambda: window.page.bridge.survey.surface is not None)
    window.page.area.docks[name].raise_()


def _press(window: MainWindow, name: str) -> None:
    button = window.page.findChild(QAbstractButton, name)
    wait_until(lambda: button.isVisible() and button.isEnabled())
    button.click()


def asked(part: str, key: str, *, weight: bool = False) -> Callable[[MainWindow], None]:
    """Asks why: goes to an operation, opens the panel and the first row of its answer."""

    def ask(window: MainWindow) -> None:
        from PySide6.QtWidgets import QTreeWidget

        from app.link.focus import Spot
        from core.messages.commands import RunToPlace

        if weight:
            window.actions_["run.step"].trigger()
            wait_until(lambda: window.snapshot.progress.step > 0)
            trained(window, 30)
        stepped(1)(window)
        writes = [entry.writes for entry in window.snapshot.stepping.record.entries]
        place = writes.index(key)
        window.page.bridge.dispatch(RunToPlace(place))
        wait_until(lambda: window.snapshot.stepping.place.entry == place)
        window.page.bridge.focus.select(Spot((0,), 1, source=0))
        window.actions_["step.why"].trigger()
        panel = window.page.findChild(QWidget, "why")
        if weight:
            panel.choose("weight")
        tree = window.page.findChild(QTreeWidget, "why.tree")
        wait_until(lambda: tree.isVisible() and tree.topLevelItemCount() > 0)
        tree.topLevelItem(0).setExpanded(True)
        row = tree.visualItemRect(tree.topLevelItem(0))
        for away in (6, 0):
            QTest.mouseMove(tree.viewport(), row.center() - QPoint(away, 0))

    ask.__doc__ = f"Why {part}?"
    return ask


def broken(*kinds: str) -> Callable[[MainWindow], None]:
    """Opens the experiment with the fault after that kind, and goes to where it begins."""

    def find(window: MainWindow) -> None:
        from core.messages.commands import Next, RunToPlace
        from core.messages.record import Grain

        window.experiments.find_fault(*kinds)
        wait_until(lambda: window.page.area.is_built and window.snapshot.state.is_idle)
        bridge, fault = window.page.bridge, window.snapshot.spec.fault
        layers = len(window.snapshot.spec.layers)
        bridge.dispatch(Next(Grain.ITERATION))
        wait_until(lambda: window.snapshot.progress.step == 1)
        bridge.dispatch(Next(Grain.OPERATION))
        wait_until(lambda: window.snapshot.stepping.record.step == 2)
        entries = window.snapshot.stepping.record.entries
        place = next(i for i, one in enumerate(entries) if fault.is_at(one.kind, one.path, layers))
        bridge.dispatch(RunToPlace(place))
        wait_until(lambda: window.snapshot.stepping.place.entry == place)
        quiet = time.monotonic() + 1.5
        wait_until(lambda: time.monotonic() > quiet)

    return find


def answered(window: MainWindow, *, rightly: bool) -> None:
    """Marks the operation at the cursor, and names a fault."""
    kind = window.snapshot.spec.fault.kind
    _press(window, "lab.mark")
    choice, offered = window.page.findChild(QComboBox, "lab.choice"), window.page.lab.offered
    kinds = [fault.model_fields["kind"].default for fault in offered]
    right = kinds.index(kind)
    choice.setCurrentIndex(right if rightly else right - 1)
    choice.activated.emit(choice.currentIndex())
    _press(window, "lab.check")


def repaired(window: MainWindow) -> None:
    """Puts the sound line in the place of the broken one."""
    _press(window, "lab.repair")
    wait_until(lambda: window.snapshot.spec.fault is None)


SHOTS: dict[str, Callable[[MainWindow], None]] = {
    "ready": lambda _: None,
    "trained": trained,
    "drawn": drawn,
    "doubted": doubted,
    "uneven": uneven,
    "balanced": balanced,
    "opened": opened,
    "augmented": augmented,
    "notices": notices,
    "forward": phase("forward"),
    "loss": phase("loss"),
    "backward": phase("backward"),
    "update": phase("update"),
    "turn": questioned("number"),
    "turn-wrong": questioned("number", wrong="0.1132"),
    "turn-told": questioned("number", wrong="0.1132", told=True),
    "turn-sign": questioned("sign"),
    "turn-compare": questioned("compare"),
    "turn-size": questioned("size"),
    "turn-size-told": questioned("size", wrong="0.3"),
    "turn-parts": questioned("chain"),
    "surveyed": surveyed,
    "principal": principal,
    "raced": raced("ravine", 60),
    "raced-on-network": raced("network", 500),
    "switched": switched,
    "compared": compared,
    "found": found,
    "profiled": profiled,
    "why-gradient": asked("a gradient", "d:p:0.weight"),
    "why-activation": asked("an activation", "a:0"),
    "why-weight": asked("a weight", "z:0", weight=True),
    "gallery": gallery,
    "broken": broken("slope_forgotten"),
    "misjudged": lambda window: answered(window, rightly=False),
    "solved": lambda window: answered(window, rightly=True),
    "repaired": repaired,
    "broken-input": broken("rate_in_thousandths"),
    "broken-digits": broken("decay_in_gradient"),
    "shortcuts": lambda window: window.actions_["help.shortcuts"].trigger(),
    "about": lambda window: window.actions_["help.about"].trigger(),
}


def shoot(window: MainWindow, path: Path) -> None:
    settled = time.monotonic() + 0.5  # animations, the curves' next redraw
    wait_until(lambda: time.monotonic() > settled)
    dialogs = [dialog for dialog in window.findChildren(QDialog) if dialog.isVisible()]
    target = dialogs[-1] if dialogs else window
    target.grab().save(str(path))
    for dialog in dialogs:
        dialog.close()
    print(path)


def read_at(window: MainWindow, percent: int, *, presenting: bool) -> None:
    """The text of another size, or as large as a room needs it."""
    size = window.text_size
    if presenting:
        size.toggle_presenting()
    change = size.larger if percent > size.percent else size.smaller
    while size.percent != percent and (presenting or percent != 100):
        before = size.percent
        change()
        if size.percent == before:
            raise ValueError(f"No text of {percent} %")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--perspective", default="train")
    parser.add_argument("--preset", default="")
    parser.add_argument("--first", action="store_true", help="as a first start shows it")
    parser.add_argument("--text", type=int, default=100, help="the text's size, in per cent")
    parser.add_argument("--present", action="store_true", help="as a room sees it")
    parser.add_argument("--shots", nargs="*", default=["ready", "trained"], choices=list(SHOTS))
    chosen = parser.parse_args()
    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    chosen.folder.mkdir(parents=True, exist_ok=True)
    application = QApplication([])
    theme.apply(application, chosen.theme)
    with tempfile.TemporaryDirectory() as folder:
        store = QSettings(f"{folder}/settings.ini", QSettings.Format.IniFormat)
        settings = Settings(store)
        window = MainWindow(settings if chosen.first else with_all(settings))
        window.experiments.asks = False
        window.resize(*map(int, chosen.size.split("x")))
        window.experiments.show_perspective(chosen.perspective)
        loader = load_behind(window)
        window.show()
        wait_until(lambda: window.stack.currentWidget() is window.tabs)
        if chosen.preset:
            window.experiments.open_preset(chosen.preset)
        wait_until(lambda: window.snapshot and window.snapshot.state.name == "READY")
        read_at(window, chosen.text, presenting=chosen.present)
        for name in chosen.shots:
            SHOTS[name](window)
            first = "first" if chosen.first else ""
            first += f"text{chosen.text}" if chosen.text != 100 else ""
            first += "present" if chosen.present else ""
            words = (name, first, chosen.perspective, chosen.theme, chosen.size, chosen.preset)
            shoot(window, chosen.folder / f"{'-'.join(filter(None, words))}.png")
        window.close()
        loader.stop()


if __name__ == "__main__":
    main()
