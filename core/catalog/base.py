"""What every choice in a catalog is: a validated model that carries its own label and rule."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler
from pydantic_core import core_schema

from core.expression.tree import Expr, Quantity, Setting, mapped

C = TypeVar("C", bound="Choice")


class Model(BaseModel):
    """A frozen part of an experiment's description: no unknown fields, no NaN, no infinity."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )


class Choice(Model):
    """One entry of a catalog.

    The class is the entry (label, description, rule, torch factory); an instance is the
    entry chosen, with values for its fields. A form is drawn from the fields: ``title`` is the
    label, ``description`` the tooltip, the bounds are the form's bounds, and
    ``json_schema_extra={"log": True}`` asks for a logarithmic slider.

    Each concrete entry declares ``kind: Literal["..."] = "..."``; that word stands in the JSON.
    One whose label is a plain word declares ``amid`` too: the label amid a sentence, where only a
    name such as Adam keeps its capital.
    """

    label: ClassVar[str]
    amid: ClassVar[str] = ""
    description: ClassVar[str]
    kind: str

    def with_values(self, rule: Expr) -> Expr:
        """A rule with this choice's numbers for the settings in it."""
        values = dict(self)

        def valued(part: Expr) -> Expr | None:
            return Quantity(part.symbol, values[part.field]) if isinstance(part, Setting) else None

        return mapped(rule, valued)


def amid(entry: Choice | type[Choice]) -> str:
    """A choice's name as it stands amid a sentence: "gradient descent", but "Adam"."""
    return entry.amid or entry.label


def entries_of(family: type[C]) -> dict[str, type[C]]:
    """All concrete entries of a family by kind, in the order in which they are written."""
    found: dict[str, type[C]] = {}
    for entry in family.__subclasses__():
        default = entry.model_fields["kind"].default
        if isinstance(default, str):
            found[default] = entry
        found |= entries_of(entry)
    return found


def union_of(family: type[Choice]) -> Any:
    """The pydantic type that accepts any entry of the family, told apart by ``kind``."""
    return Annotated[family, _ByKind(family)]


class _ByKind:
    """Accepts an entry of a family, one written later too: in a file of its own, in a test."""

    def __init__(self, family: type[Choice]) -> None:
        self._family = family
        self._known = frozenset(entries_of(family))

    def __get_pydantic_core_schema__(
        self, _source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        entries = list(entries_of(self._family).values())
        known: Any = reduce(or_, entries)
        known = Annotated[known, Field(discriminator="kind")]
        return core_schema.no_info_wrap_validator_function(
            self._validated,
            handler.generate_schema(known),
            serialization=core_schema.wrap_serializer_function_ser_schema(
                lambda entry, serialize: serialize(entry), schema=core_schema.any_schema()
            ),
        )

    def _validated(self, value: Any, validate: core_schema.ValidatorFunctionWrapHandler) -> Any:
        kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
        late = None
        if isinstance(kind, str) and kind not in self._known:
            late = entries_of(self._family).get(kind)
        return validate(value) if late is None else late.model_validate(value)
