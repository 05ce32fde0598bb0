"""Round numbers of axes: labels keep apart, ends stay possible, and each number has one writing."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF, QPainter, QPixmap

from app.kit import theme
from app.kit.numbers import (
    four_digits,
    full_number,
    in_full,
    percent,
    read_number,
    round_number,
    short_number,
    whole,
)
from app.kit.plots.axes import EpochAxis, RateAxis, StepAxis, ValueAxis
from app.kit.plots.ticks import nice_range, round_factors, round_up, round_values, spacing_of
from app.train.curves.plot import CurvePlot
from core.messages.curves import Curve

FREELY = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
"""The application is the same for all examples."""

WIDTHS = st.floats(40, 2000)
ENDS = st.tuples(st.floats(-1e7, 1e7), st.floats(1e-4, 1e7))


def labels_of(axis, low, high, size):
    """The labels from the first to the last: where they stand in pixels, and what they say."""
    axis.setTickFont(theme.number_font(9))
    return [
        ((place - low) / (high - low) * size, text)
        for spacing, places in axis.tickValues(low, high, size)
        for place, text in zip(places, axis.tickStrings(places, 1.0, spacing), strict=True)
    ]


def assert_apart(axis, low, high, size):
    metrics = QFontMetricsF(theme.number_font(9))
    upright = axis.orientation == "left"
    rows = [
        (at, metrics.height() if upright else metrics.horizontalAdvance(text))
        for at, text in labels_of(axis, low, high, size)
    ]
    least = 0.0 if upright else metrics.averageCharWidth() / 2
    for (at, room), (after, next_room) in pairwise(rows):
        assert after - next_room / 2 - (at + room / 2) >= least
    assert all(-1 <= at <= size + 1 for at, _ in rows)


@FREELY
@given(st.integers(0, 10_000_000), st.floats(1, 1e7), WIDTHS)
def test_no_step_runs_into_the_next(qapp, low, span, width):
    assert_apart(StepAxis(), low, low + span, width)


@FREELY
@given(st.integers(1, 100_000), st.floats(0, 1e6), st.floats(10, 1e7), WIDTHS)
def test_no_epoch_runs_into_the_next(qapp, every, low, span, width):
    axis = EpochAxis(named=True)
    axis.steps_per_epoch = every
    assert_apart(axis, low, low + span, width)


@FREELY
@given(ENDS, WIDTHS, st.booleans(), st.sampled_from(["left", "bottom"]))
def test_no_value_runs_into_the_next(qapp, ends, size, percents, side):
    low, span = ends
    assert_apart(ValueAxis(side, percents=percents), low, low + span, size)


@FREELY
@given(st.floats(-40, 10), st.floats(0.01, 30), WIDTHS)
def test_no_power_of_ten_runs_into_the_next(qapp, low, span, size):
    upright = ValueAxis()
    upright.logarithmic = True
    for axis in (upright, RateAxis()):
        assert_apart(axis, low, low + span, size)


@FREELY
@given(ENDS, st.floats(120, 2000))
def test_where_there_is_room_some_values_are_named_and_all_differ(qapp, ends, size):
    low, span = ends
    assume(span > 1e-6 * abs(low))
    texts = [text for _, text in labels_of(ValueAxis(), low, low + span, size)]
    assert texts
    assert len(set(texts)) == len(texts)


@FREELY
@given(st.floats(-12, 6), st.floats(0.001, 20), st.floats(120, 2000))
def test_a_logarithmic_axis_names_values_however_narrow_it_is(qapp, low, span, size):
    axis = ValueAxis()
    axis.logarithmic = True
    texts = [text for _, text in labels_of(axis, low, low + span, size)]
    assert texts
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("width", [260, 420, 700, 1100])
@pytest.mark.parametrize("last", [9, 1200, 104_000, 12_500_000])
def test_labels_as_they_are_painted_keep_apart(qtbot, width, last):
    """Seen was ``1,0001,1001,200``."""
    plot = CurvePlot()
    qtbot.addWidget(plot)
    plot.resize(width, 240)
    plot.show_curves(Curve(np.arange(1, 4) * last // 3, np.float32([0.9, 0.5, 0.1])), Curve())
    plot.set_epoch(max(1, last // 30), several=True)
    plot.fit(last)
    plot.grab()
    pixmap = QPixmap(8, 8)
    painter = QPainter(pixmap)
    for axis in (plot.steps, plot.epochs, plot.values):
        rooms = [QRectF(room) for room, *_ in axis.generateDrawSpecs(painter)[2]]
        assert rooms
        assert not any(one.intersects(other) for one, other in pairwise(rooms))
    painter.end()


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_what_is_never_below_zero_has_no_axis_below_zero(one, other):
    low, high = sorted((one, other))
    bottom, top = nice_range(low, high)
    assert 0 <= bottom <= low
    assert high <= top
    assert bottom < top


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 0.5))
def test_an_axis_of_shares_stays_within_all_and_nothing_and_blows_up_no_noise(one, other, least):
    low, high = sorted((one, other))
    bottom, top = nice_range(low, high, least=least, within=(0.0, 1.0))
    assert 0 <= bottom <= low <= high <= top <= 1
    assert top - bottom >= least * (1 - 1e-9)


@pytest.mark.parametrize("shares", [[0.0, 0.4], [0.0], [0.0875], [0.086, 0.089], [1.0], [0.3, 1.0]])
def test_accuracy_is_neither_less_than_nothing_nor_more_than_all(qtbot, shares):
    """Seen were an axis down to -20 %, and one from 8.6 % to 8.9 %."""
    plot = CurvePlot(percents=True)
    qtbot.addWidget(plot)
    plot.show_curves(Curve(np.arange(len(shares)), np.float32(shares)), Curve())
    plot.fit(10.0)
    low, high = plot.getViewBox().viewRange()[1]
    assert 0 <= low <= min(np.float32(shares))
    assert max(np.float32(shares)) <= high <= 1
    assert high - low >= 0.0999


@given(st.floats(1e-9, 1e9), st.floats(1, 50))
def test_round_values_are_multiples_of_one_two_or_five(span, most):
    spacing = spacing_of(span, most)
    assert f"{spacing:.0e}"[0] in "125"
    assert span / spacing <= most * (1 + 1e-5)
    values = round_values(0.0, span, spacing)
    assert values[0] == 0
    np.testing.assert_allclose(np.diff(values), spacing, rtol=1e-9)


@given(st.floats(-12, 12), st.floats(0.01, 20), st.integers(2, 40))
def test_round_factors_rise_lie_between_and_are_round(low, span, most):
    values = round_factors(low, low + span, most)
    assert values == sorted(set(values))
    assert len(values) <= most + 1
    for value in values:
        assert low - 1e-6 <= math.log10(value) <= low + span + 1e-6


def test_a_scale_without_any_value_ends_at_one():
    assert round_up(0.0) == 1.0


@pytest.mark.parametrize(
    ("value", "measured", "chosen", "narrow"),
    [
        (0.1, "0.1000", "0.1", "0.1"),
        (1234.5, "1,234", "1234", "1,234"),
        (1e-5, "1.000e-5", "1e-5", "1e-5"),
        (3.2e-4, "0.0003200", "0.00032", "3.2e-4"),
        (-2e7, "−2.000e7", "-2e7", "−2e7"),
        (0.0, "0.000", "0", "0"),
    ],
)
def test_a_number_is_written_by_what_it_is(value, measured, chosen, narrow):
    texts = four_digits(value), short_number(value), round_number(value)
    assert texts == (measured, chosen, narrow)


@given(st.floats(-1e30, 1e30, allow_subnormal=False), st.integers(1, 10))
def test_what_may_be_typed_is_read_again(value, digits):
    assert read_number(full_number(value)) == value
    assert read_number(short_number(value, digits)) == pytest.approx(
        value, rel=10.0 ** (1 - digits)
    )


@pytest.mark.parametrize("ends", [(-0.04, 0.06), (0.05, 0.13), (-3.0, 8.0), (0.4, 0.9)])
def test_a_low_axis_names_two_values_and_never_only_zero(qapp, ends):
    found = [place for _, places in ValueAxis().tickValues(*ends, 44.0) for place in places]
    assert len(found) >= 2


def test_what_is_read_has_a_true_minus_and_what_is_typed_or_copied_a_hyphen():
    shown = (four_digits(-0.25), round_number(-0.5), percent(-0.5), whole(-3), in_full(-0.5))
    assert shown == ("−0.2500", "−0.5", "−50.00%", "−3", "−0.5")
    assert (short_number(-0.5), full_number(-0.5)) == ("-0.5", "-0.5")
    assert read_number("−0.5") == read_number("-0.5") == -0.5
