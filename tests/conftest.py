"""No test touches what the person at this machine has of their own, or fails for a busy machine."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# What is generated is held to its properties, not to a clock: other work takes the processor too.
settings.register_profile("any pace", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any pace")


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    """A folder of its own for lessons, progress and records, empty at first."""
    folder = tmp_path / "data"
    monkeypatch.setenv("CHAINRULE_DATA", str(folder))
    return folder
