"""The header: perspectives, the transport bar and the loss readout, in one place always."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QToolButton, QWidget

from app.kit import numbers, theme
from app.kit.labels import put_live
from app.kit.layouts import in_column, in_row, named
from app.window.perspectives import PerspectiveSwitch

if TYPE_CHECKING:
    from app.window.live_actions import LiveActions
    from core.messages.snapshot import Snapshot


class Header(QWidget):
    """The strip at the top of the window that no perspective moves."""

    def __init__(self, actions: LiveActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.space(8))
        self.perspectives = PerspectiveSwitch(self)
        self.transport = TransportBar(actions, self)
        self.readout = Readout(self)
        parts = self.perspectives, self.transport, None, self.readout
        row = in_row(*parts, into=self, around=(2, 0, 3, 0), apart=3)
        for part in (self.perspectives, self.transport, self.readout):
            row.setAlignment(part, Qt.AlignmentFlag.AlignVCenter)


class TransportBar(QWidget):
    """Train or pause, step, epoch, stop; reset and new seed."""

    def __init__(self, actions: LiveActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("transport")
        train = self._button(actions, "train", labelled=True)
        # As wide as the longer of its two names, so that nothing moves when it changes.
        names = (self.tr("Train"), self.tr("Pause"))
        longest = max(train.fontMetrics().horizontalAdvance(name) for name in names)
        train.setFixedWidth(longest + theme.space(7))
        steps = [self._button(actions, name, labelled=True) for name in ("step", "epoch")]
        stop = self._button(actions, "stop", labelled=False)
        again = [self._button(actions, name, labelled=False) for name in ("reset", "seed")]
        row = in_row(train, *steps, stop, _hairline(self), *again, into=self, apart=0.5)
        row.insertSpacing(1, theme.space(0.5))

    def _button(self, actions: LiveActions, name: str, *, labelled: bool) -> QToolButton:
        button = named(QToolButton(self), f"button-{name}")
        button.setDefaultAction(actions[f"run.{name}"])
        button.setFixedHeight(theme.space(4))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        style = Qt.ToolButtonStyle
        button.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if labelled else style.ToolButtonIconOnly
        )
        return button


class Readout(QWidget):
    """Training loss, test loss and test accuracy, large."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("readout")
        self.train_loss = Figure("train-loss", self.tr("Training loss"), self)
        self.test_loss = Figure("test-loss", self.tr("Test loss"), self)
        self.test_accuracy = Figure("test-accuracy", self.tr("Test accuracy"), self)
        in_row(self.train_loss, self.test_loss, self.test_accuracy, into=self, apart=3)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Shows the newest measurements; a dash where there is none yet."""
        curves = snapshot.curves if snapshot else None
        self.train_loss.show_value(curves.train_loss.last if curves else None)
        self.test_loss.show_value(curves.test_loss.last if curves else None)
        accuracy = curves.test_accuracy.last if curves else None
        self.test_accuracy.show_value(accuracy, percent=True)
        if snapshot and snapshot.data:
            self.test_accuracy.setVisible(snapshot.data.task == "classification")


class Figure(QWidget):
    """A number under its caption."""

    def __init__(self, name: str, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"readout-{name}")
        above = QLabel(caption, self)
        above.setProperty("role", "caption")
        above.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number = named(QLabel(numbers.four_digits(None), self), f"readout-{name}-number")
        self.number.setFont(theme.number_font(theme.LARGE_POINTS))
        self.number.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.number.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.number.setMinimumWidth(self.number.fontMetrics().horizontalAdvance("0.00000"))
        in_column(above, self.number, into=self, apart=0)

    def show_value(self, value: float | None, *, percent: bool = False) -> None:
        """Shows it to four significant digits, and all of them on hover."""
        text = numbers.percent(value) if percent else numbers.four_digits(value)
        put_live(self.number, text)
        self.number.setToolTip("" if value is None else numbers.full_number(value))


def _hairline(parent: QWidget) -> QFrame:
    """A thin upright line between two groups."""
    line = QFrame(parent)
    line.setProperty("role", "hairline")
    line.setFixedSize(1, theme.space(3))
    return line
