"""Grids from coarse to fine, and the surveyor that fills them."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.catalog.base import entries_of
from core.catalog.functions import LossFunction, Ravine
from core.errors import UserError
from core.landscape.losses.arena import Flat, Material, Route, Scores
from core.landscape.race.problems import FunctionArena
from core.landscape.surface.material import SurveyTask
from core.landscape.surface.surface import (
    COARSEST,
    coarse_to_fine,
    grid_points,
    objective_of,
    refined,
    sides,
)
from core.landscape.surface.survey import SurveyComputation
from core.landscape.surface.surveyor import Surveyor
from core.messages.surface_commands import SurveyRequest, Window
from core.messages.surface_views import Survey
from core.training.step import Interrupted

PLANE = Flat(torch.zeros(2), torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0]))
WINDOW = Window(-2.0, 3.0, -1.0, 1.5)


def never() -> bool:
    return False


@given(st.integers(5, 201))
def test_each_grid_halves_the_intervals_of_the_one_before(resolution: int) -> None:
    found = sides(resolution)
    assert found[-1] == resolution
    assert all(fine - 1 == 2 * (coarse - 1) for coarse, fine in pairwise(found))
    assert all(side >= COARSEST for side in found[:-1])


@given(st.integers(5, 201))
def test_no_point_is_asked_for_twice_and_none_is_left_out(resolution: int) -> None:
    asked: list[tuple[float, float]] = []
    coarser = None
    for side in sides(resolution):
        asked += [tuple(p) for p in grid_points(WINDOW, side, coarser).points().tolist()]
        coarser = side
    assert len(asked) == resolution**2
    x, y = np.array(asked).T
    wanted_x = np.linspace(WINDOW.left, WINDOW.right, resolution)
    wanted_y = np.linspace(WINDOW.bottom, WINDOW.top, resolution)
    columns = np.rint((x - WINDOW.left) / (wanted_x[1] - wanted_x[0])).astype(int)
    rows = np.rint((y - WINDOW.bottom) / (wanted_y[1] - wanted_y[0])).astype(int)
    np.testing.assert_allclose(x, wanted_x[columns], atol=1e-12)
    np.testing.assert_allclose(y, wanted_y[rows], atol=1e-12)
    assert len(set(zip(columns.tolist(), rows.tolist(), strict=True))) == resolution**2


def test_values_known_from_the_coarser_grid_stay_in_their_places() -> None:
    coarse = np.arange(9, dtype=np.float32).reshape(3, 3)
    fine = grid_points(Window(0, 1, 0, 1), 5, 3)
    values = refined(coarse, fine, torch.full((16,), -1.0))
    np.testing.assert_array_equal(values[::2, ::2], coarse)
    assert (values == -1).sum() == 16


@pytest.mark.parametrize("kind", entries_of(LossFunction))
def test_a_surface_of_a_function_is_the_function_at_each_point(kind: str) -> None:
    function = entries_of(LossFunction)[kind]()
    left, right, bottom, top = function.domain
    *_, last = coarse_to_fine(
        FunctionArena(function).on_plane(PLANE), Window(left, right, bottom, top), 33, never
    )
    x, y = torch.meshgrid(
        torch.linspace(left, right, 33, dtype=torch.float64),
        torch.linspace(bottom, top, 33, dtype=torch.float64),
        indexing="xy",
    )
    expected = function.value(x, y).numpy()
    np.testing.assert_allclose(last.loss, expected, rtol=1e-5, atol=1e-5)


def test_without_penalties_the_objective_is_the_very_loss() -> None:
    *_, last = coarse_to_fine(FunctionArena(Ravine()).on_plane(PLANE), WINDOW, 17, never)
    assert objective_of(last) is last.loss
    more = replace(last, penalty=np.full_like(last.loss, 0.5))
    np.testing.assert_array_equal(objective_of(more), last.loss + np.float32(0.5))


def test_an_interrupted_surface_says_so_at_once() -> None:
    class Busy:
        def scores(self, points: torch.Tensor, interrupted: Callable[[], bool]) -> Scores:
            if interrupted():
                raise Interrupted
            raise AssertionError("it was not asked")

    with pytest.raises(Interrupted):
        next(coarse_to_fine(Busy(), WINDOW, 17, lambda: True))


def test_progress_rises_to_the_whole() -> None:
    told: list[float] = []
    list(coarse_to_fine(FunctionArena(Ravine()).on_plane(PLANE), WINDOW, 65, never, told.append))
    assert told == sorted(told)
    assert told[-1] == 1.0


class Watched:
    """A surveyor whose surveys are kept, and can be waited for."""

    def __init__(self) -> None:
        self.surveys: list[Survey] = []
        self.defects: list[Exception] = []
        self._news = threading.Condition()
        self._request: SurveyRequest | None = None
        self._material: Material | None = None
        self.surveyor = Surveyor(self._take, self.defects.append)

    def ask(self, request: SurveyRequest | None) -> None:
        """For another surface of the same material."""
        self._request = request
        self._submit()

    def offer(self, material: Material) -> None:
        """Other material for what is asked for, if anything is."""
        self._material = material
        self._submit()

    def _submit(self) -> None:
        asked = self._request
        self.surveyor.submit(None if asked is None else SurveyTask(asked, self._material))

    def _take(self) -> None:
        with self._news:
            self.surveys.append(self.surveyor.survey)
            self._news.notify_all()

    def until(self, holds: Callable[[Survey], bool]) -> Survey:
        with self._news:
            assert self._news.wait_for(
                lambda: any(holds(survey) for survey in self.surveys), timeout=20
            ), self.surveys[-1:]
            return next(survey for survey in self.surveys if holds(survey))


@pytest.fixture
def watched():
    made = Watched()
    yield made
    made.surveyor.close()
    assert not made.defects
    assert not [t for t in threading.enumerate() if t.name == "chainrule-surveyor"]


def ravine(steps: int = 3) -> Material:
    points = [torch.tensor([-4.0 + step, 1.0 - 0.2 * step]) for step in range(steps)]
    arena = FunctionArena(Ravine())
    return Material(
        arena, points[-1], steps - 1, (Route(0, "SGD", list(range(steps)), points),), {}
    )


RACE = SurveyRequest(subject="race", resolution=65)


def test_newer_weights_wait_for_the_first_picture_but_not_those_of_another_network() -> None:
    material = ravine()
    computation = SurveyComputation(SurveyTask(RACE, material), Survey(1), None)
    assert computation.is_finished_before(replace(material, step=1))
    assert not computation.is_finished_before(ravine())  # the same function, but another race's
    assert not computation.is_finished_before(None)
    pictures = computation.run(lambda: False)
    while not (survey := next(pictures)).paths:
        pass
    assert survey.surface is not None
    assert not computation.is_finished_before(replace(material, step=1))


def is_finest(survey: Survey) -> bool:
    return survey.surface is not None and survey.surface.is_finest


def test_a_survey_comes_from_coarse_to_fine_with_the_path_on_it(watched: Watched) -> None:
    watched.ask(RACE)
    watched.offer(ravine())
    last = watched.until(lambda survey: is_finest(survey) and bool(survey.paths))
    found = [len(s.surface.x) for s in watched.surveys if s.surface is not None]
    assert found == sorted(found)
    assert found[0] == 17
    assert last.surface is not None
    assert last.surface.window == Window(*Ravine.domain)
    (path,) = last.paths
    np.testing.assert_allclose(path.points[:, 0], [-4, -3, -2], atol=1e-6)
    np.testing.assert_allclose(path.loss, path.foot, rtol=1e-5)
    np.testing.assert_allclose(path.distance, 0, atol=1e-6)
    x, y = path.points[-1]
    assert path.loss[-1] == pytest.approx(x**2 / 2 + 20 * y**2, rel=1e-5)
    assert path.descent == pytest.approx((-x, -40 * y), rel=1e-5)


def test_other_resolutions_of_one_picture_never_go_back_to_a_coarser_one(watched: Watched) -> None:
    def finest(points: int) -> Survey:
        watched.ask(replace(RACE, resolution=points))
        return watched.until(lambda s: is_finest(s) and s.surface.points == points)

    watched.offer(ravine())
    first = finest(65)
    begun = len(watched.surveys)
    last = finest(129)
    shown = [s for s in watched.surveys[begun:] if s.request.resolution == 129]
    assert {len(s.surface.x) for s in shown} <= {65, 129}
    assert not any(s.is_stale for s in shown)
    assert last.progress is None
    assert last.surface.plane.key == first.surface.plane.key
    begun = len(watched.surveys)
    assert len(finest(33).surface.x) == 33
    assert 17 not in {len(s.surface.x) for s in watched.surveys[begun:]}


def test_other_weights_come_from_coarse_to_fine_again(watched: Watched) -> None:
    watched.ask(RACE)
    watched.offer(ravine())
    watched.until(is_finest)
    begun = len(watched.surveys)
    watched.offer(ravine(5))
    watched.until(lambda s: is_finest(s) and s.paths != () and len(s.paths[0].steps) == 5)
    assert 17 in {len(s.surface.x) for s in watched.surveys[begun:]}


def test_another_range_gives_another_surface_and_keeps_the_last_one_until_then(
    watched: Watched,
) -> None:
    watched.ask(RACE)
    watched.offer(ravine())
    watched.until(is_finest)
    watched.ask(replace(RACE, window=WINDOW))
    watched.until(lambda s: is_finest(s) and s.surface.window == WINDOW)
    stale = next(s for s in watched.surveys if s.is_stale and s.request.window == WINDOW)
    assert stale.surface is not None
    assert stale.surface.window == Window(*Ravine.domain)


def test_trouble_is_said_and_the_last_good_picture_stays(watched: Watched) -> None:
    class Full(FunctionArena):
        def on_plane(self, flat: Flat):
            raise UserError("There is not enough memory.", "Choose fewer points.")

    watched.ask(RACE)
    watched.offer(ravine())
    good = watched.until(is_finest)
    watched.offer(replace(ravine(), arena=Full(Ravine())))
    bad = watched.until(lambda survey: survey.trouble is not None)
    assert bad.surface is not None
    np.testing.assert_array_equal(bad.surface.loss, good.surface.loss)
    watched.offer(ravine())
    watched.until(lambda s: s.version > bad.version and s.trouble is None and is_finest(s))


def refused_after_a_good_picture(watched: Watched, arena: FunctionArena) -> str:
    """Why there is no picture; the one before stays, and is said to be stale."""
    watched.ask(RACE)
    watched.offer(ravine())
    good = watched.until(is_finest)
    watched.offer(replace(ravine(), arena=arena, routes=()))
    lost = watched.until(lambda survey: survey.trouble is not None)
    assert lost.surface is good.surface
    assert lost.is_stale
    return str(lost.trouble)


def test_a_picture_of_a_single_finite_point_is_refused_with_a_sentence(watched: Watched) -> None:
    class Nearly(FunctionArena):
        def scores(self, states: torch.Tensor, interrupted: Callable[[], bool]) -> Scores:
            far = states.norm(dim=1) > 0.01
            loss = torch.where(far, torch.full((len(states),), float("inf")), 0.5)
            return Scores(loss, torch.zeros(len(states)), None)

    assert "almost nowhere" in refused_after_a_good_picture(watched, Nearly(Ravine()))


def test_a_range_without_a_finite_loss_is_said_to_have_none(watched: Watched) -> None:
    """And the last good picture stays."""

    class Nowhere(FunctionArena):
        def scores(self, states: torch.Tensor, interrupted: Callable[[], bool]) -> Scores:
            nan = torch.full((len(states),), float("nan"))
            return Scores(nan, torch.zeros(len(states)), None)

    assert refused_after_a_good_picture(watched, Nowhere(Ravine()))


def test_who_comes_back_to_a_request_amid_its_picture_gets_all_of_it(watched: Watched) -> None:
    class Slow(FunctionArena):
        """Lets somebody ask for something else, and for this again, amid the work."""

        def scores(self, states: torch.Tensor, interrupted: Callable[[], bool]) -> Scores:
            if len(states) > 50:
                watched.ask(replace(RACE, window=WINDOW))
                watched.ask(replace(RACE))
            if interrupted():
                raise Interrupted
            return super().scores(states, interrupted)

    watched.offer(replace(ravine(), arena=Slow(Ravine())))
    watched.ask(RACE)
    watched.until(is_finest)


def test_when_nobody_looks_nothing_is_computed(watched: Watched) -> None:
    watched.ask(RACE)
    watched.offer(ravine())
    watched.until(is_finest)
    watched.ask(None)
    rest = watched.until(lambda survey: survey.request is None and survey.version > 1)
    assert not watched.surveyor.wants_newer
    watched.offer(ravine(4))
    assert watched.surveyor.survey.version == rest.version


def test_a_request_that_cannot_be_drawn_is_refused_in_words() -> None:
    for low, high in [
        (1, 1),
        (-1e38, 1e38),
        (0, 1e-10),
        (-math.inf, 1),
        (math.nan, 1),
        (1e30, 2e30),
    ]:
        with pytest.raises(UserError, match="from 1e-09 to 1e\\+12 wide"):
            SurveyRequest(window=Window(low, high, 0.0, 1.0))
        with pytest.raises(UserError, match="The range from"):
            SurveyRequest(window=Window(0.0, 1.0, low, high))
    SurveyRequest(window=Window(0.0, 1e-9, -5e11, 5e11))
    with pytest.raises(UserError, match="1000"):
        SurveyRequest(resolution=1000)


def test_the_point_of_a_picture_gives_its_parameters(watched: Watched) -> None:
    assert watched.surveyor.at((0.0, 0.0)) is None
    watched.ask(RACE)
    watched.offer(ravine())
    watched.until(is_finest)
    found = watched.surveyor.at((1.25, -0.5))
    assert found is not None
    np.testing.assert_allclose(found.numpy(), [1.25, -0.5])
