"""What a person has picked in one experiment's window, shared by all its views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from core.messages.scope import Scope

if TYPE_CHECKING:
    from core.experiment.layers import Path


@dataclass(frozen=True)
class Spot:
    """One place of the network.

    A neuron: ``path`` and ``unit`` (of an image: a channel; path ``()`` is the input column). An
    edge: also ``source``, the input that it comes from; of a convolution that is a whole kernel,
    and ``kernel`` one number of it, by row and column. A pixel of an image: ``pixel`` too.
    """

    path: Path
    unit: int
    source: int | None = None
    pixel: tuple[int, int] | None = None
    kernel: tuple[int, int] | None = None


class Focus(QObject):
    """The picked sample, the picked places, the one under the pointer, and a way that is lit.

    Attributes:
        chosen: The place in the batch of the sample that is chosen.
        scope: Whether its numbers are shown in all views, or the whole batch's.
        selected: The places picked, at most two, the newest last.
        hovered: The place under the pointer, in whichever view.
        lit: The places on a way through the network that a view tells of.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.chosen = 0
        self.scope = Scope.SAMPLE
        self.selected: tuple[Spot, ...] = ()
        self.hovered: Spot | None = None
        self.lit: tuple[Spot, ...] = ()

    @property
    def sample(self) -> int | None:
        """The place in the batch of the sample looked at; None for the whole batch."""
        return self.chosen if self.scope is Scope.SAMPLE else None

    def pick_sample(self, sample: int | None) -> None:
        """Looks at one sample of the batch, or at all of it."""
        before = self.sample
        self.scope = Scope.BATCH if sample is None else Scope.SAMPLE
        self.chosen = self.chosen if sample is None else sample
        if self.sample != before:
            self.changed.emit()

    def look_at(self, scope: Scope) -> None:
        """Looks at the chosen sample, or at the whole batch; what is chosen stays so."""
        self.pick_sample(self.chosen if scope is Scope.SAMPLE else None)

    def select(self, spot: Spot | None, *, add: bool = False) -> None:
        """Picks a place; with ``add`` beside the one picked before; None picks nothing."""
        kept = self.selected[-1:] if add else ()
        selected = () if spot is None else (*[one for one in kept if one != spot], spot)
        if selected != self.selected:
            self.selected = selected
            self.changed.emit()

    def hover(self, spot: Spot | None) -> None:
        """Says what lies under the pointer."""
        if spot != self.hovered:
            self.hovered = spot
            self.changed.emit()

    def light(self, spots: tuple[Spot, ...]) -> None:
        """Lights a way through the network; none with nothing."""
        if spots != self.lit:
            self.lit = spots
            self.changed.emit()
