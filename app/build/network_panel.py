"""The network as a list of layers, from the input to the output, where it is built."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea, QWidget

from app.build.layer_body import CardPlace
from app.build.layer_card import LayerCard
from app.build.layer_list import LayerList
from app.build.layer_menu import LayerMenu
from app.kit import icons, theme
from app.kit.controls import dim, scroll_upright
from app.kit.flow import in_flow
from app.kit.labels import bold
from app.kit.layouts import in_column, in_row, named
from app.kit.numbers import whole
from app.kit.scaling import as_picture
from app.kit.text import sentence, told
from app.link.bridge import Bridge
from app.link.layer_places import new_layer, place_after, siblings, why_not_there
from core.catalog.base import entries_of
from core.experiment.layers import Layer, Path, Residual, shape_text, walk
from core.experiment.spec import ExperimentSpec
from core.messages import edits
from core.messages.events import Refused
from core.messages.snapshot import DataSummary, LayerSummary, Snapshot
from core.sentence import Sentence


class InputRow(QWidget):
    """What comes in at the top: the data and one sample's shape."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("network.input")
        name = bold(QLabel(self.tr("Input"), self))
        self._detail = dim(QLabel(self))
        self._shape = QLabel(self)
        self._shape.setFont(theme.number_font())
        in_row(name, (self._detail, 1), self._shape, into=self, around=(3, 0, 1.5, 0))
        self.setFixedHeight(theme.space(5))

    def paintEvent(self, _event: QPaintEvent) -> None:
        line = QColor(theme.current().line)
        QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, line)

    def show_input(self, label: str, data: DataSummary | None) -> None:
        """The data's name, and its shape once it is loaded."""
        self._detail.setText(label)
        self._shape.setText(shape_text(data.input_shape) if data else self.tr("loading…"))
        names = ", ".join(data.feature_names) if data else ""
        self.setToolTip(names or self.tr("The shape of one sample."))


