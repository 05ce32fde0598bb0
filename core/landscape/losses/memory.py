"""Whether a surface fits into the memory, asked beforehand and told when it did not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from core.errors import UserError

SHARE = 0.8
"""Of what is free, so that the window and training still find some."""


def free(device: torch.device) -> int | None:
    """Bytes that can still be had on a device; None where the system does not tell."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    told = Path("/proc/meminfo")
    if device.type != "cpu" or not told.exists():
        return None
    lines = (line.split() for line in told.read_text().splitlines())
    sizes = {words[0]: int(words[1]) * 1024 for words in lines}
    return sizes.get("MemAvailable:")


def check(need: int, samples: int, device: torch.device) -> None:
    """Refuses to need so many bytes, in proportion to the samples, where they would not fit.

    Asked beforehand, since Linux grants more than there is.

    Raises:
        UserError: It does not fit; says how many samples would.
    """
    there = free(device)
    if there is None or need <= there * SHARE:
        return
    fits = int(samples * there * SHARE / need)
    hint = "Choose {fits} samples or fewer." if fits else "Close other programs, or try fewer."
    raise UserError(
        "A loss surface over {samples} samples of this network needs {need} of memory, "
        "and {free} are free.",
        hint,
        samples=samples,
        need=_in_words(need),
        free=_in_words(there),
        fits=fits,
    )


def _in_words(count: int) -> str:
    return f"{count / 2**30:.1f} GB" if count >= 2**30 else f"{count / 2**20:.0f} MB"


@contextmanager
def guarded(samples: int) -> Iterator[None]:
    """Says a failed allocation, on whichever device, so that something can be done about it.

    Raises:
        UserError: There was not enough memory.
    """
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not _is_lack_of_memory(error):
            raise
        raise UserError(
            "There is not enough memory for a loss surface over {samples} samples.",
            "Choose {fewer} samples or fewer.",
            samples=samples,
            fewer=max(1, samples // 2),
        ) from error


def _is_lack_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error)
    return any(words in text for words in ("not enough memory", "can't allocate memory"))
