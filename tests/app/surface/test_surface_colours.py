from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.kit import theme
from app.surface.map.drawing import drawing_of
from app.surface.map.legend import written
from app.surface.relief.axes import one_tick
from app.surface.shared import colours
from app.surface.shared.contours import MOST, level_text, level_texts, levels_between
from tests.app.landscapes import bowl, rosenbrock, surface_of

THEMES = ("light", "dark")


@pytest.fixture(params=THEMES)
def dressed(qapp, request):
    before = qapp.property("chainruleTheme")
    qapp.setProperty("chainruleTheme", request.param)
    yield request.param
    qapp.setProperty("chainruleTheme", before)


def of(values):
    """A surface whose loss is the array."""
    values = np.asarray(values, np.float32)
    return surface_of(lambda x, y: values, points=len(values), accuracy=False)


def cielab(rgb):
    """(n, 3) bytes -> CIE L*a*b*, by the standard's own formulas (D65)."""
    part = np.asarray(rgb, float) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    xyz = linear @ np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    ).T / (0.9505, 1.0, 1.089)  # fmt: skip
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.stack([116 * f[:, 1] - 16, 500 * (f[:, 0] - f[:, 1]), 200 * (f[:, 1] - f[:, 2])], -1)


def as_deuteranope(rgb):
    """What is left of colours without the green cones (Machado et al. 2009, severity 1)."""
    part = np.asarray(rgb, float) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    seen = linear @ np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ).T  # fmt: skip
    seen = np.clip(seen, 0, 1)
    return 255 * np.where(seen <= 0.0031308, seen * 12.92, 1.055 * seen ** (1 / 2.4) - 0.055)


def test_higher_is_always_lighter(dressed):
    lightness = cielab(colours.table()[::8])[:, 0]
    assert (np.diff(lightness) > 0).all()
    assert lightness[-1] - lightness[0] > 60


def test_higher_is_always_lighter_without_green_cones_too(dressed):
    seen = cielab(as_deuteranope(colours.table()[::8]))
    assert (np.diff(seen[:, 0]) > 0).all()


def test_equal_heights_are_about_equally_visible_steps(dressed):
    steps = np.linalg.norm(np.diff(cielab(colours.table()[::15]), axis=0), axis=1)
    assert steps.max() < 2.5 * steps.min()


def test_both_themes_have_colours_of_their_own(qapp):
    tables = []
    for name in THEMES:
        qapp.setProperty("chainruleTheme", name)
        tables.append(colours.table())
    qapp.setProperty("chainruleTheme", None)
    assert not np.array_equal(*tables)


def test_the_logarithm_of_the_loss_is_drawn_when_asked_for(qapp):
    surface = of([[1, 10, 100], [0.1, 1, 10], [1000, 1, 1]])
    np.testing.assert_allclose(
        colours.heights(surface, "loss", True), [[0, 1, 2], [-1, 0, 1], [3, 0, 0]], atol=1e-6
    )
    np.testing.assert_array_equal(colours.heights(surface, "loss", False), surface.loss)


def test_a_perfect_minimum_is_the_ground_and_no_hole(qapp):
    drawn = colours.heights(of([[0, 0.1, 1], [1, 1, 1], [1, 1, 10]]), "loss", True)
    assert drawn[0, 0] == pytest.approx(-1)
    assert np.isfinite(drawn).all()


def test_losses_below_zero_are_drawn_as_they_are(qapp):
    surface = of([[-78, 3, 4], [0, 1, 2], [5, 6, 7]])
    assert not colours.is_logarithmic(surface, "loss", True)
    np.testing.assert_array_equal(colours.heights(surface, "loss", True), surface.loss)


def test_zero_less_a_rounding_error_is_zero(qapp):
    assert colours.is_logarithmic(of([[-1e-8, 1], [2, 3]]), "loss", True)


