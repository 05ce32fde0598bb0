"""Which states of a long route are kept, and which are looked at."""

from __future__ import annotations

from collections.abc import Sequence


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


def is_kept(step: int, power: int) -> bool:
    """Whether a step's state is kept where those of the first steps matter most.

    Every step up to 2**power, every 2nd up to twice as far, every 4th up to four times, and so on:
    a rule of the step alone, so that all who follow it keep the same ones. With a power less by
    one, half of each part are left; below 0 they are the powers of two from 2**-power on.

    Args:
        step: Counted from 0, which is always kept.
        power: How many there are to be.
    """
    if step == 0:
        return True
    doublings = max(0, (step - 1).bit_length() - max(0, power))
    return step % (1 << doublings) == 0 and step >= 1 << max(0, -power)


def early(steps: Sequence[int], most: int, power: int) -> tuple[list[int], int]:
    """Indices into rising steps, of which the first are the last to be left out.

    Args:
        steps: From 0 on.
        most: No more indices than this; at least 1.
        power: See :func:`is_kept`; to begin with.

    Returns:
        Those kept, rising, and the power by which they are so few.
    """
    kept = [index for index, step in enumerate(steps) if is_kept(step, power)]
    while len(kept) > most:
        power -= 1
        kept = [index for index in kept if is_kept(steps[index], power)]
    return kept, power


def thinned(steps: Sequence[int], most: int, at: int, *, is_early: bool) -> list[int]:
    """Indices into a route's steps: :func:`evenly`, or the first of them rather than later ones.

    Args:
        steps: Rising.
        most: No more indices than this; at least 4.
        at: Where the route stands.
        is_early: Whether the first steps matter most.
    """
    count = len(steps)
    if not is_early or count <= most:
        return evenly(count, most, at)
    kept, _ = early(steps, most - 2, (most - 1).bit_length())
    return sorted({*kept, count - 1, at % count})


MOST_FUNCTION_STATES = 599
"""States kept on a test function, where they cost nothing but the time to draw them."""
