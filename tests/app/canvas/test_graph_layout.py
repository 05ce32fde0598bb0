from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.canvas.dragging import gap_in_row
from app.canvas.hits import REACH, beside, distance_to, hit
from app.canvas.model.blocks import grid_of, heat
from app.canvas.model.layout import NODES_AT_MOST, lay_out
from app.canvas.model.stack import NetworkStage, stages_of
from app.canvas.model.viewport import Viewport, fit
from app.link.focus import Spot
from core.experiment.layers import BatchNorm, Dense, Residual
from tests.app.fakes import snapshot_of
from tests.app.graphs import CNN, WORKED, standing
from tests.core.experiments import tiny

ROOM = (1000.0, 640.0)


def dense_stages(*units):
    stages = [NetworkStage((), None, (units[0],), (units[0],))]
    for index, (before, after) in enumerate(pairwise(units)):
        layer = Dense(units=after)
        stages.append(NetworkStage((index,), layer, (before,), (after,)))
    return stages


widths = st.lists(st.integers(1, 40), min_size=1, max_size=6)


@given(widths)
@settings(max_examples=60, deadline=None)
def test_columns_stand_from_left_to_right_inside_the_bounds(units):
    layout = lay_out(dense_stages(*units), ROOM)
    right = [column.box.x + column.box.width for column in layout.columns]
    left = [column.box.x for column in layout.columns]
    assert all(end < start for end, start in zip(right, left[1:], strict=False))
    assert right[-1] < layout.loss.x
    for column in layout.columns:
        assert layout.bounds.holds(column.box.x, column.box.y)
        assert layout.bounds.holds(
            column.box.x + column.box.width, column.box.y + column.box.height
        )


@given(widths)
@settings(max_examples=60, deadline=None)
def test_nodes_never_touch_and_wide_layers_are_blocks(units):
    layout = lay_out(dense_stages(*units), ROOM)
    for column, width in zip(layout.columns, units, strict=True):
        assert column.is_block == (width > NODES_AT_MOST)
        if not column.is_block:
            assert column.units.tolist() == list(range(width))
            assert (np.diff(column.centres[:, 1]) > 2 * layout.radius).all()


@given(widths)
@settings(max_examples=60, deadline=None)
def test_each_weight_between_two_rows_of_nodes_has_one_edge(units):
    layout = lay_out(dense_stages(*units), ROOM)
    for links, before, here in zip(layout.links, units, units[1:], strict=False):
        if max(before, here) > NODES_AT_MOST:
            assert links is None
            continue
        pairs = set(zip(links.targets.tolist(), links.sources.tolist(), strict=True))
        assert pairs == {(t, s) for t in range(here) for s in range(before)}
        assert len(links.targets) == before * here


def test_a_layer_without_weights_is_joined_one_to_one():
    layout = lay_out(stages_of(standing(WORKED)), ROOM)
    activation = layout.links[0]
    assert not activation.weighted
    assert activation.targets.tolist() == activation.sources.tolist() == [0, 1]


def test_an_opened_block_shows_the_units_asked_for_with_their_edges():
    layout = lay_out(dense_stages(3, 64, 2), ROOM, {(0,): (50, 7, 9)})
    assert layout.columns[1].units.tolist() == [7, 9, 50]
    assert layout.edges == 3 * 3 + 3 * 2
    assert set(layout.links[1].sources.tolist()) == {7, 9, 50}


def test_images_are_blocks_and_fill_the_height_when_the_row_is_long():
    layout = lay_out(stages_of(standing(CNN)), ROOM)
    assert [column.is_block for column in layout.columns] == [True] * 8 + [False]
    view = fit(layout.bounds, *ROOM)
    assert layout.bounds.height * view.scale > 0.5 * ROOM[1]


def test_a_residual_group_stands_behind_its_own_layers():
    layers = (
        Dense(units=4),
        Residual(layers=(Dense(units=4), BatchNorm())),
        Dense(units=1),
    )
    stages = stages_of(snapshot_of(tiny(layers=layers)))
    assert [stage.path for stage in stages] == [(), (0,), (1, 0), (1, 1), (1,), (2,)]
    assert stages[4].group == 2
    layout = lay_out(stages, ROOM)
    assert gap_in_row(layout, (), layout.columns[2].box.centre[0]).index == 1
    into = gap_in_row(layout, (1,), layout.columns[3].box.centre[0] - 1)
    assert into.path == (1, 1)


def test_before_the_network_is_built_there_are_no_columns():
    assert stages_of(replace(standing(WORKED), layers=())) == ()


shapes = st.one_of(
    st.tuples(st.integers(1, 300)),
    st.tuples(st.integers(1, 40), st.integers(1, 30), st.integers(1, 30)),
)


