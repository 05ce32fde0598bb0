"""Which states of a long route are looked at."""

from __future__ import annotations


def evenly(count: int, most: int, at: int = -1) -> list[int]:
    """Indices into a row of ``count``, evenly spread: the first, the last, and ``at`` among them.

    The stride is a power of two, so that a route that grows keeps the states it was thinned to:
    what was found out about them need not be computed anew.

    Args:
        count: How long the row is.
        most: No more indices than this; at least 4.
        at: Where the route stands; negative ones count from the end.

    Returns:
        Rising; all of them where they are few enough.
    """
    stride = 1
    while count > most and -(-count // stride) + 2 > most:
        stride *= 2
    kept = set(range(0, count, stride))
    if count:
        kept |= {count - 1, at % count}
    return sorted(kept)
