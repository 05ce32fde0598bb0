"""The arithmetic beside a number: what it says, how it is drawn, and what lights up."""

import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication

from app.kit import theme
from app.kit.math import latex
from app.kit.math.label import MathLabel
from app.kit.math.worker import LatexWorker
from app.link.focus import Focus, Spot
from app.link.spots import index_in, matches, parameter_at, sample_in, shown_index, spot_of
from app.step.formula import view as formula_view
from app.step.formula.view import FormulaView
from core.debugger.formulas.formula import Factor, Formula, Term
from core.expression.calculus import named, valued
from core.expression.functions import exp
from core.expression.latex import latex as tex_of
from core.expression.latex import pieces
from core.expression.plain import plain, runs
from core.expression.tree import (
    Big,
    Derivative,
    Function,
    Numeral,
    Quotient,
    Rows,
    Symbol,
    product,
    total,
)
from core.messages.record import Place
from core.messages.snapshot import RunState
from tests.app.stepped import entry_writing, record_of, standing, whole_place
from tests.core.experiments import digits

W1 = Factor(Symbol("w", "2,1"), 0.5, "p:0.weight", (1, 0))
W2 = Factor(Symbol("w", "2,2"), -0.25, "p:0.weight", (1, 1))
X1 = Factor(Symbol("x", "1"), 0.1, "x", (0, 0))
X2 = Factor(Symbol("x", "2"), 2.0, "x", (0, 1))
B = Factor(Symbol("b", "2"), 0.125, "p:0.bias", (1,))
Z = Factor(Symbol("z", "2"), -0.325, "z:0", (0, 1))
MADE = W1 * X1 + W2 * X2 + B
SUM = Formula(
    rule=Symbol("z", "j").is_(
        Big("i", parts=(Symbol("w", "j,i") * Symbol("x", "i"),)) + Symbol("b", "j")
    ),
    symbols=Z.symbol.is_(named(MADE)),
    numbers=Z.symbol.is_(valued(MADE), Numeral(-0.325)),
    result=Z,
    value=-0.325,
    factors=(W1, X1, W2, X2, B),
    terms=(Term((W2, X2)), Term((B,)), Term((W1, X1))),
    left_out=(772, 0.0123),
    code="z1 = F.linear(x, W1, b1)",
)
SLOPE = Function("f′")
UP = Factor(Derivative(parts=(Symbol("L"), Symbol("a", "2"))), -0.5, "d:a:0", (0, 1))
LOCAL = Factor(SLOPE(Z.symbol), 0.75)
DELTA = Symbol("δ", "2")
CHAIN = Formula(
    rule=Symbol("δ").is_(Derivative(parts=(Symbol("L"), Symbol("a"))) * SLOPE(Symbol("z"))),
    symbols=DELTA.is_(named(UP * LOCAL)),
    numbers=DELTA.is_(valued(UP * LOCAL), Numeral(-0.375)),
    result=Factor(DELTA, -0.375, "d:z:0", (0, 1)),
    value=-0.375,
    factors=(UP,),
    upstream=UP,
    local=LOCAL,
    code="dz1 = da1 * (1 - a1**2)",
)


@pytest.fixture
def asked(monkeypatch):
    """What was asked of the formulas; they always answer with the sum."""
    calls = []

    def explain(record, entry, index, sample=None):
        calls.append((entry.writes, index, sample))
        return CHAIN if entry.kind == "activation_gradient" else replace(SUM)

    monkeypatch.setattr(formula_view, "explain", explain)
    return calls


@pytest.fixture
def view(qtbot, bridge, asked):
    widget = FormulaView(bridge)
    qtbot.addWidget(widget)
    widget.resize(420, 640)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def drawn(qtbot, view):
    labels = (view.card.rule, view.card.symbols, view.card.numbers)
    qtbot.waitUntil(lambda: all(label.is_drawn for label in labels), timeout=15_000)


# What is said


def test_without_a_number_it_says_how_to_begin(view, bridge, record):
    assert "Press Next (.)" in view.empty.text()
    assert not view.page.isVisible()
    bridge.present(standing(record))
    assert (
        view.empty.text()
        == "Nothing of step 1 is computed yet.\nPress Next (.) for its first number."
    )
    bridge.present(replace(bridge.snapshot, stepping=None, state=RunState.RUNNING))
    assert view.empty.text().startswith("Pause")


