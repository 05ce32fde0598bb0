"""The paths with the largest products, one after another: best-first search.

What lies ahead of each number is known beforehand as a bound on its best product (the outlook), so
only what is on one of the best paths is ever looked at: A* (Hart, Nilsson and Raphael 1968) over
products in the place of sums.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from core.debugger.why.graph import LOSS, PENALTY, Ahead, Graph
from core.debugger.why.hops import Hop

PATIENCE = 20_000
"""Numbers looked at before the search ends with the paths that it has."""


@dataclass(frozen=True, eq=False)
class Followed:
    """A path as far as it has been followed.

    Attributes:
        before: As far as the number before; None at its beginning.
        hop: The operation that led to the number; None at the beginning.
        place: Where the number stands.
        local: The local derivative.
        product: Of all local derivatives so far.
    """

    before: Followed | None
    hop: Hop | None
    place: int
    local: float = 1.0
    product: float = 1.0

    def steps(self) -> list[Followed]:
        """All of it, from the beginning on."""
        found, here = [self], self.before
        while here is not None:
            found.append(here)
            here = here.before
        return found[::-1]


Waiting = tuple[float, int, Followed, Ahead, int]
"""By what its product is smaller than; then the trail, what is ahead, and which of that is next."""


def largest(graph: Graph, begins: list[tuple[Followed, Ahead]]) -> Iterator[Followed]:
    """Whole paths, the largest product first; none that comes to nothing, and none twice.

    Args:
        graph: The step.
        begins: Where they begin, and what is ahead there.
    """
    numbers = count()
    waiting: list[Waiting] = []
    for trail, ahead in begins:
        _wait(waiting, next(numbers), trail, ahead, 0)
    while waiting and next(numbers) < PATIENCE:
        _, _, before, ahead, chosen = heappop(waiting)
        _wait(waiting, next(numbers), before, ahead, chosen + 1)
        hop, local = ahead.hops[chosen], float(ahead.locals[chosen])
        place = int(ahead.places[chosen])
        trail = Followed(before, hop, place, local, before.product * local)
        if hop.to in (LOSS, PENALTY):
            yield trail
        else:
            _wait(waiting, next(numbers), trail, graph.ahead(hop.to, place), 0)


def _wait(waiting: list[Waiting], number: int, trail: Followed, ahead: Ahead, chosen: int) -> None:
    if chosen < len(ahead.hops):
        bound = abs(trail.product) * float(ahead.bounds[chosen])
        heappush(waiting, (-bound, number, trail, ahead, chosen))
