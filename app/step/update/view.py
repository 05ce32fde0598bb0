"""How the optimizer moves the weight that is picked, and two of them as arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.kit import theme
from app.kit.text import label_of, translated
from app.link.pacing import is_out_of_sight
from app.link.spots import parameter_at
from app.step.formula.card import FormulaCard
from app.step.update.picture import VectorPicture, Weight, arrows_of
from core.debugger.formulas.explain import explain
from core.expression.plain import plain
from core.expression.tree import Symbol
from core.messages.record import Record
from core.messages.snapshot import Snapshot

if TYPE_CHECKING:
    from app.link.bridge import Bridge


class UpdateView(QWidget):
    """The optimizer's rule in symbols and in numbers; a picture where two weights are picked."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("update")
        self._bridge = bridge
        self._shown: tuple[object, ...] | None = None
        self._make_parts()
        self._lay_out()
        self._restyle()
        bridge.snapshot_changed.connect(self.show_snapshot)
        bridge.dispatched.connect(self.card.drawer.make_way)
        bridge.focus.changed.connect(self._refocus)
        self.show_snapshot(bridge.snapshot)

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Explains the update of the weight picked last."""
        if is_out_of_sight(self):
            return
        stepping = snapshot.stepping
        record = stepping.record if stepping is not None else None
        weights = self._picked(record)
        is_ahead = bool(
            stepping and weights and stepping.known(f"after:{weights[-1][0]}") is not None
        )
        shown = (record, weights, is_ahead)
        if shown == self._shown:
            return
        self._shown = shown
        self.page.setVisible(bool(weights))
        self.empty.setVisible(not weights)
        if record is None or not weights:
            self.card.show_formula(None)
            self.empty.setText(self._how_to_begin(record))
            return
        self.ahead.setVisible(is_ahead)
        self._explain(record, weights[-1])
        self._draw(record, weights)

    def _refocus(self) -> None:
        self.show_snapshot(self._bridge.snapshot)

    def showEvent(self, event: QShowEvent) -> None:
        """Catches up."""
        super().showEvent(event)
        self.show_snapshot(self._bridge.snapshot)

    def changeEvent(self, event: QEvent) -> None:
        """Takes the new theme's colours."""
        if event.type() == QEvent.Type.PaletteChange:
            self._restyle()
        super().changeEvent(event)

    def _picked(self, record: Record | None) -> tuple[Weight, ...]:
        """The weights and biases among the places picked, the newest last."""
        if record is None:
            return ()
        found = (parameter_at(record, spot) for spot in self._bridge.focus.selected)
        return tuple(weight for weight in found if weight is not None)

    def _explain(self, record: Record, weight: Weight) -> None:
        name, index = weight
        entry = next(
            one for one in record.entries if one.kind == "update" and one.parameter == name
        )
        formula = explain(record, entry, index, None)
        heading = self.tr("{optimizer} moves {weight} of {layer}")
        self.heading.setText(
            heading.format(
                optimizer=label_of(record.spec.optimizer),
                weight=plain(formula.result.symbol),
                layer=translated(entry.name),
            )
        )
        self.card.show_formula(formula)

    def _draw(self, record: Record, weights: tuple[Weight, ...]) -> None:
        is_pair = len(weights) == 2
        self.picture.setVisible(is_pair)
        self.hint.setVisible(not is_pair)
        if is_pair:
            names = (_symbol(weights[0]), _symbol(weights[1]))
            self.picture.show_arrows(arrows_of(record, *weights), names)

    def _how_to_begin(self, record: Record | None) -> str:
        if record is None:
            return self.tr(
                "Press Next (.) to record a step, then pick a weight: its update shows here."
            )
        return self.tr(
            "Pick a weight in the network, or a neuron for its bias:\nhow the optimizer moves it"
            " shows here."
        )

    def _make_parts(self) -> None:
        self.heading = QLabel(self)
        self.heading.setObjectName("update.heading")
        self.heading.setWordWrap(True)
        font = self.heading.font()
        font.setBold(True)
        self.heading.setFont(font)
        self.ahead = QLabel(self.tr("Not computed yet: this is what the update will do."), self)
        self.ahead.setObjectName("update.ahead")
        self.ahead.setWordWrap(True)
        self.card = FormulaCard("update", self._bridge.focus, self)
        self.picture = VectorPicture(self)
        self.hint = QLabel(
            self.tr("Pick a second weight with Shift to see both move as arrows."), self
        )
        self.hint.setObjectName("update.hint")
        self.hint.setWordWrap(True)
        self.empty = QLabel(self)
        self.empty.setObjectName("update.empty")
        self.empty.setWordWrap(True)
        self.empty.setMargin(theme.space(2))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(*[theme.space(1.5)] * 4)
        column.setSpacing(theme.space(1))
        for part in (self.heading, self.ahead, self.picture, self.card, self.hint):
            column.addWidget(part)
        column.addStretch()
        self.page = QScrollArea(self)
        self.page.setObjectName("update.page")
        self.page.setWidgetResizable(True)
        self.page.setFrameShape(QFrame.Shape.NoFrame)
        self.page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.page.setWidget(inside)
        for widget in (self.page.viewport(), inside):
            widget.setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.page, 1)
        outer.addWidget(self.empty, 1)

    def _restyle(self) -> None:
        dim = f"color: {theme.current().text_dim};"
        self.empty.setStyleSheet(dim)
        self.hint.setStyleSheet(dim)
        self.ahead.setStyleSheet(dim)


def _symbol(weight: Weight) -> Symbol:
    """A short name for an axis: ``w_{2,1}``, counted from 1 as formulas count."""
    name, index = weight
    return Symbol("w" if name.endswith("weight") else "b", ",".join(str(i + 1) for i in index))
