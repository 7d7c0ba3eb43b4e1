"""What a JSON document must look like. Plain Python.

A shape is a pure function of a path and a value, and yields everything that is wrong with it.
Shapes recurse: what they are given must have a bounded depth (`models.rules.json_rule`).
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from models.arguments import FieldError
from models.rules import Path

Shape = Callable[[Path, Any], Iterator[FieldError]]


def anything(_path: Path, _value: Any) -> Iterator[FieldError]:
    """Whatever it is."""
    yield from ()


def flag(path: Path, value: Any) -> Iterator[FieldError]:
    """True or false."""
    if not isinstance(value, bool):
        yield _kind(path, "true or false")


def text(most: int, *, least: int = 1) -> Shape:
    """A text of so many characters."""

    def shape(path: Path, value: Any) -> Iterator[FieldError]:
        if not isinstance(value, str):
            yield _kind(path, "a text")
        elif not least <= len(value) <= most:
            message = (
                f"{_place(path)} is {len(value)} characters long; it may be {least} to {most}."
            )
            yield FieldError(path, message, "length")

    return shape


def number(least: float, most: float) -> Shape:
    """A number between two bounds, both included."""

    def shape(path: Path, value: Any) -> Iterator[FieldError]:
        if isinstance(value, bool) or not isinstance(value, int | float):
            yield _kind(path, "a number")
        elif not least <= value <= most:
            message = f"{_place(path)} is {value:g}; it may be {least:g} to {most:g}."
            yield FieldError(path, message, "range")

    return shape


def whole(least: int, most: int) -> Shape:
    """A whole number between two bounds, both included."""
    within = number(least, most)

    def shape(path: Path, value: Any) -> Iterator[FieldError]:
        if isinstance(value, float) and not value.is_integer():
            yield _kind(path, "a whole number")
        else:
            yield from within(path, value)

    return shape


def one_of(*words: str) -> Shape:
    """One of some words."""
    wanted = words[0] if len(words) == 1 else f"one of {', '.join(words)}"

    def shape(path: Path, value: Any) -> Iterator[FieldError]:
        if value not in words:
            yield FieldError(path, f"{_place(path)} must be {wanted}.", "one_of")

    return shape


def nullable(of: Shape) -> Shape:
    """Null, or what another shape demands."""

    def shape(path: Path, value: Any) -> Iterator[FieldError]:
        if value is not None:
            yield from of(path, value)

    return shape


def items(of: Shape, *, least: int = 0, most: int = 1000) -> Shape:
    """A list of so many items, each of one shape."""

    def shape(path: Path, value: Any) -> Iterator[FieldError]:
        if not isinstance(value, list):
            yield _kind(path, "a list")
        elif not least <= len(value) <= most:
            message = f"{_place(path)} lists {len(value)}; it may list {least} to {most}."
            yield FieldError(path, message, "items")
        else:
            for index, item in enumerate(value):
                yield from of((*path, str(index)), item)

    return shape


def members(
    required: Mapping[str, Shape],
    optional: Mapping[str, Shape] | None = None,
    *,
    closed: bool = False,
    least: int = 0,
    most: int | None = None,
) -> Shape:
    """An object with some members; where it is ``closed``, with no others.

    ``least`` and ``most`` are how many members it may have, whichever they are.
    """
    known = {**required, **(optional or {})}

    def shape(path: Path, value: Any) -> Iterator[FieldError]:
        if not isinstance(value, dict):
            yield _kind(path, "an object")
            return
        if len(value) < least:
            message = f"{_place(path)} needs at least {least} of {', '.join(known)}."
            yield FieldError(path, message, "required")
        if most is not None and len(value) > most:
            message = f"{_place(path)} has {len(value)} members; {most} is the most."
            yield FieldError(path, message, "items")
        for name in required:
            if name not in value:
                place = (*path, name)
                yield FieldError(place, f"{_place(place)} is missing.", "required")
        for name, inner in value.items():
            if name in known:
                yield from known[name]((*path, name), inner)
            elif closed:
                message = f"{_place(path)} cannot have {_short(name)}."
                yield FieldError(path, message, "unknown")

    return shape


def chosen(key: str, shapes: Mapping[str, Shape]) -> Shape:
    """An object whose member ``key`` names its shape."""
    named = members({key: one_of(*shapes)})

    def shape(path: Path, value: Any) -> Iterator[FieldError]:
        wrong = list(named(path, value))
        yield from wrong
        if not wrong:
            yield from shapes[value[key]](path, value)

    return shape


def every(*shapes: Shape) -> Shape:
    """What all of some shapes demand."""

    def shape(path: Path, value: Any) -> Iterator[FieldError]:
        for each in shapes:
            yield from each(path, value)

    return shape


def first(of: Shape) -> Shape:
    """A list whose first item is of a shape; the others do not count."""

    def shape(path: Path, value: Any) -> Iterator[FieldError]:
        if not isinstance(value, list):
            yield _kind(path, "a list")
        elif not value:
            yield FieldError(path, f"{_place(path)} is empty.", "required")
        else:
            yield from of((*path, "0"), value[0])

    return shape


MOST_SHOWN = 60


def _short(name: str) -> str:
    return repr(name if len(name) <= MOST_SHOWN else name[:MOST_SHOWN] + "…")


def _place(path: Path) -> str:
    return ".".join(path)


def _kind(path: Path, wanted: str) -> FieldError:
    return FieldError(path, f"{_place(path)} must be {wanted}.", "type")
