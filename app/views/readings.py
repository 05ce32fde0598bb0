"""Measured numbers as views show them: four significant digits, grouped as the language does."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication, QLocale


def locale() -> QLocale:
    """The language's way to write numbers; where none is known, English with its groups."""
    known = QLocale()
    return QLocale(QLocale.Language.English) if known.language() == QLocale.Language.C else known


def whole(count: int) -> str:
    """A count: ``18,750``."""
    return locale().toString(count)


def four_digits(value: float | None) -> str:
    """A value to four significant digits: ``0.1234``, ``12.30``, ``1.234e-5``; a dash for none."""
    if value is None:
        return "–"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size and not 1e-4 <= size < 1e7:
        return locale().toString(value, "e", 3)
    # The exponent after rounding, so that 9.99996 becomes 10.00 and not 10.000.
    exponent = int(f"{size:.3e}".split("e")[1]) if size else 0
    rounded = round(value, 3 - exponent)
    return locale().toString(rounded, "f", max(0, 3 - exponent))


def percent(share: float | None) -> str:
    """A share of 1 in percent: ``93.12%``; a dash for none."""
    if share is None:
        return "–"
    if not math.isfinite(share):
        return "NaN"
    template = QCoreApplication.translate("readings", "{percent}%")
    return template.format(percent=locale().toString(share * 100, "f", 2))


def learning_rate(value: float) -> str:
    """A learning rate as people write it: ``0.01``, ``2.5e-05``, to four significant digits."""
    text = locale().toString(float(f"{value:.4g}"), "g", 4)
    return text if value else "0"


def duration(seconds: float) -> str:
    """A time to wait, in its two largest units."""
    total = max(0, round(seconds))
    hours, minutes, rest = total // 3600, total // 60 % 60, total % 60
    translate = QCoreApplication.translate
    if hours:
        return translate("readings", "{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    if minutes:
        text = translate("readings", "{minutes} min {seconds} s")
        return text.format(minutes=minutes, seconds=rest)
    return translate("readings", "{seconds} s").format(seconds=rest)
