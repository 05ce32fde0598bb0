"""A learner works numbers out: with a right click, by keys alone, and as stepping asks for them."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QWidget

from app.canvas.model.layout import centre_of
from app.kit import user_data
from app.link.answers import NAME, answer_book
from app.link.focus import Spot
from app.link.questioner import AskMode
from core.expression.hidden import is_hidden
from core.messages.record import Grain
from core.messages.snapshot import RunState
from core.questions.levels import AskLevel
from tests.stories.driving import LEFT, find

pytestmark = pytest.mark.window
KEY = Qt.Key


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(user_data.VARIABLE, str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def learner(first_window, qtbot):
    """The step by hand, one operation before the gradients of the first layer's z."""
    window = first_window
    window.experiments.open_preset("worked-2-3-2-relu")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=30_000)
    window.experiments.show_perspective("step")
    find(window, "step").set_grain(Grain.OPERATION)
    while getattr(window.snapshot.stepping, "entry", None) is None or (
        window.snapshot.stepping.entry.writes != "d:a:0"
    ):
        press(window, qtbot, ".")
    return window


def press(window, qtbot, key):
    """Presses a key and waits for what comes of it."""
    before = window.snapshot.version
    qtbot.keyClick(window, key)
    qtbot.waitUntil(lambda: window.snapshot.version > before, timeout=10_000)


def asking(window):
    return window.page.bridge.asking


def type_in(qtbot, text):
    """Types where the keyboard is, and presses Enter."""
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit), field
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, KEY.Key_Return)


