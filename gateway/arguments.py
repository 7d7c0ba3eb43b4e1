"""How much the arguments of an operation may ask for: measured before anything of it runs.

`where` and `orderBy` are measured as they were sent, in the document or as variables, before they
are turned into anything; `resolvers.bounds` measures the same of what they were turned into.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    get_named_type,
)

from gateway.errors import BAD_USER_INPUT
from gateway.selection import Selected, Value
from gateway.settings import Settings
from resolvers.meanings import MEANING, AnyRelated, Combined, Related


@dataclass(frozen=True, slots=True)
class Most:
    """The most that is answered of each."""

    page: int
    depth: int
    edges: int
    conditions: int
    values: int
    orders: int

    @classmethod
    def of(cls, settings: Settings) -> "Most":
        """The limits that are set."""
        return cls(
            page=settings.max_page,
            depth=settings.max_where_depth,
            edges=settings.max_where_edges,
            conditions=settings.max_where_conditions,
            values=settings.max_where_values,
            orders=settings.max_order_fields,
        )


class TooLarge(Exception):
    """An argument asks for more than is answered."""

    def __init__(self, limit: str, message: str, found: float, maximum: int) -> None:
        super().__init__(message)
        self.extensions = {
            "code": BAD_USER_INPUT,
            "limit": limit,
            "maximum": maximum,
            "found": found,
        }


@dataclass(frozen=True, slots=True)
class Measured:
    """An argument that is measured, where it stands, and its type in the schema."""

    name: str
    value: Value
    kind: Any

    def problem(self, variables: dict[str, Any], most: Most) -> GraphQLError | None:
        """Why it is too large, if it is."""
        given = self.value.of(variables)
        try:
            if self.name == "where":
                _Conditions(most).measure(given, self.kind, depth=0, edges=0)
            elif self.name == "orderBy":
                _measure_orders(given, self.kind, most)
            else:
                _measure_page(self.name, given, most)
        except TooLarge as large:
            return GraphQLError(str(large), self.value.node, extensions=large.extensions)
        return None


def measured(selected: Selected) -> Iterator[Measured]:
    """What is measured of one field."""
    if selected.field is None:
        return
    for name in ("first", "last", "where", "orderBy"):
        if name in selected.field.args and name in selected.arguments:
            kind = get_named_type(selected.field.args[name].type)
            yield Measured(name, selected.arguments[name], kind)


def bulk(variables: Mapping[str, Any], most_values: int, deepest: int) -> GraphQLError | None:
    """Why the variables are too many values or nested too deeply, if they are."""
    found = 0
    level: list[Any] = [variables]
    for _ in range(deepest):
        inner: list[Any] = []
        for holder in level:
            values = holder.values() if isinstance(holder, dict) else holder
            found += len(values)
            if found > most_values:
                return _too_bulky("MAX_VARIABLE_VALUES", "hold", "values", most_values)
            inner += [value for value in values if isinstance(value, dict | list)]
        if not inner:
            return None
        level = inner
    return _too_bulky("MAX_VARIABLE_DEPTH", "are nested", "levels deep", deepest)


def _too_bulky(limit: str, verb: str, unit: str, most: int) -> GraphQLError:
    return GraphQLError(
        f"The variables {verb} {most + 1} or more {unit}; {most} is the most.",
        extensions={
            "code": BAD_USER_INPUT,
            "limit": limit,
            "maximum": most,
            "found": most + 1,
        },
    )


def _measure_page(name: str, given: Any, most: Most) -> None:
    if isinstance(given, int | float) and not 0 <= given <= most.page:
        message = f"{name} is {given}; it may be 0 to {most.page}."
        raise TooLarge("MAX_PAGE", message, given, most.page)


def _measure_orders(given: Any, kind: GraphQLInputObjectType, most: Most) -> None:
    orders = given if isinstance(given, list) else [given]
    if len(orders) > most.orders:
        message = f"orderBy lists {len(orders)} fields; {most.orders} is the most."
        raise TooLarge("MAX_ORDER_FIELDS", message, len(orders), most.orders)
    for order in orders:
        edges, inner = -1, order
        at: Any = kind
        while isinstance(inner, dict) and inner and isinstance(at, GraphQLInputObjectType):
            edges += 1
            name, inner = next(iter(inner.items()))
            found = at.fields.get(name)
            at = get_named_type(found.type) if found else None
        _demand("MAX_WHERE_EDGES", "orderBy follows", edges, most.edges, "edges")


@dataclass(slots=True)
class _Conditions:
    """One walk through a `where`."""

    most: Most
    conditions: int = 0
    values: int = 0

    def measure(self, given: Any, kind: GraphQLInputObjectType, *, depth: int, edges: int) -> None:
        most = self.most
        _demand("MAX_WHERE_DEPTH", "where is nested", depth, most.depth, "levels deep")
        _demand("MAX_WHERE_EDGES", "where follows", edges, most.edges, "edges in a row")
        for name, value in given.items() if isinstance(given, dict) else ():
            if name not in kind.fields:
                continue  # refused by its type
            self.conditions += 1
            _demand(
                *("MAX_WHERE_CONDITIONS", "where holds", self.conditions, most.conditions),
                "or more conditions",
            )
            self.follow(kind.fields[name], value, depth, edges)

    def follow(self, field: GraphQLInputField, value: Any, depth: int, edges: int) -> None:
        target: Any = get_named_type(field.type)
        match field.extensions["strawberry-definition"].metadata.get(MEANING):
            case Combined():
                parts: list[Any] = value if isinstance(value, list) else [value]
            case Related():
                parts, edges = [value], edges + 1
            case AnyRelated():
                parts, edges = list(value.values()) if isinstance(value, dict) else [], edges + 1
                target = get_named_type(target.fields["some"].type)
            case _:
                parts = []
                self.count(value)
        for part in parts:
            self.measure(part, target, depth=depth + 1, edges=edges)

    def count(self, operators: Any) -> None:
        given = operators.values() if isinstance(operators, dict) else [operators]
        self.values += sum(len(each) if isinstance(each, list) else 1 for each in given)
        _demand("MAX_WHERE_VALUES", "where lists", self.values, self.most.values, "values")


def _demand(limit: str, what: str, found: int, most: int, unit: str) -> None:
    if found > most:
        raise TooLarge(limit, f"{what} {found} {unit}; {most} is the most.", found, most)
