"""The open question beside its formula: asked, answered, and then told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QToolButton, QWidget

from app.kit import icons, theme
from app.kit.controls import HEIGHT, restyle
from app.kit.flow import in_flow
from app.kit.labels import bold
from app.kit.layouts import in_column, in_row, named
from app.kit.numbers import four_digits
from app.kit.text import sentence, told, unbroken
from app.step.question.answer_ways import WAYS, AnswerWay
from core.errors import UserError
from core.questions.levels import AskLevel

if TYPE_CHECKING:
    from app.link.asking import Asking
    from core.questions.posing import Posed


class QuestionPanel(QFrame):
    """Asks, takes an answer, and says what is made of it; away where nothing is asked.

    ``next_wanted`` asks for another question.
    """

    next_wanted = Signal()

    def __init__(self, asking: Asking, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "question", self.tr("Your turn"))
        self._asking = asking
        self._posed: Posed | None = None
        # A lesson goes on by itself, and asks for no other number in between.
        self._refusal = ""
        self.asks_on = True
        self._ways: dict[AskLevel, AnswerWay] = {}
        self._make_parts()
        self._lay_out()
        self._restyle()
        self.hide()
        asking.changed.connect(self.show_asking)
        self.show_asking()

    def show_asking(self) -> None:
        """Follows the question, and what has become of it."""
        asking, posed = self._asking, self._asking.posed
        is_new, has_keys = posed is not self._posed, self._has_keys()
        self._posed = posed
        if is_new or not asking.is_open:
            self._refusal = ""
        self.setVisible(posed is not None)
        if posed is None:
            return
        way = self._way(posed.level)
        if is_new:
            self._show_question(posed, way)
        way.show_end(None if asking.is_open else posed.question.value)
        self._show_verdict()
        self._show_buttons()
        if is_new:
            self.take_keys()
        elif not asking.is_open and has_keys:
            self.next_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def take_keys(self) -> None:
        """The keyboard goes to what answers."""
        if self._posed is not None and self._asking.is_open:
            self._way(self._posed.level).first.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape puts the question away."""
        if event.key() == Qt.Key.Key_Escape:
            self._asking.close()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def _make_parts(self) -> None:
        tr = self.tr
        self.asked = bold(self._text("asked"))
        self.instruction = self._text("instruction")
        self.verdict = self._text("verdict")
        self.hinted = self._text("hints")
        self.close_button = named(
            QToolButton(self), "question.close", tr("Close"), tr("Put the question away (Esc)")
        )
        icons.put(self.close_button, "close")
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.close_button.clicked.connect(self._asking.close)
        self.hint_button = self._button("hint", tr("Hint"), tr("Tell a little more; it is counted"))
        self.hint_button.clicked.connect(self._asking.take_hint)
        self.show_button = self._button("show", tr("Show me"), tr("Show the number, and end here"))
        self.show_button.clicked.connect(self._asking.give_up)
        self.next_button = self._button("next", tr("Next question"), tr("Ask for another number"))
        self.next_button.clicked.connect(self.next_wanted)

    def _text(self, name: str) -> QLabel:
        label = named(QLabel(self), f"question.{name}")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _button(self, name: str, text: str, tip: str) -> QPushButton:
        button = named(QPushButton(text, self), f"question.{name}", text, tip)
        button.setFixedHeight(theme.space(HEIGHT))
        button.setAutoDefault(True)
        return button

    def _lay_out(self) -> None:
        self._answer = in_column(apart=0)
        top = in_row((self.asked, 1), self.close_button, apart=1)
        top.setAlignment(self.close_button, Qt.AlignmentFlag.AlignTop)
        foot = in_flow(self.hint_button, self.show_button, None, self.next_button, apart=1)
        parts = (top, self.instruction, self._answer, self.verdict, self.hinted, foot)
        in_column(*parts, into=self, around=(1.5, 1, 1, 1), apart=0.75)

    def _way(self, level: AskLevel) -> AnswerWay:
        """What answers it; made when it is first needed."""
        if level not in self._ways:
            made = self._ways[level] = WAYS[level](self)
            made.given.connect(self._give)
            self._answer.addWidget(made)
        return self._ways[level]

    def _show_question(self, posed: Posed, way: AnswerWay) -> None:
        for other in self._ways.values():
            other.setVisible(other is way)
        self.asked.setText(unbroken(sentence(posed.question.asked)))
        instruction = posed.instruction
        self.instruction.setText(unbroken(sentence(instruction)) if instruction else "")
        self.instruction.setVisible(instruction is not None)
        way.show_posed(posed)

    def _show_verdict(self) -> None:
        asking = self._asking
        lines = self._said()
        text = unbroken(" ".join(lines))
        is_new = text != self.verdict.text()
        self.verdict.setText(text)
        self.verdict.setAccessibleName(text)
        self.verdict.setVisible(bool(text))
        is_right = asking.judgement is not None and asking.judgement.is_right
        state = "right" if is_right and not asking.is_given_up else "told"
        if self.verdict.property("state") != state:
            self.verdict.setProperty("state", state)
            restyle(self.verdict)
        hints = [unbroken(sentence(hint)) for hint in asking.hints]
        self.hinted.setText("\n".join(hints))
        self.hinted.setVisible(bool(hints))
        if text and is_new:
            event = QAccessibleEvent(self.verdict, QAccessible.Event.Alert)
            QAccessible.updateAccessibility(event)

    def _said(self) -> list[str]:
        """What is said of the newest answer, and the number once it may be seen."""
        asking, judgement, question = self._asking, self._asking.judgement, self._asking.question
        if self._refusal:
            return [self._refusal]
        said = [sentence(one) for one in judgement.sentences] if judgement is not None else []
        if asking.is_open or question is None:
            return said
        value = self.tr("It is {value}.").format(value=four_digits(question.value))
        if asking.is_given_up:
            return [value, *([self._last_answer()] if judgement is not None else [])]
        is_said = asking.posed is not None and asking.posed.level is AskLevel.SIZE
        return said if is_said else [*said, value]

    def _last_answer(self) -> str:
        judgement = self._asking.judgement
        is_number = self._posed is not None and self._posed.level is AskLevel.NUMBER
        if judgement is None or not is_number:
            return ""
        answer = four_digits(judgement.answer)
        return self.tr("Your last answer was {answer}.").format(answer=answer)

    def _show_buttons(self) -> None:
        asking = self._asking
        more, taken = asking.more_hints, len(asking.hints)
        text = self.tr("Hint {number} of {count}") if more else self.tr("No more hints")
        self.hint_button.setText(text.format(number=taken + 1, count=taken + more))
        self.hint_button.setEnabled(asking.is_open and more > 0)
        self.hint_button.setVisible(asking.is_open)
        self.show_button.setVisible(asking.is_open)
        self.next_button.setVisible(self.asks_on and not asking.is_open)

    def _give(self, text: str) -> None:
        self._refusal = ""
        try:
            self._asking.answer(text)
        except UserError as error:
            self._refusal = told(error.sentence)
            self._show_verdict()

    def _has_keys(self) -> bool:
        """Whether the keyboard is here; it goes on when what has it goes away."""
        focus = self.window().focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def _restyle(self) -> None:
        tokens = theme.current()
        sheet = (
            f"QuestionPanel {{ background: {tokens.sunken}; border: 1px solid {tokens.line};"
            f" border-left: 3px solid {tokens.accent}; border-radius: 4px; }}"
            f"QLabel[state='right'] {{ color: {tokens.good}; }}"
            f"QPushButton:checked {{ background: {tokens.accent}; color: {tokens.on_accent};"
            f" border-color: {tokens.accent}; }}"
            f"QLabel[state='told'] {{ color: {tokens.text}; }}"
        )
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)
            dim = f"color: {tokens.text_dim};"
            self.instruction.setStyleSheet(dim)
            self.hinted.setStyleSheet(dim)
