"""The question beside its formula: asked in each way, answered by mouse and keys, and told."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLineEdit, QPushButton

from app.kit import theme
from app.kit.numbers import four_digits
from app.link.questioner import AskMode
from app.step.bar import StepBar
from app.step.formula.view import FormulaView
from app.step.question.size_bar import SizeBar
from core.expression.plain import plain
from core.presets import PRESETS
from core.questions.levels import AskLevel
from tests.app.fakes import FakeBridge
from tests.app.stepped import entry_writing, record_of, standing, whole_place

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(scope="module")
def record():
    return record_of(PRESETS["worked-2-3-2-relu"].spec)


@pytest.fixture
def bridge(qapp, record):
    return FakeBridge(standing(record, whole_place(record, len(record.entries) - 1)))


@pytest.fixture
def view(bridge, qtbot):
    view = FormulaView(bridge)
    view.resize(420, 640)
    qtbot.addWidget(view)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    return view


def ask(view, record, key, index, level=AskLevel.NUMBER):
    bridge = view._bridge
    entry = record.entries[entry_writing(record, key)]
    return bridge.asking.ask_for(entry, index, 0, level=level)


def button(view, name):
    found = view.findChild(QPushButton, name)
    assert found is not None, name
    return found


def test_it_is_away_while_nothing_is_asked(view) -> None:
    assert not view.question.isVisible()
    assert view.sentence.isVisible()


def test_a_number_is_typed_read_and_then_told_beside_its_arithmetic(
    view, record, qtbot, bridge
) -> None:
    question = ask(view, record, "d:a:0", (0,))
    panel = view.question
    assert "∂L/∂a" in panel.asked.text()
    assert not view.sentence.isVisible()
    assert not view.chain.isVisible()
    assert not view.card.numbers.isVisible()
    field = view.findChild(QLineEdit, "question.number")
    assert field.hasFocus()
    largest = question.formula.terms[0].value
    qtbot.keyClicks(field, f"{largest:.4g}")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "come in?" in panel.verdict.text()
    assert panel.verdict.accessibleName() == panel.verdict.text()
    assert field.hasFocus()
    assert field.selectedText()
    qtbot.keyClicks(field, "-0.5022*-0.2254 + 0.2632*-0.1341")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert panel.verdict.text().startswith("Right.")
    assert four_digits(question.value) in panel.verdict.text()
    assert four_digits(question.value) in view.card.numbers.latex()
    assert panel.next_button.isVisible()
    assert panel.next_button.hasFocus()
    assert not panel.show_button.isVisible()


@pytest.mark.parametrize(
    ("key", "index", "made_of"),
    [
        ("d:a:0", (1,), {"d:z:1", "p:1.weight"}),
        ("d:z:0", (1,), {"d:a:0", "z:0"}),
        ("after:1.weight", (0, 1), {"p:1.weight", "d:p:1.weight", ""}),
    ],
)
def test_while_it_is_asked_for_one_has_to_put_the_numbers_in(
    view, record, key, index, made_of
) -> None:
    """Symbols say how, a row each what of; nothing is put together already."""
    question = ask(view, record, key, index)
    card, rows = view.card, view.card.terms.terms.rows
    assert card.symbols.isVisible()
    assert not card.numbers.isVisible()
    assert not card.chain.isVisible()
    assert card.numbers.latex() not in card.latex()
    assert all(len(row.factors) == 1 and row.product is None for row in rows)
    assert {row.factors[0].key for row in rows} == made_of
    values = {row.factors[0].value for row in rows}
    assert {one.value for one in question.operands} <= values
    view._bridge.asking.answer(repr(question.value))
    assert card.numbers.isVisible()
    assert card.numbers.latex() in card.latex()


def test_of_an_update_the_rate_stays_too(view, record) -> None:
    ask(view, record, "after:1.weight", (0, 1))
    factors = [row.factors[0] for row in view.card.terms.terms.rows]
    told = {plain(factor.symbol): factor.value for factor in factors}
    assert told["η"] == record.rate


def test_what_is_no_number_is_said_and_not_counted(view, record, qtbot, bridge) -> None:
    ask(view, record, "d:a:0", (0,))
    field = view.findChild(QLineEdit, "question.number")
    qtbot.keyClicks(field, "a half")
    qtbot.mouseClick(button(view, "question.check"), LEFT)
    assert "not understood" in view.question.verdict.text()
    assert bridge.asking.tries == 0


def test_hints_come_one_by_one_with_their_count(view, record, qtbot) -> None:
    ask(view, record, "d:a:0", (0,))
    hint = view.question.hint_button
    assert hint.text() == "Hint 1 of 3"
    for count in range(1, 4):
        qtbot.mouseClick(hint, LEFT)
        assert len(view.question.hinted.text().splitlines()) == count
    assert hint.text() == "No more hints"
    assert not hint.isEnabled()


def test_show_me_tells_the_number_and_what_was_answered(view, record, qtbot, bridge) -> None:
    question = ask(view, record, "d:a:0", (0,))
    bridge.asking.answer("0.5")
    qtbot.mouseClick(view.question.show_button, LEFT)
    assert four_digits(question.value) in view.question.verdict.text()
    assert "0.5000" in view.question.verdict.text()
    qtbot.mouseClick(view.question.next_button, LEFT)
    assert bridge.asking.question is not question
    assert bridge.asking.is_open
    qtbot.keyClick(view.question.next_button, Qt.Key.Key_Escape)
    assert not view.question.isVisible()
    assert view.sentence.isVisible()


@pytest.mark.parametrize("wanted", ["below", "zero", "above"])
def test_a_sign_is_one_press(view, record, qtbot, bridge, wanted) -> None:
    question = ask(view, record, "d:z:0", (1,), AskLevel.SIGN)
    assert not view.findChildren(QLineEdit, "question.number")
    qtbot.mouseClick(button(view, f"question.sign.{wanted}"), LEFT)
    is_right = wanted == ("below" if question.value < 0 else "above")
    assert bridge.asking.judgement.is_right == is_right


def test_an_order_is_told_beside_the_other_number(view, record, qtbot, bridge) -> None:
    question = ask(view, record, "d:a:0", (0,), AskLevel.COMPARE)
    other = bridge.asking.posed.other
    assert view.question.instruction.isVisible()
    word = "larger" if question.value > other.value else "smaller"
    qtbot.mouseClick(button(view, f"question.order.{word}"), LEFT)
    assert bridge.asking.judgement.is_right


def test_a_size_is_drawn_by_mouse_and_the_true_bar_comes_beside_it(
    view, record, qtbot, bridge
) -> None:
    question = ask(view, record, "d:a:0", (1,), AskLevel.SIZE)
    bar = view.findChild(SizeBar)
    assert bar.hasFocus()
    done = button(view, "question.size.check")
    assert not done.isEnabled()
    where = QPoint(round((0.9 + 1) / 2 * bar.width()), bar.height() // 3)
    qtbot.mouseClick(bar, LEFT, pos=where)
    assert bar.value == pytest.approx(0.9 * bar.reach, abs=0.02 * bar.reach)
    qtbot.mouseClick(done, LEFT)
    assert bar.truth == question.value
    assert not bridge.asking.is_open  # one is drawn, and then the gap is seen
    assert not bridge.asking.judgement.is_right
    assert "You drew" in view.question.verdict.text()
    view.question.grab()
    before = bar.value
    bar.put(0.0)
    assert bar.value == before


def test_a_size_is_drawn_by_keys_alone(view, record, qtbot, bridge) -> None:
    question = ask(view, record, "d:a:0", (1,), AskLevel.SIZE)
    bar = view.findChild(SizeBar)
    coarse, fine = divmod(round(abs(question.value) / bar.reach * 100), 10)
    down = question.value < 0
    for _ in range(coarse):
        qtbot.keyClick(bar, Qt.Key.Key_PageDown if down else Qt.Key.Key_PageUp)
    for _ in range(fine):
        qtbot.keyClick(bar, Qt.Key.Key_Left if down else Qt.Key.Key_Right)
    assert "drawn" in bar.accessibleDescription()
    qtbot.keyClick(bar, Qt.Key.Key_Return)
    assert bridge.asking.judgement.is_right
    assert "true" in bar.accessibleDescription()


def test_parts_are_put_together_while_the_symbols_are_away(view, record, qtbot, bridge) -> None:
    ask(view, record, "d:a:0", (0,), AskLevel.CHAIN)
    assert not view.card.isVisible()
    parts = bridge.asking.posed.parts
    for place, part in enumerate(parts):
        shown = button(view, f"question.parts.{place}")
        assert shown.text() == part.text
        if part.belongs:
            qtbot.keyClick(shown, Qt.Key.Key_Return)
    qtbot.mouseClick(button(view, "question.parts.check"), LEFT)
    assert bridge.asking.judgement.is_right
    assert view.card.isVisible()


def test_in_plain_words_a_question_has_its_arithmetic(view, record, bridge) -> None:
    view.choose("plain")
    assert not view.card.isVisible()
    ask(view, record, "d:a:0", (0,))
    assert view.card.isVisible()
    bridge.asking.close()
    assert not view.card.isVisible()
    assert view.sentence.isVisible()


def test_the_panel_fits_its_dock_in_each_way(view, record, bridge) -> None:
    view.resize(330, 600)
    for level in AskLevel:
        ask(view, record, "d:a:0", (0,), level)
        view.grab()
        room = view.page.viewport().width() - 2 * theme.space(1.5)
        assert view.question.minimumSizeHint().width() <= room, level


def test_the_switch_says_how_often_and_is_marked_while_it_asks(bridge, qtbot) -> None:
    bar = StepBar(bridge)
    qtbot.addWidget(bar)
    bar.show()
    heard = []
    bar.choice_made.connect(heard.append)
    assert not bar.ask.isChecked()
    bar.ask.modes[AskMode.ALWAYS].trigger()
    assert heard == ["always"]
    assert bridge.questioner.mode is AskMode.ALWAYS
    assert bar.ask.isChecked()
    assert bar.ask.accessibleDescription() == "Each operation"
    bar.choose("nonsense")
    assert bridge.questioner.mode is AskMode.ALWAYS
    bar.choose("never")
    assert not bar.ask.isChecked()
