"""``where`` inputs as SQL, on any alias of any model.

An input class says for each of its fields what it means, as one of the frozen values below in the
field's metadata (`MEANING`). Matching has two values only: what is unknown does not match, and
``not`` turns every match round. Text compares by code point; ``contains``, ``startsWith`` and
``endsWith`` fold case alike on every database and know no wildcards.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    bindparam,
    func,
    literal,
    not_,
    or_,
    true,
)
from sqlalchemy.orm import aliased
from strawberry import UNSET
from strawberry.utils.str_converters import to_camel_case

from models.errors import BadUserInput
from models.folding import FUNCTION, fold
from resolvers.access import Viewer, visible
from resolvers.bounds import bound_where
from resolvers.edges import Asked, Edge, ToOne
from resolvers.identity import decode_as, shorten
from resolvers.meanings import AnyRelated, Combined, Matches, MatchesId, Related, said

LONGEST_TEXT = 4000
ESCAPE = "/"


def folded(expression: Any) -> Any:
    """A text without the differences that searching does not see."""
    return getattr(func, FUNCTION)(expression)


def pattern(text: str) -> str:
    """A text to search for, folded, in which no letter is a wildcard."""
    found = str(fold(text))
    for letter in (ESCAPE, "%", "_"):
        found = found.replace(letter, ESCAPE + letter)
    return found


def contained(text: str, expression: Any) -> ColumnElement[bool]:
    """Whether the folded text holds the folded pattern, letter for letter."""
    matched: ColumnElement[bool] = folded(expression).contains(pattern(text), escape=ESCAPE)
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
    "contains": lambda expression, value: folded(expression).contains(value, escape=ESCAPE),
    "starts_with": lambda expression, value: folded(expression).startswith(value, escape=ESCAPE),
    "ends_with": lambda expression, value: folded(expression).endswith(value, escape=ESCAPE),
}
"""What each operator demands; ``is_null`` holds no value."""

SEARCHED = {"contains", "starts_with", "ends_with"}


Parameter = tuple[str | None, Any]
"""The name of a parameter and its value; what has no name is given already."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """A ``where`` input, apart: what it says, and the values that it says it of.

    Conditions of the same ``form`` are the same but for their values, which are parameters.
    """

    where: Any
    form: Hashable
    values: Mapping[str, Any]

    def on(self, entity: Any, viewer: Viewer) -> ColumnElement[bool]:
        """What is demanded of a row of ``entity``; the values are still to be given."""
        return _condition(self.where, entity, viewer, ((name, None) for name in self.values))


def conditions(where: Any) -> Conditions:
    """A ``where`` input, taken apart. Raises BadUserInput."""
    bound_where(where)
    values: list[Any] = []
    form = _form(where, values)
    return Conditions(where, form, {f"where_{at}": value for at, value in enumerate(values)})


def condition(where: Any, entity: Any, viewer: Viewer) -> ColumnElement[bool]:
    """What a ``where`` input demands of a row, values and all. Raises BadUserInput."""
    values = conditions(where).values.values()
    return _condition(where, entity, viewer, ((None, value) for value in values))


def _form(where: Any, values: list[Any]) -> Hashable:
    """What a ``where`` says, without the values that it says it of, which are put into the list."""
    return tuple(
        (name, _part(name, meaning, value, values)) for name, meaning, value in said(where)
    )


def _part(name: str, meaning: Any, value: Any, values: list[Any]) -> Hashable:
    match meaning:
        case Matches():
            return _compared(name, value, values, lambda given: given)
        case MatchesId(_, model):
            return _compared(name, value, values, lambda text: decode_as(model, text))
        case AnyRelated():
            return tuple((way, _form(where, values)) for way, _, where in said(value))
        case Combined(by) if by != "not":
            return tuple(_form(part, values) for part in value)
    return _form(value, values)


def _compared(
    name: str, operators: Any, values: list[Any], read: Callable[[Any], Any]
) -> tuple[tuple[str, Any], ...]:
    """The operators, with how many values each has."""
    form = []
    for operator, value in _given(operators):
        checked = _checked(f"{name}.{to_camel_case(operator.rstrip('_'))}", value)
        if operator == "is_null":
            form.append((operator, checked))
            continue
        listed = checked if isinstance(checked, list) else [checked]
        values += [pattern(each) if operator in SEARCHED else read(each) for each in listed]
        form.append((operator, len(listed) if isinstance(checked, list) else None))
    return tuple(form)


def _given(operators: Any) -> Iterator[tuple[str, Any]]:
    for field in fields(operators):
        value = getattr(operators, field.name)
        if value is not UNSET:
            yield field.name, value


def _condition(
    where: Any, entity: Any, viewer: Viewer, given: Iterator[Parameter]
) -> ColumnElement[bool]:
    """What a ``where`` demands, with parameters in the order in which `_form` meets the values."""
    demands = [_demand(meaning, value, entity, viewer, given) for _, meaning, value in said(where)]
    return and_(true(), *demands)


def _demand(
    meaning: Any, value: Any, entity: Any, viewer: Viewer, given: Iterator[Parameter]
) -> ColumnElement[bool]:
    match meaning:
        case Matches(expression):
            return _compare(expression(entity), value, given)
        case MatchesId(column, _):
            return _compare(getattr(entity, column), value, given)
        case Related(edge):
            return _some(edge, entity, value, viewer, given)
        case AnyRelated(edge):
            return _each(edge, entity, value, viewer, given)
        case Combined(by):
            return _combine(by, value, entity, viewer, given)
    raise TypeError(f"{meaning!r} is no meaning")


def _compare(expression: Any, operators: Any, given: Iterator[Parameter]) -> ColumnElement[bool]:
    demands = []
    for operator, value in _given(operators):
        if operator == "is_null":
            demands.append(expression.is_(None) if value else expression.is_not(None))
            continue
        kind = Text() if operator in SEARCHED else expression.type
        asked: Any = (
            [bindparam(*next(given), type_=kind) for _ in value]
            if isinstance(value, list)
            else bindparam(*next(given), type_=kind)
        )
        demands.append(OPERATORS[operator](expression, asked))
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


def _some(
    edge: Edge, entity: Any, where: Any, viewer: Viewer, given: Iterator[Parameter]
) -> ColumnElement[bool]:
    return _exists(edge, entity, viewer, lambda target: _condition(where, target, viewer, given))


def _fails(
    edge: Edge, entity: Any, where: Any, viewer: Viewer, given: Iterator[Parameter]
) -> ColumnElement[bool]:
    def failing(target: Any) -> ColumnElement[bool]:
        return _condition(where, target, viewer, given).is_not(true())

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


def _each(
    edge: Edge, entity: Any, quantifiers: Any, viewer: Viewer, given: Iterator[Parameter]
) -> ColumnElement[bool]:
    ways: dict[str, Callable[[Any], ColumnElement[bool]]] = {
        "some": lambda where: _some(edge, entity, where, viewer, given),
        "none": lambda where: not_(_some(edge, entity, where, viewer, given)),
        "every": lambda where: not_(_fails(edge, entity, where, viewer, given)),
    }
    return and_(true(), *(ways[name](where) for name, _, where in said(quantifiers)))


def _combine(
    by: str, value: Any, entity: Any, viewer: Viewer, given: Iterator[Parameter]
) -> ColumnElement[bool]:
    if by == "not":
        return _condition(value, entity, viewer, given).is_not(true())
    parts = [_condition(part, entity, viewer, given) for part in value]
    return and_(true(), *parts) if by == "and" else or_(not_(true()), *parts)
