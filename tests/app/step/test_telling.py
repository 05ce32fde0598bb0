"""A number in a plain sentence, in symbols, or both."""

import pytest

from app.kit.math import latex
from app.step.formula import view as formula_view
from app.step.formula.telling import Telling
from app.step.formula.view import FormulaView
from core.debugger.formulas.explain import explain
from core.debugger.sentences.claim import Saying
from core.expression.latex import pieces
from core.messages.record import Place
from core.sentence import Sentence
from tests.app.stepped import entry_writing, record_of, standing, whole_place


@pytest.fixture(scope="module")
def real():
    return record_of()


@pytest.fixture
def view(qtbot, bridge):
    widget = FormulaView(bridge)
    qtbot.addWidget(widget)
    widget.resize(420, 700)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_a_sentence_stands_above_the_formula_and_follows_the_scope(view, bridge, real):
    bridge.present(standing(real, Place(entry_writing(real, "d:p:0.weight"), 1)))
    said = view.sentence.text().replace("\u2060", "")  # which keeps names in one piece
    assert said.startswith("This weight pulls z⁽¹⁾₁")
    assert view.sentence.geometry().bottom() <= view.card.geometry().top()
    bridge.focus.pick_sample(None)
    assert "of 8 samples" in view.sentence.text()
    assert "the loss would" in view.sentence.text()


def test_its_room_shrinks_with_its_lines(qtbot, view, bridge, real):
    """Once narrow, it kept a room so high that the formula was out of sight."""
    bridge.present(standing(real, Place(entry_writing(real, "d:p:0.weight"), 1)))
    wide = view.sentence.width()
    view.resize(160, view.height())
    qtbot.waitUntil(lambda: view.sentence.width() < wide)
    lines = lambda: view.sentence.height() / view.sentence.fontMetrics().lineSpacing()  # noqa: E731
    narrow = lines()
    view.resize(900, view.height())
    qtbot.waitUntil(lambda: view.sentence.width() > wide)
    qtbot.waitUntil(lambda: lines() < 4)
    assert lines() < narrow


def test_it_can_be_selected_and_has_a_name(view):
    assert view.sentence.accessibleName() == "In plain words"
    flags = view.sentence.textInteractionFlags()
    assert flags & flags.TextSelectableByMouse
    assert flags & flags.TextSelectableByKeyboard


@pytest.mark.parametrize(
    "told",
    [("plain", True, False), ("symbols", False, True), ("both", True, True)],
)
def test_the_switch_shows_one_or_both(qtbot, view, bridge, real, told):
    choice, *shown = told
    bridge.present(standing(real, whole_place(real, 0)))
    with qtbot.waitSignal(view.choice_made) as made:
        view.switch.buttons[choice].click()
    assert made.args == [choice]
    assert [view.sentence.isVisible(), view.card.isVisible()] == shown
    assert view.page.isVisible()
    bridge.present(standing(real, whole_place(real, 1)))
    assert view.card.isVisible() == shown[1]


def test_both_is_shown_until_somebody_chooses_and_nonsense_is_let_be(view):
    assert view.telling is Telling.BOTH
    view.choose("loudly")
    view.choose("")
    assert view.telling is Telling.BOTH
    assert view.switch.buttons["both"].isChecked()


def test_no_sentence_is_made_that_nobody_reads(view, bridge, real, monkeypatch):
    asked = []
    monkeypatch.setattr(formula_view, "say", lambda *_: asked.append(1) or Saying(()))
    view.choose("symbols")
    bridge.present(standing(real, whole_place(real, 0)))
    assert not asked
    view.choose("plain")
    assert len(asked) == 1


def test_what_stands_below_stays_where_it_is_from_sentence_to_sentence(view, bridge, real):
    long = Saying((Sentence("A sentence that needs more room than the others do. " * 3),))
    bridge.present(standing(real, whole_place(real, 0)))
    view.sentence.show_saying(long)
    high = view.sentence.height()
    assert high > view.sentence.fontMetrics().lineSpacing() * 2
    view.sentence.show_saying(Saying((Sentence("Short."),)))
    assert view.sentence.height() == high


def test_a_whole_step_moves_the_formula_only_down_and_seldom(qtbot, view, bridge, real):
    tops = []
    for entry in range(len(real.entries)):
        bridge.present(standing(real, whole_place(real, entry)))
        qtbot.wait(1)
        tops.append(view.sentence.height())
    assert tops == sorted(tops)
    assert len(set(tops)) <= 3


def test_what_draws_is_loaded_when_the_panel_is_first_shown(qtbot, bridge, monkeypatch):
    monkeypatch.setattr(latex, "_kept", type(latex._kept)())
    view = FormulaView(bridge)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: latex.known("z") is not None, timeout=15_000)


def test_the_next_formula_is_drawn_before_anybody_asks_for_it(qtbot, view, bridge, real):
    bridge.present(standing(real, Place(0, 1)))
    nexts = [
        explain(real, real.entries[0], (1,), 0),
        explain(real, real.entries[1], real.entries[1].index_of(0), 0),
    ]
    wanted = [one.latex for formula in nexts for one in pieces(formula.numbers)]
    qtbot.waitUntil(lambda: all(map(latex.known, wanted)), timeout=15_000)
    bridge.present(standing(real, Place(0, 2)))
    assert view.card.numbers.is_drawn
    assert view.card.symbols.is_drawn


def test_nothing_moves_when_the_drawing_comes(qtbot, view, bridge, real, monkeypatch):
    monkeypatch.setattr(latex, "_kept", type(latex._kept)())
    monkeypatch.setattr(latex, "_sizes", type(latex._sizes)())
    bridge.present(standing(real, Place(entry_writing(real, "d:p:0.weight"), 1)))
    labels = (view.card.rule, view.card.symbols, view.card.numbers)
    qtbot.wait(10)
    before = [label.geometry() for label in labels]
    assert not any(label.is_drawn for label in labels)
    qtbot.waitUntil(lambda: all(label.is_drawn for label in labels), timeout=15_000)
    qtbot.wait(10)
    for label, was in zip(labels, before, strict=True):
        assert abs(label.geometry().top() - was.top()) <= 4
        assert abs(label.geometry().height() - was.height()) <= 4
