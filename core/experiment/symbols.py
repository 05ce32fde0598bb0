"""What the textbook calls the numbers that a network learns: w₂,₁ and b₃."""

from __future__ import annotations

from collections.abc import Mapping

_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def letter(parameter: str, shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Of a parameter: w or b; batch norm's scale and shift are γ and β.

    Args:
        parameter: ``0.weight``.
        shapes: Of all parameters of the network.
    """
    owner, _, kind = parameter.rpartition(".")
    scales = len(shapes.get(f"{owner}.weight", ())) == 1
    return {"weight": "γ" if scales else "w", "bias": "β" if scales else "b"}.get(kind, kind)


def symbol(parameter: str, index: tuple[int, ...], shapes: Mapping[str, tuple[int, ...]]) -> str:
    """Of one number, with indices counted from 1: ``w₂,₁``."""
    places = ",".join(str(i + 1) for i in index)
    return letter(parameter, shapes) + places.translate(_LOWERED)
