from dataclasses import replace

import numpy as np
import pytest

from app.canvas.model.colouring import Colouring, EdgeQuantity, Limits, NodeQuantity, Reach
from app.canvas.model.facts import facts_of
from app.canvas.model.layout import lay_out
from app.canvas.model.light import LitLinks, LitPatch, LitUnits, light_of
from app.canvas.model.numbers import Source
from app.canvas.model.scene import LEVELS, levels_of, make_scene
from app.canvas.model.stack import stages_of
from app.canvas.model.state import GraphState
from app.canvas.model.weights import Asked
from app.canvas.model.words import place_text
from app.link.focus import Spot
from core.debugger import cursor
from core.expression.hidden import is_hidden
from core.messages.commands import Freeze, KnockOut, SetInput, SetNumber
from core.messages.hiding import without
from core.messages.record import Grain, Hidden, Place, Stepping
from core.presets import PRESETS
from tests.app.graphs import (
    CNN,
    DENSE,
    SPIRAL,
    WORKED,
    XOR,
    live,
    recorded,
    standing,
    stepped,
)

ROOM = (1000.0, 640.0)


def scene_of(snapshot, sample=0, chosen=None, limits=None):
    layout = lay_out(stages_of(snapshot), ROOM)
    numbers = Source().of(snapshot, sample)
    return make_scene(snapshot, layout, numbers, chosen or Colouring(), limits or Limits())


def test_before_the_first_operation_only_inputs_and_weights_are_there():
    snapshot = replace(standing(XOR), stepping=Stepping(recorded(XOR), Place(), True))
    scene = scene_of(snapshot)
    assert scene.nodes[0].values.tolist() == recorded(XOR).arrays["x"][0].tolist()
    assert not scene.nodes[1].known.any()
    assert scene.edges[0].values.tolist() == recorded(XOR).arrays["p:0.weight"].ravel().tolist()
    assert scene.loss is None
    assert not scene.light.active


def test_numbers_appear_in_the_order_of_computing_and_not_before():
    snapshot = stepped(WORKED, "linear", (1,), 2)
    nodes = scene_of(snapshot).nodes[2]
    assert nodes.known.tolist() == [True, True, False]
    z = recorded(WORKED).arrays["z:1"][0]
    assert nodes.values[:2].tolist() == pytest.approx(z[:2].tolist())
    assert not scene_of(snapshot).nodes[3].known.any()


@pytest.mark.parametrize("name", [WORKED, XOR])
def test_nothing_unknown_is_ever_shown_along_the_whole_step(name):
    record = recorded(name)
    place = Place()
    while place is not None:
        stepping = Stepping(record, place, True)
        scene = scene_of(replace(standing(name), stepping=stepping))
        for layer, nodes in zip(record.layers, scene.nodes[1:], strict=True):
            path = ".".join(map(str, layer.path))
            keys = [f"{kind}:{path}" for kind in ("z", "a", "d:z", "d:a")]
            keys = [key for key in keys if record.canonical(key) in record.arrays]
            most = max(
                layer.output_shape[0] if stepping.known(key) is None else stepping.known(key)
                for key in keys
            )
            assert nodes.known.sum() <= most
        place = cursor.onward(record.entries, place, Grain.NUMBER)


def test_a_sample_shows_its_own_numbers_and_the_batch_their_mean():
    snapshot = stepped(SPIRAL, "activation", (0,))
    a = recorded(SPIRAL).arrays["a:0"].astype(np.float64)
    np.testing.assert_allclose(scene_of(snapshot, 3).nodes[1].values, a[3])
    np.testing.assert_allclose(scene_of(snapshot, None).nodes[1].values, a.mean(axis=0))


def test_forwards_one_neuron_lights_its_incoming_edges_alone():
    scene = scene_of(stepped(WORKED, "linear", (1,), 2))
    assert scene.edges[1].lit.tolist() == [False, False, True, True, False, False]
    assert scene.nodes[2].lit.tolist() == [False, True, False]
    assert scene.nodes[1].lit.all()
    assert not scene.edges[2].lit.any()
    assert scene.light.direction == 1


