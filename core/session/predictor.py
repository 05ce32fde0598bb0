"""Work beside a run, on copies of its weights: here, reading drawn digits."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.courtesy import Courtesy
from core.data.drawing import mnist_input
from core.data.mnist import area_weights
from core.experiment.layers import LayerShape
from core.experiment.network import Network
from core.messages.events import Prediction
from core.messages.surface_views import Floats
from core.session.doubts import doubts_of

log = logging.getLogger(__name__)

FRESH_SECONDS = 1.0
"""How long after a request new weights are still worth copying while a run goes on."""


@dataclass(frozen=True, eq=False)
class Weights:
    """A copy of a network's tensors, published for work beside the run.

    Attributes:
        shapes: Of the network they belong to; a new network has new ones.
        tensors: By name, on the CPU, never written again.
        class_names: One an output.
        step: When they were copied.
    """

    shapes: tuple[LayerShape, ...]
    tensors: dict[str, Tensor]
    class_names: tuple[str, ...]
    step: int


@dataclass(frozen=True, eq=False)
class _Request:
    """The number that the answer will carry, and what :meth:`Predictor.ask` was given."""

    number: int
    drawing: NDArray[Any] | None
    exact: bool
    pasted: bool


class Predictor:
    """A thread that answers the newest drawing with the newest weights.

    Requests that a newer one has overtaken are dropped unread. The answer is handed to
    ``on_prediction`` in this thread.
    """

    def __init__(self, on_prediction: Callable[[Prediction], None]) -> None:
        self._on_prediction = on_prediction
        self.courtesy = Courtesy()
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._weights: Weights | None = None
        self._numbers = 0
        self._asked_at = -FRESH_SECONDS
        self._network: Network | None = None
        self._loaded: Weights | None = None
        self._thread = threading.Thread(target=self._serve, name="chainrule-predictor")

    @property
    def is_wanted(self) -> bool:
        """Whether somebody has asked lately, so that new weights are worth copying."""
        return perf_counter() - self._asked_at < FRESH_SECONDS

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread and waits for it."""
        self._requests.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def publish(self, weights: Weights | None) -> None:
        """Makes weights the newest; None: there is no network that reads digits."""
        self._weights = weights

    def ask(self, drawing: NDArray[Any] | None, *, exact: bool, pasted: bool = False) -> int:
        """Asks about a drawing; returns the number that the answer will carry.

        Args:
            drawing: As :func:`network_input` takes it; None for an empty pad.
            exact: It is an input as the network takes it.
            pasted: It is a picture from elsewhere, whose answer is looked at more closely.
        """
        self._numbers += 1
        self._asked_at = perf_counter()
        self.courtesy.begin()
        self._requests.put(_Request(self._numbers, drawing, exact, pasted))
        return self._numbers

    def _serve(self) -> None:
        torch.set_num_threads(1)
        while (request := self._newest()) is not None:
            try:
                self._on_prediction(self._answer(request))
            except Exception:
                log.exception("a prediction failed")
            if self._requests.empty():
                self.courtesy.end()

    def _newest(self) -> _Request | None:
        request = self._requests.get()
        while request is not None and not self._requests.empty():
            request = self._requests.get()
        return request

    def _answer(self, request: _Request) -> Prediction:
        number, weights = request.number, self._weights
        if weights is None or request.drawing is None:
            return Prediction(number, None, None)
        shape, names = weights.shapes[0].input_shape, weights.class_names
        seen = network_input(request.drawing, shape, exact=request.exact)
        if seen is None:
            return Prediction(number, None, None, names, weights.step)
        network = self._network_with(weights)
        probabilities = probabilities_of(network, seen)
        read = partial(probabilities_of_each, network) if request.pasted else None
        doubts = doubts_of(seen, probabilities, names, read)
        return Prediction(number, seen, probabilities, names, weights.step, doubts)

    def _network_with(self, weights: Weights) -> Network:
        if self._loaded is not weights:
            if self._network is None or self._network.shapes is not weights.shapes:
                self._network = Network(weights.shapes, seed=0).eval()
            # What a fault keeps beside the weights is none of them.
            own = {name: weights.tensors[name] for name in self._network.state_dict()}
            self._network.load_state_dict(own)
            self._loaded = weights
        assert self._network is not None
        return self._network


def network_input(
    drawing: NDArray[Any], input_shape: tuple[int, ...], *, exact: bool
) -> Floats | None:
    """What an image network is given for a drawing.

    Args:
        drawing: (h, w) ink 0..255 or 0..1; with ``exact`` an input that is ready, uint8 or float.
        input_shape: (1, height, width) of the network.
        exact: Not to be centred and scaled.

    Returns:
        (height, width) float32 in 0..1; None for an empty drawing.
    """
    if exact:
        if drawing.shape != input_shape[1:]:  # of data that have just been exchanged
            return None
        scale = 255 if drawing.dtype == np.uint8 else 1
        return np.ascontiguousarray(drawing, np.float32) / np.float32(scale)
    image = mnist_input(drawing)
    if image is None or image.shape == input_shape[1:]:
        return image
    rows = area_weights(image.shape[0], input_shape[1])
    columns = area_weights(image.shape[1], input_shape[2])
    return (rows @ image @ columns.T).astype(np.float32, copy=False)


def probabilities_of(network: Network, seen: Floats) -> Floats:
    """(classes,) float32 summing to 1: softmax of the outputs, whatever the output activation."""
    of_it: Floats = probabilities_of_each(network, seen[None])[0]
    return of_it


def probabilities_of_each(network: Network, seen: Floats) -> Floats:
    """(n, classes) float32, the same of each of ``(n, height, width)`` inputs."""
    with torch.inference_mode():
        x = torch.from_numpy(seen)[:, None]
        z = network(x)
        a = network.activate(z)
        if a.shape[1] == 1:  # one output tells two classes apart and stands for the second
            second = a.clamp(0, 1)
            a = torch.cat([1 - second, second], 1)
        total = a.sum(1)
        # An output that is no distribution (sigmoids, identity) is turned into one.
        is_distribution = (a >= 0).all() and torch.isclose(total, torch.ones(())).all()
        return (a if is_distribution else z.softmax(1)).numpy()
