"""Slips in clipping, penalties and the optimizer's step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import inf
from typing import ClassVar

from core.catalog.base import amid
from core.debugger.formulas.updates import Step, step_of
from core.debugger.sentences.words import number
from core.questions.question import Question
from core.questions.stepping import given_by, is_held
from core.questions.wrong_rule import Guess, WrongRule
from core.sentence import Sentence


class UpdateAdded(WrongRule):
    """Up the slope instead of down."""

    kind: ClassVar[str] = "update_added"
    label: ClassVar[str] = "The update added instead of subtracted"

    def guesses(self, question: Question) -> Iterator[Guess]:
        if question.key.startswith("after:"):
            before = _before(question)
            told = Sentence(
                "Was the step added, or a minus lost? It is subtracted, its own sign and all."
            )
            yield Guess(2 * before - question.value, told)


class RateLeftOut(WrongRule):
    """A step of the whole gradient."""

    kind: ClassVar[str] = "rate_left_out"
    label: ClassVar[str] = "The learning rate left out"

    def guesses(self, question: Question) -> Iterator[Guess]:
        if question.key.startswith("after:"):
            told = Sentence(
                "Did the learning rate come in? It is {rate} in this step.",
                rate=number(question.record.rate),
            )
            yield from _taken(question, told, lambda step: replace(step, rate=1.0))


class WithoutCorrection(WrongRule):
    """A running mean as it is, though in early steps it leans towards the 0 that it began with."""

    kind: ClassVar[str] = "without_correction"
    label: ClassVar[str] = "No bias correction"

    def guesses(self, question: Question) -> Iterator[Guess]:
        optimizer = question.record.spec.optimizer
        if question.entry.kind != "update" or is_held(question.spot):
            return
        if optimizer.hats() and not question.key.startswith("s'"):
            told = Sentence(
                "Was the bias corrected? {optimizer} divides its means by 1 − βᵗ; t is {t} here.",
                optimizer=Sentence(optimizer.label),
                t=int(step_of(question.spot).t),
            )
            # After endless steps the correction is none.
            yield from _taken(question, told, lambda step: replace(step, t=inf))
        else:
            told = Sentence(
                "Did {optimizer} begin from 0? Its first step takes the gradient whole.",
                optimizer=Sentence(amid(optimizer)),
            )
            yield from _taken(question, told, _from_zero)


class MemoryLeftOut(WrongRule):
    """What the optimizer has kept from the steps before."""

    kind: ClassVar[str] = "memory_left_out"
    label: ClassVar[str] = "What is kept from earlier steps left out"

    def guesses(self, question: Question) -> Iterator[Guess]:
        told = Sentence(
            "{optimizer} keeps something from the steps before. Did it come in?",
            optimizer=Sentence(question.record.spec.optimizer.label),
        )
        yield from _taken(question, told, _forgetful)


class PlainStep(WrongRule):
    """Plain descent in the place of an optimizer that does more."""

    kind: ClassVar[str] = "plain_step"
    label: ClassVar[str] = "Plain descent instead of the optimizer’s step"

    def guesses(self, question: Question) -> Iterator[Guess]:
        optimizer = question.record.spec.optimizer
        does_more = question.key.startswith("after:") and optimizer.keeps_state
        if does_more and not is_held(question.spot):
            step = step_of(question.spot)
            told = Sentence(
                "Is this plain descent, rate times gradient? {optimizer} does more.",
                optimizer=Sentence(optimizer.label),
            )
            yield Guess(float(step.theta.value) - step.rate * step.g, told)


class DecoupledDecay(WrongRule):
    """An L2 penalty taken for a pull of its own, which the gradient does not know."""

    kind: ClassVar[str] = "decoupled_decay"
    label: ClassVar[str] = "L2 penalty left out of the gradient"

    def guesses(self, question: Question) -> Iterator[Guess]:
        strength, entry = question.record.spec.training.l2, question.entry
        if not strength or f"penalty:{entry.parameter}" not in question.record.arrays:
            return
        pull = strength * _before(question)
        told = Sentence(
            "Is the L2 penalty in the gradient? It adds λ · w there, {pull} here.",
            pull=number(pull),
        )
        if entry.kind == "weight_gradient" and question.sample is None:
            yield Guess(question.value - pull, told)
        elif f"clipped:{entry.parameter}" not in question.record.arrays:
            after = question.record.rate * pull if question.key.startswith("after:") else 0.0
            for guess in _taken(question, told, lambda step: replace(step, g=step.g - pull)):
                yield replace(guess, value=guess.value - after)


class CoupledDecay(WrongRule):
    """The reverse: decay that acts on the parameter alone, put into the gradient."""

    kind: ClassVar[str] = "coupled_decay"
    label: ClassVar[str] = "Weight decay put into the gradient"

    def guesses(self, question: Question) -> Iterator[Guess]:
        optimizer = question.record.spec.optimizer
        decay = float(getattr(optimizer, "weight_decay", 0.0))
        if not decay:
            return

        def coupled(step: Step) -> Step:
            plain = optimizer.model_copy(update={"weight_decay": 0.0})
            return replace(step, optimizer=plain, g=step.g + decay * float(step.theta.value))

        told = Sentence(
            "Is the decay in the gradient? {optimizer} keeps it apart: it acts on the parameter.",
            optimizer=Sentence(optimizer.label),
        )
        yield from _taken(question, told, coupled)


class ClippingForgotten(WrongRule):
    """The gradient as it was before clipping."""

    kind: ClassVar[str] = "clipping_forgotten"
    label: ClassVar[str] = "Clipping forgotten"

    def guesses(self, question: Question) -> Iterator[Guess]:
        parameter, arrays = question.entry.parameter, question.record.arrays
        if f"clipped:{parameter}" not in arrays or question.entry.kind not in ("clip", "update"):
            return
        raw = float(arrays[f"d:p:{parameter}"][question.index])
        told = Sentence(
            "Is this with the gradient before clipping? It is {raw} there.", raw=number(raw)
        )
        if question.entry.kind == "clip":
            yield Guess(raw, told)
        yield from _taken(question, told, lambda step: replace(step, g=raw))


def _before(question: Question) -> float:
    return float(question.record.arrays[f"p:{question.entry.parameter}"][question.index])


def _taken(question: Question, told: Sentence, change: Callable[[Step], Step]) -> Iterator[Guess]:
    """The step with a change in it; none of a parameter that is held, or of another entry."""
    if question.entry.kind == "update" and not is_held(question.spot):
        step = change(step_of(question.spot))
        yield Guess(given_by(question.spot, question.key, step), told)


def _from_zero(step: Step) -> Step:
    """Where the first step has no state before it: 0 in its place."""
    return replace(step, before=dict.fromkeys(step.optimizer.used, 0.0) | dict(step.before))


def _forgetful(step: Step) -> Step:
    return replace(step, before=dict.fromkeys(step.before, 0.0))
