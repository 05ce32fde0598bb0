"""Imports the engine behind the first paint, in a thread, so that the window never waits for it."""

from __future__ import annotations

import ctypes
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QObject, Signal

LIBRARIES = (
    "torch_global_deps",
    "gomp",
    "iomp5",
    "iomp5md",
    "omp",
    "c10",
    "torch_cpu",
    "torch",
    "shm",
    "torch_python",
)
"""In the order in which they need one another; those that a platform has not are left out."""

SWITCH_SECONDS = 0.0005
"""How soon the window gets Python's lock back while modules are being executed."""


class Loader(QObject):
    """Brings torch and the engine in, step by step.

    ``finished`` comes when all is there; ``failed`` with the sentence and the traceback when
    torch or something else of it is missing or damaged.
    """

    progressed = Signal(int, int)
    finished = Signal()
    failed = Signal(str, str)

    def start(self) -> None:
        """Begins, and returns at once."""
        threading.Thread(target=self._load, name="loading", daemon=True).start()

    def warm_up(self) -> None:
        """Imports, once all is ready, what the first training step would wait for."""
        import_module("core.training.warmup").begin()

    def _load(self) -> None:
        interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            for done, step in enumerate(STEPS, 1):
                step()
                self.progressed.emit(done, len(STEPS))
        except Exception as error:  # noqa: BLE001 - whatever is broken, the window must say so
            self.failed.emit(f"{type(error).__name__}: {error}", traceback.format_exc())
        else:
            self.finished.emit()
        finally:
            sys.setswitchinterval(interval)


def preload_libraries() -> None:
    """Loads torch's shared libraries through ctypes.

    ``import torch`` would load the very same ones while holding Python's lock, and the window
    would stand still for a quarter of a second; a foreign call lets go of it.
    """
    found = find_spec("torch")
    if found is None or found.origin is None:
        return
    folder = Path(found.origin).parent / "lib"
    for name in LIBRARIES:
        for path in _files_of(folder, name):
            try:
                ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL if "deps" in name else 0)
            except OSError:
                # Then import says what is wrong with it, better than we could.
                return


def _files_of(folder: Path, name: str) -> list[Path]:
    patterns = {"win32": f"{name}.dll", "darwin": f"lib{name}.dylib"}
    return sorted(folder.glob(patterns.get(sys.platform, f"lib{name}*.so*")))[:1]


def _import(*modules: str) -> Callable[[], None]:
    def step() -> None:
        for module in modules:
            import_module(module)

    return step


def _import_torch() -> None:
    import torch

    # Small networks are fastest with one thread, and it must be said before the first operation.
    torch.set_num_threads(1)


def _read_digits_aside() -> None:
    """Unpacks MNIST, which lets go of Python's lock, while the next modules are imported."""
    threading.Thread(target=_read_digits, name="reading-digits", daemon=True).start()


def _read_digits() -> None:
    from core.data.mnist import Mnist
    from core.errors import UserError

    with suppress(UserError):  # the experiment that needs them says it
        Mnist().load(0)


STEPS: tuple[Callable[[], None], ...] = (
    preload_libraries,
    _import("numpy"),
    _import_torch,
    _import("pydantic", "core.spec", "core.snapshot"),
    _read_digits_aside,
    _import("core.presets", "core.engine"),
    _import("app.bridge", "app.text"),
    _import("pyqtgraph"),
    _import("app.panels.training_panel", "app.panels.network_panel", "app.digits.panel"),
    _import("app.views.curves_view", "app.views.progress_view"),
)
