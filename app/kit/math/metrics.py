"""How large letters and signs are in STIX Two Math, the face that ziamath draws with.

All lengths are in units of a letter of the size 20.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Extent:
    """A part of a formula: how wide it is, and how far it reaches up and down from its line."""

    width: float = 0.0
    ascent: float = 0.0
    descent: float = 0.0

    def beside(self, other: Extent) -> Extent:
        """Both, one behind the other."""
        return Extent(
            self.width + other.width,
            max(self.ascent, other.ascent),
            max(self.descent, other.descent),
        )

    def wider(self, by: float) -> Extent:
        """With room beside it."""
        return replace(self, width=self.width + by)


_LOW, TALL, _DEEP = (9.6, 0.2), (14.1, 0.2), (9.6, 4.4)
_CAPITAL, _DIGIT = (13.2, 0.2), (12.9, 0.25)
_WIDTHS = {
    _LOW: {
        "a": 11.1, "c": 8.3, "e": 8.5, "m": 16.6, "n": 11.3, "o": 9.7, "r": 8.2, "s": 7.7,
        "t": 6.8, "u": 11.3, "v": 10.1, "w": 14.5, "x": 11.2, "z": 9.9, "alpha": 11.7,
        "varepsilon": 7.9, "sigma": 11.4, "tau": 9.3, "pi": 12.7, "omega": 13.2, ":": 4.9,
    },
    TALL: {
        "b": 10.4, "d": 11.1, "h": 11.4, "i": 5.5, "k": 10.7, "l": 5.6, "delta": 10.4,
        "theta": 10.3, "lambda": 10.5, "partial": 9.6, "ell": 10.6, "/": 7.7, "'": 5.7,
    },
    _DEEP: {"g": 10.1, "p": 12.0, "q": 10.3, "y": 10.2, "mu": 11.8, "eta": 10.2, "rho": 10.9,
            "varphi": 12.1},
    (14.2, 4.4): {"f": 11.5, "j": 8.6, "beta": 11.0, "|": 4.3, "\\|": 7.5},
    (9.5, 4.3): {"gamma": 10.0},
    _CAPITAL: {
        "A": 13.6, "B": 11.9, "C": 13.1, "D": 14.0, "E": 12.3, "F": 11.7, "G": 13.9, "H": 15.1,
        "J": 8.0, "K": 13.1, "L": 11.4, "M": 17.4, "N": 14.3, "T": 12.2, "Omega": 15.5,
        "Phi": 14.4, "nabla": 15.0,
    },
    (14.7, 3.9): {"(": 7.1, ")": 7.1, "[": 7.0, "]": 7.0, "\\{": 6.5, "\\}": 6.5, "lfloor": 7.0,
                  "rfloor": 7.0},
    _DIGIT: dict.fromkeys("0123456789", 9.9),
    (2.3, 0.2): {".": 4.9},
    (2.4, 2.6): {",": 4.8},
    (8.8, 0.0): {"infty": 19.1, "cdots": 19.1},
}  # fmt: skip
LETTERS = {key: Extent(wide, *high) for high, row in _WIDTHS.items() for key, wide in row.items()}
SIGNS = {
    "+": Extent(25.7, 11.2, 0.8), "-": Extent(25.7, 5.9, 0.0), "=": Extent(27.9, 7.9, 0.0),
    "leftarrow": Extent(32.5, 9.2, 0.0), "cdot": Extent(14.7, 6.4, 0.0),
    "times": Extent(22.0, 10.8, 0.5),
    "<": Extent(27.5, 10.9, 0.5), ">": Extent(27.5, 10.9, 0.5), "le": Extent(27.5, 12.5, 2.1),
    "ge": Extent(27.5, 12.5, 2.1), "ne": Extent(27.5, 13.6, 3.2), "sim": Extent(27.5, 7.4, 0.0),
    "in": Extent(27.5, 10.9, 0.5),
}  # fmt: skip
BARE = {"+": 14.4, "-": 14.4}
"""Of a sign before a number, which has no room around it."""
WORDS = {"max": 40.5, "min": 38.7, "ln": 23.0, "sin": 30.5, "cos": 32.0, "tanh": 44.8,
          "arctan": 64.0}  # fmt: skip
NARROW, UPRIGHT, WIDE = 6.2, 9.7, 16.5
