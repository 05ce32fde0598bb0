"""What a section of the training form says while it is closed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication

from app.kit.numbers import short_number, whole
from core.data.augment.settings import Augmentation
from core.experiment.spec import ExperimentSpec, Stop, Training


def training_text(training: Training, *, full_batch: bool) -> str:
    """The batch size, if the optimizer leaves one to choose, and which of the rest is on."""
    batch = _tr("all samples") if full_batch else _tr("batch {size}")
    parts = [batch.format(size=whole(training.batch_size))]
    if training.balanced:
        parts.append(_tr("balanced"))
    if training.l1:
        parts.append("L1")
    if training.l2:
        parts.append("L2")
    if training.clip_norm is not None or training.clip_value is not None:
        parts.append(_tr("clipped"))
    return " · ".join(parts)


def augmentation_text(augmentation: Augmentation) -> str:
    """Whether it is on."""
    return _tr("on") if augmentation.on else _tr("off")


def stop_text(stop: Stop) -> str:
    """The conditions that are set."""
    conditions: tuple[tuple[str, Any, Callable[[Any], str]], ...] = (
        (_tr("{value} epochs"), stop.epochs, whole),
        (_tr("{value} steps"), stop.steps, whole),
        (_tr("accuracy {value}"), stop.target_accuracy, short_number),
        (_tr("loss {value}"), stop.target_loss, short_number),
        (_tr("patience {value}"), stop.patience, whole),
    )
    parts = [text.format(value=say(n)) for text, n, say in conditions if n is not None]
    return " · ".join(parts) or _tr("never by itself")


def run_text(spec: ExperimentSpec) -> str:
    """The seed and the device asked for."""
    device = _tr("auto") if spec.device == "auto" else spec.device.upper()
    return f"{spec.seed} · {device}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("summaries", text)
