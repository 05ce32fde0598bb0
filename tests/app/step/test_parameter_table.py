from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app.link.focus import Spot
from app.link.parameter_rows import ParameterRows
from app.step.parameters.table import ParameterTable
from core.catalog.optimizers import Adam
from core.debugger.cursor import end_of, whole
from core.debugger.tape import record_step
from core.experiment.layers import Residual
from core.messages.commands import Freeze, SetNumber, Watch
from core.messages.record import Place, Stepping
from core.messages.snapshot import RunState, Values
from tests.app.fakes import FakeBridge, snapshot_of
from tests.core.experiments import digits, take, tiny, trainer_of, with_batch_norm

SPEC = tiny(optimizer=Adam(learning_rate=0.01))
"""2-4-1: weights (4, 2), biases (4,), weights (1, 4), bias (1,): 17 numbers."""


@pytest.fixture(scope="module")
def record():
    trainer = trainer_of(SPEC)
    take(trainer, 3)
    return record_step(trainer).record


@pytest.fixture
def bridge(qapp):
    return FakeBridge(snapshot_of(SPEC))


@pytest.fixture
def view(qtbot, bridge):
    """The whole batch's numbers."""
    bridge.focus.pick_sample(None)
    widget = ParameterTable(bridge)
    qtbot.addWidget(widget)
    widget.resize(820, 600)
    widget.show()
    qtbot.waitExposed(widget)
    bridge.sent.clear()
    return widget


def step_to(bridge, record, place):
    bridge.present(replace(bridge.snapshot, stepping=Stepping(record, place, can_go_back=True)))


@pytest.fixture
def stepped(view, bridge, record):
    step_to(bridge, record, end_of(record.entries))
    return view


def titles(view):
    model = view.model
    return [model.headerData(i, Qt.Orientation.Horizontal) for i in range(model.columnCount())]


def column(view, title, role=Qt.ItemDataRole.DisplayRole):
    section = titles(view).index(title)
    return [view.model.index(row, section).data(role) for row in range(view.model.rowCount())]


def exact(view, title):
    return [float(text) if text else None for text in column(view, title, Qt.ItemDataRole.EditRole)]


def flat(record, template, names=("0.weight", "0.bias", "1.weight", "1.bias")):
    return np.concatenate([record.arrays[template.format(name)].ravel() for name in names]).tolist()


def edit(view, row, text):
    index = view.model.index(row, titles(view).index("Value"))
    view.table.setCurrentIndex(index)
    view.table.edit(index)
    line = view.table.viewport().findChild(QLineEdit, "number-cell")
    line.selectAll()
    QTest.keyClicks(line, text)
    return line


def test_before_anything_is_known_it_says_what_to_do(view):
    assert view.empty.isVisible()
    assert "Take a step or train" in view.empty.text()


def test_while_it_is_shown_the_values_are_watched(qtbot, view, bridge):
    view.hide()
    assert bridge.sent == [Watch(frozenset())]
    view.show()
    assert bridge.sent[-1] == Watch(frozenset({"values"}))


def test_a_recorded_step_shows_every_number_of_every_parameter(stepped, record):
    shown = ["Layer", "Name", "Value", "Gradient", "Update", "State m", "State v", "Frozen"]
    assert titles(stepped) == shown
    assert exact(stepped, "Value") == flat(record, "p:{}")
    assert exact(stepped, "Gradient") == flat(record, "d:p:{}")
    assert exact(stepped, "Update") == flat(record, "step:{}")
    assert exact(stepped, "State m") == flat(record, "s':{}:exp_avg")
    assert exact(stepped, "State v") == flat(record, "s':{}:exp_avg_sq")
    names = ["w₁,₁", "w₁,₂", "w₂,₁", "w₂,₂", "w₃,₁", "w₃,₂", "w₄,₁", "w₄,₂"]
    assert column(stepped, "Name")[:9] == [*names, "b₁"]
    assert column(stepped, "Layer")[::8] == ["1 Dense", "1 Dense", "2 Dense"]


