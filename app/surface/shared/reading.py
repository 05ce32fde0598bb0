"""What a place of the surface and a point of a path say of themselves, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.kit import theme
from app.kit.numbers import four_digits, percent, whole
from app.link.surface_choice import Quantity
from app.surface.shared.colours import quantity_name, values_of
from app.surface.shared.grid import value_at
from app.surface.shared.paths import PathPoint
from core.messages.surface_views import SurfaceView

MISLEADING = 0.05
"""The plane's loss differs from a state's own by more than this share: the slice misleads."""

_GAP = 14


def place_words(
    surface: SurfaceView, quantity: Quantity, point: tuple[float, float]
) -> tuple[str, ...]:
    """Where a place is, and how high the surface is there."""
    x, y = (four_digits(part) for part in point)
    where = _tr("x {x}, y {y}").format(x=x, y=y)
    value = value_at(surface.x, surface.y, values_of(surface, quantity), point)
    if value is None:
        return where, _tr("Not computed here yet")
    shown = percent(value) if quantity == "accuracy" else four_digits(value)
    said = _tr("{quantity} {value}")
    if not math.isfinite(value):
        said = _tr("{quantity}: not a finite number")
    return where, said.format(quantity=quantity_name(quantity), value=shown)


def path_words(met: PathPoint) -> tuple[str, ...]:
    """Whose step it is, its own loss, and how far the plane's picture of it can be trusted."""
    path, index = met.path, met.index
    who = _tr("{name}, step {step}").format(name=path.name, step=whole(met.step))
    own, foot = float(path.loss[index]), float(path.foot[index])
    distance = float(path.distance[index])
    if is_misleading(own, foot):
        loss = _tr("This step's own loss {own}, the slice shows {foot} here")
    else:
        loss = _tr("Loss {own}, on the slice {foot}")
    said = [who, loss.format(own=four_digits(own), foot=four_digits(foot))]
    if distance > 0:
        said.append(_tr("{distance} off the plane").format(distance=four_digits(distance)))
    return tuple(said)


def is_misleading(own: float, foot: float) -> bool:
    """Whether the plane shows another loss at the foot than the state has."""
    if math.isfinite(own) and math.isfinite(foot):
        return abs(own - foot) > MISLEADING * max(abs(own), abs(foot))
    return math.isfinite(own) != math.isfinite(foot)


def samples_words(surface: SurfaceView, quantity: Quantity) -> str:
    """What the surface was computed on; nothing for a function, which has no samples.

    A race's surface is that of its start, whose step says nothing of the runners.
    """
    if surface.plane.plane is None:
        return ""
    template = _tr("{quantity} over {samples} of {of} samples")
    if not surface.plane.is_race:
        template = _tr("{quantity} over {samples} of {of} samples, step {step}")
    return template.format(
        quantity=quantity_name(quantity),
        samples=whole(surface.samples),
        of=whole(surface.of),
        step=whole(surface.step),
    )


class _Card(QLabel):
    """Lies over the picture that is its parent; hidden at first."""

    def __init__(self, identity: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent
        self.setObjectName(identity)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.restyle()
        self.hide()

    def restyle(self) -> None:
        """Takes the colours of the theme in use."""
        tokens = theme.current()
        self.setStyleSheet(
            f"QLabel[objectName='{self.objectName()}'] {{ background: {tokens.surface};"
            f" color: {tokens.text}; border: 1px solid {tokens.line}; border-radius: 4px;"
            f" padding: 4px 8px;{self._more_style()} }}"
        )

    def _more_style(self) -> str:
        return ""


class ReadingCard(_Card):
    """A small card beside the pointer; lets every click through."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("surface.reading", parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_lines(self, lines: Sequence[str], at: QPoint) -> None:
        """Shows lines beside a place of the parent, on the side where there is room."""
        text = "\n".join(lines)
        if text != self.text():
            self.setText(text)
            self.adjustSize()
        room, size = self._room.size(), self.size()
        x, y = at.x() + _GAP, at.y() + _GAP
        x = at.x() - _GAP - size.width() if x + size.width() > room.width() else x
        y = at.y() - _GAP - size.height() if y + size.height() > room.height() else y
        self.move(max(0, x), max(0, y))
        self.show()


class TroubleCard(_Card):
    """Why there is no newer picture, over the one that is kept."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("surface.trouble", parent)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setWordWrap(True)

    def show_text(self, text: str) -> None:
        """Shows a sentence; nothing for none."""
        self.setText(text)
        self.setVisible(bool(text))
        self.fit_in()

    def fit_in(self) -> None:
        """Takes its place at the top of the parent."""
        room = self._room.width() - theme.space(20)
        wanted = self.fontMetrics().horizontalAdvance(self.text()) + theme.space(4)
        width = max(theme.space(20), min(room, wanted))
        self.setGeometry(theme.space(9), theme.space(1.5), width, self.heightForWidth(width))

    def _more_style(self) -> str:
        return f" border-left: 3px solid {theme.current().warning};"


def _tr(text: str) -> str:
    return QCoreApplication.translate("surface", text)
