"""Data whose classes the loss does not suit: told as they come, with the change that mends it."""

from __future__ import annotations

import pytest

from core.catalog.activations import Sigmoid
from core.catalog.losses import MSE, BinaryCrossEntropy
from core.data.table import CsvTable
from core.data.toy import ThreeClasses, TiltedPlane
from core.experiment.layers import Dense
from core.messages.commands import Undo
from core.messages.edits import set_data, set_loss
from core.messages.events import Notice
from tests.core.experiments import session_of, tiny

BINARY = tiny(layers=(Dense(units=4), Dense(units=1, activation=Sigmoid())))


def notices(events):
    return [event for event in events if isinstance(event, Notice)]


@pytest.fixture
def table(tmp_path):
    """Two columns that could be the target: of two words, and of three."""
    rows = [f"{n / 7:.3f},{n % 5},{'ab'[n % 2]},{'xyz'[n % 3]}" for n in range(30)]
    path = tmp_path / "flowers.csv"
    path.write_text("\n".join(["height,width,side,kind", *rows]), "utf-8")
    return path


def test_another_target_column_with_three_classes_brings_a_proposal(table):
    session, events = session_of(BINARY)
    session.apply(set_data(CsvTable(path=str(table), target="side")))
    (told,) = notices(events)
    assert told.finding is None
    assert session.spec.loss == BinaryCrossEntropy()
    events.clear()
    session.apply(set_data(CsvTable(path=str(table), target="kind")))
    (told,) = notices(events)
    assert str(told.message).startswith("flowers.csv: lines: 30, inputs: 4, classes: 3 (x, y, z).")
    assert str(told.finding.says) == (
        "The data have 3 classes, and binary cross-entropy looks at each output by itself."
    )
    (edit,) = told.finding.offer.edits
    before = session.spec
    session.apply(edit)
    head = session.spec.layers[-1]
    assert (session.spec.loss.kind, head.activation.kind, head.units) == (
        "cross_entropy", "softmax", 3,
    )  # fmt: skip
    session.apply(Undo())
    assert session.spec == before


def test_data_that_say_nothing_of_themselves_have_the_proposal_alone():
    session, events = session_of(BINARY)
    session.apply(set_data(ThreeClasses(samples=30)))
    (told,) = notices(events)
    assert told.message is told.finding.says


@pytest.mark.parametrize("data", [ThreeClasses(samples=30), TiltedPlane(samples=30)])
def test_what_suits_is_left_in_peace(data):
    session, events = session_of(
        tiny(data=data, loss=MSE(), layers=(Dense(units=data.shape().outputs),))
    )
    session.apply(set_loss(MSE()))
    events.clear()
    session.apply(set_data(data.model_copy(update={"samples": 31})))
    suits = data.shape().task == "regression"
    assert (notices(events) == []) is suits
