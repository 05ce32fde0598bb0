"""What a person types for trials: rates, in a row where no reason has room beneath, and counts."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import QToolTip, QWidget

from app.kit import theme
from app.kit.handles import Line, SpinBox
from app.kit.layouts import named
from app.kit.numbers import full_number, read_number, short_number
from app.kit.text import told
from core.errors import UserError
from core.sentence import Sentence

LARGEST = 100.0
"""What the catalog's optimizers take."""


class RateLine(Line):
    """Shows a rate, and says with ``entered`` that another one was typed.

    A text that is no rate stays as it was typed, in the colour of errors, with the reason in a
    tooltip; Esc gives the rate in force back.

    Attributes:
        rate: The one in force.
        refused: Why the text is no rate; None if it is one.
    """

    entered = Signal(float)

    def __init__(self, identity: str, name: str, rate: float, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, identity, name)
        self._name = name
        self.rate = rate
        self.refused: Sentence | None = None
        self.setFont(theme.number_font())
        self.setFixedSize(theme.space(8), theme.space(3.25))
        self.editingFinished.connect(self.finish)
        self.textEdited.connect(lambda _: self._mark(None))
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self._draw()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaves what was refused to be mended."""
        super().focusOutEvent(event)
        if self.refused is None:
            self._draw()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._colour()

    def finish(self) -> None:
        """Takes in what was typed, as Enter does: a click on a button need not end the typing."""
        if not self.isModified():
            return
        try:
            rate = _read(self.text())
        except UserError as error:
            self._mark(error.sentence)
            beneath = self.mapToGlobal(QPoint(0, self.height()))
            QToolTip.showText(beneath, told(error.sentence), self)
            return
        self.rate = rate
        self._draw()
        self.entered.emit(rate)

    def _draw(self) -> None:
        self.setText(short_number(self.rate))
        self._mark(None)

    def _mark(self, refused: Sentence | None) -> None:
        self.refused = refused
        reason = "" if refused is None else told(refused)
        self.setAccessibleDescription(reason)
        self.setToolTip(reason or f"{self._name}\n{full_number(self.rate)}")
        self._colour()

    def _colour(self) -> None:
        palette = QPalette()  # sets no colour: the window's own come back with it
        if self.refused is not None:
            palette.setColor(QPalette.ColorRole.Text, QColor(theme.current().error))
        if palette != self.palette():
            self.setPalette(palette)


def count_box(identity: str, title: str, ends: tuple[int, int], value: int) -> SpinBox:
    """A count in such a row."""
    box = named(SpinBox(), identity, title, title)
    box.setRange(*ends)
    box.setValue(value)
    box.setKeyboardTracking(False)
    box.setFixedHeight(theme.space(3.25))
    return box


def to_mend(*lines: RateLine) -> Sentence | None:
    """Takes in what was typed; says why it is no rate, and gives that line the keys."""
    for line in lines:
        line.finish()
    for line in lines:
        if line.refused is not None:
            line.setFocus()
            return line.refused
    return None


def _read(text: str) -> float:
    rate = read_number(text)
    if not 0 < rate <= LARGEST:
        raise UserError(
            "A learning rate lies above 0 and up to {most}.", "", most=short_number(LARGEST)
        )
    return rate
