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
from app.digits.ink import PenTool
from app.digits.pictures import holds_picture, ink_in
from app.digits.raster import PadDrawing
from app.digits.strokes import SIDE, PastedPicture, Point
from app.kit import theme
from app.kit.layouts import named
from app.kit.scaling import as_picture
from core.errors import UserError

_WIDTH_STEP = 4

Action = Callable[[], object]


class PadSquare:
    """Where the paper lies on a widget: the largest square at its top, in the middle."""

    def __init__(self, widget: QWidget) -> None:
        side = min(widget.width(), widget.height())
        self.rect = QRect((widget.width() - side) // 2, 0, side, side)
        self.scale = side / SIDE
        self._corner = QPointF(self.rect.topLeft())

    def point(self, position: QPointF) -> Point:
        """The point of the paper under a point of the widget."""
        inside = (position - self._corner) / self.scale
        return inside.x(), inside.y()

    def on_screen(self, part: QRect) -> QRect:
        """Where a part of the paper lies on the widget, and a pixel more."""
        corner = QPointF(part.topLeft()) * self.scale + self._corner
        shown = QRectF(corner, QRectF(part).size() * self.scale)
        return shown.toAlignedRect().adjusted(-1, -1, 1, 1)

    def on_paper(self, shown: QRect) -> QRect:
        """The part of the paper under a part of the widget, with a rim for smooth scaling."""
        corner = (QPointF(shown.topLeft()) - self._corner) / self.scale
        part = QRectF(corner, QRectF(shown).size() / self.scale)
        return part.toAlignedRect().adjusted(-2, -2, 2, 2).intersected(QRect(0, 0, SIDE, SIDE))


class PadKeys:
    """What each key does on the pad."""

    def __init__(self, drawing: PadDrawing, tool: PenTool, paste: Action) -> None:
        key = QKeySequence.StandardKey
        self._standard = {key.Undo: drawing.undo, key.Redo: drawing.redo, key.Paste: paste}
        # Redo is one of these on each system; the pad takes both on all.
        self._sequences = {"Ctrl+Y": drawing.redo, "Ctrl+Shift+Z": drawing.redo}
        self._plain: dict[int, Action] = {
            Qt.Key.Key_Delete: drawing.clear,
            Qt.Key.Key_Backspace: drawing.clear,
            Qt.Key.Key_E: lambda: tool.choose(erasing=True),
            Qt.Key.Key_P: lambda: tool.choose(erasing=False),
            Qt.Key.Key_BracketLeft: lambda: tool.set_width(tool.width - _WIDTH_STEP),
            Qt.Key.Key_BracketRight: lambda: tool.set_width(tool.width + _WIDTH_STEP),
        }

    def action_of(self, event: QKeyEvent) -> Action | None:
        """What a key does; None for one that is the window's."""
        for key, act in self._standard.items():
            if event.matches(key):
                return act
        for sequence, act in self._sequences.items():
            if QKeySequence(event.keyCombination()) == QKeySequence(sequence):
                return act
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return None
        return self._plain.get(event.key())


class DigitPad(QWidget):
    """Shows one drawing, and edits it with what is in the hand."""

    refused = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.drawing = PadDrawing(self)
        self.tool = PenTool(self)
        self._keys = PadKeys(self.drawing, self.tool, self.paste)
        self.drawing.changed.connect(lambda part: self.update(self._square.on_screen(part)))
        self.tool.changed.connect(self._renew_cursor)
        self._set_up()

    def _set_up(self) -> None:
        named(self, "digits.pad", self.tr("Drawing pad"))
        self.setAccessibleDescription(
            self.tr("Draw a digit with the mouse or a pen. Delete clears the pad.")
        )
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        as_picture(self).setMinimumSize(theme.gap(21), theme.gap(21))

    def paste(self) -> None:
        """Takes the picture from the clipboard."""
        self._take(QGuiApplication.clipboard().mimeData())

    def sizeHint(self) -> QSize:
        return QSize(SIDE, SIDE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stays square: never taller than wide."""
        self.setMaximumHeight(max(self.width(), self.minimumHeight()))
        self._renew_cursor()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pen_down(event.position(), self.tool.erasing)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.drawing.pen_moved(self._square.point(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.drawing.pen_up()

    def tabletEvent(self, event: QTabletEvent) -> None:
        """A stylus draws as the mouse does; its other end erases."""
        if event.type() == QTabletEvent.Type.TabletPress:
            rubber = event.pointerType() == QPointingDevice.PointerType.Eraser
            self._pen_down(event.position(), self.tool.erasing or rubber)
        elif event.type() == QTabletEvent.Type.TabletMove:
            self.drawing.pen_moved(self._square.point(event.position()))
        else:
            self.drawing.pen_up()
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """No menu of anybody else's over the paper."""
        event.accept()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._renew_cursor()

    def event(self, event: QEvent) -> bool:
        """Keeps the pad's keys from the window's shortcuts: here Ctrl+Z takes back a stroke."""
        override = event.type() == QEvent.Type.ShortcutOverride
        if override and isinstance(event, QKeyEvent) and self._keys.action_of(event) is not None:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        act = self._keys.action_of(event)
        if act is None:
            super().keyPressEvent(event)
        else:
            act()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if holds_picture(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self._take(event.mimeData())
        event.acceptProposedAction()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws just the part of the paper that is asked for."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        square = self._square
        if not square.rect.contains(event.rect()):
            painter.fillRect(event.rect(), QColor(theme.current().surface))
        shown = event.rect().intersected(square.rect)
        part = square.on_paper(shown)
        painter.setClipRect(shown)
        painter.translate(square.rect.topLeft())
        painter.scale(square.scale, square.scale)
        painter.drawImage(part.topLeft(), ink.tinted(self.drawing.paper.image.copy(part)))
        painter.resetTransform()
        if self.drawing.paper.is_empty and not self.drawing.is_under_way:
            self._paint_hint(painter, square.rect)
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.current().accent), 2))
            painter.drawRect(square.rect.adjusted(1, 1, -1, -1))

    @property
    def _square(self) -> PadSquare:
        return PadSquare(self)

    def _pen_down(self, position: QPointF, erases: bool) -> None:
        self.drawing.pen_down(self._square.point(position), self.tool.width, erases=erases)

    def _take(self, data: QMimeData) -> None:
        try:
            self.drawing.place(PastedPicture(ink_in(data)))
        except UserError as error:
            self.refused.emit(error.sentence)

    def _paint_hint(self, painter: QPainter, square: QRect) -> None:
        painter.setPen(QColor(ink.HINT))
        title = self.font()
        title.setPointSizeF(title.pointSizeF() * 1.4)
        painter.setFont(title)
        up, edge = theme.space(3), theme.space(2)
        upper, lower = square.adjusted(0, 0, 0, -up), square.adjusted(edge, 2 * up, -edge, 0)
        painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, self.tr("Draw a digit"))
        painter.setFont(self.font())
        wrap = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(lower, wrap, self.tr("or paste or drop a picture of one"))

    def _renew_cursor(self) -> None:
        self.setCursor(self.tool.cursor(self._square.scale))
