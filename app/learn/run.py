"""A lesson under way: what its pages do to the experiment, and what of them is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.learn.number_question import NumberQuestion
from app.link.focus import Spot
from core.lessons.measures import key_in, read
from core.lessons.reading import Lesson, changed
from core.lessons.tasks import Moment, done_now
from core.messages.commands import BeginWith, Edit, LeaveStep, Next, RunToPlace, TrainUntil
from core.messages.orders import ResetWeights, Train
from core.messages.record import Grain
from core.messages.surface_commands import Window

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.experiment.spec import ExperimentSpec
    from core.lessons.assignment import GivenAnswer
    from core.lessons.lesson import Aim, Page, StartingPlace
    from core.lessons.tasks import BaseTask
    from core.messages.record import Record
    from core.messages.snapshot import Snapshot


class LessonRun(QObject):
    """One lesson on one experiment.

    Attributes:
        lesson: The lesson.
        number: Of the page that is shown, from 0.
        answered: The pages whose question is answered, by id.
        guesses: What was guessed on them, by id.
        revealed: What the guessed numbers turned out to be.
        sheet: What became of the numbers that were asked for, by the page's id.
    """

    turned = Signal()
    """Another page is shown."""
    advanced = Signal()
    """Something of this page's tasks or answers is done."""

    def __init__(self, bridge: Bridge, lesson: Lesson, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lesson = lesson
        self.number = 0
        self.answered: set[str] = set()
        self.guesses: dict[str, float] = {}
        self.revealed: dict[str, float] = {}
        self._bridge = bridge
        self._finished: set[tuple[str, int]] = set()
        self._used: set[str] = set()
        self._begun = bridge.snapshot
        self._stand: StartingPlace | None = None
        self._fresh: ExperimentSpec | None = None
        self._left: Record | None = None
        self._maps = False
        self.sheet: dict[str, GivenAnswer] = {}
        self._number_question = NumberQuestion(bridge, self)
        self._number_question.found.connect(self._found)
        bridge.snapshot_changed.connect(self._follow)
        bridge.dispatched.connect(self._hear)
        bridge.focus.changed.connect(self._look)

    @property
    def page(self) -> Page:
        """The one that is shown."""
        return self.lesson.pages[self.number]

    @property
    def is_last(self) -> bool:
        """Whether it is the lesson's last."""
        return self.number == len(self.lesson.pages) - 1

    @property
    def is_asked(self) -> bool:
        """Whether its question waits for an answer."""
        return self.page.ask is not None and self.page.id not in self.answered

    @property
    def tasks(self) -> list[tuple[BaseTask, bool]]:
        """What is to be done, each with whether it is."""
        tasks = enumerate(self.page.do)
        return [(task, (self.page.id, place) in self._finished) for place, task in tasks]

    @property
    def is_done(self) -> bool:
        """Whether the next page may come."""
        return not self.is_asked and all(done for _, done in self.tasks)

    @property
    def keeps_loss_back(self) -> bool:
        """Whether a page asks for the loss of the experiment that is looked at: until that is
        worked out, nothing shows it."""
        ahead = self.lesson.pages[self.number :]
        last = next((i for i, page in enumerate(ahead) if i and page.open), len(ahead))
        return any(
            page.ask is not None
            and page.ask.number is not None
            and page.ask.number.is_loss
            and page.id not in self.answered
            for page in ahead[:last]
        )

    def begin(self, number: int = 0) -> None:
        """Begins at a page, with the experiment on which it stands."""
        spec = self.lesson.opened_by(number)
        if spec is not None:
            self._open(spec)
        self._turn_to(number)

    def turn(self, by: int) -> None:
        """Goes to the next page or the one before."""
        number = self.number + by
        if not 0 <= number < len(self.lesson.pages):
            return
        if by > 0:
            self._change(number)
        self._turn_to(number)

    def answer(self) -> None:
        """The page's question is answered."""
        self.answered.add(self.page.id)
        self._keep_back()
        self._look()
        self.advanced.emit()

    def guess(self, value: float) -> None:
        """The number of the page's estimate, before it can be seen."""
        self.guesses[self.page.id] = value
        self._begin_tasks()
        self.answer()

    def note_use(self, control: str) -> None:
        """A control that a task waits for has been used."""
        self._used.add(control)
        self._look()

    def stop(self) -> None:
        """Follows the experiment no longer."""
        self._bridge.snapshot_changed.disconnect(self._follow)
        self._bridge.dispatched.disconnect(self._hear)
        self._bridge.focus.changed.disconnect(self._look)
        self._number_question.stop()
        self._bridge.asking.keep_loss(back=False)
        self._bridge.asking.keep_ahead(back=False)
        if self._maps:
            self._bridge.surface_choice.change(window=None)

    def _open(self, spec: ExperimentSpec) -> None:
        """Puts the lesson's experiment in the place of the tab's, untrained; undo takes it back."""
        self._fresh = spec
        self._bridge.dispatch(BeginWith(spec, "Open the lesson's experiment"))

    def _change(self, number: int) -> None:
        """What a page does when one comes to it from the page before."""
        page, spec = self.lesson.pages[number], self.lesson.opened_by(number)
        if page.open and spec is not None:
            self._open(spec)
            return
        for change in page.change:
            self._dispatch_change(change.field, change.to)
        if page.reset:
            self._fresh = spec
            self._bridge.dispatch(ResetWeights())

    def _dispatch_change(self, field: str, value: object) -> None:
        edit = Edit("Change for the lesson", lambda spec: changed(spec, field, value))
        self._bridge.dispatch(edit)

    def _turn_to(self, number: int) -> None:
        self.number = number
        page = self.page
        self._begin_tasks()
        self._keep_back()
        self._show_map(page)
        if page.sample is not None:
            sample = None if page.sample == "batch" else page.sample - 1
            self._bridge.focus.pick_sample(sample)
        self._number_question.end()
        self._stand = self._place_of(page)
        if self._stand is not None:
            self._begin_step()
            self._take_stand(self._bridge.snapshot)  # of a step that is looked at already
        self._bridge.focus.select(_spot_of(page.point))
        self._bridge.stage.set(page.columns, more=page.more)
        self.turned.emit()
        self._look()

    def _keep_back(self) -> None:
        """What is asked for is not shown beside the question."""
        asking = self._bridge.asking
        asking.keep_loss(back=self.keeps_loss_back)
        asks_ahead = self.page.ask is not None and self.page.ask.number is None
        asking.keep_ahead(back=self.is_asked and asks_ahead)

    def _show_map(self, page: Page) -> None:
        """The part of the loss surface that a page wants to be seen."""
        if page.map is not None or self._maps:
            window = Window(*page.map) if page.map is not None else None
            self._bridge.surface_choice.change(window=window)
        self._maps = page.map is not None

    def _begin_tasks(self) -> None:
        self._begun, self._used = self._bridge.snapshot, set()

    def _begin_step(self) -> None:
        """Records a step, unless one is looked at: what the page stands on comes with it."""
        stepping = self._bridge.snapshot.stepping
        self._left = None
        if stepping is None or self._fresh is not None or self.page.change:
            self._left = stepping.record if stepping is not None else None
            self._bridge.dispatch(LeaveStep())
            self._bridge.dispatch(Next(Grain.OPERATION))

    def _hear(self, command: object) -> None:
        """Train stops by itself where a page wants so many steps: one looks at just these."""
        if not isinstance(command, Train):
            return
        open_tasks = [task for task, done in self.tasks if not done]
        ends = [end for task in open_tasks if (end := task.last_step(self._moment())) is not None]
        if ends and max(ends) > self._bridge.snapshot.progress.step:
            self._bridge.dispatch(TrainUntil(max(ends)))

    def _follow(self, snapshot: Snapshot) -> None:
        if self._fresh is not None and _is_fresh(snapshot, self._fresh):
            self._fresh, self._begun = None, snapshot
        if snapshot.progress.step < self._begun.progress.step:  # the run has begun anew
            self._begun = snapshot
        self._take_stand(snapshot)
        self._look()

    def _take_stand(self, snapshot: Snapshot) -> None:
        """Goes to where the page begins, once the step is recorded."""
        stand, stepping = self._stand, snapshot.stepping
        if stand is None or stepping is None or stepping.record is self._left:
            return
        key = key_in(stepping.record, stand.writes)
        writes = [entry.writes for entry in stepping.record.entries]
        self._stand = None
        if key is None or key not in writes:
            return
        place = writes.index(key)
        is_there = stepping.place.entry == place and stepping.known(key) is None
        if is_there and self._number_question.is_open:
            self._number_question.ask_here()
            return
        self._bridge.dispatch(RunToPlace(place if stand.number is None else place - 1))
        for _ in range(stand.number or 0):
            self._bridge.dispatch(Next(Grain.NUMBER))

    def _place_of(self, page: Page) -> StartingPlace | None:
        """Where the page begins: at the number that it asks for, which is hidden there."""
        asked = page.ask.number if page.ask is not None and self.is_asked else None
        if asked is None:
            return page.stand
        others = [one.id for one in self.lesson.pages if one.ask is not None and one.ask.number]
        return self._number_question.begin(asked, others.index(page.id) + 1)

    def _found(self) -> None:
        """The number was found, or shown on request."""
        self.sheet[self.page.id] = self._number_question.given
        self.answer()

    def _look(self) -> None:
        """Notes what is done, and that stays done."""
        if self.page.ask is not None and self.page.ask.estimate is not None and self.is_asked:
            return  # first the guess
        if self._fresh is not None:
            return  # what is seen is of the run before
        moment = self._moment()
        before = len(self._finished)
        self._finished |= {(self.page.id, place) for place in done_now(self.page.do, moment)}
        self._reveal()
        if len(self._finished) > before:
            self.advanced.emit()

    def _reveal(self) -> None:
        """What was guessed shows once all is done that makes it."""
        ask = self.page.ask
        if ask is None or ask.estimate is None or self.page.id in self.revealed:
            return
        found = read(ask.estimate.of, self._bridge.snapshot) if self.is_done else None
        if found is not None:
            self.revealed[self.page.id] = found
            self.advanced.emit()

    def _moment(self) -> Moment:
        focus = self._bridge.focus
        picked = tuple(
            (
                spot.path[0] + 1 if spot.path else 0,
                spot.unit + 1,
                None if spot.source is None else spot.source + 1,
            )
            for spot in focus.selected
            if len(spot.path) <= 1
        )
        return Moment(
            self._bridge.snapshot, self._begun, focus.scope, picked, frozenset(self._used)
        )


def _is_fresh(snapshot: Snapshot, spec: ExperimentSpec) -> bool:
    """Whether it shows the experiment that was opened, untrained."""
    now = snapshot.spec
    same = (now.layers, now.data, now.fault) == (spec.layers, spec.data, spec.fault)
    return same and snapshot.progress.step == 0 and snapshot.state.is_idle


def _spot_of(aim: Aim | None) -> Spot | None:
    """The neuron or weight that a page points at, as the graph has it."""
    if aim is None or aim.place is None:
        return None
    place = aim.place
    path = (place.layer - 1,) if place.layer else ()
    return Spot(path, place.unit - 1, None if place.source is None else place.source - 1)
