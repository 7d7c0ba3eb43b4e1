"""``where`` and ``orderBy`` inputs as SQL, on any alias of any model.

An input class says for each of its fields what it means, as one of the frozen values below in the
field's metadata (`MEANING`). Matching has two values only: what is unknown does not match, and
``not`` turns every match round. Text compares by code point; ``contains``, ``startsWith`` and
``endsWith`` fold case alike on every database and know no wildcards.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Enum, and_, case, func, literal, not_, or_, true
from sqlalchemy.orm import aliased
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from models.errors import BadUserInput
from models.folding import FUNCTION, fold
from resolvers.access import Viewer, visible
from resolvers.bounds import bound_order, bound_where
from resolvers.edges import Asked, Edge, ToOne
from resolvers.identity import decode_as, shorten
from resolvers.meanings import AnyRelated, Combined, Matches, MatchesId, Related, said

LONGEST_TEXT = 4000


class Direction(StrEnum):
    """Which end of an order comes first; what is missing comes last either way."""

    ASC = "ASC"
    DESC = "DESC"


@dataclass(frozen=True, slots=True)
class Term:
    """One expression of an order, with its name for cursors."""

    name: str
    expression: Any
    descending: bool
    nullable: bool = True


def contained(pattern: str, expression: Any) -> ColumnElement[bool]:
    """Whether the folded text holds the folded pattern, letter for letter."""
    folded: Any = getattr(func, FUNCTION)(expression)
    matched: ColumnElement[bool] = folded.contains(fold(pattern), autoescape=True)
    return matched


def _edge_of(way: str) -> Callable[[Any, str], ColumnElement[bool]]:
    def matched(expression: Any, pattern: str) -> ColumnElement[bool]:
        folded: Any = getattr(func, FUNCTION)(expression)
        found: ColumnElement[bool] = getattr(folded, way)(fold(pattern), autoescape=True)
        return found

    return matched


OPERATORS: Mapping[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": lambda expression, value: expression == value,
    "ne": lambda expression, value: expression.is_distinct_from(value),
    "in_": lambda expression, value: expression.in_(value),
    "not_in": lambda expression, value: or_(expression.not_in(value), expression.is_(None)),
    "lt": lambda expression, value: expression < value,
    "lte": lambda expression, value: expression <= value,
    "gt": lambda expression, value: expression > value,
    "gte": lambda expression, value: expression >= value,
    "contains": lambda expression, value: contained(value, expression),
    "starts_with": _edge_of("startswith"),
    "ends_with": _edge_of("endswith"),
    "is_null": lambda expression, value: expression.is_(None) if value else expression.is_not(None),
}


def condition(where: Any, entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """What a ``where`` input demands of a row of ``entity``. Raises BadUserInput."""
    bound_where(where)
    return _condition(where, entity, viewer)


def terms(orders: Sequence[Any] | None, entity: Any, viewer: Viewer) -> list[Term]:
    """The terms of an ``orderBy`` input; the row's own number breaks ties. Raises BadUserInput."""
    bound_order(orders or ())
    chosen = {term.name: term for order in orders or () for term in [_term(order, entity, viewer)]}
    return [*chosen.values(), Term("id", entity.id, descending=False, nullable=False)]


