"""What the program asks of the system's memory allocator."""

from __future__ import annotations

import ctypes
import sys

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""glibc's names for the settings, from malloc.h."""

HELD = 64 * 2**20
"""Bytes of freed memory that are held for the next step instead of being given back."""

MAPPED = 32 * 2**20
"""Bytes from which a tensor has pages of its own, given back with it; the most glibc allows."""


def settle() -> None:
    """Suits glibc's allocator to training, before the first thread starts.

    It would give each thread an arena of its own and return none of it: after some hundred engines
    had come and gone, as much memory again was taken as was in use. And it would return the memory
    of one step's gradients only to ask for it anew in the next, in pages that the system must
    first clear: up to 20,000 of them in 1,800 steps of a small network.
    """
    if sys.platform != "linux":
        return
    try:
        set_option = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return  # another libc, which works otherwise
    set_option(M_ARENA_MAX, 2)
    set_option(M_MMAP_THRESHOLD, MAPPED)
    set_option(M_TRIM_THRESHOLD, HELD)
