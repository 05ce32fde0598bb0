"""One sentence of what to do next, for whoever has not asked for more yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRect, QSize, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.kit import theme
from app.kit.text import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from core.messages.snapshot import Snapshot

_LOADING = QT_TRANSLATE_NOOP("guide", "The data is loading…")
_DIVERGED = QT_TRANSLATE_NOOP(
    "guide", "The numbers exploded. Open More, choose a smaller learning rate, and reset."
)
_DIVERGED_IN_LESSON = QT_TRANSLATE_NOOP(
    "guide", "The numbers exploded. The lesson on the left says what to do, and why."
)
_SENTENCES = {
    "build": {
        "any": QT_TRANSLATE_NOOP(
            "guide", "Choose the data on the left and drag layers in. Then go to Train."
        ),
    },
    "train": {
        "ready-digits": QT_TRANSLATE_NOOP(
            "guide", "Press Train: the network learns to read digits. Then draw one on the pad."
        ),
        "running-digits": QT_TRANSLATE_NOOP(
            "guide", "It is learning. Draw a digit on the pad and see what it reads."
        ),
        "rest-digits": QT_TRANSLATE_NOOP(
            "guide", "Draw a digit on the pad. In Step you see how a network learns, by numbers."
        ),
        "ready": QT_TRANSLATE_NOOP("guide", "Press Train and watch the loss fall."),
        "running": QT_TRANSLATE_NOOP("guide", "The loss falls as it learns. Press Pause to look."),
        "rest": QT_TRANSLATE_NOOP(
            "guide", "Train goes on from here. In Step you take a single step apart."
        ),
    },
    "step": {
        "running": QT_TRANSLATE_NOOP("guide", "Press Pause, then Next, to take a step apart."),
        "stepping": QT_TRANSLATE_NOOP(
            "guide", "Press Next again. Beside the network stands how each number is made."
        ),
        "asked": QT_TRANSLATE_NOOP(
            "guide", "Your turn: work out what the question mark hides."
        ),
        "any": QT_TRANSLATE_NOOP(
            "guide", "Press Next: the network computes its first number, and shows how."
        ),
    },
    "learn": {
        "running": QT_TRANSLATE_NOOP(
            "guide", "It is learning. Press Pause to go on with the lesson."
        ),
        "any": QT_TRANSLATE_NOOP("guide", "The lesson on the left says what to do, and why."),
    },
    "surface": {
        "running": QT_TRANSLATE_NOOP(
            "guide", "Each step goes downhill from where the ball lies."
        ),
        "any": QT_TRANSLATE_NOOP(
            "guide", "The height is the loss. Press Train and watch the ball go down."
        ),
    },
}  # fmt: skip


def sentence_key(perspective: str, snapshot: Snapshot) -> str:
    """Which of a perspective's sentences holds now."""
    if snapshot.state.is_running:
        moment = "running"
    elif perspective == "step" and snapshot.stepping is not None:
        moment = "asked" if snapshot.stepping.record.hidden is not None else "stepping"
    else:
        moment = "rest" if snapshot.progress.step else "ready"
    digits = snapshot.data is not None and snapshot.data.shape.reads_images
    return f"{moment}-digits" if digits and perspective == "train" else moment


def next_sentence(perspective: str, snapshot: Snapshot | None) -> str:
    """What to do next, in the source language; empty where the window says what is amiss."""
    if snapshot is None:
        return ""
    # Not before the first paint: it brings pydantic along.
    from core.messages.snapshot import RunState

    if snapshot.state is RunState.FAILED:
        return ""
    if snapshot.state is RunState.LOADING:
        return _LOADING
    if snapshot.state is RunState.DIVERGED:
        return _DIVERGED_IN_LESSON if perspective == "learn" else _DIVERGED
    sentences = _SENTENCES.get(perspective, {})
    return sentences.get(sentence_key(perspective, snapshot), sentences.get("any", ""))


class Guide(QLabel):
    """Takes the room between the orders and the figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("guide")
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._is_wanted = True
        self._is_presenting = False

    @property
    def speaks(self) -> bool:
        """Whether there is somebody to tell what to do next."""
        return self._is_wanted and not self._is_presenting

    def set_presenting(self, *, on: bool) -> None:
        """Says nothing to a room, whose header has no place for it."""
        self._is_presenting = on
        self.setVisible(not on)

    def show_wanted(self, *, wanted: bool) -> None:
        """Says something, or leaves its place empty."""
        self._is_wanted = wanted
        if not wanted:
            self.clear()

    def show_next(self, perspective: str, snapshot: Snapshot | None) -> None:
        """Follows what is in front."""
        text = next_sentence(perspective, snapshot) if self.speaks else ""
        self.setText(QCoreApplication.translate("guide", text) if text else "")

    def lines_height(self, width: int) -> int:
        """How high the longest of its sentences is at a width, so that no other moves anything."""
        area, flags = QRect(0, 0, width, 0), Qt.TextFlag.TextWordWrap.value
        said = {text for texts in _SENTENCES.values() for text in texts.values()}
        words = (QCoreApplication.translate("guide", text) for text in (_DIVERGED, *said))
        return max(self.fontMetrics().boundingRect(area, flags, text).height() for text in words)

    def minimumSizeHint(self) -> QSize:
        return QSize(theme.space(10), theme.space(4))
