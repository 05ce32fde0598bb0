"""What every choice in a catalog is: a validated model that carries its own label and formula."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field

C = TypeVar("C", bound="Choice")


class Model(BaseModel):
    """A frozen part of an experiment's description: no unknown fields, no NaN, no infinity."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True
    )


class Choice(Model):
    """One entry of a catalog.

    The class is the entry (label, description, formula, torch factory); an instance is the
    entry chosen, with values for its fields. A form is drawn from the fields: ``title`` is the
    label, ``description`` the tooltip, the bounds are the form's bounds, and
    ``json_schema_extra={"log": True}`` asks for a logarithmic slider.

    Each concrete entry declares ``kind: Literal["..."] = "..."``; that word stands in the JSON.
    """

    label: ClassVar[str]
    description: ClassVar[str]
    formula: ClassVar[str]
    """LaTeX, without delimiters."""

    kind: str


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
    entries = list(entries_of(family).values())
    return Annotated[reduce(or_, entries), Field(discriminator="kind")]