@pytest.mark.parametrize("is_log", [False, True])
def test_what_is_not_finite_has_no_height(qapp, is_log):
    drawn = colours.heights(of([[np.nan, 1, np.inf], [2, 3, -np.inf], [1, 1, 1]]), "loss", is_log)
    np.testing.assert_array_equal(
        np.isnan(drawn), [[True, False, True], [False, False, True], [False] * 3]
    )


def test_accuracy_is_never_logarithmic_and_only_offered_where_there_is_one(qapp):
    surface = surface_of(rosenbrock)
    assert colours.quantities(surface) == ("loss", "accuracy")
    np.testing.assert_array_equal(colours.heights(surface, "accuracy", True), surface.accuracy)
    assert colours.quantities(surface_of(rosenbrock, accuracy=False)) == ("loss",)


def test_penalties_are_offered_only_where_they_add_something(qapp):
    surface = surface_of(bowl, penalty=0.5, accuracy=False)
    assert colours.quantities(surface) == ("loss", "objective")
    drawn = colours.heights(surface, "objective", False)
    x, y = np.meshgrid(surface.x, surface.y)
    np.testing.assert_allclose(drawn, x**2 + 2.5 * y**2, rtol=1e-5, atol=1e-6)


def test_a_surface_without_the_quantity_shows_the_loss(qapp):
    surface = surface_of(bowl, accuracy=False)
    np.testing.assert_array_equal(colours.heights(surface, "accuracy", False), surface.loss)


def test_all_of_an_even_surface_gets_colours():
    assert colours.limits(np.linspace(2.0, 5.0, 400).reshape(20, 20)) == (2.0, 5.0)


def test_exploding_corners_do_not_take_the_colours_from_the_rest():
    drawn = np.linspace(0.0, 1.0, 400).reshape(20, 20)
    drawn[-1, -4:] = 1e30
    low, high = colours.limits(drawn)
    assert low == 0.0
    assert 0.9 < high < 1.1


def test_a_flat_surface_stands_in_the_middle_of_the_colours():
    drawn = np.full((5, 5), 3.0)
    np.testing.assert_allclose(colours.shares(drawn, colours.limits(drawn)), 0.5, atol=1e-3)


def test_what_rounding_leaves_on_flat_ground_has_no_contours():
    """Seen was a plane full of stripes: the loss of zero weights differs in its last bit."""
    ground = np.full((9, 9), 0.6931, np.float32)
    ground[::2] = np.nextafter(ground[::2], np.float32(1))
    drawing = drawing_of(of(ground), "loss", is_log=False, contours=True)
    assert drawing.levels
    assert not any(drawing.lines)


def test_limits_of_nothing_are_a_range_all_the_same():
    low, high = colours.limits(np.full((3, 3), np.nan))
    assert low < high


@given(
    arrays(
        np.float32,
        (6, 6),
        elements=st.floats(allow_nan=True, allow_infinity=True, width=32),
    ),
    st.booleans(),
)
def test_any_surface_has_limits_that_order_its_heights(values, is_log):
    drawn = colours.heights(of(values), "loss", is_log)
    low, high = colours.limits(drawn)
    assert low < high
    assert np.isfinite([low, high]).all()
    share = colours.shares(drawn, (low, high))
    np.testing.assert_array_equal(np.isnan(share), ~np.isfinite(values))
    known = share[np.isfinite(share)]
    assert ((known >= 0) & (known <= 1)).all()


def test_places_without_a_loss_are_grey_and_hatched(dressed):
    drawn = np.zeros((20, 20))
    drawn[:, 10:] = np.nan
    plain = colours.pixels(drawn, (0, 1))
    nowhere = colours.nowhere()
    grey = (nowhere.red(), nowhere.green(), nowhere.blue())
    assert max(grey) - min(grey) < 20
    np.testing.assert_array_equal(plain[:, 10:], np.broadcast_to(grey, (20, 10, 3)))
    np.testing.assert_array_equal(plain[:, :10], np.broadcast_to(colours.table()[0], (20, 10, 3)))
    hatched = colours.pixels(drawn, (0, 1), hatched=8)
    assert len(np.unique(hatched[:, 10:].reshape(-1, 3), axis=0)) == 2
    np.testing.assert_array_equal(hatched[:, :10], plain[:, :10])


