"""Which device to compute on, and why."""

from __future__ import annotations

import torch

from core.data import DataShape
from core.errors import UserError
from core.experiment.spec import Device
from core.messages.snapshot import DeviceReport


class NoSuchDevice(UserError):  # noqa: N818  reads as UserError does
    """A device was asked for that this computer has not."""


def choose(wanted: Device, data: DataShape) -> DeviceReport:
    """The device for an experiment.

    Args:
        wanted: What the description asks for.
        data: What is trained on: auto takes a GPU for images only, since for small inputs
            starting a GPU's kernels takes longer than the arithmetic.

    Raises:
        NoSuchDevice: The device asked for is not there.
    """
    present = gpu()
    if wanted == "auto":
        return _auto(present, data)
    if wanted == "cpu":
        return DeviceReport("cpu", "CPU", "You chose the CPU.")
    if present is None or present.name != wanted:
        raise NoSuchDevice(
            "This computer offers PyTorch no {device} device.",
            "Choose auto or cpu; for a graphics card, install its driver and PyTorch's build "
            "for it.",
            device=wanted.upper(),
        )
    return DeviceReport(present.name, present.label, "You chose this device.")


def gpu() -> DeviceReport | None:
    """The graphics processor that PyTorch can use, if there is one."""
    if torch.cuda.is_available():
        return DeviceReport("cuda", torch.cuda.get_device_name(), "")
    if torch.backends.mps.is_available():
        return DeviceReport("mps", "Apple GPU", "")
    return None


def _auto(present: DeviceReport | None, data: DataShape) -> DeviceReport:
    if present is None:
        return DeviceReport("cpu", "CPU", "PyTorch finds no graphics processor here.")
    if len(data.input_shape) == 3:
        return DeviceReport(
            present.name, present.label, "Image networks train faster on the graphics processor."
        )
    return DeviceReport(
        "cpu", "CPU", "For so small inputs the CPU is faster than starting the GPU's kernels."
    )


def is_device_failure(error: BaseException) -> bool:
    """Whether an exception means that the device failed or ran out of memory, not the program."""
    if isinstance(error, torch.OutOfMemoryError | torch.AcceleratorError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and any(
        word in text for word in ("CUDA error", "MPS backend", "cuDNN error", "CUBLAS")
    )
