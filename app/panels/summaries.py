"""A closed section in a few words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from app.panels.numbers import count_text, short_number
from core.spec import ExperimentSpec, Stop, Training


def training_text(training: Training) -> str:
    """The batch size, and which of the rest is on."""
    parts = [_tr("batch {size}").format(size=count_text(training.batch_size))]
    if training.l1:
        parts.append("L1")
    if training.l2:
        parts.append("L2")
    if training.clip_norm is not None or training.clip_value is not None:
        parts.append(_tr("clipped"))
    return " · ".join(parts)


def stop_text(stop: Stop) -> str:
    """The conditions that are set."""
    parts: list[str] = []
    if stop.epochs is not None:
        parts.append(_tr("{count} epochs").format(count=count_text(stop.epochs)))
    if stop.steps is not None:
        parts.append(_tr("{count} steps").format(count=count_text(stop.steps)))
    if stop.target_accuracy is not None:
        parts.append(_tr("accuracy {value}").format(value=short_number(stop.target_accuracy)))
    if stop.target_loss is not None:
        parts.append(_tr("loss {value}").format(value=short_number(stop.target_loss)))
    if stop.patience is not None:
        parts.append(_tr("patience {count}").format(count=count_text(stop.patience)))
    return " · ".join(parts) or _tr("never by itself")


def run_text(spec: ExperimentSpec) -> str:
    """The seed and the device asked for."""
    device = _tr("auto") if spec.device == "auto" else spec.device.upper()
    return f"{spec.seed} · {device}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("summaries", text)