def test_the_least_height_has_the_first_colour_and_the_greatest_the_last(dressed):
    shown = colours.pixels(np.array([[-1.0, 0.0, 2.0, 9.0]]), (0.0, 2.0))
    np.testing.assert_array_equal(shown[0], colours.table()[[0, 0, -1, -1]])
    assert colours.colour_at(1.0).getRgb()[:3] == tuple(colours.table()[-1])


def test_nothing_in_the_colours_is_one_of_the_colours_of_sign(dressed):
    tokens = theme.current()
    for token in (tokens.positive, tokens.negative):
        sign = cielab([[int(token[i : i + 2], 16) for i in (1, 3, 5)]])
        assert np.linalg.norm(cielab(colours.table()) - sign, axis=1).min() > 12


@given(st.floats(-50, 50, allow_subnormal=False), st.floats(1e-3, 100), st.booleans())
def test_contours_are_few_rise_and_lie_within_the_colours(low, span, logarithmic):
    low, span = (low / 10, span / 10) if logarithmic else (low, span)
    levels = levels_between((low, low + span), logarithmic=logarithmic)
    values = [level.value for level in levels]
    assert values == sorted(set(values))
    assert 3 <= len(levels) <= MOST + 2
    for level in levels:
        assert 0 < level.share < 1
        height = np.log10(level.value) if logarithmic else level.value
        assert level.height == pytest.approx(height, abs=1e-12)
        assert low + level.share * span == pytest.approx(height, abs=1e-9)


def test_contours_stand_at_round_values():
    texts = [level_text(level.value, "loss") for level in levels_between((0, 1), logarithmic=False)]
    assert texts == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7", "0.8", "0.9"]
    decades = levels_between((-4.5, 4.5), logarithmic=True)
    assert [level.value for level in decades] == pytest.approx([10.0**n for n in range(-4, 5)])


def test_a_flat_surface_has_one_value_in_the_middle_of_its_colours():
    for logarithmic in (False, True):
        drawn = colours.heights(of(np.full((9, 9), np.log(2))), "loss", logarithmic)
        limits = colours.limits(drawn)
        assert colours.is_flat(limits)
        (level,) = levels_between(limits, logarithmic=logarithmic)
        assert level.value == pytest.approx(np.log(2), rel=1e-6)
        assert level.share == 0.5
        ((share, text),) = [(tick.share, tick.text) for tick in one_tick(
            limits, logarithmic=logarithmic, percents=False
        )]  # fmt: skip
        assert (share, text) == (0.5, "0.6931")


def test_a_surface_that_rises_a_little_is_not_flat():
    values = 0.7 + 1e-5 * np.linspace(0, 1, 81).reshape(9, 9)
    drawn = colours.heights(of(values), "loss", False)
    assert not colours.is_flat(colours.limits(drawn))


@given(st.floats(1e-3, 1e3), st.floats(1e-5, 1), st.booleans())
def test_no_two_contours_say_the_same(low, share, logarithmic):
    low, span = (np.log10(low), share / 100) if logarithmic else (low, low * share)
    levels = levels_between((low, low + span), logarithmic=logarithmic)
    texts = level_texts([level.value for level in levels], "loss")
    assert len(set(texts)) == len(texts)


def test_shares_are_written_in_percent():
    assert level_text(0.85, "accuracy") == "85%"


@given(st.lists(st.floats(0, 1), max_size=12), st.floats(20, 400))
def test_values_beside_the_bar_neither_touch_nor_leave_it(shares, bar):
    height = 14.0
    ticks = tuple((share, f"{share:.3f}") for share in sorted(shares))
    shown = written(ticks, bar, height)
    assert all(0 <= top <= bar - height for top, _ in shown)
    tops = [top for top, _ in shown]
    assert all(a - b >= height * 0.95 for a, b in pairwise(tops))
    assert bool(shown) == bool(shares)
