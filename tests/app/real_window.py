"""The window without engines: bridges that only write down, and panels that are plain."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.window import dock_area
from app.window.document import Document
from app.window.main_window import MainWindow
from app.window.settings import Settings
from core.experiment.spec import ExperimentSpec
from core.messages.snapshot import Progress, Snapshot
from core.presets import PRESETS
from tests.app.fakes import FakeBridge, snapshot_of
from tests.whole_window import with_all

OFFSCREEN = pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints")
"""For every module that shows the window: what Qt's offscreen platform always says."""


class PlainPanel(QWidget):
    """What a dock holds in these tests: something to click, something to type into."""

    def __init__(self, bridge: FakeBridge) -> None:
        super().__init__()
        self.button, self.field = QPushButton("Button"), QLineEdit()
        column = QVBoxLayout(self)
        column.addWidget(self.button)
        column.addWidget(self.field)


class WatchedBridge(FakeBridge):
    """Knows whether it was started and closed."""

    def __init__(self, spec: ExperimentSpec) -> None:
        super().__init__(snapshot_of(spec))
        self.calls: list[str] = []

    def start(self) -> None:
        self.calls.append("start")

    def close(self) -> None:
        self.calls.append("close")


def settings_in(folder: Path) -> Settings:
    return with_all(first_settings_in(folder))


def first_settings_in(folder: Path) -> Settings:
    """As a first start has them."""
    return Settings(QSettings(str(folder / "settings.ini"), QSettings.Format.IniFormat))


def open_window(qtbot, monkeypatch, folder: Path, preset: str = "dense-784-64-10") -> MainWindow:
    """A window of 1440x900 on one experiment, its docks laid out."""
    plain = tuple(
        replace(row, panel=PlainPanel, watches=(), adapt=None, has_choice=False, in_front=None)
        for row in dock_area.DOCKS
    )
    monkeypatch.setattr(dock_area, "DOCKS", plain)
    window = MainWindow(settings_in(folder), WatchedBridge)
    window.experiments.asks = False
    qtbot.addWidget(window)
    window.resize(1440, 900)
    # Keys are shortcuts only of the active window; without a window manager it has to be said.
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    add_tab(qtbot, window, preset)
    return window


def add_tab(qtbot, window: MainWindow, preset: str) -> Document:
    page = window.experiments.open_spec(PRESETS[preset].spec)
    qtbot.waitUntil(lambda: page.area.is_built)
    return page


def shown_docks(page: Document) -> set[str]:
    return {name for name, dock in page.area.docks.items() if not dock.isHidden()}


def trained(snapshot: Snapshot, step: int = 10) -> Snapshot:
    return replace(snapshot, version=snapshot.version + 1, progress=Progress(step=step))
