"""Answers are read: right ones, a thousand known slips, and what no slip explains."""

import statistics
from collections import Counter
from time import perf_counter

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.catalog.base import entries_of
from core.catalog.optimizers import Adam, Momentum, Optimizer
from core.debugger.tape import record_step
from core.errors import UserError
from core.experiment.spec import Training
from core.messages.breakpoints import Interventions
from core.messages.record import Phase
from core.questions.hints import hints_of
from core.questions.judge import Outcome, judge, judged, suspects_of
from core.questions.question import ask, keys_asked, shown, unit_of
from core.questions.registry import WRONG_RULES
from tests.core.debugger.test_formulas import dense_specs, image_specs, record_of
from tests.core.debugger.test_scope import SPECS
from tests.core.experiments import tiny, trainer_of
from tests.core.questions.by_torch import Again
from tests.core.questions.networks import random_spec

GRADIENTS = ("weight_gradient", "bias_gradient")


def places_of(record, rng):
    """A question about a random number of every entry, of one sample and of the batch."""
    for entry in record.entries:
        shares = entry.per_sample or entry.kind in GRADIENTS
        for key in keys_asked(record, entry):
            for sample in (None, int(rng.integers(record.samples))) if shares else (None,):
                index = entry.index_of(int(rng.integers(entry.count)))
                yield ask(record, entry, index, sample, key=key)


def slips_of_random_networks(count):
    """Questions and the slips at them that torch works out, of as many random networks."""
    rng = np.random.default_rng(5)
    for _ in range(count):
        record = record_of(random_spec(rng), int(rng.integers(1, 4)))
        again = Again(record)
        for question in places_of(record, rng):
            found = again.slips(question.entry, question.index, question.sample, question.key)
            yield question, found


def is_other(question, value):
    """Whether a number is shown otherwise than the true one, by more than its last digit."""
    apart = 2 * unit_of(question.value, question.figures)
    return np.isfinite(value) and abs(value - question.value) > apart


@pytest.fixture(scope="module")
def slips():
    return [
        (question, slip, value, found)
        for question, found in slips_of_random_networks(25)
        for slip, value in found.items()
        if is_other(question, value)
    ]


def test_known_slips_are_named(slips):
    missed, sole, kinds = Counter(), 0, Counter()
    for question, slip, value, _ in slips:
        judgement = judge(question, f"{value:.4g}")
        names = {suspect.rule.kind for suspect in judgement.suspects}
        kinds[slip] += 1
        sole += names == {slip}
        if slip not in names:
            missed[slip] += 1
    assert len(slips) > 1000
    assert sum(missed.values()) <= 0.05 * len(slips), missed
    assert sole > 0.7 * len(slips)
    asked_for = {rule.kind for rule in WRONG_RULES} - {"outputs_not_averaged"}
    assert asked_for <= kinds.keys()


def test_known_slips_are_named_where_a_digit_less_is_typed(slips):
    told = [(q, slip, f"{value:.2e}") for q, slip, value, _ in slips[::4]]
    told = [one for one in told if f"{one[0].value:.2e}" != one[2]]
    missed = sum(
        slip not in {suspect.rule.kind for suspect in judge(question, text).suspects}
        for question, slip, text in told
    )
    assert missed <= 0.05 * len(told)


def test_a_right_answer_of_too_few_digits_is_told_so():
    record = record_of(tiny())
    entry = next(one for one in record.entries if one.kind == "weight_gradient")
    question = ask(record, entry, (0, 0))
    judgement = judge(question, f"{question.value:.2g}")
    assert judgement.outcome is Outcome.UNKNOWN
    assert "Right to 2 digits; 4 are asked." in str(judgement)


def test_slips_that_give_the_same_number_are_never_told_apart(slips):
    for question, slip, value, found in slips:
        same = {other for other, given in found.items() if shown(given) == shown(value)}
        judgement = judge(question, f"{value:.4g}")
        if len(same) > 1 and judgement.outcome is not Outcome.RIGHT:
            assert judgement.outcome is Outcome.SEVERAL, (slip, same)
            assert same <= {suspect.rule.kind for suspect in judgement.suspects}


def written(question):
    """Right answers as people type them."""
    value = question.value
    yield f"{value:.4g}"
    yield f"{value:.5e}"
    yield f"{value:.4g}".replace("-", "−").replace(".", ",")
    terms, opened = question.formula.terms, question.formula.opened
    if question.formula.upstream is not None:
        above, local = question.formula.upstream, question.formula.local
        yield f"{shown(above.value)}*{shown(local.value)}"
    if opened is not None:
        yield f"{shown(opened.way.upstream.value)} × ({shown(opened.way.local.value)})"
    if question.key == question.entry.writes and terms and not question.formula.left_out[0]:
        if question.entry.kind == "norm":
            return
        products = (" · ".join(f"({shown(f.value)})" for f in term.factors) for term in terms)
        text = " + ".join(products)
        if len(text) <= 200:
            yield text


