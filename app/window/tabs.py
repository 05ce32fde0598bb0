"""The row of open experiments, with a plus after the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QLabel,
    QProgressBar,
    QPushButton,
    QStatusBar,
    QTabBar,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.kit import icons, numbers, theme

if TYPE_CHECKING:
    from core.messages.snapshot import Snapshot

SHOWN_MS = 8000


class StatusBar(QStatusBar):
    """What is good to know and needs no answer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status")
        self.setSizeGripEnabled(False)
        self.parameters = QLabel(self)
        self.parameters.setObjectName("status-parameters")
        self.device = QLabel(self)
        self.device.setObjectName("status-device")
        self.addPermanentWidget(self.parameters)
        self.addPermanentWidget(self.device)

    def say(self, text: str) -> None:
        """Shows a word for a while."""
        self.showMessage(text, SHOWN_MS)

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Shows the experiment in front; nothing where there is none."""
        count = snapshot.parameters if snapshot else 0
        template = self.tr("Parameters: {count}")
        text = template.format(count=numbers.whole(count)) if count else ""
        if self.parameters.text() != text:
            self.parameters.setText(text)
        device = snapshot.device if snapshot else None
        if self.device.text() != (device.label if device else ""):
            self.device.setText(device.label if device else "")
        self.device.setToolTip(device.reason if device else "")


class LoadingView(QWidget):
    """A calm line that grows; or a sentence about what is missing, with the details to copy."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("loading")
        self._mark = QLabel(self)
        self._mark.setPixmap(icons.pixmap("chainrule", theme.current().accent, 64, 1))
        self.line = QProgressBar(self)
        self.line.setObjectName("loading-progress")
        self.line.setTextVisible(False)
        self.line.setFixedSize(theme.space(30), theme.space(0.5))
        self.sentence = self._label(self.tr("Starting the engine…"), "loading-text")
        self.advice = self._label("", "loading-advice")
        self._copy = QPushButton(self.tr("Copy details"), self)
        self._copy.setObjectName("loading-copy")
        self._copy.hide()
        column = QVBoxLayout(self)
        column.setSpacing(theme.space(2))
        column.addStretch()
        for widget in (self._mark, self.line, self.sentence, self.advice, self._copy):
            column.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()

    def show_progress(self, done: int, steps: int) -> None:
        """Grows the line."""
        self.line.setRange(0, steps)
        self.line.setValue(done)

    def show_failure(self, reason: str, details: str) -> None:
        """Says what could not be loaded and what to do about it."""
        self.line.hide()
        self._mark.setPixmap(icons.pixmap("error", theme.current().error, 48, 1))
        self.sentence.setText(self.tr("The engine could not be started."))
        font = QFont(self.sentence.font())
        font.setPointSizeF(theme.LARGE_POINTS)
        self.sentence.setFont(font)
        advice = self.tr(
            "{reason}\nInstall Chainrule's packages again (pip install .), then start it again."
        )
        self.advice.setText(advice.format(reason=reason))
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        self._copy.show()

    def _label(self, text: str, name: str) -> QLabel:
        label = QLabel(text, self)
        label.setObjectName(name)
        label.setProperty("role", "caption")
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFixedWidth(theme.space(70))
        return label


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
