"""A scripted learner walks every lesson in the real window: wrong answers, then right ones."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from app.kit import theme
from core.lessons.reading import read_lesson
from core.lessons.shelf import SHIPPED, shelf_of
from tests.stories.conftest import needs_display
from tests.stories.learner import Learner

pytestmark = [pytest.mark.window, needs_display]

LESSONS = [lesson.id for lesson in shelf_of(SHIPPED).lessons]
RELU, TANH = {"kind": "relu"}, {"kind": "tanh"}
HE = {"kind": "he_normal"}


def dense(units, **more):
    return {"kind": "dense", "units": units, **more}


DEEDS = {
    ("01-one-neuron", "turn"): [("0.weight", (0, 1), 1.0)],
    ("01-one-neuron", "build"): [
        ("layers", [dense(3, activation=RELU), dense(1, activation={"kind": "sigmoid"})])
    ],
    ("02-loss-and-slope", "try"): [("0.weight", (0, 0), 0.51)],
    ("02-loss-and-slope", "build"): [("optimizer.learning_rate", 0.25)],
    ("04-whole-step", "build"): [("optimizer.learning_rate", 8.0)],
    ("05-learning-rate", "build"): [("optimizer.learning_rate", 0.14), "reset"],
    ("06-xor", "build"): [
        ("layers", [dense(4, activation=TANH), dense(1, activation={"kind": "sigmoid"})])
    ],
    ("07-batches", "build"): [
        ("training.batch_size", 4), ("optimizer.learning_rate", 0.3), "reset",
    ],
    ("08-momentum", "build"): [
        ("optimizer.learning_rate", 0.1), ("optimizer.momentum", 0.8), "reset",
    ],
    ("09-adam", "build"): [("optimizer.learning_rate", 0.2), "reset"],
    ("10-vanishing", "build"): [
        (
            "layers",
            [dense(8, activation=RELU, weight_init=HE)] * 5
            + [dense(2, activation={"kind": "softmax"})],
        )
    ],
    ("11-exploding", "build"): [
        ("layers", [dense(16, activation=RELU, weight_init=HE)] * 3 + [dense(1)])
    ],
    ("12-surface", "build"): [("choose", "survey.plane", 0)],
    ("13-overfitting", "dropout"): [
        (
            "layers",
            [
                dense(64, activation=RELU, weight_init=HE), {"kind": "dropout"},
                dense(64, activation=RELU, weight_init=HE),
                dense(2, activation={"kind": "softmax"}),
            ],
        )
    ],
    ("13-overfitting", "build"): [("data.samples", 2000), ("training.l2", 0.01)],
    ("14-convolution", "build"): [
        (
            "layers",
            [
                {"kind": "conv2d", "channels": 4, "kernel": 3, "activation": RELU},
                {"kind": "max_pool2d"},
                {"kind": "conv2d", "channels": 8, "kernel": 3, "activation": RELU},
                {"kind": "flatten"},
                dense(10, activation={"kind": "softmax"}),
            ],
        )
    ],
    ("15-digits", "build"): [("optimizer", {"kind": "adam", "learning_rate": 0.001})],
}  # fmt: skip
"""What a learner does where a page leaves it to them."""


@pytest.fixture
def learner(window, qtbot):
    window.resize(1280, 720)
    return Learner(window, qtbot, DEEDS)


def case(lesson, look):
    """Four in the light go with every change; all others, minutes long, with the slow tests."""
    is_quick = look == "light" and lesson[:2] in ("01", "03", "09", "16")
    marks = () if is_quick else pytest.mark.slow
    return pytest.param(lesson, look, marks=marks, id=f"{look}-{lesson}")


@pytest.mark.parametrize(
    ("lesson", "look"), [case(lesson, look) for look in ("light", "dark") for lesson in LESSONS]
)
def test_a_learner_walks_the_lesson_to_its_end(learner, lesson, look):
    theme.apply(QApplication.instance(), look)
    pages = [page.id for page in read_lesson(SHIPPED / lesson).pages]
    learner.open(lesson)
    learner.walk()
    assert learner.seen == [(lesson, page) for page in pages]
    learner.click(f"learn.lesson.{lesson}")  # done: it begins anew
    assert learner.run.number == 0


def test_a_lesson_that_was_left_goes_on_where_it_was(learner):
    lesson = LESSONS[0]
    learner.open(lesson)
    for _ in range(2):
        learner.page()
        learner.until(learner.panel.page_view.next.isEnabled)
        learner.click("learn.next")
    page = learner.run.page.id
    learner.click("learn.list")
    assert learner.run is None
    learner.click(f"learn.lesson.{lesson}")
    assert learner.run.page.id == page


def test_a_number_that_was_asked_for_is_asked_again_after_leaving(learner):
    learner.open("09-adam")
    for _ in range(2):
        learner.page()
        learner.until(learner.panel.page_view.next.isEnabled)
        learner.click("learn.next")
    asking = learner.window.page.bridge.asking
    learner.until(lambda: asking.is_open, "the question")
    page = learner.run.page.id
    learner.click("learn.list")
    assert not asking.is_open
    learner.click("learn.lesson.09-adam")
    assert learner.run.page.id == page
    learner.page()
    assert learner.run.is_done


def test_undo_brings_the_learners_own_network_back(learner, window):
    own = window.snapshot.spec
    learner.open(LESSONS[0])
    learner.settle()
    assert window.snapshot.spec.layers != own.layers
    window.actions_["edit.undo"].trigger()
    learner.until(lambda: window.snapshot.spec == own)
