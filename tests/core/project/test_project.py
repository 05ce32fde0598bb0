"""A project holds a run to the last bit: opened again, it goes on as it would have gone on."""

import json
import os
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.catalog.optimizers import SGD, Adam, RMSprop
from core.errors import UserError
from core.experiment.spec import Stop, Training
from core.messages import commands, edits
from core.messages.breakpoints import Breakpoint, Condition
from core.messages.record import Grain
from core.messages.snapshot import RunState
from core.presets import PRESETS
from core.project.project import VERSION, Project, open_project, save_project
from core.session.session import Session
from tests.core.experiments import (
    LONG,
    VARIED,
    do,
    regression,
    session_of,
    settle,
    tensors_of,
    tiny,
)


def through_a_file(session, path):
    """Another session, opened from the file that this one was saved in."""
    save_project(path, Project((session.store(),)))
    stored = open_project(path).tabs[0]
    events = []
    other = Session(stored.spec, events.append, live=True)
    other.load(stored)
    settle(other)
    assert not events, events
    return other


def equal(one, other):
    ours, theirs = one.run.trainer, other.run.trainer
    assert ours.step == theirs.step
    pairs = zip(tensors_of(ours), tensors_of(theirs), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def same_curves(one, other):
    for ours, theirs in zip(one.snapshot().curves.all, other.snapshot().curves.all, strict=True):
        assert np.array_equal(ours.steps, theirs.steps)
        assert np.array_equal(ours.values, theirs.values)
    assert one.snapshot().curves.changes == other.snapshot().curves.changes


def check_same_future(session, path, steps):
    other = through_a_file(session, path)
    equal(session, other)
    same_curves(session, other)
    for one in (session, other):
        do(one, commands.TrainUntil(one.run.trainer.step + steps))
    equal(session, other)
    same_curves(session, other)
    return other


@pytest.mark.parametrize("spec", VARIED.values(), ids=VARIED)
def test_opened_again_it_goes_on_to_the_same_bits(spec, tmp_path):
    session, _ = session_of(spec, live=True)
    do(session, commands.TrainUntil(37))
    check_same_future(session, tmp_path / "a.chainrule", 61)


@pytest.mark.parametrize("name", [name for name in PRESETS if name not in ("my-data",)])
@pytest.mark.slow
def test_every_preset_after_a_hundred_steps(name, tmp_path):
    session, _ = session_of(PRESETS[name].spec, live=True)
    do(session, edits.set_stop(LONG), commands.TrainUntil(100))
    check_same_future(session, tmp_path / "a.chainrule", 20)


@st.composite
def deeds(draw):
    """What a person does with a run, in any order."""
    weight = st.builds(
        commands.SetNumber, st.just("0.weight"), st.just((0, 1)), st.floats(-2, 2, width=32)
    )
    one = st.one_of(
        st.builds(commands.StepOnce),
        st.builds(commands.EpochOnce),
        st.builds(commands.Next, st.sampled_from(Grain)),
        st.builds(commands.Back, st.sampled_from(Grain)),
        st.builds(commands.Visit, st.integers(0, 20)),
        weight,
        st.builds(commands.Freeze, st.just("0.weight"), st.just((1, 0)), st.booleans()),
        st.builds(commands.KnockOut, st.just((0,)), st.just(2), st.booleans()),
        st.builds(lambda rate: edits.set_optimizer(SGD(learning_rate=rate)), st.floats(0.01, 0.5)),
        st.just(edits.set_optimizer(Adam())),
        st.just(edits.set_optimizer(RMSprop())),
        st.builds(lambda size: edits.set_training(Training(batch_size=size)), st.integers(1, 40)),
        st.builds(commands.Undo),
        st.builds(commands.LeaveStep),
    )
    return draw(st.lists(one, max_size=12))


def is_as_taken(past, step):
    """Whether a step would come out as it did: else it is shown by the rules that hold now."""
    return step > past.head_step or past.can_repeat(step)


@given(deeds())
@settings(max_examples=40)
def test_whatever_was_done_before_it_was_saved(tmp_path_factory, done):
    session, _ = session_of(tiny(stop=LONG), live=True)
    for command in done:
        try:
            do(session, command)
        except UserError:
            continue  # refused: nothing has changed
    settle(session)
    other = through_a_file(session, tmp_path_factory.mktemp("p") / "a.chainrule")
    equal(session, other)
    same_curves(session, other)
    before, after = session.snapshot(), other.snapshot()
    assert after.spec == before.spec
    assert after.timeline.last == before.timeline.last
    past = session.run.past
    if after.stepping is not None and is_as_taken(past, after.stepping.record.step):
        assert after.stepping.place == before.stepping.place
        kept, opened = before.stepping.record.arrays, after.stepping.record.arrays
        assert all(np.array_equal(kept[key], opened[key]) for key in kept)
    for one in (session, other):
        do(one, commands.LeaveStep(), commands.StepOnce(), commands.StepOnce())
    equal(session, other)


def test_the_past_can_be_gone_back_to(tmp_path):
    session, _ = session_of(tiny(stop=LONG), live=True)
    do(session, commands.TrainUntil(50), edits.set_optimizer(SGD(learning_rate=0.02)))
    do(session, commands.TrainUntil(120))
    other = through_a_file(session, tmp_path / "a.chainrule")
    for step in (77, 120, 51):
        do(session, commands.Visit(step))
        do(other, commands.Visit(step))
        equal(session, other)


def test_where_one_stood_in_a_step_and_its_breakpoints_come_back(tmp_path):
    session, _ = session_of(tiny(stop=LONG), live=True)
    waits = (Breakpoint(Condition.ENTRY, writes="z:1"),)
    do(session, commands.TrainUntil(5), commands.SetBreakpoints(waits))
    for _ in range(4):
        do(session, commands.Next(Grain.NUMBER))
    other = through_a_file(session, tmp_path / "a.chainrule")
    assert other.snapshot().breakpoints == waits
    assert other.snapshot().stepping.place == session.snapshot().stepping.place
    for one in (session, other):
        do(one, commands.Next(Grain.ITERATION))
    again = through_a_file(session, tmp_path / "b.chainrule")
    assert again.snapshot().stepping.place == session.snapshot().stepping.place
    equal(session, again)


def test_a_finished_run_is_finished_and_says_why(tmp_path):
    session, _ = session_of(tiny(stop=Stop(epochs=2)), live=True)
    do(session, commands.Train())
    other = through_a_file(session, tmp_path / "a.chainrule")
    assert other.snapshot().state is RunState.FINISHED
    assert str(other.snapshot().message) == str(session.snapshot().message)


def test_two_equal_windows_are_equal_files_and_the_one_before_is_kept(tmp_path):
    session, _ = session_of(tiny(stop=LONG), live=True)
    do(session, commands.TrainUntil(9))
    for name in ("a", "b"):
        save_project(tmp_path / name, Project((session.store(),), window={"perspective": "step"}))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    old = (tmp_path / "a").read_bytes()
    do(session, commands.StepOnce())
    save_project(tmp_path / "a", Project((session.store(),)))
    assert (tmp_path / "a~").read_bytes() == old
    assert (tmp_path / "a").read_bytes() != old
    assert open_project(tmp_path / "b").window == {"perspective": "step"}


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "a.chainrule"
    session, _ = session_of(tiny(stop=LONG), live=True)
    do(session, commands.TrainUntil(5))
    other, _ = session_of(regression(), live=True)
    save_project(path, Project((session.store(), other.store()), front=1))
    return path


def changed(path, change):
    """The same file with its parts changed."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w") as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path


def test_a_newer_version_is_said(saved):
    def newer(parts):
        index = json.loads(parts["project.json"])
        parts["project.json"] = json.dumps(index | {"version": VERSION + 1}).encode()

    with pytest.raises(UserError, match="newer version"):
        open_project(changed(saved, newer))


def test_of_a_damaged_file_what_is_whole_opens(saved):
    def without(parts):
        parts["tabs/0/numbers.safetensors"] = parts["tabs/0/numbers.safetensors"][:-40]

    project = open_project(changed(saved, without))
    assert [one.spec.name for one in project.tabs] == [regression().name]
    assert project.front == 0
    assert "tabs/0" in str(project.lost[0])


def test_weights_of_another_network_are_refused_and_it_begins_anew(saved):
    def swapped(parts):
        run = json.loads(parts["tabs/0/run.json"])
        run["spec"]["layers"][0]["units"] += 1
        run["spec"]["by_hand"] = {}
        parts["tabs/0/run.json"] = json.dumps(run).encode()

    stored = open_project(changed(saved, swapped)).tabs[0]
    events = []
    session = Session(stored.spec, events.append, live=True)
    session.load(stored)
    assert "do not fit their own network" in str(events[0].reason)
    assert session.run.trainer.step == 0


def test_what_would_unpack_to_more_than_there_is_room_for_is_refused(tmp_path):
    path = tmp_path / "bomb.chainrule"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for part in range(3):
            file.writestr(f"{part}.json", b"0" * (30 * 2**20))
    with pytest.raises(UserError, match="no project is so large"):
        open_project(path)


@pytest.mark.parametrize("content", [b"", b"PK", b"{}", b"\0" * 4096], ids=repr)
def test_what_is_no_project_is_refused(tmp_path, content):
    path = tmp_path / "a.chainrule"
    path.write_bytes(content)
    with pytest.raises(UserError):
        open_project(path)


def test_what_is_no_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="no file"):
        open_project(tmp_path / "pipe")


def opened_or_refused(path):
    """Opens a file as a window would; whatever is wrong with it must come as a UserError."""
    try:
        project = open_project(path)
    except UserError:
        return
    for stored in project.tabs:
        session = Session(stored.spec, lambda event: None, live=True)
        try:
            session.load(stored)
        except UserError:
            continue
        do(session, commands.StepOnce())


@given(st.integers(0, 2**32), st.integers(0, 255), st.integers(1, 64))
@settings(max_examples=60)
def test_bytes_changed_at_random_harm_nothing(tmp_path_factory, place, value, length):
    path = tmp_path_factory.mktemp("m") / "a.chainrule"
    session, _ = session_of(tiny(stop=LONG), live=True)
    do(session, commands.TrainUntil(3))
    save_project(path, Project((session.store(),)))
    content = bytearray(path.read_bytes())
    start = place % len(content)
    content[start : start + length] = bytes([value]) * min(length, len(content) - start)
    path.write_bytes(content)
    opened_or_refused(path)


@given(st.data())
@settings(max_examples=60)
def test_json_changed_at_random_harms_nothing(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("m") / "a.chainrule"
    session, _ = session_of(tiny(stop=LONG), live=True)
    do(session, commands.TrainUntil(3), commands.Next(Grain.NUMBER))
    save_project(path, Project((session.store(),)))

    def somewhere(parts):
        run = json.loads(parts["tabs/0/run.json"])
        node = run
        while True:
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                return
            key = data.draw(st.sampled_from(keys))
            if isinstance(node[key], dict | list) and node[key] and data.draw(st.booleans()):
                node = node[key]
                continue
            node[key] = data.draw(
                st.one_of(
                    st.none(), st.integers(), st.text(max_size=5), st.floats(allow_nan=False),
                    st.lists(st.integers(), max_size=3), st.just({}),
                )
            )  # fmt: skip
            break
        parts["tabs/0/run.json"] = json.dumps(run).encode()

    opened_or_refused(changed(path, somewhere))
