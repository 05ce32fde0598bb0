"""What the tests of the window share."""

from __future__ import annotations

import pytest

from core.presets import PRESETS
from tests.app.fakes import FakeBridge, snapshot_of


@pytest.fixture
def fake_bridge(qapp) -> FakeBridge:
    """A bridge on the first preset, its data known; obedient on request."""
    return FakeBridge(snapshot_of(PRESETS["dense-784-64-10"].spec))