def test_the_heading_names_phase_layer_operation_number_and_sample(view, bridge, record):
    bridge.focus.pick_sample(2)
    bridge.present(standing(record, Place(0, 2)))
    assert view.heading.text() == "Forward · 1 Dense · weighted sums z"
    assert view.whose.text() == f"Number 2 · Sample 3 of 8 (row {record.rows[2]})"
    bridge.present(standing(record, Place(entry_writing(record, "d:p:0.weight"), 4)))
    assert view.heading.text() == "Backward · 1 Dense · gradients of the weights"
    assert view.whose.text().startswith("Number 2, 2 · one sample's share")
    bridge.focus.pick_sample(None)
    assert view.whose.text() == ("Number 2, 2 · whole batch of 8: all samples' shares added up")


def test_the_number_computed_last_is_explained_for_the_sample_in_focus(view, bridge, asked, record):
    bridge.present(standing(record, Place(0, 3)))
    bridge.focus.pick_sample(5)
    bridge.focus.pick_sample(None)
    assert asked == [("z:0", (2,), 0), ("z:0", (2,), 5), ("z:0", (2,), None)]


def test_of_a_whole_operation_the_picked_number_is_explained_else_the_first(
    view, bridge, asked, record
):
    bridge.present(standing(record, whole_place(record, 0)))
    bridge.focus.select(Spot((0,), 3))
    bridge.focus.select(Spot((1,), 0))
    assert [index for _, index, _ in asked] == [(0,), (3,), (0,)]


def test_a_sample_beyond_a_smaller_batch_is_its_last(record):
    assert sample_in(record, 31) == 7
    assert sample_in(record, 3) == 3
    assert sample_in(record, None) is None


def test_the_same_number_is_not_explained_twice(view, bridge, asked, record):
    snapshot = standing(record, Place(0, 1))
    bridge.present(snapshot)
    bridge.present(replace(snapshot, version=2))
    bridge.focus.hover(Spot((0,), 1))
    assert len(asked) == 1


def test_every_operation_of_a_step_can_be_shown_with_the_real_formulas(qtbot, bridge):
    record = record_of(digits())
    widget = FormulaView(bridge)
    qtbot.addWidget(widget)
    for sample in (0, None):
        bridge.focus.pick_sample(sample)
        for number, entry in enumerate(record.entries):
            bridge.present(standing(record, Place(number, entry.count)))
            formula = widget.card.formula
            assert formula is not None
            assert plain(formula.symbols)
            assert np.isfinite(formula.value)


# What is drawn


def test_numbers_stand_there_at_once_and_as_drawn_mathematics_soon(qtbot, view, bridge, record):
    parts = total([Numeral(0.7171), Numeral(0.5151)])
    numbers = replace(SUM, numbers=Z.symbol.is_(parts, Numeral(1.232)))
    view.card.show_formula(numbers)
    assert not view.card.numbers.is_drawn
    assert view.card.numbers.text == "z₂ = 0.7171 + 0.5151 = 1.232"
    assert not view.card.numbers.grab().isNull()
    bridge.present(standing(record, Place(0, 1)))
    drawn(qtbot, view)


def test_no_piece_of_a_formula_is_cut_at_any_width(qtbot, qapp):
    label = MathLabel("formula", "Formula")
    qtbot.addWidget(label)
    label.show_formula(SUM.numbers)
    for piece in label.missing:
        latex.draw(piece)
    label.refresh()
    assert label.is_drawn
    for width in (90, 160, 240, 500, 900):
        high = label.heightForWidth(width)
        for one in label.placed(width):
            assert one.area.left() >= 0
            assert one.area.right() <= width + 0.5
            assert one.area.bottom() <= high + 0.5
    assert label.heightForWidth(160) > label.heightForWidth(900)


def test_a_formula_takes_the_colour_of_the_theme(qtbot, qapp):
    label = MathLabel("formula", "Formula")
    qtbot.addWidget(label)
    label.show_formula(Symbol("x").is_(1))
    for piece in label.missing:
        latex.draw(piece)
    label.refresh()
    label.resize(200, 40)
    assert "currentColor" in latex.draw("= 1").svg
    assert 'fill="#' not in latex.draw("= 1").svg
    image = label.grab().toImage()
    colours = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
    assert len(colours) > 2  # letters with smooth edges, and not an empty picture


def test_the_menu_of_a_formula_copies_it(qtbot, qapp):
    label = MathLabel("formula", "Formula")
    qtbot.addWidget(label)
    label.show_formula(Symbol("w", "2,1") * Symbol("x"))
    actions = {action.objectName(): action for action in label.menu().actions()}
    actions["formula.copy.latex"].trigger()
    assert QGuiApplication.clipboard().text() == r"w_{2,1}\,x"
    actions["formula.copy.text"].trigger()
    assert QGuiApplication.clipboard().text() == "w₂,₁ x"