def test_backwards_one_weight_lights_its_edge_and_both_ends():
    scene = scene_of(stepped(WORKED, "weight_gradient", (1,), 4))
    # The fourth of a (3, 2) weight is the second input of the second unit.
    assert np.flatnonzero(scene.edges[1].lit).tolist() == [3]
    assert scene.nodes[2].lit.tolist() == [False, True, False]
    assert scene.nodes[1].lit.tolist() == [False, True]
    assert scene.light.direction == -1


def test_backwards_an_input_gathers_along_its_outgoing_edges():
    scene = scene_of(stepped(WORKED, "input_gradient", (2,), 2))
    links = scene.edges[2]
    assert np.flatnonzero(links.lit).tolist() == [1, 4]
    assert scene.nodes[2].lit.tolist() == [False, True, False]
    assert scene.nodes[3].lit.all()


def test_the_update_of_one_weight_lights_its_edge_and_shows_the_step():
    snapshot = stepped(WORKED, "update", (1,), 1, parameter="1.weight")
    scene = scene_of(snapshot)
    assert np.flatnonzero(scene.edges[1].lit).tolist() == [0]
    assert scene.edges[1].quantity is EdgeQuantity.UPDATE
    step = recorded(WORKED).arrays["step:1.weight"]
    assert scene.edges[1].values[0] == pytest.approx(float(step[0, 0]))
    assert np.isnan(scene.edges[1].values[1:]).all()
    weights = scene_of(snapshot, chosen=Colouring(edges=EdgeQuantity.WEIGHT)).edges[1].values
    arrays = recorded(WORKED).arrays
    assert weights[0] == arrays["after:1.weight"][0, 0]
    assert weights[1] == arrays["p:1.weight"][0, 1]


def test_the_update_of_a_bias_shows_the_new_bias_in_its_neuron():
    scene = scene_of(stepped(WORKED, "update", (1,), 2, parameter="1.bias"))
    assert scene.nodes[2].lit.tolist() == [False, True, False]
    arrays = recorded(WORKED).arrays
    expected = [*arrays["after:1.bias"][:2], arrays["p:1.bias"][2]]
    assert scene.nodes[2].values.tolist() == pytest.approx(expected)


def test_an_output_pixel_of_a_convolution_lights_its_patch_on_every_channel():
    light = light_of(stepped(CNN, "convolution", (2,), 11 * 11 + 15).stepping)
    # The fifteenth number of the second map of 11x11: row 1, column 3.
    assert LitUnits((2,), 1, (1, 3)) in light.units
    assert light.patches == (LitPatch((1,), None, (1, 3), (3, 3)),)
    assert light.links == (LitLinks((2,), 1),)


def test_a_pool_lights_its_window_on_its_own_channel():
    light = light_of(stepped(CNN, "max_pool", (1,), 13 + 3).stepping)
    assert light.patches == (LitPatch((0,), 0, (2, 4), (2, 2)),)


def test_a_flattened_number_lights_the_pixel_it_was():
    light = light_of(stepped(DENSE, "flatten", (0,), 28 * 5 + 7).stepping)
    assert LitUnits((), 0, (5, 6)) in light.units


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_operation_of_every_preset_can_be_lit_and_named(name):
    record = recorded(name)
    layout = lay_out(stages_of(standing(name)), ROOM)
    for index, entry in enumerate(record.entries):
        for number in {1, entry.count}:
            stepping = Stepping(record, Place(index, number), True)
            light = light_of(stepping)
            assert light.active
            for part in (*light.units, *light.links, *light.patches):
                assert layout.index_of(part.path) is not None
            assert place_text(stepping)


def test_contributions_are_weights_times_what_they_weigh():
    snapshot = stepped(WORKED, "linear", (2,))
    arrays = recorded(WORKED).arrays
    scene = scene_of(snapshot, chosen=Colouring(edges=EdgeQuantity.CONTRIBUTION))
    expected = arrays["p:1.weight"].astype(float) * arrays["a:0"][0].astype(float)
    np.testing.assert_allclose(scene.edges[1].values, expected.ravel())


