"""Weights in a safetensors file, with the experiment they belong to inside."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from core.errors import UserError
from core.experiment.network import Network
from core.experiment.spec import ExperimentSpec, spec_from_json
from core.writing import write_for_person

FORMAT = "chainrule-weights-1"


def save_weights(path: Path, spec: ExperimentSpec, network: Network, step: int) -> None:
    """Writes a file that :func:`load_weights` reads; an old one is replaced only when it is whole.

    Raises:
        UserError: It cannot be written; what stood there before still stands.
    """
    tensors = {
        name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()
    }
    metadata = {"format": FORMAT, "experiment": spec.to_json(), "step": str(step)}
    write_for_person(path, _in_order(save(tensors, metadata)))


def _in_order(content: bytes) -> bytes:
    """The same file with its header's names in order: the library writes them in one of chance.

    A safetensors file begins with the length of its header, 8 bytes, little-endian; the header is
    JSON, filled up with spaces so that the numbers behind it begin at a multiple of 8.
    """
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + size])
    spelt = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    spelt += b" " * (-len(spelt) % 8)
    return len(spelt).to_bytes(8, "little") + spelt + content[8 + size :]


def load_weights(path: Path) -> tuple[ExperimentSpec, dict[str, Tensor], int]:
    """The experiment, its tensors by name, and the step they were saved at.

    Nothing in the file is run: safetensors holds numbers and text only.

    Raises:
        UserError: It is missing, damaged, or not from Chainrule.
    """
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except FileNotFoundError:
        raise UserError("There is no file {path}.", "Check the name.", path=path) from None
    except (SafetensorError, OSError) as error:
        raise UserError(
            "{path} cannot be read as weights: {reason}.",
            "It may be cut off or of another kind; Chainrule reads the .safetensors it saved.",
            path=path,
            reason=error,
        ) from None
    if metadata.get("format") != FORMAT or "experiment" not in metadata:
        raise UserError(
            "{path} holds tensors, but no Chainrule experiment.",
            "Open a file that Chainrule saved.",
            path=path,
        )
    spec = spec_from_json(metadata["experiment"], path.name)
    step = metadata.get("step", "")
    # At most 12 digits: more could not be trained, and would not fit the curves' int64.
    return spec, tensors, int(step) if step.isdecimal() and len(step) <= 12 else 0


def write_into(network: Network, tensors: dict[str, Tensor], source: str) -> None:
    """Writes loaded tensors into a network, after checking every name, shape and type.

    Raises:
        UserError: They are not this network's, or not all finite; the network is left as it was.
    """
    live = network.state_dict(keep_vars=True)
    for name in sorted(live.keys() ^ tensors.keys()):
        raise UserError(
            "{source} does not fit its own network: the tensor {name} is {what}.",
            "The file was changed after it was saved; save it anew.",
            source=source,
            name=name,
            what="missing" if name in live else "not known",
        )
    for name, tensor in tensors.items():
        _check_tensor(name, tensor, live[name], source)
    with torch.inference_mode():
        for name, tensor in tensors.items():
            live[name].copy_(tensor)


def _check_tensor(name: str, tensor: Tensor, live: Tensor, source: str) -> None:
    if (tensor.shape, tensor.dtype) != (live.shape, live.dtype):
        raise UserError(
            "{source}: the tensor {name} is {found}, but the network needs {needed}.",
            "The file was changed after it was saved; save it anew.",
            source=source,
            name=name,
            found=f"{tensor.dtype} {json.dumps(list(tensor.shape))}",
            needed=f"{live.dtype} {json.dumps(list(live.shape))}",
        )
    if not bool(tensor.isfinite().all()):
        raise UserError(
            "{source}: the tensor {name} holds numbers that are not finite.",
            "Open weights saved before the training diverged.",
            source=source,
            name=name,
        )
