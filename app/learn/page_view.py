"""One page of a lesson: its text, its question, what there is to do, and the way on."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea, QToolButton, QWidget

from app.kit import icons, theme
from app.kit.controls import Restyled, scroll_upright
from app.kit.labels import bold, caption, large
from app.kit.layouts import in_column, in_row, named
from app.learn.asking_box import AnswerVerdict, ChoiceBox, EstimateBox, is_near
from app.learn.filled import filled
from app.learn.hand_in import HandIn
from app.learn.run import LessonRun
from core.lessons.lesson import Option
from core.lessons.texts import PageText
from core.messages.snapshot import Snapshot

_POINTS = 11.0
"""Of the text: it is read, where a label is glanced at."""


class PageView(Restyled):
    """Shows where a lesson is.

    ``left`` asks for the list of lessons, ``ended`` says that the last page is done.
    """

    left = Signal()
    ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("learn.page")
        self._run: LessonRun | None = None
        self._choice: ChoiceBox | None = None
        self._snapshot: Snapshot | None = None
        self._make_head()
        self._make_body()
        self._make_foot()
        self._lay_out()
        self._restyle()

    def show_run(self, run: LessonRun, snapshot: Snapshot) -> None:
        """Shows a lesson's page, from its beginning."""
        self._run, self._snapshot = run, snapshot
        self._verdict.hide()
        self._hint.hide()
        self._estimate.field.clear()
        self._fill()
        self.body.verticalScrollBar().setValue(0)

    def refresh(self, snapshot: Snapshot) -> None:
        """What is done, and the numbers in the text, as they are now."""
        self._snapshot = snapshot
        if self._run is not None:
            self._show_state(self._run)

    @property
    def _text(self) -> PageText:
        assert self._run is not None
        return self._run.lesson.text_of(self._run.page)

    def _filled(self, part: str) -> str:
        assert self._snapshot is not None
        return filled(part, self._snapshot)

    def _make_head(self) -> None:
        self.back_to_list = named(QToolButton(self), "learn.list", self.tr("All lessons"))
        self.back_to_list.setText(self.tr("All lessons"))
        self.back_to_list.setIcon(icons.icon("left", "text_dim"))
        self.back_to_list.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.back_to_list.setToolTip(self.tr("Leave the lesson; it goes on from here next time"))
        self.back_to_list.clicked.connect(self.left)
        self._count = named(caption("", self), "learn.count")
        self._bar = _ShareBar(self)

    def _make_body(self) -> None:
        self._heading = large(named(QLabel(self), "learn.heading"))
        self._words = _words(self, "learn.text")
        self._question = bold(_words(self, "learn.question"))
        self._options = QWidget(self)
        self._options_column = in_column(into=self._options, apart=0)
        self._estimate = EstimateBox(self)
        self._estimate.guessed.connect(self._guess)
        self._verdict = AnswerVerdict("learn.verdict", self)
        self._mark = named(QLabel(self), "learn.mark")
        self._mark.setFixedWidth(theme.gap(2.5))
        self._task = _words(self, "learn.task")
        self._task_row = QWidget(self)
        in_row((self._mark, 0), (self._task, 1), into=self._task_row, apart=0.5)
        self._mark.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._hint_button = named(QPushButton(self), "learn.hint.show")
        self._hint_button.setText(self.tr("Hint for this page"))
        self._hint_button.setFlat(True)
        self._hint_button.clicked.connect(self._show_hint)
        self._hint = _words(self, "learn.hint")
        self._done = _words(self, "learn.done")
        self._heading.setWordWrap(True)
        self.hand_in = HandIn(self)
        self.hand_in.hide()

    def _make_foot(self) -> None:
        """Pages by name: below them stands the step bar, which has a Back and a Next too."""
        self.back = named(QPushButton(self.tr("Previous page"), self), "learn.back")
        self.back.setToolTip(self.tr("The page before (Alt+Page Up)"))
        self.back.setShortcut("Alt+PgUp")
        self.back.clicked.connect(lambda: self._turn(-1))
        self.next = named(QPushButton(self.tr("Next page"), self), "learn.next")
        self.next.setToolTip(self.tr("The next page (Alt+Page Down)"))
        self.next.setShortcut("Alt+PgDown")
        self.next.clicked.connect(lambda: self._turn(1))

    def _lay_out(self) -> None:
        inside = QWidget()
        in_column(
            self._heading, self._words, self._question, self._options, self._estimate,
            self._verdict, self._task_row, in_row(self._hint_button, None), self._hint,
            self._done, self.hand_in, None,
            into=inside, around=(1.5, 1, 1.5, 1), apart=1.25,
        )  # fmt: skip
        self.body = named(QScrollArea(self), "learn.scroll")
        scroll_upright(self.body, inside)
        head = in_row(self.back_to_list, None, self._count, apart=1)
        in_column(
            in_column(head, self._bar, around=(1, 0.5, 1.5, 0), apart=0.5),
            (self.body, 1),
            in_row(self.back, None, self.next, around=(1.5, 0.75, 1.5, 1), apart=1),
            into=self,
            apart=0,
        )

    def _fill(self) -> None:
        """Everything that stays the same while one is on the page."""
        run = self._run
        assert run is not None
        page, text, pages = run.page, self._text, len(run.lesson.pages)
        self._heading.setText(text.heading or run.lesson.title)
        self._count.setText(self.tr("{page} of {pages}").format(page=run.number + 1, pages=pages))
        self._bar.show_share(run.number + 1, pages)
        choice = page.ask.choice if page.ask is not None else None
        self._question.setText(text.part("question"))
        self._question.setVisible(bool(text.part("question")))
        self._fill_choice(choice)
        is_estimate = page.ask is not None and page.ask.estimate is not None
        self._estimate.setVisible(is_estimate)
        self._hint_button.setVisible(bool(text.part("hint")))
        self._hint.setText(text.part("hint"))
        self._show_state(run)

    def _fill_choice(self, choice: Option | None) -> None:
        if self._choice is not None:
            self._options_column.removeWidget(self._choice)
            self._choice.hide()
            self._choice.deleteLater()
            self._choice = None
        self._options.setVisible(choice is not None)
        if choice is None or self._run is None:
            return
        texts = [(key, self._text.part(key)) for key in choice.shown]
        self._choice = ChoiceBox(texts, self._options)
        self._choice.answered.connect(self._choose)
        self._options_column.addWidget(self._choice)
        if self._run.page.id in self._run.answered:
            self._choice.show_answer(choice.right, right=True)

    def _show_state(self, run: LessonRun) -> None:
        """What is done, and what may be read by now."""
        text, page = self._text, run.page
        self._put(self._words, self._filled(text.text))
        self._words.setVisible(bool(text.text))
        tasks = run.tasks
        waits = run.is_asked and page.ask is not None and page.ask.estimate is not None
        asks_number = page.ask is not None and page.ask.number is not None
        self._task_row.setVisible((bool(text.part("task")) or asks_number) and not waits)
        is_done = all(done for _, done in tasks) and not (asks_number and run.is_asked)
        name, colour = ("check", "good") if is_done else ("right", "accent")
        self._mark.setPixmap(icons.icon(name, colour).pixmap(icons.SIZE))
        said = self.tr("Work it out: type your answer at the top right.")
        self._put(self._task, said if asks_number else self._filled(text.part("task")))
        self._task.setAccessibleDescription(self.tr("done") if is_done else self.tr("to do"))
        self._show_estimate(run)
        shows_done = run.is_done and bool(text.part("done"))
        self._done.setVisible(shows_done)
        if shows_done:
            self._put(self._done, self._filled(text.part("done")))
        self.back.setEnabled(run.number > 0)
        self.next.setEnabled(run.is_done)
        self.next.setText(self.tr("Finish") if run.is_last else self.tr("Next page"))
        self.next.setDefault(run.is_done)

    def _show_estimate(self, run: LessonRun) -> None:
        page = run.page
        if page.ask is None or page.ask.estimate is None:
            return
        guess, true = run.guesses.get(page.id), run.revealed.get(page.id)
        self._estimate.show_guess(guess, true)
        if guess is not None and true is not None:
            near = is_near(run)
            said = self._text.part("right" if near else "wrong")
            if said and not self._verdict.isVisible():
                self._verdict.show_text(self._filled(said), right=near)

    def _put(self, label: QLabel, text: str) -> None:
        if label.text() != text:
            label.setText(text)

    def _choose(self, key: str) -> None:
        run = self._run
        if run is None or self._choice is None or run.page.ask is None:
            return
        choice = run.page.ask.choice
        right = choice is not None and key == choice.right
        self._choice.show_answer(key, right=right)
        said = self._text.part(f"{key}-why") or self._text.part("right" if right else "wrong")
        self._verdict.show_text(self._filled(said), right=right)
        if right:
            run.answer()

    def _guess(self, value: float) -> None:
        if self._run is not None:
            self._run.guess(value)

    def _show_hint(self) -> None:
        self._hint.show()
        self._hint_button.hide()

    def _turn(self, by: int) -> None:
        run = self._run
        if run is None:
            return
        if by > 0 and run.is_last:
            self.ended.emit()
        else:
            run.turn(by)

    def _restyle(self) -> None:
        tokens = theme.current()
        self._hint.setStyleSheet(f"color: {tokens.text_dim};")


class _ShareBar(QWidget):
    """How much of the lesson is behind one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedHeight(theme.gap(0.5))
        self._share = 0.0

    def show_share(self, page: int, pages: int) -> None:
        """Shows it."""
        self._share = page / pages
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme.current()
        painter.fillRect(self.rect(), QColor(tokens.sunken))
        done = QRect(0, 0, round(self.width() * self._share), self.height())
        painter.fillRect(done, QColor(tokens.accent))
        painter.end()


def _words(parent: QWidget, identity: str) -> QLabel:
    """A text in Markdown that wraps, and can be selected."""
    label = named(QLabel(parent), identity)
    font = label.font()
    font.setPointSizeF(theme.points(_POINTS))
    label.setFont(font)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.MarkdownText)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse
        | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label