@given(shapes, st.data())
@settings(max_examples=80, deadline=None)
def test_each_number_of_a_block_is_found_where_it_is_drawn(shape, data):
    grid = grid_of(shape, 128, 420)
    maps, rows, columns = grid.shape
    index = data.draw(st.integers(0, maps - 1))
    i, j = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    x, y = grid.corner(index, i, j)
    assert grid.number_at(x + grid.cell / 2, y + grid.cell / 2) == (index, i, j)
    values = np.arange(maps * rows * columns, dtype=float).reshape(shape)
    spread = grid.spread(values)
    assert spread.shape == grid.cells
    row, column = int(y / grid.cell + 0.5), int(x / grid.cell + 0.5)
    assert spread[row, column] == values.reshape(grid.shape)[index, i, j]
    assert np.nansum(spread) == values.sum()
    assert grid.width <= 128.001
    assert grid.height <= 420.001


def test_colours_tell_sign_and_magnitude_and_leave_what_is_unknown_clear():
    colours = ("#0000ff", "#ff0000", "#000000")
    picture = heat(np.array([[2.0, -2.0, 0.0, np.nan, 1.0]]), 2.0, colours)
    assert picture[0, 0].tolist() == [0, 0, 255, 255]
    assert picture[0, 1].tolist() == [255, 0, 0, 255]
    assert picture[0, 2].tolist() == [0, 0, 0, 255]
    assert picture[0, 3, 3] == 0
    assert picture[0, 4, 2] in (127, 128)


@given(st.floats(0.3, 4), st.floats(-300, 300), st.floats(-300, 300), st.floats(0.2, 5))
def test_zooming_keeps_what_lies_under_the_pointer(scale, x, y, factor):
    view = Viewport(scale, 17.0, -9.0)
    before = view.to_world(x, y)
    after = view.zoomed(factor, x, y).to_world(x, y)
    assert after == pytest.approx(before, abs=1e-6)


coordinate = st.floats(-100, 100)


@given(st.tuples(*[coordinate] * 6))
def test_the_distance_to_an_edge_is_that_to_its_nearest_point(numbers):
    x1, y1, x2, y2, x, y = numbers
    along = np.linspace(0, 1, 2001)[:, None]
    points = np.array([x1, y1]) + along * np.array([x2 - x1, y2 - y1])
    nearest = np.hypot(*(points - [x, y]).T).min()
    found = distance_to(np.array([[x1, y1, x2, y2]]), x, y)[0]
    assert found == pytest.approx(nearest, abs=0.1)


@pytest.mark.parametrize("scale", [0.4, 1.0, 3.0])
def test_a_thin_edge_is_met_six_pixels_away_at_any_zoom(scale):
    layout = lay_out(dense_stages(1, 1), ROOM)
    view = Viewport(scale, 5.0, 5.0)
    x1, y1, x2, y2 = view.to_screen(layout.links[0].lines[0])
    x, y = (x1 + x2) / 2, (y1 + y2) / 2
    assert hit(layout, view, x, y + REACH - 0.1).spot == Spot((0,), 0, 0)
    assert hit(layout, view, x, y + REACH + 0.1).spot is None


def test_a_node_goes_before_the_edges_that_end_in_it():
    layout = lay_out(dense_stages(2, 3), ROOM)
    x, y = layout.columns[1].centres[1]
    assert hit(layout, Viewport(), x - layout.radius + 1, y).spot == Spot((0,), 1)


def test_a_pixel_of_a_block_is_met_with_its_channel():
    layout = lay_out(stages_of(standing(CNN)), ROOM)
    column = layout.columns[1]
    left, top = column.grid.corner(5, 7, 3)
    half = column.grid.cell / 2
    found = hit(layout, Viewport(), column.box.x + left + half, column.box.y + top + half)
    assert found.spot == Spot((0,), 5, pixel=(7, 3))


def test_arrow_keys_lead_to_the_neighbours_and_stop_at_the_ends():
    layout = lay_out(dense_stages(2, 3, 1), ROOM)
    assert beside(layout, Spot((), 0), 0, 1) == Spot((), 1)
    assert beside(layout, Spot((), 1), 0, 1) is None
    assert beside(layout, Spot((), 0), -1, 0) is None
    assert beside(layout, Spot((0,), 1), 1, 0) == Spot((1,), 0)
    # The nodes of three and of one share the middle; the first of two is nearest to the first.
    assert beside(layout, Spot((1,), 0), -1, 0) == Spot((0,), 1)
    assert beside(layout, Spot((0,), 0), -1, 0) == Spot((), 0)
