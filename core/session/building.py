"""What runs are built on, data and device, why on that one, and what a snapshot says of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import torch

from core.data import Dataset, DataShape, DataSource
from core.diagnosis.matching import UnsuitedLoss
from core.errors import UserError
from core.experiment.by_hand import ByHand, still_fitting
from core.experiment.fit import check, check_batches
from core.experiment.layers import Layer, Residual, infer_shapes
from core.experiment.network import Network, blocks_of
from core.experiment.spec import Device, ExperimentSpec
from core.messages.events import Event, Notice
from core.messages.snapshot import DataSummary, DeviceReport, LayerSummary, RunState
from core.messages.surface_views import read_only
from core.sentence import Sentence
from core.training.past import Memento
from core.training.run import Run
from core.training.state import on_cpu
from core.training.trainer import Trainer

COPY_EVERY = 2.0
"""Seconds between two copies of a state on a GPU, which may take its memory along."""


class Builder:
    """Builds the runs of a session, and knows what the present one stands on.

    Args:
        emit: Takes the runs' events, and what is told of their device.
        live: Whether a person watches.

    Attributes:
        device: Where the run computes; None before the first.
        data: Its data, as a snapshot tells of them.
        layers: Those of its network.
    """

    def __init__(self, emit: Callable[[Event], None], *, live: bool) -> None:
        self.device: DeviceReport | None = None
        self.data: DataSummary | None = None
        self.layers: tuple[LayerSummary, ...] = ()
        self._emit = emit
        self._live = live
        self._loaded: tuple[object, Dataset] | None = None
        self._copy: Memento | None = None
        self._copied_at = 0.0

    def on_a_device_here(self, spec: ExperimentSpec) -> ExperimentSpec:
        """The same experiment on a device that this computer has: it may come from another."""
        try:
            choose_device(spec.device, spec.data.shape())
        except NoSuchDevice as error:
            self._emit(Notice(error.sentence))
            return spec.model_copy(update={"device": "auto"})
        return spec

    def build(self, spec: ExperimentSpec) -> Run:
        """A run with new weights, on new data where these are others; all or nothing.

        Raises:
            UserError: The data cannot be read, or the network does not fit them.
        """
        shape = spec.data.shape()
        check(spec, shape)
        source, loaded = (spec.data, spec.seed), self._loaded
        if loaded is None or loaded[0] != source:
            loaded = (source, spec.data.load(spec.seed))
        data = loaded[1]
        check_batches(spec, len(data.train_inputs))
        device = choose_device(spec.device, shape)
        run = self._run(spec, data, device)
        if loaded is not self._loaded:
            self.data = data_summary(spec.data, data)
            self._tell_of_data(spec, data)
        self._loaded, self.device = loaded, device
        self.layers = layer_summaries(run.trainer.network)
        self._copy, self._copied_at = None, 0.0
        return run

    def _tell_of_data(self, spec: ExperimentSpec, data: Dataset) -> None:
        """What was found in them, and whether the loss suits it: before a step is taken."""
        told, finding = spec.data.found(data), UnsuitedLoss().of(data.shape, spec.loss)
        if finding is not None:
            self._emit(Notice(told or finding.says, "data", finding))
        elif told is not None:
            self._emit(Notice(told, "data"))

    def _run(self, spec: ExperimentSpec, data: Dataset, device: DeviceReport) -> Run:
        where, live = torch.device(device.name), self._live
        trainer = Trainer(spec, check(spec, data.shape), data, where, accuracy=live)
        return Run(trainer, self._emit, live=live)

    def keep(self, run: Run) -> None:
        """Copies the run's state, if it lies on another device and it is time again."""
        if run.trainer.device.type != "cpu" and perf_counter() - self._copied_at > COPY_EVERY:
            self._copy = run.memento(on_cpu(run.trainer.state()))
            self._copied_at = perf_counter()

    def fall_back(self, run: Run, reason: str) -> Run:
        """The same run on the CPU, from its last safe state."""
        assert self.device is not None
        assert self._loaded is not None
        failed = self.device.label
        self.device = DeviceReport("cpu", "CPU", f"{failed} failed: {reason}")
        kept = self._newest(run)
        heir = self._run(run.trainer.spec, self._loaded[1], self.device)
        if kept is not None:
            heir.resume(kept)
        if run.state is RunState.RUNNING:
            heir.start()
        self._emit(
            Notice(
                Sentence(
                    "{device} failed ({reason}); the run goes on on the CPU from step {step}.",
                    "Choose a smaller batch or network to go back to it.",
                    device=failed,
                    reason=reason,
                    step=heir.trainer.step,
                )
            )
        )
        return heir

    def _newest(self, run: Run) -> Memento | None:
        """The run's last safe state if the device still gives it out, else the last copy."""
        try:
            return run.memento(on_cpu(run.past.safe))
        except RuntimeError:
            return self._copy