def right_click(window, qtbot, spot):
    """Opens the menu of a neuron, and gives it."""
    view = window.page.area.docks["graph"].widget().view
    control = view.control
    x, y = control.viewport.to_screen(centre_of(control.state.layout, spot)).tolist()
    at = QPoint(round(x), round(y))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.mapToGlobal(at))
    QApplication.sendEvent(view, event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def test_a_number_on_the_graph_is_worked_out(learner, qtbot, folder):
    menu = right_click(learner, qtbot, Spot((0,), 0))
    row = next(one for one in menu.actions() if one.objectName() == "canvas.menu.work-out")
    assert row.isEnabled()
    row.trigger()
    menu.close()
    question = asking(learner).question
    assert question.key == "d:a:0"
    assert question.index == (0,)
    graph = learner.page.area.docks["graph"].widget().control
    nodes = graph.state.scene.nodes[1]
    assert is_hidden(float(nodes.values[0]))
    assert not folder.exists()  # nothing is written before the first answer
    verdict = find(learner, "question.verdict")

    # One path missed: the panel asks after it by name.
    type_in(qtbot, f"{question.formula.terms[0].value:.4g}")
    assert "come in?" in verdict.text()
    (suspect,) = asking(learner).judgement.suspects
    assert suspect.rule.kind == "path_missed"

    qtbot.mouseClick(find(learner, "question.hint"), LEFT)
    assert find(learner, "question.hints").text().startswith("It is made of")
    find(learner, "question.number").setFocus()

    # The two products, typed as they stand there: right, and the true number stands beside them.
    type_in(qtbot, "-0.5022*-0.2254 + 0.2632*-0.1341")
    assert verdict.text().startswith("Right.")
    assert not is_hidden(float(graph.state.scene.nodes[1].values[0]))
    assert "= 0.07788" in find(learner, "formula").card.numbers.latex()
    (kept,) = answer_book().answers
    assert (kept.kind, kept.right, kept.tries, kept.hints) == ("input_gradient", True, 2, 1)
    assert kept.slips == ("path_missed",)
    assert (folder / NAME).exists()


def test_keys_alone_suffice(learner, qtbot):
    qtbot.keyClick(learner, KEY.Key_Q)
    first = asking(learner).question
    assert first is not None
    tab_to(qtbot, "question.hint")
    qtbot.keyClick(QApplication.focusWidget(), KEY.Key_Return)
    assert len(asking(learner).hints) == 1
    tab_to(qtbot, "question.show")
    qtbot.keyClick(QApplication.focusWidget(), KEY.Key_Return)
    assert asking(learner).is_given_up
    assert QApplication.focusWidget().objectName() == "question.next"
    qtbot.keyClick(QApplication.focusWidget(), KEY.Key_Return)
    second = asking(learner)
    assert second.is_open
    assert second.question is not first
    assert second.posed.level is AskLevel.SIGN  # of a kind that was never asked for
    tab_to(qtbot, "question.sign.below" if second.question.value < 0 else "question.sign.above")
    qtbot.keyClick(QApplication.focusWidget(), KEY.Key_Return)
    assert second.judgement.is_right
    assert [one.right for one in answer_book().answers] == [False, True]

    # Stepping on ends the question; nothing is hidden any more.
    press(learner, qtbot, ".")
    assert asking(learner).question is None
    assert learner.snapshot.stepping.record.hidden is None


def tab_to(qtbot, name):
    """Presses Tab until a control has the keyboard."""
    for _ in range(80):
        focus = QApplication.focusWidget()
        if focus is not None and focus.objectName() == name:
            return
        qtbot.keyClick(focus or QApplication.activeWindow(), KEY.Key_Tab)
    pytest.fail(f"Tab does not lead to {name}")


def test_stepping_asks_before_it_shows(learner, qtbot):
    seen = []
    learner.page.bridge.snapshot_changed.connect(
        lambda snapshot: seen.append(snapshot.stepping.record.hidden)
    )
    find(learner, "step").ask.modes[AskMode.ALWAYS].trigger()
    press(learner, qtbot, ".")
    qtbot.waitUntil(lambda: bool(seen))
    posed = asking(learner).posed
    assert posed.question.entry.writes == "d:z:0"
    assert None not in seen  # it was never shown
    assert learner.settings.choice("stepbar") == "always"
    panel = find(learner, "question")
    qtbot.waitUntil(panel.isVisible)
    for _ in range(3):  # on, whatever was answered
        qtbot.keyClick(QApplication.focusWidget(), KEY.Key_Escape)
        assert not panel.isVisible()
        press(learner, qtbot, ".")
        qtbot.waitUntil(panel.isVisible)
        assert asking(learner).is_open
    learner.page.area.docks["stepbar"].widget().ask.modes[AskMode.NEVER].trigger()
    before = learner.snapshot.version
    find(learner, "step").back()
    qtbot.waitUntil(lambda: learner.snapshot.version > before, timeout=10_000)
    press(learner, qtbot, ".")
    assert asking(learner).question is None


def test_a_question_comes_in_front_of_what_hides_it(learner, qtbot):
    docks = learner.page.area.docks
    learner.experiments.toggle_more()
    qtbot.waitUntil(lambda: not docks["update"].isHidden())
    docks["update"].raise_()
    panel = find(learner, "question")
    qtbot.waitUntil(lambda: docks["formula"].visibleRegion().isEmpty())
    qtbot.keyClick(learner, KEY.Key_Q)
    qtbot.waitUntil(panel.isVisible)
    assert QApplication.focusWidget().objectName() == "question.number"
    asking(learner).close()
    learner.experiments.show_perspective("train")
    asking(learner).ask_for(learner.snapshot.stepping.entry, (0,), 0)
    assert learner.experiments.perspective == "step"
    qtbot.waitUntil(panel.isVisible)


def test_the_map_shows_what_was_worked_out(learner, qtbot):
    qtbot.keyClick(learner, KEY.Key_Q)
    asking(learner).give_up()
    find(learner, "step").ask.map_wanted.emit()
    shown = QApplication.activeModalWidget() or learner.findChild(QWidget, "mastery.dialog")
    table = shown.findChild(QWidget, "mastery.table")
    qtbot.waitUntil(table.isVisible)
    assert table.model().rowCount() == 1
    QTest.keyClick(shown, KEY.Key_Escape)
