"""The tabs of the open experiments: moved, named and closed by mouse and keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QTabBar, QTabWidget, QToolButton, QWidget

from app.kit import icons, theme
from app.kit.layouts import named

LONGEST_NAME = 80
"""Letters of an experiment's name."""


class _Bar(QTabBar):
    laid_out = Signal()
    rename_wanted = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F2 renames, as in a list of files; elsewhere the key edits a number."""
        if event.key() == Qt.Key.Key_F2:
            self.rename_wanted.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Crosses follow the text's size; the bar lays out their sizes, and not what they want."""
        if event.type() == QEvent.Type.FontChange:
            for cross in self.findChildren(QToolButton, "tab-close"):
                size_cross(cross)
        super().changeEvent(event)

    def tabLayoutChange(self) -> None:
        super().tabLayoutChange()
        self.laid_out.emit()


class _NameLine(QLineEdit):
    """A line over a tab; Esc leaves the name as it was."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes away without a word."""
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)


class Tabs(QTabWidget):
    """Tabs that can be moved and closed; the plus asks for another.

    A double click on a tab, or F2 on it, lets its name be typed; ``renamed`` carries page and name.
    """

    new_wanted = Signal()
    renamed = Signal(QWidget, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("tabs")
        bar = named(_Bar(self), "tab-bar")
        self.setTabBar(bar)
        self.setDocumentMode(True)
        self.setMovable(True)
        self.setElideMode(Qt.TextElideMode.ElideRight)
        bar.setDrawBase(False)
        bar.setExpanding(False)
        bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._plus = named(QToolButton(self), "button-new", tip=self.tr("New experiment"))
        self._plus.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        icons.put(self._plus, "plus", "text_dim")
        self._plus.clicked.connect(self.new_wanted)
        self._name = named(_NameLine(bar), "tab-name", self.tr("Name of the experiment"))
        self._name.setMaxLength(LONGEST_NAME)
        self._name.hide()
        self._name.editingFinished.connect(self._rename)
        bar.tabBarDoubleClicked.connect(self.edit_name)
        bar.rename_wanted.connect(self.edit_name)
        bar.laid_out.connect(self._place_plus)

    def add(self, page: QWidget, title: str) -> int:
        """Adds a page at the end, with a cross to close it; gives its index."""
        index = self.addTab(page, title.replace("&", "&&"))
        cross = named(QToolButton(self.tabBar()), "tab-close", tip=self.tr("Close tab"))
        cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        icons.put(cross, "close", "text_dim")
        size_cross(cross)
        cross.clicked.connect(lambda: self.tabCloseRequested.emit(self.indexOf(page)))
        self.tabBar().setTabButton(index, QTabBar.ButtonPosition.RightSide, cross)
        return index

    def edit_name(self, index: int) -> None:
        """Opens a line over a tab, with its name to be changed."""
        if index < 0:
            return
        self.setCurrentIndex(index)
        self._name.setText(self.tabText(index).replace("&&", "&"))
        place = self.tabBar().tabRect(index)
        place.setWidth(max(place.width(), theme.space(24)))
        self._name.setGeometry(place)
        self._name.show()
        self._name.raise_()
        self._name.selectAll()
        self._name.setFocus()

    def _rename(self) -> None:
        text, page = self._name.text().strip(), self.currentWidget()
        if self._name.isVisible() and text and page is not None:
            self._name.hide()
            self.renamed.emit(page, text)
        self._name.hide()

    def _place_plus(self) -> None:
        bar = self.tabBar()
        self._plus.setIconSize(QSize(icons.SMALL, icons.SMALL) * theme.scale())
        size = self._plus.sizeHint()
        self._plus.resize(size)
        end = bar.tabRect(bar.count() - 1).right() if bar.count() else 0
        left = min(bar.x() + end + theme.space(0.5), self.width() - size.width())
        self._plus.move(left, bar.y() + (bar.height() - size.height()) // 2)
        self._plus.raise_()


def size_cross(cross: QToolButton) -> None:
    """As large as the text's size has it."""
    cross.setIconSize(QSize(icons.SMALL, icons.SMALL) * 0.75 * theme.scale())
    cross.adjustSize()
