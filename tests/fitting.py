"""What does not fit: texts that are cut, widgets over one another, a window larger than wanted.

Read off the laid-out widgets by their font's metrics, so that nobody has to look for it. What a
widget paints by itself (the graph, curves, cards) is not seen here; its own tests measure that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import Qt as RichText
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QDockWidget,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMainWindow,
    QMenuBar,
    QPushButton,
    QRubberBand,
    QScrollArea,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QTabBar,
    QToolButton,
    QWidget,
)

from app.kit.labels import ElidedLabel, WrappedLine

_OVER_OTHERS = ("qt_qmainwindow_extended_splitter", "button-new")
"""Where a dock's border is taken hold of; the plus on the empty end of the bar of tabs."""
BAND = 12
"""Pixels that Qt may leave below the docks."""
SLACK = 1
"""Pixels that rounding may take."""


@dataclass(frozen=True)
class Fault:
    """One thing that does not fit.

    Attributes:
        kind: What is wrong with it.
        place: The named widgets from the outermost to it.
        text: What it says.
        has: Pixels that it has.
        needs: Pixels that it needs.
    """

    kind: str
    place: str
    text: str
    has: int = 0
    needs: int = 0

    def __str__(self) -> str:
        return f"{self.kind}: {self.text!r} ({self.has} of {self.needs} px) in {self.place}"


def faults(window: QWidget) -> list[Fault]:
    """All that does not fit in what is seen of a window."""
    seen = [window, *(w for w in window.findChildren(QWidget) if _is_seen(w, window))]
    found = [fault for widget in seen for fault in _cut(widget)]
    return [*found, *(fault for widget in seen for fault in _over_one_another(widget))]


def outgrown(window: QWidget, width: int, height: int) -> list[Fault]:
    """Whether a window is larger than it was asked to be, or scrolls what should fit."""
    found = []
    if window.width() > width or window.height() > height:
        found.append(Fault("grown", window.objectName(), f"{window.width()}x{window.height()}"))
    for scroll in window.findChildren(QScrollArea, "document-scroll"):
        bars = scroll.verticalScrollBar(), scroll.horizontalScrollBar()
        for bar in bars if scroll.isVisible() else ():
            if bar.maximum() > 0:
                found.append(Fault("scrolled", place_of(scroll), "the docks", 0, bar.maximum()))
    return [*found, *_bands(window)]


def _bands(window: QWidget) -> Iterator[Fault]:
    """Room below the docks that none of them takes."""
    for area in window.findChildren(QMainWindow):
        docks = [dock for dock in area.findChildren(QDockWidget) if _is_seen(dock, window)]
        low = max((dock.geometry().bottom() for dock in docks), default=area.height())
        if area.isVisible() and low < area.height() - BAND:
            yield Fault("left empty", place_of(area), "below the docks", low, area.height())


def place_of(widget: QWidget) -> str:
    """Where a widget stands, by the names of what it stands in."""
    names = []
    at: QWidget | None = widget
    while at is not None:
        names.append(at.objectName() or f"({type(at).__name__})")
        at = at.parentWidget()
    kept = [name for name in names if not name.startswith(("qt_", "("))] or names
    own = [] if kept and kept[0] == names[0] else [names[0]]
    return "/".join(reversed([*own, *kept[:3]]))


def _is_seen(widget: QWidget, window: QWidget) -> bool:
    return widget.window() is window and widget.isVisible() and not widget.visibleRegion().isEmpty()


def _cut(widget: QWidget) -> Iterator[Fault]:
    for kind, measure in _MEASURES:
        if isinstance(widget, kind):
            yield from measure(widget)
            if not isinstance(widget, QMenuBar):
                yield from _cut_off(widget)
            return


