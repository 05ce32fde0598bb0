"""What is asked for is in nothing that is told of a step, and what it is made of stays."""

import math
import re

import numpy as np
import pytest

from core.catalog.optimizers import Adam, AdamW, Momentum
from core.debugger.formulas.chain import chain
from core.debugger.formulas.explain import explain
from core.debugger.sentences.say import say
from core.debugger.tape import record_step
from core.experiment.spec import Training
from core.expression.digits import digits
from core.expression.hidden import HIDDEN, SIGN_OF_HIDDEN, is_hidden
from core.expression.latex import latex
from core.expression.plain import plain
from core.expression.tree import Numeral, Rows
from core.messages.hiding import without
from core.messages.record import Hidden, Place, Stepping
from core.messages.scope import numbers_of
from core.questions.question import ask, keys_asked
from tests.core.debugger.test_formulas import record_of
from tests.core.debugger.test_scope import SPECS
from tests.core.experiments import tiny, trainer_of
from tests.core.questions.networks import random_spec
from tests.core.questions.test_judge import places_of

DIGITS_SHOWN = re.compile(r"\d+(?:\.\d+)?")


def at_the_end(record):
    last = len(record.entries) - 1
    return Stepping(record, Place(last, record.entries[last].count), can_go_back=True)


def hiding(question):
    return without(
        at_the_end(question.record), Hidden(question.key, question.index, question.sample)
    )


def texts_of(formula, links):
    """All that a panel writes of a formula: drawn, in boxes, in rows, on hover, in the chain."""
    yield from (plain(formula.numbers), latex(formula.numbers), plain(formula.symbols))
    factors = [formula.result, formula.upstream, formula.local]
    if formula.opened is not None:
        yield plain(formula.opened.numbers)
        factors += [formula.opened.way.upstream, formula.opened.way.local]
    factors += [factor for term in formula.terms for factor in term.factors]
    values = [factor.value for factor in factors if factor is not None and not factor.key]
    values += [formula.result.value, formula.value, *(term.value for term in formula.terms)]
    values += [link.number.value for link in links[-1:]]
    yield from ("".join(digits(abs(value))) for value in values)


def operands(question):
    """Numbers that may be seen, though one of them should be the same."""
    found = [abs(factor.value) for factor in question.operands]
    found += [abs(question.formula.left_out[1]), 0.0, 1.0]
    return [*found, *(1 / value for value in found if value)]


def gives_itself_away(question):
    """Whether a number that may be seen is the very number, or it has too few digits to be told."""
    size = abs(question.value)
    is_round = size == round(size, 2)
    return is_round or any(math.isclose(size, one, rel_tol=1e-3) for one in operands(question))


@pytest.mark.parametrize("seed", range(12))
def test_nothing_told_of_a_random_step_holds_the_number(seed):
    rng = np.random.default_rng(seed)
    record = record_of(random_spec(rng), 2)
    count = 0
    for question in places_of(record, rng):
        veiled = hiding(question).record
        entry, index, sample = question.entry, question.index, question.sample
        formula = explain(veiled, entry, index, sample)
        assert is_hidden(formula.result.value)
        assert is_hidden(formula.value)
        assert not say(veiled, entry, index, sample, formula).sentences
        if gives_itself_away(question):
            continue
        count += 1
        wanted = digits(abs(question.value))[0]
        said = " ".join(texts_of(formula, chain(veiled, entry, index, sample, formula)))
        assert SIGN_OF_HIDDEN in said
        assert "NaN" not in said
        assert wanted not in DIGITS_SHOWN.findall(said), (entry.kind, question.key, said)
    assert count > len(record.entries) / 2


@pytest.mark.parametrize("name", SPECS)
def test_every_preset_hides_the_number_in_all_that_views_read(name):
    rng = np.random.default_rng(3)
    record = record_step(trainer_of(SPECS[name])).record
    for question in places_of(record, rng):
        stepping = hiding(question)
        of_samples = question.entry.kind == "loss"  # whose mean is the number
        for key in (question.key, *question.entry.reads):
            if (key == "terms" and of_samples) or key.startswith(("s':", "hat:")):
                continue
            whole = numbers_of(stepping.record, key, question.sample)
            true = numbers_of(record, key, question.sample)
            hidden = np.array([is_hidden(one) for one in whole.flat]).reshape(whole.shape)
            if key == question.key:
                assert hidden[question.index]
                hidden[question.index] = False
                whole = whole.copy()
                whole[question.index] = true[question.index]
            # An operand that is the very number: the batch's δ is the bias's gradient.
            same = np.isclose(true, question.value, rtol=1e-5, atol=0)
            assert not (hidden & ~same).any(), (question.entry.kind, key)
            whole = np.where(hidden, true, whole)
            np.testing.assert_array_equal(whole, true)
        assert stepping.entry is question.entry
        later = record.entries[stepping.place.entry + 1 :]
        assert all(stepping.known(entry.writes) == 0 for entry in later)
        assert all(np.isnan(stepping.record.arrays[entry.writes]).all() for entry in later)


