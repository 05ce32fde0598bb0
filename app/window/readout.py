"""The headline: loss and accuracy of where one stands, and over what they were measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QLabel, QWidget

from app.kit import numbers, theme
from app.kit.labels import SteadyLabel, put_live
from app.kit.layouts import in_column, in_row, named

if TYPE_CHECKING:
    from core.messages.curves import Curves, MeasuredValue
    from core.messages.snapshot import Progress, Snapshot

BARELY = 100
"""While a run goes on, a figure of the last hundredth of its steps is as new as the picture."""


class Readout(QWidget):
    """Training loss, test loss and test accuracy, large, with a small line of where they are from.

    Attributes:
        batches: Over which batches the training loss is a mean.
        broken: Says that the experiment is broken on purpose, if it is.
        tests: At which step, and over how many samples, the test set was measured.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("readout")
        self.train_loss = Figure("train-loss", self.tr("Training loss"), self)
        self.test_loss = Figure("test-loss", self.tr("Test loss"), self)
        self.test_accuracy = Figure("test-accuracy", self.tr("Test accuracy"), self)
        self.batches, self.tests = _note("batches", self), _note("tests", self)
        # The widest: a figure must not move its neighbours when its note comes.
        widest = self.tr("mean of {count} batches").format(count=numbers.whole(100))
        self.batches.setMinimumWidth(self.batches.fontMetrics().horizontalAdvance(widest))
        training = in_column(self.train_loss, self.batches, apart=0)
        figures = in_row(self.test_loss, self.test_accuracy, apart=3)
        self.broken = _broken_note(self)
        tested = in_column(figures, self.tests, apart=0)
        self._row = in_row(in_row(self.broken, training, apart=1.5), tested, into=self, apart=3)

    @property
    def upright_width(self) -> int:
        """How wide it is with its captions above the figures."""
        parts = (self.train_loss, self.test_loss, self.test_accuracy)
        widths = [figure.upright_width for figure in parts if not figure.isHidden()]
        widths[0] = max(widths[0], self.batches.minimumWidth())
        broken = 0 if self.broken.isHidden() else self.broken.sizeHint().width() + theme.gap(1.5)
        return broken + sum(widths) + theme.gap(3) * (len(widths) - 1)

    def set_flat(self, *, flat: bool) -> None:
        """Each figure beside its caption, and no notes: they stand in the figures' tooltips."""
        for figure in (self.train_loss, self.test_loss, self.test_accuracy):
            figure.set_flat(flat=flat)
        for note in (self.batches, self.tests):
            note.setVisible(not flat)
        self._tell()
        self._row.invalidate()
        self.updateGeometry()

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Shows what holds where one stands; a dash where there is nothing yet."""
        self.broken.setVisible(snapshot is not None and snapshot.spec.fault is not None)
        if snapshot is None:
            for figure in (self.train_loss, self.test_loss, self.test_accuracy):
                figure.show_value(None)
            return
        curves, step = snapshot.curves, snapshot.progress.step
        train, loss = curves.train_loss_at(step), curves.test_loss_at(step)
        accuracy = curves.test_accuracy_at(step)
        self.train_loss.show_value(train)
        self.test_loss.show_value(loss)
        self.test_accuracy.show_value(accuracy, percent=True)
        for figure in (self.train_loss, self.test_loss, self.test_accuracy):
            figure.set_at_rest(at_rest=not snapshot.state.is_running)
        text = self._batches_text(train, snapshot.progress, balanced=_is_balanced(snapshot))
        if text and not snapshot.spec.loss.averages:
            text = self.tr("{of}, per sample").format(of=text)
        self.batches.show_text(text)
        older = loss is not None and _is_older(loss, snapshot)
        self._show_tests(loss, curves, older=older)
        self._tell()
        if snapshot.data:
            self.test_accuracy.setVisible(snapshot.data.task == "classification")

    def _tell(self) -> None:
        """What the notes say, where there is no room for them."""
        self.train_loss.tell(self.batches.text())
        for figure in (self.test_loss, self.test_accuracy):
            figure.tell(self.tests.toolTip())

    def _batches_text(
        self, train: MeasuredValue | None, progress: Progress, *, balanced: bool
    ) -> str:
        if train is None:
            return ""
        if balanced:  # as short as the others: there is no more room
            alone, several = self.tr("one balanced batch"), self.tr("{count} balanced batches")
        elif progress.steps_per_epoch == 1:
            alone, several = self.tr("of all samples"), self.tr("mean of {count} steps")
        else:
            alone, several = self.tr("of one batch"), self.tr("mean of {count} batches")
        return (alone if train.over == 1 else several).format(count=numbers.whole(train.over))

    def _show_tests(self, found: MeasuredValue | None, curves: Curves, *, older: bool) -> None:
        if found is None:
            self.tests.show_text("")
            return
        partly = found.over < curves.test_count
        text = ""
        if partly and older:
            text = self.tr("step {step}, {part} of {count}")
        elif partly:
            text = self.tr("{part} of {count} samples")
        elif older:
            text = self.tr("at step {step}")
        tip = self.tr("Measured at step {step} over all {count} test samples.")
        if partly:
            tip = self.tr(
                "Measured at step {step} over {part} of the {count} test samples, always the "
                "same. All are measured at the end of each epoch, and when training rests."
            )
        values = {"step": found.step, "part": found.over, "count": curves.test_count}
        shown = {name: numbers.whole(value) for name, value in values.items()}
        self.tests.show_text(text.format(**shown), tip.format(**shown))


def _broken_note(parent: Readout) -> QLabel:
    """Stands beside the figures of an experiment that is broken on purpose."""
    tip = parent.tr("Broken on purpose: its code has a fault, which is to be found")
    note = named(QLabel(parent.tr("Broken"), parent), "readout-broken", tip=tip)
    note.setProperty("role", "warning")
    note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    note.hide()
    return note


def _is_older(found: MeasuredValue, snapshot: Snapshot) -> bool:
    """Whether a figure is of an earlier step than what is shown around it."""
    behind = snapshot.progress.step - found.step
    return behind > 0 and not (
        snapshot.state.is_running and behind * BARELY <= snapshot.progress.step
    )


def _is_balanced(snapshot: Snapshot) -> bool:
    """Whether batches have other shares of the classes than the test data may have."""
    data = snapshot.data
    return snapshot.spec.training.balanced and data is not None and data.task == "classification"


def _note(name: str, parent: QWidget) -> SteadyLabel:
    note = SteadyLabel(f"readout-{name}", parent)
    note.setProperty("role", "caption")
    note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return note


class Figure(QWidget):
    """A number under its caption."""

    def __init__(self, name: str, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"readout-{name}")
        self._above = above = QLabel(caption, self)
        above.setProperty("role", "caption")
        above.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.number = named(QLabel(numbers.four_digits(None), self), f"readout-{name}-number")
        self.number.setFont(theme.number_font(theme.points(theme.LARGE_POINTS)))
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setMinimumWidth(self.number.fontMetrics().horizontalAdvance("0.00000"))
        self._way = in_column(above, self.number, into=self, apart=0)
        self._way.setAlignment(self.number, Qt.AlignmentFlag.AlignRight)
        self._is_flat, self._full = False, ""

    @property
    def upright_width(self) -> int:
        """How wide it is with its caption above the number."""
        return max(self._above.sizeHint().width(), self.number.minimumWidth())

    def set_flat(self, *, flat: bool) -> None:
        """The number beside its caption, or under it."""
        self._is_flat = flat
        way = QBoxLayout.Direction
        self._way.setDirection(way.LeftToRight if flat else way.TopToBottom)
        self._way.setSpacing(theme.gap(1) if flat else 0)
        side = Qt.AlignmentFlag.AlignLeft if flat else Qt.AlignmentFlag.AlignRight
        self.number.setAlignment(side)
        self._way.invalidate()
        self.updateGeometry()

    def set_at_rest(self, *, at_rest: bool) -> None:
        """Lets the number be selected, while it stands still: one that may be paints twice."""
        flags = Qt.TextInteractionFlag
        wanted = flags.TextSelectableByMouse if at_rest else flags.NoTextInteraction
        if self.number.textInteractionFlags() != wanted:
            self.number.setTextInteractionFlags(wanted)

    def show_value(self, found: MeasuredValue | None, *, percent: bool = False) -> None:
        """Shows it to four significant digits, and all of them on hover."""
        value = found.value if found is not None else None
        text = numbers.percent(value) if percent else numbers.four_digits(value)
        put_live(self.number, text)
        self._full = "" if value is None else numbers.full_number(value)
        self.number.setToolTip(self._full)

    def tell(self, about: str) -> None:
        """On hover, where the figure is from, if no note below it says so."""
        self.number.setToolTip(f"{self._full}\n{about}".strip() if self._is_flat else self._full)
