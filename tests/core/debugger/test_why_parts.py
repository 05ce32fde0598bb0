"""What a number is made of: its parts add up, and each leads to what made it."""

import pytest

from core.debugger.why.parts import asked_again, made_of
from core.messages.record import Phase
from core.messages.scope import is_per_sample
from tests.core.debugger.test_formulas import CURATED, record_of


@pytest.fixture(scope="module", params=["image", "wide", "mse", "cross_entropy", "relu-70"])
def record(request):
    chosen = [name for name in CURATED if name.split("-")[0] == request.param.split("-")[0]]
    return record_of(CURATED[chosen[0]], 2)


def asked(record):
    for entry in record.entries:
        if entry.phase in (Phase.FORWARD, Phase.LOSS):
            for sample in (None, 1) if entry.per_sample else (None,):
                index = entry.index_of(entry.count - 1)
                yield entry, index, sample, made_of(record, entry, index, sample)


def test_the_parts_of_a_sum_add_up_to_the_number(record):
    for entry, _, _, found in asked(record):
        if not found.is_sum:
            continue
        sizes = [abs(part.term.value) for part in found.parts]
        whole = sum(part.term.value for part in found.parts) + found.rest
        assert sizes == sorted(sizes, reverse=True)
        scale = sum(sizes) + abs(found.rest)
        assert whole == pytest.approx(found.number.value, rel=1e-5, abs=1e-5 * scale), entry


def test_each_part_leads_to_the_operation_that_made_it(record):
    for entry, index, sample, found in asked(record):
        assert record.entries[found.at.entry] is entry
        assert (found.at.index, found.at.sample) == (index, sample)
        for part in found.parts:
            for operand in part.operands:
                key, place = operand.number.key, operand.number.index
                if operand.at is None:
                    assert not key or key.split(":")[0] not in ("z", "a", "p", "loss")
                elif key.startswith("p:"):
                    made = record.entries[operand.at.entry]
                    assert made.writes == f"after:{key[2:]}"
                    assert (operand.at.step, operand.at.index) == (record.step - 1, place)
                else:
                    assert record.entries[operand.at.entry].writes == key
                    assert operand.at.step == record.step
                    if is_per_sample(key):
                        assert (operand.at.sample, *operand.at.index) == place


def test_one_can_ask_on_down_to_the_inputs(record):
    """By the largest part each time."""
    entry = next(one for one in record.entries if one.kind == "loss_terms")
    found, passed = made_of(record, entry, (), 1), []
    while found is not None:
        passed.append(record.entries[found.at.entry].kind)
        assert all(str(said) for said in found.sentences)
        nexts = [asked_again(record, one) for part in found.parts for one in part.operands]
        found = next((one for one in nexts if one is not None), None)
    assert passed[0] == "loss_terms"
    assert record.entries[0].kind in passed


def test_a_first_weight_was_made_by_nothing():
    record = record_of(CURATED["mse"], 1)
    found = made_of(record, record.entries[0], (0,), 0)
    weights = [o for part in found.parts for o in part.operands if o.number.key.startswith("p:")]
    assert weights
    assert all(operand.at is None for operand in weights)
