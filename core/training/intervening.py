"""What a person changes by hand in a network and its data: numbers held, neurons, inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from core.data import Dataset
from core.errors import UserError
from core.experiment.by_hand import ByHand, GivenNumbers
from core.experiment.layers import Path, shape_text
from core.experiment.network import Network
from core.messages.breakpoints import Index, Interventions


class Frozen:
    """Puts chosen numbers back after an update, whatever momentum or decay would make of them.

    Args:
        places: By the index of a parameter, the flat indices of its numbers held, (k,) int64.
    """

    def __init__(self, places: Mapping[int, Tensor]) -> None:
        self._places = places
        self._values: dict[int, Tensor] = {}

    @classmethod
    def of(cls, network: Network, wanted: Interventions) -> Frozen:
        """What holds the numbers of a network that a person wants held."""
        places: dict[int, list[int]] = {}
        names, parameters = network.parameter_names(), list(network.parameters())
        for name, index in sorted(wanted.frozen):
            parameter = names.index(name)
            flat = int(np.ravel_multi_index(index, parameters[parameter].shape))
            places.setdefault(parameter, []).append(flat)
        device = parameters[0].device
        return cls({index: torch.tensor(held, device=device) for index, held in places.items()})

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


class ChangedInputs:
    """The training inputs that a person has changed, and what they were."""

    def __init__(self) -> None:
        self._original: dict[tuple[int, Index], Tensor] = {}

    def write(self, data: Dataset, wanted: Interventions) -> Dataset:
        """Writes those that are wanted, and all others as they were.

        Returns:
            The data; a copy at first, since they belong to the session, and to runs before and
            after this one.
        """
        if not self._original:
            data = replace(data, train_inputs=data.train_inputs.clone())
        inputs = data.train_inputs
        for (row, index), value in self._original.items():
            inputs[(row, *index)] = value
        for (row, index), number in wanted.inputs.items():
            self._original.setdefault((row, index), inputs[(row, *index)].clone())
            inputs[(row, *index)] = round(number * 255) if inputs.dtype == torch.uint8 else number
        return data


def write_number(network: Network, name: str, index: Index, value: float) -> None:
    """Writes one number of a parameter (``0.weight``)."""
    with torch.inference_mode():
        network.named()[name][index] = value


def write_start(network: Network, by_hand: ByHand) -> None:
    """Writes the first numbers that a description gives in the place of those drawn.

    Raises:
        UserError: The network has no such parameter or number, or it is of another shape.
    """
    parameters = network.named()
    for name, numbers in by_hand.start.items():
        shape = tuple(_parameter(parameters, name).shape)
        if numbers.shape not in (None, shape):
            raise UserError(
                "The first numbers of {name} are {found}, but it is {needed}.",
                "One row a unit, one number an input.",
                name=name,
                found=shape_text(numbers.shape or ()),
                needed=shape_text(shape),
            )
        for index, value in numbers.cells.items():
            _check_index(index, shape, name)
            write_number(network, name, index, value)


def interventions_of(network: Network, data: Dataset, by_hand: ByHand) -> Interventions:
    """What a description holds, silences and changes from the first step on.

    Raises:
        UserError: Network or data have no such parameter, number, neuron or input.
    """
    parameters, frozen = network.named(), set()
    for name, places in by_hand.frozen.items():
        shape = tuple(_parameter(parameters, name).shape)
        held = np.ndindex(shape) if places == "all" else iter(places)
        for index in held:
            _check_index(index, shape, name)
            frozen.add((name, index))
    knocked = {(path, unit) for path, units in by_hand.silenced.items() for unit in units}
    for path, unit in knocked:
        check_unit(network, path, unit)
    inputs = {}
    for row, numbers in by_hand.inputs.items():
        for index, value in numbers.cells.items():
            check_input(data, row, index)
            inputs[row, index] = value
    return Interventions(frozenset(frozen), frozenset(knocked), inputs)


def described(present: ByHand, interventions: Interventions, network: Network) -> ByHand:
    """The same description with what a person holds, silences and changes now."""
    places: dict[str, set[Index]] = {}
    for name, index in interventions.frozen:
        places.setdefault(name, set()).add(index)
    sizes = {name: parameter.numel() for name, parameter in network.named().items()}
    inputs: dict[int, GivenNumbers] = {}
    for (row, index), value in interventions.inputs.items():
        inputs[row] = inputs.get(row, GivenNumbers({})).with_number(index, value)
    return present.model_copy(
        update={
            "frozen": {
                name: "all" if len(held) == sizes[name] else frozenset(held)
                for name, held in sorted(places.items())
            },
            "silenced": interventions.units(),
            "inputs": inputs,
        }
    )


def _parameter(parameters: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in parameters:
        raise UserError(
            "The network has no parameter {name}.",
            "Its parameters are {names}.",
            name=name,
            names=", ".join(parameters),
        )
    return parameters[name]


def _check_index(index: Index, shape: tuple[int, ...], name: str) -> None:
    if not _fits(index, shape):
        raise UserError(
            "{name} has no number at {index}: it is {shape}.",
            "Indices are counted from 0.",
            name=name,
            index=",".join(map(str, index)),
            shape=shape_text(shape),
        )


def check_number(network: Network, name: str, index: Index) -> None:
    """Raises a UserError unless a parameter has such a number."""
    parameters = network.named()
    if name not in parameters or not _fits(index, parameters[name].shape):
        raise UserError("There is no such weight any more.")


def check_unit(network: Network, path: Path, unit: int) -> None:
    """Raises a UserError unless a layer has such a neuron, and may do without it."""
    inner = {layer.path: layer for layer in network.shapes_inside()}
    if path not in inner or not 0 <= unit < inner[path].output_shape[0]:
        raise UserError("There is no such neuron any more.")
    if path == network.shapes[-1].path:
        raise UserError(
            "The outputs cannot be knocked out.", "The loss compares each of them with its target."
        )


def check_input(data: Dataset, row: int, index: Index) -> None:
    """Raises a UserError unless a training sample has such a number."""
    if not _fits((row, *index), data.train_inputs.shape):
        raise UserError("There is no such input.")


def _fits(index: Index, shape: tuple[int, ...]) -> bool:
    return len(index) == len(shape) and all(0 <= i < n for i, n in zip(index, shape, strict=True))
