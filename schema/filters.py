"""What ``where`` and ``orderBy`` are made of.

Operators for each kind of value, and what a noun's input says its fields mean.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

import strawberry
from strawberry import UNSET

from resolvers.edges import ToMany, ToOne
from resolvers.meanings import MEANING, AnyRelated, Combined, Matches, MatchesId, Related
from schema.scalars import BigInt

T = TypeVar("T")


def operator(description: str, *, name: str | None = None) -> Any:
    """An operator of a filter."""
    return strawberry.field(default=UNSET, description=description, name=name)


def matches(expression: str | Callable[[Any], Any], description: str) -> Any:
    """A field about a column, by its name, or about an expression of the row."""
    of = (lambda row: getattr(row, expression)) if isinstance(expression, str) else expression
    return _meaning(Matches(of), description)


def matches_id(column: str, model: type[Any], description: str) -> Any:
    """A field about a column of row numbers, compared with global ids of ``model``."""
    return _meaning(MatchesId(column, model), description)


def related(edge: ToOne, description: str) -> Any:
    """A field about the target of a to-one edge; where there is none, nothing matches."""
    return _meaning(Related(edge), description)


def any_related(edge: ToMany, description: str) -> Any:
    """A field about the targets of a to-many edge."""
    return _meaning(AnyRelated(edge), description)


def combined(by: str) -> Any:
    """One of and, or, not."""
    texts = {
        "and": "All of these hold; an empty list holds.",
        "or": "At least one of these holds; an empty list does not.",
        "not": "This does not hold.",
    }
    return _meaning(Combined(by), texts[by], name=by)


def _meaning(meaning: Any, description: str, *, name: str | None = None) -> Any:
    return strawberry.field(
        default=UNSET, description=description, name=name, metadata={MEANING: meaning}
    )


@strawberry.input(
    description="Conditions on a text. Case matters but in contains, startsWith and endsWith."
)
class StringFilter:
    eq: str | None = operator("Is this.")
    ne: str | None = operator("Is not this, or is missing.")
    in_: list[str] | None = operator("Is one of these.", name="in")
    not_in: list[str] | None = operator("Is none of these, or is missing.")
    contains: str | None = operator("Contains this; case does not matter, no wildcards.")
    starts_with: str | None = operator("Begins with this; case does not matter.")
    ends_with: str | None = operator("Ends with this; case does not matter.")
    lt: str | None = operator("Comes before this, by code point.")
    lte: str | None = operator("Comes before this or is this, by code point.")
    gt: str | None = operator("Comes after this, by code point.")
    gte: str | None = operator("Comes after this or is this, by code point.")
    is_null: bool | None = operator("Is missing (true) or is there (false).")


@strawberry.input(description="Conditions on an id.")
class IDFilter:
    eq: strawberry.ID | None = operator("Is this.")
    ne: strawberry.ID | None = operator("Is not this, or is missing.")
    in_: list[strawberry.ID] | None = operator("Is one of these.", name="in")
    not_in: list[strawberry.ID] | None = operator("Is none of these, or is missing.")
    is_null: bool | None = operator("Is missing (true) or is there (false).")


@strawberry.input(description="Conditions on a yes or no.")
class BooleanFilter:
    eq: bool | None = operator("Is this.")
    is_null: bool | None = operator("Is missing (true) or is there (false).")


@strawberry.input(description="Conditions on a whole number.")
class IntFilter:
    eq: int | None = operator("Is this.")
    ne: int | None = operator("Is not this, or is missing.")
    in_: list[int] | None = operator("Is one of these.", name="in")
    not_in: list[int] | None = operator("Is none of these, or is missing.")
    lt: int | None = operator("Is less than this.")
    lte: int | None = operator("Is this or less.")
    gt: int | None = operator("Is more than this.")
    gte: int | None = operator("Is this or more.")
    is_null: bool | None = operator("Is missing (true) or is there (false).")


@strawberry.input(description="Conditions on a whole number of up to 64 bits.")
class BigIntFilter:
    eq: BigInt | None = operator("Is this.")
    lt: BigInt | None = operator("Is less than this.")
    lte: BigInt | None = operator("Is this or less.")
    gt: BigInt | None = operator("Is more than this.")
    gte: BigInt | None = operator("Is this or more.")
    is_null: bool | None = operator("Is missing (true) or is there (false).")


@strawberry.input(description="Conditions on a number.")
class FloatFilter:
    eq: float | None = operator("Is this.")
    lt: float | None = operator("Is less than this.")
    lte: float | None = operator("Is this or less.")
    gt: float | None = operator("Is more than this.")
    gte: float | None = operator("Is this or more.")
    is_null: bool | None = operator("Is missing (true) or is there (false).")


@strawberry.input(description="Conditions on a moment.")
class DateTimeFilter:
    eq: datetime | None = operator("Is this moment.")
    lt: datetime | None = operator("Is before this.")
    lte: datetime | None = operator("Is this or before.")
    gt: datetime | None = operator("Is after this.")
    gte: datetime | None = operator("Is this or after.")
    is_null: bool | None = operator("Is missing (true) or is there (false).")


@strawberry.input(description="Conditions on one of a few values.")
class Filter(Generic[T]):
    eq: T | None = operator("Is this.")
    ne: T | None = operator("Is not this, or is missing.")
    in_: list[T] | None = operator("Is one of these.", name="in")
    not_in: list[T] | None = operator("Is none of these, or is missing.")
    is_null: bool | None = operator("Is missing (true) or is there (false).")


@strawberry.input(description="Conditions on the things at the other end of an edge.")
class Each(Generic[T]):
    some: T | None = operator("At least one of them satisfies this.")
    none: T | None = operator("None of them satisfies this.")
    every: T | None = operator("Each of them satisfies this; where there are none, that holds.")