class NetworkPanel(QWidget):
    """Add, remove, reorder and edit layers; each edit is sent at once."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("network")
        self._bridge = bridge
        self._snapshot: Snapshot | None = None
        self._add_to: Path | None = None
        self._input = InputRow(self)
        self._list = LayerList()
        self._menu = LayerMenu(self)
        self._add = QPushButton(self.tr("Add layer"), self)
        self._total = dim(QLabel(self))
        self._build()
        self._list.edited.connect(self._edit)
        self._list.acted.connect(self._act)
        self._list.moved.connect(self._move_to)
        self._list.selection_changed.connect(self._show_where_added)
        self._menu.chosen.connect(self._add_chosen)
        bridge.snapshot_changed.connect(self.present)
        bridge.event_received.connect(self._event)
        self.present(bridge.snapshot)

    def present(self, snapshot: Snapshot) -> None:
        """Shows what changed; next to nothing where nothing did."""
        before = self._snapshot
        self._snapshot = snapshot
        if before is None or _differs(before, snapshot):
            self._show(snapshot)

    def _build(self) -> None:
        scroll = named(QScrollArea(self), "network.scroll")
        scroll_upright(scroll, self._list)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.area = scroll
        icons.put(named(self._add, "network.add"), "plus")
        self._add.clicked.connect(lambda: self._open_menu(None, self._add))
        tip = self.tr("How many numbers the network learns.")
        named(self._total, "network.parameters", tip=tip)
        footer = in_flow(self._add, None, self._total, around=(2, 1, 1.5, 1))
        in_column(self._input, (scroll, 1), footer, into=self, apart=0)
        as_picture(self).setMinimumWidth(theme.gap(36))

    def _show(self, snapshot: Snapshot) -> None:
        spec = snapshot.spec
        self._input.show_input(spec.data.label, snapshot.data)
        summaries = {summary.path: summary for summary in snapshot.layers}
        layers = [
            (layer, self._place(spec, path, snapshot.data), _fitting(summaries.get(path), layer))
            for path, layer in walk(spec.layers)
        ]
        self._list.show_layers(layers)
        total = self.tr("{count} parameters").format(count=whole(snapshot.parameters))
        self._total.setText(total if snapshot.layers else "")
        self._show_where_added()

    def _place(self, spec: ExperimentSpec, path: Path, data: DataSummary | None) -> CardPlace:
        output, only = path == (len(spec.layers) - 1,), len(spec.layers) == len(path) == 1
        typed = spec.by_hand.count_at(path)
        return CardPlace(path, output, only, self._note(output, data), typed)

    def _note(self, output: bool, data: DataSummary | None) -> str:
        """What the data ask of the output layer."""
        if not output or data is None:
            return ""
        if data.task == "classification":
            return self.tr("The data have {count} classes.").format(count=data.outputs)
        one = "The data have one target column."
        return sentence(Sentence("The data have {n} target columns.", one=one, n=data.outputs))

    def _edit(self, card: LayerCard, layer: Layer, gesture: object) -> None:
        number = gesture if isinstance(gesture, int) else None
        self._bridge.dispatch(edits.replace_layer(card.place.path, layer, number))

    def _act(self, action: str, card: LayerCard) -> None:
        path = card.place.path
        match action:
            case "remove" if not card.place.only:
                self._list.follow(None)
                self._bridge.dispatch(edits.remove_layer(path))
            case "duplicate":
                self._insert((*path[:-1], path[-1] + 1), card.layer.model_copy())
            case "up" | "down":
                self._move_to(card, path[-1] + (1 if action == "down" else -1))
            case "draw_again":
                self._bridge.dispatch(edits.draw_again(path))
            case "add_inside" if isinstance(card.layer, Residual):
                self._open_menu((*path, len(card.layer.layers)), card)

    def _move_to(self, card: LayerCard, to: int) -> None:
        path = card.place.path
        if 0 <= to < len(siblings(self._spec.layers, path)) and to != path[-1]:
            self._list.follow((*path[:-1], to))
            self._bridge.dispatch(edits.move_layer(path, to))

    def _insert(self, path: Path, layer: Layer) -> None:
        self._list.follow(path)
        self._bridge.dispatch(edits.add_layer(path, layer))

    def _open_menu(self, path: Path | None, at: QWidget) -> None:
        """Opens the menu; without a path the layer goes after the selected one."""
        self._add_to = path or place_after(self._spec.layers, self._list.selected_path)
        choices = [(kind, self._why_not(kind)) for kind in entries_of(Layer).values()]
        self._menu.open_at(choices, at)

    def _why_not(self, kind: type[Layer]) -> str:
        data = self._snapshot.data if self._snapshot is not None else None
        if data is None or self._add_to is None:
            return ""
        layer = new_layer(kind, self._spec.layers, self._add_to)
        why = why_not_there(self._spec, self._add_to, layer, data.input_shape)
        return told(why) if why is not None else ""

    def _add_chosen(self, kind: type[Layer]) -> None:
        if self._add_to is not None:
            self._insert(self._add_to, new_layer(kind, self._spec.layers, self._add_to))

    @property
    def _spec(self) -> ExperimentSpec:
        return self._bridge.snapshot.spec

    def _show_where_added(self) -> None:
        """The button's tooltip says where a layer would go."""
        place = place_after(self._spec.layers, self._list.selected_path)
        number = ".".join(str(index + 1) for index in place)
        self._add.setToolTip(self.tr("Puts a layer in as number {number}.").format(number=number))

    def _event(self, event: object) -> None:
        if isinstance(event, Refused) and self._snapshot is not None:
            self._list.follow(None)
            self._show(self._snapshot)


def _differs(before: Snapshot, now: Snapshot) -> bool:
    return (
        now.spec is not before.spec
        or now.layers is not before.layers
        or now.data is not before.data
        or now.parameters != before.parameters
    )


def _fitting(summary: LayerSummary | None, layer: Layer) -> LayerSummary | None:
    """A summary, unless it is of a network from before the edit."""
    return summary if summary is not None and summary.name.endswith(layer.label) else None
