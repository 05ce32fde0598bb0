"""The strip above a broken experiment: it says so, takes an answer and repairs what was found."""

import pytest
from PySide6.QtCore import Qt

from app.step.lab.strip import LabStrip
from app.window.document import Document
from core.debugger.tape import record_step
from core.messages.commands import Edit
from core.presets import PRESETS
from core.presets.lab import CASES
from tests.app.fakes import FakeBridge, snapshot_of
from tests.app.real_window import settings_in
from tests.app.stepped import entry_writing, standing, whole_place
from tests.core.experiments import trainer_of

LEFT = Qt.MouseButton.LeftButton
KINDS = [case.fault.kind for case in CASES]
KEPT = CASES[KINDS.index("gradients_kept")]


def second_step(case):
    trainer = trainer_of(case)
    record_step(trainer)
    trainer.flush()
    return record_step(trainer).record


@pytest.fixture(scope="module")
def record():
    return second_step(KEPT)


@pytest.fixture
def bridge(qapp):
    bridge = FakeBridge(snapshot_of(KEPT))
    bridge.obedient = True
    return bridge


@pytest.fixture
def strip(bridge, qtbot):
    strip = LabStrip(bridge)
    qtbot.addWidget(strip)
    strip.set_wanted(True)
    strip.resize(1200, 120)
    return strip


def stand(bridge, record, key):
    bridge.present(standing(record, whole_place(record, entry_writing(record, key))))


def choose(strip, kind):
    kinds = [fault.model_fields["kind"].default for fault in strip.offered]
    strip.choice.setCurrentIndex(kinds.index(kind))
    strip.choice.activated.emit(strip.choice.currentIndex())


def solve(strip, bridge, record, qtbot):
    stand(bridge, record, "d:p:1.weight")
    qtbot.mouseClick(strip.mark, LEFT)
    choose(strip, "gradients_kept")
    qtbot.mouseClick(strip.check, LEFT)


def test_it_says_that_something_is_broken_and_not_what(strip):
    assert strip.isVisible()
    assert strip.line.text().startswith("Something here is broken.")
    seen = [KEPT.fault.label, KEPT.fault.description, KEPT.fault.broken]
    assert not any(text in strip.line.text() for text in seen)
    assert strip.choice.currentIndex() == -1
    assert strip.choice.count() == 5
    assert not strip.lines.isVisible()
    assert not strip.repair.isVisible()


def test_a_sound_experiment_has_none_and_is_not_asked(qtbot, qapp):
    bridge = FakeBridge(snapshot_of(PRESETS["worked-2-3-2"].spec))
    strip = LabStrip(bridge)
    qtbot.addWidget(strip)
    strip.set_wanted(True)
    assert not strip.isVisible()


def test_a_document_makes_it_only_for_a_broken_experiment(qtbot, tmp_path):
    sound = FakeBridge(snapshot_of(PRESETS["worked-2-3-2"].spec))
    document = Document(sound, settings_in(tmp_path))
    qtbot.addWidget(document)
    sound.present(snapshot_of(PRESETS["worked-2-3-2"].spec, version=1))
    assert document.lab is None
    sound.present(snapshot_of(KEPT, version=2))
    assert document.lab is not None
    assert document.lab.line.text() == (
        "This experiment is broken on purpose. Find its fault in Step."
    )
    document.show_perspective("step")
    assert document.lab.mark.isVisibleTo(document.lab)


def test_before_anything_is_computed_there_is_nothing_to_mark(strip, bridge, record):
    assert not strip.mark.isEnabled()
    bridge.present(standing(record))
    assert not strip.mark.isEnabled()
    stand(bridge, record, "z:0")
    assert strip.mark.isEnabled()
    assert not strip.choice.isEnabled()


def test_each_number_stands_beside_what_its_rule_gives(strip, bridge, record):
    stand(bridge, record, "z:0")
    assert strip.numbers.text().endswith(", and so does this code.")
    stand(bridge, record, "d:p:1.weight")
    gradient = float(record.arrays["d:p:1.weight"][0, 0])
    delta, a = record.arrays["d:z:1"], record.arrays["a:0"]
    rule = float((delta[:, 0] * a[:, 0]).sum())
    assert strip.numbers.text() == (
        f"For the whole batch the rule gives {rule:.4f}; this code computed {gradient:.4f}."
    )


def test_an_operation_that_is_sound_is_told_so_without_a_hint(strip, bridge, record, qtbot):
    stand(bridge, record, "a:0")
    qtbot.mouseClick(strip.mark, LEFT)
    assert strip.marked.text() == "Marked: Forward · 1 Dense · activations a"
    assert not strip.check.isEnabled()
    choose(strip, "slope_forgotten")
    qtbot.mouseClick(strip.check, LEFT)
    assert not strip.is_solved
    assert strip.verdict.text() == (
        "This operation computed what its rule gives, from what it was given. Where does a "
        "number first not follow its rule, or come from an odd one?"
    )


