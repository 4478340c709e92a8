"""What a field of the record holds, derived from its JSON Schema: the columns of every table are made of it.

text, a day, an instant or a number; a list of one of these; a struct of them; a list of structs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any

from osiris_crawler.record import json_schema


class Kind(Enum):
    TEXT = "text"
    DAY = "day"  # YYYY-MM-DD
    INSTANT = "instant"  # YYYY-MM-DDThh:mm:ss[.f]Z
    NUMBER = "number"  # whole
    LIST = "list"
    STRUCT = "struct"


@dataclass(frozen=True, slots=True)
class Shape:
    """A field: `item` is what a list holds, `parts` what a struct does."""

    kind: Kind
    nullable: bool = False
    description: str = ""
    item: Shape | None = None
    parts: Mapping[str, Shape] = field(default_factory=dict)

    def fits(self, value: Any) -> bool:
        """Whether a value is of this shape."""
        if value is None:
            return self.nullable
        match self.kind:
            case Kind.TEXT:
                return isinstance(value, str)
            case Kind.NUMBER:
                return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
            case Kind.DAY | Kind.INSTANT:
                return isinstance(value, str) and _is_time(value, self.kind)
            case Kind.LIST:
                item = self.item
                return isinstance(value, list) and item is not None and all(item.fits(one) for one in value)
            case Kind.STRUCT:
                return isinstance(value, dict) and all(
                    name in value and part.fits(value[name]) for name, part in self.parts.items()
                )


@lru_cache(maxsize=1)
def shapes() -> dict[str, Shape]:
    """The record's fields, in order."""
    return {name: _shape(schema) for name, schema in json_schema()["properties"].items()}


def _shape(schema: Mapping[str, Any]) -> Shape:
    types = schema.get("type", "string")  # an enum of words has none
    types = [types] if isinstance(types, str) else types
    (type,) = (one for one in types if one != "null")
    nullable, description = "null" in types, schema.get("description", "")
    if type == "array":
        return Shape(Kind.LIST, nullable, description, item=_shape(schema["items"]))
    if type == "object":
        parts = {name: _shape(part) for name, part in schema["properties"].items()}
        return Shape(Kind.STRUCT, nullable, description, parts=parts)
    if type == "integer":
        return Shape(Kind.NUMBER, nullable, description)
    if type != "string":
        raise AssertionError(type)
    return Shape(_kind(schema.get("pattern")), nullable, description)


def _kind(pattern: str | None) -> Kind:
    """What a pattern lets through is asked of it: whole days alone, instants alone, or else text, as partial days are."""

    def takes(text: str) -> bool:
        return pattern is not None and re.search(pattern, text) is not None

    if takes("2015-01-30") and not takes("2015"):
        return Kind.DAY
    return Kind.INSTANT if takes("2015-01-30T10:00:00Z") and not takes("2015-01-30") and not takes("x") else Kind.TEXT


_TIMES = {
    Kind.DAY: re.compile(r"\d{4}-\d{2}-\d{2}", re.A),
    Kind.INSTANT: re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z", re.A),
}


def _is_time(text: str, kind: Kind) -> bool:
    """Whether it is written so, and is a day, or an instant, of the calendar."""
    if _TIMES[kind].fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text) if kind is Kind.DAY else datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
