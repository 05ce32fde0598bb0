"""The curves of a race with the ways to look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QLabel, QWidget

from app.kit import theme
from app.kit.controls import FitButton, Restyled
from app.kit.labels import bold, empty_page
from app.kit.layouts import in_column, in_pages, in_row, named
from app.race.plot import RacePlot
from app.race.words import about_means, window_of

if TYPE_CHECKING:
    from app.link.surface_choice import SurfaceChoice
    from core.messages.race import Contest


class RaceCurves(Restyled):
    """Loss by step, one curve a runner; or why there is none yet.

    Args:
        choice: What is pointed at here shows in the pictures of the surface, and the other way.
    """

    def __init__(self, choice: SurfaceChoice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("race.curves")
        self._choice = choice
        self.plot = RacePlot(self)
        self.plot.setMinimumHeight(theme.space(17))
        self._make_tools()
        self._lay_out()
        self._connect()

    def show_contest(self, contest: Contest) -> None:
        """Draws what changed."""
        has_any = any(len(one.steps) for one in contest.runners)
        self._pages.setCurrentIndex(int(has_any))
        self._name_losses(window_of(contest.runners))
        self.plot.show_runners(contest.runners, contest.target)
        self._allow_log()
        if self.fit.isHidden():
            self.plot.fit()
        self._show_moment()

    def _name_losses(self, window: int) -> None:
        title = self.tr("Loss by step") if window == 1 else self.tr("Mean loss by step")
        self.title.setText(title)
        tip = about_means(window)
        if tip != self.title.toolTip():
            self.title.setToolTip(tip)

    def follow(self) -> None:
        """Shows all of the curves, and keeps up with them as they grow."""
        self.fit.hide()
        self.plot.fit()

    def _restyle(self) -> None:
        self.plot.restyle()

    def _make_tools(self) -> None:
        self.title = bold(QLabel(self.tr("Loss by step"), self))
        self.log = named(QCheckBox(self.tr("Log scale"), self), "race.log")
        self.fit = FitButton("race.fit", self)
        self.empty = empty_page("race.empty", "", self)
        self.empty.setMargin(theme.space(2))

    def _lay_out(self) -> None:
        tools = in_row(self.title, None, self.fit, self.log, apart=1)
        self._pages = in_pages(self.empty, self.plot)
        in_column(tools, (self._pages, 1), into=self, apart=0.5)

    def _connect(self) -> None:
        self.log.toggled.connect(self._set_log)
        self.fit.clicked.connect(self.follow)
        self.plot.fit_asked.connect(self.follow)
        self.plot.zoomed.connect(self.fit.show)
        self.plot.pointed.connect(lambda moment: self._choice.point_at(None, moment))
        self._choice.pointed.connect(self._show_moment)
        self.log.setChecked(True)
        self._allow_log()

    def _allow_log(self) -> None:
        can = self.plot.can_be_logarithmic
        self.log.setEnabled(can)
        reason = self.tr("There are losses below zero, which have no logarithm.")
        self.log.setToolTip(self.tr("Equal factors, equal heights") if can else reason)
        wanted = self.log.isChecked() and can
        if wanted != self.plot.logarithmic:
            self.plot.set_logarithmic(wanted)

    def _set_log(self, _on: bool) -> None:
        self._allow_log()
        self.follow()

    def _show_moment(self) -> None:
        """The step that is pointed at, here or on a path of a picture."""
        moment = self._choice.moment
        is_runner = moment is not None and moment[0] >= 0
        self.plot.show_step(moment[1] if moment is not None and is_runner else None)
