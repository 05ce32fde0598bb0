"""Each fault computes what its broken line computes, and shows first where its answer says."""

import json

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from core.catalog.base import entries_of
from core.catalog.optimizers import Adam
from core.debugger.formulas.comparing import compared
from core.debugger.formulas.explain import explain
from core.debugger.gradcheck import check_gradients
from core.debugger.sentences.say import say
from core.debugger.tape import record_step
from core.debugger.why.paths import paths_of
from core.errors import UserError
from core.experiment.faults.fault import Fault
from core.experiment.faults.of_start import UnitsBornDead
from core.experiment.faults.registry import FAULTS
from core.experiment.spec import ExperimentSpec, spec_from_json
from core.expression.plain import plain
from core.messages.commands import LoadWeights, Next, SaveWeights, Undo, Visit
from core.messages.edits import repair, set_optimizer
from core.messages.record import Grain
from core.presets import PRESETS
from core.presets.lab import CASES, case_after, plausible
from core.presets.preset import Preset
from core.questions.question import ask
from tests.core.diagnosis.illnesses import MADE
from tests.core.diagnosis.looking import kinds
from tests.core.experiment.broken_code import STARTS, run
from tests.core.experiments import do, same, session_of, take, tensors_of, tiny, trainer_of

KINDS = [case.fault.kind for case in CASES]
STEPS = 3


def sound(case):
    return case.model_copy(update={"fault": None})


def records_of(spec, steps=STEPS):
    trainer, records = trainer_of(spec), []
    for _ in range(steps):
        records.append(record_step(trainer).record)
        trainer.flush()
    return records


def parameters(record, prefix):
    names = [key for key in record.arrays if key.startswith(prefix)]
    return [torch.tensor(record.arrays[name]) for name in names]


def assert_same_course(records, seen):
    """Recorded parameters against those of plain PyTorch, before the first step and after each."""
    course = [parameters(records[0], "p:"), *(parameters(record, "after:") for record in records)]
    for ours, theirs in zip(course, seen, strict=True):
        for one, other in zip(ours, theirs, strict=True):
            torch.testing.assert_close(one, other, rtol=2e-4, atol=2e-5)


def numbers_of(record, entry):
    """Every number of an operation, explained: of the batch's first samples where it has them."""
    samples = range(min(record.samples, 4)) if entry.per_sample else [None]
    for sample in samples:
        for number in range(min(entry.count, 40)):
            yield explain(record, entry, entry.index_of(number), sample)


def test_there_is_a_case_for_each_fault_and_each_is_found_by_its_kind():
    assert [fault.model_fields["kind"].default for fault in FAULTS] == KINDS
    assert set(KINDS) == set(entries_of(Fault))
    assert [case_after(kind).fault.kind for kind in KINDS] == [*KINDS[1:], KINDS[0]]
    assert case_after("") is CASES[0]


@pytest.mark.parametrize("case", CASES, ids=KINDS)
def test_the_broken_line_executed_gives_the_faulty_course_and_the_repaired_one_the_true(case):
    fault, kind = case.fault, case.fault.kind
    for spec, line in ((case, fault.broken), (sound(case), fault.repaired)):
        records = records_of(spec)
        rows = [torch.tensor(record.rows) for record in records]
        start = parameters(records_of(sound(case), 1)[0], "p:")
        seen = run(sound(case), kind, line, rows, start)
        if kind == "weights_alike" and spec.fault is None:
            # torch draws others from the same distribution: alike is what they must not be.
            assert seen[1][0].unique().numel() == seen[1][0].numel()
            continue
        if kind in STARTS:  # the line is run after the first look at the parameters
            seen[0] = parameters(records[0], "p:")
        assert_same_course(records, seen)


@pytest.mark.parametrize("case", CASES, ids=KINDS)
def test_the_trace_differs_first_at_an_operation_that_the_answer_names(case):
    layers = len(case.layers)
    for faulty, true in zip(records_of(case), records_of(sound(case)), strict=True):
        assert [entry.writes for entry in faulty.entries] == [e.writes for e in true.entries]
        differ = [
            entry
            for entry in faulty.entries
            if not np.array_equal(faulty.arrays[entry.writes], true.arrays[entry.writes])
        ]
        if differ:
            assert case.fault.is_at(differ[0].kind, differ[0].path, layers)
            assert differ[0].kind == case.fault.operations[0]
            return
    pytest.fail("no difference")


