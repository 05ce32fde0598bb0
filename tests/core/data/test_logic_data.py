"""Logic gates: four exact points, and nothing drawn."""

from __future__ import annotations

import operator
from collections.abc import Callable

import pytest
import torch

from core.data.logic import AndGate, Gate, OrGate, XorGate

GATES = [(AndGate, operator.and_), (OrGate, operator.or_), (XorGate, operator.xor)]


@pytest.mark.parametrize(("gate", "function"), GATES)
def test_a_gate_holds_its_whole_truth_table(
    gate: type[Gate], function: Callable[[int, int], int]
) -> None:
    data = gate().load(0)
    rows = [(int(a), int(b)) for a, b in data.train_inputs.tolist()]
    assert sorted(rows) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert data.train_labels.tolist() == [function(a, b) for a, b in rows]


@pytest.mark.parametrize(("gate", "function"), GATES)
def test_a_gate_fits_its_shape_and_is_tested_on_its_only_four_points(
    gate: type[Gate], function: Callable[[int, int], int]
) -> None:
    data = gate().load(5)
    assert data.shape == gate().shape()
    assert data.shape.input_shape == (2,)
    assert data.shape.outputs == 2
    assert data.train_inputs.dtype == torch.float32
    assert data.train_labels.dtype == torch.int64
    assert data.class_names == ("0", "1")
    assert torch.equal(data.test_inputs, data.train_inputs)
    assert torch.equal(data.test_labels, data.train_labels)