def test_the_summands_of_a_sum_that_is_asked_for_are_hidden():
    """Of a single input the one summand would be the number."""
    snapshot = stepped(WORKED, "linear", (2,))
    snapshot = replace(snapshot, stepping=without(snapshot.stepping, Hidden("z:1", (0,), 0)))
    scene = scene_of(snapshot, chosen=Colouring(edges=EdgeQuantity.CONTRIBUTION))
    arrays = recorded(WORKED).arrays
    made = scene.edges[1].values.reshape(arrays["p:1.weight"].shape)
    assert all(map(is_hidden, made[0]))
    assert np.isfinite(made[1:]).all()
    stages = stages_of(snapshot)
    numbers = Source().of(snapshot, 0)
    for unit in range(2):
        spot = Spot(stages[2].path, unit, source=0)
        found = facts_of(Asked(snapshot, numbers, 0, stages, spot, EdgeQuantity.FOLLOW, False))
        told = next(fact for fact in found.facts if fact.id == "contribution")
        assert is_hidden(told.value) == (unit == 0)


def test_a_layer_reach_measures_each_layer_and_a_network_reach_all_together():
    snapshot = live(SPIRAL)
    each = scene_of(snapshot, chosen=Colouring(reach=Reach.LAYER))
    arrays = recorded(SPIRAL).arrays
    largest = [float(abs(arrays[f"p:{i}.weight"]).max()) for i in range(3)]
    assert [edges.limit for edges in each.edges] == pytest.approx(largest)
    together = scene_of(snapshot, chosen=Colouring(reach=Reach.NETWORK))
    assert [edges.limit for edges in together.edges] == pytest.approx([max(largest)] * 3)


def test_a_fixed_reach_never_shrinks():
    snapshot, limits = live(XOR), Limits()
    chosen = Colouring(reach=Reach.FIXED)
    first = scene_of(snapshot, chosen=chosen, limits=limits).edges[0].limit
    halved = {name: value / 2 for name, value in snapshot.values.parameters.items()}
    smaller = replace(snapshot, values=replace(snapshot.values, parameters=halved))
    assert scene_of(smaller, chosen=chosen, limits=limits).edges[0].limit == first
    assert scene_of(smaller, chosen=chosen).edges[0].limit == pytest.approx(first / 2)


def test_levels_keep_the_sign_grow_with_magnitude_and_are_none_for_the_unknown():
    levels = levels_of(np.array([-2.0, -0.01, np.nan, 0.01, 1.0, 2.0]), 2.0)
    assert levels.tolist() == [-LEVELS, -1, 0, 1, 5, LEVELS]


def test_frozen_edges_and_knocked_neurons_are_marked():
    snapshot = replace(
        live(XOR), frozen=frozenset({("0.weight", (1, 0))}), knocked=frozenset({((0,), 1)})
    )
    scene = scene_of(snapshot)
    assert scene.edges[0].frozen.tolist() == [False, False, True, False]
    assert scene.nodes[1].knocked.tolist() == [False, True]


def test_without_a_step_nodes_stay_empty_and_edges_show_live_weights():
    scene = scene_of(live(XOR))
    assert not any(nodes.known.any() for nodes in scene.nodes)
    assert not np.isnan(scene.edges[0].values).any()
    assert scene_of(standing(XOR)).edges[0].levels.tolist() == [0, 0, 0, 0]


def test_biases_can_colour_the_nodes_without_a_step():
    scene = scene_of(live(XOR), chosen=Colouring(nodes=NodeQuantity.BIAS))
    bias = recorded(XOR).arrays["p:0.bias"]
    assert scene.nodes[1].values.tolist() == pytest.approx(bias.tolist())


