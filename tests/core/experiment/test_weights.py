"""Weights on disk: whole or not at all, checked before they are believed, and never run."""

import json
import os
import pickle

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from core import writing
from core.errors import UserError
from core.experiment.fit import check
from core.experiment.network import Network
from core.experiment.spec import spec_from_json
from core.experiment.weights import FORMAT, load_weights, save_weights, write_into
from core.messages.commands import LoadWeights
from core.session.session import Session
from tests.core.experiments import (
    digits,
    same,
    session_of,
    take,
    tensors_of,
    tiny,
    trainer_of,
    with_batch_norm,
    with_dropout,
)


def network_of(spec, seed=0):
    return Network(check(spec, spec.data.shape()), seed)


def saved(path, spec=None, steps=5):
    """A file of a few steps' training, and the trainer it came from."""
    spec = spec or with_batch_norm()
    trainer = trainer_of(spec)
    take(trainer, steps)
    save_weights(path, spec, trainer.network, trainer.step)
    return trainer


def altered(path, change, metadata=None):
    """The file with its tensors or its metadata changed by hand."""
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        known = file.metadata()
    change(tensors)
    save_file(tensors, path, known | (metadata or {}))


@pytest.mark.parametrize("make", [tiny, with_dropout, with_batch_norm, digits])
def test_weights_come_back_bit_for_bit_with_their_experiment(tmp_path, make):
    path = tmp_path / "mine.safetensors"
    trainer = saved(path, make())
    spec, tensors, step = load_weights(path)
    assert (spec, step) == (make(), 5)
    other = network_of(spec, seed=9)
    write_into(other, tensors, path.name)
    assert same(list(other.state_dict().values()), tensors_of(trainer))
    assert [p.name for p in tmp_path.iterdir()] == ["mine.safetensors"]


def test_the_file_is_plain_safetensors_with_the_experiment_in_its_header(tmp_path):
    path = tmp_path / "mine.safetensors"
    saved(path)
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    assert metadata["format"] == FORMAT
    assert metadata["step"] == "5"
    assert spec_from_json(metadata["experiment"]) == with_batch_norm()


def test_two_equal_runs_are_saved_to_equal_files(tmp_path):
    """The library writes the header's names in an order of chance: ours is sorted."""
    first, second = (saved(tmp_path / f"{name}.safetensors") for name in ("one", "two"))
    contents = [(tmp_path / f"{name}.safetensors").read_bytes() for name in ("one", "two")]
    assert contents[0] == contents[1]
    size = int.from_bytes(contents[0][:8], "little")
    header = json.loads(contents[0][8 : 8 + size])
    assert list(header) == sorted(header)
    assert list(header["__metadata__"]) == sorted(header["__metadata__"])
    assert size % 8 == 0
    del first, second


def first_name(tensors):
    return sorted(name for name, tensor in tensors.items() if tensor.is_floating_point())[0]


def drop(tensors):
    del tensors[first_name(tensors)]


def rename(tensors):
    tensors["layers.9.transform.weight"] = tensors.pop(first_name(tensors))


def add(tensors):
    tensors["extra"] = torch.zeros(2)


def reshape(tensors):
    name = first_name(tensors)
    tensors[name] = tensors[name].flatten()[:-1].clone()


def retype(tensors):
    name = first_name(tensors)
    tensors[name] = tensors[name].double()


def spoil(value):
    def change(tensors):
        tensors[first_name(tensors)].view(-1)[-1] = value

    return change


DAMAGE = {
    "missing": (drop, "missing"),
    "renamed": (rename, "is missing|not known"),
    "foreign": (add, "extra is not known"),
    "reshaped": (reshape, r"float32 \[\d+\], but the network needs"),
    "retyped": (retype, "float64"),
    "nan": (spoil(float("nan")), "not finite"),
    "infinite": (spoil(float("-inf")), "not finite"),
}


@pytest.mark.parametrize(("change", "words"), DAMAGE.values(), ids=DAMAGE)
def test_tensors_that_are_not_the_networks_are_refused_and_change_nothing(tmp_path, change, words):
    path = tmp_path / "mine.safetensors"
    saved(path)
    altered(path, change)
    session, events = session_of(tiny())
    before = tensors_of(session.run.trainer)
    snapshot = session.snapshot()
    with pytest.raises(UserError, match=words) as refused:
        session.apply(LoadWeights(str(path)))
    assert "mine.safetensors" in str(refused.value)
    assert session.spec == tiny()
    assert same(tensors_of(session.run.trainer), before)
    assert session.snapshot().state is snapshot.state
    assert session.snapshot().undo is None
    assert not events


@pytest.mark.parametrize(("change", "words"), DAMAGE.values(), ids=DAMAGE)
def test_a_network_is_left_as_it_was_by_tensors_that_do_not_fit(tmp_path, change, words):
    path = tmp_path / "mine.safetensors"
    saved(path)
    altered(path, change)
    spec, tensors, _ = load_weights(path)
    network = network_of(spec)
    before = [tensor.clone() for tensor in network.state_dict().values()]
    with pytest.raises(UserError, match=words):
        write_into(network, tensors, path.name)
    assert same(list(network.state_dict().values()), before)


