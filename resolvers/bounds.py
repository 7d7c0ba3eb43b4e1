"""How large ``where`` and ``orderBy`` may be: measured before any SQL is built.

Databases stop at limits of their own (a thousand nested operators, 32,766 parameters), with errors
that say nothing to a caller; and building a statement takes time that other requests wait for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from strawberry import UNSET

from models.errors import BadUserInput
from resolvers.meanings import AnyRelated, Combined, Related, said

DEEPEST = 16
MOST_EDGES = 5
MOST_CONDITIONS = 200
MOST_VALUES = 1000
MOST_ORDERS = 8


@dataclass(slots=True)
class Size:
    """What was counted so far."""

    conditions: int = 0
    values: int = 0


def bound_where(where: Any) -> None:
    """Raises BadUserInput for a ``where`` that is too deep, too wide or too long."""
    _measure(where, Size(), depth=0, edges=0)


def bound_order(orders: Sequence[Any]) -> None:
    """Raises BadUserInput for an ``orderBy`` that is too long or follows too many edges."""
    if len(orders) > MOST_ORDERS:
        raise BadUserInput(f"orderBy lists {len(orders)} fields; {MOST_ORDERS} is the most.")
    for order in orders:
        edges, inner = -1, order
        while is_dataclass(inner):
            edges += 1
            inner = next((value for _, _, value in said(inner)), None)
        _demand("orderBy follows", edges, MOST_EDGES, "edges")


def _measure(where: Any, size: Size, depth: int, edges: int) -> None:
    _demand("where is nested", depth, DEEPEST, "levels deep")
    _demand("where follows", edges, MOST_EDGES, "edges in a row")
    for _, meaning, value in said(where):
        size.conditions += 1
        _demand("where holds", size.conditions, MOST_CONDITIONS, "conditions", or_more=True)
        match meaning:
            case Combined(by):
                parts = [value] if by == "not" else value
                hops = edges
            case Related():
                parts, hops = [value], edges + 1
            case AnyRelated():
                parts, hops = [part for _, _, part in said(value)], edges + 1
            case _:
                parts, hops = [], edges
                size.values += _values(value)
                _demand("where lists", size.values, MOST_VALUES, "values")
        for part in parts:
            _measure(part, size, depth + 1, hops)


def _values(operators: Any) -> int:
    given = (getattr(operators, field.name) for field in fields(operators))
    return sum(
        len(value) if isinstance(value, list) else 1 for value in given if value is not UNSET
    )


def _demand(what: str, found: int, most: int, unit: str, *, or_more: bool = False) -> None:
    if found > most:
        more = " or more" if or_more else ""
        raise BadUserInput(f"{what} {found}{more} {unit}; {most} is the most.")
