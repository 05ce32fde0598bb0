"""A broken experiment says so wherever the terminal shows it, and has neither surface nor race."""

import pytest

from core.presets.lab import CASES

KINDS = [case.fault.kind for case in CASES]
KEPT = CASES[KINDS.index("gradients_kept")]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "broken.json"
    path.write_text(KEPT.to_json(), encoding="utf-8")
    return path


def test_a_trace_names_the_fault_and_both_lines_and_gives_no_line_as_the_codes_own(events, file):
    found = events("trace", file, "--steps", 2)
    fault = KEPT.fault
    assert found[0]["fault"] == {
        "kind": "gradients_kept",
        "label": fault.label,
        "broken": fault.broken,
        "repaired": fault.repaired,
        "operations": ["weight_gradient", "bias_gradient"],
    }
    entries = [event for event in found if event["event"] == "entry"]
    assert {entry["code"] for entry in entries} == {""}


def test_for_people_it_stands_under_the_name(call, file):
    status, out, _ = call("trace", file, "--plain")
    assert status == 0
    lines = out.splitlines()
    assert lines[1] == f"Broken on purpose: {KEPT.fault.label}."
    assert lines[2].endswith(KEPT.fault.broken)
    assert lines[3].endswith(KEPT.fault.repaired)
    assert "and so does this code." in out


def test_sound_code_has_no_fault_to_name(events):
    assert events("trace", "worked-2-3-2")[0]["fault"] is None


def test_training_says_it_too(call, events, file):
    found = events("train", file, "--steps", 3)
    assert found[0] == {"event": "broken", "message": f"Broken on purpose: {KEPT.fault.label}."}
    assert f"Broken on purpose: {KEPT.fault.label}." in call("train", file, "--steps", 3)[2]


@pytest.mark.parametrize(
    "command", [("surface", "--out", "x.npz"), ("race", "--optimizers", "sgd:0.1")]
)
def test_it_has_neither_surface_nor_race(call, file, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    status, _, err = call(*command, file)
    assert status != 0
    assert not (tmp_path / "x.npz").exists()
    assert "broken on purpose" in err


def test_it_is_no_preset(call):
    assert "Find the fault" not in call("presets")[1]
