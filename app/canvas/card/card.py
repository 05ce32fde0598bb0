"""The card beside the pointer: a place's numbers, and once it is pinned, fields to change them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from PySide6.QtCore import QRect, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QToolButton, QWidget

from app.canvas.card.weight_panel import WeightPanel
from app.canvas.model.facts import Fact, Facts, Toggle
from app.kit import icons, theme
from app.kit.controls import dim, dim_label, put_line
from app.kit.forms.number_field import NumberField
from app.kit.labels import bold
from app.kit.layouts import in_row, named
from app.kit.numbers import four_digits, in_full

LARGEST = 3.4028235e38
"""The largest 32-bit number, beyond which a weight would be infinite."""


_BEGINNINGS = "0123456789-"
"""Of a number that is typed; a point is the key of the next operation."""


class Card(QWidget):
    """Facts in rows, beside a picture of weights where there is one.

    ``wanted`` carries a command, ``picked`` the place of a weight in the picture and whether it is
    a second one, ``closed`` says that the card was put away.
    """

    wanted = Signal(object)
    picked = Signal(object, bool)
    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("canvas.card")
        self.setAccessibleName(self.tr("Numbers of the place picked"))
        self._graph = parent
        self.pinned = False
        self._shape: tuple[object, ...] = ()
        self._stacked, self._last = False, 1
        self._values: dict[str, QLabel | NumberField] = {}
        self._toggles: dict[str, QCheckBox] = {}
        self._facts = Facts("", ())
        self._title, self._close = bold(QLabel(self)), QToolButton(self)
        self._grid = QGridLayout(self)
        self.weights = WeightPanel(self)
        self._lay_out()
        self.hint = named(dim_label("", "error", self), "canvas.card.hint")
        self.hide()

    def _lay_out(self) -> None:
        named(self._close, "canvas.card.close", self.tr("Close the card"), self.tr("Close (Esc)"))
        icons.put(self._close, "close", "text_dim")
        self._close.setIconSize(self._close.iconSize() * 0.7)
        self._close.clicked.connect(self.put_away)
        margin = theme.space(1.5)
        self._grid.setContentsMargins(margin, theme.space(), margin, margin)
        self._grid.setHorizontalSpacing(theme.space(2))
        self._grid.setVerticalSpacing(theme.space(0.5))
        self._grid.addLayout(in_row((self._title, 1), self._close), 0, 0, 1, 3)
        self.weights.picked.connect(self.picked)
        self.weights.grid.typed.connect(self._type)

    def show_facts(self, facts: Facts, *, pinned: bool) -> None:
        """Shows a place's numbers; a field that somebody types in keeps what is typed."""
        self._facts = facts
        shape = (
            facts.title, pinned,
            [(fact.id, fact.label, fact.edit is None) for fact in facts.facts],
            [toggle.id for toggle in facts.toggles],
        )  # fmt: skip
        if shape != self._shape:
            self._shape, self.pinned = shape, pinned
            self._rebuild(facts)
        self.weights.show_weights(facts.weights, pinned=pinned)
        for fact in facts.facts:
            self._write(fact)
        for toggle in facts.toggles:
            if toggle.id in self._toggles:
                with QSignalBlocker(self._toggles[toggle.id]):
                    self._toggles[toggle.id].setChecked(toggle.on)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, not pinned)
        self._close.setVisible(pinned)
        self.adjustSize()

    def place(self, around: QRect) -> None:
        """Beside a rectangle of the parent, inside of it, and not over what it speaks of."""
        gap, room = theme.space(2), self._graph.rect()
        if not self.weights.isHidden():
            free = max(around.left(), room.right() - around.right()) - gap - 4
            self._arrange(stacked=False)
            if self.pinned and self.width() > free:
                self._arrange(stacked=True)
            if self.height() > room.height() - 8:
                self._arrange(stacked=False)
        x = around.right() + gap
        if x + self.width() > room.right():
            x = around.left() - gap - self.width()
        y = min(around.top() + gap, room.bottom() - self.height() - theme.space(5))
        self.move(x, y)
        self.stay_inside()
        self.show()
        self.raise_()

    def stay_inside(self) -> None:
        """Moves so far that nothing of it is cut off, or its end if it is too large."""
        room = self._graph.rect()
        x = min(self.x(), room.right() - 4 - self.width())
        y = min(self.y(), room.bottom() - 4 - self.height())
        self.move(max(x, room.left() + 4), max(y, room.top() + 4))

    def put_away(self) -> None:
        """Closes the card."""
        if not self.isHidden():
            self.pinned, self._shape = False, ()
            self.hide()
            self.closed.emit()

    def start(self) -> None:
        """Gives the keyboard to the first field; without one, to the picture."""
        picture = self._close if self.weights.isHidden() else self.weights.grid
        target = next(iter(self._fields()), picture)
        target.setFocus(Qt.FocusReason.TabFocusReason)

    def take(self, letter: str) -> bool:
        """Begins its number anew with a digit or a minus, typed while the graph has the keyboard.

        Returns:
            Whether there is a number to be typed.
        """
        fields = self._fields() if self.pinned and letter in _BEGINNINGS else []
        if letter and fields:
            _write_over(fields[0], letter)
        return bool(letter and fields)

    def _fields(self) -> list[NumberField]:
        return [value for value in self._values.values() if isinstance(value, NumberField)]

    def _type(self, text: str) -> None:
        """What is typed on a number of the picture goes into its field, in place of the number."""
        fields = self._fields() if self._facts.weights and self._facts.weights.current else []
        if fields:
            _write_over(fields[0], text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes; other keys are the card's own while it has them."""
        if event.key() == Qt.Key.Key_Escape:
            self.put_away()
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A surface with a hairline; in the accent colour while it is pinned."""
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge = tokens.accent if self.pinned else tokens.line
        painter.setPen(QPen(QColor(edge), 1.2))
        painter.setBrush(QColor(tokens.surface))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)

    def _rebuild(self, facts: Facts) -> None:
        labels = self.findChildren(QLabel, "canvas.card.label")
        for old in (*self._values.values(), *self._toggles.values(), *labels):
            old.hide()
            old.setObjectName("")  # until it is gone, the name is its successor's
            old.deleteLater()
        self._values, self._toggles = {}, {}
        self._title.setText(facts.title)
        put_line(self.hint, "")
        for row, fact in enumerate(facts.facts, 1):
            self._add_row(row, fact)
        boxes = [self._toggle(toggle) for toggle in facts.toggles if self.pinned]
        below = max(len(facts.facts), 1) + 1
        for row, widget in enumerate([*boxes, self.hint], below):
            self._grid.addWidget(widget, row, 0, 1, 2)
        self._last = below + len(boxes) + 1
        self._arrange(stacked=self._stacked)
        self._chain()

    def _chain(self) -> None:
        """Tab goes through the fields and the boxes, then through the picture."""
        boxes = self._toggles.values()
        stations = [*self._fields(), *boxes, *self.weights.stations(), self._close]
        for one, other in pairwise(stations):
            QWidget.setTabOrder(one, other)

    def _arrange(self, *, stacked: bool) -> None:
        """The picture beneath the rows or beside them; rows stay together at the top."""
        self._stacked = stacked
        if stacked:
            self._grid.addWidget(self.weights, self._last, 0, 1, 2)
        else:
            self._grid.addWidget(self.weights, 1, 2, self._last, 1)
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, int(row == self._last))
        self.adjustSize()

    def _add_row(self, row: int, fact: Fact) -> None:
        label = named(dim(QLabel(fact.label, self)), "canvas.card.label")
        value: QLabel | NumberField = QLabel(self)
        if self.pinned and fact.edit is not None:
            value = self._field(fact)
        else:
            value.setFont(theme.number_font())
        value.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._values[fact.id] = named(value, f"canvas.card.{fact.id}", fact.label)
        for column, widget in enumerate((label, value)):
            self._grid.addWidget(widget, row, column)
            widget.show()

    def _field(self, fact: Fact) -> NumberField:
        field = NumberField(self)
        field.setFixedWidth(theme.space(14))
        field.entered.connect(lambda value, identifier=fact.id: self._enter(identifier, value))
        field.refused.connect(lambda reason, one=field: self._refuse(one, reason))
        # By Escape, which closes the card only when it is pressed once more.
        field.restored.connect(lambda one=field: self._accept(one))
        return field

    def _accept(self, field: NumberField) -> None:
        field.setProperty("refused", False)
        put_line(self.hint, "")
        self.adjustSize()

    def _enter(self, identifier: str, value: float) -> None:
        fact = next((fact for fact in self._facts.facts if fact.id == identifier), None)
        field = self._values.get(identifier)
        if fact is None or fact.edit is None or not isinstance(field, NumberField):
            return
        if abs(value) > LARGEST:
            self._refuse(field, self.tr("It is too large for a 32-bit number."))
            return
        self._accept(field)
        if value != fact.value:
            self.wanted.emit(fact.edit(value))

    def _refuse(self, field: NumberField, reason: str) -> None:
        """The text stays as it was typed, with the reason beneath."""
        field.setProperty("refused", True)
        put_line(self.hint, reason)
        width = self.width() - 2 * theme.space(1.5)
        self.hint.setMinimumHeight(self.hint.heightForWidth(width))
        self.adjustSize()

    def _toggle(self, toggle: Toggle) -> QCheckBox:
        label = toggle.label
        box = named(QCheckBox(label, self), f"canvas.card.{toggle.id}", label, label)
        box.toggled.connect(lambda on, identifier=toggle.id: self._switch(identifier, on))
        self._toggles[toggle.id] = box
        box.show()
        return box

    def _switch(self, identifier: str, on: bool) -> None:
        toggle = next((one for one in self._facts.toggles if one.id == identifier), None)
        if toggle is not None:
            self.wanted.emit(toggle.command(on))

    def _write(self, fact: Fact) -> None:
        value = self._values[fact.id]
        if isinstance(value, NumberField):
            if not value.busy and not value.property("refused") and fact.value is not None:
                value.show_number(shortest(fact.value))
            return
        value.setText(four_digits(fact.value))
        value.setToolTip("" if fact.value is None else in_full(fact.value))


def _write_over(field: NumberField, text: str) -> None:
    """Begins a number anew; with no letter, only has it ready to be typed over."""
    field.setFocus(Qt.FocusReason.ShortcutFocusReason)
    field.selectAll()
    if text:
        field.insert(text)


def shortest(value: float) -> float:
    """The number with the fewest digits that a weight of 32 bits keeps as this one: 0.55, where
    its 64 bits would be 0.550000011920929.
    """
    return float(str(np.float32(value))) if np.float32(value) == value else value
