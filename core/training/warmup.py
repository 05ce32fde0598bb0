"""The parts of torch that recording a step needs, imported beside the work.

They take a second to import (torch._dynamo and what it needs); the first optimizer with state
needs them too. Until they are there, steps are taken plainly: the bits are the same.
"""

from __future__ import annotations

import threading

import torch

_lock = threading.Lock()
_done = threading.Event()
_thread: threading.Thread | None = None


def begin() -> None:
    """Starts importing, once a process; returns at once."""
    global _thread  # noqa: PLW0603  one a process, as the import it does
    with _lock:
        if _thread is None:
            _thread = threading.Thread(target=_import, name="torch-warm-up", daemon=True)
            _thread.start()


def is_done() -> bool:
    """Whether a step can be recorded without waiting for an import."""
    return _done.is_set()


def finish() -> None:
    """Waits until a step can be recorded."""
    begin()
    _done.wait()


def _import() -> None:
    try:
        _import_recording()
    finally:
        _done.set()  # a step that cannot be recorded says itself what is missing


def _import_recording() -> None:
    torch.set_num_threads(1)
    from torch.fx.experimental.proxy_tensor import make_fx

    parameter = torch.zeros(2, requires_grad=True)
    make_fx(lambda x: torch.autograd.grad(x.square().sum(), x))(parameter)
    parameter.grad = torch.zeros(2)
    torch.optim.Adam([parameter], fused=True).step()
