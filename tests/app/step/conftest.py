"""A recorded step, and a bridge that shows what it is told."""

import pytest

from tests.app.fakes import FakeBridge, snapshot_of
from tests.app.stepped import record_of
from tests.core.experiments import tiny


@pytest.fixture(scope="module")
def record():
    return record_of()


@pytest.fixture
def bridge(qapp):
    return FakeBridge(snapshot_of(tiny()))
