"""Slips in sums and means: a part left out, 1/n forgotten or twice, one sample for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

import numpy as np

from core.debugger.formulas.formula import Term
from core.debugger.formulas.parameters import LAMBDA_1, LAMBDA_2, shares
from core.debugger.formulas.sums import LISTED
from core.debugger.sentences.words import name, number
from core.expression.plain import plain
from core.messages.record import Phase, Record
from core.messages.scope import Floats
from core.questions.question import Question
from core.questions.wrong_rule import Guess, WrongRule
from core.sentence import Sentence

_GRADIENTS = ("weight_gradient", "bias_gradient")
_BOTH_WAYS = 2
"""Outputs of a softmax of which leaving out one is to forget the other."""


class PathMissed(WrongRule):
    """One part of a sum left out; of a long sum one of those listed, which are the largest."""

    kind: ClassVar[str] = "path_missed"
    label: ClassVar[str] = "A part of a sum left out"
    of_several: ClassVar[Sentence | None] = Sentence("Is one part of the sum missing?")

    def guesses(self, question: Question) -> Iterator[Guess]:
        formula, entry = question.formula, question.entry
        count = len(formula.terms) + formula.left_out[0]
        is_pair = entry.kind == "activation_gradient" and question.sample is not None
        if count < 2 or entry.kind == "norm" or (is_pair and count == _BOTH_WAYS):
            return
        for term in formula.terms:
            if not _has_rule_of_its_own(term):
                told = Sentence(
                    "Did {part} come in? The sum has {n} parts.", part=words_of(term), n=count
                )
                yield Guess(question.value - term.value, told)


class BiasLeftOut(WrongRule):
    """The weighted sum without its bias."""

    kind: ClassVar[str] = "bias_left_out"
    label: ClassVar[str] = "The bias left out"

    def guesses(self, question: Question) -> Iterator[Guess]:
        spot, key = question.spot, f"p:{question.spot.where}.bias"
        if question.entry.kind not in ("linear", "convolution", "batch_norm") or not spot.has(key):
            return
        bias = spot.at(key, question.index[:1])
        told = Sentence(
            "Did {name} come in? It is added at the end, {value} here.",
            name=name(bias),
            value=number(bias.value),
        )
        yield Guess(question.value - bias.value, told)


class NForgotten(WrongRule):
    """The batch's loss is a mean, and 1/n was not divided by."""

    kind: ClassVar[str] = "n_forgotten"
    label: ClassVar[str] = "1/n forgotten"

    def guesses(self, question: Question) -> Iterator[Guess]:
        n = question.record.samples
        if _is_of_loss(question) and is_mean(question.record):
            told = Sentence(
                "Did 1/n come in? The batch has {n} samples, and its loss is their mean.", n=n
            )
            yield Guess(_with_data(question, n), told)


class NTwice(WrongRule):
    """1/n was divided by once more than it stands in the loss."""

    kind: ClassVar[str] = "n_twice"
    label: ClassVar[str] = "1/n once too often"

    def guesses(self, question: Question) -> Iterator[Guess]:
        n = question.record.samples
        if not _is_of_loss(question):
            return
        told = Sentence("Is there a 1/n in it? This loss is the sum over its {n} samples.", n=n)
        if is_mean(question.record):
            told = Sentence("Is 1/n in it twice? It comes in once, where the gradient begins.")
            if question.entry.kind == "loss":
                told = Sentence("Is 1/n in it twice? The mean of {n} samples has it once.", n=n)
        yield Guess(_with_data(question, 1 / n), told)


class SumForMean(WrongRule):
    """All samples added up where their mean is asked."""

    kind: ClassVar[str] = "sum_for_mean"
    label: ClassVar[str] = "The sum for the mean"

    def guesses(self, question: Question) -> Iterator[Guess]:
        entry, n = question.entry, question.record.samples
        if not entry.per_sample or question.sample is not None or entry.phase is Phase.BACKWARD:
            return
        if entry.phase is Phase.FORWARD or is_mean(question.record):
            told = Sentence("Is this the sum of all {n} samples? Their mean is asked.", n=n)
            yield Guess(question.value * n, told)


