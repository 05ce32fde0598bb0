"""The quiet line on what keeps a network from learning."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app.train.findings import FindingsLine
from core.messages.findings import Finding, Offer
from core.sentence import Sentence

OFFER = Offer(Sentence("Leaky ReLU in place of ReLU"), ())
DEAD = Finding("dead_units", "warning", Sentence("{n} units give 0.", n=8), Sentence("No slope."),
               (Sentence("The loss is {loss}.", loss="0.69"),), {}, OFFER)  # fmt: skip
UNEVEN = Finding("imbalance", "warning", Sentence("Class b is missed."), Sentence("It is rare."))


@pytest.fixture
def line(qtbot):
    line = FindingsLine()
    qtbot.addWidget(line)
    line.resize(800, 40)
    return line


def texts(widget):
    """All lines that are seen."""
    seen = [x.text() for x in widget.findChildren(QLabel) if x.isVisible() and x.text()]
    return [line for text in seen for line in text.splitlines()]


def test_it_is_there_only_while_something_ails_the_run(line):
    assert not line.isVisible()
    line.show_findings((DEAD,))
    assert line.isVisible()
    assert line.line.text() == "8 units give 0."
    line.show_findings(())
    assert not line.isVisible()


def test_opened_by_key_it_shows_the_evidence_and_offers_the_change(line, qtbot):
    line.show_findings((DEAD, UNEVEN))
    qtbot.keyClick(line.opener, Qt.Key.Key_Space)
    shown = texts(line)
    assert {"No slope.", "The loss is 0.69.", "Class b is missed.", "It is rare."} <= set(shown)
    (button,) = line.findChildren(QPushButton)
    assert button.accessibleName() == "Try beside: Leaky ReLU in place of ReLU"
    with qtbot.waitSignal(line.tried) as tried:
        qtbot.keyClick(button, Qt.Key.Key_Space)
    assert tried.args == [OFFER]


def test_it_follows_while_open_and_closes_with_the_last_one(line, qtbot):
    line.show_findings((DEAD,))
    qtbot.mouseClick(line.opener, Qt.MouseButton.LeftButton)
    line.show_findings((UNEVEN,))
    assert "It is rare." in texts(line)
    assert "No slope." not in texts(line)
    line.show_findings(())
    assert not line.opener.isChecked()


def test_other_perspectives_are_left_in_peace(line):
    line.set_wanted(False)
    line.show_findings((DEAD,))
    assert not line.isVisible()
    line.set_wanted(True)
    assert line.isVisible()
    assert line.findChild(QWidget, "findings.open").isVisible()
