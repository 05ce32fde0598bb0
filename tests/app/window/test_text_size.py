"""Text of any size: what follows it, what is remembered, and the window before a room."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget

from app.canvas.paint.nodes import half_width
from app.kit import theme
from app.kit.scaling import Room
from tests.app.real_window import OFFSCREEN, open_window, shown_docks

pytestmark = OFFSCREEN


@pytest.fixture(autouse=True)
def own_size(qapp: QApplication):
    theme.apply(qapp, "light")
    yield
    theme.set_scale(qapp, 1.0)


def test_measures_come_back_after_any_sizes(qapp, qtbot):
    room = QWidget()
    qtbot.addWidget(room)
    button, words = QPushButton("Button"), QLabel("Words")
    button.setFixedHeight(theme.space(3.25))
    words.setFont(theme.number_font(theme.points(theme.LARGE_POINTS)))
    column = QVBoxLayout(room)
    column.setContentsMargins(*[theme.space(1.5)] * 4)
    column.addWidget(button)
    column.addWidget(words)
    Room(room)
    room.show()
    before = button.height(), words.font().pointSizeF(), column.contentsMargins()
    for factor in (0.8, 1.25, 1.75, 0.9, 2.0):
        theme.set_scale(qapp, factor)
        qapp.processEvents()
        assert button.minimumHeight() == round(26 * factor)
        assert words.font().pointSizeF() == pytest.approx(15 * factor, abs=0.01)
    theme.set_scale(qapp, 1.0)
    qapp.processEvents()
    assert button.minimumHeight() == before[0]
    assert words.font().pointSizeF() == pytest.approx(before[1])
    assert column.contentsMargins() == before[2]


def test_a_hidden_room_follows_when_it_is_shown(qapp, qtbot):
    room = QWidget()
    qtbot.addWidget(room)
    button = QPushButton("Button", room)
    button.setFixedHeight(20)
    Room(room)
    theme.set_scale(qapp, 2.0)
    assert button.minimumHeight() == 20
    room.show()
    assert button.minimumHeight() == 40


def test_the_keys_change_the_size_and_it_is_remembered(qtbot, monkeypatch, tmp_path):
    window = open_window(qtbot, monkeypatch, tmp_path)
    window.actions_["view.larger"].trigger()
    assert (window.settings.text_size, theme.scale()) == (110, 1.1)
    for _ in range(10):
        window.actions_["view.smaller"].trigger()
    assert (window.settings.text_size, theme.scale()) == (80, 0.8)
    window.actions_["view.own-size"].trigger()
    assert (window.settings.text_size, theme.scale()) == (100, 1.0)


def test_text_of_any_size_leaves_the_window_as_large_as_it_was(qtbot, monkeypatch, tmp_path):
    window = open_window(qtbot, monkeypatch, tmp_path)
    for _ in range(10):
        window.actions_["view.larger"].trigger()
    assert theme.scale() == 2.0
    qtbot.waitUntil(lambda: window.minimumSizeHint().width() <= 1440)
    assert (window.width(), window.height()) == (1440, 900)


def test_presenting_folds_forms_away_and_brings_all_back(qtbot, monkeypatch, tmp_path):
    window = open_window(qtbot, monkeypatch, tmp_path)
    window.experiments.show_perspective("build")
    before = shown_docks(window.page)
    window.actions_["view.present"].trigger()
    assert theme.scale() == 1.5
    assert shown_docks(window.page) == before - {"training", "network"}
    window.actions_["view.larger"].trigger()
    assert (window.settings.presenter_size, window.settings.text_size) == (175, 100)
    window.actions_["view.present"].trigger()
    assert theme.scale() == 1.0
    assert shown_docks(window.page) == before
    assert not window.spotlight.isVisible()


@pytest.mark.parametrize(("percent", "size"), [(200, (1440, 900)), (250, (1920, 1080))])
def test_a_room_sees_all_of_a_step_without_scrolling(qtbot, monkeypatch, tmp_path, percent, size):
    window = open_window(qtbot, monkeypatch, tmp_path)
    window.resize(*size)
    window.experiments.show_perspective("step")
    window.actions_["view.present"].trigger()
    while theme.scale() < percent / 100:
        window.actions_["view.larger"].trigger()
    area = window.page.area
    qtbot.waitUntil(lambda: area.size() == area.parentWidget().size(), timeout=5_000)
    assert (window.width(), window.height()) == size
    assert {"graph", "formula", "stepbar"} <= shown_docks(window.page)
    qtbot.waitUntil(lambda: area.docks["formula"].width() >= 0.45 * area.width(), timeout=5_000)


def test_nodes_have_one_width_that_follows_their_radius_alone(qapp):
    assert half_width(6.0) == 6.0
    assert half_width(24.0) >= 24.0
    assert half_width(48.0) >= half_width(24.0)


def test_large_text_puts_forms_behind_the_pictures_and_small_text_brings_them_back(
    qtbot, monkeypatch, tmp_path
):
    window = open_window(qtbot, monkeypatch, tmp_path)
    window.experiments.show_perspective("build")
    area = window.page.area
    assert not area.perspective.is_tight
    for _ in range(10):
        window.actions_["view.larger"].trigger()
    qtbot.waitUntil(lambda: area.perspective.is_tight, timeout=5_000)
    assert area.docks["network"] in area.tabifiedDockWidgets(area.docks["training"])
    window.actions_["view.own-size"].trigger()
    qtbot.waitUntil(lambda: not area.perspective.is_tight, timeout=5_000)
    assert not area.tabifiedDockWidgets(area.docks["training"])
