"""``race``, as a program and as a person use it."""

import math

import numpy as np
import pytest

from core.catalog.functions import FUNCTIONS
from core.catalog.optimizers import SGD, Adam, GradientDescent, Momentum
from core.presets import PRESETS
from core.terminal.race import optimizers_of
from tests.core.experiments import tiny, trainer_of


@pytest.fixture
def race(events):
    """What ``race --json`` prints: what was raced on, and the runners."""

    def race(*argv):
        first, *runners = events("race", *argv)
        assert first["event"] == "race"
        assert {runner["event"] for runner in runners} == {"runner"}
        return first, runners

    return race


@pytest.fixture
def experiment(tmp_path):
    path = tmp_path / "tiny.json"
    path.write_text(tiny().to_json(), encoding="utf-8")
    return path


def test_descent_on_the_bowl_can_be_computed_from_what_is_printed(race):
    first, (runner,) = race("bowl", "--optimizers", "sgd:0.1", "--steps", 20)
    assert first == {
        "event": "race",
        "arena": "bowl",
        "start": [-2.5, 2.0],
        "steps": 20,
        "target": 1.025,
    }
    assert runner["optimizer"] == {"kind": "sgd", "learning_rate": 0.1}
    assert runner["steps"] == list(range(21))
    x, y = -2.5, 2.0
    for (ours_x, ours_y), loss in zip(runner["points"], runner["losses"], strict=True):
        assert (ours_x, ours_y) == pytest.approx((x, y), rel=1e-14)
        assert loss == pytest.approx(x * x + y * y, rel=1e-14)
        x, y = 0.8 * x, 0.8 * y
    assert runner["best"] == runner["losses"][-1]
    # 10.25 · 0.64^t is first at most 1.025 at t = ln 10 / -ln 0.64.
    assert runner["reached"] == math.ceil(math.log(10) / -math.log(0.64))
    assert runner["diverged"] is None
    assert 0 < runner["reached_seconds"] < runner["seconds"]


def test_a_network_is_raced_from_its_weights_on_its_batches(race, experiment):
    first, runners = race(experiment, "--optimizers", "sgd:0.1,sgd:0.1,gd:0.1", "--steps", 9)
    assert first["start"] is None
    trainer = trainer_of(tiny())
    losses = []
    for _ in range(9):
        trainer.run(1, math.inf, lambda: False)
        losses += trainer.flush().losses.tolist()
    assert runners[0]["losses"] == runners[1]["losses"] == losses
    assert runners[0]["taken"] == 9
    assert runners[0]["steps"] == list(range(9))
    assert "points" not in runners[0]
    assert runners[2]["losses"] != losses
    # Four batches make an epoch.
    means = [np.mean(losses[i - 3 : i + 1]) for i in range(3, 9)]
    assert runners[0]["best"] == pytest.approx(min(means), rel=1e-12)
    assert runners[2]["best"] == min(runners[2]["losses"])
    assert [runner["window"] for runner in runners] == [4, 4, 1]
    assert runners[2]["name"] == "Gradient descent, η = 0.1, all samples"


def test_a_seed_gives_other_weights_and_other_noise(race, experiment):
    for arena in (experiment, "noisy_bowl"):
        losses = [
            race(arena, "--optimizers", "sgd", "--steps", 5, "--seed", seed)[1][0]["losses"]
            for seed in (1, 1, 2)
        ]
        assert losses[0] == losses[1]
        assert losses[0] != losses[2]


def test_every_loss_of_a_long_race_is_printed(race):
    _, (runner,) = race("ravine", "--optimizers", "sgd:0.0001", "--steps", 5000)
    assert runner["steps"] == list(range(5001))


def test_start_and_target_are_taken(race):
    first, (runner,) = race(
        "rosenbrock",
        "--optimizers",
        "adam:0.1",
        "--start",
        "-.5,2",
        "--target",
        "30",
        "--steps",
        90,
    )
    assert first["start"] == runner["points"][0] == [-0.5, 2.0]
    assert first["target"] == 30.0
    losses = np.array(runner["losses"])
    assert runner["reached"] == np.flatnonzero(losses <= 30)[0] > 0


