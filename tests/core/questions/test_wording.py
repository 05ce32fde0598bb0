"""What is asked is said in words before it is said in letters, and is true of the batch at hand."""

import pytest

from core.debugger.tape import record_step
from core.presets import PRESETS
from core.questions.question import ask, keys_asked
from tests.core.experiments import trainer_of


def record_of(preset):
    return record_step(trainer_of(PRESETS[preset].spec)).record


def asked(record, key, index, sample=None, state=""):
    entry = next(one for one in record.entries if one.writes == key)
    return str(ask(record, entry, index, sample, key=state).asked)


ALONE = {
    ("z:0", (2,)): "What is the weighted sum of hidden neuron 3: z⁽¹⁾₃?",
    ("a:0", (0,)): "What is the activation of hidden neuron 1: a⁽¹⁾₁?",
    ("z:1", (1,)): "What is output 2: ŷ₂?",
    ("terms", ()): "What is the loss: ℓ[1]?",
    ("d:a:0", (1,)): "What is the gradient of the activation of hidden neuron 2: ∂L/∂a⁽¹⁾₂?",
    ("d:p:1.weight", (0, 1)): (
        "What is the gradient of the weight from hidden neuron 2 to output 1: (∂L/∂w⁽²⁾₁,₂)[1]?"
    ),
    ("d:p:0.bias", (1,)): "What is the gradient of the bias of hidden neuron 2: (∂L/∂b⁽¹⁾₂)[1]?",
    ("after:0.weight", (1, 0)): (
        "What is the weight from input 1 to hidden neuron 2 after this step: w⁽¹⁾₂,₁?"
    ),
}


@pytest.mark.parametrize(("key", "index"), ALONE)
def test_of_a_batch_of_one_nothing_is_said_of_samples(key, index):
    record = record_of("worked-2-3-2-relu")
    assert record.samples == 1
    assert asked(record, key, index, 0) == ALONE[key, index]


def test_of_several_samples_it_says_whose_the_number_is():
    record = record_of("three-2-8-3")
    samples = record.samples
    assert samples > 1
    assert asked(record, "a:0", (0,), 1) == (
        "What is the activation of hidden neuron 1 for sample 2: a⁽¹⁾₁?"
    )
    assert asked(record, "a:0", (0,)).startswith("What is the mean of the activation of hidden")
    assert asked(record, "d:a:0", (0,)).startswith(
        "What is the gradient of the activation of hidden neuron 1 over the whole batch: "
    )
    assert asked(record, "d:p:0.weight", (0, 1), 2).startswith(
        "What is the share of sample 3 in the gradient of the weight from input 2 to hidden neuron"
    )
    assert asked(record, "loss", ()) == "What is the loss of the whole batch: L?"


def test_a_state_of_the_optimizer_is_told_of_its_parameter():
    record = record_of("three-2-8-3")
    said = asked(record, "after:0.bias", (0,), state="hat:0.bias:exp_avg")
    assert said == "What is m̂ of the bias of hidden neuron 1, b⁽¹⁾₁, after this step?"


@pytest.mark.parametrize("preset", ["cnn-mnist-residual", "dense-784-64-10"])
def test_every_kind_of_number_has_words(preset):
    """Of pixels, channels, kernels and what a group takes in, too."""
    spec = PRESETS[preset].spec
    few = spec.training.model_copy(update={"batch_size": 2})
    record = record_step(trainer_of(spec.model_copy(update={"training": few}))).record
    for entry in record.entries:
        for key in keys_asked(record, entry):
            said = str(ask(record, entry, entry.index_of(entry.count - 1), None, key=key).asked)
            assert said.startswith("What is ")
            assert said.endswith("?")
            assert "{" not in said
