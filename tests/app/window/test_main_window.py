"""The window: tabs, perspectives, keys, and what it remembers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLineEdit, QMainWindow, QMenu, QMessageBox, QTabBar, QToolButton

from app.kit import letting_go, theme
from app.window import dialogs as questions
from app.window.dialogs import Answer
from app.window.main_window import MainWindow
from app.window.menus import fill_panels, set_theme
from app.window.perspectives import PERSPECTIVES
from core.messages import commands
from core.messages.events import Diverged, Finished, Refused, Saved
from core.messages.snapshot import RunState
from core.presets import PRESETS
from core.sentence import Sentence
from tests.app.real_window import (
    OFFSCREEN,
    PlainPanel,
    WatchedBridge,
    add_tab,
    open_window,
    settings_in,
    shown_docks,
    trained,
)

pytestmark = OFFSCREEN


@pytest.fixture
def window(qtbot, monkeypatch, tmp_path):
    # For the test's end, when the window is closed whatever stands in it.
    monkeypatch.setattr(questions, "discard_all", lambda *_: True)
    return open_window(qtbot, monkeypatch, tmp_path)


def panel(window, name: str) -> PlainPanel:
    return window.page.area.docks[name].widget()


def test_before_the_engine_is_loaded_the_window_says_so(qtbot, tmp_path) -> None:
    window = MainWindow(settings_in(tmp_path))
    qtbot.addWidget(window)
    window.show()
    assert window.loading.isVisible()
    assert "Starting" in window.loading.sentence.text()
    assert not window.actions_["run.train"].isEnabled()


def test_each_perspective_shows_just_its_docks(window) -> None:
    for perspective in PERSPECTIVES:
        window.experiments.show_perspective(perspective.id)
        # The decision map is for networks of one or two inputs.
        assert shown_docks(window.page) == set(perspective.docks) - {"decisions"}


def test_no_tabs_of_another_perspective_are_left_standing(window, qtbot) -> None:
    for identifier in ("step", "train", "step", "build", "train", "step"):
        window.experiments.show_perspective(identifier)
        area = window.page.findChild(QMainWindow, "document-docks")

        def settled(area=area, identifier=identifier) -> bool:
            bars = [bar for bar in area.findChildren(QTabBar) if bar.isVisible()]
            tops = {(bar.x(), bar.y()) for bar in bars if bar.parent() is area}
            titles = [bar.tabText(0) for bar in bars if bar.parent() is area]
            wanted = {"step": 2, "train": 1, "build": 0}[identifier]
            return len(titles) == wanted and len(tops) == wanted

        qtbot.waitUntil(settled, timeout=3_000)


def test_keys_choose_the_perspective(window, qtbot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    assert window.experiments.perspective == "build"
    qtbot.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert window.experiments.perspective == "train"


def test_the_train_perspective_has_the_form_left_and_the_pad_right(window) -> None:
    docks = window.page.area.docks
    assert docks["training"].x() < docks["curves"].x() < docks["digits"].x()
    assert docks["progress"].y() >= docks["curves"].geometry().bottom()
    assert abs(docks["training"].width() - 344) <= 8
    assert docks["curves"].width() > 600


def test_a_hidden_dock_stays_hidden_until_the_layout_is_reset(window) -> None:
    window.page.area.docks["curves"].close()
    window.experiments.show_perspective("build")
    window.experiments.show_perspective("train")
    assert "curves" not in shown_docks(window.page)
    window.page.area.reset_layout()
    assert "curves" in shown_docks(window.page)


def test_the_panels_menu_lists_the_docks_of_the_experiment_in_front(window) -> None:
    menu = window.menuBar().findChild(type(window.menuBar().addMenu("")), "menu-panels")
    fill_panels(menu, window.page)
    assert {action.text() for action in menu.actions()} == {
        dock.windowTitle() for dock in window.page.area.docks.values()
    }


def test_the_pad_is_not_there_for_a_network_that_reads_no_images(window, qtbot) -> None:
    page = add_tab(qtbot, window, "xor-2-2-1")
    page.bridge.present(page.snapshot)
    assert "digits" not in shown_docks(page)
    assert abs(page.area.docks["training"].width() - 344) <= 8
    window.tabs.setCurrentIndex(0)
    assert "digits" in shown_docks(window.page)


def test_the_next_start_has_the_same_perspective_and_layout(
    window, qtbot, monkeypatch, tmp_path
) -> None:
    window.experiments.show_perspective("build")
    window.page.area.docks["training"].close()
    window.close()
    again = open_window(qtbot, monkeypatch, tmp_path)
    assert again.experiments.perspective == "build"
    assert shown_docks(again.page) == {"graph", "network"}


def test_the_tab_carries_the_experiment_s_name(window) -> None:
    spec = PRESETS["xor-2-2-1"].spec.model_copy(update={"name": "Salt & pepper"})
    window.page.bridge.present(replace(window.snapshot, spec=spec))
    assert window.tabs.tabText(0) == "Salt && pepper"


def test_a_closed_tab_stops_its_engine(window) -> None:
    bridge = window.page.bridge
    assert window.experiments.close(window.experiments.all[0])
    assert bridge.calls == ["start", "close"]
    assert window.tabs.count() == 0


def test_the_plus_asks_for_another_experiment(window, qtbot) -> None:
    plus = window.findChild(QToolButton, "button-new")
    with qtbot.waitSignal(window.tabs.new_wanted):
        window.tabs.new_wanted.disconnect(window.experiments.choose_preset)
        plus.click()


def answer_with(monkeypatch, answer: Answer) -> list[str]:
    asked: list[str] = []
    monkeypatch.setattr(
        questions, "save_before_closing", lambda _parent, name: asked.append(name) or answer
    )
    return asked


@pytest.mark.parametrize(("answer", "left"), [(Answer.CANCEL, 1), (Answer.DISCARD, 0)])
def test_closing_what_was_trained_asks(window, monkeypatch, answer, left) -> None:
    window.experiments.asks = True
    asked = answer_with(monkeypatch, answer)
    window.page.bridge.present(trained(window.snapshot))
    assert window.experiments.close(window.experiments.all[0]) is (left == 0)
    assert asked
    assert window.tabs.count() == left


def test_saving_before_closing_closes_when_the_file_is_written(
    window, monkeypatch, tmp_path
) -> None:
    window.experiments.asks = True
    answer_with(monkeypatch, Answer.SAVE)
    path = str(tmp_path / "weights.safetensors")
    monkeypatch.setattr(questions, "file_to_save", lambda *_: path)
    bridge = window.page.bridge
    bridge.present(trained(window.snapshot))
    assert not window.experiments.close(window.experiments.all[0])
    assert bridge.sent == [commands.SaveWeights(path)]
    bridge.event_received.emit(Saved(path))
    assert window.tabs.count() == 0


def test_closing_asks_nothing_when_told_not_to_or_when_all_is_saved(window, monkeypatch) -> None:
    window.experiments.asks = True
    asked = answer_with(monkeypatch, Answer.CANCEL)
    window.page.bridge.present(trained(window.snapshot))
    window.page.bridge.event_received.emit(Saved("weights.safetensors"))
    assert not window.page.is_unsaved
    window.page.bridge.present(trained(window.snapshot, 20))
    assert window.experiments.close(window.experiments.all[0], ask=False)
    assert asked == []


def test_opening_a_file_takes_the_place_of_an_untouched_experiment(window, qtbot) -> None:
    window.experiments.open_path("somewhere/weights.safetensors")
    assert window.tabs.count() == 1
    assert window.page.bridge.sent == [commands.LoadWeights("somewhere/weights.safetensors")]
    window.page.bridge.present(trained(window.snapshot))
    assert not window.page.is_unsaved
    window.experiments.open_path("somewhere/others.safetensors")
    assert window.tabs.count() == 2
    qtbot.waitUntil(lambda: window.page.area.is_built)


def test_opening_a_description_makes_a_tab_of_its_own(window, tmp_path) -> None:
    path = tmp_path / "mazur.json"
    path.write_text(PRESETS["mazur-2-2-2"].spec.to_json(), encoding="utf-8")
    window.experiments.open_path(str(path))
    assert window.page.snapshot.spec == PRESETS["mazur-2-2-2"].spec
    path.write_text("{", encoding="utf-8")
    window.experiments.open_path(str(path))
    assert window.tabs.count() == 2
    assert "mazur.json is not valid JSON" in window.notices.notices[0].message.text


def test_opening_a_table_has_the_engine_read_it(window, tmp_path) -> None:
    window.experiments.open_path(str(tmp_path / "flowers.csv"))
    assert window.page.name == "flowers"
    (edit,) = window.page.bridge.sent
    assert edit.apply(window.snapshot.spec).data.path == str(tmp_path / "flowers.csv")


def test_a_tab_that_is_saved_closes_itself_and_no_other(
    window, qtbot, monkeypatch, tmp_path
) -> None:
    """While A saves, B asks; A closes within B's question, and B is the one discarded."""
    window.experiments.asks = True
    paths = iter([str(tmp_path / "a.safetensors")])
    monkeypatch.setattr(questions, "file_to_save", lambda *_: next(paths))
    first, second = window.page, add_tab(qtbot, window, "xor-2-2-1")
    third = add_tab(qtbot, window, "three-2-8-3")
    for page in (first, second, third):
        page.bridge.present(trained(page.snapshot))
    answer_with(monkeypatch, Answer.SAVE)
    assert not window.experiments.close(first)

    def discard(*_):
        first.bridge.event_received.emit(Saved("a.safetensors"))
        assert window.experiments.all == [second, third]
        return Answer.DISCARD

    monkeypatch.setattr(questions, "save_before_closing", discard)
    assert window.experiments.close(second)
    assert window.experiments.all == [third]


