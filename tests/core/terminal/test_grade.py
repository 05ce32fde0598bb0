"""What a class handed in: each number is worked out anew, and each answer read as in the window."""

from __future__ import annotations

import csv
import io
import json

import pytest
import torch

from core import terminal
from core.lessons.assignment import AnswerSheet, Assignment, lesson_of, read_assignment

EXPERIMENT = {
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
    "intro": "Work them out.",
    "experiments": {"neuron": EXPERIMENT},
    "questions": [
        {"experiment": "neuron", "number": {"writes": "z:0", "index": [1]}},
        {"experiment": "neuron", "number": {"writes": "d:z:0", "index": [1]}},
        {
            "experiment": "neuron",
            "number": {"writes": "after:0.weight", "index": [1, 2], "sample": None},
        },
    ],
}


def by_torch() -> tuple[float, float, float]:
    """The three numbers, from torch alone."""
    x, w = torch.tensor([1.0, 2.0]), torch.tensor([0.5, -0.3], requires_grad=True)
    z = (w * x).sum() + torch.tensor(0.2)
    z.retain_grad()
    (0.5 * (torch.sigmoid(z) - 1) ** 2).backward()
    return float(z.detach()), float(z.grad), float((w - 0.5 * w.grad)[1].detach())


def tried(*texts: str) -> list[dict]:
    return [
        {"text": text, "at": f"2026-11-29T10:00:{10 * place:02d}+00:00"}
        for place, text in enumerate(texts)
    ]


def sheet(answers, name="Ada", **changed) -> dict:
    return {
        "kind": "answers", "version": 1, "name": name,
        "assignment": {**ASSIGNMENT, **changed}, "answers": answers,
    }  # fmt: skip


@pytest.fixture
def hand_in(tmp_path):
    def write(content, file="ada.json"):
        path = tmp_path / file
        path.write_text(json.dumps(content), "utf-8")
        return str(path)

    return write


def test_right_and_wrong_answers_are_told_with_their_slips(hand_in, capsys):
    z, slope, weight = by_torch()
    a = float(torch.sigmoid(torch.tensor(z)))
    path = hand_in(
        sheet(
            [
                {"question": 1, "tries": tried(f"{z:.4g}")},
                # The activation's slope left out, then right.
                {"question": 2, "tries": tried(f"{a - 1:.4g}", f"{slope:.4g}"), "hints": 1},
                {"question": 3, "tries": tried(f"{weight:.4g}"), "shown": True},
            ]
        )
    )
    assert terminal.main(["grade", path, "--json"]) == 0
    out, err = capsys.readouterr()
    graded = json.loads(out)
    first, second, third = graded["questions"]
    assert graded["right"] == 2
    assert (first["right"], first["tries"]) == (True, 1)
    assert (second["right"], second["tries"], second["hints"], second["seconds"]) == (
        True,
        2,
        1,
        10,
    )
    assert len(second["slips"]) == 1
    assert (third["right"], third["shown"]) == (False, True)
    assert "no proof" in err


def test_a_file_whose_numbers_do_not_replay_is_refused_and_the_others_are_graded(hand_in, capsys):
    z, _, _ = by_torch()
    good = hand_in(sheet([{"question": 1, "tries": tried(str(z)), "value": z.hex()}]), "good.json")
    bad = hand_in(
        sheet([{"question": 1, "tries": tried("0.2"), "value": (0.2).hex()}], name="Eve"),
        "bad.json",
    )
    assert terminal.main(["grade", bad, good]) == 2
    out, err = capsys.readouterr()
    assert "bad.json: It does not replay: question 1" in err
    assert "Ada" in out
    assert "Eve" not in out


def test_a_value_that_is_no_number_does_not_replay(hand_in, capsys):
    path = hand_in(sheet([{"question": 1, "tries": tried("1"), "value": "a lot"}]))
    assert terminal.main(["grade", path]) == 2
    assert "It does not replay" in capsys.readouterr().err


def test_answers_to_another_assignment_are_refused(hand_in, tmp_path, capsys):
    mine = tmp_path / "mine.json"
    mine.write_text(json.dumps(ASSIGNMENT), "utf-8")
    same = hand_in(sheet([]), "same.json")
    other = hand_in(sheet([], title="Another"), "other.json")
    assert terminal.main(["grade", same, "--assignment", str(mine)]) == 0
    assert terminal.main(["grade", other, "--assignment", str(mine)]) == 2
    assert "another assignment (Another)" in capsys.readouterr().err


def test_the_table_is_written_as_csv_without_formulas(hand_in, capsys):
    path = hand_in(sheet([{"question": 1, "tries": tried("9")}], name="=cmd()"))
    assert terminal.main(["grade", path, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["question"] for row in rows] == ["1", "2", "3"]
    assert rows[0]["name"] == "'=cmd()"
    assert [row["right"] for row in rows] == ["0", "0", "0"]


def test_gradescope_gets_a_score_for_each_question(hand_in, capsys):
    path = hand_in(sheet([{"question": 1, "tries": tried(str(by_torch()[0]))}]))
    assert terminal.main(["grade", path, "--gradescope"]) == 0
    tests = json.loads(capsys.readouterr().out)["tests"]
    assert [test["score"] for test in tests] == [1.0, 0.0, 0.0]
    assert {test["max_score"] for test in tests} == {1.0}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"questions": []}, "questions"),
        ({"experiments": {"other": EXPERIMENT}}, "question 1 is about neuron; there are other"),
        ({"kind": "experiment"}, "kind"),
        (
            {"questions": [{"experiment": "neuron", "number": {"writes": "z:7", "index": [1]}}]},
            "Question 1 asks for z:7",
        ),
        (
            {"questions": [{"experiment": "neuron", "number": {"writes": "z:0", "index": [9]}}]},
            "Question 1 asks for z:0",
        ),
        (
            {"questions": [{"experiment": "neuron", "number": {"writes": "terms", "sample": 5}}]},
            "Question 1 asks for terms",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_said(hand_in, capsys, change, says):
    assert terminal.main(["grade", hand_in(sheet([], **change))]) == 2
    assert says in capsys.readouterr().err


def test_an_assignment_is_a_lesson_of_a_page_a_question(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(ASSIGNMENT), "utf-8")
    assignment = read_assignment(path)
    lesson = lesson_of(assignment, tmp_path)
    assert [page.id for page in lesson.pages] == ["begin", "q1", "q2", "q3", "hand-in"]
    assert lesson.opened_by(2) == Assignment.model_validate(ASSIGNMENT).experiments["neuron"]
    assert AnswerSheet.model_validate(sheet([])).assignment.digest == assignment.digest
