"""How far somebody is in the lessons is kept, and a damaged file costs nothing else."""

from __future__ import annotations

import pytest

from core.errors import UserError
from core.lessons.progress import LessonProgress, read_progress, write_progress


def test_what_was_reached_once_stays_so():
    progress = LessonProgress().moved("one", "c", 2).moved("one", "a", 0)
    assert progress.of("one").page == "a"
    assert progress.of("one").reached == 2
    assert not progress.of("one").done
    assert progress.moved("one", "c", 2, done=True).moved("one", "a", 0).of("one").done
    assert progress.of("two").reached == 0


def test_it_is_written_and_read(tmp_path):
    path = tmp_path / "deep" / "lessons.json"
    progress = LessonProgress().moved("one", "c", 2)
    write_progress(path, progress)
    assert read_progress(path) == progress
    assert [file.name for file in path.parent.iterdir()] == ["lessons.json"]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[1]", b'{"lessons": {"a": {"page": 3}}}', b"\xff"]
)
def test_a_damaged_file_counts_as_none(tmp_path, content):
    path = tmp_path / "lessons.json"
    path.write_bytes(content)
    assert read_progress(path) == LessonProgress()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(UserError, match="cannot be kept"):
        write_progress(tmp_path / "file" / "lessons.json", LessonProgress())
