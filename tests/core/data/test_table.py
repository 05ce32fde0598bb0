"""CSV tables: columns become tensors, and every fault is named with its line or column."""

from __future__ import annotations

import csv
import io
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.data import Dataset
from core.data.table import CsvTable
from core.errors import UserError

IN_FOLDER = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def load(path: Path, text: str | bytes, **fields: object) -> Dataset:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    source = CsvTable(path=str(path), **{"test_fraction": 0, "standardise": False, **fields})
    data = source.load(0)
    assert data.shape == source.shape()
    return data


def complaint(path: Path, text: str | bytes, **fields: object) -> str:
    with pytest.raises(UserError) as caught:
        load(path, text, **fields)
    return str(caught.value)


def rows(data: Dataset) -> set[tuple[float, ...]]:
    """All training rows, since their order is the split's business."""
    labels = data.train_labels.reshape(len(data.train_labels), -1)
    return {(*x, *y) for x, y in zip(data.train_inputs.tolist(), labels.tolist(), strict=True)}


def test_columns_of_numbers_are_inputs_and_the_last_one_is_the_target(path: Path) -> None:
    data = load(path, "a,b,y\n1,2,0.5\n3,4,1.5\n")
    assert data.shape.task == "regression"
    assert data.shape.input_shape == (2,)
    assert data.feature_names == ("a", "b")
    assert data.target_names == ("y",)
    assert data.class_names == ()
    assert data.train_inputs.dtype == data.train_labels.dtype == torch.float32
    assert rows(data) == {(1, 2, 0.5), (3, 4, 1.5)}


def test_any_column_can_be_the_target(path: Path) -> None:
    data = load(path, "a,b,y\n1.5,2,0\n2.5,4,1\n", target="a")
    assert data.feature_names == ("b", "y")
    assert data.target_names == ("a",)
    assert rows(data) == {(2, 0, 1.5), (4, 1, 2.5)}


def test_several_columns_of_numbers_are_predicted_together(path: Path) -> None:
    text = 'a,"b, c",y\n1,2,0.5\n3,4,1.5\n'
    data = load(path, text, target='y, "b, c"')
    assert data.shape.task == "regression"
    assert data.target_names == ("y", "b, c")
    assert rows(data) == {(1, 0.5, 2), (3, 1.5, 4)}
    alone = load(path, text, target="b, c", task="regression")
    assert alone.target_names == ("b, c",)


def test_whole_numbers_in_several_columns_are_measured_not_classes(path: Path) -> None:
    data = load(path, "x,y,z\n1,0,1\n2,1,0\n", target="y,z")
    assert (data.shape.task, data.shape.outputs) == ("regression", 2)


@pytest.mark.parametrize(
    ("target", "task", "said"),
    [
        ("y,q", "auto", "no column q"),
        ("a,b,y", "auto", "none is left"),
        ("a,y", "classification", "one column only, not in 2"),
    ],
)
def test_targets_that_cannot_be_are_refused(path: Path, target: str, task: str, said: str) -> None:
    assert said in complaint(path, "a,b,y\n1,2,0.5\n3,4,1.5\n", target=target, task=task)


def test_what_was_found_in_the_file_is_told(path: Path) -> None:
    data = load(path, "x,kind\n1,dog\n2,cat\n3,dog\n")
    assert str(CsvTable(path=str(path)).found(data)).startswith(
        "table.csv: lines: 3, inputs: 1, classes: 2 (cat, dog)."
    )
    data = load(path, "a,b,y\n1,2,0.5\n3,4,1.5\n", target="b,y")
    assert "to predict: b, y" in str(CsvTable(path=str(path)).found(data))


def test_words_as_target_are_classes_in_order(path: Path) -> None:
    data = load(path, "x,kind\n1,dog\n2,cat\n3,dog\n")
    assert data.class_names == ("cat", "dog")
    assert data.train_labels.dtype == torch.int64
    assert rows(data) == {(1, 1), (2, 0), (3, 1)}
    assert data.target_names == ()


def test_classes_named_by_numbers_are_ordered_as_numbers(path: Path) -> None:
    data = load(path, "x,n\n1,10\n2,9\n3,-1\n4,9.0\n")
    assert data.class_names == ("-1", "9", "10")
    assert rows(data) == {(1, 2), (2, 1), (3, 0), (4, 1)}


