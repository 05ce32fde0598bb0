"""What if? Chosen in its panel, set out, walked beside, and shown in numbers, losses and graph."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from app.canvas.second import SecondNetwork
from app.kit.numbers import four_digits
from app.link.focus import Spot
from app.link.second import second_run
from app.step.twin.view import WhatIfView
from core.catalog.activations import Sigmoid
from core.catalog.optimizers import SGD, Adam
from core.experiment.spec import Stop
from core.messages import commands, edits
from core.messages.commands import BeginTwin, KnockOut, Next, SetInput, SetNumber, TrainUntil
from core.messages.events import Refused
from core.messages.record import Grain
from core.questions.question import ask
from core.session.session import Session
from tests.app.fakes import FakeBridge
from tests.core.experiments import settle, tiny

OPERATION = Next(Grain.OPERATION)


class Live(FakeBridge):
    """Carries out what it is sent, at once, as an engine does a moment later."""

    def __init__(self, spec) -> None:
        self.session = Session(spec, lambda event: None)
        self.session.load()
        settle(self.session)
        super().__init__(self.session.snapshot())
        self.dispatched.connect(self._carry_out)

    def _carry_out(self, command) -> None:
        if type(command).__module__.startswith("core.messages.surface"):
            return
        self.session.apply(command)
        settle(self.session)
        self.present(self.session.snapshot())


@pytest.fixture
def bridge(qapp):
    return Live(tiny(stop=Stop(epochs=None, steps=100_000)))


@pytest.fixture
def view(qtbot, bridge):
    widget = WhatIfView(bridge)
    qtbot.addWidget(widget)
    widget.resize(360, 700)
    with qtbot.waitExposed(widget):
        widget.show()
    bridge.dispatch(TrainUntil(4))
    return widget


def enter(qtbot, field, text):
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, Qt.Key.Key_Return)


def begin(qtbot, view):
    assert view.chooser.button.isEnabled(), view.chooser.offer.why_not
    qtbot.mouseClick(view.chooser.button, Qt.MouseButton.LeftButton)


def part(view, name, kind=QWidget):
    return view.findChild(kind, name)


def set_out(view, rate=0.4):
    view._begin(edits.set_optimizer(SGD(learning_rate=rate)))


def cells(view, column):
    model = view.model
    return [model.data(model.index(row, column)) for row in range(model.rowCount())]


def test_another_rate_is_typed_and_a_twin_sets_out(qtbot, bridge, view):
    assert not view.chooser.button.isEnabled()
    enter(qtbot, part(view, "whatif.rate.learning_rate"), "0.4")
    begin(qtbot, view)
    sent = bridge.sent[-1]
    assert isinstance(sent, BeginTwin)
    assert sent.change.apply(bridge.snapshot.spec).optimizer.learning_rate == 0.4
    assert bridge.snapshot.spec.optimizer.learning_rate == 0.1  # the run keeps its own
    assert view.change.text() == "From step 5 on: Learning rate η is 0.4, not 0.1."
    assert "“1 Dense · new weights” of step 5" in view.first.text()


def test_each_kind_of_change_makes_its_command(qtbot, bridge, view):
    chooser = view.chooser
    spec = bridge.snapshot.spec

    chooser.choose("optimizer")
    combo = part(view, "whatif.optimizer.kind")
    combo.setCurrentIndex(combo.findText(Adam.model_fields["kind"].default.title()))
    combo.activated.emit(combo.currentIndex())
    assert isinstance(chooser.offer.change().apply(spec).optimizer, Adam)

    chooser.choose("activation")
    chooser.offer._take(Sigmoid(), None)
    changed = chooser.offer.change().apply(spec)
    assert isinstance(changed.layers[0].activation, Sigmoid)
    assert changed.layers[1] == spec.layers[1]

    chooser.choose("seed")
    assert chooser.offer.change() is None
    chooser.offer._take(spec.model_copy(update={"seed": 9}), None)
    assert chooser.offer.change().apply(spec).seed == 9

    chooser.choose("number")
    assert "Pick" in chooser.offer.why_not
    bridge.focus.select(Spot((0,), 1, source=0))
    enter(qtbot, part(view, "whatif.value"), "0.75")
    assert chooser.offer.change() == SetNumber("0.weight", (1, 0), 0.75)
    chooser.button.setFocus()
    assert part(view, "whatif.value").text() == "0.75"  # what the twin will have, and not what is
    bridge.focus.select(Spot((1,), 0))
    enter(qtbot, part(view, "whatif.value"), "-2")
    assert chooser.offer.change() == SetNumber("1.bias", (0,), -2.0)

    bridge.dispatch(OPERATION)
    bridge.focus.pick_sample(3)
    bridge.focus.select(Spot((), 1))
    enter(qtbot, part(view, "whatif.value"), "1.5")
    row = int(bridge.snapshot.stepping.record.rows[3])
    assert chooser.offer.change() == SetInput(row, (1,), 1.5)

    chooser.choose("silence")
    assert chooser.offer.change() is None
    bridge.focus.select(Spot((0,), 2))
    assert chooser.offer.change() == KnockOut((0,), 2, True)


def test_numbers_of_the_operation_stand_side_by_side_with_their_difference(bridge, view):
    set_out(view)
    assert view.model.rowCount() == 0
    bridge.dispatch(commands.RunToPlace(0))
    while bridge.snapshot.stepping.entry.writes != "after:0.weight":
        bridge.dispatch(OPERATION)
    own = bridge.snapshot.stepping.record.arrays["after:0.weight"]
    twins = bridge.snapshot.twin.stepping.record.arrays["after:0.weight"]
    assert cells(view, 1) == [four_digits(float(value)) for value in own.reshape(-1)]
    assert cells(view, 2) == [four_digits(float(value)) for value in twins.reshape(-1)]
    apart = twins.astype(np.float64) - own
    assert cells(view, 3) == [four_digits(float(value)) for value in apart.reshape(-1)]
    assert cells(view, 0)[:2] == ["w⁽¹⁾₁,₁", "w⁽¹⁾₁,₂"]
    view.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    sizes = np.abs(apart).reshape(-1)
    assert view.model.row(0) == int(sizes.argmax())
    view.copy()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 1 + own.size
    assert float(lines[1].split("\t")[3]) == apart.reshape(-1)[sizes.argmax()]


def test_weights_and_losses_follow_the_training(bridge, view):
    set_out(view)
    bridge.dispatch(TrainUntil(30))
    view.choose("weights")
    twin, values = bridge.snapshot.twin, bridge.snapshot.values
    assert cells(view, 1)[0] == four_digits(float(values.parameters["0.weight"][0, 0]))
    assert cells(view, 2)[0] == four_digits(float(twin.parameters["0.weight"][0, 0]))
    view.choose("losses")
    assert [list(line.y) for line in view.losses.plot.lines] == [list(one) for one in twin.losses]
    this, other = (four_digits(float(one[-1])) for one in twin.losses)
    assert f"Step 30 had the loss {this} here and {other} in the twin" in view.standing.text()


def test_go_there_leads_to_the_first_operation_that_differs(qtbot, bridge, view):
    set_out(view)
    bridge.dispatch(TrainUntil(30))
    qtbot.mouseClick(part(view, "whatif.go"), Qt.MouseButton.LeftButton)
    stepping = bridge.snapshot.stepping
    assert stepping.record.step == 5
    assert stepping.entry.writes == "after:0.weight"
    assert bridge.snapshot.twin.stepping.record.step == 5


def test_a_change_of_the_run_ends_it_and_says_so(qtbot, bridge, view):
    set_out(view)
    bridge.dispatch(TrainUntil(9))
    bridge.dispatch(SetNumber("0.weight", (0, 0), 0.5))
    assert "was changed" in view.standing.text()
    assert view.losses.isVisibleTo(view)
    qtbot.mouseClick(part(view, "whatif.end"), Qt.MouseButton.LeftButton)
    assert bridge.snapshot.twin is None
    assert view.chooser.isVisibleTo(view)


def test_while_a_number_is_asked_for_the_twin_tells_nothing(bridge, view):
    set_out(view)
    bridge.dispatch(OPERATION)
    bridge.dispatch(OPERATION)
    shown, stepping = cells(view, 1), bridge.snapshot.stepping
    question = ask(stepping.record, stepping.entry, stepping.entry.index_of(0), 0)
    bridge.asking.pose(question)
    assert bridge.snapshot.twin is None
    assert not view.table.isVisibleTo(view)
    assert part(view, "whatif.empty").isVisibleTo(view)
    bridge.asking.give_up()
    assert cells(view, 1) == shown
    assert view.table.isVisibleTo(view)


def test_the_twins_network_stands_at_the_same_operation_and_is_only_looked_at(qtbot, bridge, view):
    second = SecondNetwork(bridge)
    qtbot.addWidget(second)
    with qtbot.waitExposed(second):
        second.show()
    assert second.canvas is None
    set_out(view)
    for _ in range(3):
        bridge.dispatch(OPERATION)
    shown = second.canvas.control.snapshot
    assert shown.spec.optimizer.learning_rate == 0.4
    assert shown.stepping.place == bridge.snapshot.stepping.place
    refused = []
    bridge.event_received.connect(refused.append)
    before = len(bridge.sent)
    second.canvas.control.send(SetNumber("0.weight", (0, 0), 3.0))
    assert isinstance(refused[0], Refused)
    assert len(bridge.sent) == before
    second_run(bridge).dispatch(OPERATION)
    assert bridge.sent[-1] == OPERATION
