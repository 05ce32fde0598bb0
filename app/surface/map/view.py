"""The loss surface from above: the valley that the network is walking down, while it walks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from app.kit import theme
from app.kit.picture_file import copy_picture, save_picture
from app.kit.text import sentence, told
from app.link.pacing import Unhurried
from app.surface.map.drawing import Drawing, drawing_of
from app.surface.map.hands import SurfaceGestures, SurfacePointer, SurfaceRange
from app.surface.map.note import Dimmer, ProgressLine, SurfaceNote
from app.surface.map.plot import SurfacePlot
from app.surface.map.tools import SurfaceTools
from app.surface.shared.colours import is_logarithmic, quantities
from app.surface.shared.reading import TroubleCard, samples_words
from core.errors import UserError
from core.messages.snapshot import RunState
from core.sentence import Sentence

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from app.link.surface_choice import Quantity
    from core.messages.surface_views import SurfaceView, Survey

    Look = tuple[SurfaceView, Quantity, bool]

REST_MS = 70
"""Some fourteen pictures a second look like motion, and leave the rest to the training."""

SETTLE_MS = 120
"""After a movement the labels look for their places once, not at every pixel."""


class SurfaceMap(QWidget):
    """Choices, the map, and what it shows and leaves out; ``picked`` carries a place clicked."""

    picked = Signal(float, float)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        self._bridge = bridge
        self._survey: Survey | None = None
        self._drawing: Drawing | None = None
        self._look: Look | None = None
        self._prepared: tuple[Look, Drawing] | None = None
        self._unsaved: Sentence | None = None
        self._make_widgets()
        self._lay_out()
        self._range = SurfaceRange(bridge.outlook, self.plot, self)
        self._pointer = SurfacePointer(bridge.outlook, self.plot, self)
        self._gestures = SurfaceGestures(bridge, self.plot, self._pointer, self.tools)
        self._dimmer = Dimmer(self.plot.veil, self)
        self._pace = Unhurried(bridge, self, self._draw, REST_MS)
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._connect()
        bridge.outlook.watch(self, tells=True)
        self._pace.ask()

    def show_survey(self, survey: Survey) -> None:
        """Follows the surface."""
        if survey is not self._survey:
            self._pace.ask()

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_pace"):
            self.tools.restyle()
            self.plot.restyle()
            self.trouble.restyle()
            self._pointer.card.restyle()
            self._look = None
            self._pace.at_once()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The sentence over the picture stays within it."""
        super().resizeEvent(event)
        self.trouble.fit_in()

    def _make_widgets(self) -> None:
        self.tools = SurfaceTools(self)
        self.progress = ProgressLine(self)
        self.plot = SurfacePlot(self)
        self.plot.setObjectName("surface.plot")
        self.plot.setAccessibleName(self.tr("Map of the loss surface"))
        self.plot.setAccessibleDescription(
            self.tr("Arrow keys move the range, plus and minus change it, Home fits it")
        )
        self.trouble = TroubleCard(self.plot)
        self.note = SurfaceNote("surface.note", self)
        self.note.setProperty("role", "caption")
        self.samples = QLabel(self)
        self.samples.setObjectName("surface.samples")
        self.samples.setProperty("role", "caption")
        self.empty = QLabel(self)
        self.empty.setObjectName("surface.empty")
        self.empty.setProperty("role", "caption")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _lay_out(self) -> None:
        self._picture = QWidget(self)
        picture = QVBoxLayout(self._picture)
        picture.setContentsMargins(0, 0, 0, 0)
        picture.setSpacing(theme.space(0.5))
        picture.addWidget(self.plot, 1)
        picture.addWidget(self.note)
        picture.addWidget(self.samples)
        pages = QWidget(self)
        self._pages = QStackedLayout(pages)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._picture)
        column = QVBoxLayout(self)
        column.setContentsMargins(
            theme.space(1.5), theme.space(1), theme.space(1.5), theme.space(1)
        )
        column.setSpacing(theme.space(0.5))
        column.addWidget(self.tools)
        column.addWidget(self.progress)
        column.addWidget(pages, 1)

    def _connect(self) -> None:
        bridge, outlook, tools = self._bridge, self._bridge.outlook, self.tools
        bridge.survey_changed.connect(self.show_survey)
        bridge.contest_changed.connect(lambda _: tools.set_race(is_race=self._gestures.is_race))
        outlook.changed.connect(self._pace.at_once)
        tools.quantity_chosen.connect(self._choose)
        tools.log_chosen.connect(lambda on: outlook.show_quantity(outlook.quantity, is_log=on))
        tools.layers_chosen.connect(self._redraw)
        tools.fit_asked.connect(self._range.fit)
        self._range.asked.connect(lambda: self._say_trouble(bridge.survey))
        tools.copy_asked.connect(self._copy)
        tools.save_asked.connect(self._save)
        self.plot.settled.connect(self._settle.start)
        self._settle.timeout.connect(self._settled)
        self._gestures.picked.connect(self.picked)

    def _choose(self, quantity: Quantity) -> None:
        self._bridge.outlook.show_quantity(quantity, is_log=self._bridge.outlook.is_log)

    def _redraw(self) -> None:
        self._look = self._prepared = None
        self._pace.at_once()

    def _draw(self) -> None:
        if not self._is_prepared(self._bridge.survey.surface):
            self._pace.go_on()
            return
        survey = self._survey = self._bridge.survey
        surface, before = survey.surface, self._look[0] if self._look else None
        self._pages.setCurrentIndex(int(surface is not None))
        self.progress.show_share(survey.progress)
        self.tools.set_race(is_race=self._gestures.is_race)
        self.tools.set_ready(ready=surface is not None)
        if surface is None:
            self._drawing = self._look = None
            self.empty.setText(self._nothing(survey))
            return
        self._range.follow(survey)
        self._draw_surface(surface)
        if survey.paths is not self.plot.paths.paths or surface is not before:
            self.plot.show_paths(survey.paths, surface.plane)
        self._dimmer.set_stale(survey.is_stale)
        self._say_trouble(survey)
        self._pointer.present(self._drawing, survey.paths)

    def _is_prepared(self, surface: SurfaceView | None) -> bool:
        """Whether the whole may be drawn in this frame; while training, a new surface's contours
        and colours take one of their own."""
        if surface is None or self._bridge.snapshot.state is not RunState.RUNNING:
            return True
        look = self._look_at(surface)
        if _is_same(look, self._look) or _is_same(look, self._prepared and self._prepared[0]):
            return True
        self._prepared = look, self._drawing_of(surface)
        return False

    def _look_at(self, surface: SurfaceView) -> Look:
        outlook = self._bridge.outlook
        return surface, outlook.quantity, outlook.is_log

    def _drawing_of(self, surface: SurfaceView) -> Drawing:
        outlook, contours = self._bridge.outlook, self.tools.contours.isChecked()
        return drawing_of(surface, outlook.quantity, is_log=outlook.is_log, contours=contours)

    def _draw_surface(self, surface: SurfaceView) -> None:
        outlook, tools, look = self._bridge.outlook, self.tools, self._look_at(surface)
        if _is_same(look, self._look):
            return
        prepared, self._prepared, self._look = self._prepared, None, look
        if prepared is None or not _is_same(look, prepared[0]):
            prepared = look, self._drawing_of(surface)
        drawing = self._drawing = prepared[1]
        self.plot.show_drawing(drawing, arrows=tools.arrows.isChecked())
        tools.set_quantities(quantities(surface), drawing.quantity)
        possible = is_logarithmic(surface, drawing.quantity, True)
        tools.set_log(is_log=outlook.is_log, possible=possible)
        note = surface.plane.note
        self.note.say(sentence(note), told(note), note.template)
        self.samples.setText(samples_words(surface, drawing.quantity))
        # Downhill of a share classified right leads nowhere: it is flat but for its steps.
        tools.arrows.setEnabled(drawing.quantity != "accuracy")
        if self._bridge.snapshot.state is RunState.RUNNING:
            self._settled()  # in this painting: another one would delay a frame
        else:
            self._settle.start()

    def _settled(self) -> None:
        """Labels and reading take the places that fit what is seen now."""
        if self._drawing is not None:
            self.plot.place_labels()
            self._pointer.show_pointed()

    def _say_trouble(self, survey: Survey) -> None:
        trouble = survey.trouble or self._range.refused or self._unsaved
        text = told(trouble) if trouble else ""
        if text != self.trouble.text():
            self.trouble.say(text)

    def _nothing(self, survey: Survey) -> str:
        if survey.trouble is not None:
            return told(survey.trouble)
        if survey.request is not None:
            return self.tr("The surface is being computed.")
        return self.tr(
            "Choose a plane, and the loss around these weights appears here as a landscape: "
            "valleys where it is low, hills where it is high."
        )

    def _copy(self) -> None:
        with self.plot.drawn_anew():
            copy_picture(self._picture)

    def _save(self) -> None:
        try:
            with self.plot.drawn_anew():
                save_picture(self._picture)
            self._unsaved = None
        except UserError as error:
            self._unsaved = error.sentence
        self._say_trouble(self._bridge.survey)


def _is_same(look: Look, other: Look | None) -> bool:
    return other is not None and all(a is b for a, b in zip(look, other, strict=True))