@pytest.mark.parametrize(
    ("targets", "task", "expected"),
    [
        (range(10), "auto", "classification"),
        (range(11), "auto", "regression"),
        ([0, 1, 0.5], "auto", "regression"),
        ([0, 1, 0.5], "classification", "classification"),
        ([0, 1], "regression", "regression"),
    ],
)
def test_the_task_follows_the_targets_unless_it_is_given(
    path: Path, targets: list[float], task: str, expected: str
) -> None:
    text = "x,y\n" + "".join(f"1,{target}\n" for target in targets)
    data = load(path, text, task=task)
    assert data.shape.task == expected
    assert data.shape.outputs == (len(targets) if expected == "classification" else 1)


def test_words_as_input_become_one_input_each(path: Path) -> None:
    data = load(path, "colour,size,y\nred,1,0\nblue,2,1\nred,3,1\n")
    assert data.feature_names == ("colour=blue", "colour=red", "size")
    assert rows(data) == {(0, 1, 1, 0), (1, 0, 2, 1), (0, 1, 3, 1)}


def test_too_many_different_words_name_the_column_and_the_first_of_them(path: Path) -> None:
    text = "age,y\n" + "".join(f"{age},{age % 2}\n" for age in range(21)) + "old,1\n"
    message = complaint(path, text)
    assert "column age has old in line 23" in message
    assert "22" in message


def test_standardised_inputs_have_mean_0_and_deviation_1_over_training_only(path: Path) -> None:
    values = np.random.default_rng(0).normal(50, 7, (80, 2))
    text = "a,b,colour,y\n" + "".join(f"{a},{b},{'r' if a > 50 else 'g'},{b}\n" for a, b in values)
    data = load(path, text, standardise=True, test_fraction=0.5)
    numeric = data.train_inputs[:, :2].double()
    assert len(data.test_inputs) == 40
    torch.testing.assert_close(numeric.mean(0), torch.zeros(2).double(), atol=1e-6, rtol=0)
    torch.testing.assert_close(
        numeric.std(0, correction=0), torch.ones(2).double(), atol=1e-6, rtol=0
    )
    assert data.test_inputs[:, :2].mean(0).abs().max() > 1e-3  # not measured on the test part
    assert set(data.train_inputs[:, 2:].flatten().tolist()) == {0, 1}  # categories stay
    assert data.train_labels.mean() > 40  # targets keep their unit


def test_a_constant_column_becomes_zero_and_stays_finite(path: Path) -> None:
    data = load(path, "a,b,y\n" + "".join(f"0.1,{i},{i / 2}\n" for i in range(9)), standardise=True)
    assert data.train_inputs[:, 0].tolist() == [0] * 9


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(path: Path, delimiter: str) -> None:
    text = "a,b,y\n1,2,0.5\n3,4,1.5\n".replace(",", delimiter)
    assert rows(load(path, text)) == {(1, 2, 0.5), (3, 4, 1.5)}


def test_a_comma_is_a_decimal_sign_between_semicolons_but_not_between_tabs(path: Path) -> None:
    assert rows(load(path, "a;y\n1,5;0,25\n2;3,5\n")) == {(1.5, 0.25), (2, 3.5)}
    data = load(path, "a\ty\n1,500\t1\n2\t0\n")
    assert data.feature_names == ("a=1,500", "a=2")


def test_delimiters_and_line_breaks_within_quotes_belong_to_the_cell(path: Path) -> None:
    data = load(path, '"a;b|c","two\nlines",y\n1,2,no\n3,4,"yes, ""sir"""\n')
    assert data.feature_names == ("a;b|c", "two\nlines")
    assert data.class_names == ("no", 'yes, "sir"')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_of_any_language_is_read(path: Path, encoding: str) -> None:
    data = load(path, "größe,类别\r\n1,猫\r\n2,狗\r\n".encode(encoding))
    assert data.feature_names == ("größe",)
    assert set(data.class_names) == {"猫", "狗"}


def test_spaces_blank_lines_and_old_line_ends_do_not_matter(path: Path) -> None:
    for end in ("\n", "\r\n", "\r"):
        text = f"{end} a , y{end}{end}1 , 0.5{end}   {end}2,1.5{end}{end}"
        assert rows(load(path, text)) == {(1, 0.5), (2, 1.5)}


def test_every_class_is_in_training_whatever_the_split(path: Path) -> None:
    text = "x,y\n" + "1,a\n" * 20 + "2,b\n3,c\n"
    data = load(path, text, test_fraction=0.9)
    assert set(data.train_labels.tolist()) == {0, 1, 2}
    assert len(data.train_labels) == 3  # 22 lines, of which 19.8 would be for testing


