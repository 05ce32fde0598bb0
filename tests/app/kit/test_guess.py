"""A formula has its place before it is drawn: nothing moves when the drawing comes."""

import numpy as np
import pytest

from app.kit.math import latex
from app.kit.math.guess import guess
from app.kit.math.label import MathLabel
from core.debugger.formulas.explain import explain
from core.debugger.tape import record_step
from tests.core.debugger.test_scope import SPECS
from tests.core.experiments import trainer_of

NEAR = 4
"""Pixels that nobody sees a panel jump by."""


PRESETS = ("worked-2-3-2-relu", "xor-2-2-1", "three-2-8-3", "cnn-mnist")
"""Drawing is slow: these have every kind of layer and number that the presets have."""


def formulas_of(name):
    record, numbers = record_step(trainer_of(SPECS[name])).record, np.random.default_rng(0)
    for entry in record.entries:
        for sample in (0,) if name == "cnn-mnist" else (None, 0):
            index = entry.index_of(int(numbers.integers(entry.count)))
            formula = explain(record, entry, index, sample)
            yield from (formula.rule, formula.symbols, formula.numbers)
            for way in formula.ways[:3]:
                yield from (way.upstream.symbol, way.local.symbol)


@pytest.fixture
def undrawn(monkeypatch):
    """As in a window where no formula was drawn yet."""
    monkeypatch.setattr(latex, "_kept", type(latex._kept)())
    monkeypatch.setattr(latex, "_sizes", type(latex._sizes)())


def heights(qtbot, formula, widths):
    label = MathLabel("label", "Label")
    qtbot.addWidget(label)
    label.show_formula(formula)
    before = [label.heightForWidth(width) for width in widths]
    for piece in label.missing:
        latex.draw(piece)
    label.refresh()
    return before, [label.heightForWidth(width) for width in widths]


@pytest.mark.parametrize("name", PRESETS)
def test_a_formula_not_drawn_yet_has_the_room_of_its_drawing(qtbot, undrawn, name):
    apart = []
    for formula in dict.fromkeys(formulas_of(name)):
        before, after = heights(qtbot, formula, (330, 410, 560))
        apart += [abs(b - a) for b, a in zip(before, after, strict=True)]
    assert np.mean(np.array(apart) <= NEAR) > 0.97


def test_what_differs_in_its_digits_alone_has_the_very_size(undrawn):
    latex.draw("+ 0.1234")
    drawn = latex.draw("+ 0.5678")
    alike = latex.size_of("+ 0.9012")
    assert alike.width == pytest.approx(drawn.width, abs=0.5)
    assert isinstance(latex.size_of("+ 0.5678"), latex.Drawing)


def test_whatever_letters_come_have_some_size():
    for piece in ("", "{", "}", "^", "_{", r"\frac", r"\frac{1}", r"\left(", r"\begin{x}", "漢字"):
        box = guess(piece)
        assert box.width >= 0
        assert box.ascent >= 0
