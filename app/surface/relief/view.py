"""The loss surface as a landscape: the valley that the network is walking down, while it walks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QCheckBox, QToolButton, QWidget

from app.kit import theme
from app.kit.flow import in_flow
from app.kit.labels import reading, title_line
from app.kit.layouts import in_row, named
from app.kit.more import behind_more
from app.kit.picture_file import PictureButton, copy_picture
from app.kit.plots.style import OWN
from app.kit.text import sentence, told, translated
from app.link.pacing import frame_slack, single_shot
from app.surface.map.note import DIMMED, PATIENCE_MS
from app.surface.relief.canvas import PAINTED, ReliefCanvas
from app.surface.relief.gl import OpenGL, fill_with_opengl, opengl
from app.surface.relief.painter import RenderMode
from app.surface.relief.scene import ReliefStage, scene_of, stage_of
from app.surface.shared.page import SurfacePage
from app.surface.shared.parted import floating_words, parted_words
from app.surface.shared.paths import point_at
from app.surface.shared.reading import path_words, place_words
from core.messages.commands import Visit
from core.messages.snapshot import RunState

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from app.link.bridge import Bridge
    from app.surface.map.plane_plot import Point
    from app.surface.shared.paths import PathPoint
    from core.messages.surface_commands import Plane


class ReliefTools(QWidget):
    """A row above the picture: what stands upwards, the drawing, Reset view, Copy."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title_line("surface3d.title", self)
        self.opengl = named(QCheckBox(self.tr("OpenGL"), self), "surface3d.opengl")
        self.opengl.hide()
        tip = self.tr("Show all of it from its clearest side again (double click, Home)")
        self.reset = named(QToolButton(self), "surface3d.reset", tip=tip)
        self.reset.setText(self.tr("Reset view"))
        self.copy = PictureButton("surface3d", self)
        drawing = QWidget(self)  # whether it is offered at all is another question
        in_row(self.opengl, into=drawing)
        behind_more(drawing, self.copy)
        in_flow(self.title, drawing, self.reset, self.copy, into=self, apart=1.5)

    def offer_opengl(self, found: OpenGL | None) -> None:
        """Offers OpenGL where it draws what it is told, and takes it: it draws finer, sooner."""
        self.opengl.setVisible(found is not None)
        self.opengl.setChecked(found is not None)
        if found is not None:
            tip = self.tr(
                "Let OpenGL draw the surface ({renderer}). Without it the surface is painted, "
                "coarser while it turns."
            )
            self.opengl.setToolTip(tip.format(renderer=found.renderer))

    def set_ready(self, *, ready: bool) -> None:
        """Without a picture there is nothing to do with it."""
        for widget in (self.opengl, self.reset, self.copy):
            widget.setEnabled(ready)


REST_MS = 100
"""Ten surfaces a second look like motion; a shape in space costs more to draw than a map."""

OPENGL = RenderMode(fill_with_opengl, moving=64, resting=128)


