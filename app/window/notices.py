"""What the window has to say, quietly: a bar at the top that never blocks, and the crash hook."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCoreApplication,
    QEasingCurve,
    QEvent,
    QObject,
    QPropertyAnimation,
    Qt,
    Signal,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.kit import icons, theme
from app.kit.layouts import in_column, in_row, named
from app.kit.text import advice as advice_of
from app.kit.text import sentence

if TYPE_CHECKING:
    from core.messages.events import Event
    from core.messages.findings import Finding, Offer
    from core.messages.snapshot import Snapshot
    from core.sentence import Sentence

MOST = 3
"""Notices on screen at once; the oldest makes room."""


@dataclass(frozen=True)
class Message:
    """One thing to say.

    Attributes:
        severity: ``info``, ``warning`` or ``error``: the icon's name and the colour's token.
        text: What happened, in one sentence.
        advice: What to do about it; may be empty.
        details: What Copy details puts on the clipboard; empty for none.
        finding: What is amiss with it, and the change offered; None for nothing.
        lasts: Whether what it speaks of goes on; None for what stays until it is dismissed.
        is_refusal: It speaks of the last thing that was asked for, and leaves with the next.
    """

    severity: str
    text: str
    advice: str = ""
    details: str = ""
    finding: Finding | None = None
    lasts: Callable[[Snapshot], bool] | None = None
    is_refusal: bool = False

    @property
    def amiss(self) -> str:
        """What is amiss, and why that matters; what the text says already only once."""
        if self.finding is None:
            return ""
        says, means = sentence(self.finding.says), sentence(self.finding.means)
        return means if says == self.text else f"{says} {means}"


class NoticeBar(QWidget):
    """Notices one under another, each until it is dismissed or what it speaks of is over.

    ``accepted`` carries the Offer that a person took.
    """

    accepted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notices")
        self._column = in_column(into=self, apart=0)
        self.notices: list[NoticeRow] = []

    def show_message(self, message: Message) -> None:
        """Slides a notice in; one that says the same makes way for it, and news for later news."""
        repeated = [
            row
            for row in self.notices
            if row.message.text == message.text
            or (row.message.severity == message.severity == "info")
        ]
        for row in repeated or self.notices[: len(self.notices) - MOST + 1]:
            self._remove(row)
        notice = NoticeRow(message, self)
        notice.dismissed.connect(lambda: self._remove(notice))
        notice.accepted.connect(lambda offer: self._accept(notice, offer))
        self.notices.append(notice)
        self._column.addWidget(notice)
        if not repeated:
            notice.slide_in()

    def without_said(self, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
        """Those findings that no notice tells of already; the very same where none does."""
        said = {row.message.finding.kind for row in self.notices if row.message.finding}
        if not said:
            return findings
        return tuple(finding for finding in findings if finding.kind not in said)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Takes notices away that speak of what is over; news may come before what it is of."""
        for row in list(self.notices):
            lasts = row.message.lasts
            if lasts is None:
                continue
            if lasts(snapshot):
                row.has_begun = True
            elif row.has_begun:
                self._remove(row)

    def forget_refusals(self) -> None:
        """Something else is asked for: why the last thing could not be no longer matters."""
        for row in [row for row in self.notices if row.message.is_refusal]:
            self._remove(row)

    def clear(self) -> None:
        """Takes every notice away."""
        for notice in list(self.notices):
            self._remove(notice)

    def _accept(self, notice: NoticeRow, offer: Offer) -> None:
        self._remove(notice)
        self.accepted.emit(offer)

    def _remove(self, notice: NoticeRow) -> None:
        if notice in self.notices:
            self.notices.remove(notice)
            self._column.removeWidget(notice)
            notice.hide()
            notice.deleteLater()


