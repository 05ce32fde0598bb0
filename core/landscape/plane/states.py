"""The states that a plane is laid through, found by what somebody calls them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import singledispatch

from torch import Tensor

from core.errors import UserError
from core.landscape.losses.arena import Material, Route
from core.messages.surface_commands import AtStep, BranchEnd, Now, RunnerEnd, State

THIS_RUN = -1
"""The id of the experiment's own route."""


FOR_A_RACE = "In a race choose its start and where runners stand, after some steps."
"""What planes through states can go through there."""


@dataclass(frozen=True, eq=False)
class NamedState:
    """One state with a name.

    Attributes:
        name: As the picture calls it: ``Start``, ``Now``, ``Step 40``.
        weights: (p,) float32, all finite.
        step: Updates behind it; None where that is not known.
    """

    name: str
    weights: Tensor
    step: int | None


def find(state: State, material: Material) -> NamedState:
    """A state of the material.

    Raises:
        UserError: It is not there, or not all of it is finite.
    """
    name, step, weights = look_up(state, material)
    weights = material.states.get(state, weights)
    if weights is None:
        raise UserError(
            "The weights called “{name}” are not kept.",
            FOR_A_RACE if is_race(material) else "Choose other ones.",
            name=name,
        )
    if not bool(weights.isfinite().all()):
        raise UserError(
            "The weights called “{name}” are not all finite numbers.",
            "Choose weights from before the training diverged.",
            name=name,
        )
    return NamedState(name, weights, step)


def named(material: Material) -> list[NamedState]:
    """The states that a picture names: where it began, those chosen, and now; each once."""
    found = {place.name: place for place in _all(material)}
    now = found.pop("Now", None)
    past = [place for place in found.values() if now is None or place.step != now.step]
    past.sort(key=lambda place: (place.step is None, place.step or 0))
    return [*past, now] if now is not None else past


def own_route(material: Material) -> Route | None:
    """The experiment's own; None in a race."""
    return _route(material, THIS_RUN)


def is_race(material: Material) -> bool:
    """Whether the routes are those of runners, who all began at ``material.here``."""
    return bool(material.routes) and own_route(material) is None


def _all(material: Material) -> list[NamedState]:
    states: dict[State, Tensor] = {}
    run = own_route(material)
    if run is not None and run.steps and run.steps[0] == 0:
        states[AtStep(0)] = run.states[0]
    states |= {Now(): material.here}
    race = is_race(material)
    # Runners have colours and a table; their names would cover the picture.
    states |= {s: w for s, w in material.states.items() if not (race and isinstance(s, RunnerEnd))}
    return [
        NamedState(name, weights, step)
        for state, weights in states.items()
        for name, step, _ in [look_up(state, material)]
    ]


def _route(material: Material, id: int) -> Route | None:
    return next((route for route in material.routes if route.id == id), None)


LookedUp = tuple[str, int | None, Tensor | None]
"""What a state is called, the updates behind it and its weights, (p,), where these are known."""


@singledispatch
def look_up(state: State, material: Material) -> LookedUp:
    """A state among the routes of the material."""
    raise TypeError(state)


@look_up.register
def _(state: Now, material: Material) -> LookedUp:
    return "Start" if is_race(material) else "Now", material.step, material.here


@look_up.register
def _(state: AtStep, material: Material) -> LookedUp:
    name = f"Step {state.step:,}" if state.step else "Start"
    run = own_route(material)
    if run is None or state.step not in run.steps:
        return name, state.step, None
    return name, state.step, run.states[run.steps.index(state.step)]


@look_up.register
def _(state: BranchEnd, material: Material) -> LookedUp:
    return f"End of run {state.number}", None, None


@look_up.register
def _(state: RunnerEnd, material: Material) -> LookedUp:
    route = _route(material, state.id)
    if route is None or not route.steps:
        return f"Runner {state.id}", None, None
    return route.name, route.steps[route.at], route.states[route.at]
