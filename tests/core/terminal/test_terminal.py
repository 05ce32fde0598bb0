"""The terminal, as a person and as a program use it."""

import gzip
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from PIL import Image

from core import terminal
from core.catalog.optimizers import Adam
from core.data.mnist import FOLDER, Mnist
from core.experiment.spec import Device, Stop, Training
from core.experiment.weights import load_weights
from core.presets import FIRST, PRESETS
from core.terminal.train import DEVICES
from tests.core.experiments import tiny
from tests.pictures import picture_of

ROOT = Path(__file__).parents[3]


def records(text):
    return [json.loads(line, parse_constant=pytest.fail) for line in text.splitlines()]


def written(path, spec):
    path.write_text(spec.to_json(), encoding="utf-8")
    return path


def error_line(outcome):
    """The one line on stderr of a call that was refused."""
    status, out, err = outcome
    assert status == 2
    assert out == ""
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


@pytest.fixture(scope="session")
def digits_file(tmp_path_factory):
    """Weights of the dense digits network after one quick epoch."""
    folder = tmp_path_factory.mktemp("digits")
    spec = PRESETS["dense-784-64-10"].spec.model_copy(
        update={
            "data": Mnist(samples=20_000, test_samples=1000),
            "optimizer": Adam(learning_rate=3e-3),
            "stop": Stop(epochs=2),
            "device": "cpu",
        }
    )
    target = folder / "digits.safetensors"
    argv = ["train", str(written(folder / "digits.json", spec)), "--save", str(target), "--json"]
    assert terminal.main(argv) == 0
    return target


def test_presets_lists_every_name(call):
    status, out, _ = call("presets")
    assert status == 0
    assert [line.split()[0] for line in out.splitlines()] == list(PRESETS)
    assert [record["name"] for record in records(call("presets", "--json")[1])] == list(PRESETS)


@pytest.mark.parametrize("name", [name for name in PRESETS if name not in ("cnn-mnist-residual",)])
def test_every_preset_trains(call, name):
    status, out, err = call("train", name, "--steps", 2, "--json", "--device", "cpu")
    assert (status, err) == (0, "")
    assert records(out)[-1]["steps"] == 2


def test_json_gives_one_object_a_line_and_finishes_last(call, tmp_path):
    spec = written(tmp_path / "tiny.json", tiny(stop=Stop(epochs=3)))
    status, out, err = call("train", spec, "--json")
    assert (status, err) == (0, "")
    *epochs, last = records(out)
    assert [record["event"] for record in epochs] == ["epoch"] * 3
    assert [record["epoch"] for record in epochs] == [1, 2, 3]
    assert {"step", "train_loss", "test_loss", "test_accuracy", "samples_per_s"} <= set(epochs[0])
    assert (last["event"], last["outcome"], last["epochs"]) == ("finished", "finished", 3)
    assert last["test_loss"] == epochs[-1]["test_loss"]
    assert last["device"] == "cpu"


def test_json_prints_every_epoch_and_people_get_a_few_lines_a_second(call):
    _, out, _ = call("train", "xor-2-2-1", "--epochs", 300, "--json")
    assert len(records(out)) == 301
    _, out, _ = call("train", "xor-2-2-1", "--epochs", 300)
    lines = out.splitlines()
    assert "XOR" in lines[0]
    assert lines[-2].startswith("epoch 300 ")
    assert lines[-1].startswith("Finished: 300 of 300 epochs")
    assert len(lines) < 50


def test_steps_and_epochs_replace_the_end_of_the_preset(call):
    assert records(call("train", "logistic-2-1", "--epochs", 3, "--json")[1])[-1]["epochs"] == 3
    assert records(call("train", "xor-2-2-1", "--steps", 5, "--json")[1])[-1]["steps"] == 5


def test_one_seed_gives_the_same_numbers_and_another_gives_others(call):
    def losses(*more):
        _, out, _ = call("train", "three-2-8-3", "--epochs", 3, "--json", *more)
        return [record["test_loss"] for record in records(out)]

    assert losses("--seed", 7) == losses("--seed", 7)
    assert losses("--seed", 7) != losses("--seed", 8)


def test_the_devices_offered_are_those_an_experiment_knows():
    assert get_args(Device) == DEVICES


