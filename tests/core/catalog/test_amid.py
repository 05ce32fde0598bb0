"""A choice's name amid a sentence: a plain word is written small there, a name is not."""

from __future__ import annotations

import pytest

from core.catalog.activations import Activation, ReLU
from core.catalog.base import amid, entries_of
from core.catalog.losses import Loss
from core.catalog.optimizers import Adam, GradientDescent, Optimizer

NAMES = ("SGD", "Nesterov", "Adagrad", "RMSprop", "Adam", "ReLU", "ELU", "GELU", "SiLU")

CHOICES = [
    entry for family in (Optimizer, Loss, Activation) for entry in entries_of(family).values()
]


@pytest.mark.parametrize("entry", CHOICES, ids=lambda entry: entry.label)
def test_only_a_name_keeps_its_capital(entry):
    told = amid(entry)
    assert told[0].islower() or told.startswith(NAMES)
    assert entry.label.lower().startswith(told.lower())


def test_it_is_asked_of_a_choice_as_of_its_class():
    assert amid(GradientDescent(learning_rate=0.5)) == "gradient descent"
    assert amid(Adam) == "Adam"
    assert amid(ReLU()) == "ReLU"