def test_the_right_operation_with_another_fault_says_how_that_one_would_show(
    strip, bridge, record, qtbot
):
    stand(bridge, record, "d:p:0.bias")
    qtbot.mouseClick(strip.mark, LEFT)
    choose(strip, "slope_forgotten")
    qtbot.mouseClick(strip.check, LEFT)
    assert not strip.is_solved
    assert strip.verdict.text() == (
        "The operation is right, the fault is another. The one you chose would show like this: "
        "δ of a hidden layer equals ∂L/∂a, whatever the slope is."
    )
    choose(strip, "gradients_kept")
    assert strip.verdict.text() == ""
    qtbot.mouseClick(strip.check, LEFT)
    assert strip.is_solved


def test_the_right_fault_at_another_operation_asks_where_it_shows(strip, bridge, record, qtbot):
    stand(bridge, record, "loss")
    qtbot.mouseClick(strip.mark, LEFT)
    choose(strip, "gradients_kept")
    qtbot.mouseClick(strip.check, LEFT)
    assert strip.verdict.text().endswith("At which operation would that fault show first?")


def test_found_it_shows_both_lines_and_repairs(strip, bridge, record, qtbot):
    solve(strip, bridge, record, qtbot)
    assert strip.line.text() == f"Found: {KEPT.fault.label}. {KEPT.fault.description}"
    assert strip.lines.broken.text() == KEPT.fault.broken
    assert strip.lines.repaired.text() == KEPT.fault.repaired
    assert not strip.mark.isVisible()
    qtbot.mouseClick(strip.repair, LEFT)
    edit = bridge.sent[-1]
    assert isinstance(edit, Edit)
    assert edit.label == "Repair the code"
    assert bridge.spec.fault is None
    assert strip.line.text().startswith("Repaired:")
    assert not strip.repair.isVisible()
    assert strip.another.isVisible()


def test_undone_it_is_broken_and_found_again(strip, bridge, record, qtbot):
    solve(strip, bridge, record, qtbot)
    qtbot.mouseClick(strip.repair, LEFT)
    bridge.present(snapshot_of(KEPT, version=9))
    assert strip.line.text().startswith("Found:")
    assert strip.repair.isVisible()


def test_a_repaired_experiment_that_is_changed_goes_its_own_way(strip, bridge, record, qtbot):
    solve(strip, bridge, record, qtbot)
    qtbot.mouseClick(strip.repair, LEFT)
    changed = bridge.spec.model_copy(update={"seed": 5})
    bridge.present(snapshot_of(changed, version=9))
    assert not strip.isVisible()


def test_another_is_asked_for_by_the_fault_that_was_found(strip, bridge, record, qtbot):
    solve(strip, bridge, record, qtbot)
    with qtbot.waitSignal(strip.another_wanted) as wanted:
        qtbot.mouseClick(strip.another, LEFT)
    assert wanted.args == ["gradients_kept"]


def test_keys_alone_suffice(strip, bridge, record, qtbot):
    stand(bridge, record, "d:p:1.weight")
    strip.activateWindow()
    strip.mark.setFocus()
    qtbot.keyClick(strip.mark, Qt.Key.Key_Space)
    labels = [strip.choice.itemText(i) for i in range(strip.choice.count())]
    for _ in range(labels.index(KEPT.fault.label) + 1):
        qtbot.keyClick(strip.choice, Qt.Key.Key_Down)
    qtbot.keyClick(strip.check, Qt.Key.Key_Space)
    assert strip.is_solved
    for part in (strip.choice, strip.mark, strip.check, strip.repair, strip.another):
        assert part.accessibleName() or part.text()
        assert part.toolTip()


@pytest.mark.parametrize("case", CASES, ids=KINDS)
def test_every_fault_can_be_marked_named_and_found(case, qtbot, qapp):
    bridge = FakeBridge(snapshot_of(case))
    strip = LabStrip(bridge)
    qtbot.addWidget(strip)
    strip.set_wanted(True)
    record, layers = second_step(case), len(case.layers)
    entry = next(e for e in record.entries if case.fault.is_at(e.kind, e.path, layers))
    stand(bridge, record, entry.writes)
    qtbot.mouseClick(strip.mark, LEFT)
    choose(strip, case.fault.kind)
    qtbot.mouseClick(strip.check, LEFT)
    assert strip.is_solved
