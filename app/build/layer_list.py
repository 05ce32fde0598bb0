"""The cards of all layers, kept through edits so that nothing that is open closes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from app.build.layer_body import CardPlace
from app.build.layer_card import LayerCard
from app.kit import theme
from app.kit.layouts import in_column
from core.experiment.layers import Layer, Path
from core.messages.snapshot import LayerSummary


class DropLine(QWidget):
    """Where the layer would land."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(theme.current().accent))


class LayerDrag:
    """One drag, from the press on the handle to the drop.

    Args:
        card: The layer taken.
        row: The cards of its row, itself among them, from first to last.
        content: The list that they stand in.
        bottoms: For each of the row, where it ends in the list, its inner layers included.
    """

    def __init__(
        self, card: LayerCard, row: Sequence[LayerCard], content: QWidget, bottoms: Sequence[int]
    ) -> None:
        self.card = card
        self._row = row
        self._from = row.index(card)
        self._content = content
        self._bottoms = bottoms
        self._gap: int | None = None
        self._line = DropLine(content)

    @property
    def target(self) -> int | None:
        """The index that the layer would have; None where it would stay."""
        if self._gap is None or self._gap in (self._from, self._from + 1):
            return None
        return self._gap if self._gap < self._from else self._gap - 1

    def move(self, mouse: QPoint) -> None:
        """Follows the mouse, given on the screen."""
        y = self._content.mapFromGlobal(mouse).y()
        tops = [card.y() for card in self._row]
        middles = [(top + end) / 2 for top, end in zip(tops, self._bottoms, strict=True)]
        self._gap = sum(middle < y for middle in middles)
        edge = tops[self._gap] if self._gap < len(tops) else self._bottoms[-1]
        left = theme.space(2) * (len(self._row[0].place.path) - 1)
        self._line.setGeometry(left, edge - 1, self._content.width() - left, 2)
        self._line.setVisible(self.target is not None)
        self._line.raise_()

    def end(self) -> None:
        """Takes the line away."""
        self._line.hide()
        self._line.deleteLater()


Shown = tuple[Layer, CardPlace, LayerSummary | None]


