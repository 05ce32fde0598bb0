"""The learner's place: the list of lessons, or a page of the one under way."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import SignalInstance
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QFileDialog, QInputDialog, QWidget

from app.kit import user_data
from app.kit.layouts import in_pages, named
from app.kit.text import told
from app.learn.callout import Callout
from app.learn.page_view import PageView
from app.learn.recorder import Recorder
from app.learn.run import LessonRun
from app.learn.shelf_view import ShelfView
from app.link.watching import watch
from core.errors import UserError
from core.lessons.assignment import AnswerSheet, lesson_of, read_assignment
from core.lessons.draft import Deed, write_draft
from core.lessons.progress import read_progress, write_progress
from core.lessons.shelf import SHIPPED, Shelf, shelf_of
from core.lessons.tasks import Uses
from core.writing import write_whole

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.experiment.spec import ExperimentSpec
    from core.lessons.assignment import Assignment
    from core.lessons.lesson import Page
    from core.lessons.reading import Lesson
    from core.messages.snapshot import Snapshot

_Control = QAction | QAbstractButton | QComboBox


class LearnPanel(QWidget):
    """Opens lessons, keeps how far one is, and has the window show what a page wants.

    Attributes:
        run: The lesson under way, if any.
        shelf: All lessons there are.
    """

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "learn", self.tr("Lessons"))
        self._bridge = bridge
        self.run: LessonRun | None = None
        self.shelf = Shelf((), {})
        self._callout: Callout | None = None
        self._recorder: Recorder | None = None
        self._assignment: Assignment | None = None
        self._watched: list[_Control] = []
        self._values = QWidget(self)  # seen, though of no size, while a page reads weights
        self._values.setFixedSize(0, 0)
        self._values.hide()
        watch(bridge, self._values, "values")
        self.shelf_view, self.page_view = ShelfView(self), PageView(self)
        self._pages = in_pages(self.shelf_view, self.page_view, into=self)
        self.shelf_view.chosen.connect(self.open)
        self.shelf_view.reload_wanted.connect(self.reload)
        self.shelf_view.record_wanted.connect(self._record)
        self.page_view.left.connect(self.leave)
        self.page_view.ended.connect(self._finish)
        self.page_view.hand_in.wanted.connect(self._hand_in)
        bridge.snapshot_changed.connect(self._follow)
        self.reload()

    def reload(self) -> None:
        """Reads all lessons anew, as an author wants after a change; goes on in the one open."""
        self.shelf = shelf_of(SHIPPED, user_data.folder() / "lessons")
        self.shelf_view.show_shelf(self.shelf, read_progress(_progress_path()))
        if self.run is not None and self._assignment is None:
            lesson, number = self.shelf.find(self.run.lesson.id), self.run.number
            if lesson is None:
                self.leave()
            else:
                self._begin(lesson, min(number, len(lesson.pages) - 1))

    def open(self, identifier: str) -> None:
        """Begins a lesson, or goes on where it was left."""
        lesson = self.shelf.find(identifier)
        if lesson is None:
            return
        standing = read_progress(_progress_path()).of(identifier)
        ids = [page.id for page in lesson.pages]
        known = standing.page in ids and not standing.done
        self._begin(lesson, ids.index(standing.page) if known else 0)

    def open_assignment(self, path: Path) -> None:
        """Begins what a teacher has handed out.

        Raises:
            UserError: The file is none, or something in it is wrong.
        """
        assignment = read_assignment(path)
        self.leave()
        self._assignment = assignment
        self._begin(lesson_of(assignment, path.parent), 0)

    def open_first(self) -> None:
        """Begins the first lesson."""
        if self.shelf.lessons:
            self.open(self.shelf.lessons[0].id)

    def leave(self) -> None:
        """Back to the list; the lesson goes on from here next time."""
        self._end_run()
        self._assignment = None
        self._point("")
        self._bridge.focus.select(None)
        self._bridge.stage.set(())
        self.shelf_view.show_shelf(self.shelf, read_progress(_progress_path()))
        self._pages.setCurrentWidget(self.shelf_view)

    def _record(self, on: bool) -> None:
        """Begins a recording, or asks for a name and writes the draft."""
        if on:
            self._recorder = Recorder(self._bridge, self)
            self.shelf_view.show_recording(on=True)
            return
        recorder, self._recorder = self._recorder, None
        self.shelf_view.show_recording(on=False)
        deeds = recorder.finish() if recorder is not None else []
        if recorder is None or not deeds:
            self._say(self.tr("Nothing was done while it recorded."))
            return
        recorder.deleteLater()
        title, is_given = QInputDialog.getText(
            self, self.tr("Record a lesson"), self.tr("The lesson's title:")
        )
        if is_given and title.strip():
            self.write_recording(title.strip(), recorder.spec, deeds)

    def write_recording(self, title: str, spec: ExperimentSpec, deeds: list[Deed]) -> None:
        """Puts what was recorded among the lessons, for its words to be written."""
        folder = user_data.folder() / "lessons" / _slug(title)
        try:
            write_draft(folder, title, spec, deeds)
        except UserError as error:
            self._say(told(error.sentence))
            return
        self.reload()
        said = self.tr("The draft lies in {folder}: write its words there, then reload.")
        self._say(said.format(folder=folder))

    def _say(self, text: str) -> None:
        self.shelf_view.say(text)

    def showEvent(self, event: QShowEvent) -> None:
        """Points at things again."""
        super().showEvent(event)
        if self.run is not None:
            self._show_aim(self.run.page)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nothing is pointed at while the lesson is out of sight."""
        super().hideEvent(event)
        self._point("")

    def _end_run(self) -> None:
        run, self.run = self.run, None
        if run is not None:
            run.stop()
            run.deleteLater()

    def _begin(self, lesson: Lesson, number: int) -> None:
        self._end_run()
        self.run = run = LessonRun(self._bridge, lesson, self)
        run.turned.connect(self._show_page)
        run.advanced.connect(self._refresh)
        run.begin(number)
        self._pages.setCurrentWidget(self.page_view)
        self.page_view.next.setFocus()

    def _show_page(self) -> None:
        run = self.run
        if run is None:
            return
        self._keep(done=False)
        self._watch(run.page)
        self.page_view.hand_in.setVisible(self._assignment is not None and run.is_last)
        if self._assignment is not None:
            self.page_view.hand_in.show_answers(len(run.sheet), len(self._assignment.questions))
        self.page_view.show_run(run, self._bridge.snapshot)
        self._show_aim(run.page)

    def _refresh(self) -> None:
        self.page_view.refresh(self._bridge.snapshot)

    def _follow(self, snapshot: Snapshot) -> None:
        if self.run is not None and self.isVisible():
            self.page_view.refresh(snapshot)

    def _finish(self) -> None:
        self._keep(done=True)
        self.leave()

    def _hand_in(self, name: str) -> None:
        """Asks for a place, and writes what was answered there."""
        path, _ = QFileDialog.getSaveFileName(
            self, self.tr("Save the answers"), f"{_slug(name)}.answers.json", "JSON (*.json)"
        )
        if path:
            self.write_answers(Path(path), name)

    def write_answers(self, path: Path, name: str) -> None:
        """Writes the file that is handed in; says so, or why not."""
        run, assignment = self.run, self._assignment
        if run is None or assignment is None:
            return
        sheet = AnswerSheet(
            kind="answers",
            version=1,
            name=name,
            assignment=assignment,
            answers=tuple(sorted(run.sheet.values(), key=lambda one: one.question)),
        )
        try:
            write_whole(path, sheet.model_dump_json(indent=1).encode())
        except OSError as error:
            text = self.tr("{path} cannot be written: {reason}. Choose another place.")
            self.page_view.hand_in.say(text.format(path=path, reason=error.strerror or error))
            return
        self.page_view.hand_in.say(self.tr("Saved as {path}.").format(path=path))

    def _keep(self, *, done: bool) -> None:
        run = self.run
        if run is None or self._assignment is not None:
            return
        path = _progress_path()
        moved = read_progress(path).moved(run.lesson.id, run.page.id, run.number, done=done)
        try:
            write_progress(path, moved)
        except UserError as error:
            self._say(told(error.sentence))

    def _show_aim(self, page: Page) -> None:
        self._point(page.point.control if page.point is not None else "")

    def _point(self, target: str) -> None:
        if self._callout is None and target:
            self._callout = Callout(self.window())
        if self._callout is not None:
            self._callout.point_at(target if self.isVisible() else "")

    def _watch(self, page: Page) -> None:
        """Notes when a control is used that one of the page's tasks waits for."""
        for control in self._watched:
            _signal_of(control).disconnect(self._note_use)
        names = [task.use for task in page.do if isinstance(task, Uses)]
        found = [self._control(name) for name in names]
        self._values.setVisible(page.reads_values)
        self._watched = [control for control in found if control is not None]
        for control in self._watched:
            _signal_of(control).connect(self._note_use)

    def _control(self, name: str) -> _Control | None:
        window = self.window()
        kinds: tuple[type[_Control], ...] = (QAction, QAbstractButton, QComboBox)
        found = (window.findChild(kind, name) for kind in kinds)
        return next((one for one in found if one is not None), None)

    def _note_use(self) -> None:
        if self.run is not None:
            self.run.note_use(self.sender().objectName())


def _signal_of(control: _Control) -> SignalInstance:
    """What a control emits when a person uses it."""
    match control:
        case QAction():
            return control.triggered
        case QComboBox():
            return control.activated
        case _:
            return control.clicked


def _slug(title: str) -> str:
    """A folder's name for a title."""
    plain = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    return plain[:40] or "lesson"


def _progress_path() -> Path:
    return user_data.folder() / "lessons.json"
