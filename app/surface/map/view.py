"""The loss surface from above: the valley that the network is walking down, while it walks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.kit.labels import WrappedLine, caption
from app.kit.layouts import named
from app.kit.numbers import four_digits, percent
from app.kit.picture_file import copy_picture
from app.kit.text import sentence, told
from app.link.pacing import single_shot
from app.surface.map.drawing import SurfaceDrawing, drawing_of
from app.surface.map.interaction import SurfaceGestures, SurfacePointer, SurfaceRange
from app.surface.map.note import Dimmer, ProgressLine
from app.surface.map.plot import SurfacePlot
from app.surface.map.tools import SurfaceTools
from app.surface.shared.colours import is_flat, is_logarithmic, quantities, quantity_name
from app.surface.shared.page import SurfacePage
from app.surface.shared.parted import parted, parted_words
from app.surface.shared.reading import TroubleCard, samples_words
from core.messages.snapshot import RunState

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from app.link.surface_choice import Quantity
    from core.messages.surface_views import PathView, SurfaceView, Survey

    Look = tuple[SurfaceView, Quantity, bool]

REST_MS = 70
"""Some fourteen pictures a second look like motion, and leave the rest to the training."""

SETTLE_MS = 120
"""After a movement the labels look for their places once, not at every pixel."""


class SurfaceMap(SurfacePage):
    """Choices, the map, and what it shows and leaves out; ``picked`` carries a place clicked."""

    picked = Signal(float, float)

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, "surface", REST_MS, parent)
        self._drawing: SurfaceDrawing | None = None
        self._look: Look | None = None
        self._prepared: tuple[Look, SurfaceDrawing] | None = None
        self._make_widgets()
        self._range = SurfaceRange(bridge.surface_choice, self.plot, self)
        self._pointer = SurfacePointer(bridge.surface_choice, self.plot, self)
        self._gestures = SurfaceGestures(bridge, self.plot, self._pointer, self.tools)
        self._dimmer = Dimmer(self.plot.veil, self)
        self._settle = single_shot(self, SETTLE_MS, self._settled)
        self._lay_out((self.tools, self.progress), (self.plot, self.note, self.samples))
        self._connect()
        bridge.surface_choice.watch(self, shows_trouble=True)
        self._pace.request()

    def _restyle(self) -> None:
        self.tools.restyle()
        self.plot.restyle()
        self.trouble.restyle()
        self._pointer.card.restyle()
        self._look = None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The sentence over the picture stays within it."""
        super().resizeEvent(event)
        self.trouble.fit_in()

    def _make_widgets(self) -> None:
        self.tools = SurfaceTools(self)
        self.progress = ProgressLine(self)
        self.plot = named(SurfacePlot(self), "surface.plot", self.tr("Map of the loss surface"))
        self.plot.setAccessibleDescription(
            self.tr("Arrow keys move the range, plus and minus change it, Home fits it")
        )
        self.trouble = TroubleCard(self.plot)
        self.note = WrappedLine("surface.note", self)
        self.samples = named(caption("", self), "surface.samples")

    def _connect(self) -> None:
        bridge, choice, tools = self._bridge, self._bridge.surface_choice, self.tools
        bridge.contest_changed.connect(lambda _: tools.set_race(is_race=self._gestures.is_race))
        choice.changed.connect(self._pace.draw_now)
        tools.quantity.activated.connect(
            lambda row: choice.show_quantity(tools.quantity.itemData(row), is_log=choice.is_log)
        )
        tools.log.toggled.connect(lambda on: choice.show_quantity(choice.quantity, is_log=on))
        for option in (tools.contours, tools.arrows):
            option.toggled.connect(lambda _: self._redraw())
        tools.fit.clicked.connect(lambda _: self._range.fit())
        self._range.requested.connect(lambda: self._show_trouble(bridge.survey))
        tools.copy.copy_action.triggered.connect(lambda _: self._copy())
        tools.copy.save_action.triggered.connect(lambda _: self._save())
        self.plot.settled.connect(self._settle.start)
        self._gestures.picked.connect(self.picked)

    def _redraw(self) -> None:
        self._look = self._prepared = None
        self._pace.draw_now()

    def _draw(self) -> None:
        if not self._is_prepared(self._bridge.survey.surface):
            self._pace.continue_later()
            return
        survey = self._bridge.survey
        surface, before = self._turn_page(survey), self._look[0] if self._look else None
        self.progress.show_share(survey.progress)
        self.tools.set_race(is_race=self._gestures.is_race)
        self.tools.set_ready(ready=surface is not None)
        if surface is None:
            self._drawing = self._look = None
            return
        self._range.follow(survey)
        self._draw_surface(surface)
        if survey.paths is not self.plot.paths.paths or surface is not before:
            self.plot.show_paths(survey.paths, surface.plane)
        self._show_note(surface, survey.paths)
        self._dimmer.set_stale(survey.is_stale)
        self._show_trouble(survey)
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
        choice = self._bridge.surface_choice
        return surface, choice.quantity, choice.is_log

    def _drawing_of(self, surface: SurfaceView) -> SurfaceDrawing:
        choice, contours = self._bridge.surface_choice, self.tools.contours.isChecked()
        return drawing_of(surface, choice.quantity, is_log=choice.is_log, contours=contours)

    def _draw_surface(self, surface: SurfaceView) -> None:
        choice, tools, look = self._bridge.surface_choice, self.tools, self._look_at(surface)
        if _is_same(look, self._look):
            return
        prepared, self._prepared, self._look = self._prepared, None, look
        if prepared is None or not _is_same(look, prepared[0]):
            prepared = look, self._drawing_of(surface)
        drawing = self._drawing = prepared[1]
        self.plot.show_drawing(drawing, arrows=tools.arrows.isChecked())
        tools.set_quantities(quantities(surface), drawing.quantity)
        possible = is_logarithmic(surface, drawing.quantity, True)
        tools.set_log(is_log=choice.is_log, possible=possible)
        self.samples.setText(samples_words(surface, drawing.quantity))
        # Downhill of a share classified right leads nowhere: it is flat but for its steps.
        tools.arrows.setEnabled(drawing.quantity != "accuracy")
        if self._bridge.snapshot.state is RunState.RUNNING:
            self._settled()  # in this painting: another one would delay a frame
        else:
            self._settle.start()

    def _show_note(self, surface: SurfaceView, paths: tuple[PathView, ...]) -> None:
        """What the plane is, after who has another loss than it shows."""
        note, quantity = surface.plane.note, self._bridge.surface_choice.quantity
        off = parted_words(parted(surface, paths, quantity)) or self._flat_words()
        text, tip = (f"{off} {said}".strip() for said in (sentence(note), told(note)))
        self.note.show_text(text, tip, f"{note.template} {bool(off)}")

    def _flat_words(self) -> str:
        """That there is nothing to see here, where all of the plane has one height."""
        drawing = self._drawing
        if drawing is None or not is_flat(drawing.limits):
            return ""
        name, value = quantity_name(drawing.quantity), drawing.levels[0].value
        shown = percent(value) if drawing.quantity == "accuracy" else four_digits(value)
        text = self.tr("This plane is flat. {quantity} everywhere on it: {value}.")
        return text.format(quantity=name, value=shown)

    def _settled(self) -> None:
        """Labels and reading take the places that fit what is seen now."""
        if self._drawing is not None:
            self.plot.place_labels()
            self._pointer.show_pointed()

    def _show_trouble(self, survey: Survey) -> None:
        trouble = survey.trouble or self._range.refused or self._unsaved
        text = told(trouble) if trouble else ""
        if text != self.trouble.text():
            self.trouble.show_text(text)

    def _invitation(self) -> str:
        return self.tr(
            "Choose a plane, and the loss around these weights appears here as a landscape: "
            "valleys where it is low, hills where it is high."
        )

    def _copy(self) -> None:
        with self.plot.drawn_anew():
            copy_picture(self._picture)

    def _save(self) -> None:
        with self.plot.drawn_anew():
            self._save_picture(self._picture)
        self._show_trouble(self._bridge.survey)


def _is_same(look: Look, other: Look | None) -> bool:
    return other is not None and all(a is b for a, b in zip(look, other, strict=True))
