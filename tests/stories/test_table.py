"""A person's own table: another target column with three classes, and a loss for two."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLineEdit

from core.data.table import CsvTable
from core.messages.edits import set_data
from core.messages.snapshot import RunState
from tests.stories.driving import PATIENCE, find, press


def test_three_classes_bring_a_proposal_that_one_click_takes_and_undo_takes_back(
    window, qtbot, tmp_path
):
    rows = [f"{n / 7:.3f},{n % 5},{'ab'[n % 2]},{'xyz'[n % 3]}" for n in range(60)]
    path = tmp_path / "flowers.csv"
    path.write_text("\n".join(["height,width,side,kind", *rows]), "utf-8")
    window.experiments.open_preset("logistic-2-1")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=PATIENCE)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=PATIENCE)
    window.experiments.show_perspective("train")
    page = window.page
    page.bridge.dispatch(set_data(CsvTable(path=str(path), target="side")))
    qtbot.waitUntil(lambda: bool(page.notices.notices), timeout=PATIENCE)
    assert page.findChild(QAbstractButton, "notice-offer") is None

    find(window, "training.data.header", QAbstractButton).setChecked(True)
    target = find(window, "training.data.target", QLineEdit)
    target.setFocus()
    target.selectAll()
    qtbot.keyClicks(target, "kind")
    qtbot.keyClick(target, Qt.Key.Key_Return)
    offered = "notice-offer"
    qtbot.waitUntil(lambda: page.findChild(QAbstractButton, offered) is not None, timeout=PATIENCE)
    (row,) = page.notices.notices
    assert row.message.text == "flowers.csv: lines: 60, inputs: 4, classes: 3 (x, y, z)."
    qtbot.waitUntil(lambda: bool(window.snapshot.findings), timeout=PATIENCE)
    assert not page.findings.isVisible()  # said once

    press(window, qtbot, "notice-offer")
    qtbot.waitUntil(lambda: window.snapshot.spec.loss.kind == "cross_entropy", timeout=PATIENCE)
    head = window.snapshot.spec.layers[-1]
    assert (head.activation.kind, head.units) == ("softmax", 3)
    assert page.notices.notices == []
    window.actions_["edit.undo"].trigger()
    qtbot.waitUntil(lambda: window.snapshot.spec.loss.kind != "cross_entropy", timeout=PATIENCE)
    qtbot.waitUntil(page.findings.isVisible, timeout=PATIENCE)  # what is amiss stays told
