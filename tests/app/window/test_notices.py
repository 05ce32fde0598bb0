"""What the window says, and how."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QToolButton

from app.window.notices import MOST, CrashHook, Message, NoticeBar, message_of, status_of
from core.catalog.losses import CrossEntropy
from core.messages.edits import set_loss
from core.messages.events import Diverged, Failed, Finished, Notice, Refused, Saved
from core.messages.findings import Finding, Offer
from core.messages.snapshot import RunState
from core.presets import PRESETS
from core.sentence import Sentence
from tests.app.fakes import snapshot_of
from tests.app.real_window import OFFSCREEN

pytestmark = OFFSCREEN


@pytest.fixture
def bar(qtbot):
    bar = NoticeBar()
    qtbot.addWidget(bar)
    bar.show()
    return bar


def texts(bar: NoticeBar) -> list[str]:
    return [notice.message.text for notice in bar.notices]


def test_an_error_says_what_happened_and_what_to_do(bar) -> None:
    error = Sentence("{layer} is wrong.", "Mend {layer}.", layer="2 Dense")
    bar.show_message(message_of(Refused(error)))
    labels = [label.text() for label in bar.findChildren(QLabel)]
    assert "2 Dense is wrong." in labels
    assert "Mend 2 Dense." in labels


@pytest.mark.parametrize(
    ("event", "severity"),
    [
        (Refused(Sentence("No.")), "error"),
        (Diverged(Sentence("Infinite.")), "warning"),
        (Notice(Sentence("By the way.")), "info"),
        (Failed("KeyError: 1", "Traceback"), "error"),
    ],
)
def test_the_severity_follows_the_event(event, severity) -> None:
    message = message_of(event)
    assert message is not None
    assert message.severity == severity
    assert status_of(event) == ""


def test_what_ends_well_is_only_a_word_in_the_status_bar() -> None:
    for event in (Finished(Sentence("Done after {n} epochs.", n=2)), Saved("a.safetensors")):
        assert message_of(event) is None
    assert status_of(Finished(Sentence("Done after {n} epochs.", n=2))) == "Done after 2 epochs."
    assert "a.safetensors" in status_of(Saved("a.safetensors"))


def test_a_notice_stays_until_it_is_dismissed(bar) -> None:
    bar.show_message(Message("error", "First."))
    bar.show_message(Message("warning", "Second."))
    bar.notices[0].findChild(QToolButton, "notice-close").click()
    assert texts(bar) == ["Second."]


def test_the_same_text_is_never_there_twice(bar) -> None:
    for _ in range(5):
        bar.show_message(Message("error", "Again."))
    assert texts(bar) == ["Again."]


def test_news_make_way_for_later_news_and_leave_what_went_wrong(bar) -> None:
    bar.show_message(Message("error", "The file is damaged."))
    bar.show_message(Message("info", "Breakpoint at step 37."))
    bar.show_message(Message("info", "Breakpoint at step 74."))
    assert texts(bar) == ["The file is damaged.", "Breakpoint at step 74."]


def test_the_oldest_makes_room(bar) -> None:
    for number in range(MOST + 2):
        bar.show_message(Message("warning", f"Number {number}."))
    assert texts(bar) == [f"Number {number}." for number in range(2, MOST + 2)]


def test_the_details_of_a_defect_can_be_copied(bar) -> None:
    bar.show_message(message_of(Failed("KeyError: 1", "Traceback (most recent call last)")))
    bar.findChild(QPushButton, "notice-copy").click()
    assert QApplication.clipboard().text() == "Traceback (most recent call last)"


def raise_here() -> None:
    raise ZeroDivisionError("by nothing")


def test_an_exception_nobody_caught_becomes_a_notice(qtbot, monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    shown: list[Message] = []
    hook = CrashHook(shown.append)
    hook.install()
    thread = threading.Thread(target=raise_here)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(shown) == 1)
    assert "ZeroDivisionError: by nothing" in shown[0].text
    assert "raise_here" in shown[0].details
    assert "raise_here" in capsys.readouterr().err


def in_state(state):
    return replace(snapshot_of(PRESETS["xor-2-2-1"].spec), state=state)


def test_a_warning_of_divergence_leaves_when_the_run_stands_elsewhere(bar) -> None:
    bar.show_message(message_of(Diverged(Sentence("The loss became infinite."))))
    bar.show_snapshot(in_state(RunState.RUNNING))  # older than the event
    assert texts(bar) == ["The loss became infinite."]
    bar.show_snapshot(in_state(RunState.DIVERGED))
    assert texts(bar) == ["The loss became infinite."]
    bar.show_snapshot(in_state(RunState.READY))
    assert texts(bar) == []


def test_what_was_found_in_a_file_leaves_when_training_begins(bar) -> None:
    bar.show_message(message_of(Notice(Sentence("Nine lines."), "data")))
    for state, left in ((RunState.READY, 1), (RunState.RUNNING, 0)):
        bar.show_snapshot(in_state(state))
        assert len(bar.notices) == left


def proposal() -> Notice:
    offer = Offer(Sentence("Cross-entropy with softmax"), (set_loss(CrossEntropy()),))
    finding = Finding("unsuited_loss", "info", Sentence("Three."), Sentence("One."), offer=offer)
    return Notice(Sentence("Nine lines."), "data", finding)


def test_a_change_that_is_offered_is_taken_by_one_click(bar, qtbot) -> None:
    bar.show_message(message_of(proposal()))
    assert "Three. One." in [label.text() for label in bar.findChildren(QLabel)]
    button = bar.findChild(QPushButton, "notice-offer")
    assert button.text() == "Cross-entropy with softmax"
    with qtbot.waitSignal(bar.accepted) as taken:
        button.click()
    assert taken.args[0].edits[0].label == "Change the loss"
    assert texts(bar) == []


def test_what_a_notice_tells_is_not_found_a_second_time(bar) -> None:
    news = proposal()
    others = (replace(news.finding, kind="dead_units"), news.finding)
    assert bar.without_said(others) is others
    bar.show_message(message_of(news))
    assert bar.without_said(others) == others[:1]


def test_an_offer_leaves_once_nothing_is_amiss_or_training_begins(bar) -> None:
    news = proposal()
    amiss = replace(in_state(RunState.READY), findings=(news.finding,))
    for over in (in_state(RunState.READY), replace(amiss, state=RunState.RUNNING)):
        bar.show_message(message_of(news))
        bar.show_snapshot(in_state(RunState.READY))  # nobody has looked yet
        bar.show_snapshot(amiss)
        assert texts(bar) == ["Nine lines."]
        bar.show_snapshot(over)
        assert texts(bar) == []


def test_an_offer_says_nothing_twice(bar) -> None:
    news = proposal()
    bar.show_message(message_of(replace(news, message=news.finding.says)))
    shown = [label.text() for label in bar.findChildren(QLabel) if label.text()]
    assert shown == ["Three.", "One."]


def test_a_refusal_leaves_with_the_next_thing_asked_for_and_defects_stay(bar) -> None:
    bar.show_message(message_of(Refused(Sentence("No breakpoint is set."))))
    bar.show_message(message_of(Failed("KeyError", "trace")))
    bar.forget_refusals()
    assert texts(bar) == ["Something in Chainrule went wrong: KeyError"]
