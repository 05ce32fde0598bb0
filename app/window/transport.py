"""The header: perspectives, the transport bar and the loss readout, in one place always."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolButton, QWidget

from app.kit import theme
from app.kit.layouts import in_column, in_row, named
from app.kit.more import behind_more, folds_before_room, show_more
from app.window.guide import Guide
from app.window.perspectives import PerspectiveSwitch
from app.window.readout import Readout

if TYPE_CHECKING:
    from app.window.live_actions import LiveActions


_GUIDE = 3
"""In units of the grid: a line of its own for what to do next."""


class Header(QWidget):
    """The strip at the top of the window that no perspective moves."""

    def __init__(self, actions: LiveActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.perspectives = PerspectiveSwitch(self)
        self.transport = TransportBar(actions, self)
        self.guide = Guide(self)
        self.readout = Readout(self)
        parts = self.perspectives, self.transport, (self.guide, 1), self.readout
        self._is_short = self._is_folded = self._is_under = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._row = in_row(*parts, apart=2)
        for part in (self.perspectives, self.transport, self.readout):
            self._row.setAlignment(part, Qt.AlignmentFlag.AlignVCenter)
        self._below = in_row(None, apart=2)
        self._under = in_row(apart=2)
        rows = self._row, self._under, self._below
        self._column = in_column(*rows, into=self, around=(2, 0, 3, 0), apart=0)

    def hasHeightForWidth(self) -> bool:
        """However many lines a sentence in it has, it is a row high, or two."""
        return False

    def sizeHint(self) -> QSize:
        """A row high, or two."""
        return QSize(super().sizeHint().width(), self.minimumSizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """As narrow as the orders are: the figures go below them, and words behind their icons."""
        width = self.perspectives.minimumSizeHint().width() + theme.space(40)
        under = theme.space(_GUIDE) if self._is_under else 0
        if self._is_folded:  # orders in one row, in the next figures beside their captions
            return QSize(width, theme.space(4) + theme.space(3.5) + theme.gap(1.5) + under)
        # A row holds a caption, a figure and a note, one below the other.
        return QSize(width, theme.space(6.5) + theme.gap(1.5) + under)

    def event(self, event: QEvent) -> bool:
        """Looks at the room anew where it, or what is to be shown in it, has changed."""
        handled = super().event(event)
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._fit()
        return handled

    def _fit(self) -> None:
        """All in one row; else without the words that an icon has, else the figures below."""
        around, apart = self._column.contentsMargins(), self._row.spacing()
        room = self.width() - around.left() - around.right()
        others = self.perspectives.sizeHint().width() + self.readout.upright_width + 3 * apart
        short = others + self.transport.needed(labelled=True) > room
        folded = others + self.transport.needed(labelled=False) > room
        alone = self.perspectives.sizeHint().width() + apart
        self.transport.name_more(shown=alone + self.transport.needed(labelled=False) <= room)
        if short != self._is_short:
            self._is_short = short
            self.transport.show_words(shown=not short)
        if folded != self._is_folded:
            self._is_folded = folded
            self.readout.set_flat(flat=folded)
            here, there = (self._row, self._below) if folded else (self._below, self._row)
            here.removeWidget(self.readout)
            there.addWidget(self.readout)
            there.setAlignment(self.readout, Qt.AlignmentFlag.AlignVCenter)
            self.updateGeometry()
        self._place_guide(room - others - self.transport.needed(labelled=not short))

    def _place_guide(self, room: int) -> None:
        """Beside the orders, or below them where its longest sentence has no room there."""
        high = self.guide.lines_height(max(room, 1)) if self.guide.speaks else 0
        under = high > theme.space(8)
        if under != self._is_under:
            self._is_under = under
            here, there = (self._row, self._under) if under else (self._under, self._row)
            here.removeWidget(self.guide)
            there.insertWidget(0 if under else 2, self.guide, 1)
            self.updateGeometry()

    def show_more(self, *, on: bool, before_room: bool) -> None:
        """All orders and no guide, or the few one begins with and what to do next."""
        show_more(self.transport, on=on, before_room=before_room)
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
        self._worded = steps
        self._words: dict[tuple[str, str, str, int], int] = {}
        stop = self._button(actions, "stop", labelled=False)
        again = [self._button(actions, name, labelled=False) for name in ("reset", "seed")]
        line = _hairline(self)
        row = in_row(train, *steps, stop, line, *again, into=self, apart=0.5)
        row.insertSpacing(1, theme.space(0.5))
        self._more = more = self._button(actions, "more", labelled=True, menu="view")
        row.insertWidget(-1, more)
        behind_more(*steps, stop, line, again[1])
        folds_before_room(*steps, stop, line, *again, more)

    def needed(self, *, labelled: bool) -> int:
        """How wide it is, with the words of its buttons or without."""
        words = 0
        if self._more.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
            words += self._word(self._more)
        for button in self._worded:
            has_words = button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            if has_words != labelled and not button.isHidden():
                words += self._word(button) if labelled else -self._word(button)
        return self.sizeHint().width() + words

    def _word(self, button: QToolButton) -> int:
        """How much wider a button is with its word: exactly, or words would come and go."""
        key = button.objectName(), button.text(), button.font().key(), button.iconSize().width()
        if key not in self._words:
            style = button.toolButtonStyle()
            widths = []
            for one in (
                Qt.ToolButtonStyle.ToolButtonIconOnly,
                Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
            ):
                button.setToolButtonStyle(one)
                widths.append(button.sizeHint().width())
            button.setToolButtonStyle(style)
            self._words[key] = widths[1] - widths[0]
        return self._words[key]

    def name_more(self, *, shown: bool) -> None:
        """Names More, which its icon alone would not say, wherever there is room for it."""
        style = Qt.ToolButtonStyle
        wanted = style.ToolButtonTextBesideIcon if shown else style.ToolButtonIconOnly
        if self._more.toolButtonStyle() != wanted:
            self._more.setToolButtonStyle(wanted)

    def show_words(self, *, shown: bool) -> None:
        """Names on all buttons that have one, or only where no icon says it."""
        style = Qt.ToolButtonStyle
        for button in self._worded:
            button.setToolButtonStyle(
                style.ToolButtonTextBesideIcon if shown else style.ToolButtonIconOnly
            )

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
