import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.surface.shared import contours as surface_lines
from app.surface.shared.contours import Frame, contour_lines, levels_between, place_labels, thinned
from app.surface.shared.grid import downhill, finer, steepest, value_at
from tests.app.landscapes import bowl, plane_of

FRAME = Frame(-2.0, -1.0, (150.0, 130.0), (600.0, 520.0))
WIDE = (-1e9, 1e9)


def grid(points, low=-2.0, high=2.0):
    axis = np.linspace(low, high, points)
    return axis, axis.copy(), np.meshgrid(axis, axis)


@settings(max_examples=30)
@given(arrays(np.float64, (5, 7), elements=st.floats(-3, 3)), st.integers(1, 5), st.booleans())
def test_a_finer_grid_passes_through_all_points(drawn, times, logarithmic):
    fine = finer(drawn, (-3.0, 3.0), times, logarithmic=logarithmic)
    assert fine.shape == (4 * times + 1, 6 * times + 1)
    np.testing.assert_allclose(fine[::times, ::times], drawn, atol=1e-9)


def test_a_parabola_is_found_between_its_points():
    _, _, (x, y) = grid(9)
    _, _, (fine_x, fine_y) = grid(33)
    fine = finer(x**2 + 3 * y**2 + x * y, WIDE, 4)
    truth = fine_x**2 + 3 * fine_y**2 + fine_x * fine_y
    inner = (slice(4, -4), slice(4, -4))  # at the borders a neighbour is missing
    np.testing.assert_allclose(fine[inner], truth[inner], atol=1e-9)


def test_the_ground_of_a_narrow_valley_is_no_string_of_pits():
    _, _, (x, y) = grid(33)
    losses = 1e-3 + 40 * (y - 0.7 * x) ** 2
    fine = finer(np.log10(losses), (-3.0, 3.0), 8, logarithmic=True)
    _, _, (fine_x, fine_y) = grid(257)
    ground = (np.abs(fine_y - 0.7 * fine_x) < 0.004) & (np.abs(fine_x) < 1.5)
    plain = finer(np.log10(losses), (-3.0, 3.0), 8)
    # Its true height is -3 all along.
    assert np.abs(fine[ground] + 3).mean() < np.abs(plain[ground] + 3).mean() / 2


@settings(max_examples=30)
@given(arrays(np.float64, (6, 6), elements=st.floats(-3, 3)))
def test_no_valley_is_drawn_deeper_than_what_was_computed_beside_it(drawn):
    fine = finer(drawn, (-3.0, 3.0), 4, logarithmic=True)
    assert fine.min() >= drawn.min() - 1e-9


def test_a_gap_stays_a_gap_and_spoils_nothing_else():
    drawn = np.ones((9, 9))
    drawn[4, 4] = np.nan
    drawn[0] = np.nan
    fine = finer(drawn, (0.0, 2.0), 4)
    assert np.isnan(fine[16, 16])
    assert np.isnan(fine[0]).all()
    np.testing.assert_allclose(fine[20:, 20:], 1.0)
    assert np.isnan(finer(np.full((5, 5), np.nan), (0.0, 1.0), 3)).all()


@given(st.floats(-2, 2), st.floats(-2, 2))
def test_a_value_between_four_points_is_bilinear(x, y):
    across, up, (grid_x, grid_y) = grid(5)
    values = 2 + 3 * grid_x - grid_y + grid_x * grid_y
    assert value_at(across, up, values, (x, y)) == pytest.approx(2 + 3 * x - y + x * y)


def test_there_is_no_value_off_the_grid_and_nan_beside_a_gap():
    across, up, (x, _) = grid(5)
    assert value_at(across, up, x, (2.01, 0)) is None
    holed = x.copy()
    holed[0, 0] = np.nan
    assert np.isnan(value_at(across, up, holed, (-1.9, -1.9)))
    assert value_at(across, up, holed, (-1.0, -1.0)) == pytest.approx(-1.0)


def test_arrows_point_downhill():
    across, up, (x, y) = grid(41)
    plane = plane_of(norms=(1.0, 1.0))
    points = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    found = downhill(across, up, bowl(x, y), plane, points)
    np.testing.assert_allclose(found, [[-1, 0], [0, -4], [-1, -4]], atol=1e-9)