@pytest.mark.parametrize("case", CASES, ids=KINDS)
def test_only_what_the_answer_names_is_not_what_its_rule_gives(case):
    off = set()
    for record in records_of(case):
        for entry in record.entries:
            if not all(formula.follows_rule for formula in numbers_of(record, entry)):
                off.add(entry)
    assert all(case.fault.is_at(entry.kind, entry.path, len(case.layers)) for entry in off)
    goes_in = {"labels_shifted", "weights_alike", "units_born_dead", "pixels_unscaled"}
    assert bool(off) == (case.fault.kind not in goes_in)


@pytest.mark.parametrize("name", ["worked-2-3-2", "xor-2-2-1", "three-2-8-3", "sine-1-16-16-1"])
def test_in_sound_code_every_number_follows_its_rule(name):
    for record in records_of(PRESETS[name].spec.model_copy(update={"device": "cpu"}), 2):
        for entry in record.entries:
            assert all(formula.follows_rule for formula in numbers_of(record, entry)), entry.writes


@pytest.mark.parametrize("case", CASES, ids=KINDS)
def test_going_on_plainly_takes_the_very_steps_that_are_recorded(case):
    stepped, ran = trainer_of(case), trainer_of(case)
    for _ in range(20):
        record_step(stepped)
        stepped.flush()
    take(ran, 20)
    assert same(tensors_of(stepped), tensors_of(ran))


@pytest.mark.parametrize("case", CASES, ids=KINDS)
def test_a_step_of_the_past_comes_out_as_it_was(case):
    session, _ = session_of(case)
    do(session, *[Next(Grain.ITERATION)] * 4)
    there = session.snapshot().stepping.record.arrays
    do(session, Next(Grain.ITERATION), Visit(3), Next(Grain.ITERATION))
    again = session.snapshot().stepping.record
    assert again.step == 4
    assert all(np.array_equal(again.arrays[key], there[key]) for key in there)


def test_what_is_said_of_a_number_is_only_whether_it_follows_its_rule():
    record = records_of(CASES[0], 1)[0]
    update = next(entry for entry in record.entries if entry.kind == "update")
    weight = float(record.arrays[update.writes][0, 0])
    moved = weight - float(record.arrays["p:0.weight"][0, 0])
    formula = explain(record, update, (0, 0))
    assert formula.value == pytest.approx(weight - 2 * moved, rel=1e-5)
    assert formula.code == formula.line == ""
    assert plain(formula.numbers).endswith("0.5580 ≠ 0.5709")
    said = say(record, update, (0, 0), None, formula)
    assert str(said) == "The rule gives 0.5580; this code computed 0.5709."
    assert said.claim is None
    linear = record.entries[0]
    assert str(say(record, linear, (0,), 0, explain(record, linear, (0,), 0))).endswith(
        ", and so does this code."
    )


def test_a_batch_is_compared_sample_by_sample_since_its_mean_hides_what_is_wrong():
    record = records_of(CASES[KINDS.index("softmax_twice")], 1)[0]
    terms = next(entry for entry in record.entries if entry.kind == "loss_terms")
    whole = explain(record, terms, (), None)
    assert whole.follows_rule
    found = compared(record, terms, (), None)
    assert not found.agrees
    assert (found.sample, found.off, found.compared) == (0, 4, 4)


def test_a_gradient_that_was_kept_is_compared_whole_whichever_sample_is_picked():
    record = records_of(CASES[KINDS.index("gradients_kept")], 2)[1]
    entry = next(entry for entry in record.entries if entry.kind == "weight_gradient")
    found = compared(record, entry, (0, 0), 0)
    assert not found.agrees
    before = records_of(CASES[KINDS.index("gradients_kept")], 1)[0].arrays[entry.writes]
    assert found.code - found.rule == pytest.approx(float(before[0, 0]), rel=1e-4)


