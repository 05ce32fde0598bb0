"""The list of lessons and a page of one, on an experiment that answers."""

from __future__ import annotations

import numpy as np
import pytest

from app.learn.panel import LearnPanel
from core.messages.commands import BeginWith
from core.messages.surface_commands import Window
from core.messages.surface_views import PathView, Survey
from core.presets import PRESETS
from tests.app.fakes import FakeBridge, snapshot_of

SCRIPT = """\
version: 1
minutes: 5
pages:
  - id: first
    open: worked-2-3-2-relu
    show: [[graph, stepbar], formula]
    ask:
      choice: {right: up, others: [down]}
  - id: guess
    show: [curves]
    ask:
      estimate: {of: parameters, within: 0.1}
"""
TEXT = """\
# My lesson

In one sentence.

## first The first page

There are {parameters} numbers.

### question

Which way?

### up

Up

### down

Down

### down-why

Is it?

## guess A guess

### question

How many?

### right

Yes.

### wrong

Not quite.
"""


@pytest.fixture
def panel(qtbot, own_data):
    folder = own_data / "lessons" / "90-mine"
    folder.mkdir(parents=True)
    (folder / "lesson.yaml").write_text(SCRIPT, "utf-8")
    (folder / "text.en.md").write_text(TEXT, "utf-8")
    bridge = FakeBridge(snapshot_of(PRESETS["blank"].spec))
    panel = LearnPanel(bridge)
    panel.bridge = bridge
    qtbot.addWidget(panel)
    panel.resize(340, 600)
    panel.show()
    return panel


def choose(panel, qtbot, name):
    from PySide6.QtCore import Qt
    from PySide6.QtWidgets import QAbstractButton

    found = [b for b in panel.findChildren(QAbstractButton, name) if b.isVisible()]
    assert found, name
    qtbot.mouseClick(found[0], Qt.MouseButton.LeftButton)


def test_a_teachers_own_lesson_stands_in_the_list(panel):
    assert panel.shelf.lessons[-1].title == "My lesson"
    assert len(panel.shelf.lessons) > 15


def test_a_page_opens_its_experiment_and_shows_its_panels(panel, qtbot):
    choose(panel, qtbot, "learn.lesson.90-mine")
    begun = [command for command in panel.bridge.sent if isinstance(command, BeginWith)]
    assert begun[-1].spec == PRESETS["worked-2-3-2-relu"].spec
    assert panel.bridge.stage.columns == (("graph", "stepbar"), ("formula",))


def test_a_wrong_answer_asks_back_and_a_right_one_opens_the_way(panel, qtbot):
    choose(panel, qtbot, "learn.lesson.90-mine")
    page = panel.page_view
    assert not page.next.isEnabled()
    choose(panel, qtbot, "learn.option.down")
    assert page._verdict.label.text() == "Is it?"
    assert not page.next.isEnabled()
    choose(panel, qtbot, "learn.option.up")
    assert page.next.isEnabled()


def test_a_guess_is_shown_beside_the_number(panel, qtbot):
    choose(panel, qtbot, "learn.lesson.90-mine")
    choose(panel, qtbot, "learn.option.up")
    choose(panel, qtbot, "learn.next")
    panel.bridge.present(snapshot_of(PRESETS["worked-2-3-2-relu"].spec))
    page = panel.page_view
    page._estimate.field.setText("a lot")
    choose(panel, qtbot, "learn.guess.take")
    assert "is no number" in page._estimate.problem.text()
    page._estimate.field.setText("1")
    choose(panel, qtbot, "learn.guess.take")
    assert panel.run.guesses["guess"] == 1
    assert panel.run.revealed["guess"] == panel.bridge.snapshot.parameters
    assert page._estimate.bars.isVisible()
    assert page._verdict.label.text() == "Not quite."


def test_the_way_ahead_is_on_no_map_until_the_question_is_answered(panel, qtbot):
    ahead = PathView(
        -1, "This run", 0, np.array([0]), np.zeros((1, 2)), np.ones(1), np.ones(1), np.zeros(1),
        next=(1.0, 0.0), next_loss=0.5, descent=(1.0, 0.0),
    )  # fmt: skip
    survey, asking = Survey(paths=(ahead,)), panel.bridge.asking
    choose(panel, qtbot, "learn.lesson.90-mine")
    hidden = asking.without_ahead(survey)
    assert hidden is asking.without_ahead(survey)  # and no other one each time
    assert (hidden.paths[0].next, hidden.paths[0].descent) == (None, None)
    assert hidden.paths[0].points is ahead.points
    choose(panel, qtbot, "learn.option.up")
    assert asking.without_ahead(survey) is survey


