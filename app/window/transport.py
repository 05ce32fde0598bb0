"""The header: perspectives, the transport bar and the loss readout, in one place always."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QToolButton, QWidget

from app.kit import theme
from app.kit.layouts import in_row, named
from app.kit.more import behind_more, show_more
from app.window.guide import Guide
from app.window.perspectives import PerspectiveSwitch
from app.window.readout import Readout

if TYPE_CHECKING:
    from app.window.live_actions import LiveActions


class Header(QWidget):
    """The strip at the top of the window that no perspective moves."""

    def __init__(self, actions: LiveActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theme.space(8))
        self.perspectives = PerspectiveSwitch(self)
        self.transport = TransportBar(actions, self)
        self.guide = Guide(self)
        self.readout = Readout(self)
        parts = self.perspectives, self.transport, (self.guide, 1), self.readout
        row = in_row(*parts, into=self, around=(2, 0, 3, 0), apart=3)
        for part in (self.perspectives, self.transport, self.readout):
            row.setAlignment(part, Qt.AlignmentFlag.AlignVCenter)

    def show_more(self, *, on: bool) -> None:
        """All orders and no guide, or the few one begins with and what to do next."""
        show_more(self.transport, on=on)
        self.guide.show_wanted(wanted=not on)


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
        line = _hairline(self)
        row = in_row(train, *steps, stop, line, *again, into=self, apart=0.5)
        row.insertSpacing(1, theme.space(0.5))
        more = self._button(actions, "more", labelled=True, menu="view")
        row.insertWidget(-1, more)
        behind_more(*steps, stop, line, again[1])

    def _button(
        self, actions: LiveActions, name: str, *, labelled: bool, menu: str = "run"
    ) -> QToolButton:
        button = named(QToolButton(self), f"button-{name}")
        button.setDefaultAction(actions[f"{menu}.{name}"])
        button.setFixedHeight(theme.space(4))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        style = Qt.ToolButtonStyle
        button.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if labelled else style.ToolButtonIconOnly
        )
        return button


def _hairline(parent: QWidget) -> QFrame:
    """A thin upright line between two groups."""
    line = QFrame(parent)
    line.setProperty("role", "hairline")
    line.setFixedSize(1, theme.space(3))
    return line
