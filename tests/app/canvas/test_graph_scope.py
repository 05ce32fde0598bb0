"""Whose numbers the graph shows, what it calls them, and what the outputs should be."""

from dataclasses import replace

import numpy as np
import pytest

from app.canvas.model.colouring import Colouring, EdgeQuantity, NodeQuantity
from app.canvas.model.numbers import Source
from app.canvas.model.stack import stages_of
from app.canvas.model.state import GraphState
from app.canvas.model.words import node_symbol, quantity_name, sample_text
from app.canvas.paint.labels import of_output, output_lines
from app.canvas.paint.picture import Picture
from app.link.focus import Spot
from core.messages.scope import share_of
from tests.app.canvas.test_graph_scene import scene_of
from tests.app.graphs import SPIRAL, WORKED, XOR, recorded, standing, stepped

THREE = "three-2-8-3"


def picture_of(snapshot, sample):
    state = GraphState(snapshot)
    state.set_sample(sample)
    return Picture(
        snapshot, state.layout, state.scene, state.numbers, Colouring(), sample, (), None
    )


def test_an_edge_shows_the_samples_share_or_the_gradient_of_the_batch():
    snapshot, record = stepped(XOR, "weight_gradient", (1,)), recorded(XOR)
    for sample in range(record.samples):
        edges = scene_of(snapshot, sample).edges[1]
        assert edges.quantity is EdgeQuantity.SHARE
        share = share_of(record, "1.weight", sample).ravel()
        assert sorted(edges.values) == pytest.approx(sorted(share))
        assert "its share" in sample_text(snapshot.stepping, sample)
    edges = scene_of(snapshot, None).edges[1]
    assert edges.quantity is EdgeQuantity.GRADIENT
    whole = record.arrays["d:p:1.weight"].ravel()
    assert sorted(edges.values) == pytest.approx(sorted(whole.tolist()))


def test_what_there_is_for_the_batch_alone_says_so():
    assert "the whole batch's" in sample_text(stepped(XOR, "update").stepping, 1)
    assert "the whole batch's" in sample_text(stepped(XOR, "loss").stepping, 1)
    assert sample_text(stepped(XOR, "update").stepping, None) == "whole batch of 4"


def test_the_loss_is_the_samples_own_or_the_batchs():
    snapshot, record = stepped(XOR, "loss_gradient"), recorded(XOR)
    own = scene_of(snapshot, 2)
    assert own.loss_is_own
    assert own.loss == pytest.approx(float(record.arrays["terms"][2]))
    whole = scene_of(snapshot, None)
    assert not whole.loss_is_own
    assert whole.loss == pytest.approx(float(record.arrays["loss"]))


def test_columns_are_called_as_the_formulas_call_them():
    first, hidden, output = stages_of(standing(XOR))
    assert node_symbol(first, NodeQuantity.ACTIVATION) == "x"
    assert node_symbol(hidden, NodeQuantity.ACTIVATION) == "a"
    assert node_symbol(output, NodeQuantity.ACTIVATION, output="a") == "ŷ"
    assert node_symbol(output, NodeQuantity.SUM, output="a") == "z"
    assert node_symbol(hidden, NodeQuantity.DELTA, of_batch=True) == "sum of δ"
    assert node_symbol(hidden, NodeQuantity.ACTIVATION, of_batch=True) == "mean of a"
    *_, plain, last = stages_of(standing(WORKED))
    assert node_symbol(plain, NodeQuantity.ACTIVATION) == "z"
    assert node_symbol(last, NodeQuantity.SUM, output="z") == "ŷ"
    assert node_symbol(last, NodeQuantity.ABOVE, output="z") == "∂L/∂ŷ"
    assert quantity_name(last, NodeQuantity.ACTIVATION, output="z") == "Output ŷ"


def test_targets_stand_beside_the_outputs():
    snapshot, record = stepped(THREE, "linear", (0,)), recorded(THREE)
    for sample in (0, 5):
        lines = output_lines(picture_of(snapshot, sample))
        label = int(record.arrays["y"][sample])
        names = snapshot.data.class_names
        assert lines == [f"{name}\ny {int(unit == label)}" for unit, name in enumerate(names)]
    shares = np.bincount(record.arrays["y"], minlength=3) / record.samples
    means = [float(line.split("ȳ ")[1]) for line in output_lines(picture_of(snapshot, None))]
    assert means == pytest.approx(shares.tolist(), abs=1e-3)
    assert output_lines(picture_of(replace(snapshot, stepping=None), 0)) == list(names)


def test_a_single_output_has_its_target_too():
    assert output_lines(picture_of(stepped(XOR, "linear", (0,)), 1)) == ["ŷ₁\ny 1"]


def test_an_output_is_named_after_its_target_with_a_hat():
    assert (of_output("y₁"), of_output("y"), of_output("price")) == ("ŷ₁", "ŷ", "price")


def test_the_card_of_an_output_tells_its_target():
    state = GraphState(stepped(SPIRAL, "linear", (0,)))
    state.set_sample(3)
    index = len(state.layout.columns) - 1
    facts = {fact.id: fact for fact in state.facts(Spot((index - 1,), 0)).facts}
    assert facts["target"].value == float(recorded(SPIRAL).arrays["y"][3, 0])
    assert facts["target"].label == "Target y"
    hidden = {fact.id for fact in state.facts(Spot((0,), 0)).facts}
    assert "target" not in hidden


def test_a_sample_and_the_batch_are_cut_from_one_record():
    source, snapshot = Source(), stepped(XOR, "activation_gradient")
    own, whole = source.of(snapshot, 1), source.of(snapshot, None)
    assert (own.sample, whole.sample) == (1, None)
    each = [source.of(snapshot, one).get("d:z:1").values for one in range(4)]
    assert np.sum(each, axis=0) == pytest.approx(whole.get("d:z:1").values)
