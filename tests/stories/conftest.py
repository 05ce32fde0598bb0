"""The real window for a story: started as a person starts it, and gone without a trace after."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QEvent, QSettings, QTimer
from PySide6.QtWidgets import QApplication

from app.bootstrap import load_behind
from app.kit import theme
from app.window.main_window import MainWindow
from app.window.settings import Settings
from core import memory

PATIENCE_MS = 60_000

memory.settle()  # as the program does before its first thread


@pytest.fixture
def window(qapp, qtbot, tmp_path):
    """The window with its first experiment loaded and its docks built."""
    theme.apply(qapp, "light")
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    window = MainWindow(Settings(store))
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
