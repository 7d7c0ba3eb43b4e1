"""Keyset pages over any statement: forwards, backwards, and after rows that are gone.

A cursor holds the values of the order's terms and the row's number, so that it stays right when
rows are inserted or removed, through nulls and through ties.
"""

import json
import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, bindparam, false, or_, true

from models.errors import BadUserInput
from resolvers.identity import LARGEST, shorten
from resolvers.ordering import Term

LARGEST_INT = 2**31 - 1
DEFAULT_SIZE = 25
LARGEST_PAGE = 200
CURSORS = AFTER, BEFORE = "after", "before"


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list was asked for."""

    size: int
    backwards: bool
    after: str | None
    before: str | None


@dataclass(frozen=True, slots=True)
class Edge:
    """A row with its place in the order."""

    node: Any
    terms: tuple[Term, ...]
    values: tuple[Any, ...]

    @property
    def cursor(self) -> str:
        """The place, as clients hand it back."""
        return encode(self.terms, self.values)


@dataclass(frozen=True, slots=True)
class PageInfo:
    """What is known of the rows around a page."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a connection; ``question`` and ``parent`` are what totalCount is asked with.

    ``rows`` are (node, *values of the terms).
    """

    rows: Sequence[tuple[Any, ...]]
    terms: Sequence[Term]
    more: bool
    window: Window
    question: Any
    parent: int | None

    @property
    def nodes(self) -> list[Any]:
        """The rows without their cursors."""
        return [row[0] for row in self.rows]

    @property
    def edges(self) -> list[Edge]:
        """The rows with their cursors."""
        terms = tuple(self.terms)
        return [Edge(row[0], terms, tuple(row[1:])) for row in self.rows]

    @property
    def page_info(self) -> PageInfo:
        """Relay's answers: the side that was not read has rows when a cursor stands there."""
        window, edges = self.window, self.edges
        return PageInfo(
            has_next_page=window.before is not None if window.backwards else self.more,
            has_previous_page=self.more if window.backwards else window.after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )


def window(first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    """The part of a list that the four arguments name. Raises BadUserInput."""
    if first is not None and last is not None:
        raise BadUserInput("Give first or last, not both.")
    name, size = ("last", last) if last is not None else ("first", first)
    size = DEFAULT_SIZE if size is None else size
    if not 0 <= size <= LARGEST_PAGE:
        raise BadUserInput(f"{name} is {size}; it may be 0 to {LARGEST_PAGE}.")
    return Window(size, last is not None, after, before)


@dataclass(frozen=True, slots=True)
class Between:
    """What a row must satisfy to lie between a window's cursors.

    The condition is the same wherever the ``form`` is: which cursors there are, and which of their
    values are null. The other values are parameters.
    """

    terms: Sequence[Term]
    form: tuple[tuple[bool, ...] | None, ...]
    values: Mapping[str, Any]

    @property
    def condition(self) -> ColumnElement[bool]:
        """The condition on a row."""
        demands = [
            _follows(self.terms, name, nulls, reverse=name == BEFORE)
            for name, nulls in zip(CURSORS, self.form, strict=True)
            if nulls is not None
        ]
        return and_(true(), *demands)


def between(terms: Sequence[Term], asked: Window) -> Between:
    """What lies between the cursors of a window. Raises BadUserInput."""
    form: list[tuple[bool, ...] | None] = []
    given: dict[str, Any] = {}
    for name, cursor in zip(CURSORS, (asked.after, asked.before), strict=True):
        values = [] if cursor is None else decode(name, terms, cursor)
        form.append(None if cursor is None else tuple(value is None for value in values))
        given |= {f"{name}_{at}": value for at, value in enumerate(values) if value is not None}
    return Between(terms, tuple(form), given)


def ordering(terms: Sequence[Term], *, backwards: bool) -> list[Any]:
    """ORDER BY for the terms: what is missing comes last, or first when read backwards."""
    return [
        (
            term.expression.desc() if term.descending != backwards else term.expression.asc()
        ).nulls_first()
        if backwards
        else (term.expression.desc() if term.descending else term.expression.asc()).nulls_last()
        for term in terms
    ]


def page(
    rows: Sequence[tuple[Any, ...]],
    terms: Sequence[Term],
    asked: Window,
    question: Any,
    parent: int | None = None,
) -> Page:
    """A page from rows of (node, *values of the terms), one more than asked if there are more."""
    shown = list(rows[: asked.size])
    if asked.backwards:
        shown.reverse()
    return Page(shown, terms, len(rows) > asked.size, asked, question, parent)


def encode(terms: Sequence[Term], values: Sequence[Any]) -> str:
    """The cursor of a row with these values."""
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    document = json.dumps([[term.name for term in terms], plain], separators=(",", ":"))
    return urlsafe_b64encode(document.encode()).decode().rstrip("=")


def decode(argument: str, terms: Sequence[Term], cursor: str) -> list[Any]:
    """The values of a cursor of this order. Raises BadUserInput for any other text."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        document = json.loads(urlsafe_b64decode(padded.encode("ascii")))
        names, values = document
        if names != [term.name for term in terms] or len(values) != len(terms):
            raise BadUserInput(
                f"{argument} is a cursor of another order: {shorten(cursor)}. "
                "Page with the orderBy that the cursor came from."
            )
        return [_value(term, value) for term, value in zip(terms, values, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise BadUserInput(f"{argument} is not a cursor: {shorten(cursor)}.") from None


def _value(term: Term, value: Any) -> Any:
    """A cursor's value, which must be of its term's type and hold no more than a column can."""
    if value is None and term.name != "id":
        return None
    stored = term.expression.type
    kind = getattr(stored, "impl_instance", stored).python_type  # a decorator knows no type
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("a moment has a zone")
        return moment.astimezone(UTC)
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise TypeError(f"{value!r} is not of the term's type")
    if kind is float and not math.isfinite(value):
        raise ValueError("out of range")
    if kind is int and abs(value) > (LARGEST if isinstance(stored, BigInteger) else LARGEST_INT):
        raise ValueError("out of range")
    if isinstance(value, str):
        value.encode()
        if "\0" in value:
            raise ValueError("no text holds NUL")
    return value


def _follows(
    terms: Sequence[Term], cursor: str, nulls: Sequence[bool], *, reverse: bool
) -> ColumnElement[bool]:
    later: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for at, (term, is_null) in enumerate(zip(terms, nulls, strict=True)):
        expression = term.expression
        value = None if is_null else bindparam(f"{cursor}_{at}", None, type_=expression.type)
        later.append(and_(true(), *equal, _passes(term, value, reverse=reverse)))
        equal.append(expression.is_(None) if value is None else expression == value)
    return or_(false(), *later)


def _passes(term: Term, value: Any, *, reverse: bool) -> ColumnElement[bool]:
    """Whether a row's term lies strictly behind the value (before it, in reverse)."""
    expression = term.expression
    if value is None:
        return expression.is_not(None) if reverse else false()
    downwards = term.descending != reverse
    beyond_value: ColumnElement[bool] = expression < value if downwards else expression > value
    if reverse or not term.nullable:
        return beyond_value
    return or_(beyond_value, expression.is_(None))