class Surface3D(SurfacePage):
    """Tools, the landscape, and what is read off it."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(bridge, "surface3d", REST_MS, parent)
        self._stage: ReliefStage | None = None
        self._plane: Plane | None = None
        self._is_tried = False
        self._make_widgets()
        self._lay_out((self.tools,), (self.canvas, self.reading))
        self._patience = single_shot(self, PATIENCE_MS, lambda: self.canvas.set_opacity(DIMMED))
        self._connect()
        bridge.surface_choice.watch(self)
        self._pace.request()

    def showEvent(self, event: QShowEvent) -> None:
        """Looks for OpenGL when it is first needed: that takes some hundredths of a second."""
        super().showEvent(event)
        if not self._is_tried:
            self._is_tried = True
            self.tools.offer_opengl(opengl())

    def _restyle(self) -> None:
        self._stage = None

    def sizeHint(self) -> QSize:
        return QSize(theme.space(70), theme.space(60))

    def _make_widgets(self) -> None:
        self.tools = ReliefTools(self)
        self.canvas = named(
            ReliefCanvas(frame_slack(self._bridge), self),
            "surface3d.canvas",
            self.tr("Landscape of the loss"),
        )
        self.canvas.setAccessibleDescription(
            self.tr("Arrow keys turn it, plus and minus zoom, Home resets the view")
        )
        self.reading = reading("surface3d.reading", self)

    def _connect(self) -> None:
        choice, tools = self._bridge.surface_choice, self.tools
        choice.changed.connect(self._restage)
        choice.pointed.connect(self._show_pointed)
        choice.trouble_view_changed.connect(self._show_pointed)
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        tools.opengl.toggled.connect(lambda on: self.canvas.set_mode(OPENGL if on else PAINTED))
        tools.reset.clicked.connect(lambda _: self.canvas.reset())
        copy, save = tools.copy.copy_action, tools.copy.save_action
        copy.triggered.connect(lambda _: copy_picture(self.canvas, self._words()))
        save.triggered.connect(lambda _: self._save())
        self.canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.canvas.addActions([copy, save])

    def _restage(self) -> None:
        self._stage = None
        self._pace.draw_now()

    def _draw(self) -> None:
        survey = self._bridge.survey
        surface = self._turn_page(survey)
        # Whether new surfaces or longer paths come by themselves.
        running = self._bridge.snapshot.state is RunState.RUNNING
        self.canvas.set_live(running or self._bridge.contest.is_running)
        self.tools.set_ready(ready=surface is not None)
        if surface is None:
            self._stage = None
            self.canvas.show_scene(None)
            self.tools.title.show_text("")
            return
        if self._stage is None or self._stage.surface is not surface:
            self._stage = stage_of(surface, self._bridge.surface_choice)
            note, plane = surface.plane.note, surface.plane.plane
            # The whole note stands under the map.
            title = self.tr("Test function") if plane is None else translated(plane.label)
            self.tools.title.show_text(title, told(note))
            if running:
                # The shape took its frame; paths and picture have the next.
                self._pace.continue_later()
                return
        scene = self.canvas.scene
        if scene is None or scene.stage is not self._stage or scene.given is not survey.paths:
            self.canvas.show_scene(scene_of(survey, self._stage))
        if scene is None or surface.plane.plane != self._plane:
            self._plane = surface.plane.plane
            self.canvas.face()
        self._dim(stale=survey.is_stale)
        self._show_pointed()

    def _dim(self, *, stale: bool) -> None:
        """What is of the past is dimmed after a while, and bright again at once."""
        if not stale:
            self._patience.stop()
            self.canvas.set_opacity(1.0)
        elif not self._patience.isActive():
            self._patience.start()

    def _hover(self, point: Point | None, met: PathPoint | None) -> None:
        moment = None if met is None else (met.path.id, met.step)
        if met is not None and met.path.id == OWN:
            self.canvas.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.canvas.unsetCursor()
        self._bridge.surface_choice.point_at(point, moment)

    def _click(self, met: PathPoint) -> None:
        if met.path.id == OWN:
            self._bridge.dispatch(Visit(met.step))

    def _show_pointed(self) -> None:
        """What is pointed at, in whichever picture; else what is amiss, or off the surface."""
        choice, scene = self._bridge.surface_choice, self.canvas.scene
        if scene is None:
            return
        met = point_at(scene.paths, choice.moment)
        self.canvas.show_mark(choice.point, met)
        if met is not None:
            self.reading.show_text(" · ".join(path_words(met)))
        elif choice.point is not None:
            words = place_words(scene.stage.surface, scene.stage.quantity, choice.point)
            self.reading.show_text(" · ".join(words))
        else:
            self.reading.show_text(*self._amiss())

    def _amiss(self) -> tuple[str, str]:
        bridge = self._bridge
        trouble = self._unsaved or (
            None if bridge.surface_choice.has_trouble_view else bridge.survey.trouble
        )
        if trouble is None:
            found = self.canvas.scene.parted if self.canvas.scene is not None else ()
            return floating_words(found), parted_words(found)
        return sentence(trouble), told(trouble)

    def _invitation(self) -> str:
        return self.tr(
            "Choose a plane, and the loss around these weights stands here as a landscape that "
            "you can turn."
        )

    def _words(self) -> str:
        """What a picture taken away from here says of itself."""
        if self.canvas.scene is None:
            return ""
        note = self.canvas.scene.stage.surface.plane.note
        return f"{self.tools.title.text()}. {sentence(note)}"

    def _save(self) -> None:
        self._save_picture(self.canvas, self._words())
        self._show_pointed()
