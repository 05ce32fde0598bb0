"""The frame of both pictures of a loss surface, and what to say while there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QWidget

from app.kit.labels import empty_page
from app.kit.layouts import in_column, in_pages
from app.kit.picture_file import save_picture
from app.kit.text import told
from app.link.pacing import ThrottledDrawing
from core.errors import UserError
from core.sentence import Sentence

if TYPE_CHECKING:
    from app.link.bridge import Bridge
    from core.messages.surface_views import SurfaceView, Survey


class SurfacePage(QWidget):
    """Tools above a picture, which follows the survey; or a sentence in the picture's place.

    Args:
        bridge: The experiment's.
        identity: Its name, with which its parts' names begin.
        rest_ms: The least time from one drawing to the next.
        parent: As usual.

    Attributes:
        empty: What there is to say while there is no picture.
    """

    def __init__(
        self, bridge: Bridge, identity: str, rest_ms: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(identity)
        self._bridge = bridge
        self._survey: Survey | None = None
        self._unsaved: Sentence | None = None
        self.empty = empty_page(f"{identity}.empty", "", self)
        self._pace = ThrottledDrawing(bridge, self, self._draw, rest_ms)
        bridge.survey_changed.connect(self.show_survey)

    def show_survey(self, survey: Survey) -> None:
        """Follows the surface."""
        if survey is not self._survey:
            self._pace.request()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_pages"):
            self._restyle()
            self._pace.draw_now()
        super().changeEvent(event)

    def _draw(self) -> None:
        """Draws the newest survey."""
        raise NotImplementedError

    def _restyle(self) -> None:
        """What is drawn has other colours."""
        raise NotImplementedError

    def _invitation(self) -> str:
        """What to say where nothing has been asked for yet."""
        raise NotImplementedError

    def _lay_out(self, above: Sequence[QWidget], picture: Sequence[QWidget]) -> None:
        """Puts widgets above; the first of the picture's takes what room is left."""
        self._picture = QWidget(self)
        in_column((picture[0], 1), *picture[1:], into=self._picture, apart=0.5)
        pages = QWidget(self)
        self._pages = in_pages(self.empty, self._picture, into=pages)
        in_column(*above, (pages, 1), into=self, around=(1.5, 1, 1.5, 1), apart=0.5)

    def _turn_page(self, survey: Survey) -> SurfaceView | None:
        """Shows the picture's page where there is a surface, or else says why there is none."""
        self._survey = survey
        self._pages.setCurrentIndex(int(survey.surface is not None))
        if survey.surface is None:
            text = self._invitation()
            if survey.trouble is not None:
                text = told(survey.trouble)
            elif survey.request is not None:
                text = self.tr("The surface is being computed.")
            self.empty.setText(text)
        return survey.surface

    def _save_picture(self, picture: QWidget, words: str = "") -> None:
        """Asks for a file; why it could not be written is told where there is trouble."""
        self._unsaved = None
        try:
            save_picture(picture, words)
        except UserError as error:
            self._unsaved = error.sentence
