"""Whoever works beside the window lets it go first, and begins nothing just before a frame."""

from __future__ import annotations

import threading
from time import perf_counter

import pytest

from core.courtesy import PATIENCE, Courtesy

FAR = 60.0


@pytest.fixture
def courtesy():
    return Courtesy()


def passed(courtesy, ahead=0.0):
    """An event that is set when a thread has been let through, and the thread."""
    through = threading.Event()

    def work():
        courtesy.give_way(ahead)
        through.set()

    thread = threading.Thread(target=work)
    thread.start()
    return through, thread


def test_nobody_waits_for_a_window_that_does_nothing(courtesy):
    courtesy.give_way()
    courtesy.expect(FAR)
    courtesy.give_way(PATIENCE)
    assert courtesy._free.is_set()


def test_a_door_held_shut_opens_by_itself_after_a_while(courtesy):
    courtesy.begin()
    started = perf_counter()
    courtesy.give_way()
    assert perf_counter() - started >= PATIENCE * 0.9
    assert courtesy._free.is_set()


@pytest.mark.parametrize(("ahead", "shuts"), [(2 * FAR, True), (FAR / 2, False), (0.0, False)])
def test_nothing_is_begun_shortly_before_an_expected_frame(courtesy, monkeypatch, ahead, shuts):
    waits = []
    monkeypatch.setattr(courtesy._free, "wait", lambda seconds: waits.append(seconds) or True)
    courtesy.expect(FAR)
    courtesy.give_way(ahead)
    assert waits == ([PATIENCE] if shuts else [])


def test_a_frame_that_never_comes_holds_nobody_up_for_long(courtesy):
    courtesy.expect(FAR)
    through, thread = passed(courtesy, 2 * FAR)
    assert through.wait(FAR)
    thread.join()


def test_a_frame_that_has_begun_and_ended_lets_the_work_go_on(courtesy, monkeypatch):
    monkeypatch.setattr("core.courtesy.PATIENCE", FAR)
    begun = threading.Event()
    wait = courtesy._free.wait
    monkeypatch.setattr(courtesy._free, "wait", lambda seconds: begun.set() or wait(seconds))
    courtesy.expect(FAR)
    through, thread = passed(courtesy, 2 * FAR)
    assert begun.wait(FAR)
    assert not through.is_set()
    courtesy.begin()
    courtesy.end()
    assert through.wait(FAR)
    thread.join()


def test_a_frame_in_the_past_is_not_waited_for(courtesy):
    courtesy.expect(-FAR)
    courtesy.give_way(FAR)
    assert courtesy._free.is_set()
