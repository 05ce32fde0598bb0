"""The chain from the loss to the number at hand, seen and walked along."""

import pytest
from PySide6.QtCore import Qt

from app.link.focus import Spot
from app.step.formula.view import FormulaView
from app.step.formula.ways import SHOWN
from core.messages.commands import RunToPlace
from core.messages.record import Place
from tests.app.stepped import entry_writing, standing, whole_place

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def view(qtbot, bridge):
    widget = FormulaView(bridge)
    qtbot.addWidget(widget)
    widget.resize(420, 640)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def stand(bridge, record, key):
    bridge.present(standing(record, whole_place(record, entry_writing(record, key))))


def press(qtbot, view, place):
    button = view.chain._buttons[place].button
    qtbot.mouseClick(button, LEFT)
    return button


def test_on_the_way_forward_there_is_no_chain(view, bridge, record):
    bridge.present(standing(record, Place(0, 1)))
    assert not view.chain.isVisible()


def test_the_chain_names_every_number_and_what_it_is_multiplied_by(view, bridge, record):
    bridge.focus.select(Spot((0,), 2, source=1))
    stand(bridge, record, "d:p:0.weight")
    assert view.chain.isVisible()
    texts = [one.button.text().split(" = ")[0] for one in view.chain._buttons]
    assert texts == [
        "L", "∂L/∂ŷ₁", "δ⁽²⁾₁", "∂L/∂a⁽¹⁾₃", "δ⁽¹⁾₃", "(∂L/∂w⁽¹⁾₃,₂)[1]"
    ]  # fmt: skip
    for made, link in zip(view.chain._buttons[3:], view.chain.links[3:], strict=True):
        assert made.factor.text().startswith("×")
        assert link.local is not None
    assert [one.button.isChecked() for one in view.chain._buttons] == [False] * 5 + [True]


def test_a_sum_is_not_told_as_a_product(view, bridge, record):
    """Beside the largest part stands how many more are added, and not “largest of”, which beside
    a max pooling would say what that takes."""
    bridge.focus.pick_sample(None)
    stand(bridge, record, "d:p:0.weight")
    strip = view.chain
    summed = [
        (made, link)
        for made, link in zip(strip._buttons, strip.links, strict=False)
        if link.ways > 1
    ]
    assert summed
    for made, link in summed:
        assert made.factor.text().endswith(f"+ {link.ways - 1} more →")
        assert str(link.ways) in made.factor.toolTip()
    alone = [
        made for made, link in zip(strip._buttons, strip.links, strict=False) if link.ways == 1
    ]
    assert not any("more" in made.factor.text() for made in alone)


def test_a_press_goes_there_and_the_chain_stays_to_walk_back_along(qtbot, view, bridge, record):
    bridge.focus.select(Spot((0,), 2, source=1))
    stand(bridge, record, "d:p:0.weight")
    whole = view.chain.links
    for place, key in ((3, "d:a:0"), (5, "d:p:0.weight"), (2, "d:z:1"), (0, "loss"), (4, "d:z:0")):
        press(qtbot, view, place)
        entry = entry_writing(record, key)
        assert bridge.sent[-1] == RunToPlace(entry)
        bridge.present(standing(record, whole_place(record, entry)))
        assert view.chain.links == whole
        assert view.chain.here == place
        if key != "loss":
            assert view.card.formula.result.value == whole[place].number.value
    assert view.card.formula.result.index[-1] == 2


def test_the_gradient_of_the_inputs_stands_in_boxes_as_the_others_do(view, bridge, record):
    stand(bridge, record, "d:a:0")
    card = view.card
    assert card.chain.isVisible()
    assert card.upstream.factor.key == "d:z:1"
    assert card.local.factor.key == "p:1.weight"
    assert not card.chain.rest.isVisible()


def test_of_many_ways_the_largest_stand_in_boxes_and_the_rest_is_one_number(view, bridge, record):
    bridge.focus.pick_sample(None)
    stand(bridge, record, "d:p:0.weight")
    formula, box = view.card.formula, view.card.chain
    assert len(formula.ways) > SHOWN
    assert box.rest.isVisible()
    assert box.rest.text().startswith(f"and {record.samples - SHOWN} more: ")
    sizes = [abs(way.value) for way in formula.ways]
    assert sizes == sorted(sizes, reverse=True)


def test_a_loss_computed_with_its_activation_opens_into_both_factors(qtbot, view, bridge, record):
    stand(bridge, record, "d:z:1")
    card = view.card
    assert card.open_button.isVisible()
    assert not card.chain.isVisible()
    together = card.numbers.formula
    qtbot.mouseClick(card.open_button, LEFT)
    assert card.chain.isVisible()
    way = card.formula.opened.way
    assert card.upstream.factor is way.upstream
    assert card.local.factor is way.local
    assert card.numbers.formula != together
    qtbot.mouseClick(card.open_button, LEFT)
    assert card.numbers.formula == together
    assert not card.chain.isVisible()


def test_the_chain_follows_the_scope_to_the_batch_and_back(qtbot, view, bridge, record):
    bridge.focus.pick_sample(None)
    stand(bridge, record, "d:a:0")
    last = view.chain.links[-1]
    assert last.sample is None
    assert last.ways == record.samples
    inner = len(view.chain.links) - 2
    one = view.chain.links[inner].sample
    press(qtbot, view, inner)
    assert bridge.focus.sample == one
    press(qtbot, view, inner + 1)
    assert bridge.focus.sample is None
