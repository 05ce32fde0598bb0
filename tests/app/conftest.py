"""What the tests of the window share."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from core.presets import PRESETS
from tests.app.fakes import FakeBridge, snapshot_of


@pytest.fixture(autouse=True)
def nothing_piles_up():
    """What a test has closed is gone after it, and not only when some later one waits.

    By the thousand, such widgets made whatever concerns all of them slow, a change of theme most.
    """
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def fake_bridge(qapp) -> FakeBridge:
    """A bridge on the first preset, its data known; obedient on request."""
    return FakeBridge(snapshot_of(PRESETS["dense-784-64-10"].spec))
