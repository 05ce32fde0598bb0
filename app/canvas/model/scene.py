"""What is drawn of one moment: the numbers of every node and edge shown, and which are lit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.canvas.model.colouring import (
    Colouring,
    EdgeQuantity,
    Limits,
    NodeQuantity,
    shown_edges,
    shown_nodes,
)
from app.canvas.model.layout import Column, Layout, Links
from app.canvas.model.light import Light, LitLinks, LitUnits, light_of
from app.canvas.model.numbers import Flags, Floats, Numbers, Shown
from core.experiment.layers import Path
from core.messages.record import key_of
from core.messages.snapshot import Snapshot

LEVELS = 8
"""Steps of magnitude that edges are drawn in: one pen each."""


@dataclass(frozen=True, eq=False)
class NodeScene:
    """One column.

    Attributes:
        quantity: What its numbers are.
        values: (k,) a number a node; empty for a block.
        known: (k,) which of them may be seen.
        whole: One sample's numbers in the layer's own shape, NaN where none may be seen; None
            where there are none, or for plain nodes.
        lit: (k,) which nodes are lit.
        any_lit: Whether anything of the column is.
        limit: The magnitude that gets the whole colour.
        knocked: (k,) which are silenced.
    """

    quantity: NodeQuantity
    values: Floats
    known: Flags
    whole: Floats | None
    lit: Flags
    any_lit: bool
    limit: float
    knocked: Flags


@dataclass(frozen=True, eq=False)
class EdgeScene:
    """The edges into one column.

    Attributes:
        quantity: What their numbers are.
        values: (e,) NaN where none may be seen, or where there is no weight.
        lit: (e,) which are lit.
        limit: The magnitude that gets the whole colour.
        levels: (e,) int8, -LEVELS to LEVELS by sign and magnitude; 0 in no colour.
        frozen: (e,) which are held fast.
    """

    quantity: EdgeQuantity
    values: Floats
    lit: Flags
    limit: float
    levels: NDArray[np.int8]
    frozen: Flags


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything but where it stands.

    Attributes:
        nodes: One a column.
        edges: One a column but the first; None where no edges are drawn.
        light: What is lit.
        loss: The loss of the sample looked at, or the batch's, once it is computed.
        loss_is_own: Whether it is that sample's own.
    """

    nodes: tuple[NodeScene, ...]
    edges: tuple[EdgeScene | None, ...]
    light: Light
    loss: float | None
    loss_is_own: bool = False


@dataclass(frozen=True, eq=False)
class _Told:
    """What a column's nodes or edges show, and how far their colours reach."""

    quantity: Any
    shown: Shown | None
    limit: float


def make_scene(
    snapshot: Snapshot, layout: Layout, numbers: Numbers, chosen: Colouring, limits: Limits
) -> Scene:
    """The picture's numbers.

    The snapshot says what is frozen and silenced and where the cursor stands; the layout, which
    nodes and edges there are; ``limits`` remembers how far colours reached before.
    """
    light = light_of(snapshot.stepping)
    entry = snapshot.stepping.entry if snapshot.stepping is not None else None
    stages = [column.stage for column in layout.columns]
    nodes = [shown_nodes(stage, chosen.nodes, entry, numbers) for stage in stages]
    edges = [shown_edges(stage, chosen.edges, entry, numbers) for stage in stages[1:]]
    found = limits.of(
        chosen.reach,
        [(f"node {quantity}", shown) for quantity, shown in nodes]
        + [(f"edge {quantity}", shown) for quantity, shown in edges],
    )
    columns = tuple(
        _nodes(column, _Told(*choice, limit), light, snapshot.knocked)
        for column, choice, limit in zip(layout.columns, nodes, found, strict=False)
    )
    between = tuple(
        None if links is None else _edges(column, links, _Told(*choice, limit), snapshot, light)
        for column, links, choice, limit in zip(
            layout.columns[1:], layout.links, edges, found[len(nodes) :], strict=True
        )
    )
    of_batch = numbers.sample is None or (entry is not None and entry.kind in _OF_BATCH)
    shown = numbers.get("loss" if of_batch else "terms")
    loss = shown.at(()) if shown is not None else None
    return Scene(columns, between, light, loss, not of_batch)