@pytest.mark.parametrize("fails", [True, False])
def test_a_tab_whose_saving_failed_or_was_thought_better_of_stays(window, monkeypatch, fails):
    window.experiments.asks = True
    answer_with(monkeypatch, Answer.SAVE)
    monkeypatch.setattr(questions, "file_to_save", lambda *_: "/no/x.safetensors" if fails else "")
    page = window.page
    page.bridge.present(trained(window.snapshot))
    assert not window.experiments.close(page)
    if fails:
        page.bridge.event_received.emit(Refused(Sentence("It cannot be written.")))
    page.save("later.safetensors")
    page.bridge.event_received.emit(Saved("later.safetensors"))
    assert window.experiments.all == [page]


def test_closing_what_was_built_or_typed_asks_though_nothing_was_trained(window, monkeypatch):
    window.experiments.asks = True
    asked = answer_with(monkeypatch, Answer.CANCEL)
    window.page.bridge.present(window.snapshot)
    spec = window.snapshot.spec
    typed = spec.model_copy(update={"by_hand": spec.by_hand.with_start("1.weight", (0, 0), 0.5)})
    window.page.bridge.present(replace(window.snapshot, spec=typed))
    assert not window.experiments.close(window.page)
    assert len(asked) == 1
    window.page.bridge.event_received.emit(Saved("weights.safetensors"))
    assert window.experiments.close(window.page)


