"""A scripted learner: walks a lesson as a person would, wrong answers first."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

from app.learn.panel import LearnPanel
from core.lessons.reading import changed
from core.lessons.tasks import Has, Looks, Picks, Reaches, Reads, Resets, Steps, Uses
from core.messages.commands import Edit, SetNumber
from core.messages.orders import EpochOnce, Pause, ResetWeights, StepOnce, Train
from core.messages.snapshot import RunState

LEFT = Qt.MouseButton.LeftButton
PATIENCE = 30_000


@dataclass
class Learner:
    """Somebody at the window.

    Attributes:
        window: The real one.
        qtbot: Its mouse and keys.
        deeds: What to do on pages whose tasks leave it open: by lesson and page, edits
            ``(field, value)``, weights ``(parameter, index, value)``, and "train".
        seen: The pages that were walked.
    """

    window: object
    qtbot: object
    deeds: dict
    seen: list = field(default_factory=list)

    @property
    def panel(self) -> LearnPanel:
        return self.window.page.findChild(LearnPanel)

    @property
    def run(self):
        return self.panel.run

    def open(self, lesson: str) -> None:
        self.window.experiments.show_perspective("learn")
        self.until(lambda: self.panel is not None and self.panel.isVisible())
        self.click(f"learn.lesson.{lesson}")
        self.until(lambda: self.run is not None)

    def walk(self) -> None:
        """To the end of the lesson."""
        while self.run is not None:
            self.page()
            last, number = self.run.is_last, self.run.number
            self.until(self.panel.page_view.next.isEnabled)
            self.click("learn.next")
            if last:
                self.until(lambda: self.run is None)
            else:
                self.until(lambda n=number: self.run.number == n + 1)

    def page(self) -> None:
        """All that there is to do on the page that is shown."""
        page, lesson = self.run.page, self.run.lesson
        self.settle()
        self.seen.append((lesson.id, page.id))
        self.target(page)
        if page.ask is not None and page.id not in self.run.answered:
            self.answer(page)
        for deed in self.deeds.get((lesson.id, page.id), ()):
            self.do(deed)
        for task in page.do:
            self.fulfil(task)
        self.until(lambda: self.run.is_done)
        if page.ask is not None and page.ask.estimate is not None:
            self.until(lambda: page.id in self.run.revealed)

    def target(self, page) -> None:
        """What the page points at is there."""
        if page.point is not None and page.point.control:
            name = page.point.control
            self.until(lambda: self.panel._callout is not None)
            self.until(lambda: self.panel._callout._found() is not None, f"{page.id}: {name}")
        for column in page.columns:
            for dock in column:
                shown = self.window.page.area.docks[dock]
                self.until(lambda shown=shown: not shown.isHidden(), f"{page.id}: {dock}")

    def answer(self, page) -> None:
        ask = page.ask
        if ask.choice is not None:
            wrong = next(iter(ask.choice.others))
            self.click(f"learn.option.{wrong}")
            assert self.run.is_asked, "a wrong answer does not open the way"
            self.click(f"learn.option.{ask.choice.right}")
            self.until(lambda: not self.run.is_asked)
        elif ask.estimate is not None:
            entry = self.window.page.findChild(QLineEdit, "learn.guess")
            entry.setText("about 3")
            self.qtbot.keyClick(entry, Qt.Key.Key_Return)
            assert self.run.is_asked, "what is no number is no guess"
            entry.setText("0.5")
            self.qtbot.keyClick(entry, Qt.Key.Key_Return)
            self.until(lambda: not self.run.is_asked)
        else:
            self.number(page)

    def number(self, page) -> None:
        asking = self.window.page.bridge.asking
        self.until(lambda: asking.question is not None, page.id)
        asking.answer("123456.5")
        assert self.run.is_asked
        asking.answer(repr(asking.question.value))
        self.until(lambda: not self.run.is_asked)

    def do(self, deed) -> None:
        bridge = self.window.page.bridge
        match deed:
            case (str() as name, tuple() as index, value):
                bridge.dispatch(SetNumber(name, index, value))
            case ("choose", str() as name, int() as row):
                combo = self.window.page.findChild(QComboBox, name)
                combo.setCurrentIndex(row)
                combo.activated.emit(row)
            case (str() as name, value):
                bridge.dispatch(Edit("Edit", lambda spec: changed(spec, name, value)))
                wanted = changed(self.window.snapshot.spec, name, value)
                parts = ("layers", "optimizer", "training", "data")
                self.until(
                    lambda: all(
                        getattr(self.window.snapshot.spec, part) == getattr(wanted, part)
                        for part in parts
                    ),
                    f"{name} to be {value}",
                )
            case "reset":
                bridge.dispatch(ResetWeights())
                self.until(lambda: self.window.snapshot.progress.step == 0)
            case _:
                raise AssertionError(deed)

    def fulfil(self, task) -> None:
        match task:
            case Reaches():
                self.step_until(lambda: self.is_done(task))
            case Steps():
                self.train_until(lambda: self.steps() >= task.steps, one_by_one=task.steps <= 20)
            case Reads():
                self.reach_measure(task)
            case Has():
                self.do((task.field, task.value))
            case Picks():
                raise AssertionError("no shipped lesson asks for it yet")
            case Looks():
                self.window.actions_["step.scope"].trigger()
            case Uses():
                self.use(task.use)
            case Resets():
                self.do("reset")
        reads = [one for one in self.run.page.do if isinstance(one, Reads)]
        if not isinstance(task, Reads) or task is reads[-1]:  # which hold together
            self.until(lambda: self.is_done(task), str(task))

    def is_done(self, task) -> bool:
        return self.run is None or any(one == task and done for one, done in self.run.tasks)

    def steps(self) -> int:
        return self.window.snapshot.progress.step - self.run._begun.progress.step

    def reach_measure(self, task) -> None:
        if task.measure == "epoch" and task.at_least is not None:
            while not self.is_done(task):
                epoch = self.window.snapshot.progress.epoch
                self.window.page.bridge.dispatch(EpochOnce())
                self.until(lambda e=epoch: self.window.snapshot.progress.epoch > e)
        elif task.measure.startswith("record"):
            self.step_until(lambda: self.is_done(task))
        elif task.measure == "step":
            if task.at_least is not None:
                self.train_until(lambda: self.is_done(task), one_by_one=True)
        elif "loss" in task.measure or "accuracy" in task.measure:
            self.train_until(lambda: self.is_done(task), one_by_one=False)

    def use(self, name: str) -> None:
        window = self.window
        action = window.findChild(QAction, name)
        if action is not None:
            action.trigger()
            return
        combo = window.page.findChild(QComboBox, name)
        if combo is not None:
            combo.setCurrentIndex(1)
            combo.activated.emit(1)
            return
        self.click(name)

    def step_until(self, done) -> None:
        for _ in range(200):
            if done():
                return
            before = self.window.snapshot.stepping
            self.window.actions_["step.over"].trigger()
            self.until(lambda b=before: self.window.snapshot.stepping is not b)
        raise AssertionError("never there")

    def train_until(self, done, *, one_by_one: bool) -> None:
        bridge = self.window.page.bridge
        if one_by_one:
            for _ in range(400):
                if done() or not self.window.snapshot.state.is_idle:
                    break
                step = self.window.snapshot.progress.step
                bridge.dispatch(StepOnce())
                self.until(lambda s=step: self.window.snapshot.progress.step > s)
            return
        begun, rests = self.window.snapshot.progress.step, (RunState.PAUSED, RunState.FINISHED)
        bridge.dispatch(Train())
        self.until(
            lambda: (
                done()
                or self.window.snapshot.state is RunState.DIVERGED
                or (
                    self.window.snapshot.progress.step > begun
                    and self.window.snapshot.state in rests
                )
            ),
            "training",
            6 * PATIENCE,
        )
        bridge.dispatch(Pause())
        self.until(lambda: not self.window.snapshot.state.is_running)

    def click(self, name: str) -> None:
        def ready() -> list[QAbstractButton]:
            found = self.window.page.findChildren(QAbstractButton, name)
            return [button for button in found if button.isVisible() and button.isEnabled()]

        self.until(ready, name)
        self.qtbot.mouseClick(ready()[0], LEFT)

    def settle(self) -> None:
        """Until the page stands on what it opens, and where it begins."""
        run = self.run
        self.until(lambda: self.window.snapshot.state is not RunState.LOADING)
        self.until(lambda: run._fresh is None, "the experiment that the page opens")
        self.until(lambda: run._stand is None, "the place to stand")
        stand = run.page.stand
        if stand is not None and (run.page.ask is None or run.page.ask.number is None):
            there = Reaches(reach=stand.writes, number=stand.number)
            self.until(lambda: there.is_done(run._moment()), f"to stand at {stand.writes}")

    def until(self, holds, what: str = "", patience: int = PATIENCE) -> None:
        try:
            self.qtbot.waitUntil(lambda: bool(holds()), timeout=patience)
        except Exception as error:
            here = self.run.page.id if self.run is not None else "-"
            raise AssertionError(f"page {here}: waited in vain {what}") from error