@pytest.mark.parametrize(
    ("argv", "part"),
    [
        (["train", "no-such"], "There is neither a preset nor a file no-such"),
        (["train", "no-such.safetensors"], "There is no file"),
        (["train", "xor-2-2-1", "--save", "weights.pt"], ".safetensors"),
        (["train", "xor-2-2-1", "--save", "/no/such/w.safetensors"], "cannot be written"),
        (["train", "cnn-mnist", "--data", "/no/such"], "/no/such"),
        (["predict", "--weights", "no-such.safetensors", "x.png"], "There is no file"),
    ],
)
def test_a_mistake_is_one_line(call, argv, part):
    assert part in error_line(call(*argv))


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["dance"],
        ["train"],
        ["train", "xor-2-2-1", "--epochs", "0"],
        ["train", "xor-2-2-1", "--epochs", "many"],
        ["train", "xor-2-2-1", "--seed", "-1"],
        ["train", "xor-2-2-1", "--device", "abacus"],
        ["predict", "x.png"],
    ],
)
def test_arguments_that_make_no_sense_give_status_2(call, argv):
    status, out, err = call(*argv)
    assert (status, out) == (2, "")
    assert "usage:" in err


def test_a_number_of_epochs_beyond_all_bounds_is_refused(call):
    assert "epochs" in error_line(call("train", "xor-2-2-1", "--epochs", 10**12))


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe\x00", b'{"version": 9}', b'{"version": 1}']
)
@pytest.mark.parametrize("name", ["spec.json", "weights.safetensors"])
def test_a_damaged_file_is_named(call, tmp_path, content, name):
    path = tmp_path / name
    path.write_bytes(content)
    assert name in error_line(call("train", path))


def test_a_folder_in_the_place_of_a_file_is_refused(call, tmp_path):
    assert "cannot be read" in error_line(call("train", tmp_path))


def test_debug_shows_the_traceback_before_and_after_the_subcommand(call):
    for argv in (["--debug", "train", "no-such"], ["train", "no-such", "--debug"]):
        status, _, err = call(*argv)
        assert status == 2
        assert "Traceback" in err
        assert err.splitlines()[-1].startswith("Error: ")


def test_a_path_that_cannot_be_written_is_refused_before_training(call, tmp_path):
    (tmp_path / "taken.safetensors").mkdir()
    assert "folder" in error_line(
        call("train", "cnn-mnist", "--save", tmp_path / "taken.safetensors")
    )


def test_checking_leaves_nothing_behind_and_saving_only_the_file(call, tmp_path):
    target = tmp_path / "w.safetensors"
    target.write_bytes(b"old")
    assert call("train", "no-such", "--save", target)[0] == 2
    assert target.read_bytes() == b"old"
    _, out, _ = call("train", "xor-2-2-1", "--steps", 3, "--save", target, "--json")
    assert records(out)[-1]["saved"] == str(target)
    assert list(tmp_path.iterdir()) == [target]
    assert load_weights(target)[2] == 3


def test_divergence_is_explained_saved_and_has_status_1(call, tmp_path):
    from core.catalog.optimizers import GradientDescent

    spec = PRESETS["sine-1-16-16-1"].spec.model_copy(
        update={"optimizer": GradientDescent(learning_rate=100.0)}
    )
    path, target = written(tmp_path / "wild.json", spec), tmp_path / "w.safetensors"
    status, out, _ = call("train", path, "--json", "--save", target)
    *_, diverged, last = records(out)
    assert status == 1
    assert diverged["event"] == "diverged"
    assert "learning rate" in diverged["message"]
    assert (last["event"], last["outcome"]) == ("finished", "diverged")
    assert all(tensor.isfinite().all() for tensor in load_weights(target)[1].values())
    status, out, err = call("train", path)
    assert status == 1
    assert "learning rate" in err
    assert out.splitlines()[-1].startswith("Diverged")


def test_numbers_that_are_not_finite_become_null(capsys):
    from core.terminal.output import write_json

    write_json({"a": float("nan"), "b": [float("inf"), 1.5], "c": {"d": -float("inf")}})
    assert records(capsys.readouterr().out) == [{"a": None, "b": [None, 1.5], "c": {"d": None}}]


def test_plain_sgd_goes_on_from_an_epochs_end_bit_for_bit(call, tmp_path):
    spec = written(tmp_path / "tiny.json", tiny(training=Training(batch_size=8)))
    half, whole, joined = (tmp_path / f"{name}.safetensors" for name in ("half", "whole", "joined"))
    call("train", spec, "--epochs", 2, "--save", half)
    _, out, _ = call("train", half, "--epochs", 3, "--save", joined, "--json")
    assert [record["epoch"] for record in records(out)[:-1]] == [3, 4, 5]
    call("train", spec, "--epochs", 5, "--save", whole)
    ours, other = load_weights(joined), load_weights(whole)
    assert ours[2] == other[2]
    for name, tensor in ours[1].items():
        assert tensor.numpy().tobytes() == other[1][name].numpy().tobytes()


