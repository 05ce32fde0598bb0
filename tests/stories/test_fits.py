"""Everything fits on a small laptop, in a language whose words are two fifths longer too."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QDialog, QToolButton

from app.kit.sections import Section
from app.window import dialogs
from app.window.perspectives import PERSPECTIVES
from core.messages.commands import Next
from core.messages.record import Grain
from core.messages.snapshot import RunState
from tests.fitting import faults, outgrown
from tests.look import read_at
from tests.pseudo import PseudoLanguage, longer
from tests.stories.conftest import needs_display, opened, settings_in
from tests.stories.driving import train

pytestmark = [pytest.mark.window, needs_display]

SIZES = [(1280, 720), (1440, 900)]
SETTLED_MS = 200
"""Rows that wrap find their heights, bands below the docks are filled."""


@pytest.fixture(params=["plain", "pseudo"])
def spoken(request, qapp, qtbot, tmp_path):
    """The window in English, and in the language that nobody speaks."""
    language = PseudoLanguage()
    if request.param == "pseudo":
        QCoreApplication.installTranslator(language)
    yield from opened(qapp, qtbot, settings_in(tmp_path))
    QCoreApplication.removeTranslator(language)


def look(window, qtbot, size, *parts) -> list[str]:
    """What does not fit in the window, or in these parts of it."""
    found = []
    for _ in range(3):  # what is amiss while the docks are still laid out is none
        qtbot.wait(SETTLED_MS)
        seen = [fault for part in parts or (window,) for fault in faults(part)]
        found = [*seen, *outgrown(window, *size)]
        if not found:
            break
    return [f"{size} {window.experiments.perspective}: {fault}" for fault in found]


def every_dock(window, qtbot, size) -> list[str]:
    """What does not fit in any dock of any perspective, at first and with More."""
    found = []
    window.resize(*size)
    for more in (False, True):
        for perspective in PERSPECTIVES:
            window.settings.set_more(perspective.id, on=more)
            window.experiments.show_perspective(perspective.id)
            found += look(window, qtbot, size)
            area = window.page.area
            shown = [dock for dock in area.docks.values() if not dock.isHidden()]
            for dock in shown:
                if area.tabifiedDockWidgets(dock):
                    dock.raise_()
                    found += look(window, qtbot, size)
    return found


@pytest.mark.parametrize("preset", ["dense-784-64-10", "spiral-2-16-16-1"])
def test_no_word_is_cut_in_any_dock_before_a_run_and_amid_a_step(spoken, qtbot, preset):
    window = spoken
    window.experiments.open_preset(preset)
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=30_000)
    found = [fault for size in SIZES for fault in every_dock(window, qtbot, size)]
    train(window, qtbot, 50)
    for _ in range(4):
        version = window.snapshot.version
        window.page.bridge.dispatch(Next(Grain.OPERATION))
        qtbot.waitUntil(lambda v=version: window.snapshot.version > v, timeout=30_000)
    found += [fault for size in SIZES for fault in every_dock(window, qtbot, size)]
    assert not found, "\n".join(dict.fromkeys(found))


def test_the_strip_of_a_broken_experiment_fits_asked_misjudged_solved_and_repaired(spoken, qtbot):
    window = spoken
    window.actions_["file.lab"].trigger()
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=30_000)
    qtbot.waitUntil(lambda: window.page.lab is not None, timeout=30_000)
    strip, found = window.page.lab, []
    window.page.bridge.dispatch(Next(Grain.PHASE))
    qtbot.waitUntil(strip.mark.isEnabled, timeout=30_000)

    def look_at_it():
        for size in SIZES:
            window.resize(*size)
            found.extend(look(window, qtbot, size, strip, window.header))

    look_at_it()
    window.page.bridge.dispatch(Next(Grain.ITERATION))
    qtbot.waitUntil(lambda: window.snapshot.progress.step == 1, timeout=30_000)
    strip.mark.click()
    kinds = [fault.model_fields["kind"].default for fault in strip.offered]
    right = kinds.index(window.snapshot.spec.fault.kind)
    for place in (right - 1, right):
        strip.choice.setCurrentIndex(place)
        strip.choice.activated.emit(strip.choice.currentIndex())
        strip.check.click()
        look_at_it()
    assert strip.is_solved
    strip.repair.click()
    qtbot.waitUntil(lambda: window.snapshot.spec.fault is None, timeout=30_000)
    look_at_it()
    assert not found, "\n".join(dict.fromkeys(found))


@pytest.mark.parametrize("percent", [80, 150, 200])
def test_no_word_is_cut_in_text_of_another_size(window, qtbot, percent):
    window.experiments.open_preset("dense-784-64-10")
    qtbot.waitUntil(lambda: window.page.area.is_built, timeout=30_000)
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=30_000)
    read_at(window, percent, presenting=False)
    train(window, qtbot, 50)
    for _ in range(4):
        version = window.snapshot.version
        window.page.bridge.dispatch(Next(Grain.OPERATION))
        qtbot.waitUntil(lambda v=version: window.snapshot.version > v, timeout=30_000)
    found = [fault for size in SIZES for fault in every_dock(window, qtbot, size)]
    assert not found, "\n".join(dict.fromkeys(found))


def test_no_word_of_an_opened_form_is_cut(spoken, qtbot):
    window = spoken
    window.settings.set_more("build", on=True)
    window.experiments.show_perspective("build")
    qtbot.waitUntil(lambda: window.snapshot.state is RunState.READY, timeout=30_000)
    window.resize(*SIZES[0])
    found = []
    for section in window.page.area.docks["training"].findChildren(Section):
        section.header.setChecked(True)
        found += look(window, qtbot, SIZES[0])
    assert not found, "\n".join(dict.fromkeys(found))


def test_every_dialog_fits_on_the_screen_with_all_its_words(spoken, qtbot):
    window = spoken
    window.resize(*SIZES[0])
    window.experiments.choose_preset()
    window.actions_["help.shortcuts"].trigger()
    window.actions_["help.about"].trigger()
    qtbot.wait(SETTLED_MS)
    boxes = [box for box in window.findChildren(QDialog) if box.isVisible()]
    assert len(boxes) == 3
    screen = window.screen().availableGeometry()
    found = []
    for box in boxes:
        found += [f"{box.objectName()}: {fault}" for fault in faults(box)]
        if box.height() > screen.height() or box.width() > SIZES[0][0]:
            found.append(f"{box.objectName()} is {box.width()}x{box.height()}")
        box.close()
    assert not found, "\n".join(found)


def test_a_question_fits(spoken, qtbot, monkeypatch):
    window, found = spoken, []

    def look_at(box):
        box.show()
        qtbot.wait(SETTLED_MS)
        found.extend(map(str, faults(box)))
        assert box.width() <= SIZES[0][0]
        return 0

    monkeypatch.setattr(dialogs.QMessageBox, "exec", look_at)
    dialogs.save_before_closing(window, "A name as long as a name may be, and longer " * 2)
    dialogs.discard_all(window, ["Two spirals", "Digits"])
    assert not found, "\n".join(found)


def test_a_cut_word_and_buttons_over_one_another_are_found(spoken, qtbot):
    window = spoken
    buttons = window.findChildren(QToolButton)
    more = next(button for button in buttons if button.objectName() == "button-more")
    more.setFixedWidth(more.sizeHint().width() // 2)
    qtbot.wait(SETTLED_MS)
    assert any("button-more" in fault.place for fault in faults(window))


def test_the_language_is_longer_and_keeps_what_is_no_word():
    assert len(longer("Learning rate")) >= 1.35 * len("Learning rate")
    assert longer("{count} of <b>{n}</b> &amp; %n").count("{count}") == 1
    assert "<b>{n}</b> &amp; %n" in longer("{count} of <b>{n}</b> &amp; %n")
