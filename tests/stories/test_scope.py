"""A learner asks whose number that is: one switch rules graph, card, formula, table and code."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt

from app.link.focus import Spot
from core.debugger.formulas.names import name_of
from core.messages.commands import RunToPlace
from core.messages.record import Grain
from core.messages.scope import Scope
from core.messages.snapshot import RunState

pytestmark = pytest.mark.window

LEFT = Qt.MouseButton.LeftButton
PLACE = Spot((1,), 0, source=1)
"""The second weight into the output of XOR."""


@pytest.fixture
def stepped(window, qtbot):
    """XOR, stepped to the gradients of the last layer's weights."""
    window.experiments.open_preset("xor-2-2-1")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=30_000)
    qtbot.mouseClick(window.findChild(object, "perspective-step"), LEFT)
    window.page.findChild(object, "step").set_grain(Grain.OPERATION)
    qtbot.mouseClick(window.page.findChild(object, "step.next"), LEFT)
    qtbot.waitUntil(lambda: window.snapshot.stepping is not None, timeout=5_000)
    entries = window.snapshot.stepping.record.entries
    place = [e.writes for e in entries].index("d:p:1.weight")
    window.page.bridge.dispatch(RunToPlace(place))
    qtbot.waitUntil(lambda: window.snapshot.stepping.place.entry == place, timeout=5_000)
    window.page.bridge.focus.select(PLACE)
    return window


def graph_says(window):
    control = window.page.area.docks["graph"].widget().control
    links, edges = control.state.layout.links[1], control.state.scene.edges[1]
    here = (links.targets == PLACE.unit) & (links.sources == PLACE.source)
    return float(edges.values[here][0])


def formula_says(window):
    view = window.page.findChild(object, "formula")
    return view.card.formula.result.value, view.whose.text(), view.card.formula.line


def table_says(window):
    table = window.page.findChild(object, "parameters")
    column = table.model.sheet.columns[1]
    row = table.model.sheet.rows.row_of("1.weight", (PLACE.unit, PLACE.source))
    return float(column.values[row]), column.title


def run(line, record):
    """What a line of PyTorch ends in."""
    known = {
        name_of(record, f"{key}"): torch.from_numpy(array.copy())
        for key, array in record.arrays.items()
        if key in ("z:0", "a:0", "d:z:1")
    }
    statement, _, last = line.rpartition("; ")
    exec(statement, known)
    return float(eval(last, known))


def test_graph_formula_table_and_code_speak_of_the_same_number_in_either_scope(stepped, qtbot):
    window, record = stepped, stepped.snapshot.stepping.record
    gradient = float(record.arrays["d:p:1.weight"][0, 1])
    window.page.area.docks["parameters"].raise_()
    qtbot.waitUntil(lambda: len(window.page.findChild(object, "parameters").model.sheet.rows) > 0)
    picker = window.page.findChild(object, "step.sample")
    shares = []
    for sample in range(record.samples):
        picker.setValue(sample + 1)
        qtbot.waitUntil(lambda: table_says(window)[1] == "Gradient, share", timeout=5_000)
        shares.append(_all_say(window, qtbot, record))
        assert "one sample's share" in formula_says_when_shown(window, qtbot)[1]
        window.page.area.docks["parameters"].raise_()
    assert sum(shares) == pytest.approx(gradient, rel=1e-4)
    assert not np.allclose(shares, gradient, rtol=1e-2)
    batch = window.page.findChild(object, "step.scope.batch")
    qtbot.mouseClick(batch, LEFT)
    qtbot.waitUntil(lambda: table_says(window)[1] == "Gradient", timeout=5_000)
    assert _all_say(window, qtbot, record) == pytest.approx(gradient, rel=1e-5)
    assert "whole batch of 4" in formula_says_when_shown(window, qtbot)[1]
    qtbot.keyClick(window, Qt.Key.Key_B)
    qtbot.waitUntil(lambda: window.page.bridge.focus.scope is Scope.SAMPLE, timeout=5_000)
    assert graph_says(window) == pytest.approx(shares[-1], rel=1e-5)


def formula_says_when_shown(window, qtbot):
    window.page.area.docks["formula"].raise_()
    view = window.page.findChild(object, "formula")
    qtbot.waitUntil(view.page.isVisible, timeout=5_000)
    return formula_says(window)


def _all_say(window, qtbot, record):
    """The one number that every view shows."""
    table = table_says(window)[0]
    shown, _, line = formula_says_when_shown(window, qtbot)
    assert shown == pytest.approx(graph_says(window), rel=1e-5)
    assert table == pytest.approx(shown, rel=1e-5)
    assert run(line, record) == pytest.approx(shown, rel=1e-5)
    return shown
