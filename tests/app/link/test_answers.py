"""The quiet record of answers: a file of its own, no file before the first, and the map of it."""

from __future__ import annotations

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QMessageBox

from app.kit import user_data
from app.link.answers import NAME, AnswerBook, answer_book
from app.link.mastery_map import MasteryMap
from core.errors import UserError
from core.questions.levels import AskLevel
from core.questions.mastery import Answered


def one(kind="linear", *, right=True, hints=0, slips=()):
    when = "2026-01-02T03:04:05+00:00"
    return Answered(when, kind, AskLevel.NUMBER, right, 1, hints, slips)


@pytest.fixture
def book(tmp_path, qapp):
    return AnswerBook(tmp_path / "folder" / NAME)


def test_no_file_is_there_before_the_first_answer(book) -> None:
    assert book.answers == ()
    assert book.tallies == {}
    assert not book.path.parent.exists()


def test_another_book_reads_what_one_has_written(book) -> None:
    book.add(one())
    book.add(one("loss", right=False, slips=("n_forgotten",)))
    again = AnswerBook(book.path)
    assert again.answers == book.answers
    assert again.tallies["loss"].slips == {"n_forgotten": 1}


def test_a_line_that_holds_no_answer_stays_and_is_counted(book) -> None:
    book.add(one())
    with book.path.open("a", encoding="utf-8") as file:
        file.write('{"version": 2}\n')
    again = AnswerBook(book.path)
    assert len(again.answers) == 1
    assert again.unread == 1
    again.add(one())
    assert '{"version": 2}' in book.path.read_text("utf-8")


def test_an_answer_that_cannot_be_written_counts_and_says_so(tmp_path, qapp) -> None:
    (tmp_path / "file").write_text("")
    book = AnswerBook(tmp_path / "file" / NAME)
    with pytest.raises(UserError):
        book.add(one())
    assert len(book.answers) == 1


def test_the_table_has_a_row_for_each(book, tmp_path) -> None:
    book.add(one(hints=2))
    book.add(one("loss", right=False, slips=("n_forgotten", "sign_flipped")))
    book.export(tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows] == ["linear", "loss"]
    assert rows[0]["hints"] == "2"
    assert rows[1]["slips"] == "n_forgotten sign_flipped"
    with pytest.raises(UserError):
        book.export(tmp_path / "no" / "folder.csv")


def test_erasing_leaves_no_file(book, qtbot) -> None:
    book.add(one())
    with qtbot.waitSignal(book.changed):
        book.erase()
    assert book.answers == ()
    assert not book.path.exists()


def test_the_book_of_the_person_is_in_their_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv(user_data.VARIABLE, str(tmp_path))
    assert answer_book().path == tmp_path / NAME
    assert answer_book() is answer_book()


def test_the_map_has_a_row_for_each_kind_in_the_order_of_a_step(book, qtbot) -> None:
    shown = MasteryMap(book=book)
    qtbot.addWidget(shown)
    shown.show()
    assert shown.empty.isVisible()
    book.add(one("loss"))
    book.add(one("linear", hints=1))
    assert shown.table.isVisible()
    model = shown.model
    texts = [[model.index(r, c).data() for c in range(5)] for r in range(model.rowCount())]
    assert [row[0] for row in texts] == ["weighted sums z", "loss of the batch"]
    assert texts[0][2:] == ["1", "0", "1"]
    assert texts[1][2:] == ["1", "1", "0"]
    titles = [model.headerData(c, Qt.Orientation.Horizontal) for c in range(5)]
    assert titles[0] == "Operation"
    assert str(book.path) in shown.where.text()


def test_the_map_erases_only_what_is_confirmed(book, qtbot) -> None:
    book.add(one())
    shown = MasteryMap(book=book)
    qtbot.addWidget(shown)
    shown.show()
    for word, left in (("Keep", 1), ("Erase", 0)):
        shown.erase_action.trigger()
        box = shown.findChild(QMessageBox, "mastery.erase")
        button = next(b for b in box.findChildren(QAbstractButton) if b.text() == word)
        with qtbot.waitSignal(box.destroyed):
            qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert len(book.answers) == left
    assert not shown.erase_action.isEnabled()


def test_the_map_says_why_it_cannot_export(book, qtbot, tmp_path) -> None:
    book.add(one())
    shown = MasteryMap(book=book)
    qtbot.addWidget(shown)
    shown.show()
    shown.export(str(tmp_path / "no" / "folder.csv"))
    assert shown.trouble.isVisible()
    shown.export(str(tmp_path / "out.csv"))
    assert (tmp_path / "out.csv").exists()
