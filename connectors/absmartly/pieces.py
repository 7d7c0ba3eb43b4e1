"""Pieces that many of ABsmartly's objects share: authors, link rows, rows of an experiment."""

from collections.abc import Mapping
from typing import Any

from connectors.payloads.shapes import LEFT, Back, Columns, One, Part, Parts, Rows, Shape, same
from models.base import Table
from models.tag import Tag, TagKind

AUDIT = same("created_at updated_at")

NAMED = AUDIT | same("name description archived")

ENDS = ("experiment", "metric", "goal", "team")

HOLDERS = frozenset({"id"} | {f"{end}{suffix}" for end in ENDS for suffix in ("", "_id")})
"""The keys by which a row repeats whose it is."""


def one(key: str, beside: str, column: str, shape: str) -> dict[str, One]:
    """A reference to one other thing, under both of its keys."""
    part = One(key, beside, column, shape)
    return {key: part, beside: part}


AUTHORS = one("created_by", "created_by_user_id", "created_by_id", "user") | one(
    "updated_by", "updated_by_user_id", "updated_by_id", "user"
)


def links(
    name: str, model: type[Table], target: One, columns: Columns | None = None, **options: Any
) -> Rows:
    """A list of link rows; what repeats the holder's id is ignored."""
    shape = Shape(
        name=name,
        model=model,
        columns=columns or {},
        parts={target.key: target, target.beside: target},
        rest=LEFT,
        ignored=HOLDERS - {target.key, target.beside},
    )
    return Rows(name=name, shape=shape, target=target, **{"key": (target.column,)} | options)


def owned(
    name: str,
    model: type[Table],
    columns: Columns,
    parts: Parts | None = None,
    constants: Mapping[str, Any] | None = None,
    **options: Any,
) -> Rows:
    """A list of rows that an experiment has for itself."""
    shape = Shape(
        name=name,
        model=model,
        columns=columns,
        parts=parts or {},
        constants=constants or {},
        rest=LEFT,
        ignored=HOLDERS - {*columns, *(parts or {})},
    )
    return Rows(name=name, shape=shape, **options)


USER_OF_ROW = One("user", "user_id", "user_id", "user")
TEAM_OF_ROW = One("team", "team_id", "team_id", "team")
APPLICATION_OF_ROW = One("application", "application_id", "application_id", "application")
UNIT_TYPE_OF_ROW = One("unit_type", "unit_type_id", "unit_type_id", "unit_type")


def tag_of_row(kind: str) -> One:
    """The tag of a link row; each family of tags has ids of its own."""
    return One(f"{kind}_tag", f"{kind}_tag_id", "tag_id", f"{kind}_tag")


def back(model: type[Table], shape: str) -> Back:
    """An association that the other end owns, as this end lists it."""
    return Back(model, shape, f"{shape}_id", shape)


def tag(kind: TagKind, holder: str, model: type[Table]) -> Shape:
    """One family of tags."""
    return Shape(
        name=f"{holder}_tag",
        model=Tag,
        natural=("tag",),
        constants={"kind": kind},
        columns=AUDIT | same("tag"),
        parts=AUTHORS | {f"{holder}s": back(model, holder)},
        ignored=frozenset({"id"}),
    )


def named(name: str, model: type[Table], columns: str = "", **parts: Part) -> Shape:
    """A small thing that has a name, and little else."""
    return Shape(
        name=name,
        model=model,
        natural=("name",),
        columns=NAMED | same(columns),
        parts={**AUTHORS, **parts},
        kept=frozenset({"experiments", "metrics"} - parts.keys()),
        ignored=frozenset({"id"}),
    )
