"""A page's question: answers to choose from, or a number to guess before it is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QWidget

from app.kit import theme
from app.kit.controls import HEIGHT, restyle
from app.kit.handles import Line
from app.kit.layouts import in_column, in_row, named
from app.kit.numbers import read_number
from app.kit.text import told
from app.learn.gap import GapBars
from core.errors import UserError

if TYPE_CHECKING:
    from app.learn.run import LessonRun


class AnswerVerdict(QWidget):
    """What comes of an answer: a sentence with a bar at its side."""

    def __init__(self, identity: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("learn-verdict")
        self.label = named(QLabel(self), identity)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.MarkdownText)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        in_column(self.label, into=self, around=(1, 0.5, 0.5, 0.5))
        self.hide()

    def show_text(self, text: str, *, right: bool) -> None:
        """Says it; a screen reader is told."""
        self.label.setText(text)
        self.label.setAccessibleName(text)
        self.setVisible(bool(text))
        self.setProperty("state", "right" if right else "wrong")
        restyle(self)
        QAccessible.updateAccessibility(QAccessibleEvent(self.label, QAccessible.Event.Alert))


class ChoiceBox(QWidget):
    """Answers below one another; a wrong one says why and lets one choose again."""

    answered = Signal(str)

    def __init__(self, options: list[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(parent)
        self.buttons: dict[str, QToolButton] = {}
        column = in_column(into=self, apart=0.5)
        for number, (key, text) in enumerate(options, 1):
            button = named(QToolButton(self), f"learn.option.{key}", text)
            button.setProperty("role", "option")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            if number < 10:
                button.setShortcut(f"Alt+{number}")
            label = QLabel(text, button)
            label.setTextFormat(Qt.TextFormat.MarkdownText)
            label.setWordWrap(True)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            in_row((label, 1), into=button, around=(1, 0.5, 1, 0.5))
            button.setSizePolicy(
                button.sizePolicy().Policy.Expanding, button.sizePolicy().Policy.Minimum
            )
            button.clicked.connect(lambda _checked=False, one=key: self._choose(one))
            self.buttons[key] = button
            column.addWidget(button)

    def show_answer(self, key: str, *, right: bool) -> None:
        """Marks what was chosen; after the right one there is nothing to choose any more."""
        for name, button in self.buttons.items():
            button.setChecked(name == key)
            button.setProperty("state", ("right" if right else "wrong") if name == key else "")
            button.setEnabled(not right or name == key)
            restyle(button)

    def _choose(self, key: str) -> None:
        self.answered.emit(key)


class EstimateBox(QWidget):
    """A field for a guess; then both bars."""

    guessed = Signal(float)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.field = named(Line(self), "learn.guess", self.tr("Your guess"))
        self.field.setPlaceholderText(self.tr("your guess"))
        self.field.setFixedHeight(theme.space(HEIGHT))
        self.field.returnPressed.connect(self._take)
        self.button = named(QPushButton(self.tr("Guess"), self), "learn.guess.take")
        self.button.clicked.connect(self._take)
        self.problem = named(QLabel(self), "learn.guess.problem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.bars = GapBars("learn.gap", self)
        self.bars.hide()
        in_column(
            in_row((self.field, 1), self.button, apart=1), self.problem, self.bars,
            into=self, apart=0.5,
        )  # fmt: skip

    def show_guess(self, guess: float | None, true: float | None) -> None:
        """Follows what was guessed, and what came."""
        self.field.setEnabled(guess is None)
        self.button.setEnabled(guess is None)
        self.bars.setVisible(guess is not None and true is not None)
        if guess is not None and true is not None:
            self.bars.show_gap(guess, true)

    def _take(self) -> None:
        try:
            value = read_number(self.field.text())
        except UserError as error:
            self.problem.setText(told(error.sentence))
            self.problem.show()
            return
        self.problem.hide()
        self.guessed.emit(value)


def is_near(run: LessonRun) -> bool:
    """Whether the guess of the page that is shown came near."""
    page = run.page
    assert page.ask is not None
    assert page.ask.estimate is not None
    estimate, true = page.ask.estimate, run.revealed[page.id]
    return abs(run.guesses[page.id] - true) <= max(estimate.least, estimate.within * abs(true))
