"""What fills the window while the engine is loading, and where it could not be loaded."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app import icons, theme


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
