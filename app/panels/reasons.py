"""Why a model refuses a value, in plain words."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError
from PySide6.QtCore import QCoreApplication

from app.panels.fields import FormField
from app.panels.numbers import short_number
from app.text import sentence, translated
from core.errors import UserError


def reasons(error: ValidationError | UserError, edited: str) -> dict[str, str]:
    """Each refused field with the reason.

    Args:
        error: What building the model raised.
        edited: The field to blame where the model blames none, as for two that do not go together.
    """
    if isinstance(error, UserError):
        return {edited: sentence(error)}
    found: dict[str, str] = {}
    for finding in error.errors(include_url=False):
        field = str(finding["loc"][0]) if finding["loc"] else edited
        found.setdefault(field, _reason(finding))
    return found


def bounds_text(field: FormField) -> str:
    """What a number may be, for its tooltip; empty where it may be anything."""
    parts: list[str] = []
    if field.low is not None:
        more = _tr("more than {bound}") if field.low_open else _tr("{bound} or more")
        parts.append(more.format(bound=short_number(field.low)))
    if field.high is not None:
        less = _tr("less than {bound}") if field.high_open else _tr("at most {bound}")
        parts.append(less.format(bound=short_number(field.high)))
    if len(parts) == 2:
        return _tr("Allowed: {lower}, {upper}.").format(lower=parts[0], upper=parts[1])
    return _tr("Allowed: {bound}.").format(bound=parts[0]) if parts else ""


def _reason(finding: Any) -> str:
    kind, context = finding["type"], finding.get("ctx", {})
    templates = {
        "greater_than": (_tr("It has to be more than {bound}."), "gt"),
        "greater_than_equal": (_tr("It has to be {bound} or more."), "ge"),
        "less_than": (_tr("It has to be less than {bound}."), "lt"),
        "less_than_equal": (_tr("It can be {bound} at most."), "le"),
    }
    if kind in templates:
        template, bound = templates[kind]
        return template.format(bound=short_number(float(context[bound])))
    if kind in ("missing", "string_too_short", "too_short"):
        return _tr("Something is needed here.")
    if kind in ("int_from_float", "int_parsing", "int_type"):
        return _tr("It has to be a whole number.")
    if kind == "value_error":
        return _as_sentence(translated(str(context["error"])))
    return _as_sentence(str(finding["msg"]))


def _as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."


def _tr(text: str) -> str:
    return QCoreApplication.translate("reasons", text)
