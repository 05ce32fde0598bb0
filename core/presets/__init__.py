"""Named experiments to begin with."""

from core.presets.digits import DIGITS
from core.presets.preset import Preset
from core.presets.small import SMALL

PRESETS: dict[str, Preset] = {preset.name: preset for preset in (*DIGITS, *SMALL)}
"""Every preset by its name, in the order of the gallery."""

FIRST = "dense-784-64-10"
"""What the first start opens."""

__all__ = ["FIRST", "PRESETS", "Preset"]
