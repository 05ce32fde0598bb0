"""What a first start offers: a lesson, the digits or a blank network; never again once chosen."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QWidget

from app.kit import icons, theme
from app.kit.labels import bold, title_line
from app.kit.layouts import in_column, in_row, named


class Beginning(QToolButton):
    """One way to begin: its name, and a sentence on what it is."""

    def __init__(self, identity: str, title: str, sentence: str, parent: QWidget) -> None:
        super().__init__(parent)
        named(self, identity, f"{title}. {sentence}")
        self.setProperty("role", "lesson")
        self._words = title_line(f"{identity}.words", self)
        self._words.show_text(sentence)
        self.setToolTip(sentence)
        self._heading = heading = bold(QLabel(title, self))
        in_column(heading, (self._words, 1), into=self, around=(1.5, 0.5, 1.5, 0.5), apart=0)
        for label in (heading, self._words):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.gap(5.5))
        self._keep_title()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def changeEvent(self, event: QEvent) -> None:
        """Text of another size needs another room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange and hasattr(self, "_heading"):
            self._keep_title()

    def _keep_title(self) -> None:
        """The title is never cut; the sentence may be."""
        self.setMinimumWidth(self._heading.sizeHint().width() + 2 * theme.gap(1.5))


class Welcome(QWidget):
    """A strip below the header; ``chosen`` carries ``lesson``, ``digits``, ``blank`` or nothing."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        offers = (
            (
                "lesson",
                self.tr("Lesson 1: One neuron"),
                self.tr("Eight minutes: two weights, one bend."),
            ),
            (
                "digits",
                self.tr("Digits"),
                self.tr("They are open: train ten seconds, then draw one."),
            ),
            (
                "blank",
                self.tr("A blank network"),
                self.tr("Build what you like, layer by layer."),
            ),
        )
        self._offers = [
            Beginning(f"welcome.{key}", title, text, self) for key, title, text in offers
        ]
        for (key, _, _), offer in zip(offers, self._offers, strict=True):
            offer.clicked.connect(lambda _checked=False, one=key: self.chosen.emit(one))
        close = named(QToolButton(self), "welcome.close", self.tr("Not now"))
        close.setIcon(icons.icon("close", "text_dim"))
        close.setToolTip(self.tr("Lessons are in Learn, presets behind the plus"))
        close.clicked.connect(lambda: self.chosen.emit(""))
        heading = bold(named(QLabel(self.tr("New here?"), self), "welcome.heading"))
        row = in_row(*((offer, 1) for offer in self._offers), apart=1)
        in_row(heading, (row, 1), close, into=self, around=(2, 0.5, 1, 0.5), apart=1.5)