def test_right_answers_are_right():
    wrong = total = 0
    for question, _ in slips_of_random_networks(12):
        for text in written(question):
            total += 1
            wrong += judge(question, text).outcome is not Outcome.RIGHT
    assert total > 1000
    assert wrong <= 0.01 * total


def test_right_wins_over_a_slip_that_gives_the_same_number():
    for question, found in slips_of_random_networks(10):
        for value in found.values():
            if abs(value - question.value) <= unit_of(question.value):
                assert judged(question, value).outcome is Outcome.RIGHT


@pytest.mark.parametrize("name", SPECS)
def test_every_entry_of_every_preset_can_be_asked(name):
    rng = np.random.default_rng(0)
    trainer = trainer_of(SPECS[name])
    record_step(trainer)
    record = record_step(trainer).record
    asked = set()
    for question in places_of(record, rng):
        asked.add(question.entry.writes)
        assert judged(question, question.value).outcome is Outcome.RIGHT
        off = judged(question, 3.3 * question.value + 7.7)
        assert off.outcome is not Outcome.RIGHT
        assert "{" not in f"{question.asked} {off}"
        assert question.operands
    assert asked == {entry.writes for entry in record.entries}


@pytest.mark.parametrize("kind", entries_of(Optimizer))
def test_update_states_and_clipping_of_every_optimizer_can_be_asked(kind):
    chosen = entries_of(Optimizer)[kind]()
    training = Training(batch_size=5, l1=0.01, l2=0.1, clip_norm=0.05, clip_value=0.04)
    record = record_of(tiny(optimizer=chosen, training=training), 3)
    rng = np.random.default_rng(0)
    states, phases = set(), set()
    for question in places_of(record, rng):
        phases.add(question.entry.phase)
        assert judged(question, question.value).outcome is Outcome.RIGHT
        for guesses in suspects_of(question).values():
            judgement = judged(question, guesses[0].value)
            assert judgement.outcome in (Outcome.SLIP, Outcome.SEVERAL)
            assert "{" not in str(judgement)
        if question.key != question.entry.writes:
            states.add(question.key.rpartition(":")[2])
    assert phases == set(Phase)
    assert states == set(chosen.used)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    spec=st.one_of(dense_specs(), image_specs()),
    steps=st.integers(1, 3),
    seed=st.integers(0, 999),
)
def test_any_network_can_be_asked(spec, steps, seed):
    for question in places_of(record_of(spec, steps), np.random.default_rng(seed)):
        assert judge(question, f"{question.value:.4g}").outcome is Outcome.RIGHT
        assert judged(question, 2.2 * question.value + 1.1).sentences


def test_what_a_person_holds_or_silences_can_be_asked():
    wanted = Interventions().with_knocked((0,), 1, on=True).with_frozen("0.weight", (2, 1), on=True)
    record = record_of(tiny(optimizer=Adam()), 2, wanted)
    kinds = {one.writes: one for one in record.entries}
    held = ask(record, kinds["after:0.weight"], (2, 1))
    assert not suspects_of(held)
    assert len(hints_of(held)) == 1
    silenced = ask(record, kinds["d:z:0"], (1,), 0)
    assert judged(silenced, 0.0).outcome is Outcome.RIGHT
    passed = judge(silenced, f"{record.arrays['d:a:0'][0, 1]:.4g}")
    assert "silenced" in str(passed)


def test_hints_tell_names_and_counts_but_no_number():
    for question, _ in slips_of_random_networks(5):
        hints = hints_of(question)
        assert hints
        for hint in hints:
            assert "{" not in str(hint)
            assert f"{question.value:.3g}" not in str(hint) or abs(question.value) < 1e-9
        if len(question.formula.terms) > 1 and question.entry.kind != "update":
            count = len(question.formula.terms) + question.formula.left_out[0]
            assert f"{count} parts" in str(hints[1])


def guess_of(question, kind):
    """What a slip gives."""
    found = {rule.kind: guesses for rule, guesses in suspects_of(question).items()}
    return found[kind][0].value