def test_a_state_takes_along_what_the_step_makes_of_it():
    record = record_of(tiny(optimizer=Adam(learning_rate=0.05)), 2)
    entry = next(one for one in record.entries if one.kind == "update")
    place, name = entry.index_of(1), entry.parameter
    known = {}
    for key in keys_asked(record, entry):
        arrays = hiding(ask(record, entry, place, key=key)).record.arrays
        own = [one for one in arrays if one.split(":")[1:2] == [name]]
        known[key] = {one for one in own if is_at(arrays[one], place)}
    always = {f"p:{name}", f"s:{name}:exp_avg", f"s:{name}:exp_avg_sq", f"t:{name}"}
    moments = [f"s':{name}:exp_avg", f"s':{name}:exp_avg_sq"]
    assert known[moments[0]] == always
    assert known[moments[1]] == {*always, moments[0]}
    hats = [f"hat:{name}:exp_avg", f"hat:{name}:exp_avg_sq"]
    assert known[f"after:{name}"] == {*always, *moments, *hats}


def is_at(array, place):
    return not is_hidden(float(array[place] if array.ndim else array))


@pytest.mark.parametrize("optimizer", [Adam(), AdamW(weight_decay=0.2), Momentum()])
def test_the_rows_of_an_update_end_with_the_one_that_is_asked_for(optimizer):
    record = record_of(tiny(optimizer=optimizer), 2)
    entry = next(one for one in record.entries if one.kind == "update")
    for key in keys_asked(record, entry):
        question = ask(record, entry, (0, 1), key=key)
        rows = explain(hiding(question).record, entry, (0, 1)).numbers.parts
        assert plain(rows[-1]).endswith(f"= {SIGN_OF_HIDDEN}")
        assert all(SIGN_OF_HIDDEN not in plain(row) for row in rows[:-1])


def test_a_share_hides_the_whole_only_where_they_are_the_same():
    for batch, is_same in ((1, True), (3, False)):
        record = record_of(tiny(training=Training(batch_size=batch)), 1)
        entry = next(one for one in record.entries if one.kind == "weight_gradient")
        share = hiding(ask(record, entry, (0, 0), 0)).record
        assert is_hidden(float(numbers_of(share, entry.writes, 0)[0, 0]))
        assert is_hidden(float(numbers_of(share, entry.writes, None)[0, 0])) == is_same
        whole = hiding(ask(record, entry, (0, 0))).record
        assert is_hidden(float(numbers_of(whole, entry.writes, None)[0, 0]))
        assert is_hidden(float(numbers_of(whole, entry.writes, 0)[0, 0])) == is_same


def test_the_loss_is_not_told_as_what_its_samples_come_to():
    record = record_of(tiny(), 1)
    entry = next(one for one in record.entries if one.kind == "loss")
    veiled = hiding(ask(record, entry, ())).record
    assert is_hidden(float(numbers_of(veiled, "terms", None)))
    assert not is_hidden(float(numbers_of(veiled, "terms", 0)))


def test_the_true_record_is_left_as_it_was():
    record = record_of(tiny(), 1)
    before = {key: array.copy() for key, array in record.arrays.items()}
    for question in places_of(record, np.random.default_rng(1)):
        hiding(question)
    for key, array in record.arrays.items():
        np.testing.assert_array_equal(array, before[key])
    assert record.hidden is None


def test_the_cursor_stays_amid_an_operation():
    record = record_of(tiny(), 1)
    entry = record.entries[0]
    stepping = Stepping(record, Place(0, 1), can_go_back=True)
    assert without(stepping, Hidden(entry.writes, (0,), 0)).place == Place(0, 1)


def test_the_mark_survives_arithmetic_and_casts():
    marked = np.full(40, 2.0)
    marked[17] = HIDDEN
    for value in (
        -HIDDEN,
        HIDDEN * 0.1 + 2,
        abs(HIDDEN),
        math.sqrt(HIDDEN),
        marked.sum(),
        marked.mean(),
        marked.astype(np.float32).sum(dtype=np.float64),
        float(np.float32(HIDDEN)),
        np.outer(marked, marked)[17, 3],
    ):
        assert is_hidden(float(value))
    assert not is_hidden(math.nan)
    assert not is_hidden(float(np.float32("nan")))
    assert not is_hidden(0.5)


def numerals(expr):
    if isinstance(expr, Numeral):
        yield abs(float(expr.value))
    for part in expr.parts:
        yield from numerals(part)


@pytest.mark.parametrize("seed", range(8))
def test_each_number_put_in_is_among_what_it_is_made_of(seed):
    """So the line in numbers can be kept back, and the number be worked out all the same."""
    record = record_of(random_spec(np.random.default_rng(seed)))
    for entry in record.entries:
        formula = explain(record, entry, entry.index_of(0), 0 if entry.per_sample else None)
        rows = formula.numbers.parts if isinstance(formula.numbers, Rows) else (formula.numbers,)
        known = {abs(one.value) for one in (*formula.factors, *formula.constants)}
        known |= {*numerals(formula.symbols), 0.0, 1.0, 1e-6}  # the last is written as 10^-6
        for row in rows:
            _, *made, end = row.parts
            put_in = [*made, *([] if made else [end])]
            assert {one for side in put_in for one in numerals(side)} <= known, entry.writes
            known |= set(numerals(end))
