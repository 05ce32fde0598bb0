"""Where what a person makes and what they have done is kept: on this machine, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import QStandardPaths

VARIABLE = "CHAINRULE_DATA"
"""Names another folder; tests and portable copies set it."""


def folder() -> Path:
    """The folder; it need not be there yet."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen:
        return Path(chosen)
    places = QStandardPaths.StandardLocation.GenericDataLocation
    return Path(QStandardPaths.writableLocation(places)) / "chainrule"