def test_the_split_follows_the_seed(path: Path) -> None:
    path.write_text("x,y\n" + "".join(f"{i},{i}.5\n" for i in range(30)))
    source = CsvTable(path=str(path), test_fraction=0.3)
    assert torch.equal(source.load(1).train_labels, source.load(1).train_labels)
    assert not torch.equal(source.load(1).train_labels, source.load(2).train_labels)
    assert len(source.load(1).test_labels) == 9


def test_a_file_that_was_changed_is_read_again(path: Path) -> None:
    assert rows(load(path, "a,y\n1,0.5\n")) == {(1, 0.5)}
    assert rows(load(path, "a,y\n1,0.25\n")) == {(1, 0.25)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "table.csv is empty"),
        ("\n \n", "table.csv is empty"),
        ("a,y\n", "no lines of data"),
        ("a\n1\n2\n", "single column, a"),
        ("1,2\n3,4\n", "numbers instead of names"),
        (",y\n1,2\n", "Column 1 of table.csv has no name"),
        ("a,a,y\n1,2,3\n", "Two columns of table.csv are called a"),
        ("a,y\n1,2\n3\n", "Line 3 has 1 values, but the header names 2"),
        ("a,y\n1,2\n3,4,5\n", "Line 3 has 3 values"),
        ("a,y\n1,2\n\n,4\n", "Line 4 has no value in the column a"),
        ("a,y\n1,2\n3,NaN\n", "Line 3 has no value in the column y"),
        ('a,y\n"x\n\nz",2\nn/a,4\n', "Line 5 has no value in the column a"),
        ("a,y\n1,2\n-inf,4\n", "Line 3 has -inf in the column a"),
        ("a,y\n1,2\n1e39,4\n", "Line 3 has 1e39 in the column a"),
        ('a,y\n1,2\n"3,4\n5,6\n', "no valid CSV from line 3"),
        ("a,y\n1,same\n2,same\n", "column y has 1 different values"),
        (b"a,y\n1,2\n\xff,3\n", "line 3 has other bytes"),
        (b"a,y\n1,\0\n", "not a text file"),
    ],
)
def test_faults_are_named_with_their_place(path: Path, text: str | bytes, words: str) -> None:
    assert words in complaint(path, text)


def test_an_unknown_target_lists_the_columns_there_are(path: Path) -> None:
    assert "no column z. Its columns are a, y." in complaint(path, "a,y\n1,2\n", target="z")


def test_words_cannot_be_a_regression_target(path: Path) -> None:
    message = complaint(path, "a,y\n1,2\n2,high\n", task="regression")
    assert "column y has high in line 3" in message


def test_more_classes_than_any_network_here_should_have_are_refused(path: Path) -> None:
    text = "a,y\n" + "".join(f"1,name{i}\n" for i in range(1001))
    assert "column y has 1001 different values" in complaint(path, text)


def test_braces_in_a_file_do_not_disturb_the_message(path: Path) -> None:
    assert "Two columns of table.csv are called {a}" in complaint(path, "{a},{a},y\n1,2,3\n")


def test_no_file_a_missing_one_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    for source, words in (
        (CsvTable(), "No file has been chosen"),
        (CsvTable(path=str(tmp_path / "none.csv")), "No such file"),
        (CsvTable(path=str(tmp_path)), "cannot be read"),
        (CsvTable(path="a\0b"), "cannot be read"),
    ):
        with pytest.raises(UserError) as caught:
            source.shape()
        assert words in str(caught.value)


finite = st.floats(-1e30, 1e30, allow_subnormal=False)
names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1).map(
    lambda text: "n" + text
)


@IN_FOLDER
@given(
    header=st.lists(names, min_size=2, max_size=4, unique=True),
    seeds=st.lists(st.lists(finite, min_size=4, max_size=4), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
)
def test_any_table_of_numbers_comes_back_as_written(
    path: Path, header: list[str], seeds: list[list[float]], delimiter: str
) -> None:
    table = [row[: len(header)] for row in seeds]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerows([header, *table])
    data = load(path, buffer.getvalue(), task="regression")
    assert data.feature_names == tuple(header[:-1])
    assert rows(data) == {tuple(map(float, np.float32(row))) for row in table}


@IN_FOLDER
@given(
    text=st.one_of(st.binary(max_size=60), st.text('ab1.,;"\n\r\t', max_size=40).map(str.encode)),
    standardise=st.booleans(),
)
def test_arbitrary_bytes_are_read_or_refused_but_never_crash(
    path: Path, text: bytes, standardise: bool
) -> None:
    with suppress(UserError):
        data = load(path, b"a,b\n" + text, standardise=standardise, test_fraction=0.5)
        assert torch.isfinite(data.train_inputs).all()
