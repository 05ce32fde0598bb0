"""A way through the running window, by mouse and keys: ``python -m tests.tour 11 OUTDIR``.

Each stop of issue 11 is walked in a process of its own, as a first start shows the window, and
pictured as ``OUTDIR/NN-WHEN-THEME.png``. What a stop looked for in vain is said; the picture is
taken all the same, of the nearest view.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from app.bootstrap import load_behind
from app.kit import theme
from app.window.main_window import MainWindow
from app.window.settings import Settings
from tests.tour.stops import STOPS
from tests.tour.visitor import MissingError, Visitor


def begin(theme_name: str) -> MainWindow:
    """The window as a first start shows it."""
    application = QApplication([])
    theme.apply(application, theme_name)
    folder = tempfile.mkdtemp()
    settings = Settings(QSettings(f"{folder}/settings.ini", QSettings.Format.IniFormat))
    window = MainWindow(settings)
    window.resize(1440, 900)
    window.loader_ = load_behind(window)
    window.show()
    return window


def walk(stop: str, path: Path, theme_name: str) -> None:
    """One stop, pictured even where it ends early."""
    window = begin(theme_name)
    visitor = Visitor(window, path)
    visitor.until(lambda: visitor.state == "READY" and not window.loading.isVisible(), "the window")
    window.activateWindow()
    try:
        STOPS[stop](visitor)
    except MissingError as missing:
        print(f"{path.name}: {missing}", flush=True)
        visitor.look("-end")
    finally:
        if sys.exception() is not None:
            traceback.print_exc()
        os._exit(sys.exception() is not None)  # a question at closing is no part of the way


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("issue", choices=["11"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--when", default="after")
    parser.add_argument("--themes", nargs="*", default=["light", "dark"])
    parser.add_argument("--stops", nargs="*", default=None)
    parser.add_argument("--one", action="store_true", help="here, not in a process of its own")
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    for stop in chosen.stops or STOPS:
        for shade in chosen.themes:
            if chosen.one:
                walk(stop, chosen.folder / f"{stop}@-{chosen.when}-{shade}.png", shade)
            command = [sys.executable, "-m", "tests.tour", "11", str(chosen.folder), "--one"]
            options = ["--when", chosen.when, "--themes", shade, "--stops", stop]
            end = subprocess.run([*command, *options], check=False, timeout=400)
            if end.returncode:
                print(f"{stop} {chosen.when} {shade}: ended with {end.returncode}", flush=True)


if __name__ == "__main__":
    main()
