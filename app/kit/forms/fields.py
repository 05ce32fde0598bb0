"""What a form has to know about a model's field, read from the field itself."""

from __future__ import annotations

import types
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from PySide6.QtCore import QCoreApplication

from app.kit.numbers import short_number
from app.kit.text import sentence, translated
from core.catalog.base import Choice, Model, entries_of
from core.errors import UserError

UNSHOWN = frozenset({"kind", "version"})
"""Fields that tell entries and files apart; no person ever edits them."""

DECADES = 8
"""How far a logarithmic slider goes down where the field names no lower bound above zero."""


class FieldKind(Enum):
    """Which editor a field is drawn with."""

    FLAG = auto()
    OPTION = auto()
    INTEGER = auto()
    NUMBER = auto()
    TEXT = auto()
    CHOICE = auto()
    TABLE = auto()


@dataclass(frozen=True)
class FormField:
    """One field as a form shows it.

    Attributes:
        name: The model's own name for it.
        title: Its label, in English.
        description: Its tooltip, in English; may be empty.
        kind: The editor.
        default: None where the field has no default.
        optional: The value may be None, which a form shows as "off".
        low: The lowest value, or None; for integers the lowest that is allowed.
        high: The highest value, or None.
        low_open: ``low`` itself is not allowed.
        high_open: ``high`` itself is not allowed.
        log: Values spread over many powers of ten.
        slider: The ends of its slider, where they are not the bounds.
        options: The values of an OPTION.
        family: What a CHOICE is of.
        path: "folder" or "file" where a TEXT names one; empty otherwise.
    """

    name: str
    title: str
    description: str
    kind: FieldKind
    default: Any = None
    optional: bool = False
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    log: bool = False
    slider: tuple[float, float] | None = None
    options: tuple[Any, ...] = ()
    family: type[Choice] | None = None
    path: str = ""

    @property
    def entries(self) -> tuple[type[Choice], ...]:
        """The classes of a CHOICE, those written later too."""
        return tuple(entries_of(self.family).values()) if self.family is not None else ()

    @property
    def span(self) -> tuple[float, float]:
        """The ends of a logarithmic slider, both above zero."""
        if self.slider is not None:
            return self.slider
        high = self.high if self.high is not None else 1e3 * abs(self.default or 1.0)
        low = self.low if self.low and self.low > 0 else max(high * 10.0**-DECADES, 1e-12)
        return low, high


@cache
def fields_of(model: type[Model]) -> tuple[FormField, ...]:
    """The fields of a model that a form can show, in the order in which they are written."""
    found = (_read(name, info) for name, info in model.model_fields.items() if name not in UNSHOWN)
    return tuple(field for field in found if field is not None)


def _read(name: str, info: FieldInfo) -> FormField | None:
    annotation, optional = _without_none(info.annotation)
    kind = _kind(annotation)
    if kind is None:
        return None
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    default = info.get_default(call_default_factory=True, validated_data={})
    return FormField(
        name=name,
        title=info.title or name.replace("_", " ").capitalize(),
        description=info.description or "",
        kind=kind,
        default=None if default is PydanticUndefined else default,
        optional=optional,
        **_bounds(info.metadata, kind),
        log=bool(extra.get("log")),
        options=get_args(annotation) if kind is FieldKind.OPTION else (),
        family=annotation if kind is FieldKind.CHOICE else None,
        path=str(extra.get("path", "")),
    )


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation, False
    kept = tuple(part for part in get_args(annotation) if part is not type(None))
    optional = len(kept) < len(get_args(annotation))
    return (_without_none(kept[0])[0], True) if optional else (annotation, False)


def _kind(annotation: Any) -> FieldKind | None:
    plain = {
        bool: FieldKind.FLAG,
        int: FieldKind.INTEGER,
        float: FieldKind.NUMBER,
        str: FieldKind.TEXT,
    }
    if annotation in plain:
        return plain[annotation]
    if get_origin(annotation) is Literal:
        return FieldKind.OPTION
    if isinstance(annotation, type) and issubclass(annotation, Choice):
        return FieldKind.CHOICE
    return FieldKind.TABLE if annotation == tuple[tuple[float, ...], ...] else None


def _bounds(metadata: list[Any], kind: FieldKind) -> dict[str, Any]:
    found: dict[str, Any] = {}
    whole = kind is FieldKind.INTEGER  # for whole numbers, more than 3 means 4 or more
    for mark in metadata:
        match mark:
            case annotated_types.Ge(ge=value):
                found |= {"low": value}
            case annotated_types.Gt(gt=value):
                found |= {"low": value + 1} if whole else {"low": value, "low_open": True}  # type: ignore[operator]
            case annotated_types.Le(le=value):
                found |= {"high": value}
            case annotated_types.Lt(lt=value):
                found |= {"high": value - 1} if whole else {"high": value, "high_open": True}  # type: ignore[operator]
    return found


def reasons(error: ValidationError | UserError, edited: str) -> dict[str, str]:
    """Each refused field with the reason.

    Args:
        error: What building the model raised.
        edited: The field to blame where the model blames none, as for two that do not go together.
    """
    if isinstance(error, UserError):
        return {edited: sentence(error.sentence)}
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