class OneSample(WrongRule):
    """One sample’s for the whole batch; of many samples the largest, or the one on screen."""

    kind: ClassVar[str] = "one_sample"
    label: ClassVar[str] = "One sample for the whole batch"
    of_several: ClassVar[Sentence | None] = Sentence(
        "Is this one sample alone? All of them are asked."
    )

    def guesses(self, question: Question) -> Iterator[Guess]:
        each = _of_each_sample(question)
        if question.record.samples < 2:
            return
        for i in _likely(question, each):
            told = Sentence(
                "Is this sample {sample} alone? All {n} are asked.",
                sample=i + 1,
                n=question.record.samples,
            )
            yield Guess(float(each[i]), told)
            if question.entry.kind in _GRADIENTS and is_mean(question.record):
                yield Guess(float(each[i]) * question.record.samples, told)


class OutputsNotAveraged(WrongRule):
    """A loss that is a mean over its outputs, added up."""

    kind: ClassVar[str] = "outputs_not_averaged"
    label: ClassVar[str] = "The mean over the outputs forgotten"

    def guesses(self, question: Question) -> Iterator[Guess]:
        record, kind = question.record, question.entry.kind
        outputs = record.arrays[record.output].shape[1]
        if kind in ("loss_terms", "loss", "loss_gradient") and record.spec.loss.per_output:
            told = Sentence(
                "Did 1/K come in? This loss is the mean over its {k} outputs.", k=outputs
            )
            yield Guess(question.value * outputs, told)


class SignFlipped(WrongRule):
    """The right size with the other sign."""

    kind: ClassVar[str] = "sign_flipped"
    label: ClassVar[str] = "The sign flipped"

    def guesses(self, question: Question) -> Iterator[Guess]:
        if question.key.startswith("after:") or question.entry.kind == "norm":
            return
        told = Sentence("Is the sign the other one? Go through each minus once more.")
        if question.entry.kind == "loss_gradient":
            told = Sentence(
                "Did you take target minus output? It is output minus target, above 0 if too large."
            )
        yield Guess(-question.value, told)


class RootForgotten(WrongRule):
    """The squares added up, and no root taken."""

    kind: ClassVar[str] = "root_forgotten"
    label: ClassVar[str] = "The root of a length forgotten"

    def guesses(self, question: Question) -> Iterator[Guess]:
        if question.entry.kind == "norm":
            told = Sentence("Was the root taken? A length is the root of the sum of squares.")
            yield Guess(question.value**2, told)


def is_mean(record: Record) -> bool:
    """Whether the batch's loss is the mean of its samples', and no sum."""
    return record.spec.loss.averages


def words_of(term: Term) -> str:
    """A summand in letters."""
    return " · ".join(plain(factor.symbol) for factor in term.factors)


def _has_rule_of_its_own(term: Term) -> bool:
    """A bias, and a penalty."""
    first = term.factors[0]
    is_bias = first.key.startswith("p:") and first.key.endswith(".bias")
    return is_bias or first.symbol in (LAMBDA_1, LAMBDA_2)


def _is_of_loss(question: Question) -> bool:
    """Whether the batch's 1/n is in it."""
    return question.entry.kind == "loss" or question.entry.phase is Phase.BACKWARD


def _with_data(question: Question, times: float) -> float:
    """The number with what the samples add to it so many times as large; a penalty is not."""
    penalty = f"penalty:{question.entry.parameter}"
    added = 0.0
    if question.sample is None and penalty in question.record.arrays:
        added = float(question.record.arrays[penalty][question.index])
    return (question.value - added) * times + added


def _of_each_sample(question: Question) -> Floats:
    """What each sample has of a number of the whole batch, (n,)."""
    entry, spot = question.entry, question.spot
    if question.sample is None and entry.per_sample:
        return spot.in_all_samples()
    if question.sample is None and entry.kind in _GRADIENTS:
        return shares(spot)
    if entry.kind == "loss":
        return np.asarray(spot.array("terms"), np.float64)
    return np.empty(0)


def _likely(question: Question, each: Floats) -> tuple[int, ...]:
    """The samples that may have been taken: the one beside the question, and the largest."""
    largest = [int(i) for i in np.argsort(-np.abs(each), kind="stable")[:LISTED]]
    beside = [] if question.beside is None or not each.size else [question.beside]
    return tuple(dict.fromkeys(beside + largest))
