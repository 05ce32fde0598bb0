"""Formulas grow with the room of their panel, by steps, and never below their own size."""

import pytest

from app.kit import theme
from app.step.formula.view import FormulaView
from app.window.perspectives import DockColumn
from tests.app.stepped import standing, whole_place


@pytest.fixture
def view(qtbot, bridge, record):
    widget = FormulaView(bridge)
    qtbot.addWidget(widget)
    widget.resize(432, 700)
    widget.show()
    bridge.present(standing(record, whole_place(record, 0)))
    return widget


def letters(view):
    """How large the letters are drawn, of what they are in a laptop's panel."""
    return view.card.rule.placed(2000)[0].area.height()


@pytest.mark.parametrize(("units", "factor"), [(40, 1.0), (67, 1.0), (68, 1.25), (84, 1.5)])
def test_letters_grow_by_steps(view, units, factor):
    small = letters(view)
    view.resize(theme.space(units), 700)
    assert letters(view) == pytest.approx(small * factor)
    assert view.sentence.font().pointSizeF() == pytest.approx(theme.points(11) * factor)
    view.resize(432, 700)
    assert letters(view) == pytest.approx(small)


def test_within_a_step_no_pixel_changes_them(view):
    before = letters(view)
    for width in range(420, 530, 7):
        view.resize(width, 700)
        assert letters(view) == before


def test_the_panel_has_more_of_a_wide_window_and_no_less_of_a_narrow_one():
    column = DockColumn(("formula",), 432, share=0.3)
    assert [column.width_in(width, 1.0) for width in (1280, 1440, 1920)] == [432, 432, 576]
    assert DockColumn(("graph",)).width_in(1920, 1.0) == 0
