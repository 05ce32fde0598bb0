"""What speaks against an answer stands beneath it, without moving anything."""

from __future__ import annotations

from app.digits.doubt_line import DoubtLine
from core.sentence import Sentence


def test_what_weighs_most_is_said_and_the_rest_on_hover(qtbot):
    line = DoubtLine()
    qtbot.addWidget(line)
    line.resize(300, line.sizeHint().height())
    room = line.sizeHint()
    assert line.text == ""
    shapes = Sentence("There is more than one shape: the network reads one digit at a time.")
    close = Sentence(
        "It may be {first} ({share:.0%}) or {second} ({other:.0%}).",
        first="4",
        share=0.55,
        second="9",
        other=0.45,
    )
    line.show_doubts((shapes, close))
    line.grab()
    assert line.text.startswith("There is more than one shape")
    assert "It may be 4 (55%) or 9 (45%)." in line.toolTip()
    assert line.accessibleDescription() == line.text
    assert line.sizeHint() == room
    line.show_doubts(())
    assert line.text == line.toolTip() == ""