class LayerList(QWidget):
    """Keeps one card a layer, one of them selected, at most one open.

    ``acted`` carries what to do and the card; ``moved`` the card and the index it was dropped at.

    Attributes:
        cards: From the input to the output, those of a group after the group's own.
        area: The one to scroll when the selection leaves what is seen.
    """

    edited = Signal(object, object, object)
    acted = Signal(str, object)
    moved = Signal(object, int)
    selection_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("network.list")
        self.cards: list[LayerCard] = []
        self.area: QScrollArea | None = None
        self._selected: LayerCard | None = None
        self._follow: Path | None = None
        self._drag: LayerDrag | None = None
        self._column = in_column(None, into=self, around=(0, 0, 0, 1), apart=0)

    @property
    def selected_path(self) -> Path | None:
        """The layer that keys and the Add button act on."""
        return self._selected.place.path if self._selected is not None else None

    def follow(self, path: Path | None) -> None:
        """Selects what stands at the path when the next change is shown."""
        self._follow = path

    def show_layers(self, layers: list[Shown]) -> None:
        """Shows a network; cards go along with their layers."""
        focused = any(self._holds_focus(card) for card in self.cards)
        selected = self._selected
        place = self.cards.index(selected) if selected in self.cards else 0
        cards = self._matched(layers)
        if cards != self.cards:
            self._arrange(cards)
        for card, (layer, where, summary) in zip(cards, layers, strict=True):
            card.show_layer(layer, where, summary)
        target = self._to_select(selected, place)
        if target is not None:
            self._select(target)
            if focused and not self._holds_focus(target):
                target.setFocus()

    def _holds_focus(self, card: LayerCard) -> bool:
        control = self.window().focusWidget()
        return control is card or (control is not None and card.isAncestorOf(control))

    def _matched(self, layers: list[Shown]) -> list[LayerCard]:
        """A card for each layer: that of the very layer, else that of its place, else a new one."""
        of_layer: dict[int, list[LayerCard]] = defaultdict(list)
        for card in self.cards:
            of_layer[id(card.layer)].append(card)
        found: list[LayerCard | None] = [
            of_layer[id(layer)].pop(0) if of_layer[id(layer)] else None for layer, _, _ in layers
        ]
        used = set(found)
        spare = {card.place.path: card for card in self.cards if card not in used}
        for index, (layer, place, _) in enumerate(layers):
            if found[index] is None:
                near = spare.pop(place.path, None)
                same = near is not None and type(near.layer) is type(layer)
                found[index] = near if same else self._new_card(layer, place)
        return [card for card in found if card is not None]

    def _new_card(self, layer: Layer, place: CardPlace) -> LayerCard:
        card = LayerCard(layer, place, self)
        card.edited.connect(lambda model, gesture: self.edited.emit(card, model, gesture))
        card.selected.connect(lambda: self._select(card))
        card.acted.connect(lambda action: self._carry_out(action, card))
        card.opened.connect(lambda opened: self._opened(card, opened))
        card.handle.pressed.connect(lambda: self._begin_drag(card))
        card.handle.dragged.connect(self._move_drag)
        card.handle.dropped.connect(self._drop)
        return card

    def _arrange(self, cards: list[LayerCard]) -> None:
        self._cancel_drag()
        for card in self.cards:
            self._column.removeWidget(card)
            if card not in cards:
                card.hide()
                card.setParent(None)
                card.deleteLater()
        for index, card in enumerate(cards):
            self._column.insertWidget(index, card)
            card.show()  # now, since it may be given the focus before the layout shows it
        self.cards = cards
        self._order_tabs()

    def _order_tabs(self) -> None:
        for before, control in pairwise(c for card in self.cards for c in card.tab_chain()):
            QWidget.setTabOrder(before, control)

    def _to_select(self, selected: LayerCard | None, place: int) -> LayerCard | None:
        """The layer to follow; else the one selected; else, where it is gone, its neighbour."""
        for card in self.cards:
            if card.place.path == self._follow:
                self._follow = None
                return card
        if selected is None or selected in self.cards:
            return selected
        return self.cards[min(place, len(self.cards) - 1)]

    def _select(self, card: LayerCard) -> None:
        if card is self._selected:
            return
        self._selected = card
        for other in self.cards:
            other.set_selected(other is card)
        if self.area is not None:
            self.area.ensureWidgetVisible(card, 0, theme.space())
        self.selection_changed.emit()

    def _opened(self, card: LayerCard, opened: bool) -> None:
        """One open at a time, so that the network stays in sight."""
        self._order_tabs()
        for other in self.cards:
            if opened and other is not card:
                other.set_open(False)

    def _carry_out(self, action: str, card: LayerCard) -> None:
        index = self.cards.index(card)
        if action == "cancel":
            self._cancel_drag()
        elif action in ("previous", "next"):
            to = index + (1 if action == "next" else -1)
            self.cards[max(0, min(to, len(self.cards) - 1))].setFocus()
        else:
            self._select(card)
            self.acted.emit(action, card)

    def _begin_drag(self, card: LayerCard) -> None:
        card.setFocus()
        group = card.place.path[:-1]
        depth = len(card.place.path)
        row, bottoms = [], []
        for other in self.cards:
            if other.place.path[: depth - 1] != group or len(other.place.path) < depth:
                continue
            if len(other.place.path) == depth:
                row.append(other)
                bottoms.append(0)
            bottoms[-1] = other.geometry().bottom() + 1
        self._drag = LayerDrag(card, row, self, bottoms)

    def _move_drag(self, mouse: QPoint) -> None:
        if self._drag is not None:
            self._drag.move(mouse)

    def _drop(self) -> None:
        drag = self._drag
        self._cancel_drag()
        if drag is not None and drag.target is not None:
            self.moved.emit(drag.card, drag.target)

    def _cancel_drag(self) -> None:
        if self._drag is not None:
            self._drag.end()
            self._drag = None