class NoticeRow(QWidget):
    """One notice: its icon in the colour of its severity, the sentence, the advice, the buttons."""

    dismissed = Signal()
    accepted = Signal(object)

    def __init__(self, message: Message, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.message = message
        self.has_begun = False
        self._icon = QLabel(self)
        self.setObjectName("notice")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = in_row(into=self, around=(2, 1, 1, 1), apart=1.5)
        row.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(self._sentences(), 1)
        if message.finding is not None and message.finding.offer is not None:
            row.addWidget(self._offer_button(message.finding.offer))
        if message.details:
            row.addWidget(self._copy_button())
        row.addWidget(self._close_button(), alignment=Qt.AlignmentFlag.AlignTop)
        self._show_icon()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._show_icon()
        super().changeEvent(event)

    def _show_icon(self) -> None:
        severity = self.message.severity
        colour = "accent" if severity == "info" else severity
        self._icon.setPixmap(icons.icon(severity, colour).pixmap(icons.SIZE))

    def slide_in(self) -> None:
        """Opens from the top, so that one sees where it came from."""
        if not theme.animation_ms() or not self.window().isVisible():
            return
        slide = QPropertyAnimation(self, b"maximumHeight", self)
        slide.setDuration(theme.animation_ms())
        slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        slide.setStartValue(0)
        slide.setEndValue(self.sizeHint().height())
        slide.finished.connect(lambda: self.setMaximumHeight(16777215))
        slide.start(QPropertyAnimation.DeletionPolicy.DeleteWhenStopped)

    def _sentences(self) -> QVBoxLayout:
        column = in_column(apart=0.25)
        message = self.message
        for text, role in (
            (message.text, ""), (message.advice, "caption"), (message.amiss, ""),
        ):  # fmt: skip
            if text:
                label = named(QLabel(text, self), f"notice-{role or 'text'}")
                label.setTextFormat(Qt.TextFormat.PlainText)
                label.setProperty("role", role)
                label.setWordWrap(True)
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                column.addWidget(label)
        return column

    def _offer_button(self, offer: Offer) -> QPushButton:
        text = sentence(offer.change)
        tip = self.tr("Makes this change here; Undo takes it back")
        button = named(QPushButton(text, self), "notice-offer", text, tip)
        button.clicked.connect(lambda: self.accepted.emit(offer))
        return button

    def _copy_button(self) -> QPushButton:
        button = named(QPushButton(self.tr("Copy details"), self), "notice-copy")
        button.setFlat(True)
        details = self.message.details
        button.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        return button

    def _close_button(self) -> QToolButton:
        button = named(QToolButton(self), "notice-close", tip=self.tr("Dismiss"))
        icons.put(button, "close")
        button.clicked.connect(self.dismissed)
        return button


def message_of(event: Event) -> Message | None:
    """What the bar says about an event; None where a word in the status bar will do."""
    from core.messages.events import Diverged, Failed, Notice, Refused
    from core.messages.findings import Finding

    match event:
        case Refused(reason):
            return refusal_of(reason)
        case Diverged(explanation):
            return _message("warning", explanation, _has_diverged)
        case Notice(message, topic, Finding() as finding):
            return _proposal(message, topic, finding)
        case Notice(message, topic):
            return _message("info", message, _TOPICS.get(topic))
        case Failed(text, details):
            return failure(text, details)
        case _:
            return None


def status_of(event: Event) -> str:
    """The word in the status bar for an event; empty where the bar speaks."""
    from core.messages.events import Finished, Saved

    match event:
        case Finished(reason):
            return sentence(reason)
        case Saved(path):
            return QCoreApplication.translate("notices", "Saved to {path}.").format(path=path)
        case _:
            return ""


def failure(text: str, details: str) -> Message:
    """A defect, put calmly, with what a report needs."""
    translate = QCoreApplication.translate
    template = translate("notices", "Something in Chainrule went wrong: {what}")
    advice = translate("notices", "You can go on working. The details help to mend it.")
    return Message("error", template.format(what=text), advice, details)


def refusal_of(said: Sentence) -> Message:
    """Why something cannot be done, where no engine says it."""
    return replace(_message("error", said), is_refusal=True)


def _message(
    severity: str, said: Sentence, lasts: Callable[[Snapshot], bool] | None = None
) -> Message:
    return Message(severity, sentence(said), advice_of(said), lasts=lasts)


def _proposal(said: Sentence, topic: str, finding: Finding) -> Message:
    """News with a change that is offered: it leaves when what is amiss is mended."""
    goes_on = _TOPICS.get(topic)

    def lasts(snapshot: Snapshot) -> bool:
        is_amiss = any(found.kind == finding.kind for found in snapshot.findings)
        return is_amiss and (goes_on is None or goes_on(snapshot))

    return replace(_message("info", said, lasts), finding=finding)


def _has_diverged(snapshot: Snapshot) -> bool:
    return snapshot.state.name == "DIVERGED"


def _is_held(snapshot: Snapshot) -> bool:
    return snapshot.stepping is not None and snapshot.stepping.stopped is not None


_TOPICS: dict[str, Callable[[Snapshot], bool]] = {
    "breakpoint": _is_held,
    "data": lambda snapshot: not snapshot.state.is_running,
}
"""How long a notice's topic goes on."""


class CrashHook(QObject):
    """Turns an exception that nobody caught, in any thread, into a line on stderr and a notice."""

    crashed = Signal(object)

    def __init__(self, show: Callable[[Message], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.crashed.connect(show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Takes the place of Python's own hooks."""
        sys.excepthook = self._caught
        threading.excepthook = lambda args: self._caught(*args[:3])

    def _caught(
        self,
        kind: type[BaseException],
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if issubclass(kind, (KeyboardInterrupt, SystemExit)):
            sys.__excepthook__(kind, error or kind(), trace)
            return
        details = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(details)
        last_line = "".join(traceback.format_exception_only(kind, error)).strip()
        self.crashed.emit(failure(last_line, details))
