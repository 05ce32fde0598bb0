"""The core stands alone: no window toolkit behind it, and nothing slow before the first picture."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

EVERYTHING = """
import importlib, pkgutil, sys
import core
for module in pkgutil.walk_packages(core.__path__, "core."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
toolkits = ("PySide", "PyQt", "pyqtgraph", "shiboken", "app")
print(sorted(name for name in sys.modules if name.startswith(toolkits)))
print(sum(name.startswith("core.") for name in sys.modules))
"""

MESSAGES = """
import importlib, pkgutil, sys
import core.errors, core.experiment.fit, core.experiment.spec, core.messages, core.presets
for module in pkgutil.iter_modules(core.messages.__path__, "core.messages."):
    importlib.import_module(module.name)
print(sorted(name for name in sys.modules if name.split(".")[0] == "torch"))
"""

COMMANDS = """
import sys
import core.messages.commands
print(sorted({"numpy", "pydantic", "torch"} & set(sys.modules)))
"""


def lines_of(code: str) -> list[str]:
    """What a process of its own prints."""
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout.split("\n")


def test_what_crosses_between_engine_and_window_needs_no_torch():
    assert lines_of(MESSAGES)[0] == "[]"


def test_the_commands_are_there_before_the_first_picture():
    assert lines_of(COMMANDS)[0] == "[]"


def test_no_module_of_the_core_imports_a_window_toolkit_or_the_app():
    found, count = lines_of(EVERYTHING)[:2]
    assert found == "[]"
    files = [p for p in (ROOT / "core").rglob("*.py") if p.name != "__main__.py"]
    assert int(count) == len(files) - 1  # core/__init__.py is "core" itself
