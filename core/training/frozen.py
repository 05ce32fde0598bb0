"""Single numbers that training must leave as they are."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor


class Frozen:
    """Puts chosen numbers back after an update, whatever momentum or decay would make of them.

    Args:
        places: By the index of a parameter, the flat indices of its numbers held, (k,) int64.
    """

    def __init__(self, places: Mapping[int, Tensor]) -> None:
        self._places = {index: held for index, held in places.items() if len(held)}
        self._values: dict[int, Tensor] = {}

    def __bool__(self) -> bool:
        """Whether anything is held."""
        return bool(self._places)

    def hold(self, parameters: list[Tensor]) -> None:
        """Remembers the numbers, before an update."""
        self._values = {
            index: parameters[index].flatten()[held] for index, held in self._places.items()
        }

    def put_back(self, parameters: list[Tensor]) -> None:
        """Writes them again, after it."""
        for index, held in self._places.items():
            parameters[index].put_(held, self._values[index])
