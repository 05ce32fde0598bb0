"""The one place where the window and an experiment's engine meet."""

from __future__ import annotations

import pytest

from app.link.bridge import Bridge
from core.messages.edits import rename
from core.messages.snapshot import RunState, Snapshot
from core.presets import PRESETS


@pytest.fixture
def bridge(qapp):
    bridge = Bridge(PRESETS["xor-2-2-1"].spec)
    yield bridge
    bridge.close()


def test_before_there_is_an_engine_the_experiment_is_shown_as_described(bridge) -> None:
    assert bridge.snapshot.spec == PRESETS["xor-2-2-1"].spec
    assert bridge.snapshot.state is RunState.LOADING
    assert bridge.predict(None) == 0


def test_a_command_waits_for_the_engine(bridge, qtbot) -> None:
    shown: list[Snapshot] = []
    bridge.snapshot_changed.connect(shown.append)
    bridge.dispatch(rename("Two gates"))
    assert bridge.snapshot.spec.name != "Two gates"
    bridge.start()
    qtbot.waitUntil(lambda: bool(shown) and shown[-1].spec.name == "Two gates", timeout=20_000)
    assert shown[-1].undo == "Rename"
