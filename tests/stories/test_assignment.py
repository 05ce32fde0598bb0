"""A teacher's questions are opened, answered in the real window, handed in and graded."""

from __future__ import annotations

import json

import pytest

from core import terminal
from tests.stories.conftest import needs_display
from tests.stories.learner import Learner

pytestmark = [pytest.mark.window, needs_display]

NEURON = {
    "version": 1,
    "name": "One neuron",
    "data": {"kind": "worked_example", "inputs": [[1.0, 2.0]], "targets": [[1.0]]},
    "layers": [{"kind": "dense", "units": 1, "activation": {"kind": "sigmoid"}}],
    "loss": {"kind": "half_mse"},
    "optimizer": {"kind": "gd", "learning_rate": 0.5},
    "by_hand": {"start": {"0.weight": [[0.5, -0.3]], "0.bias": [0.2]}},
}
ASSIGNMENT = {
    "kind": "assignment",
    "version": 1,
    "title": "First steps",
    "intro": "Work them out by hand.",
    "experiments": {"neuron": NEURON},
    "questions": [
        {"experiment": "neuron", "number": {"writes": "z:0", "index": [1]}},
        {"experiment": "neuron", "number": {"writes": "d:z:0", "index": [1]}},
    ],
}


def test_questions_are_answered_handed_in_and_graded(window, qtbot, tmp_path, capsys):
    path, answers = tmp_path / "first.json", tmp_path / "ada.answers.json"
    path.write_text(json.dumps(ASSIGNMENT), "utf-8")
    window.experiments.open_path(str(path))
    learner = Learner(window, qtbot, {})
    learner.until(lambda: learner.panel is not None and learner.run is not None)
    assert learner.run.lesson.title == "First steps"
    asking = window.page.bridge.asking

    learner.settle()
    learner.click("learn.next")
    learner.until(lambda: asking.question is not None and asking.is_open)
    asking.answer("0.5*1 - 0.3*2")  # the bias left out
    assert asking.is_open
    asking.answer("0.5*1 - 0.3*2 + 0.2")
    learner.until(learner.panel.page_view.next.isEnabled)

    learner.click("learn.next")
    learner.until(lambda: asking.question is not None and asking.is_open)
    asking.take_hint()
    asking.give_up()
    learner.until(learner.panel.page_view.next.isEnabled)

    learner.click("learn.next")
    hand_in = learner.panel.page_view.hand_in
    learner.until(hand_in.isVisible)
    assert "2 of 2" in hand_in.count.text()
    learner.panel.write_answers(answers, "Ada")
    assert str(answers) in hand_in.note.text()

    assert terminal.main(["grade", str(answers), "--assignment", str(path), "--json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["questions"]
    assert (first["right"], first["tries"], first["shown"]) == (True, 2, False)
    assert first["slips"]
    assert (second["right"], second["hints"], second["shown"]) == (False, 1, True)


def test_a_damaged_assignment_is_told_and_changes_nothing(window, qtbot, tmp_path):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({**ASSIGNMENT, "questions": []}), "utf-8")
    before = window.snapshot.spec
    refused = []
    window.experiments.refused.connect(refused.append)
    window.experiments.open_path(str(path))
    qtbot.waitUntil(lambda: bool(refused), timeout=10_000)
    assert "questions" in str(refused[0])
    assert window.snapshot.spec == before
