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


def test_no_module_of_the_core_imports_a_window_toolkit_or_the_app():
    run = subprocess.run(
        [sys.executable, "-c", EVERYTHING],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found, count = run.stdout.split("\n")[:2]
    assert found == "[]"
    files = [p for p in (ROOT / "core").rglob("*.py") if p.name != "__main__.py"]
    assert int(count) == len(files) - 1  # core/__init__.py is "core" itself
