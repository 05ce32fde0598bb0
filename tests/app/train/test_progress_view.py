from dataclasses import replace

import pytest

from app.train.progress import ProgressView
from core.messages.snapshot import Progress, RunState
from core.sentence import Sentence

HALF = Progress(
    step=5_625,
    epoch=3,
    epoch_step=0,
    steps_per_epoch=1875,
    total_steps=18_750,
    learning_rate=0.01,
    samples_per_second=45_321.7,
    seconds_left=125.0,
)


@pytest.fixture
def view(qtbot, fake_bridge):
    widget = ProgressView(fake_bridge)
    qtbot.addWidget(widget)
    widget.resize(1000, 36)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def present(fake_bridge, state, progress=HALF, message=None, **stop):
    now = fake_bridge.snapshot
    spec = now.spec.model_copy(update={"stop": now.spec.stop.model_copy(update=stop)})
    fake_bridge.present(replace(now, spec=spec, state=state, progress=progress, message=message))


def test_training_shows_epoch_step_time_speed_and_rate(view, fake_bridge):
    present(fake_bridge, RunState.RUNNING)
    assert view.state.text() == "Training"
    assert view.count.text() == "Epoch 4 of 10 · step 5,625 of 18,750"
    assert view.time_left.text() == "2 min 5 s left"
    assert view.speed.text() == "45,320 samples/s"
    assert view.rate.text() == "Learning rate 0.01"
    assert view.bar.value() / view.bar.maximum() == pytest.approx(0.3)


def test_after_the_last_epoch_the_last_one_is_named(view, fake_bridge):
    done = replace(HALF, step=18_750, epoch=10)
    present(fake_bridge, RunState.FINISHED, done)
    assert view.count.text().startswith("Epoch 10 of 10 ")


def test_without_an_end_there_is_no_bar_but_the_steps_count(view, fake_bridge):
    endless = replace(HALF, total_steps=None, seconds_left=None)
    present(fake_bridge, RunState.RUNNING, endless, epochs=None)
    assert not view.bar.isVisible()
    assert view.count.text() == "Epoch 4 · step 5,625"
    assert view.time_left.text() == ""


def test_an_end_by_steps_names_no_epochs(view, fake_bridge):
    present(fake_bridge, RunState.RUNNING, epochs=None)
    assert view.count.text() == "Epoch 4 · step 5,625 of 18,750"


def test_a_run_that_is_over_stands_in_its_last_epoch(view, fake_bridge):
    over = replace(HALF, step=2000, epoch=2000, steps_per_epoch=1, total_steps=2000)
    present(fake_bridge, RunState.FINISHED, over, epochs=None)
    assert view.count.text() == "Epoch 2,000 · step 2,000 of 2,000"


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (RunState.LOADING, "Loading"),
        (RunState.READY, "Ready"),
        (RunState.PAUSED, "Paused"),
        (RunState.FINISHED, "Finished"),
        (RunState.DIVERGED, "Diverged"),
        (RunState.FAILED, "Failed"),
    ],
)
def test_each_state_has_its_word_and_no_speed(view, fake_bridge, state, word):
    present(fake_bridge, state)
    assert view.state.text() == word
    assert view.speed.text() == ""
    assert not view.activity.active


def test_the_reason_stands_beside_the_state_with_advice_on_hover(view, fake_bridge):
    error = Sentence("The loss became {value}.", "Try a smaller rate.", value="NaN")
    present(fake_bridge, RunState.DIVERGED, message=error)
    assert view.reason.text() == "The loss became NaN."
    assert view.reason.isVisible()
    assert "Try a smaller rate." in view.reason.toolTip()
    present(fake_bridge, RunState.RUNNING)
    assert not view.reason.isVisible()


def test_the_activity_line_paints_at_each_tick_while_training(qtbot, view, fake_bridge):
    present(fake_bridge, RunState.RUNNING)
    for _ in range(3):
        with qtbot.waitSignal(view.activity.painted, timeout=1000):
            fake_bridge.ticked.emit()


def test_the_activity_line_rests_while_nothing_trains(qtbot, view, fake_bridge):
    present(fake_bridge, RunState.PAUSED)
    qtbot.waitUntil(lambda: not view.activity.active)
    view.activity.repaint()
    with qtbot.assertNotEmitted(view.activity.painted, wait=50):
        fake_bridge.ticked.emit()


def test_a_count_beyond_the_bars_integers_is_shown(view, fake_bridge):
    present(fake_bridge, RunState.RUNNING, replace(HALF, step=10**10, total_steps=2 * 10**10))
    assert view.bar.value() == view.bar.maximum() // 2
