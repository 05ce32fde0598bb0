"""How often stepping asks, and the way to what has been answered so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from app.kit import theme
from app.kit.controls import menu_style
from app.kit.layouts import named
from app.kit.text import QT_TRANSLATE_NOOP
from app.link.questioner import AskMode

if TYPE_CHECKING:
    from app.link.questioner import Questioner

_MODES = {
    AskMode.NEVER: QT_TRANSLATE_NOOP("AskSwitch", "Never"),
    AskMode.SOMETIMES: QT_TRANSLATE_NOOP("AskSwitch", "Now and then"),
    AskMode.ALWAYS: QT_TRANSLATE_NOOP("AskSwitch", "Each operation"),
}


class AskSwitch(QToolButton):
    """*Ask me*: a menu of how often; marked while it asks.

    ``chosen`` carries what a person chose, ``map_wanted`` that they want to see what they can do.
    """

    chosen = Signal(str)
    map_wanted = Signal()

    def __init__(self, questioner: Questioner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        tip = self.tr("Next asks for the number just reached before it shows it")
        named(self, "step.ask", self.tr("Ask me"), tip)
        self._questioner = questioner
        self.setText(self.tr("Ask me"))
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedHeight(theme.space(3.25))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._fill()
        self._restyle()
        questioner.mode_changed.connect(self._follow)
        self._follow()

    def _fill(self) -> None:
        menu = named(QMenu(self), "step.ask.menu")
        self._group = QActionGroup(menu)
        self.modes = {}
        for mode, text in _MODES.items():
            action = menu.addAction(QCoreApplication.translate("AskSwitch", text))
            action.setObjectName(f"step.ask.{mode}")
            action.setCheckable(True)
            action.setData(mode)
            self._group.addAction(action)
            self.modes[mode] = action
        self._group.triggered.connect(lambda action: self.chosen.emit(action.data()))
        menu.addSeparator()
        map_action = menu.addAction(self.tr("What I have worked out…"))
        map_action.setObjectName("step.ask.map")
        map_action.triggered.connect(self.map_wanted)
        self.setMenu(menu)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def _restyle(self) -> None:
        sheet = menu_style()
        if self.styleSheet() != sheet:
            self.setStyleSheet(sheet)

    def _follow(self) -> None:
        mode = self._questioner.mode
        self.modes[mode].setChecked(True)
        self.setChecked(mode is not AskMode.NEVER)
        often = QCoreApplication.translate("AskSwitch", _MODES[mode])
        self.setAccessibleDescription(often)
