"""The row of open experiments, with a plus after the last."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTabBar, QTabWidget, QToolButton, QWidget

from app import icons, theme


class _Bar(QTabBar):
    laid_out = Signal()

    def tabLayoutChange(self) -> None:
        """Tells where the last tab ends now."""
        super().tabLayoutChange()
        self.laid_out.emit()


class Tabs(QTabWidget):
    """Tabs that can be moved and closed; the plus asks for another."""

    new_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tabs")
        bar = _Bar(self)
        bar.setObjectName("tab-bar")
        self.setTabBar(bar)
        self.setDocumentMode(True)
        self.setMovable(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        bar.setDrawBase(False)
        bar.setExpanding(False)
        bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._plus = QToolButton(self)
        self._plus.setObjectName("button-new")
        self._plus.setToolTip(self.tr("New experiment"))
        self._plus.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        icons.put(self._plus, "plus", "text_dim")
        self._plus.clicked.connect(self.new_wanted)
        bar.laid_out.connect(self._place_plus)

    def add(self, page: QWidget, title: str) -> int:
        """Adds a page at the end, with a cross to close it; gives its index."""
        index = self.addTab(page, title.replace("&", "&&"))
        cross = QToolButton(self.tabBar())
        cross.setObjectName("tab-close")
        cross.setToolTip(self.tr("Close tab"))
        cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        icons.put(cross, "close", "text_dim")
        cross.setIconSize(cross.iconSize() * 0.75)
        cross.clicked.connect(lambda: self.tabCloseRequested.emit(self.indexOf(page)))
        self.tabBar().setTabButton(index, QTabBar.ButtonPosition.RightSide, cross)
        return index

    def _place_plus(self) -> None:
        bar = self.tabBar()
        size = self._plus.sizeHint()
        end = bar.tabRect(bar.count() - 1).right() if bar.count() else 0
        left = min(bar.x() + end + theme.space(0.5), self.width() - size.width())
        self._plus.move(left, bar.y() + (bar.height() - size.height()) // 2)
        self._plus.raise_()
