"""What closing a tab would lose: what is one's own, and not what a lesson brought along."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.link.keeping import Keeping
from core.presets import PRESETS
from tests.app.fakes import snapshot_of

OWN, LESSONS = (snapshot_of(PRESETS[name].spec) for name in ("xor-2-2-1", "worked-2-3-2-relu"))


def at(snapshot, step):
    return replace(snapshot, progress=replace(snapshot.progress, step=step))


@pytest.fixture
def keeping():
    made = Keeping()
    made.begin(OWN.spec)
    return made


def test_what_a_lesson_opens_and_trains_is_nobodys_own(keeping):
    keeping.begin_lesson(OWN)
    assert not keeping.is_unsaved(at(LESSONS, 40))
    keeping.end_lesson(at(LESSONS, 40))
    assert not keeping.is_unsaved(at(LESSONS, 40))
    assert keeping.is_unsaved(at(LESSONS, 41))  # one goes on with it


def test_what_was_there_before_the_lesson_is_asked_for(keeping):
    trained = at(OWN, 12)
    keeping.begin_lesson(trained)
    assert keeping.is_unsaved(LESSONS)
    keeping.end_lesson(LESSONS)
    assert keeping.is_unsaved(LESSONS)  # undo has it


def test_after_a_lesson_the_untouched_experiment_comes_back_as_such(keeping):
    keeping.begin_lesson(OWN)
    keeping.end_lesson(LESSONS)
    assert not keeping.is_unsaved(OWN)


def test_who_goes_their_own_way_amid_a_lesson_is_asked(keeping):
    keeping.note_own()
    assert not keeping.is_unsaved(OWN)
    keeping.begin_lesson(OWN)
    keeping.note_own()
    assert keeping.is_unsaved(LESSONS)
    keeping.keep(LESSONS)
    assert not keeping.is_unsaved(LESSONS)
