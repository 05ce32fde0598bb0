"""The table of runners in words."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import duration, four_digits, full_number, locale, whole
from core.messages.race import Contest, RunnerView


def window_of(runners: tuple[RunnerView, ...]) -> int:
    """Batches that the losses of a race are means of; 1 where each loss is of all there is."""
    return max((one.window for one in runners), default=1)


def about_means(window: int) -> str:
    """What a mean loss is; empty where losses are no means."""
    if window == 1:
        return ""
    text = QCoreApplication.translate(
        "race",
        "The mean over each runner's last {count} batches, so that they can be compared; who takes "
        "all samples in each step has their loss itself.",
    )
    return text.format(count=window)


def state_of(runner: RunnerView | None, contest: Contest) -> tuple[str, str]:
    """What sets a runner apart, and the token of the colour that says so.

    Nothing where it runs with the others: their step stands above them all.
    """
    if runner is not None and runner.diverged is not None:
        return _tr("diverged at {step}").format(step=whole(runner.diverged)), "error"
    if runner is not None and is_behind(runner, contest):
        return _tr("behind, at {step}").format(step=whole(steps_of(runner, contest))), "text_dim"
    return "", "text_dim"


def state_tip(runner: RunnerView | None, contest: Contest) -> str:
    """The same in a sentence."""
    if runner is None:
        return _tr("It starts where the others start.")
    if runner.diverged is not None:
        text = _tr("Diverged at step {step}: its loss or its weights were finite no longer.")
        return text.format(step=whole(runner.diverged))
    text = _tr("{step} steps, computed in {seconds}.")
    return text.format(step=whole(steps_of(runner, contest)), seconds=short_time(runner.seconds))


def steps_of(runner: RunnerView, contest: Contest) -> int:
    """How far a runner has come.

    On a network the newest loss is that before the newest update.
    """
    if runner.diverged is not None:
        return runner.diverged
    noted = _noted(runner)
    return contest.step if noted + 1 >= contest.step else noted


def is_behind(runner: RunnerView, contest: Contest) -> bool:
    """Whether a runner has come in late, and has not come to where the others are."""
    if runner.diverged is not None:
        return False
    farthest = max(_noted(one) for one in contest.runners)
    return _noted(runner) + 1 < farthest


def _noted(runner: RunnerView) -> int:
    return int(runner.steps[-1]) if len(runner.steps) else 0


def loss_tip(runner: RunnerView) -> str:
    """All digits of the losses."""
    best = full_number(float(runner.best)) if math.isfinite(runner.best) else "–"
    if runner.window == 1:
        text = _tr("Loss {loss}\nBest so far {best}")
        return text.format(loss=full_number(float(runner.loss)), best=best)
    text = _tr(
        "Mean over the last {count} batches {loss}\nBest so far, of {window} batches, {best}\n"
        "The last batch alone {last}"
    )
    return text.format(
        count=min(runner.window, _noted(runner) + 1),
        window=runner.window,
        loss=full_number(float(runner.loss)),
        best=best,
        last=full_number(float(runner.losses[-1])),
    )


def reached_tip(runner: RunnerView | None, target: float | None) -> str:
    """When a runner came to the target loss, in a sentence."""
    if target is None:
        return _tr("The loss that counts as reached is known once the race is set up.")
    if runner is None or runner.reached is None:
        return _tr("A loss of {target} is not reached yet.").format(target=full_number(target))
    text = _tr("A loss of {target} was reached after {steps} steps, computed in {seconds}.")
    if runner.window > 1:
        text = _tr(
            "A mean loss of {target} over {count} batches was reached after {steps} steps, "
            "computed in {seconds}."
        )
    return text.format(
        target=full_number(target),
        count=runner.window,
        steps=whole(runner.reached),
        seconds=short_time(runner.reached_seconds),
    )


def short_time(seconds: float | None) -> str:
    """A time that something took: ``0.42 ms``, ``1.35 s``, ``3 min 20 s``; a dash for none."""
    if seconds is None or not math.isfinite(seconds):
        return "–"
    if seconds < 1:
        return _tr("{time} ms").format(time=_three_digits(seconds * 1000))
    if seconds < 60:
        return _tr("{time} s").format(time=_three_digits(seconds))
    return duration(seconds)


def leader(runners: tuple[RunnerView, ...]) -> int | None:
    """The id of the one with the least loss; None while nobody has an edge."""
    racing = [one for one in runners if one.diverged is None and math.isfinite(one.loss)]
    if len(racing) < 2:
        return None
    first, second, *_ = sorted(racing, key=lambda one: one.loss)
    return first.id if four_digits(first.loss) != four_digits(second.loss) else None


def _three_digits(value: float) -> str:
    places = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return locale().toString(value, "f", min(places, 3))


def _tr(text: str) -> str:
    return QCoreApplication.translate("race", text)