def test_going_on_with_an_optimizer_that_remembers_says_what_is_not_in_the_file(call, tmp_path):
    target = tmp_path / "w.safetensors"
    call("train", "three-2-8-3", "--epochs", 1, "--save", target)
    notice, epoch, _ = records(call("train", target, "--epochs", 1, "--json")[1])
    assert notice["event"] == "notice"
    assert "Adam" in notice["message"]
    assert epoch["epoch"] == 2


def test_a_finished_file_goes_on_when_no_end_is_given(call, tmp_path):
    target = tmp_path / "w.safetensors"
    spec = written(tmp_path / "tiny.json", tiny(stop=Stop(epochs=2)))
    call("train", spec, "--save", target)
    assert records(call("train", target, "--json")[1])[-1]["epochs"] == 4


def idx_folder(folder, count=200, label=lambda i: i % 10):
    images = np.random.default_rng(0).integers(0, 255, (count, 28, 28), np.uint8)
    labels = np.array([label(index) for index in range(count)], np.uint8)
    for part in ("train", "t10k"):
        head = bytes([0, 0, 8, 3]) + np.array(images.shape, ">i4").tobytes()
        (folder / f"{part}-images-idx3-ubyte").write_bytes(head + images.tobytes())
        head = bytes([0, 0, 8, 1]) + np.array(labels.shape, ">i4").tobytes()
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(head + labels.tobytes())
    return folder


@pytest.mark.parametrize("preset", ["dense-784-64-10", "dense-100-64-10", "three-2-8-3"])
def test_a_folder_takes_the_place_of_the_presets_data(call, tmp_path, preset):
    target = tmp_path / "w.safetensors"
    data = idx_folder(tmp_path)
    assert call("train", preset, "--data", data, "--epochs", 1, "--save", target)[0] == 0
    spec = load_weights(target)[0]
    assert spec.data.folder == str(data)
    assert spec.data.shape().input_shape == ((1, 10, 10) if "100" in preset else (1, 28, 28))


def test_a_damaged_folder_is_refused(call, tmp_path):
    idx_folder(tmp_path)
    path = tmp_path / "train-images-idx3-ubyte"
    path.write_bytes(path.read_bytes()[:-7])
    assert path.name in error_line(call("train", "dense-784-64-10", "--data", tmp_path))


