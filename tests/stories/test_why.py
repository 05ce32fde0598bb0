"""A learner asks why: a gradient's paths, from piece to piece, and a weight back to its start."""

from __future__ import annotations

from math import fsum

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu, QTreeWidget

from app.link.focus import Spot
from app.step.why.view import SETTLE_MS
from core.messages.commands import RunToPlace
from core.messages.orders import StepOnce
from core.messages.record import Grain
from core.messages.snapshot import RunState
from tests.stories.driving import LEFT, PATIENCE, find

pytestmark = pytest.mark.window

EDGE = Spot((0,), 1, source=0)


@pytest.fixture
def stepped(window, qtbot):
    return ready(window, qtbot)


def ready(window, qtbot):
    """The worked example after four steps, at the gradients of the first layer's weights."""
    window.experiments.open_preset("worked-2-3-2-relu")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=PATIENCE)
    for step in range(1, 5):
        window.page.bridge.dispatch(StepOnce())
        qtbot.waitUntil(lambda step=step: window.snapshot.progress.step == step, timeout=PATIENCE)
    qtbot.mouseClick(window.findChild(object, "perspective-step"), LEFT)
    find(window, "step").set_grain(Grain.OPERATION)
    qtbot.mouseClick(find(window, "step.next"), LEFT)
    qtbot.waitUntil(lambda: window.snapshot.stepping is not None, timeout=PATIENCE)
    go(window, qtbot, "d:p:0.weight")
    window.page.bridge.focus.select(EDGE)
    return window


def go(window, qtbot, key):
    entries = window.snapshot.stepping.record.entries
    place = [entry.writes for entry in entries].index(key)
    window.page.bridge.dispatch(RunToPlace(place))
    graph = window.page.area.docks["graph"].widget().control  # which a right click is about

    def follows():
        stepping = graph.snapshot.stepping
        return stepping is not None and stepping.place.entry == place

    qtbot.waitUntil(follows, timeout=PATIENCE)


def standing_at(window):
    stepping = window.snapshot.stepping
    return stepping.record.step, stepping.entry.writes


def choose_in_menu(window, qtbot, view, name):
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(1, 1), QPoint(1, 1))
    QApplication.sendEvent(view, event)
    menus = [menu for menu in view.findChildren(QMenu) if menu.isVisible()]
    (action,) = [one for menu in menus for one in menu.actions() if one.objectName() == name]
    action.trigger()
    for menu in menus:
        menu.close()


def answer_to(window, qtbot, start):
    view = window.page.findChild(object, "why")
    tree = find(window, "why.tree", QTreeWidget)
    qtbot.waitUntil(
        lambda: tree.isVisible() and view.heading.text().replace("\u2060", "").startswith(start),
        timeout=PATIENCE,
    )
    return tree


def pieces(tree):
    return [tree.topLevelItem(place).piece for place in range(tree.topLevelItemCount())]


def test_from_why_to_each_operation_and_back_to_the_start(stepped, qtbot):
    window = stepped
    record = window.snapshot.stepping.record
    qtbot.wait(2 * SETTLE_MS)
    assert window.snapshot.why is None  # behind the formula nothing was asked
    qtbot.keyClick(window, Qt.Key.Key_Question)
    tree = answer_to(window, qtbot, "Why is (∂L/∂w⁽¹⁾₂,₁)")
    *paths, whole = pieces(tree)
    assert fsum(one.value for one in paths) == pytest.approx(whole.value, rel=1e-12)
    qtbot.waitUntil(tree.hasFocus, timeout=PATIENCE)
    qtbot.waitUntil(lambda: EDGE in window.page.bridge.focus.lit, timeout=PATIENCE)
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    row = tree.topLevelItem(0)
    for place in range(row.childCount()):
        qtbot.keyClick(tree, Qt.Key.Key_Down)
        qtbot.keyClick(tree, Qt.Key.Key_Return)
        at = row.child(place).piece.at
        wanted = record.entries[at.entry].writes
        qtbot.waitUntil(lambda w=wanted: standing_at(window)[1] == w, timeout=PATIENCE)
    assert tree.topLevelItem(0) is row
    qtbot.mouseClick(find(window, "why.back"), LEFT)
    answer_to(window, qtbot, "Why is L")


def test_a_weight_on_the_graph_leads_back_through_its_updates(stepped, qtbot):
    window = stepped
    go(window, qtbot, "z:0")
    graph = find(window, "canvas.graph")
    choose_in_menu(window, qtbot, graph, "canvas.menu.why")
    tree = answer_to(window, qtbot, "Why is w₂,₁")
    *updates, start, whole = pieces(tree)
    assert fsum([start.value, *(one.value for one in updates)]) == whole.value
    assert [one.text for one in updates] == [f"Step {step}" for step in (4, 3, 2, 1)]
    qtbot.mouseClick(tree.viewport(), LEFT, pos=tree.visualItemRect(tree.topLevelItem(2)).center())
    qtbot.waitUntil(lambda: standing_at(window) == (2, "after:0.weight"), timeout=PATIENCE)
    made = window.snapshot.stepping.record.arrays
    added = float(made["after:0.weight"][1, 0]) - float(made["p:0.weight"][1, 0])
    assert updates[2].value == pytest.approx(added, rel=1e-12)
    assert tree.topLevelItem(2).piece is updates[2]


def test_in_the_list_of_parameters_a_gradient_and_a_weight_can_be_asked_about(stepped, qtbot):
    window = stepped
    window.page.area.docks["parameters"].raise_()
    panel = window.page.findChild(object, "parameters")
    qtbot.waitUntil(lambda: panel.model.rowCount() > 0, timeout=PATIENCE)
    row = panel.model.sheet.rows.row_of("0.weight", (1, 0))
    for column, start in ((3, "Why is (∂L/∂w⁽¹⁾₂,₁)"), (2, "Why is w₂,₁ of")):
        window.page.area.docks["parameters"].raise_()
        qtbot.waitUntil(panel.isVisible, timeout=PATIENCE)
        panel.table.setCurrentIndex(panel.model.index(row, column))
        choose_in_menu(window, qtbot, panel, "parameters.menu.why")
        answer_to(window, qtbot, start)


def test_a_beginner_who_asks_finds_the_answer_in_the_place_of_the_formula(first_window, qtbot):
    window = ready(first_window, qtbot)
    area = window.page.area
    assert area.docks["why"].isHidden()
    qtbot.keyClick(window, Qt.Key.Key_Question)
    tree = answer_to(window, qtbot, "Why is (∂L/∂w⁽¹⁾₂,₁)")
    assert area.docks["formula"] in area.tabifiedDockWidgets(area.docks["why"])
    corner = tree.mapTo(window, QPoint())
    graph = area.docks["graph"]
    assert corner.x() > graph.mapTo(window, QPoint(graph.width(), 0)).x()
    area.docks["formula"].raise_()
    qtbot.waitUntil(lambda: tree.visibleRegion().isEmpty(), timeout=PATIENCE)
    assert window.page.bridge.focus.lit == ()
    asked = window.page.findChild(object, "why")._request
    for key in ("d:z:0", "d:p:1.bias", "d:p:0.weight"):
        go(window, qtbot, key)
    qtbot.wait(2 * SETTLE_MS)  # in which it would ask, were it in front
    assert window.page.findChild(object, "why")._request == asked
    area.docks["why"].raise_()
    qtbot.waitUntil(lambda: window.page.findChild(object, "why")._request > asked, timeout=PATIENCE)