def _cut_off(widget: QWidget) -> Iterator[Fault]:
    """By what it stands in: at a side always, above or below where nothing can be scrolled."""
    shown, whole = widget.visibleRegion().boundingRect(), widget.rect()
    text = _text_of(widget)
    if not text:
        return
    if shown.width() < whole.width() - SLACK and not _scrolls(widget, Qt.Orientation.Horizontal):
        yield Fault("cut off", place_of(widget), text, shown.width(), whole.width())
    if shown.height() < whole.height() - SLACK and not _scrolls(widget, Qt.Orientation.Vertical):
        yield Fault("cut off below", place_of(widget), text, shown.height(), whole.height())


def _scrolls(widget: QWidget, way: Qt.Orientation) -> bool:
    at = widget.parentWidget()
    while at is not None:
        if isinstance(at, QAbstractScrollArea) and at.objectName() != "document-scroll":
            upright = way == Qt.Orientation.Vertical
            bar = at.verticalScrollBar() if upright else at.horizontalScrollBar()
            if bar.maximum() > 0:  # else what it stands in itself may
                return True
        at = at.parentWidget()
    return False


def _text_of(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QTabBar):
        return " | ".join(widget.tabText(index) for index in range(widget.count()))
    return str(widget.text()) if hasattr(widget, "text") else ""


def _wrapped(line: WrappedLine) -> Iterator[Fault]:
    shown = " ".join(line.lines)
    if shown.endswith("…") and not line.text().endswith("…"):
        yield Fault("cut", place_of(line), line.text(), line.width())


def _label(label: QLabel) -> Iterator[Fault]:
    text = label.text()
    if not text:
        return
    room = label.contentsRect().adjusted(*[label.margin()] * 2, *[-label.margin()] * 2)
    needs_width, needs_height = _label_needs(label, room)
    if needs_width > room.width() + SLACK:
        yield Fault("cut", place_of(label), text, room.width(), needs_width)
    if needs_height > room.height() + 2:
        yield Fault("too low", place_of(label), text, room.height(), needs_height)


def _label_needs(label: QLabel, room: QRect) -> tuple[int, int]:
    text, wraps = label.text(), label.wordWrap()
    rich = label.textFormat() == Qt.TextFormat.RichText or (
        label.textFormat() == Qt.TextFormat.AutoText and RichText.mightBeRichText(text)
    )
    if rich:
        document = QTextDocument()
        document.setDocumentMargin(0)
        document.setDefaultFont(label.font())
        document.setHtml(text)
        document.setTextWidth(room.width() if wraps else -1)
        return int(document.idealWidth()), int(document.size().height())
    metrics = label.fontMetrics()
    if label.buddy() is not None:
        text = text.replace("&", "")
    if not wraps or isinstance(label, ElidedLabel):
        lines = text.split("\n")
        return max(map(metrics.horizontalAdvance, lines)), metrics.height() * len(lines)
    flags = Qt.TextFlag.TextWordWrap.value | int(label.alignment())
    needed = metrics.boundingRect(QRect(0, 0, room.width(), 10_000), flags, text)
    return max(map(metrics.horizontalAdvance, text.split())), needed.height()


def _push_button(button: QPushButton) -> Iterator[Fault]:
    option = QStyleOptionButton()
    button.initStyleOption(option)
    inside = button.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, button)
    icon = 0 if button.icon().isNull() else button.iconSize().width() + 4
    words = button.text().replace("&&", "\0").replace("&", "").replace("\0", "&")
    needs = button.fontMetrics().horizontalAdvance(words) + icon
    if needs > inside.width() + SLACK:
        yield Fault("cut", place_of(button), button.text(), inside.width(), needs)


def _other_button(button: QAbstractButton) -> Iterator[Fault]:
    icon_only = isinstance(button, QToolButton) and (
        button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
        and not button.icon().isNull()
    )
    if button.text() and not icon_only:
        # The style's own measure, but for the air that it puts around it.
        needs = button.sizeHint().width() - 4
        if needs > button.width() + SLACK:
            yield Fault("cut", place_of(button), button.text(), button.width(), needs)