class NoSuchDevice(UserError):  # noqa: N818  reads as UserError does
    """A device was asked for that this computer has not."""


def choose_device(wanted: Device, data: DataShape) -> DeviceReport:
    """The device for an experiment.

    Auto takes a GPU for images only, since for small inputs starting a GPU's kernels takes longer
    than the arithmetic.

    Raises:
        NoSuchDevice: The device asked for is not there.
    """
    present = gpu()
    if wanted == "cpu":
        return DeviceReport("cpu", "CPU", "You chose the CPU.")
    if wanted != "auto":
        if present is not None and present.name == wanted:
            return replace(present, reason="You chose this device.")
        raise NoSuchDevice(
            "This computer offers PyTorch no {device} device.",
            "Choose auto or cpu; for a graphics card, install its driver and PyTorch's build "
            "for it.",
            device=wanted.upper(),
        )
    if present is None:
        return DeviceReport("cpu", "CPU", "PyTorch finds no graphics processor here.")
    if len(data.input_shape) == 3:
        reason = "Image networks train faster on the graphics processor."
        return replace(present, reason=reason)
    return DeviceReport(
        "cpu", "CPU", "For so small inputs the CPU is faster than starting the GPU's kernels."
    )


def gpu() -> DeviceReport | None:
    """The graphics processor that PyTorch can use, if there is one."""
    if torch.cuda.is_available():
        return DeviceReport("cuda", torch.cuda.get_device_name(), "")
    if torch.backends.mps.is_available():
        return DeviceReport("mps", "Apple GPU", "")
    return None


def is_device_failure(error: BaseException) -> bool:
    """Whether an exception means that the device failed or ran out of memory, not the program."""
    if isinstance(error, torch.OutOfMemoryError | torch.AcceleratorError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and any(
        word in text for word in ("CUDA error", "MPS backend", "cuDNN error", "CUBLAS")
    )


def same_structure(before: ExperimentSpec, after: ExperimentSpec) -> bool:
    """Whether the run can go on under the new description as it is."""
    return all(
        getattr(before, part) == getattr(after, part)
        for part in ("data", "layers", "loss", "seed", "device", "fault")
    )


def same_weights(before: ExperimentSpec, after: ExperimentSpec) -> bool:
    """Whether the trained weights still fit: only loss, activations or device have changed."""
    return (
        before.data == after.data
        and before.seed == after.seed
        and before.fault == after.fault
        and type(before.optimizer) is type(after.optimizer)
        and [_weights_of(layer) for layer in before.layers]
        == [_weights_of(layer) for layer in after.layers]
    )


def _weights_of(layer: Layer) -> object:
    """What decides a layer's weights: everything but its activation."""
    if isinstance(layer, Residual):
        return ("residual", tuple(_weights_of(inner) for inner in layer.layers))
    return layer.model_dump(exclude={"activation"})


def still_by_hand(spec: ExperimentSpec, before: ExperimentSpec, run: Run | None) -> ExperimentSpec:
    """A changed description without what was set by hand in layers or data that are others now."""
    by_hand = spec.by_hand
    if by_hand == ByHand():
        return spec
    if spec.data != before.data:
        by_hand = by_hand.model_copy(update={"inputs": {}})
    if run is not None and not same_weights(before, spec):
        after = infer_shapes(spec.layers, spec.data.shape().input_shape)
        by_hand = still_fitting(by_hand, run.trainer.network.shapes, after)
    return spec.model_copy(update={"by_hand": by_hand})


def data_summary(source: DataSource, data: Dataset) -> DataSummary:
    """The data as loaded, test samples included as read-only views."""
    return DataSummary(
        source.label,
        data.shape.task,
        data.shape.input_shape,
        data.shape.outputs,
        len(data.train_inputs),
        len(data.test_inputs),
        read_only(data.test_inputs.numpy()),
        read_only(data.test_labels.numpy()),
        data.class_names,
        data.feature_names,
        data.target_names,
    )


def layer_summaries(network: Network) -> tuple[LayerSummary, ...]:
    """The layers as built, those inside residual groups after their group."""
    return tuple(
        LayerSummary(
            block.shape.path,
            block.shape.name,
            block.shape.input_shape,
            block.shape.output_shape,
            sum(parameter.numel() for parameter in block.parameters()),
        )
        for block in blocks_of(network)
    )