def test_a_page_shows_a_part_of_the_loss_and_leaving_all_of_it(panel, qtbot, own_data):
    path = own_data / "lessons" / "90-mine" / "lesson.yaml"
    path.write_text(SCRIPT.replace("    ask:", "    map: [-4, 3, -1, 2]\n    ask:", 1), "utf-8")
    panel.reload()
    assert not panel.shelf_view.problems.text()
    surface = panel.bridge.surface_choice
    panel.open("90-mine")
    assert surface.request.window == Window(-4, 3, -1, 2)
    choose(panel, qtbot, "learn.option.up")
    choose(panel, qtbot, "learn.next")
    assert surface.request.window is None


def test_leaving_shows_the_list_and_nothing_else(panel, qtbot):
    choose(panel, qtbot, "learn.lesson.90-mine")
    choose(panel, qtbot, "learn.list")
    assert panel.run is None
    assert panel.bridge.stage.columns == ()
    assert panel.shelf_view.isVisible()


def test_a_lesson_is_read_anew_and_goes_on_at_the_same_page(panel, qtbot, own_data):
    choose(panel, qtbot, "learn.lesson.90-mine")
    choose(panel, qtbot, "learn.option.up")
    choose(panel, qtbot, "learn.next")
    path = own_data / "lessons" / "90-mine" / "text.en.md"
    path.write_text(TEXT.replace("## guess A guess", "## guess Another heading"), "utf-8")
    panel.reload()
    assert panel.run.page.id == "guess"
    assert panel.page_view._heading.text() == "Another heading"


def test_what_is_wrong_in_a_lesson_stands_above_the_list(panel, own_data):
    path = own_data / "lessons" / "90-mine" / "lesson.yaml"
    path.write_text(SCRIPT.replace("minutes: 5", "minutes: soon"), "utf-8")
    panel.reload()
    assert panel.shelf_view.problems.isVisible()
    assert "lesson.yaml, line 2" in panel.shelf_view.problems.text()


def test_what_is_done_is_recorded_as_a_lesson(panel, own_data):
    from core.messages.edits import set_seed
    from core.messages.orders import ResetWeights

    panel._record(True)
    panel.bridge.dispatch(ResetWeights())
    panel.bridge.dispatch(set_seed(5))
    panel.bridge.carry_out(set_seed(5))
    recorder = panel._recorder
    deeds = recorder.finish()
    assert [deed.task for deed in deeds] == [{"reset": True}, {"field": "seed", "value": 5}]
    panel._recorder = None
    panel.write_recording("Mine: two", recorder.spec, deeds)
    assert panel.shelf.find("mine-two").title == "Mine: two"
    panel.write_recording("Mine: two", recorder.spec, deeds)
    assert "another name" in panel.shelf_view.note.text()


ASKS_LOSS = """\
version: 1
minutes: 5
pages:
  - id: first
    open: worked-2-3-2-relu
  - id: loss
    ask: {number: {writes: terms}}
  - id: other
    open: xor-2-2-1
  - id: last
"""


def test_the_loss_is_kept_back_until_a_page_has_asked_for_it(panel, own_data):
    folder = own_data / "lessons" / "91-loss"
    folder.mkdir()
    (folder / "lesson.yaml").write_text(ASKS_LOSS, "utf-8")
    pages = "".join(f"## {name} One\n\nText.\n\n" for name in ("first", "loss", "other", "last"))
    (folder / "text.en.md").write_text(f"# The loss\n\nAsked.\n\n{pages}", "utf-8")
    panel.reload()
    panel.open("91-loss")
    asking = panel.bridge.asking
    assert asking.hides_loss  # a page before it already
    panel.run.turn(1)
    assert asking.hides_loss
    panel.run.answer()
    assert not asking.hides_loss
    panel.run.turn(1)
    assert not asking.hides_loss
    panel.leave()
    panel.open("91-loss")
    assert asking.hides_loss == (panel.run.page.id in ("first", "loss"))
    panel.run.turn(-2)
    panel.leave()
    assert not asking.hides_loss
