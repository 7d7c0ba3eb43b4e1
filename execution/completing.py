"""From the value of a field to what is answered for it, list by list. Failures are reported."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLError
from graphql.pyutils import Undefined, is_iterable

from execution.plan import Field

At = tuple[int, ...]
"""Where a value stands below its field: the number of the parent, then list indexes."""

Report = Callable[[Field, At, Exception], None]

Finish = Callable[[Field, Any], Any]
"""What is made of a value that is there and is no list. It may raise."""


def completed(field: Field, value: Any, at: At, report: Report, finish: Finish) -> Any:
    """The answer for a value; null wherever something failed, and the failure is reported.

    What else becomes null because of that is decided when everything is known.
    """
    depth = len(at) - 1
    if isinstance(value, Exception):
        return report(field, at, value)
    if value is None or value is Undefined:
        return report(field, at, missing(field)) if field.shape.required[depth] else None
    try:
        if depth == field.shape.depth:
            return finish(field, value)
        items = listed(field, value)
    except Exception as error:  # noqa: BLE001  whatever it is, it is the answer's
        return report(field, at, error)
    return [
        completed(field, item, (*at, index), report, finish) for index, item in enumerate(items)
    ]


def listed(field: Field, value: Any) -> list[Any]:
    """The items of a value. Raises GraphQLError where it has none."""
    if not is_iterable(value):
        raise GraphQLError(
            f"Expected Iterable, but did not find one for field '{field.parent}.{field.name}'."
        )
    return list(value)


def missing(field: Field) -> Exception:
    """What is said of a null where there may be none."""
    return TypeError(f"Cannot return null for non-nullable field {field.parent}.{field.name}.")
