"""The stops of issue 11, one a number: what a new user did when it was seen."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QLineEdit, QTabBar, QWidget

from app.canvas.model.layout import centre_of, line_of
from app.link.focus import Spot
from tests.tour.visitor import CONTROL, LEFT, PERSPECTIVES, MissingError, Visitor

KEY = Qt.Key
RAVEL = {
    "version": 1,
    "data": {"kind": "worked_example", "inputs": [[1, 2]], "targets": [[1, 0]]},
    "layers": [
        {
            "kind": "residual",
            "layers": [{"kind": "residual", "layers": [{"kind": "dense", "units": 2}]}],
        },
        {"kind": "dense", "units": 2},
    ],
    "loss": {"kind": "half_mse"},
}
"""A group directly inside another, at the network's input."""


def choose_data(at: Visitor, kind: str) -> None:
    header = at.find("training.data.header")
    if not header.isChecked():
        at.click("training.data.header")
    at.rest(0.4)
    at.choose("training.data.kind", kind)
    at.until(lambda: at.window.snapshot.spec.data.kind == kind, kind)


def rebuilt(at: Visitor) -> None:
    """The logistic regression, turned into 2-3-1 over XOR by mouse."""
    at.open("logistic-2-1")
    at.perspective("build")
    choose_data(at, "xor_gate")
    at.click("canvas.palette.dense")
    at.rest(0.6)
    card = at.find("network.layer.1")
    QTest.mouseClick(card, LEFT, pos=QPoint(card.width() // 3, 20))
    at.type("network.layer.1.units", "3")
    at.choose("network.layer.1.activation", "tanh")


def rate_finder(at: Visitor) -> None:
    rebuilt(at)
    at.perspective("surface")
    at.front("range")
    at.click("range.run", seconds=20)
    contest = at.window.page.bridge
    at.until(lambda: contest.contest.range_test and contest.contest.range_test.done, "the finder")
    at.rest(1)
    at.look("-1")
    at.click("range.use")
    at.rest(0.5)
    at.train(200)
    at.perspective("train")
    at.look("-2")


def test_figures(at: Visitor) -> None:
    at.open("cnn-mnist")
    at.perspective("train")
    at.click("button-train")
    at.until(lambda: at.step >= 150, "150 steps")
    at.look("-1")
    at.click("button-train")
    at.until(lambda: at.state == "PAUSED", "a pause")
    at.rest(8)
    at.look("-2")


def scope(at: Visitor) -> None:
    at.open("xor-2-2-1")
    at.perspective("step")
    at.next_to("weight_gradient", (1,))
    if at.window.page.findChild(QWidget, "step.scope.batch") is None:
        raise MissingError("no switch of scope")
    at.type("step.sample", "2")
    at.rest(1)
    at.look("-1")
    at.click("step.scope.batch")
    at.rest(1.2)
    at.look("-2")


def notation(at: Visitor) -> None:
    at.open("three-2-8-3")
    at.perspective("step")
    at.next_to("loss")
    at.look("-1")
    at.next_to("input_gradient")
    at.look("-2")


def standing(at: Visitor) -> None:
    at.open("three-2-8-3")
    at.perspective("train")
    for step in range(1, 8):
        at.until(at.window.actions_["run.step"].isEnabled, "a step can be made")
        at.window.actions_["run.step"].trigger()
        at.until(lambda step=step: at.step == step, "a step")
        at.until(lambda: at.state == "PAUSED", "rest")
    slider = at.find("timeline.slider")
    place = QPoint(round(slider.x_of(4)), slider.height() // 2)
    QTest.mouseClick(slider, LEFT, pos=place)
    at.until(lambda: at.step == 4, "step 4")
    at.rest()
    at.look("-1")
    at.perspective("step")
    at.window.actions_["step.next"].trigger()
    at.rest()
    at.look("-2")


def two_losses(at: Visitor) -> None:
    at.perspective("train")
    at.click("button-train")
    at.until(lambda: at.step >= 400, "400 steps")
    at.look()


def race(at: Visitor) -> None:
    at.open("xor-2-2-1")
    at.perspective("surface")
    at.front("race")
    for kind in ("rmsprop",):
        at.click("race.add")
        at.rest(0.4)
        menus = [one for one in QApplication.topLevelWidgets() if one.inherits("QMenu")]
        for menu in (one for one in menus if one.isVisible()):
            for action in menu.actions():
                if action.objectName() == f"race.add.{kind}":
                    QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
        at.rest(0.6)
    at.click("race.run")
    at.rest(5)
    at.click("race.run")
    at.rest(3)
    at.look("-1")


def names(at: Visitor) -> None:
    rebuilt(at)
    at.look("-1")
    bar = at.find("tab-bar", QTabBar)
    place = bar.tabRect(bar.currentIndex()).center()
    QTest.mouseDClick(bar, LEFT, pos=place)
    at.rest(0.3)
    at.look("-2")


def messages(at: Visitor) -> None:
    at.open("xor-2-2-1")
    at.perspective("step")
    at.window.actions_["step.breakpoint"].trigger()
    at.rest(0.8)
    at.look("-1")
    at.front("breakpoints")
    at.click("breakpoints.add")
    at.rest(0.4)
    menus = [one for one in QApplication.topLevelWidgets() if one.inherits("QMenu")]
    for menu in (one for one in menus if one.isVisible()):
        one = next(
            one for one in menu.actions() if one.text() and one.isEnabled() and not one.menu()
        )
        QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(one).center())
    at.rest(0.8)
    at.look("-2")


def switch(at: Visitor) -> None:
    at.open("xor-2-2-1")
    at.perspective("train")
    at.train(300)
    at.choose("training.optimizer.kind", "adam")
    at.look("-1")
    at.train(300)
    at.look("-2")


def nested(at: Visitor) -> None:
    path = Path(tempfile.mkdtemp()) / "nested.json"
    path.write_text(json.dumps(RAVEL), "utf-8")
    open_file(at, path)
    at.perspective("step")
    at.next_to("input_gradient")
    at.window.actions_["step.over"].trigger()
    at.rest(1.5)
    at.look("-1")


def open_file(at: Visitor, path: Path) -> None:
    """Ctrl+O, the path typed, Enter."""
    before = at.window.page
    name_the_file(path)
    at.window.actions_["file.open"].trigger()
    at.until(lambda: at.window.page is not before, "a file is opened", 10)
    at.until(lambda: at.state == "READY", "the file")


def name_the_file(path: Path) -> None:
    """Types it into the dialog that comes."""

    def answer() -> None:
        dialogs = [one for one in QApplication.topLevelWidgets() if isinstance(one, QFileDialog)]
        seen = [one for one in dialogs if one.isVisible()]
        if not seen:
            QTimer.singleShot(200, answer)
        for dialog in seen:
            line = dialog.findChild(QLineEdit)
            line.setText(str(path))
            QTest.keyClick(line, KEY.Key_Return)

    QTimer.singleShot(200, answer)


def undo(at: Visitor) -> None:
    at.open("xor-2-2-1")
    at.perspective("train")
    at.type("training.optimizer.learning_rate", "0.1")
    at.look("-1")
    QTest.keyClick(QApplication.focusWidget(), KEY.Key_Z, CONTROL)
    at.rest(0.8)
    at.look("-2")


def small_window(at: Visitor) -> None:
    at.size(1280, 720)
    for name in PERSPECTIVES:
        at.perspective(name)
        at.rest(1.5)
        at.look(f"-{name}")
        at.find("document-docks")


def orphan(at: Visitor) -> None:
    at.open("xor-2-2-1")
    at.perspective("train")
    title = next(one for one in at.window.findChildren(QWidget, "dock-title") if one.isVisible())
    handle, here = at.window.windowHandle(), title.mapTo(at.window, QPoint(40, 12))
    QTest.mousePress(handle, LEFT, Qt.KeyboardModifier.NoModifier, here)
    for part in range(1, 9):
        QTest.mouseMove(handle, here + QPoint(60, 40) * part)
        at.rest(0.05)
        if part == 4:
            QTest.keyClick(at.window, KEY.Key_4, CONTROL)
            at.rest(0.2)
    QTest.mouseRelease(handle, LEFT, Qt.KeyboardModifier.NoModifier, here + QPoint(480, 320))
    at.rest(2)
    at.look("-1")
    for number in (KEY.Key_3, KEY.Key_2, KEY.Key_4):
        QTest.keyClick(at.window, number, CONTROL)
        at.rest(0.7)
    at.look("-2")


def closing(at: Visitor) -> None:
    at.open("xor-2-2-1")
    at.perspective("build")
    at.click("canvas.palette.dense")
    at.rest(0.6)

    def answer() -> None:  # a question keeps whoever asks it
        at.look("-1")
        for box in at.window.findChildren(QDialog):
            box.reject()

    QTimer.singleShot(1500, answer)
    at.window.actions_["file.close"].trigger()
    at.rest(1)
    at.look("-2")


def first_formula(at: Visitor) -> None:
    at.open("xor-2-2-1")
    at.perspective("step")
    at.window.actions_["step.over"].trigger()
    at.until(lambda: at.window.snapshot.stepping is not None, "a step")
    QApplication.processEvents()
    frame = at.window.frameGeometry()
    picture = at.window.screen().grabWindow(0, frame.x(), frame.y(), *frame.size().toTuple())
    picture.save(str(at.path.with_name(at.path.name.replace("@", "-1"))))
    at.rest(2)
    at.look("-2")


def small_things(at: Visitor) -> None:
    at.look("-1")
    at.open("three-2-8-3")
    at.perspective("build")
    at.rest(1)
    at.look("-2")
    card = at.find("network.layer.1")
    QTest.mouseClick(card, LEFT, pos=QPoint(card.width() // 3, 20))
    at.type("network.layer.1.units", "0")
    at.look("-3")


def table(at: Visitor) -> None:
    """My data (CSV): the card, then the file."""
    rows = [f"{n / 7:.3f},{n % 5},{'xyz'[n % 3]}" for n in range(60)]
    path = Path(tempfile.mkdtemp()) / "flowers.csv"
    path.write_text("\n".join(["height,width,kind", *rows]), "utf-8")
    name_the_file(path)
    at.open("table")
    at.rest(2)
    at.look("-4")


def ill(at: Visitor) -> None:
    at.open("xor-2-2-1")
    at.perspective("train")
    at.choose("training.optimizer.kind", "sgd")
    at.click("training.batch.header")
    at.rest(0.3)
    at.type("training.batch.batch_size", "1")
    at.train(2000)
    at.look("-1")
    if at.window.page.findChild(QWidget, "findings.open") is None:
        raise MissingError("no diagnosis")
    at.click("findings.open")
    at.rest(0.5)
    at.look("-2")


def sentence(at: Visitor) -> None:
    for preset in ("mazur-2-2-2", "xor-2-2-1"):
        try:
            at.open(preset)
            break
        except MissingError:
            continue
    at.perspective("step")
    at.next_to("weight_gradient", (0,))
    at.look("-1")


def chain(at: Visitor) -> None:
    at.open("logistic-2-1")
    at.perspective("step")
    at.next_to("weight_gradient")
    at.look("-1")


def inputs_gradient(at: Visitor) -> None:
    at.open("xor-2-2-1")
    at.perspective("step")
    at.next_to("input_gradient")
    at.look("-2")


def worked(at: Visitor) -> None:
    at.open("worked-2-3-2-relu")
    at.perspective("step", more=False)
    at.next_to("activation")
    at.look("-1")


def gallery(at: Visitor) -> None:
    at.window.actions_["file.new"].trigger()
    at.find("gallery")
    at.look()


def less(at: Visitor) -> None:
    for name in PERSPECTIVES:
        at.perspective(name, more=False)
        at.rest(1.2)
        at.look(f"-{name}")


def room(at: Visitor) -> None:
    sentence(at)
    if at.window.findChild(QAction, "action.view.present") is None:
        raise MissingError("no presenter mode")
    at.key(KEY.Key_F12, at=at.window)
    at.rest(2)
    at.look("-2")
    at.key(KEY.Key_Plus, CONTROL, at=at.window)
    at.rest(1.5)
    at.look("-3")


def large_screen(at: Visitor) -> None:
    at.size(1920, 1080)
    at.open("xor-2-2-1")
    at.perspective("step")
    at.next_to("weight_gradient", (0,))
    at.look()


def handwriting(at: Visitor) -> None:
    at.perspective("train", more=False)
    at.train(1500)
    pad = at.find("digits.pad")
    for points in ([(0.40, 0.40), (0.60, 0.40), (0.50, 0.62)], [(0.44, 0.51), (0.58, 0.51)]):
        draw(at, pad, points)
    at.rest(1.5)
    at.look()


def draw(at: Visitor, pad: QWidget, points: list[tuple[float, float]]) -> None:
    """A stroke, in parts of the pad's width and height."""
    places = [QPointF(x * pad.width(), y * pad.height()) for x, y in points]
    QTest.mousePress(pad, LEFT, pos=places[0].toPoint())
    for start, end in pairwise(places):
        for part in range(1, 11):
            QTest.mouseMove(pad, (start + (end - start) * part / 10).toPoint())
            at.rest(0.01)
    QTest.mouseRelease(pad, LEFT, pos=places[-1].toPoint())


def pasted(at: Visitor) -> None:
    at.perspective("train")
    at.train(1500)
    at.click("digits.random")
    at.rest(0.7)
    at.look("-1")
    QApplication.clipboard().setImage(framed_seven())
    at.click("digits.paste")
    at.rest(1.2)
    at.look("-2")


def framed_seven() -> QImage:
    """A seven within a frame of one pixel."""
    image = QImage(140, 140, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFF)
    from PySide6.QtGui import QPainter, QPen

    painter = QPainter(image)
    painter.setPen(QPen(Qt.GlobalColor.black, 1))
    painter.drawRect(0, 0, 139, 139)
    painter.setPen(QPen(Qt.GlobalColor.black, 10))
    painter.drawPolyline([QPoint(40, 35), QPoint(100, 35), QPoint(65, 110)])
    painter.end()
    return image


def typed(at: Visitor) -> None:
    """Mazur's network, built from the blank card: each number a click and what is typed."""
    at.open("blank")
    at.perspective("build", more=False)
    at.look("-1")
    at.click("canvas.palette.dense")
    at.until(lambda: len(at.window.snapshot.layers) == 2, "a second layer")
    for number in (1, 2):
        at.rest(0.5)
        card = at.find(f"network.layer.{number}")
        QTest.mouseClick(card, LEFT, pos=QPoint(card.width() // 3, 20))
        at.type(f"network.layer.{number}.units", "2")
        at.choose(f"network.layer.{number}.activation", "sigmoid")
    at.look("-2")
    weights = ((0.15, 0.20), (0.25, 0.30)), ((0.40, 0.45), (0.50, 0.55))
    for layer, rows in enumerate(weights):
        for unit, row in enumerate(rows):
            for source, value in enumerate(row):
                type_number(at, Spot((layer,), unit, source), value)
    at.look("-3")
    for layer, value in enumerate((0.35, 0.60)):
        for unit in (0, 1):
            type_number(at, Spot((layer,), unit), value)
    at.look("-4")
    at.window.actions_["run.step"].trigger()
    at.until(lambda: at.step == 1, "a step")
    at.perspective("step", more=False)
    at.look("-5")


def type_number(at: Visitor, spot: Spot, value: float) -> None:
    """Clicks a place of the graph, and types."""
    at.rest(0.3)
    view = at.find("canvas.graph")
    layout = view.control.state.layout
    centre = centre_of(layout, spot)
    if centre is None:
        x1, y1, x2, y2 = line_of(layout, spot)
        centre = np.array([x1 + 0.15 * (x2 - x1), y1 + 0.15 * (y2 - y1)])
    x, y = view.control.viewport.to_screen(centre)
    place = QPoint(round(x), round(y))
    over = QApplication.widgetAt(view.mapToGlobal(place))
    if over is not view:
        print(f"{spot} lies under {over.objectName() if over else None}", flush=True)
    QTest.mouseMove(view, place)
    QTest.mouseClick(view, LEFT, pos=place)
    at.rest(0.3)
    for letter in str(value):
        QTest.keyClick(QApplication.focusWidget(), letter)
    QTest.keyClick(QApplication.focusWidget(), KEY.Key_Return)
    at.rest(0.3)
    started = at.window.snapshot.spec.by_hand.start
    name = f"{spot.path[0]}.{'bias' if spot.source is None else 'weight'}"
    cell = (spot.unit,) if spot.source is None else (spot.unit, spot.source)
    if name not in started or started[name].cells.get(cell) != value:
        raise MissingError(f"{value} typed at {spot} is not kept")


STOPS: dict[str, Callable[[Visitor], None]] = {
    "01": rate_finder,
    "02": test_figures,
    "03": scope,
    "04": notation,
    "05": standing,
    "06": two_losses,
    "07": race,
    "08": names,
    "09": messages,
    "10": switch,
    "11": nested,
    "12": undo,
    "13": small_window,
    "14": orphan,
    "14b": closing,
    "15": first_formula,
    "16": small_things,
    "16-table": table,
    "17": ill,
    "18": sentence,
    "19": chain,
    "19-inputs": inputs_gradient,
    "20": worked,
    "21": gallery,
    "22": less,
    "23": room,
    "24": large_screen,
    "25": handwriting,
    "26": pasted,
    "27": typed,
}