def test_arrows_go_where_gradient_descent_would_on_axes_of_any_length_and_angle():
    # A quadratic loss of three parameters, and a plane whose axes are skew.
    hessian = np.diag([1.0, 5.0, 2.0])
    first, second = np.array([2.0, 0.0, 0.0]), np.array([1.0, 1.0, 0.0])
    norms = (np.linalg.norm(first), np.linalg.norm(second))
    plane = plane_of(norms=norms, cosine=first @ second / (norms[0] * norms[1]))
    state = 0.3 * first - 0.7 * second
    gradient = hessian @ state
    slopes = np.array([[first @ gradient, second @ gradient]])
    way = steepest(plane, -slopes)[0]
    np.testing.assert_allclose(way[0] * first + way[1] * second, -gradient, atol=1e-9)


def test_contours_run_where_the_surface_has_their_value():
    across, up, (x, y) = grid(129)
    drawn = bowl(x, y)
    levels = levels_between((0.0, 10.0), logarithmic=False)
    lines = contour_lines(across, up, drawn, levels)
    assert len(lines) == len(levels) == 9
    for level, parts in zip(levels, lines, strict=True):
        for line in parts:
            np.testing.assert_allclose(bowl(*line.T), level.value, atol=0.02)


def test_no_contour_runs_through_a_gap():
    across, up, (x, y) = grid(65)
    drawn = np.where(x > 0, np.nan, bowl(x, y))
    lines = contour_lines(across, up, drawn, levels_between((0.0, 10.0), logarithmic=False))
    assert max(line[:, 0].max() for parts in lines for line in parts) <= 0


def test_thinning_keeps_ends_and_corners_and_drops_what_is_straight():
    straight = np.stack([np.linspace(0, 1, 101), np.linspace(0, 2, 101)], -1)
    thin = thinned(straight)
    assert len(thin) < 60
    np.testing.assert_array_equal(thin[[0, -1]], straight[[0, -1]])
    corner = np.array([[0.0, 0], [1, 0], [2, 0], [3, 0], [4, 0], [4, 1], [4, 2], [4, 3], [5, 3]])
    kept = {tuple(point) for point in thinned(corner)}
    assert {(0, 0), (4, 0), (4, 3), (5, 3)} <= kept
    assert len(kept) < len(corner)


def circles():
    around = np.linspace(0, 2 * np.pi, 200)
    return [[radius * np.stack([np.cos(around), np.sin(around) + 1], -1)] for radius in (0.5, 0.9)]


def test_each_contour_gets_one_label_on_its_line():
    lines = circles()
    labels = place_labels(lines, FRAME, [])
    assert [label.level for label in labels] == [0, 1]
    for label, parts in zip(labels, lines, strict=True):
        offsets = FRAME.pixels(parts[0]) - FRAME.pixels(np.array([label.point]))
        assert np.hypot(*offsets.T).min() < 5


def test_labels_keep_clear_of_paths_and_of_one_another():
    path = np.array([[0.0, -1.0], [0.0, 3.0]])
    labels = place_labels(circles(), FRAME, [path])
    points = FRAME.pixels(np.array([label.point for label in labels]))
    assert (np.abs(points[:, 0] - FRAME.pixels(path)[0, 0]) > 20).all()
    assert np.hypot(*(points[0] - points[1])) > 70


def test_a_label_stays_where_it_is_while_the_contour_moves_a_little():
    first = place_labels(circles(), FRAME, [])
    moved = [[part * 1.01 for part in parts] for parts in circles()]
    second = place_labels(moved, FRAME, [], first)
    for before, after in zip(first, second, strict=True):
        offset = FRAME.pixels(np.array([before.point])) - FRAME.pixels(np.array([after.point]))
        assert np.hypot(*offset[0]) < 20


def test_a_contour_too_short_for_its_label_gets_none():
    tiny = [[0.02 * part for part in parts] for parts in circles()]
    assert place_labels(tiny, FRAME, []) == ()


def test_labels_of_a_line_a_million_pictures_long_are_looked_for_at_few_places():
    line = np.array([[0.0, 0.0], [1e12, 1e11]])
    pieces = surface_lines._pieces(line)
    assert pieces is not None
    assert all(len(places) < 100_000 for places in pieces)
    assert all(np.isfinite(places).all() for places in pieces)
