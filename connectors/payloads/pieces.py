"""Pieces that the shapes of all platforms are made of: references, link rows, rows of a holder."""

from collections.abc import Mapping
from typing import Any

from connectors.payloads.holdings import Columns, One, Parts, Rows
from connectors.payloads.shapes import UNNUMBERED, Shape, same
from models.base import Table

AUDIT = same("created_at updated_at")


def one(key: str, beside: str, column: str, shape: str) -> dict[str, One]:
    """A reference to one other thing, under both of its keys."""
    part = One(key, beside, column, shape)
    return {key: part, beside: part}


def links(  # noqa: PLR0913  what a list of links is, and what tells it from others
    name: str,
    model: type[Table],
    target: One,
    columns: Columns | None = None,
    *,
    rest: str,
    kept: frozenset[str] = frozenset(),
    ignored: frozenset[str] = frozenset(),
    **options: Any,
) -> Rows:
    """A list of link rows."""
    shape = Shape(
        name=name,
        model=model,
        columns=columns or {},
        parts={target.key: target, target.beside: target},
        rest=rest,
        kept=kept,
        ignored=ignored - {target.key, target.beside},
    )
    return Rows(name=name, shape=shape, target=target, **{"key": (target.column,)} | options)


def owned(  # noqa: PLR0913  what the rows are, and what tells them from others
    name: str,
    model: type[Table],
    columns: Columns,
    parts: Parts | None = None,
    constants: Mapping[str, Any] | None = None,
    *,
    rest: str,
    needs: tuple[str, ...] = (),
    kept: frozenset[str] = frozenset(),
    ignored: frozenset[str] = frozenset(),
    **options: Any,
) -> Rows:
    """A list of rows that the holder has for itself."""
    shape = Shape(
        name=name,
        model=model,
        identity=UNNUMBERED,
        columns=columns,
        parts=parts or {},
        needs=needs,
        constants=constants or {},
        rest=rest,
        kept=kept,
        ignored=ignored - {*columns, *(parts or {})},
    )
    return Rows(name=name, shape=shape, **options)
