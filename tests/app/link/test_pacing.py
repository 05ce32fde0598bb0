"""Work in what is left of a frame, and pictures painted in pieces there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget

from app.link.pacing import PiecewisePainter, ThrottledDrawing, frame_slack, painted_at_once
from core.messages.snapshot import RunState
from core.presets import PRESETS
from tests.app.fakes import FakeBridge, snapshot_of


@pytest.fixture
def bridge():
    return FakeBridge(snapshot_of(PRESETS["xor-2-2-1"].spec))


def frame(bridge, qtbot, done):
    """One frame, and what follows in its slack."""
    bridge.ticked.emit()
    qtbot.waitUntil(done, timeout=2_000)


def test_one_piece_of_work_is_done_in_a_frame_in_the_order_asked(bridge, qtbot) -> None:
    slack, done = frame_slack(bridge), []
    for name in "abc":
        slack.schedule(lambda name=name: done.append(name))
    assert done == []
    frame(bridge, qtbot, lambda: done == ["a"])
    frame(bridge, qtbot, lambda: done == ["a", "b"])
    frame(bridge, qtbot, lambda: done == ["a", "b", "c"])


def test_the_same_work_waits_once_and_may_be_forgotten(bridge, qtbot) -> None:
    slack, done = frame_slack(bridge), []

    def work() -> None:
        done.append("work")

    def other() -> None:
        done.append("other")

    slack.schedule(work)
    slack.schedule(work)
    slack.schedule(other)
    slack.cancel(other)
    frame(bridge, qtbot, lambda: done == ["work"])
    slack.schedule(other)
    frame(bridge, qtbot, lambda: done == ["work", "other"])


def test_a_bridge_has_one_slack(bridge) -> None:
    assert frame_slack(bridge) is frame_slack(bridge)


def test_a_view_is_drawn_at_once_at_rest_and_after_a_frame_while_training(bridge, qtbot) -> None:
    view, drawn = QWidget(), []
    qtbot.addWidget(view)
    pace = ThrottledDrawing(bridge, view, lambda: drawn.append(1), rest_ms=0)
    view.show()
    pace.request()
    assert len(drawn) == 1
    bridge.present(replace(bridge.snapshot, state=RunState.RUNNING))
    qtbot.waitUntil(lambda: not pace._timer.isActive())
    pace.request()
    assert len(drawn) == 1
    frame(bridge, qtbot, lambda: len(drawn) == 2)


def picture(colour: str, pieces: int, log: list[str]):
    """Pieces that each write into a log; the picture is of one colour."""
    image = QImage(1, 1, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    try:
        for _ in range(pieces):
            log.append(colour)
            yield
    finally:
        log.append(f"{colour} ends")
    return image


def test_a_picture_at_once_is_the_picture_in_pieces() -> None:
    log: list[str] = []
    assert painted_at_once(picture("red", 3, log)).pixelColor(0, 0) == QColor("red")
    assert log == ["red", "red", "red", "red ends"]


def test_a_picture_under_way_is_finished_and_the_newest_follows(bridge, qtbot) -> None:
    log: list[str] = []
    painted: list[object] = []
    owner = QObject()
    job = PiecewisePainter(frame_slack(bridge), owner)
    job.painted.connect(lambda looks, _image: painted.append(looks))
    job.paint("red", picture("red", 2, log))
    frame(bridge, qtbot, lambda: log == ["red"])
    job.paint("green", picture("green", 1, log))
    job.paint("blue", picture("blue", 1, log))
    for _ in range(6):
        frame(bridge, qtbot, lambda: not frame_slack(bridge)._after.isActive())
    assert painted == ["red", "blue"]
    assert "green" not in log
    assert log == ["red", "red", "red ends", "blue", "blue ends"]


def test_stopping_ends_what_is_under_way(bridge, qtbot) -> None:
    log: list[str] = []
    owner = QObject()
    job = PiecewisePainter(frame_slack(bridge), owner)
    job.paint("red", picture("red", 5, log))
    frame(bridge, qtbot, lambda: log == ["red"])
    job.stop()
    assert log == ["red", "red ends"]
    frame(bridge, qtbot, lambda: not frame_slack(bridge)._after.isActive())
    assert log == ["red", "red ends"]