A, C, D, X = (Symbol(letter) for letter in "acdx")


def cut(expr):
    return [piece.latex for piece in pieces(expr)]


def test_latex_breaks_before_relations_and_signs_of_a_sum_only():
    made = product(Symbol("w"), Numeral(-0.5)) + exp(-X) - Symbol("b")
    assert cut(Symbol("z").is_(made)) == ["z", r"= w\cdot ({-0.5})", "+ e^{-x}", "- b"]
    assert cut(Symbol("y").is_(-X)) == ["y", "= -x"]
    tall = Quotient(parts=(A, D)) + C
    assert cut(product(tall, D)) == [r"\left(\frac{a}{d} + c\right)\,d"]


def test_a_sum_is_one_relation_however_long_and_rules_below_one_another_stay_apart():
    long = Symbol("z").is_(total([A, C, D, X, A, C]), Numeral(1))
    assert r"\begin{array}" in tex_of(long)
    assert [piece.begins for piece in pieces(long)] == ["row", *[""] * 7]
    rules = Rows(parts=(A.is_(C), D.becomes(X)))
    assert [piece.begins for piece in pieces(rules)] == ["row", "", "row", ""]


leaves = st.one_of(
    st.sampled_from([A, C, W1, W2, X1, Symbol("z", "1,2", "(1)"), Symbol("g", mark="\u0302")]),
    st.floats().map(Numeral),
)
rules = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(product, inner, inner),
        st.builds(lambda a, b: Quotient(parts=(a, b)), inner, inner),
        st.builds(lambda a: exp(-a), inner),
        st.builds(lambda a: a**2, inner),
    ),
    max_leaves=12,
)


@given(rules)
def test_any_rule_can_be_read_plainly_and_its_pieces_are_all_of_it(rule):
    for shown in (named(rule), valued(rule)):
        assert plain(shown)
        assert "".join(cut(shown)).replace(" ", "") == tex_of(shown).replace(" ", "")


def test_latex_that_cannot_be_drawn_is_shown_as_it_is_written():
    assert "<svg" in latex.draw(r"\nosuchcommand{x}").svg


def test_symbols_read_as_letters_with_what_stands_below_and_above():
    assert plain(Symbol("w", "2,1", "(1)") * Symbol("x", "1")) == "w⁽¹⁾₂,₁ x₁"
    mean = 1 / Symbol("n") * Big("i", parts=(Symbol("δ", above="[i]"),))
    assert plain(mean) == "1/n ∑ᵢ δ[i]"
    assert plain(Numeral(6.9e-4)) == "6.9 × 10⁻⁴"
    assert plain(Symbol("x").is_(Numeral(-0.25))) == "x = −0.25"
    assert [run.level for run in runs(Symbol("a", "1", "2"))] == [0, 1, -1]


def test_the_worker_draws_the_newest_request_and_leaves_no_thread_behind(qtbot, qapp):
    worker = LatexWorker()
    old = tuple(f"{n}.111 + x" for n in range(40))
    with qtbot.waitSignal(worker.drawn, timeout=15_000):
        worker.request(old)
        worker.request(("8.125 + y",))
    assert latex.known("8.125 + y") is not None
    assert latex.known(old[-1]) is None
    qtbot.waitUntil(lambda: not worker.is_busy, timeout=5_000)
    worker.request(old)
    worker.close()
    names = [thread.name for thread in threading.enumerate()]
    assert "chainrule-formulas" not in names
    assert latex.known(old[-1]) is None


def test_a_view_that_is_deleted_while_it_draws_ends_its_thread(qtbot, qapp, bridge, asked, record):
    view = FormulaView(bridge)
    view.card.drawer.worker.request(tuple(f"{n}.222 + q" for n in range(40)))
    with qtbot.waitSignal(view.destroyed):
        view.deleteLater()
    assert "chainrule-formulas" not in [thread.name for thread in threading.enumerate()]


def test_a_worker_may_go_in_the_very_moment_in_which_its_thread_reports(qapp, monkeypatch):
    latex.draw("z")  # known, so that the thread reports at once
    failed = []
    monkeypatch.setattr(threading, "excepthook", failed.append)
    between_threads = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    for _ in range(400):
        parent = QObject()
        LatexWorker(parent).request(("z",))
        parent.deleteLater()
        QCoreApplication.sendPostedEvents(parent, QEvent.Type.DeferredDelete)
    sys.setswitchinterval(between_threads)
    assert not failed


