"""Surfaces, races and trials of a whole experiment, through its engine."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.catalog.optimizers import SGD, Adam, GradientDescent, Momentum
from core.experiment.layers import infer_shapes
from core.experiment.network import Network
from core.experiment.spec import ExperimentSpec, Stop
from core.messages import commands, edits
from core.messages.events import Failed, Refused
from core.messages.race import (
    NETWORK,
    FindRate,
    HoldRace,
    RaceChoice,
    RaceOn,
    RestartRace,
    Runner,
    SetRace,
)
from core.messages.record import Grain
from core.messages.snapshot import RunState, Snapshot
from core.messages.surface_commands import (
    AtStep,
    DescentPlane,
    Number,
    Plane,
    PrincipalPlane,
    RandomPlane,
    RunnerEnd,
    ShowSurface,
    StatesPlane,
    SurveyRequest,
    WeightsPlane,
    Window,
)
from core.messages.surface_views import Survey
from core.presets import PRESETS
from core.session.engine import Engine

SMALL = SurveyRequest(resolution=17)


class Opened:
    """An engine that can be waited for."""

    def __init__(self, spec: ExperimentSpec) -> None:
        self.engine = Engine(spec, lambda _prediction: None)
        self.engine.start()
        self._pause = threading.Event()
        self.until(lambda: self.snapshot.state.value != "loading")

    @property
    def snapshot(self) -> Snapshot:
        return self.engine.snapshot

    @property
    def survey(self) -> Survey:
        return self.engine.survey

    def until(self, holds: Callable[[], bool], seconds: float = 30) -> None:
        for _ in range(int(seconds / 0.005)):
            if holds():
                return
            self._pause.wait(0.005)
        raise AssertionError((self.survey.trouble, self.engine.contest.trouble))

    def train(self, steps: int) -> None:
        for goal in range(self.snapshot.progress.step + 1, self.snapshot.progress.step + steps + 1):
            self.engine.post(commands.StepOnce())
            self.until(lambda goal=goal: self.snapshot.progress.step == goal)
        self.until(lambda: self.snapshot.state.value != "running")

    def surface(self, request: SurveyRequest) -> Survey:
        """The finest surface of a request."""
        self.engine.post(ShowSurface(request))
        step = self.snapshot.progress.step
        self.until(
            lambda: (
                (self.survey.request is not None and self.survey.trouble is not None)
                or (
                    self.survey.surface is not None
                    and type(self.survey.surface.plane.plane) is type(request.plane)
                    and self.survey.surface.is_finest
                    and self.survey.surface.step in (step, 0)
                    and not self.survey.is_stale
                    and bool(self.survey.paths)
                    and (request.window in (None, self.survey.surface.window))
                )
            )
        )
        return self.survey

    def close(self) -> None:
        self.engine.close()
        assert not [e for e in self.engine.drain_events() if isinstance(e, Failed)]


@pytest.fixture
def xor() -> Iterator[Opened]:
    opened = Opened(PRESETS["xor-2-2-1"].spec.model_copy(update={"optimizer": Adam()}))
    yield opened
    opened.close()


def weights_of(snapshot: Snapshot) -> dict[str, np.ndarray]:
    assert snapshot.values is not None
    return {name: array.copy() for name, array in snapshot.values.parameters.items()}


def loss_of(opened: Opened, weights: dict[str, np.ndarray]) -> float:
    """The loss of the whole training set at given weights, by plain PyTorch."""
    spec = opened.snapshot.spec
    data = spec.data.load(spec.seed)
    shapes = infer_shapes(spec.layers, data.shape.input_shape)
    network = Network(shapes, spec.seed).eval()
    with torch.no_grad():
        for parameter, name in zip(network.parameters(), network.parameter_names(), strict=True):
            parameter.copy_(torch.from_numpy(weights[name]))
        z = network(data.train_inputs)
        targets = spec.loss.encode(data.train_labels, data.shape.outputs, z.shape[1])
        return float(spec.loss.value(z, network.activate(z), targets))


def test_the_plane_of_two_weights_equals_editing_them_by_hand(xor: Opened) -> None:
    xor.engine.post(commands.Watch(frozenset({"values"})))
    xor.train(5)
    plane = WeightsPlane(Number("0.weight", (1, 0)), Number("1.bias", (0,)))
    surface = xor.surface(replace(SMALL, plane=plane)).surface
    assert surface is not None
    assert surface.plane.titles == ("1 Dense w₂,₁", "2 Dense b₁")
    weights = weights_of(xor.snapshot)
    for row, column in ((0, 0), (4, 11), (16, 7), (8, 8)):
        weights["0.weight"][1, 0] = surface.x[column]
        weights["1.bias"][0] = surface.y[row]
        assert surface.loss[row, column] == pytest.approx(loss_of(xor, weights), rel=1e-5)
    # And by hand: two commands, as a person would give them.
    xor.engine.post(commands.SetNumber("0.weight", (1, 0), float(surface.x[3])))
    xor.engine.post(commands.SetNumber("1.bias", (0,), float(surface.y[5])))
    xor.until(lambda: weights_of(xor.snapshot)["1.bias"][0] == np.float32(surface.y[5]))
    edited = loss_of(xor, weights_of(xor.snapshot))
    assert surface.loss[5, 3] == pytest.approx(edited, rel=1e-5)


@pytest.mark.parametrize(
    "plane",
    [RandomPlane(3), PrincipalPlane(), StatesPlane(AtStep(0)), DescentPlane()],
    ids=lambda plane: type(plane).__name__,
)
def test_every_plane_goes_through_the_network_and_its_path_starts_at_the_start(
    xor: Opened, plane: Plane
) -> None:
    xor.engine.post(commands.Watch(frozenset({"values"})))
    xor.train(12)
    survey = xor.surface(replace(SMALL, plane=plane))
    if isinstance(plane, DescentPlane) and survey.trouble is not None:
        pytest.fail(str(survey.trouble))
    (path,) = survey.paths
    assert path.steps[0] == 0
    assert path.steps[path.at] == 12
    np.testing.assert_allclose(path.points[path.at], survey.surface.plane.centre, atol=1e-5)
    here = loss_of(xor, weights_of(xor.snapshot))
    assert path.loss[path.at] == pytest.approx(here, rel=1e-5)
    assert path.foot[path.at] == pytest.approx(here, rel=1e-4)


def plain_updates(spec: ExperimentSpec, steps: int) -> list[float]:
    """How far torch.optim.Adam moves all weights in each of some steps on the whole set."""
    data = spec.data.load(spec.seed)
    network = Network(infer_shapes(spec.layers, data.shape.input_shape), spec.seed)
    optimizer = torch.optim.Adam(network.parameters(), spec.optimizer.learning_rate)
    lengths = []
    for _ in range(steps):
        before = torch.nn.utils.parameters_to_vector(network.parameters()).detach().clone()
        optimizer.zero_grad()
        z = network(data.train_inputs)
        targets = spec.loss.encode(data.train_labels, data.shape.outputs, z.shape[1])
        spec.loss.value(z, network.activate(z), targets).backward()
        optimizer.step()
        after = torch.nn.utils.parameters_to_vector(network.parameters()).detach()
        lengths.append(float((after - before).norm()))
    return lengths


def test_the_plane_of_the_update_names_the_update_that_it_shows(xor: Opened) -> None:
    """At step 0 the next one; after three steps the last one; after a change by hand the next."""
    first, _, third = plain_updates(xor.snapshot.spec, 3)
    request = replace(SMALL, plane=DescentPlane())
    plane = xor.surface(request).surface.plane
    assert plane.titles[1] == "The next update’s own turn"
    assert "last update" not in str(plane.note)
    assert float(plane.note.values["length"]) == pytest.approx(first, rel=1e-3)
    assert plane.norms == pytest.approx((first, first), rel=1e-3)

    xor.train(3)
    # A picture begun while it trained is finished first: that one shows the next update.
    xor.until(lambda: xor.survey.surface.plane.titles[1] == "The last update’s own turn")
    plane = xor.survey.surface.plane
    assert "next update" not in str(plane.note)
    assert float(plane.note.values["length"]) == pytest.approx(third, rel=1e-3)

    xor.engine.post(commands.SetNumber("0.weight", (0, 0), 5.0))
    xor.until(lambda: xor.survey.surface.plane.titles[1] == "The next update’s own turn")
    edited = xor.survey.surface.plane
    assert float(edited.note.values["length"]) < 1  # not the change by hand


def test_the_ghost_is_where_the_next_step_leads(xor: Opened) -> None:
    xor.train(3)
    before = xor.surface(SMALL).paths[0]
    assert before.next_loss is not None
    xor.engine.post(commands.Watch(frozenset({"values"})))
    xor.train(1)
    assert loss_of(xor, weights_of(xor.snapshot)) == pytest.approx(before.next_loss, rel=1e-5)


def test_looking_at_a_surface_changes_nothing_of_the_run() -> None:
    spec = PRESETS["spiral-2-16-16-1"].spec
    looked, alone = Opened(spec), Opened(spec)
    try:
        for opened in (looked, alone):
            opened.engine.post(commands.Watch(frozenset({"values"})))
        looked.surface(replace(SMALL, plane=RandomPlane(1), sharpness=True, line=True))
        for opened in (looked, alone):
            opened.train(20)
        looked.surface(replace(SMALL, plane=DescentPlane()))
        for opened in (looked, alone):
            opened.train(20)
        one, other = weights_of(looked.snapshot), weights_of(alone.snapshot)
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])
        np.testing.assert_array_equal(
            looked.snapshot.curves.train_loss.values, alone.snapshot.curves.train_loss.values
        )
    finally:
        looked.close()
        alone.close()


def test_a_visit_to_the_past_moves_the_ball_and_keeps_what_came_after(xor: Opened) -> None:
    xor.train(40)
    xor.engine.post(ShowSurface(SMALL))
    xor.until(lambda: bool(xor.survey.paths))
    xor.engine.post(commands.Visit(10))
    xor.until(
        lambda: (
            bool(xor.survey.paths) and xor.survey.paths[0].at != len(xor.survey.paths[0].steps) - 1
        )
    )
    path = xor.survey.paths[0]
    assert path.steps[path.at] == 10
    assert path.steps[-1] == 40


def test_too_few_states_for_principal_directions_are_said_to_be_too_few(xor: Opened) -> None:
    xor.surface(SMALL)
    xor.engine.post(ShowSurface(replace(SMALL, plane=PrincipalPlane())))
    xor.until(lambda: xor.survey.trouble is not None)
    assert xor.survey.surface is not None


def test_the_surface_follows_while_training(xor: Opened) -> None:
    xor.surface(SMALL)
    xor.engine.post(edits.set_stop(Stop(epochs=None)))
    xor.engine.post(commands.Train())
    seen: set[int] = set()

    def moved() -> bool:
        if xor.survey.surface is not None:
            seen.add(xor.survey.surface.step)
        return len(seen) > 5

    xor.until(moved)
    xor.engine.post(commands.Pause())
    xor.until(
        lambda: (
            xor.survey.surface.step == xor.snapshot.progress.step
            and xor.snapshot.state.value != "running"
        )
    )


def test_a_race_is_seen_on_the_surface_of_its_own_network(xor: Opened) -> None:
    xor.train(2)
    runners = (Runner(0, SGD(learning_rate=0.5)), Runner(1, Momentum(learning_rate=0.1)))
    xor.engine.post(SetRace(RaceChoice(NETWORK, runners)))
    xor.engine.post(RaceOn(25))
    xor.until(lambda: xor.engine.contest.step == 25)
    xor.engine.post(ShowSurface(replace(SMALL, plane=PrincipalPlane(), subject="race")))
    xor.until(
        lambda: len(xor.survey.paths) == 2 and all(p.steps[-1] == 25 for p in xor.survey.paths)
    )
    for path, runner in zip(xor.survey.paths, xor.engine.contest.runners, strict=True):
        assert path.id == runner.id
    # Both began at the present weights.
    starts = [path.loss[0] for path in xor.survey.paths]
    assert starts[0] == starts[1]


def test_a_race_can_start_anew_from_a_point_of_the_surface(xor: Opened) -> None:
    xor.engine.post(SetRace(RaceChoice(NETWORK, (Runner(0, Adam(learning_rate=0.1)),))))
    window = Window(-1.0, 1.0, -1.0, 1.0)
    request = replace(SMALL, subject="race", window=window)
    xor.engine.post(ShowSurface(request))
    xor.until(lambda: xor.survey.surface is not None and xor.survey.surface.window == window)
    surface = xor.survey.surface
    xor.engine.post(RestartRace((float(surface.x[4]), float(surface.y[12]))))
    xor.engine.post(RaceOn(1))
    xor.until(lambda: xor.engine.contest.step == 1)
    first = xor.engine.contest.runners[0].losses[0]
    assert first == pytest.approx(surface.loss[12, 4], rel=1e-4)


def test_a_plane_can_go_through_a_runners_end(xor: Opened) -> None:
    xor.engine.post(SetRace(RaceChoice(NETWORK, (Runner(3, SGD(learning_rate=1.0)),))))
    xor.engine.post(RaceOn(30))
    xor.until(lambda: xor.engine.contest.step == 30)
    xor.until(lambda: xor.engine.contest.runners[0].steps[-1] >= 29)
    plane = StatesPlane(RunnerEnd(3))
    survey = xor.surface(replace(SMALL, plane=plane))
    assert survey.trouble is None
    assert survey.surface is not None


def test_the_race_and_the_trials_leave_the_run_alone(xor: Opened) -> None:
    xor.engine.post(commands.Watch(frozenset({"values"})))
    xor.train(4)
    before = weights_of(xor.snapshot)
    xor.engine.post(SetRace(RaceChoice(NETWORK, (Runner(0, SGD(learning_rate=0.5)),))))
    xor.engine.post(RaceOn(50))
    xor.engine.post(FindRate(steps=40))
    xor.until(lambda: xor.engine.contest.range_test is not None)
    xor.until(lambda: xor.engine.contest.range_test.done and xor.engine.contest.step == 50)
    assert xor.snapshot.progress.step == 4
    for name, array in weights_of(xor.snapshot).items():
        np.testing.assert_array_equal(array, before[name])


def test_a_point_before_there_is_a_surface_is_refused_in_words(xor: Opened) -> None:
    xor.engine.post(SetRace(RaceChoice(NETWORK, (Runner(0, SGD()),))))
    xor.engine.post(RestartRace((0.0, 0.0)))
    events: list[object] = []

    def refused() -> bool:
        events.extend(xor.engine.drain_events())
        return any(isinstance(event, Refused) for event in events)

    xor.until(refused)


def test_inside_of_a_recorded_step_the_surface_is_of_the_state_before_it(xor: Opened) -> None:
    xor.train(3)
    xor.engine.post(commands.Next(Grain.OPERATION))
    xor.until(lambda: xor.snapshot.stepping is not None)
    survey = xor.surface(SMALL)
    assert survey.surface is not None
    assert survey.surface.step == 3


def test_while_runners_move_on_a_function_its_picture_stays_and_their_paths_grow(
    xor: Opened,
) -> None:
    xor.engine.post(ShowSurface(replace(SMALL, subject="race")))
    runners = (Runner(0, SGD(learning_rate=0.01)), Runner(1, Adam(learning_rate=0.1)))
    choice = RaceChoice("ravine", runners, pace=200.0)
    xor.engine.post(SetRace(choice))
    xor.until(lambda: len(xor.survey.paths) == 2 and xor.survey.progress is None)
    first = xor.survey
    assert first.surface is not None
    assert first.surface.is_finest
    xor.engine.post(RaceOn())
    xor.until(lambda: xor.survey.paths[0].steps[-1] > 20)
    xor.engine.post(HoldRace())
    xor.until(lambda: not xor.engine.contest.is_running)
    step = xor.engine.contest.step
    xor.until(lambda: xor.survey.paths[0].steps[-1] == step and xor.survey.progress is None)
    assert xor.survey.surface is first.surface
    for path in xor.survey.paths:
        assert path.steps[:21].tolist() == list(range(21))
        x, y = path.points.T
        assert path.loss == pytest.approx(x**2 / 2 + 20 * y**2, rel=1e-5)
        assert path.foot == pytest.approx(path.loss, rel=1e-5)
    # Another function or another range is another picture.
    xor.engine.post(SetRace(replace(choice, arena="bowl")))
    xor.until(
        lambda: (
            xor.survey.surface is not None
            and xor.survey.surface is not first.surface
            and bool(xor.survey.paths)
            and xor.survey.progress is None
        )
    )
    bowl = xor.survey.surface
    assert bowl is not None
    x, y = bowl.x[None, :], bowl.y[:, None]
    np.testing.assert_allclose(bowl.loss, x**2 + y**2, rtol=1e-5, atol=1e-6)
    window = Window(-1.0, 1.0, -1.0, 1.0)
    xor.engine.post(ShowSurface(replace(SMALL, subject="race", window=window)))
    xor.until(lambda: xor.survey.surface is not None and xor.survey.surface.window == window)


def test_closing_ends_all_threads() -> None:
    opened = Opened(PRESETS["xor-2-2-1"].spec)
    opened.engine.post(ShowSurface(SurveyRequest(resolution=201)))
    opened.engine.post(SetRace(RaceChoice("rosenbrock", (Runner(0, SGD(learning_rate=1e-4)),))))
    opened.engine.post(RaceOn())
    opened.until(lambda: opened.engine.contest.step > 0)
    opened.close()
    names = ("chainrule-surveyor", "chainrule-racer", "chainrule-engine")
    assert not [thread for thread in threading.enumerate() if thread.name in names]


def test_the_picture_of_a_run_that_ends_by_itself_is_of_its_last_weights() -> None:
    spec = PRESETS["xor-2-2-1"].spec.model_copy(update={"stop": Stop(steps=7)})
    opened = Opened(spec)
    opened.engine.post(ShowSurface(SMALL))
    opened.until(lambda: opened.survey.surface is not None)
    opened.engine.post(commands.Train())
    opened.until(lambda: opened.survey.surface is not None and opened.survey.surface.step == 7)
    opened.close()


def test_a_command_that_changes_no_weights_leaves_the_picture_alone(xor: Opened) -> None:
    survey = xor.surface(SMALL)
    xor.until(lambda: xor.survey.progress is None)
    kept = xor.survey
    for version in range(3):
        xor.engine.post(commands.Watch(frozenset({"values"} if version % 2 else set())))
    xor.engine.post(commands.SetNumber("0.weight", (0, 0), 0.25))
    xor.until(lambda: xor.survey.surface is not kept.surface)
    # One survey more, of the number that was set; none of the three before.
    assert survey.surface is not None
    xor.until(lambda: xor.survey.progress is None and not xor.survey.is_stale)
    assert xor.survey.version <= kept.version + 2


def race_on(xor: Opened, arena: str) -> None:
    rate = 0.5 if arena == NETWORK else 1e-4
    xor.engine.post(SetRace(RaceChoice(arena, (Runner(0, SGD(learning_rate=rate)),))))
    xor.until(lambda: xor.engine.contest.arena == arena)


@pytest.mark.parametrize("before", ["run", "function"])
def test_a_race_that_has_no_plane_shows_no_picture_of_something_else(
    xor: Opened, before: str
) -> None:
    xor.train(3)
    wish = ShowSurface(replace(SMALL, subject="race", plane=StatesPlane(AtStep(0))))
    if before == "run":
        xor.surface(SMALL)
        race_on(xor, NETWORK)
        xor.engine.post(wish)
    else:
        race_on(xor, "ravine")
        xor.engine.post(wish)  # a function has one plane only
        xor.until(lambda: xor.survey.surface is not None)
        race_on(xor, NETWORK)
    xor.until(lambda: xor.survey.trouble is not None)
    xor.until(lambda: xor.survey.surface is None)
    assert xor.survey.paths == ()
    assert "where runners stand" in str(xor.survey.trouble)
    # The race's own plane: there it is.
    xor.engine.post(ShowSurface(replace(SMALL, subject="race", plane=None)))
    xor.until(lambda: xor.survey.surface is not None and xor.survey.trouble is None)
    assert xor.survey.surface.plane.is_race
    assert xor.survey.surface.plane.plane == RandomPlane()


def test_a_plane_refused_leaves_the_last_picture_of_the_same_landscape(xor: Opened) -> None:
    kept = xor.surface(SMALL).surface
    assert not kept.plane.is_race
    xor.engine.post(ShowSurface(replace(SMALL, plane=StatesPlane(AtStep(0)))))
    xor.until(lambda: xor.survey.trouble is not None)
    assert xor.survey.surface is kept
    assert xor.survey.is_stale


@pytest.mark.parametrize("raced", ["ravine", NETWORK])
def test_no_race_starts_at_a_place_of_another_landscapes_picture(xor: Opened, raced: str) -> None:
    if raced == NETWORK:
        race_on(xor, "ravine")
        xor.engine.post(ShowSurface(replace(SMALL, subject="race")))
        xor.until(lambda: xor.survey.surface is not None)
        xor.engine.post(ShowSurface(None))  # so that no newer picture comes
        xor.until(lambda: xor.survey.request is None)
    else:
        xor.surface(SMALL)
    race_on(xor, raced)
    label = str(xor.engine.contest.start_label)
    xor.engine.post(RestartRace((0.25, 0.5)))
    events: list[object] = []

    def refused() -> bool:
        events.extend(xor.engine.drain_events())
        return any(isinstance(event, Refused) for event in events)

    xor.until(refused)
    assert str(xor.engine.contest.start_label) == label


def test_a_race_is_seen_by_the_names_of_its_network(xor: Opened) -> None:
    race_on(xor, NETWORK)
    plane = WeightsPlane(Number("0.weight", (1, 0)), Number("0.bias", (0,)))
    xor.engine.post(ShowSurface(replace(SMALL, subject="race", plane=plane)))
    xor.until(lambda: xor.survey.surface is not None)
    shown = xor.survey.surface.plane
    assert shown.titles == ("1 Dense w₂,₁", "1 Dense b₁")
    assert "step" not in str(shown.note)


@pytest.mark.parametrize("huge", [1e30, 3.4e38])
def test_where_the_loss_is_infinite_at_the_weights_no_smaller_range_is_advised(
    huge: float,
) -> None:
    """A mean square of such an output is beyond float32, and so, at last, is a direction."""
    opened = Opened(PRESETS["sine-1-16-16-1"].spec)
    opened.surface(SMALL)
    for unit in range(16):
        opened.engine.post(commands.SetNumber("2.weight", (0, unit), huge))
    for window in (None, Window(-1e-3, 1e-3, -1e-3, 1e-3)):
        wish = replace(SMALL, window=window)
        opened.engine.post(ShowSurface(wish))
        opened.until(lambda wish=wish: opened.survey.request == wish)
        opened.until(lambda: opened.survey.trouble is not None and opened.survey.progress is None)
        assert "smaller learning rate" in str(opened.survey.trouble)
        assert "smaller range" not in str(opened.survey.trouble)
    opened.close()


@pytest.mark.parametrize(
    ("update", "helps"),
    [
        ({"optimizer": GradientDescent(learning_rate=100)}, "smaller learning rate"),
        ({"stop": Stop(steps=1)}, "go back on the timeline"),
    ],
)
def test_a_run_that_cannot_go_on_is_not_told_to_train_longer(
    update: dict[str, object], helps: str
) -> None:
    opened = Opened(PRESETS["sine-1-16-16-1"].spec.model_copy(update=update))
    opened.engine.post(commands.Train())
    opened.until(lambda: opened.snapshot.state in (RunState.DIVERGED, RunState.FINISHED))
    opened.engine.post(ShowSurface(replace(SMALL, plane=PrincipalPlane())))
    opened.until(lambda: opened.survey.trouble is not None)
    assert helps in str(opened.survey.trouble)
    assert "longer" not in str(opened.survey.trouble)
    opened.close()


def test_a_plane_through_a_state_that_is_gone_says_so_once_on_the_picture(xor: Opened) -> None:
    xor.train(3)
    gone = StatesPlane(RunnerEnd(5))
    xor.engine.post(ShowSurface(replace(SMALL, plane=gone)))
    xor.until(lambda: xor.survey.trouble is not None)
    xor.train(3)
    assert not [e for e in xor.engine.drain_events() if isinstance(e, Refused)]
    assert "not kept" in str(xor.survey.trouble)
    xor.engine.post(ShowSurface(SMALL))
    xor.until(lambda: xor.survey.trouble is None and xor.survey.surface is not None)


def test_surveys_gone_by_are_not_kept(xor: Opened) -> None:
    xor.surface(SMALL)
    seen = weakref.WeakSet[object]()
    for value in (0.1, 0.2, 0.3):
        before = xor.survey.surface
        seen.add(before)
        xor.engine.post(commands.SetNumber("0.weight", (0, 0), value))
        xor.until(lambda before=before: xor.survey.surface is not before)
        xor.until(lambda: xor.survey.progress is None)
    del before
    gc.collect()
    assert len(seen) <= 1


def test_sharpness_that_nobody_asks_for_any_more_is_not_shown(xor: Opened) -> None:
    xor.engine.post(ShowSurface(replace(SMALL, sharpness=True)))
    xor.until(lambda: xor.survey.sharpness is not None)
    xor.engine.post(ShowSurface(SMALL))
    xor.until(lambda: xor.survey.request == SMALL and xor.survey.sharpness is None)


def test_a_race_on_a_network_that_is_changed_begins_anew_on_the_new_one(xor: Opened) -> None:
    xor.engine.post(SetRace(RaceChoice(NETWORK, (Runner(0, SGD(learning_rate=0.5)),))))
    xor.engine.post(RaceOn(5))
    xor.until(lambda: xor.engine.contest.step == 5)
    before = float(xor.engine.contest.runners[0].losses[0])
    xor.engine.post(edits.set_seed(99))
    xor.until(lambda: xor.engine.contest.step == 0)
    xor.engine.post(RaceOn(1))
    xor.until(lambda: xor.engine.contest.step == 1)
    assert float(xor.engine.contest.runners[0].losses[0]) != before
