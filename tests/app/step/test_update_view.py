import math

import pytest

from app.link.focus import Spot
from app.step.update.picture import VectorPicture, arrows_of
from app.step.update.view import UpdateView
from core.catalog.optimizers import SGD, Adam, Momentum
from core.debugger.tape import record_step
from core.expression.tree import Symbol
from core.messages.record import Place
from tests.app.fakes import FakeBridge, snapshot_of
from tests.app.stepped import standing, whole_place
from tests.core.experiments import digits, tiny, trainer_of

ONE, OTHER = ("0.weight", (1, 1)), ("0.weight", (2, 0))
EDGE, SECOND = Spot((0,), 1, source=1), Spot((0,), 2, source=0)


def recorded(optimizer, steps=3):
    trainer = trainer_of(tiny(optimizer=optimizer))
    return [record_step(trainer).record for _ in range(steps)][-1]


@pytest.fixture
def bridge(qapp):
    return FakeBridge(snapshot_of(tiny()))


@pytest.fixture
def view(qtbot, bridge):
    widget = UpdateView(bridge)
    qtbot.addWidget(widget)
    widget.resize(420, 700)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def end(record):
    return standing(record, whole_place(record, len(record.entries) - 1))


def along(arrow):
    return tuple(b - a for a, b in zip(arrow.start, arrow.end, strict=True))


def at(record, key):
    return tuple(float(record.arrays[key.format(name)][i]) for name, i in (ONE, OTHER))


def test_it_says_what_to_do_first(view, bridge):
    assert "Press Next (.)" in view.empty.text()
    bridge.present(end(recorded(SGD())))
    assert view.empty.text().startswith("Pick a weight")
    assert not view.page.isVisible()


def test_the_picked_weight_is_moved_by_the_optimizers_rule(view, bridge):
    record = recorded(Adam())
    bridge.present(end(record))
    bridge.focus.select(EDGE)
    assert view.heading.text() == "Adam moves w⁽¹⁾₂,₂ of 1 Dense"
    formula = view.card.formula
    assert formula.value == pytest.approx(float(record.arrays["after:0.weight"][1, 1]), rel=1e-5)
    assert view.hint.isVisible()
    assert not view.picture.isVisible()
    assert not view.ahead.isVisible()


def test_a_neuron_shows_the_update_of_its_bias(view, bridge):
    bridge.present(end(recorded(SGD())))
    bridge.focus.select(Spot((0,), 3))
    assert view.heading.text() == "SGD moves b⁽¹⁾₄ of 1 Dense"
    bridge.focus.select(Spot((), 0))
    assert view.empty.isVisible()


def test_a_number_of_a_kernel_shows_its_own_update(view, bridge):
    record = record_step(trainer_of(digits(optimizer=Adam()))).record
    bridge.present(end(record))
    bridge.focus.select(Spot((0,), 1, source=0, kernel=(2, 1)))
    assert view.heading.text() == "Adam moves w⁽¹⁾₂,₁,₃,₂ of 1 Conv2d"
    after = float(record.arrays["after:0.weight"][1, 0, 2, 1])
    assert view.card.formula.value == pytest.approx(after, rel=1e-5)
    bridge.focus.select(Spot((0,), 1, source=0, kernel=(0, 1)), add=True)
    assert view.picture.names == ("w₂,₁,₃,₂", "w₂,₁,₁,₂")
    bridge.focus.select(Spot((0,), 1, source=0, kernel=(9, 9)))
    assert view.empty.isVisible()


def test_an_update_that_is_still_to_come_is_said_to_be_so(view, bridge):
    bridge.present(standing(recorded(SGD()), Place(2, 1)))
    bridge.focus.select(EDGE)
    assert view.ahead.isVisible()


def test_two_weights_show_as_arrows_with_a_legend(view, bridge):
    bridge.present(end(recorded(Momentum())))
    bridge.focus.select(EDGE)
    bridge.focus.select(SECOND, add=True)
    assert view.picture.isVisible()
    assert not view.hint.isVisible()
    assert view.picture.names == ("w₂,₂", "w₃,₁")
    assert [arrow.text for arrow in view.picture.arrows][:3] == [
        "Momentum carried over",
        "Added by the gradient",
        "New momentum",
    ]
    assert not view.picture.grab().isNull()


@pytest.mark.parametrize(
    ("optimizer", "state", "kept", "share"),
    [
        (Momentum(momentum=0.8), "momentum_buffer", 0.8, 1.0),
        (Momentum(momentum=0.8, dampening=0.5), "momentum_buffer", 0.8, 0.5),
        (Adam(beta1=0.7), "exp_avg", 0.7, 0.3),
    ],
)
def test_momentum_and_gradient_lie_tip_to_tail(optimizer, state, kept, share):
    record = recorded(optimizer)
    carried, added, total, step = arrows_of(record, ONE, OTHER)[-4:]
    old, gradient = at(record, f"s:{{}}:{state}"), at(record, "d:p:{}")
    assert carried.start == total.start == step.start == (0.0, 0.0)
    assert along(carried) == pytest.approx([kept * v for v in old])
    assert added.start == carried.end
    assert along(added) == pytest.approx([share * g for g in gradient], rel=1e-4)
    assert added.end == pytest.approx(total.end)
    assert total.end == pytest.approx(at(record, f"s':{{}}:{state}"))


@pytest.mark.parametrize("optimizer", [SGD(), Momentum(), Adam()])
def test_the_step_points_where_the_weights_went_and_is_as_many_times_as_long_as_it_says(optimizer):
    record = recorded(optimizer)
    step = arrows_of(record, ONE, OTHER)[-1]
    moved = at(record, "step:{}")
    times = float(step.text.removeprefix("Step, drawn ").removesuffix(" times as long"))
    assert along(step) == pytest.approx([times * m for m in moved])
    assert repr(moved[0]) in step.tip


def test_without_momentum_there_are_gradient_and_step_alone():
    gradient, step = arrows_of(recorded(SGD(learning_rate=0.1)), ONE, OTHER)
    cosine = sum(a * b for a, b in zip(along(gradient), along(step), strict=True))
    assert cosine == pytest.approx(-math.hypot(*along(gradient)) * math.hypot(*along(step)))


def test_in_the_first_step_nothing_is_carried_over():
    carried, added, total, _ = arrows_of(recorded(Momentum(), steps=1), ONE, OTHER)
    assert along(carried) == (0.0, 0.0)
    assert along(added) == pytest.approx(total.end)


def test_an_arrow_without_length_or_with_nan_can_be_drawn(qtbot, qapp):
    from app.step.update.picture import Arrow

    picture = VectorPicture()
    qtbot.addWidget(picture)
    picture.resize(300, 300)
    nothing = Arrow("None", "text", (0.0, 0.0), (0.0, 0.0))
    broken = Arrow("NaN", "text", (0.0, 0.0), (math.nan, math.inf))
    picture.show_arrows((nothing, broken), (Symbol("a"), Symbol("b")))
    assert not picture.grab().isNull()