def test_a_refusal_in_the_bar_goes_with_the_next_command_but_not_with_a_view_s_own(window) -> None:
    bridge = window.page.bridge
    bridge.event_received.emit(Refused(Sentence("No breakpoint is set.")))
    bridge.dispatch(commands.Watch(frozenset()))
    assert len(window.page.notices.notices) == 1
    bridge.dispatch(commands.Train())
    assert window.page.notices.notices == []


def test_finished_is_not_said_while_it_runs_again(window) -> None:
    window.page.bridge.event_received.emit(Finished(Sentence("Ended after 10 epochs.")))
    assert window.status.currentMessage() == "Ended after 10 epochs."
    window.page.bridge.present(replace(trained(window.snapshot), state=RunState.RUNNING))
    assert window.status.currentMessage() == ""


def test_a_double_click_on_a_tab_lets_its_name_be_typed(window, qtbot) -> None:
    bar, line = window.tabs.tabBar(), window.findChild(QLineEdit, "tab-name")
    left = Qt.MouseButton.LeftButton
    qtbot.mouseDClick(bar, left, pos=bar.tabRect(0).center())
    assert line.isVisible()
    qtbot.keyClicks(line, "Mine & yours")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert not line.isVisible()
    (edit,) = window.page.bridge.sent
    assert edit.apply(window.snapshot.spec).name == "Mine & yours"
    qtbot.keyClick(bar, Qt.Key.Key_F2)
    qtbot.keyClicks(line, "No")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert len(window.page.bridge.sent) == 1


def test_a_name_that_looks_like_markup_is_asked_about_as_it_stands(window, monkeypatch) -> None:
    shown: list[QMessageBox] = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: shown.append(box) or 0)
    questions.save_before_closing(window, "<b>bold</b>")
    assert "<b>bold</b>" in shown[0].text()
    assert shown[0].textFormat() is Qt.TextFormat.PlainText


def test_amid_a_drag_a_change_of_perspective_waits_until_it_is_let_go(window, monkeypatch, qtbot):
    held = [True]
    monkeypatch.setattr(letting_go, "_is_held", lambda: held[0])
    before = window.experiments.perspective
    window.experiments.show_perspective("build")
    window.experiments.show_perspective("step")
    assert window.experiments.perspective == before
    held[0] = False
    qtbot.waitUntil(lambda: window.experiments.perspective == "step", timeout=2_000)


