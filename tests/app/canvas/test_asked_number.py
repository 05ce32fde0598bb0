"""Which number a right click asks about, and the way that an answer lights."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QColor, QImage

from app.canvas.canvas import NetworkCanvas
from app.canvas.menu import open_menu
from app.canvas.model.asked_number import asked_number
from app.canvas.model.state import GraphState
from app.kit import theme
from app.link.focus import Spot
from app.link.wondering import Wondered, wondering
from tests.app.fakes import FakeBridge
from tests.app.graphs import CNN, WORKED, XOR, live, standing, stepped

EDGE, NODE = Spot((1,), 0, source=1), Spot((0,), 1)


def asked(snapshot, spot, sample=0):
    state = GraphState(snapshot)
    state.set_sample(sample)
    return asked_number(state, spot)


@pytest.mark.parametrize(
    ("kind", "path", "spot", "number"),
    [
        ("linear", (0,), NODE, Wondered("z:0", (1,))),
        ("activation", (0,), NODE, Wondered("a:0", (1,))),
        ("activation_gradient", (0,), NODE, Wondered("d:z:0", (1,))),
        ("linear", (1,), EDGE, Wondered("p:1.weight", (0, 1))),
        ("weight_gradient", (1,), EDGE, Wondered("d:p:1.weight", (0, 1))),
        ("update", (1,), EDGE, Wondered("p:1.weight", (0, 1))),
        ("linear", (0,), Spot((), 0), None),
    ],
)
def test_what_a_place_shows_is_asked_about(kind, path, spot, number):
    assert asked(stepped(XOR, kind, path), spot) == number


def test_what_is_not_computed_yet_cannot_be_asked_about():
    snapshot = stepped(XOR, "linear", (0,), 1)
    assert asked(snapshot, Spot((0,), 0)) == Wondered("z:0", (0,))
    assert asked(snapshot, Spot((0,), 1)) is None
    assert asked(standing(XOR), NODE) is None


def test_without_a_step_a_weight_can_be_asked_about():
    assert asked(live(XOR), EDGE) == Wondered("p:1.weight", (0, 1))


def test_of_a_channel_one_pixel_is_asked_about_and_of_a_kernel_one_number():
    snapshot = stepped(CNN, "convolution", (0,))
    assert asked(snapshot, Spot((0,), 2)) is None
    assert asked(snapshot, Spot((0,), 2, pixel=(3, 4))) == Wondered("z:0", (2, 3, 4))
    edge = Spot((0,), 2, source=0)
    assert asked(snapshot, edge) is None
    assert asked(snapshot, replace(edge, kernel=(1, 0))) == Wondered("p:0.weight", (2, 0, 1, 0))


@pytest.fixture
def canvas(qtbot):
    bridge = FakeBridge(stepped(WORKED, "linear", (1,)))
    widget = NetworkCanvas(bridge, editable=False)
    widget.test_bridge = bridge
    qtbot.addWidget(widget)
    widget.resize(900, 600)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


def test_the_menu_asks(qtbot, canvas):
    from app.canvas.hits import Hit

    menu = open_menu(canvas.control, canvas.view, Hit(NODE, 1), canvas.rect().center())
    (why,) = [one for one in menu.actions() if one.objectName() == "canvas.menu.why"]
    asks = wondering(canvas.test_bridge)
    with qtbot.waitSignal(asks.wanted):
        why.trigger()
    assert asks.number == Wondered("a:0", (1,))
    menu.close()


def test_a_way_is_lit_as_long_as_it_is_told_of(canvas):
    accent, focus = QColor(theme.current().accent).rgb(), canvas.test_bridge.focus

    def pixels():
        image = canvas.view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        rows = range(0, image.height(), 2)
        return sum(image.pixel(x, y) == accent for y in rows for x in range(0, image.width(), 2))

    assert pixels() == 0
    focus.light((NODE, EDGE, Spot((1,), 0)))
    assert pixels() > 30
    focus.light(())
    assert pixels() == 0


def test_a_way_through_maps_frames_its_own_pixels_alone(qtbot, monkeypatch):
    """Of a pixel that is picked the window is framed too that it was made of, on every map."""
    windows = []
    monkeypatch.setattr("app.canvas.paint.marks.draw_patch", lambda *_: windows.append("a window"))
    bridge = FakeBridge(stepped(CNN, "weight_gradient", (0,)))
    canvas = NetworkCanvas(bridge, editable=False)
    qtbot.addWidget(canvas)
    canvas.resize(1200, 700)
    spot = Spot((2,), 5, pixel=(4, 4))
    bridge.focus.light((spot,))
    canvas.view.grab()
    assert windows == []
    bridge.focus.select(spot)
    canvas.view.grab()
    assert windows == ["a window"]