_OF_BATCH = ("loss", "penalty", "objective")
"""What the batch's own loss is looked at for, whoever's numbers are shown."""


def _nodes(
    column: Column, told: _Told, light: Light, knocked: frozenset[tuple[Path, int]]
) -> NodeScene:
    shown = told.shown
    values, known = _of_nodes(column, shown)
    pictured = column.is_block or column.stage.is_image
    fits = pictured and shown is not None and shown.values.shape == column.stage.shape
    whole = shown.seen if shown is not None and fits else None
    parts = [part for part in light.units if part.path == column.path]
    lit, any_lit = _lit_nodes(column, parts), bool(parts)
    silenced = np.array([(column.path, int(unit)) in knocked for unit in column.units], bool)
    return NodeScene(told.quantity, values, known, whole, lit, any_lit, told.limit, silenced)


def _of_nodes(column: Column, shown: Shown | None) -> tuple[Floats, Flags]:
    """The nodes' numbers, of a channel its mean; and which are known to the last pixel."""
    count = len(column.units)
    if shown is None or not count or shown.values.shape[:1] != column.stage.shape[:1]:
        return np.full(count, np.nan), np.zeros(count, bool)
    values: Floats = shown.values[column.units].reshape(count, -1).mean(axis=1)
    known = np.asarray(shown.mask[column.units].reshape(count, -1).all(axis=1), bool)
    return values, known


def _lit_nodes(column: Column, parts: list[LitUnits]) -> Flags:
    lit = np.zeros(len(column.units), bool)
    for part in parts:
        lit |= True if part.unit is None else column.units == part.unit
    return lit


def _edges(
    column: Column, links: Links, told: _Told, snapshot: Snapshot, light: Light
) -> EdgeScene:
    values = _of_edges(column, links, told.shown)
    lit = np.zeros(len(links.targets), bool)
    for part in light.links:
        if part.path == column.path:
            lit |= _lit_edges(links, part)
    levels = levels_of(values, told.limit)
    held = _held(column, links, snapshot)
    return EdgeScene(told.quantity, values, lit, told.limit, levels, held)


def _held(column: Column, links: Links, snapshot: Snapshot) -> Flags:
    """Which edges are held fast."""
    name = f"{key_of(column.path)}.weight"
    held = np.zeros(len(links.targets), bool)
    for parameter, index in snapshot.frozen:
        if parameter == name:
            same = links.targets == index[0]
            held |= same & (links.sources == index[1]) if len(index) > 1 else same
    return held


def _of_edges(column: Column, links: Links, shown: Shown | None) -> Floats:
    """The edges' numbers; a kernel between two channels counts by its mean."""
    stage = column.stage
    sizes = (stage.units, stage.before[0])[: 2 if stage.is_dense else 1]
    if shown is None or not links.weighted or shown.values.shape[: len(sizes)] != sizes:
        return np.full(len(links.targets), np.nan)
    seen: NDArray[Any] = shown.seen
    chosen = seen[links.targets, links.sources] if stage.is_dense else seen[links.targets]
    return np.asarray(chosen.reshape(len(chosen), -1).mean(axis=1), np.float64)


def _lit_edges(links: Links, part: LitLinks) -> Flags:
    lit = np.ones(len(links.targets), bool)
    if part.unit is not None:
        lit &= links.targets == part.unit
    if part.source is not None:
        lit &= links.sources == part.source
    return lit


def levels_of(values: Floats, limit: float) -> NDArray[np.int8]:
    """Sign and magnitude in steps: 0 for none to be seen, else 1 to LEVELS with the sign."""
    share = np.clip(np.abs(np.nan_to_num(values)) / (limit or 1.0), 0, 1)
    steps = np.where(np.isnan(values), 0, 1 + np.floor(share * (LEVELS - 1) + 0.5))
    return np.asarray(np.where(values < 0, -steps, steps), np.int8)
