"""What an edit changed, said in a menu."""

from __future__ import annotations

import pytest

from core.catalog.optimizers import Adam
from core.experiment.changes import change_of
from core.messages.commands import Redo, Undo
from core.messages.edits import (
    rename,
    replace_layer,
    set_optimizer,
    set_seed,
    set_stop,
    set_training,
)
from tests.core.experiments import do, session_of, tiny

FASTER = tiny().optimizer.model_copy(update={"learning_rate": 0.123456})
DENSE = tiny().layers[0]
EDITS = {
    "Learning rate η 0.1 to 0.1235": set_optimizer(FASTER),
    "Batch size 8 to 4": set_training(tiny().training.model_copy(update={"batch_size": 4})),
    "Clip norm none to 0.5": set_training(tiny().training.model_copy(update={"clip_norm": 0.5})),
    "Epochs 3 to 7": set_stop(tiny().stop.model_copy(update={"epochs": 7})),
    "Seed 0 to 3": set_seed(3),
    "Optimizer SGD to Adam": set_optimizer(Adam()),
    "1 Dense: Units 4 to 5": replace_layer((0,), DENSE.model_copy(update={"units": 5})),
    "1 Dense: Bias on to off": replace_layer((0,), DENSE.model_copy(update={"bias": False})),
}


@pytest.mark.parametrize("said", EDITS)
def test_one_field_is_named_with_both_its_values(said):
    spec = tiny()
    assert str(change_of(spec, EDITS[said].apply(spec))) == said


def test_several_fields_and_none_are_left_to_the_edits_own_label():
    spec = tiny()
    other = EDITS["Seed 0 to 3"].apply(EDITS["Batch size 8 to 4"].apply(spec))
    assert change_of(spec, other) is None
    assert change_of(spec, spec) is None


def test_undo_and_redo_say_what_they_change_and_a_drag_from_its_beginning_to_its_end():
    session, _ = session_of(tiny(), live=True)
    for rate in (0.2, 0.3, 0.4):
        edit = set_optimizer(tiny().optimizer.model_copy(update={"learning_rate": rate}), 7)
        do(session, edit)
    assert str(session.snapshot().undo_change) == "Learning rate η 0.1 to 0.4"
    do(session, Undo())
    snapshot = session.snapshot()
    assert (snapshot.undo, snapshot.undo_change) == (None, None)
    assert str(snapshot.redo_change) == "Learning rate η 0.1 to 0.4"
    do(session, Redo(), rename("Mine"))
    assert str(session.snapshot().undo_change).endswith("to Mine")
