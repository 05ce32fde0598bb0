"""The chain from the loss to a number: each link is the record's, and the products come out."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from core.catalog.activations import Sigmoid, Softmax
from core.catalog.losses import BinaryCrossEntropy, CrossEntropy
from core.data.logic import XorGate
from core.data.toy import ThreeClasses
from core.debugger.formulas.chain import chain
from core.debugger.formulas.explain import explain
from core.experiment.by_hand import ByHand
from core.experiment.layers import Dense
from core.expression.plain import plain
from core.messages.record import Phase
from core.messages.scope import numbers_of
from tests.core.debugger.test_formulas import CURATED, record_of
from tests.core.experiments import tiny


@pytest.fixture(scope="module", params=CURATED)
def record(request):
    return record_of(CURATED[request.param], 2)


def chains(record):
    for entry in record.entries:
        for sample in (None, 1):
            index = entry.index_of(entry.count - 1)
            yield entry, index, sample, chain(record, entry, index, sample)


def test_every_gradient_and_every_update_hangs_on_a_chain_from_the_loss(record):
    for entry, index, sample, links in chains(record):
        if entry.phase is Phase.BACKWARD or entry.kind in ("clip", "update"):
            assert record.entries[links[0].entry].kind == "loss"
            last = links[-1]
            assert record.entries[last.entry] is entry
            assert last.index == index
            formula = explain(record, entry, index, sample)
            assert last.number.value == formula.result.value
        else:
            assert not links


def test_every_link_shows_the_number_that_is_shown_where_a_click_goes(record):
    for _, _, _, links in chains(record):
        for link in links:
            if not link.number.key:  # the output's gradient, behind a loss computed with it
                continue
            key = record.entries[link.entry].writes
            shown = float(numbers_of(record, key, link.sample)[link.index])
            assert link.number.value == pytest.approx(shown, rel=1e-4, abs=1e-7)


def test_a_link_of_one_sample_says_which_where_the_chain_ends_in_the_whole_batch(record):
    """Else δ would have one value in the chain, and another on the graph."""
    for _, _, _, links in chains(record):
        whole = links and links[-1].sample is None and record.samples > 1
        for link in links:
            marked = link.sample is not None and f"[{link.sample + 1}]" in plain(link.name)
            if whole:
                assert marked == (link.sample is not None)


def test_where_one_product_is_all_each_number_is_the_one_before_times_its_factor(record):
    for _, _, _, links in chains(record):
        for before, link in pairwise(links[1:]):
            if link.local is not None and link.ways == 1:
                made = before.number.value * link.local.value
                assert link.number.value == pytest.approx(made, rel=1e-3, abs=1e-7)


def test_the_products_of_the_chain_rule_add_up_to_the_gradient(record):
    """Of the inputs' gradients too."""
    kinds = set()
    for entry in record.entries:
        if entry.kind not in ("input_gradient", "skip_gradient", "activation_gradient"):
            continue
        formula = explain(record, entry, entry.index_of(entry.count - 1), 1)
        kinds.add(record.layer(entry.path).layer.kind)
        assert formula.ways, entry
        if formula.left_out[0] == 0 and len(formula.ways) >= len(formula.terms):
            total = sum(way.value for way in formula.ways)
            assert total == pytest.approx(formula.value, rel=1e-6, abs=1e-12)
    assert kinds


def opened(loss, activation, data, units, by_hand=None):
    spec = tiny(
        data=data,
        layers=(Dense(units=3), Dense(units=units, activation=activation)),
        loss=loss,
        by_hand=ByHand.model_validate(by_hand or {}),
    )
    record = record_of(spec)
    entry = next(one for one in record.entries if one.kind == "loss_gradient")
    return record, entry


@pytest.mark.parametrize("unit", [0, 1])
def test_a_binary_cross_entropy_opens_into_autograds_two_factors(unit):
    record, entry = opened(BinaryCrossEntropy(), Sigmoid(), XorGate(), 2)
    formula = explain(record, entry, (unit,), 0)
    a = torch.tensor(record.arrays["a:1"], dtype=torch.float64, requires_grad=True)
    y = torch.tensor(record.arrays["y"], dtype=torch.float64)
    torch.nn.functional.binary_cross_entropy(a, y).backward()
    way = formula.opened.way
    assert way.upstream.value == pytest.approx(a.grad[0, unit].item(), rel=1e-5)
    assert way.local.value == pytest.approx((a * (1 - a))[0, unit].item(), rel=1e-6)
    assert way.value == pytest.approx(formula.value, rel=1e-5)


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_a_cross_entropy_opens_at_the_right_class_which_each_logit_moves(unit):
    record, entry = opened(CrossEntropy(), Softmax(), ThreeClasses(), 3)
    formula = explain(record, entry, (unit,), 1)
    assert formula.opened.way.value == pytest.approx(formula.value, rel=1e-4)
    z = torch.tensor(record.arrays["z:1"][1], dtype=torch.float64, requires_grad=True)
    right = int(record.arrays["y"][1])
    torch.softmax(z, 0)[right].backward()
    assert formula.opened.way.local.value == pytest.approx(z.grad[unit].item(), rel=1e-4)


def test_a_saturated_output_is_not_opened_into_factors_that_overflow():
    record, entry = opened(
        BinaryCrossEntropy(),
        Sigmoid(),
        XorGate(),
        1,
        {"start": {"1.bias": [2e4]}},
    )
    formula = explain(record, entry, (0,), 0)
    assert np.isfinite(formula.value)
    assert float(record.arrays["a:1"][0, 0]) == 1.0
    assert formula.opened is None or np.isfinite(formula.opened.way.value)
