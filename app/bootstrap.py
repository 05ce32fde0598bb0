"""Starts the window: paints it first, and brings the engine in behind it."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

from app.kit import theme
from app.window.loading import Loader
from app.window.main_window import MainWindow
from app.window.notices import CrashHook
from app.window.settings import Settings
from core import memory

BEAT_MS = 16


def run(arguments: list[str] | None = None) -> int:
    """Shows the window until it is closed; gives the exit status."""
    memory.settle()
    application = QApplication(arguments or sys.argv[:1])
    application.setApplicationName("Chainrule")
    application.setDesktopFileName("chainrule")
    settings = _settings()
    theme.apply(application, settings.theme)
    window = MainWindow(settings)
    CrashHook(window.notices.show_message, window).install()
    window.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose)
    log = StartupLog(window)
    loader = load_behind(window)
    log.watch(window, loader)
    window.show()
    signal.signal(signal.SIGINT, lambda *_: _interrupt(window))
    status = application.exec()
    loader.stop()
    return status


def _interrupt(window: MainWindow) -> None:
    """Ctrl+C in the terminal closes the window properly, and asks nothing there."""
    window.experiments.asks = False
    window.close()


def load_behind(window: MainWindow) -> Loader:
    """Loads the engine once the window has painted itself; the first experiment opens meanwhile."""
    loader, experiments = Loader(window), window.experiments
    experiments.engines_wait = True
    loader.progressed.connect(window.loading.show_progress)
    loader.failed.connect(window.show_failure)
    loader.described.connect(experiments.open_first)
    # A timer of no time at all comes when they are painted, too.
    experiments.laid_out.connect(lambda: QTimer.singleShot(0, loader.go_on))
    loader.finished.connect(experiments.start_engines)
    window.ready.connect(loader.warm_up)
    FirstPaint(window.header).came.connect(loader.start)
    return loader


def _settings() -> Settings:
    """The person's own, or those in the file that CHAINRULE_SETTINGS names (for tests)."""
    path = os.environ.get("CHAINRULE_SETTINGS")
    return Settings(QSettings(path, QSettings.Format.IniFormat) if path else None)


class FirstPaint(QObject):
    """Says, with the first turn of the event loop after it, that a widget has been painted."""

    came = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self.came.emit)
        return False


class StartupLog(QObject):
    """Writes when what happened to the file that CHAINRULE_STARTUP_LOG names, a JSON object a line.

    Events: ``first_paint``, ``loaded``, ``ready``, each with seconds since the process started,
    and ``largest_gap``: the longest that the window's 16 ms timer was kept waiting until then.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._path = os.environ.get("CHAINRULE_STARTUP_LOG")
        self._gap = QElapsedTimer()
        self._largest = 0.0
        self._beat = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(self._tick)

    def watch(self, window: MainWindow, loader: Loader) -> None:
        """Begins to measure, where anyone asked."""
        if not self._path:
            return
        FirstPaint(window.header).came.connect(self._painted)
        loader.finished.connect(lambda: self.write("loaded"))
        window.ready.connect(self._ready)

    def write(self, event: str, **values: float) -> None:
        """Adds a line."""
        line = {"event": event, "seconds_since_process_start": round(process_age(), 4)} | values
        with Path(self._path or os.devnull).open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def _painted(self) -> None:
        self.write("first_paint")
        self._gap.start()
        self._beat.start()

    def _ready(self) -> None:
        self.write("ready")
        # Two more seconds, so that what the first run of everything costs is counted too.
        QTimer.singleShot(2000, self, self._finish)

    def _finish(self) -> None:
        self._beat.stop()
        self.write("largest_gap", milliseconds=round(self._largest, 1))

    def _tick(self) -> None:
        self._largest = max(self._largest, self._gap.nsecsElapsed() / 1e6)
        self._gap.restart()


def process_age() -> float:
    """Seconds since the process was started, by the system's own clock; 10 ms exact on Linux.

    Elsewhere since ``main`` was entered.
    """
    try:
        after_name = Path("/proc/self/stat").read_text("utf-8").rpartition(")")[2].split()
        started = int(after_name[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    except (OSError, AttributeError):
        return time.time() - getattr(sys.modules.get("__main__"), "STARTED", time.time())