def test_while_the_window_is_at_work_nothing_is_drawn(qtbot, qapp):
    worker = LatexWorker()
    worker.hold()
    worker.request(("17.25 + u",))
    with qtbot.assertNotEmitted(worker.drawn, wait=60):
        pass
    assert latex.known("17.25 + u") is None
    with qtbot.waitSignal(worker.drawn, timeout=15_000):
        worker.release()
    assert latex.known("17.25 + u") is not None
    worker.close()


# Terms and the chain rule


def test_the_terms_of_a_sum_stand_with_the_largest_first_and_the_rest_below(view, bridge, record):
    bridge.present(standing(record, Place(0, 2)))
    model = view.card.terms.terms
    products = [model.rows[row].product for row in range(model.rowCount())]
    assert products == pytest.approx([-0.5, 0.125, 0.05])
    assert model.index(0, 2).data() == "−0.5000"
    assert view.card.rest.text() == "and 772 more: 0.01230"


@pytest.mark.parametrize("width", [300, 420, 700])
def test_the_sizes_of_the_terms_are_seen_at_any_width(qtbot, view, bridge, record, width):
    bridge.present(standing(record, Place(0, 2)))
    view.resize(width, 640)
    table = view.card.terms
    qtbot.waitUntil(lambda: abs(table.width() - width) < 60)
    assert sum(table.columnWidth(i) for i in range(4)) >= table.viewport().width()
    image = table.viewport().grab().toImage()
    tokens = theme.current()
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(24)}
    assert tokens.negative in seen  # the largest term comes to -0.5
    assert tokens.positive not in seen


def test_all_digits_of_a_number_are_there_on_hover(view, bridge, record):
    bridge.present(standing(record, Place(0, 2)))
    model, tip = view.card.terms.terms, Qt.ItemDataRole.ToolTipRole
    assert model.index(2, 1).data(tip) == "x₁ = 0.1"
    assert model.index(0, 2).data(tip) == "−0.5"
    third = replace(
        SUM, factors=(Factor(Symbol("a"), float(np.float32(1 / 3)), "a:0", (0, 0)),), terms=()
    )
    view.card.show_formula(third)
    assert model.index(0, 0).data(tip) == "a = 0.33333334"


def test_upstream_and_local_stand_apart_where_a_chain_rule_multiplies(view, bridge, record):
    bridge.present(standing(record, Place(entry_writing(record, "d:z:0"), 2)))
    card = view.card
    assert card.chain.isVisible()
    assert card.upstream.value.text() == "−0.5000"
    assert card.local.value.text() == "0.7500"
    assert card.upstream.caption.text() == "Comes back (upstream)"
    bridge.present(standing(record, Place(0, 2)))
    assert not card.chain.isVisible()


def test_the_code_is_shown_on_request_and_latex_is_copied(qtbot, view, bridge, record):
    bridge.present(standing(record, Place(0, 2)))
    card = view.card
    assert not card.code.isVisible()
    qtbot.mouseClick(card.pytorch_button, Qt.MouseButton.LeftButton)
    assert card.code.isVisible()
    assert card.code.text() == "z1 = F.linear(x, W1, b1)"
    card.copy_code_button.click()
    assert QGuiApplication.clipboard().text() == "z1 = F.linear(x, W1, b1)"
    card.copy_button.click()
    assert QGuiApplication.clipboard().text() == "\n".join(
        map(tex_of, (SUM.rule, SUM.symbols, SUM.numbers))
    )


# Both ways


def test_pointing_at_a_number_of_the_table_lights_its_place_up(qtbot, view, bridge, record):
    bridge.present(standing(record, Place(0, 2)))
    table = view.card.terms
    middle = table.visualRect(table.terms.index(0, 0)).center()
    qtbot.mouseMove(table.viewport(), QPoint(middle.x() + 1, middle.y()))
    qtbot.mouseMove(table.viewport(), middle)
    assert bridge.focus.hovered == Spot((0,), 1, source=1)
    middle = table.visualRect(table.terms.index(0, 1)).center()
    qtbot.mouseMove(table.viewport(), middle)
    assert bridge.focus.hovered == Spot((), 1)


