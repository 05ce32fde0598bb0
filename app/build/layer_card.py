"""One layer in the network's list: what it is, what it gives, and its form when it is open."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from app.build.layer_body import CardPlace, LayerBody
from app.kit import theme
from app.kit.controls import dim
from app.kit.labels import bold
from app.kit.layouts import in_column, in_row
from app.kit.numbers import whole
from app.kit.text import label_of, translated
from core.experiment.layers import Layer, shape_text
from core.messages.snapshot import LayerSummary


class DragHandle(QWidget):
    """Six dots to take a layer by; tells where the mouse is while it is held."""

    pressed = Signal()
    dragged = Signal(QPoint)
    dropped = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFixedSize(theme.space(2), theme.space(5))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip(self.tr("Drag to move the layer (Alt+Up, Alt+Down)."))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().text_dim))
        middle = self.rect().center()
        for row in (-1, 0, 1):
            for column in (-1, 1):
                painter.drawEllipse(middle + QPoint(2 * column + 1, 5 * row), 1, 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.pressed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.dropped.emit()


class LayerCard(QWidget):
    """A layer's header, and beneath it, when open, its fields and what can be done with it.

    ``acted`` carries one of "remove", "duplicate", "up", "down", "add_inside", "previous",
    "next" and "cancel": what the list is to do with this card.
    """

    edited = Signal(object, object)
    selected = Signal()
    acted = Signal(str)
    opened = Signal(bool)

    def __init__(self, layer: Layer, place: CardPlace, parent: QWidget) -> None:
        super().__init__(parent)
        self.layer = layer
        self.place = place
        self._is_selected = False
        self._summary: LayerSummary | None = None
        self._body: LayerBody | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)  # painted anew as the mouse comes and goes
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("role", "card")
        self.handle = DragHandle(self)
        self._labels = {
            name: QLabel(self) for name in ("name", "badge", "detail", "shape", "count")
        }
        self._column = in_column(self._header(), into=self, around=None, apart=0)
        self.show_layer(layer, place, None)

    @property
    def is_open(self) -> bool:
        """Whether the fields are seen."""
        return self._body is not None and not self._body.isHidden()

    def show_layer(self, layer: Layer, place: CardPlace, summary: LayerSummary | None) -> None:
        """Shows the layer as it is now, in place."""
        moved = place != self.place
        self.layer, self.place, self._summary = layer, place, summary
        name = f"network.layer.{place.number}"
        if self.objectName() != name:
            self.setObjectName(name)
            self.handle.setObjectName(f"{name}.handle")
            indent = theme.space(2) * (len(place.path) - 1)
            self._column.setContentsMargins(
                indent + theme.space(0.5), theme.space(0.5), theme.space(1.5), theme.space(0.5)
            )
        self._write()
        if self._body is not None:
            self._body.show_layer(layer, place, moved)

    def set_selected(self, selected: bool) -> None:
        """Marks the card that keys and buttons act on."""
        if selected != self._is_selected:
            self._is_selected = selected
            self.update()

    def set_open(self, opened: bool) -> None:
        """Opens or closes the fields beneath."""
        if opened == self.is_open:
            return
        if self._body is None:
            self._body = LayerBody(self.layer, self.place, self)
            self._body.edited.connect(self.edited)
            self._body.acted.connect(self.acted)
            self._column.addWidget(self._body)
        self._body.setVisible(opened)
        self.opened.emit(opened)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the list's keys do; editors inside keep theirs to themselves."""
        action = _action_of(event) if self.hasFocus() else ""
        if action == "toggle":
            self.set_open(not self.is_open)
        elif action:
            self.acted.emit(action)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the header selects; on the one selected already, opens and closes."""
        header = event.position().y() < self.header_height()
        if event.button() == Qt.MouseButton.LeftButton and header:
            self.selected.emit()
            self.set_open(not self.is_open)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.selected.emit()

    def tab_chain(self) -> list[QWidget]:
        """The card and the controls in it, in the order in which Tab visits them."""
        inside = [
            control
            for control in self.findChildren(QWidget)
            if control.focusPolicy() & Qt.FocusPolicy.TabFocus
            and control.focusProxy() is None
            and control.window() is self.window()  # not the list of a combo
            and not control.objectName().startswith("qt_")  # a part of another control
        ]
        return [self, *inside]

    def header_height(self) -> int:
        """Where the fields begin."""
        return theme.space(6)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        left = theme.space(2) * (len(self.place.path) - 1)
        area = self.rect().adjusted(left, 0, 0, 0)
        if self._is_selected or self.is_open:
            painter.fillRect(area, QColor(tokens.window))
        elif self.underMouse():
            painter.fillRect(area, QColor(tokens.hover))
        if self._is_selected:
            painter.fillRect(left, 0, 3, self.height(), QColor(tokens.accent))
        for depth in range(1, len(self.place.path)):
            painter.fillRect(theme.space(2) * depth - 4, 0, 1, self.height(), QColor(tokens.line))
        painter.fillRect(left, self.height() - 1, self.width(), 1, QColor(tokens.line))
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1))
            area.setHeight(self.header_height())
            painter.drawRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -1.5))

    def _header(self) -> QHBoxLayout:
        labels = self._labels
        labels["badge"].setText(self.tr("output"))
        for name in ("badge", "detail", "count"):
            dim(labels[name])
        labels["shape"].setFont(theme.number_font())
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space())
        grid.setVerticalSpacing(0)
        title = in_row(bold(labels["name"]), labels["badge"], None, apart=1)
        grid.addLayout(title, 0, 0)
        grid.addWidget(labels["detail"], 1, 0)
        grid.addWidget(labels["shape"], 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(labels["count"], 1, 1, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(0, 1)
        return in_row(self.handle, (grid, 1), apart=0.5)

    def _write(self) -> None:
        labels, summary = self._labels, self._summary
        labels["name"].setText(f"{self.place.number}  {label_of(self.layer)}")
        labels["badge"].setVisible(self.place.output)
        activation = self.layer.activation_of()
        labels["detail"].setText(label_of(activation) if activation is not None else "")
        labels["shape"].setText(shape_text(summary.output_shape) if summary else "…")
        labels["shape"].setToolTip(self._shape_tip())
        count = summary.parameters if summary else 0
        amount = self.tr("{count} parameters").format(count=whole(count))
        labels["count"].setText(amount if count else "")
        for name in ("detail", "count"):
            labels[name].setVisible(bool(labels[name].text()))
        self.setToolTip(translated(self.layer.description))
        self.setAccessibleName(f"{self.place.number} {label_of(self.layer)}")

    def _shape_tip(self) -> str:
        if self._summary is None:
            return self.tr("Known once the data is loaded.")
        return self.tr("One sample: {before} in, {after} out.").format(
            before=shape_text(self._summary.input_shape),
            after=shape_text(self._summary.output_shape),
        )


def _action_of(event: QKeyEvent) -> str:
    keys = {
        Qt.Key.Key_Up: "previous",
        Qt.Key.Key_Down: "next",
        Qt.Key.Key_Delete: "remove",
        Qt.Key.Key_Backspace: "remove",
        Qt.Key.Key_Escape: "cancel",
        Qt.Key.Key_Return: "toggle",
        Qt.Key.Key_Enter: "toggle",
        Qt.Key.Key_Space: "toggle",
    }
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if modifiers == Qt.KeyboardModifier.AltModifier:
        return {Qt.Key.Key_Up: "up", Qt.Key.Key_Down: "down"}.get(Qt.Key(event.key()), "")
    if modifiers == Qt.KeyboardModifier.ControlModifier:
        return "duplicate" if event.key() == Qt.Key.Key_D else ""
    return keys.get(Qt.Key(event.key()), "") if not modifiers else ""