def test_nothing_is_asked_about_a_broken_step_that_only_sound_code_could_answer():
    record = records_of(CASES[KINDS.index("slope_forgotten")], 1)[0]
    entry = next(entry for entry in record.entries if entry.kind == "activation_gradient")
    with pytest.raises(UserError, match="broken on purpose"):
        ask(record, entry, (0,), 0)
    found = paths_of(record, entry, (0,), 0)
    assert found.paths == ()
    assert found.number.value == float(record.arrays[entry.writes][0, 0])
    assert "broken on purpose" in str(found.refused)


def test_a_check_of_the_gradients_tells_that_they_are_none():
    trainer = trainer_of(CASES[KINDS.index("slope_forgotten")])
    found = check_gradients(trainer, record_step(trainer), lambda: False)
    assert found.largest > 0.01
    assert found.parameter.startswith("0.")
    trainer = trainer_of(sound(CASES[KINDS.index("slope_forgotten")]))
    assert check_gradients(trainer, record_step(trainer), lambda: False).largest < 1e-3


@pytest.mark.parametrize("case", CASES, ids=KINDS)
def test_repair_begins_the_sound_run_and_undo_brings_the_broken_one_back(case):
    session, _ = session_of(case)
    do(session, *[Next(Grain.ITERATION)] * 2)
    was = tensors_of(session.run.trainer)
    do(session, repair())
    assert session.spec == sound(case)
    assert same(tensors_of(session.run.trainer), tensors_of(trainer_of(sound(case))))
    assert session.snapshot().undo == "Repair the code"
    do(session, Undo())
    assert session.spec == case
    assert same(tensors_of(session.run.trainer), was)


@pytest.mark.parametrize("case", CASES, ids=KINDS)
def test_a_broken_experiment_is_named_so_in_json_and_comes_back_from_it(case):
    found = json.loads(case.to_json())
    assert found["fault"] == {"kind": case.fault.kind}
    assert spec_from_json(case.to_json()) == case
    assert json.loads(sound(case).to_json())["fault"] is None


@pytest.mark.parametrize("case", CASES, ids=KINDS)
def test_saved_weights_of_a_broken_experiment_are_broken_too(case, tmp_path):
    session, _ = session_of(case)
    do(session, Next(Grain.ITERATION), SaveWeights(str(tmp_path / "w.safetensors")))
    other, _ = session_of(tiny())
    do(other, LoadWeights(str(tmp_path / "w.safetensors")))
    assert other.spec.fault == case.fault
    assert same(tensors_of(other.run.trainer), tensors_of(session.run.trainer))


def test_no_preset_is_broken_and_none_can_be():
    assert all(preset.spec.fault is None for preset in PRESETS.values())
    with pytest.raises(ValueError, match="broken on purpose"):
        Preset("x", "X", "A sentence.", "xor", CASES[0])


def test_a_change_that_leaves_no_place_for_the_fault_is_refused():
    session, _ = session_of(CASES[0])
    with pytest.raises(UserError, match="repair it first"):
        session.apply(set_optimizer(Adam()))
    assert session.spec == CASES[0]
    with pytest.raises(ValidationError):
        ExperimentSpec.model_validate(dict(CASES[0]) | {"optimizer": Adam()})
    do(session, repair(), set_optimizer(Adam()))
    assert session.spec.optimizer == Adam()


@pytest.mark.parametrize("case", CASES, ids=KINDS)
def test_the_answers_to_choose_from_have_the_right_one_among_others_that_could_be(case):
    offered = plausible(case)
    assert case.fault.kind in [fault.model_fields["kind"].default for fault in offered]
    assert len(offered) == len(set(offered)) == 5
    assert all(f.fits(case.data, case.layers, case.loss, case.optimizer) for f in offered)
    assert offered == plausible(case)


def test_nobody_is_told_what_ails_a_broken_experiment():
    ill = next(made for made in MADE if made.name == "dead by biases").spec(0)
    assert kinds(ill, 0, 300)[-1] == ["dead_units"]
    broken = ExperimentSpec.model_validate(dict(ill) | {"fault": UnitsBornDead()})
    assert kinds(broken, 0, 300) == [[], []]
