"""Numbers as views show them, by what they are.

What was measured or counted is written in the language's way (:func:`four_digits`,
:func:`round_number`, :func:`whole`, :func:`percent`); what a person chose or may type, with a
point and without groups in any language (:func:`short_number`, :func:`full_number`), since
:func:`read_number` reads it so.

What is only shown has a true minus (:func:`with_minus`; :func:`in_full` for all digits). What may
be typed, and what is copied for a machine, keeps the hyphen; both are read.
"""

from __future__ import annotations

import math
import re
import time
from functools import cache

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QLocale

from core.errors import UserError
from core.expression.hidden import SIGN_OF_HIDDEN, is_hidden

STEPS_TOGETHER_MS = 800
"""Key presses and wheel clicks that follow one another faster than this undo as one."""


def short_number(value: float, digits: int = 4) -> str:
    """A chosen value as it may be typed, in few digits: ``0.1235``, ``1e-5``, ``1000``."""
    return _tidy(f"{value:.{digits}g}")


def full_number(value: float) -> str:
    """The same in all digits, so that reading it back gives the very same number."""
    if is_hidden(value):
        return SIGN_OF_HIDDEN
    is_short_whole = float(value).is_integer() and abs(value) < 1e7
    return _tidy(repr(int(value)) if is_short_whole else repr(float(value)))


def fresh_gesture() -> int:
    """A number that no other gesture has, whoever made it."""
    return time.monotonic_ns()


class StepGesture:
    """One number for a run of arrow keys or wheel clicks, so that Undo takes the run back."""

    def __init__(self) -> None:
        self._since = QElapsedTimer()
        self._number = 0

    def number(self) -> int:
        """The run's number; a new one after a rest."""
        if not self._since.isValid() or self._since.elapsed() > STEPS_TOGETHER_MS:
            self._number = fresh_gesture()
        self._since.start()
        return self._number


MINUS = "\N{MINUS SIGN}"


def with_minus(text: str) -> str:
    """A number to be read, with a true minus: as long as a plus, and no line breaks behind it.

    A power of ten keeps its hyphen, for it is written as it is typed: ``−1.5e-5``.
    """
    return MINUS + text[1:] if text.startswith("-") else text


def in_full(value: float) -> str:
    """All digits of a number, to be read."""
    return with_minus(full_number(value))


def _tidy(text: str) -> str:
    """With a power of ten as it is spoken: ``1e-5``, not ``1e-05``; ``1e6``, not ``1e+06``."""
    return re.sub(r"e([-+])0*(\d)", lambda m: "e" + m[1].replace("+", "") + m[2], text)


def read_number(text: str) -> float:
    """The number that a person typed.

    Raises:
        UserError: It is none; says what to write instead.
    """
    typed = text.strip().replace(MINUS, "-")
    if re.fullmatch(r"[-+]?\d+,\d+", typed):
        raise UserError(
            "“{text}” has a comma.", "Write the decimals after a point.", text=text.strip()
        )
    try:
        value = float(typed.replace("_", "x"))
    except ValueError:
        raise UserError(
            "“{text}” is no number.", "Write it as 0.001 or as 1e-3.", text=text.strip()
        ) from None
    if not math.isfinite(value):
        raise UserError("It has to be a finite number.")
    return value


_LARGEST = (2 - 2**-23) * 2.0**127
"""That float32 holds."""


def read_parameter(text: str) -> float:
    """The number in a text, to write into a parameter.

    Raises:
        UserError: It is none, or none that a 32-bit tensor can hold; says what to write instead.
    """
    value = read_number(text)
    if abs(value) > _LARGEST:
        raise UserError("It has to be smaller: at most {largest}.", largest=short_number(_LARGEST))
    return value


@cache
def locale() -> QLocale:
    """The language's way to write numbers; where none is known, English with its groups.

    Asked for a hundred times in a picture, and the same until another language is chosen.
    """
    known = QLocale()
    return QLocale(QLocale.Language.English) if known.language() == QLocale.Language.C else known


def whole(count: int) -> str:
    """A count: ``18,750``."""
    return with_minus(locale().toString(count))


def round_number(value: float, digits: int = 4) -> str:
    """A round value, or one with little room, in few letters: ``0.05``, ``1,000``, ``3.2e-4``."""
    if not 0 < abs(value) < 1e-3:
        return with_minus(_tidy(locale().toString(float(f"{value:.{digits}g}"), "g", digits)))
    mantissa, _, power = f"{value:.{digits - 1}e}".partition("e")
    return with_minus(f"{locale().toString(float(mantissa), 'g', digits)}e{int(power)}")


def four_digits(value: float | None, tiny: int = 4) -> str:
    """What was measured to four digits: ``0.1234``, ``12.30``, ``1.234e-5``; a dash for none.

    Args:
        value: The number.
        tiny: Digits of one that takes a power of ten, where there is little room.
    """
    if value is None:
        return "–"
    if math.isnan(value):
        return SIGN_OF_HIDDEN if is_hidden(value) else "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    size = abs(value)
    if size and not 1e-4 <= size < 1e7:
        return with_minus(_tidy(locale().toString(value, "e", tiny - 1)))
    # The exponent after rounding, so that 9.99996 becomes 10.00 and not 10.000.
    exponent = int(f"{size:.3e}".split("e")[1]) if size else 0
    rounded = round(value, 3 - exponent)
    return with_minus(locale().toString(rounded, "f", max(0, 3 - exponent)))


def percent(share: float | None) -> str:
    """A share of 1 in percent: ``93.12%``; a dash for none."""
    if share is None:
        return "–"
    if not math.isfinite(share):
        return SIGN_OF_HIDDEN if is_hidden(share) else "NaN"
    return in_percent(with_minus(locale().toString(share * 100, "f", 2)))


def in_percent(hundredths: str) -> str:
    """A number that was multiplied by 100, with the sign that says so."""
    return QCoreApplication.translate("readings", "{percent}%").format(percent=hundredths)


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
