"""The real window for a story: started as a person starts it, and gone without a trace after."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from app.bootstrap import load_behind
from app.kit import theme
from app.window.main_window import MainWindow
from app.window.settings import Settings
from core import memory
from tests.whole_window import with_all

PATIENCE_MS = 60_000

needs_display = pytest.mark.skipif(
    os.environ.get("QT_QPA_PLATFORM") == "offscreen" and "CHAINRULE_LONG" not in os.environ,
    reason="minutes long, and told by a real display; .ci/run has one, else set CHAINRULE_LONG",
)

memory.settle()  # as the program does before its first thread


@pytest.fixture
def window(qapp, qtbot, tmp_path):
    """The window with all it has, its first experiment loaded and its docks built."""
    yield from opened(qapp, qtbot, with_all(settings_in(tmp_path)))


@pytest.fixture
def first_window(qapp, qtbot, tmp_path):
    """The same as a first start shows it."""
    yield from opened(qapp, qtbot, settings_in(tmp_path))


def settings_in(folder: Path) -> Settings:
    return Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))


def opened(qapp, qtbot, settings: Settings) -> Iterator[MainWindow]:
    theme.apply(qapp, "light")
    theme.set_scale(qapp, 1.0)  # whatever size of text the story before ended with
    window = MainWindow(settings)
    if qapp.platformName() == "offscreen":  # whose screen is smaller than any laptop's
        window.resize(1440, 900)
    window.experiments.asks = False
    qtbot.addWidget(window)
    window.show()
    loader = load_behind(window)
    with qtbot.waitSignal(window.ready, timeout=PATIENCE_MS):
        pass
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=PATIENCE_MS)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=PATIENCE_MS)
    yield window
    window.close()
    del loader
    assert_nothing_is_left(qapp)
    # Here and now: left to Python, it would be collected in whichever thread comes next.
    window.deleteLater()
    qapp.sendPostedEvents(window, QEvent.Type.DeferredDelete)


def assert_nothing_is_left(qapp: QApplication) -> None:
    """No engine's thread and no running timer outlives the windows."""
    threads = [t.name for t in threading.enumerate() if t.name.startswith("chainrule-")]
    assert not threads, "threads left running"
    timers = [
        timer
        for widget in qapp.topLevelWidgets()
        for timer in widget.findChildren(QTimer)
        if timer.isActive() and widget.isVisible()
    ]
    assert not timers, "timers left running"
