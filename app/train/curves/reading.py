"""What the line beneath the curves says: what was measured where one points, and over what."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import four_digits, percent, whole
from app.kit.plots.line_plot import nearest
from core.messages.curves import Curve, Curves


def hint_text(curves: Curves) -> str:
    """What a test curve of a part of the test set leaves out; else how to read the curves."""
    if curves.test_part < curves.test_count:
        text = _tr(
            "The test curve is measured on {part} of the {count} test samples, its rings on all."
        )
        return text.format(part=whole(curves.test_part), count=whole(curves.test_count))
    return _tr("Point at a curve to read it; drag to move, turn the wheel to zoom.")


def reading_text(curves: Curves, step: float, *, accuracy: bool) -> str:
    """What was measured nearest to a step; a test figure of another step says so."""
    if accuracy:
        template = _tr(
            "Step {step}   loss: training {train_loss}, test {test_loss}   "
            "accuracy: training {train_accuracy}, test {test_accuracy}"
        )
    else:
        template = _tr("Step {step}   loss: training {train_loss}, test {test_loss}")
    text = template.format(
        step=whole(max(0, round(step))),
        train_loss=four_digits(_value(curves.train_loss, step)),
        test_loss=four_digits(_value(curves.test_loss, step)),
        train_accuracy=percent(_value(curves.train_accuracy, step)),
        test_accuracy=percent(_value(curves.test_accuracy, step)),
    )
    tested = curves.test_loss.steps
    if len(tested) and int(tested[nearest(tested, step)]) != round(step):
        late = _tr("{reading}   (test measured at step {step})")
        text = late.format(reading=text, step=whole(int(tested[nearest(tested, step)])))
    return text


def _value(curve: Curve, step: float) -> float | None:
    return float(curve.values[nearest(curve.steps, step)]) if len(curve) else None


def _tr(text: str) -> str:
    return QCoreApplication.translate("curves", text)
