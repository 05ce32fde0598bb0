"""What a person answers with: buttons, a line to type in, a bar to draw, parts to choose."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractButton, QLabel, QPushButton, QWidget

from app.kit import theme
from app.kit.controls import HEIGHT
from app.kit.flow import FlowLayout, in_flow
from app.kit.handles import Line
from app.kit.layouts import in_column, in_row, named
from app.kit.numbers import four_digits
from app.step.question.size_bar import SizeBar
from core.questions.levels import AskLevel

if TYPE_CHECKING:
    from core.questions.posing import Posed


class AnswerWay(QWidget):
    """One way to answer; ``given`` carries the answer as ``Posed.read`` takes it.

    Attributes:
        first: What gets the keyboard.
    """

    given = Signal(str)
    first: QWidget

    def show_posed(self, posed: Posed) -> None:
        """Another question."""
        raise NotImplementedError

    def show_end(self, truth: float | None) -> None:
        """Whether it can still be answered: not so once the true number is told."""
        self.setEnabled(truth is None)

    def _button(self, identity: str, text: str, tip: str = "") -> QPushButton:
        button = named(QPushButton(text, self), f"question.{identity}", text, tip)
        button.setFixedHeight(theme.space(HEIGHT))
        button.setAutoDefault(True)  # Enter presses it; Space trains, wherever the keyboard is
        return button


class _Buttons(AnswerWay):
    """A button for each answer there is."""

    def __init__(
        self, name: str, choices: tuple[tuple[str, str, str], ...], parent: QWidget
    ) -> None:
        super().__init__(parent)
        named(self, f"question.{name}")
        buttons = [self._choice(name, *choice) for choice in choices]
        self.first = buttons[0]
        in_flow(*buttons, None, into=self, apart=1)

    def show_posed(self, posed: Posed) -> None:
        """They are the same for all."""

    def _choice(self, name: str, answer: str, identity: str, text: str) -> QPushButton:
        button = self._button(f"{name}.{identity}", text)
        button.clicked.connect(lambda: self.given.emit(answer))
        return button


class SignWay(_Buttons):
    """Below 0, 0, above 0."""

    def __init__(self, parent: QWidget) -> None:
        tr = self.tr
        choices = (
            ("-", "below", tr("Below 0")),
            ("0", "zero", tr("0")),
            ("+", "above", tr("Above 0")),
        )
        super().__init__("sign", choices, parent)


class OrderWay(_Buttons):
    """Smaller, larger."""

    def __init__(self, parent: QWidget) -> None:
        tr = self.tr
        choices = (("smaller", "smaller", tr("Smaller")), ("larger", "larger", tr("Larger")))
        super().__init__("order", choices, parent)


class NumberWay(AnswerWay):
    """A line that takes a number, a fraction, or a sum of products."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.first = self.field = named(
            Line(self),
            "question.number",
            self.tr("Your answer"),
            self.tr("A number, or how you come to it: 0.25, 3/4, -0.54*0.03 + 0.2"),
        )
        self.field.setFont(theme.number_font())
        self.field.setPlaceholderText(self.tr("such as 0.25 or -0.54*0.03"))
        self.field.setFixedHeight(theme.space(HEIGHT))
        self.field.setMaxLength(200)
        self.field.returnPressed.connect(self._give)
        check = self._button("check", self.tr("Check"), self.tr("Have the answer read (Enter)"))
        check.clicked.connect(self._give)
        in_row((self.field, 1), check, into=self, apart=1)

    def show_posed(self, posed: Posed) -> None:
        """An empty line."""
        self.field.clear()

    def show_end(self, truth: float | None) -> None:
        """What was typed stays to be read, and copied."""
        super().show_end(truth)
        if truth is None:
            self.field.selectAll()

    def _give(self) -> None:
        self.given.emit(self.field.text())


class SizeWay(AnswerWay):
    """A bar to be drawn, with its size as a number."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.first = self.bar = SizeBar(self)
        self.reading = QLabel(self)
        self.reading.setObjectName("question.size.reading")
        self.reading.setWordWrap(True)
        self.check = self._button("size.check", self.tr("This large"), self.tr("Done (Enter)"))
        self.check.clicked.connect(self._give)
        self.bar.given.connect(self._give)
        self.bar.drawn.connect(self._read)
        row = in_row((self.reading, 1), self.check, apart=1)
        in_column(self.bar, row, into=self, apart=0.5)

    def show_posed(self, posed: Posed) -> None:
        """A scale for its size."""
        self.bar.show_scale(posed.reach)
        self.check.setEnabled(False)
        self.reading.setText(self.tr("Drag the bar to where you think it ends."))

    def show_end(self, truth: float | None) -> None:
        """The true bar below the drawn one."""
        self.bar.show_truth(truth)
        self.check.setEnabled(truth is None and self.bar.value is not None)

    def _read(self, value: float) -> None:
        self.check.setEnabled(True)
        self.reading.setText(self.tr("About {value}").format(value=four_digits(value)))

    def _give(self) -> None:
        if self.bar.value is not None and self.check.isEnabled():
            self.given.emit(repr(self.bar.value))


class PartsWay(AnswerWay):
    """Parts to be chosen, right ones among others."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, "question.parts", self.tr("The parts that are offered"))
        self._parts: list[QAbstractButton] = []
        self._row = QWidget(self)
        self._flow = FlowLayout(self._row, 0.75)
        tip = self.tr("Have the choice read")
        self.check = self._button("parts.check", self.tr("Put together"), tip)
        self.check.clicked.connect(self._give)
        in_column(self._row, in_row(self.check, None), into=self, apart=0.75)
        self.first = self.check

    def show_posed(self, posed: Posed) -> None:
        """The parts that it offers."""
        while len(self._parts) < len(posed.parts):
            self._parts.append(self._part(len(self._parts)))
        for place, button in enumerate(self._parts):
            button.setChecked(False)
            button.setVisible(place < len(posed.parts))
            if place < len(posed.parts):
                text = posed.parts[place].text
                button.setText(text)
                button.setAccessibleName(text)
        self.first = self._parts[0]
        self._row.updateGeometry()

    def _part(self, place: int) -> QPushButton:
        button = self._button(f"parts.{place}", "")
        button.setCheckable(True)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._flow.addWidget(button)
        return button

    def _give(self) -> None:
        chosen = [str(place) for place, one in enumerate(self._parts) if one.isChecked()]
        self.given.emit(",".join(chosen))


WAYS: dict[AskLevel, Callable[[QWidget], AnswerWay]] = {
    AskLevel.SIGN: SignWay,
    AskLevel.COMPARE: OrderWay,
    AskLevel.SIZE: SizeWay,
    AskLevel.NUMBER: NumberWay,
    AskLevel.CHAIN: PartsWay,
}