def _combo(combo: QComboBox) -> Iterator[Fault]:
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    inside = combo.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox,
        option,
        QStyle.SubControl.SC_ComboBoxEditField,
        combo,
    )
    needs = combo.fontMetrics().horizontalAdvance(combo.currentText())
    if needs > inside.width() + SLACK:
        yield Fault("cut", place_of(combo), combo.currentText(), inside.width(), needs)


def _line(line: QLineEdit) -> Iterator[Fault]:
    text = line.text() or line.placeholderText()
    margins = line.textMargins()
    room = line.contentsRect().width() - margins.left() - margins.right() - 4
    needs = line.fontMetrics().horizontalAdvance(text)
    if needs > room + SLACK and not line.hasFocus():
        yield Fault("cut", place_of(line), text, room, needs)


def _tabs(bar: QTabBar) -> Iterator[Fault]:
    """A tab may be cut where the bar is full; not where room is left behind the last one."""
    for index in range(bar.count()):
        text = bar.tabText(index).replace("&&", "\0").replace("&", "").replace("\0", "&")
        sides = (QTabBar.ButtonPosition.LeftSide, QTabBar.ButtonPosition.RightSide)
        buttons = [bar.tabButton(index, side) for side in sides]
        taken = sum(button.width() for button in buttons if button is not None)
        needed = bar.fontMetrics().horizontalAdvance(text) + taken
        is_full = bar.tabRect(bar.count() - 1).right() >= bar.width() - 2
        if needed > bar.tabRect(index).width() + SLACK and not is_full:
            yield Fault("tab cut", place_of(bar), text, bar.tabRect(index).width(), needed)


def _header(header: QHeaderView) -> Iterator[Fault]:
    if header.orientation() != Qt.Orientation.Horizontal or header.model() is None:
        return
    if type(header).paintSection is not QHeaderView.paintSection:
        return  # it sees to its words itself
    margin = header.style().pixelMetric(QStyle.PixelMetric.PM_HeaderMargin, None, header)
    for section in range(header.count()):
        if header.isSectionHidden(section):
            continue
        text = str(header.model().headerData(section, header.orientation()) or "")
        needs = header.fontMetrics().horizontalAdvance(text) + 2 * margin
        has = header.sectionSize(section)
        if text and needs > has + SLACK:
            yield Fault("header cut", place_of(header), text, has, needs)


def _menu(bar: QMenuBar) -> Iterator[Fault]:
    for action in bar.actions():
        if action.isVisible() and not bar.rect().contains(bar.actionGeometry(action)):
            yield Fault("menu cut", place_of(bar), action.text())


_MEASURES: tuple[tuple[type[QWidget], Callable], ...] = (
    (WrappedLine, _wrapped),
    (QLabel, _label),
    (QPushButton, _push_button),
    (QAbstractButton, _other_button),
    (QComboBox, _combo),
    (QLineEdit, _line),
    (QTabBar, _tabs),
    (QHeaderView, _header),
    (QMenuBar, _menu),
)


def _over_one_another(parent: QWidget) -> Iterator[Fault]:
    if isinstance(parent, (QAbstractScrollArea, QComboBox, QAbstractSpinBox, QTabBar, QLineEdit)):
        return
    direct = Qt.FindChildOption.FindDirectChildrenOnly
    children = [
        child
        for child in parent.findChildren(QWidget, options=direct)
        if child.isVisible()
        and not child.isWindow()
        and not isinstance(child, QRubberBand)
        and child.objectName() not in _OVER_OTHERS
        and not child.visibleRegion().isEmpty()
        and not child.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    ]
    for one, other in combinations(children, 2):
        shared = one.geometry().intersected(other.geometry())
        floating = isinstance(one, QDockWidget) and one.isFloating()
        if shared.width() > SLACK and shared.height() > SLACK and not floating:
            names = f"{place_of(one)} and {place_of(other)}"
            yield Fault("over one another", names, "", shared.width(), shared.height())
