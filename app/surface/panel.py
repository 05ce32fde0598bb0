"""What is seen of the loss surface: of whom, on which plane, how finely, how sharply it bends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QScrollArea, QWidget

from app.kit import theme
from app.kit.controls import Combo, clear_background, dim_label, put_line
from app.kit.forms.sliders import RATE_RANGE, is_off
from app.kit.layouts import in_column, named
from app.kit.numbers import four_digits, whole
from app.kit.scaling import as_picture
from app.kit.sections import Section
from app.kit.text import told
from app.link.watching import watch
from app.surface.pickers import StateOption, StatePicker
from app.surface.plane_form import PlaneForm, flush_form
from core.errors import UserError
from core.messages.race import NETWORK, Contest
from core.messages.snapshot import Snapshot
from core.messages.surface_commands import RESOLUTIONS, BranchEnd, Plane, RandomPlane, RunnerEnd
from core.messages.surface_views import Sharpness, Survey
from core.sentence import Sentence

if TYPE_CHECKING:
    from app.link.bridge import Bridge

SAMPLES = (100, 500, 2_000, 10_000)
"""How many samples can be chosen, beside as many as are quick."""


class SurveyPanel(QScrollArea):
    """The form of the Surface perspective; each choice acts at once."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("survey")
        self._bridge = bridge
        self._options: object = None
        self._refused: Sentence | None = None
        self._default: Plane = RandomPlane()
        self._make_controls()
        self._lay_out()
        self._connect()
        watch(bridge, self, "values")
        bridge.snapshot_changed.connect(self._show_snapshot)
        bridge.survey_changed.connect(self._show_survey)
        bridge.contest_changed.connect(self._show_contest)
        bridge.surface_choice.trouble_view_changed.connect(self._show_trouble)
        self._show_snapshot(bridge.snapshot)
        self._show_contest(bridge.contest)
        self._show_survey(bridge.survey)

    def _make_controls(self) -> None:
        subjects = {self.tr("This experiment's run"): "run", self.tr("The race"): "race"}
        tip = self.tr("Whose paths are drawn, and on whose surface")
        self._subject = self._combo("survey.subject", subjects, tip)
        self._plane = PlaneForm(self._bridge, self)
        self._centre = StatePicker("survey.centre", parent=self)
        self._centre.setToolTip(self.tr("The weights that the plane goes through"))
        points = {f"{points} × {points}": points for points in RESOLUTIONS}
        tip = self.tr("How many points of the plane the loss is computed at")
        self._points = self._combo("survey.points", points, tip)
        resolution = self._bridge.surface_choice.request.resolution
        self._points.setCurrentIndex(self._points.findData(resolution))
        samples = {self.tr("As many as are quick"): None, **{whole(n): n for n in SAMPLES}}
        tip = self.tr("Training samples that the loss is averaged over")
        self._samples = self._combo("survey.samples", samples, tip)
        self._sharp = named(
            QCheckBox(self.tr("Measure it at rest"), self),
            "survey.sharpness",
            tip=self.tr("The largest eigenvalues of the Hessian, by products with vectors"),
        )
        self._reading = named(QLabel(self), "survey.eigenvalues")
        self._reading.setWordWrap(True)
        self._reading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._trouble = dim_label(role="error", parent=self)

    def _combo(self, name: str, options: Mapping[str, object], tip: str) -> Combo:
        combo = named(Combo(self), name, tip=tip)
        for text, option in options.items():
            combo.addItem(text, option)
        widest = max((combo.fontMetrics().horizontalAdvance(text) for text in options), default=0)
        combo.setMinimumWidth(min(widest + theme.space(4.5), theme.space(28)))
        return combo

    def _lay_out(self) -> None:
        whose = flush_form(None, (self.tr("Surface of"), self._subject))
        whose.setContentsMargins(0, theme.space(2), 0, theme.space(2))
        through = flush_form(None, (self.tr("Through"), self._centre))
        plane, detail, sharp = QWidget(), QWidget(), QWidget()
        in_column(self._plane, through, into=plane, apart=1)
        points, samples = self.tr("Points"), self.tr("Samples")
        flush_form(detail, (points, self._points), (samples, self._samples))
        in_column(self._sharp, self._reading, into=sharp)
        tip = self.tr("How strongly the loss bends where the network stands")
        content = QWidget()
        in_column(
            whose,
            self._trouble,
            Section(self.tr("Plane"), "survey.plane", plane, True),
            Section(self.tr("Detail"), "survey.detail", detail, True),
            Section(self.tr("Sharpness"), "survey.sharp", sharp, True, tip),
            None,
            into=content,
            around=(2, 0, 2, 2),
            apart=0,
        )
        self._show_content(content)

    def _show_content(self, content: QWidget) -> None:
        self.setWidget(content)
        self.setWidgetResizable(True)
        clear_background(self)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        as_picture(self).setMinimumWidth(theme.gap(34))

    def _connect(self) -> None:
        self._subject.activated.connect(lambda _index: self._look_at(self._subject.currentData()))
        self._plane.edited.connect(lambda plane: self._change(plane=plane, window=None))
        self._centre.picked.connect(lambda state: self._change(centre=state, window=None))
        points, samples = self._points, self._samples
        points.activated.connect(lambda _index: self._change(resolution=points.currentData()))
        samples.activated.connect(lambda _index: self._change(samples=samples.currentData()))
        self._sharp.toggled.connect(lambda on: self._change(sharpness=on))

    def _change(self, **changes: Any) -> None:
        try:
            self._bridge.surface_choice.change(**changes)
            self._refused = None
        except UserError as error:
            self._refused = error.sentence
        self._show_trouble()

    def _show_trouble(self) -> None:
        """What the form was refused; what is amiss with the surface, where no map says so."""
        choice, trouble = self._bridge.surface_choice, self._refused
        if trouble is None and not choice.has_trouble_view:
            trouble = self._bridge.survey.trouble
        put_line(self._trouble, told(trouble) if trouble is not None else "")

    def _show_snapshot(self, snapshot: Snapshot) -> None:
        if snapshot.values is None or not self.isVisible():
            return
        layers = {layer.path: layer.name for layer in snapshot.layers}
        shapes = {name: array.shape for name, array in snapshot.values.parameters.items()}
        last = snapshot.timeline.last if snapshot.timeline is not None else 0
        states, race = self._states(snapshot), self._bridge.surface_choice.request.subject == "race"
        key = (layers, shapes, last, states, race)
        if key != self._options:
            self._options = key
            self._plane.set_options(shapes, layers, states, last, race=race)
            self._centre.set_options(states, last, race=race)

    def _states(self, snapshot: Snapshot) -> tuple[StateOption, ...]:
        """The states beside this run's own: other runs' ends, and where the runners stand.

        In a race only the latter: of other runs it knows nothing.
        """
        branches = snapshot.timeline.branches if snapshot.timeline is not None else ()
        if self._bridge.surface_choice.request.subject == "race":
            branches = ()
        ends: list[StateOption] = [
            (self.tr("End of run {number}").format(number=b.number), BranchEnd(b.number))
            for b in branches
        ]
        contest = self._bridge.contest
        runners = contest.runners if contest.arena == NETWORK else ()
        ends += [(runner.name, RunnerEnd(runner.id)) for runner in runners]
        return tuple(ends)

    def _show_contest(self, contest: Contest) -> None:
        """A race that begins is what one wants to see; without one there is only the run."""
        racing = bool(contest.arena)
        was = self._subject.isEnabled()
        self._subject.setEnabled(racing)
        if racing != was:
            wanted = "race" if racing else "run"
            self._subject.setCurrentIndex(self._subject.findData(wanted))
            self._look_at(wanted)
        self._show_form()

    def _look_at(self, subject: str) -> None:
        """Turns to the run or the race, and shows the plane that was chosen for it."""
        choice = self._bridge.surface_choice
        choice.look_at("race" if subject == "race" else "run")
        self._refused = None
        self._show_form()
        self._centre.show_state(choice.request.centre)
        if choice.request.plane is not None:
            self._plane.show_plane(choice.request.plane, chosen=True)
        else:
            self._default = RandomPlane()
            self._plane.show_plane(self._default, chosen=False)
        self._show_trouble()

    def _show_form(self) -> None:
        """What there is to choose from; a function has one plane only."""
        self._show_snapshot(self._bridge.snapshot)
        is_race = self._bridge.surface_choice.request.subject == "race"
        has_planes = not is_race or self._bridge.contest.arena in ("", NETWORK)
        self._plane.setEnabled(has_planes)
        self._centre.setEnabled(has_planes)

    def _show_survey(self, survey: Survey) -> None:
        self._show_trouble()
        self._show_default(survey)
        self._show_sharpness(survey.sharpness if self._sharp.isChecked() else None)

    def _show_default(self, survey: Survey) -> None:
        """The plane that came by itself, where nobody has chosen one."""
        request, surface = self._bridge.surface_choice.request, survey.surface
        if request.plane is not None or surface is None or survey.is_stale:
            return
        is_race, plane = request.subject == "race", surface.plane.plane
        if plane is not None and plane != self._default and surface.plane.is_race == is_race:
            self._default = plane
            self._plane.show_plane(plane, chosen=False)

    def _stable_text(self, rate: float) -> str:
        """What the largest stable rate means, and where the rate's slider shows it."""
        if is_off(rate, *RATE_RANGE):
            return self.tr(
                "Plain gradient descent stays in this valley up to a rate of 2/λ = {rate}; that "
                "lies beyond the end of the rate slider, where an arrow points there."
            )
        return self.tr(
            "Plain gradient descent stays in this valley up to a rate of 2/λ = {rate}; the rate "
            "slider has a mark there."
        )

    def _show_sharpness(self, found: Sharpness | None) -> None:
        if found is None:
            text = self.tr("Measured when training rests.") if self._sharp.isChecked() else ""
        else:
            values = ", ".join(four_digits(value) for value in found.eigenvalues)
            text = self.tr("Largest eigenvalues of the Hessian at step {step}: {values}.").format(
                step=whole(found.step), values=values
            )
            rate = found.stable_rate
            if rate is not None:
                text += " " + self._stable_text(rate).format(rate=four_digits(rate))
        self._reading.setText(text)
        self._reading.setVisible(bool(text))
