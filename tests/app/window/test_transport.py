"""The header: the buttons and the readout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.window.transport import Readout
from core.messages.curves import Curve, Curves
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


def curve(value: float) -> Curve:
    return Curve(np.array([0, 5], np.int64), np.array([1, value], np.float32))


def test_the_newest_values_are_shown_to_four_digits_and_whole_on_hover(readout) -> None:
    curves = Curves(train_loss=curve(0.25), test_loss=curve(0.1234567), test_accuracy=curve(0.9632))
    readout.show_snapshot(replace(snapshot_of(PRESETS["xor-2-2-1"].spec), curves=curves))
    assert readout.train_loss.number.text() == "0.2500"
    assert readout.test_loss.number.text() == "0.1235"
    assert readout.test_loss.number.toolTip() == repr(float(np.float32(0.1234567)))
    assert readout.test_accuracy.number.text() == "96.32%"


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
