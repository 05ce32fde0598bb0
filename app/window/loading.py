"""Imports the engine behind the first paint, in a thread, so that the window never waits for it."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QWidget

from app.kit import icons, theme
from app.kit.labels import large
from app.kit.layouts import in_column, named

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

SWITCH_SECONDS = 0.0003
"""How soon the window gets Python's lock back from a thread that would keep it; the usual 5 ms
would be a third of a frame."""
PATIENCE_SECONDS = 10.0
"""How long to wait for an import, should it never end."""


class Loader(QObject):
    """Brings torch and the engine in, step by step.

    ``described`` comes when experiments can be shown; torch is not imported before ``go_on``, so
    that docks are made undisturbed. ``finished`` comes when all is there; ``failed`` with the
    sentence and the traceback when torch or something else of it is missing or damaged.
    """

    progressed = Signal(int, int)
    described = Signal()
    finished = Signal()
    failed = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._going_on = threading.Event()
        self._done = 0

    def start(self) -> None:
        """Begins, and returns at once."""
        self._begin("loading", self._load)

    def go_on(self) -> None:
        """The first experiment's docks are made."""
        self._going_on.set()

    def warm_up(self) -> None:
        """Imports, once all is ready, what the first training step would wait for."""
        self._begin("warming-up", _warm_up)

    def stop(self) -> None:
        """Waits for the step at hand: a process that ends amid an import may crash."""
        self._stopping.set()
        self._going_on.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    def _begin(self, name: str, work: Callable[[], None]) -> None:
        thread = threading.Thread(target=work, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _load(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        # Looking through torch's half a million objects for cycles stops everything for 0.1 s.
        gc.disable()
        try:
            self._take(BEFORE_DOCKS)
            self.described.emit()
            self._going_on.wait(PATIENCE_SECONDS)
            self._take(AFTER_DOCKS)
        except Exception as error:  # noqa: BLE001 - whatever is broken, the window must say so
            _calm_down()
            self.failed.emit(f"{type(error).__name__}: {error}", traceback.format_exc())
        else:
            if not self._stopping.is_set():
                self.finished.emit()

    def _take(self, steps: Steps) -> None:
        for step in steps:
            if self._stopping.is_set():
                return
            step()
            self._done += 1
            self.progressed.emit(self._done, len(BEFORE_DOCKS) + len(AFTER_DOCKS))


def preload_libraries() -> None:
    """Loads torch's shared libraries by a foreign call of the system's own loader.

    ``import torch`` would load the very same ones while holding Python's lock (so does
    ``ctypes.CDLL``), and the window would stand still for a quarter of a second; a foreign call
    lets go of it.
    """
    found = find_spec("torch")
    if found is None or found.origin is None:
        return
    folder = Path(found.origin).parent / "lib"
    for name in LIBRARIES:
        for path in _files_of(folder, name):
            # What cannot be loaded is left to import, which says better what is wrong with it.
            _open_library(str(path), everywhere="deps" in name)


def _open_library(path: str, *, everywhere: bool) -> None:
    if sys.platform == "win32":
        search_its_folder_too = 0x1100
        load = ctypes.WinDLL("kernel32").LoadLibraryExW
        load(ctypes.c_wchar_p(path), None, search_its_folder_too)
        return
    load = ctypes.CDLL(None).dlopen
    load.restype = ctypes.c_void_p
    load(path.encode(), os.RTLD_NOW | (os.RTLD_GLOBAL if everywhere else os.RTLD_LOCAL))


def _files_of(folder: Path, name: str) -> list[Path]:
    patterns = {"win32": f"{name}.dll", "darwin": f"lib{name}.dylib"}
    return sorted(folder.glob(patterns.get(sys.platform, f"lib{name}*.so*")))[:1]


def _import(*modules: str) -> Callable[[], None]:
    def step() -> None:
        for module in modules:
            import_module(module)

    return step


def _warm_up() -> None:
    warmup = import_module("core.training.warmup")
    warmup.begin()
    until = time.monotonic() + PATIENCE_SECONDS
    while not warmup.is_done() and time.monotonic() < until:
        time.sleep(0.02)
    _calm_down()


def _calm_down() -> None:
    """Back to the usual; what is loaded now stays for good, and is never looked through again."""
    gc.freeze()
    gc.enable()


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
        Mnist().read()


Steps = tuple[Callable[[], None], ...]

BEFORE_DOCKS: Steps = (
    preload_libraries,  # first: while it runs, whoever loads a library waits with Python's lock
    _import("numpy", "pydantic", "core.presets", "core.messages.edits"),
    _import("pyqtgraph"),
    _import("app.window.document", "app.build.training_panel", "app.build.network_panel"),
    _import("app.digits.panel", "app.train.curves.view", "app.train.progress"),
    _import("app.train.timeline.view", "app.train.histories.view", "app.train.decisions.view"),
)
"""What experiments are shown with; none of it imports torch."""

AFTER_DOCKS: Steps = (
    _import_torch,
    _read_digits_aside,
    # What torch would import in the midst of building its first layer.
    _import("torch.fx.experimental.symbolic_shapes", "torch._prims", "torch._refs"),
    _import("core.session.engine"),
)
"""What brings experiments to life."""


class LoadingView(QWidget):
    """A calm line that grows; or a sentence about what is missing, with the details to copy."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("loading")
        self._mark = QLabel(self)
        self._mark.setPixmap(icons.pixmap("chainrule", theme.current().accent, 64, 1))
        self.line = named(QProgressBar(self), "loading-progress")
        self.line.setTextVisible(False)
        self.line.setFixedSize(theme.space(30), theme.space(0.5))
        self.sentence = self._label(self.tr("Starting the engine…"), "loading-text")
        self.advice = self._label("", "loading-advice")
        self._copy = named(QPushButton(self.tr("Copy details"), self), "loading-copy")
        self._copy.hide()
        column = in_column(None, into=self, around=None, apart=2)
        for widget in (self._mark, self.line, self.sentence, self.advice, self._copy):
            column.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)

    def show_progress(self, done: int, steps: int) -> None:
        """Grows the line."""
        self.line.setRange(0, steps)
        self.line.setValue(done)

    def show_failure(self, reason: str, details: str) -> None:
        """Says what could not be loaded and what to do about it."""
        self.line.hide()
        self._mark.setPixmap(icons.pixmap("error", theme.current().error, 48, 1))
        self.sentence.setText(self.tr("The engine could not be started."))
        large(self.sentence)
        advice = self.tr(
            "{reason}\nInstall Chainrule's packages again (pip install .), then start it again."
        )
        self.advice.setText(advice.format(reason=reason))
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        self._copy.show()

    def _label(self, text: str, name: str) -> QLabel:
        label = named(QLabel(text, self), name)
        label.setProperty("role", "caption")
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFixedWidth(theme.space(70))
        return label
