"""``orderBy`` inputs as SQL: the terms of an order, which cursors and pages are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Enum, case
from sqlalchemy.orm import aliased

from models.errors import BadUserInput
from resolvers.access import Viewer, visible
from resolvers.bounds import bound_order
from resolvers.meanings import Matches, Related, said


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


def terms(orders: Sequence[Any] | None, entity: Any, viewer: Viewer) -> list[Term]:
    """The terms of an ``orderBy`` input; the row's own number breaks ties. Raises BadUserInput."""
    bound_order(orders or ())
    chosen = {term.name: term for order in orders or () for term in [_term(order, entity, viewer)]}
    return [*chosen.values(), Term("id", entity.id, descending=False, nullable=False)]


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