@pytest.mark.parametrize("sample", [None, 2])
def test_slips_in_convolutions_are_those_that_torch_works_out(sample):
    record = record_of(SPECS["cnn-mnist"])
    entry = next(one for one in record.entries if (one.kind, one.path) == ("input_gradient", (2,)))
    layer, arrays = record.layer((2,)).layer, record.arrays
    after, before = (torch.tensor(arrays[f"{key}:2.weight"]) for key in ("after", "p"))
    deltas, passed = (torch.tensor(arrays[f"d:{key}:2"]) for key in ("z", "a"))
    shape = arrays[entry.writes].shape
    true = _summed(arrays[entry.writes], sample)
    index = tuple(map(int, np.unravel_index(np.abs(true).argmax(), true.shape)))
    question = ask(record, entry, index, sample)
    for slip, weight, above in (
        ("updated_weight", after, deltas),
        ("slope_left_out", before, passed),
    ):
        given = torch.nn.grad.conv2d_input(
            shape, weight, above, stride=layer.stride, padding=layer.padding
        )
        expected = _summed(given.numpy(), sample)[index]
        assert guess_of(question, slip) == pytest.approx(expected, rel=1e-4)


def _summed(array, sample):
    return array.sum(0) if sample is None else array[sample]


def test_a_number_that_is_none_is_not_asked():
    record = record_of(tiny())
    arrays = dict(record.arrays) | {"loss": np.array(np.nan, np.float32)}
    broken = type(record)(
        record.step, record.spec, record.rate, record.layers, record.entries, arrays, record.rows
    )
    entry = next(one for one in record.entries if one.kind == "loss")
    with pytest.raises(UserError, match="nothing to work out"):
        ask(broken, entry, ())


def test_an_answer_that_no_slip_explains_is_told_how_far_off_it_is():
    record = record_of(tiny())
    entry = next(one for one in record.entries if one.kind == "weight_gradient")
    question = ask(record, entry, (0, 0))
    value = question.value
    assert "place too far to the right" in str(judged(question, value * 10))
    assert "2 places too far to the left" in str(judged(question, value / 100))
    assert "sign is the other one" in str(judged(question, value * -1.7))
    assert "1.7 times" in str(judged(question, value * 1.7))
    assert "Nearly" in str(judged(question, value * 1.008))
    assert "counts most" in str(judged(question, value * 1.7))
    assert "off by" in str(judged(question, 0.0))


def test_a_velocity_that_begins_from_0_is_known():
    """In torch the first velocity is the first gradient, whole; 0.7 of it would be dampened."""
    record = record_of(tiny(optimizer=Momentum(learning_rate=0.5, dampening=0.3)))
    entry = next(one for one in record.entries if one.writes == "after:1.bias")
    theta, g = (float(record.arrays[f"{key}:1.bias"][0]) for key in ("p", "d:p"))
    question = ask(record, entry, (0,))
    judgement = judge(question, f"{theta - 0.5 * 0.7 * g:.4g}")
    assert [suspect.rule.kind for suspect in judgement.suspects] == ["without_correction"]
    assert "begin from 0" in str(judgement)


def test_each_slip_has_a_name_of_its_own():
    assert len({rule.kind for rule in WRONG_RULES}) == len(WRONG_RULES)
    assert len({rule.label for rule in WRONG_RULES}) == len(WRONG_RULES)


def test_as_many_digits_are_asked_as_a_question_says():
    record = record_of(tiny())
    entry = next(one for one in record.entries if one.kind == "linear")
    question = ask(record, entry, (0,), 0, figures=2)
    unit = unit_of(question.value, 2)
    assert judge(question, f"{question.value:.2g}").outcome is Outcome.RIGHT
    assert judged(question, question.value + 0.9 * unit).outcome is Outcome.RIGHT
    assert judged(question, question.value + 4 * unit).outcome is not Outcome.RIGHT


def test_the_sample_on_screen_is_looked_at_however_small_its_share_is():
    record = record_of(tiny(training=Training(batch_size=30)))
    entry = next(one for one in record.entries if one.kind == "bias_gradient")
    shares = record.arrays["d:z:1"][:, 0]
    smallest = int(np.abs(shares).argmin())
    question = ask(record, entry, (0,), beside=smallest)
    names = [s.rule.kind for s in judge(question, f"{shares[smallest]:.4g}").suspects]
    assert "one_sample" in names


def test_a_verdict_comes_at_once():
    times = []
    for question, found in slips_of_random_networks(4):
        fresh = ask(question.record, question.entry, question.index, question.sample)
        answer = next(iter(found.values()), 1.5)
        begin = perf_counter()
        judged(fresh, answer)
        times.append(perf_counter() - begin)
    assert statistics.median(times) < 0.005
