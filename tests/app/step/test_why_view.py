"""Why is this number what it is: asked, answered in words and rows, and walked along."""

from dataclasses import replace
from math import fsum

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from app.link.focus import Spot
from app.link.wondering import Wondered, wondering
from app.step.why.subject import Matter
from app.step.why.tree import WhyTree
from app.step.why.view import SETTLE_MS, WhyView
from core.debugger.tape import record_step
from core.debugger.why.paths import paths_of
from core.debugger.why.updates import history_of
from core.errors import UserError
from core.messages.commands import AskWhy, Next, RunToPlace, Visit, Watch
from core.messages.record import Grain, Place
from core.messages.snapshot import RunState, Values
from core.messages.why import AboutNumber, AboutWeight, WhyAnswer
from core.sentence import Sentence
from core.training.past import Past
from tests.app.fakes import snapshot_of
from tests.app.stepped import entry_writing, standing, whole_place
from tests.core.experiments import tiny, trainer_of

LEFT = Qt.MouseButton.LeftButton
SOON = 10 * SETTLE_MS


@pytest.fixture
def view(qtbot, bridge):
    widget = WhyView(bridge)
    qtbot.addWidget(widget)
    widget.resize(420, 640)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


@pytest.fixture
def trained():
    """A trainer after four steps that can be gone back through."""
    trainer = trainer_of(tiny())
    past = Past(trainer, live=True)
    for _ in range(4):
        trainer.run_on(1)
        trainer.flush()
        past.remember()
    return trainer, past


def stand(bridge, record, key, **fields):
    bridge.present(standing(record, whole_place(record, entry_writing(record, key)), **fields))


def questions(bridge):
    return [command for command in bridge.sent if isinstance(command, AskWhy)]


def answer(qtbot, bridge, trained=None):
    """What the engine would, to the newest question."""
    count = len(questions(bridge))
    qtbot.waitUntil(lambda: len(questions(bridge)) > max(count - 1, 0), timeout=SOON)
    question = questions(bridge)[-1]
    about = question.about
    if isinstance(about, AboutNumber):
        found = paths_of(about.record, about.entry, about.index, about.sample)
    else:
        found = history_of(*trained, about.parameter, about.index)
    bridge.present(replace(bridge.snapshot, why=WhyAnswer(question.request, found)))
    return found


def asked(qtbot, bridge, act, trained=None):
    """Does something that makes the view ask, and answers."""
    before = len(questions(bridge))
    act()
    qtbot.waitUntil(lambda: len(questions(bridge)) > before, timeout=SOON)
    return answer(qtbot, bridge, trained)


def rows(view):
    tree = view.tree
    return [tree.topLevelItem(place) for place in range(tree.topLevelItemCount())]


def pieces(view):
    return [row.piece for row in rows(view)]


def press(qtbot, view, row):
    area = view.tree.visualItemRect(row)
    qtbot.mouseClick(view.tree.viewport(), LEFT, pos=area.center())


def test_a_gradient_is_the_sum_of_its_paths_the_largest_first(qtbot, view, bridge, record):
    bridge.focus.select(Spot((0,), 2, source=1))
    found = asked(qtbot, bridge, lambda: stand(bridge, record, "d:p:0.weight"))
    about = questions(bridge)[-1].about
    assert (about.entry.writes, about.index, about.sample) == ("d:p:0.weight", (2, 1), 0)
    *paths, whole = pieces(view)
    assert whole.is_whole
    assert fsum(path.value for path in paths) == pytest.approx(whole.value, rel=1e-12)
    assert [path.value for path in paths] == [path.product for path in found.paths]
    assert view.heading.text().replace("\u2060", "").startswith("Why is (∂L/∂w⁽¹⁾₃,₂)[1] ")
    assert "One sample's share · Sample 1 of 8" in view.whose.text()
    assert (
        str(found.sentences[0])
        == view.sentences.text().replace("\u2060", "")[: len(str(found.sentences[0]))]
    )


def test_a_path_opens_into_the_slopes_it_is_the_product_of(qtbot, view, bridge, record):
    asked(qtbot, bridge, lambda: stand(bridge, record, "d:p:0.weight"))
    row = rows(view)[0]
    assert not row.childCount()
    row.setExpanded(True)
    factors = [row.child(place).piece for place in range(row.childCount())]
    assert np.prod([one.value for one in factors]) == pytest.approx(row.piece.value, rel=1e-12)
    assert all(one.at is not None for one in factors)
    assert row.piece.more.count("×") == len(factors) - 1


