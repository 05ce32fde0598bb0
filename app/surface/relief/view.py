"""The loss surface as a landscape: the valley that the network is walking down, while it walks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.kit import icons, theme
from app.kit.labels import ElidedLabel
from app.kit.picture_file import copy_picture, save_picture
from app.kit.plots.style import OWN
from app.kit.text import sentence, told, translated
from app.link.pacing import Unhurried, slack_of
from app.surface.map.note import DIMMED, PATIENCE_MS
from app.surface.relief.canvas import PAINTED, ReliefCanvas
from app.surface.relief.gl import OpenGL, fill_with_opengl, opengl
from app.surface.relief.painter import Manner
from app.surface.relief.scene import Stage, scene_of, stage_of
from app.surface.shared.reading import path_words, place_words
from core.errors import UserError
from core.messages.commands import Visit
from core.messages.snapshot import RunState
from core.sentence import Sentence

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from app.link.bridge import Bridge
    from app.surface.map.plot import Point
    from app.surface.shared.paths import Met
    from core.messages.surface_commands import Plane
    from core.messages.surface_views import Survey


class ReliefTools(QWidget):
    """A row above the picture: what stands upwards, the drawing, Reset view, Copy."""

    opengl_chosen = Signal(bool)
    reset_asked = Signal()
    copy_asked = Signal()
    save_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = ElidedLabel("surface3d.title", self)
        self.title.setProperty("role", "caption")
        self.opengl = QCheckBox(self.tr("OpenGL"), self)
        self.opengl.setObjectName("surface3d.opengl")
        self.opengl.hide()
        self.reset = QToolButton(self)
        self.reset.setObjectName("surface3d.reset")
        self.reset.setText(self.tr("Reset view"))
        self.reset.setToolTip(
            self.tr("Show all of it from its clearest side again (double click, Home)")
        )
        self._make_copy()
        self.opengl.toggled.connect(self.opengl_chosen)
        self.reset.clicked.connect(lambda _: self.reset_asked.emit())
        self._lay_out()

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

    def _make_copy(self) -> None:
        self.copy = QToolButton(self)
        self.copy.setObjectName("surface3d.copy")
        self.copy.setAccessibleName(self.tr("Copy the picture"))
        self.copy.setToolTip(self.tr("Copy the picture to the clipboard, or save it"))
        icons.put(self.copy, "image")
        menu = QMenu(self.copy)
        menu.setObjectName("surface3d.copy-menu")
        self.copy_action = menu.addAction(self.tr("Copy picture"))
        self.save_action = menu.addAction(self.tr("Save picture…"))
        self.copy.setMenu(menu)
        # As on the map: a second, narrow button for the menu would only be a box at the edge.
        self.copy.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.copy_action.triggered.connect(lambda _: self.copy_asked.emit())
        self.save_action.triggered.connect(lambda _: self.save_asked.emit())

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(1.5))
        row.addWidget(self.title, 1)
        for widget in (self.opengl, self.reset, self.copy):
            row.addWidget(widget)


REST_MS = 100
"""Ten surfaces a second look like motion; a shape in space costs more to draw than a map."""

OPENGL = Manner(fill_with_opengl, moving=64, resting=128)


class Surface3D(QWidget):
    """Tools, the landscape, and what is read off it."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface3d")
        self._bridge = bridge
        self._survey: Survey | None = None
        self._stage: Stage | None = None
        self._plane: Plane | None = None
        self._unsaved: Sentence | None = None
        self._is_tried = False
        self._make_widgets()
        self._lay_out()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._pace = Unhurried(bridge, self, self._draw, REST_MS)
        self._connect()
        bridge.outlook.watch(self)
        self._pace.ask()

    def show_survey(self, survey: Survey) -> None:
        """Follows the surface."""
        if survey is not self._survey:
            self._pace.ask()

    def showEvent(self, event: QShowEvent) -> None:
        """Looks for OpenGL when it is first needed: that takes some hundredths of a second."""
        super().showEvent(event)
        if not self._is_tried:
            self._is_tried = True
            self.tools.offer_opengl(opengl())

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_pace"):
            self._stage = None
            self._pace.at_once()
        super().changeEvent(event)

    def sizeHint(self) -> QSize:
        """Room for a picture."""
        return QSize(theme.space(70), theme.space(60))

    def _make_widgets(self) -> None:
        self.tools = ReliefTools(self)
        self.canvas = ReliefCanvas(slack_of(self._bridge), self)
        self.canvas.setObjectName("surface3d.canvas")
        self.canvas.setAccessibleName(self.tr("Landscape of the loss"))
        self.canvas.setAccessibleDescription(
            self.tr("Arrow keys turn it, plus and minus zoom, Home resets the view")
        )
        self.reading = ElidedLabel("surface3d.reading", self)
        self.reading.setProperty("role", "caption")
        # Of the same height without a text: the picture must not move when the pointer comes.
        self.reading.setFixedHeight(self.reading.fontMetrics().height() + 2)
        self.empty = QLabel(self)
        self.empty.setObjectName("surface3d.empty")
        self.empty.setProperty("role", "caption")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _lay_out(self) -> None:
        self._picture = QWidget(self)
        picture = QVBoxLayout(self._picture)
        picture.setContentsMargins(0, 0, 0, 0)
        picture.setSpacing(theme.space(0.5))
        picture.addWidget(self.canvas, 1)
        picture.addWidget(self.reading)
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
        column.addWidget(pages, 1)

    def _connect(self) -> None:
        outlook, tools = self._bridge.outlook, self.tools
        self._bridge.survey_changed.connect(self.show_survey)
        outlook.changed.connect(self._restage)
        outlook.pointed.connect(self._show_pointed)
        outlook.telling.connect(self._show_pointed)
        self.canvas.hovered.connect(self._hover)
        self.canvas.clicked.connect(self._click)
        self._patience.timeout.connect(lambda: self.canvas.set_opacity(DIMMED))
        tools.opengl_chosen.connect(lambda on: self.canvas.set_manner(OPENGL if on else PAINTED))
        tools.reset_asked.connect(self.canvas.reset)
        tools.copy_asked.connect(lambda: copy_picture(self.canvas, self._words()))
        tools.save_asked.connect(self._save)
        self.canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.canvas.addActions([tools.copy_action, tools.save_action])

    def _restage(self) -> None:
        self._stage = None
        self._pace.at_once()

    def _draw(self) -> None:
        survey = self._survey = self._bridge.survey
        surface = survey.surface
        self._pages.setCurrentIndex(int(surface is not None))
        self.canvas.set_live(self._is_moving())
        self.tools.set_ready(ready=surface is not None)
        if surface is None:
            self._stage = None
            self.canvas.show_scene(None)
            self.tools.title.say("")
            self.empty.setText(self._nothing(survey))
            return
        if self._stage is None or self._stage.surface is not surface:
            self._stage = stage_of(surface, self._bridge.outlook)
            note, plane = surface.plane.note, surface.plane.plane
            # The whole note stands under the map.
            title = self.tr("Test function") if plane is None else translated(plane.label)
            self.tools.title.say(title, told(note))
            if self._bridge.snapshot.state is RunState.RUNNING:
                # The shape took its frame; paths and picture have the next.
                self._pace.go_on()
                return
        scene = self.canvas.scene
        if scene is None or scene.stage is not self._stage or not scene.shows(survey.paths):
            self.canvas.show_scene(scene_of(survey, self._stage))
        if scene is None or surface.plane.plane != self._plane:
            self._plane = surface.plane.plane
            self.canvas.face()
        self._dim(stale=survey.is_stale)
        self._show_pointed()

    def _is_moving(self) -> bool:
        """Whether new surfaces or longer paths come by themselves."""
        running = self._bridge.snapshot.state is RunState.RUNNING
        return running or self._bridge.contest.is_running

    def _dim(self, *, stale: bool) -> None:
        """What is of the past is dimmed after a while, and bright again at once."""
        if not stale:
            self._patience.stop()
            self.canvas.set_opacity(1.0)
        elif not self._patience.isActive():
            self._patience.start()

    def _hover(self, point: Point | None, met: Met | None) -> None:
        moment = None if met is None else (met.path.id, met.step)
        if moment is not None and moment[0] == OWN:
            self.canvas.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.canvas.unsetCursor()
        self._bridge.outlook.point_at(point, moment)

    def _click(self, met: Met) -> None:
        if met.path.id == OWN:
            self._bridge.dispatch(Visit(met.step))

    def _show_pointed(self) -> None:
        """What is pointed at, in whichever picture; with nothing there, what is amiss."""
        outlook, scene = self._bridge.outlook, self.canvas.scene
        if scene is None:
            return
        met = scene.met(outlook.moment)
        self.canvas.show_mark(outlook.point, met)
        if met is not None:
            self.reading.say(" · ".join(path_words(met)))
        elif outlook.point is not None:
            words = place_words(scene.stage.surface, scene.stage.quantity, outlook.point)
            self.reading.say(" · ".join(words))
        else:
            self.reading.say(*self._amiss())

    def _amiss(self) -> tuple[str, str]:
        bridge = self._bridge
        trouble = self._unsaved or (None if bridge.outlook.is_told else bridge.survey.trouble)
        if trouble is None:
            return "", ""
        return sentence(trouble), told(trouble)

    def _nothing(self, survey: Survey) -> str:
        if survey.trouble is not None:
            return told(survey.trouble)
        if survey.request is not None:
            return self.tr("The surface is being computed.")
        return self.tr(
            "Choose a plane, and the loss around these weights stands here as a landscape that "
            "you can turn."
        )

    def _words(self) -> str:
        """What a picture taken away from here says of itself."""
        stage = self.canvas.scene.stage if self.canvas.scene is not None else None
        return (
            ""
            if stage is None
            else f"{self.tools.title.text()}. {sentence(stage.surface.plane.note)}"
        )

    def _save(self) -> None:
        self._unsaved = None
        try:
            save_picture(self.canvas, self._words())
        except UserError as error:
            self._unsaved = error.sentence
        self._show_pointed()
