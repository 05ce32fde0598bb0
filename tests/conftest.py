"""No test reads or writes what the person at this machine has of their own."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch):
    """A folder of its own for lessons, progress and records, empty at first."""
    folder = tmp_path / "data"
    monkeypatch.setenv("CHAINRULE_DATA", str(folder))
    return folder
