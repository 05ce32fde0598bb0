"""What the window asks of the system's memory allocator."""

from __future__ import annotations

import ctypes
import sys

M_ARENA_MAX = -8
"""glibc's name for the setting, from malloc.h."""


def limit_arenas() -> None:
    """Has glibc's allocator share two arenas among all threads.

    It otherwise gives each thread its own and returns none of it: after some hundred engines had
    come and gone, as much memory again was taken as was in use. It heeds this only before the
    first thread starts.
    """
    if sys.platform == "linux":
        try:
            ctypes.CDLL("libc.so.6").mallopt(M_ARENA_MAX, 2)
        except (OSError, AttributeError):
            return  # another libc, which has no such arenas
