"""What a card is asked about, and where the answers lie."""

from __future__ import annotations

from dataclasses import dataclass

from app.canvas.model.colouring import EdgeQuantity
from app.canvas.model.numbers import Numbers
from app.canvas.model.stack import NetworkStage
from app.link.focus import Spot
from core.messages.record import key_of
from core.messages.snapshot import Snapshot


@dataclass(frozen=True, eq=False)
class Asked:
    """One place, and everything that may be known of it.

    Attributes:
        snapshot: What is frozen and silenced, and where the cursor stands.
        numbers: Where its numbers come from.
        sample: Whose they are; None for the mean of the batch.
        stages: The columns up to the place's own, the inputs first.
        spot: The place.
        edges: What a person chose to see of the weights.
    """

    snapshot: Snapshot
    numbers: Numbers
    sample: int | None
    stages: tuple[NetworkStage, ...]
    spot: Spot
    edges: EdgeQuantity = EdgeQuantity.FOLLOW

    @property
    def stage(self) -> NetworkStage:
        """The column that the place stands in."""
        return self.stages[-1]

    @property
    def key(self) -> str:
        """The layer's path as keys have it."""
        return key_of(self.spot.path)

    @property
    def index(self) -> tuple[int, ...]:
        """The place in one sample's numbers."""
        return (self.spot.unit, *(self.spot.pixel or ()))
