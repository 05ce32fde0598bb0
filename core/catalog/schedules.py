"""How the learning rate changes in the course of a run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from core.catalog.base import Choice, union_of
from core.expression.functions import PI, cos, floor, where
from core.expression.tree import Aside, Expr, Function, Symbol

NOW = Symbol("η", "t")
ETA, GAMMA, T, END, EPOCH, W, F = (Symbol(letter) for letter in "ηγtTewf")
PEAK, DIVISOR, U, V, X = (Symbol(letter) for letter in "pduvx")
WAVE = Function("c")


def falling(progress: Expr) -> Expr:
    """From 1 to the final fraction along half a cosine wave."""
    return F + (1 - F) / 2 * (1 + cos(PI * progress))


class Schedule(Choice):
    """A learning rate as a function of the step, in closed form.

    Having no state it can be asked for any step, forwards and back, in any order.
    """

    def rate(self, base: float, step: int, total_steps: int, steps_per_epoch: int) -> float:
        """The learning rate with which a step is taken.

        Args:
            base: The optimizer's learning rate.
            step: How many steps were taken before, from 0.
            total_steps: How many the run is planned to take, at least 1. Its last step is the
                one that reaches the schedule's end; a run that goes on keeps that rate.
            steps_per_epoch: At least 1.
        """
        raise NotImplementedError


class ConstantRate(Schedule):
    """No schedule, the textbook's gradient descent."""

    kind: Literal["constant"] = "constant"
    label: ClassVar[str] = "Constant"
    description: ClassVar[str] = "The learning rate stays as it is set."
    formula: ClassVar[Expr] = NOW.is_(ETA)

    def rate(self, base: float, step: int, total_steps: int, steps_per_epoch: int) -> float:
        return base


