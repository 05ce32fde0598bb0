"""The list of lessons: what each is about, how long it takes, and how far one is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QScrollArea, QSizePolicy, QToolButton, QWidget

from app.kit import icons, theme
from app.kit.controls import Restyled, scroll_upright
from app.kit.labels import bold, caption, large
from app.kit.layouts import in_column, in_row, named
from app.kit.text import told
from app.link.mastery_map import MasteryMap

if TYPE_CHECKING:
    from core.lessons.progress import LessonProgress, Standing
    from core.lessons.reading import Lesson
    from core.lessons.shelf import Shelf


class LessonCard(QToolButton):
    """One lesson: its title and summary; the whole card opens it."""

    def __init__(self, number: int, lesson: Lesson, standing: Standing, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("role", "lesson")
        self._title = bold(QLabel(lesson.title, self))
        self._title.setWordWrap(True)
        self._summary = caption(lesson.texts.summary, self)
        self._summary.setWordWrap(True)
        self._state = caption(self._state_of(lesson, standing), self)
        self._mark = QLabel(str(number), self)
        self._mark.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        if standing.done:
            self._mark.setPixmap(icons.icon("check", "good").pixmap(icons.SIZE))
        self._mark.setFixedWidth(theme.gap(2.5))
        title = in_row((self._title, 1), self._state, apart=1)
        words = in_column(title, self._summary, apart=0.25)
        in_row((self._mark, 0), (words, 1), into=self, around=(1, 1, 1.5, 1), apart=1)
        for label in (self._title, self._summary, self._state, self._mark):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        named(self, f"learn.lesson.{lesson.id}", f"{lesson.title}. {self._state.text()}")
        self.setAccessibleDescription(lesson.texts.summary)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def hasHeightForWidth(self) -> bool:
        """Its words wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return layout.heightForWidth(width) if layout is not None else width

    def _state_of(self, lesson: Lesson, standing: Standing) -> str:
        if standing.done:
            return self.tr("done")
        if standing.reached:
            text = self.tr("page {page} of {pages}")
            return text.format(page=standing.reached + 1, pages=len(lesson.pages))
        return self.tr("{minutes} min").format(minutes=lesson.minutes)


class ShelfView(Restyled):
    """All lessons, in their order; ``chosen`` carries the id of the one to open."""

    chosen = Signal(str)
    reload_wanted = Signal()
    record_wanted = Signal(bool)
    """Whether to record from now on, or to end that."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("learn.shelf")
        self._cards: dict[str, LessonCard] = {}
        self._make_tools()
        self._make_words()
        self._lay_out()
        self._restyle()

    def _make_tools(self) -> None:
        """What an author uses."""
        self.reload = named(QToolButton(self), "learn.reload", self.tr("Reload lessons"))
        self.reload.setText(self.tr("Reload lessons"))
        self.reload.setToolTip(self.tr("Read all lessons anew, after a change to one of them"))
        self.reload.clicked.connect(self.reload_wanted)
        self.record = named(QToolButton(self), "learn.record")
        self.record.setCheckable(True)
        self.record.setToolTip(
            self.tr("What you do from now on becomes the draft of a lesson of your own")
        )
        self.record.clicked.connect(self.record_wanted)
        self.show_recording(on=False)

    def _make_words(self) -> None:
        self.lead = self._line("learn.lead")
        self.lead.setText(
            self.tr(
                "Each takes ten minutes at the most. You work on a real network in this tab; "
                "Undo brings back what was there."
            )
        )
        self.problems = self._line("learn.problems", self.tr("Lessons with mistakes"))
        self.note = self._line("learn.note", self.tr("News of the lessons"))
        self.note.hide()

    def _line(self, identity: str, name: str = "") -> QLabel:
        label = named(QLabel(self), identity, name)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _lay_out(self) -> None:
        heading = large(QLabel(self.tr("Lessons"), self))
        head = in_row((heading, 1), self.record, self.reload, apart=1)
        self._inside = QWidget()
        around = (1.5, 1.5, 1.5, 1.5)
        parts = (head, self.lead, self.note, self.problems, None)
        self._column = in_column(*parts, into=self._inside, around=around, apart=0.5)
        scroll = named(QScrollArea(self), "learn.shelf.scroll")
        scroll_upright(scroll, self._inside)
        self.mastery = MasteryMap(self)
        title = bold(QLabel(self.tr("What you have worked out"), self))
        beside = in_column(title, (self.mastery, 1), around=around)
        in_row((scroll, 3), (beside, 2), into=self, apart=1)

    def show_shelf(self, shelf: Shelf, progress: LessonProgress) -> None:
        """Lists the lessons anew."""
        for card in self._cards.values():
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = {
            lesson.id: LessonCard(number, lesson, progress.of(lesson.id), self._inside)
            for number, lesson in enumerate(shelf.lessons, 1)
        }
        for place, (identifier, card) in enumerate(self._cards.items()):
            card.clicked.connect(lambda _checked=False, one=identifier: self.chosen.emit(one))
            self._column.insertWidget(4 + place, card)
        self.note.hide()
        said = [f"{folder.name}: {told(why)}" for folder, why in shelf.refused.items()]
        self.problems.setText("\n".join(said))
        self.problems.setVisible(bool(said))

    def say(self, text: str) -> None:
        """Says something above the list, until it is listed anew."""
        self.note.setText(text)
        self.note.show()

    def show_recording(self, *, on: bool) -> None:
        """Says whether what is done is noted."""
        self.record.setChecked(on)
        text = self.tr("End the recording") if on else self.tr("Record a lesson")
        self.record.setText(text)
        self.record.setAccessibleName(text)

    def changeEvent(self, event: QEvent) -> None:
        """Its cards are as high as their words need in the new size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_cards"):
            for card in self._cards.values():
                card.updateGeometry()

    def _restyle(self) -> None:
        tokens = theme.current()
        self.lead.setStyleSheet(f"color: {tokens.text_dim};")
        self.problems.setStyleSheet(f"color: {tokens.error};")
