"""While a number is asked for, no text in the window tells it: all of it is walked."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLabel, QLineEdit, QWidget

from app.canvas.canvas import NetworkCanvas
from app.kit.math.label import MathLabel
from app.kit.numbers import four_digits, full_number
from app.step.bar import StepBar
from app.step.formula.view import FormulaView
from app.step.parameters.table import ParameterTable
from app.step.tape.view import TapeView
from app.step.update.view import UpdateView
from app.train.curves.view import CurvesView
from app.window.readout import Readout
from core.catalog.optimizers import Adam, Momentum
from core.experiment.spec import Training
from core.messages.curves import Curve, Curves
from core.presets import PRESETS
from core.questions.question import ask, keys_asked
from tests.app.fakes import FakeBridge
from tests.app.stepped import record_of, standing, whole_place
from tests.core.experiments import tiny

SPECS = {
    "adam": tiny(optimizer=Adam(learning_rate=0.05), training=Training(batch_size=4, l2=0.1)),
    "clipped": tiny(
        optimizer=Momentum(learning_rate=0.2), training=Training(batch_size=3, clip_norm=0.05)
    ),
    "worked": PRESETS["worked-2-3-2-relu"].spec,
    "xor": PRESETS["xor-2-2-1"].spec,
}
ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.EditRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
)
NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")


class Window(QWidget):
    """Every view that shows numbers of a step, all seen."""

    def __init__(self, bridge: FakeBridge) -> None:
        super().__init__()
        self.resize(1400, 900)
        self.readout = Readout(self)
        bridge.snapshot_changed.connect(self.readout.show_snapshot)
        kinds = (
            FormulaView, NetworkCanvas, UpdateView, ParameterTable, TapeView, StepBar, CurvesView,
        )  # fmt: skip
        self.views = [kind(bridge, self) for kind in kinds]
        for view in (*self.views, self.readout):
            view.resize(700, 700)


def texts_of(window: QWidget, painted: list[str]):
    """All that is written, painted, told on hover or read aloud."""
    yield from painted
    seen = [one for one in window.findChildren(QWidget) if one.isVisible()]
    for widget in (window, *seen):
        yield from (widget.toolTip(), widget.accessibleName(), widget.accessibleDescription())
        if isinstance(widget, QLabel | QAbstractButton):
            yield widget.text()
        if isinstance(widget, QLineEdit):
            yield from (widget.text(), widget.placeholderText())
        if isinstance(widget, MathLabel):
            yield widget.latex()
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            yield from texts_of_model(widget.model())


def texts_of_model(model: QAbstractItemModel):
    is_list = isinstance(model, QAbstractListModel)
    columns = 1 if is_list else model.columnCount(QModelIndex())
    for row in range(model.rowCount(QModelIndex())):
        for column in range(columns):
            for role in ROLES:
                yield str(model.index(row, column).data(role) or "")


@pytest.fixture
def painted(monkeypatch):
    """Every text that is painted by drawText."""
    found: list[str] = []
    draw = QPainter.drawText

    def note(self, *arguments):
        found.extend(one for one in arguments if isinstance(one, str))
        return draw(self, *arguments)

    monkeypatch.setattr(QPainter, "drawText", note)
    return found


def numbers_in(text: str) -> set[str]:
    return set(NUMBER.findall(text.replace(",", "")))


def as_shown(value: float) -> set[str]:
    """In every way in which views write it, without its sign."""
    size = abs(value)
    return {
        four_digits(size),
        full_number(size),
        str(np.float32(size)),
        f"{size:.4g}",
    }


def is_told_anyway(question) -> bool:
    """Whether a number that stays is the very number, or it has too few digits to be known."""
    value, formula = abs(question.value), question.formula
    if value == round(value, 2) or value < 1e-6:
        return True
    arrays = question.record.arrays
    last = question.record.entries.index(question.entry)
    known = [entry.writes for entry in question.record.entries[: last + 1]]
    also = ("p:", "s:", "x", "y", "step:", "s':")
    known += [key for key in arrays if key.startswith(also)]
    shown = as_shown(value)
    others = [abs(float(one)) for key in known for one in arrays[key].reshape(-1)[:400]]
    same = sum(bool(shown & as_shown(other)) for other in others)
    operands = [abs(one.value) for one in formula.factors]
    return same > 1 or any(shown & as_shown(one) for one in operands)


def questions_of(record, rng):
    for entry in record.entries:
        shares = entry.per_sample or entry.kind in ("weight_gradient", "bias_gradient")
        for key in keys_asked(record, entry):
            for sample in (None, int(rng.integers(record.samples))) if shares else (None,):
                yield ask(
                    record, entry, entry.index_of(int(rng.integers(entry.count))), sample, key=key
                )


def assert_nothing_told(qtbot, window, painted, question) -> None:
    """Plots rest for a moment between two drawings, and are waited for."""
    shown = as_shown(question.value)

    def assert_nothing() -> None:
        painted.clear()
        window.grab()
        found = [one for one in texts_of(window, painted) if shown & numbers_in(one)]
        assert not found, (question.entry.kind, question.key, question.index, question.sample)

    qtbot.waitUntil(assert_nothing)


@pytest.mark.parametrize("name", SPECS)
def test_no_text_in_the_window_tells_it(name, qtbot, painted) -> None:
    record = record_of(SPECS[name])
    loss = np.array([record.arrays["loss"]], np.float32)
    curve = Curve(np.array([record.step], np.int64), loss)
    curves = Curves(train_loss=curve, test_loss=curve, test_count=4, test_part=4)
    last = len(record.entries) - 1
    snapshot = standing(record, whole_place(record, last), curves=curves)
    snapshot = replace(snapshot, progress=replace(snapshot.progress, step=record.step))
    bridge = FakeBridge(snapshot)
    window = Window(bridge)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    tried, kinds = 0, set()
    for question in questions_of(record, np.random.default_rng(2)):
        if is_told_anyway(question):
            continue
        bridge.focus.pick_sample(question.sample)
        bridge.asking.pose(question)

        assert_nothing_told(qtbot, window, painted, question)
        tried, kinds = tried + 1, kinds | {question.entry.kind}
        bridge.asking.give_up()
        window.grab()
        told = " ".join(texts_of(window, painted))
        assert four_digits(abs(question.value)) in told.replace(",", ""), question.entry.kind
    assert tried >= 8
    assert len(kinds) > 4
