"""An answer as the panel shows it: a question for a heading, sentences, and pieces."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import four_digits
from app.kit.text import sentence, told, translated
from app.link.spots import spot_of
from app.step.why.of_history import of_history
from app.step.why.of_parts import of_parts
from app.step.why.of_paths import of_paths
from app.step.why.pieces import PieceRow
from app.step.words import sample_name
from core.experiment import symbols
from core.expression.plain import plain
from core.messages.record import path_of

if TYPE_CHECKING:
    from core.debugger.formulas.formula import Factor
    from core.debugger.why.parts import MadeOf
    from core.debugger.why.paths import GradientPaths
    from core.debugger.why.weight_history import WeightHistory
    from core.messages.snapshot import Snapshot
    from core.messages.why import AboutNumber, AboutWeight
    from core.sentence import Sentence

_OF_SAMPLES = ("weight_gradient", "bias_gradient")
"""What is made of all samples, and of which one sample's share can be asked about."""


@dataclass(frozen=True, eq=False)
class WhyPage:
    """What stands in the panel.

    Attributes:
        heading: The question.
        whose: Of which sample; empty where that is plain.
        sentences: The answer in words.
        pieces: The rows of the tree.
        digits: On hover, the number in all its digits; empty where there is no more to say.
    """

    heading: str
    whose: str
    sentences: str
    pieces: tuple[PieceRow, ...] = ()
    digits: str = ""


def shown_parts(about: AboutNumber, found: MadeOf) -> WhyPage:
    """A number of the forward pass or of the loss."""
    pieces = of_parts(about.record, found)
    return WhyPage(_question(found.number), _whose(about), _said(found.sentences), pieces)


def shown_paths(about: AboutNumber, found: GradientPaths) -> WhyPage:
    """A gradient."""
    pieces, digits = of_paths(found), _said(filter(None, [found.precision]))
    return WhyPage(_question(found.number), _whose(about), _said(found.sentences), pieces, digits)


def shown_history(snapshot: Snapshot, about: AboutWeight, found: WeightHistory) -> WhyPage:
    """A weight or a bias."""
    path = path_of(about.parameter.rpartition(".")[0])
    layers = {layer.path: translated(layer.name) for layer in snapshot.layers}
    shapes = {name: array.shape for name, array in snapshot.held.items()}
    name = symbols.symbol(about.parameter, about.index, shapes)
    spot = spot_of(f"p:{about.parameter}", about.index)
    question = _tr("Why is {name} of {layer} {value}?").format(
        name=name, layer=layers.get(path, about.parameter), value=four_digits(found.value)
    )
    pieces = of_history(found, name, () if spot is None else (spot,))
    return WhyPage(question, "", _said(found.sentences), pieces)


def shown_refusal(reason: Sentence) -> WhyPage:
    """What cannot be answered, and what to do."""
    return WhyPage(_tr("No answer"), "", told(reason))


def _question(number: Factor) -> str:
    text = _tr("Why is {name} {value}?")
    return text.format(name=plain(number.symbol), value=four_digits(number.value))


def _said(sentences: Iterable[Sentence]) -> str:
    return " ".join(map(sentence, sentences))


def _whose(about: AboutNumber) -> str:
    entry, record = about.entry, about.record
    is_share = entry.kind in _OF_SAMPLES and about.sample is not None
    sample = about.sample if is_share or entry.per_sample else None
    whose = sample_name(record, 0 if record.samples == 1 else sample)
    if is_share and record.samples > 1:
        return _tr("One sample's share · {sample}").format(sample=whose)
    return whose


def _tr(text: str) -> str:
    return QCoreApplication.translate("WhyView", text)
