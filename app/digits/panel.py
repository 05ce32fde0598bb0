"""The digit panel: draw, and see at once what the network reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QStackedLayout, QWidget

from app.digits.doubt_line import DoubtLine
from app.digits.network_input import NetworkInput
from app.digits.pad import DigitPad
from app.digits.probabilities import ProbabilityBars
from app.digits.reading import as_read
from app.digits.strokes import SampleDigit
from app.digits.tools import DigitPicker, ToolRow
from app.kit import icons, theme
from app.kit.labels import empty_page
from app.kit.layouts import in_column, in_row
from app.kit.more import behind_more
from app.link.pacing import single_shot
from core.messages.events import Prediction, Refused
from core.messages.snapshot import Snapshot
from core.sentence import Sentence

if TYPE_CHECKING:
    from app.link.bridge import Bridge

ASK_AGAIN_MS = 100
"""While the network trains, the drawing is read again no more often than this."""


class DigitPanel(QWidget):
    """Sends each state of the drawing to the engine, and shows the newest answer."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._weights_sent: object = None
        self._weights: object = None
        self._pause = single_shot(self, ASK_AGAIN_MS, self._predict_if_stale)
        self.setObjectName("digits")
        self._make_widgets()
        self._lay_out()
        self._connect()
        self.show_snapshot(bridge.snapshot)

    def sizeHint(self) -> QSize:
        return QSize(theme.space(42), theme.space(76))

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Follows the data, and has newer weights read the drawing."""
        data = snapshot.data
        if data is None or not data.shape.reads_images:
            self._pages.setCurrentIndex(0)
            self._show_why_empty(snapshot)
            return
        self._pages.setCurrentIndex(1)
        if self.picker.show_data(data) and self.drawing.marks.untouched_digit is not None:
            self.drawing.clear()  # it is a sample of other data
        self.bars.show_classes(data.class_names or tuple(map(str, range(data.outputs))))
        # Whatever changes what the same drawing would be read as.
        spec = snapshot.spec
        self._weights = (snapshot.progress.step, spec.layers, spec.seed, id(data))
        self._predict_if_stale()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a low, wide dock the answer stands beside the pad instead of below it."""
        beside, below = self._needed
        is_low = self.width() > 1.3 * self.height() or self.height() < below.height()
        wide = is_low and self.width() >= beside.width()
        way = QBoxLayout.Direction
        self._columns.setDirection(way.LeftToRight if wide else way.TopToBottom)
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """As narrow as with the answer below the pad; as high as it stands in the width it has."""
        beside, below = self._needed
        high = beside if self.width() >= beside.width() else below
        return QSize(below.width(), high.height())

    @property
    def _needed(self) -> tuple[QSize, QSize]:
        """The least room with the answer beside the pad, and below it."""
        draw, answer = self._draw_part.minimumSize(), self._answer_part.minimumSize()
        around, apart = theme.gap(3), theme.gap(1.5)
        wide = draw.width() + apart + answer.width(), max(draw.height(), answer.height())
        high = max(draw.width(), answer.width()), draw.height() + apart + answer.height()
        return QSize(wide[0] + around, wide[1] + around), QSize(high[0] + around, high[1] + around)

    def showEvent(self, event: QShowEvent) -> None:
        """Catches up with what was trained while nobody looked."""
        super().showEvent(event)
        self._predict_if_stale()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            icons.redress(self)
        super().changeEvent(event)

    def _make_widgets(self) -> None:
        self.pad = DigitPad(self)
        self.drawing = self.pad.drawing
        self.tools = ToolRow(self.pad, self)
        self.picker = DigitPicker(self)
        behind_more(self.picker)
        self.input_view = NetworkInput(self)
        self.bars = ProbabilityBars(self)
        self.doubts = DoubtLine(self)
        self.empty = empty_page("digits.empty", "", self)
        self.empty.setMargin(theme.space(3))

    def _lay_out(self) -> None:
        draw = in_column((self.pad, 1), self.tools, self.picker, apart=1)
        row = in_row(self.input_view, (self.bars, 1), apart=1.5)
        row.setAlignment(self.input_view, Qt.AlignmentFlag.AlignTop)
        answer = in_column(row, self.doubts, apart=0.25)
        content = QWidget(self)
        self._draw_part, self._answer_part = draw, answer
        self._columns = in_column((draw, 1), answer, into=content, around=1.5, apart=1.5)
        self._columns.addStretch(0)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(content)

    def _connect(self) -> None:
        self.drawing.changed.connect(self._drawing_changed)
        self.pad.refused.connect(self._refuse)
        self.picker.picked.connect(self.drawing.place)
        self._bridge.snapshot_changed.connect(self.show_snapshot)
        self._bridge.predicted.connect(self._show_prediction)

    def _drawing_changed(self) -> None:
        self._bridge.go_first()  # strokes are redrawn in many calls, each of which would wait
        digit = self.drawing.marks.untouched_digit
        self.picker.show_digit(digit)
        self._predict(digit)
        if self.drawing.paper.is_empty:
            self._show_nothing()

    def _predict(self, digit: SampleDigit | None) -> None:
        self._weights_sent = self._weights
        self._pause.start()
        if digit is not None:
            self._bridge.predict(digit.pixels, exact=True)
        else:
            ink = None if self.drawing.paper.is_empty else as_read(self.drawing)
            self._bridge.predict(ink, pasted=self.drawing.marks.is_untouched_picture)

    def _predict_if_stale(self) -> None:
        """Reads the drawing with newer weights, if there are any, it shows, and it is time."""
        stale = self._weights is not None and self._weights != self._weights_sent
        if (
            stale
            and self.isVisible()
            and not self._pause.isActive()
            and not self.drawing.paper.is_empty
        ):
            self._predict(self.drawing.marks.untouched_digit)

    def _show_prediction(self, prediction: Prediction) -> None:
        if prediction.step != self._bridge.snapshot.progress.step:
            self._weights_sent = None  # older weights have answered: it is to be asked again
            if not self._pause.isActive():
                self._pause.start()
        if prediction.probabilities is None or self.drawing.paper.is_empty:
            self._show_nothing()
            return
        digit = self.drawing.marks.untouched_digit
        if prediction.class_names:
            self.bars.show_classes(prediction.class_names)
        self.bars.show_probabilities(prediction.probabilities, digit.label if digit else None)
        self.input_view.show_input(prediction)
        self.doubts.show_doubts(prediction.doubts)

    def _show_nothing(self) -> None:
        self.bars.show_probabilities(None)
        self.input_view.show_input(None)
        self.doubts.show_doubts(())

    def _refuse(self, why: Sentence) -> None:
        self._bridge.event_received.emit(Refused(why))

    def _show_why_empty(self, snapshot: Snapshot) -> None:
        loading = snapshot.data is None and snapshot.message is None
        none = self.tr("This experiment has no images.\nOpen a digits network from New to draw.")
        self.empty.setText(self.tr("The data is loading…") if loading else none)
