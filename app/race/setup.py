"""Where a race takes place: the learner's network, or a classic function."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QHideEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from app.kit import theme
from app.kit.controls import Combo, allow_item, dim_label, narrow, put_line, restyle, turns
from app.kit.forms.editors import FieldLine
from app.kit.handles import SpinBox
from app.kit.labels import caption_of
from app.kit.layouts import in_column, in_row, named
from app.kit.math.label import MathLabel
from app.kit.math.worker import LatexWorker
from app.kit.numbers import full_number, read_number, short_number
from app.kit.text import label_of, told, translated
from core.catalog.base import entries_of
from core.catalog.functions import LossFunction
from core.errors import UserError
from core.messages.race import NETWORK, RaceChoice

LIMITS = (1, 1_000_000)
SEEDS = (0, 9999)

_LIMIT, _SEED = 11.5, 8
"""Widths at the least, in units of the grid: room for the longest of each."""


class RaceBounds(QWidget):
    """A field for the limit and one for the seed.

    ``limited`` carries so many steps, ``seeded`` a seed.
    """

    limited = Signal(int)
    seeded = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = self.tr("Steps after which the race stands still")
        self.limit = _Number("race.limit", name, LIMITS, _LIMIT, self)
        self.limit.setGroupSeparatorShown(True)
        self.limit.setStepType(SpinBox.StepType.AdaptiveDecimalStepType)
        self.limit.setToolTip(self.tr("The race stands still after so many steps"))
        name = self.tr("Seed of the function's noise")
        self.seed = _Number("race.seed", name, SEEDS, _SEED, self)
        self.limit.valueChanged.connect(self.limited)
        self.seed.valueChanged.connect(self.seeded)
        self._lay_out()

    def show_choice(self, choice: RaceChoice) -> None:
        """Shows both, without a signal; the seed can be chosen where it changes anything."""
        for field, value in ((self.limit, choice.limit), (self.seed, choice.seed)):
            if field.value() != value:
                with QSignalBlocker(field):
                    field.setValue(value)
        entry = entries_of(LossFunction).get(choice.arena)
        has_noise = entry is not None and entry.noise > 0
        text = self.tr("Only a noisy function needs one: the network's batches follow its own seed")
        if has_noise:
            text = self.tr("The same seed gives the same noise; another one begins the race anew")
        for part in (self.seed, self._seed_title):
            part.setEnabled(has_noise)
            part.setToolTip(text)

    def _lay_out(self) -> None:
        limit = caption_of(self.limit, self.tr("Step limit"))
        self._seed_title = caption_of(self.seed, self.tr("Seed"))
        parts = (limit, (self.limit, 1), None, self._seed_title, (self.seed, 1))
        row = in_row(*parts, into=self, apart=1)
        row.setStretch(2, 0)


class _Number(SpinBox):
    """A count that is told of once it is typed to its end, and a panel can be scrolled over."""

    def __init__(
        self, identity: str, name: str, ends: tuple[int, int], width: float, parent: QWidget
    ) -> None:
        super().__init__(parent)
        named(self, identity, name)
        self.setRange(*ends)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        narrow(self).setMinimumWidth(theme.space(width))
        self.setMaximumWidth(theme.space(width + 2))

    def wheelEvent(self, event: QWheelEvent) -> None:
        if turns(self, event):
            super().wheelEvent(event)


class TargetField(FieldLine):
    """``entered`` carries a loss, or None where the field was emptied; ``refused`` a reason."""

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "race.target", self.tr("Target loss")).setFont(theme.number_font())
        self._value: float | None = None
        narrow(self).setFixedWidth(theme.space(11))
        self.editingFinished.connect(self._finished)
        self.escaped.connect(self._restore)
        self._draw()

    def show_target(self, chosen: float | None, in_force: float | None) -> None:
        """Shows the loss chosen; where none is, the one in force as a hint."""
        hint = short_number(in_force) if in_force is not None else self.tr("start ÷ 10")
        self.setPlaceholderText(hint)
        needed = self.fontMetrics().horizontalAdvance(hint) + theme.space(2)
        self.setFixedWidth(max(theme.space(11), needed))
        if chosen != self._value and not (self.hasFocus() and self.isModified()):
            self._value = chosen
            self._draw()

    def focusInEvent(self, event: QFocusEvent) -> None:
        if self._value is not None and not self.isModified():
            self.setText(full_number(self._value))
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if not self.isModified():
            self._draw()

    def _finished(self) -> None:
        if not self.isModified():
            return
        try:
            value = read_number(self.text()) if self.text().strip() else None
        except UserError as error:
            self._mark(refused=True)
            self.refused.emit(told(error.sentence))
            return
        self.setModified(False)
        self._mark(refused=False)
        if value != self._value:
            self._value = value
            self.entered.emit(value)
        self._draw()

    def _restore(self) -> None:
        self._mark(refused=False)
        self._draw()

    def _mark(self, *, refused: bool) -> None:
        if bool(self.property("refused")) != refused:
            self.setProperty("refused", refused)
            restyle(self)
        if not refused:
            self.refused.emit("")

    def _draw(self) -> None:
        self.setText("" if self._value is None else short_number(self._value))
        tip = self.tr("The loss that counts as reached; leave it empty for a tenth of the first.")
        full = "" if self._value is None else f"{full_number(self._value)}\n"
        self.setToolTip(full + tip)


class ArenaChooser(QWidget):
    """A list of places, a sentence about the one chosen, and its formula.

    ``chosen`` carries the arena's word.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("race.arena")
        self._functions = entries_of(LossFunction)
        self._arena = ""
        where = self.tr("Where the race takes place")
        self.combo = named(Combo(self), "race.arena.kind", where)
        self._fill()
        self.description = named(dim_label(parent=self), "race.arena.description")
        self.formula = MathLabel("race.arena.formula", self.tr("The function"), self)
        self._worker = LatexWorker(self)
        self._worker.drawn.connect(self.formula.refresh)
        self._lay_out()
        self.combo.activated.connect(self._choose)

    @property
    def arena(self) -> str:
        """The place that is shown."""
        return self._arena

    def show_arena(self, arena: str) -> None:
        """Shows a place, without a signal."""
        if arena == self._arena:
            return
        self._arena = arena
        self.combo.setCurrentIndex(self.combo.findData(arena))
        entry = self._functions.get(arena)
        text = translated(entry.description) if entry is not None else _network()
        self.combo.setToolTip(text)
        put_line(self.description, text)
        self.formula.show_formula(entry.model_validate({}).formula if entry is not None else None)
        self.formula.setVisible(entry is not None)
        self._draw()

    def showEvent(self, event: QShowEvent) -> None:
        """A formula is drawn once somebody can see it."""
        super().showEvent(event)
        self._worker.release()
        self._draw()

    def hideEvent(self, event: QHideEvent) -> None:
        self._worker.hold()
        super().hideEvent(event)

    def _draw(self) -> None:
        missing = self.formula.missing
        if missing and self.isVisible():
            self._worker.request(missing)

    def _fill(self) -> None:
        self.combo.addItem(self.tr("My network"), NETWORK)
        allow_item(self.combo, 0, _network(), allowed=True)
        self.combo.insertSeparator(1)
        for kind, entry in self._functions.items():
            self.combo.addItem(label_of(entry), kind)
            last = self.combo.count() - 1
            allow_item(self.combo, last, translated(entry.description), allowed=True)
        self.combo.setMaxVisibleItems(self.combo.count())

    def _lay_out(self) -> None:
        title = caption_of(self.combo, self.tr("Race on"))
        row = in_row(title, (self.combo, 1), apart=1)
        in_column(row, self.description, self.formula, into=self, apart=0.5)

    def _choose(self, index: int) -> None:
        arena = self.combo.itemData(index)
        if arena != self._arena:
            self.show_arena(arena)
            self.chosen.emit(arena)


def _network() -> str:
    return QCoreApplication.translate(
        "race", "All start from the network's present weights and see the same batches in turn."
    )
