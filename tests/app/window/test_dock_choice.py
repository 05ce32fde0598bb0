"""A panel that can be used in several ways is used as it last was, in every experiment."""

import pytest
from PySide6.QtCore import QSettings, Signal
from PySide6.QtWidgets import QMainWindow, QWidget

from app.window.docks import DOCKS, Dock, DockRow
from app.window.settings import Settings


class Panel(QWidget):
    choice_made = Signal(str)

    def __init__(self, _bridge):
        super().__init__()
        self.chosen = ["first"]

    def choose(self, choice):
        if choice:
            self.chosen.append(choice)


@pytest.fixture
def settings(tmp_path):
    return Settings(QSettings(str(tmp_path / "s.ini"), QSettings.Format.IniFormat))


def dock_in(qtbot, bridge, settings):
    area = QMainWindow()
    qtbot.addWidget(area)
    return Dock(DockRow("told", "Told", Panel, has_choice=True), bridge, settings, area), area


def test_a_choice_is_remembered_for_the_next_panel_of_its_kind(qtbot, fake_bridge, settings):
    dock, _area = dock_in(qtbot, fake_bridge, settings)
    panel = dock.fill()
    assert panel.chosen == ["first"]
    panel.choice_made.emit("second")
    other, _other_area = dock_in(qtbot, fake_bridge, settings)
    assert other.fill().chosen == ["first", "second"]


def test_what_was_chosen_in_another_experiment_holds_when_it_is_seen_again(
    qtbot, fake_bridge, settings
):
    dock, area = dock_in(qtbot, fake_bridge, settings)
    panel = dock.fill()
    settings.set_choice("told", "third")
    dock.show()
    area.show()
    qtbot.waitExposed(area)
    assert panel.chosen[-1] == "third"


def test_the_formula_and_the_step_bar_are_such_panels():
    assert [row.id for row in DOCKS if row.has_choice] == ["formula", "stepbar"]
