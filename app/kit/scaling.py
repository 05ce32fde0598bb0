"""Text of another size: what was measured for one size of the type is measured for the next.

Fonts that nobody set follow the application's by themselves. Sizes, gaps and icons that were set
in pixels do not; a room of the window (a dock, the header) has them follow when it is on screen,
or when it is next shown, so that no change of size waits for what nobody sees.
"""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QBoxLayout,
    QCheckBox,
    QDockWidget,
    QGraphicsView,
    QGridLayout,
    QLayout,
    QWidget,
    QWidgetItem,
)

from app.kit import theme

_SIZES, _PICTURE = "chainruleSizes", "chainrulePicture"
_HAIR = 3
"""Pixels up to which something is a line, which stays as thin as it is."""
_ENDLESS = 16777215


W = TypeVar("W", bound=QWidget)


class Room(QObject):
    """Has a part of the window follow the text's size, at once or when it is next shown."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self._measured = theme.scale()
        widget.installEventFilter(self)

    def measure(self) -> None:
        """Follows the text's size now, if it has changed."""
        before, now = self._measured, theme.scale()
        self._measured = now
        if before != now:
            rescale(self._widget, before, now)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        changed = event.type() == QEvent.Type.FontChange and self._widget.isVisible()
        if watched is self._widget and (changed or event.type() == QEvent.Type.Show):
            self.measure()
        return False


def as_picture(widget: W) -> W:
    """A widget whose least size grows half as fast as text: what it draws has room in less."""
    widget.setProperty(_PICTURE, True)
    return widget


def rescale(root: QWidget, before: float, now: float) -> None:
    """Gives everything in a room the measures of another size of the text."""
    widgets = [root, *root.findChildren(QWidget)]
    for widget in widgets:
        if not isinstance(widget, QDockWidget):  # its least size is its panel's, not its own
            _measure(widget, before, now)
    for layout in root.findChildren(QLayout):
        _space(layout, before, now)
    for widget in widgets:
        if isinstance(widget, QCheckBox):
            # Measured in letters by the stylesheet, which looks at them only then.
            widget.style().unpolish(widget)
            widget.style().polish(widget)
        if hasattr(widget, "_restyle"):  # what it has drawn with the theme's measures
            QCoreApplication.sendEvent(widget, QEvent(QEvent.Type.PaletteChange))
        widget.updateGeometry()


class _Kept:
    """What each measure of a thing is at 100 %, so that none drifts by rounding to and fro."""

    def __init__(self, thing: QObject, before: float, now: float) -> None:
        self._thing, self._before, self._now = thing, before, now
        self._known: dict[str, tuple[float, float]] = dict(thing.property(_SIZES) or {})
        self._changed = False

    def next(self, name: str, value: float) -> float:
        """What a measure becomes that is ``value`` now."""
        base, given = self._known.get(name, (0.0, -1.0))
        if abs(given - value) > 0.5:
            base = value / self._before
        result = base * self._now
        self._known[name] = base, result
        self._changed = True
        return result

    def whole(self, name: str, value: int) -> int:
        """The same in whole pixels; what is no measure, or a hairline, stays."""
        if value <= _HAIR or value >= _ENDLESS:
            return value
        return round(self.next(name, value))

    def keep(self) -> None:
        """Remembers them with the thing."""
        if self._changed:
            self._thing.setProperty(_SIZES, {**(self._thing.property(_SIZES) or {}), **self._known})


def _measure(widget: QWidget, before: float, now: float) -> None:
    kept = _Kept(widget, before, now)
    sizes = kept
    if isinstance(widget, QGraphicsView) or widget.property(_PICTURE):
        sizes = _Kept(widget, theme.gaps(before), theme.gaps(now))
    least, most = widget.minimumSize(), widget.maximumSize()
    smaller = QSize(sizes.whole("left", least.width()), sizes.whole("top", least.height()))
    larger = QSize(sizes.whole("right", most.width()), sizes.whole("bottom", most.height()))
    if (smaller, larger) != (least, most):
        widget.setMinimumSize(0, 0)
        widget.setMaximumSize(larger)
        widget.setMinimumSize(smaller)
    font = widget.font()
    follows = abs(font.pointSizeF() - QApplication.font().pointSizeF()) < 0.01
    if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont) and not follows:
        sized = QFont(font)
        sized.setPointSizeF(kept.next("font", font.pointSizeF()))
        widget.setFont(sized)
    if isinstance(widget, QAbstractButton):
        side = kept.whole("icon", widget.iconSize().width())
        widget.setIconSize(QSize(side, side))
    kept.keep()
    if sizes is not kept:
        sizes.keep()


def _space(layout: QLayout, before: float, now: float) -> None:
    if not isinstance(layout, QBoxLayout | QGridLayout):
        return
    kept = _Kept(layout, theme.gaps(before), theme.gaps(now))
    around = layout.contentsMargins()
    sides = around.left(), around.top(), around.right(), around.bottom()
    layout.setContentsMargins(*(kept.whole(str(i), side) for i, side in enumerate(sides)))
    if isinstance(layout, QBoxLayout):
        layout.setSpacing(kept.whole("apart", layout.spacing()))
        _stretch_gaps(layout, kept)
    else:
        layout.setHorizontalSpacing(kept.whole("across", layout.horizontalSpacing()))
        layout.setVerticalSpacing(kept.whole("down", layout.verticalSpacing()))
    kept.keep()
    layout.invalidate()


def _stretch_gaps(layout: QBoxLayout, kept: _Kept) -> None:
    upright = layout.direction() in (
        QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.BottomToTop,
    )  # fmt: skip
    for index in range(layout.count()):
        item = layout.itemAt(index)
        gap = None if item is None or isinstance(item, QWidgetItem) else item.spacerItem()
        if gap is None:
            continue
        hint, policy = gap.sizeHint(), gap.sizePolicy()
        length = kept.whole(f"gap{index}", hint.height() if upright else hint.width())
        size = (0, length) if upright else (length, 0)
        gap.changeSize(*size, policy.horizontalPolicy(), policy.verticalPolicy())
