"""The number that stands where one is asked for: a NaN with a mark, shown as a question mark.

What is worked out from it is marked as well, for arithmetic hands a NaN's bits on. So nothing on
the screen can tell a number that a person is about to work out, whichever way it would come there.
"""

from __future__ import annotations

import struct

_MARK = 0x40A5CE
"""The fraction's bits of a float32, the quiet one among them."""
_BITS = 0x7FF << 52 | _MARK << 29
"""The same number in a float64: both ways of casting keep the mark."""
_SIGN = 1 << 63

HIDDEN: float = struct.unpack("<d", struct.pack("<Q", _BITS))[0]
SIGN_OF_HIDDEN = "?"
"""What is shown of it."""


def is_hidden(value: float) -> bool:
    """Whether it is the number asked for, or was worked out from it; a NaN of its own is not."""
    if value == value:  # noqa: PLR0124 - all but a NaN, and quicker than a call
        return False
    bits: int = struct.unpack("<Q", struct.pack("<d", value))[0]
    return bits & ~_SIGN == _BITS
