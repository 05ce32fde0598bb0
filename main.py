"""Chainrule: the window, or a subcommand in the terminal."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from importlib.util import find_spec
from pathlib import Path

STARTED = time.time()
INSTEAD = ["train", "dense-784-64-10"]


def main(arguments: list[str] | None = None) -> int:
    """Runs what the command line asks for; gives the exit status."""
    asked = sys.argv[1:] if arguments is None else arguments
    if asked and asked != ["gui"]:
        return _terminal(asked)
    reason = why_no_window()
    if reason:
        sys.stderr.write(f"{reason} Training MNIST here in the terminal instead.\n")
        return _terminal(INSTEAD)
    from app.bootstrap import run

    return run()


def why_no_window() -> str:
    """A sentence that says why no window can be shown here; empty where one can."""
    if sys.platform.startswith("linux"):
        chosen = os.environ.get("QT_QPA_PLATFORM")
        if not (chosen or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            return "There is no display to show the window on."
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ImportError as error:
        return f"Qt cannot start ({error})."
    return _why_no_x11()


def _why_no_x11() -> str:
    """Qt ends the whole process where it cannot reach X11, so it is tried before."""
    display = os.environ.get("DISPLAY")
    if (
        not sys.platform.startswith("linux")
        or (os.environ.get("QT_QPA_PLATFORM") or "xcb") != "xcb"
        or os.environ.get("WAYLAND_DISPLAY")
        or not display
    ):
        return ""
    spec = find_spec("PySide6")
    plugin = Path(spec.origin or "").parent / "Qt/plugins/platforms/libqxcb.so" if spec else None
    try:
        if plugin and plugin.exists():
            ctypes.CDLL(str(plugin))
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError as error:
        return f"Qt cannot start ({error})."
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return f"The display {display} cannot be reached." if failed else ""


def _terminal(arguments: list[str]) -> int:
    from core import terminal

    return terminal.main(arguments)


if __name__ == "__main__":
    sys.exit(main())