class StepDecay(Schedule):
    """Drops at fixed epochs, as torch's StepLR stepped once an epoch."""

    kind: Literal["step"] = "step"
    label: ClassVar[str] = "Steps down"
    description: ClassVar[str] = (
        "The learning rate is cut by a factor every few epochs and stays level in between."
    )
    formula: ClassVar[Expr] = NOW.is_(ETA * GAMMA ** floor(EPOCH / Symbol("k")))

    every_epochs: int = Field(
        10, ge=1, le=10_000, title="Every k epochs", description="Epochs from one cut to the next."
    )
    factor: float = Field(
        0.5, gt=0, le=1, title="Factor γ", description="What the rate is multiplied by at a cut."
    )

    def rate(self, base: float, step: int, total_steps: int, steps_per_epoch: int) -> float:
        epoch = _within(step, total_steps) // steps_per_epoch
        return float(base * self.factor ** (epoch // self.every_epochs))


class ExponentialDecay(Schedule):
    """The same share lost in every epoch, as torch's ExponentialLR stepped once an epoch."""

    kind: Literal["exponential"] = "exponential"
    label: ClassVar[str] = "Exponential"
    description: ClassVar[str] = "The learning rate is multiplied by a factor after every epoch."
    formula: ClassVar[Expr] = NOW.is_(ETA * GAMMA**EPOCH)

    factor: float = Field(
        0.95,
        gt=0,
        le=1,
        title="Factor γ",
        description="What the rate is multiplied by after each epoch.",
    )

    def rate(self, base: float, step: int, total_steps: int, steps_per_epoch: int) -> float:
        return float(base * self.factor ** (_within(step, total_steps) // steps_per_epoch))


class Cosine(Schedule):
    """Half a cosine wave (Loshchilov and Hutter 2016, arXiv:1608.03983, equation 5, no restarts).

    As torch's CosineAnnealingLR with ``T_max = total_steps - 1``: the run's last step is the one
    at the final rate.
    """

    kind: Literal["cosine"] = "cosine"
    label: ClassVar[str] = "Cosine"
    description: ClassVar[str] = (
        "The learning rate falls along half a cosine wave: slowly, then fast, then slowly."
    )
    formula: ClassVar[Expr] = NOW.is_(ETA * falling(T / (END - 1)))

    final_fraction: float = Field(
        0.01,
        ge=0,
        le=1,
        title="Final fraction f",
        description="The share of the learning rate that is left at the end.",
    )

    def rate(self, base: float, step: int, total_steps: int, steps_per_epoch: int) -> float:
        progress = _within(step, total_steps) / max(total_steps - 1, 1)
        return _half_cosine(base, base * self.final_fraction, progress)


class WarmupCosine(Schedule):
    """A gentle start for optimizers whose averages are still empty, then a cosine.

    As torch's LinearLR from 1/w over w − 1 steps, followed by CosineAnnealingLR (warm-up:
    Goyal et al. 2017, arXiv:1706.02677, section 2.2). The first step's rate is not zero.
    """

    kind: Literal["warmup_cosine"] = "warmup_cosine"
    label: ClassVar[str] = "Warm-up, then cosine"
    description: ClassVar[str] = (
        "The learning rate climbs in a straight line, then falls along half a cosine wave."
    )
    formula: ClassVar[Expr] = NOW.is_(
        where(T < W, ETA * ((T + 1) / W), ETA * falling((T - W + 1) / (END - W)))
    )

    warmup_fraction: float = Field(
        0.1,
        ge=0,
        le=0.9,
        title="Warm-up fraction",
        description="The share of the run's steps, w of T, in which the rate climbs.",
    )
    final_fraction: float = Field(
        0.01,
        ge=0,
        le=1,
        title="Final fraction f",
        description="The share of the learning rate that is left at the end.",
    )

    def rate(self, base: float, step: int, total_steps: int, steps_per_epoch: int) -> float:
        step = _within(step, total_steps)
        warmup = max(1, round(self.warmup_fraction * total_steps))
        if step < warmup:
            return base * (step + 1) / warmup
        progress = (step - warmup + 1) / (total_steps - warmup)
        return _half_cosine(base, base * self.final_fraction, progress)


class OneCycle(Schedule):
    """Up to a high rate and far down again (Smith and Topin 2017, arXiv:1708.07120).

    As torch's OneCycleLR with two phases and cosine annealing, ``max_lr`` being the optimizer's
    learning rate; the momentum is left alone.
    """

    kind: Literal["one_cycle"] = "one_cycle"
    label: ClassVar[str] = "One cycle"
    description: ClassVar[str] = (
        "The learning rate swings up from a fraction to the rate that is set, "
        "then far below where it began."
    )
    formula: ClassVar[Expr] = Aside(
        parts=(
            NOW.is_(
                where(
                    T > PEAK,
                    WAVE(ETA, ETA / (DIVISOR * F), (T - PEAK) / (END - 1 - PEAK)),
                    WAVE(ETA / DIVISOR, ETA, T / PEAK),
                )
            ),
            WAVE(U, V, X).is_(V + (U - V) / 2 * (1 + cos(PI * X))),
            PEAK.is_(Symbol("s") * END - 1),
        )
    )

    warmup_fraction: float = Field(
        0.3,
        gt=0,
        le=0.9,
        title="Warm-up fraction s",
        description="The share of the run's steps in which the rate climbs.",
    )
    div_factor: float = Field(
        25.0,
        ge=1,
        le=1e6,
        json_schema_extra={"log": True},
        title="Start divisor d",
        description="The run starts at the learning rate divided by this.",
    )
    final_div_factor: float = Field(
        1e4,
        ge=1,
        le=1e9,
        json_schema_extra={"log": True},
        title="Final divisor f",
        description="The run ends at its starting rate divided by this.",
    )

    def rate(self, base: float, step: int, total_steps: int, steps_per_epoch: int) -> float:
        step = _within(step, total_steps)
        start = base / self.div_factor
        peak = self.warmup_fraction * total_steps - 1
        if step <= peak:
            return _half_cosine(start, base, step / peak if peak else 1.0)
        # The peak of a run too short to climb lies before its first step.
        progress = (step - peak) / (total_steps - 1 - peak)
        return _half_cosine(base, start / self.final_div_factor, progress)


def _within(step: int, total_steps: int) -> int:
    """A step past the planned end counts as the last planned one."""
    return min(step, max(total_steps - 1, 0))


def _half_cosine(start: float, end: float, progress: float) -> float:
    """From start (progress 0) to end (progress 1) along half a cosine wave."""
    return end + (start - end) * (1 + math.cos(math.pi * progress)) / 2


if TYPE_CHECKING:
    ScheduleChoice = Schedule
else:
    ScheduleChoice = union_of(Schedule)