def test_what_is_pointed_at_is_lit_and_nothing_when_the_pointer_leaves(qtbot, view, bridge, record):
    bridge.focus.select(Spot((0,), 2, source=1))
    asked(qtbot, bridge, lambda: stand(bridge, record, "d:p:0.weight"))
    area = view.tree.visualItemRect(rows(view)[0])
    qtbot.mouseMove(view.tree.viewport(), area.center() - QPoint(4, 0))
    qtbot.mouseMove(view.tree.viewport(), area.center())
    qtbot.waitUntil(lambda: bool(bridge.focus.lit))
    lit = set(bridge.focus.lit)
    ways = {Spot((0,), 2, source=1), Spot((0,), 2), Spot((1,), 0, source=2), Spot((1,), 0)}
    assert ways <= lit
    qtbot.mouseMove(view.heading, QPoint(2, 2))
    view.hide()
    assert bridge.focus.lit == ()


def test_what_was_lit_goes_with_its_rows(qtbot, view, bridge, record):
    asked(qtbot, bridge, lambda: stand(bridge, record, "d:p:0.weight"))
    bridge.focus.light(rows(view)[0].piece.places)
    bridge.dispatch(Next(Grain.OPERATION))
    asked(qtbot, bridge, lambda: stand(bridge, record, "d:z:0"))
    assert bridge.focus.lit == ()


def test_the_arrow_keys_light_and_enter_goes(qtbot, view, bridge, record):
    asked(qtbot, bridge, lambda: stand(bridge, record, "d:z:0"))
    view.activateWindow()
    view.tree.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(view.tree.hasFocus)
    assert bridge.focus.lit
    qtbot.keyClick(view.tree, Qt.Key.Key_Return)
    assert rows(view)[0].isExpanded()
    qtbot.keyClick(view.tree, Qt.Key.Key_Down)
    at = rows(view)[0].child(0).piece.at
    qtbot.keyClick(view.tree, Qt.Key.Key_Return)
    assert bridge.sent[-1] == RunToPlace(at.entry)


def test_one_walks_from_piece_to_piece_and_the_answer_stays(qtbot, view, bridge, record):
    asked(qtbot, bridge, lambda: stand(bridge, record, "d:z:0"))
    heading, row = view.heading.text(), rows(view)[0]
    row.setExpanded(True)
    for place in range(row.childCount()):
        at = row.child(place).piece.at
        press(qtbot, view, row.child(place))
        assert bridge.sent[-1] == RunToPlace(at.entry)
        bridge.present(standing(record, whole_place(record, at.entry)))
        assert view.heading.text() == heading
        assert rows(view)[0] is row
    count = len(questions(bridge))
    bridge.dispatch(Next(Grain.OPERATION))
    stand(bridge, record, "d:z:1")
    qtbot.waitUntil(lambda: len(questions(bridge)) > count, timeout=SOON)
    assert questions(bridge)[-1].about.entry.writes == "d:z:1"


def test_what_views_send_by_themselves_leaves_the_answer(qtbot, view, bridge, record):
    asked(qtbot, bridge, lambda: stand(bridge, record, "d:z:0"))
    row = rows(view)[0]
    row.setExpanded(True)
    press(qtbot, view, row.child(0))
    bridge.dispatch(Watch(frozenset()))
    stand(bridge, record, "z:1")
    assert rows(view)[0] is row


def test_an_activation_opens_down_to_the_inputs(qtbot, view, bridge, record):
    stand(bridge, record, "a:0")
    qtbot.waitUntil(lambda: view.tree.topLevelItemCount() > 0, timeout=SOON)
    assert questions(bridge) == []
    assert "a⁽¹⁾₁" in view.heading.text().replace("\u2060", "")
    row, seen = rows(view)[0], []
    while row.piece.opened is not None:
        row.setExpanded(True)
        seen.append(row.piece.text)
        row = row.child(0)
    assert any(text.startswith("z⁽¹⁾₁") for text in seen)
    assert row.childCount() == 0


def test_a_sum_ends_in_the_number_that_it_makes(qtbot, view, bridge, record):
    stand(bridge, record, "z:1")
    qtbot.waitUntil(lambda: view.tree.topLevelItemCount() > 0, timeout=SOON)
    *parts, whole = pieces(view)
    assert fsum(part.value for part in parts) == pytest.approx(whole.value, rel=1e-5)
    assert whole.value == float(record.arrays["z:1"][0, 0])


