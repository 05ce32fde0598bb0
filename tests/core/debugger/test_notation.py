"""docs/NOTATION.md, held against every kind of entry: one name for one number."""

import re
from pathlib import Path

import pytest

from core.debugger.formulas.explain import explain
from core.debugger.formulas.names import name_of
from core.expression.latex import latex
from core.expression.plain import plain
from core.expression.tree import Derivative, Expr, Symbol
from core.messages.record import key_of
from core.messages.scope import is_per_sample, is_shared
from tests.core.debugger.test_formulas import CURATED, record_of

PAGE = (Path(__file__).parents[3] / "docs" / "NOTATION.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=CURATED)
def record(request):
    return record_of(CURATED[request.param], 2)


def symbols_in(expr: Expr):
    if isinstance(expr, Symbol):
        yield expr
    for part in expr.parts:
        yield from symbols_in(part)


def explained(record, sample):
    for entry in record.entries:
        yield entry, explain(record, entry, entry.index_of(entry.count - 1), sample)


def of_no_sample(symbol: Expr) -> str:
    return re.sub(r"\[\d+\]", "", latex(symbol)).replace("^{}", "")


@pytest.mark.parametrize("sample", [None, 1])
def test_a_number_has_the_same_name_where_it_is_made_and_where_it_is_read(record, sample):
    names = {}
    for entry in record.entries:
        for number in range(min(entry.count, 6)):
            formula = explain(record, entry, entry.index_of(number), sample)
            made = [] if sample is None and entry.per_sample else [formula.result]
            for factor in (*formula.factors, *made):
                if is_shared(factor.key) and factor is formula.result and sample is not None:
                    continue  # a share is no number of the array
                own = factor.index[is_per_sample(factor.key) :]
                known = names.setdefault((factor.key, own), of_no_sample(factor.symbol))
                assert of_no_sample(factor.symbol) == known, (entry.kind, factor.key)


LETTERS = {"z", "a", "x", "y"}


def test_a_rule_calls_what_is_read_by_the_letter_that_it_has(record):
    """No x in the rule that is an a among the numbers, and no a that is a z."""
    for entry, formula in explained(record, 0):
        if entry.phase == "update" or entry.kind in ("loss_gradient", "loss_terms"):
            continue
        ruled = {(s.letter, s.mark) for s in symbols_in(formula.rule) if s.letter in LETTERS}
        named = {
            (s.letter, s.mark)
            for factor in (*formula.factors, formula.result)
            for s in symbols_in(factor.symbol)
            if s.letter in LETTERS
        }
        normed = {("x", "\u0302")}
        around = {(s.letter, s.mark) for s in symbols_in(formula.symbols) if s.letter in LETTERS}
        moved = {("z", "")} if entry.kind.endswith("gradient") or entry.kind == "loss" else set()
        assert ruled <= named | around | normed | moved, (entry.kind, plain(formula.rule))


def test_outputs_are_y_with_a_hat_and_targets_are_y(record):
    output = record.output
    for entry, formula in explained(record, 0):
        for factor in (*formula.factors, formula.result):
            if factor.key in (output, "y") and isinstance(factor.symbol, Symbol):
                assert factor.symbol.letter == "y"
                assert factor.symbol.mark == ("\u0302" if factor.key == output else "")
        if entry.kind == "loss_terms":
            rule = plain(formula.rule)
            assert rule.startswith("ℓ[i]")
            assert "ŷ" in rule


def test_one_over_n_comes_in_where_the_gradient_begins_and_nowhere_else(record):
    for entry, formula in explained(record, 0):
        has_n = any(s == Symbol("n") for s in symbols_in(formula.symbols))
        assert has_n == (entry.kind in ("loss_gradient", "loss")), entry.kind


def test_the_page_knows_every_letter_and_every_name_in_code(record):
    rows = [line.split("|") for line in PAGE.splitlines() if line.startswith("| ")]
    letters = "".join(row[1] for row in rows if len(row) == 7)
    codes = {re.sub(r"\d", "1", one) for row in rows if len(row) == 7 for one in ticked(row[4])}
    for entry, formula in explained(record, 0):
        for symbol in symbols_in(formula.result.symbol):
            assert symbol.letter in letters or symbol.letter == "[1]", symbol
        if entry.phase != "update":
            name = re.sub(r"\d+(_\d+)*", "1", name_of(record, entry.writes))
            assert name in codes, name


def ticked(cell):
    return re.findall(r"`([^`]+)`", cell)


def test_a_gradient_is_called_after_what_it_is_the_gradient_of(record):
    for entry, formula in explained(record, 0):
        symbol = formula.result.symbol
        if entry.writes.startswith("d:z:"):
            assert isinstance(symbol, Symbol)
            assert symbol.letter == "δ"
            assert symbol.above == f"({key_of(tuple(i + 1 for i in path(entry.writes)))})"
        elif entry.writes.startswith(("d:a:", "d:x", "d:in:")):
            assert isinstance(symbol, Derivative)


def path(key):
    return tuple(int(part) for part in key.rpartition(":")[2].split("."))
