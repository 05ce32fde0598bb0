"""What the curves say, taken elsewhere."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QMenu

from app.train.curves.copying import table_text
from app.train.curves.view import CurvesView
from core.messages.curves import Curves
from tests.app.measured import at, falling


@pytest.fixture
def view(qtbot, fake_bridge):
    fake_bridge.present(at(fake_bridge, falling(100)))
    widget = CurvesView(fake_bridge)
    qtbot.addWidget(widget)
    widget.resize(820, 640)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def read(text):
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def test_the_table_has_every_value_in_all_its_digits_at_its_step():
    curves = falling(100)
    rows = {int(row["Step"]): row for row in read(table_text(curves))}
    assert list(rows) == sorted(rows)
    for title, curve in (
        ("Training loss", curves.train_loss),
        ("Test loss", curves.test_loss),
        ("Training accuracy", curves.train_accuracy),
        ("Test accuracy", curves.test_accuracy),
    ):
        steps = [step for step, row in rows.items() if row[title]]
        assert steps == curve.steps.tolist()
        found = np.array([float(rows[step][title]) for step in steps], np.float32)
        np.testing.assert_array_equal(found, curve.values)


def test_what_was_never_measured_has_no_column():
    (header, *_) = table_text(falling(10, classes=False)).splitlines()
    assert header.split("\t") == ["Step", "Training loss", "Test loss"]
    assert table_text(Curves()) == "Step\n"


def test_the_button_copies_the_table(qtbot, view):
    view.tools.copy.click()
    assert QGuiApplication.clipboard().text() == table_text(view._snapshot.curves)


def menu_of(qtbot, view):
    place = QPoint(200, 200)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, view.mapToGlobal(place))
    view.contextMenuEvent(event)
    menu = view.findChild(QMenu, "curves.menu")
    qtbot.waitUntil(menu.isVisible)
    return menu


def test_the_right_button_copies_the_reading_where_one_points(qtbot, view):
    view.loss.pointed.emit(500.0)
    reading = view.readout.text()
    menu = menu_of(qtbot, view)
    view.loss.pointed.emit(None)  # as the menu opens, the pointer leaves the plot
    menu.actions()[0].trigger()
    menu.close()
    assert QGuiApplication.clipboard().text() == reading
    assert reading.startswith("Step 500")


def test_where_nothing_is_pointed_at_there_is_no_reading_to_copy(qtbot, view):
    menu = menu_of(qtbot, view)
    assert [action.isEnabled() for action in menu.actions()] == [False, True]
    menu.close()