def test_four_digits_are_shown_and_all_on_hover(stepped, record):
    value = float(record.arrays["p:0.weight"][0, 0])
    (shown, tip) = (
        column(stepped, "Value", role)[0]
        for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole)
    )
    assert float(shown.replace("−", "-")) == pytest.approx(value, rel=1e-3)
    assert len(shown.strip("−0.").replace(".", "")) <= 4
    assert float(tip) == value


def test_what_the_cursor_has_not_computed_is_blank(view, bridge, record):
    step_to(bridge, record, Place())
    assert None not in exact(view, "Value")
    for title in ("Gradient", "Update", "State m", "State v"):
        assert set(column(view, title)) == {""}
    written = [entry.writes for entry in record.entries]
    step_to(bridge, record, Place(written.index("d:p:0.weight"), 3))
    gradients = flat(record, "d:p:{}")
    assert exact(view, "Gradient") == gradients[:3] + [None] * 9 + gradients[12:]
    assert set(column(view, "Update")) == {""}
    step_to(bridge, record, whole(record.entries, written.index("after:0.weight")))
    assert exact(view, "Update")[:8] == flat(record, "step:{}")[:8]
    assert exact(view, "State m")[8] is None


def test_without_a_step_the_watched_values_show(view, bridge):
    arrays = {"0.weight": np.float32([[1.5, -2.0]]), "0.bias": np.float32([0.25])}
    values = Values(7, arrays, {"0.weight": np.float32([[0.5, -0.5]])})
    bridge.present(replace(bridge.snapshot, values=values))
    assert titles(view) == ["Layer", "Name", "Value", "Gradient", "Frozen"]
    assert exact(view, "Value") == [1.5, -2.0, 0.25]
    assert exact(view, "Gradient") == [0.5, -0.5, None]


def test_sorting_puts_what_is_not_known_last_either_way(view, bridge, record):
    written = [entry.writes for entry in record.entries]
    step_to(bridge, record, whole(record.entries, written.index("d:p:1.weight")))
    known = np.sort(flat(record, "d:p:{}", ["1.weight"])).tolist()
    for order, expected in (
        (Qt.SortOrder.AscendingOrder, known),
        (Qt.SortOrder.DescendingOrder, known[::-1]),
    ):
        view.table.sortByColumn(3, order)
        assert exact(view, "Gradient") == expected + [None] * 13


def test_sorting_by_a_header_click_and_back_to_the_networks_order(stepped, record):
    header = stepped.table.horizontalHeader()

    def click():
        place = QPoint(header.sectionViewportPosition(2) + 20, header.height() // 2)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)

    click()
    assert exact(stepped, "Value") == sorted(flat(record, "p:{}"))
    click()
    assert exact(stepped, "Value") == sorted(flat(record, "p:{}"), reverse=True)
    click()
    assert exact(stepped, "Value") == flat(record, "p:{}")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1 dense w2", lambda r: r["layer"] == 0 and r["name"].startswith("w₂")),
        ("w₂,₁", lambda r: r["name"] == "w₂,₁"),
        ("b", lambda r: "b" in r["name"]),
        ("|gradient| > 0.02", lambda r: abs(r["gradient"]) > np.float32(0.02)),
        ("value<0 2 dense", lambda r: r["value"] < 0 and r["layer"] == 1),
        ("Value > 0, update <= 0", lambda r: r["value"] > 0 >= r["update"]),
        ("state m >= 0", lambda r: r["m"] >= 0),
        ("nothing like this", lambda r: False),
    ],
)
def test_the_filter_keeps_what_it_says(stepped, record, text, wanted):
    names = column(stepped, "Name")
    facts = [
        {"layer": int(row >= 12), "name": name, "value": v, "gradient": g, "update": u, "m": m}
        for row, (name, v, g, u, m) in enumerate(
            zip(
                names,
                flat(record, "p:{}"),
                flat(record, "d:p:{}"),
                flat(record, "step:{}"),
                flat(record, "s':{}:exp_avg"),
                strict=True,
            )
        )
    ]
    expected = [fact["value"] for fact in facts if wanted(fact)]
    stepped.filter.setFocus()
    stepped.filter.setText(text)
    QTest.keyClick(stepped.filter, Qt.Key.Key_Return)
    assert exact(stepped, "Value") == expected
    assert not stepped.reason.isVisible()
    shown = "17 numbers" if len(expected) == 17 else f"{len(expected)} of 17"
    assert stepped.count.text() == shown


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("|gradient| > abc", "“abc” is no number"),
        ("|gradient| > ", "is no number"),
        ("gradiant > 1", "no column “gradiant”"),
        ("value > 1,5", "“1,5” has a comma"),
    ],
)
def test_a_filter_that_means_nothing_says_why_and_hides_nothing(qtbot, stepped, text, reason):
    stepped.filter.setText(text)
    qtbot.waitUntil(stepped.reason.isVisible)
    assert reason in stepped.reason.text()
    assert stepped.model.rowCount() == 17
    stepped.filter.clear()
    qtbot.waitUntil(lambda: not stepped.reason.isVisible())


