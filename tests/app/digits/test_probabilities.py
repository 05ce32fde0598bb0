from itertools import groupby

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication

from app.digits.probabilities import ProbabilityBars
from app.kit import theme

SURE = np.array([0.01, 0, 0, 0, 0, 0, 0, 0.9821, 0, 0.0079], np.float32)


@pytest.fixture
def bars(qtbot):
    widget = ProbabilityBars()
    qtbot.addWidget(widget)
    widget.resize(190, 190)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def bar_lengths(bars):
    """The painted length of each row's bar: the longest run of a bar's colour in its middle."""
    bars.show_probabilities(SURE)
    shown = bars.grab().toImage()
    colours = {QColor(theme.current().text).rgb(), QColor(theme.current().disabled).rgb()}
    height = bars.height() / 10
    rows = [int((row + 0.5) * height) + 1 for row in range(10)]
    return [longest_run([shown.pixel(x, y) in colours for x in range(bars.width())]) for y in rows]


def longest_run(flags):
    return max((len(list(run)) for flag, run in groupby(flags) if flag), default=0)


def test_the_largest_probability_has_the_longest_bar(bars):
    lengths = bar_lengths(bars)
    assert max(range(10), key=lengths.__getitem__) == 7
    assert lengths[7] > 20
    assert lengths[3] < 5  # a stroke of a letter may have the colour of a bar


def test_percentages_stand_beside_the_bars_and_the_largest_is_named(bars):
    bars.show_probabilities(SURE)
    assert bars.largest == 7
    assert bars.percent(7) == "98.21%"
    assert "7" in bars.accessibleDescription()
    assert "98.21%" in bars.accessibleDescription()


def test_empty_bars_read_nothing(bars):
    bars.show_probabilities(SURE)
    bars.show_probabilities(None)
    assert bars.largest is None
    assert bars.percent(7) == ""


def test_numbers_that_are_not_finite_are_shown_and_nothing_is_read(bars):
    bars.show_probabilities(np.full(10, np.nan, np.float32))
    bars.grab()
    assert bars.largest is None
    assert bars.percent(0) == "NaN"


def test_of_many_classes_the_ten_most_probable_show_first(bars):
    bars.show_classes(tuple(f"class {i}" for i in range(26)))
    values = np.linspace(0, 1, 26, dtype=np.float32)
    bars.show_probabilities(values / values.sum())
    bars.grab()
    assert bars.rows() == list(range(25, 15, -1))


def test_copying_gives_names_and_all_digits(qtbot, bars):
    bars.show_probabilities(SURE)
    qtbot.keyClick(bars, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 10
    name, value = lines[7].split("\t")
    assert name == "7"
    assert np.float32(float(value)) == SURE[7]
