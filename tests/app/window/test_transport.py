"""The header: the buttons and the readout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.window.readout import Readout
from core.messages.curves import Curve, Curves
from core.messages.snapshot import Progress, RunState, Snapshot
from core.presets import PRESETS
from tests.app.fakes import snapshot_of
from tests.app.real_window import OFFSCREEN, open_window

pytestmark = OFFSCREEN


@pytest.fixture
def readout(qtbot):
    readout = Readout()
    qtbot.addWidget(readout)
    readout.show()
    return readout


def curve(*points: tuple[int, float]) -> Curve:
    steps, values = zip(*points, strict=True)
    return Curve(np.array(steps, np.int64), np.array(values, np.float32))


def at(step: int, curves: Curves, state: RunState = RunState.PAUSED, epoch: int = 10) -> Snapshot:
    snapshot = snapshot_of(PRESETS["xor-2-2-1"].spec)
    progress = Progress(step=step, steps_per_epoch=epoch)
    return replace(snapshot, curves=curves, progress=progress, state=state)


def test_the_newest_values_are_shown_to_four_digits_and_whole_on_hover(readout) -> None:
    curves = Curves(
        train_loss=curve((4, 1), (5, 0.25)),
        test_loss=curve((0, 1), (5, 0.1234567)),
        test_accuracy=curve((0, 1), (5, 0.9632)),
    )
    readout.show_snapshot(at(5, curves))
    assert readout.train_loss.number.text() == "0.2500"
    assert readout.test_loss.number.text() == "0.1235"
    assert readout.test_loss.number.toolTip() == repr(float(np.float32(0.1234567)))
    assert readout.test_accuracy.number.text() == "96.32%"


SEVEN_STEPS = Curves(
    train_loss=curve(*((step, 10.0 - step) for step in range(1, 8))),
    test_loss=curve((0, 0.9), (1, 0.8), (2, 0.7), (4, 0.5), (7, 0.2)),
    test_accuracy=curve((0, 0.1), (1, 0.2), (2, 0.3), (4, 0.5), (7, 0.9)),
    test_part=20,
    test_count=20,
)


@pytest.mark.parametrize(
    ("step", "figures", "note"),
    [
        (4, ("6.000", "0.5000", "50.00%"), ""),
        (3, ("7.000", "0.7000", "30.00%"), "at step 2"),
        (0, ("–", "0.9000", "10.00%"), ""),
        (7, ("3.000", "0.2000", "90.00%"), ""),
    ],
)
def test_the_headline_is_of_the_step_one_stands_at(readout, step, figures, note) -> None:
    readout.show_snapshot(at(step, SEVEN_STEPS))
    shown = (readout.train_loss, readout.test_loss, readout.test_accuracy)
    assert tuple(figure.number.text() for figure in shown) == figures
    assert readout.tests.text() == note


def test_what_was_measured_over_a_part_says_so_and_gives_way_to_the_whole(readout) -> None:
    curves = Curves(
        test_loss=curve((64, 0.5), (128, 0.4)),
        whole_loss=curve((64, 0.6)),
        test_part=1000,
        test_count=10_000,
    )
    readout.show_snapshot(at(64, curves))
    assert (readout.test_loss.number.text(), readout.tests.text()) == ("0.6000", "")
    readout.show_snapshot(at(128, curves))
    assert readout.test_loss.number.text() == "0.4000"
    assert readout.tests.text() == "1,000 of 10,000 samples"
    readout.show_snapshot(at(200, curves))
    assert readout.tests.text() == "step 128, 1,000 of 10,000"
    assert "end of each epoch" in readout.tests.toolTip()


def test_while_training_a_figure_a_few_steps_old_is_as_new_as_the_picture(readout) -> None:
    curves = Curves(test_loss=curve((1000, 0.5)), test_part=20, test_count=20)
    readout.show_snapshot(at(1009, curves, RunState.RUNNING))
    assert readout.tests.text() == ""
    readout.show_snapshot(at(1009, curves))
    assert readout.tests.text() == "at step 1,000"
    readout.show_snapshot(at(1100, curves, RunState.RUNNING))
    assert readout.tests.text() == "at step 1,000"


@pytest.mark.parametrize(
    ("epoch", "steps", "words"),
    [
        (10, (1, 2), "of one batch"),
        (10, (8, 16), "mean of 8 batches"),
        (1, (1, 2), "of all samples"),
        (1, (8, 16), "mean of 8 steps"),
    ],
)
def test_the_training_loss_says_over_which_batches_it_is_a_mean(
    readout, epoch, steps, words
) -> None:
    curves = Curves(train_loss=curve(*((step, 1.0) for step in steps)))
    readout.show_snapshot(at(steps[-1], curves, epoch=epoch))
    assert readout.batches.text() == words


def test_a_loss_of_balanced_classes_says_so(readout) -> None:
    spec = PRESETS["spiral-2-16-16-1"].spec
    balanced = spec.training.model_copy(update={"balanced": True})
    spec = spec.model_copy(update={"training": balanced})
    for last, words in ((2, "one balanced batch"), (16, "8 balanced batches")):
        curves = Curves(train_loss=curve((last // 2, 1.0), (last, 1.0)))
        readout.show_snapshot(replace(at(last, curves), spec=spec, data=snapshot_of(spec).data))
        assert readout.batches.text() == words


def test_nothing_measured_is_a_dash(readout) -> None:
    readout.show_snapshot(None)
    assert readout.train_loss.number.text() == "–"
    assert readout.train_loss.number.toolTip() == ""


def test_regression_has_no_accuracy(readout) -> None:
    readout.show_snapshot(snapshot_of(PRESETS["sine-1-16-16-1"].spec))
    assert readout.test_accuracy.isHidden()
    readout.show_snapshot(snapshot_of(PRESETS["xor-2-2-1"].spec))
    assert not readout.test_accuracy.isHidden()


def test_the_header_stays_where_it_is_in_every_perspective(qtbot, monkeypatch, tmp_path) -> None:
    window = open_window(qtbot, monkeypatch, tmp_path)
    places = set()
    for perspective in ("build", "train"):
        window.experiments.show_perspective(perspective)
        transport, readout = window.header.transport, window.header.readout
        places.add((transport.geometry().getRect(), readout.geometry().getRect()))
    assert len(places) == 1