def garbage(path):
    path.write_bytes(os.urandom(200))


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-10])


def header_cut_off(path):
    path.write_bytes(path.read_bytes()[:40])


def empty(path):
    path.write_bytes(b"")


class Malicious:
    """Would leave a file behind if anything unpickled it."""

    def __init__(self, trace):
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (self.trace,)


def pickled(path):
    path.write_bytes(pickle.dumps(Malicious(str(path.parent / "ran"))))


def torch_pickled(path):
    torch.save({"weight": torch.zeros(2), "trap": Malicious(str(path.parent / "ran"))}, path)


def without_experiment(path):
    save_file({"weight": torch.zeros(2)}, path)


def foreign_format(path):
    altered(path, lambda tensors: None, {"format": "other"})


def broken_experiment(path):
    altered(path, lambda tensors: None, {"experiment": "{"})


def newer_experiment(path):
    altered(path, lambda tensors: None, {"experiment": '{"version": 99}'})


@pytest.mark.parametrize(
    "damage",
    [
        garbage,
        cut_off,
        header_cut_off,
        empty,
        pickled,
        torch_pickled,
        without_experiment,
        foreign_format,
        broken_experiment,
        newer_experiment,
    ],
)
def test_a_file_that_is_no_experiment_is_refused_by_name_and_nothing_in_it_is_run(tmp_path, damage):
    path = tmp_path / "mine.safetensors"
    saved(path)
    damage(path)
    with pytest.raises(UserError, match=r"mine\.safetensors"):
        load_weights(path)
    assert not (tmp_path / "ran").exists()


def test_every_truncation_is_refused(tmp_path):
    path = tmp_path / "mine.safetensors"
    saved(path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(UserError):
            load_weights(path)


def test_a_file_or_folder_that_is_not_a_file_is_refused(tmp_path):
    with pytest.raises(UserError, match="no file"):
        load_weights(tmp_path / "nothing.safetensors")
    with pytest.raises(UserError):
        load_weights(tmp_path)


@pytest.mark.parametrize(
    ("text", "step"), [("12", 12), ("-1", 0), ("x", 0), ("²", 0), ("", 0), ("9" * 5000, 0)]
)
def test_a_step_that_is_no_number_counts_as_none(tmp_path, text, step):
    path = tmp_path / "mine.safetensors"
    saved(path)
    altered(path, lambda tensors: None, {"step": text})
    assert load_weights(path)[2] == step


def test_weights_of_an_endless_run_are_taken_up_and_go_on(tmp_path):
    path = tmp_path / "mine.safetensors"
    saved(path, tiny())
    altered(path, lambda tensors: None, {"step": "9" * 12})
    session, _ = session_of(tiny())
    session.apply(LoadWeights(str(path)))
    assert session.snapshot().progress.step == 10**12 - 1


def test_a_folder_that_is_not_there_cannot_be_written_to(tmp_path):
    with pytest.raises(UserError, match="cannot be written"):
        saved(tmp_path / "nowhere" / "mine.safetensors")


def test_a_folder_in_the_files_place_stays_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "mine.safetensors"
    path.mkdir()
    with pytest.raises(UserError, match="cannot be written"):
        saved(path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.safetensors"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_keeps_its_old_file(tmp_path):
    path = tmp_path / "mine.safetensors"
    saved(path)
    old = path.read_bytes()
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UserError, match="cannot be written"):
            saved(path, steps=6)
        assert path.read_bytes() == old
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("broken", ["fsync", "replace"])
def test_a_write_that_fails_half_way_keeps_the_old_file_and_leaves_nothing(
    tmp_path, monkeypatch, broken
):
    path = tmp_path / "mine.safetensors"
    saved(path)
    old = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    if broken == "fsync":
        monkeypatch.setattr(writing.os, "fsync", full)
    else:
        monkeypatch.setattr(type(path), "replace", full)
    with pytest.raises(UserError, match="No space left on device"):
        saved(path, steps=6)
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["mine.safetensors"]


def test_a_new_file_takes_the_old_ones_place(tmp_path):
    path = tmp_path / "mine.safetensors"
    saved(path, steps=5)
    saved(path, steps=8)
    assert load_weights(path)[2] == 8


def test_damaged_weights_do_not_take_the_place_of_an_experiment_that_failed_to_load(tmp_path):
    path = tmp_path / "mine.safetensors"
    saved(path)
    altered(path, drop)
    session = Session(tiny(layers=tiny().layers[:1]), lambda event: None)
    with pytest.raises(UserError):
        session.load()
    with pytest.raises(UserError, match="missing"):
        session.apply(LoadWeights(str(path)))
    assert session.spec == tiny(layers=tiny().layers[:1])
    assert session.run is None
