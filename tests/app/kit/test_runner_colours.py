"""Eight runners can be told apart, whoever looks, in both themes."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from app.kit import theme
from app.kit.plots import style as runner_colours
from app.kit.plots.style import OWN, colour_of

# Machado, Oliveira and Fernandes 2009, severity 1.
SIGHTS = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deuteranopia": np.array(
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ]
    ),
    "tritanopia": np.array(
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ]
    ),
}
# Ottosson's OKLab.
TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
JUST_SEEN = 0.02
"""The difference in OKLab that is just noticed."""


def linear(colour):
    parts = np.array([QColor(colour).redF(), QColor(colour).greenF(), QColor(colour).blueF()])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def seen(colour, sight):
    rgb = np.clip(SIGHTS[sight] @ linear(colour), 0, 1)
    return TO_LAB @ np.cbrt(TO_CONES @ rgb)


@pytest.mark.parametrize("tokens", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
@pytest.mark.parametrize("sight", SIGHTS)
def test_no_two_colours_look_alike_with_any_colour_vision(tokens, sight):
    colours = [*tokens.runners, tokens.accent]
    distances = [
        np.linalg.norm(seen(one, sight) - seen(other, sight))
        for one, other in combinations(colours, 2)
    ]
    assert min(distances) > 3 * JUST_SEEN


@pytest.mark.parametrize("tokens", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_each_stands_out_from_the_surface_and_is_not_the_signs(tokens):
    light = [linear(colour) @ [0.2126, 0.7152, 0.0722] + 0.05 for colour in tokens.runners]
    surface = linear(tokens.surface) @ [0.2126, 0.7152, 0.0722] + 0.05
    assert min(max(one, surface) / min(one, surface) for one in light) > 2.8
    for sign in (tokens.positive, tokens.negative):
        distances = [
            np.linalg.norm(seen(c, "normal") - seen(sign, "normal")) for c in tokens.runners
        ]
        assert min(distances) > 3 * JUST_SEEN


@given(st.integers(0, 1000))
def test_colours_come_again_after_eight(id):
    assert colour_of(id) == colour_of(id + 8)


def test_the_own_run_has_the_accent(qapp):
    assert colour_of(OWN).name() == theme.current().accent
    assert len({runner_colours.colour_of(id).name() for id in range(8)}) == 8
