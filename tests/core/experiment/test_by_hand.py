"""What a person sets by hand: in JSON, in training, in the trace, and through undo and saving."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.activations import Sigmoid
from core.errors import UserError
from core.experiment.by_hand import ByHand, GivenNumbers
from core.experiment.layers import Dense
from core.experiment.spec import read_spec, spec_from_dict, spec_from_json
from core.messages.commands import Freeze, KnockOut, Next, ResetWeights, SetInput, SetNumber, Undo
from core.messages.edits import draw_again, replace_layer, set_data, set_seed
from core.messages.record import Grain
from core.presets import PRESETS
from tests.core.experiments import do, same, session_of, take, tensors_of, tiny, trainer_of

MAZUR = PRESETS["mazur-2-2-2"].spec
STEP = Next(Grain.ITERATION)


def with_by_hand(spec, by_hand):
    return spec_from_dict(spec.model_dump(mode="json") | {"by_hand": by_hand})


def test_mazurs_article_comes_out_to_its_last_digit():
    """mattmazur.com, "A Step by Step Backpropagation Example": total error and new weights."""
    trainer = trainer_of(MAZUR)
    trainer.run_on(1)
    assert float(trainer.flush().losses[0]) == pytest.approx(0.298371109, abs=5e-9)
    new = {name: tensor.flatten().tolist() for name, tensor in trainer.network.named().items()}
    assert new["0.weight"] == pytest.approx([0.149780716, 0.19956143, 0.24975114, 0.29950229])
    assert new["1.weight"] == pytest.approx([0.35891648, 0.408666186, 0.511301270, 0.561370121])
    assert new["0.bias"] == pytest.approx([0.35, 0.35])
    assert new["1.bias"] == pytest.approx([0.60, 0.60])
    trainer.run_on(9_999)
    assert float(trainer.flush().losses[-1]) == pytest.approx(0.0000351085, rel=0.01)


def test_numbers_left_out_stay_as_they_are_drawn():
    spec = with_by_hand(tiny(), {"start": {"0.weight": {"1,0": 0.5}}})
    ours, drawn = trainer_of(spec).network.named(), trainer_of(tiny()).network.named()
    with torch.no_grad():
        drawn["0.weight"][1, 0] = 0.5
    assert all(torch.equal(ours[name], drawn[name]) for name in drawn)


def test_what_is_held_silenced_and_changed_in_json_acts_as_by_hand_in_the_window():
    by_hand = {
        "frozen": {"0.weight": ["2,1"]},
        "silenced": {"0": [3]},
        "inputs": {"3": {"1": -4.0}},
    }
    trainer = trainer_of(with_by_hand(tiny(), by_hand))
    session, _ = session_of(tiny(), live=True)
    commands = (
        Freeze("0.weight", (2, 1), on=True),
        KnockOut((0,), 3, on=True),
        SetInput(3, (1,), -4.0),
    )
    do(session, *commands)
    assert session.spec.by_hand == trainer.spec.by_hand
    assert spec_from_json(session.spec.to_json()) == session.spec
    take(trainer, 3)
    do(session, STEP, STEP, STEP)
    assert same(tensors_of(session.run.trainer), tensors_of(trainer))


def test_a_number_typed_before_the_first_step_is_where_a_reset_leads_back_to():
    session, _ = session_of(tiny(), live=True)
    do(session, SetNumber("0.weight", (1, 0), 3.5), STEP, ResetWeights())
    assert session.run.trainer.network.named()["0.weight"][1, 0] == 3.5
    do(session, Undo(), Undo(), Undo())
    assert session.spec == tiny()
    assert session.run.trainer.network.named()["0.weight"][1, 0] != 3.5


def test_a_number_typed_amid_training_is_none_to_begin_with():
    session, _ = session_of(tiny(), live=True)
    do(session, STEP, SetNumber("0.weight", (1, 0), 3.5))
    assert session.spec.by_hand == ByHand()


def test_first_numbers_can_be_drawn_again_and_typed_again():
    session, _ = session_of(tiny(), live=True)
    drawn = session.run.trainer.network.named()["0.weight"][1, 0].item()
    do(session, SetNumber("0.weight", (1, 0), 3.5), draw_again((0,)))
    assert session.run.trainer.network.named()["0.weight"][1, 0].item() == drawn
    do(session, Undo())
    assert session.run.trainer.network.named()["0.weight"][1, 0].item() == 3.5


def test_a_changed_layer_takes_its_own_numbers_along_and_leaves_the_others():
    session, _ = session_of(MAZUR, live=True)
    do(session, replace_layer((1,), Dense(units=2, activation=Sigmoid(), bias=False)))
    by_hand = session.spec.by_hand
    assert by_hand.start.keys() == {"0.weight", "0.bias"}
    assert by_hand.frozen == {"0.bias": "all"}
    do(session, Undo())
    assert session.spec == MAZUR
    do(session, set_seed(7))
    assert session.spec.by_hand == MAZUR.by_hand
    rows = MAZUR.data.model_copy(update={"inputs": ((0.1, 0.2),)})
    do(session, SetInput(0, (1,), 0.5), set_data(rows))
    assert session.spec.by_hand == MAZUR.by_hand


@pytest.mark.parametrize(
    ("by_hand", "said"),
    [
        ({"start": {"7.weight": [[1]]}}, "no parameter 7.weight"),
        ({"start": {"0.weight": [[1, 2]]}}, "are 1×2, but it is 2×2"),
        ({"start": {"0.weight": {"2,0": 1}}}, "no number at 2,0"),
        ({"frozen": {"0.bias": ["5"]}}, "no number at 5"),
        ({"silenced": {"4": [0]}}, "no such neuron"),
        ({"silenced": {"1": [0]}}, "outputs cannot be knocked out"),
        ({"inputs": {"9": {"0": 1}}}, "no such input"),
    ],
)
def test_what_does_not_fit_the_network_is_refused_with_a_sentence(by_hand, said):
    with pytest.raises(UserError) as refusal:
        trainer_of(with_by_hand(MAZUR, by_hand))
    assert said in str(refusal.value)


@pytest.mark.parametrize(
    "by_hand",
    [
        {"start": {"0.weight": [[1], [1, 2]]}},
        {"start": {"0.weight": []}},
        {"start": {"0.weight": 3}},
        {"start": {"0.weight": [[True]]}},
        {"start": {"0.weight": [["x"]]}},
        {"start": {"0.weight": [[1e40]]}},
        {"start": {"0.weight": {"a": 1}}},
        {"frozen": {"0.bias": "some"}},
        {"frozen": {"0.bias": ["0,-1"]}},
        {"silenced": {"x": [1]}},
        {"silenced": {"0": [-1]}},
        {"inputs": {"-1": {"0": 1}}},
        {"held": {}},
    ],
)
def test_what_is_no_set_of_numbers_is_refused_by_its_field(by_hand):
    with pytest.raises(UserError, match="field by_hand"):
        with_by_hand(MAZUR, by_hand)


FLOATS = st.floats(-1e6, 1e6, allow_nan=False)
INDICES = st.tuples(st.integers(0, 3), st.integers(0, 3))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(INDICES, FLOATS), st.booleans())
def test_numbers_go_through_json_unchanged(cells, whole):
    numbers = GivenNumbers(cells, (4, 4) if whole else None)
    by_hand = ByHand(start={"0.weight": numbers}, inputs={2: numbers})
    assert ByHand.model_validate_json(by_hand.model_dump_json()) == by_hand


def test_a_large_array_written_out_is_read_as_it_stands():
    rows = np.arange(30.0).reshape(5, 6).tolist()
    read = ByHand.model_validate({"start": {"0.weight": rows}}).start["0.weight"]
    assert read.shape == (5, 6)
    assert read.cells[4, 5] == 29.0


def test_the_file_that_the_readme_speaks_of_is_the_preset():
    assert read_spec(Path(__file__).parents[3] / "docs" / "mazur.json") == MAZUR