def test_amid_a_drag_the_window_closes_only_when_it_is_let_go(window, monkeypatch, qtbot):
    held = [True]
    monkeypatch.setattr(letting_go, "_is_held", lambda: held[0])
    window.actions_["file.quit"].trigger()
    assert window.isVisible()
    assert window.tabs.count() == 1
    held[0] = False
    qtbot.waitUntil(lambda: not window.isVisible(), timeout=2_000)
    assert window.tabs.count() == 0


def test_a_floating_dock_does_not_stay_in_another_perspective(window, qtbot) -> None:
    dock = window.page.area.docks["training"]
    window.experiments.show_perspective("train")
    dock.setFloating(True)
    dock.show()
    window.experiments.show_perspective("step")
    qtbot.waitUntil(dock.isHidden, timeout=2_000)
    window.experiments.show_perspective("train")
    assert not dock.isHidden()


def test_a_panel_that_a_person_added_to_a_perspective_is_there_again(window, qtbot) -> None:
    added = window.page.area.docks["tape"]
    window.experiments.show_perspective("train")
    added.toggleViewAction().trigger()
    assert not added.isHidden()
    window.experiments.show_perspective("surface")
    qtbot.waitUntil(added.isHidden, timeout=2_000)
    window.experiments.show_perspective("train")
    turns: list[int] = []
    QTimer.singleShot(0, lambda: turns.append(1))
    qtbot.waitUntil(lambda: bool(turns))
    assert not added.isHidden()


def test_each_panel_of_the_menu_goes_and_comes(window) -> None:
    panels = window.findChild(QMenu, "menu-panels")
    fill_panels(panels, window.page)
    for action in panels.actions():
        dock = window.page.area.docks[action.objectName().removeprefix("action.dock.")]
        for _ in range(2):
            hidden = dock.isHidden()
            action.trigger()
            assert dock.isHidden() is not hidden
            assert dock.is_closed is not hidden


def test_space_trains_whatever_has_the_focus(window, qtbot) -> None:
    button = panel(window, "training").button
    clicked: list[bool] = []
    button.clicked.connect(lambda: clicked.append(True))
    button.setFocus()
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert window.page.bridge.sent == [commands.Train()]
    assert clicked == []


def test_space_typed_into_a_text_is_a_space(window, qtbot) -> None:
    field = panel(window, "training").field
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Space)
    assert field.text() == " "
    assert window.page.bridge.sent == []


def test_the_theme_changes_at_once_and_is_remembered(window, qapp) -> None:
    theme.apply(qapp, "light")
    set_theme(window.settings, "dark")
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == theme.DARK.window
    assert theme.DARK.accent in qapp.styleSheet()
    assert window.settings.theme == "dark"
    set_theme(window.settings, "light")
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == theme.LIGHT.window


def test_closing_the_window_stops_every_engine(window, qtbot) -> None:
    add_tab(qtbot, window, "xor-2-2-1")
    bridges: list[WatchedBridge] = [page.bridge for page in window.experiments.all]
    window.close()
    assert [bridge.calls[-1] for bridge in bridges] == ["close", "close"]


def test_closing_the_window_can_be_thought_better_of(window, monkeypatch) -> None:
    window.experiments.asks = True
    window.page.bridge.present(trained(window.snapshot))
    monkeypatch.setattr(questions, "discard_all", lambda *_: False)
    window.close()
    assert window.isVisible()
    window.experiments.asks = False


def test_every_control_of_the_header_has_a_name(window) -> None:
    for button in window.header.findChildren(QToolButton):
        assert button.objectName()
        assert button.toolTip()


def test_tab_passes_over_docks_that_lie_behind_others(window, qtbot) -> None:
    window.experiments.show_perspective("surface")
    page = window.page
    shown = {"survey", "surface", "relief", "slice", "curves"}
    qtbot.waitUntil(lambda: not page.area.docks["survey"].visibleRegion().isEmpty())
    met = set()
    for _ in range(80):
        window.focusNextPrevChild(True)
        here = window.focusWidget()
        met |= {name for name, dock in page.area.docks.items() if dock.isAncestorOf(here)}
    behind = {"race", "training", "line", "rates", "range"}
    assert shown <= met
    assert not behind & met


def test_amid_a_lesson_no_notice_competes_with_its_words(window) -> None:
    bridge, exploded = window.page.bridge, Diverged(Sentence("The loss became infinite."))
    bridge.stage.set((("graph",),))
    bridge.event_received.emit(exploded)
    assert window.page.notices.notices == []
    assert window.status.currentMessage() == "The loss became infinite."
    bridge.stage.set(())
    bridge.event_received.emit(exploded)
    assert len(window.page.notices.notices) == 1
