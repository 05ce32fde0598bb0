"""An experiment's name follows its network and its data until a person gives it one."""

from __future__ import annotations

from core.catalog.activations import Sigmoid
from core.data.logic import XorGate
from core.experiment.layers import Dense
from core.messages.commands import Undo
from core.messages.edits import add_layer, rename, set_data, set_seed
from core.presets import PRESETS
from tests.core.experiments import do, session_of

LOGISTIC = PRESETS["logistic-2-1"].spec
HIDDEN = Dense(units=3, activation=Sigmoid())


def test_a_preset_s_name_follows_once_it_is_another_network_on_other_data():
    session, _ = session_of(LOGISTIC, live=True)
    do(session, set_seed(3))
    assert session.spec.name == LOGISTIC.name
    do(session, add_layer((0,), HIDDEN))
    assert session.spec.name == "2-3-1 · Two clouds"
    assert str(session.snapshot().undo_change or "") == ""  # a layer more is no field
    do(session, set_data(XorGate()))
    assert session.spec.name == "2-3-1 · XOR gate"
    do(session, Undo(), Undo())
    assert session.spec.name == LOGISTIC.name


def test_a_name_of_one_s_own_stays():
    session, _ = session_of(LOGISTIC, live=True)
    do(session, rename("Mine"), add_layer((0,), HIDDEN), set_data(XorGate()))
    assert session.spec.name == "Mine"
