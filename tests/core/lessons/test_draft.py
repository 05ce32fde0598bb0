"""What was done while recording becomes a lesson that can be read, and done again."""

from __future__ import annotations

import pytest

from core.errors import UserError
from core.lessons.draft import Deed, tasks_between, write_draft
from core.lessons.reading import changed, read_lesson
from core.presets import PRESETS

SPEC = PRESETS["worked-2-3-2-relu"].spec
STEP = (("graph", "stepbar"), ("formula",))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("optimizer.learning_rate", 0.5),
        ("layers.0.units", 5),
        ("training.batch_size", 7),
        ("seed", 9),
    ],
)
def test_a_changed_field_is_a_task(field, value):
    assert tasks_between(SPEC, changed(SPEC, field, value)) == [{"field": field, "value": value}]


def test_another_entry_of_a_catalog_is_a_task_for_its_kind():
    other = changed(SPEC, "optimizer", {"kind": "adam"})
    assert {"field": "optimizer.kind", "value": "adam"} in tasks_between(SPEC, other)


def test_another_count_of_layers_is_one_task():
    more = changed(
        SPEC, "layers", [{"kind": "dense", "units": 4}] * 2 + [{"kind": "dense", "units": 2}]
    )
    assert tasks_between(SPEC, more) == [{"measure": "layers", "at_least": 3, "at_most": 3}]


def test_nothing_changed_is_no_task():
    assert tasks_between(SPEC, SPEC.model_copy(update={"name": "Other"})) == []


def test_a_draft_can_be_read(tmp_path):
    deeds = [
        Deed({"reach": "z:0"}, STEP),
        Deed({"field": "optimizer.learning_rate", "value": 0.5}, (("network",), ("graph",))),
        Deed({"steps": 20}, (("curves",),)),
        Deed({"reset": True}, (("curves",),)),
        Deed({"measure": "parameter 0.weight 1 2", "at_least": 1.0}, STEP),
    ]
    write_draft(tmp_path / "mine", "My lesson", SPEC, deeds)
    lesson = read_lesson(tmp_path / "mine")
    assert lesson.title == "My lesson"
    assert len(lesson.pages) == 5
    assert lesson.opened_by(0) == SPEC
    assert lesson.pages[0].columns == STEP
    assert "20 steps" in lesson.text_of(lesson.pages[2]).part("task")


def test_a_lesson_that_is_there_is_not_written_over(tmp_path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(UserError, match="another name"):
        write_draft(tmp_path / "mine", "My lesson", SPEC, [Deed({"reset": True}, STEP)])
