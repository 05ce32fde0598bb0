"""What happened at a step that was not finite, in plain words."""

from __future__ import annotations

import numpy as np

from core.sentence import Sentence
from core.training.trainer import Slice, Trainer


def divergence(part: Slice, trainer: Trainer) -> Sentence:
    """What happened at a step that was not finite, in plain words, and what to try."""
    loss = float(part.losses[-1])
    if np.isnan(loss):
        message = (
            "The loss became NaN (not a number) at step {step}. "
            "Training is paused at the last finite step; nothing is lost."
        )
    elif np.isinf(loss):
        message = (
            "The loss became infinite at step {step}. "
            "Training is paused at the last finite step; nothing is lost."
        )
    else:
        message = (
            "The weights became infinite or NaN at step {step}. "
            "Training is paused at the last finite step; nothing is lost."
        )
    return Sentence(
        message,
        "The steps are too long: try a learning rate of {smaller:.2g} instead of {rate:.2g}, "
        "or clip the gradients, then press Train; weights that have grown huge need a reset.",
        step=part.first_step,
        smaller=trainer.rate / 10,
        rate=trainer.rate,
    )
