"""``trace``, as a program reads it: all that it prints can be computed anew from what it prints."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from latex2mathml.converter import convert

from core.catalog.activations import Identity, Sigmoid
from core.catalog.optimizers import Adam, GradientDescent
from core.catalog.schedules import Cosine
from core.experiment.layers import Dense
from core.experiment.spec import Stop, Training
from tests.core.experiments import digits, regression, tiny, with_batch_norm, with_dropout

ROOT = Path(__file__).parents[3]


@pytest.fixture
def trace(events):
    """The events that ``trace --json`` prints."""
    return partial(events, "trace")


def of(events, kind):
    return [event for event in events if event["event"] == kind]


def array(spelt):
    found = np.array(spelt["values"], np.float32)
    assert list(found.shape) == spelt["shape"]
    return found


def arrays(named):
    return {name: array(spelt) for name, spelt in named.items()}


def written(events, key):
    """What the entry that computes this key writes."""
    return next(array(e["writes"][key]) for e in of(events, "entry") if key in e["writes"])


def near(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=1e-8)


def spec_file(path, spec):
    path.write_text(spec.to_json(), encoding="utf-8")
    return path


def test_one_step_of_the_worked_example_can_be_computed_from_what_is_printed(trace):
    events = trace("worked-2-3-2")
    step, done = of(events, "step")[0], of(events, "step_done")[0]
    x, y, p = array(step["inputs"]), array(step["targets"]), arrays(step["parameters"])
    a0 = np.maximum(x, 0)
    z1 = a0 @ p["1.weight"].T + p["1.bias"]
    z2 = z1 @ p["2.weight"].T + p["2.bias"]
    loss = ((z2 - y) ** 2).mean()
    d2 = 2 * (z2 - y) / z2.size
    d1 = d2 @ p["2.weight"]
    gradients = {
        "1.weight": d1.T @ a0,
        "1.bias": d1.sum(0),
        "2.weight": d2.T @ z1,
        "2.bias": d2.sum(0),
    }

    values = {"a:0": a0, "z:1": z1, "z:2": z2, "loss": loss, "d:z:2": d2, "d:z:1": d1}
    for key, value in values.items():
        near(written(events, key), value)
    assert done["loss"] == pytest.approx(float(loss), rel=2e-6)
    for name, gradient in gradients.items():
        near(written(events, f"d:p:{name}"), gradient)
        near(array(done["parameters"][name]), p[name] - step["rate"] * gradient)


def test_one_step_of_xor_can_be_computed_from_what_is_printed(trace):
    events = trace("xor-2-2-1")
    step, done = of(events, "step")[0], of(events, "step_done")[0]
    x, y, p = array(step["inputs"]), array(step["targets"]), arrays(step["parameters"])
    assert sorted(map(tuple, x.tolist())) == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert y[:, 0].tolist() == [float(left != right) for left, right in x.tolist()]

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    z0 = x @ p["0.weight"].T + p["0.bias"]
    a0 = sigmoid(z0)
    z1 = a0 @ p["1.weight"].T + p["1.bias"]
    a1 = sigmoid(z1)
    loss = ((a1 - y) ** 2).sum() / (2 * len(x))
    da1 = (a1 - y) / len(x)
    dz1 = da1 * a1 * (1 - a1)
    da0 = dz1 @ p["1.weight"]
    dz0 = da0 * a0 * (1 - a0)
    gradients = {
        "0.weight": dz0.T @ x,
        "0.bias": dz0.sum(0),
        "1.weight": dz1.T @ a0,
        "1.bias": dz1.sum(0),
    }

    forward = {"z:0": z0, "a:0": a0, "z:1": z1, "a:1": a1, "loss": loss}
    for key, value in (forward | {"d:a:1": da1, "d:z:1": dz1, "d:a:0": da0, "d:z:0": dz0}).items():
        near(written(events, key), value)
    near(written(events, "terms"), ((a1 - y) ** 2)[:, 0] / 2)
    assert done["loss"] == pytest.approx(float(loss), rel=2e-6)
    for name, gradient in gradients.items():
        near(written(events, f"d:p:{name}"), gradient)
        near(array(done["parameters"][name]), p[name] - step["rate"] * gradient)


def test_adams_state_is_printed_before_and_after_each_of_three_steps(trace, tmp_path):
    spec = tiny(optimizer=Adam(learning_rate=0.01, beta1=0.8, beta2=0.9, eps=1e-6))
    events = trace(spec_file(tmp_path / "adam.json", spec), "--steps", 3)
    m = v = 0.0
    for t in (1, 2, 3):
        own = [e for e in events if e.get("step") == t]
        g = written(own, "d:p:0.weight").astype(np.float64)
        update = next(e for e in own if e.get("writes", {}).keys() == {"after:0.weight"})
        reads = arrays(update["reads"])
        near(reads["s:0.weight:exp_avg"], m)
        near(reads["s:0.weight:exp_avg_sq"], v)
        m, v = 0.8 * m + 0.2 * g, 0.9 * v + 0.1 * g**2
        near(reads["s':0.weight:exp_avg"], m)
        near(reads["hat:0.weight:exp_avg_sq"], v / (1 - 0.9**t))
        step = 0.01 * (m / (1 - 0.8**t)) / (np.sqrt(v / (1 - 0.9**t)) + 1e-6)
        near(array(update["writes"]["after:0.weight"]), reads["p:0.weight"] - step)


def test_events_come_in_order_and_say_where_each_entry_belongs(trace):
    events = trace("xor-2-2-1", "--steps", 2)
    first, *middle, last = events
    assert (first["event"], first["preset"], first["seed"]) == ("trace", "xor-2-2-1", 0)
    assert first["experiment"]["optimizer"]["learning_rate"] == 5.0
    assert [layer["output_shape"] for layer in first["layers"]] == [[2], [1]]
    assert last == {"event": "finished", "steps": 2}
    count = len(middle) // 2
    for number, own in enumerate((middle[:count], middle[count:]), start=1):
        assert [e["event"] for e in own] == ["step", *["entry"] * (count - 2), "step_done"]
        assert {e["step"] for e in own} == {number}
        entries = own[1:-1]
        assert [e["index"] for e in entries] == list(range(count - 2))
        phases = list(dict.fromkeys(e["phase"] for e in entries))
        assert phases == ["forward", "loss", "backward", "update"]
        assert (entries[0]["layer"], entries[0]["kind"]) == ("1 Dense", "linear")
        assert entries[0]["reads"].keys() == {"x", "p:0.weight", "p:0.bias"}


def test_a_step_begins_with_the_parameters_that_the_one_before_left(trace):
    events = trace("three-2-8-3", "--steps", 4)
    after = [event["parameters"] for event in of(events, "step_done")]
    before = [event["parameters"] for event in of(events, "step")]
    assert before[1:] == after[:-1]
    assert before[0] != after[0]


def test_what_an_entry_reads_is_what_another_wrote_or_was_there_before(trace, tmp_path):
    events = trace(spec_file(tmp_path / "all.json", digits(training=Training(batch_size=4))))
    entries = of(events, "entry")
    computed = {key: spelt for entry in entries for key, spelt in entry["writes"].items()}
    seen = set()
    for entry in entries:
        for key, spelt in entry["reads"].items():
            if key in computed:
                assert key in seen
                assert spelt == computed[key]
        seen |= entry["writes"].keys()


SPECS = {
    "convolutions": digits(training=Training(batch_size=4, clip_norm=0.5)),
    "dropout": with_dropout(),
    "batch norm": with_batch_norm(),
    "regression": regression(optimizer=Adam()),
}


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_each_rule_is_latex_that_can_be_drawn_and_each_has_its_line_of_code(trace, tmp_path, spec):
    for entry in of(trace(spec_file(tmp_path / "spec.json", spec)), "entry"):
        assert entry["formula"]
        assert "\\" not in convert(entry["formula"]), "an unknown command is drawn as text"
        assert entry["code"]


def test_each_operation_is_told_in_plain_words_where_they_are_asked_for(trace, call):
    entries = of(trace("mazur-2-2-2", "--plain"), "entry")
    assert all(entry["words"].endswith(".") for entry in entries)
    assert "words" not in of(trace("mazur-2-2-2"), "entry")[0]
    _, printed, _ = call("trace", "mazur-2-2-2", "--plain")
    assert entries[0]["words"] in printed


def test_what_a_schedule_and_an_evaluation_need_is_printed(trace, tmp_path):
    spec = with_batch_norm(schedule=Cosine(), stop=Stop(epochs=3))
    events = trace(spec_file(tmp_path / "spec.json", spec), "--steps", 2)
    begin = events[0]
    for step in of(events, "step"):
        rate = spec.schedule.rate(
            spec.optimizer.learning_rate,
            step["step"] - 1,
            begin["total_steps"],
            begin["steps_per_epoch"],
        )
        assert step["rate"] == rate
    assert begin["samples_per_epoch"] == begin["training_samples"]
    assert begin["steps_per_epoch"] == -(-begin["samples_per_epoch"] // begin["batch_size"])
    for step, done in zip(of(events, "step"), of(events, "step_done"), strict=True):
        for path, moments in step["batch_norm"].items():
            layer = spec.layers[int(path)]
            n = step["samples"]
            for name, unbiased in (("mean", 1.0), ("var", n / (n - 1))):
                before, batch = array(moments[f"running_{name}"]), array(moments[name])
                after = array(done["batch_norm"][path][f"running_{name}"])
                near(after, (1 - layer.momentum) * before + layer.momentum * batch * unbiased)


def test_every_number_has_all_its_digits(trace):
    weight = of(trace("spiral-2-16-16-1"), "step")[0]["parameters"]["0.weight"]["values"]
    flat = np.array(weight).ravel()
    assert (flat == flat.astype(np.float32)).all()
    assert (flat != np.round(flat, 6)).any()


def test_the_seed_chooses_weights_and_data(trace):
    def start(*seed):
        step = of(trace("spiral-2-16-16-1", *seed), "step")[0]
        return step["parameters"], step["inputs"]

    assert start("--seed", 3) == start("--seed", 3)
    (parameters, inputs), (others, other_inputs) = start("--seed", 3), start("--seed", 4)
    assert parameters != others
    assert inputs != other_inputs


def test_a_sample_is_shown_alone_and_the_parameters_whole(trace):
    whole, one = trace("xor-2-2-1"), trace("xor-2-2-1", "--sample", 2)
    assert one[0]["sample"] == 2
    step = of(one, "step")[0]
    assert array(step["inputs"]).tolist() == array(of(whole, "step")[0]["inputs"])[2].tolist()
    assert step["rows"] == [of(whole, "step")[0]["rows"][2]]
    assert step["parameters"] == of(whole, "step")[0]["parameters"]
    per_sample = {"z:0", "a:0", "z:1", "a:1", "terms", "d:a:1", "d:z:1", "d:a:0", "d:z:0"}
    for ours, theirs in zip(of(one, "entry"), of(whole, "entry"), strict=True):
        ((key, value),) = ours["writes"].items()
        expected = array(theirs["writes"][key])
        assert array(value).tolist() == (expected[2] if key in per_sample else expected).tolist()
    assert of(one, "step_done") == of(whole, "step_done")


def test_samples_are_shown_alone_for_every_kind_of_layer(trace, tmp_path):
    path = spec_file(tmp_path / "all.json", digits(training=Training(batch_size=4)))
    whole, one = trace(path), trace(path, "--sample", 3)
    moments = {"mean:2.1", "var:2.1"}
    for ours, theirs in zip(of(one, "entry"), of(whole, "entry"), strict=True):
        for key, value in (ours["reads"] | ours["writes"]).items():
            expected = array((theirs["reads"] | theirs["writes"])[key])
            of_batch = key.split(":")[0] in ("p", "after", "loss") or "d:p:" in key
            expected = expected if of_batch or key in moments else expected[3]
            assert array(value).tolist() == expected.tolist(), key


def refused(outcome, part):
    status, out, err = outcome
    assert (status, out) == (2, "")
    assert part in err
    assert "Traceback" not in err
    return err


def test_a_sample_that_the_batch_does_not_have_is_refused_in_one_line(call):
    err = refused(call("trace", "xor-2-2-1", "--sample", 4, "--json"), "from 0 to 3")
    assert err.count("\n") == 1


def test_a_sample_that_only_the_last_batch_lacks_is_refused_before_anything_is_printed(
    call, tmp_path
):
    path = spec_file(tmp_path / "tiny.json", tiny())  # 30 samples: batches of 8, 8, 8 and 6
    assert call("trace", path, "--sample", 7, "--steps", 3)[0] == 0
    refused(call("trace", path, "--sample", 7, "--steps", 4), "from 0 to 5")
    assert call("trace", path, "--sample", 5, "--steps", 5)[0] == 0


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["xor-2-2-1", "--steps", "0"],
        ["xor-2-2-1", "--steps", "few"],
        ["xor-2-2-1", "--seed", "-1"],
        ["xor-2-2-1", "--sample", "-1"],
        ["xor-2-2-1", "--sample", "1.5"],
        ["xor-2-2-1", "--epochs", "1"],
    ],
)
def test_arguments_that_make_no_sense_give_status_2(call, argv):
    refused(call("trace", *argv), "usage:")


def test_an_experiment_that_is_not_there_is_named(call):
    assert refused(call("trace", "no-such"), "no-such").count("\n") == 1


def test_a_damaged_file_is_named(call, tmp_path):
    path = tmp_path / "spec.json"
    path.write_text("{")
    refused(call("trace", path), "spec.json")


def test_saved_weights_are_where_a_trace_begins(call, trace, tmp_path):
    saved = tmp_path / "w.safetensors"
    assert call("train", "xor-2-2-1", "--steps", 3, "--save", saved, "--json")[0] == 0
    fourth = trace("xor-2-2-1", "--steps", 4)
    (step,) = of(trace(saved), "step")
    assert step["step"] == 4
    assert step["parameters"] == of(fourth, "step")[3]["parameters"]


@pytest.mark.parametrize(
    ("optimizer", "lost"), [(Adam(learning_rate=0.01), True), (GradientDescent(), False)]
)
def test_a_trace_from_saved_weights_says_whether_the_optimizer_begins_anew(
    call, trace, tmp_path, optimizer, lost
):
    new, saved = (
        spec_file(tmp_path / "new.json", tiny(optimizer=optimizer)),
        tmp_path / "w.safetensors",
    )
    assert call("train", new, "--steps", 3, "--save", saved, "--json")[0] == 0
    header = trace(saved)[0]
    assert (header["from_step"], header["optimizer_state_lost"]) == (3, lost)
    lines = call("trace", saved)[1].splitlines()
    said = [line for line in lines if "holds the weights only" in line]
    assert len(said) == int(lost)
    if lost:
        assert lines[1] == said[0]
        assert said[0].startswith("Adam starts without the running averages it had after step 3")
        assert "w.safetensors" in said[0]
        update = next(e for e in of(trace(saved), "entry") if e["kind"] == "update")
        assert not array(update["reads"]["s:0.weight:exp_avg"]).any()


@pytest.mark.parametrize("optimizer", [Adam(), GradientDescent()])
def test_a_trace_from_new_weights_has_lost_nothing(call, trace, tmp_path, optimizer):
    path = spec_file(tmp_path / "new.json", tiny(optimizer=optimizer))
    header = trace(path)[0]
    assert (header["from_step"], header["optimizer_state_lost"]) == (0, False)
    assert "holds the weights only" not in call("trace", path)[1]


def test_what_is_not_finite_is_null(trace, tmp_path):
    spec = regression(
        layers=(Dense(units=4, activation=Identity()), Dense(units=1)),
        optimizer=GradientDescent(learning_rate=100.0),
    )
    events = trace(spec_file(tmp_path / "wild.json", spec), "--steps", 30)
    assert of(events, "step_done")[0]["loss"] is not None
    assert of(events, "step_done")[-1]["loss"] is None


def test_people_read_phases_rules_and_four_digits(call):
    status, out, err = call("trace", "worked-2-3-2")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    headings = [line for line in lines if line in ("Forward", "Loss", "Backward", "Update")]
    assert headings == ["Forward", "Loss", "Backward", "Update"]
    assert "  2 Dense  linear" in lines
    assert lines[-1].startswith("Loss 0.")
    numbers = [word for line in lines if "p:1.weight" in line for word in line.split()[-2:]]
    assert all(len(number.lstrip("-0.").replace(".", "")) <= 4 for number in numbers)


def test_large_arrays_are_abbreviated_for_people(call, tmp_path):
    layers = (Dense(units=64, activation=Sigmoid()), Dense(units=1, activation=Sigmoid()))
    _, out, _ = call("trace", spec_file(tmp_path / "wide.json", tiny(layers=layers)))
    assert "64×2" in out
    assert max(map(len, out.splitlines())) < 200


def test_a_reader_that_closes_the_pipe_early_ends_a_long_trace(tmp_path):
    argv = [sys.executable, "main.py", "trace", "xor-2-2-1", "--steps", "100000", "--json"]
    with subprocess.Popen(
        argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        assert json.loads(run.stdout.readline())["event"] == "trace"
        assert json.loads(run.stdout.readline())["event"] == "step"
        run.stdout.close()
        assert run.wait(60) == 141
        assert run.stderr.read() == ""


def test_mnist_is_traced_whole(trace):
    events = trace("dense-784-64-10")
    x = array(of(events, "step")[0]["inputs"])
    assert x.shape == (32, 1, 28, 28)
    gradient = written(events, "d:p:1.weight")
    assert gradient.shape == (64, 784)
    delta = written(events, "d:z:1")
    np.testing.assert_allclose(gradient, delta.T @ x.reshape(32, 784), atol=1e-7)