def test_pointing_at_a_term_of_the_drawing_lights_its_edge_up(qtbot, view, bridge, record):
    bridge.present(standing(record, Place(0, 2)))
    drawn(qtbot, view)
    numbers = view.card.numbers
    second = next(one for one in numbers.placed(numbers.width()) if one.number == 2)
    assert numbers.piece_at(second.area.center()) == 2
    numbers.pointed.emit(2)
    assert bridge.focus.hovered == Spot((0,), 1, source=1)
    numbers.pointed.emit(-1)
    assert bridge.focus.hovered is None
    assert numbers.piece_at(QPointF(-50, -50)) == -1


def test_what_is_hovered_in_the_network_lights_its_row_and_its_term_up(view, bridge, record):
    from app.step.formula.terms_model import Role

    bridge.present(standing(record, Place(0, 2)))
    bridge.focus.hover(Spot((0,), 1, source=0))
    model = view.card.terms.terms
    lit = [
        (row, column)
        for row in range(model.rowCount())
        for column in range(2)
        if model.index(row, column).data(Role.LIT)
    ]
    assert lit == [(2, 0)]
    assert view.card.symbols.lit == frozenset({1})
    assert view.card.numbers.lit == frozenset({1})
    bridge.focus.hover(None)
    assert view.card.symbols.lit == frozenset()


def test_a_step_leaves_alone_what_the_network_has_under_the_pointer(view, bridge, record):
    bridge.present(standing(record, Place(0, 2)))
    bridge.focus.hover(Spot((0,), 3))
    bridge.present(standing(record, Place(0, 3)))
    assert bridge.focus.hovered == Spot((0,), 3)
    view.card.terms.pointed.emit(W1)
    bridge.present(standing(record, Place(0, 4)))
    assert bridge.focus.hovered is None


@pytest.mark.parametrize(
    ("key", "index", "spot"),
    [
        ("x", (3, 1), Spot((), 1)),
        ("x", (3, 0, 5, 6), Spot((), 0, pixel=(5, 6))),
        ("z:1", (3, 2), Spot((1,), 2)),
        ("d:a:2.1", (3, 2, 0, 4), Spot((2, 1), 2, pixel=(0, 4))),
        ("p:2.weight", (4, 7), Spot((2,), 4, source=7)),
        ("d:p:0.weight", (4, 7), Spot((0,), 4, source=7)),
        ("p:0.weight", (4, 7, 1, 2), Spot((0,), 4, source=7, kernel=(1, 2))),
        ("after:2.bias", (4,), Spot((2,), 4)),
        ("s':2.weight:exp_avg", (4, 7), Spot((2,), 4, source=7)),
        ("mean:1", (2,), Spot((1,), 2)),
        ("in:2", (3, 1), Spot((1,), 1)),
        ("loss", (), None),
        ("norm", (), None),
        ("terms", (3,), None),
    ],
)
def test_a_number_of_a_record_has_its_place_in_the_network(key, index, spot):
    assert spot_of(key, index) == spot


def test_every_number_computed_has_a_place_that_leads_back_to_it():
    record = record_of(digits())
    for entry in record.entries:
        if not entry.shape or entry.writes.startswith("in:"):
            continue
        index = entry.index_of(entry.count - 1)
        whole = (0, *index) if entry.per_sample else index
        spot = spot_of(entry.writes, whole)
        assert spot is not None
        assert index_in(entry, spot) == index


def test_a_channel_matches_all_of_its_pixels_but_no_other_channel():
    assert matches(Spot((0,), 1), Spot((0,), 1, pixel=(2, 2)))
    assert not matches(Spot((0,), 1), Spot((0,), 2, pixel=(2, 2)))
    assert not matches(Spot((0,), 1), Spot((0,), 1, source=0))


def test_a_kernel_matches_all_of_its_numbers_but_one_number_no_other():
    kernel = Spot((0,), 1, source=2)
    assert matches(kernel, Spot((0,), 1, source=2, kernel=(0, 1)))
    one = Spot((0,), 1, source=2, kernel=(1, 1))
    assert not matches(one, Spot((0,), 1, source=2, kernel=(0, 1)))
    assert not matches(Spot((0,), 1, source=0), one)


def test_an_edge_has_a_weight_and_a_neuron_its_bias(record):
    assert parameter_at(record, Spot((0,), 3, source=1)) == ("0.weight", (3, 1))
    assert parameter_at(record, Spot((1,), 0)) == ("1.bias", (0,))
    assert parameter_at(record, Spot((), 0)) is None
    assert parameter_at(record, Spot((0,), 9)) is None


def test_a_place_beyond_an_operation_is_not_taken(record, qapp):
    focus = Focus()
    focus.select(Spot((0,), 99))
    assert shown_index(record.entries[0], None, focus) == (0,)
