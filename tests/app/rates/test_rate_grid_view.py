"""Trials of learning rates: what is tried, how it went, and taking a rate over."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QColor, QFont, QFontMetrics
from PySide6.QtWidgets import QLabel, QLineEdit, QProgressBar, QSpinBox

from app.kit import theme
from app.kit.numbers import round_number
from app.rates.grid_cells import fitting
from app.rates.grid_model import RatePlan, planned
from app.rates.grid_view import RateGridView
from app.rates.verdicts import fill, ink, strength
from core.catalog.base import entries_of
from core.catalog.optimizers import SGD, Adam, Momentum, Optimizer
from core.messages.race import CompareRates, Contest, StopTrials, Verdict
from core.sentence import Sentence
from tests.app.contests import grid_of
from tests.app.trials import assert_side_by_side, bottom_row, type_into

SMALL = CompareRates((SGD(), Adam()), (0.001, 0.1, 10.0), 50)
VERDICTS = ("cle", "llp")
LOSSES = ((0.99, 0.1, math.nan), (0.5, 0.01, math.nan))
TRIED = grid_of(SMALL, VERDICTS, LOSSES)


@pytest.fixture
def view(qtbot, fake_bridge):
    return bottom_row(qtbot, RateGridView(fake_bridge))


@pytest.fixture
def tried(qtbot, view, fake_bridge):
    present(qtbot, view, fake_bridge, TRIED)
    return view


def present(qtbot, view, fake_bridge, grid, **fields):
    fake_bridge.present_contest(Contest(grid=grid, **fields))
    qtbot.waitUntil(lambda: view._shown is grid)


def click(qtbot, view, row, column):
    index = view.model.index(row, column)
    place = view.table.visualRect(index).center()
    qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


# What is tried


def test_rates_from_a_ten_thousandth_to_ten_are_proposed(view):
    assert view.plan.rates() == (
        1e-4, 3.2e-4, 1e-3, 3.2e-3, 0.01, 0.032, 0.1, 0.32, 1.0, 3.2, 10.0,
    )  # fmt: skip


def test_compare_tries_the_chosen_optimizers_with_the_experiments_own_fields(view, fake_bridge):
    own = Momentum(learning_rate=0.3, momentum=0.5)
    spec = fake_bridge.spec.model_copy(update={"optimizer": own})
    fake_bridge.present(replace(fake_bridge.snapshot, spec=spec, version=2))
    view.tools.run.click()
    (command,) = fake_bridge.sent
    assert isinstance(command, CompareRates)
    assert [one.kind for one in command.optimizers] == [
        "sgd",
        "momentum",
        "adagrad",
        "rmsprop",
        "adam",
    ]
    assert command.optimizers[1] == own
    assert command.steps == 100


def test_rows_are_chosen_in_the_menu(view, fake_bridge):
    for kind in ("momentum", "adagrad", "rmsprop"):
        view.tools.menu.findChild(QAction, f"rates.optimizer.{kind}").trigger()
    assert view.tools.optimizers.text() == "2 optimizers"
    assert view.model.rowCount() == 2
    view.tools.menu.findChild(QAction, "rates.optimizer.nesterov").trigger()
    view.tools.run.click()
    assert [one.kind for one in fake_bridge.sent[0].optimizers] == ["sgd", "nesterov", "adam"]


def test_without_a_row_there_is_nothing_to_compare(view):
    for action in view.tools.menu.actions():
        action.setChecked(False)
    assert not view.tools.run.isEnabled()
    assert view.readout.text() == "Choose an optimizer to try."


def test_range_columns_and_steps_are_typed(qtbot, view, fake_bridge):
    type_into(qtbot, view, "rates.low", "0.01")
    type_into(qtbot, view, "rates.high", "1")
    view.findChild(QSpinBox, "rates.columns").setValue(3)
    view.findChild(QSpinBox, "rates.steps").setValue(40)
    view.tools.run.click()
    assert fake_bridge.sent[0].rates == (0.01, 0.1, 1.0)
    assert fake_bridge.sent[0].steps == 40


@pytest.mark.parametrize("text", ["", "fast", "0", "-1", "1000", "inf"])
def test_what_is_no_rate_stays_to_be_mended_and_changes_nothing(qtbot, view, text):
    line = type_into(qtbot, view, "rates.low", text)
    assert line.refused is not None
    assert line.text() == text
    assert line.accessibleDescription()
    assert view.plan.low == 1e-4
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert line.refused is None
    assert line.text() == "0.0001"


def test_a_rate_that_is_still_being_typed_counts(qtbot, view, fake_bridge):
    line = view.findChild(QLineEdit, "rates.low")
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, "0.5")
    view.tools.run.click()  # takes no focus, so that nothing has ended the typing
    assert fake_bridge.sent[0].rates[0] == 0.5


def test_nothing_is_compared_with_a_text_that_is_no_rate(qtbot, view, fake_bridge):
    line = type_into(qtbot, view, "rates.high", "fast")
    view.tools.run.click()
    assert fake_bridge.sent == []
    assert view.status.trouble.text() == line.accessibleDescription() != ""
    type_into(qtbot, view, "rates.high", "1")
    view.tools.run.click()
    assert len(fake_bridge.sent) == 1
    assert not view.status.trouble.isVisible()


@given(
    st.floats(1e-6, 100),
    st.floats(1e-6, 100),
    st.integers(2, 21),
)
def test_rates_rise_from_end_to_end_by_an_equal_factor(low, high, count):
    rates = RatePlan(low=low, high=high, count=count).rates()
    assert rates[0] == min(low, high)
    assert rates[-1] == max(low, high)
    if rates[0] < rates[-1] * 0.999:
        assert len(rates) == count
        assert all(a < b for a, b in pairwise(rates))
        factor = (rates[-1] / rates[0]) ** (1 / (count - 1))
        # Each is rounded to two digits at the most.
        for before, after in pairwise(rates):
            assert after / before == pytest.approx(factor, rel=0.11)


def test_what_was_found_already_is_kept_when_the_plan_changes():
    wider = CompareRates((Adam(), Momentum()), (0.01, 0.1, 10.0), 50)
    shown = planned(wider, TRIED)
    assert shown.verdicts[0] == (Verdict.PENDING, Verdict.LEARNS, Verdict.PENDING)
    assert shown.losses[0, 1] == pytest.approx(0.01)
    assert set(shown.verdicts[1]) == {Verdict.PENDING}
    other_steps = planned(replace(wider, steps=60), TRIED)
    assert all(set(row) == {Verdict.PENDING} for row in other_steps.verdicts)


# How it went


def test_each_cell_says_how_its_trial_went(tried):
    model = tried.model
    said = model.data(model.index(0, 1), Qt.ItemDataRole.ToolTipRole)
    assert said == "SGD at 0.1 learns: the loss fell from 1.000 to 0.1000 in 50 steps"
    assert "crawls" in model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert "explodes" in model.data(model.index(0, 2), Qt.ItemDataRole.ToolTipRole)
    assert "not tried" in model.data(model.index(1, 2), Qt.ItemDataRole.ToolTipRole)
    assert model.data(model.index(1, 1)) == "0.01000"
    assert model.data(model.index(0, 2)) == ""
    assert model.headerData(1, Qt.Orientation.Vertical) == "Adam"
    assert model.headerData(2, Qt.Orientation.Horizontal) == "10"


def test_the_least_loss_of_those_that_learn_is_the_best(tried):
    assert tried.model.best == (1, 1)
    none = grid_of(SMALL, ("cce", "ccc"), ((0.99, 0.98, 9.0), (1.0, 1.0, 1.0)))
    tried.model.show_grid(none)
    assert tried.model.best is None


def test_the_further_the_loss_fell_the_stronger_the_colour(qapp):
    assert strength(TRIED, 1, 1) == 1.0
    assert strength(TRIED, 0, 1) == pytest.approx(0.5)
    assert strength(TRIED, 0, 2) == 0.0
    surface = QColor(theme.current().surface)
    colours = [fill(Verdict.LEARNS, share) for share in (0.0, 0.5, 1.0)]
    far = [np.abs(np.subtract(one.getRgb(), surface.getRgb())).sum() for one in colours]
    assert 0 < far[0] < far[1] < far[2]


@pytest.mark.parametrize("choice", ["light", "dark"])
@pytest.mark.parametrize("share", np.linspace(0, 1, 6))
def test_a_loss_is_readable_on_every_colour(qapp, choice, share):
    theme.apply(qapp, choice)
    pairs = [(ink(verdict, share), fill(verdict, share)) for verdict in Verdict]
    contrasts = [_contrast(*pair) for pair in pairs]
    theme.apply(qapp, "system")
    assert min(contrasts) > 3.9


def _contrast(one, other):
    def luminance(colour):
        parts = [(c / 255) for c in colour.getRgb()[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    a, b = luminance(one), luminance(other)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


@given(st.floats(1e-30, 1e30), st.integers(8, 90))
def test_a_loss_is_written_with_as_many_digits_as_fit(value, width):
    metrics = QFontMetrics(QFont("monospace", 8))
    text = fitting(value, width, metrics)
    assert metrics.horizontalAdvance(text) <= width
    if text:
        assert float(text.replace(",", "")) == pytest.approx(value, rel=0.51)
    assert fitting(value, 500, metrics) != ""
    assert fitting(math.nan, 500, metrics) == ""


@pytest.mark.parametrize(
    ("rate", "text"),
    [(1e-4, "1e-4"), (3.2e-4, "3.2e-4"), (0.001, "0.001"), (0.32, "0.32"), (10.0, "10")],
)
def test_a_rate_is_short_in_its_column(rate, text):
    assert round_number(rate, 2) == text


def test_while_trials_go_on_they_are_counted_and_can_be_stopped(qtbot, view, fake_bridge):
    present(qtbot, view, fake_bridge, replace(TRIED, done=False))
    assert view.tools.run.text() == "Stop"
    assert view.readout.text() == "5 of 6 trials done"
    bar = view.findChild(QProgressBar, "rates.progress")
    assert bar.isVisible()
    assert (bar.value(), bar.maximum()) == (5, 6)
    assert not view.tools.low.isEnabled()
    view.tools.run.click()
    assert fake_bridge.sent == [StopTrials()]
    present(qtbot, view, fake_bridge, TRIED)
    assert view.tools.run.text() == "Compare"
    assert not bar.isVisible()
    assert view.tools.low.isEnabled()


def test_why_nothing_can_be_tried_stands_above_the_grid(qtbot, tried, fake_bridge):
    trouble = Sentence("The loss is not finite to begin with.", "Reset the weights first.")
    fake_bridge.present_contest(Contest(grid=TRIED, trouble=trouble))
    label = tried.findChild(QLabel, "rates.trouble")
    qtbot.waitUntil(label.isVisible)
    assert label.text() == "The loss is not finite to begin with. Reset the weights first."
    assert tried.model.grid is TRIED
    tried.tools.run.click()
    assert not label.isVisible()


# Taking a rate over


def test_a_click_takes_optimizer_and_rate_over(qtbot, tried, fake_bridge):
    click(qtbot, tried, 0, 1)
    assert fake_bridge.edited.optimizer == SGD(learning_rate=0.1)


def test_enter_does_the_same_for_the_cell_that_the_arrows_went_to(qtbot, tried, fake_bridge):
    tried.table.setFocus()
    tried.table.setCurrentIndex(tried.model.index(1, 0))
    qtbot.keyClick(tried.table, Qt.Key.Key_Right)
    assert tried.readout.text().startswith("Adam at 0.1 learns")
    qtbot.keyClick(tried.table, Qt.Key.Key_Return)
    assert fake_bridge.edited.optimizer == Adam(learning_rate=0.1)


def test_a_cell_that_was_not_tried_is_not_taken_over(qtbot, tried, fake_bridge):
    click(qtbot, tried, 1, 2)
    assert fake_bridge.sent == []


def test_the_rate_in_use_is_marked_and_not_sent_again(qtbot, tried, fake_bridge):
    fake_bridge.obedient = True
    click(qtbot, tried, 1, 1)
    assert tried.model.is_in_use(1, 1)
    click(qtbot, tried, 1, 1)
    assert len(fake_bridge.sent) == 1
    tried._point((1, 1))
    assert tried.readout.text().endswith("In use.")


def test_pointing_at_a_cell_reads_it_and_leaving_says_what_to_do(qtbot, tried):
    index = tried.model.index(0, 0)
    place = tried.table.visualRect(index).center()
    qtbot.mouseMove(tried.table.viewport(), place + QPoint(1, 1))
    tried.table.entered.emit(index)
    assert tried.readout.text() == "SGD at 0.001 crawls: 1.000 → 0.9900. Click to use it."
    tried.table.pointed.emit(None)
    assert tried.readout.text().startswith("Click a cell")


def test_what_is_read_off_a_cell_comes_before_the_legend_where_it_is_narrow(qapp, qtbot, tried):
    tried.resize(480, 300)
    qtbot.wait(50)  # until lines that wrap have found their heights
    height = tried.table.height()
    tried.table.pointed.emit((0, 0))
    qapp.processEvents()
    assert not tried.legend.isVisible()
    text = tried.readout.text()
    assert tried.readout.fontMetrics().horizontalAdvance(text) <= tried.readout.width()
    qtbot.waitUntil(lambda: tried.table.height() == height)
    tried.table.pointed.emit(None)
    assert tried.legend.isVisible()


# The look


@pytest.mark.parametrize("rows", [1, 8])
def test_all_cells_are_seen_at_once_in_a_bottom_row(qtbot, view, fake_bridge, rows):
    kinds = list(entries_of(Optimizer))[:rows]
    command = RatePlan(kinds=tuple(kinds)).command(SGD())
    losses = np.full((rows, 11), 0.012345)
    present(qtbot, view, fake_bridge, grid_of(command, ["l" * 11] * rows, losses))
    assert (view.width(), view.height()) == (700, 300)
    last = view.table.visualRect(view.model.index(rows - 1, 10))
    assert view.table.viewport().rect().contains(last)
    assert last.height() >= 16
    view.grab()


def test_an_unchanged_grid_is_not_shown_again(qtbot, tried, fake_bridge, monkeypatch):
    shown = []
    monkeypatch.setattr(tried.model, "show_grid", shown.append)
    fake_bridge.present_contest(Contest(version=9, grid=TRIED))
    tried._draw()
    assert shown == []


@pytest.mark.parametrize("width", [480, 700])
def test_no_tool_lies_over_another_however_narrow_the_view(qtbot, view, qapp, width):
    view.resize(width, 300)
    qapp.processEvents()
    tools = view.tools
    parts = (tools.run, tools.optimizers, tools.low, tools.high, tools.columns, tools.steps)
    assert_side_by_side(tools, parts)


def test_rates_that_would_touch_are_left_out_over_their_columns(qtbot, view, fake_bridge, qapp):
    header = view.table.horizontalHeader()
    view.resize(1200, 300)
    qapp.processEvents()
    assert header.apart() == 1
    view.resize(480, 300)
    qapp.processEvents()
    texts = [str(view.model.headerData(i, Qt.Orientation.Horizontal)) for i in range(11)]
    widest = max(map(QFontMetrics(header.font()).horizontalAdvance, texts))
    assert header.apart() * header.sectionSize(0) > widest
    view.grab()
