"""``surface``: numbers and pictures of a loss surface from the command line."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.catalog.optimizers import SGD
from core.experiment.layers import infer_shapes
from core.experiment.network import Network
from core.presets import PRESETS
from core.terminal import main

XOR = PRESETS["xor-2-2-1"].spec


def surface(*arguments: object) -> int:
    return main(["surface", *map(str, arguments)])


def loss_at(parameters: np.ndarray, spec=XOR, seed: int = 0) -> float:
    """The loss of the whole training set by plain PyTorch."""
    data = spec.data.load(seed)
    network = Network(infer_shapes(spec.layers, data.shape.input_shape), seed).eval()
    with torch.no_grad():
        torch.nn.utils.vector_to_parameters(torch.from_numpy(parameters), network.parameters())
        z = network(data.train_inputs)
        targets = spec.loss.encode(data.train_labels, data.shape.outputs, z.shape[1])
        return float(spec.loss.value(z, network.activate(z), targets))


@pytest.mark.parametrize("plane", ["random", "pca", "start", "weights:0.weight[0,1],1.bias[0]"])
def test_the_numbers_written_are_the_losses_of_plain_pytorch(tmp_path, plane) -> None:
    out = tmp_path / "surface.npz"
    chosen = ("xor-2-2-1", "--plane", plane, "--grid", 9, "--steps", 40, "--seed", 3)
    assert surface(*chosen, "--out", out) == 0
    with np.load(out, allow_pickle=False) as found:
        assert found["loss"].shape == (9, 9)
        spec = XOR.model_copy(update={"seed": 3})
        for row, column in ((0, 0), (3, 7), (8, 8), (4, 4)):
            x, y = np.float32(found["x"][column]), np.float32(found["y"][row])
            parameters = found["base"] + x * found["d1"] + y * found["d2"]
            assert found["loss"][row, column] == pytest.approx(
                loss_at(parameters, spec, 3), rel=2e-5
            )
        assert found["steps"][[0, -1]].tolist() == [0, 40]
        assert sorted(found["rows"].tolist()) == [0, 1, 2, 3]


def test_a_surface_over_some_samples_names_them(tmp_path) -> None:
    out, spec = tmp_path / "surface.npz", PRESETS["spiral-2-16-16-1"].spec
    assert surface("spiral-2-16-16-1", "--grid", 5, "--samples", 20, "--out", out) == 0
    data = spec.data.load(spec.seed)
    with np.load(out) as found:
        rows = torch.from_numpy(found["rows"])
        network = Network(infer_shapes(spec.layers, data.shape.input_shape), spec.seed).eval()
        parameters = found["base"] + found["x"][1] * found["d1"] + found["y"][2] * found["d2"]
        with torch.no_grad():
            vector = torch.from_numpy(parameters.astype(np.float32))
            torch.nn.utils.vector_to_parameters(vector, network.parameters())
            z = network(data.train_inputs[rows])
            targets = spec.loss.encode(data.train_labels[rows], data.shape.outputs, z.shape[1])
            expected = float(spec.loss.value(z, network.activate(z), targets))
        assert len(rows) == 20
        assert found["loss"][2, 1] == pytest.approx(expected, rel=2e-5)


def test_two_weights_have_their_own_values_on_the_axes(tmp_path) -> None:
    out = tmp_path / "surface.npz"
    plane = "weights:0.weight[0,1],1.bias[0]"
    assert surface("xor-2-2-1", "--plane", plane, "--grid", 5, "--range", 1, "--out", out) == 0
    shapes = infer_shapes(XOR.layers, XOR.data.shape().input_shape)
    network = Network(shapes, XOR.seed)
    weight = dict(zip(network.parameter_names(), network.parameters(), strict=True))["0.weight"]
    with np.load(out) as found:
        assert found["x"][2] == pytest.approx(weight[0, 1].item(), rel=1e-6)
        assert found["titles"].tolist() == ["0.weight[0, 1]", "1.bias[0]"]


@pytest.mark.parametrize(("name", "begins"), [("s.png", b"\x89PNG"), ("s.svg", b"<?xml")])
def test_a_picture_is_written(tmp_path, name, begins) -> None:
    out = tmp_path / name
    assert surface("xor-2-2-1", "--grid", 9, "--steps", 5, "--out", out) == 0
    assert out.read_bytes().startswith(begins)


def test_the_gradient_and_the_update_span_a_plane(tmp_path, capsys) -> None:
    out = tmp_path / "s.npz"
    chosen = ("dense-100-64-10", "--plane", "descent", "--samples", 64)
    assert surface(*chosen, "--grid", 5, "--steps", 2, "--out", out) == 0
    assert "64 of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--plane", "sideways"), "random"),
        (("--plane", "weights:0.weight[0,1],0.weight[0,1]"), "0.weight"),
        (("--plane", "weights:9.weight[0,1],1.bias[0]"), "9.weight"),
        (("--plane", "pca"), "--steps 200"),
        (("--plane", "pca", "--steps", "1"), "2 steps at least, not 1. Train more steps first"),
        (("--plane", "descent"), "step"),
        (("--range", "1e38"), "1e-09 to 1e+12"),
    ],
)
def test_what_cannot_be_is_said_in_words(tmp_path, capsys, arguments, said) -> None:
    out = tmp_path / "s.npz"
    assert surface("xor-2-2-1", *arguments, "--grid", 5, "--out", out) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("steps", [0, 1, 2, 5, 230])
def test_exactly_as_many_steps_are_taken_as_asked_for(tmp_path, steps) -> None:
    out = tmp_path / "s.npz"
    assert surface("xor-2-2-1", "--steps", steps, "--grid", 5, "--out", out) == 0
    with np.load(out) as found:
        assert found["steps"][0] == 0
        assert found["steps"][-1] == steps


def test_a_path_too_straight_is_made_longer_by_steps_not_by_seconds(tmp_path, capsys) -> None:
    still = XOR.model_copy(update={"optimizer": SGD(learning_rate=1e-30)})
    file = tmp_path / "still.json"
    file.write_text(still.model_dump_json(), "utf-8")
    chosen = (file, "--plane", "pca", "--steps", 2)
    assert surface(*chosen, "--grid", 5, "--out", tmp_path / "s.npz") == 2
    said = capsys.readouterr().err
    assert "same weights" in said
    assert "--steps 200" in said
    assert "second" not in said


def test_weights_of_zero_are_seen_along_two_of_them_unless_another_plane_is_asked_for(
    tmp_path, capsys
) -> None:
    out = tmp_path / "s.npz"
    assert surface("logistic-2-1", "--grid", 5, "--steps", 1200, "--out", out) == 0
    with np.load(out) as found:
        assert found["titles"].tolist() == ["0.weight[0, 0]", "0.weight[0, 1]"]
        assert "values of step 1,200." in str(found["note"])
    assert surface("logistic-2-1", "--plane", "random", "--grid", 5, "--out", out) == 2
    assert "zero" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [("--grid", 1000), ("--range", 0), ("--range", "nan"), ("--steps", -1)]
)
def test_numbers_out_of_range_are_refused(tmp_path, capsys, arguments) -> None:
    assert surface("xor-2-2-1", *arguments, "--out", tmp_path / "s.npz") == 2
    assert capsys.readouterr().err


def test_another_kind_of_file_is_refused(tmp_path, capsys) -> None:
    assert surface("xor-2-2-1", "--out", tmp_path / "s.doc") == 2
    assert ".npz" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_named(tmp_path, capsys) -> None:
    out = tmp_path / "nowhere" / "s.npz"
    assert surface("xor-2-2-1", "--grid", 5, "--out", out) == 2
    assert "nowhere" in capsys.readouterr().err
