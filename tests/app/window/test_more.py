"""A first start shows what one needs, and what to do next; *More* brings the rest, and stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.kit.more import behind_more, show_more
from app.window import dock_area
from app.window.guide import next_sentence
from app.window.main_window import MainWindow
from app.window.perspectives import PERSPECTIVES
from core.messages.snapshot import Progress, RunState, Snapshot
from core.presets import PRESETS
from tests.app.fakes import snapshot_of
from tests.app.real_window import (
    OFFSCREEN,
    PlainPanel,
    WatchedBridge,
    add_tab,
    first_settings_in,
    shown_docks,
)

pytestmark = OFFSCREEN

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def start(qtbot, monkeypatch, tmp_path):
    """Starts a window on the same settings each time."""
    plain = tuple(
        replace(row, panel=PlainPanel, watches=(), adapt=None, has_choice=False, in_front=None)
        for row in dock_area.DOCKS
    )
    monkeypatch.setattr(dock_area, "DOCKS", plain)

    def go() -> MainWindow:
        window = MainWindow(first_settings_in(tmp_path), WatchedBridge)
        window.experiments.asks = False
        qtbot.addWidget(window)
        window.resize(1440, 900)
        with qtbot.waitExposed(window):
            window.show()
        add_tab(qtbot, window, "dense-784-64-10")
        return window

    return go


def more(window: MainWindow) -> QWidget:
    found = window.findChild(QWidget, "button-more")
    assert found is not None
    return found


def buttons(window: MainWindow) -> set[str]:
    return {
        button.objectName()
        for button in window.header.transport.findChildren(QWidget)
        if button.objectName().startswith("button-") and button.isVisible()
    }


def test_a_first_start_shows_pad_curves_train_and_one_sentence(start) -> None:
    window = start()
    assert shown_docks(window.page) == {"curves", "digits", "progress"}
    assert buttons(window) == {"button-train", "button-reset", "button-more"}
    assert window.header.guide.text().startswith("Press Train")


def test_more_brings_the_rest_and_less_takes_it_away_again(qtbot, start) -> None:
    window = start()
    first = shown_docks(window.page)
    qtbot.mouseClick(more(window), LEFT)
    assert shown_docks(window.page) == first | {"training", "histories", "timeline"}
    assert "button-epoch" in buttons(window)
    assert window.header.guide.text() == ""
    assert window.actions_["view.more"].text() == "Less"
    qtbot.mouseClick(more(window), LEFT)
    assert shown_docks(window.page) == first
    assert window.header.guide.text()


def test_what_was_opened_is_remembered_for_each_perspective(qtbot, start) -> None:
    window = start()
    qtbot.mouseClick(more(window), LEFT)
    window.experiments.show_perspective("step")
    assert shown_docks(window.page) == {"graph", "formula", "stepbar"}
    assert window.actions_["view.more"].text() == "More"
    window.experiments.show_perspective("train")
    assert "timeline" in shown_docks(window.page)
    window.close()
    again = start()
    assert "timeline" in shown_docks(again.page)
    assert again.actions_["view.more"].text() == "Less"
    again.experiments.show_perspective("step")
    assert "timeline" not in shown_docks(again.page)


def test_another_tab_follows_when_it_comes_to_the_front(qtbot, start) -> None:
    window = start()
    add_tab(qtbot, window, "xor-2-2-1")
    qtbot.mouseClick(more(window), LEFT)
    window.tabs.setCurrentIndex(0)
    assert "timeline" in shown_docks(window.page)


@pytest.mark.parametrize("perspective", PERSPECTIVES, ids=lambda one: one.id)
def test_what_one_begins_with_is_a_part_of_the_whole_in_the_same_order(perspective) -> None:
    first = perspective.at_first()
    assert set(first.docks) == set(perspective.first)
    assert [dock for dock in perspective.docks if dock in first.docks] == list(first.docks)
    assert first.key != perspective.key
    for column in first.columns:
        assert len(column.heights) == len(column.docks)
        assert set(column.tabs) <= set(column.docks)


def snapshots() -> dict[str, Snapshot]:
    """A moment of each kind."""
    digits = snapshot_of(PRESETS["dense-784-64-10"].spec)
    plane = snapshot_of(PRESETS["spiral-2-16-16-1"].spec)
    return {
        "none": Snapshot(0, digits.spec),
        "digits": digits,
        "plane": plane,
        "running": replace(plane, state=RunState.RUNNING, progress=Progress(step=3)),
        "digits running": replace(digits, state=RunState.RUNNING, progress=Progress(step=3)),
        "paused": replace(plane, state=RunState.PAUSED, progress=Progress(step=3)),
        "digits finished": replace(digits, state=RunState.FINISHED, progress=Progress(step=3)),
        "diverged": replace(plane, state=RunState.DIVERGED, progress=Progress(step=3)),
    }


@pytest.mark.parametrize("moment", snapshots())
@pytest.mark.parametrize("perspective", PERSPECTIVES, ids=lambda one: one.id)
def test_there_is_a_sentence_of_what_to_do_next_at_every_moment(perspective, moment) -> None:
    sentence = next_sentence(perspective.id, snapshots()[moment])
    assert sentence.endswith((".", "…"))
    assert len(sentence) < 90


def test_the_sentence_is_true_of_the_moment() -> None:
    moments = snapshots()
    assert "Press Train" in next_sentence("train", moments["plane"])
    assert "pad" not in next_sentence("train", moments["plane"])
    assert "pad" in next_sentence("train", moments["digits"])
    assert "Pause" in next_sentence("train", moments["running"])
    assert "smaller learning rate" in next_sentence("surface", moments["diverged"])
    assert "lesson" in next_sentence("learn", moments["diverged"])
    assert next_sentence("train", None) == ""


def test_a_panel_leaves_out_what_lies_behind_more(qtbot) -> None:
    panel = QWidget()
    qtbot.addWidget(panel)
    first, later, kept = (QLabel(text, panel) for text in "abc")
    behind_more(later)
    behind_more(kept, keeps_room=True)
    panel.show()
    show_more(panel, on=False)
    assert [one.isVisible() for one in (first, later, kept)] == [True, False, False]
    assert kept.sizePolicy().retainSizeWhenHidden()
    show_more(panel, on=True)
    assert all(one.isVisible() for one in (first, later, kept))
