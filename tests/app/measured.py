"""Curves for tests of what shows them, and what of them is drawn."""

from dataclasses import replace

import numpy as np

from core.messages.curves import Curve, Curves


def curve(values, every=10):
    values = np.asarray(values, np.float32)
    return Curve(np.arange(1, len(values) + 1, dtype=np.int64) * every, values)


def falling(points, classes=True):
    loss = np.linspace(2.0, 0.5, points)
    test = curve([1.5, 0.75], 100)
    if not classes:
        return Curves(curve(loss), Curve(), test)
    return Curves(curve(loss), curve(1 - loss / 4), test, curve([0.5, 0.9321], 100))


def at(fake_bridge, curves, step=1000, total=5000):
    now = fake_bridge.snapshot
    progress = replace(now.progress, step=step, total_steps=total, steps_per_epoch=250)
    return replace(now, version=now.version + 1, curves=curves, progress=progress)


def shown(plot, name, part="course"):
    """The curve last drawn: behind the course of each there may be others, before it are none."""
    last = {("train", "raw"): 3, ("train", "course"): 2, ("test", "course"): 1}[name, part]
    return plot._curves[len(plot.lines) - last].getData()