def mnist_test_digits():
    """The first test image of each digit, (28, 28) uint8."""
    images = gzip.decompress((FOLDER / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    labels = gzip.decompress((FOLDER / "t10k-labels-idx1-ubyte.gz").read_bytes())[8:]
    pixels = np.frombuffer(images, np.uint8).reshape(-1, 28, 28)
    return [(digit, pixels[labels.index(digit)]) for digit in range(10)]


@pytest.mark.parametrize("dark_on_light", [True, False])
def test_predict_reads_test_digits_as_pictures_of_any_size(
    call, tmp_path, digits_file, dark_on_light
):
    paths = []
    for digit, pixels in mnist_test_digits():
        image = Image.fromarray(255 - pixels if dark_on_light else pixels)
        path = tmp_path / f"{digit}.png"
        image.resize((200 + digit, 200 + digit), Image.Resampling.BICUBIC).save(path)
        paths.append(path)
    status, out, err = call("predict", "--weights", digits_file, "--json", *paths)
    found = records(out)
    assert (status, err) == (0, "")
    assert [record["image"] for record in found] == [str(path) for path in paths]
    assert sum(record["prediction"] == Path(record["image"]).stem for record in found) >= 9
    for record in found:
        assert sum(record["probabilities"].values()) == pytest.approx(1, abs=1e-5)
        assert record["probabilities"][record["prediction"]] == max(
            record["probabilities"].values()
        )


def test_predict_prints_ten_aligned_lines_with_the_likeliest_first(call, tmp_path, digits_file):
    path = tmp_path / "seven.png"
    Image.fromarray(mnist_test_digits()[7][1]).save(path)
    _, out, _ = call("predict", "--weights", digits_file, path)
    name, *lines = out.splitlines()
    assert name == str(path)
    assert lines[0].split()[:2] == ["*", "7"]
    assert len({len(line) for line in lines}) == 1
    values = [float(line.split()[-1].rstrip("%")) for line in lines]
    assert values == sorted(values, reverse=True)
    assert len(values) == 10


def test_predict_says_what_it_is_unsure_of(call, tmp_path, digits_file):
    pair = np.concatenate([mnist_test_digits()[7][1], mnist_test_digits()[1][1]], 1)
    Image.fromarray(pair).save(tmp_path / "pair.png")
    _, out, _ = call("predict", "--weights", digits_file, tmp_path / "pair.png")
    said = [line for line in out.splitlines() if line.startswith("Unsure: ")]
    assert said[0] == (
        "Unsure: There is more than one shape: the network reads one digit at a time."
    )
    _, out, _ = call("predict", "--weights", digits_file, "--json", tmp_path / "pair.png")
    assert records(out)[0]["doubts"] == [line.removeprefix("Unsure: ") for line in said]


def test_predict_reads_a_digit_on_squared_paper(call, tmp_path, digits_file):
    paths, rng = [], np.random.default_rng(1)
    for digit, pixels in mnist_test_digits():
        paths.append(tmp_path / f"{digit}.png")
        Image.fromarray(picture_of("squared photo", pixels, rng)).save(paths[-1])
    found = records(call("predict", "--weights", digits_file, "--json", *paths)[1])
    assert sum(record["prediction"] == Path(record["image"]).stem for record in found) >= 8


@pytest.mark.parametrize(("flag", "is_on"), [("--augment", True), ("--no-augment", False)])
def test_train_changes_pictures_or_not_as_asked(call, tmp_path, flag, is_on):
    preset = "dense-100-64-10" if is_on else FIRST
    target = tmp_path / "digits.safetensors"
    status, _, err = call("train", preset, "--steps", 2, flag, "--save", target, "--device", "cpu")
    assert (status, err) == (0, "")
    spec, _, _ = load_weights(target)
    assert spec.augmentation.on is is_on


def test_predict_goes_on_after_a_picture_that_cannot_be_read(call, tmp_path, digits_file):
    good, bad, blank = (tmp_path / name for name in ("good.png", "bad.png", "blank.png"))
    Image.fromarray(mnist_test_digits()[1][1]).save(good)
    bad.write_bytes(b"no picture")
    Image.new("L", (40, 40), 255).save(blank)
    status, out, err = call("predict", "--weights", digits_file, bad, blank, good)
    assert status == 2
    assert "bad.png" in err.splitlines()[0]
    assert "blank.png" in err.splitlines()[1]
    assert "good.png" in out
    assert "bad.png" in error_line(call("predict", "--weights", digits_file, bad))


def test_predict_refuses_a_network_that_reads_no_pictures(call, tmp_path):
    target = tmp_path / "w.safetensors"
    call("train", "xor-2-2-1", "--steps", 1, "--save", target)
    assert "reads no pictures" in error_line(call("predict", "--weights", target, "x.png"))


def test_predict_needs_no_longer_the_folder_that_was_trained_on(call, tmp_path):
    target, folder = tmp_path / "w.safetensors", tmp_path / "data"
    folder.mkdir()
    call("train", "dense-100-64-10", "--data", idx_folder(folder), "--steps", 1, "--save", target)
    for path in folder.iterdir():
        path.unlink()
    picture = tmp_path / "3.png"
    Image.fromarray(mnist_test_digits()[3][1]).save(picture)
    assert call("predict", "--weights", target, picture)[0] == 0


def start(*argv):
    return subprocess.Popen(
        [sys.executable, "-m", "core.terminal", *map(str, argv)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C cannot be sent to one process there")
def test_ctrl_c_stops_measures_saves_and_has_status_130(tmp_path):
    target = tmp_path / "w.safetensors"
    with start("train", "spiral-2-16-16-1", "--epochs", 900_000, "--json", "--save", target) as run:
        first = json.loads(run.stdout.readline())
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
    last = json.loads(out.splitlines()[-1])
    assert first["event"] == "epoch"
    assert (run.returncode, err) == (130, "")
    assert (last["event"], last["outcome"]) == ("finished", "stopped")
    assert last["test_loss"] is not None
    assert load_weights(target)[2] == last["steps"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such pipes there")
def test_a_reader_that_leaves_is_no_error():
    with start("train", "xor-2-2-1", "--json", "--epochs", 900_000) as run:
        run.stdout.readline()
        run.stdout.close()
        assert run.wait(timeout=60) == 141
        assert run.stderr.read() == ""


def test_help_does_not_wait_for_torch():
    code = (
        "import sys; from core.terminal import main; status = main(['train', '--help']); "
        "sys.exit(status or 'torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True)


def test_main_hands_its_arguments_to_the_terminal():
    command = [sys.executable, "main.py", "train", "no-such"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: There is neither a preset nor a file no-such.")
    assert done.stderr.count("\n") == 1


def test_what_keeps_a_network_from_learning_is_told_at_the_end(call):
    _, out, _ = call("train", "xor-no-hidden", "--json")
    (finding,) = records(out)[-1]["findings"]
    assert finding["kind"] == "collapsed"
    assert finding["numbers"]["now"] < 0.2 * finding["numbers"]["before"]
    assert finding["try"] == "A hidden layer of 8 tanh units"
    *_, told, _ = call("train", "xor-no-hidden")[1].splitlines()
    assert told.startswith(finding["says"])
    assert told.endswith("Worth a try: A hidden layer of 8 tanh units.")
