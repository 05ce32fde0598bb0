"""What lies over the window while it is shown to a room: the pointer's target, keys as pressed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QCursor,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QTabBar,
    QWidget,
)

from app.kit import theme

LOOK_MS = 40
"""From one look at the pointer to the next."""
SHOWN_MS = 1500
"""How long a key that was pressed is read."""
_TARGETS = (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox, QAbstractSlider, QTabBar)
_BARE = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr)


class PointingOverlay(QWidget):
    """Lies over a window, lets the mouse through, and follows something that moves.

    Args:
        identity: Its name.
        window: What it lies over.
        interval: Milliseconds from one look at where that is to the next.
    """

    def __init__(self, identity: str, window: QWidget, interval: int) -> None:
        super().__init__(window)
        self.setObjectName(identity)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._timer = QTimer(self)
        self._timer.setInterval(interval)
        self._timer.timeout.connect(self.look)
        self.hide()

    def set_on(self, *, on: bool) -> None:
        """Follows, or leaves it alone."""
        if on:
            self._timer.start()
            self.look()
        else:
            self._timer.stop()
            self.hide()

    def look(self) -> None:
        """Goes to where it is, or away."""
        raise NotImplementedError

    def move_over(self, area: QRect) -> None:
        """Shows itself there; above all else where it was away."""
        if area != self.geometry():
            self.setGeometry(area)
        if self.isHidden():
            self.show()
            self.raise_()

    def around(self, target: QWidget) -> QRect:
        """The area of a control, and a little more."""
        away = theme.space(0.5)
        corner = target.mapTo(self.window(), QPoint())
        return QRect(corner, target.size()).adjusted(-away, -away, away, away)


class Spotlight(PointingOverlay):
    """A frame around the control under the pointer; a ring around the pointer elsewhere."""

    def __init__(self, window: QWidget) -> None:
        super().__init__("spotlight", window, LOOK_MS)
        self._is_ring = False

    def look(self) -> None:
        """Moves to where the pointer is."""
        at = QCursor.pos()
        under, window = QApplication.widgetAt(at), self.window()
        if under is None or under.window() is not window:
            self.hide()
            return
        target = _target_of(under)
        self._is_ring = target is None
        self.move_over(self._ring(at) if target is None else self.around(target))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(theme.current().accent)
        painter.setPen(QPen(colour, theme.space(0.375)))
        colour.setAlphaF(0.14)
        painter.setBrush(colour)
        inside = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        corner = inside.height() / 2 if self._is_ring else theme.space(0.75)
        painter.drawRoundedRect(inside, corner, corner)
        painter.end()

    def _ring(self, at: QPoint) -> QRect:
        side = theme.space(5)
        middle = self.window().mapFromGlobal(at)
        return QRect(middle.x() - side // 2, middle.y() - side // 2, side, side)


def _target_of(widget: QWidget | None) -> QWidget | None:
    """The control that a widget is, or is a part of."""
    while widget is not None and not widget.isWindow():
        if isinstance(widget, _TARGETS):
            return widget
        widget = widget.parentWidget()
    return None


class PressedKeys(QWidget):
    """The last key that was pressed and what it does, large, at the foot of the window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("pressed-keys")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.text = ""
        self._on = False
        self._fade = QTimer(self)
        self._fade.setSingleShot(True)
        self._fade.setInterval(SHOWN_MS)
        self._fade.timeout.connect(self.hide)
        self.hide()

    def set_on(self, *, on: bool) -> None:
        """Listens to the window's keys, or no more."""
        handle = self.window().windowHandle()
        if handle is None or on == self._on:
            return
        self._on = on
        if on:
            handle.installEventFilter(self)
        else:
            handle.removeEventFilter(self)
            self._fade.stop()
            self.hide()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        # A shortcut's key is only offered as one, and then never pressed.
        is_press = event.type() in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride)
        if is_press and isinstance(event, QKeyEvent) and event.key() not in _BARE:
            self._show(event)
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(tokens.line), 1))
        painter.setBrush(QColor(tokens.text))
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 8, 8)
        painter.setPen(QColor(tokens.surface))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text)
        painter.end()

    def _words(self, key: QKeySequence) -> str:
        """The key, and what it does: a dot alone could not be read."""
        written = key.toString(QKeySequence.SequenceFormat.NativeText)
        does = (action for action in self.window().actions() if key in action.shortcuts())
        action = next(does, None)
        return written if action is None else f"{written}    {action.text().replace('&', '')}"

    def _show(self, event: QKeyEvent) -> None:
        self.text = self._words(QKeySequence(event.keyCombination()))
        font = QApplication.font()
        font.setPointSizeF(theme.points(theme.LARGE_POINTS))
        self.setFont(font)
        metrics = QFontMetrics(font)
        wide = metrics.horizontalAdvance(self.text) + theme.space(4)
        high = metrics.height() + theme.space(2)
        room = self.window().rect()
        self.setGeometry(
            (room.width() - wide) // 2, room.height() - high - theme.space(6), wide, high
        )
        self.show()
        self.raise_()
        self.update()
        self._fade.start()