def test_people_get_a_table(call):
    status, out, err = call("race", "ravine", "--optimizers", "sgd:0.02,adam,sgd:0.3")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "From (-4.5, 1). Steps: 100."
    assert lines[1].split()[:4] == ["optimizer", "steps", "loss", "best"]
    assert [line.split(",")[0] for line in lines[2:]] == ["SGD", "Adam", "SGD"]
    assert lines[4].endswith("diverged at step 6")
    assert "diverged" not in lines[2] + lines[3]
    assert len(lines) == 5


def test_the_table_of_a_network_names_means_and_leaves_a_best_open_that_is_none_yet(
    call, experiment
):
    status, out, _ = call("race", experiment, "--optimizers", "sgd,gd", "--steps", 3)
    assert status == 0
    heading, sgd, gd = (line.split() for line in out.splitlines()[1:])
    assert heading[2:4] == ["mean", "loss"]
    # SGD, η = 0.1  3  loss  best ...
    assert sgd[6] == "-"
    assert "samples" in gd
    assert "-" not in gd


def test_the_exit_status_is_1_when_all_have_diverged(call):
    assert call("race", "bowl", "--optimizers", "sgd:50,sgd:60")[0] == 1
    assert call("race", "bowl", "--optimizers", "sgd:50,sgd:0.1")[0] == 0


def test_optimizers_are_read_with_their_fields():
    read = optimizers_of("adam:0.01, gd:0.5,sgd,momentum:0.02:momentum=0.8,adam:amsgrad=true")
    assert read == [
        Adam(learning_rate=0.01),
        GradientDescent(learning_rate=0.5),
        SGD(),
        Momentum(learning_rate=0.02, momentum=0.8),
        Adam(amsgrad=True),
    ]


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["bowl", "--optimizers", "adm:0.1"], "no optimizer adm. Did you mean adam?"),
        (["bowl", "--optimizers", "xyz"], "The optimizers are: gd, sgd, momentum"),
        (["bowl", "--optimizers", ""], "The optimizers are: gd, sgd, momentum"),
        (["bowl", "--optimizers", "adam:fast"], "adam:fast: field learning_rate: found 'fast'"),
        (["bowl", "--optimizers", "adam:-1"], "field learning_rate: found '-1'"),
        (["bowl", "--optimizers", "adam:nan"], "field learning_rate: found 'nan'"),
        (["bowl", "--optimizers", "adam:speed=3"], "field speed: found '3'; no such field"),
        (["bowl", "--optimizers", ",".join(["sgd"] * 9)], "9 runners are too many"),
        (["rosenbrok", "--optimizers", "sgd"], "rosenbrok. Did you mean rosenbrock?"),
        (["xor-221", "--optimizers", "sgd"], "Did you mean xor-2-2-1?"),
        (["nowhere", "--optimizers", "sgd"], "Known are: bowl, ravine"),
        (["xor-2-2-1", "--optimizers", "sgd", "--start", "1,2"], "--start is for test functions"),
        (["bowl", "--optimizers", "sgd", "--start", "1e9,2"], "Nobody can start from (1e+09, 2)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_is_told_on_one_line(call, argv, sentence):
    status, out, err = call("race", *argv)
    assert (status, out) == (2, "")
    assert sentence in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "argv",
    [
        ["bowl"],
        ["--optimizers", "sgd"],
        ["bowl", "--optimizers", "sgd", "--start", "1"],
        ["bowl", "--optimizers", "sgd", "--start", "nan,1"],
        ["bowl", "--optimizers", "sgd", "--steps", "0"],
        ["bowl", "--optimizers", "sgd", "--target", "inf"],
        ["bowl", "--optimizers", "sgd", "--seed", "-1"],
    ],
    ids=" ".join,
)
def test_what_argparse_refuses_is_a_mistake_too(call, argv):
    status, out, _ = call("race", *argv)
    assert (status, out) == (2, "")


def test_no_function_and_preset_share_a_name():
    assert not FUNCTIONS.keys() & PRESETS.keys()