def test_a_weight_is_its_start_and_its_updates(qtbot, view, bridge, trained):
    record = record_step(trained[0]).record
    trained[0].restore(trained[1].timeline.last)
    stand(bridge, record, "z:0")
    bridge.focus.select(Spot((0,), 1, source=0))
    found = asked(qtbot, bridge, lambda: view.choose(Matter.WEIGHT), trained)
    assert questions(bridge)[-1].about == AboutWeight("0.weight", (1, 0))
    *parts, whole = pieces(view)
    assert fsum(part.value for part in parts) == found.value == whole.value
    assert [part.text for part in parts] == [
        "Step 4", "Step 3", "Step 2", "Step 1", "At the start"
    ]  # fmt: skip
    assert "w₂,₁ of 1 Dense" in view.heading.text().replace("\u2060", "")
    row = rows(view)[1]
    row.setExpanded(True)
    assert row.child(0).piece.text.startswith("Sample ")


def test_from_an_update_one_goes_to_the_earlier_step(qtbot, view, bridge, trained):
    record = record_step(trained[0]).record
    trained[0].restore(trained[1].timeline.last)
    stand(bridge, record, "z:0")
    bridge.focus.select(Spot((0,), 1, source=0))
    asked(qtbot, bridge, lambda: view.choose(Matter.WEIGHT), trained)
    row = rows(view)[2]
    row.setExpanded(True)
    press(qtbot, view, row)
    made = entry_writing(record, "after:0.weight")
    assert bridge.sent[-2:] == [Visit(1), RunToPlace(made)]
    pull = row.child(0).piece.at
    press(qtbot, view, row.child(0))
    assert bridge.sent[-2:] == [Visit(1), RunToPlace(entry_writing(record, "d:p:0.weight"))]
    assert bridge.focus.sample == pull.sample
    assert bridge.focus.selected == (Spot((0,), 1, source=0),)


def test_without_a_recorded_step_a_weight_can_be_asked_about(qtbot, view, bridge, trained):
    named = trained[0].network.named()
    values = Values(4, {name: one.detach().numpy() for name, one in named.items()}, {})
    bridge.present(replace(snapshot_of(tiny()), values=values))
    bridge.focus.select(Spot((1,), 0))
    found = asked(qtbot, bridge, lambda: view.choose(Matter.WEIGHT), trained)
    assert questions(bridge)[-1].about == AboutWeight("1.bias", (0,))
    assert pieces(view)[-1].value == found.value
    press(qtbot, view, rows(view)[0])
    assert bridge.sent[-2] == Visit(3)


def test_a_number_asked_about_elsewhere_is_answered_until_one_goes_on(qtbot, view, bridge, record):
    stand(bridge, record, "d:z:0")
    number = Wondered("d:a:0", (2,))
    asked(qtbot, bridge, lambda: wondering(bridge).ask(number))
    about = questions(bridge)[-1].about
    assert (about.entry.writes, about.index) == ("d:a:0", (2,))
    assert view._back.isVisible()
    asked(qtbot, bridge, lambda: qtbot.mouseClick(view._back, LEFT))
    assert questions(bridge)[-1].about.entry.writes == "d:z:0"
    assert not view._back.isVisible()
    asked(qtbot, bridge, lambda: wondering(bridge).ask(number))
    bridge.dispatch(Next(Grain.OPERATION))
    asked(qtbot, bridge, lambda: stand(bridge, record, "d:p:0.weight"))
    assert wondering(bridge).number is None
    assert questions(bridge)[-1].about.entry.writes == "d:p:0.weight"


def test_a_clipped_gradient_is_asked_about_as_the_gradient_and_an_update_as_the_weight(
    qtbot, view, bridge, record
):
    asked_entry = entry_writing(record, "after:1.weight")
    bridge.present(standing(record, Place(asked_entry, 2)))
    qtbot.waitUntil(lambda: bool(questions(bridge)), timeout=SOON)
    assert questions(bridge)[-1].about == AboutWeight("1.weight", (0, 1))


def test_of_an_old_question_no_answer_is_shown(qtbot, view, bridge, record):
    stand(bridge, record, "d:z:1")
    qtbot.waitUntil(lambda: bool(questions(bridge)), timeout=SOON)
    old = questions(bridge)[-1]
    bridge.dispatch(Next(Grain.OPERATION))
    stand(bridge, record, "d:z:0")
    found = paths_of(record, old.about.entry, old.about.index, old.about.sample)
    bridge.present(replace(bridge.snapshot, why=WhyAnswer(old.request, found)))
    assert view.tree.topLevelItemCount() == 0