def _condition(where: Any, entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    demands = [
        _demand(meaning, name, value, entity, viewer) for name, meaning, value in said(where)
    ]
    return and_(true(), *demands)


def _demand(
    meaning: Any, name: str, value: Any, entity: Any, viewer: Viewer
) -> ColumnElement[bool]:
    match meaning:
        case Matches(expression):
            return _compare(name, expression(entity), value)
        case MatchesId(column, model):
            return _compare(
                name, getattr(entity, column), value, lambda text: decode_as(model, text)
            )
        case Related(edge):
            return _some(edge, entity, value, viewer)
        case AnyRelated(edge):
            return _each(edge, entity, value, viewer)
        case Combined(by):
            return _combine(by, value, entity, viewer)
    raise TypeError(f"{name} says nothing of what it means")


def _compare(
    name: str, expression: Any, operators: Any, read: Callable[[Any], Any] | None = None
) -> ColumnElement[bool]:
    demands = []
    for field in fields(operators):
        value = getattr(operators, field.name)
        if value is UNSET:
            continue
        place = f"{name}.{to_camel_case(field.name.rstrip('_'))}"
        checked = _checked(place, value)
        if read is not None and field.name != "is_null":
            checked = (
                [read(item) for item in checked] if isinstance(checked, list) else read(checked)
            )
        demands.append(OPERATORS[field.name](expression, checked))
    return and_(true(), *demands)


def _checked(place: str, value: Any) -> Any:
    if value is None:
        raise BadUserInput(f"{place} is null: ask with isNull.")
    if isinstance(value, list):
        return [_checked(place, item) for item in value]
    if isinstance(value, str) and not isinstance(value, StrEnum):
        return checked_text(place, value)
    return value


def checked_text(place: str, value: str) -> str:
    """A text that a database can hold. Raises BadUserInput for NUL, half characters, or length."""
    if len(value) > LONGEST_TEXT:
        raise BadUserInput(f"{place} is {len(value)} characters long; {LONGEST_TEXT} is the most.")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise BadUserInput(f"{place} is not text: {shorten(value)}.")
    return value


def _some(edge: Edge, entity: Any, where: Any, viewer: Viewer) -> ColumnElement[bool]:
    return _exists(edge, entity, viewer, lambda target: _condition(where, target, viewer))


def _fails(edge: Edge, entity: Any, where: Any, viewer: Viewer) -> ColumnElement[bool]:
    def failing(target: Any) -> ColumnElement[bool]:
        return _condition(where, target, viewer).is_not(true())

    return _exists(edge, entity, viewer, failing)


def _exists(
    edge: Edge, entity: Any, viewer: Viewer, demand: Callable[[Any], ColumnElement[bool]]
) -> ColumnElement[bool]:
    target = aliased(edge.target)
    found = visible(target, viewer)
    if isinstance(edge, ToOne):
        found = found.where(edge.on(entity, target))
    else:
        attached = edge.attach(found, target, lambda _: true(), Asked(viewer), once=False)
        found = attached.statement.where(attached.parent == entity.id)
    chosen = found.with_only_columns(literal(1), maintain_column_froms=True)
    return chosen.where(demand(target)).correlate(entity).exists()


def _each(edge: Edge, entity: Any, quantifiers: Any, viewer: Viewer) -> ColumnElement[bool]:
    ways: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "some": lambda where: _some(edge, entity, where, viewer),
        "none": lambda where: not_(_some(edge, entity, where, viewer)),
        "every": lambda where: not_(_fails(edge, entity, where, viewer)),
    }
    return and_(true(), *(ways[name](where) for name, _, where in said(quantifiers)))


def _combine(by: str, value: Any, entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    if by == "not":
        return _condition(value, entity, viewer).is_not(true())
    parts = [_condition(part, entity, viewer) for part in value]
    return and_(true(), *parts) if by == "and" else or_(not_(true()), *parts)


def _term(order: Any, entity: Any, viewer: Viewer) -> Term:
    named = list(said(order))
    if len(named) != 1:
        raise BadUserInput(f"Each entry of orderBy names one field, not {len(named)}.")
    name, meaning, value = named[0]
    match meaning:
        case Matches(expression):
            column = sortable(expression(entity))
            return Term(f"{name}:{value.value}", column, value is Direction.DESC)
        case Related(edge):
            target = aliased(edge.target)
            inner = _term(value, target, viewer)
            found = visible(target, viewer).where(edge.on(entity, target)).correlate(entity)
            column = (
                found.with_only_columns(inner.expression, maintain_column_froms=True)
                .limit(1)
                .scalar_subquery()
            )
            return Term(f"{name}.{inner.name}", column, inner.descending)
    raise TypeError(f"{name} says nothing of what it means")


def sortable(expression: Any) -> Any:
    """An expression that sorts alike on every database: enums by the order of their values."""
    if isinstance(expression.type, Enum) and expression.type.enum_class:
        ranks = {member: rank for rank, member in enumerate(expression.type.enum_class)}
        return case(ranks, value=expression, else_=None)
    return expression
