"""Experiments as the command line names them: a preset, a description, or saved weights."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError
from torch import Tensor

from core.data import DataSource
from core.data.idx_folder import IdxFolder
from core.data.mnist import Mnist
from core.errors import UserError
from core.experiment.fit import fitted
from core.experiment.spec import ExperimentSpec, explain, read_spec
from core.experiment.weights import load_weights, write_into
from core.presets import PRESETS
from core.session.session import Session
from core.training import warmup
from core.training.trainer import Trainer


@dataclass(frozen=True, eq=False)
class Opened:
    """An experiment, and the weights that it goes on from if it came with any.

    Attributes:
        spec: The experiment.
        source: The file's name; empty for a preset.
        tensors: By name; None for new weights.
        step: When the weights were saved.
    """

    spec: ExperimentSpec
    source: str = ""
    tensors: dict[str, Tensor] | None = None
    step: int = 0


def opened(name: str) -> Opened:
    """The preset of that name, or what a file holds.

    Args:
        name: A preset; a ``.safetensors`` that Chainrule saved; any other file is a description
            in JSON.

    Raises:
        UserError: There is neither, or the file is damaged.
    """
    if name in PRESETS:
        return Opened(PRESETS[name].spec)
    path = Path(name)
    if path.suffix.lower() == ".safetensors":
        spec, tensors, step = load_weights(path)
        return Opened(spec, path.name, tensors, step)
    if not path.exists():
        raise UserError(
            "There is neither a preset nor a file {name}.",
            "The presets are: {names}.",
            name=path,
            names=", ".join(PRESETS),
        )
    return Opened(read_spec(path), path.name)


def changed(spec: ExperimentSpec, fields: Mapping[str, Any], source: str) -> ExperimentSpec:
    """The experiment with other values of some fields; those that are None stay as they are.

    Raises:
        UserError: A value is not allowed in what is called ``source``.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        return ExperimentSpec.model_validate(dict(spec) | given)
    except ValidationError as error:
        raise explain(error, source) from None


def on_folder(spec: ExperimentSpec, folder: str) -> ExperimentSpec:
    """The experiment on the IDX files of a folder in the place of its own data.

    Digits as MNIST has them keep the size that the experiment reads them in. Other sets are
    taken as they are, and loss and output layer are fitted to them.

    Raises:
        UserError: The folder holds no such files, or they are damaged.
    """
    absolute = str(Path(folder).expanduser().absolute())
    data: DataSource = IdxFolder(folder=absolute)
    if isinstance(spec.data, Mnist):
        digits = spec.data.model_copy(update={"folder": absolute})
        if spec.data.size != 28 or _suits(digits):
            digits.shape()
            return changed(spec, {"data": digits}, "--data")
    return fitted(changed(spec, {"data": data}, "--data"), data.shape())


def _suits(data: DataSource) -> bool:
    try:
        data.shape()
    except UserError:
        return False
    return True


def ready(experiment: Opened, session: Session) -> Trainer:
    """Loads a session made of the experiment's description, and puts its weights in.

    Raises:
        UserError: The data cannot be read, or something does not fit.
    """
    use_one_thread()
    warmup.begin()
    try:
        session.load()
    finally:
        warmup.finish()  # a process that ends in the middle of an import prints a traceback
    assert session.run is not None
    if experiment.tensors is not None:
        write_into(session.run.trainer.network, experiment.tensors, experiment.source)
        session.run.adopt(experiment.step)
    return session.run.trainer


def begun(name: str, seed: int | None, *, sound: bool = False) -> tuple[Session, Trainer]:
    """A session of an experiment on the CPU, and its trainer, which is ready.

    Args:
        name: As :func:`opened` takes it.
        seed: In the place of the experiment's own; None for that.
        sound: Whether it must not be broken on purpose.

    Raises:
        UserError: As :func:`opened` and :func:`ready`; or it is broken.
    """
    experiment = opened(name)
    if sound and experiment.spec.fault is not None:
        raise UserError(
            "{name} is broken on purpose: its loss has no surface, and no race.",
            "Trace it to see what its code computes, or take its fault away first.",
            name=name,
        )
    spec = changed(experiment.spec, {"seed": seed, "device": "cpu"}, name)
    session = Session(spec, lambda _event: None, live=False)
    return session, ready(experiment, session)


def broken_line(spec: ExperimentSpec) -> str:
    """What is wrong with a broken experiment, on one line; empty for a sound one."""
    return f"Broken on purpose: {spec.fault.label}." if spec.fault is not None else ""


def use_one_thread() -> None:
    """Computes on one core, unless OMP_NUM_THREADS says otherwise; before torch's first operation.

    So a seed gives the very bits here that it gives in the window. Measured on two cores: both
    make ``cnn-mnist`` 1.7 times as fast while the machine is idle, and up to fourteen times
    slower while it is not; dense networks gain nothing.
    """
    if "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)