def facts(snapshot, spot, sample=0):
    stages = stages_of(snapshot)
    place = next(i for i, stage in enumerate(stages) if stage.path == spot.path)
    numbers = Source().of(snapshot, sample)
    found = facts_of(Asked(snapshot, numbers, sample, stages[: place + 1], spot))
    return found, {fact.id: fact for fact in found.facts}


def test_the_card_of_a_weight_tells_value_gradient_update_and_state():
    snapshot = stepped(SPIRAL, "update", (1,), parameter="1.weight")
    _, rows = facts(snapshot, Spot((1,), 3, 5))
    arrays = recorded(SPIRAL).arrays
    for identifier, key in (
        ("weight", "after:1.weight"),
        ("weight.gradient", "d:p:1.weight"),
        ("weight.update", "step:1.weight"),
        ("weight.exp_avg", "s':1.weight:exp_avg"),
    ):
        assert rows[identifier].value == pytest.approx(float(arrays[key][3, 5])), identifier
    assert rows["weight"].edit(0.5) == SetNumber("1.weight", (3, 5), 0.5)


def test_the_shares_of_all_samples_make_the_gradient_of_the_batch():
    snapshot = stepped(SPIRAL, "weight_gradient", (1,))
    record = recorded(SPIRAL)
    shares = [
        facts(snapshot, Spot((1,), 3, 5), sample)[1]["weight.share"].value
        for sample in range(record.samples)
    ]
    gradient = float(record.arrays["d:p:1.weight"][3, 5])
    assert sum(shares) == pytest.approx(gradient, rel=1e-4)


def test_the_card_of_a_neuron_tells_what_is_known_of_it_so_far():
    found, rows = facts(stepped(XOR, "linear", (0,)), Spot((0,), 1))
    assert rows["z"].value == pytest.approx(float(recorded(XOR).arrays["z:0"][0, 1]))
    assert rows["a"].value is None
    assert rows["delta"].value is None
    knock, freeze = found.toggles
    assert knock.command(True) == KnockOut((0,), 1, True)
    assert freeze.command(True) == Freeze("0.bias", (1,), True)


def test_an_input_can_be_written_for_one_sample_but_not_for_their_mean():
    snapshot = stepped(XOR, "linear", (0,))
    _, rows = facts(snapshot, Spot((), 1), sample=2)
    row = int(recorded(XOR).rows[2])
    assert rows["x"].edit(0.25) == SetInput(row, (1,), 0.25)
    assert facts(snapshot, Spot((), 1), sample=None)[1]["x"].edit is None


def test_the_card_of_a_pixel_counts_it_as_the_formula_does_and_has_its_values():
    snapshot = stepped(CNN, "activation", (0,))
    found, rows = facts(snapshot, Spot((0,), 4, pixel=(2, 3)))
    assert "(3, 4) of channel 5" in found.title
    assert rows["a"].value == pytest.approx(float(recorded(CNN).arrays["a:0"][0, 4, 2, 3]))


def test_a_block_opens_into_the_units_with_the_largest_numbers():
    state = GraphState(stepped(DENSE, "activation", (1,)))
    state.set_room(*ROOM)
    strongest = state.strongest((1,))
    a = abs(recorded(DENSE).arrays["a:1"][0])
    assert len(strongest) == 12
    assert min(a[list(strongest)]) >= np.sort(a)[-12]


def test_a_step_of_another_network_shows_no_numbers():
    other = replace(standing(XOR), stepping=Stepping(recorded(WORKED), Place(0, 1), True))
    scene = scene_of(other)
    assert not scene.nodes[0].known.any()


def test_the_loss_of_the_sample_looked_at_stands_there_before_that_of_the_batch():
    before, after = stepped(XOR, "loss_terms"), stepped(XOR, "loss")
    terms = before.stepping.record.arrays["terms"]
    for sample in range(len(terms)):
        assert scene_of(before, sample).loss == pytest.approx(float(terms[sample]))
        assert scene_of(after, sample).loss == pytest.approx(float(terms.mean()), rel=1e-5)
    assert scene_of(stepped(XOR, "loss_terms", number=0)).loss is None