def test_a_refusal_is_told_with_what_to_do(qtbot, view, bridge, record):
    stand(bridge, record, "d:z:1")
    qtbot.waitUntil(lambda: bool(questions(bridge)), timeout=SOON)
    error = UserError("The step is too large.", "Choose a smaller batch.")
    assert isinstance(error.sentence, Sentence)
    refused = WhyAnswer(questions(bridge)[-1].request, None, error.sentence)
    bridge.present(replace(bridge.snapshot, why=refused))
    assert view.sentences.text() == "The step is too large. Choose a smaller batch."
    assert not view.tree.isVisible()


def test_while_nothing_can_be_asked_it_says_how_to_begin(qtbot, view, bridge, record):
    bridge.present(snapshot_of(tiny()))
    assert "Press Next (.)" in view.empty.text()
    view.choose(Matter.WEIGHT)
    assert view.empty.text().startswith("Pick a weight")
    bridge.present(replace(snapshot_of(tiny()), state=RunState.RUNNING))
    assert view.empty.text().startswith("Pause the training")
    assert questions(bridge) == []


def test_a_number_that_is_to_be_worked_out_is_not_given_away(qtbot, view, bridge, record):
    asked(qtbot, bridge, lambda: stand(bridge, record, "d:z:0"))
    rows(view)[0].setExpanded(True)
    press(qtbot, view, rows(view)[0].child(1))
    bridge.focus.light(rows(view)[0].piece.places)
    count = len(questions(bridge))
    stand(bridge, record, "d:z:0")
    bridge.asking.ask_for(record.entries[entry_writing(record, "d:z:0")], (0,), 0)
    assert view.empty.isVisible()
    assert view.empty.text() == "Answer the open question first."
    assert view.tree.topLevelItemCount() == 0
    assert bridge.focus.lit == ()
    assert view.heading.text() == ""
    wondering(bridge).ask(Wondered("d:z:0", (0,)))
    assert len(questions(bridge)) == count
    asked(qtbot, bridge, bridge.asking.give_up)
    assert questions(bridge)[-1].about.record is record
    assert view.tree.topLevelItemCount() > 0


def test_out_of_sight_nothing_is_asked(qtbot, bridge, record):
    from PySide6.QtWidgets import QStackedWidget, QWidget

    stack = QStackedWidget()
    qtbot.addWidget(stack)
    view = WhyView(bridge)
    stack.addWidget(QWidget())
    stack.addWidget(view)
    stack.show()
    qtbot.waitExposed(stack)
    stand(bridge, record, "d:z:0")
    assert not view._settled.isActive()
    stack.setCurrentWidget(view)
    asked(qtbot, bridge, lambda: None) if not questions(bridge) else answer(qtbot, bridge)
    assert view.tree.topLevelItemCount() > 0
    stack.setCurrentIndex(0)
    assert not view._settled.isActive()


def test_who_walks_on_asks_nothing_until_all_is_still(qtbot, view, bridge, record):
    for key in ("d:z:1", "d:p:1.weight", "d:p:1.bias", "d:a:0", "d:z:0"):
        stand(bridge, record, key)
    assert questions(bridge) == []
    qtbot.waitUntil(lambda: bool(questions(bridge)), timeout=SOON)
    assert [one.about.entry.writes for one in questions(bridge)] == ["d:z:0"]


def test_the_answer_is_copied_and_read_as_text(qtbot, view, bridge, record):
    asked(qtbot, bridge, lambda: stand(bridge, record, "d:z:0"))
    rows(view)[0].setExpanded(True)
    qtbot.mouseClick(view._copy_button, LEFT)
    text = QGuiApplication.clipboard().text()
    assert text == view.text()
    assert text.startswith("Why is δ⁽¹⁾₁ ")
    lines = text.splitlines()
    assert any(line.startswith("  ∂") for line in lines)
    assert lines[-1].startswith("δ⁽¹⁾₁ = ")
    read = rows(view)[0].data(0, Qt.ItemDataRole.AccessibleTextRole)
    assert read in lines


def test_an_empty_tree_needs_no_keys(qtbot):
    tree = WhyTree()
    qtbot.addWidget(tree)
    tree.show()
    qtbot.keyClick(tree, Qt.Key.Key_Return)
    assert tree.text() == ""
