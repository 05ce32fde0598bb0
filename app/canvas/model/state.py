"""What the graph shows now, put together from snapshots and from what a person chose."""

from __future__ import annotations

from collections.abc import Sequence
from operator import is_not

import numpy as np

from app.canvas.model.colouring import Colouring, Limits
from app.canvas.model.facts import Facts, facts_of
from app.canvas.model.layout import FOOT, Layout, lay_out
from app.canvas.model.numbers import Numbers, Source
from app.canvas.model.scene import Scene, make_scene
from app.canvas.model.stack import NetworkStage, stages_of
from app.canvas.model.weights import Asked
from app.link.focus import Spot
from core.experiment.layers import Path
from core.messages.snapshot import Snapshot

STRONGEST = 12
"""Units that a block opens into."""
WHOLE_AT_MOST = 72
"""Units that it can be opened into all of."""


class GraphState:
    """Snapshot, choices and room in; layout and scene out, each made when first asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.colouring = Colouring()
        self.sample: int | None = 0
        self.opened: dict[Path, tuple[int, ...]] = {}
        self._stages: tuple[NetworkStage, ...] = stages_of(snapshot)
        self._room = (800.0, 600.0)
        self._foot = FOOT
        self._source = Source()
        self._limits = Limits()
        self._layout: Layout | None = None
        self._scene: Scene | None = None
        self._numbers: Numbers | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is no network to show yet."""
        return not self._stages

    @property
    def layout(self) -> Layout:
        """Where everything stands; there must be a network."""
        if self._layout is None:
            self._layout = lay_out(self._stages, self._room, self.opened, foot=self._foot)
        return self._layout

    @property
    def numbers(self) -> Numbers:
        """Where numbers come from."""
        if self._numbers is None:
            self._numbers = self._source.of(self.snapshot, self.sample)
        return self._numbers

    @property
    def scene(self) -> Scene:
        """What is shown there."""
        if self._scene is None:
            self._scene = make_scene(
                self.snapshot, self.layout, self.numbers, self.colouring, self._limits
            )
        return self._scene

    def present(self, snapshot: Snapshot) -> tuple[bool, bool]:
        """Takes a snapshot: whether the columns changed, and whether anything shown did."""
        before, self.snapshot = self.snapshot, snapshot
        columns = (before.spec.layers, before.layers) != (snapshot.spec.layers, snapshot.layers)
        if columns or not self._stages:
            stages = stages_of(snapshot)
            columns = stages != self._stages and bool(stages)
            if columns:
                self._stages = stages
                self._layout = None
                self._limits.forget()
        shown = columns or any(map(is_not, _shown_of(before), _shown_of(snapshot)))
        if shown:
            self._scene = self._numbers = None
        return columns, shown

    def set_room(self, width: float, height: float, foot: float = FOOT) -> None:
        """How much room there is, in pixels, and how much of it stays free below the columns."""
        if ((width, height), foot) != (self._room, self._foot):
            self._room, self._foot = (width, height), foot
            self._layout = self._scene = None

    def set_sample(self, sample: int | None) -> None:
        """Whose numbers are shown."""
        if sample != self.sample:
            self.sample = sample
            self._scene = self._numbers = None

    def set_colouring(self, colouring: Colouring) -> None:
        """What colours stand for."""
        self.colouring = colouring
        self._limits.forget()
        self._scene = None

    def open(self, path: Path, units: Sequence[int]) -> None:
        """Shows some of a block's units as nodes; with none, the block again."""
        self.opened.pop(path, None)
        if units:
            self.opened[path] = tuple(units)
        self._layout = self._scene = None

    def strongest(self, path: Path) -> tuple[int, ...]:
        """The units of a block with the largest numbers now shown; the first, without numbers."""
        index = self.layout.index_of(path)
        column = self.layout.columns[index or 0]
        whole = self.scene.nodes[index or 0].whole
        if whole is None:
            return tuple(range(min(STRONGEST, column.stage.units)))
        strength = np.nan_to_num(np.abs(whole)).reshape(len(whole), -1).mean(axis=1)
        return tuple(np.argsort(-strength, kind="stable")[:STRONGEST].tolist())

    def facts(self, spot: Spot) -> Facts | None:
        """What the card says of a place."""
        index = self.layout.index_of(spot.path)
        if index is None:
            return None
        stages = tuple(column.stage for column in self.layout.columns[: index + 1])
        numbers, edges = self.numbers, self.colouring.edges
        last = index == len(self.layout.columns) - 1
        return facts_of(Asked(self.snapshot, numbers, self.sample, stages, spot, edges, last))


def _shown_of(snapshot: Snapshot) -> tuple[object, ...]:
    """All parts of a snapshot that the graph looks at."""
    return (
        snapshot.stepping,
        snapshot.values,
        snapshot.decisions,
        snapshot.data,
        snapshot.frozen,
        snapshot.knocked,
    )
