"""From one optimizer to another: what comes with it, and what a person's values do."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.base import entries_of
from core.catalog.optimizers import SGD, Adagrad, Adam, GradientDescent, Momentum, Optimizer
from core.catalog.optimizers.switching import differing, switched
from core.experiment.spec import spec_from_json
from core.messages.edits import set_optimizer
from core.messages.orders import Redo, Undo
from core.session.session import Session
from tests.core.experiments import tiny

ENTRIES = entries_of(Optimizer)


@pytest.mark.parametrize(("before", "after"), list(product(ENTRIES, ENTRIES)))
def test_nothing_of_the_one_before_goes_along_unless_it_is_pinned(before, after):
    pinned = {"learning_rate": 0.25}
    assert switched(ENTRIES[after], {}) == ENTRIES[after].model_validate({})
    kept = switched(ENTRIES[after], pinned)
    assert kept == ENTRIES[after].model_validate(pinned)
    assert kept.learning_rate == 0.25
    assert type(kept) is ENTRIES[after]


def test_what_the_experiment_came_with_counts_as_the_optimizers_own():
    own = GradientDescent(learning_rate=5.0)
    assert switched(GradientDescent, {}, own) == own
    assert switched(Adam, {}, own) == Adam()
    assert switched(GradientDescent, {"learning_rate": 2.0}, own).learning_rate == 2.0


def test_a_pinned_value_that_the_other_does_not_allow_is_left_behind():
    assert switched(Momentum, {"momentum": 1.5, "learning_rate": 0.2}) == Momentum(
        learning_rate=0.2
    )


def test_what_differs_is_told_within_a_kind_alone():
    assert differing(Adam(), Adam(beta1=0.5)) == {"beta1": 0.5}
    assert differing(Adam(), SGD()) == {}


@given(st.lists(st.tuples(st.sampled_from(["typed", "found"]), st.floats(1e-6, 9.0)), max_size=6))
def test_a_rate_is_pinned_as_long_as_the_last_word_was_a_persons(words):
    spec = tiny(optimizer=SGD(learning_rate=0.01))
    expected = {}
    for who, rate in words:
        wanted = SGD(learning_rate=rate)
        if wanted != spec.optimizer:
            expected = {"learning_rate": rate} if who == "typed" else {}
        spec = set_optimizer(wanted, by_hand=who == "typed").apply(spec)
    assert spec.pinned == expected
    assert spec_from_json(spec.to_json()) == spec


def test_pins_outlive_another_optimizer_and_undo_brings_them_back():
    session = Session(tiny(optimizer=Momentum()), lambda event: None)
    session.load()
    session.apply(set_optimizer(Momentum(momentum=0.5), by_hand=True))
    session.apply(set_optimizer(Adam()))
    assert session.spec.pinned == {"momentum": 0.5}
    assert switched(Momentum, session.spec.pinned) == Momentum(momentum=0.5)
    session.apply(Undo())
    session.apply(Undo())
    assert session.spec.pinned == {}
    session.apply(Redo())
    assert session.spec.pinned == {"momentum": 0.5}


def test_a_pin_changes_nothing_in_how_a_run_goes_on():
    spec = tiny()
    pinned = spec.model_copy(update={"pinned": {"learning_rate": 0.1}})
    assert pinned != spec
    assert pinned.goes_on_as(spec)


def test_the_epsilon_of_adagrad_does_not_come_to_adam():
    """With 1e-10 in the place of 1e-8 Adam lost what it had learned: 97 % fell to 50 %."""
    assert Adagrad().eps != Adam().eps
    assert switched(Adam, {}, Adagrad()).eps == Adam().eps
