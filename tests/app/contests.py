"""Races and trials as an engine would show them, made by hand."""

from __future__ import annotations

import numpy as np

from core.catalog.optimizers import Adam, GradientDescent, Momentum
from core.messages.race import Contest, RangeTest, RateGrid, RunnerView, Verdict
from core.sentence import Sentence

GD, MOMENTUM, ADAM = (
    GradientDescent(learning_rate=0.1),
    Momentum(learning_rate=0.05),
    Adam(learning_rate=0.01),
)


def runner(
    id, optimizer, losses, *, means=None, diverged=None, reached=None, seconds=0.5, window=1
):
    """A runner whose losses were noted at every step from 0 on; their means are the losses."""
    noted = np.arange(len(losses))
    raw = np.asarray(losses, np.float32)
    values = raw if means is None else np.asarray(means, np.float32)
    finite = values[window - 1 :][np.isfinite(values[window - 1 :])]
    return RunnerView(
        id,
        optimizer,
        f"{optimizer.label}, η = {optimizer.learning_rate:g}",
        noted.astype(np.int64),
        raw,
        values,
        np.zeros((0, 2)),
        float(values[-1]) if len(values) else float("nan"),
        float(finite.min()) if len(finite) else float("nan"),
        reached,
        None if reached is None else 0.25,
        seconds,
        diverged,
        window,
    )


def race(*runners, step=4, running=False, **fields):
    """A race on the network."""
    known = {"version": 1, "arena": "network", "target": 0.05} | fields
    return Contest(runners=runners, step=step, is_running=running, **known)


def three(**fields):
    """Three runners after four steps: the third one leads, the first one is last."""
    return race(
        runner(0, GD, [0.5, 0.45, 0.42, 0.40, 0.39]),
        runner(1, MOMENTUM, [0.5, 0.4, 0.3, 0.2, 0.1]),
        runner(2, ADAM, [0.5, 0.2, 0.04, 0.02, 0.01], reached=2),
        **fields,
    )


def grid_of(command, verdicts, losses, *, start=1.0, done=True):
    """Trials with the verdicts given by their first letters, a string a row."""
    letters = {one.value[0]: one for one in Verdict}
    rows = tuple(tuple(letters[letter] for letter in row) for row in verdicts)
    table = np.asarray(losses, np.float32)
    return RateGrid(command.optimizers, command.rates, start, table, rows, command.steps, done)


def range_of(
    steps, *, suggested=None, best=None, done=False, trouble: Sentence | None = None, notes=()
):
    """A test from 1e-4 on, a tenth of a decade a step, with a loss that falls evenly."""
    rates = 10 ** (-4 + 0.1 * np.arange(steps))
    losses = np.linspace(1.0, 0.5, steps)
    wiggled = losses + 0.01 * (-1.0) ** np.arange(steps)
    return RangeTest(
        rates,
        wiggled.astype(np.float32),
        losses.astype(np.float32),
        suggested,
        best,
        done,
        trouble,
        notes,
        (steps, 200),
    )