def test_a_typed_number_is_sent_with_its_place(stepped, bridge):
    line = edit(stepped, 3, "0.125")
    QTest.keyClick(line, Qt.Key.Key_Return)
    QGuiApplication.processEvents()
    assert bridge.sent == [SetNumber("0.weight", (1, 1), 0.125)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("abc", "“abc” is no number."),
        ("", "“” is no number."),
        ("inf", "It has to be a finite number."),
        ("nan", "It has to be a finite number."),
        ("1e39", "It has to be smaller"),
        ("0,5", "“0,5” has a comma."),
    ],
)
def test_what_is_no_number_is_refused_in_its_cell(qtbot, stepped, bridge, text, reason):
    before = exact(stepped, "Value")
    line = edit(stepped, 3, text or "\b")
    line.setText(text)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Tab):
        QTest.keyClick(line, key)
        assert line.reason.isVisible()
        assert line.reason.text().startswith(reason)
        assert line.text() == text
    assert stepped.table.viewport().rect().contains(line.reason.geometry())
    assert bridge.sent == []
    QTest.keyClicks(line, "7")
    assert not line.reason.isVisible()
    QTest.keyClick(line, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not stepped.table.viewport().findChildren(QLineEdit))
    assert exact(stepped, "Value") == before
    assert bridge.sent == []


def test_a_number_left_as_it_was_is_not_sent(stepped, bridge):
    index = stepped.model.index(0, 2)
    stepped.table.setCurrentIndex(index)
    stepped.table.edit(index)
    line = stepped.table.viewport().findChild(QLineEdit, "number-cell")
    QTest.keyClick(line, Qt.Key.Key_Return)
    QGuiApplication.processEvents()
    assert bridge.sent == []


def test_only_values_can_be_edited(stepped):
    for section, title in enumerate(titles(stepped)):
        editable = bool(stepped.model.index(0, section).flags() & Qt.ItemFlag.ItemIsEditable)
        assert editable == (title == "Value")


def test_the_checkbox_freezes_and_lets_go(stepped, bridge):
    box = stepped.model.index(9, stepped.model.columnCount() - 1)
    stepped.table.setFocus()
    stepped.table.setCurrentIndex(box)
    QTest.keyClick(stepped.table, Qt.Key.Key_Space)
    assert bridge.sent == [Freeze("0.bias", (1,), True)]
    bridge.present(replace(bridge.snapshot, frozen=frozenset({("0.bias", (1,))})))
    checked = [
        row
        for row, state in enumerate(column(stepped, "Frozen", Qt.ItemDataRole.CheckStateRole))
        if Qt.CheckState(state) == Qt.CheckState.Checked
    ]
    assert checked == [9]
    QTest.keyClick(stepped.table, Qt.Key.Key_Space)
    assert bridge.sent[-1] == Freeze("0.bias", (1,), False)


def test_a_place_that_is_gone_is_not_frozen_here(stepped, bridge):
    gone = frozenset({("9.weight", (0, 0)), ("0.weight", (40, 0)), ("0.bias", (0, 0))})
    bridge.present(replace(bridge.snapshot, frozen=gone))
    states = column(stepped, "Frozen", Qt.ItemDataRole.CheckStateRole)
    assert {Qt.CheckState(state) for state in states} == {Qt.CheckState.Unchecked}


