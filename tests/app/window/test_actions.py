"""The table of actions, and the QActions made of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from PySide6.QtGui import QKeySequence

from app.kit import icons
from app.window.actions import ACTIONS
from core.messages import commands
from core.messages.snapshot import RunState
from tests.app.real_window import OFFSCREEN, open_window

pytestmark = OFFSCREEN


@pytest.fixture
def window(qtbot, monkeypatch, tmp_path):
    return open_window(qtbot, monkeypatch, tmp_path)


def enabled(window) -> set[str]:
    return {row.id for row in ACTIONS if window.actions_[row.id].isEnabled()}


def show(window, **changes) -> None:
    window.page.bridge.present(replace(window.snapshot, **changes))


def test_every_id_and_every_key_stands_once() -> None:
    assert Counter(row.id for row in ACTIONS).most_common(1)[0][1] == 1
    keys = Counter(QKeySequence(key).toString() for row in ACTIONS for key in row.keys)
    assert keys.most_common(1)[0][1] == 1
    assert "" not in keys


def test_every_icon_is_drawn(qapp) -> None:
    for row in ACTIONS:
        assert not row.icon or (icons.FOLDER / f"{row.icon}.svg").exists()


@pytest.mark.parametrize(
    ("identifier", "command"),
    [
        ("edit.undo", commands.Undo()),
        ("edit.redo", commands.Redo()),
        ("run.train", commands.Train()),
        ("run.step", commands.StepOnce()),
        ("run.epoch", commands.EpochOnce()),
        ("run.stop", commands.StopRun()),
        ("run.reset", commands.ResetWeights()),
    ],
)
def test_an_action_sends_its_command(window, identifier, command) -> None:
    state = RunState.PAUSED
    show(window, undo="Rename", redo="Rename", state=state)
    window.actions_[identifier].trigger()
    assert window.page.bridge.sent == [command]


def test_train_pauses_what_runs(window) -> None:
    show(window, state=RunState.RUNNING)
    assert window.actions_["run.train"].text() == "Pause"
    window.actions_["run.train"].trigger()
    assert window.page.bridge.sent == [commands.Pause()]


def test_a_new_seed_is_another_one_each_time(window) -> None:
    window.actions_["run.seed"].trigger()
    window.actions_["run.seed"].trigger()
    first, second = window.page.bridge.sent
    assert first.seed != second.seed


def test_what_can_be_done_follows_the_state_of_the_run(window) -> None:
    assert {"run.train", "run.step", "run.epoch", "run.reset"} <= enabled(window)
    assert not {"run.stop", "edit.undo", "edit.redo"} & enabled(window)
    show(window, state=RunState.RUNNING)
    assert {"run.train", "run.stop", "run.seed"} <= enabled(window)
    assert not {"run.step", "run.epoch"} & enabled(window)
    show(window, state=RunState.LOADING)
    assert not {"run.train", "run.step", "run.stop"} & enabled(window)


def test_undo_and_redo_name_the_edit(window) -> None:
    show(window, undo="Add Dense", redo=None)
    assert window.actions_["edit.undo"].text() == "Undo: Add Dense"
    assert "Add Dense" in window.actions_["edit.undo"].toolTip()
    assert window.actions_["edit.redo"].text() == "Redo"
    assert "edit.undo" in enabled(window)
    assert "edit.redo" not in enabled(window)


def test_without_an_experiment_only_the_window_s_own_actions_are_there(window) -> None:
    window.experiments.close(window.experiments.all[0])
    assert enabled(window) == {
        "file.new", "file.open", "file.lab", "file.quit", "view.full-screen",
        "view.larger", "view.smaller", "view.own-size",
        "view.present", "view.keys", "help.shortcuts", "help.about",
    }  # fmt: skip
