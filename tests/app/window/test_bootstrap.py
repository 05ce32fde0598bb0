"""Starting: what is imported when, and what is said where nothing can be shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

import main
from app import bootstrap
from app.window import loading
from app.window.loading import Loader
from app.window.main_window import MainWindow
from tests.app.real_window import OFFSCREEN, WatchedBridge, settings_in

HEAVY = ("torch", "numpy", "pydantic", "pyqtgraph", "core.experiment.spec")

pytestmark = OFFSCREEN


def python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.endswith("DISPLAY")}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_first_paint_waits_for_qt_alone() -> None:
    code = f"""
import sys, main, app.bootstrap
from PySide6.QtWidgets import QApplication
from app.kit import theme
from app.window.main_window import MainWindow
from app.window.settings import Settings
application = QApplication([])
theme.apply(application)
window = MainWindow(Settings())
window.show()
window.grab()
print([name for name in {HEAVY} if name in sys.modules])
"""
    result = python(code, QT_QPA_PLATFORM="offscreen", XDG_CONFIG_HOME="/nonexistent")
    assert result.stdout.strip() == "[]", result.stderr


def test_every_panel_is_there_before_torch() -> None:
    code = """
import importlib, pkgutil, sys
import app
for module in pkgutil.walk_packages(app.__path__, "app."):
    importlib.import_module(module.name)
print("torch" in sys.modules)
"""
    result = python(code, QT_QPA_PLATFORM="offscreen")
    assert result.stdout.strip() == "False", result.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux may lack a display")
def test_without_a_display_it_says_so_and_trains_in_the_terminal() -> None:
    code = "import main; main._terminal = lambda asked: print(asked); main.main([])"
    kept = {"QT_QPA_PLATFORM": ""}
    result = python(code, **kept)
    assert result.stdout.strip() == str(main.INSTEAD)
    assert "no display" in result.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11")
def test_a_display_that_cannot_be_reached_is_said_before_qt_gives_up() -> None:
    result = python("import main; print(main.why_no_window())", DISPLAY=":987", QT_QPA_PLATFORM="")
    assert ":987" in result.stdout or "cannot start" in result.stdout


def test_a_subcommand_goes_to_the_terminal(monkeypatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(main, "_terminal", lambda arguments: asked.append(arguments) or 0)
    assert main.main(["presets"]) == 0
    assert asked == [["presets"]]


def test_a_damaged_engine_is_said_in_the_window(qtbot, monkeypatch, tmp_path) -> None:
    def broken() -> None:
        raise ImportError("libtorch_cpu.so: file too short")

    monkeypatch.setattr(loading, "BEFORE_DOCKS", ())
    monkeypatch.setattr(loading, "AFTER_DOCKS", (broken,))
    window = MainWindow(settings_in(tmp_path))
    qtbot.addWidget(window)
    bootstrap.load_behind(window)
    window.show()
    qtbot.waitUntil(lambda: "could not be started" in window.loading.sentence.text())
    assert "file too short" in window.loading.advice.text()
    assert window.loading.isVisible()


def test_loading_opens_the_first_experiment(qtbot, monkeypatch, tmp_path) -> None:
    for steps in ("BEFORE_DOCKS", "AFTER_DOCKS"):
        monkeypatch.setattr(loading, steps, (lambda: None,))
    monkeypatch.setattr(Loader, "warm_up", lambda _self: None)
    window = MainWindow(settings_in(tmp_path), WatchedBridge)
    window.experiments.asks = False
    qtbot.addWidget(window)
    bootstrap.load_behind(window)
    with qtbot.waitSignal(window.ready, timeout=20_000):
        window.show()
    assert window.page.name
    qtbot.waitUntil(lambda: window.page.bridge.calls == ["start"])
    assert window.loading.line.value() == 2


def test_torch_waits_until_the_docks_are_laid_out(qtbot, monkeypatch, tmp_path) -> None:
    window = MainWindow(settings_in(tmp_path), WatchedBridge)
    window.experiments.asks = False
    found: list[object] = []

    def import_torch() -> None:
        page = window.page
        found.extend((page.area.perspective.id, page.area.isVisible(), page.bridge.calls[:]))

    monkeypatch.setattr(loading, "BEFORE_DOCKS", ())
    monkeypatch.setattr(loading, "AFTER_DOCKS", (import_torch,))
    monkeypatch.setattr(Loader, "warm_up", lambda _self: None)
    qtbot.addWidget(window)
    bootstrap.load_behind(window)
    window.show()
    qtbot.waitUntil(lambda: bool(window.page) and window.page.bridge.calls == ["start"])
    assert found == ["train", True, []]


def test_the_start_is_logged_where_asked(qtbot, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("CHAINRULE_STARTUP_LOG", str(tmp_path / "start.jsonl"))
    log = bootstrap.StartupLog(None)
    log.write("ready")
    line = json.loads((tmp_path / "start.jsonl").read_text("utf-8"))
    assert line["event"] == "ready"
    assert 0 < line["seconds_since_process_start"] < 3600
