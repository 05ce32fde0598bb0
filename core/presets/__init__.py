"""Named experiments to begin with."""

from core.presets.begin import BEGIN, FOR_TABLE
from core.presets.digits import DIGITS
from core.presets.preset import Preset
from core.presets.small import SMALL

__all__ = ["FIRST", "FOR_TABLE", "PRESETS", "Preset"]

PRESETS = {preset.name: preset for preset in (*BEGIN, *DIGITS, *SMALL)}
"""Every preset by its name, in the order of the gallery."""

FIRST = "dense-784-128-10"
"""What the first start opens."""
