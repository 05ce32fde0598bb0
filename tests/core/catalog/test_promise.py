"""One class in a catalog is all that a new entry needs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_a_class_of_ones_own_is_all_that_an_activation_a_loss_and_an_optimizer_need():
    # In a process of its own, or other tests would find the newcomers in the catalogs.
    tests = ["-q", "-p", "no:cacheprovider", "tests/core/catalog/newcomers.py"]
    run = [sys.executable, "-m", "pytest", *tests]
    found = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout[-4000:]
