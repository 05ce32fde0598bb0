"""One layer in the network's list: what it is, what it gives, and its form when it is open."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from app import icons, theme
from app.panels.controls import dim_label
from app.panels.model_form import FormStyle, ModelForm
from app.panels.numbers import count_text
from app.text import label_of, translated
from core.catalog.activations import Activation
from core.catalog.base import Choice
from core.catalog.initializers import Initializer
from core.layers import Layer, Path, Residual, shape_text
from core.snapshot import LayerSummary


@dataclass(frozen=True)
class Place:
    """What a card has to know about where its layer stands."""

    path: Path
    output: bool
    only: bool
    note: str = ""

    @property
    def number(self) -> str:
        """The place as people count: ``3`` or, in a group, ``3.1``."""
        return ".".join(str(index + 1) for index in self.path)


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
        """The dots."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current().text_dim))
        middle = self.rect().center()
        for row in (-1, 0, 1):
            for column in (-1, 1):
                painter.drawEllipse(middle + QPoint(2 * column + 1, 5 * row), 1, 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Takes hold."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.pressed.emit()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Moves along."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(event.globalPosition().toPoint())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Lets go."""
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.dropped.emit()


class LayerCard(QWidget):
    """A layer's header, and beneath it, when open, its fields and what can be done with it.

    ``asked`` carries one of "remove", "duplicate", "up", "down", "add_inside", "previous",
    "next" and "cancel": what the list is to do with this card.
    """

    edited = Signal(object, object)
    selected = Signal()
    asked = Signal(str)
    opened = Signal(bool)

    def __init__(self, layer: Layer, place: Place, parent: QWidget) -> None:
        super().__init__(parent)
        self.layer = layer
        self.place = place
        self._is_selected = False
        self._hovered = False
        self._summary: LayerSummary | None = None
        self._form: ModelForm | None = None
        self._body: QWidget | None = None
        self._buttons: dict[str, QToolButton] = {}
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty("role", "card")
        self.handle = DragHandle(self)
        self._labels = {
            name: QLabel(self) for name in ("name", "badge", "detail", "shape", "count")
        }
        self._column = QVBoxLayout(self)
        self._column.setSpacing(0)
        self._column.addLayout(self._header())
        self.show_layer(layer, place, None)

    @property
    def is_open(self) -> bool:
        """Whether the fields are seen."""
        return self._body is not None and not self._body.isHidden()

    @property
    def form(self) -> ModelForm | None:
        """The fields, once they were opened."""
        return self._form

    def show_layer(self, layer: Layer, place: Place, summary: LayerSummary | None) -> None:
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
            self._show_body(moved)

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
            self._build_body()
        assert self._body is not None
        self._body.setVisible(opened)
        self.opened.emit(opened)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the list's keys do; editors inside keep theirs to themselves."""
        asked = _asked_by(event) if self.hasFocus() else ""
        if asked == "toggle":
            self.set_open(not self.is_open)
        elif asked:
            self.asked.emit(asked)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the header selects; on the one selected already, opens and closes."""
        header = event.position().y() < self.header_height()
        if event.button() == Qt.MouseButton.LeftButton and header:
            self.selected.emit()
            self.set_open(not self.is_open)

    def focusInEvent(self, event: object) -> None:
        """The card with the focus is the selected one."""
        super().focusInEvent(event)  # type: ignore[arg-type]
        self.selected.emit()
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """The ring goes."""
        super().focusOutEvent(event)  # type: ignore[arg-type]
        self.update()

    def enterEvent(self, event: object) -> None:
        """It answers to the mouse."""
        self._hovered = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        """And lets go of it."""
        self._hovered = False
        self.update()

    def tab_chain(self) -> list[QWidget]:
        """The card and the controls in it, in the order in which Tab visits them."""
        inside = [
            control
            for control in self.findChildren(QWidget)
            if control.focusPolicy() & Qt.FocusPolicy.TabFocus and control.focusProxy() is None
        ]
        return [self, *(control for control in inside if not _is_qts_own(control))]

    def header_height(self) -> int:
        """Where the fields begin."""
        return theme.space(6)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A hairline below; the selected one on a surface, with an edge."""
        tokens = theme.current()
        painter = QPainter(self)
        left = theme.space(2) * (len(self.place.path) - 1)
        area = self.rect().adjusted(left, 0, 0, 0)
        if self._is_selected or self.is_open:
            painter.fillRect(area, QColor(tokens.surface))
        elif self._hovered:
            painter.fillRect(area, QColor(tokens.hover))
        if self._is_selected:
            painter.fillRect(left, 0, 3, self.height(), QColor(tokens.accent))
        for depth in range(1, len(self.place.path)):
            painter.fillRect(theme.space(2) * depth - 4, 0, 1, self.height(), QColor(tokens.line))
        painter.fillRect(left, self.height() - 1, self.width(), 1, QColor(tokens.line))
        if self.hasFocus():
            painter.setPen(QPen(QColor(tokens.accent), 1))
            painter.drawRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -1.5))

    def _header(self) -> QHBoxLayout:
        labels = self._labels
        bold = self.font()
        bold.setBold(True)
        labels["name"].setFont(bold)
        labels["badge"].setText(self.tr("output"))
        for name in ("badge", "detail", "count"):
            labels[name].setProperty("role", "dim")
        labels["shape"].setFont(theme.number_font())
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.space())
        grid.setVerticalSpacing(0)
        title = QHBoxLayout()
        for label in (labels["name"], labels["badge"]):
            title.addWidget(label)
        title.addStretch(1)
        grid.addLayout(title, 0, 0)
        grid.addWidget(labels["detail"], 1, 0)
        grid.addWidget(labels["shape"], 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(labels["count"], 1, 1, Qt.AlignmentFlag.AlignRight)
        grid.setColumnStretch(0, 1)
        row = QHBoxLayout()
        row.setSpacing(theme.space(0.5))
        row.addWidget(self.handle)
        row.addLayout(grid, 1)
        return row

    def _write(self) -> None:
        labels, summary = self._labels, self._summary
        labels["name"].setText(f"{self.place.number}  {label_of(self.layer)}")
        labels["badge"].setVisible(self.place.output)
        activation = self.layer.activation_of()
        labels["detail"].setText(label_of(activation) if activation is not None else "")
        labels["shape"].setText(shape_text(summary.output_shape) if summary else "…")
        labels["shape"].setToolTip(self._shape_tip())
        count = summary.parameters if summary else 0
        labels["count"].setText(
            self.tr("%n parameter(s)", "", count).replace(str(count), count_text(count))
            if count
            else ""
        )
        self.setToolTip(translated(self.layer.description))
        self.setAccessibleName(f"{self.place.number} {label_of(self.layer)}")

    def _shape_tip(self) -> str:
        if self._summary is None:
            return self.tr("Known once the data is loaded.")
        return self.tr("One sample: {before} in, {after} out.").format(
            before=shape_text(self._summary.input_shape),
            after=shape_text(self._summary.output_shape),
        )

    def _build_body(self) -> None:
        self._body = QWidget(self)
        column = QVBoxLayout(self._body)
        column.setContentsMargins(theme.space(2.5), theme.space(0.5), 0, theme.space(0.5))
        column.setSpacing(theme.space())
        column.addWidget(dim_label(translated(self.layer.description), parent=self._body))
        style = FormStyle(forbids=self._why_not)
        self._form = ModelForm(type(self.layer), self.objectName(), style, parent=self._body)
        self._form.edited.connect(self.edited)
        self._form.setVisible(len(self._form) > 0)
        column.addWidget(self._form)
        column.addLayout(self._make_buttons())
        self._column.addWidget(self._body)
        self._show_body(moved=True)

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.space(0.5))
        actions = [
            ("up", "up", "", self.tr("Move it up (Alt+Up).")),
            ("down", "down", "", self.tr("Move it down (Alt+Down).")),
            ("duplicate", "copy", self.tr("Duplicate"), self.tr("Put a copy after it (Ctrl+D).")),
            ("remove", "trash", self.tr("Remove"), self.tr("Take it away (Delete).")),
        ]
        if isinstance(self.layer, Residual):
            tip = self.tr("Put a layer at the end of the group.")
            actions.insert(2, ("add_inside", "plus", self.tr("Inside"), tip))
        for asked, picture, text, tip in actions:
            button = QToolButton(self._body)
            icons.put(button, picture)
            button.setText(text)
            button.setToolTip(tip)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            if text:
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.clicked.connect(lambda _on=False, asked=asked: self.asked.emit(asked))
            self._buttons[asked] = button
            row.addWidget(button)
        row.insertStretch(2, 1)
        return row

    def _show_body(self, moved: bool) -> None:
        assert self._form is not None
        self._form.show_model(self.layer)
        if not moved:
            return
        self._form.name(self.objectName())
        self._form.refresh_allowed()
        for asked, button in self._buttons.items():
            button.setObjectName(f"{self.objectName()}.{asked}")
        self._buttons["remove"].setEnabled(not self.place.only)
        if "units" in type(self.layer).model_fields:
            self._form.note("units", self.place.note)

    def _why_not(self, _field: str, entry: type[Choice]) -> str:
        if issubclass(entry, Activation) and entry.output_only and not self.place.output:
            return self.tr("It can stand at the output only.")
        if _field == "bias_init" and issubclass(entry, Initializer) and not entry.for_bias:
            return self.tr("It looks at the size of a matrix, and a bias is none.")
        return ""


def _asked_by(event: QKeyEvent) -> str:
    alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
    control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    match event.key():
        case Qt.Key.Key_Up:
            return "up" if alt else "previous"
        case Qt.Key.Key_Down:
            return "down" if alt else "next"
        case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
            return "remove"
        case Qt.Key.Key_D if control:
            return "duplicate"
        case Qt.Key.Key_Escape:
            return "cancel"
        case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
            return "toggle"
        case _:
            return ""


def _is_qts_own(control: QWidget) -> bool:
    return control.objectName().startswith("qt_")