def test_of_one_sample_the_gradients_are_its_shares(stepped, bridge, record):
    whole, shares = np.array(exact(stepped, "Gradient")), []
    for sample in range(record.samples):
        bridge.focus.pick_sample(sample)
        shares.append(exact(stepped, "Gradient, share"))
    assert not np.allclose(shares[0], whole)
    np.testing.assert_allclose(np.sum(shares, axis=0), whole, rtol=1e-3, atol=1e-6)
    section = titles(stepped).index("Gradient, share")
    tip = stepped.model.headerData(section, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert f"sample {record.samples} of {record.samples}" in tip
    assert exact(stepped, "Update") == flat(record, "step:{}")


def test_copied_rows_have_all_digits(stepped, record):
    stepped.table.setFocus()
    stepped.table.selectRow(8)
    QTest.keyClick(stepped.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    head, line = QGuiApplication.clipboard().text().splitlines()
    assert head.split("\t") == titles(stepped)
    layer, name, *numbers, frozen = line.split("\t")
    assert (layer, name, frozen) == ("1 Dense", "b₁", "0")
    keys = ("p:0.bias", "d:p:0.bias", "step:0.bias", "s':0.bias:exp_avg", "s':0.bias:exp_avg_sq")
    assert [float(number) for number in numbers] == [float(record.arrays[k][0]) for k in keys]


@pytest.mark.parametrize(
    ("row", "spot"),
    [(3, Spot((0,), 1, source=1)), (9, Spot((0,), 1)), (14, Spot((1,), 0, source=2))],
)
def test_a_selected_row_is_picked_in_every_view(stepped, bridge, row, spot):
    stepped.table.selectRow(row)
    assert bridge.focus.selected == (spot,)
    picked = {index.row() for index in stepped.table.selectionModel().selectedRows()}
    assert picked == {row}


@pytest.mark.parametrize(
    ("spot", "rows"),
    [
        (Spot((1,), 0, source=3), {15}),
        (Spot((0,), 2), {4, 5, 10}),
        (Spot((), 0), set()),
        (Spot((0,), 99), set()),
    ],
)
def test_what_is_picked_elsewhere_is_selected_and_seen(stepped, bridge, spot, rows):
    stepped.resize(820, 170)
    QGuiApplication.processEvents()
    bridge.focus.select(spot)
    table = stepped.table
    assert {index.row() for index in table.selectionModel().selectedRows()} == rows
    if rows:
        seen = table.visualRect(stepped.model.index(min(rows), 0))
        assert table.viewport().rect().contains(seen)
    assert bridge.sent == []


def test_a_number_of_a_kernel_has_a_row_and_a_kernel_as_many_as_it_has_numbers(view, bridge):
    record = record_step(trainer_of(digits())).record
    bridge.present(replace(snapshot_of(digits()), stepping=Stepping(record, Place(), True)))
    spot = Spot((0,), 1, source=0, kernel=(2, 1))
    bridge.focus.select(spot)
    (row,) = [index.row() for index in view.table.selectionModel().selectedRows()]
    assert exact(view, "Value")[row] == float(record.arrays["p:0.weight"][1, 0, 2, 1])
    view.table.selectRow(row + 1)
    assert bridge.focus.selected == (replace(spot, kernel=(2, 2)),)
    bridge.focus.select(replace(spot, kernel=None))
    rows = [index.row() for index in view.table.selectionModel().selectedRows()]
    assert [exact(view, "Value")[row] for row in rows] == record.arrays["p:0.weight"][
        1, 0
    ].ravel().tolist()


def test_sorting_keeps_what_is_selected(stepped, bridge, record):
    bridge.focus.select(Spot((1,), 0, source=3))
    value = float(record.arrays["p:1.weight"][0, 3])
    stepped.table.sortByColumn(2, Qt.SortOrder.AscendingOrder)
    (row,) = [index.row() for index in stepped.table.selectionModel().selectedRows()]
    assert exact(stepped, "Value")[row] == value
    assert bridge.focus.selected == (Spot((1,), 0, source=3),)


def test_the_next_place_keeps_selection_and_scroll(view, bridge, record):
    view.resize(820, 200)
    step_to(bridge, record, Place())
    bridge.focus.select(Spot((1,), 0, source=3))
    before = view.table.verticalScrollBar().value()
    assert before > 0
    step_to(bridge, record, end_of(record.entries))
    assert [index.row() for index in view.table.selectionModel().selectedRows()] == [15]
    assert view.table.verticalScrollBar().value() == before


def test_training_redraws_it_a_few_times_a_second_only(qtbot, view, bridge):
    frames = QTimer(view)
    frames.timeout.connect(bridge.ticked)
    frames.start(16)

    def present(value):
        values = Values(1, {"0.weight": np.float32([[value]])}, {})
        bridge.present(replace(bridge.snapshot, state=RunState.RUNNING, values=values))

    present(1.0)
    qtbot.waitUntil(lambda: view.model.rowCount() == 1)
    present(2.0)
    present(3.0)
    assert exact(view, "Value") == [1.0]
    qtbot.waitUntil(lambda: exact(view, "Value") == [3.0], timeout=2000)


def test_a_hidden_table_reads_nothing_and_catches_up(view, bridge, record):
    view.hide()
    step_to(bridge, record, end_of(record.entries))
    assert view.model.rowCount() == 0
    view.show()
    assert view.model.rowCount() == 17


def test_an_unchanged_snapshot_costs_nothing(qtbot, stepped, bridge):
    with qtbot.assertNotEmitted(stepped.model.dataChanged):
        bridge.present(replace(bridge.snapshot, version=99))


@pytest.mark.parametrize("spec", [digits(), with_batch_norm()])
def test_every_kind_of_parameter_has_a_name_and_a_place(view, bridge, spec):
    record = record_step(trainer_of(spec)).record
    bridge.present(replace(snapshot_of(spec), stepping=Stepping(record, Place(), True)))
    names = {key[2:]: array.shape for key, array in record.arrays.items() if key.startswith("p:")}
    assert view.model.rowCount() == sum(np.prod(shape) for shape in names.values())
    labels = list(zip(column(view, "Layer"), column(view, "Name"), strict=True))
    assert len(set(labels)) == len(labels)
    assert any(isinstance(layer, Residual) for layer in spec.layers) == any(
        layer.startswith("3.1 ") for layer, _ in labels
    )


def test_a_hundred_thousand_rows_are_fluent(view, bridge):
    rng = np.random.default_rng(0)
    values = Values(
        1,
        {"0.weight": rng.standard_normal((500, 200), np.float32)},
        {"0.weight": rng.standard_normal((500, 200), np.float32)},
    )
    bridge.present(replace(bridge.snapshot, values=values))
    times = []
    for work in (
        lambda: view.table.sortByColumn(3, Qt.SortOrder.DescendingOrder),
        lambda: view.model.set_filter("|gradient| > 1"),
        lambda: view.model.set_filter(""),
        lambda: bridge.focus.select(Spot((0,), 300, source=7)),
    ):
        begin = perf_counter()
        work()
        view.table.repaint()
        times.append(perf_counter() - begin)
    assert view.model.rowCount() == 100_000
    assert max(times) < 0.5, times  # some 30 ms on an idle machine


shapes = st.dictionaries(
    st.sampled_from(["0.weight", "0.bias", "1.weight", "2.0.weight"]),
    st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple),
    min_size=1,
)


@settings(deadline=None)
@given(shapes)
def test_places_and_rows_are_each_others_inverse(shapes):
    rows = ParameterRows(shapes, {})
    places = [rows.place(row) for row in range(len(rows))]
    assert len(set(places)) == len(rows) == sum(int(np.prod(shape)) for shape in shapes.values())
    assert [rows.row_of(*place) for place in places] == list(range(len(rows)))
    for row in range(len(rows)):
        assert row in rows.rows_at(rows.spot(row))
    numbers = {
        name: np.arange(np.prod(s), dtype=np.float32).reshape(s) for name, s in shapes.items()
    }
    spread = rows.spread(numbers)
    assert [spread[row] for row in range(len(rows))] == [numbers[n][i] for n, i in places]
