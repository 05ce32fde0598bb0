"""Illnesses that were made are told; healthy networks are left in peace."""

import pytest
import torch

from core.catalog.activations import Softmax, Tanh
from core.catalog.losses import CrossEntropy
from core.catalog.optimizers import Adam, GradientDescent
from core.data.base import DataShape
from core.diagnosis.evidence import DataEvidence
from core.experiment.fit import check, fitted
from core.messages.commands import Edit
from core.presets import PRESETS
from core.sentence import Sentence
from tests.core.diagnosis.illnesses import HEALTHY, MADE, network, rare_class
from tests.core.diagnosis.looking import kinds, looks

SEEDS = (0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2)))
"""One with every change; two more, a minute in all, with the slow tests."""


def moments(steps):
    """A dense beginning, then evenly to the end."""
    return (0, 1, 10, 50, *range(100, steps, max(50, steps // 20)), steps)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("made", MADE, ids=lambda made: made.name)
def test_a_made_illness_is_told_with_its_numbers_and_one_change(made, seed):
    spec = made.spec(seed)
    *_, (session, findings) = looks(spec, moments(made.steps))
    found = {one.kind: one for one in findings}
    if (made.name, seed) in NOT_TOLD:
        assert made.kind not in found
        return
    finding = found[made.kind]
    assert finding.numbers
    for said in (finding.says, finding.means, *finding.evidence):
        assert isinstance(said, Sentence)
        assert "{" not in str(said)
    assert finding.says.values
    if finding.offer is not None:
        changed = session.spec
        for edit in finding.offer.edits:
            assert isinstance(edit, Edit)
            changed = edit.apply(changed)
        assert changed != session.spec
        check(fitted(changed, changed.data.shape()), changed.data.shape())


NOT_TOLD = {("rate too low, GD, regression", 0)}
"""What is missed: the thresholds would rather miss one than accuse a healthy run."""


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("made", HEALTHY, ids=lambda made: made.name)
def test_a_healthy_network_is_left_in_peace_at_every_moment(made, seed):
    assert not any(kinds(made.spec(seed), *moments(made.steps)))


SMALL = [name for name in PRESETS if "mnist" not in name and name != "xor-no-hidden"]


def slow_if_wide(name):
    """Four thousand steps of it take a dozen seconds; one half as wide is looked at each time."""
    return pytest.param(name, marks=pytest.mark.slow if name == "dense-784-128-10" else ())


@pytest.mark.parametrize("name", map(slow_if_wide, SMALL))
def test_a_preset_as_it_comes_is_left_in_peace_at_every_moment(name):
    moments_of = (0, 1, 2, 5, 10, 20, 50, 100, *range(200, 4001, 200))
    assert not any(kinds(PRESETS[name].spec, *moments_of))


@pytest.mark.parametrize(
    "name", ["cnn-mnist", pytest.param("cnn-mnist-residual", marks=pytest.mark.slow)]
)
def test_a_preset_of_convolutions_is_left_in_peace_as_it_begins(name):
    assert not any(kinds(PRESETS[name].spec, 0, 2, 10))


def test_the_preset_that_cannot_learn_says_so_and_offers_a_hidden_layer():
    *_, (session, findings) = looks(PRESETS["xor-no-hidden"].spec, (0, 100, 1500))
    (finding,) = findings
    assert finding.kind == "collapsed"
    (edit,) = finding.offer.edits
    assert len(edit.apply(session.spec).layers) == 2


RULES = {
    "batches": {},
    "all samples": {"optimizer": GradientDescent(learning_rate=0.5)},
    "Adam, softmax": {
        "optimizer": Adam(learning_rate=0.01),
        "loss": CrossEntropy(),
        "layers": network(8, Tanh(), output=Softmax(), outputs=2),
    },
}


def recalls(session):
    """Of each class the share of test samples that are answered right."""
    trainer = session.run.trainer
    network, data = trainer.network.eval(), trainer.data
    with torch.no_grad():
        a = network.activate(network(data.test_inputs))
    answers = a.argmax(1) if a.shape[1] > 1 else (a[:, 0] > 0.5).long()
    right = answers == data.test_labels
    return [float(right[data.test_labels == label].float().mean()) for label in (0, 1)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("rules", RULES)
def test_of_a_rare_class_that_is_given_up_more_is_found_by_what_is_offered(tmp_path, rules, seed):
    made = next(made for made in HEALTHY if made.name == "moons")
    data = rare_class(tmp_path, samples=3000).model_copy(update={"test_fraction": 0.5})
    spec = made.spec(seed).model_copy(update={"data": data} | RULES[rules])
    *_, (session, findings) = looks(spec, (0, 1000))
    finding = next(one for one in findings if one.kind == "imbalance")
    assert finding.numbers["recall"] < 0.5
    assert finding.numbers["common"] > 10 * finding.numbers["rare"]
    (edit,) = finding.offer.edits
    *_, (tried, findings) = looks(edit.apply(spec), (0, 1000))
    assert "imbalance" not in [one.kind for one in findings]
    (_, before), (_, after) = recalls(session), recalls(tried)
    assert after > before + 0.2


def test_a_class_without_samples_is_not_the_rarest():
    shape = DataShape("classification", (2,), 3)
    assert DataEvidence(shape, 12, 1.0, counts=(9, 0, 3)).rarest == 2
    assert DataEvidence(shape, 12, 1.0, counts=(12, 0, 0)).rarest is None
    assert DataEvidence(shape, 12, 1.0).rarest is None
