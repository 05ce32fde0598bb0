"""Ten thousand orders in random succession: nothing crashes, nothing piles up."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop

from core.catalog.optimizers import SGD, Adam
from core.messages.commands import StepOnce, Visit
from core.messages.race import (
    NETWORK,
    FindRate,
    HoldRace,
    RaceChoice,
    RaceOn,
    RestartRace,
    Runner,
    SetRace,
)
from core.messages.surface_commands import PrincipalPlane, RandomPlane, StatesPlane
from tests.stories.conftest import assert_nothing_is_left

pytestmark = [pytest.mark.window, pytest.mark.slow, pytest.mark.timeout(900)]

OPERATIONS = 10_000
WARM = 4_000
"""Operations after which caches and allocators have what they will keep."""

ORDERS = {
    "run.train": 30,
    "run.step": 25,
    "run.epoch": 10,
    "run.stop": 8,
    "run.reset": 15,
    "run.seed": 6,
    "edit.undo": 4,
    "edit.redo": 2,
    "step.next": 12,
    "step.back": 6,
    "step.into": 4,
    "step.over": 8,
    "step.out": 4,
    "step.breakpoint": 1,
    "step.leave": 4,
}
CLOSE = 0.01
PRESETS = ("xor-2-2-1", "spiral-2-16-16-1", "three-2-8-3", "sine-1-16-16-1", "worked-2-3-2")


def resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text("utf-8").split()[1])
    return pages * 4096 / 2**20


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory from /proc")
def test_ten_thousand_random_orders_leave_no_thread_and_no_growing_memory(window, qapp, qtbot):
    chance = random.Random(7)
    defects = []

    def watch(page):
        page.bridge.event_received.connect(
            lambda event: defects.append(event) if type(event).__name__ == "Failed" else None
        )

    watch(window.page)
    warm = 0.0
    for count in range(OPERATIONS):
        if count == WARM:
            warm = settled(qapp)
        if chance.random() < CLOSE:
            window.experiments.close(window.experiments.all[0], ask=False)
            window.experiments.open_preset(chance.choice(PRESETS))
            watch(window.page)
        else:
            name = chance.choices(list(ORDERS), list(ORDERS.values()))[0]
            window.actions_[name].trigger()
        if chance.random() < 0.02:
            window.page.bridge.dispatch(Visit(chance.randrange(200)))
        if chance.random() < 0.005:
            window.experiments.show_perspective(chance.choice(("train", "step", "surface")))
        if chance.random() < 0.01:
            survey(window.page.bridge, chance)
        if chance.random() < 0.05:  # sometimes what was ordered is seen to have happened
            with qtbot.waitSignal(window.page.bridge.snapshot_changed, timeout=10_000):
                window.page.bridge.dispatch(StepOnce())
        elif chance.random() < 0.2:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 5)
    grown = settled(qapp) - warm
    print(f"memory after {WARM}: {warm:.0f} MB; grown since: {grown:.1f} MB")
    assert not defects
    assert grown < 0.1 * warm
    window.close()
    assert_nothing_is_left(qapp)


def survey(bridge, chance) -> None:
    """Asks for another surface, or does something with a race."""
    runners = (Runner(0, SGD(learning_rate=0.05)), Runner(1, Adam(learning_rate=0.05)))
    bridge.surface_choice.change(
        plane=chance.choice((RandomPlane(chance.randrange(9)), PrincipalPlane(), StatesPlane())),
        resolution=chance.choice((17, 33)),
        subject=chance.choice(("run", "race")),
    )
    bridge.dispatch(
        chance.choice(
            (
                SetRace(RaceChoice(chance.choice((NETWORK, "ravine", "beale")), runners)),
                RaceOn(50),
                HoldRace(),
                RestartRace(),
                RestartRace((0.25, 0.5)),
                FindRate(steps=40),
                SetRace(None),
            )
        )
    )


def settled(qapp) -> float:
    """Megabytes in use once what was closed is really gone."""
    import gc

    for _ in range(50):
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 10)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    return resident_megabytes()
