"""Which one thing is to be another, and what it is to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from app.kit.controls import Combo, dim_label, put_line
from app.kit.labels import caption_of
from app.kit.layouts import in_column, in_row, named
from app.step.twin.number_offers import NumberOffer, SilenceOffer
from app.step.twin.offers import ActivationOffer, ChangeOffer, ChoiceOffer, RateOffer, SeedOffer
from core.catalog.losses import Loss
from core.catalog.optimizers import Optimizer
from core.messages.snapshot import RunState, Snapshot

if TYPE_CHECKING:
    from app.link.focus import Focus
    from core.messages.commands import WhatIf


class ChangeChooser(QWidget):
    """The kinds of changes, the form of the one chosen, and a button.

    ``wanted`` carries the change with which a second run is to set out.
    """

    wanted = Signal(object)

    def __init__(self, focus: Focus, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("whatif.chooser")
        self._focus = focus
        self._snapshot: Snapshot | None = None
        self._make_offers()
        self.button = named(
            QPushButton(self.tr("Start a twin"), self), "whatif.begin",
            tip=self.tr("A second run with this one change goes along with yours from here on"),
        )  # fmt: skip
        self.button.setProperty("role", "primary")
        self.button.clicked.connect(self._begin)
        self._reason = dim_label(parent=self)
        caption = caption_of(self.kind, self.tr("What if another"))
        in_column(
            in_row(caption, (self.kind, 1), apart=1), *self.offers,
            in_row(self.button, None), self._reason, into=self, apart=1,
        )  # fmt: skip
        self._show_offer(0)

    @property
    def offer(self) -> ChangeOffer:
        """The form that is seen."""
        return self.offers[self.kind.currentIndex()]

    def follow(self, snapshot: Snapshot) -> None:
        """Takes in how the run is described and what is picked."""
        self._snapshot = snapshot
        self.offer.follow(snapshot, self._focus)
        self._tell()

    def choose(self, kind: str) -> None:
        """Shows the form of a kind: ``rate``, ``number`` and so on."""
        self.kind.setCurrentIndex(self.kind.findData(kind))

    def _make_offers(self) -> None:
        tr = self.tr
        rows: tuple[tuple[str, ChangeOffer], ...] = (
            (tr("learning rate"), RateOffer(self)),
            (tr("optimizer"), ChoiceOffer("optimizer", Optimizer, tr("Choose another."), self)),
            (tr("loss"), ChoiceOffer("loss", Loss, tr("Choose another loss."), self)),
            (tr("activation"), ActivationOffer(self)),
            (tr("seed"), SeedOffer(self)),
            (tr("weight, bias or input: the one picked"), NumberOffer(self)),
            (tr("neuron: the one picked, silent"), SilenceOffer(self)),
        )
        self.kind = named(Combo(self), "whatif.kind", tr("What is another in the twin"))
        self.offers = tuple(offer for _, offer in rows)
        for title, offer in rows:
            self.kind.addItem(title, offer.objectName().removeprefix("whatif."))
            offer.edited.connect(self._tell)
            offer.hide()
        self.kind.currentIndexChanged.connect(self._show_offer)

    def _show_offer(self, index: int) -> None:
        for place, offer in enumerate(self.offers):
            offer.setVisible(place == index)
        if self._snapshot is not None:
            self.follow(self._snapshot)

    def _change(self) -> WhatIf | None:
        return self.offer.change()

    def _tell(self) -> None:
        """Whether it can set out now, and if not, why."""
        snapshot = self._snapshot
        can = self._change() is not None
        reason = self.offer.why_not
        if snapshot is None or not snapshot.state.is_idle:
            running = snapshot is not None and snapshot.state is RunState.RUNNING
            can, reason = False, self.tr("Pause the training first.") if running else ""
        self.button.setEnabled(can)
        put_line(self._reason, reason)

    def _begin(self) -> None:
        change = self._change()
        if change is not None:
            self.wanted.emit(change)
