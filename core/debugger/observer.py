"""Measures of a run what somebody looks at, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

from torch import Tensor

from core.debugger.decisions import decision_map
from core.debugger.statistics import Statistics
from core.debugger.tape import Tape
from core.messages.snapshot import DecisionMap, LayerHistory, Values
from core.messages.surface_views import Floats, read_only
from core.training.trainer import Trainer

EVERY = 0.1
"""Seconds between two measurements: what an eye can follow of a histogram or a map."""

RESOLUTION = 64
"""Points along each side of a decision map."""


class Observer:
    """Histories and maps of one run.

    Attributes:
        parts: What is looked at: ``history``, ``map``, ``values``; and ``twin``, which is not
            measured here.
    """

    def __init__(self) -> None:
        self.parts: frozenset[str] = frozenset()
        self._measured_at = 0.0
        self._mapped_at = 0.0
        self.begin()

    def begin(self) -> None:
        """Forgets what was measured of another run."""
        self._statistics = Statistics()
        self._map: DecisionMap | None = None
        self._stale = True

    def changed(self) -> None:
        """Says that the weights may be others, though the step is the same."""
        self._stale = True

    def take(self, trainer: Trainer) -> None:
        """Takes a step and measures it, if somebody looks at histories and it is time again."""
        if "history" not in self.parts or perf_counter() - self._measured_at < EVERY:
            return
        before = [parameter.detach().clone() for parameter in trainer.network.parameters()]
        step = trainer.step
        trainer.run(1)
        if trainer.step != step:
            self._measure(trainer, before)

    def take_in(self, trainer: Trainer, tape: Tape) -> None:
        """Measures a step that was recorded."""
        if "history" in self.parts and len(trainer.gradients) == len(trainer.names):
            self._measure(trainer, _parameters(tape.before.tensors, trainer))

    def _measure(self, trainer: Trainer, before: list[Tensor]) -> None:
        parameters = trainer.network.parameters()
        updates = [p.detach() - old for p, old in zip(parameters, before, strict=True)]
        self._statistics.measure(trainer.step, trainer.names, before, trainer.gradients, updates)
        self._measured_at = perf_counter()

    def values(self, trainer: Trainer) -> Values | None:
        """What the network holds now."""
        if "values" not in self.parts:
            return None
        gradients = dict(zip(trainer.names, trainer.gradients, strict=False))
        return Values(
            trainer.step, read_only_copies(trainer.network.named()), read_only_copies(gradients)
        )

    def history(self) -> tuple[LayerHistory, ...] | None:
        """What was measured of each parameter."""
        return self._statistics.view() if "history" in self.parts else None

    def decisions(self, trainer: Trainer, *, running: bool) -> DecisionMap | None:
        """The network over its inputs; while a run goes on some times a second at most."""
        if "map" not in self.parts:
            self._stale = True
            return None
        fresh = self._map is not None and self._map.step == trainer.step and not self._stale
        early = running and perf_counter() - self._mapped_at < EVERY
        if not fresh and not (early and self._map is not None):
            self._map = decision_map(trainer.network, trainer.data, trainer.step, RESOLUTION)
            self._mapped_at = perf_counter()
            self._stale = False
        return self._map


def _parameters(tensors: tuple[Tensor, ...], trainer: Trainer) -> list[Tensor]:
    """The parameters among what a state holds."""
    named = dict(zip(trainer.network.state_dict(), tensors, strict=True))
    return [named[name] for name, _ in trainer.network.named_parameters()]


def read_only_copies(tensors: Mapping[str, Tensor]) -> dict[str, Floats]:
    """Copies in main memory that nobody can write."""
    return {name: read_only(t.detach().cpu().numpy().copy()) for name, t in tensors.items()}
