"""The end of an assignment: a name, and the file to hand in."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.kit import theme
from app.kit.controls import HEIGHT
from app.kit.handles import Line
from app.kit.labels import caption_of
from app.kit.layouts import in_column, in_row, named


class HandIn(QWidget):
    """``wanted`` carries the learner's name, when the file is to be written."""

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("learn.hand-in")
        self.count = named(QLabel(self), "learn.hand-in.count")
        self.count.setWordWrap(True)
        self.name = named(Line(self), "learn.hand-in.name", self.tr("Your name"))
        self.name.setFixedHeight(theme.space(HEIGHT))
        self.name.setMaxLength(120)
        self.button = named(QPushButton(self.tr("Save the answers…"), self), "learn.hand-in.save")
        self.button.setToolTip(
            self.tr("Writes what was asked, answered and hinted, with times, to a file")
        )
        self.button.clicked.connect(lambda: self.wanted.emit(self.name.text().strip()))
        self.note = named(QLabel(self), "learn.hand-in.note")
        self.note.setWordWrap(True)
        label = caption_of(self.name, self.tr("Your name"))
        in_column(
            self.count, label, self.name, in_row(self.button, None), self.note, into=self, apart=1
        )

    def show_answers(self, answered: int, asked: int) -> None:
        """Says how many of the questions are answered."""
        text = self.tr("{answered} of {asked} questions are answered.")
        self.count.setText(text.format(answered=answered, asked=asked))
        self.note.setText(
            self.tr(
                "The file holds what was asked, answered and hinted, with times. "
                "Nothing is sent anywhere: you hand it in yourself."
            )
        )

    def say(self, text: str) -> None:
        """Says what became of the file."""
        self.note.setText(text)
