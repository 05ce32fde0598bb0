"""The table of runners: who they are, how far they came, and how well they do."""

from __future__ import annotations

import math

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QScrollArea,
    QToolButton,
    QWidget,
)

from app.kit import icons, theme
from app.kit.controls import clear_background
from app.kit.layouts import in_column, named
from app.kit.numbers import four_digits, short_number, whole
from app.kit.text import amid, label_of
from app.race.cells import ROW, SWATCH, Reading, RunnerButton, smaller
from app.race.choices import full_text, settings_text
from app.race.words import (
    about_means,
    leader,
    loss_tip,
    reached_tip,
    short_time,
    state_of,
    state_tip,
    window_of,
)
from core.messages.race import Contest, Runner, RunnerView

_LOSS, _TARGET, _REMOVE = 15.0, 7.5, 2.25
"""Widths of the columns, in units of the grid; the first one takes what is left."""

_USUAL = "0.1234"
"""Room for a loss of this length is kept at least, so that names are seldom cut anew."""

_DIGITS = (4, 3)
"""Of a loss: as many as leave the name its words, and never fewer than the last."""


class RunnerRow(QWidget):
    """One runner; ``edit_asked`` and ``remove_asked`` carry the id."""

    edit_asked = Signal(int)
    remove_asked = Signal(int)

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        name = f"race.runner.{number}"
        self.setObjectName(name)
        self.runner: Runner | None = None
        self._view: RunnerView | None = None
        self._state = "", "text_dim"
        self._leads = False
        self._samples = 0
        self.who = RunnerButton(f"{name}.edit", self)
        self.loss = Reading(f"{name}.loss", self.tr("Loss, and the best so far"), _LOSS, self)
        self.target = Reading(f"{name}.target", self.tr("Steps to the target"), _TARGET, self)
        self.remove = named(QToolButton(self), f"{name}.remove")
        self.remove.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.remove.setFixedWidth(theme.space(_REMOVE))
        icons.put(self.remove, "close", "text_dim")
        self.remove.setIconSize(QSize(14, 14))
        # The row's id changes as others leave, so it is looked up when it is needed.
        self.who.clicked.connect(lambda: self.edit_asked.emit(self.who.id))
        self.remove.clicked.connect(lambda: self.remove_asked.emit(self.who.id))
        self._lay_out()

    def _lay_out(self) -> None:
        """The loss lies over the end of the button, whose lines leave it the room it takes."""
        row = QGridLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.setColumnStretch(0, 1)
        row.addWidget(self.who, 0, 0)
        row.addWidget(self.loss, 0, 0, Qt.AlignmentFlag.AlignRight)
        row.addWidget(self.target, 0, 1)
        row.addWidget(self.remove, 0, 2)
        self.loss.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_runner(
        self,
        runner: Runner,
        view: RunnerView | None,
        contest: Contest,
        *,
        leads: bool,
        samples: int,
    ) -> None:
        """Shows a runner as it was chosen, and how it stands if it has begun."""
        self._samples = samples
        is_out = view is not None and view.diverged is not None
        if runner != self.runner or self.who.id != runner.id:
            self.runner = runner
            remove = self.tr("Take {name} out of the race")
            self.remove.setToolTip(remove.format(name=amid(runner.optimizer)))
            self.remove.setAccessibleName(self.remove.toolTip())
        settings = settings_text(runner.optimizer, samples)
        self.who.show_runner(runner.id, label_of(runner.optimizer), settings, is_out=is_out)
        self._show_standing(view, contest, leads=leads)

    def _show_standing(self, view: RunnerView | None, contest: Contest, *, leads: bool) -> None:
        self._view, self._state, self._leads = view, state_of(view, contest), leads
        self._show_loss()
        self._show_tip(view, contest)
        tip = reached_tip(view, contest.target)
        steps, seconds = (view.reached, view.reached_seconds) if view is not None else (None, None)
        reached = ("–", "") if steps is None else (whole(steps), short_time(seconds))
        self.target.show_lines(*reached, tip)

    def _show_loss(self) -> None:
        state, token = self._state
        loss, lower = "–", state
        if self._view is not None and len(self._view.losses):
            loss = self._fitting(float(self._view.loss))
            if not state and math.isfinite(self._view.best):
                lower = self.tr("best {loss}").format(loss=four_digits(float(self._view.best)))
        self.loss.show_lines(loss, lower, token=token, bold=self._leads)
        upper = max(self.loss.number, _USUAL, key=len)
        self.who.keep(*self.loss.room_for(upper, lower))

    def _fitting(self, loss: float) -> str:
        """A loss that leaves the name its words, if three of its digits do."""
        room = self.who.room_beside_name()
        texts = [four_digits(loss, digits) for digits in _DIGITS]
        fits = (text for text in texts if self.loss.room_for(text, "")[0] <= room)
        return next(fits, texts[-1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for other digits."""
        super().resizeEvent(event)
        self._show_loss()

    def _show_tip(self, view: RunnerView | None, contest: Contest) -> None:
        """All digits of what the row shows, and what a click does."""
        if self.runner is None:
            return
        losses = f"{loss_tip(view)}\n" if view is not None and len(view.losses) else ""
        text = self.tr("{optimizer}\n\n{losses}{state}\n\nClick to change it.").format(
            optimizer=full_text(self.runner.optimizer, self._samples),
            losses=losses,
            state=state_tip(view, contest),
        )
        if text != self.who.toolTip():
            self.who.setToolTip(text)


class RunnerTable(QWidget):
    """A row a runner beneath the titles; as high as its rows while there is room."""

    edit_asked = Signal(int)
    remove_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("race.runners")
        self.rows: list[RunnerRow] = []
        self.titles = _Titles(self)
        inside = QWidget()
        self._column = in_column(None, into=inside, apart=0)
        self._page = named(QScrollArea(self), "race.runners.page")
        self._page.setWidget(inside)
        self._page.setWidgetResizable(True)
        self._page.setFrameShape(QFrame.Shape.NoFrame)
        self._page.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        clear_background(self._page)
        # A bar that comes moves the columns, and their titles have to follow.
        self._page.verticalScrollBar().rangeChanged.connect(self._leave_room)
        in_column(self.titles, (self._page, 1), into=self, apart=0)

    def show_runners(self, runners: tuple[Runner, ...], contest: Contest, samples: int = 0) -> None:
        """Shows who takes part, with how they stand in the race as it is.

        Args:
            runners: As they were chosen.
            contest: The race.
            samples: In the network's training set; 0 on a function.
        """
        while len(self.rows) < len(runners):
            self._add_row()
        views = {view.id: view for view in contest.runners}
        first = leader(contest.runners)
        for row, runner in zip(self.rows, runners, strict=False):
            leads = runner.id == first
            view = views.get(runner.id)
            row.show_runner(runner, view, contest, leads=leads, samples=samples)
            row.show()
        for row in self.rows[len(runners) :]:
            row.hide()
        self.titles.show_contest(contest)
        rows = max(1, len(runners))
        if self._page.maximumHeight() != rows * theme.space(ROW):
            self._page.setMaximumHeight(rows * theme.space(ROW))
            self._page.setMinimumHeight(min(rows, 2) * theme.space(ROW))
            self.updateGeometry()

    def row_of(self, id: int) -> RunnerRow | None:
        """The row of a runner."""
        shown = (row for row in self.rows if not row.isHidden() and row.runner is not None)
        return next((row for row in shown if row.runner and row.runner.id == id), None)

    def sizeHint(self) -> QSize:
        height = self._page.maximumHeight() + self.titles.height()
        return QSize(theme.space(44), height)

    def _leave_room(self, _low: int, high: int) -> None:
        bar = self._page.verticalScrollBar()
        self.titles.leave(bar.sizeHint().width() if high > 0 else 0)

    def _add_row(self) -> None:
        row = RunnerRow(len(self.rows), self)
        row.edit_asked.connect(self.edit_asked)
        row.remove_asked.connect(self.remove_asked)
        self._column.insertWidget(len(self.rows), row)
        self.rows.append(row)


class _Titles(QWidget):
    """What the columns are, above a hairline."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._target = ""
        self._window = 0
        self._room = 0
        self.setObjectName("race.runners.titles")
        self.setFixedHeight(theme.space(2.75))
        self.show_contest(Contest())

    def show_contest(self, contest: Contest) -> None:
        """What losses are means of, and the loss that the last column is about."""
        self._show_window(window_of(contest.runners))
        target = contest.target
        text = self.tr("To target") if target is None else f"≤ {short_number(target)}"
        if text != self._target:
            self._target = text
            self.setAccessibleName(self.tr("Steps to a loss of {loss}").format(loss=text))
            self.update()

    def _show_window(self, window: int) -> None:
        if window == self._window:
            return
        self._window = window
        text = self.tr(
            "Who runs at which rate; the newest loss, with the least so far beneath; and the "
            "steps and the time to the target loss."
        )
        self.setToolTip("\n\n".join(filter(None, (text, about_means(window)))))
        self.update()

    def leave(self, room: int) -> None:
        """Leaves so many pixels at the right for the bar beneath."""
        if room != self._room:
            self._room = room
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setFont(smaller(self.font()))
        painter.setPen(QColor(tokens.text_dim))
        left, top = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignVCenter
        first = self.rect().adjusted(theme.space(SWATCH), 0, 0, -2)
        painter.drawText(first, int(left | top), self.tr("Optimizer"))
        right = self.width() - theme.space(_REMOVE) - self._room
        target = self._target
        if painter.fontMetrics().horizontalAdvance(target) > theme.space(_TARGET - 0.5):
            target = self.tr("To target")
        loss = self.tr("Loss") if self._window == 1 else self.tr("Mean loss")
        columns = ((_TARGET, target), (_LOSS, loss))
        for width, text in columns:
            area = self.rect().adjusted(0, 0, 0, -2)
            area.setRight(right - 1)
            area.setLeft(right - theme.space(width))
            painter.drawText(area, int(Qt.AlignmentFlag.AlignRight | top), text)
            right -= theme.space(width)
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(tokens.line))
        painter.end()
