"""Lessons are read whole, or refused with file, line and what is allowed."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import UserError
from core.lessons.reading import read_lesson
from core.lessons.shelf import SHIPPED, shelf_of

SCRIPT = """\
version: 1
minutes: 5
pages:
  - id: first
    open: worked-2-3-2-relu
    show: [[graph, stepbar], formula]
    do:
      - {reach: "z:0"}
  - id: second
    change:
      - {field: optimizer.learning_rate, to: 0.5}
    ask:
      choice: {right: up, others: [down]}
"""
TEXT = """\
# A lesson

In one sentence.

## first The first page

Words.

### task

Press Next.

## second

### question

Which way?

### up

Up

### down

Down

### down-why

Is it?
"""


def written(folder: Path, script: str = SCRIPT, text: str = TEXT) -> Path:
    lesson = folder / "mine"
    lesson.mkdir()
    (lesson / "lesson.yaml").write_text(script, "utf-8")
    (lesson / "text.en.md").write_text(text, "utf-8")
    return lesson


def refusal(folder: Path, script: str = SCRIPT, text: str = TEXT) -> str:
    with pytest.raises(UserError) as caught:
        read_lesson(written(folder, script, text))
    return str(caught.value)


def test_a_lesson_has_its_pages_and_their_words(tmp_path):
    lesson = read_lesson(written(tmp_path))
    first, second = lesson.pages
    assert (lesson.id, lesson.title, lesson.minutes) == ("mine", "A lesson", 5)
    assert lesson.texts.summary == "In one sentence."
    assert first.columns == (("graph", "stepbar"), ("formula",))
    assert lesson.text_of(first).heading == "The first page"
    assert lesson.text_of(first).part("task") == "Press Next."
    assert lesson.text_of(second).part("down-why") == "Is it?"
    assert second.ask.choice.shown == ("down", "up")


def test_a_page_stands_on_what_was_opened_last_with_all_changes_since(tmp_path):
    lesson = read_lesson(written(tmp_path))
    assert lesson.opened_by(0).optimizer.learning_rate == 0.05
    assert lesson.opened_by(1).optimizer.learning_rate == 0.5


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("minutes: 5", "minutes: soon", 2, "minutes"),
        ("    show: [[graph", "    shows: [[graph", 6, "no such field"),
        ("[[graph, stepbar], formula]", "[[graph, stepbar], formulas]", 6, "formula"),
        ('{reach: "z:0"}', '{reached: "z:0"}', 8, "reach, steps, measure"),
        ("id: second", "id: first", 9, "two pages are called first"),
        ("optimizer.learning_rate", "optimizer.rate.now", 11, "no field optimizer.rate.now"),
        ("to: 0.5", "to: -1", 11, "greater than"),
        ("choice: {right: up", "choice: [right: up", 13, "expected"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(tmp_path, old, new, line, says):
    assert old in SCRIPT
    said = refusal(tmp_path, SCRIPT.replace(old, new))
    assert said.startswith("lesson.yaml, line ")
    assert abs(int(said.split("line ")[1].split(":")[0]) - line) <= 1
    assert says in said


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("## second", "## seconds", "no page is called seconds; there are first, second"),
        ("### task", "### tasks", "needs a section '### task'"),
        ("### down-why", "### because", "allowed are task, hint, done"),
        ("Words.", "It is {training los}.", "no measure is called training los"),
        ("# A lesson", "A lesson", "the first line has to be"),
    ],
)
def test_texts_that_do_not_fit_their_pages_are_refused(tmp_path, old, new, says):
    said = refusal(tmp_path, text=TEXT.replace(old, new, 1))
    assert said.startswith("text.en.md, line ")
    assert says in said


def test_a_lesson_opens_nothing_outside_its_folder(tmp_path):
    (tmp_path / "secret.json").write_text("{}", "utf-8")
    said = refusal(tmp_path, SCRIPT.replace("open: worked-2-3-2-relu", "open: ../secret.json"))
    assert "no preset is called ../secret.json" in said


def test_yaml_builds_no_objects(tmp_path):
    said = refusal(tmp_path, "!!python/object/apply:os.system ['true']\n")
    assert "lesson.yaml" in said


def test_one_damaged_lesson_leaves_the_others_alone(tmp_path):
    whole, damaged = tmp_path / "whole", tmp_path / "damaged"
    whole.mkdir()
    damaged.mkdir()
    written(whole)
    broken = written(damaged, "pages: 7")
    shelf = shelf_of(whole, damaged)
    assert [lesson.id for lesson in shelf.lessons] == ["mine"]
    assert list(shelf.refused) == [broken]


def test_every_shipped_lesson_can_be_read():
    shelf = shelf_of(SHIPPED)
    assert not {folder.name: str(why) for folder, why in shelf.refused.items()}
    assert len(shelf.lessons) >= 15
    for lesson in shelf.lessons:
        assert lesson.minutes <= 10
        for number in range(len(lesson.pages)):
            assert lesson.opened_by(number) is not None
