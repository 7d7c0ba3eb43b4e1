"""What the fields of ``where`` and ``orderBy`` inputs can mean, as frozen values."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from models.errors import BadUserInput
from resolvers.edges import ToMany, ToOne

MEANING = "trialgraph.meaning"
"""The key of a field's metadata that holds what it means."""

Expression = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Matches:
    """The field's operators are applied to this expression of the row."""

    expression: Expression


@dataclass(frozen=True, slots=True)
class MatchesId:
    """The field's operators are applied to a column of row numbers of ``model``."""

    column: str
    model: type[Any]


@dataclass(frozen=True, slots=True)
class Related:
    """The field's conditions are about the target of a to-one edge."""

    edge: ToOne


@dataclass(frozen=True, slots=True)
class AnyRelated:
    """``some``, ``none`` and ``every`` are about the targets of a to-many edge."""

    edge: ToMany


@dataclass(frozen=True, slots=True)
class Combined:
    """The field holds further conditions, joined by ``and``, ``or`` or ``not``."""

    by: str


def said(given: Any) -> Iterator[tuple[str, Any, Any]]:
    """The name, the meaning and the value of each field of an input that was given.

    Raises BadUserInput for a null, which is neither a value nor nothing.
    """
    for field in fields(given):
        value = getattr(given, field.name)
        if value is UNSET:
            continue
        name = to_camel_case(field.name.rstrip("_"))
        if value is None:
            raise BadUserInput(f"{name} is null: leave it out, or ask with isNull or not.")
        yield name, field.metadata.get(MEANING), value
