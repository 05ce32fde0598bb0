"""What the network is really given: its input, pixel by pixel, and when its weights are from."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.digits import ink
from app.digits.raster import as_bytes, image_of
from app.kit import theme
from app.kit.layouts import named
from app.kit.numbers import whole
from core.messages.events import Prediction
from core.messages.surface_views import Floats

_SIDE = 84
_WIDTH = 120


class NetworkInput(QWidget):
    """The input as square pixels, with its size and the step of the weights that read it.

    It paints its captions itself, since a label would lay the panel out anew for each text.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.input: Floats | None = None
        self.step: int | None = None
        tip = self.tr(
            "The drawing as the network takes it: cropped, scaled and centred by its mass, "
            "just as the training images were made."
        )
        named(self, "digits.input", self.tr("The network's input"), tip)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_input(self, prediction: Prediction | None) -> None:
        """Shows what was read, or that nothing was."""
        given = prediction.input if prediction is not None else None
        if given is None and self.input is None:
            return
        self.input = given
        self.step = prediction.step if prediction is not None and given is not None else None
        self.setAccessibleDescription(" ".join(self.captions()))
        self.update()

    def captions(self) -> tuple[str, str]:
        """What stands below the picture: its size, and whose weights read it."""
        if self.input is None:
            return self.tr("What the network sees"), ""
        height, width = self.input.shape
        size = self.tr("{width}×{height}, what the network sees")
        step = self.tr("Weights of step {step}")
        shown = whole(self.step or 0)
        return size.format(width=width, height=height), step.format(step=shown)

    def sizeHint(self) -> QSize:
        line = QFontMetrics(self.font()).lineSpacing()
        return QSize(round(_WIDTH * theme.gaps()), self._side + theme.space(1.5) + 4 * line)

    @property
    def _side(self) -> int:
        """Pixels of the picture's side."""
        return round(_SIDE * theme.gaps())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        square = QRect(0, 0, self._side, self._side)
        painter.fillRect(square, QColor(ink.PAPER))
        if self.input is not None:
            picture = ink.tinted(image_of(as_bytes(self.input)))
            side = min(self._side / picture.width(), self._side / picture.height())
            shown = QRectF(0, 0, picture.width() * side, picture.height() * side)
            shown.moveCenter(QRectF(square).center())
            painter.drawImage(shown, picture)
        size, step = self.captions()
        tokens = theme.current()
        wrap = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
        text = self.rect().adjusted(0, self._side + theme.space(1), 0, 0)
        painter.setPen(QColor(tokens.text))
        painter.drawText(text, wrap, size)
        text.setTop(text.top() + theme.space(0.5) + 2 * QFontMetrics(self.font()).lineSpacing())
        painter.setPen(QColor(tokens.text_dim))
        painter.drawText(text, wrap, step)
