"""The pad: paper to draw a digit on, with pen and eraser."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QDragEnterEvent,
    QDropEvent,
    QEnterEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPointingDevice,
    QResizeEvent,
    QTabletEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.digits import ink
from app.digits.pictures import holds_picture, ink_in
from app.digits.raster import Paper
from app.digits.strokes import SIDE, Drawing, Picture, Point, SampleDigit
from app.kit import theme
from core.errors import UserError

WIDTHS = range(8, 49)
"""The pen's widths, in pixels of the paper; MNIST's own digits come to about 22."""

_WIDTH_STEP = 4


class DigitPad(QWidget):
    """Shows and edits one drawing; says ``changed`` once for each event that changed its ink."""

    changed = Signal()
    tool_changed = Signal()
    refused = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drawing = Drawing()
        self.paper = Paper()
        self.pen_width = 22
        self.erasing = False
        self._from: Point | None = None
        self._set_up()

    def _set_up(self) -> None:
        self.setObjectName("digits.pad")
        self.setAccessibleName(self.tr("Drawing pad"))
        self.setAccessibleDescription(
            self.tr("Draw a digit with the mouse or a pen. Delete clears the pad.")
        )
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(theme.space(21), theme.space(21))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to read."""
        return self.paper.is_empty

    def choose_tool(self, *, erasing: bool) -> None:
        """Takes up the pen or the eraser."""
        self.erasing = erasing
        self._tool_moved()

    def set_pen_width(self, width: int) -> None:
        """Makes pen and eraser as wide as told, as far as ``WIDTHS`` goes."""
        self.pen_width = min(max(width, WIDTHS[0]), WIDTHS[-1])
        self._tool_moved()

    def place(self, mark: Picture | SampleDigit) -> None:
        """Puts a picture or a test digit on the paper."""
        self.drawing.place(mark)
        self._redraw()

    def clear(self) -> None:
        """Empties the paper."""
        self.drawing.clear()
        self._redraw()

    def undo(self) -> None:
        """Takes the newest stroke, picture or clearing back."""
        if self._from is None and self.drawing.undo():
            self._redraw()

    def redo(self) -> None:
        """Brings back what was taken back last."""
        if self._from is None and self.drawing.redo():
            self._redraw()

    def paste(self) -> None:
        """Takes the picture from the clipboard."""
        self._take(QGuiApplication.clipboard().mimeData())

    def sizeHint(self) -> QSize:
        """A pixel of paper for a pixel of screen."""
        return QSize(SIDE, SIDE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stays square: never taller than wide."""
        self.setMaximumHeight(max(self.width(), self.minimumHeight()))
        self._renew_cursor()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Puts the pen down."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pen_down(event.position(), self.erasing)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Draws on."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._pen_moved(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Lifts the pen."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = None

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A stylus draws as the mouse does; its other end erases."""
        if event.type() == QTabletEvent.Type.TabletPress:
            rubber = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._pen_down(event.position(), self.erasing or rubber)
        elif event.type() == QTabletEvent.Type.TabletMove:
            self._pen_moved(event.position())
        else:
            self._from = None
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """No menu of anybody else's over the paper."""
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        """The pointer becomes the pen."""
        self._renew_cursor()

    def event(self, event: QEvent) -> bool:
        """Keeps the pad's keys from the window's shortcuts: here Ctrl+Z takes back a stroke."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self._action_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The pad's own keys; all others go on to the window."""
        act = self._action_of(event)
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Takes pictures only."""
        if holds_picture(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Puts the dropped picture on the paper."""
        self._take(event.mimeData())
        event.acceptProposedAction()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws just the part of the paper that is asked for."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        square = self._square()
        if not square.contains(event.rect()):
            painter.fillRect(event.rect(), QColor(theme.current().surface))
        shown = event.rect().intersected(square)
        part = self._on_paper(shown)
        painter.setClipRect(shown)
        painter.translate(square.topLeft())
        painter.scale(self._scale(), self._scale())
        painter.drawImage(part.topLeft(), ink.tinted(self.paper.image.copy(part)))
        painter.resetTransform()
        if self._from is None and self.is_empty:
            self._paint_hint(painter, square)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.current().accent), 2))
            painter.drawRect(square.adjusted(1, 1, -1, -1))

    def _action_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        return self._sequence_action(event) or self._key_action(event)

    def _sequence_action(self, event: QKeyEvent) -> Callable[[], object] | None:
        key = QKeySequence.StandardKey
        if event.matches(key.Undo):
            return self.undo
        redo = QKeySequence("Ctrl+Y"), QKeySequence("Ctrl+Shift+Z")
        if event.matches(key.Redo) or QKeySequence(event.keyCombination()) in redo:
            return self.redo
        if event.matches(key.Paste):
            return self.paste
        return None

    def _key_action(self, event: QKeyEvent) -> Callable[[], object] | None:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        actions: dict[int, Callable[[], object]] = {
            Qt.Key.Key_Delete: self.clear,
            Qt.Key.Key_Backspace: self.clear,
            Qt.Key.Key_E: lambda: self.choose_tool(erasing=True),
            Qt.Key.Key_P: lambda: self.choose_tool(erasing=False),
            Qt.Key.Key_BracketLeft: lambda: self.set_pen_width(self.pen_width - _WIDTH_STEP),
            Qt.Key.Key_BracketRight: lambda: self.set_pen_width(self.pen_width + _WIDTH_STEP),
        }
        return actions.get(event.key())

    def _pen_down(self, position: QPointF, erases: bool) -> None:
        hint_was_shown = self.is_empty
        point = self._from = self._point(position)
        stroke = self.drawing.begin(point, self.pen_width, erases=erases)
        changed = self.paper.draw_dot(point, stroke.width, erases=erases)
        self.update() if hint_was_shown else self.update(self._on_screen(changed))
        self.changed.emit()

    def _pen_moved(self, position: QPointF) -> None:
        stroke = self.drawing.present_stroke
        if self._from is None or stroke is None:
            return
        start, end = self._from, self._point(position)
        self.drawing.extend(end)
        self._from = end
        changed = self.paper.draw_segment(start, end, stroke.width, erases=stroke.erases)
        self.update(self._on_screen(changed))
        self.changed.emit()

    def _take(self, data: QMimeData) -> None:
        try:
            self.place(Picture(ink_in(data)))
        except UserError as error:
            self.refused.emit(error.sentence)

    def _redraw(self) -> None:
        self.paper.redraw(self.drawing.visible)
        self._from = None
        self.update()
        self.changed.emit()

    def _tool_moved(self) -> None:
        self._renew_cursor()
        self.tool_changed.emit()

    def _square(self) -> QRect:
        side = min(self.width(), self.height())
        return QRect((self.width() - side) // 2, 0, side, side)

    def _scale(self) -> float:
        return self._square().width() / SIDE

    def _point(self, position: QPointF) -> Point:
        inside = (position - QPointF(self._square().topLeft())) / self._scale()
        return inside.x(), inside.y()

    def _on_screen(self, part: QRect) -> QRect:
        """Where a part of the paper lies on the widget, and a pixel more."""
        corner, scale = QPointF(self._square().topLeft()), self._scale()
        shown = QRectF(QPointF(part.topLeft()) * scale + corner, QRectF(part).size() * scale)
        return shown.toAlignedRect().adjusted(-1, -1, 1, 1)

    def _on_paper(self, shown: QRect) -> QRect:
        """The part of the paper under a part of the widget, with a rim for smooth scaling."""
        corner, scale = QPointF(self._square().topLeft()), self._scale()
        part = QRectF((QPointF(shown.topLeft()) - corner) / scale, QRectF(shown).size() / scale)
        return part.toAlignedRect().adjusted(-2, -2, 2, 2).intersected(QRect(0, 0, SIDE, SIDE))

    def _paint_hint(self, painter: QPainter, square: QRect) -> None:
        painter.setPen(QColor(ink.HINT))
        title = self.font()
        title.setPointSizeF(title.pointSizeF() * 1.4)
        painter.setFont(title)
        upper, lower = square.adjusted(0, 0, 0, -24), square.adjusted(16, 48, -16, 0)
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, self.tr("Draw a digit"))
        painter.setFont(self.font())
        wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(lower, wrap, self.tr("or paste or drop a picture of one"))

    def _renew_cursor(self) -> None:
        """A ring as large as the mark that the tool would leave."""
        self.setCursor(ink.ring_cursor(self.pen_width * self._scale(), dashed=self.erasing))
